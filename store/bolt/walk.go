package bolt

import (
	"encoding/binary"
	"fmt"

	"tenthcup/store"
)

// The kinds of CBOR items that a profile has before its name.
const (
	cborNumber = 0
	cborBytes  = 2
	cborText   = 3
	cborArray  = 4
	cborMap    = 5
	cborSimple = 7 // no codes at all are null
)

// nameField is the number of pos.Profile.Name.
const nameField = 3

// walker passes over CBOR as rows have it, without reading it. What is wrong is said
// by err.
type walker struct {
	left []byte
	bad  bool
}

func (w *walker) err() error {
	if w.bad {
		return fmt.Errorf("%w: a row that cannot be walked", store.ErrCorrupt)
	}
	return nil
}

// head returns what kind of item comes and its number: a length where it has one.
func (w *walker) head() (kind byte, n uint64) {
	if len(w.left) == 0 {
		w.bad = true
		return 0, 0
	}
	kind, n = w.left[0]>>5, uint64(w.left[0]&31)
	w.left = w.left[1:]
	if n < 24 {
		return kind, n
	}
	size := 1 << (n - 24)
	if n > 27 || size > len(w.left) {
		w.bad, w.left = true, nil
		return 0, 0
	}
	var wide [8]byte
	copy(wide[8-size:], w.left)
	w.left = w.left[size:]
	return kind, binary.BigEndian.Uint64(wide[:])
}

// skip passes an item over: a number, null, a text, bytes, or an array of them.
func (w *walker) skip() {
	switch kind, n := w.head(); kind {
	case cborNumber, cborSimple:
	case cborBytes, cborText:
		w.take(n)
	case cborArray:
		for ; n > 0 && !w.bad; n-- {
			w.skip()
		}
	default:
		w.bad = true
	}
}

func (w *walker) text() (string, error) {
	kind, n := w.head()
	w.bad = w.bad || kind != cborText
	text := string(w.take(n))
	return text, w.err()
}

func (w *walker) take(n uint64) (taken []byte) {
	if w.bad || n > uint64(len(w.left)) {
		w.bad, w.left = true, nil
		return nil
	}
	taken, w.left = w.left[:n], w.left[n:]
	return taken
}

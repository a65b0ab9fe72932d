package rows

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"tenthcup/pos"
	"tenthcup/store"
)

// IDBytes is the length of the id of a terminal or a holder.
const IDBytes = 16

// NumberKey sorts like the number.
func NumberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// NumberOf reads a key or a row that is a number. All errors are ErrCorrupt.
func NumberOf(raw []byte) (uint64, error) {
	if len(raw) != 8 {
		return 0, fmt.Errorf("%w: a number of %d bytes", store.ErrCorrupt, len(raw))
	}
	return binary.BigEndian.Uint64(raw), nil
}

// GetNumber returns the number under the key, 0 if there is none.
func GetNumber(b Table, key []byte) (uint64, error) {
	raw := b.Get(key)
	if raw == nil {
		return 0, nil
	}
	return NumberOf(raw)
}

// EntryKey is the key of an entry. It sorts like EntryID.Compare.
func EntryKey(id pos.EntryID) []byte {
	key := append(make([]byte, 0, IDBytes+16), id.Terminal[:]...)
	key = binary.BigEndian.AppendUint64(key, uint64(id.Incarnation))
	return binary.BigEndian.AppendUint64(key, id.Seq)
}

// EntryOf reads what EntryKey made. All errors are ErrCorrupt.
func EntryOf(key []byte) (id pos.EntryID, err error) {
	if len(key) != IDBytes+16 {
		return id, fmt.Errorf("%w: an entry id of %d bytes", store.ErrCorrupt, len(key))
	}
	id.Terminal = pos.TerminalID(key[:IDBytes])
	id.Incarnation = pos.Incarnation(binary.BigEndian.Uint64(key[IDBytes:]))
	id.Seq = binary.BigEndian.Uint64(key[IDBytes+8:])
	return id, nil
}

// HolderOf reads a key that is a holder. All errors are ErrCorrupt.
func HolderOf(raw []byte) (holder pos.HolderID, err error) {
	if len(raw) != IDBytes {
		return holder, fmt.Errorf("%w: a holder id of %d bytes", store.ErrCorrupt, len(raw))
	}
	return pos.HolderID(raw), nil
}

// CompareHolders orders holders as their keys are.
func CompareHolders(a, b pos.HolderID) int { return bytes.Compare(a[:], b[:]) }

// Areas is where a file keeps the tables of its areas; what is sealed in an area
// is sealed for a place under this name, in a database too.
var Areas = []byte("area")

// Behind returns the first key that sorts behind all that begin with the prefix; nil
// where there is none, because the prefix is all ones.
func Behind(prefix []byte) []byte {
	for end := len(prefix); end > 0; end-- {
		if prefix[end-1] < 0xff {
			return append(bytes.Clone(prefix[:end-1]), prefix[end-1]+1)
		}
	}
	return nil
}

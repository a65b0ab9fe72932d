package bolt

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/canon"
	"tenthcup/store"
)

// Rows are deterministic CBOR, as entries are. Numbers in keys are big endian,
// so that keys sort like the numbers.

// reading bears a roster or a balance of any size that was let in.
var reading = canon.NewReader(32, 1<<17)

// decode reads a row into row. All errors are ErrCorrupt.
func decode(raw []byte, row any) error {
	if err := reading.Unmarshal(raw, row); err != nil {
		return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return nil
}

// put stores the row under the key.
func put(b *bbolt.Bucket, key []byte, row any) error {
	raw, err := canon.Marshal(row)
	if err != nil {
		return fmt.Errorf("encode row: %w", err)
	}
	return b.Put(key, raw)
}

// get reads the row under the key and reports whether there is one.
func get(b *bbolt.Bucket, key []byte, row any) (bool, error) {
	raw := b.Get(key)
	if raw == nil {
		return false, nil
	}
	return true, decode(raw, row)
}

func numberKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func numberOf(raw []byte) (uint64, error) {
	if len(raw) != 8 {
		return 0, fmt.Errorf("%w: a number of %d bytes", store.ErrCorrupt, len(raw))
	}
	return binary.BigEndian.Uint64(raw), nil
}

// getNumber returns the number under the key, 0 if there is none.
func getNumber(b *bbolt.Bucket, key []byte) (uint64, error) {
	raw := b.Get(key)
	if raw == nil {
		return 0, nil
	}
	return numberOf(raw)
}

const idBytes = 16 // of a terminal or a holder

// entryKey sorts like EntryID.Compare.
func entryKey(id pos.EntryID) []byte {
	key := append(make([]byte, 0, idBytes+16), id.Terminal[:]...)
	key = binary.BigEndian.AppendUint64(key, uint64(id.Incarnation))
	return binary.BigEndian.AppendUint64(key, id.Seq)
}

func holderOf(raw []byte) (holder pos.HolderID, err error) {
	if len(raw) != idBytes {
		return holder, fmt.Errorf("%w: a holder id of %d bytes", store.ErrCorrupt, len(raw))
	}
	return pos.HolderID(raw), nil
}

// format is the row that says what a file is.
type format struct {
	Kind     string         `cbor:"1,keyasint"`
	Version  uint           `cbor:"2,keyasint"`
	Terminal pos.TerminalID `cbor:"3,keyasint,omitzero"` // a till's
}

const formatVersion = 1

var (
	metaBucket = []byte("meta")
	formatKey  = []byte("format")
)

// ready makes an empty file one of the wanted format with the buckets, and
// refuses any other.
func ready(tx *bbolt.Tx, want format, buckets ...[]byte) error {
	if tx.Writable() {
		for _, name := range append(buckets, metaBucket) {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return put(tx.Bucket(metaBucket), formatKey, want)
	}
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return fmt.Errorf("%w: no format", store.ErrCorrupt)
	}
	var is format
	found, err := get(meta, formatKey, &is)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("%w: no format", store.ErrCorrupt)
	case is.Version > want.Version:
		return store.ErrNewer
	case is != want:
		return store.ErrOther
	}
	for _, name := range buckets {
		if tx.Bucket(name) == nil {
			return fmt.Errorf("%w: no bucket %s", store.ErrCorrupt, name)
		}
	}
	return nil
}

package bolt

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/canon"
	"tenthcup/store"
	"tenthcup/store/seal"
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

// sealed is a bucket whose rows are sealed. Its name and a row's key are the place
// that the row opens at.
type sealed struct {
	*bbolt.Bucket
	name []byte
	seal *seal.Sealer
}

// put stores the row under the key.
func (b sealed) put(key []byte, row any) error {
	raw, err := canon.Marshal(row)
	if err != nil {
		return fmt.Errorf("encode row: %w", err)
	}
	return b.Put(key, b.seal.Seal(b.name, key, raw))
}

// get reads the row under the key and reports whether there is one.
func (b sealed) get(key []byte, row any) (bool, error) {
	raw := b.Get(key)
	if raw == nil {
		return false, nil
	}
	return true, b.decode(key, raw, row)
}

// decode reads the row that stands under the key. All errors are ErrCorrupt.
func (b sealed) decode(key, raw []byte, row any) error {
	opened, err := b.open(nil, key, raw)
	if err != nil {
		return err
	}
	return decode(opened, row)
}

// open returns what is sealed under the key, in the room if there is enough.
func (b sealed) open(room, key, raw []byte) ([]byte, error) {
	opened, err := b.seal.OpenInto(room[:0], b.name, key, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: row %x of %s: %w", store.ErrCorrupt, key, b.name, err)
	}
	return opened, nil
}

// formatIn returns what the file is, and refuses one of a version that this program
// does not read.
func formatIn(tx *bbolt.Tx) (is format, err error) {
	meta := tx.Bucket(metaBucket)
	if meta == nil {
		return is, fmt.Errorf("%w: no format", store.ErrCorrupt)
	}
	found, err := get(meta, formatKey, &is)
	switch {
	case err != nil:
		return is, err
	case !found:
		return is, fmt.Errorf("%w: no format", store.ErrCorrupt)
	case is.Version > formatVersion:
		return is, store.ErrNewer
	case is.Version < formatVersion:
		return is, store.ErrOlder
	}
	return is, nil
}

// sealedBy marks a new file as sealed with the secret, and refuses one that was
// sealed with another: ErrSecret.
func sealedBy(tx *bbolt.Tx, s *seal.Sealer) error {
	meta := tx.Bucket(metaBucket)
	if tx.Writable() {
		return meta.Put(secretKey, s.Seal(metaBucket, secretKey, nil))
	}
	mark := meta.Get(secretKey)
	if mark == nil {
		return fmt.Errorf("%w: not sealed", store.ErrCorrupt)
	}
	if _, err := s.Open(metaBucket, secretKey, mark); err != nil {
		return fmt.Errorf("%w: %w", store.ErrSecret, err)
	}
	return nil
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

// The kinds of files.
const (
	tillKind    = "till"
	centralKind = "central"
)

// format is the row that says what a file is.
type format struct {
	Kind     string         `cbor:"1,keyasint"`
	Version  uint           `cbor:"2,keyasint"`
	Terminal pos.TerminalID `cbor:"3,keyasint,omitzero"` // a till's
}

const formatVersion = 3

// The rows of the meta bucket that every file has, or may have.
var (
	metaBucket  = []byte("meta")
	formatKey   = []byte("format")
	secretKey   = []byte("secret")   // something sealed, which shows whether the secret is right
	restoredKey = []byte("restored") // when a backup was put back, ms; there until the file may be trusted again
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
	is, err := formatIn(tx)
	switch {
	case err != nil:
		return err
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

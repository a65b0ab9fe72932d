package rows

import (
	"fmt"

	"tenthcup/pos/canon"
	"tenthcup/store"
	"tenthcup/store/seal"
)

// Rows are deterministic CBOR, as entries are. Numbers in keys are big endian,
// so that keys sort like the numbers.

// reading bears a roster or a balance of any size that was let in.
var reading = canon.NewReader(32, 1<<17)

// Decode reads a row into row. All errors are ErrCorrupt.
func Decode(raw []byte, row any) error {
	if err := reading.Unmarshal(raw, row); err != nil {
		return fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return nil
}

// Put stores the row under the key.
func Put(b Table, key []byte, row any) error {
	raw, err := canon.Marshal(row)
	if err != nil {
		return fmt.Errorf("encode row: %w", err)
	}
	return b.Put(key, raw)
}

// Get reads the row under the key and reports whether there is one.
func Get(b Table, key []byte, row any) (bool, error) {
	raw := b.Get(key)
	if raw == nil {
		return false, nil
	}
	return true, Decode(raw, row)
}

// Sealed is a table whose rows are sealed. Its name and a row's key are the place
// that the row opens at.
type Sealed struct {
	Table
	name []byte
	seal *seal.Sealer
}

// NewSealed returns the table with its rows sealed for the name.
func NewSealed(table Table, name []byte, s *seal.Sealer) Sealed {
	return Sealed{table, name, s}
}

// Put stores the row under the key.
func (b Sealed) Put(key []byte, row any) error {
	raw, err := canon.Marshal(row)
	if err != nil {
		return fmt.Errorf("encode row: %w", err)
	}
	return b.Table.Put(key, b.seal.Seal(b.name, key, raw))
}

// Get reads the row under the key and reports whether there is one.
func (b Sealed) Get(key []byte, row any) (bool, error) {
	raw := b.Table.Get(key)
	if raw == nil {
		return false, nil
	}
	return true, b.Decode(key, raw, row)
}

// Decode reads the row that stands under the key. All errors are ErrCorrupt.
func (b Sealed) Decode(key, raw []byte, row any) error {
	opened, err := b.Open(nil, key, raw)
	if err != nil {
		return err
	}
	return Decode(opened, row)
}

// Open returns what is sealed under the key, in the room if there is enough.
func (b Sealed) Open(room, key, raw []byte) ([]byte, error) {
	opened, err := b.seal.OpenInto(room[:0], b.name, key, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: row %x of %s: %w", store.ErrCorrupt, key, b.name, err)
	}
	return opened, nil
}

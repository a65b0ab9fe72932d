package rows

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/seal"
)

// The kinds of ledgers.
const (
	TillKind    = "till"
	CentralKind = "central"
)

// Format is the row that says what a file or a database is.
type Format struct {
	Kind     string         `cbor:"1,keyasint"`
	Version  uint           `cbor:"2,keyasint"`
	Terminal pos.TerminalID `cbor:"3,keyasint,omitzero"` // a till's
}

// FormatVersion is the version of all rows that this program reads and writes.
const FormatVersion = 3

// Meta is the table of the rows there is one of: what is known about all of the ledger.
var Meta = []byte("meta")

// The rows of Meta that every ledger has, or may have.
var (
	formatKey   = []byte("format")
	secretKey   = []byte("secret")   // something sealed, which shows whether the secret is right
	CopyingKey  = []byte("copying")  // how far a copy of another ledger has come; there until it is whole and compared
	RestoredKey = []byte("restored") // when a backup was put back, ms; there until the file may be trusted again
)

// FormatIn returns what the ledger is, and refuses one of a version that this program
// does not read.
func FormatIn(tx Tx) (is Format, err error) {
	meta := tx.Table(Meta)
	if meta == nil {
		return is, fmt.Errorf("%w: no format", store.ErrCorrupt)
	}
	if Copying(tx) {
		return is, store.ErrCopying
	}
	found, err := Get(meta, formatKey, &is)
	switch {
	case err != nil:
		return is, err
	case !found:
		return is, fmt.Errorf("%w: no format", store.ErrCorrupt)
	case is.Version > FormatVersion:
		return is, store.ErrNewer
	case is.Version < FormatVersion:
		return is, store.ErrOlder
	}
	return is, nil
}

// Copying reports whether another ledger is being copied into the database, which is of
// no use to anybody before that is done.
func Copying(tx Tx) bool {
	meta := tx.Table(Meta)
	return meta != nil && meta.Get(CopyingKey) != nil
}

// Made reports whether the database was made ready; an empty one was not.
func Made(tx Tx) bool {
	meta := tx.Table(Meta)
	return meta != nil && meta.Get(formatKey) != nil
}

// Ready makes an empty database one of the wanted format with the tables, sealed with
// the secret, where the transaction writes. It refuses any other: store.ErrOther,
// ErrNewer, ErrOlder, ErrSecret, ErrCopying or ErrCorrupt.
func Ready(tx Tx, want Format, s *seal.Sealer, tables ...[]byte) error {
	if !tx.Writable() || Made(tx) || Copying(tx) {
		return same(tx, want, s, tables)
	}
	for _, name := range append(tables, Meta) {
		if _, err := tx.Make(name); err != nil {
			return err
		}
	}
	meta := tx.Table(Meta)
	if err := Put(meta, formatKey, want); err != nil {
		return err
	}
	return meta.Put(secretKey, s.Seal(Meta, secretKey, nil))
}

// same refuses a database that is not the wanted one.
func same(tx Tx, want Format, s *seal.Sealer, tables [][]byte) error {
	is, err := FormatIn(tx)
	switch {
	case err != nil:
		return err
	case is != want:
		return store.ErrOther
	}
	for _, name := range tables {
		if tx.Table(name) == nil {
			return fmt.Errorf("%w: no table %s", store.ErrCorrupt, name)
		}
	}
	mark := tx.Table(Meta).Get(secretKey)
	if mark == nil {
		return fmt.Errorf("%w: not sealed", store.ErrCorrupt)
	}
	if _, err := s.Open(Meta, secretKey, mark); err != nil {
		return fmt.Errorf("%w: %w", store.ErrSecret, err)
	}
	return nil
}

package bolt

import (
	"tenthcup/pos/canon"
	"tenthcup/store/rows"
)

// Rows are what tests plant in a file to see that it is noticed.
type (
	Base   = base
	Own    = own
	Format = rows.Format
)

// MaxOpened is how many profiles a search by name opens.
const MaxOpened = maxOpened

// EncodeRow returns a row's bytes.
func EncodeRow(row any) []byte {
	raw, err := canon.Marshal(row)
	if err != nil {
		panic(err)
	}
	return raw
}

// OpenEmpty opens a file and makes nothing in it: what a database is that a central
// server has never seen.
func OpenEmpty(path string) (rows.DB, error) {
	return openFile(path, func(rows.Tx) error { return nil })
}

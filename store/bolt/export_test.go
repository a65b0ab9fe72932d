package bolt

import (
	"tenthcup/pos"
	"tenthcup/pos/canon"
)

// Rows are what tests plant in a file to see that it is noticed.
type (
	Base        = base
	Own         = own
	Holding     = holding
	Chain       = chain
	Ask         = ask
	Quarantined = quarantined
	Format      = format
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

// DecodeRow reads a row's bytes.
func DecodeRow(raw []byte, row any) error { return decode(raw, row) }

// EntryKey is the key of an entry in a central server's file.
func EntryKey(id pos.EntryID) []byte { return entryKey(id) }

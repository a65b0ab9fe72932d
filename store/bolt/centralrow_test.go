package bolt_test

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
)

// The rows of a central server's file, as tests plant them: what is in the file, and not
// what package central makes of it.
type (
	holdingRow struct {
		Sums     ledger.Sums      `cbor:"1,keyasint,omitempty"`
		Position uint64           `cbor:"2,keyasint"`
		Leases   []lentRow        `cbor:"3,keyasint,omitempty"`
		Tills    []pos.TerminalID `cbor:"4,keyasint,omitempty"`
		Into     pos.HolderID     `cbor:"5,keyasint,omitzero"`
		Met      []byte           `cbor:"6,keyasint,omitempty"`
	}
	lentRow struct {
		Lease   ledger.Lease `cbor:"1,keyasint"`
		Granted uint64       `cbor:"2,keyasint"`
	}
	askRow struct {
		Holder  pos.HolderID `cbor:"1,keyasint"`
		Account pos.Account  `cbor:"2,keyasint"`
		Lot     pos.Lot      `cbor:"3,keyasint,omitzero"`
		Amount  int64        `cbor:"4,keyasint"`
	}
	quarantinedRow struct {
		Terminal pos.TerminalID `cbor:"1,keyasint"`
		Raw      []byte         `cbor:"2,keyasint"`
		Reason   store.Reason   `cbor:"3,keyasint"`
		At       int64          `cbor:"4,keyasint"`
		Settled  *settlementRow `cbor:"5,keyasint,omitempty"`
		Released bool           `cbor:"6,keyasint,omitempty"`
	}
	exceptionRow struct {
		Trouble  pos.Trouble    `cbor:"1,keyasint"`
		At       int64          `cbor:"2,keyasint"`
		Terminal pos.TerminalID `cbor:"3,keyasint"`
		Holder   pos.HolderID   `cbor:"4,keyasint,omitzero"`
		Entry    *pos.EntryID   `cbor:"5,keyasint,omitempty"`
		Account  pos.Account    `cbor:"6,keyasint,omitempty"`
		Amount   int64          `cbor:"7,keyasint,omitempty"`
		Settled  *settlementRow `cbor:"8,keyasint,omitempty"`
		Round    uint64         `cbor:"9,keyasint,omitempty"`
	}
	settlementRow struct {
		Entry   pos.EntryID   `cbor:"1,keyasint"`
		Manager pos.CashierID `cbor:"2,keyasint"`
		Reason  string        `cbor:"3,keyasint"`
	}
	turnedRow struct {
		Changes  uint64       `cbor:"1,keyasint"`
		Switches []pos.Switch `cbor:"2,keyasint"`
	}
)

// sealProfile returns the profile's bytes as they stand in the file of the tests,
// whose secret begins with 1.
func sealProfile(id pos.AreaID, p pos.Profile) []byte {
	place := slices.Concat([]byte("area/"), []byte(id), []byte("/profile"))
	return seal.New(seal.Secret{1}).Seal(place, p.Holder[:], bolt.EncodeRow(p))
}

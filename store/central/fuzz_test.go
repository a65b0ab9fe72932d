package central_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/canon"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/central"
	"tenthcup/store/rows"
)

const stamps = pos.Account("stamp:coffee/10")

var (
	terminalA = pos.TerminalID{0xa}
	ann       = pos.HolderID{1}
	ben       = pos.HolderID{2}
)

// oneOfEach has one of each kind of row that a central server parses.
func oneOfEach() []any {
	return []any{
		&central.Holding{Sums: ledger.Sums{{Account: stamps, Amount: 1}}, Position: 9},
		&central.Chain{Seq: 3, Head: pos.Hash{1}},
		&[]central.Ask{{Holder: ann, Account: stamps, Lot: pos.Lot{From: 2}, Amount: -1}},
		&central.Holding{
			Position: 9, Into: ben, Tills: []pos.TerminalID{terminalA},
			Leases: []central.Lent{{Lease: ledger.Lease{ID: pos.LeaseID{1}, Terminal: terminalA, Sums: ledger.Sums{{Account: stamps, Amount: 1}}, Recalled: true}, Granted: 8}},
		},
		&central.Exception{
			Trouble: pos.Overdrawn, At: 1, Terminal: terminalA, Holder: ann, Entry: &pos.EntryID{Terminal: terminalA, Seq: 1},
			Account: stamps, Amount: 3, Settled: &central.Settlement{Manager: "zoe", Reason: "r"}, Round: 1,
		},
		&central.Ticket{Name: "till", Store: "s", Expires: 1, Hash: pos.Hash{2}, Tried: 3},
		&central.Quarantined{Terminal: terminalA, Raw: []byte("?"), Reason: store.Revoked, At: 6, Settled: &central.Settlement{Manager: "zoe"}, Released: true},
		&central.Quarantined{Terminal: terminalA, Raw: []byte("?"), Reason: store.Unreadable, At: 6},
	}
}

// FuzzRows: whatever the bytes of a row, reading it gives a row that is written
// and read as itself, or ErrCorrupt.
func FuzzRows(f *testing.F) {
	for kind, row := range oneOfEach() {
		f.Add(kind, encoded(f, row))
	}
	f.Fuzz(func(t *testing.T, kind int, raw []byte) {
		all := oneOfEach()
		kinds := reflect.TypeOf(all[uint(kind)%uint(len(all))]).Elem()
		row, again := reflect.New(kinds).Interface(), reflect.New(kinds).Interface()
		if err := rows.Decode(raw, row); err != nil {
			require.ErrorIs(t, err, store.ErrCorrupt)
			return
		}
		written := encoded(t, row)
		require.NoError(t, rows.Decode(written, again))
		require.True(t, bytes.Equal(written, encoded(t, again)), "%x is not stable", raw)
	})
}

func encoded(t testing.TB, row any) []byte {
	raw, err := canon.Marshal(row)
	require.NoError(t, err)
	return raw
}

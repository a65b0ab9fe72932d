package bolt_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/rows"
)

// oneOfEach has one of each kind of row that a till parses.
func oneOfEach() []any {
	return []any{
		&bolt.Base{Sums: ledger.Sums{{Account: stamps, Lot: pos.Lot{Until: 7}, Amount: -3}}, Position: 5, Covers: 6, AsOf: 7},
		&[]bolt.Own{{Number: 3, Moves: []ledger.Sum{{Account: stamps, Amount: 1}}}},
		&bolt.Format{Kind: "till", Version: 1, Terminal: terminalA},
		&pos.Profile{Holder: ann, Codes: []string{"TC1"}, Name: "Ann", Consents: map[string]int64{"mail": 1}},
		&pos.Roster{Version: 1, Cashiers: []pos.Cashier{{ID: "ida"}}},
		&pos.Terminal{ID: terminalA, Key: []byte{1}, Name: "till"},
	}
}

// FuzzRows: whatever the bytes of a row, reading it gives a row that is written
// and read as itself, or ErrCorrupt.
func FuzzRows(f *testing.F) {
	for kind, row := range oneOfEach() {
		f.Add(kind, bolt.EncodeRow(row))
	}
	f.Fuzz(func(t *testing.T, kind int, raw []byte) {
		all := oneOfEach()
		kinds := reflect.TypeOf(all[uint(kind)%uint(len(all))]).Elem()
		row, again := reflect.New(kinds).Interface(), reflect.New(kinds).Interface()
		if err := rows.Decode(raw, row); err != nil {
			require.ErrorIs(t, err, store.ErrCorrupt)
			return
		}
		written := bolt.EncodeRow(row)
		require.NoError(t, rows.Decode(written, again))
		require.True(t, bytes.Equal(written, bolt.EncodeRow(again)), "%x is not stable", raw)
	})
}

// FuzzTake: whatever a terminal sends in the place of an entry, the server takes
// the entries around it, keeps the bytes, and nothing changes when all is sent
// again.
func FuzzTake(f *testing.F) {
	central, err := bolt.OpenCentral(filepath.Join(f.TempDir(), "central.db"), [32]byte{1})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, central.Close()) })
	till := func(n uint64) pos.Terminal {
		terminal := pos.Terminal{Area: pos.AreaID(fmt.Sprint("area", n))}
		binary.BigEndian.PutUint64(terminal.ID[:], n)
		return terminal
	}
	entry := func(t testing.TB, terminal pos.Terminal, seq uint64, prev pos.Hash) []byte {
		raw, err := pos.Entry{
			V: 1, ID: pos.EntryID{Terminal: terminal.ID, Incarnation: 1, Seq: seq}, At: 1, Kind: pos.Stamped,
			Holder: ann, Postings: []pos.Posting{{Account: stamps, Amount: 1}}, Prev: prev,
		}.Encode()
		require.NoError(t, err)
		return raw
	}
	f.Add(entry(f, till(1), 2, pos.Hash{}))
	f.Add(bytes.Replace(entry(f, till(1), 2, pos.Hash{}), []byte("stamp"), []byte("\xffXXXX"), 1))
	f.Add([]byte{})
	tills := uint64(1)
	f.Fuzz(func(t *testing.T, raw []byte) {
		terminal := till(tills)
		tills++
		before := entry(t, terminal, 1, pos.Hash{})
		batch := [][]byte{before, raw, entry(t, terminal, 3, pos.HashEntry(raw))}
		ask := ledger.PageAsk{Limit: 10, Open: []pos.Incarnation{1}, At: noon, Day: today}
		var pages [2]ledger.Page
		for i := range pages {
			require.NoError(t, central.Take(terminal, ledger.Sent{Entries: batch}, noon))
			var err error
			pages[i], err = central.Page(terminal, ask)
			require.NoError(t, err)
		}
		require.Equal(t, pages[0], pages[1])
		counts, err := central.Count(terminal.Area)
		require.NoError(t, err)
		e, err := pos.DecodeEntry(raw)
		if err != nil || e.ID.Terminal != terminal.ID {
			require.Equal(t, 1, counts.Quarantined)
		}
		require.GreaterOrEqual(t, pages[0].Acks[0].Seq, uint64(1))
	})
}

package bolt_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/rows"
)

const benchMembers = 1_000_000

// BenchmarkAction times one cashier action as the store sees it, one entry for
// one of a million members, and in the same loop what the disk needs at least
// for anything: a write of 4 KiB behind the end of a file, and its fdatasync. A
// bare bbolt put of 200 bytes is timed beside them.
//
// Budget: ratio at most 1.6, the median of the pairwise ratios.
func BenchmarkAction(b *testing.B) {
	folder := b.TempDir()
	till, holders := loaded(b, filepath.Join(folder, "till.db"))
	timeActions(b, newWriter(till), holders)
}

func timeActions(b *testing.B, writer *writer, holders []pos.HolderID) {
	folder := b.TempDir()
	floor := newFloor(b, filepath.Join(folder, "floor"))
	bare := newBare(b, filepath.Join(folder, "bare.db"))
	random := rand.New(rand.NewPCG(1, 2))
	var floors, actions, puts, ratios, bareRatios []float64
	b.ReportAllocs()
	for b.Loop() {
		holder := holders[random.IntN(len(holders))]
		f := timed(b, floor)
		a := timed(b, func() error { return writer.stamp(holder) })
		p := timed(b, bare)
		floors, actions, puts = append(floors, f), append(actions, a), append(puts, p)
		ratios, bareRatios = append(ratios, a/f), append(bareRatios, p/f)
	}
	for name, values := range map[string][]float64{
		"floor-us": floors, "action-us": actions, "put-us": puts, "ratio": ratios, "put-ratio": bareRatios,
	} {
		b.ReportMetric(median(values), name)
	}
}

// BenchmarkTake times how a central server takes a batch of 500 entries for random
// ones of 100,000 holders, with its commit: without a program, so that nothing is
// lent, and with one that lends and most holders have enough. In the same loop a bare
// bbolt file gets rows of the same keys and sizes in one transaction.
//
// Budget: ratio at least 0.6.
func BenchmarkTake(b *testing.B) {
	b.Run("lending nothing", func(b *testing.B) { benchTake(b, 1) })
	b.Run("lending", func(b *testing.B) { benchTake(b, 10) })
}

func benchTake(b *testing.B, stamps int64) {
	central, err := bolt.OpenCentral(filepath.Join(b.TempDir(), "central.db"), [32]byte{1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, central.Close()) })
	terminal := pos.Terminal{ID: terminalA, Area: "north"}
	if stamps > 1 {
		require.NoError(b, central.AddStore(pos.Shop{Name: "S", Store: "s", Area: "north", Currency: "EUR"}))
		require.NoError(b, central.Publish(pos.Published{Document: []byte(cupProgram), From: 1}))
		require.NoError(b, central.AddTerminal("till", "s", "code", noon.Add(time.Hour)))
		terminal, err = central.Enrol("code", make(ed25519.PublicKey, ed25519.PublicKeySize), noon)
		require.NoError(b, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	seq, head := uint64(0), pos.Hash{}
	batch := func() (batch [][]byte) {
		for range 500 {
			seq++
			n := random.IntN(100_000)
			raw, err := pos.Entry{
				V: pos.Version, ID: pos.EntryID{Terminal: terminal.ID, Incarnation: 9, Seq: seq}, Nonce: seq, At: int64(seq), Day: 20717,
				Kind: pos.Stamped, Store: "s", Holder: pos.HolderID{1, byte(n), byte(n >> 8), byte(n >> 16)},
				Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: stamps}}, Cashier: "anna", Prev: head,
			}.Encode()
			require.NoError(b, err)
			head = pos.HashEntry(raw)
			batch = append(batch, raw)
		}
		return batch
	}
	b.ReportAllocs()
	began := time.Now()
	bare := newBareLedger(b)
	var floors, ours, ratios []float64
	for b.Loop() {
		entries := batch()
		f := timed(b, func() error { return bare.take(entries) })
		o := timed(b, func() error { return central.Take(terminal, ledger.Sent{Entries: entries}, began) })
		floors, ours, ratios = append(floors, f), append(ours, o), append(ratios, f/o)
	}
	b.ReportMetric(500e6/median(floors), "floor-entries/s")
	b.ReportMetric(500e6/median(ours), "entries/s")
	b.ReportMetric(median(ratios), "ratio")
}

// bareLedger is the rows of a ledger in a bare bbolt file: the entries, the histories,
// what holders have, and the feed.
type bareLedger struct {
	db       *bbolt.DB
	position uint64
}

func newBareLedger(b *testing.B) *bareLedger {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistArrayType})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"entry", "history", "account", "feed"} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	}))
	return &bareLedger{db: db}
}

func (l *bareLedger) take(entries [][]byte) error {
	return l.db.Update(func(tx *bbolt.Tx) error {
		for _, raw := range entries {
			e, err := pos.DecodeEntry(raw)
			if err != nil {
				return err
			}
			l.position++
			key := rows.EntryKey(e.ID)
			for _, row := range []struct {
				table      string
				key, value []byte
			}{
				{"entry", key, raw},
				{"history", append(e.Holder[:], key...), nil},
				{"account", e.Holder[:], raw[:accountBytes]},
				{"feed", rows.NumberKey(l.position), e.Holder[:]},
			} {
				if err := tx.Bucket([]byte(row.table)).Put(row.key, row.value); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// accountBytes is what a row about a holder with one punch card has.
const accountBytes = 100

// BenchmarkSingles times how 64 tills hand in one entry each at once, and the same one
// after the other: they share transactions, so that a sync is not paid for each. In the
// same loop a bare bbolt file gets rows of the same keys and sizes, one entry in each
// transaction and then one of each till: there is no way to share more.
//
// Budget: ratio at least 8, where the floor's own is not less.
func BenchmarkSingles(b *testing.B) {
	const tills, times = 64, 10
	central, err := bolt.OpenCentral(filepath.Join(b.TempDir(), "central.db"), [32]byte{1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, central.Close()) })
	terminals := make([]pos.Terminal, tills)
	heads := make([]pos.Hash, tills)
	for i := range tills {
		terminals[i] = pos.Terminal{ID: pos.TerminalID{9, byte(i)}, Area: "north"}
	}
	bare := newBareLedger(b)
	var ones, alls, floors []float64
	seq := uint64(0)
	for b.Loop() {
		var sent [tills][times + 1]ledger.Sent
		for n := range times + 1 {
			seq++
			for i := range tills {
				e := entryOf(pos.HolderID{1, byte(i)}, seq, heads[i])
				e.ID = pos.EntryID{Terminal: terminals[i].ID, Incarnation: 1, Seq: seq}
				raw, err := e.Encode()
				require.NoError(b, err)
				heads[i] = pos.HashEntry(raw)
				sent[i][n].Entries = [][]byte{raw}
			}
		}
		take := func(i, n int) { require.NoError(b, central.Take(terminals[i], sent[i][n], noon)) }
		one := timed(b, func() error {
			for i := range tills {
				take(i, 0)
			}
			return nil
		})
		all := timed(b, func() error {
			var group sync.WaitGroup
			for i := range tills {
				group.Go(func() {
					for n := range times {
						take(i, n+1)
					}
				})
			}
			group.Wait()
			return nil
		})
		ones, alls = append(ones, tills*1e6/one), append(alls, tills*times*1e6/all)
		bareOne := timed(b, func() error {
			for i := range tills {
				if err := bare.take(sent[i][0].Entries); err != nil {
					return err
				}
			}
			return nil
		})
		bareAll := timed(b, func() error {
			for n := range times {
				var together [][]byte
				for i := range tills {
					together = append(together, sent[i][n+1].Entries[0])
				}
				if err := bare.take(together); err != nil {
					return err
				}
			}
			return nil
		})
		floors = append(floors, times*bareOne/bareAll)
	}
	b.ReportMetric(median(ones), "one-by-one/s")
	b.ReportMetric(median(alls), "together/s")
	b.ReportMetric(median(alls)/median(ones), "ratio")
	b.ReportMetric(median(floors), "floor-ratio")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// timed returns how long the call took, in microseconds.
func timed(b *testing.B, call func() error) float64 {
	began := time.Now()
	if err := call(); err != nil {
		b.Fatal(err)
	}
	return float64(time.Since(began).Nanoseconds()) / 1000
}

// emptyTill opens a till that belongs to a centre.
func emptyTill(b *testing.B, path string) *bolt.Till {
	till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, till.Close()) })
	require.NoError(b, till.SetEnrolled())
	return till
}

// loaded returns a till with a million members from a centre, in random order.
func loaded(b *testing.B, path string) (*bolt.Till, []pos.HolderID) {
	till := emptyTill(b, path)
	holders, rows := members(b)
	require.NoError(b, till.Load(rows, 1))
	return till, holders
}

func members(b *testing.B) ([]pos.HolderID, []ledger.Changed) {
	random := rand.NewChaCha8([32]byte{7})
	holders := make([]pos.HolderID, benchMembers)
	rows := make([]ledger.Changed, benchMembers)
	for i := range rows {
		holder, err := pos.NewHolderID(random)
		require.NoError(b, err)
		member, err := code.New(random)
		require.NoError(b, err)
		holders[i] = holder
		rows[i] = ledger.Changed{
			Holder: holder, Position: uint64(i + 1),
			Sums: ledger.Sums{{Account: "stamp:coffee/10", Amount: int64(i % 90)}},
			Profile: &pos.Profile{
				Holder: holder, Codes: []string{member}, Name: fmt.Sprintf("Given%d Family%d", i%5000, i%70001),
				Phone: fmt.Sprintf("+4366%08d", i), Language: "en", HomeStore: "main", Joined: 20000, Changed: 1, ChangedBy: terminalA,
			},
		}
	}
	return holders, rows
}

// writer appends chained entries as a station does.
type writer struct {
	till  *bolt.Till
	nonce uint64
}

func newWriter(till *bolt.Till) *writer { return &writer{till: till} }

func (w *writer) stamp(holder pos.HolderID) error {
	w.nonce++
	_, err := w.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
		e := entryOf(holder, w.nonce, m.Tail.Head)
		e.ID = pos.EntryID{Terminal: terminalA, Incarnation: 99, Seq: m.Tail.Seq + 1}
		e.Saw["stamp:coffee/10"] = m.View.Sums.Balance("stamp:coffee/10", 20717)
		return e, nil
	})
	return err
}

// entryOf returns what is written about the n-th stamp.
func entryOf(holder pos.HolderID, n uint64, prev pos.Hash) pos.Entry {
	return pos.Entry{
		V: pos.Version, Nonce: n * 0x9e3779b97f4a7c15, At: 1_790_000_000_000 + int64(n), Day: 20717,
		Kind: pos.Stamped, Holder: holder, Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: 1}},
		Program: pos.ProgramID{1, 2, 3}, Cashier: "anna",
		Saw:  map[string]int64{"stamp:coffee/10": 3, "age": 60},
		Prev: prev,
	}
}

func newFloor(b *testing.B, path string) func() error {
	file, err := os.Create(path)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, file.Close()) })
	page := make([]byte, 4096)
	rand.NewChaCha8([32]byte{1}).Read(page)
	return func() error {
		if _, err := file.Write(page); err != nil {
			return err
		}
		return syscall.Fdatasync(int(file.Fd()))
	}
}

func newBare(b *testing.B, path string) func() error {
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	name, value, n := []byte("b"), make([]byte, 200), uint64(0)
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(name)
		return err
	}))
	return func() error {
		n++
		return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(name).Put(binary.BigEndian.AppendUint64(nil, n), value) })
	}
}

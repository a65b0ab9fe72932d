package bolt_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/bolt"
)

// BenchmarkOldTill is BenchmarkAction on a file that has ten million entries.
//
// Budget: the same.
func BenchmarkOldTill(b *testing.B) {
	path := filepath.Join(b.TempDir(), "till.db")
	holders, rows := members(b)
	require.NoError(b, emptyTill(b, path).Close())
	grow(b, path, slices.SortedFunc(slices.Values(holders), func(x, y pos.HolderID) int { return bytes.Compare(x[:], y[:]) }))
	till := emptyTill(b, path)
	require.NoError(b, till.Load(rows, 1))
	w := newWriter(till)
	w.nonce = benchEntries
	timeActions(b, w, holders)
	b.ReportMetric(float64(sizeOf(b, path))/(1<<20), "MiB")
}

const benchEntries = 10_000_000

// grow fills a closed file with the journal of a process that is long gone, which
// the centre has: entries are chained, and every base covers its holder's last.
func grow(b *testing.B, path string, holders []pos.HolderID) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	require.NoError(b, err)
	last := make([]uint64, len(holders))
	head := pos.Hash{}
	inChunks(b, db, "journal", benchEntries, func(bucket *bbolt.Bucket, i int) {
		n, at := uint64(i+1), i*7919%len(holders)
		last[at] = n
		e := entryOf(holders[at], n, head)
		e.ID = pos.EntryID{Terminal: terminalA, Incarnation: 7, Seq: n}
		raw, err := e.Encode()
		require.NoError(b, err)
		head = pos.HashEntry(raw)
		put(bucket, number(n), raw)
	})
	inChunks(b, db, "base", len(holders), func(bucket *bbolt.Bucket, i int) {
		put(bucket, holders[i][:], bolt.EncodeRow(bolt.Base{
			Sums: ledger.Sums{{Account: "stamp:coffee/10", Amount: 10}}, Position: uint64(i + 1), Covers: last[i], AsOf: 1,
		}))
	})
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		put(tx.Bucket([]byte("start")), number(1), number(7))
		put(tx.Bucket([]byte("meta")), []byte("ack"), number(benchEntries))
		put(tx.Bucket([]byte("meta")), []byte("window"), number(benchEntries))
		return tx.Bucket([]byte("base")).SetSequence(uint64(len(holders)))
	}))
	require.NoError(b, db.Sync())
	require.NoError(b, db.Close())
}

// inChunks calls add with the bucket and each number below n, in the order of the
// bucket's keys.
func inChunks(b *testing.B, db *bbolt.DB, name string, n int, add func(*bbolt.Bucket, int)) {
	const chunk = 100_000
	for from := 0; from < n; from += chunk {
		require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
			bucket := tx.Bucket([]byte(name))
			bucket.FillPercent = 0.9
			for i := range chunk {
				add(bucket, from+i)
			}
			return nil
		}))
	}
}

// BenchmarkLoad times an import of a million members.
//
// Budget: some ten seconds.
func BenchmarkLoad(b *testing.B) {
	_, rows := members(b)
	for b.Loop() {
		till := emptyTill(b, filepath.Join(b.TempDir(), "till.db"))
		require.NoError(b, till.Load(rows, 1))
	}
}

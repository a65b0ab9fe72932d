package bolt_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/rows"
	"tenthcup/store/rows/rowstest"
	"tenthcup/store/seal"
	"tenthcup/store/storetest"
)

func TestRows(t *testing.T) {
	rowstest.DB(t, func(t *testing.T) rows.DB {
		db, err := bolt.Blank(filepath.Join(t.TempDir(), "central.db"))
		require.NoError(t, err)
		require.NoError(t, db.Update("", func(tx rows.Tx) error { return central.Ready(tx, seal.New(seal.Secret{1})) }))
		return calling{db}
	})
}

// calling is a database whose callers may panic, as rapid does to end a try.
type calling struct{ rows.DB }

func (c calling) View(read func(rows.Tx) error) error {
	return c.DB.View(func(tx rows.Tx) error { return rows.Callers(func() error { return read(tx) }) })
}

func (c calling) Update(area pos.AreaID, write func(rows.Tx) error) error {
	return c.DB.Update(area, func(tx rows.Tx) error { return rows.Callers(func() error { return write(tx) }) })
}

func TestCentral(t *testing.T) {
	storetest.Central(t, func(t *testing.T) (storetest.DB, func() storetest.DB) {
		path := filepath.Join(t.TempDir(), "central.db")
		open := func() *central.Book {
			db, err := bolt.OpenCentral(path, [32]byte{1})
			require.NoError(t, err)
			return db
		}
		db := open()
		t.Cleanup(func() { _ = db.Close() }) // a second time unless the test failed
		return db, func() storetest.DB {
			require.NoError(t, db.Close())
			db = open()
			return db
		}
	})
}

func TestCrowd(t *testing.T) {
	storetest.Crowd(t, func(t *testing.T) [2]storetest.DB {
		book, err := bolt.OpenCentral(filepath.Join(t.TempDir(), "central.db"), [32]byte{1})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, book.Close()) })
		return [2]storetest.DB{book, book}
	})
}

// Who has the file but not the secret learns no name, number or PIN from it, and
// the file does not open.
func TestCentralIsSealed(t *testing.T) {
	c := newHead(t)
	done, err := c.station().Enrol("ida", pos.Profile{Name: "Zebedee", Phone: "+36301234567", Email: "zeb@example.com"})
	require.NoError(t, err)
	require.NoError(t, c.book.AddCashier(pos.Cashier{ID: "ida", Name: "Idalina", PIN: "$argon2id$secret"}))
	c.gives(ann, 3)
	require.NoError(t, c.book.Close())
	raw, err := os.ReadFile(c.path)
	require.NoError(t, err)
	for _, text := range []string{"Zebedee", "+36301234567", "zeb@example.com", done.Member.Profile.Code(), "Idalina", "argon2id"} {
		require.False(t, bytes.Contains(raw, []byte(text)), text)
	}
	_, err = bolt.OpenCentral(c.path, [32]byte{2})
	require.ErrorIs(t, err, store.ErrSecret)
	after, err := os.ReadFile(c.path)
	require.NoError(t, err)
	require.Equal(t, raw, after)
	c.open()
	roster, err := c.book.Roster("s", noon)
	require.NoError(t, err)
	require.Equal(t, "$argon2id$secret", roster.Cashiers[0].PIN)
}

// A file that was set back to a backup does not know what it lent since, so it
// lends nothing until that has ended at the tills.
func TestRestoredCentralLendsNothing(t *testing.T) {
	c := newHead(t)
	c.gives(ann, 10)
	require.NoError(t, c.book.Close())
	plant(t, c.path, func(tx *bbolt.Tx) {
		put(tx.Bucket([]byte("meta")), []byte("restored"), number(uint64(noon.UnixMilli())))
	})
	c.open()
	leases := func() int {
		all, err := c.book.Leases("north")
		require.NoError(t, err)
		return len(all)
	}
	require.Equal(t, 1, leases(), "what it knows to be out is out")
	c.clock = noon.Add(72*time.Hour - time.Millisecond)
	c.gives(ben, 10)
	require.Equal(t, 1, leases())
	c.clock = noon.Add(72 * time.Hour)
	c.gives(ben, 1)
	require.Equal(t, 2, leases())
}

// The last entry of a process is damaged on the till's disk, but can be read still.
// What the next process wrote is chained to what is nowhere any more. It must not
// wait for that: the till says so, the centre takes it, and a manager sees it.
func TestDamagedEndOfAProcess(t *testing.T) {
	c := newHead(t)
	for n := range int64(2) {
		c.till.stamp(ann, n+1)
	}
	c.till.restart()
	c.till.stamp(ann, 3)
	require.NoError(t, c.till.till.Close())
	plant(t, c.till.path, func(tx *bbolt.Tx) {
		recent := tx.Bucket([]byte("recent"))
		e, err := pos.DecodeEntry(recent.Get(number(2)))
		require.NoError(t, err)
		e.Cashier = "idb"
		raw, err := e.Encode()
		require.NoError(t, err)
		require.NoError(t, recent.Put(number(2), raw))
	})
	c.till.open()
	require.NoError(t, c.till.till.SetEnrolled())
	for range 3 {
		box, err := c.till.till.Outbox(1, 1e6)
		require.NoError(t, err)
		require.NoError(t, c.book.Take(c.is, ledger.Sent{Entries: box.Entries, Broken: box.Broken}, c.clock))
		page, err := c.book.Page(c.is, ledger.PageAsk{Open: box.Open, At: c.clock, Day: today, Limit: 10})
		require.NoError(t, err)
		require.NoError(t, c.till.till.Apply(page, nil))
	}
	require.Zero(t, c.till.waits())
	require.Equal(t, int64(6), c.balance(ann))
	open, err := c.book.Exceptions("north", false)
	require.NoError(t, err)
	require.Len(t, open, 1)
	require.Equal(t, pos.Fork, open[0].Trouble)
}

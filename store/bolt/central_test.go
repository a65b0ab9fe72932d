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
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/storetest"
)

func TestCentral(t *testing.T) {
	storetest.Central(t, func(t *testing.T) (storetest.DB, func() storetest.DB) {
		path := filepath.Join(t.TempDir(), "central.db")
		open := func() *bolt.Central {
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

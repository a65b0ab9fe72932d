package central_test

import (
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/rows"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// counted is a database that counts transactions, and fails if it is to.
type counted struct {
	rows.DB
	updates int
	fails   error
}

func (c *counted) Update(area pos.AreaID, write func(rows.Tx) error) error {
	if c.fails != nil {
		return c.fails
	}
	c.updates++
	return c.DB.Update(area, write)
}

// shared is a database that stays open for another book.
type shared struct{ rows.DB }

func (shared) Close() error { return nil }

func onFile(t testing.TB, path string) (*central.Book, *counted) {
	file, err := bolt.Blank(path)
	require.NoError(t, err)
	db := &counted{DB: file}
	book, err := central.Open(db, [32]byte{1})
	require.NoError(t, err)
	db.updates = 0
	return book, db
}

func terminal(n int) (id pos.TerminalID) {
	binary.BigEndian.PutUint64(id[:], uint64(n))
	return id
}

func seen(t testing.TB, book *central.Book, id pos.TerminalID, at time.Time, waiting uint64) {
	was, waits, err := book.Seen(id)
	require.NoError(t, err)
	require.Equal(t, at, was)
	require.Equal(t, waiting, waits)
}

// A whole chain that comes back at once costs a transaction in ten seconds, and none of
// its tills is forgotten.
func TestSightingsAreWrittenTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "central.db")
	book, db := onFile(t, path)
	const tills = 5000
	for second := range 30 {
		for n := range tills {
			require.NoError(t, book.Saw(terminal(n), noon.Add(time.Duration(second)*time.Second), uint64(second+n)))
		}
	}
	require.LessOrEqual(t, db.updates, 3)
	seen(t, book, terminal(7), noon.Add(29*time.Second), 36)
	seen(t, book, terminal(tills), time.Time{}, 0)
	require.NoError(t, book.Close())
	require.LessOrEqual(t, db.updates, 4)

	book, _ = onFile(t, path)
	for n := range tills {
		seen(t, book, terminal(n), noon.Add(29*time.Second), uint64(29+n))
	}
	require.NoError(t, book.Close())
}

func TestSightingsThatSayNothingNew(t *testing.T) {
	book, db := onFile(t, filepath.Join(t.TempDir(), "central.db"))
	for at := noon; at.Before(noon.Add(time.Hour)); at = at.Add(15 * time.Second) {
		require.NoError(t, book.Saw(terminal(1), at, 0))
		seen(t, book, terminal(1), at, 0)
	}
	require.Equal(t, 6, db.updates, "every ten minutes")
	require.NoError(t, book.Saw(terminal(1), noon.Add(time.Hour), 5))
	require.Equal(t, 7, db.updates, "at once where something waits")
	require.NoError(t, book.Saw(terminal(1), noon.Add(time.Minute), 9))
	seen(t, book, terminal(1), noon.Add(time.Hour), 5)
	require.NoError(t, book.Close())
}

// What could not be written is written later.
func TestSightingsOutliveAnOutage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "central.db")
	book, db := onFile(t, path)
	db.fails = store.ErrAway
	require.ErrorIs(t, book.Saw(terminal(1), noon, 1), store.ErrAway)
	require.NoError(t, book.Saw(terminal(2), noon.Add(time.Second), 2), "not tried with every exchange")
	db.fails = nil
	require.NoError(t, book.Close())
	book, _ = onFile(t, path)
	seen(t, book, terminal(1), noon, 1)
	seen(t, book, terminal(2), noon.Add(time.Second), 2)
	require.NoError(t, book.Close())
}

// Of two servers the one that saw a till last is right, whoever writes last.
func TestSightingsOfTwoServers(t *testing.T) {
	file, err := bolt.Blank(filepath.Join(t.TempDir(), "central.db"))
	require.NoError(t, err)
	open := func() *central.Book {
		book, err := central.Open(shared{file}, [32]byte{1})
		require.NoError(t, err)
		return book
	}
	one, two := open(), open()
	require.NoError(t, one.Saw(terminal(9), noon, 0))
	require.NoError(t, one.Saw(terminal(1), noon.Add(time.Second), 1))
	require.NoError(t, two.Saw(terminal(1), noon.Add(2*time.Second), 2))
	seen(t, one, terminal(1), noon.Add(2*time.Second), 2)
	require.NoError(t, one.Close())
	require.NoError(t, two.Close())
	seen(t, open(), terminal(1), noon.Add(2*time.Second), 2)
	require.NoError(t, file.Close())
}

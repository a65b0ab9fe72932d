package central_test

import (
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

// commits returns how often the file was written.
func commits(t *testing.T, path string) (id int) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	require.NoError(t, err)
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		id = tx.ID()
		return nil
	}))
	require.NoError(t, db.Close())
	return id
}

// entryOf returns a terminal's first entry, a stamp.
func entryOf(t *testing.T, terminal pos.TerminalID) []byte {
	raw, err := pos.Entry{
		V: pos.Version, ID: pos.EntryID{Terminal: terminal, Incarnation: 1, Seq: 1}, Nonce: 1, At: noon.UnixMilli(), Day: 20777,
		Kind: pos.Stamped, Holder: pos.HolderID{1}, Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: 1}}, Cashier: "ida",
	}.Encode()
	require.NoError(t, err)
	return raw
}

// busy keeps the book's writer busy until the returned function is called.
func busy(t *testing.T, book *central.Book) (release func()) {
	entered, leave, left := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		left <- book.Try(pos.TerminalID{}, "ida", func(station.Tries) (station.Tries, error) {
			close(entered)
			<-leave
			return station.Tries{}, nil
		})
	}()
	<-entered
	return func() {
		close(leave)
		require.NoError(t, <-left)
	}
}

// Batches that come while a transaction is under way share the next one: sixty-four
// entries of as many tills take three commits and not sixty-four. Each counts once, what
// was wrong about one of them is nobody else's matter, and each caller hears of his own.
func TestBatchesShareATransaction(t *testing.T) {
	const tills = 64
	path := filepath.Join(t.TempDir(), "central.db")
	book, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(t, err)
	require.NoError(t, book.Close())
	before := commits(t, path)
	book, err = bolt.OpenCentral(path, [32]byte{1})
	require.NoError(t, err)

	release := busy(t, book)
	var all sync.WaitGroup
	errs := make(chan error, tills)
	for i := range tills {
		all.Go(func() {
			terminal := pos.Terminal{ID: pos.TerminalID{byte(i + 1)}, Area: "north"}
			entries := [][]byte{entryOf(t, terminal.ID)}
			if i%8 == 0 {
				entries = append(entries, []byte("no entry"))
			}
			errs <- book.Take(terminal, ledger.Sent{Entries: entries}, noon)
		})
	}
	for book.Waiting("north") < tills-1 {
		runtime.Gosched()
	}
	release()
	all.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	counts, err := book.Count("north")
	require.NoError(t, err)
	require.Equal(t, tills, counts.Entries)
	require.Equal(t, 1, counts.Quarantined, "the same bytes are quarantined once")
	sums, err := book.Balance("north", pos.HolderID{1}, 20777)
	require.NoError(t, err)
	require.EqualValues(t, tills, sums.Balance("stamp:coffee/10", 20777))
	require.Zero(t, book.Waiting("north"))
	require.NoError(t, book.Close())
	require.LessOrEqual(t, commits(t, path)-before, 3+1, "the writer that kept it busy, the first batch, the others")
}

package postgres_test

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/rows"
)

const cups = `
title = "Coffee"
[[card]]
id = "coffee"
size = 10
[[reward]]
id = "cup"
card = "coffee"
[offline]
leases = 1
`

const copyDay pos.Day = 20777

// tills write into a ledger as those of a chain do.
type tills struct {
	t     testing.TB
	book  *central.Book
	heads map[pos.TerminalID]pos.Hash
	seqs  map[pos.TerminalID]uint64
}

func newTills(t testing.TB, book *central.Book) *tills {
	return &tills{t, book, map[pos.TerminalID]pos.Hash{}, map[pos.TerminalID]uint64{}}
}

// join makes a store of its own with a till.
func (w *tills) join(name string, area pos.AreaID) pos.Terminal {
	require.NoError(w.t, w.book.AddStore(pos.Shop{Name: name, Store: pos.StoreID(name), Area: area, Currency: "EUR", Timezone: "UTC"}))
	require.NoError(w.t, w.book.AddTerminal("till", pos.StoreID(name), "code-"+name, noon.Add(time.Hour)))
	key := make([]byte, ed25519.PublicKeySize)
	copy(key, name)
	terminal, err := w.book.Enrol("code-"+name, key, noon)
	require.NoError(w.t, err)
	return terminal
}

func holder(n int) pos.HolderID {
	var id pos.HolderID
	binary.BigEndian.PutUint32(id[:], uint32(n+1))
	return id
}

// give has the terminal give so many stamps, one holder after the other.
func (w *tills) give(terminal pos.Terminal, from, until, holders int) {
	var sent ledger.Sent
	for n := from; n < until; n++ {
		w.seqs[terminal.ID]++
		raw, err := pos.Entry{
			V: pos.Version, ID: pos.EntryID{Terminal: terminal.ID, Incarnation: 1, Seq: w.seqs[terminal.ID]}, Nonce: uint64(n) + 1,
			At: noon.UnixMilli() + int64(n), Day: copyDay, Kind: pos.Stamped, Store: terminal.Store, Holder: holder(n % holders),
			Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: 1 + int64(n%12)}}, Cashier: "anna", Prev: w.heads[terminal.ID],
		}.Encode()
		require.NoError(w.t, err)
		w.heads[terminal.ID] = pos.HashEntry(raw)
		sent.Entries = append(sent.Entries, raw)
		if n < holders {
			sent.Profiles = append(sent.Profiles, pos.Profile{
				Holder: holder(n), Name: fmt.Sprintf("Member %d", n), Phone: fmt.Sprintf("+3630%07d", n), Codes: []string{fmt.Sprintf("M%d", n)},
				Joined: copyDay, Changed: noon.UnixMilli(), ChangedBy: terminal.ID,
			})
		}
	}
	require.NoError(w.t, w.book.Take(terminal, sent, noon))
}

// fill writes something of everything, enough for several transactions of a copy.
func fill(t testing.TB, book *central.Book) *tills {
	w := newTills(t, book)
	require.NoError(t, book.Publish(pos.Published{Document: []byte(cups), From: 1}))
	require.NoError(t, book.SetItems([]pos.Item{{ID: "latte", Name: "Latte", Price: 350}}))
	require.NoError(t, book.AddCashier(pos.Cashier{ID: "mia", Name: "Mia", Role: pos.RoleManager, PIN: "hash"}))
	north, south := w.join("n", "north"), w.join("s", "south")
	require.NoError(t, book.AddStore(pos.Shop{Name: "E", Store: "e", Area: "east", Currency: "EUR"}))
	for n := 0; n < 2500; n += 500 {
		w.give(north, n, n+500, 900)
	}
	w.give(south, 0, 300, 300)
	require.NoError(t, book.Take(north, ledger.Sent{Entries: [][]byte{[]byte("no entry")}}, noon))
	_, err := book.Page(north, ledger.PageAsk{At: noon, Day: copyDay, Limit: 100})
	require.NoError(t, err)
	desk := &office.Office{Book: book, Terminal: pos.TerminalID{9}, Now: func() time.Time { return noon }, Random: endless{}, Zone: time.UTC}
	_, err = desk.Do(office.Act{Area: "north", Act: station.Act{Do: office.MemberErased, Manager: "mia", Reason: "asked"}}, office.Change{Erase: holder(3)})
	require.NoError(t, err)
	require.NoError(t, book.Revoke(south.ID, "mia", "stolen"))
	require.NoError(t, book.Try(north.ID, "mia", func(tries station.Tries) (station.Tries, error) {
		tries.Failed++
		return tries, nil
	}))
	require.NoError(t, book.Saw(north.ID, noon, 3))
	_, err = book.Begin(central.Order{Through: north.ID, ID: []byte("id"), Raw: []byte("order")}, noon)
	require.NoError(t, err)
	return w
}

// endless is chance that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// everything returns all that a file has, by where it is.
func everything(t testing.TB, path string) map[string]string {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	require.NoError(t, err)
	has := map[string]string{}
	var walk func(place string, b *bbolt.Bucket) error
	walk = func(place string, b *bbolt.Bucket) error {
		if b.Sequence() > 0 {
			has[place+" number"] = fmt.Sprint(b.Sequence())
		}
		return b.ForEach(func(key, value []byte) error {
			at := fmt.Sprintf("%s/%x", place, key)
			if inner := b.Bucket(key); inner != nil {
				return walk(fmt.Sprintf("%s/%s", place, key), inner)
			}
			has[at] = string(value)
			return nil
		})
	}
	require.NoError(t, db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return walk(string(name), b) })
	}))
	require.NoError(t, db.Close())
	return has
}

func openFile(t testing.TB, path string) *central.Book {
	book, err := bolt.OpenCentral(path, secret)
	require.NoError(t, err)
	return book
}

func blank(t testing.TB, path string) rows.DB {
	db, err := bolt.Blank(path)
	require.NoError(t, err)
	return db
}

func connect(t testing.TB, url string) rows.DB {
	db, err := postgres.Connect(t.Context(), url, postgres.Options{})
	require.NoError(t, err)
	return db
}

func openURL(t testing.TB, url string) (*central.Book, error) {
	return postgres.Open(t.Context(), url, secret, postgres.Options{})
}

var errKilled = errors.New("killed")

// brokenOff copies as processes do that are killed after each transaction, and returns
// how many there were.
func brokenOff(t testing.TB, from *central.Book, to func() rows.DB, between func()) (runs int) {
	for {
		runs++
		steps := 0
		db := to()
		found, _, err := from.Copy(db, func(now central.Copied) error {
			if steps++; !now.Comparing {
				return errKilled
			}
			return nil
		})
		require.NoError(t, db.Close())
		require.Empty(t, found)
		if err == nil {
			return runs
		}
		require.ErrorIs(t, err, errKilled)
		require.Equal(t, 1, steps)
		between()
	}
}

// A ledger that was moved to a database and back, by processes that were killed all the
// time, is the same to the last byte, and until it is there whole nobody takes it for one.
func TestCopy(t *testing.T) {
	folder := t.TempDir()
	first, last, url := filepath.Join(folder, "first.db"), filepath.Join(folder, "last.db"), empty(t)
	file := openFile(t, first)
	fill(t, file)
	runs := brokenOff(t, file, func() rows.DB { return connect(t, url) }, func() {
		_, err := openURL(t, url)
		require.ErrorIs(t, err, store.ErrCopying)
	})
	require.Greater(t, runs, 4)
	require.NoError(t, file.Close())

	book, err := openURL(t, url)
	require.NoError(t, err)
	sound(t, book)
	require.NoError(t, book.Close())
	book, err = openURL(t, url)
	require.NoError(t, err)
	require.Equal(t, runs, brokenOff(t, book, func() rows.DB { return blank(t, last) }, func() {
		_, err := bolt.OpenCentral(last, secret)
		require.ErrorIs(t, err, store.ErrCopying)
		_, err = bolt.BackupOf(last)
		require.ErrorIs(t, err, store.ErrCopying)
	}))
	require.NoError(t, book.Close())
	want := everything(t, first)
	require.Greater(t, len(want), 10_000)
	require.Equal(t, want, everything(t, last))
	file = openFile(t, last)
	sound(t, file)
	require.NoError(t, file.Close())
}

func sound(t testing.TB, book *central.Book) {
	found, err := book.Check()
	require.NoError(t, err)
	require.Empty(t, found)
}

func straight(central.Copied) error { return nil }

func TestCopyRefuses(t *testing.T) {
	folder := t.TempDir()
	file := openFile(t, filepath.Join(folder, "from.db"))
	defer file.Close()
	w := fill(t, file)

	url := empty(t)
	other, err := openURL(t, url)
	require.NoError(t, err)
	db := connect(t, url)
	_, _, err = file.Copy(db, straight)
	require.ErrorIs(t, err, central.ErrNotEmpty, "a ledger without anything in it")
	require.NoError(t, db.Close())
	_, err = other.Stores()
	require.NoError(t, err)
	require.NoError(t, other.Close())

	occupied := filepath.Join(folder, "till.db")
	till, err := bolt.OpenTill(occupied, pos.TerminalID{1}, secret)
	require.NoError(t, err)
	require.NoError(t, till.Close())
	db = blank(t, occupied)
	_, _, err = file.Copy(db, straight)
	require.ErrorIs(t, err, central.ErrNotEmpty)
	require.NoError(t, db.Close())

	// A change while the rows are copied, before they are compared, and after.
	for _, comparing := range []bool{false, true} {
		db = blank(t, filepath.Join(folder, fmt.Sprint(comparing)))
		changed := false
		found, _, err := file.Copy(db, func(now central.Copied) error {
			if now.Comparing == comparing && !changed && now.Tables > 0 {
				changed = true
				w.give(pos.Terminal{ID: w.first(), Area: "north", Store: "n"}, 5000, 5001, 900)
			}
			return nil
		})
		require.True(t, changed)
		if len(found) == 0 {
			require.ErrorIs(t, err, central.ErrChanged)
		}
		_, _, err = file.Copy(db, straight)
		require.ErrorIs(t, err, central.ErrChanged, "and it is no half copy of what is there now")
		require.NoError(t, db.Close())
	}
}

// first returns the terminal that has sent most.
func (w *tills) first() (id pos.TerminalID) {
	for terminal, seq := range w.seqs {
		if seq > w.seqs[id] {
			id = terminal
		}
	}
	return id
}

// Two processes that go on with one copy do not write into each other's.
func TestCopyTwiceAtOnce(t *testing.T) {
	folder := t.TempDir()
	file := openFile(t, filepath.Join(folder, "from.db"))
	defer file.Close()
	fill(t, file)
	for _, stops := range []error{nil, errKilled} {
		db := connect(t, empty(t))
		inner := false
		_, _, err := file.Copy(db, func(central.Copied) error {
			if inner {
				return nil
			}
			inner = true
			steps := 0
			found, _, err := file.Copy(db, func(central.Copied) error {
				if steps++; steps == 2 {
					return stops
				}
				return nil
			})
			require.ErrorIs(t, err, stops)
			require.Empty(t, found)
			return nil
		})
		require.ErrorIs(t, err, store.ErrInUse)
		require.NoError(t, db.Close())
	}
}

// Whatever differs is found, and the copy is not used.
func TestCopyIsCompared(t *testing.T) {
	file := openFile(t, filepath.Join(t.TempDir(), "from.db"))
	defer file.Close()
	fill(t, file)
	for what, statement := range map[string]string{
		"is another one in the copy": "update tenthcup.account set value = value || 'x' where key = (select key from tenthcup.account order by key limit 1) and area = 2",
		"is not in the copy":         "delete from tenthcup.small where area = 3 and substr(key, 1, 6) = 'chain/'",
		"is in the copy only":        "insert into tenthcup.lease (area, key, value) values (1, '\\xff', '')",
		"has the number 7":           `update tenthcup.area set counts = '{"account": 7, "quarantine": 1}' where area = 2`,
	} {
		url := empty(t)
		db := connect(t, url)
		_, _, err := file.Copy(db, func(now central.Copied) error {
			if now.Tables == now.All {
				return errKilled
			}
			return nil
		})
		require.ErrorIs(t, err, errKilled)
		execute(t, url, statement)
		found, _, err := file.Copy(db, straight)
		require.NoError(t, err)
		require.Len(t, found, 1, what)
		require.Contains(t, found[0].What, what)
		require.NoError(t, db.Close())
		_, err = openURL(t, url)
		require.ErrorIs(t, err, store.ErrCopying)
	}
}

func execute(t testing.TB, url, statement string) {
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, conn.Close(context.Background()))
}

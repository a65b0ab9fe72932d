package postgres_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
	"tenthcup/store/rows"
)

const (
	shopArea = pos.AreaID("main")
	stamps   = pos.Account("stamp:coffee/10")
	hurried  = 300 * time.Millisecond // the patience of a server that gives up soon
)

var corner = pos.Shop{Name: "Corner", Area: shopArea, Store: "corner", Currency: "EUR", Timezone: "UTC"}

// migrated returns the URL of a database of the pair with the tables and a store.
func migrated(t *testing.T, pair *pgtest.Pair) string {
	t.Helper()
	url := pair.Database(t)
	_, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	book := opened(t, url, 0)
	require.NoError(t, book.AddStore(corner))
	return url
}

// opened is one more server process's book, until the test ends.
func opened(t *testing.T, url string, patience time.Duration) *central.Book {
	t.Helper()
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{Patience: patience})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, book.Close()) })
	return book
}

// till writes entries as a station does, but keeps them in memory.
type till struct {
	pos.Terminal

	t     *testing.T
	raw   [][]byte
	head  pos.Hash
	acked int // as far as a server has said
}

const process pos.Incarnation = 77

func newTill(t *testing.T, book *central.Book, n byte) *till {
	t.Helper()
	once := fmt.Sprintf("%03d-once", n)
	require.NoError(t, book.AddTerminal("Till", "corner", once, time.Now().Add(time.Hour)))
	key := ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), n)).Public().(ed25519.PublicKey)
	terminal, err := book.Enrol(once, key, time.Now())
	require.NoError(t, err)
	return &till{Terminal: terminal, t: t}
}

// write stamps so often, for members who come to every till.
func (u *till) write(n int) {
	for range n {
		seq := uint64(len(u.raw) + 1)
		e := pos.Entry{
			V: pos.Version, ID: pos.EntryID{Terminal: u.ID, Incarnation: process, Seq: seq}, Nonce: seq,
			At: time.Now().UnixMilli(), Day: pos.DayOf(time.Now(), time.UTC), Kind: pos.Stamped, Holder: pos.HolderID{1 + byte(seq%members)},
			Postings: []pos.Posting{{Account: stamps, Amount: 1}}, Cashier: "ida", Prev: u.head,
		}
		raw, err := e.Encode()
		require.NoError(u.t, err)
		u.raw, u.head = append(u.raw, raw), pos.HashEntry(raw)
	}
}

const members = 7

// take hands in what was not acknowledged.
func (u *till) take(book *central.Book) error {
	return book.Take(u.Terminal, ledger.Sent{Entries: u.raw[u.acked:]}, time.Now())
}

// page returns how far a server says it has the till's entries.
func (u *till) page(book *central.Book) (int, error) {
	page, err := book.Page(u.Terminal, ledger.PageAsk{Open: []pos.Incarnation{process}, At: time.Now(), Limit: 1})
	if err != nil || len(page.Acks) == 0 {
		return 0, err
	}
	return int(page.Acks[0].Seq), nil
}

// until hands in what there is until a server has taken it.
func (u *till) until(book *central.Book) {
	u.t.Helper()
	eventually(u.t, "the server takes a batch", func() bool {
		err := u.take(book)
		if err != nil {
			passing(u.t, err)
		}
		return err == nil
	})
	acked, err := u.page(book)
	require.NoError(u.t, err)
	u.acked = acked
}

// passing wants an error that a till waits out.
func passing(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, store.ErrAway) && !errors.Is(err, store.ErrUnsure) {
		require.NoError(t, err, "no error that passes")
	}
}

// whole wants that the book has all entries of the tills, each once, with the sums of a
// plain count, and that nothing is wrong with it.
func whole(t *testing.T, book *central.Book, tills ...*till) {
	t.Helper()
	want, sums := map[string]int{}, map[pos.HolderID]int64{}
	for _, u := range tills {
		for _, raw := range u.raw {
			e, err := pos.DecodeEntry(raw)
			require.NoError(t, err)
			want[string(raw)]++
			sums[e.Holder]++
		}
	}
	has := map[string]int{}
	require.NoError(t, book.Entries(shopArea, func(raw []byte) bool {
		has[string(raw)]++
		return true
	}))
	require.Len(t, has, len(want))
	require.Equal(t, want, has)
	for holder, sum := range sums {
		have, err := book.Balance(shopArea, holder, pos.DayOf(time.Now(), time.UTC))
		require.NoError(t, err)
		require.Equal(t, sum, have.Balance(stamps, pos.DayOf(time.Now(), time.UTC)))
	}
	found, err := book.Check()
	require.NoError(t, err)
	require.Empty(t, found)
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, time.Minute, 5*time.Millisecond, what)
}

// console is the administrator's connection to one server.
func console(t *testing.T, cluster *pgtest.Cluster) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cluster.URL("postgres"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// commit is one that waits for the standby.
type commit struct {
	pid   int32
	began time.Time
}

// waiting returns the commits that wait for the standby.
func waiting(t *testing.T, conn *pgx.Conn) []commit {
	t.Helper()
	found, err := conn.Query(t.Context(), "select pid, xact_start from pg_stat_activity where wait_event = 'SyncRep'")
	require.NoError(t, err)
	commits, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (c commit, err error) {
		return c, row.Scan(&c.pid, &c.began)
	})
	require.NoError(t, err)
	return commits
}

// waits returns the commit that waits for the standby, once there is another one than the
// last.
func waits(t *testing.T, conn *pgx.Conn, last commit) (next commit) {
	t.Helper()
	eventually(t, "a commit waits for the standby", func() bool {
		for _, next = range waiting(t, conn) {
			if next != last {
				return true
			}
		}
		return false
	})
	return next
}

func unanswered(t *testing.T, done <-chan error) {
	t.Helper()
	select {
	case err := <-done:
		require.Fail(t, "acknowledged, though no standby has it", "%v", err)
	default:
	}
}

func later(do func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return done
}

// A server that gives up waiting for the standby leaves the commit where it is. Nobody sees
// what it wrote, on whichever server, until the standby has it.
func TestWhatNoStandbyHasIsNotSeen(t *testing.T) {
	t.Parallel()
	pair := pgtest.StartPair(t, true)
	url := migrated(t, pair)
	one, two := opened(t, url, hurried), opened(t, url, 0)
	u := newTill(t, two, 1)
	u.write(5)
	u.until(two)
	u.write(5)
	pair.Freeze(t)
	require.ErrorIs(t, u.take(one), store.ErrUnsure)
	require.Len(t, waiting(t, console(t, pair.Primary)), 1, "it waits still")
	acked, err := u.page(two)
	require.NoError(t, err)
	require.Equal(t, 5, acked)
	require.ErrorIs(t, u.take(one), store.ErrAway, "the area is locked until the standby is back")
	pair.Thaw(t)
	u.until(one)
	require.Equal(t, 10, u.acked)

	u.write(5)
	pair.Freeze(t)
	require.ErrorIs(t, u.take(one), store.ErrUnsure)
	pair.Kill(t)
	pair.Promote(t)
	acked, err = u.page(two)
	if err == nil {
		require.Equal(t, 10, acked)
	}
	u.until(one)
	require.Equal(t, 15, u.acked)
	whole(t, two, u)
}

// An administrator who cancels a commit that waits makes it be seen, without being
// anywhere but on the primary. A batch that comes again, to whichever server, waits for the
// standby all the same, though nothing in it is new.
func TestRepeatWaitsForTheStandby(t *testing.T) {
	for _, interrupt := range []string{"pg_cancel_backend", "pg_terminate_backend"} {
		t.Run(interrupt, func(t *testing.T) {
			t.Parallel()
			pair := pgtest.StartPair(t, true)
			url := migrated(t, pair)
			one, two := opened(t, url, 0), opened(t, url, 0)
			u := newTill(t, one, 1)
			u.write(5)
			pair.Freeze(t)
			first := later(func() error { return u.take(one) })
			admin := console(t, pair.Primary)
			last := waits(t, admin, commit{})
			_, err := admin.Exec(t.Context(), "select "+interrupt+"($1)", last.pid)
			require.NoError(t, err)
			last = waits(t, admin, last)
			seen, err := u.page(two)
			require.NoError(t, err)
			require.Equal(t, 5, seen, "the trap: it is seen, and nothing in the batch is new")
			unanswered(t, first)
			_, err = admin.Exec(t.Context(), "select "+interrupt+"($1)", last.pid)
			require.NoError(t, err)
			waits(t, admin, last)
			second := later(func() error { return u.take(two) })
			third := later(func() error { return two.Take(u.Terminal, ledger.Sent{Confirm: true}, time.Now()) })
			unanswered(t, first)
			unanswered(t, second)
			unanswered(t, third)
			pair.Kill(t)
			pair.Promote(t)
			for _, done := range []<-chan error{first, second, third} {
				if err := <-done; err != nil {
					passing(t, err)
				}
			}
			u.until(two)
			require.Equal(t, 5, u.acked)
			whole(t, one, u)
		})
	}
}

// Whatever was asked before, and is asked again because nobody knows what came of it, waits
// for the standby, also if there is nothing left to write.
func TestNothingToDoWaitsForTheStandby(t *testing.T) {
	t.Parallel()
	pair := pgtest.StartPair(t, true)
	url := migrated(t, pair)
	db, err := postgres.Connect(t.Context(), url, postgres.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	admin := console(t, pair.Primary)
	for _, area := range []pos.AreaID{"", shopArea} {
		written := false
		once := func() error {
			return db.Update(area, func(tx rows.Tx) error {
				table, err := tx.Make([]byte("ticket"))
				if area != "" {
					var space rows.Space
					if space, err = tx.In(area); err == nil {
						table = space.Table([]byte("profile"))
					}
				}
				if err != nil || table.Get([]byte("key")) != nil {
					return err
				}
				written = true
				return table.Put([]byte("key"), []byte("value"))
			})
		}
		if area != "" { // which is made by the first who writes into it
			require.NoError(t, db.Update("", func(tx rows.Tx) error { _, err := tx.In(area); return err }))
		}
		pair.Freeze(t)
		first := later(once)
		_, err := admin.Exec(t.Context(), "select pg_cancel_backend($1)", waits(t, admin, commit{}).pid)
		require.NoError(t, err)
		require.ErrorIs(t, <-first, store.ErrUnsure)
		require.True(t, written)
		written = false
		second := later(once)
		waits(t, admin, commit{})
		unanswered(t, second)
		pair.Thaw(t)
		require.NoError(t, <-second)
		require.False(t, written, "it was there already")
	}
}

// An administrator's time limit does not end the wait for the standby, and somebody who
// told the server not to wait for a standby is not obeyed.
func TestServersSettingsDoNotAcknowledge(t *testing.T) {
	t.Parallel()
	pair := pgtest.StartPair(t, true)
	url := migrated(t, pair)
	admin := console(t, pair.Primary)
	for _, setting := range []string{"statement_timeout = '100ms'", "synchronous_commit = local", "synchronous_commit = off"} {
		_, err := admin.Exec(t.Context(), "alter role postgres set "+setting)
		require.NoError(t, err)
	}
	book := opened(t, url, 0)
	u := newTill(t, book, 1)
	u.write(5)
	pair.Freeze(t)
	done := later(func() error { return u.take(book) })
	last := waits(t, admin, commit{})
	var long bool
	eventually(t, "the limit has passed", func() bool {
		require.NoError(t, admin.QueryRow(t.Context(), "select clock_timestamp() - query_start > '300ms' from pg_stat_activity where pid = $1", last.pid).Scan(&long))
		return long
	})
	require.Equal(t, []commit{last}, waiting(t, admin))
	unanswered(t, done)
	pair.Thaw(t)
	require.NoError(t, <-done)
}

// A primary that was killed and started again shows what it had written and no standby
// heard of. It is not read, by those who knew it nor by who comes new, until the standby
// is back.
func TestRestartedPrimaryIsNotReadBeforeItsStandbyIsBack(t *testing.T) {
	t.Parallel()
	pair := pgtest.StartPair(t, true)
	url := migrated(t, pair)
	book := opened(t, url, 2*time.Second)
	u := newTill(t, book, 1)
	u.write(5)
	u.until(book)
	u.write(5)
	pair.Freeze(t)
	done := later(func() error { return u.take(book) })
	waits(t, console(t, pair.Primary), commit{})
	pair.Standby.Kill(t)
	pair.Kill(t)
	pair.Revive(t)
	admin := console(t, pair.Primary)
	waits(t, admin, commit{})
	passing(t, <-done)
	_, err := u.page(book)
	require.ErrorIs(t, err, store.ErrAway)
	_, err = postgres.Open(t.Context(), url, secret, postgres.Options{Patience: hurried})
	require.ErrorIs(t, err, store.ErrAway)
	var there int
	require.NoError(t, console(t, pair.Primary).QueryRow(t.Context(), "select 1").Scan(&there))
	pair.Standby.Revive(t)
	eventually(t, "the server is read again", func() bool {
		u.acked, err = u.page(book)
		return err == nil
	})
	require.Equal(t, 10, u.acked, "the control: it was there to be read")
	whole(t, book, u)
}

// The control: a pair out of step loses what was acknowledged. So the tests here can fail.
func TestOutOfStepLosesWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	pair := pgtest.StartPair(t, false)
	url := migrated(t, pair)
	book := opened(t, url, 0)
	u := newTill(t, book, 1)
	u.write(5)
	u.until(book)
	caughtUp(t, pair)
	pair.Freeze(t)
	u.write(5)
	u.until(book)
	require.Equal(t, 10, u.acked)
	pair.Kill(t)
	pair.Promote(t)
	var acked int
	eventually(t, "the new primary answers", func() bool {
		var err error
		acked, err = u.page(book)
		return err == nil
	})
	require.Equal(t, 5, acked)
}

// A primary that comes back after another took its place is refused by who knows the other,
// or sees it, also where it would take writes.
func TestOldPrimaryIsRefused(t *testing.T) {
	for name, sync := range map[string]bool{"in step": true, "out of step": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := pgtest.StartPair(t, sync)
			url := migrated(t, pair)
			running := opened(t, url, 0)
			u := newTill(t, running, 1)
			u.write(5)
			u.until(running)
			caughtUp(t, pair)
			pair.Kill(t)
			pair.Promote(t)
			u.write(5)
			u.until(running)
			pair.Revive(t)
			// All its connections are cut, so it has to choose again. The old one comes first.
			_, err := console(t, pair.Standby).Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenthcup'")
			require.NoError(t, err)
			for _, book := range []*central.Book{running, opened(t, url, 0)} {
				eventually(t, "the server answers", func() bool {
					acked, err := u.page(book)
					if err == nil {
						require.Equal(t, len(u.raw), acked)
					}
					return err == nil
				})
				u.write(5)
				u.until(book)
			}
			if sync {
				alone(t, pair, url)
			}
			whole(t, running, u)
		})
	}
}

// alone is a server that sees the old primary only. It acknowledges nothing, and reads
// nothing: what it asks first waits for a standby that is none any more.
func alone(t *testing.T, pair *pgtest.Pair, url string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	opening := later(func() error {
		_, err := postgres.Open(t.Context(), pair.Primary.URL(config.Database), secret, postgres.Options{})
		return err
	})
	waits(t, console(t, pair.Primary), commit{})
	require.ErrorIs(t, <-opening, store.ErrAway)
}

func caughtUp(t *testing.T, pair *pgtest.Pair) {
	t.Helper()
	admin := console(t, pair.Primary)
	eventually(t, "the standby has it", func() (has bool) {
		require.NoError(t, admin.QueryRow(t.Context(), "select flush_lsn >= pg_current_wal_lsn() from pg_stat_replication").Scan(&has))
		return has
	})
}

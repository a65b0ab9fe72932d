package postgres_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/store"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
)

// newShop is a database of its own on a server of its own, with two books.
func newShop(t *testing.T) (cluster *pgtest.Cluster, database string, books []*central.Book) {
	t.Helper()
	cluster = pgtest.Start(t, "fsync = off")
	url := cluster.Database(t)
	_, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	books = []*central.Book{opened(t, url, 0), opened(t, url, 0)}
	require.NoError(t, books[0].AddStore(corner))
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	return cluster, config.Database, books
}

// busy hands in what the till writes, at one book after the other, and returns the first
// error that does not pass.
func (u *till) busy(books []*central.Book, done <-chan struct{}, taken *atomic.Int64) error {
	for i := 0; ; i++ {
		select {
		case <-done:
			return nil
		default:
		}
		if u.acked == len(u.raw) {
			u.write(1 + i%5)
		}
		book := books[i%len(books)]
		err := u.take(book)
		var acked int
		if err == nil {
			taken.Add(1)
			acked, err = u.page(book)
		}
		switch {
		case err == nil:
			u.acked = acked
		case !errors.Is(err, store.ErrAway) && !errors.Is(err, store.ErrUnsure):
			return err
		}
	}
}

// Connections are cut at any moment: while a batch is read, written or committed. Nothing
// is lost or there twice, and whoever sent the batch hears at most that it should come
// again.
func TestConnectionsCut(t *testing.T) {
	t.Parallel()
	cluster, database, books := newShop(t)
	var tills []*till
	for n := range byte(4) {
		tills = append(tills, newTill(t, books[0], n))
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var taken atomic.Int64
	var working sync.WaitGroup
	done := make(chan struct{})
	failed := make(chan error, len(tills))
	for _, u := range tills {
		working.Go(func() { failed <- u.busy(books, done, &taken) })
	}
	admin, cuts, enough := console(t, cluster), int64(0), time.After(5*time.Second)
	for moving := true; moving; {
		tag, err := admin.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity
			where datname = $1 and state <> 'idle' order by random() limit 1`, database)
		require.NoError(t, err)
		cuts += tag.RowsAffected()
		next := taken.Load() + rng.Int64N(4)
		for moving && taken.Load() < next {
			select {
			case <-enough:
				moving = false
			case <-time.After(time.Millisecond):
			}
		}
	}
	close(done)
	working.Wait()
	for range tills {
		require.NoError(t, <-failed)
	}
	require.Positive(t, cuts)
	require.Positive(t, taken.Load())
	t.Logf("%d connections cut, %d batches taken", cuts, taken.Load())
	for _, u := range tills {
		u.until(books[0])
		require.Equal(t, len(u.raw), u.acked)
	}
	whole(t, books[0], tills...)
}

// Somebody locks the same rows in another order. The server gives way and tries again.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	cluster, database, books := newShop(t)
	u := newTill(t, books[0], 1)
	u.write(members)
	u.until(books[0])
	other, err := pgx.Connect(t.Context(), cluster.URL(database))
	require.NoError(t, err)
	defer func() { _ = other.Close(t.Context()) }()
	do := func(sql string) error {
		_, err := other.Exec(t.Context(), sql)
		return err
	}
	require.NoError(t, do("set deadlock_timeout = '1min'")) // it is not the one that gives way
	require.NoError(t, do("begin"))
	require.NoError(t, do("select from tenthcup.account for update"))
	u.write(1)
	take := later(func() error { return u.take(books[0]) })
	admin := console(t, cluster)
	eventually(t, "the batch waits for the row", func() (blocked bool) {
		require.NoError(t, admin.QueryRow(t.Context(),
			"select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", int32(other.PgConn().PID())).Scan(&blocked))
		return blocked
	})
	require.NoError(t, do("select from tenthcup.area where area > 0 for update"), "the batch has given way")
	require.NoError(t, do("commit"))
	require.NoError(t, <-take)
	eventually(t, "the server has counted the deadlock", func() (counted bool) {
		require.NoError(t, admin.QueryRow(t.Context(), "select deadlocks > 0 from pg_stat_database where datname = $1", database).Scan(&counted))
		return counted
	})
	u.until(books[1])
	whole(t, books[1], u)
}

// Somebody who keeps an area locked for longer than a batch waits is waited for again.
func TestLockedAreaIsAway(t *testing.T) {
	t.Parallel()
	cluster, database, books := newShop(t)
	u := newTill(t, books[0], 1)
	u.write(1)
	u.until(books[0])
	other, err := pgx.Connect(t.Context(), cluster.URL(database))
	require.NoError(t, err)
	defer func() { _ = other.Close(t.Context()) }()
	_, err = other.Exec(t.Context(), "begin; select from tenthcup.area where area > 0 for update")
	require.NoError(t, err)
	hasty := opened(t, cluster.URL(database), 200*time.Millisecond)
	u.write(1)
	require.ErrorIs(t, u.take(hasty), store.ErrAway)
	_, err = other.Exec(t.Context(), "rollback")
	require.NoError(t, err)
	u.until(books[1])
	whole(t, books[0], u)
}

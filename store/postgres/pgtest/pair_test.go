package pgtest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/store/postgres/pgtest"
)

func TestPromotedStandbyHasWhatWasCommitted(t *testing.T) {
	pair := pgtest.StartPair(t, true)
	url := pair.Database(t)
	conn := connect(t, url)
	do(t, conn, "CREATE TABLE thing (id int)")
	for id := range 100 {
		do(t, conn, "INSERT INTO thing VALUES ($1)", id)
	}
	pair.Kill(t)
	pair.Promote(t)
	conn = connect(t, url)
	require.Equal(t, 100, ask[int](t, conn, "SELECT count(*) FROM thing"))
	do(t, conn, "INSERT INTO thing VALUES (100)") // waits for no standby
}

// The control: without sync the same loses what the standby did not hear of.
func TestPairOutOfSyncLoses(t *testing.T) {
	pair := pgtest.StartPair(t, false)
	url := pair.Database(t)
	conn := connect(t, url)
	do(t, conn, "CREATE TABLE thing (id int)")
	heard(t, pair)
	pair.Freeze(t)
	do(t, conn, "INSERT INTO thing VALUES (1)")
	pair.Kill(t)
	pair.Promote(t)
	require.Equal(t, 0, ask[int](t, connect(t, url), "SELECT count(*) FROM thing"))
}

// heard waits until the standby has done all that the primary has.
func heard(t *testing.T, pair *pgtest.Pair) {
	t.Helper()
	conn := connect(t, pair.Primary.URL("postgres"))
	end := ask[string](t, conn, "SELECT pg_current_wal_lsn()::text")
	eventually(t, "the standby is up to date", func() bool {
		return ask[bool](t, conn, "SELECT replay_lsn >= $1::text::pg_lsn FROM pg_stat_replication", end)
	})
}

func TestFrozenPairDoesNotAcknowledge(t *testing.T) {
	pair := pgtest.StartPair(t, true)
	url := pair.Database(t)
	writer, watcher := connect(t, url), connect(t, url)
	do(t, writer, "CREATE TABLE thing (id int)")
	pair.Freeze(t)
	done := insert(t.Context(), writer)
	eventually(t, "the commit waits for the standby", func() bool {
		return ask[bool](t, watcher, "SELECT coalesce(wait_event, '') = 'SyncRep' FROM pg_stat_activity WHERE pid = $1",
			int(writer.PgConn().PID()))
	})
	select {
	case err := <-done:
		require.Fail(t, "acknowledged without the standby", "%v", err)
	default:
	}
	pair.Thaw(t)
	require.NoError(t, <-done)
}

// What was not acknowledged before the primary died the standby does not have.
func TestPrimaryKilledWhileFrozen(t *testing.T) {
	pair := pgtest.StartPair(t, true)
	url := pair.Database(t)
	writer, watcher := connect(t, url), connect(t, url)
	do(t, writer, "CREATE TABLE thing (id int)")
	pair.Freeze(t)
	done := insert(t.Context(), writer)
	eventually(t, "the commit waits for the standby", func() bool {
		return ask[bool](t, watcher, "SELECT coalesce(wait_event, '') = 'SyncRep' FROM pg_stat_activity WHERE pid = $1",
			int(writer.PgConn().PID()))
	})
	pair.Kill(t)
	require.Error(t, <-done)
	pair.Promote(t)
	require.Equal(t, 0, ask[int](t, connect(t, url), "SELECT count(*) FROM thing"))
}

// insert writes a row and tells what became of it.
func insert(ctx context.Context, conn *pgx.Conn) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, "INSERT INTO thing VALUES (1)")
		done <- err
	}()
	return done
}

// An old primary that comes back takes itself for the primary, on a timeline
// that is over.
func TestRevivedPrimaryIsOfAnOldTimeline(t *testing.T) {
	pair := pgtest.StartPair(t, true)
	timeline := func(cluster *pgtest.Cluster) int {
		return ask[int](t, connect(t, cluster.URL("postgres")), "SELECT timeline_id FROM pg_control_checkpoint()")
	}
	require.Equal(t, timeline(pair.Primary), timeline(pair.Standby))
	pair.Kill(t)
	pair.Promote(t)
	do(t, connect(t, pair.Standby.URL("postgres")), "CHECKPOINT")
	pair.Revive(t)
	require.Less(t, timeline(pair.Primary), timeline(pair.Standby))
	old := connect(t, pair.Primary.URL("postgres"))
	require.False(t, ask[bool](t, old, "SELECT pg_is_in_recovery()"))
	require.Equal(t, "off", ask[string](t, old, "SHOW transaction_read_only"))
}

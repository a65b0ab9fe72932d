//go:build citus

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
	"tenthcup/store/rows"
	"tenthcup/store/rows/rowstest"
	"tenthcup/store/storetest"
)

// These tests need a PostgreSQL with the Citus extension; TENTHCUP_POSTGRES names its
// folder. They start a coordinator and two workers.

// citus is a coordinator and two workers.
type citus struct{ nodes []*pgtest.Cluster }

func startCitus(t *testing.T) *citus {
	c := &citus{}
	for range 3 {
		c.nodes = append(c.nodes, pgtest.Start(t, "shared_preload_libraries = 'citus'", "fsync = off", "max_connections = 200",
			"citus.node_conninfo = 'sslmode=disable'", "citus.local_hostname = '127.0.0.1'",
			"citus.shard_count = 4")) // each of so many tables has so many
	}
	return c
}

// database returns the URL of a new one with the tables and no rows. They are not
// distributed yet.
func (c *citus) database(t *testing.T) string {
	at := c.nodes[0].Database(t)
	name := databaseOf(at)
	for i, node := range c.nodes {
		if i > 0 {
			run(t, node.URL("postgres"), "create database "+name+" template template0")
		}
		run(t, node.URL(name), "create extension citus")
	}
	for i, node := range c.nodes {
		join := "select citus_add_node('127.0.0.1', %s)"
		if i == 0 {
			join = "select citus_set_coordinator_host('127.0.0.1', %s)"
		}
		run(t, at, fmt.Sprintf(join, portOf(t, node.URL(name))))
	}
	_, err := postgres.Migrate(t.Context(), at)
	require.NoError(t, err)
	t.Cleanup(func() {
		// A node's maintenance would go on in each database.
		for _, node := range c.nodes {
			run(t, node.URL("postgres"), "drop database "+name+" with (force)")
		}
	})
	return at
}

func (c *citus) distributed(t *testing.T) string {
	at := c.database(t)
	placed, err := postgres.Distribute(t.Context(), at)
	require.NoError(t, err)
	require.Len(t, placed, len(postgres.ByArea)+len(postgres.Everywhere))
	return at
}

func portOf(t *testing.T, at string) string {
	parsed, err := url.Parse(at)
	require.NoError(t, err)
	return parsed.Port()
}

func run(t *testing.T, at string, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also when the test has ended
	conn, err := pgx.Connect(ctx, at)
	require.NoError(t, err)
	defer conn.Close(ctx)
	for _, statement := range statements {
		_, err := conn.Exec(ctx, statement)
		require.NoError(t, err, statement)
	}
}

func TestCitusRows(t *testing.T) {
	c := startCitus(t)
	rowstest.DB(t, func(t *testing.T) rows.DB {
		db, err := postgres.Connect(t.Context(), c.distributed(t), postgres.Options{})
		require.NoError(t, err)
		return db
	})
}

func TestCitusCentral(t *testing.T) {
	c := startCitus(t)
	storetest.Central(t, func(t *testing.T) (storetest.DB, func() storetest.DB) {
		at := c.distributed(t)
		open := func() storetest.DB {
			db, err := postgres.Open(t.Context(), at, secret, postgres.Options{})
			require.NoError(t, err)
			return db
		}
		db := open()
		return db, func() storetest.DB {
			require.NoError(t, db.Close())
			return open()
		}
	})
}

// All that a batch reads and writes of its area is one task on the node where the area is,
// and nothing is brought to the coordinator that the ledger does not ask for.
func TestCitusTasks(t *testing.T) {
	c := startCitus(t)
	at := c.distributed(t)
	conn, err := pgx.Connect(t.Context(), at)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	one, some := []byte{1}, [][]byte{{1}, {2}}
	args := map[string][]any{
		"get": {one}, "some": {some}, "ranges": {some, some, 3}, "forward": {one, 3}, "backward": {one, 3},
		"last": {3}, "put": {some, some}, "add": {some, some}, "change": {some, some}, "delete": {some}, "follow": {some, some, 3}, "lock": {}, "count": {},
	}
	for table, statements := range postgres.Statements() {
		for does, statement := range statements {
			args := append([]any{1}, args[does]...)
			if strings.Contains(statement, "$4::bytea[]") {
				args = append(args, some)
			}
			found, err := conn.Query(t.Context(), "explain (costs off) "+statement, args...)
			require.NoError(t, err)
			lines, err := pgx.CollectRows(found, pgx.RowTo[string])
			require.NoError(t, err, "%s %s", does, table)
			plan := strings.Join(lines, "\n")
			require.Contains(t, plan, "Task Count: 1\n", "%s %s", does, table)
			require.NotContains(t, plan, "pull to coordinator", "%s %s", does, table)
			require.NotContains(t, plan, "Distributed Subplan", "%s %s", does, table)
		}
	}
}

// put writes a row into each of the areas' feed, and one into the setup.
func put(t *testing.T, at string, value byte, areas ...pos.AreaID) {
	db, err := postgres.Connect(t.Context(), at, postgres.Options{})
	require.NoError(t, err)
	for _, area := range areas {
		require.NoError(t, db.Update(area, func(tx rows.Tx) error {
			space, err := tx.In(area)
			if err != nil {
				return err
			}
			for _, name := range []string{"chain", "entry"} {
				if err := space.Table([]byte(name)).Put([]byte{value}, []byte(area)); err != nil {
					return err
				}
			}
			return tx.Table([]byte("program")).Put([]byte{value}, []byte{value})
		}))
	}
	require.NoError(t, db.View(func(tx rows.Tx) error {
		require.Len(t, tx.Areas(), len(areas))
		for _, area := range areas {
			space, err := tx.In(area)
			require.NoError(t, err)
			for was := byte(1); was <= value; was++ {
				require.Equal(t, string(area), string(space.Table([]byte("chain")).Get([]byte{was})))
				require.Equal(t, string(area), string(space.Table([]byte("entry")).Get([]byte{was})))
				require.Equal(t, []byte{was}, tx.Table([]byte("program")).Get([]byte{was}))
			}
		}
		return nil
	}))
	require.NoError(t, db.Close())
}

func TestCitusDistribute(t *testing.T) {
	c := startCitus(t)
	areas := []pos.AreaID{"north", "south", "east", "west", "middle"}

	at := c.database(t)
	put(t, at, 1, areas...)
	placed, err := postgres.Distribute(t.Context(), at)
	require.NoError(t, err)
	require.Len(t, placed, len(postgres.ByArea)+len(postgres.Everywhere))
	put(t, at, 2, areas...)
	placed, err = postgres.Distribute(t.Context(), at)
	require.NoError(t, err)
	require.Empty(t, placed)
	ran, err := postgres.Migrate(t.Context(), at)
	require.NoError(t, err)
	require.Empty(t, ran)
	put(t, at, 3, areas...)

	conn, err := pgx.Connect(t.Context(), at)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var local, nodes, groups int
	require.NoError(t, conn.QueryRow(t.Context(), `select sum(pg_relation_size(oid))::int from pg_class
		where relnamespace = 'tenthcup'::regnamespace and relkind = 'r' and not relation_is_a_known_shard(oid)`).Scan(&local))
	require.Zero(t, local, "what was copied to the nodes is still here too")
	require.NoError(t, conn.QueryRow(t.Context(), `select count(distinct nodename || nodeport), count(distinct colocation_id) from citus_shards
		where citus_table_type = 'distributed'`).Scan(&nodes, &groups))
	require.Equal(t, 2, nodes)
	require.Equal(t, 1, groups)
}

func TestCitusDistributesNothingOtherwise(t *testing.T) {
	c := startCitus(t)
	for _, otherwise := range []string{
		"select create_distributed_table('tenthcup.small', 'key')",
		"select create_distributed_table('tenthcup.small', 'area')",
		"select create_reference_table('tenthcup.area')",
		"select create_distributed_table('tenthcup.setup', 'part')",
	} {
		at := c.database(t)
		run(t, at, otherwise)
		placed, err := postgres.Distribute(t.Context(), at)
		problem, ok := errors.AsType[*pos.Problem](err)
		require.True(t, ok, "%v", err)
		require.Equal(t, postgres.ErrDistributed.Key, problem.Key)
		require.Empty(t, placed)
	}
}

// Citus says COMMIT, and warns, when the node of the area died in the middle of it.
func TestCitusNodeDiesInCommit(t *testing.T) {
	c := startCitus(t)
	at := c.distributed(t)
	put(t, at, 1, "north")
	db, err := postgres.Connect(t.Context(), at, postgres.Options{})
	require.NoError(t, err)
	defer db.Close()
	write := func(value byte) error {
		return db.Update("north", func(tx rows.Tx) error {
			space, err := tx.In("north")
			if err != nil {
				return err
			}
			return space.Table([]byte("chain")).Put([]byte{value}, []byte("north"))
		})
	}
	require.NoError(t, write(2))

	name := databaseOf(at)
	run(t, at, `create function linger() returns trigger language plpgsql as 'begin perform pg_sleep(600); return null; end'`)
	run(t, at, `select run_command_on_shards('tenthcup.small',
		'create constraint trigger linger after insert on %s deferrable initially deferred for each row execute function linger()')`)
	done := make(chan error, 1)
	go func() { done <- write(3) }()
	dying := lingering(t, c, name)
	select {
	case err := <-done:
		require.Fail(t, "committed before the node did", "%v", err)
	default:
	}
	dying.Kill(t)
	require.ErrorIs(t, <-done, store.ErrUnsure)
	dying.Revive(t)
	run(t, at, `select run_command_on_shards('tenthcup.small', 'drop trigger linger on %s')`)
	require.NoError(t, write(3), "once more, as a till does that was not told")
	require.NoError(t, db.View(func(tx rows.Tx) error {
		space, err := tx.In("north")
		require.NoError(t, err)
		require.NotNil(t, space.Table([]byte("chain")).Get([]byte{3}))
		return nil
	}))
}

// lingering returns the worker that is in the middle of a commit.
func lingering(t *testing.T, c *citus, name string) (dying *pgtest.Cluster) {
	require.Eventually(t, func() bool {
		for _, node := range c.nodes[1:] {
			conn, err := pgx.Connect(t.Context(), node.URL(name))
			require.NoError(t, err)
			var waits bool
			err = conn.QueryRow(t.Context(), "select exists (select from pg_stat_activity where wait_event = 'PgSleep')").Scan(&waits)
			require.NoError(t, errors.Join(err, conn.Close(t.Context())))
			if waits {
				dying = node
			}
		}
		return dying != nil
	}, time.Minute, 10*time.Millisecond)
	return dying
}

func databaseOf(at string) string {
	name := at[strings.LastIndex(at, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	return name
}

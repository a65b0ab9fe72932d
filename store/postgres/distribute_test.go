package postgres_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
)

func TestDistributeWithoutCitus(t *testing.T) {
	url := empty(t)
	placed, err := postgres.Distribute(t.Context(), url)
	require.ErrorIs(t, err, postgres.ErrNoCitus)
	require.Empty(t, placed)
}

func TestDistributeRefusesAnAddress(t *testing.T) {
	_, err := postgres.Distribute(t.Context(), "postgres://%")
	problem, ok := errors.AsType[*pos.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, postgres.ErrURL.Key, problem.Key)
	_, err = postgres.Distribute(t.Context(), pgtest.Shared(t, "fsync = off").URL("nowhere"))
	problem, ok = errors.AsType[*pos.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, postgres.ErrRefused.Key, problem.Key)
}

// A table that is added to the schema and forgotten here would stay on one node.
func TestEveryTableIsDistributed(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), empty(t))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var withArea, without []string
	err = conn.QueryRow(t.Context(), `
		select array_agg(name) filter (where area), array_agg(name) filter (where not area) from (
			select relname::text as name, exists (select from pg_attribute where attrelid = c.oid and attname = 'area') as area
			from pg_class c
			where relnamespace = 'tenthcup'::regnamespace and relkind in ('r', 'p') and not relispartition
		) as ours`).Scan(&withArea, &without)
	require.NoError(t, err)
	require.ElementsMatch(t, withArea, postgres.ByArea)
	require.ElementsMatch(t, without, postgres.Everywhere)
	require.Equal(t, "area", postgres.ByArea[0], "the others are placed beside it")
	require.True(t, slices.Contains(withArea, "entry"))
}

// Citus takes a table only whose keys have the column by which it is distributed.
func TestEveryKeyHasTheArea(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), empty(t))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	var without []string
	err = conn.QueryRow(t.Context(), `
		select array_agg(i.indexrelid::regclass::text) from pg_index i
		join pg_class c on c.oid = i.indrelid and c.relnamespace = 'tenthcup'::regnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'area'
		where i.indisunique and not a.attnum = any(i.indkey)`).Scan(&without)
	require.NoError(t, err)
	require.Empty(t, without)
}

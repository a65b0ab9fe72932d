package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/postgres"
	"tenthcup/store/rows"
)

// dial returns a connection to the database that ends with the test.
func dial(t testing.TB, url string) *pgx.Conn {
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// tables returns the tables that have an area.
func tables(t testing.TB, conn *pgx.Conn) []string {
	found, err := conn.Query(t.Context(), `select table_name from information_schema.columns
		where table_schema = 'tenthcup' and column_name = 'area' order by table_name`)
	require.NoError(t, err)
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(names), 15)
	return names
}

// versions returns which version of which row there is, for all areas but one. A row that
// is written anew has another version, though it may have the same content.
func versions(t testing.TB, conn *pgx.Conn, but int) map[string]string {
	all := map[string]string{}
	for _, name := range tables(t, conn) {
		found, err := conn.Query(t.Context(), fmt.Sprintf(
			`select tableoid::regclass::text || ctid::text, xmin::text || ' of area ' || area from tenthcup.%s where area <> $1`, name,
		), but)
		require.NoError(t, err)
		var at, version string
		_, err = pgx.ForEachRow(found, []any{&at, &version}, func() error {
			all[name+" "+at] = version
			return nil
		})
		require.NoError(t, err)
	}
	found, err := conn.Query(t.Context(), "select part || encode(key, 'hex'), xmin::text from tenthcup.setup")
	require.NoError(t, err)
	var at, version string
	_, err = pgx.ForEachRow(found, []any{&at, &version}, func() error {
		all["setup "+at] = version
		return nil
	})
	require.NoError(t, err)
	return all
}

// differences returns which rows are other ones than before.
func differences(before, after map[string]string) (names []string) {
	for name := range before {
		if before[name] != after[name] {
			names = append(names, name+" of "+before[name])
		}
	}
	for name := range after {
		if before[name] == "" {
			names = append(names, name+" of "+after[name])
		}
	}
	return names
}

// A batch for one area, whatever is in it, writes no row of another area nor of what all
// have in common, and each statement that reads or writes does so by the area.
func TestBatchStaysInItsArea(t *testing.T) {
	direct := empty(t)
	l, url := newLine(t, direct)
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{})
	require.NoError(t, err)
	r := &trips{chain: newChain(t, book)}
	for range 3 {
		r.tills = append(r.tills, r.till("north"))
	}
	south := &trips{chain: r.chain, tills: []*scribe{r.till("south"), r.till("south")}, next: r.next}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		south.tills[0].take(kinds[name](south, 20))
	}
	r.tills[0].stampAll(20)
	conn := dial(t, direct)
	var north int
	require.NoError(t, conn.QueryRow(t.Context(), "select area from tenthcup.area where name = 'north'").Scan(&north))
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		sent := kinds[name](r, 20)
		before := versions(t, conn, north)
		require.Greater(t, len(before), 200)
		r.tills[0].take(sent)
		after := versions(t, conn, north)
		require.True(t, maps.Equal(before, after), "%s: %v", name, differences(before, after))
	}
	known := map[string]bool{}
	for _, texts := range postgres.Statements() {
		for _, text := range texts {
			known[text] = true
		}
	}
	for _, text := range l.sent() {
		if strings.Contains(text, "tenthcup.") && !strings.Contains(text, "tenthcup.area") && !strings.Contains(text, "tenthcup.setup") && !strings.Contains(text, "tenthcup.head") && !strings.Contains(text, "migration") && !strings.HasPrefix(text, "create table") {
			require.True(t, known[text], text)
		}
	}
	require.NoError(t, book.Close())
}

func (s *scribe) stampAll(n int) {
	s.send(each(1_000_000, n, func(holder pos.HolderID, _ int) []byte {
		_, raw := s.stamp(holder, 1)
		return raw
	})...)
}

// plan is a node of what EXPLAIN says.
type plan struct {
	Kind  string `json:"Node Type"`
	Table string `json:"Relation Name"`
	Index string `json:"Index Name"`
	Cond  string `json:"Index Cond"`
	Plans []plan `json:"Plans"`
}

// explain returns the nodes of the statement's plan.
func explain(t testing.TB, conn *pgx.Conn, text string) (nodes []plan) {
	t.Helper()
	said, err := conn.Prepare(t.Context(), "", text)
	require.NoError(t, err, text)
	var args []any
	for _, oid := range said.ParamOIDs {
		switch oid {
		case pgtype.ByteaOID:
			args = append(args, []byte("key"))
		case pgtype.ByteaArrayOID:
			args = append(args, [][]byte{[]byte("a"), []byte("b"), []byte("c")})
		default:
			args = append(args, 1)
		}
	}
	var raw []byte
	require.NoError(t, conn.QueryRow(t.Context(), "explain (format json) "+text, args...).Scan(&raw), text)
	var top []struct{ Plan plan }
	require.NoError(t, json.Unmarshal(raw, &top))
	var walk func(plan)
	walk = func(p plan) {
		nodes = append(nodes, p)
		for _, under := range p.Plans {
			walk(under)
		}
	}
	walk(top[0].Plan)
	return nodes
}

// Every statement about an area's rows finds them by an index whose condition has the
// area, so it goes to one shard and looks at nothing else there.
func TestStatementsFindByTheArea(t *testing.T) {
	conn := dial(t, empty(t))
	for _, setting := range []string{"enable_seqscan = off", "enable_bitmapscan = off", "plan_cache_mode = force_generic_plan"} {
		_, err := conn.Exec(t.Context(), "set "+setting)
		require.NoError(t, err)
	}
	scans := 0
	for table, texts := range postgres.Statements() {
		for _, text := range texts {
			for _, node := range explain(t, conn, text) {
				if !strings.Contains(node.Kind, "Scan") || node.Table == "" || node.Kind == "CTE Scan" {
					continue
				}
				scans++
				require.Contains(t, node.Kind, "Index", "%s: %s", table, text)
				require.Contains(t, node.Cond, "area = ", "%s: %s", table, text)
			}
			if strings.HasPrefix(text, "insert") {
				require.Regexp(t, `(?s)\(area, [a-z, ]*\)\s+select (\$1,|place.area,.* where place.area = \$1|place.area,.*\nwhere place.area = \$1)`, text)
			}
		}
	}
	require.Greater(t, scans, 100)
}

// While a transaction has an area to itself, batches of another area go through, and
// pages of this one are read.
func TestAreasDoNotWait(t *testing.T) {
	url := empty(t)
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{})
	require.NoError(t, err)
	c := newChain(t, book)
	north, south := c.till("north"), c.till("south")
	north.stampAll(3)
	south.stampAll(3)
	conn := dial(t, url)
	_, err = conn.Exec(t.Context(), "begin")
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "select counts from tenthcup.area where name = 'north' for update")
	require.NoError(t, err)
	waits := make(chan error, 1)
	_, raw := north.stamp(member(1), 1)
	go func() { waits <- book.Take(north.Terminal, ledger.Sent{Entries: [][]byte{raw}}, midday) }()
	waiting := dial(t, url)
	require.Eventually(t, func() bool {
		var n int
		err := waiting.QueryRow(t.Context(), "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").Scan(&n)
		return err == nil && n == 1
	}, 8*time.Second, 5*time.Millisecond, "the batch of the locked area waits")
	south.stampAll(3)
	for range 2 {
		page, err := book.Page(north.Terminal, ledger.PageAsk{Limit: 10, Open: []pos.Incarnation{north.incarnation}, At: midday, Day: today})
		require.NoError(t, err)
		require.Len(t, page.Changed, 3)
		require.Equal(t, uint64(3), page.Acks[0].Seq)
	}
	select {
	case err := <-waits:
		require.Fail(t, "the batch did not wait", "%v", err)
	default:
	}
	_, err = conn.Exec(t.Context(), "rollback")
	require.NoError(t, err)
	require.NoError(t, <-waits)
	c.sound()
	require.NoError(t, book.Close())
}

// A transaction of an area that begins again because it writes into the setup has the area
// to itself before it reads what is announced: nobody changes it behind its back.
func TestAnnouncedRowsStand(t *testing.T) {
	url := empty(t)
	db, err := postgres.Connect(t.Context(), url, postgres.Options{})
	require.NoError(t, err)
	defer db.Close()
	table, key := []byte("latest"), []byte("till")
	addOne := func(tx rows.Tx) error {
		space, err := tx.In("north")
		if err != nil {
			return err
		}
		n, err := rows.GetNumber(space.Table(table), key)
		if err != nil {
			return err
		}
		return space.Table(table).Put(key, rows.NumberKey(n+1))
	}
	for range 2 { // the second time it knows the area
		require.NoError(t, db.Update("north", addOne))
	}
	waiting := dial(t, url)
	other, tries := make(chan error, 1), 0
	err = db.Update("north", func(tx rows.Tx) error {
		rows.Load(tx, rows.Want{Area: "north", Table: table, Keys: [][]byte{key}})
		if tries++; tries == 2 {
			go func() { other <- db.Update("north", addOne) }()
			require.Eventually(t, func() bool {
				var blocked int
				err := waiting.QueryRow(t.Context(), "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()").Scan(&blocked)
				return err == nil && blocked+len(other) == 1
			}, 8*time.Second, time.Millisecond)
		}
		if err := tx.Table([]byte("ticket")).Put(key, key); err != nil {
			return err
		}
		return addOne(tx)
	})
	require.NoError(t, err)
	require.NoError(t, <-other)
	require.Equal(t, 2, tries)
	var n uint64
	require.NoError(t, db.View(func(tx rows.Tx) error {
		space, err := tx.In("north")
		if err == nil {
			n, err = rows.GetNumber(space.Table(table), key)
		}
		return err
	}))
	require.Equal(t, uint64(4), n)
}

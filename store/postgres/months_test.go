package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/postgres"
)

// years is a ledger with entries of each of 24 months, this one the last.
type years struct {
	*trips
	conn *pgx.Conn
	old  [100][]pos.Entry // one of each month
}

// newYears has a book write entries in partitions of months that have passed, by moving
// what was just written there.
func newYears(t testing.TB) *years {
	url := empty(t)
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, book.Close()) })
	y := &years{trips: &trips{chain: newChain(t, book)}, conn: dial(t, url)}
	y.tills = []*scribe{y.till("north"), y.till("north"), y.till("north")}
	first := time.Date(time.Now().UTC().Year(), time.Now().UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	for ago := 24; ago > 0; ago-- {
		month, next := first.AddDate(0, -ago, 0), first.AddDate(0, 1-ago, 0)
		number := func(m time.Time) int { return m.Year()*100 + int(m.Month()) }
		y.execute(t, fmt.Sprintf("create table if not exists tenthcup.entry_%d partition of tenthcup.entry for values from (%d) to (%d)", number(month), number(month), number(next)))
		var raw [][]byte
		for i := range y.old {
			e, bytes := y.tills[1].stamp(member(y.fresh(1)), 2)
			raw = append(raw, bytes)
			y.old[i] = append(y.old[i], e)
		}
		y.tills[1].send(raw...)
		y.execute(t, fmt.Sprintf("update tenthcup.entry set month = %d where month = %d", number(month), number(first)))
	}
	y.tills[1].stampAll(100)
	return y
}

func (y *years) execute(t testing.TB, statement string) {
	_, err := y.conn.Exec(t.Context(), statement)
	require.NoError(t, err)
}

// Two years of entries lie in partitions of their months, and what today's batches write
// goes into this month's alone: no page of an older one is changed.
func TestOldMonthsAreNotWritten(t *testing.T) {
	y := newYears(t)
	// A page that is not written has no record in the log of what is written.
	sizes := func() map[string]string {
		found, err := y.conn.Query(t.Context(), `select child.relname, (select string_agg(distinct e.xmin::text, ' ' order by e.xmin::text) from tenthcup.entry e where e.tableoid = child.oid)
			|| ' ' || pg_relation_size(child.oid) || ' ' || pg_indexes_size(child.oid)
			from pg_inherits join pg_class child on child.oid = inhrelid where inhparent = 'tenthcup.entry'::regclass`)
		require.NoError(t, err)
		all := map[string]string{}
		var name string
		var is *string
		_, err = pgx.ForEachRow(found, []any{&name, &is}, func() error {
			if is != nil {
				all[name] = *is
			}
			return nil
		})
		require.NoError(t, err)
		return all
	}
	before := sizes()
	require.Len(t, before, 25)
	for range 3 {
		y.tills[2].take(y.stampedFor(y.fresh(500), 500))
	}
	changed := 0
	for name, was := range sizes() {
		if was != before[name] {
			changed++
			require.Contains(t, name, time.Now().UTC().Format("200601"))
		}
	}
	require.Equal(t, 1, changed)
	y.sound()
}

func (y *years) stampedFor(first, n int) ledger.Sent {
	return ledger.Sent{Entries: y.stampedBy(y.tills[2], first, n, 1)}
}

// A void of an entry of two years ago finds it, as one of today does.
func TestOldEntryIsTakenBack(t *testing.T) {
	y := newYears(t)
	for _, e := range y.old[50] {
		y.tills[0].send(y.void(e))
		sums, err := y.book.Balance("north", e.Holder, today)
		require.NoError(t, err)
		require.Zero(t, sums.Balance(ofACard, today))
	}
	y.execute(t, "set enable_seqscan = off") // there is little in a partition
	looked := 0
	for _, node := range explain(t, y.conn, postgres.Statements()["entry"]["some"]) {
		if node.Table != "" {
			looked++
			require.Contains(t, node.Kind, "Index")
		}
	}
	require.GreaterOrEqual(t, looked, 24)
	y.sound()
}

// BenchmarkOldEntries times a batch of 24 voids of entries of today, and one of entries of
// each of 24 months, in turns. There are a hundred of these.
func BenchmarkOldEntries(b *testing.B) {
	y := newYears(b)
	timed := func(entries []pos.Entry) float64 {
		var voids [][]byte
		for _, e := range entries {
			voids = append(voids, y.void(e))
		}
		began := time.Now()
		y.tills[0].send(voids...)
		return time.Since(began).Seconds() * 1000
	}
	var news, olds, ratios []float64
	for b.Loop() {
		require.Less(b, len(news), len(y.old), "each once: use -benchtime 100x at most")
		var raw [][]byte
		var fresh []pos.Entry
		for range y.old[0] {
			e, bytes := y.tills[2].stamp(member(y.fresh(1)), 2)
			raw, fresh = append(raw, bytes), append(fresh, e)
		}
		y.tills[2].send(raw...)
		news = append(news, timed(fresh))
		olds = append(olds, timed(y.old[len(olds)]))
		ratios = append(ratios, olds[len(olds)-1]/news[len(olds)-1])
	}
	b.ReportMetric(median(news), "today-ms")
	b.ReportMetric(median(olds), "old-ms")
	b.ReportMetric(median(ratios), "ratio")
}

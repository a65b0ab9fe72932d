package postgres_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
	"tenthcup/store/rows"
)

const (
	benchHolders = 100_000
	benchWriters = 4
	benchBatch   = 500
)

// BenchmarkTake times how four tills hand in batches of 500 entries for random ones of
// 100,000 members, with their commits, and in the same loop what PostgreSQL needs for
// that at least: one statement that inserts the same bytes and adds up the balances. Another
// statement writes the rows that a ledger has to have in the end, and no more: the entries,
// and what each member has with the place in the feed, which is an index. With all tills in
// one area they share transactions; in four areas they have their own.
//
// Budget: ratio at least 0.6.
func BenchmarkTake(b *testing.B) {
	b.Run("four areas", func(b *testing.B) { benchTake(b, benchWriters) })
	b.Run("one area", func(b *testing.B) { benchTake(b, 1) })
}

func benchTake(b *testing.B, areas int) {
	cluster := pgtest.Start(b, "shared_buffers = 1GB", "max_wal_size = 4GB")
	book := openBench(b, cluster)
	bare := newBare(b, cluster)
	for i := range benchWriters {
		bare.areas[i] = i % areas
	}
	var tills []*writer
	for i := range benchWriters {
		tills = append(tills, newWriter(b, book, i, fmt.Sprint("area ", i%areas)))
	}
	var floors, ours, ratios, wholes []float64
	var bareDB, db, server float64 // CPU seconds
	for b.Loop() {
		var batches [benchWriters][][]byte
		for i, till := range tills {
			batches[i] = till.batch(benchBatch)
		}
		before := bare.spent(b)
		floor := together(func(i int) { bare.take(b, bareTake, i, tills[i], batches[i]) })
		between, own := bare.spent(b), ownSpent()
		took := together(func(i int) { require.NoError(b, book.Take(tills[i].Terminal, ledger.Sent{Entries: batches[i]}, noon)) })
		bareDB, db, server = bareDB+between-before, db+bare.spent(b)-between, server+ownSpent()-own
		whole := together(func(i int) {
			bare.take(b, bareRows, i, tills[i], batches[i], make([]byte, accountBytes), noon.UnixMicro()+bare.next.Add(benchBatch))
		})
		floors, ours, ratios, wholes = append(floors, floor), append(ours, took), append(ratios, floor/took), append(wholes, whole/took)
	}
	n := float64(benchWriters * benchBatch)
	b.ReportMetric(n/median(floors), "floor-entries/s")
	b.ReportMetric(n/median(ours), "entries/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(wholes), "ratio-to-same-rows")
	each := float64(len(floors)) * n / 1e6
	b.ReportMetric(bareDB/each, "floor-cpu-us/entry")
	b.ReportMetric(db/each, "database-cpu-us/entry")
	b.ReportMetric(server/each, "server-cpu-us/entry")
}

// BenchmarkPgbench runs pgbench, four clients with its own mix of statements (TPC-B, a
// million accounts), and beside it on the same server four tills that hand in batches of
// 500, in turns of five seconds. The two do other work: it is for orientation.
//
// Budget: ratio, of entries to transactions, at least 18.
func BenchmarkPgbench(b *testing.B) {
	const seconds = 5
	cluster := pgtest.Start(b, "shared_buffers = 1GB", "max_wal_size = 4GB")
	book := openBench(b, cluster)
	var tills []*writer
	for i := range benchWriters {
		tills = append(tills, newWriter(b, book, i, fmt.Sprint("area ", i)))
	}
	url := cluster.Database(b)
	cluster.Run(b, "pgbench", "-i", "-q", "-s", "10", url)
	rate := regexp.MustCompile(`tps = ([0-9.]+)`)
	var theirs, ours, ratios []float64
	for b.Loop() {
		said := cluster.Run(b, "pgbench", "-n", "-c", "4", "-j", "2", "-T", strconv.Itoa(seconds), url)
		found := rate.FindStringSubmatch(said)
		require.NotNil(b, found, said)
		tps, err := strconv.ParseFloat(found[1], 64)
		require.NoError(b, err)
		taken, took := 0, 0.0
		for took < seconds {
			var batches [benchWriters][][]byte
			for i, till := range tills {
				batches[i] = till.batch(benchBatch)
			}
			took += together(func(i int) { require.NoError(b, book.Take(tills[i].Terminal, ledger.Sent{Entries: batches[i]}, noon)) })
			taken += benchWriters * benchBatch
		}
		theirs, ours, ratios = append(theirs, tps), append(ours, float64(taken)/took), append(ratios, float64(taken)/took/tps)
	}
	b.ReportMetric(median(theirs), "pgbench-tps")
	b.ReportMetric(median(ours), "entries/s")
	b.ReportMetric(median(ratios), "ratio")
}

// together runs do for each writer at once and returns how many seconds all took.
func together(do func(i int)) float64 {
	began := time.Now()
	var all sync.WaitGroup
	for i := range benchWriters {
		all.Go(func() { do(i) })
	}
	all.Wait()
	return time.Since(began).Seconds()
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func openBench(b *testing.B, cluster *pgtest.Cluster) *central.Book {
	url := cluster.Database(b)
	_, err := postgres.Migrate(b.Context(), url)
	require.NoError(b, err)
	book, err := postgres.Open(b.Context(), url, secret, postgres.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, book.Close()) })
	require.NoError(b, book.Publish(pos.Published{Document: []byte(cupProgram), From: 1}))
	return book
}

// cupProgram lends a reward of ten stamps.
const cupProgram = `
schema = 1
name = "Cups"

[[card]]
id = "coffee"
size = 10
reward = "coffee"

[[reward]]
id = "coffee"
name = "Coffee"

[offline]
leases = 1
`

// writer is a till that writes stamps.
type writer struct {
	pos.Terminal
	seq     uint64
	head    pos.Hash
	random  *rand.Rand
	holders []pos.HolderID // of the last batch
}

func newWriter(b *testing.B, book *central.Book, i int, area string) *writer {
	shop := pos.StoreID(fmt.Sprint("s", i))
	require.NoError(b, book.AddStore(pos.Shop{Name: string(shop), Store: shop, Area: pos.AreaID(area), Currency: "EUR"}))
	require.NoError(b, book.AddTerminal("till", shop, fmt.Sprintf("%d-code", i+100), noon.Add(time.Hour)))
	key := ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(i))).Public().(ed25519.PublicKey)
	terminal, err := book.Enrol(fmt.Sprintf("%d-code", i+100), key, noon)
	require.NoError(b, err)
	return &writer{Terminal: terminal, random: rand.New(rand.NewPCG(1, uint64(i)))}
}

func (w *writer) batch(n int) (batch [][]byte) {
	w.holders = w.holders[:0]
	for range n {
		w.seq++
		n := w.random.IntN(benchHolders)
		holder := pos.HolderID{byte(n * 31), byte(n), byte(n >> 8), byte(n >> 16), 1}
		raw, err := pos.Entry{
			V: pos.Version, ID: pos.EntryID{Terminal: w.ID, Incarnation: 9, Seq: w.seq}, Nonce: w.seq * 0x9e3779b97f4a7c15,
			At: noon.UnixMilli() + int64(w.seq), Day: 20777, Kind: pos.Stamped, Store: w.Store, Holder: holder,
			Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: 1}}, Cashier: "anna", Prev: w.head,
			Saw: map[string]int64{"stamp:coffee/10": 3, "age": 60},
		}.Encode()
		if err != nil {
			panic(err)
		}
		w.head = pos.HashEntry(raw)
		w.holders = append(w.holders, holder)
		batch = append(batch, raw)
	}
	return batch
}

// bare is what the same batches cost without a ledger.
type bare struct {
	pool  *pgxpool.Pool
	areas [benchWriters]int
	seq   [benchWriters]uint64
	next  atomic.Int64 // place in the feed
}

func newBare(b *testing.B, cluster *pgtest.Cluster) *bare {
	pool, err := pgxpool.New(b.Context(), cluster.Database(b))
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	for _, sql := range []string{
		"create table entry (area int, key bytea, value bytea, month int, holder bytea, primary key (area, key, month))",
		"create index on entry (area, holder, key)",
		"create table balance (area int, holder bytea, account text, amount bigint, primary key (area, holder, account))",
		"create table written (like entry including all)",
		"create table account (area int, key bytea, value bytea, position bytea, primary key (area, key))", "create index on account (area, position)",
	} {
		_, err := pool.Exec(b.Context(), sql)
		require.NoError(b, err)
	}
	return &bare{pool: pool}
}

// bareEntries begins a statement that inserts entries into the table; new has their holders.
func bareEntries(table string) string {
	return `
with new as (
    insert into ` + table + ` (area, key, value, month, holder)
    select $1, key, value, 202611, holder from unnest($2::bytea[], $3::bytea[], $4::bytea[]) as t (key, value, holder)
    on conflict do nothing returning holder
)`
}

var bareTake = bareEntries("entry") + `
insert into balance (area, holder, account, amount)
select $1, holder, 'stamp:coffee/10', count(*) from new group by holder order by holder
on conflict (area, holder, account) do update set amount = balance.amount + excluded.amount`

// accountBytes is what a row about a holder with one punch card has.
const accountBytes = 100

var bareRows = bareEntries("written") + `
insert into account (area, key, value, position)
select $1, holder, $5, int8send($6 + row_number() over ()) from (select distinct holder from new order by holder) as changed
on conflict (area, key) do update set value = excluded.value, position = excluded.position`

func (f *bare) take(b *testing.B, sql string, i int, till *writer, raw [][]byte, more ...any) {
	keys, ids := make([][]byte, len(raw)), make([][]byte, len(raw))
	for n := range raw {
		f.seq[i]++
		keys[n] = rows.EntryKey(pos.EntryID{Terminal: till.ID, Incarnation: 9, Seq: f.seq[i]})
		ids[n] = till.holders[n][:]
	}
	_, err := f.pool.Exec(context.Background(), sql, append([]any{f.areas[i], keys, raw, ids}, more...)...)
	require.NoError(b, err)
}

// ownSpent returns the CPU seconds of this process.
func ownSpent() float64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// ticks is how many of the kernel's ticks make a second.
const ticks = 100

// spent returns the CPU seconds of the cluster's processes that serve somebody.
func (f *bare) spent(b *testing.B) (seconds float64) {
	found, err := f.pool.Query(b.Context(), "select pid from pg_stat_activity")
	require.NoError(b, err)
	pids, err := pgx.CollectRows(found, pgx.RowTo[int])
	require.NoError(b, err)
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended
		}
		_, behind, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(behind)
		for _, field := range fields[11:13] { // user and system time
			n, err := strconv.Atoi(field)
			require.NoError(b, err)
			seconds += float64(n) / ticks
		}
	}
	return seconds
}

// BenchmarkSingles times how 64 tills of one area hand in one entry each at once, over
// and over, and the same entries one after the other. They share transactions, so a commit
// is not paid for each.
func BenchmarkSingles(b *testing.B) {
	const tills, times = 64, 4
	cluster := pgtest.Start(b, "shared_buffers = 1GB", "max_wal_size = 4GB")
	book := openBench(b, cluster)
	writers := make([]*writer, tills)
	for i := range writers {
		writers[i] = newWriter(b, book, i, "north")
	}
	take := func(w *writer) {
		require.NoError(b, book.Take(w.Terminal, ledger.Sent{Entries: w.batch(1)}, noon))
	}
	var ones, alls []float64
	for b.Loop() {
		began := time.Now()
		for i := range tills {
			take(writers[i])
		}
		between := time.Now()
		var all sync.WaitGroup
		for _, w := range writers {
			all.Go(func() {
				for range times {
					take(w)
				}
			})
		}
		all.Wait()
		ones, alls = append(ones, between.Sub(began).Seconds()), append(alls, time.Since(between).Seconds())
	}
	one, together := tills/median(ones), tills*times/median(alls)
	b.ReportMetric(one, "one-by-one/s")
	b.ReportMetric(together, "together/s")
	b.ReportMetric(together/one, "ratio")
}

// BenchmarkStamp times a single stamp that is synced at once, as a server does it for a
// till: taken, and the page that acknowledges it. Beside it stand one bare commit of a row
// of the same bytes, and one round trip of nothing.
//
// Budget: ratio, to both together, at most 2.
func BenchmarkStamp(b *testing.B) {
	cluster := pgtest.Start(b, "shared_buffers = 1GB", "max_wal_size = 4GB")
	book := openBench(b, cluster)
	bare := newBare(b, cluster)
	w := newWriter(b, book, 0, "north")
	cursor := uint64(0)
	roster, err := book.Roster(w.Store, noon)
	require.NoError(b, err)
	var commits, trips, stamps, ratios []float64
	for b.Loop() {
		batch := w.batch(1)
		began := time.Now()
		bare.take(b, bareTake, 0, w, batch)
		committed := time.Now()
		_, err := bare.pool.Exec(b.Context(), "select 1")
		require.NoError(b, err)
		between := time.Now()
		ask := &ledger.PageAsk{Cursor: cursor, Limit: 1000, Open: []pos.Incarnation{9}, Roster: roster.Version, At: noon, Day: 20777}
		page, err := book.TakeAndTell(w.Terminal, ledger.Sent{Entries: batch, Cursor: cursor}, ask, noon)
		require.NoError(b, err)
		end := time.Now()
		require.Equal(b, w.seq, page.Acks[0].Seq)
		cursor = page.Cursor
		commit, trip, stamp := committed.Sub(began).Seconds()*1e6, between.Sub(committed).Seconds()*1e6, end.Sub(between).Seconds()*1e6
		commits, trips, stamps = append(commits, commit), append(trips, trip), append(stamps, stamp)
		ratios = append(ratios, stamp/(commit+trip))
	}
	b.ReportMetric(median(commits), "commit-us")
	b.ReportMetric(median(trips), "trip-us")
	b.ReportMetric(median(stamps), "us")
	b.ReportMetric(median(ratios), "ratio")
}

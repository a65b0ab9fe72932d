package postgres_test

import (
	"crypto/md5"
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/central"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
)

var growthMembers = flag.Int("growth", 1_000_000, "members of the largest ledger of the growth benchmark")

// fewMembers is the ledger that the larger one is compared with.
const fewMembers = 10_000

// grown is a ledger with so many members in one area.
type grown struct {
	members int
	book    *central.Book
	till    *scribe
	random  *rand.Rand
	cursor  uint64
	roster  uint64
	conn    *pgx.Conn
}

// leave makes room for what comes next.
func (g *grown) leave(b *testing.B) {
	require.NoError(b, g.book.Close())
	_, err := g.conn.Exec(b.Context(), "drop schema tenthcup cascade")
	require.NoError(b, err)
}

// grownRows are bare rows of so many members.
type grownRows struct {
	*bare
	till    *writer
	members int
	random  *rand.Rand
}

func newGrownRows(b *testing.B, cluster *pgtest.Cluster, members int) *grownRows {
	g := &grownRows{newBare(b, cluster), &writer{Terminal: pos.Terminal{ID: pos.TerminalID{9}}}, members, rand.New(rand.NewPCG(1, 2))}
	g.next.Store(int64(members))
	_, err := g.pool.Exec(b.Context(), `insert into written select 0, int8send(0) || int8send(0) || int8send(0) || int8send(n),
		decode(repeat('ab', 220), 'hex'), 202611, decode(md5(n::text), 'hex') from generate_series(0, $1::bigint - 1) as n`, members)
	require.NoError(b, err)
	_, err = g.pool.Exec(b.Context(), `insert into account select 0, decode(md5(n::text), 'hex'),
		decode(repeat('ab', $2), 'hex'), int8send(n) from generate_series(0, $1::bigint - 1) as n`, members, accountBytes)
	require.NoError(b, err)
	for _, statement := range []string{"vacuum analyze", "checkpoint"} {
		_, err := g.pool.Exec(b.Context(), statement)
		require.NoError(b, err)
	}
	return g
}

// take writes 500 entries of any members, and returns how long that took, in milliseconds.
func (g *grownRows) take(b *testing.B) float64 {
	raw := make([][]byte, 500)
	g.till.holders = nil
	for i := range raw {
		raw[i] = make([]byte, 220)
		g.till.holders = append(g.till.holders, md5.Sum([]byte(strconv.Itoa(g.random.IntN(g.members)))))
	}
	began := time.Now()
	g.bare.take(b, bareRows, 0, g.till, raw, make([]byte, accountBytes), g.next.Add(int64(len(raw))))
	return time.Since(began).Seconds() * 1000
}

// newGrown makes the ledger as tills would: each member has an entry. While it is loaded a
// commit waits for no disk.
func newGrown(b *testing.B, cluster *pgtest.Cluster, members int) *grown {
	url := cluster.Database(b)
	_, err := postgres.Migrate(b.Context(), url)
	require.NoError(b, err)
	fast, err := postgres.Open(b.Context(), url+"&synchronous_commit=off", secret, postgres.Options{})
	require.NoError(b, err)
	c := newChain(b, fast)
	g := &grown{members: members, till: c.till("north"), random: rand.New(rand.NewPCG(1, 2))}
	began := time.Now()
	for first := 0; first < members; first += 2000 {
		g.till.send(each(first, min(2000, members-first), g.stamp)...)
	}
	b.Logf("%d members in %v", members, time.Since(began).Round(time.Second))
	if members <= fewMembers {
		c.sound()
	}
	require.NoError(b, fast.Close())
	conn := dial(b, url)
	for _, statement := range []string{"vacuum analyze", "checkpoint"} {
		_, err := conn.Exec(b.Context(), statement)
		require.NoError(b, err)
	}
	g.book, err = postgres.Open(b.Context(), url, secret, postgres.Options{})
	require.NoError(b, err)
	g.conn, c.book = conn, g.book
	page := g.page(b, 0)
	g.roster = page.Roster.Version
	g.cursor = g.last(b)
	return g
}

func (g *grown) stamp(holder pos.HolderID, _ int) []byte {
	_, raw := g.till.stamp(holder, 1)
	return raw
}

// last returns where the feed ends: at the member who comes now.
func (g *grown) last(b *testing.B) uint64 {
	_, raw := g.till.stamp(member(0), 1)
	at := midday.Add(time.Hour)
	require.NoError(b, g.book.Take(g.till.Terminal, ledger.Sent{Entries: [][]byte{raw}}, at))
	return uint64(at.UnixMicro())
}

func (g *grown) page(b *testing.B, limit int) ledger.Page {
	ask := ledger.PageAsk{Cursor: g.cursor, Limit: limit, Open: []pos.Incarnation{g.till.incarnation}, Roster: g.roster, At: midday, Day: today}
	page, err := g.book.Page(g.till.Terminal, ask)
	require.NoError(b, err)
	return page
}

// exchange takes a batch of 500 entries for any members and pulls who has changed; it
// returns how long both took, in milliseconds.
func (g *grown) exchange(b *testing.B) (take, pull float64) {
	var raw [][]byte
	for range 500 {
		raw = append(raw, g.stamp(member(g.random.IntN(g.members)), 0))
	}
	began := time.Now()
	g.till.send(raw...)
	took := time.Since(began)
	page := g.page(b, 1000)
	pulled := time.Since(began) - took
	require.Greater(b, len(page.Changed), 450)
	require.False(b, page.More)
	g.cursor = page.Cursor
	return took.Seconds() * 1000, pulled.Seconds() * 1000
}

// BenchmarkGrowth times a batch of 500 entries, with its commit, and the pull of those whom
// it changed, in a ledger of ten thousand members and in a large one, in turns. Then it times
// one statement that writes bare rows into tables with as many, as BenchmarkTake does. What a
// batch touches of a large table is at first on pages that nobody has changed since the last
// checkpoint, and then PostgreSQL writes the whole page to its log, whoever changes it. So
// beside the median of all batches stands that of the first two hundred after a checkpoint.
//
// Budget: both ratios, of the large one to the small one, at most 1.5.
func BenchmarkGrowth(b *testing.B) {
	settings := []string{"shared_buffers = 1GB", "max_wal_size = 4GB"}
	if *growthMembers > 1_000_000 { // as a page beside the code advises
		settings = []string{"shared_buffers = 4GB", "max_wal_size = 10GB", "checkpoint_timeout = 30min"}
	}
	cluster := pgtest.Start(b, settings...)
	few, many := newGrown(b, cluster, fewMembers), newGrown(b, cluster, *growthMembers)
	var takes, pulls, floors [2][]float64
	var takeRatios, pullRatios, floorRatios []float64
	for b.Loop() {
		for i, g := range []*grown{few, many} {
			take, pull := g.exchange(b)
			takes[i], pulls[i] = append(takes[i], take), append(pulls[i], pull)
		}
		n := len(takes[0]) - 1
		takeRatios, pullRatios = append(takeRatios, takes[1][n]/takes[0][n]), append(pullRatios, pulls[1][n]/pulls[0][n])
	}
	few.leave(b)
	many.leave(b)
	bare := []*grownRows{newGrownRows(b, cluster, few.members), newGrownRows(b, cluster, many.members)}
	for n := range takes[0] {
		for i, rows := range bare {
			floors[i] = append(floors[i], rows.take(b))
		}
		floorRatios = append(floorRatios, floors[1][n]/floors[0][n])
	}
	for i, g := range []*grown{few, many} {
		b.ReportMetric(median(takes[i]), "take-ms-of-"+strconv.Itoa(g.members))
		b.ReportMetric(median(pulls[i]), "pull-ms-of-"+strconv.Itoa(g.members))
		b.ReportMetric(median(floors[i]), "floor-ms-of-"+strconv.Itoa(g.members))
	}
	const first = 200
	for what, ratios := range map[string][]float64{"take": takeRatios, "pull": pullRatios, "floor": floorRatios} {
		b.ReportMetric(median(slices.Clone(ratios[:min(first, len(ratios))])), "first-"+what+"-ratio")
		b.ReportMetric(median(ratios), what+"-ratio")
	}
}

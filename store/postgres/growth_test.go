package postgres_test

import (
	"bytes"
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
	bare    *pgx.Conn
	place   int64 // the last one in the bare feed
}

// What the members need at least: rows of the same size with the same two indexes, of which
// a batch changes 500.
const (
	bareTable = `create table bare (key bytea primary key, value bytea, position bytea) with (fillfactor = 80)`
	bareIndex = `create index on bare (position)`
	bareFill  = `insert into bare select decode(md5(n::text), 'hex'), decode(repeat('ab', 120), 'hex'), int8send(n) from generate_series(0, $1::bigint - 1) as n`
	bareMove  = `update bare as kept set value = kept.value, position = int8send($2 + new.number)
from unnest($1::bytea[]) with ordinality as new (key, number) where kept.key = new.key`
)

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
	g.bare, g.place = dial(b, url), int64(members)
	run := func(sql string, args ...any) {
		_, err := g.bare.Exec(b.Context(), sql, args...)
		require.NoError(b, err)
	}
	run(bareTable)
	run(bareIndex)
	run(bareFill, members)
	run("vacuum analyze")
	run("checkpoint")
	g.book, err = postgres.Open(b.Context(), url, secret, postgres.Options{})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, g.book.Close()) })
	c.book = g.book
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
// returns how long both took, and what changes as many bare rows, in milliseconds.
func (g *grown) exchange(b *testing.B) (take, pull, floor float64) {
	var raw, keys [][]byte
	for range 500 {
		n := g.random.IntN(g.members)
		raw = append(raw, g.stamp(member(n), 0))
		key := md5.Sum([]byte(strconv.Itoa(g.random.IntN(g.members))))
		keys = append(keys, key[:])
	}
	slices.SortFunc(keys, bytes.Compare)
	began := time.Now()
	_, err := g.bare.Exec(b.Context(), bareMove, keys, g.place)
	require.NoError(b, err)
	floor = time.Since(began).Seconds() * 1000
	g.place += int64(len(keys))
	began = time.Now()
	g.till.send(raw...)
	took := time.Since(began)
	page := g.page(b, 1000)
	pulled := time.Since(began) - took
	require.Greater(b, len(page.Changed), 450)
	require.False(b, page.More)
	g.cursor = page.Cursor
	return took.Seconds() * 1000, pulled.Seconds() * 1000, floor
}

// BenchmarkGrowth times a batch of 500 entries, with its commit, and the pull of those whom
// it changed, in a ledger of ten thousand members and in a large one, in turns. Beside them
// stands the change of 500 bare rows in tables with as many. What a batch touches of a large
// table is on pages of which PostgreSQL has written none since the last checkpoint, and the
// first time it writes a page to its log as a whole.
//
// Budget: both ratios, of the large one to the small one, at most 1.5.
func BenchmarkGrowth(b *testing.B) {
	cluster := pgtest.Start(b, "shared_buffers = 4GB", "max_wal_size = 4GB")
	few, many := newGrown(b, cluster, fewMembers), newGrown(b, cluster, *growthMembers)
	var takes, pulls, floors [2][]float64
	var takeRatios, pullRatios, floorRatios []float64
	for b.Loop() {
		for i, g := range []*grown{few, many} {
			take, pull, floor := g.exchange(b)
			takes[i], pulls[i], floors[i] = append(takes[i], take), append(pulls[i], pull), append(floors[i], floor)
		}
		n := len(takes[0]) - 1
		takeRatios, pullRatios = append(takeRatios, takes[1][n]/takes[0][n]), append(pullRatios, pulls[1][n]/pulls[0][n])
		floorRatios = append(floorRatios, floors[1][n]/floors[0][n])
	}
	for i, g := range []*grown{few, many} {
		b.ReportMetric(median(takes[i]), "take-ms-of-"+strconv.Itoa(g.members))
		b.ReportMetric(median(pulls[i]), "pull-ms-of-"+strconv.Itoa(g.members))
		b.ReportMetric(median(floors[i]), "floor-ms-of-"+strconv.Itoa(g.members))
	}
	b.ReportMetric(median(takeRatios), "take-ratio")
	b.ReportMetric(median(pullRatios), "pull-ratio")
	b.ReportMetric(median(floorRatios), "floor-ratio")
}

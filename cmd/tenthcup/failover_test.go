package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
)

var failovers = flag.Int("failovers", 2, "how often the primary dies; every other time while its standby hears nothing")

// roundRobin hands each request to the next server. One that cannot be reached is passed
// over; one that breaks off has failed the request.
type roundRobin struct {
	servers []string
	next    atomic.Uint64
	failed  atomic.Int64 // requests that no server answered
	web     http.Client
}

func newRoundRobin(t *testing.T, servers ...*centre) (*roundRobin, string) {
	r := &roundRobin{}
	for _, server := range servers {
		r.servers = append(r.servers, server.address())
	}
	front := httptest.NewServer(r)
	t.Cleanup(front.Close)
	return r, front.URL
}

func (r *roundRobin) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	first := r.next.Add(1)
	for i := range r.servers {
		server := r.servers[(int(first)+i)%len(r.servers)]
		again, _ := http.NewRequestWithContext(request.Context(), request.Method, server+request.URL.Path, bytes.NewReader(body))
		again.Header = request.Header.Clone()
		again.Header["Idempotency-Key"] = nil // a connection that was closed while nobody used it is no failure
		answer, err := r.web.Do(again)
		if broken, ok := errors.AsType[*net.OpError](err); ok && broken.Op == "dial" {
			continue
		}
		if err != nil {
			break
		}
		defer answer.Body.Close()
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
		return
	}
	if request.Context().Err() == nil {
		r.failed.Add(1)
	}
	w.WriteHeader(http.StatusBadGateway)
}

// witness is a till's file, with a memory of what servers have acknowledged.
type witness struct {
	*bolt.Till

	acked map[pos.Incarnation]uint64
	lost  atomic.Int64 // entries that were acknowledged, and later were not
	last  atomic.Int64 // when something was acknowledged, as UnixNano
	total atomic.Int64 // acknowledged
}

func (w *witness) Apply(page ledger.Page, taken []pos.Profile) error {
	for _, ack := range page.Acks {
		switch before := w.acked[ack.Incarnation]; {
		case ack.Seq < before:
			w.lost.Add(int64(before - ack.Seq))
		case ack.Seq > before:
			w.total.Add(int64(ack.Seq - before))
			w.last.Store(time.Now().UnixNano())
		}
		w.acked[ack.Incarnation] = ack.Seq
	}
	return w.Till.Apply(page, taken)
}

// worker is a till at work in this process, with the line of a real one.
type worker struct {
	*till

	witness *witness
	stop    context.CancelFunc
	done    sync.WaitGroup
	stamps  map[pos.HolderID]int64
	entries int
	tried   atomic.Int64 // exchanges
	failed  atomic.Int64 // of them
	quiet   *atomic.Bool // nobody comes: what was sent is sent again, and no more
}

// chainOfTills are servers on one database, and tills that write through them all.
type chainOfTills struct {
	t       *testing.T
	url     string
	servers []*centre
	front   *roundRobin
	tills   []*worker
	quiet   atomic.Bool
}

func newChain(t *testing.T, url string, tills int) *chainOfTills {
	dir := t.TempDir()
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	c := &chainOfTills{t: t, url: url, servers: []*centre{{t: t, db: url}, {t: t, db: url}}}
	asked(t, "migrate", "--db", url)
	asked(t, "store", "add", "High Street", "--timezone", "UTC", "--db", url)
	asked(t, "program", "publish", "cafe", "--db", url)
	for _, server := range c.servers {
		server.start()
		t.Cleanup(server.kill)
	}
	var front string
	c.front, front = newRoundRobin(t, c.servers...)
	for i := range tills {
		till := filepath.Join(dir, fmt.Sprint("till", i))
		once := strings.TrimSpace(asked(t, "terminal", "add", fmt.Sprint("Till ", i), "--store", "high-street", "--db", url))
		asked(t, "enrol", front, once, "--dir", till)
		c.open(till)
	}
	return c
}

func (c *chainOfTills) open(dir string) {
	till, err := openTill(dir)
	require.NoError(c.t, err)
	w := &witness{Till: till.db, acked: map[pos.Incarnation]uint64{}}
	till.client.Book = w
	one := &worker{till: till, witness: w, stamps: map[pos.HolderID]int64{}, quiet: &c.quiet}
	one.member()
	c.tills = append(c.tills, one)
	c.t.Cleanup(func() {
		if one.stop != nil { // where the test failed it is at work still
			one.stop()
			one.done.Wait()
		}
		_ = till.close()
	})
	require.NoError(c.t, till.client.Sync(c.t.Context(), nil))
}

// member enrols somebody whom all tills will know.
func (u *worker) member() {
	done, err := u.station.Enrol("", pos.Profile{Name: "Member"})
	if err != nil {
		panic(err)
	}
	u.stamps[done.Member.Profile.Holder] = 0
	u.entries++
}

// work has each till write and exchange until it is stopped, the first with the line of a
// running station, the others without ever resting.
func (c *chainOfTills) work(timeout time.Duration) {
	for i, u := range c.tills {
		require.NoError(c.t, u.client.Sync(c.t.Context(), nil))
		ctx, stop := context.WithCancel(context.Background())
		u.stop, u.client.Timeout = stop, timeout
		if i == 0 {
			ended := u.runLine(ctx, func(tea.Msg) {})
			u.done.Go(func() { <-ended })
		}
		u.done.Go(func() { u.write(ctx, i > 0) })
	}
}

// pace is how long a cashier takes for a customer.
const pace = 20 * time.Millisecond

func (u *worker) write(ctx context.Context, exchange bool) {
	everybody, err := u.station.Find("Member", 100)
	if err != nil {
		panic(err)
	}
	for i := 0; ctx.Err() == nil; i++ {
		if member := everybody[i%len(everybody)].Holder; !u.quiet.Load() {
			if _, err := u.station.Stamp("", member, "", 1); err != nil {
				panic(err)
			}
			u.stamps[member]++
			u.entries++
		}
		if exchange {
			if _, err := u.client.Exchange(ctx); err != nil {
				u.failed.Add(1) // the next one makes up for it
			}
			u.tried.Add(1)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pace):
		}
	}
}

// acknowledged returns how many entries were, at all tills.
func (c *chainOfTills) acknowledged() (n int64) {
	for _, u := range c.tills {
		n += u.witness.total.Load()
	}
	return n
}

// more waits until the servers have acknowledged so many more entries.
func (c *chainOfTills) more(n int64) {
	c.t.Helper()
	want := c.acknowledged() + n
	require.Eventually(c.t, func() bool { return c.acknowledged() >= want }, 2*time.Minute, time.Millisecond, "no more is acknowledged")
}

// recovered returns how long after the moment something was acknowledged again.
func (c *chainOfTills) recovered(since time.Time) (after time.Duration) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		for _, u := range c.tills {
			if last := u.witness.last.Load(); last > since.UnixNano() {
				after = time.Unix(0, last).Sub(since)
				return true
			}
		}
		return false
	}, 2*time.Minute, time.Millisecond, "nothing is acknowledged again")
	return after
}

// rest stops the tills and has them hand in what waits. It returns how much of what was
// acknowledged was not any more, later.
func (c *chainOfTills) rest() (lost int64) {
	c.t.Helper()
	for _, u := range c.tills {
		u.stop()
		u.done.Wait()
		u.client.Timeout = 0
	}
	for _, u := range c.tills {
		require.Eventually(c.t, func() bool { return u.client.Sync(context.Background(), nil) == nil }, 2*time.Minute, 50*time.Millisecond)
		waiting, err := u.station.Waiting()
		require.NoError(c.t, err)
		require.Zero(c.t, waiting.Total())
		lost += u.witness.lost.Load()
	}
	return lost
}

// whole wants that the database has what the tills have, each entry once, and the sums of
// a plain count.
func (c *chainOfTills) whole() {
	c.t.Helper()
	want, sums := map[string]int{}, map[pos.HolderID]int64{}
	for _, u := range c.tills {
		entries := 0
		require.NoError(c.t, u.db.Last(func(r station.Record) bool {
			want[string(r.Raw)]++
			entries++
			return true
		}))
		require.Equal(c.t, u.entries, entries)
		for holder, n := range u.stamps {
			sums[holder] += n
		}
	}
	secret, err := serverSecret(c.url)
	require.NoError(c.t, err)
	book, err := postgres.Open(c.t.Context(), c.url, secret, postgres.Options{})
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, book.Close()) }()
	has := map[string]int{}
	require.NoError(c.t, book.Entries("main", func(raw []byte) bool {
		e, err := pos.DecodeEntry(raw)
		if err != nil || e.Kind != pos.Administered { // the server's own, of how it was set up
			has[string(raw)]++
		}
		return true
	}))
	require.Len(c.t, has, len(want))
	require.Equal(c.t, want, has)
	today := c.tills[0].station.Today()
	for holder, sum := range sums {
		have, err := book.Balance("main", holder, today)
		require.NoError(c.t, err)
		require.Equal(c.t, sum, have.Balance("stamp:coffee/10", today))
	}
	quarantined, err := book.Quarantined()
	require.NoError(c.t, err)
	require.Empty(c.t, quarantined)
	found, err := book.Check()
	require.NoError(c.t, err)
	require.Empty(c.t, found)
}

// failures waits until every till that never rests has failed so often more.
func (c *chainOfTills) failures(n int64) {
	c.t.Helper()
	c.upTo(n, func(u *worker) int64 { return u.failed.Load() })
}

// tries waits until every till that never rests has tried so often more.
func (c *chainOfTills) tries(n int64) {
	c.t.Helper()
	c.upTo(n, func(u *worker) int64 { return u.tried.Load() })
}

func (c *chainOfTills) upTo(n int64, counted func(*worker) int64) {
	c.t.Helper()
	for _, u := range c.tills[1:] {
		want := counted(u) + n
		require.Eventually(c.t, func() bool { return counted(u) >= want }, 2*time.Minute, time.Millisecond)
	}
}

// overtake kills the primary, promotes the standby, and returns how long it took until a
// till had something acknowledged again.
func (c *chainOfTills) overtake(pair *pgtest.Pair) time.Duration {
	c.t.Helper()
	killed := time.Now()
	pair.Kill(c.t)
	pair.Promote(c.t)
	promoted := time.Now()
	return promoted.Sub(killed) + c.recovered(promoted)
}

// The primary is killed while tills write through two servers, and its standby promoted.
// Nobody does anything at the tills or the servers: they go on, and everything that was
// acknowledged is there, once.
func TestFailover(t *testing.T) {
	for range (*failovers + 1) / 2 {
		t.Run("round", func(t *testing.T) {
			pair := pgtest.StartPair(t, true)
			c := newChain(t, pair.Database(t), 4)
			c.work(0)
			c.more(100)
			t.Logf("%v from the kill to the first acknowledgement by the new primary", c.overtake(pair).Round(time.Millisecond))
			c.more(100)
			require.Zero(t, c.rest(), "acknowledged and lost")
			c.whole()
		})
	}
}

// The same while the standby hears nothing for a while: tills give up waiting and try
// again at the other server, and an administrator cancels what hangs, so that what is
// nowhere else can be seen on the primary. Nobody comes to the tills then, so they repeat
// what is there already. None of it is acknowledged, and nothing that was is lost.
func TestFailoverWhileTheStandbyHearsNothing(t *testing.T) {
	for range (*failovers + 1) / 2 {
		t.Run("round", func(t *testing.T) {
			pair := pgtest.StartPair(t, true)
			c := newChain(t, pair.Database(t), 4)
			c.work(400 * time.Millisecond)
			c.more(100)
			pair.Freeze(t)
			c.failures(2)
			c.quiet.Store(true)
			before := c.acknowledged()
			for range 8 { // until all that the tills have is there
				cancelled(t, pair.Primary)
				c.tries(1)
			}
			c.quiet.Store(false)
			require.Equal(t, before, c.acknowledged(), "acknowledged without the standby")
			t.Logf("%v from the kill to the first acknowledgement by the new primary", c.overtake(pair).Round(time.Millisecond))
			c.more(100)
			require.Zero(t, c.rest(), "acknowledged and lost")
			c.whole()
		})
	}
}

// cancelled cancels the commits that wait for the standby, once there are any.
func cancelled(t *testing.T, primary *pgtest.Cluster) {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), primary.URL("postgres"))
	require.NoError(t, err)
	defer func() { _ = admin.Close(context.Background()) }()
	require.Eventually(t, func() bool {
		tag, err := admin.Exec(t.Context(), "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'")
		return err == nil && tag.RowsAffected() > 0
	}, time.Minute, time.Millisecond)
}

// The control: a pair that is not in step loses what was acknowledged, and the tests above
// would notice. The tills notice too, and hand it in again.
func TestFailoverOutOfStepLoses(t *testing.T) {
	pair := pgtest.StartPair(t, false)
	c := newChain(t, pair.Database(t), 3)
	c.work(0)
	c.more(20)
	pair.Freeze(t)
	c.more(50)
	c.overtake(pair)
	require.Positive(t, c.rest(), "nothing was lost")
	c.whole()
}

// Two servers are killed at random moments, one at a time, and started again; then each is
// stopped as an administrator would. Nothing is lost or there twice, and a server that is
// stopped answers all that it was asked.
func TestReplicaKilled(t *testing.T) {
	c := newChain(t, pgtest.Start(t).Database(t), 4)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	c.work(0)
	for range 2 * *failovers {
		c.more(1 + rng.Int64N(60))
		server := c.servers[rng.IntN(2)]
		server.kill()
		c.more(20)
		server.start()
	}
	c.more(50)
	before := c.front.failed.Load()
	for _, server := range c.servers {
		require.NoError(t, server.cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, server.cmd.Wait())
		c.more(20)
		server.start()
	}
	require.Equal(t, before, c.front.failed.Load(), "a request was lost")
	require.Zero(t, c.rest(), "acknowledged and lost")
	c.whole()
}

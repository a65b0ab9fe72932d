package server_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// crowded is a centre with many terminals, whose work takes a while.
type crowded struct {
	book
	takes time.Duration // each Page
	known map[pos.TerminalID]pos.Terminal

	mu      sync.Mutex
	looked  int
	working map[pos.TerminalID]int
	most    map[pos.TerminalID]int // worked on at once
	order   []pos.TerminalID       // in which they were worked on
}

func keyOf(n int) ed25519.PrivateKey {
	seed := binary.BigEndian.AppendUint64(bytes.Repeat([]byte{9}, ed25519.SeedSize-8), uint64(n))
	return ed25519.NewKeyFromSeed(seed)
}

func idOf(n int) pos.TerminalID { return terminalOf(keyOf(n)).ID }

func newCrowd(terminals int, takes time.Duration) *crowded {
	c := &crowded{
		takes: takes, known: map[pos.TerminalID]pos.Terminal{},
		working: map[pos.TerminalID]int{}, most: map[pos.TerminalID]int{},
	}
	for n := range terminals {
		c.known[idOf(n)] = terminalOf(keyOf(n))
	}
	return c
}

func (c *crowded) Terminal(id pos.TerminalID) (pos.Terminal, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked++
	if terminal, ok := c.known[id]; ok {
		return terminal, nil
	}
	return pos.Terminal{}, pos.ErrUnknownTerminal
}

func (c *crowded) Page(terminal pos.Terminal, ask ledger.PageAsk) (ledger.Page, error) {
	c.mu.Lock()
	c.order = append(c.order, terminal.ID)
	c.working[terminal.ID]++
	c.most[terminal.ID] = max(c.most[terminal.ID], c.working[terminal.ID])
	c.mu.Unlock()
	time.Sleep(c.takes)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.working[terminal.ID]--
	return ledger.Page{At: ask.At.UnixMilli(), Cursor: ask.Cursor}, nil
}

func (c *crowded) server(bounds server.Bounds) *server.Server {
	return server.New(c, server.Options{Now: time.Now, Bounds: bounds})
}

// ask sends an exchange of the terminal, signed now. Two at once need a lock: nonces
// are counted.
var asking sync.Mutex

func ask(t testing.TB, h http.Handler, terminal int) *http.Response {
	asking.Lock()
	r := postAt(t, keyOf(terminal), idle, time.Now())
	asking.Unlock()
	return serve(h, r)
}

// One terminal asks fifty times at once and at once again, whatever it is told. Ten
// others ask once a second and are served each time, within the time that the work of
// their own takes and of whoever is before them.
func TestNoisyTerminalStarvesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(11, 100*time.Millisecond)
		h := c.server(server.Bounds{AtOnce: 2, Waiting: 16})
		over := time.Now().Add(10 * time.Second)
		var all sync.WaitGroup
		told := map[string]int{}
		for range 50 {
			all.Go(func() {
				for time.Now().Before(over) {
					response := ask(t, h, 0)
					if response.StatusCode != http.StatusOK {
						asking.Lock()
						told[problemOf(t, response).Key]++
						asking.Unlock()
						require.NotEmpty(t, response.Header.Get("Retry-After"))
						time.Sleep(50 * time.Millisecond)
					}
				}
			})
		}
		for n := range 10 {
			all.Go(func() {
				for time.Now().Before(over) {
					began := time.Now()
					require.Equal(t, http.StatusOK, ask(t, h, 1+n).StatusCode, "terminal %d", n)
					require.LessOrEqual(t, time.Since(began), 600*time.Millisecond, "ten others, two at once, and the noisy one")
					time.Sleep(time.Second)
				}
			})
		}
		all.Wait()
		require.Equal(t, 1, c.most[idOf(0)], "one of a terminal's requests is worked on at a time")
		require.Greater(t, told["line.often"], 500)
		require.Zero(t, told["line.busy"])
	})
}

// What tills do is not slowed: a backlog in small pages, a roster of a million
// members, or every customer's stamp at once for a day.
func TestTillsAtFullSpeedAreServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCrowd(3, 0).server(server.Bounds{})
		for range 1000 {
			require.Equal(t, http.StatusOK, ask(t, h, 0).StatusCode, "10,000 entries, ten at a time, and no time passes")
		}
		for range 2 * 1100 {
			require.Equal(t, http.StatusOK, ask(t, h, 1).StatusCode, "ten a second, for longer than the burst lasts")
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// Who asks too often for long is told to wait, and after that wait is not told so
// again at once. It costs no look-up in the book. Others don't notice.
func TestTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(2, 0)
		h := c.server(server.Bounds{})
		served, waits := 0, 0
		over := time.Now().Add(2 * time.Minute)
		for time.Now().Before(over) {
			looked := c.looked
			response := ask(t, h, 0)
			if response.StatusCode == http.StatusOK {
				served++
				time.Sleep(time.Millisecond)
				continue
			}
			require.Equal(t, looked, c.looked)
			require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
			require.Equal(t, "10", response.Header.Get("Retry-After"))
			require.Equal(t, pos.Refuse("line.often", "seconds", int64(10)), problemOf(t, response))
			require.Equal(t, http.StatusOK, ask(t, h, 1).StatusCode)
			waits++
			time.Sleep(10 * time.Second)
		}
		require.InDelta(t, 120*10+1000, served, 120, "ten a second")
		require.InDelta(t, 12, waits, 1)
	})
}

// Nobody can spend another terminal's part: what is not signed is not counted.
func TestStrangersDoNotSpendATerminalsPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCrowd(1, 0).server(server.Bounds{Burst: 10})
		for range 100 {
			r := postAt(t, keyOf(0), idle, time.Now())
			r.Header.Set("Signature", post(t, noKey, idle).Header.Get("Signature"))
			require.Equal(t, "line.refused", problemOf(t, serve(h, r)).Key)
		}
		require.Equal(t, http.StatusOK, ask(t, h, 0).StatusCode)
	})
}

// The line of those who wait is served in order, is bounded, and nobody stands in it
// for longer than the patience.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(5, 2*time.Second)
		h := c.server(server.Bounds{AtOnce: 1, Waiting: 3, Patience: 5 * time.Second})
		statuses := make([]int, 4)
		var all sync.WaitGroup
		for n := range 4 {
			all.Go(func() { statuses[n] = ask(t, h, n).StatusCode })
			synctest.Wait()
		}
		require.Equal(t, server.Load{Here: 4, Working: 1, Waiting: 3}, h.Load())
		r := postAt(t, keyOf(4), idle, time.Now())
		r.Body = unread{t}
		response := serve(h, r)
		require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		require.Equal(t, pos.Refuse("line.busy", "seconds", int64(5)), problemOf(t, response))
		all.Wait()
		require.Equal(t, []int{200, 200, 200, 503}, statuses, "the last would have waited for six seconds")
		require.Equal(t, []pos.TerminalID{idOf(0), idOf(1), idOf(2)}, c.order)
		require.Equal(t, server.Load{}, h.Load(), "all was given back")
		require.Equal(t, http.StatusOK, ask(t, h, 3).StatusCode)
	})
}

// What is held in memory is bounded, and is given back.
func TestBytesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(4, time.Second)
		h := c.server(server.Bounds{Held: wire.MaxRequest + 500})
		for range 5 {
			require.Equal(t, http.StatusOK, ask(t, h, 1).StatusCode)
		}
		slow, more := io.Pipe()
		first := make(chan *http.Response)
		large := postAt(t, keyOf(0), idle, time.Now())
		large.Body, large.ContentLength = slow, -1 // nobody knows how long it will be
		go func() { first <- serve(h, large) }()
		synctest.Wait()
		second := make(chan *http.Response)
		go func() { second <- ask(t, h, 1) }()
		synctest.Wait()
		r := postAt(t, keyOf(2), idle, time.Now())
		r.Body, r.ContentLength = unread{t}, 499
		require.Equal(t, "line.busy", problemOf(t, serve(h, r)).Key)
		require.NoError(t, more.Close())
		require.Equal(t, "line.refused", problemOf(t, <-first).Key, "nothing is not what was signed")
		require.Equal(t, http.StatusOK, (<-second).StatusCode)
		require.Equal(t, http.StatusOK, ask(t, h, 2).StatusCode)
		for range 100 { // each takes 1 MiB while nobody knows how long it is
			r := postAt(t, keyOf(0), idle, time.Now())
			r.ContentLength = -1
			require.Equal(t, http.StatusOK, serve(h, r).StatusCode)
		}
		for range 100 {
			r := postAt(t, keyOf(0), idle, time.Now())
			r.ContentLength = wire.MaxRequest / 2
			require.Equal(t, http.StatusOK, serve(h, r).StatusCode)
		}
	})
}

// A broken line may leave a few requests of a terminal behind that will never be there
// whole. They take none of its turns, but there are not any number of them.
func TestHalfRequestsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCrowd(2, 0).server(server.Bounds{})
		var lines []*io.PipeWriter
		var all sync.WaitGroup
		begin := func() {
			body, line := io.Pipe()
			lines = append(lines, line)
			r := postAt(t, keyOf(0), idle, time.Now())
			r.Body = body
			all.Go(func() { serve(h, r) })
			synctest.Wait()
		}
		for range 3 {
			begin()
		}
		require.Equal(t, http.StatusOK, ask(t, h, 0).StatusCode, "the terminal itself goes on")
		begin()
		r := postAt(t, keyOf(0), idle, time.Now())
		r.Body = unread{t}
		require.Equal(t, "line.often", problemOf(t, serve(h, r)).Key)
		require.Equal(t, http.StatusOK, ask(t, h, 1).StatusCode)
		for _, line := range lines {
			require.NoError(t, line.CloseWithError(io.ErrUnexpectedEOF))
		}
		all.Wait()
		require.Equal(t, http.StatusOK, ask(t, h, 0).StatusCode)
	})
}

// A terminal whose key is remembered is revoked, or moved, at its next request.
func TestWhatIsRememberedIsTheKeyAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(1, 0)
		h := c.server(server.Bounds{})
		require.Equal(t, http.StatusOK, ask(t, h, 0).StatusCode)
		revoked := c.known[idOf(0)]
		revoked.Revoked = true
		c.known[idOf(0)] = revoked
		got, err := wire.DecodeAnswer(read(t, ask(t, h, 0)))
		require.NoError(t, err)
		require.True(t, got.Page.Revoked)
		delete(c.known, idOf(0))
		require.Equal(t, "line.unknown", problemOf(t, ask(t, h, 0)).Key)
	})
}

// enrolling is a book in which enrolling takes for ever.
type enrolling struct {
	*crowded
	forever chan struct{}
}

func (e enrolling) Enrol(string, ed25519.PublicKey, time.Time) (pos.Terminal, error) {
	<-e.forever
	return pos.Terminal{}, pos.ErrBadEnrolCode
}

// Strangers who enrol take one place, however many they are.
func TestEnrolmentsTakeOnePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := enrolling{newCrowd(1, 0), make(chan struct{})}
		h := server.New(e, server.Options{Now: time.Now, Bounds: server.Bounds{AtOnce: 2}})
		raw, err := wire.Encode(wire.Enrol{V: 1, Code: "BAD", Key: noKey.Public().(ed25519.PublicKey)})
		require.NoError(t, err)
		var mu sync.Mutex
		told := map[string]int{}
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				r := httptest.NewRequest(http.MethodPost, wire.EnrolRoute, bytes.NewReader(raw))
				r.Header.Set("Content-Type", wire.MessageType)
				problem := problemOf(t, serve(h, r))
				mu.Lock()
				defer mu.Unlock()
				told[problem.Key]++
			})
		}
		soFar := func() map[string]int {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return maps.Clone(told)
		}
		require.Equal(t, map[string]int{"line.busy": 13}, soFar(), "one is worked on, sixteen wait")
		require.Equal(t, http.StatusOK, ask(t, h, 0).StatusCode)
		time.Sleep(6 * time.Second)
		require.Equal(t, map[string]int{"line.busy": 29}, soFar())
		close(e.forever)
		all.Wait()
		require.Equal(t, map[string]int{"line.busy": 29, "enrol.code": 1}, soFar())
	})
}

// A few who find no place are told five seconds. Of thousands each is told a time at which
// it can be its turn, and once they are gone the next few hear five seconds again.
func TestCrowdComesBackInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newCrowd(3, time.Minute).server(server.Bounds{AtOnce: 1, Waiting: 1, Patience: time.Hour, Often: -1})
		var all sync.WaitGroup
		for n := range 2 {
			all.Go(func() { require.Equal(t, http.StatusOK, ask(t, h, n).StatusCode) })
			synctest.Wait()
		}
		told := map[string]int{}
		for range 2000 {
			response := ask(t, h, 2)
			require.Equal(t, "line.busy", problemOf(t, response).Key)
			told[response.Header.Get("Retry-After")]++
		}
		require.Equal(t, map[string]int{"5": 1199, "6": 200, "7": 200, "8": 200, "9": 200, "10": 1}, told)
		time.Sleep(5 * time.Second)
		require.Equal(t, "5", ask(t, h, 2).Header.Get("Retry-After"))
		for range 13_000 {
			told[ask(t, h, 2).Header.Get("Retry-After")]++
		}
		require.Equal(t, 1002, told["60"], "a minute is the longest")
		all.Wait()
	})
}

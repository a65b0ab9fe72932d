package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// moody is a book that answers a look-up as it likes.
type moody struct {
	book
	fails  error
	blocks chan struct{}
	looks  atomic.Int64
}

func (m *moody) Terminal(id pos.TerminalID) (pos.Terminal, error) {
	m.looks.Add(1)
	if m.blocks != nil {
		<-m.blocks
	}
	if m.fails != nil {
		return pos.Terminal{}, m.fails
	}
	return m.book.Terminal(id)
}

func asks(h http.Handler, route string) string {
	response := serve(h, httptest.NewRequest(http.MethodGet, route, nil))
	raw, _ := io.ReadAll(response.Body)
	return fmt.Sprint(response.StatusCode, " ", strings.TrimSpace(string(raw)))
}

// Ready is a server whose book answers and that is not about to stop; it lives all the
// while.
func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{}
		h := server.New(m, server.Options{Now: time.Now})
		for range 100 {
			require.Equal(t, "200 ready", asks(h, wire.ReadyRoute))
		}
		require.EqualValues(t, 1, m.looks.Load(), "one look a second, whoever asks")
		m.fails = pos.Refuse("disk.away")
		time.Sleep(time.Second)
		require.Equal(t, "503 the book does not answer", asks(h, wire.ReadyRoute))
		m.fails = nil
		time.Sleep(time.Second)
		require.Equal(t, "200 ready", asks(h, wire.ReadyRoute))

		m.blocks = make(chan struct{})
		time.Sleep(time.Second)
		began := time.Now()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				require.Equal(t, "503 the book does not answer", asks(h, wire.ReadyRoute))
			})
		}
		all.Wait()
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Equal(t, "503 the book does not answer", asks(h, wire.ReadyRoute))
		require.EqualValues(t, 4, m.looks.Load(), "none is begun while another hangs")
		require.Equal(t, "200 tenthcup 1", asks(h, wire.HealthRoute))
		close(m.blocks)
		time.Sleep(time.Second)
		require.Equal(t, "200 ready", asks(h, wire.ReadyRoute))

		h.Leave()
		require.Equal(t, "503 stopping", asks(h, wire.ReadyRoute))
		require.Equal(t, "200 tenthcup 1", asks(h, wire.HealthRoute))
		r := postAt(t, tillKey, idle, time.Now())
		require.Equal(t, http.StatusOK, serve(h, r).StatusCode, "who comes all the same is served")
	})
}

// A database that is away is no failure of the till's: it is told when to come again,
// and the log has what is wrong.
func TestBookIsAway(t *testing.T) {
	for name, fails := range map[string]error{
		"alone":   pos.Refuse("disk.away"),
		"wrapped": fmt.Errorf("take: %w", errors.Join(pos.Refuse("disk.away"), errors.New("connection refused"))),
	} {
		var log bytes.Buffer
		request := idle
		request.Profiles = []pos.Profile{{Name: "Ann"}}
		options := server.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Office: &bureau{fails: fails}}
		for what, r := range map[string]*http.Request{
			"exchange": post(t, tillKey, request),
			"order":    send(t, tillKey, order(1), noon)(),
		} {
			log.Reset()
			response := serve(handler(&book{fails: fails}, options), r)
			require.Equal(t, http.StatusServiceUnavailable, response.StatusCode, "%s %s", what, name)
			require.Equal(t, "5", response.Header.Get("Retry-After"))
			require.Equal(t, pos.Refuse("line.busy", "seconds", int64(5)), problemOf(t, response))
			require.Contains(t, log.String(), "level=ERROR")
			require.Contains(t, log.String(), fails.Error()[:4])
		}
		response := serve(server.New(&moody{fails: fails}, server.Options{Now: func() time.Time { return noon }}), post(t, tillKey, idle))
		require.Equal(t, "line.busy", problemOf(t, response).Key, "no till is told that it is unknown")
	}
}

// Who watches is told of each request what it came to, and the log of those that
// failed or were slow; neither what a caller wrote nor anything about members.
func TestWatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var answered []server.Answered
		b := &book{page: func(ask ledger.PageAsk) ledger.Page {
			time.Sleep(time.Duration(ask.Limit) * time.Second)
			return ledger.Page{At: 1, Cursor: 41}
		}}
		h := server.New(b, server.Options{
			Now: time.Now, Log: slog.New(slog.NewJSONHandler(&log, nil)), Office: &bureau{fails: pos.Refuse("pin.wrong")},
			Answered: func(a server.Answered) { answered = append(answered, a) },
		})
		request := idle
		request.Profiles = []pos.Profile{{Name: "Ann Secret", Phone: "+36301234567"}}
		for limit := range 7 {
			request.Limit = limit + 1
			serve(h, postAt(t, tillKey, request, time.Now()))
		}
		serve(h, send(t, tillKey, order(1), time.Now())())
		serve(h, httptest.NewRequest(http.MethodGet, "/wp-login?who=Ann+Secret", nil))
		b.fails = errors.New("the disk is on fire")
		serve(h, postAt(t, tillKey, request, time.Now()))
		serve(h, post(t, noKey, request))
		for i := range 7 {
			require.Equal(t, server.Answered{Route: wire.ExchangeRoute, Status: 200, Took: time.Duration(i+1) * time.Second}, answered[i])
		}
		require.Equal(t, []server.Answered{
			{Route: wire.OfficeRoute, Status: 422, Problem: "told"},
			{Route: "other", Status: 404, Problem: "line.path"},
			{Route: wire.ExchangeRoute, Status: 500, Problem: "line.failed"},
			{Route: wire.ExchangeRoute, Status: 401, Problem: "line.unknown"},
		}, answered[7:])

		var lines []string
		for text := range strings.Lines(log.String()) {
			var line struct{ Level, Msg, Route, Problem, Terminal, Error string }
			require.NoError(t, json.Unmarshal([]byte(text), &line))
			known := line.Terminal == terminalOf(tillKey).ID.String()
			lines = append(lines, fmt.Sprint(line.Level, " ", line.Msg, " ", line.Route, " ", line.Problem, " ", known, " ", line.Error))
		}
		require.Equal(t, []string{
			"WARN request slow /v1/exchange  true ",
			"WARN request slow /v1/exchange  true ",
			"INFO request failed /v1/office told true ",
			"INFO request failed other line.path false ",
			"ERROR request failed /v1/exchange line.failed true take batch: the disk is on fire",
			"INFO request failed /v1/exchange line.unknown false ",
		}, lines)
		require.NotContains(t, log.String(), "Secret")
		require.NotContains(t, log.String(), "wp-login")
		require.NotContains(t, log.String(), "3630")
	})
}

// What a line takes is not the centre's time.
func TestSlowLinesAreNotSlowRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		h := server.New(&book{}, server.Options{Now: time.Now, Answered: func(a server.Answered) { took = a.Took }})
		r := postAt(t, tillKey, idle, time.Now())
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		r.Body = io.NopCloser(io.MultiReader(slowly{}, bytes.NewReader(body)))
		require.Equal(t, http.StatusOK, serve(h, r).StatusCode)
		require.Zero(t, took)
	})
}

// slowly is nothing, after half a minute.
type slowly struct{}

func (slowly) Read([]byte) (int, error) {
	time.Sleep(30 * time.Second)
	return 0, io.EOF
}

// A sighting says of a batch how large it is and how old its first entry.
func TestSightingsOfBatches(t *testing.T) {
	var seen []server.Sighting
	h := handler(&book{}, server.Options{Seen: func(_ pos.TerminalID, s server.Sighting) { seen = append(seen, s) }})
	raw, err := pos.Entry{
		V: pos.Version, ID: pos.EntryID{Terminal: terminalOf(tillKey).ID, Incarnation: 7, Seq: 1}, Nonce: 1,
		At: noon.Add(-time.Hour).UnixMilli(), Kind: pos.DayEnded, Prev: pos.Hash{1},
	}.Encode()
	require.NoError(t, err)
	request := idle
	request.Entries, request.Head = wire.Cut([][]byte{raw})
	require.Equal(t, http.StatusOK, serve(h, post(t, tillKey, request)).StatusCode)
	request.Entries, request.Head = wire.Cut([][]byte{[]byte("no entry at all")})
	require.Equal(t, http.StatusOK, serve(h, post(t, tillKey, request)).StatusCode)
	require.Equal(t, []server.Sighting{
		{At: noon, Area: "area", Entries: 1, Oldest: noon.Add(-time.Hour)},
		{At: noon, Area: "area", Entries: 1},
	}, seen)
}

// pipes is a listener of connections that say where they are from.
type pipes struct{ conns chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

type from struct {
	net.Conn
	at net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.at }

// Connections are bounded in all and by address, but for those from this machine;
// one that was closed makes room.
func TestConnectionsAreBounded(t *testing.T) {
	p := pipes{make(chan net.Conn, 20)}
	l := server.Limit(p, 9, 2)
	var theirs []net.Conn
	dial := func(at string) {
		ours, their := net.Pipe()
		theirs = append(theirs, their)
		p.conns <- from{ours, &net.TCPAddr{IP: net.ParseIP(at), Port: 1000 + len(theirs)}}
	}
	for _, at := range []string{
		"10.0.0.1", "10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", // two of one, however it is written
		"2001:db8::1", "2001:db8::2", "2001:db8::3", // two of one network
		"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "::1", "10.0.0.2", // a proxy here has many, and no room for the last
	} {
		dial(at)
	}
	close(p.conns)
	var open []net.Conn
	for {
		conn, err := l.Accept()
		if err != nil {
			require.ErrorIs(t, err, net.ErrClosed)
			break
		}
		open = append(open, conn)
	}
	now, refused := l.Connections()
	require.Equal(t, 9, now)
	require.EqualValues(t, 4, refused)
	for i, conn := range theirs {
		if i == 2 || i == 3 || i == 6 || i == 12 {
			_, err := conn.Read(make([]byte, 1))
			require.ErrorIs(t, err, io.EOF, "connection %d was closed", i)
		}
	}
	require.NoError(t, open[0].Close())
	require.NoError(t, open[0].Close(), "twice gives one place back")
	now, _ = l.Connections()
	require.Equal(t, 8, now)
	p.conns = make(chan net.Conn, 2)
	l.Listener = p
	dial("10.0.0.1")
	_, err := l.Accept()
	require.NoError(t, err)
}

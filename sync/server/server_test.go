package server_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

var (
	noon    = time.Date(2026, 11, 2, 23, 30, 0, 0, time.UTC)
	tillKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	oldKey  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	noKey   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
)

func terminalOf(key ed25519.PrivateKey) pos.Terminal {
	public := key.Public().(ed25519.PublicKey)
	return pos.Terminal{ID: pos.TerminalOf(public), Key: public, Name: "Till 1", Area: "area", Store: "store", Enrolled: 1}
}

// book is a centre that remembers what it was told.
type book struct {
	sent     []ledger.Sent
	taken    [][]byte
	profiles []pos.Profile
	asked    []ledger.PageAsk
	page     func(ledger.PageAsk) ledger.Page
	zone     string
	fails    error
	revoked  bool // the terminal of tillKey
	lookups  int
	blocks   chan struct{}
}

func (b *book) Terminal(id pos.TerminalID) (pos.Terminal, error) {
	b.lookups++
	switch id {
	case terminalOf(tillKey).ID:
		t := terminalOf(tillKey)
		t.Revoked = b.revoked
		return t, nil
	case terminalOf(oldKey).ID:
		return pos.Terminal{}, pos.ErrRevoked
	}
	return pos.Terminal{}, pos.ErrUnknownTerminal
}

func (b *book) Enrol(code string, key ed25519.PublicKey, _ time.Time) (pos.Terminal, error) {
	if code != "GOOD" {
		return pos.Terminal{}, pos.ErrBadEnrolCode
	}
	return pos.Terminal{ID: pos.TerminalOf(key), Key: key, Store: "store"}, nil
}

func (b *book) Take(_ pos.Terminal, sent ledger.Sent, _ time.Time) error {
	entries, profiles := sent.Entries, sent.Profiles
	b.sent = append(b.sent, sent)
	if b.blocks != nil {
		<-b.blocks
	}
	b.taken, b.profiles = append(b.taken, entries...), append(b.profiles, profiles...)
	return b.fails
}

func (b *book) Page(_ pos.Terminal, ask ledger.PageAsk) (ledger.Page, error) {
	b.asked = append(b.asked, ask)
	if b.page != nil {
		return b.page(ask), nil
	}
	return ledger.Page{At: ask.At.UnixMilli(), Cursor: ask.Cursor}, nil
}

func (b *book) Roster(pos.StoreID, time.Time) (pos.Roster, error) {
	return pos.Roster{Version: 1, Shop: pos.Shop{Timezone: b.zone}, Cashiers: []pos.Cashier{{Name: "Ann", PIN: "secret"}}}, nil
}

func handler(b *book, options server.Options) http.Handler {
	if options.Now == nil {
		options.Now = func() time.Time { return noon }
	}
	return server.New(b, options)
}

var drawn uint64 // nonces

// post returns an exchange of the message, signed at noon.
func post(t testing.TB, key ed25519.PrivateKey, message any) *http.Request {
	return postAt(t, key, message, noon)
}

func postAt(t testing.TB, key ed25519.PrivateKey, message any, at time.Time) *http.Request {
	raw, err := wire.Encode(message)
	require.NoError(t, err)
	body, encoding := wire.Pack(raw)
	r := httptest.NewRequest(http.MethodPost, wire.ExchangeRoute, bytes.NewReader(body))
	r.Header.Set("Content-Type", wire.MessageType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	drawn++
	by := wire.Signer{Key: key, At: at, Nonce: wire.Nonce(binary.BigEndian.AppendUint64(make([]byte, 8), drawn))}
	wire.Sign(r.Header, wire.Target{Route: wire.ExchangeRoute}, body, by)
	return r
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t testing.TB, r *http.Response) []byte {
	raw, err := wire.ReadAll(r.Body, wire.MaxAnswer)
	require.NoError(t, err)
	return raw
}

func problemOf(t testing.TB, r *http.Response) *pos.Problem {
	require.Equal(t, wire.ProblemType, r.Header.Get("Content-Type"))
	require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	problem, err := wire.DecodeProblem(read(t, r))
	require.NoError(t, err)
	require.Equal(t, wire.Status(problem), r.StatusCode)
	return problem
}

var idle = wire.Request{V: 1, Now: 1, Cursor: 41, Open: []pos.Incarnation{7}}

func TestRequestsThatAreRefused(t *testing.T) {
	tests := []struct {
		name   string
		key    ed25519.PrivateKey
		change func(*http.Request)
		want   string
	}{
		{"an unknown terminal", noKey, nil, "line.unknown"},
		{"a revoked terminal", oldKey, nil, "line.revoked"},
		{"another terminal's signature", noKey, func(r *http.Request) {
			input := r.Header.Get("Signature-Input")
			r.Header.Set("Signature-Input", strings.Replace(input, terminalOf(noKey).ID.String(), terminalOf(tillKey).ID.String(), 1))
		}, "line.refused"},
		{"no terminal", tillKey, func(r *http.Request) { r.Header.Del("Signature-Input") }, "line.refused"},
		{"no signature", tillKey, func(r *http.Request) { r.Header.Del("Signature") }, "line.refused"},
		{"two signatures", tillKey, func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, "line.refused"},
		{"a query", tillKey, func(r *http.Request) { r.URL.RawQuery = "a=1" }, "line.refused"},
		{"another body", tillKey, func(r *http.Request) { r.Body = http.NoBody }, "line.refused"},
		{"another encoding", tillKey, func(r *http.Request) { r.Header.Set("Content-Encoding", "zstd") }, "line.refused"},
		{"an unknown encoding", tillKey, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, "line.type"},
		{"another type", tillKey, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, "line.type"},
		{"no type", tillKey, func(r *http.Request) { r.Header.Del("Content-Type") }, "line.type"},
		{"another method", tillKey, func(r *http.Request) { r.Method = http.MethodGet }, "line.method"},
		{"another path", tillKey, func(r *http.Request) { r.URL.Path = "/v1/feed" }, "line.path"},
		{"a later version's path", tillKey, func(r *http.Request) { r.URL.Path = "/v2/exchange" }, "line.newer"},
		{"a body of more than 1 MiB", tillKey, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", wire.MaxRequest+1)))
		}, "line.large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &book{}
			r := post(t, tt.key, idle)
			if tt.change != nil {
				tt.change(r)
			}
			response := serve(handler(b, server.Options{}), r)
			require.Equal(t, tt.want, problemOf(t, response).Key)
			require.Empty(t, b.asked, "no page for such a caller")
			if tt.want == "line.method" {
				require.Equal(t, "POST", response.Header.Get("Allow"))
			}
		})
	}
}

// What is signed but not right is refused before anything is taken.
func TestMessagesThatAreRefused(t *testing.T) {
	cut, head := wire.Cut([][]byte{[]byte("one entry")})
	var bomb bytes.Buffer
	bomb.Write(make([]byte, 2<<20))
	tests := []struct {
		name    string
		message any
		want    string
	}{
		{"something else", "hello", "line.malformed"},
		{"a later version", wire.Request{V: 2, Now: 1}, "line.newer"},
		{"another head", wire.Request{V: 1, Now: 1, Entries: cut}, "line.chain"},
		{"an entry too many", wire.Request{V: 1, Now: 1, Entries: make([][]byte, wire.MaxEntries+1), Head: head}, "line.large"},
		{"2 MiB in 300 bytes", bomb.Bytes(), "line.large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &book{}
			require.Equal(t, tt.want, problemOf(t, serve(handler(b, server.Options{}), post(t, tillKey, tt.message))).Key)
			require.Empty(t, b.taken)
			require.Empty(t, b.asked)
		})
	}
}

// Who has no key of a terminal costs a look-up and a signature check: not one byte
// of the body is read.
func TestStrangersCostLittle(t *testing.T) {
	for name, change := range map[string]func(*http.Request){
		"no signature":        func(r *http.Request) { r.Header.Del("Signature") },
		"somebody's":          func(r *http.Request) { r.Header.Set("Signature", "s=:"+strings.Repeat("A", 86)+"==:") },
		"an unknown terminal": func(r *http.Request) { r.Header = post(t, noKey, idle).Header },
		"an old one":          func(r *http.Request) { r.Header = postAt(t, tillKey, idle, noon.Add(-time.Hour)).Header },
	} {
		b := &book{}
		r := post(t, tillKey, idle)
		change(r)
		r.Body = unread{t}
		require.GreaterOrEqual(t, serve(handler(b, server.Options{}), r).StatusCode, 400, name)
		require.LessOrEqual(t, b.lookups, 1, name)
		require.Empty(t, b.asked, name)
	}
}

// unread is a body that nobody may read.
type unread struct{ t testing.TB }

func (u unread) Read([]byte) (int, error) {
	require.Fail(u.t, "the body is read")
	return 0, io.EOF
}
func (unread) Close() error { return nil }

// A request is good within five minutes of the centre's clock, and says so.
func TestClocks(t *testing.T) {
	for off, good := range map[time.Duration]bool{
		0: true, wire.Window: true, -wire.Window: true, wire.Window + time.Second: false, -wire.Window - time.Second: false,
		30 * 24 * time.Hour: false, -30 * 24 * time.Hour: false, 290 * 365 * 24 * time.Hour: false,
	} {
		response := serve(handler(&book{}, server.Options{}), postAt(t, tillKey, idle, noon.Add(off)))
		if good {
			require.Equal(t, http.StatusOK, response.StatusCode, off)
			continue
		}
		require.Equal(t, pos.Refuse("line.clock", "now", noon.UnixMilli()), problemOf(t, response), off)
	}
}

// A request is taken once, also when it comes back later or after others.
func TestReplays(t *testing.T) {
	b := &book{}
	now := noon
	h := handler(b, server.Options{Now: func() time.Time { return now }})
	again := func(r *http.Request) *http.Request { // httptest's requests have one body each
		r = r.Clone(t.Context())
		raw, err := wire.Encode(idle)
		require.NoError(t, err)
		r.Body = io.NopCloser(bytes.NewReader(raw))
		return r
	}
	first, second := post(t, tillKey, idle), post(t, tillKey, idle)
	require.Equal(t, http.StatusOK, serve(h, again(second)).StatusCode, "the second overtook the first")
	require.Equal(t, http.StatusOK, serve(h, again(first)).StatusCode)
	for _, later := range []time.Duration{0, time.Second, wire.Window - time.Second, wire.Window} {
		now = noon.Add(later)
		require.Equal(t, pos.Refuse("line.replay"), problemOf(t, serve(h, again(first))), later)
		require.Equal(t, pos.Refuse("line.replay"), problemOf(t, serve(h, again(second))), later)
	}
	now = noon.Add(wire.Window + time.Second)
	require.Equal(t, "line.clock", problemOf(t, serve(h, again(first))).Key)
	require.Len(t, b.asked, 2)
}

// A till that sends as fast as it can is served on, and what it sent stays sent:
// the memory is bounded, and what falls out of it is refused by its age.
func TestNoncesAreBounded(t *testing.T) {
	now := noon
	h := handler(&book{}, server.Options{Now: func() time.Time { return now }, Bounds: server.Bounds{Often: -1}})
	send := func() (http.Header, *http.Response) {
		r := postAt(t, tillKey, idle, now)
		return r.Header, serve(h, r)
	}
	var old []http.Header
	for i := range 4000 {
		header, response := send()
		require.Equal(t, http.StatusOK, response.StatusCode)
		if i%400 == 0 {
			old = append(old, header)
		}
		now = now.Add(10 * time.Millisecond)
	}
	busy := false
	for range 5000 {
		_, response := send()
		if busy = response.StatusCode != http.StatusOK; busy {
			require.Equal(t, pos.Refuse("line.busy", "seconds", int64(1)), problemOf(t, response))
			break
		}
	}
	require.True(t, busy, "9,000 are remembered")
	now = now.Add(time.Second)
	_, response := send()
	require.Equal(t, http.StatusOK, response.StatusCode)
	for _, header := range old {
		r := post(t, tillKey, idle)
		r.Header = header
		require.Equal(t, "line.busy", problemOf(t, serve(h, r)).Key)
	}
}

// What a revoked terminal still has is taken; it learns nothing but that, whatever
// the book would tell it.
func TestRevokedTerminalHandsIn(t *testing.T) {
	b := &book{revoked: true, page: func(ask ledger.PageAsk) ledger.Page {
		return ledger.Page{
			At: ask.At.UnixMilli(), Acks: []ledger.Ack{{Incarnation: 7, Seq: 1}}, Cursor: 99, More: true, Holders: 5,
			Changed: []ledger.Changed{{Position: 99}}, Roster: &pos.Roster{Version: 9},
		}
	}}
	request := idle
	request.Entries, request.Head = wire.Cut([][]byte{[]byte("one entry")})
	got, err := wire.DecodeAnswer(read(t, serve(handler(b, server.Options{}), post(t, tillKey, request))))
	require.NoError(t, err)
	require.Equal(t, [][]byte{[]byte("one entry")}, b.taken)
	require.Equal(t, ledger.Page{At: noon.UnixMilli(), Acks: []ledger.Ack{{Incarnation: 7, Seq: 1}}, Cursor: 41, Revoked: true}, got.Page)
}

// The book is told what the till wants, how far it has read, and how wrong its
// clock is.
func TestTakeIsToldAll(t *testing.T) {
	b := &book{}
	h := handler(b, server.Options{})
	serve(h, post(t, tillKey, idle))
	require.Empty(t, b.sent, "nothing to take")
	request := idle
	request.Now, request.Wants, request.Broken = noon.Add(-3*time.Hour).UnixMilli(), []pos.HolderID{{5}}, true
	require.Equal(t, http.StatusOK, serve(h, post(t, tillKey, request)).StatusCode)
	request.Now, request.Wants, request.Broken, request.Profiles = 1<<62, nil, false, []pos.Profile{{Name: "Ann"}}
	require.Equal(t, http.StatusOK, serve(h, post(t, tillKey, request)).StatusCode)
	require.Equal(t, []ledger.Sent{
		{Entries: [][]byte{}, Broken: true, Wants: []pos.HolderID{{5}}, Cursor: 41, Skew: -3 * time.Hour},
		{Entries: [][]byte{}, Profiles: []pos.Profile{{Name: "Ann"}}, Cursor: 41, Skew: 1<<63 - 1},
	}, b.sent)
}

// What a page acknowledges of entries that came with another request, of which the
// terminal has not heard, is confirmed after it was read.
func TestPageThatTellsMoreIsConfirmed(t *testing.T) {
	for name, test := range map[string]struct {
		request wire.Request
		acked   uint64
		want    int
	}{
		"nothing came, and nothing waits":  {idle, 5, 0},
		"nothing came, but something does": {wire.Request{Waiting: 3}, 5, 1},
		"nothing is there":                 {wire.Request{Waiting: 3}, 0, 0},
		"what came":                        {brings(t, 5), 5, 0},
		"less than what came":              {brings(t, 5), 4, 0},
		"more than what came":              {brings(t, 5), 6, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := &book{page: func(ledger.PageAsk) ledger.Page {
				return ledger.Page{Acks: []ledger.Ack{{Incarnation: 7, Seq: test.acked}}}
			}}
			request := idle
			request.Entries, request.Head, request.Waiting = test.request.Entries, test.request.Head, test.request.Waiting
			request.Open = []pos.Incarnation{7}
			require.Equal(t, http.StatusOK, serve(handler(b, server.Options{}), post(t, tillKey, request)).StatusCode)
			confirmed := 0
			for _, sent := range b.sent {
				if sent.Confirm {
					confirmed++
				}
			}
			require.Equal(t, test.want, confirmed)
			if confirmed > 0 {
				require.Len(t, b.asked, 1, "the page was read before")
				b.fails = pos.Refuse("disk.away")
				request.Entries, request.Head = nil, pos.Hash{}
				request.Waiting = 3
				got := serve(handler(b, server.Options{}), post(t, tillKey, request))
				require.Equal(t, http.StatusServiceUnavailable, got.StatusCode, "nothing is acknowledged that was not confirmed")
			}
		})
	}
}

// brings is a request with one entry.
func brings(t *testing.T, seq uint64) (request wire.Request) {
	e := pos.Entry{V: pos.Version, ID: pos.EntryID{Terminal: terminalOf(tillKey).ID, Incarnation: 7, Seq: seq}, Nonce: 1, At: 1, Kind: pos.Stamped, Cashier: "ida"}
	raw, err := e.Encode()
	require.NoError(t, err)
	request.Entries, request.Head = wire.Cut([][]byte{raw})
	return request
}

func TestExchangeTakesThenReads(t *testing.T) {
	b := &book{zone: "Asia/Kuala_Lumpur"}
	entry := []byte("one entry, which the book judges")
	request := idle
	request.Entries, request.Head = wire.Cut([][]byte{entry})
	request.Limit, request.Roster = 9, 3
	response := serve(handler(b, server.Options{}), post(t, tillKey, request))
	require.Equal(t, http.StatusOK, response.StatusCode)
	got, err := wire.DecodeAnswer(read(t, response))
	require.NoError(t, err)
	require.Equal(t, ledger.Page{At: noon.UnixMilli(), Cursor: 41}, got.Page)
	require.Equal(t, [][]byte{entry}, b.taken)
	require.Equal(t, []ledger.PageAsk{{
		Cursor: 41, Limit: 9, Open: []pos.Incarnation{7}, Roster: 3, At: noon,
		Day: pos.DayOf(noon.Add(24*time.Hour), time.UTC), // half past seven the next morning, there
	}}, b.asked)
}

func TestAnswersAreCompressedForThoseWhoAsk(t *testing.T) {
	b := &book{page: func(ledger.PageAsk) ledger.Page {
		return ledger.Page{At: 1, Acks: make([]ledger.Ack, 200)}
	}}
	plain := serve(handler(b, server.Options{}), post(t, tillKey, idle))
	require.Equal(t, "", plain.Header.Get("Content-Encoding"))
	r := post(t, tillKey, idle)
	r.Header.Set("Accept-Encoding", "zstd")
	packed := serve(handler(b, server.Options{}), r)
	require.Equal(t, wire.Zstd, packed.Header.Get("Content-Encoding"))
	raw, err := wire.Unpack(read(t, packed), wire.Zstd, wire.MaxAnswer)
	require.NoError(t, err)
	require.Equal(t, read(t, plain), raw)
}

// A page that would be too large to send gets fewer rows.
func TestPagesFit(t *testing.T) {
	b := &book{page: func(ask ledger.PageAsk) ledger.Page {
		page := ledger.Page{At: 1}
		for i := range ask.Limit {
			page.Cursor = uint64(i + 1)
			page.Changed = append(page.Changed, ledger.Changed{
				Position: page.Cursor, Profile: &pos.Profile{Name: strings.Repeat("x", wire.MaxProfile)},
			})
		}
		return page
	}}
	response := serve(handler(b, server.Options{}), post(t, tillKey, idle))
	got, err := wire.DecodeAnswer(read(t, response))
	require.NoError(t, err)
	require.Len(t, got.Page.Changed, wire.MaxChanged/16)
}

// What fails inside is the log's, not the caller's.
func TestFailuresInside(t *testing.T) {
	var log bytes.Buffer
	b := &book{fails: errors.Join(pos.Refuse("disk.full"), errors.New("secret path"))}
	request := idle
	request.Profiles = []pos.Profile{{Name: "Ann"}}
	h := handler(b, server.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	problem := problemOf(t, serve(h, post(t, tillKey, request)))
	require.Equal(t, pos.Refuse("line.failed"), problem)
	require.Contains(t, log.String(), "secret path")

	b = &book{zone: "Mars/Olympus"}
	require.Equal(t, "line.failed", problemOf(t, serve(handler(b, server.Options{}), post(t, tillKey, idle))).Key)
}

// A terminal waits for its own request before, but not for ever, and not in many
// copies.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{blocks: make(chan struct{})}
		h := handler(b, server.Options{})
		request := idle
		request.Profiles = []pos.Profile{{Name: "Ann"}}
		slow, next, third := post(t, tillKey, request), post(t, tillKey, idle), post(t, tillKey, idle)
		first := make(chan int)
		go func() { first <- serve(h, slow).StatusCode }()
		synctest.Wait()
		second := make(chan *http.Response)
		go func() { second <- serve(h, next) }()
		synctest.Wait()
		response := serve(h, third)
		require.Equal(t, "5", response.Header.Get("Retry-After"))
		require.Equal(t, pos.Refuse("line.often", "seconds", int64(5)), problemOf(t, response))
		response = <-second
		require.Equal(t, "5", response.Header.Get("Retry-After"))
		require.Equal(t, pos.Refuse("line.busy", "seconds", int64(5)), problemOf(t, response))
		close(b.blocks)
		require.Equal(t, http.StatusOK, <-first)
		require.Equal(t, http.StatusOK, serve(h, post(t, tillKey, idle)).StatusCode)
	})
}

func TestEnrol(t *testing.T) {
	public := noKey.Public().(ed25519.PublicKey)
	enrol := func(message any, change func(*http.Request)) *http.Response {
		raw, err := wire.Encode(message)
		require.NoError(t, err)
		r := httptest.NewRequest(http.MethodPost, wire.EnrolRoute, bytes.NewReader(raw))
		r.Header.Set("Content-Type", wire.MessageType+"; charset=binary")
		if change != nil {
			change(r)
		}
		return serve(handler(&book{}, server.Options{}), r)
	}
	good := wire.Enrol{V: 1, Code: "GOOD", Key: public}
	got, err := wire.DecodeEnrolled(read(t, enrol(good, nil)))
	require.NoError(t, err)
	require.Equal(t, terminalOf(noKey).ID, got.Terminal.ID)
	require.Equal(t, noon.UnixMilli(), got.Now)
	require.Equal(t, "Ann", got.Roster.Cashiers[0].Name)

	tests := []struct {
		name    string
		message any
		change  func(*http.Request)
		want    string
	}{
		{"a wrong code", wire.Enrol{V: 1, Code: "BAD", Key: public}, nil, "enrol.code"},
		{"a later version", wire.Enrol{V: 2, Code: "GOOD", Key: public}, nil, "line.newer"},
		{"something else", "hello", nil, "line.malformed"},
		{"more than a code and a key", strings.Repeat("x", 2000), nil, "line.large"},
		{"compressed", good, func(r *http.Request) { r.Header.Set("Content-Encoding", "zstd") }, "line.type"},
		{"a form", good, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, "line.type"},
		{"a browser", good, func(r *http.Request) { r.Method = http.MethodGet }, "line.method"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, problemOf(t, enrol(tt.message, tt.change)).Key)
		})
	}
}

// Ten wrong codes a minute, whoever sends them, then even a good one waits.
func TestGuessing(t *testing.T) {
	now := noon
	h := handler(&book{}, server.Options{Now: func() time.Time { return now }, Pepper: bytes.Repeat([]byte{7}, wire.PepperSize)})
	enrol := func(code string) *http.Response {
		raw, err := wire.Encode(wire.Enrol{V: 1, Code: code, Key: noKey.Public().(ed25519.PublicKey)})
		require.NoError(t, err)
		r := httptest.NewRequest(http.MethodPost, wire.EnrolRoute, bytes.NewReader(raw))
		r.Header.Set("Content-Type", wire.MessageType)
		return serve(h, r)
	}
	for range 3 {
		for range 10 {
			require.Equal(t, http.StatusOK, enrol("GOOD").StatusCode, "good ones are not counted")
			require.Equal(t, "enrol.code", problemOf(t, enrol("BAD")).Key)
			now = now.Add(time.Second)
		}
		response := enrol("GOOD")
		require.Equal(t, "50", response.Header.Get("Retry-After"))
		require.Equal(t, pos.Refuse("line.busy", "seconds", int64(50)), problemOf(t, response))
		now = now.Add(50 * time.Second)
		response = enrol("GOOD")
		got, err := wire.DecodeEnrolled(read(t, response))
		require.NoError(t, err)
		require.Equal(t, bytes.Repeat([]byte{7}, wire.PepperSize), got.Pepper)
		now = now.Add(time.Minute)
	}
}

// The pin is the server's for ever: it depends on the key alone.
func TestCertificate(t *testing.T) {
	first, pin, err := server.Certificate(tillKey, noon)
	require.NoError(t, err)
	second, again, err := server.Certificate(tillKey, noon.Add(10*365*24*time.Hour))
	require.NoError(t, err)
	require.Equal(t, pin, again)
	require.Equal(t, pin, wire.PinOf(second.Leaf))
	require.NotEqual(t, first.Certificate, second.Certificate)
	require.NotEqual(t, tillKey.Public(), first.Leaf.PublicKey, "the key that signs entries is another")
	_, other, err := server.Certificate(oldKey, noon)
	require.NoError(t, err)
	require.NotEqual(t, pin, other)
	require.EqualValues(t, tls.VersionTLS13, server.TLS(first).MinVersion)
}

func TestHealth(t *testing.T) {
	response := serve(handler(&book{}, server.Options{}), httptest.NewRequest(http.MethodGet, wire.HealthRoute, nil))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "tenthcup 1\n", string(read(t, response)))
}

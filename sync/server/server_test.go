package server_test

import (
	"bytes"
	"crypto/ed25519"
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
	taken    [][]byte
	profiles []pos.Profile
	asked    []ledger.PageAsk
	page     func(ledger.PageAsk) ledger.Page
	zone     string
	fails    error
	blocks   chan struct{}
}

func (b *book) Terminal(id pos.TerminalID) (pos.Terminal, error) {
	switch id {
	case terminalOf(tillKey).ID:
		return terminalOf(tillKey), nil
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

func (b *book) Take(_ pos.Terminal, entries [][]byte, profiles []pos.Profile, _ time.Time) error {
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
	options.Now = func() time.Time { return noon }
	return server.New(b, options)
}

// post returns a signed exchange of the message.
func post(t testing.TB, key ed25519.PrivateKey, message any) *http.Request {
	raw, err := wire.Encode(message)
	require.NoError(t, err)
	body, encoding := wire.Pack(raw)
	r := httptest.NewRequest(http.MethodPost, wire.ExchangeRoute, bytes.NewReader(body))
	r.Header.Set("Content-Type", wire.MessageType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	r.Header.Set(wire.TerminalHeader, terminalOf(key).ID.String())
	r.Header.Set(wire.SignatureHeader, wire.Sign(key, wire.Signed{Route: wire.ExchangeRoute, Encoding: encoding, Body: body}))
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
		{"no terminal", tillKey, func(r *http.Request) { r.Header.Del(wire.TerminalHeader) }, "line.unknown"},
		{"another terminal's signature", noKey, func(r *http.Request) {
			r.Header.Set(wire.TerminalHeader, terminalOf(tillKey).ID.String())
		}, "line.refused"},
		{"no signature", tillKey, func(r *http.Request) { r.Header.Del(wire.SignatureHeader) }, "line.refused"},
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
	require.Len(t, got.Page.Changed, wire.MaxChanged/4)
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

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{blocks: make(chan struct{})}
		h := handler(b, server.Options{AtOnce: 1})
		request := idle
		request.Profiles = []pos.Profile{{Name: "Ann"}}
		slow := post(t, tillKey, request)
		first := make(chan int)
		go func() { first <- serve(h, slow).StatusCode }()
		synctest.Wait()
		response := serve(h, post(t, tillKey, idle))
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

func TestHealth(t *testing.T) {
	response := serve(handler(&book{}, server.Options{}), httptest.NewRequest(http.MethodGet, wire.HealthRoute, nil))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "tenthcup 1\n", string(read(t, response)))
}

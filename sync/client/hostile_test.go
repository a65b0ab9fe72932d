package client_test

import (
	"context"
	"crypto/ed25519"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/client"
	"tenthcup/sync/wire"
)

const address = "http://centre.test"

var testKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// noBook is a till with nothing to tell, which must be told nothing.
type noBook struct{ t testing.TB }

func (noBook) Outbox(int, int) (ledger.Outbox, error) { return ledger.Outbox{Cursor: 7}, nil }
func (b noBook) Apply(page ledger.Page, _ []pos.Profile) error {
	require.Fail(b.t, "applied", "%v", page)
	return nil
}

// anyBook is a till with nothing to tell, which takes what it is told.
type anyBook struct{}

func (anyBook) Outbox(int, int) (ledger.Outbox, error) { return ledger.Outbox{}, nil }
func (anyBook) Apply(ledger.Page, []pos.Profile) error { return nil }

func message(t testing.TB, message any) string {
	raw, err := wire.Encode(message)
	require.NoError(t, err)
	return string(raw)
}

// Whatever answers, the till says in its own words what it met, and its book
// stays as it is.
func TestWrongAnswers(t *testing.T) {
	page := ledger.Page{At: 5, Cursor: 7}
	good := message(t, wire.Answer{V: 1, Page: page})
	bomb, _ := wire.Pack(make([]byte, wire.MaxAnswer+1))
	tests := []struct {
		name   string
		status int
		kind   string
		coding string
		body   string
		key    string
	}{
		{"a web site", 200, "text/html", "", "<html>Welcome", "line.wrong"},
		{"a web site that has no such page", 404, "text/html", "", "<html>", "line.wrong"},
		{"a hotel's login page", 302, "text/html", "", "", "line.wrong"},
		{"nothing", 200, "", "", "", "line.wrong"},
		{"somebody else's problem", 400, wire.ProblemType, "", `{"type":"about:blank"}`, "line.wrong"},
		{"an answer with a wrong status", 201, wire.MessageType, "", good, "line.wrong"},
		{"garbage", 200, wire.MessageType, "", "\xff\xff\xff", "line.garbled"},
		{"garbage called zstd", 200, wire.MessageType, "zstd", "\xff\xff\xff", "line.garbled"},
		{"an unknown compression", 200, wire.MessageType, "br", good, "line.garbled"},
		{"an answer with something behind it", 200, wire.MessageType, "", good + "x", "line.garbled"},
		{"an answer of 9 MB", 200, wire.MessageType, "", strings.Repeat("x", 9<<20), "line.garbled"},
		{"an answer that unpacks to more than 8 MB", 200, wire.MessageType, "zstd", string(bomb), "line.garbled"},
		{"a problem of 1 MB", 400, wire.ProblemType, "", strings.Repeat("[", 1<<20), "line.wrong"},
		{"a later version", 200, wire.MessageType, "", message(t, wire.Answer{V: 2, Page: page}), "line.newer"},
		{"an old server", 426, wire.ProblemType, "", `{"key":"line.newer","args":{"till":1,"server":0}}`, "line.newer"},
		{"a proxy without its server", 502, "text/html", "", "<html>", "line.busy"},
		{"a busy server", 503, wire.ProblemType, "", `{"key":"line.busy","args":{"seconds":5}}`, "line.busy"},
		{"a later server's problem", 400, wire.ProblemType, "", `{"key":"line.expired"}`, "line.expired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header()["Content-Type"] = nil
					for name, value := range map[string]string{"Content-Type": tt.kind, "Content-Encoding": tt.coding, "Location": "/login"} {
						if value != "" {
							w.Header().Set(name, value)
						}
					}
					w.WriteHeader(tt.status)
					_, _ = w.Write([]byte(tt.body))
				}))
				c := client.Client{Book: noBook{t}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: l.client(t)}
				_, err := c.Exchange(t.Context())
				require.ErrorIs(t, err, pos.Refuse(tt.key))
				_, err = client.Enrol(t.Context(), client.Enrolment{HTTP: l.client(t), URL: address, Plain: true}, "CODE", testKey.Public().(ed25519.PublicKey))
				require.ErrorIs(t, err, pos.Refuse(tt.key), "while enrolling")
			})
		})
	}
}

func TestWrongAddress(t *testing.T) {
	for _, address := range []string{"", "centre.test", "ftp://centre.test", "http://", "http://:80", "http://a b", "http://x?y", "\x00"} {
		c := client.Client{Book: noBook{t}, Key: testKey, URL: address, Now: time.Now}
		_, err := c.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.url"), address)
	}
}

// Over plain HTTP everybody reads along; a till must be told that it may.
func TestPlainIsRefused(t *testing.T) {
	for _, address := range []string{"http://centre.test", "http://192.168.1.7:7210", "http://127.0.0.1.centre.test", "http://localhost.centre.test"} {
		c := client.Client{Book: noBook{t}, Key: testKey, URL: address, Now: time.Now, HTTP: noLine(t)}
		_, err := c.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.plain"), address)
		_, err = client.Enrol(t.Context(), client.Enrolment{URL: address, HTTP: noLine(t)}, "CODE", testKey.Public().(ed25519.PublicKey))
		require.ErrorIs(t, err, pos.Refuse("line.plain"), address)
	}
	for _, address := range []string{"http://127.0.0.1:7210", "http://127.9.9.9", "http://[::1]:7210", "http://localhost:7210"} {
		l := newLine(t, pageHandler(t))
		c := client.Client{Book: anyBook{}, Key: testKey, URL: address, Now: time.Now, HTTP: l.client(t)}
		_, err := c.Exchange(t.Context())
		require.NoError(t, err, address)
		c = client.Client{Book: noBook{t}, Key: testKey, URL: address, Plain: true, Pins: []wire.Pin{{1}}, Now: time.Now, HTTP: noLine(t)}
		_, err = c.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.plain"), "a pin says that there is TLS")
	}
}

// noLine is a line on which nothing may go.
func noLine(t testing.TB) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		require.Fail(t, "dialled", address)
		return nil, errLine
	}}}
}

func TestUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, http.NotFoundHandler())
		l.set(true)
		c := client.Client{Book: noBook{t}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: l.client(t)}
		_, err := c.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.unreachable"))
		require.ErrorContains(t, err, "reason:the line is cut")
	})
}

// A server that never answers costs a minute, not more, and a caller that has
// had enough less.
func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the context ends with the connection only after that
			<-r.Context().Done()
		}))
		c := client.Client{Book: noBook{t}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: l.client(t)}
		began := time.Now()
		_, err := c.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.slow"))
		require.Equal(t, time.Minute, time.Since(began))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Exchange(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute+time.Second, time.Since(began))
	})
}

// Two exchanges never run at once, and who waits for the turn can give up.
func TestOneExchangeAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		atOnce := 0
		l := newLine(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			atOnce++
			require.Equal(t, 1, atOnce)
			time.Sleep(10 * time.Second)
			atOnce--
			w.Header().Set("Content-Type", wire.MessageType)
			_, _ = w.Write([]byte(message(t, wire.Answer{V: 1, Page: ledger.Page{At: time.Now().UnixMilli()}})))
		}))
		c := client.Client{Book: anyBook{}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: l.client(t)}
		began := time.Now()
		done := make(chan time.Duration, 3)
		for range 3 {
			go func() {
				require.NoError(t, c.Sync(t.Context(), nil))
				done <- time.Since(began)
			}()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		synctest.Wait()
		require.ErrorIs(t, c.Sync(ctx, nil), context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(began))
		for i := range 3 {
			require.Equal(t, time.Duration(i+1)*10*time.Second, <-done)
		}
	})
}

// A slow answer says little about the time; it does not push a good measurement
// aside unless it proves it wrong.
func TestOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var there, back time.Duration
		ahead := time.Hour
		l := newLine(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(there)
			at := time.Now().Add(ahead).UnixMilli()
			time.Sleep(back)
			w.Header().Set("Content-Type", wire.MessageType)
			_, _ = w.Write([]byte(message(t, wire.Answer{V: 1, Page: ledger.Page{At: at}})))
		}))
		c := client.Client{Book: anyBook{}, Key: testKey, URL: address, Plain: true, Now: time.Now, HTTP: l.client(t)}
		offset := func() time.Duration {
			result, err := c.Exchange(t.Context())
			require.NoError(t, err)
			return result.Offset.Round(time.Second)
		}
		there, back = 10*time.Second, 0
		require.Equal(t, time.Hour+5*time.Second, offset(), "half a slow way wrong")
		there, back = time.Millisecond, time.Millisecond
		require.Equal(t, time.Hour, offset(), "a fast one corrects it")
		there, back = 20*time.Second, 0
		require.Equal(t, time.Hour, offset(), "a slow one does not spoil it")
		ahead = 2 * time.Hour
		require.Equal(t, 2*time.Hour+10*time.Second, offset(), "but notices a clock that was set")
	})
}

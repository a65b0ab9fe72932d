package client_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/client"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// secret is a server behind TLS on this machine.
type secret struct {
	url    string
	pin    wire.Pin
	protos chan string // of the requests that reached it
}

// newSecret starts a server whose certificate is of that time.
func newSecret(t testing.TB, made time.Time) secret {
	certificate, pin, err := server.Certificate(testKey, made)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := secret{"https://" + listener.Addr().String(), pin, make(chan string, 10)}
	page := pageHandler(t)
	web := server.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.protos <- r.Proto
		page.ServeHTTP(w, r)
	}))
	web.TLSConfig = server.TLS(certificate)
	web.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail on purpose
	done := make(chan struct{})
	go func() { _ = web.ServeTLS(listener, "", ""); close(done) }()
	t.Cleanup(func() { _ = web.Close(); <-done })
	return s
}

func (s secret) client(pins ...wire.Pin) *client.Client {
	return &client.Client{Book: anyBook{}, Key: testKey, URL: s.url, Pins: pins, Now: time.Now}
}

// The pin is all that counts: who signed the certificate, for which name and
// until when does not.
func TestRightPin(t *testing.T) {
	for name, made := range map[string]time.Time{
		"self-signed": time.Now(), "expired": time.Now().Add(-20 * 365 * 24 * time.Hour), "of tomorrow": time.Now().Add(48 * time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			s := newSecret(t, made)
			c := s.client(s.pin)
			for range 2 {
				_, err := c.Exchange(t.Context())
				require.NoError(t, err)
				require.Equal(t, "HTTP/2.0", <-s.protos)
			}
			_, err := s.client(wire.Pin{1}, s.pin).Exchange(t.Context())
			require.NoError(t, err, "two pins while the key changes")
		})
	}
}

// With another key nothing is sent: no request, no code, no pepper.
func TestWrongPin(t *testing.T) {
	s := newSecret(t, time.Now())
	wrong := s.pin
	wrong[15] ^= 1
	_, err := s.client(wrong).Exchange(t.Context())
	require.Equal(t, pos.Refuse("line.pin", "url", s.url), problem(err))
	at := client.Enrolment{URL: s.url, Pins: []wire.Pin{wrong}}
	_, err = client.Enrol(t.Context(), at, "CODE", testKey.Public().(ed25519.PublicKey))
	require.ErrorIs(t, err, pos.Refuse("line.pin"))
	_, err = s.client().Exchange(t.Context())
	require.ErrorIs(t, err, pos.Refuse("line.certificate"), "without a pin the system's roots decide")
	require.Empty(t, s.protos)
}

func TestOldTLSIsRefused(t *testing.T) {
	s := newSecret(t, time.Now())
	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}
	_, err := tls.Dial("tcp", s.url[len("https://"):], old)
	require.Error(t, err)
}

// A client's own transport cannot be pinned unless it is one that we know.
func TestPinsNeedATransport(t *testing.T) {
	c := client.Client{
		Book: noBook{t}, Key: testKey, URL: "https://centre.test", Pins: []wire.Pin{{}}, Now: time.Now,
		HTTP: &http.Client{Transport: foreign{}},
	}
	_, err := c.Exchange(t.Context())
	require.ErrorContains(t, err, "pins need")
}

type foreign struct{}

func (foreign) RoundTrip(*http.Request) (*http.Response, error) { panic("used without a pin") }

// Where the server ends each connection the next one goes on with the keys of the last,
// which saves both a signature; the pin is asked for all the same.
func TestConnectionsAreResumed(t *testing.T) {
	certificate, pin, err := server.Certificate(testKey, time.Now())
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	pages := pageHandler(t)
	var resumed []bool
	web := server.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resumed = append(resumed, r.TLS.DidResume)
		w.Header().Set("Connection", "close")
		pages.ServeHTTP(w, r)
	}))
	web.TLSConfig = server.TLS(certificate)
	done := make(chan struct{})
	go func() { _ = web.ServeTLS(listener, "", ""); close(done) }()
	defer func() { _ = web.Close(); <-done }()
	c := client.Client{Book: anyBook{}, Key: testKey, URL: "https://" + listener.Addr().String(), Pins: []wire.Pin{pin}, Now: time.Now}
	for range 3 {
		_, err := c.Exchange(t.Context())
		require.NoError(t, err)
	}
	require.Equal(t, []bool{false, true, true}, resumed)
}

// A connection that swallows everything costs one exchange. The next one dials
// anew; HTTP/2 alone would go on with the dead one.
func TestDeadConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		certificate, pin, err := server.Certificate(testKey, time.Now())
		require.NoError(t, err)
		l := &line{conns: make(chan net.Conn), closed: make(chan struct{})}
		web := server.HTTP(pageHandler(t))
		web.TLSConfig = server.TLS(certificate)
		web.TLSConfig.SessionTicketsDisabled = true // a pipe has no room for what nobody reads yet
		done := make(chan struct{})
		go func() { _ = web.ServeTLS(l, "", ""); close(done) }()
		defer func() { _ = web.Close(); <-done }()
		var last *frozen
		var protocols http.Protocols
		protocols.SetHTTP2(true)
		reach := &http.Transport{Protocols: &protocols, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := l.dial(ctx, network, address)
			last = &frozen{Conn: c}
			return last, err
		}}
		c := client.Client{
			Book: anyBook{}, Key: testKey, URL: "https://centre.test", Pins: []wire.Pin{pin}, Now: time.Now,
			HTTP: &http.Client{Transport: reach},
		}
		_, err = c.Exchange(t.Context())
		require.NoError(t, err)
		last.dead.Store(true)
		_, err = c.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.slow"))
		_, err = c.Exchange(t.Context())
		require.NoError(t, err)
	})
}

// frozen is a connection that can stop passing anything on without anybody being
// told.
type frozen struct {
	net.Conn
	dead atomic.Bool
}

func (f *frozen) Write(p []byte) (int, error) {
	if f.dead.Load() {
		return len(p), nil
	}
	return f.Conn.Write(p)
}

package server_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/sync/server"
)

func (p pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.conns <- far
	return near
}

// A server that has more connections than it keeps ends one with each answer, over HTTP/2
// too, and keeps them again when there are fewer.
func TestCrowdedServerKeepsNoMoreConnections(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprint("tls ", secure), func(t *testing.T) {
			p := pipes{make(chan net.Conn)}
			web := server.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
			serve := func() error { return web.Serve(p) }
			proto, scheme := "HTTP/1.1", "http://"
			if secure {
				certificate, _, err := server.Certificate(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), time.Now())
				require.NoError(t, err)
				web.TLSConfig = server.TLS(certificate)
				serve = func() error { return web.ServeTLS(p, "", "") }
				proto, scheme = "HTTP/2.0", "https://"
			}
			ended := make(chan error, 1)
			go func() { ended <- serve() }()
			var dials atomic.Int64
			transport := &http.Transport{
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					dials.Add(1)
					return p.dial(), nil
				},
				TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
			}
			ask := func() int64 {
				answer, err := (&http.Client{Transport: transport}).Post(scheme+"server/", "", strings.NewReader("x"))
				require.NoError(t, err)
				said, err := io.ReadAll(answer.Body)
				require.NoError(t, err)
				require.NoError(t, answer.Body.Close())
				require.Equal(t, proto, string(said))
				return dials.Load()
			}
			for range 3 {
				require.EqualValues(t, 1, ask())
			}
			var others []net.Conn
			for range 2501 {
				others = append(others, p.dial())
			}
			ask()
			before := ask()
			require.Greater(t, before, int64(1), "the connection ended")
			require.Equal(t, before+1, ask())
			for _, other := range others {
				require.NoError(t, other.Close())
			}
			require.Eventually(t, func() bool { return dials.Load() == ask() }, 8*time.Second, time.Millisecond, "connections are kept again")
			transport.CloseIdleConnections()
			close(p.conns)
			require.ErrorIs(t, <-ended, net.ErrClosed)
			require.NoError(t, web.Close())
		})
	}
}

package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing/synctest"
	"time"

	"tenthcup/sync/server"
)

// errLine is what both ends of a cut connection see.
var errLine = errors.New("the line is cut")

// host is one server process's HTTP side: it listens in memory.
type host struct {
	http   *http.Server
	conns  chan net.Conn
	closed chan struct{} // by close
	done   chan struct{} // Serve has returned
}

func newHost(handler http.Handler) *host {
	h := &host{http: server.HTTP(handler), conns: make(chan net.Conn), closed: make(chan struct{}), done: make(chan struct{})}
	go func() {
		_ = h.http.Serve(h)
		close(h.done)
	}()
	return h
}

// close drops all connections, as a process that dies does.
func (h *host) close() {
	_ = h.http.Close()
	<-h.done
}

// Accept, Close and Addr make the host a net.Listener.
func (h *host) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *host) Close() error {
	select {
	case <-h.closed:
	default:
		close(h.closed)
	}
	return nil
}

func (h *host) Addr() net.Addr { return &net.UnixAddr{Name: "host", Net: "pipe"} }

// dial returns the caller's end of a connection.
func (h *host) dial() (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case h.conns <- there:
		return here, nil
	case <-h.closed:
		return nil, errLine
	}
}

// fate is what the line does to one request.
type fate struct {
	down        bool          // nobody can be reached
	request     int           // bytes of the request that pass before it is cut, from 1; 0 is all
	answer      int           // bytes of the answer that pass before it is cut, from 1; 0 is all
	stallBefore time.Duration // before the request passes
	stallAfter  time.Duration // before the answer does
	again       bool          // the request arrives twice
	keep        bool          // a copy of it arrives later
}

// line is what lies between one till and the servers.
type line struct {
	w    *world
	fate func() fate // of the next request
}

// kept is a request that is still on its way.
type kept struct {
	url    string
	header http.Header
	body   []byte
}

// RoundTrip makes the line an http.RoundTripper. Every request has a connection
// of its own.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	k := kept{r.URL.String(), r.Header.Clone(), body}
	f := l.fate()
	if f.keep {
		l.w.late = append(l.w.late, k)
	}
	if f.again {
		l.w.deliver(k)
	}
	return l.send(r.Context(), k, f)
}

func (l *line) send(ctx context.Context, k kept, f fate) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, k.url, bytes.NewReader(k.body))
	if err != nil {
		return nil, err
	}
	request.Header = k.header.Clone()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		if f.down {
			return nil, errLine
		}
		conn, err := l.w.centre.host(address).dial()
		if err != nil {
			return nil, err
		}
		return &faulty{Conn: conn, fate: f}, nil
	}}
	return transport.RoundTrip(request)
}

// deliver gives a request to the centre over a good line. Nobody waits for the
// answer.
func (w *world) deliver(k kept) {
	l := &line{w: w}
	response, err := l.send(context.Background(), k, fate{})
	if err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	synctest.Wait()
}

// faulty is a till's end of a connection with a fate.
type faulty struct {
	net.Conn
	mu   sync.Mutex
	fate fate
}

// take returns how long to wait before n bytes, how many of them pass, and
// whether the line is cut behind them.
func take(n int, room *int, stall *time.Duration) (wait time.Duration, pass int, cut bool) {
	wait, *stall = *stall, 0
	switch {
	case *room == 0:
		return wait, n, false
	case *room <= n:
		return wait, *room - 1, true
	}
	*room -= n
	return wait, n, false
}

// Write and Read are net.Conn's.
func (f *faulty) Write(p []byte) (int, error) {
	f.mu.Lock()
	wait, pass, cut := take(len(p), &f.fate.request, &f.fate.stallBefore)
	f.mu.Unlock()
	time.Sleep(wait)
	n, err := f.Conn.Write(p[:pass])
	if cut && err == nil {
		_ = f.Close()
		err = errLine
	}
	return n, err
}

func (f *faulty) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if n == 0 {
		return n, err
	}
	f.mu.Lock()
	wait, pass, cut := take(n, &f.fate.answer, &f.fate.stallAfter)
	f.mu.Unlock()
	time.Sleep(wait)
	if cut {
		_ = f.Close()
		err = errLine
	}
	return pass, err
}

// badly draws what a bad line does to a request.
func (w *world) badly() fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return fate{down: true}
	}
	if w.random.IntN(100) >= w.plan.trouble {
		return fate{}
	}
	switch w.random.IntN(9) {
	case 0:
		return fate{request: 1}
	case 1:
		return fate{request: 1 + w.random.IntN(2500)}
	case 2:
		return fate{answer: 1}
	case 3:
		return fate{answer: 1 + w.random.IntN(1500)}
	case 4:
		return fate{stallBefore: w.within(3 * time.Minute)}
	case 5:
		return fate{stallAfter: w.within(3 * time.Minute)}
	case 6:
		return fate{again: true}
	case 7:
		return fate{keep: true}
	}
	return fate{keep: true, request: 1}
}

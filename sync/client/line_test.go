package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"tenthcup/sync/server"
)

// fault is what a line does to one request.
type fault struct {
	request int  // bytes of the request that pass before it is cut, from 1; 0 is all
	answer  int  // bytes of the answer that pass before it is cut, from 1; 0 is all
	closed  bool // the cut looks like a server that closed the connection
}

// Faults of one request. Whatever is cut, the whole connection is gone.
var (
	lostRequest = fault{request: 1}
	lostAnswer  = fault{answer: 1}
	halfRequest = fault{request: 500}
	halfAnswer  = fault{answer: 300}
)

// errLine is what both ends of a cut connection see.
var errLine = errors.New("the line is cut")

// line is the network between tills and one server, in memory. It is good until
// it is told otherwise.
type line struct {
	handler http.Handler

	mu     sync.Mutex
	down   bool
	faults []fault              // of the next requests, in turn
	fate   func() (fault, bool) // of the requests after those; false is good
	sent   int64                // bytes from the tills
	got    int64                // bytes to the tills
	conns  chan net.Conn
	closed chan struct{}
}

// newLine returns a line to a server that runs until the test ends. It is called
// inside the test's bubble.
func newLine(t testing.TB, handler http.Handler) *line {
	l := &line{handler: handler, conns: make(chan net.Conn), closed: make(chan struct{})}
	s := server.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.handler.ServeHTTP(w, r) }))
	done := make(chan struct{})
	go func() {
		_ = s.Serve(l)
		close(done)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return l
}

// client returns an HTTP client that reaches the server over the line.
func (l *line) client(t testing.TB) *http.Client {
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func (l *line) dial(context.Context, string, string) (net.Conn, error) {
	l.mu.Lock()
	down := l.down
	l.mu.Unlock()
	if down {
		return nil, errLine
	}
	till, centre := net.Pipe()
	select {
	case l.conns <- centre:
		return &faulty{Conn: till, line: l}, nil
	case <-l.closed:
		return nil, errLine
	}
}

func (l *line) set(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

func (l *line) next(faults ...fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, faults...)
}

func (l *line) take() fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return lostRequest
	}
	if len(l.faults) > 0 {
		f := l.faults[0]
		l.faults = l.faults[1:]
		return f
	}
	if l.fate != nil {
		if f, bad := l.fate(); bad {
			return f
		}
	}
	return fault{}
}

func (l *line) count(sent, got int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent += int64(sent)
	l.got += int64(got)
}

// Accept, Close and Addr make the line a net.Listener.
func (l *line) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *line) Addr() net.Addr { return &net.UnixAddr{Name: "line", Net: "pipe"} }

// faulty is a till's end of a connection.
type faulty struct {
	net.Conn
	line *line

	mu    sync.Mutex
	asked bool // inside a request
	fault fault
}

func (f *faulty) Write(p []byte) (int, error) {
	f.mu.Lock()
	if !f.asked {
		f.asked, f.fault = true, f.line.take()
	}
	pass := len(p)
	cut := f.fault.request > 0 && f.fault.request <= len(p)
	if cut {
		pass = f.fault.request - 1
	} else if f.fault.request > 0 {
		f.fault.request -= len(p)
	}
	f.mu.Unlock()
	n, err := f.Conn.Write(p[:pass])
	f.line.count(n, 0)
	if cut && err == nil {
		_ = f.Conn.Close()
		err = errLine
	}
	return n, err
}

func (f *faulty) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = f.asked && n == 0
	if n > 0 && f.fault.answer > 0 {
		if f.fault.answer <= n {
			n, err = f.fault.answer-1, errLine
			if f.fault.closed {
				err = io.EOF
			}
			_ = f.Conn.Close()
		} else {
			f.fault.answer -= n
		}
	}
	f.line.count(0, n)
	return n, err
}

// twice gives each request to the handler twice and its second answer to the
// caller.
func twice(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		for _, into := range []http.ResponseWriter{httptest.NewRecorder(), w} {
			r.Body = io.NopCloser(bytes.NewReader(body))
			handler.ServeHTTP(into, r)
		}
	})
}

// tampered changes the body of each request.
func tampered(handler http.Handler, change func(body []byte)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		change(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler.ServeHTTP(w, r)
	})
}

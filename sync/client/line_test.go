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
	"tenthcup/sync/wire"
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

// letter is a request as it crossed the line, for whoever kept a copy.
type letter struct {
	header http.Header
	body   []byte
}

// readLetter takes a copy of the request and leaves it as it was.
func readLetter(r *http.Request) letter {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return letter{r.Header.Clone(), body}
}

// deliver gives the request to the handler, once more or at last.
func (l letter) deliver(handler http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, wire.ExchangeRoute, bytes.NewReader(l.body))
	r.Header = l.header.Clone()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// twice gives each request to the handler twice and tells the caller one of the
// answers; the other one goes to spare.
func twice(handler http.Handler, spare func(*httptest.ResponseRecorder), second bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		copied := readLetter(r)
		if second {
			spare(copied.deliver(handler))
		}
		handler.ServeHTTP(w, r)
		if !second {
			spare(copied.deliver(handler))
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

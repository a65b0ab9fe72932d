package server

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Limited is a listener that keeps so many connections at once, and so many from one
// address. Those beyond are closed at once, before a byte of them is read: whoever
// connects comes again, later each time. Connections from this machine are counted in
// all only, for a proxy here speaks for everybody. It is safe for concurrent use.
type Limited struct {
	net.Listener
	inAll   int
	byOne   int
	mu      sync.Mutex
	open    int
	of      map[netip.Prefix]int
	refused uint64
}

// Limit returns the listener with these limits; byOne of 0 is none.
func Limit(listener net.Listener, inAll, byOne int) *Limited {
	return &Limited{Listener: listener, inAll: inAll, byOne: byOne, of: map[netip.Prefix]int{}}
}

// Accept returns the next connection that the limits allow.
func (l *Limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := source(conn.RemoteAddr())
		if l.take(from) {
			return &counted{Conn: conn, free: sync.OnceFunc(func() { l.free(from) })}, nil
		}
		_ = conn.Close() // it was of no use
	}
}

// Connections returns how many are open, and how many were ever refused.
func (l *Limited) Connections() (open int, refused uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open, l.refused
}

func (l *Limited) take(from netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.inAll || from.IsValid() && l.byOne > 0 && l.of[from] >= l.byOne {
		l.refused++
		return false
	}
	l.open++
	if from.IsValid() {
		l.of[from]++
	}
	return true
}

func (l *Limited) free(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if !from.IsValid() {
		return
	}
	if l.of[from]--; l.of[from] == 0 {
		delete(l.of, from)
	}
}

// keptOpen is how many connections are kept between requests. One with TLS and HTTP/2 takes
// some 50 kB, so what a process needs stays the same, however many tills it has.
const keptOpen = 2500

// keeping counts a server's connections and keeps no more than that: where there are more,
// an answer is the last one on its connection. The zero keeping has none.
type keeping struct{ open atomic.Int64 }

func (k *keeping) changed(_ net.Conn, to http.ConnState) {
	switch to {
	case http.StateNew:
		k.open.Add(1)
	case http.StateClosed, http.StateHijacked:
		k.open.Add(-1)
	}
}

func (k *keeping) within(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if k.open.Load() > keptOpen {
			w.Header().Set("Connection", "close") // in HTTP/2 it is not sent, but done
		}
		handler.ServeHTTP(w, r)
	})
}

// source returns what counts as one address: of IPv6 the network of one customer;
// and nothing valid for this machine and for what is no address.
func source(at net.Addr) netip.Prefix {
	tcp, ok := at.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return netip.Prefix{}
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	prefix, _ := ip.Prefix(bits) // zero for what is no address
	return prefix
}

// counted is a connection that gives its place back once it is closed.
type counted struct {
	net.Conn
	free func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.free()
	return c.Conn.Close()
}

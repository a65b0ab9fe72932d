package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// Outbox is client.Book's.
func (b *fleetBook) Outbox(maxEntries, maxBytes int) (ledger.Outbox, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	box := ledger.Outbox{
		Cursor: b.cursor, Roster: b.roster.Version, Waiting: b.waiting(), Held: len(b.known), Wants: slices.Clone(b.wants),
	}
	if b.writer != 0 {
		box.Open = []pos.Incarnation{b.writer}
	}
	box.Profiles = slices.Clone(b.profiles[:min(len(b.profiles), max(maxEntries, 1))])
	for _, k := range b.kept {
		if k.raw == nil {
			continue
		}
		if maxBytes -= len(k.raw); len(box.Entries) > 0 && (maxBytes < 0 || len(box.Entries) >= maxEntries) {
			break
		}
		box.Entries = append(box.Entries, k.raw)
	}
	return box, nil
}

// Apply is client.Book's. A centre that has less than it had acknowledged is an
// error: nothing in a fleet takes its disk away.
func (b *fleetBook) Apply(page ledger.Page, taken []pos.Profile) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	acked := b.acked
	for _, ack := range page.Acks {
		if ack.Incarnation == b.writer {
			acked = min(ack.Seq, b.tail.Seq)
		}
	}
	if acked < b.acked {
		return errForgotten
	}
	b.profiles = slices.DeleteFunc(b.profiles, func(p pos.Profile) bool {
		return slices.ContainsFunc(taken, func(t pos.Profile) bool { return t.Holder == p.Holder })
	})
	b.heard, b.cursor, b.told = b.now(), page.Cursor, ledger.Page{Frozen: page.Frozen, Revoked: page.Revoked, Exceptions: page.Exceptions}
	b.wants = nil
	if page.Roster != nil {
		b.roster = *page.Roster
	}
	b.shop.customers(page.Changed, func(c ledger.Changed) { b.account(c.Holder).replace(c, acked) })
	if !page.More {
		b.handed = slices.DeleteFunc(b.handed, func(h handed) bool { return h.number <= acked })
	}
	b.acknowledge(acked)
	return nil
}

// replace stores what the centre says of the member, which has the till's entries
// up to the acknowledged one.
func (a *fleetAccount) replace(c ledger.Changed, acked uint64) {
	if c.Position < a.position {
		return
	}
	a.base, a.position, a.leases = c.Sums, c.Position, c.Leases
	a.own = slices.DeleteFunc(a.own, func(m ownMove) bool { return m.number <= acked })
}

// acknowledge forgets the bytes that the centre has, and all but the last few of
// those entries.
func (b *fleetBook) acknowledge(acked uint64) {
	done := int(acked - b.acked)
	b.acked = acked
	for i := range b.kept {
		if b.kept[i].entry.ID.Seq <= acked {
			b.kept[i].raw = nil
		}
	}
	if extra := len(b.kept) - b.waiting() - memory; extra > 0 {
		b.kept = slices.Clone(b.kept[extra:])
	}
	if done > 0 {
		b.taken(done)
	}
	if b.behind > 0 && acked >= b.behind {
		b.behind = 0
		b.caught()
	}
}

// late notes what waits for the line, and returns how much that is. caught is called
// when the centre has it all, if it is anything.
func (b *fleetBook) late(caught func()) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting() > 0 {
		b.behind, b.caught = b.tail.Number, caught
	}
	return b.waiting()
}

// fleetLine is the line of all tills: real connections to real servers, one for each
// till, which can be cut for all at once.
type fleetLine struct {
	pin     *wire.Pin // of the server's key; nil is plain HTTP
	servers []string  // their addresses, taken in turn by new connections
	next    atomic.Uint64
	record  *fleetRecord

	mu  sync.Mutex
	cut context.Context // ends when the line is cut
	end context.CancelFunc
}

var errLineCut = errors.New("the line is cut")

// mend lets connections through; sever ends those there are and every try.
func (l *fleetLine) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.end = context.WithCancel(context.Background())
}

func (l *fleetLine) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
}

func (l *fleetLine) state() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// scheme returns how tills ask.
func (l *fleetLine) scheme() string {
	if l.pin != nil {
		return "https"
	}
	return "http"
}

// web returns a new till's HTTP client: as the one that a client makes itself, but
// that it dials the servers in turn and that what it does is recorded.
func (l *fleetLine) web() *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	inner := &http.Transport{
		DialContext: l.dial, MaxIdleConnsPerHost: 1, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, Protocols: protocols,
	}
	if l.pin != nil {
		inner.TLSClientConfig = &tls.Config{
			MinVersion:         tls.VersionTLS12,
			ClientSessionCache: tls.NewLRUClientSessionCache(1),
			InsecureSkipVerify: true, // VerifyConnection decides
			VerifyConnection: func(state tls.ConnectionState) error {
				if len(state.PeerCertificates) == 0 || wire.PinOf(state.PeerCertificates[0]) != *l.pin {
					return errors.New("the server has another key")
				}
				return nil
			},
		}
	}
	return &http.Client{Transport: &fleetWire{l, inner}}
}

// dial connects to the server whose turn it is, or to the next one that is there.
func (l *fleetLine) dial(ctx context.Context, network, _ string) (conn net.Conn, err error) {
	first := l.next.Add(1)
	for i := range uint64(len(l.servers)) {
		if conn, err = new(net.Dialer).DialContext(ctx, network, l.servers[(first+i)%uint64(len(l.servers))]); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// fleetWire is one till's transport.
type fleetWire struct {
	line  *fleetLine
	inner *http.Transport
}

// CloseIdleConnections lets go of the connection; http.Client calls it.
func (w *fleetWire) CloseIdleConnections() { w.inner.CloseIdleConnections() }

// RoundTrip asks a server, and is cut off with the line.
func (w *fleetWire) RoundTrip(request *http.Request) (*http.Response, error) {
	line := w.line.state()
	if line.Err() != nil {
		w.inner.CloseIdleConnections()
		w.line.record.failed(true)
		return nil, errLineCut
	}
	ctx, cancel := context.WithCancel(request.Context())
	over := context.AfterFunc(line, cancel)
	start := time.Now()
	response, err := w.inner.RoundTrip(request.WithContext(ctx))
	if err != nil {
		over()
		cancel()
		w.line.record.failed(line.Err() != nil)
		return nil, err
	}
	response.Body = &fleetAnswer{ReadCloser: response.Body, done: sync.OnceFunc(func() {
		w.line.record.answered(response.StatusCode, time.Since(start))
		over()
		cancel()
	})}
	return response, nil
}

// fleetAnswer is an answer that says when it was read to its end.
type fleetAnswer struct {
	io.ReadCloser
	done func()
}

func (a *fleetAnswer) Close() error {
	err := a.ReadCloser.Close()
	a.done()
	return err
}

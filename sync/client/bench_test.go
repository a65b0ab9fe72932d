package client_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"flag"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/sync/client"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// backlog is a till with entries that wait, without a file: what is measured is
// the line and the centre.
type backlog struct {
	entries [][]byte
	ids     []pos.EntryID
	head    pos.Hash
	at      time.Time // of the last entry
	acked   int
	cursor  uint64
}

// writing says how a backlog came to be.
type writing struct {
	entries int // stamps, some six a minute
	members int // on the cards of so many members
	process int // so many by each process
}

func newBacklog(t testing.TB, terminal pos.TerminalID, w writing) *backlog {
	l := &backlog{at: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
	for i := range w.entries {
		incarnation := 0x9f3c_77ad_0b1e_5a21 + pos.Incarnation(i/w.process)*0x0123_4567_89ab
		l.write(t, pos.EntryID{Terminal: terminal, Incarnation: incarnation, Seq: uint64(i%w.process + 1)}, w.members)
	}
	return l
}

// more writes some more, in the process that wrote the last.
func (l *backlog) more(t testing.TB, n int) {
	for range n {
		id := l.ids[len(l.ids)-1]
		id.Seq++
		l.write(t, id, 100)
	}
}

func (l *backlog) write(t testing.TB, id pos.EntryID, members int) {
	drawn := make([]byte, 24)
	_, err := rand.Read(drawn)
	require.NoError(t, err)
	l.at = l.at.Add(time.Duration(binary.BigEndian.Uint16(drawn)) * time.Millisecond / 3)
	e := pos.Entry{
		V: pos.Version, ID: id,
		Nonce: binary.BigEndian.Uint64(drawn[8:]), At: l.at.UnixMilli(), Offset: 1234, Day: pos.DayOf(l.at, time.UTC),
		Kind:     pos.Stamped,
		Holder:   holderOf(int(binary.BigEndian.Uint32(drawn[4:])) % members),
		Postings: []pos.Posting{{Account: stamps, Amount: 1}},
		Program:  pos.ProgramOf([]byte(programText)), Cashier: "ann",
		Saw:  map[string]int64{string(stamps): int64(drawn[2] % 10), "age": int64(drawn[3])},
		Prev: l.head,
	}
	raw, err := e.Encode()
	require.NoError(t, err)
	l.entries, l.ids, l.head = append(l.entries, raw), append(l.ids, e.ID), pos.HashEntry(raw)
}

func (l *backlog) Outbox(maxEntries, maxBytes int) (ledger.Outbox, error) {
	box := ledger.Outbox{Cursor: l.cursor, Waiting: len(l.entries) - l.acked, Roster: 3}
	for _, id := range l.ids[max(l.acked-1, 0):] {
		if n := len(box.Open); n == 0 || box.Open[n-1] != id.Incarnation {
			box.Open = append(box.Open, id.Incarnation)
		}
	}
	for _, raw := range l.entries[l.acked:] {
		if maxBytes -= len(raw); len(box.Entries) > 0 && (maxBytes < 0 || len(box.Entries) >= maxEntries) {
			break
		}
		box.Entries = append(box.Entries, raw)
	}
	return box, nil
}

func (l *backlog) Apply(page ledger.Page, _ []pos.Profile) error {
	upTo := map[pos.Incarnation]uint64{}
	for _, ack := range page.Acks {
		upTo[ack.Incarnation] = ack.Seq
	}
	for l.acked < len(l.ids) && l.ids[l.acked].Seq <= upTo[l.ids[l.acked].Incarnation] {
		l.acked++
	}
	l.cursor = page.Cursor
	return nil
}

// holderOf returns the nth member's id, as random as a real one.
func holderOf(n int) pos.HolderID {
	hash := pos.HashEntry(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return pos.HolderID(hash[:16])
}

// counted counts the bytes of a connection.
type counted struct {
	net.Conn
	sent, got *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.got.Add(int64(n))
	return n, err
}

// loopback is a real server on this machine, with a real file, and the bytes that
// one till exchanges with it.
type loopback struct {
	book      *central.Book
	at        client.Enrolment
	key       ed25519.PrivateKey
	enrolled  client.EnrolAnswer
	sent, got atomic.Int64
}

// newLoopback starts a server that proves itself with a pinned key, or is asked
// over plain HTTP.
func newLoopback(b *testing.B, secret bool) *loopback {
	book, err := bolt.OpenCentral(filepath.Join(b.TempDir(), "central.db"), [32]byte{1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, book.Close()) })
	require.NoError(b, book.AddStore(pos.Shop{Name: "Corner", Currency: "EUR", Timezone: "Europe/Budapest", Area: "area", Store: "corner"}))
	require.NoError(b, book.Publish(pos.Published{Document: []byte(programText)}))
	require.NoError(b, book.AddTerminal("Till", "corner", "CODE", time.Now().Add(time.Hour)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	s := server.HTTP(server.New(book, server.Options{Now: time.Now, Bounds: server.Bounds{Often: -1}})) // no till is as fast for long
	l := &loopback{book: book, at: client.Enrolment{URL: "http://" + listener.Addr().String()}}
	serve := func() error { return s.Serve(listener) }
	if secret {
		certificate, pin, err := server.Certificate(testKey, time.Now())
		require.NoError(b, err)
		s.TLSConfig = server.TLS(certificate)
		serve = func() error { return s.ServeTLS(listener, "", "") }
		l.at = client.Enrolment{URL: "https://" + listener.Addr().String(), Pins: []wire.Pin{pin}}
	}
	done := make(chan struct{})
	go func() { _ = serve(); close(done) }()
	b.Cleanup(func() { _ = s.Close(); <-done })
	var protocols http.Protocols // as a client of its own has them
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	web := &http.Client{Transport: &http.Transport{
		Protocols: &protocols, DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return counted{c, &l.sent, &l.got}, err
		},
	}}
	b.Cleanup(web.CloseIdleConnections)
	l.at.HTTP = web
	public, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(b, err)
	l.key = key
	l.enrolled, err = client.Enrol(b.Context(), l.at, "CODE", public)
	require.NoError(b, err)
	return l
}

func (l *loopback) client(book client.Book) *client.Client {
	return &client.Client{Book: book, Key: l.key, URL: l.at.URL, Pins: l.at.Pins, Now: time.Now, HTTP: l.at.HTTP}
}

func (l *loopback) reset() {
	l.sent.Store(0)
	l.got.Store(0)
}

// Budget: 76 bytes an entry in a batch of 1,000 stamps, HTTP included.
func BenchmarkBatchBytes(b *testing.B) {
	terminal := pos.TerminalOf(testKey.Public().(ed25519.PublicKey))
	for name, members := range map[string]int{"500members": 500, "everyoneOnce": 1 << 30} {
		b.Run(name, func(b *testing.B) {
			l := newBacklog(b, terminal, writing{wire.MaxEntries, members, wire.MaxEntries})
			stored := 0
			for _, raw := range l.entries {
				stored += len(raw)
			}
			var body []byte
			for b.Loop() {
				cut, head := wire.Cut(l.entries)
				raw, err := wire.Encode(wire.Request{V: 1, Now: 1, Entries: cut, Head: head})
				require.NoError(b, err)
				body, _ = wire.Pack(raw)
			}
			b.ReportMetric(float64(stored)/wire.MaxEntries, "stored-B/entry")
			b.ReportMetric(float64(len(body))/wire.MaxEntries, "wire-B/entry")
		})
	}
}

// Budget: 400 bytes each way over TLS, where a till and a server of this program
// speak HTTP/2, all headers and TLS itself included: on average and at most. What
// the three headers of a signature hold is new each time and does not compress, so
// HTTP/1.1, which is for this machine only, costs more to send.
func BenchmarkIdleExchange(b *testing.B) {
	for name, secret := range map[string]bool{"tls": true, "plain": false} {
		b.Run(name, func(b *testing.B) {
			l := newLoopback(b, secret)
			till := newTill(b, l.enrolled)
			u := &station.Station{
				Journal: till, Members: till, Office: till, Terminal: till.Terminal(), Now: time.Now, Random: rand.Reader,
				Zone: time.UTC, Currency: pos.Currency{Code: "EUR", Exponent: 2},
			}
			_, err := u.Enrol("ann", pos.Profile{Name: "Ann"})
			require.NoError(b, err)
			c := l.client(till)
			require.NoError(b, c.Sync(b.Context(), nil))
			n, sent, got := 0, l.most(&l.sent), l.most(&l.got)
			for b.Loop() {
				_, err := c.Exchange(b.Context())
				require.NoError(b, err)
				n++
				sent(n)
				got(n)
			}
			mean, most := sent(0)
			b.ReportMetric(mean, "sent-B/op")
			b.ReportMetric(most, "sent-B-most")
			mean, most = got(0)
			b.ReportMetric(mean, "got-B/op")
			b.ReportMetric(most, "got-B-most")
		})
	}
}

// most follows a counter: called after each of the exchanges with its number, it
// returns the mean of them all and the most that one took.
func (l *loopback) most(counter *atomic.Int64) func(n int) (mean, most float64) {
	first := counter.Load()
	last, count := first, 0
	large := int64(0)
	return func(n int) (float64, float64) {
		if n > 0 {
			now := counter.Load()
			large, last, count = max(large, now-last), now, n
		}
		return float64(last-first) / float64(count), float64(large)
	}
}

// Budget: 2 s for a backlog of 10,000 entries, each on the centre's disk, over TLS,
// and 76 bytes sent for each. The floor is the centre's disk alone: the same
// entries handed to its book in batches of the same size.
func BenchmarkBacklog(b *testing.B) {
	const n = 10_000
	b.Run("line", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			l := newLoopback(b, true)
			wait := newBacklog(b, l.enrolled.Terminal.ID, writing{n, 2000, n})
			c := l.client(wait)
			l.reset()
			b.StartTimer()
			require.NoError(b, c.Sync(b.Context(), nil))
			require.EqualValues(b, n, wait.acked)
			b.ReportMetric(float64(l.sent.Load())/n, "sent-B/entry")
			b.ReportMetric(float64(l.got.Load())/n, "got-B/entry")
		}
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			l := newLoopback(b, true)
			wait := newBacklog(b, l.enrolled.Terminal.ID, writing{n, 2000, n})
			b.StartTimer()
			for batch := range slices.Chunk(wait.entries, wire.MaxEntries) {
				require.NoError(b, l.book.Take(l.enrolled.Terminal, ledger.Sent{Entries: batch}, time.Now()))
			}
		}
	})
}

var newTillMembers = flag.Int("members", 20_000, "that a new till is told of, in BenchmarkNewTill")

// Budget: a till that joins a chain with 1,000,000 members has them within ten
// minutes. The floor is the till's file alone: the same members loaded in bulk.
func BenchmarkNewTill(b *testing.B) {
	rows := make([]ledger.Changed, *newTillMembers)
	profiles := make([]pos.Profile, len(rows))
	for i := range rows {
		profiles[i] = pos.Profile{
			Holder: holderOf(i), Codes: []string{fmt.Sprintf("member-%d", i)}, Name: fmt.Sprintf("Ann%x Bell%x", i%5003, i%7919),
			Phone: fmt.Sprintf("+3620%07d", i), Joined: 20_000, Changed: int64(i + 1),
		}
		rows[i] = ledger.Changed{Holder: profiles[i].Holder, Position: uint64(i + 1), Profile: &profiles[i]}
	}
	b.Run("line", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			l := newLoopback(b, true)
			for batch := range slices.Chunk(profiles, 50_000) {
				require.NoError(b, l.book.Take(l.enrolled.Terminal, ledger.Sent{Profiles: batch}, time.Now()))
			}
			till := newTill(b, l.enrolled)
			c := l.client(till)
			l.reset()
			b.StartTimer()
			require.NoError(b, c.Sync(b.Context(), nil))
			b.StopTimer()
			box, err := till.Outbox(1, 0)
			require.NoError(b, err)
			require.Equal(b, len(rows), box.Held)
			b.ReportMetric(float64(l.got.Load())/float64(len(rows)), "got-B/member")
			b.StartTimer()
		}
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			till, err := bolt.OpenTill(filepath.Join(b.TempDir(), "till.db"), pos.TerminalID{1}, [32]byte{1})
			require.NoError(b, err)
			require.NoError(b, till.Load(rows, 1))
			require.NoError(b, till.Close())
		}
	})
}

func newTill(b *testing.B, enrolled client.EnrolAnswer) *bolt.Till {
	till, err := bolt.OpenTill(filepath.Join(b.TempDir(), "till.db"), enrolled.Terminal.ID, [32]byte{1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, till.Close()) })
	require.NoError(b, till.SetRoster(enrolled.Roster))
	require.NoError(b, till.SetEnrolled())
	return till
}

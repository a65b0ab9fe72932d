// Package client is the till's half of the line. It sends what waits in the
// outbox, asks what has changed, and hands the answer to the till's book.
//
// Nothing here is durable: what was acknowledged is in the Book, so a client may
// be stopped at any moment, and the next one goes on where this one was. Every
// exchange may be repeated, whatever of it was lost.
package client

import (
	"crypto/ed25519"
	"net/http"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// Book is the till's file.
type Book interface {
	// Outbox returns what waits, in one transaction: up to maxEntries entries
	// and as many profiles, of up to maxBytes in all, half of that at most for
	// the profiles; but at least one of each if any waits. Open is oldest first.
	Outbox(maxEntries, maxBytes int) (ledger.Outbox, error)
	// Apply stores the page and takes the profiles out of the outbox, except
	// those that changed meanwhile. It is durable when it returns nil. A page
	// older than what is held changes nothing.
	Apply(page ledger.Page, taken []pos.Profile) error
}

// Client is the line of one till. Its methods are safe for concurrent use; two
// exchanges never run at once.
type Client struct {
	Book   Book               // required
	Key    ed25519.PrivateKey // the terminal's; required
	URL    string             // the server's address, https or http, with a path if it has one; required
	Pins   []wire.Pin         // the server's key, and the next one while it changes; nil trusts the system's roots
	Plain  bool               // http may be used, also to a server on another machine
	Now    func() time.Time   // the terminal's clock, uncorrected; required
	HTTP   *http.Client       // nil is a client of its own; with Pins its Transport must be an *http.Transport
	Random func() float64     // in [0, 1), for the jitter of waits; nil draws it from the key and the clock

	Watch func(Progress) // called by Run after each exchange that succeeded, from its own goroutine; nil is nobody

	Timeout time.Duration // of one exchange; 0 is a minute
	Idle    time.Duration // between exchanges when nothing waits, give or take a tenth; 0 is 30 s

	once   sync.Once
	turn   chan struct{} // room for one: whoever put something in may exchange
	mended chan struct{} // room for one: a Sync succeeded

	// These belong to who has the turn.
	web    *http.Client // nil until the next call
	batch  int          // entries in the next request; small on a bad line
	away   bool         // nobody could be reached: the next request only knocks
	clock  clock        // how far the centre's clock is ahead
	signed uint64       // requests, of which no two have the same nonce
}

const (
	defaultTimeout = time.Minute
	defaultIdle    = 30 * time.Second
	smallestBatch  = 8 // entries: about one packet
)

func (c *Client) init() {
	c.once.Do(func() {
		c.turn = make(chan struct{}, 1)
		c.mended = make(chan struct{}, 1)
		c.batch = wire.MaxEntries
	})
}

// clock estimates how far the centre's clock is ahead of the terminal's.
type clock struct {
	offset time.Duration
	within time.Duration // the estimate is off by no more than this; 0 before the first
}

// measure takes the centre's time, given somewhere between before and after. A
// slow exchange says little: while it does not contradict a better estimate, the
// better one stays, so that entry times don't jump about with the line.
func (c *clock) measure(centre, before, after time.Time) time.Duration {
	half := after.Sub(before) / 2
	measured := clock{centre.Sub(before.Add(half)), half + time.Millisecond}
	if c.within == 0 || measured.within <= c.within || (c.offset-measured.offset).Abs() > measured.within {
		*c = measured
	}
	return c.offset
}

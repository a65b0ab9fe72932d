package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// Result is what one exchange did.
type Result struct {
	Sent    int           // entries and profiles that the centre now has
	Waiting int           // what waits here now: entries, and whether profiles do
	More    bool          // something waits, here or there
	Offset  time.Duration // how far the centre's clock is ahead of the terminal's
	Held    int           // holders that the centre has told this till of
	Holders int           // that the centre has in all, as far as it says
}

// Exchange makes one round trip: it sends the oldest of what waits and applies
// the page that comes back. When it returns nil, that page is durable here and
// what Sent counts is durable there. After an error the outcome is unknown, and
// the same is sent again next time.
//
// Its errors are *pos.Problem (keys line.*), those of ctx and those of the book. A
// terminal that was revoked may still hand in what it has; once nothing more waits
// that the centre takes, the error is line.revoked, with what this exchange did.
func (c *Client) Exchange(ctx context.Context) (Result, error) {
	if err := c.take(ctx); err != nil {
		return Result{}, err
	}
	defer c.give()
	batch := c.batch
	if c.away { // a till without a line for days should not pack all it has at every try
		batch = min(batch, smallestBatch)
	}
	room := max(pos.MaxEntryBytes, wire.MaxEntryBytes*batch/wire.MaxEntries)
	outbox, err := c.Book.Outbox(batch, room)
	if err != nil {
		return Result{}, fmt.Errorf("read outbox: %w", err)
	}
	p, err := pack(outbox, batch)
	if err != nil {
		return Result{}, err
	}
	result, err := c.exchange(ctx, outbox, p)
	c.adapt(p, err)
	return result, err
}

// take waits for the turn to exchange.
func (c *Client) take(ctx context.Context) error {
	c.init()
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) give() { <-c.turn }

// profileTooLarge is the key of the problem that one profile can never be sent.
// All else has been, so the line is good.
const profileTooLarge = "line.profile"

// parcel is the part of the outbox that one request carries.
type parcel struct {
	entries  [][]byte // as chained
	cut      [][]byte // the same as they cross the line
	head     pos.Hash
	profiles []pos.Profile
	tooLarge *pos.Profile // one that no request can carry
}

// pack takes what a request of the batch's size carries of the outbox. A profile
// that is too large for any request does not keep the others from going.
func pack(outbox ledger.Outbox, batch int) (parcel, error) {
	var p parcel
	p.cut, p.head = wire.Cut(outbox.Entries)
	p.entries = outbox.Entries[:len(p.cut)]
	for i, profile := range outbox.Profiles {
		raw, err := wire.Encode(profile)
		if err != nil {
			return parcel{}, err
		}
		if len(raw) > wire.MaxProfile {
			p.tooLarge = &outbox.Profiles[i]
		} else if len(p.profiles) < min(batch, wire.MaxProfiles) {
			p.profiles = append(p.profiles, profile)
		}
	}
	return p, nil
}

func (p parcel) size() int { return len(p.entries) + len(p.profiles) }

func (c *Client) exchange(ctx context.Context, outbox ledger.Outbox, p parcel) (Result, error) {
	call, err := c.call(outbox, p)
	if err != nil {
		return Result{}, err
	}
	raw, before, err := c.send(ctx, call)
	if err != nil {
		return Result{}, err
	}
	after := c.Now()
	answer, err := wire.DecodeAnswer(raw)
	if err != nil {
		return Result{}, call.unreadable(err)
	}
	page := answer.Page
	if err := c.Book.Apply(page, p.profiles); err != nil {
		return Result{}, fmt.Errorf("apply page: %w", err)
	}
	result, err := c.outcome(outbox, p, page)
	result.Offset = c.clock.measure(time.UnixMilli(page.At), before, after)
	return result, err
}

// outcome says what the exchange changed here. An exchange that should have
// moved something but did not is an error, or Sync would never end.
func (c *Client) outcome(outbox ledger.Outbox, p parcel, page ledger.Page) (Result, error) {
	rest, err := c.Book.Outbox(1, 0)
	if err != nil {
		return Result{}, fmt.Errorf("read outbox: %w", err)
	}
	taken := len(p.profiles)
	if page.Revoked {
		taken = 0 // the centre believes such a terminal nothing about members
	}
	result := Result{
		Sent:    taken + max(acknowledged(p.entries, page.Acks), outbox.Waiting-rest.Waiting),
		Waiting: rest.Waiting + len(rest.Profiles),
		Held:    rest.Held,
		Holders: page.Holders,
	}
	result.More = page.More || result.Waiting > 0
	moved := result.Sent > 0 || page.Cursor != outbox.Cursor || rest.Waiting != outbox.Waiting
	switch {
	case page.Revoked && (!moved || rest.Waiting == 0):
		result.More = false
		return result, failed("line.revoked")
	case moved || !result.More:
		return result, nil
	case p.size() > 0 || page.More:
		return result, failed("line.stuck", "url", c.URL)
	case p.tooLarge != nil:
		return result, failed(profileTooLarge, "name", p.tooLarge.Name)
	}
	return result, nil // something new waits since the request was made
}

// call makes the request. A request carries MaxEntries entries at most, so the
// centre has none of an incarnation that is further back than MaxOpen.
func (c *Client) call(outbox ledger.Outbox, p parcel) (call, error) {
	raw, err := wire.Encode(wire.Request{
		V:        wire.Version,
		Now:      c.Now().UnixMilli(),
		Cursor:   outbox.Cursor,
		Roster:   outbox.Roster,
		Limit:    c.rows(),
		Open:     outbox.Open[:min(len(outbox.Open), wire.MaxOpen)],
		Entries:  p.cut,
		Head:     p.head,
		Profiles: p.profiles,
		Wants:    outbox.Wants[:min(len(outbox.Wants), wire.MaxWants)],
		Broken:   outbox.Broken && len(p.cut) > 0,
		Waiting:  uint64(max(outbox.Waiting-len(p.cut), 0)),
	})
	if err != nil {
		return call{}, err
	}
	return c.message(wire.ExchangeRoute, raw)
}

// message makes the call that takes the message to the route.
func (c *Client) message(route string, raw []byte) (call, error) {
	if c.web == nil {
		var err error
		if c.web, err = dialler(c.HTTP, c.Pins); err != nil {
			return call{}, err
		}
	}
	body, encoding := wire.Pack(raw)
	return call{
		http:     c.web,
		timeout:  c.timeout(),
		address:  c.URL,
		plain:    c.Plain,
		pinned:   len(c.Pins) > 0,
		route:    route,
		body:     body,
		encoding: encoding,
	}, nil
}

func (c *Client) timeout() time.Duration { return cmp.Or(c.Timeout, defaultTimeout) }

// rows returns how many rows of a page the line bears; 0 is as many as allowed.
func (c *Client) rows() int {
	if c.batch == wire.MaxEntries {
		return 0
	}
	return wire.MaxChanged * c.batch / wire.MaxEntries
}

// acknowledged returns how many of the entries the acks cover. Bytes that are no
// entry are not counted: the till's own check reports them.
func acknowledged(entries [][]byte, acks []ledger.Ack) int {
	upTo := make(map[pos.Incarnation]uint64, len(acks))
	for _, ack := range acks {
		upTo[ack.Incarnation] = ack.Seq
	}
	n := 0
	for _, raw := range entries {
		if e, err := pos.DecodeEntry(raw); err == nil && e.ID.Seq <= upTo[e.ID.Incarnation] {
			n++
		}
	}
	return n
}

// adapt makes the next batch half as large where this one may have been too much
// for the line, and a quarter larger where it was not: what fails on a slow line
// costs a minute, so it should be tried rarely.
func (c *Client) adapt(p parcel, err error) {
	if err == nil {
		if !c.away {
			c.batch = min(c.batch+c.batch/4, wire.MaxEntries)
		}
		c.away = false
		return
	}
	f, ok := errors.AsType[*fault](err)
	c.away = ok && f.problem.Key == "line.unreachable"
	if !ok || !overtaxed[f.problem.Key] {
		return
	}
	c.redial()
	f.shrunk = p.size() > smallestBatch
	if f.shrunk {
		c.batch = min(c.batch, p.size())
	}
	c.batch = max(c.batch/2, smallestBatch)
}

// overtaxed holds the problems that a smaller message may not have.
var overtaxed = map[string]bool{"line.cut": true, "line.slow": true, "line.large": true}

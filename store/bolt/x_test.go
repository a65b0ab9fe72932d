package bolt_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
)

const (
	stamps         = pos.Account("stamp:coffee/10")
	today  pos.Day = 20777
)

var (
	terminalA = pos.TerminalID{0xa}
	terminalB = pos.TerminalID{0xb}
	ann       = pos.HolderID{1}
	ben       = pos.HolderID{2}
	cleo      = pos.HolderID{3}
	noon      = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
)

// counter is one process at a till: the file and what a station adds to it.
type counter struct {
	t           testing.TB
	path        string
	till        *bolt.Till
	terminal    pos.TerminalID
	incarnation pos.Incarnation
	nonce       uint64
}

// newCounter opens a new till that belongs to a centre.
func newCounter(t testing.TB) *counter {
	c := newLonely(t)
	require.NoError(t, c.till.SetEnrolled())
	return c
}

// newLonely opens a new till without a centre. At the test's end its file must be
// sound.
func newLonely(t testing.TB) *counter {
	c := &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: terminalA}
	c.open()
	t.Cleanup(func() {
		c.sound()
		require.NoError(t, c.till.Close())
	})
	return c
}

func (c *counter) open() {
	var err error
	c.till, err = bolt.OpenTill(c.path, c.terminal, [32]byte{1})
	require.NoError(c.t, err)
	c.incarnation++
}

// restart ends the process and starts the next.
func (c *counter) restart() {
	require.NoError(c.t, c.till.Close())
	c.open()
}

func (c *counter) sound() {
	found, err := c.till.Check()
	require.NoError(c.t, err)
	require.Empty(c.t, found)
}

// next returns a whole entry behind the moment's tail.
func (c *counter) next(m station.Moment, holder pos.HolderID, postings ...pos.Posting) pos.Entry {
	c.nonce++
	kind := pos.Stamped
	if len(postings) > 0 && postings[0].Of != nil {
		kind = pos.Voided
	}
	return pos.Entry{
		V: pos.Version, ID: pos.EntryID{Terminal: c.terminal, Incarnation: c.incarnation, Seq: m.Tail.Seq + 1},
		Nonce: c.nonce*1000 + uint64(c.incarnation), At: noon.UnixMilli() + int64(c.nonce), Day: today,
		Kind: kind, Holder: holder, Postings: postings, Cashier: "ida", Prev: m.Tail.Head,
	}
}

func (c *counter) try(holder pos.HolderID, postings ...pos.Posting) (station.Record, error) {
	return c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
		return c.next(m, holder, postings...), nil
	})
}

func (c *counter) write(holder pos.HolderID, postings ...pos.Posting) station.Record {
	r, err := c.try(holder, postings...)
	require.NoError(c.t, err)
	return r
}

// stamp gives n stamps in one entry.
func (c *counter) stamp(holder pos.HolderID, n int64) station.Record {
	return c.write(holder, pos.Posting{Account: stamps, Amount: n})
}

// sees returns what the cashier sees of the holder's stamps.
func (c *counter) sees(holder pos.HolderID) int64 {
	view, err := c.till.View(holder)
	require.NoError(c.t, err)
	return view.Sums.Balance(stamps, today)
}

// waits returns how many entries wait for the centre.
func (c *counter) waits() int {
	w, err := c.till.Waiting()
	require.NoError(c.t, err)
	return w.Entries
}

// apply applies a page that acknowledges the counter's incarnation up to seq.
func (c *counter) apply(seq uint64, changed ...ledger.Changed) {
	c.page(ledger.Page{At: noon.UnixMilli(), Acks: []ledger.Ack{{Incarnation: c.incarnation, Seq: seq}}, Changed: changed})
}

func (c *counter) page(page ledger.Page, taken ...pos.Profile) {
	require.NoError(c.t, c.till.Apply(page, taken))
}

// has makes a row of a page.
func has(holder pos.HolderID, position uint64, n int64) ledger.Changed {
	return ledger.Changed{Holder: holder, Position: position, Sums: ledger.Sums{{Account: stamps, Amount: n}}}
}

func person(holder pos.HolderID, name string, changed int64) pos.Profile {
	return pos.Profile{Holder: holder, Name: name, Codes: []string{"TC1" + name}, Joined: today, Changed: changed, ChangedBy: terminalA}
}

// lent adds leases to a row of a page.
func lent(c ledger.Changed, leases ...ledger.Lease) ledger.Changed {
	c.Leases = leases
	return c
}

// lease lends the terminal n stamps of the lot that ends on the day, 0 for never.
func lease(id byte, terminal pos.TerminalID, until pos.Day, n int64) ledger.Lease {
	return ledger.Lease{
		ID: pos.LeaseID{id}, Terminal: terminal,
		Sums: ledger.Sums{{Account: stamps, Lot: pos.Lot{Until: until}, Amount: n}},
	}
}

// leaseID returns what By.ID says of the leases.
func leaseIDs(ids ...byte) (raw []byte) {
	for _, id := range ids {
		raw = append(raw, id, 0, 0, 0, 0, 0, 0, 0)
	}
	return raw
}

// hand writes that n stamps were redeemed, allowed by what by says.
func (c *counter) hand(holder pos.HolderID, n int64, by pos.By) station.Record {
	r, err := c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.next(m, holder, pos.Posting{Account: stamps, Amount: -n})
		e.Kind, e.By, e.Reward = pos.Redeemed, &by, "coffee"
		return e, nil
	})
	require.NoError(c.t, err)
	return r
}

// giveBack writes that leases are given back unused.
func (c *counter) giveBack(holder pos.HolderID, ids ...byte) station.Record {
	r, err := c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.next(m, holder)
		e.Kind, e.By = pos.Returned, &pos.By{Kind: pos.ByLease, ID: leaseIDs(ids...)}
		return e, nil
	})
	require.NoError(c.t, err)
	return r
}

func (c *counter) standing() station.Standing {
	s, err := c.till.Standing()
	require.NoError(c.t, err)
	return s
}

// moment returns what the next entry would be decided on.
func (c *counter) moment(holder pos.HolderID) (moment station.Moment) {
	no := pos.Refuse("no")
	_, err := c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
		moment = m
		return pos.Entry{}, no
	})
	require.Same(c.t, no, err)
	return moment
}

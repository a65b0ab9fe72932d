package bolt_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

func (c *counter) due(day pos.Day) (ids []byte) {
	due, err := c.till.Due(day)
	require.NoError(c.t, err)
	for _, d := range due {
		ids = append(ids, d.Lease[0])
	}
	return ids
}

func (c *counter) leases(holder pos.HolderID) (own []byte, lent int64) {
	view, err := c.till.View(holder)
	require.NoError(c.t, err)
	for _, l := range view.Leases {
		own = append(own, l.ID[0])
	}
	return own, view.Lent.Balance(stamps, today)
}

// A lease is the till's until an own entry names it, then never again, whatever
// the centre still says; what others hold is theirs.
func TestLeases(t *testing.T) {
	c := newCounter(t)
	sees := func(own []byte, lent int64) {
		t.Helper()
		gotOwn, gotLent := c.leases(ann)
		require.Equal(t, own, gotOwn)
		require.Equal(t, lent, gotLent)
	}
	sees(nil, 0)
	row := lent(has(ann, 1, 40), lease(1, terminalA, 0, 10), lease(2, terminalB, 0, 10), lease(3, terminalA, 0, 10), lease(4, terminalB, 0, 5))
	c.apply(0, row)
	sees([]byte{1, 3}, 15)
	c.hand(ann, 8, pos.By{Kind: pos.ByLease, ID: leaseIDs(1)})
	sees([]byte{3}, 15)
	require.Equal(t, int64(32), c.sees(ann))
	c.apply(0, row)
	sees([]byte{3}, 15)
	c.giveBack(ann, 3)
	sees(nil, 15)
	require.Equal(t, int64(32), c.sees(ann), "what is given back is still the member's")
	c.restart()
	sees(nil, 15)
	c.sound()
	c.page(ledger.Page{Acks: []ledger.Ack{{Incarnation: 1, Seq: 1}}, Changed: []ledger.Changed{
		lent(has(ann, 2, 32), lease(2, terminalB, 0, 10), lease(3, terminalA, 0, 10)),
	}})
	sees(nil, 10)
	c.page(ledger.Page{Acks: []ledger.Ack{{Incarnation: 1, Seq: 2}}, Changed: []ledger.Changed{
		lent(has(ann, 3, 32), lease(5, terminalA, 0, 10)),
	}})
	sees([]byte{5}, 0)
	c.apply(0, row)
	sees([]byte{5}, 0)
	require.Equal(t, []ledger.Lease{lease(5, terminalA, 0, 10)}, c.moment(ann).View.Leases)
}

func TestEntriesOfHalfALease(t *testing.T) {
	c := newCounter(t)
	for _, by := range []pos.By{{Kind: pos.ByLease}, {Kind: pos.ByLease, ID: []byte("seven b")}, {Kind: pos.ByLease, ID: make([]byte, 9)}} {
		_, err := c.till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
			e := c.next(m, ann)
			e.By = &by
			return e, nil
		})
		require.Error(t, err)
	}
	_, err := c.till.Append(pos.HolderID{}, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.next(m, pos.HolderID{})
		e.By = &pos.By{Kind: pos.ByLease, ID: leaseIDs(1)}
		return e, nil
	})
	require.Error(t, err)
	require.Empty(t, journal(t, c.till))
}

// A lease is due when it is recalled or when nothing of it lives any more, until
// it is used or given back.
func TestDue(t *testing.T) {
	c := newCounter(t)
	recalled := lease(4, terminalA, 0, 1)
	recalled.Recalled = true
	theirs := lease(5, terminalB, 0, 1)
	theirs.Recalled = true
	long := lease(6, terminalA, today+3, 1)
	long.Sums = append(long.Sums, ledger.Sum{Account: stamps, Amount: 1})
	two := lease(7, terminalA, today+2, 1)
	two.Sums = append(two.Sums, lease(7, terminalA, today+9, 1).Sums...)
	require.Empty(t, c.due(today))
	c.apply(0,
		lent(has(ann, 1, 9), lease(1, terminalA, today, 1), lease(2, terminalA, today+1, 1), lease(3, terminalA, 0, 1)),
		lent(has(ben, 2, 9), recalled, theirs, long, two))
	require.Equal(t, []byte{4, 1}, c.due(today))
	require.Equal(t, []byte{4, 1, 2}, c.due(today+1))
	require.Equal(t, []byte{4, 1, 2}, c.due(today+8))
	require.Equal(t, []byte{4, 1, 2, 7}, c.due(today+9))
	require.Equal(t, []byte{4}, c.due(-1))
	c.giveBack(ben, 4)
	require.Equal(t, []byte{1}, c.due(today))
	c.hand(ann, 1, pos.By{Kind: pos.ByLease, ID: leaseIDs(1)})
	require.Empty(t, c.due(today))
	c.sound()
	c.apply(1, lent(has(ben, 3, 9), long), lent(has(cleo, 4, 5), lease(8, terminalA, today, 1)))
	require.Equal(t, []byte{8}, c.due(today))
	c.apply(2, has(ann, 5, 8), has(cleo, 6, 5))
	require.Empty(t, c.due(today+99))
}

// Leases that come with an import are the till's like any other.
func TestLoadedLeases(t *testing.T) {
	c := newCounter(t)
	rows := []ledger.Changed{lent(has(ann, 1, 9), lease(1, terminalA, today, 1)), lent(has(ben, 0, 9), lease(2, terminalA, today, 1))}
	require.NoError(t, c.till.Load(rows, noon.UnixMilli()))
	require.NoError(t, c.till.Load(rows, noon.UnixMilli()))
	require.Equal(t, []byte{1}, c.due(today))
	box, err := c.till.Outbox(1, 1)
	require.NoError(t, err)
	require.Equal(t, 1, box.Held)
}

// plainCentre is a central server as one would explain it: what it says of one holder
// is what it granted and the entries it has.
type plainCentre struct {
	position, taken uint64
	stamps          int64
	leases          []ledger.Lease
	granted         byte
}

func (m *plainCentre) take(r station.Record) {
	m.taken++
	m.position++
	for _, p := range r.Entry.Postings {
		m.stamps += p.Amount
	}
	if r.Entry.By == nil {
		return
	}
	var left []ledger.Lease
	for _, l := range m.leases {
		if l.ID[0] != r.Entry.By.ID[0] {
			left = append(left, l)
		}
	}
	m.leases = left
}

func (m *plainCentre) change(t *rapid.T) {
	m.position++
	next := append([]ledger.Lease(nil), m.leases...)
	if i := rapid.IntRange(-1, len(next)-1).Draw(t, "recall"); i >= 0 {
		next[i].Recalled = true
	} else {
		m.granted++
		till := rapid.SampledFrom([]pos.TerminalID{terminalA, terminalB}).Draw(t, "to")
		until := rapid.SampledFrom([]pos.Day{0, today, today + 1}).Draw(t, "until")
		next = append(next, lease(m.granted, till, until, 1))
	}
	m.leases = next
}

// Whatever the order of the centre's pages and the till's own entries, the till
// sees the newest page that it applied and every own entry which that lacks: no
// lease is there twice, and none comes back.
func TestLeasesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newCounter(t)
		truth := plainCentre{stamps: 100, position: 1}
		pages, own := []plainCentre{truth}, []station.Record{}
		newest := plainCentre{}
		apply := func(p plainCentre) {
			c.page(ledger.Page{
				At: noon.UnixMilli() + int64(p.position), Acks: []ledger.Ack{{Incarnation: c.incarnation, Seq: p.taken}},
				Changed: []ledger.Changed{lent(has(ann, p.position, p.stamps), p.leases...)},
			})
			if p.position >= newest.position {
				newest = p
			}
		}
		check := func(rt *rapid.T) {
			behind := newest
			for _, r := range own[min(newest.taken, uint64(len(own))):] {
				behind.take(r)
			}
			view, err := c.till.View(ann)
			require.NoError(rt, err)
			require.Equal(rt, behind.stamps, view.Sums.Balance(stamps, today))
			var mine, theirs []ledger.Lease
			var due []byte
			for _, l := range behind.leases {
				if l.Terminal != terminalA {
					theirs = append(theirs, l)
					continue
				}
				mine = append(mine, l)
				if l.Recalled || l.Sums[0].Lot.Ended(today) {
					due = append(due, l.ID[0])
				}
			}
			require.Equal(rt, mine, view.Leases)
			require.Equal(rt, rules.Lent(theirs), view.Lent)
			require.ElementsMatch(rt, due, c.due(today))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"grant or recall": func(t *rapid.T) { truth.change(t) },
			"take": func(*rapid.T) {
				if truth.taken < uint64(len(own)) {
					truth.take(own[truth.taken])
				}
			},
			"send":  func(*rapid.T) { pages = append(pages, truth) },
			"apply": func(t *rapid.T) { apply(rapid.SampledFrom(pages).Draw(t, "page")) },
			"stamp": func(*rapid.T) { own = append(own, c.stamp(ann, 1)) },
			"use": func(t *rapid.T) {
				leases, _ := c.leases(ann)
				if len(leases) == 0 {
					return
				}
				id := rapid.SampledFrom(leases).Draw(t, "lease")
				if rapid.Bool().Draw(t, "back") {
					own = append(own, c.giveBack(ann, id))
				} else {
					own = append(own, c.hand(ann, 1, pos.By{Kind: pos.ByLease, ID: leaseIDs(id)}))
				}
			},
			"": check,
		})
		apply(truth)
		check(rt)
		c.sound()
	})
}

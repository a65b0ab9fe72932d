package storetest

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/store"
)

// server is the terminal of the server itself.
var server = pos.TerminalID{0x5e}

// counted draws 1, 2, 3, ...: no two alike, and always the same.
type counted struct{ n uint64 }

func (c *counted) Read(into []byte) (int, error) {
	for i := 0; i < len(into); i += 8 {
		c.n++
		copy(into[i:], binary.BigEndian.AppendUint64(nil, c.n<<8))
	}
	return len(into), nil
}

// office returns the office of a process of the server.
func (b *bench) office() *office.Office {
	b.processes++
	return &office.Office{
		Book: b.db, Terminal: server, Now: func() time.Time { return b.now },
		Random: &counted{n: b.processes << 20}, Zone: time.UTC,
	}
}

// must returns what a call returned if it returned no error.
func must[T any](got T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		require.NoError(t, err)
		return got
	}
}

func settledOnce(t *testing.T, b *bench) {
	a := b.till(north)
	spent := a.write(ann, pos.Posting{Account: stamps, Amount: -3})
	a.sendAll()
	x := must(b.db.Exceptions(north, false))(t)[0]
	o := b.office()
	for _, reason := range []string{"", " \t\n"} {
		_, err := o.Settle(x.ID, "zoe", reason, true)
		require.ErrorIs(t, err, office.ErrReason)
	}
	_, err := o.Settle(pos.ExceptionID{1}, "zoe", "why not", true)
	require.ErrorIs(t, err, office.ErrUnknown)
	_, err = b.db.Exception(pos.ExceptionID{1})
	require.ErrorIs(t, err, office.ErrUnknown)
	before := a.page().Cursor
	e, err := o.Settle(x.ID, "zoe", "a gift\nof the house", false)
	require.NoError(t, err)
	require.Equal(t, pos.Settled, e.Kind)
	require.Equal(t, &pos.By{Kind: pos.ByException, ID: x.ID[:], Manager: "zoe"}, e.By)
	require.Equal(t, "a gift of the house", e.Reason)
	require.Empty(t, e.Postings)
	for _, other := range []*office.Office{o, b.office()} {
		_, err = other.Settle(x.ID, "eva", "again", true)
		require.ErrorIs(t, err, office.ErrSettled)
	}
	require.Empty(t, b.open(north))
	settled := must(b.db.Exceptions(north, true))(t)
	x.Settled = &pos.Settlement{Entry: e.ID, Manager: "zoe", Reason: "a gift of the house"}
	require.Equal(t, []pos.Exception{x}, settled)
	require.Equal(t, int64(-3), b.balance(north, ann, stamps))
	require.Greater(t, a.page().Cursor, before, "tills hear of the holder again")
	require.Equal(t, spent.ID, x.Entry)
	require.Zero(t, a.page().Exceptions)
}

// A write-off gives what the exception cost and nobody has repaid since. All that
// the server writes is one chain, also over a restart.
func writeOff(t *testing.T, b *bench) {
	a := b.till(north)
	a.write(ann, pos.Posting{Account: stamps, Amount: -6})
	a.write(ann, pos.Posting{Account: stamps, Amount: -5})
	a.sendAll()
	a.give(ann, 4)
	o := b.office()
	var entries []pos.Entry
	for i, x := range must(b.db.Exceptions(north, false))(t) {
		if i == 1 {
			b.db = b.reopen()
			o = b.office()
		}
		entries = append(entries, must(o.Settle(x.ID, "zoe", "ours", true))(t))
	}
	require.Zero(t, b.balance(north, ann, stamps))
	require.Equal(t, int64(7), entries[0].Postings[0].Amount+entries[1].Postings[0].Amount)
	require.NotEqual(t, entries[0].ID.Incarnation, entries[1].ID.Incarnation)
	raw, err := entries[0].Encode()
	require.NoError(t, err)
	require.Equal(t, pos.HashEntry(raw), entries[1].Prev)

	a.write(ben, pos.Posting{Account: stamps, Amount: -2})
	a.sendAll()
	a.give(ben, 9)
	x := must(b.db.Exceptions(north, false))(t)[0]
	require.Empty(t, must(o.Settle(x.ID, "zoe", "repaid", true))(t).Postings)
	require.Equal(t, int64(7), b.balance(north, ben, stamps))

	far := b.till(south)
	far.write(ann, pos.Posting{Account: stamps, Amount: -1})
	far.sendAll()
	elsewhere := must(o.Settle(must(b.db.Exceptions(south, false))(t)[0].ID, "zoe", "ours", true))(t)
	require.NotEqual(t, entries[1].ID, elsewhere.ID, "no two entries anywhere have one id")
	require.Zero(t, b.balance(south, ann, stamps))
}

func hashOf(q store.Quarantined) pos.Hash { return pos.HashEntry(q.Raw) }

func releasedOnce(t *testing.T, b *bench) {
	a := b.till(north)
	a.stamp(ann)
	a.head = pos.Hash{1}
	e := a.next(ann, pos.Posting{Account: stamps, Amount: 5})
	e.Sale = &pos.Sale{Receipt: "R1", Amount: 500}
	raw, err := e.Encode()
	require.NoError(t, err)
	a.append(e, raw)
	a.raw = append(a.raw, []byte("?"))
	a.stamp(ann)
	a.sendAll()
	o := b.office()
	var unchained, unreadable pos.Hash
	for _, q := range must(b.db.Quarantined())(t) {
		require.Nil(t, q.Settled)
		if q.Reason == store.Unchained && bytes.Equal(q.Raw, raw) {
			unchained = hashOf(q)
		}
		if q.Reason == store.Unreadable {
			unreadable = hashOf(q)
		}
	}
	_, err = o.Release(unreadable, "zoe", "try")
	require.ErrorIs(t, err, office.ErrUnreadable)
	_, err = o.Release(pos.Hash{7}, "zoe", "try")
	require.ErrorIs(t, err, office.ErrNothingHeld)
	_, err = o.Dismiss(unreadable, "zoe", "")
	require.ErrorIs(t, err, office.ErrReason)
	require.Empty(t, must(o.Dismiss(unreadable, "zoe", "noise"))(t).Postings)

	before := b.balance(north, ann, stamps)
	released := must(o.Release(unchained, "zoe", "it is right"))(t)
	require.Equal(t, &pos.By{Kind: pos.ByRelease, ID: unchained[:], Manager: "zoe"}, released.By)
	require.Equal(t, e.Postings, released.Postings)
	require.Equal(t, e.Sale, released.Sale)
	require.Equal(t, before+5, b.balance(north, ann, stamps))
	for _, again := range []func(pos.Hash, pos.CashierID, string) (pos.Entry, error){o.Release, o.Dismiss, b.office().Release} {
		for _, hash := range []pos.Hash{unchained, unreadable} {
			_, err = again(hash, "zoe", "again")
			require.ErrorIs(t, err, office.ErrHeldSettled)
		}
	}
	a.sendAll()
	require.Equal(t, before+5, b.balance(north, ann, stamps))
	settled := 0
	for _, q := range must(b.db.Quarantined())(t) {
		if q.Settled != nil && hashOf(q) == unchained {
			settled++
			require.Equal(t, &pos.Settlement{Entry: released.ID, Manager: "zoe", Reason: "it is right"}, q.Settled)
		}
	}
	require.Equal(t, 1, settled)
}

// late has the till revoked write entries that are quarantined, and returns their
// hashes.
func (t *till) late(write func()) (hashes []pos.Hash) {
	if terminal, err := t.bench.db.Terminal(t.ID); err == nil && !terminal.Revoked {
		require.NoError(t.bench.t, t.bench.db.Revoke(t.ID, "zoe", "lost"))
	}
	from := len(t.raw)
	write()
	t.sendAll()
	for _, raw := range t.raw[from:] {
		hashes = append(hashes, pos.HashEntry(raw))
	}
	return hashes
}

func releasedVoids(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	var first, second pos.Entry
	hashes := a.late(func() {
		first = a.write(ann, pos.Posting{Account: "points", Amount: 3}, pos.Posting{Account: stamps, Amount: 5})
		a.write(ann, reversal(first, 1, -5), reversal(first, 0, -3))
		second = a.stamp(ann)
	})
	o := b.office()
	_, err := o.Release(hashes[1], "zoe", "in the wrong order")
	require.ErrorIs(t, err, office.ErrOriginal)
	must(o.Release(hashes[0], "zoe", "right"))(t)
	require.Equal(t, int64(5), b.balance(north, ann, stamps))
	must(o.Release(hashes[1], "zoe", "right"))(t)
	require.Zero(t, b.balance(north, ann, stamps))
	require.Zero(t, b.balance(north, ann, "points"))

	other.write(ann, reversal(second, 0, -1)) // counts nothing yet
	other.sendAll()
	must(o.Release(hashes[2], "zoe", "right"))(t)
	require.Zero(t, b.balance(north, ann, stamps), "it was voided before it was booked")

	third := a.late(func() { second = a.stamp(ann) })
	must(o.Release(third[0], "zoe", "right"))(t)
	lost := other.write(ann, reversal(second, 0, -1))
	other.sendAll()
	require.Contains(t, b.open(north), pos.Exception{
		Trouble: pos.VoidedTwice, Terminal: other.ID, Holder: ann, Entry: lost.ID, Account: stamps, Amount: 1,
	}, "a void that finds nothing is not silent")
}

func releasedThenSent(t *testing.T, b *bench) {
	a, courier := b.till(north), b.till(north)
	a.stamp(ann)
	require.NoError(t, b.db.Take(courier.Terminal, ledger.Sent{Entries: a.raw}, b.now))
	o := b.office()
	must(o.Release(pos.HashEntry(a.raw[0]), "zoe", "I know it"))(t)
	require.Equal(t, int64(1), b.balance(north, ann, stamps))
	a.sendAll()
	require.Equal(t, int64(1), b.balance(north, ann, stamps), "it came twice and counts once")
	require.Equal(t, uint64(1), a.acked(a.incarnation))

	a.give(ben, 2)
	require.NoError(t, b.db.Take(courier.Terminal, ledger.Sent{Entries: a.raw[1:]}, b.now))
	_, err := o.Release(pos.HashEntry(a.raw[1]), "zoe", "I know it")
	require.ErrorIs(t, err, office.ErrCounted)
	must(o.Dismiss(pos.HashEntry(a.raw[1]), "zoe", "I know it"))(t)
	require.Equal(t, int64(2), b.balance(north, ben, stamps))
}

// A quarantined entry that used a lease used it up, whatever is done about it.
func releasedLease(t *testing.T, b *bench) {
	b.lending("1")
	a := b.till(north)
	a.give(ann, 10)
	a.give(ben, 10)
	anns, bens := a.leases(ann)[0].ID, a.leases(ben)[0].ID
	hashes := a.late(func() {
		a.cup(ann, anns)
		a.cup(ben, bens)
	})
	o := b.office()
	must(o.Release(hashes[0], "zoe", "it was before the theft"))(t)
	must(o.Dismiss(hashes[1], "zoe", "that was the thief"))(t)
	require.Empty(t, must(b.db.Leases(north))(t))
	require.Zero(t, b.balance(north, ann, stamps))
	require.Equal(t, int64(10), b.balance(north, ben, stamps))
}

// What would pass the range of numbers is never booked.
func releaseOverflows(t *testing.T, b *bench) {
	a := b.till(north)
	a.give(ann, math.MaxInt64)
	a.give(ann, 1)
	held := must(b.db.Quarantined())(t)[0]
	_, err := b.office().Release(hashOf(held), "zoe", "try")
	require.ErrorIs(t, err, office.ErrOverflow)
	require.Nil(t, must(b.db.Quarantined())(t)[0].Settled)
	must(b.office().Dismiss(hashOf(held), "zoe", "too much"))(t)
	require.Equal(t, int64(math.MaxInt64), b.balance(north, ann, stamps))
}

// person makes a profile as a till would.
func (t *till) person(p pos.Profile) {
	p.Changed, p.ChangedBy, p.Joined = t.bench.now.UnixMilli(), t.ID, today
	require.NoError(t.bench.t, t.bench.db.Take(t.Terminal, ledger.Sent{Profiles: []pos.Profile{p}}, t.bench.now))
}

func merged(t *testing.T, b *bench) {
	a := b.till(north)
	a.person(pos.Profile{Holder: ann, Name: "Ann", Phone: "+361", Codes: []string{"TC1A", "DUP"}})
	a.person(pos.Profile{Holder: ben, Name: "Anne", Phone: "+361", Codes: []string{"TC1B"}})
	a.person(pos.Profile{Holder: cleo, Name: "Cleo", Phone: "+362", Codes: []string{"DUP"}})
	later := pos.Lot{Until: today + 9}
	a.write(ben, pos.Posting{Account: stamps, Amount: 4}, pos.Posting{Account: "points", Amount: 7, Lot: later}, pos.Posting{Account: "tier:gold", Amount: 1, Lot: later})
	a.write(ben, pos.Posting{Account: "credit", Amount: -2})
	a.give(ann, 1)
	groups := must(b.db.Duplicates(north))(t)
	require.Len(t, groups, 1)
	require.Equal(t, []string{"Ann", "Anne"}, []string{groups[0][0].Name, groups[0][1].Name})

	o, who := b.office(), office.Who{Area: north, From: ben, Into: ann}
	_, err := o.Merge(office.Who{Area: north, From: ben, Into: ben}, "zoe", "same")
	require.ErrorIs(t, err, office.ErrSame)
	_, err = o.Merge(office.Who{Area: north, From: ben, Into: pos.HolderID{9}}, "zoe", "same")
	require.ErrorIs(t, err, office.ErrNoMember)
	_, err = o.Merge(who, "zoe", "")
	require.ErrorIs(t, err, office.ErrReason)
	e := must(o.Merge(who, "zoe", "one person"))(t)
	require.Equal(t, pos.Merged, e.Kind)
	require.Equal(t, ann, e.Holder)
	for account, want := range map[pos.Account]int64{stamps: 5, "points": 7, "tier:gold": 1, "credit": -2} {
		require.Equal(t, want, b.balance(north, ann, account), account)
		require.Zero(t, b.balance(north, ben, account), account)
	}
	require.Empty(t, must(b.db.Duplicates(north))(t))
	for _, c := range a.page().Changed {
		switch c.Holder {
		case ann:
			require.Equal(t, []string{"TC1A", "DUP", "TC1B"}, c.Profile.Codes)
			require.Equal(t, "Ann", c.Profile.Name)
		case ben:
			require.Equal(t, pos.Profile{Holder: ben, Joined: today, Changed: c.Profile.Changed, ChangedBy: server}, *c.Profile)
			require.Greater(t, c.Profile.Changed, b.now.UnixMilli())
		}
	}
	a.give(ben, 3) // by a till that has not heard of it
	require.Len(t, must(b.db.Duplicates(north))(t), 1)
	must(o.Merge(who, "zoe", "again"))(t)
	require.Equal(t, int64(8), b.balance(north, ann, stamps))
	require.Zero(t, b.balance(north, ben, stamps))
	require.Empty(t, must(b.db.Duplicates(north))(t))
}

func mergeWaits(t *testing.T, b *bench) {
	b.lending("1")
	a := b.till(north)
	a.person(pos.Profile{Holder: ann, Name: "Ann"})
	a.person(pos.Profile{Holder: ben, Name: "Anne", Codes: []string{"TC1B"}})
	a.give(ben, 12)
	o, who := b.office(), office.Who{Area: north, From: ben, Into: ann}
	for range 2 {
		_, err := o.Merge(who, "zoe", "one person")
		require.Equal(t, pos.Refuse("merge.leases", "n", 1), err)
		require.True(t, a.leases(ben)[0].Recalled)
	}
	require.Equal(t, int64(12), b.balance(north, ben, stamps))
	a.cup(ben, a.leases(ben)[0].ID)
	must(o.Merge(who, "zoe", "one person"))(t)
	require.Equal(t, int64(2), b.balance(north, ann, stamps))
}

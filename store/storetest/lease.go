package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

// document is a program with one card of ten stamps and a cup for it.
const document = `
title = "Test"
[[card]]
id = "coffee"
size = 10
[points]
earn = 1
for = "1.00"
[[reward]]
id = "cup"
card = "coffee"
[[reward]]
id = "cake"
points = 5
`

// lending publishes the program with leases for so many tills.
func (b *bench) lending(leases string) {
	require.NoError(b.t, b.db.Publish(pos.Published{Document: []byte(document + "[offline]\nleases = " + leases + "\n"), From: 1}))
}

// give writes stamps and sends all.
func (t *till) give(holder pos.HolderID, n int64) pos.Entry {
	e := t.write(holder, pos.Posting{Account: stamps, Amount: n})
	t.sendAll()
	return e
}

// by writes an entry of the kind that names leases, and sends all.
func (t *till) by(kind pos.Kind, holder pos.HolderID, ids []pos.LeaseID, postings ...pos.Posting) pos.Entry {
	e := t.next(holder, postings...)
	e.Kind, e.By = kind, &pos.By{Kind: pos.ByLease}
	for _, id := range ids {
		e.By.ID = append(e.By.ID, id[:]...)
	}
	raw, err := e.Encode()
	require.NoError(t.bench.t, err)
	t.append(e, raw)
	t.sendAll()
	return e
}

// cup redeems ten stamps by leases.
func (t *till) cup(holder pos.HolderID, ids ...pos.LeaseID) pos.Entry {
	return t.by(pos.Redeemed, holder, ids, pos.Posting{Account: stamps, Amount: -10})
}

func (t *till) wants(holders ...pos.HolderID) {
	require.NoError(t.bench.t, t.bench.db.Take(t.Terminal, ledger.Sent{Wants: holders}, t.bench.now))
}

// leases returns what is lent of the holder, as every till is told.
func (t *till) leases(holder pos.HolderID) []ledger.Lease {
	for _, c := range t.page().Changed {
		if c.Holder == holder {
			return c.Leases
		}
	}
	return nil
}

// open returns the area's exceptions that wait, without their ids and times.
func (b *bench) open(area pos.AreaID) (open []pos.Exception) {
	all, err := b.db.Exceptions(area, false)
	require.NoError(b.t, err)
	for _, x := range all {
		same, err := b.db.Exception(x.ID)
		require.NoError(b.t, err)
		require.Equal(b.t, x, same)
		require.NotZero(b.t, x.At)
		require.Equal(b.t, area, x.Area)
		x.ID, x.At, x.Area = pos.ExceptionID{}, 0, ""
		open = append(open, x)
	}
	return open
}

func leaseGranted(t *testing.T, b *bench) {
	b.lending("1")
	a, other := b.till(north), b.till(north)
	a.give(ann, 9)
	require.Empty(t, a.leases(ann), "not enough for a reward")
	a.give(ann, 13)
	leases := a.leases(ann)
	require.Len(t, leases, 1)
	require.NotZero(t, leases[0].ID)
	require.Equal(t, []ledger.Lease{{ID: leases[0].ID, Terminal: a.ID, Sums: ledger.Sums{{Account: stamps, Amount: 10}}}}, leases)
	a.give(ann, 1)
	require.Equal(t, leases, a.leases(ann), "a till has one at a time")
	require.Equal(t, leases, other.leases(ann), "every till is told")
	require.Equal(t, int64(23), b.balance(north, ann, stamps), "what is lent is still the holder's")

	other.give(ann, 1)
	leases = a.leases(ann)
	require.Len(t, leases, 2, "the last till gets one too while there is enough")
	require.NotEqual(t, leases[0].ID, leases[1].ID)
	require.Equal(t, other.ID, leases[1].Terminal)
	b.db = b.reopen()
	require.Equal(t, leases, a.leases(ann))
	page := a.page()
	require.Equal(t, 1, page.Holders)
	require.Zero(t, page.Exceptions)
}

func lendsNothingAfterRestore(t *testing.T, b *bench) {
	b.lending("1")
	till := b.till(north)
	require.NoError(t, b.db.MarkRestored(b.now))
	b.db = b.reopen()
	b.now = b.now.Add(72*time.Hour - time.Second)
	till.give(ann, 12)
	require.Empty(t, till.leases(ann))
	b.now = b.now.Add(time.Second)
	till.give(ann, 1)
	require.Len(t, till.leases(ann), 1)
}

func leaseForTwo(t *testing.T, b *bench) {
	b.lending("2")
	tills := []*till{b.till(north), b.till(north), b.till(north)}
	for _, till := range tills {
		till.give(ann, 5)
	}
	leases := tills[0].leases(ann)
	require.Len(t, leases, 1)
	require.Equal(t, tills[1].ID, leases[0].Terminal, "who made it ten")
	tills[2].give(ann, 20)
	require.Len(t, tills[0].leases(ann), 2, "the two last tills, one each")
	none := b.till(north)
	b.lending("0")
	none.give(ann, 30)
	require.Len(t, none.leases(ann), 2)
}

func leaseNeedsProgram(t *testing.T, b *bench) {
	a := b.till(north)
	a.give(ann, 10)
	require.Empty(t, a.leases(ann))
	require.NoError(t, b.db.Publish(pos.Published{Document: []byte("what?"), From: 1}))
	a.give(ann, 1)
	require.Empty(t, a.leases(ann))
	b.lending("1")
	require.Empty(t, a.leases(ann), "it follows at the next change")
	a.give(ann, 1)
	require.Len(t, a.leases(ann), 1)
}

func leaseUsedOnce(t *testing.T, b *bench) {
	b.lending("1")
	a := b.till(north)
	a.give(ann, 10)
	lease := a.leases(ann)[0].ID
	a.cup(ann, lease)
	require.Empty(t, a.leases(ann))
	require.Empty(t, b.open(north))
	a.sendAll()
	require.Empty(t, b.open(north), "a repeat uses nothing")
	again := a.cup(ann, lease)
	require.Equal(t, int64(-10), b.balance(north, ann, stamps))
	require.ElementsMatch(t, []pos.Exception{
		{Trouble: pos.LimitPassed, Terminal: a.ID, Holder: ann, Entry: again.ID, Account: stamps, Amount: 10},
		{Trouble: pos.Overdrawn, Terminal: a.ID, Holder: ann, Entry: again.ID, Account: stamps, Amount: 10},
	}, b.open(north))
	require.Equal(t, 2, a.page().Exceptions)

	a.give(ben, 30)
	first := a.leases(ben)[0]
	require.Equal(t, int64(10), first.Sums[0].Amount)
	a.by(pos.Returned, ben, []pos.LeaseID{first.ID})
	second := a.leases(ben)[0]
	require.NotEqual(t, first.ID, second.ID)
	a.by(pos.Redeemed, ben, []pos.LeaseID{second.ID}, pos.Posting{Account: stamps, Amount: -7})
	require.NotContains(t, ids(a.leases(ben)), second.ID, "it is used up whole, whatever was taken")
	require.Len(t, b.open(north), 2)
}

func ids(leases []ledger.Lease) (ids []pos.LeaseID) {
	for _, l := range leases {
		ids = append(ids, l.ID)
	}
	return ids
}

func leaseOfOther(t *testing.T, b *bench) {
	b.lending("1")
	a, thief := b.till(north), b.till(north)
	a.give(ann, 25)
	lease := a.leases(ann)[0].ID
	a.give(ben, 25)
	for _, e := range []pos.Entry{
		thief.cup(ann, lease),
		a.cup(ben, lease),
		a.cup(ann),
		a.by(pos.Redeemed, ann, []pos.LeaseID{lease, {9}}, pos.Posting{Account: stamps, Amount: -5}),
	} {
		open := b.open(north)
		require.Contains(t, open, pos.Exception{
			Trouble: pos.LimitPassed, Terminal: e.ID.Terminal, Holder: e.Holder, Entry: e.ID, Account: stamps, Amount: -e.Postings[0].Amount,
		})
	}
	require.NotContains(t, ids(a.leases(ann)), lease, "of two that were named, the one that was out is used up")
}

func leaseWanted(t *testing.T, b *bench) {
	b.lending("1")
	a, other := b.till(north), b.till(north)
	a.give(ann, 12)
	lease := a.leases(ann)[0]
	other.wants(ann, cleo)
	require.Empty(t, other.leases(cleo), "nobody of that id is known")
	require.Len(t, other.page().Changed, 1)
	lease.Recalled = true
	require.Equal(t, []ledger.Lease{lease}, a.leases(ann))
	other.wants(ann)
	require.Equal(t, []ledger.Lease{lease}, a.leases(ann))
	a.by(pos.Returned, ann, []pos.LeaseID{lease.ID})
	leases := a.leases(ann)
	require.Len(t, leases, 1)
	require.Equal(t, other.ID, leases[0].Terminal)
	require.False(t, leases[0].Recalled)
	require.Empty(t, b.open(north))

	a.wants(ann)
	other.cup(ann, leases[0].ID)
	require.Empty(t, a.leases(ann), "it was used before the recall came")
	require.Equal(t, int64(2), b.balance(north, ann, stamps))
	require.Empty(t, b.open(north))
}

func leaseConfirmed(t *testing.T, b *bench) {
	b.lending("1")
	a := b.till(north)
	a.give(ann, 10)
	list := func() store.Lease {
		leases, err := b.db.Leases(north)
		require.NoError(t, err)
		require.Len(t, leases, 1)
		return leases[0]
	}
	lease, cursor := list(), a.page().Cursor
	require.Equal(t, ann, lease.Holder)
	require.Equal(t, cursor, lease.Granted)
	require.False(t, lease.Confirmed)
	a.stamp(ben)
	for _, told := range []uint64{cursor - 1, cursor, 3} {
		require.NoError(t, b.db.Take(a.Terminal, ledger.Sent{Entries: a.raw, Cursor: told}, b.now))
		require.Equal(t, told != cursor-1, list().Confirmed)
	}
	leases, err := b.db.Leases("nowhere")
	require.NoError(t, err)
	require.Empty(t, leases)
}

// What is lent is there as the tills are told of it: where two spent one lot, the
// other lots have paid for it, and an ended one is nobody's.
func leaseOfPublished(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	later, last := pos.Lot{Until: today + 30}, pos.Lot{Until: today + 60}
	a.write(ann,
		pos.Posting{Account: stamps, Amount: 50, Lot: pos.Lot{Until: today}},
		pos.Posting{Account: stamps, Amount: 10, Lot: soon(b)}, pos.Posting{Account: stamps, Amount: 10, Lot: later},
		pos.Posting{Account: stamps, Amount: 5, Lot: last})
	for _, till := range []*till{a, other} {
		till.write(ann, pos.Posting{Account: stamps, Amount: -5, Lot: last})
		till.sendAll()
	}
	b.lending("1")
	a.wants(ann)
	leases := a.leases(ann)
	require.Len(t, leases, 1)
	require.Equal(t, ledger.Sums{{Account: stamps, Lot: soon(b), Amount: 5}, {Account: stamps, Lot: later, Amount: 5}}, leases[0].Sums)
	require.Empty(t, b.open(north))
}

// soon returns a lot that ends after the day of the bench.
func soon(b *bench) pos.Lot {
	return pos.Lot{Until: today + pos.Day(b.now.Sub(noon)/(24*time.Hour)) + 1}
}

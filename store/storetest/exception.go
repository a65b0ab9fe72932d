package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

func overdrawn(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	later := pos.Lot{Until: today + 30}
	given := a.write(ann, pos.Posting{Account: stamps, Amount: 10, Lot: soon(b)}, pos.Posting{Account: stamps, Amount: 5, Lot: later})
	a.write(ann, pos.Posting{Account: stamps, Amount: -10, Lot: soon(b)})
	a.sendAll()
	twice := other.write(ann, pos.Posting{Account: stamps, Amount: -10, Lot: soon(b)}, pos.Posting{Account: "tier:gold", Amount: -1})
	other.sendAll()
	want := []pos.Exception{{Trouble: pos.Overdrawn, Terminal: other.ID, Holder: ann, Entry: twice.ID, Account: stamps, Amount: 5}}
	require.Equal(t, want, b.open(north), "five of the ten were there in another lot")
	a.give(ann, 2)
	require.Equal(t, want, b.open(north), "a repayment is none")
	back := a.write(ann, reversal(given, 1, -5))
	a.sendAll()
	want = append(want, pos.Exception{Trouble: pos.TakenBack, Terminal: a.ID, Holder: ann, Entry: back.ID, Account: stamps, Amount: 5})
	require.ElementsMatch(t, want, b.open(north))
	more := other.write(ann, pos.Posting{Account: stamps, Amount: -3})
	for range 2 {
		other.sendAll()
	}
	want = append(want, pos.Exception{Trouble: pos.Overdrawn, Terminal: other.ID, Holder: ann, Entry: more.ID, Account: stamps, Amount: 3})
	require.ElementsMatch(t, want, b.open(north))
	require.Equal(t, len(want), a.page().Exceptions)
	require.Equal(t, int64(-11), b.balance(north, ann, stamps))
}

func voidedTwice(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	given := a.give(ann, 4)
	other.write(ann, reversal(given, 0, -3))
	other.sendAll()
	require.Empty(t, b.open(north))
	second := a.write(ann, reversal(given, 0, -4))
	a.sendAll()
	want := []pos.Exception{{Trouble: pos.VoidedTwice, Terminal: a.ID, Holder: ann, Entry: second.ID, Account: stamps, Amount: 3}}
	require.Equal(t, want, b.open(north))
	late := a.stamp(ben)
	other.write(ben, reversal(late, 0, -1), reversal(late, 0, -1))
	other.sendAll()
	require.Equal(t, want, b.open(north), "the original is not here yet")
	a.sendAll()
	require.ElementsMatch(t, append(want,
		pos.Exception{Trouble: pos.VoidedTwice, Terminal: a.ID, Holder: ben, Entry: late.ID, Account: stamps, Amount: 1}), b.open(north))
	require.Zero(t, b.balance(north, ann, stamps))
}

// forkAt returns what a fork that shows at the entry looks like.
func forkAt(e pos.Entry) pos.Exception {
	return pos.Exception{Trouble: pos.Fork, Terminal: e.ID.Terminal, Entry: e.ID}
}

// copyOf returns the till as a copy of its disk goes on.
func (t *till) copyOf() *till {
	clone := *t
	clone.raw, clone.sent = nil, nil
	clone.nonce += 1000
	return &clone
}

func forkFreezes(t *testing.T, b *bench) {
	b.lending("1")
	for name, second := range map[string]func(a, copied *till) pos.Entry{
		"a disk that was set back": func(_, copied *till) pos.Entry {
			copied.restart()
			return copied.stamp(ann)
		},
		"a disk that was wiped": func(_, copied *till) pos.Entry {
			copied.restart()
			copied.head = pos.Hash{}
			return copied.stamp(ann)
		},
		"the same process twice": func(_, copied *till) pos.Entry {
			return copied.stamp(ann)
		},
	} {
		a := b.till(pos.AreaID(name))
		a.stamp(ann)
		copied := a.copyOf()
		a.give(ann, 20)
		require.Len(t, a.leases(ann), 1, name)
		e := second(a, copied)
		copied.sendAll()
		require.Equal(t, []pos.Exception{forkAt(e)}, b.open(a.Area), name)
		require.True(t, a.page().Frozen, name)
		row, err := b.db.Terminal(a.ID)
		require.NoError(t, err)
		require.True(t, row.Frozen)
		before := ids(a.leases(ann))
		a.give(ben, 30)
		a.wants(ben)
		require.Empty(t, a.leases(ben), "%s: a frozen terminal gets no leases", name)
		require.Equal(t, before, ids(a.leases(ann)), "%s: and keeps those it has", name)
		o := b.office()
		for _, x := range must(b.db.Exceptions(a.Area, false))(t) {
			_, err := o.Settle(x.ID, "zoe", "the disk was copied", false)
			require.NoError(t, err)
		}
		require.False(t, a.page().Frozen, name)
		require.NotContains(t, ids(a.leases(ann)), before[0], "%s: what the copy had is written off", name)
	}
}

func restartIsNoFork(t *testing.T, b *bench) {
	a := b.till(north)
	for range 4 {
		a.stamp(ann)
		a.stamp(ben)
		a.restart()
	}
	a.send(0, 3)
	a.sendAll()
	a.send(2, 5)
	a.sendAll()
	require.Empty(t, b.open(north))
	require.False(t, a.page().Frozen)

	// Two copies that take turns are one fork for each journal, until it is settled:
	// then the next turn is another.
	other := a.copyOf()
	other.incarnation, other.seq = 7, 0
	a.stamp(ann)
	a.sendAll()
	first := other.stamp(ann)
	other.sendAll()
	second := a.stamp(ann)
	a.sendAll()
	require.ElementsMatch(t, []pos.Exception{forkAt(first), forkAt(second)}, b.open(north))
	other.stamp(ann)
	other.sendAll()
	require.Len(t, b.open(north), 2)
	o := b.office()
	for i, x := range must(b.db.Exceptions(north, false))(t) {
		require.True(t, a.page().Frozen)
		_, err := o.Settle(x.ID, "zoe", "found the copy", false)
		require.NoError(t, err)
		require.Equal(t, i == 0, a.page().Frozen)
	}
	third := a.stamp(ann)
	a.sendAll()
	require.Equal(t, []pos.Exception{forkAt(third)}, b.open(north))
	require.True(t, a.page().Frozen)
	require.Equal(t, int64(9), b.balance(north, ann, stamps), "all of it counts")
}

func clockAhead(t *testing.T, b *bench) {
	a := b.till(north)
	ahead := func(by time.Duration, day pos.Day) pos.Entry {
		e := a.next(ann, pos.Posting{Account: stamps, Amount: 1})
		e.At, e.Day = b.now.Add(by).UnixMilli(), day
		raw, err := e.Encode()
		require.NoError(t, err)
		a.append(e, raw)
		a.sendAll()
		return e
	}
	ahead(5*time.Minute, today)
	require.Empty(t, b.open(north))
	first := ahead(6*time.Minute, today)
	ahead(7*time.Minute, today)
	tomorrow := ahead(24*time.Hour, today+1)
	require.ElementsMatch(t, []pos.Exception{
		{Trouble: pos.ClockAhead, Terminal: a.ID, Entry: first.ID, Amount: (6 * time.Minute).Milliseconds()},
		{Trouble: pos.ClockAhead, Terminal: a.ID, Entry: tomorrow.ID, Amount: (24 * time.Hour).Milliseconds()},
	}, b.open(north))
	require.Equal(t, int64(4), b.balance(north, ann, stamps))
}

func revokedQuarantined(t *testing.T, b *bench) {
	b.lending("1")
	a, other := b.till(north), b.till(north)
	a.give(ann, 10)
	require.NoError(t, b.db.Revoke(other.ID, "zoe", "retired"))
	require.Empty(t, b.open(north), "it holds nothing")
	old := a.Terminal // as a request that is under way knows it
	require.NoError(t, b.db.Revoke(a.ID, "zoe", "stolen"))
	require.NoError(t, b.db.Revoke(a.ID, "zoe", "again"))
	a.stamp(ann)
	a.stamp(ben)
	for range 2 {
		a.sendAll()
		require.NoError(t, b.db.Take(old, ledger.Sent{Wants: []pos.HolderID{ann}, Profiles: []pos.Profile{{Holder: ann, Name: "Thief", Changed: 9}}}, b.now))
	}
	require.Equal(t, []store.Reason{store.Revoked, store.Revoked}, b.reasons())
	require.Equal(t, int64(10), b.balance(north, ann, stamps))
	require.Equal(t, []pos.Exception{{Trouble: pos.LateEntries, Terminal: a.ID}}, b.open(north))
	page := a.page(a.incarnation)
	require.Equal(t, ledger.Page{
		At: b.now.UnixMilli(), Acks: []ledger.Ack{{Incarnation: a.incarnation, Seq: 3}}, Revoked: true,
	}, page)
	page = b.till(north).page()
	require.Len(t, page.Changed, 1, "no till hears of what a revoked one says")
	require.Nil(t, page.Changed[0].Profile)
	counts, err := b.db.Count(north)
	require.NoError(t, err)
	require.Equal(t, store.Counts{Entries: 3, Holders: 1, Quarantined: 2}, counts)
}

func revokedLeases(t *testing.T, b *bench) {
	b.lending("2")
	a, other := b.till(north), b.till(north)
	a.give(ann, 10)
	require.NoError(t, b.db.Revoke(a.ID, "zoe", "stolen"))
	other.give(ann, 1)
	require.Len(t, other.leases(ann), 1, "nobody gets twice what may be gone")
	require.Equal(t, a.ID, other.leases(ann)[0].Terminal)
	open, err := b.db.Exceptions(north, false)
	require.NoError(t, err)
	require.Len(t, open, 1)
	_, err = b.office().Settle(open[0].ID, "zoe", "it was switched off", false)
	require.NoError(t, err)
	leases := other.leases(ann)
	require.Len(t, leases, 1)
	require.Equal(t, other.ID, leases[0].Terminal, "the holder's again, and lent to who is next")
	other.give(ann, 30)
	require.Equal(t, leases, other.leases(ann), "the one that is shut out gets none any more")
}

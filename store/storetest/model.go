package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// plain is the ledger as one would explain it: all entries there are, and a loop
// over them.
type plain []pos.Entry

// place is a posting, as a reversal names it.
type place struct {
	entry   pos.EntryID
	index   int
	account pos.Account
	lot     pos.Lot
}

// sums returns what a holder's entries add up to. What the reversals of one
// posting ask for is added up first and then clamped; those of another account,
// lot or holder, or of a reversal, are for nothing.
func (entries plain) sums(holder pos.HolderID) ledger.Sums {
	asked := map[place]int64{}
	for _, e := range entries {
		for _, p := range e.Postings {
			if p.Of != nil && e.Holder == holder {
				asked[place{*p.Of, p.OfIndex, p.Account, p.Lot}] += p.Amount
			}
		}
	}
	var sums ledger.Sums
	for _, e := range entries {
		for i, p := range e.Postings {
			if p.Of != nil || e.Holder != holder {
				continue
			}
			back := asked[place{e.ID, i, p.Account, p.Lot}]
			if p.Amount > 0 {
				back = max(min(back, 0), -p.Amount)
			} else {
				back = min(max(back, 0), -p.Amount)
			}
			sums, _ = sums.Add(p.Account, p.Lot, p.Amount+back) // far from the ends of int64
		}
	}
	return sums
}

// published returns what the tills must be told of the holder.
func (entries plain) published(t require.TestingT, holder pos.HolderID) ledger.Sums {
	published, err := entries.sums(holder).Published(today, func() (history []pos.Entry, err error) {
		for _, e := range entries {
			if e.Holder == holder {
				history = append(history, e)
			}
		}
		return history, nil
	})
	require.NoError(t, err)
	return published
}

// journals draws the journals of some tills: entries for a few holders that give,
// spend more than there is, and reverse anything of anybody, before or after it.
func journals(t *rapid.T, tills []*till) plain {
	var all plain
	holders := []pos.HolderID{ann, ben, cleo}
	lots := []pos.Lot{{}, {Until: today + 9}, {From: today - 3, Until: today + 5}, {From: today + 2}, {Until: today - 1}}
	amount := rapid.OneOf(rapid.Int64Range(1, 9), rapid.Int64Range(-9, -1))
	for range rapid.IntRange(1, 12).Draw(t, "entries") {
		writer := rapid.SampledFrom(tills).Draw(t, "till")
		if rapid.IntRange(0, 9).Draw(t, "restart") == 0 && writer.seq > 0 {
			writer.restart()
		}
		holder := rapid.SampledFrom(holders).Draw(t, "holder")
		var postings []pos.Posting
		for range rapid.IntRange(0, 3).Draw(t, "postings") {
			p := pos.Posting{
				Account: rapid.SampledFrom([]pos.Account{stamps, "points", "tier:gold"}).Draw(t, "account"),
				Lot:     rapid.SampledFrom(lots).Draw(t, "lot"), Amount: amount.Draw(t, "amount"),
			}
			if rapid.IntRange(0, 2).Draw(t, "reverse") == 0 {
				p = reversing(t, p, all, tills)
			}
			postings = append(postings, p)
		}
		all = append(all, writer.write(holder, postings...))
	}
	return all
}

// reversing makes the posting one that names another: mostly a real one, sometimes
// one of an entry still to come, sometimes as it is.
func reversing(t *rapid.T, p pos.Posting, all plain, tills []*till) pos.Posting {
	p.OfIndex = rapid.IntRange(0, 2).Draw(t, "index")
	if len(all) == 0 || rapid.IntRange(0, 4).Draw(t, "ahead") == 0 {
		of := rapid.SampledFrom(tills).Draw(t, "of")
		p.Of = &pos.EntryID{Terminal: of.ID, Incarnation: of.incarnation, Seq: of.seq + rapid.Uint64Range(1, 3).Draw(t, "seq")}
		return p
	}
	e := rapid.SampledFrom(all).Draw(t, "entry")
	p.Of = &e.ID
	if p.OfIndex < len(e.Postings) && rapid.IntRange(0, 5).Draw(t, "misfit") > 0 {
		p.Account, p.Lot = e.Postings[p.OfIndex].Account, e.Postings[p.OfIndex].Lot
	}
	return p
}

// deliver sends parts of the journals in any order, with repetitions, and then
// all of them, so that nothing is missing at the end.
func deliver(t *rapid.T, tills []*till, between func()) {
	for range rapid.IntRange(0, 8).Draw(t, "deliveries") {
		sender := rapid.SampledFrom(tills).Draw(t, "sender")
		from := rapid.IntRange(0, len(sender.raw)).Draw(t, "from")
		sender.send(from, rapid.IntRange(from, len(sender.raw)).Draw(t, "to"))
		between()
	}
	for _, sender := range rapid.Permutation(tills).Draw(t, "last") {
		sender.sendAll()
		between()
	}
}

// A ledger's sums are a function of the set of its entries, whatever is lent of
// them meanwhile.
func orderNeverMatters(t *testing.T, b *bench) {
	b.lending("2")
	rapid.Check(t, func(rt *rapid.T) {
		area := b.newArea()
		tills := []*till{b.till(area), b.till(area), b.till(area)}
		entries := journals(rt, tills)
		deliver(rt, tills, func() {})
		for _, holder := range []pos.HolderID{ann, ben, cleo} {
			sums, err := b.db.Balance(area, holder, today)
			require.NoError(rt, err)
			require.ElementsMatch(rt, entries.published(rt, holder), sums)
		}
		require.Empty(rt, b.reasons())
	})
}

// A follower that goes on from each page's cursor, however small the pages and
// whenever it asks, ends with what everybody has.
func followerMissesNothing(t *testing.T, b *bench) {
	rapid.Check(t, func(rt *rapid.T) {
		area := b.newArea()
		tills := []*till{b.till(area), b.till(area)}
		entries := journals(rt, tills)
		f := follower{till: tills[0], knows: map[pos.HolderID]ledger.Changed{}}
		deliver(rt, tills, func() { f.pull(rt, rapid.IntRange(1, 3).Draw(rt, "limit")) })
		for f.pull(rt, 2) {
		}
		for _, holder := range []pos.HolderID{ann, ben, cleo} {
			require.ElementsMatch(rt, entries.published(rt, holder), f.knows[holder].Sums)
		}
		before := f.cursor
		require.False(rt, f.pull(rt, 2), "an idle feed has nothing new")
		require.Equal(rt, before, f.cursor)
	})
}

type follower struct {
	till   *till
	cursor uint64
	knows  map[pos.HolderID]ledger.Changed
}

// pull applies one page and reports whether there is more.
func (f *follower) pull(t require.TestingT, limit int) bool {
	page, err := f.till.bench.db.Page(f.till.Terminal, f.till.ask(f.cursor, limit))
	require.NoError(t, err)
	require.LessOrEqual(t, len(page.Changed), limit)
	for _, c := range page.Changed {
		require.Greater(t, c.Position, f.cursor)
		require.Greater(t, c.Position, f.knows[c.Holder].Position)
		f.cursor = c.Position
		f.knows[c.Holder] = c
	}
	require.Equal(t, f.cursor, page.Cursor)
	return page.More
}

// newArea gives each round of a property its own area of one store.
func (b *bench) newArea() pos.AreaID {
	b.areas++
	return pos.AreaID(fmt.Sprint("area ", b.areas))
}

// lender is a till that hands out cups by leases, from what it was told last.
type lender struct {
	*till
	told map[pos.HolderID][]ledger.Lease // its own, not used yet
}

// pull has the lender know what the server says now.
func (l *lender) pull() {
	for _, c := range l.page().Changed {
		l.told[c.Holder] = nil
		for _, lease := range c.Leases {
			if lease.Terminal == l.ID && !l.used(lease.ID) {
				l.told[c.Holder] = append(l.told[c.Holder], lease)
			}
		}
	}
}

func (l *lender) used(id pos.LeaseID) bool {
	return slices.ContainsFunc(l.till.sent, func(e pos.Entry) bool {
		return e.By != nil && string(e.By.ID) == string(id[:])
	})
}

// spend uses up one lease of the holder, or gives it back if it was recalled.
func (l *lender) spend(holder pos.HolderID) {
	if len(l.told[holder]) == 0 {
		return
	}
	lease := l.told[holder][0]
	l.told[holder] = l.told[holder][1:]
	e := l.next(holder)
	e.Kind, e.By = pos.Returned, &pos.By{Kind: pos.ByLease, ID: lease.ID[:]}
	if !lease.Recalled {
		e.Kind = pos.Redeemed
		for _, s := range lease.Sums {
			e.Postings = append(e.Postings, pos.Posting{Account: s.Account, Lot: s.Lot, Amount: -s.Amount})
		}
	}
	raw, err := e.Encode()
	require.NoError(l.bench.t, err)
	l.append(e, raw)
}

// Tills that hand out by leases only, however late they tell of it and whatever
// they were told last, never hand out more than there is: no lot goes below 0,
// nothing is an exception, and what is lent is always there.
func leasesNeverOverdraw(t *testing.T, b *bench) {
	b.lending("2")
	rapid.Check(t, func(rt *rapid.T) {
		area := b.newArea()
		var tills []*lender
		for range 3 {
			tills = append(tills, &lender{till: b.till(area), told: map[pos.HolderID][]ledger.Lease{}})
		}
		for range rapid.IntRange(5, 25).Draw(rt, "steps") {
			l := rapid.SampledFrom(tills).Draw(rt, "till")
			holder := rapid.SampledFrom([]pos.HolderID{ann, ben}).Draw(rt, "holder")
			switch rapid.SampledFrom([]string{"give", "give", "spend", "spend", "want", "exchange", "exchange", "repeat"}).Draw(rt, "step") {
			case "give":
				account := rapid.SampledFrom([]pos.Account{stamps, "points"}).Draw(rt, "account")
				l.write(holder, pos.Posting{Account: account, Amount: rapid.Int64Range(1, 12).Draw(rt, "n")})
			case "spend":
				l.spend(holder)
			case "want":
				l.wants(holder)
			case "exchange":
				l.sendAll()
				l.pull()
			case "repeat":
				l.send(0, rapid.IntRange(0, len(l.raw)).Draw(rt, "to"))
			}
			lentIsThere(rt, b, area, tills)
		}
	})
}

// lentIsThere checks that of no lot more is lent than is in it.
func lentIsThere(t *rapid.T, b *bench, area pos.AreaID, tills []*lender) {
	require.Empty(t, b.open(area))
	for _, holder := range []pos.HolderID{ann, ben} {
		left, err := b.db.Balance(area, holder, today)
		require.NoError(t, err)
		for _, lease := range tills[0].leases(holder) {
			for _, s := range lease.Sums {
				left, err = left.Add(s.Account, s.Lot, -s.Amount)
				require.NoError(t, err)
			}
		}
		for _, s := range left {
			require.Positive(t, s.Amount)
		}
	}
}

package ledger

import (
	"cmp"
	"maps"
	"slices"

	"tenthcup/pos"
)

// Published returns what the centre tells the tills about a holder on the day:
// the live and pending lots, the ended lots of activity that belong to a run which
// goes on, and for a value account with a negative lot what a
// replay of the holder's entries makes of it: lots and at most one deficit,
// carried as a negative sum without bounds. Entries is called only if it is
// needed, and its error is returned as it is.
//
// On a day without overspent lots the published sums give the same balance as s.
func (s Sums) Published(day pos.Day, entries func() ([]pos.Entry, error)) (Sums, error) {
	published := Sums{}
	overspent := map[pos.Account]bool{}
	for _, sum := range s {
		if sum.Account.Value() && sum.Amount < 0 {
			overspent[sum.Account] = true
		}
	}
	for _, sum := range s {
		if !overspent[sum.Account] && s.told(sum, day) {
			published = append(published, sum)
		}
	}
	if len(overspent) == 0 {
		return published, nil
	}
	history, err := entries()
	if err != nil {
		return nil, err
	}
	for account := range overspent {
		if published, err = published.Merge(Replay(history, account, day)); err != nil {
			return nil, err
		}
	}
	return published, nil
}

// Replay books the entries of one holder in the order (At, ID), as one ledger
// that had always been connected would have, and returns what the value account
// holds on the day: lots with something in them and, where more was spent than
// there was, one negative sum without bounds, the deficit. The result depends on
// the set of entries only.
//
// A debit takes from the lot that it names, then from the other live lots,
// soonest Until first; the rest is deficit, which is repaid by whatever is or
// becomes live, in the same order. What was reversed counts as if it had never
// been written: a void undoes, also where others have spent in between. Every
// entry counts; one that a clock ahead of the others' dated after the day is
// booked on the day. Which run of activity a day is in is read from all entries.
func Replay(entries []pos.Entry, account pos.Account, day pos.Day) Sums {
	ordered := slices.Clone(entries)
	slices.SortFunc(ordered, func(a, b pos.Entry) int {
		return cmp.Or(cmp.Compare(a.At, b.At), a.ID.Compare(b.ID))
	})
	asked := reversals(ordered)
	book := replayBook{lots: map[pos.Lot]int64{}, active: activityIn(ordered, asked, account)}
	for _, e := range ordered {
		for i, p := range e.Postings {
			if p.Account != account || p.Of != nil {
				continue
			}
			if amount := p.Amount + Reversal(p.Amount, asked[target{e.ID, i, p.Account, p.Lot}]); amount != 0 {
				book.advance(min(e.Day, day)) // what stands for nothing lets no day pass
				book.add(p.Lot, amount)
			}
		}
		book.repay()
	}
	book.advance(day)
	return book.sums(account)
}

// target is a posting as a reversal names it.
type target struct {
	entry   pos.EntryID
	index   int
	account pos.Account
	lot     pos.Lot
}

// reversals returns what the history asks to be reversed, by posting.
func reversals(history []pos.Entry) map[target]int64 {
	asked := map[target]int64{}
	for _, e := range history {
		for _, p := range e.Postings {
			if p.Of != nil {
				of := target{*p.Of, p.OfIndex, p.Account, p.Lot}
				asked[of] = saturated(asked[of], p.Amount)
			}
		}
	}
	return asked
}

// replayBook is one account while it is replayed. Where there is a deficit, no
// live lot holds anything.
type replayBook struct {
	day     pos.Day           // never goes back
	lots    map[pos.Lot]int64 // never negative
	deficit int64             // never negative
	active  Sums              // the account's activity
}

// advance lets the days pass up to the day. A lot that becomes live on the way
// repays the deficit on that day, before it may end again.
func (b *replayBook) advance(day pos.Day) {
	if b.deficit > 0 {
		for _, lot := range slices.SortedFunc(maps.Keys(b.lots), func(x, y pos.Lot) int { return cmp.Compare(x.From, y.From) }) {
			if lot.From > b.day && lot.From <= day {
				b.day = lot.From
				b.repay()
			}
		}
	}
	b.day = max(b.day, day)
}

func (b *replayBook) add(lot pos.Lot, amount int64) {
	if amount >= 0 {
		b.lots[lot] = saturated(b.lots[lot], amount)
		return
	}
	rest := -amount
	for _, from := range append([]pos.Lot{lot}, b.live()...) {
		taken := min(rest, b.lots[from])
		b.lots[from] -= taken
		rest -= taken
	}
	b.deficit = saturated(b.deficit, rest)
}

func (b *replayBook) repay() {
	if b.deficit == 0 {
		return
	}
	for _, lot := range b.live() {
		paid := min(b.deficit, b.lots[lot])
		b.lots[lot] -= paid
		b.deficit -= paid
	}
}

// live returns the live lots with something in them, in the order in which they
// are spent.
func (b *replayBook) live() []pos.Lot {
	var live []pos.Lot
	for lot, amount := range b.lots {
		if amount > 0 && b.active.bounds(lot).Live(b.day) {
			live = append(live, lot)
		}
	}
	slices.SortFunc(live, compareLots)
	return live
}

func (b *replayBook) sums(account pos.Account) Sums {
	sums := Sums{}
	for lot, amount := range b.lots {
		if amount > 0 && !b.active.bounds(lot).Ended(b.day) {
			sums = append(sums, Sum{account, lot, amount})
		}
	}
	slices.SortFunc(sums, Sum.compare)
	if b.deficit > 0 {
		sums, _ = sums.Add(account, pos.Lot{}, -b.deficit) // nothing to overflow: the lot without bounds is live, so it is empty
	}
	return sums
}

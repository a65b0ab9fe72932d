package ledger

import (
	"cmp"
	"maps"
	"slices"

	"tenthcup/pos"
)

// Published returns what the centre tells the tills about a holder on the day:
// the live and pending lots, and for a value account with a negative lot what a
// replay of the holder's entries makes of it: lots and at most one deficit,
// carried as a negative sum without bounds. Entries is called only if it is needed.
//
// On a day without overspent lots the published sums give the same balance as s.
func (s Sums) Published(day pos.Day, entries func() ([]pos.Entry, error)) (Sums, error) {
	published := Sums{}
	replayed := map[pos.Account]bool{}
	for _, sum := range s {
		if sum.Account.Value() && sum.Amount < 0 && sum.Lot != (pos.Lot{}) {
			replayed[sum.Account] = true
		}
	}
	for _, sum := range s {
		if !replayed[sum.Account] && !sum.Lot.Ended(day) {
			published = append(published, sum)
		}
	}
	if len(replayed) == 0 {
		return published, nil
	}
	history, err := entries()
	if err != nil {
		return nil, err
	}
	for account := range replayed {
		if published, err = published.Merge(Replay(history, account, day)); err != nil {
			return nil, err
		}
	}
	return published, nil
}

// Replay books the entries of one holder in the order (At, ID), as one ledger
// that had always been connected would have, and returns what the value account
// holds on the day: lots with something in them and, where more was spent than
// there was, one negative sum without bounds, the deficit. A deficit is repaid
// by whatever is or becomes live, soonest Until first. The result depends on the
// set of entries only.
func Replay(entries []pos.Entry, account pos.Account, day pos.Day) Sums {
	ordered := slices.Clone(entries)
	slices.SortFunc(ordered, func(a, b pos.Entry) int {
		return cmp.Or(cmp.Compare(a.At, b.At), a.ID.Compare(b.ID))
	})
	book := replayBook{lots: map[pos.Lot]int64{}}
	reversals := newReversals(ordered)
	for _, e := range ordered {
		if e.Day > day {
			break
		}
		book.advance(e.Day)
		for i, p := range e.Postings {
			if p.Account == account {
				book.add(p.Lot, reversals.counted(e.ID, i, p))
			}
		}
		book.repay()
	}
	book.advance(day)
	return book.sums(account)
}

// replayBook is one account while it is replayed.
type replayBook struct {
	day     pos.Day
	lots    map[pos.Lot]int64 // never negative
	deficit int64             // never negative
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
	if amount > 0 {
		b.lots[lot] = saturated(b.lots[lot], amount)
		return
	}
	rest := -amount
	take := func(lot pos.Lot) {
		taken := min(rest, b.lots[lot])
		b.lots[lot] -= taken
		rest -= taken
	}
	if !lot.Ended(b.day) {
		take(lot)
	}
	for _, other := range b.live() {
		take(other)
	}
	b.deficit = saturated(b.deficit, rest)
}

func (b *replayBook) repay() {
	for _, lot := range b.live() {
		paid := min(b.deficit, b.lots[lot])
		b.lots[lot] -= paid
		b.deficit -= paid
	}
}

func (b *replayBook) live() []pos.Lot {
	var live []pos.Lot
	for lot, amount := range b.lots {
		if amount > 0 && lot.Live(b.day) {
			live = append(live, lot)
		}
	}
	slices.SortFunc(live, compareLots)
	return live
}

func (b *replayBook) sums(account pos.Account) Sums {
	sums := Sums{}
	for lot, amount := range b.lots {
		if amount > 0 && !lot.Ended(b.day) {
			sums = append(sums, Sum{account, lot, amount})
		}
	}
	slices.SortFunc(sums, Sum.compare)
	if b.deficit > 0 {
		sums, _ = sums.Add(account, pos.Lot{}, -b.deficit) // cannot overflow: one side is positive
	}
	return sums
}

// reversals clamps the reversals in a history: earlier ones count first, and one
// whose original is not there counts nothing yet.
type reversals struct {
	original map[place]int64
	asked    map[place]int64
}

type place struct {
	entry pos.EntryID
	index int
}

func newReversals(history []pos.Entry) reversals {
	r := reversals{map[place]int64{}, map[place]int64{}}
	for _, e := range history {
		for i, p := range e.Postings {
			if p.Of == nil {
				r.original[place{e.ID, i}] = p.Amount
			}
		}
	}
	return r
}

func (r reversals) counted(id pos.EntryID, index int, p pos.Posting) int64 {
	if p.Of == nil {
		return p.Amount
	}
	of := place{*p.Of, p.OfIndex}
	before := r.asked[of]
	r.asked[of] = saturated(before, p.Amount)
	return Reversal(r.original[of], r.asked[of]) - Reversal(r.original[of], before)
}

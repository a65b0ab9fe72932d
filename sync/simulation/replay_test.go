package simulation_test

import (
	"cmp"
	"math"
	"slices"

	"tenthcup/pos"
)

// booking is one account while its entries are booked by time and id, day by
// day, as one ledger that was always connected would have.
type booking struct {
	lots  map[pos.Lot]int64
	debt  int64
	today pos.Day
}

// replay returns what is left of the account on the day. All are the entries
// added up.
func replay(entries []pos.Entry, all *tally, account pos.Account, day pos.Day) int64 {
	b := &booking{lots: map[pos.Lot]int64{}}
	for _, e := range inTime(entries) {
		b.wait(min(e.Day, day))
		for i, p := range e.Postings {
			if p.Account == account && p.Of == nil {
				b.book(p.Lot, all.left(place{e.ID, i, purse{account, p.Lot}}))
			}
		}
		b.settle()
	}
	b.wait(day)
	worth := -b.debt
	for lot, amount := range b.lots {
		if counts(lot, day) {
			worth += amount
		}
	}
	return worth
}

func inTime(entries []pos.Entry) []pos.Entry {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b pos.Entry) int { return cmp.Or(cmp.Compare(a.At, b.At), a.ID.Compare(b.ID)) })
	return entries
}

// wait lets the days pass. Debts are paid on each day on which a lot begins to
// count.
func (b *booking) wait(until pos.Day) {
	for b.today < until {
		next := until
		for lot := range b.lots {
			if lot.From > b.today {
				next = min(next, lot.From)
			}
		}
		b.today = next
		b.settle()
	}
}

func (b *booking) book(lot pos.Lot, amount int64) {
	if amount > 0 {
		b.lots[lot] += amount
		return
	}
	rest := b.pay(lot, -amount)
	for _, from := range b.live() {
		rest = b.pay(from, rest)
	}
	b.debt += rest
}

// pay takes up to the amount from the lot and returns what it did not have.
func (b *booking) pay(from pos.Lot, amount int64) (rest int64) {
	paid := min(amount, b.lots[from])
	b.lots[from] -= paid
	return amount - paid
}

func (b *booking) settle() {
	for _, lot := range b.live() {
		b.debt = b.pay(lot, b.debt)
	}
}

// live returns the lots that count today, those first that end first.
func (b *booking) live() (lots []pos.Lot) {
	for lot := range b.lots {
		if counts(lot, b.today) {
			lots = append(lots, lot)
		}
	}
	ends := func(lot pos.Lot) pos.Day {
		if lot.Until == 0 {
			return math.MaxInt32
		}
		return lot.Until
	}
	slices.SortFunc(lots, func(x, y pos.Lot) int { return cmp.Or(cmp.Compare(ends(x), ends(y)), cmp.Compare(x.From, y.From)) })
	return lots
}

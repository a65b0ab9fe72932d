// Package ledgertest holds the ledger once more, as plainly as it can be told: all
// entries of a holder, and loops over them that count single units, like coins, and
// let one day pass after the other. It is slow and shares no code with package
// ledger, which must agree with it. History draws the histories for that.
package ledgertest

import (
	"cmp"
	"slices"
	"strings"

	"tenthcup/pos"
)

// Plain is all entries of one holder, each once, in any order.
type Plain []pos.Entry

// Held returns what the centre must tell the tills of the account on the day: the
// amounts of the lots that have not ended, none of them 0, and what is owed as a
// negative amount of the lot without bounds. Of activity that has ended it tells the
// last with each beginning, while the run that it belongs to goes on.
//
// It is one of two things. As a rule, the lots as they add up. But where more was
// taken from a lot of value than was in it, somebody spent what another had spent
// already; then it is what somebody would hold who had lived through it all.
func (p Plain) Held(account pos.Account, day pos.Day) map[pos.Lot]int64 {
	held := p.added(account)
	if account.Value() {
		for _, amount := range held {
			if amount < 0 {
				held = p.lived(account, day).count()
			}
		}
	}
	last := map[pos.Day]pos.Day{}
	for lot, amount := range held {
		if amount > 0 {
			last[lot.From] = max(last[lot.From], lot.Until)
		}
	}
	for lot, amount := range held {
		end := p.ends(account, lot)
		if value, found := strings.CutPrefix(string(account), "active:"); found && amount > 0 && lot.Until == last[lot.From] {
			end = p.ends(pos.Account(value), pos.Lot{From: lot.From})
		}
		if amount == 0 || end != 0 && end <= day {
			delete(held, lot)
		}
	}
	return held
}

// added returns the lots of the account as they add up.
func (p Plain) added(account pos.Account) map[pos.Lot]int64 {
	held := map[pos.Lot]int64{}
	for _, e := range p {
		for i := range e.Postings {
			if e.Postings[i].Account == account {
				held[e.Postings[i].Lot] += p.stands(e, i)
			}
		}
	}
	return held
}

// ends returns the first day on which the lot counts no more; 0 is never. Value
// without an end of its own that begins on the same day as some activity ends with
// the run of activity, which goes on from one day to the next while there is
// activity, in one lot, on both.
func (p Plain) ends(account pos.Account, lot pos.Lot) pos.Day {
	if lot.Until != 0 || lot.From == 0 || !account.Value() {
		return lot.Until
	}
	var active []pos.Lot
	begins := false
	for piece, amount := range p.added("active:" + account) {
		if amount > 0 {
			active = append(active, piece)
			begins = begins || piece.From == lot.From
		}
	}
	if !begins {
		return 0
	}
	for day := lot.From + 1; ; day++ {
		if !slices.ContainsFunc(active, func(piece pos.Lot) bool { return piece.From < day && day < piece.Until }) {
			return day
		}
	}
}

// Balance returns what the account is worth on the day: value is what is held in
// lots that have begun, less what is owed; of grants no lot counts below 0.
func (p Plain) Balance(account pos.Account, day pos.Day) (balance int64) {
	for lot, amount := range p.Held(account, day) {
		if lot.From <= day && (lot.Until == 0 || day < lot.Until) && (account.Value() || amount > 0) {
			balance += amount
		}
	}
	return balance
}

// stands returns what is left of the posting after all that was reversed of it.
// All reversals of one posting ask together; they get at most the whole of it, and
// never more than nothing. A reversal itself stands for nothing.
func (p Plain) stands(e pos.Entry, i int) int64 {
	posting := e.Postings[i]
	if posting.Of != nil {
		return 0
	}
	left := posting.Amount
	for _, other := range p {
		for _, r := range other.Postings {
			if r.Of != nil && *r.Of == e.ID && r.OfIndex == i && r.Account == posting.Account && r.Lot == posting.Lot {
				left += r.Amount
			}
		}
	}
	if posting.Amount > 0 {
		return min(max(left, 0), posting.Amount)
	}
	return max(min(left, 0), posting.Amount)
}

// Stands reports whether anything of the entry is left after all that was reversed
// of it.
func (p Plain) Stands(e pos.Entry) bool {
	for i := range e.Postings {
		if p.stands(e, i) != 0 {
			return true
		}
	}
	return false
}

// life is one account of value on one day.
type life struct {
	day   pos.Day
	coins []pos.Lot // one for each unit held
	debt  int       // units that were taken and not there
	ends  map[pos.Lot]pos.Day
}

// lived goes through the entries in the order of time up to the day. What stands
// for nothing was never there. What is dated later than the day is here already, so
// it is taken for today's; and no day comes back.
func (p Plain) lived(account pos.Account, today pos.Day) *life {
	inTime := slices.Clone(p)
	slices.SortFunc(inTime, func(a, b pos.Entry) int {
		return cmp.Or(cmp.Compare(a.At, b.At), a.ID.Compare(b.ID))
	})
	l := &life{ends: map[pos.Lot]pos.Day{}}
	for lot := range p.added(account) {
		l.ends[lot] = p.ends(account, lot)
	}
	for _, e := range inTime {
		began := false
		for i := range e.Postings {
			amount := p.stands(e, i)
			if e.Postings[i].Account != account || amount == 0 {
				continue
			}
			if !began {
				l.until(min(e.Day, today))
				began = true
			}
			l.book(e.Postings[i].Lot, amount)
		}
		l.repay()
	}
	l.until(today)
	return l
}

// until lets the days pass. Each morning what is owed is repaid, if there is
// anything to repay it with.
func (l *life) until(day pos.Day) {
	for l.day < day {
		l.day++
		l.repay()
	}
}

// book puts coins of a lot down, or takes coins away: of the lot while there are
// any, then of those that count today.
func (l *life) book(lot pos.Lot, amount int64) {
	for range amount {
		l.coins = append(l.coins, lot)
	}
	for range -amount {
		at := slices.Index(l.coins, lot)
		if at < 0 {
			at = l.soonest()
		}
		if at < 0 {
			l.debt++
			continue
		}
		l.coins = slices.Delete(l.coins, at, at+1)
	}
}

func (l *life) repay() {
	for l.debt > 0 && l.soonest() >= 0 {
		at := l.soonest()
		l.coins = slices.Delete(l.coins, at, at+1)
		l.debt--
	}
}

// soonest returns the place of the coin that counts today and ends first, or -1.
func (l *life) soonest() int {
	found := -1
	for i, coin := range l.coins {
		counts := coin.From <= l.day && (l.ends[coin] == 0 || l.day < l.ends[coin])
		if counts && (found < 0 || endsBefore(coin, l.coins[found])) {
			found = i
		}
	}
	return found
}

// endsBefore orders coins as they are spent: the one that ends first, one without
// an end last; of two that end together, the one that began first.
func endsBefore(a, b pos.Lot) bool {
	switch {
	case a.Until == b.Until:
		return a.From < b.From
	case a.Until == 0 || b.Until == 0:
		return b.Until == 0
	}
	return a.Until < b.Until
}

func (l *life) count() map[pos.Lot]int64 {
	held := map[pos.Lot]int64{}
	for _, coin := range l.coins {
		held[coin]++
	}
	if l.debt > 0 {
		held[pos.Lot{}] -= int64(l.debt)
	}
	return held
}

package ledger

import "tenthcup/pos"

// A balance that ends when nothing happens for a while has no end that could be
// written into its lots. So whoever gives or spends writes down the activity too:
// in the grant account ActivityOf, in a lot from the first day of the run of
// activity until the end of the time that may pass without any. What is given goes
// into a lot that has that first day as From and no Until.
//
// Lots of activity that have a day in common are one run; one that begins when
// another has ended is not. A lot of value without an end counts, if a lot of
// activity has the same From, until that run ends; then all of it is gone, as with
// any lot that ends. Nothing is ever changed, so nothing can be in conflict: tills
// that each began a run of their own, because they did not know of the other's, have
// begun the same one where the runs overlap, and what both gave counts.
//
// A void takes the activity back with the rest of the entry. A return takes back
// value only: that it was there is true all the same.

// ActivityOf returns the account that holds the activity of the value account.
func ActivityOf(account pos.Account) pos.Account { return "active:" + account }

// Activity returns the sums of the account's activity.
func (s Sums) Activity(account pos.Account) Sums { return s.of(ActivityOf(account)) }

// Run returns the first day of the run of activity that the day is in, or 0 if it
// is in none.
func (s Sums) Run(account pos.Account, day pos.Day) pos.Day {
	active := s.Activity(account)
	first, found := day, false
	for i := len(active) - 1; i >= 0; i-- { // the latest end first: no later one can overlap what an earlier one did not
		lot := active[i].Lot
		if active[i].Amount > 0 && lot.From <= day && lot.Until > first {
			first, found = min(first, lot.From), true
		}
	}
	if !found {
		return 0
	}
	return first
}

// Bounds returns when the lot of the account counts: as it says, or if it belongs to
// a run of activity, until that ends.
func (s Sums) Bounds(account pos.Account, lot pos.Lot) pos.Lot {
	if lot.From == 0 || lot.Until != 0 || !account.Value() {
		return lot
	}
	return s.Activity(account).bounds(lot)
}

// bounds is Bounds of a lot without an end, by the account's activity.
func (active Sums) bounds(lot pos.Lot) pos.Lot {
	if lot.From != 0 && lot.Until == 0 {
		lot.Until = active.end(lot.From)
	}
	return lot
}

// end returns the end of the run that a lot with that From belongs to, or 0 if there
// is none.
func (active Sums) end(from pos.Day) (end pos.Day) {
	for _, sum := range active { // the soonest end first
		joins := sum.Lot.From == from || sum.Lot.From < end
		if sum.Amount > 0 && joins && sum.Lot.Until > end {
			end = sum.Lot.Until
		}
	}
	return end
}

// told reports whether the centre tells the tills of the sum on the day: of what has
// not ended, and of lots of activity that have, the last with its From while its run
// goes on. Without them nobody could tell which lots belong to the run.
func (s Sums) told(sum Sum, day pos.Day) bool {
	if !s.Bounds(sum.Account, sum.Lot).Ended(day) {
		return true
	}
	if sum.Account.Class() != "active" || sum.Amount <= 0 {
		return false
	}
	active := s.of(sum.Account)
	for _, other := range active {
		if other.Lot.From == sum.Lot.From && other.Lot.Until > sum.Lot.Until && other.Amount > 0 {
			return false
		}
	}
	return active.end(sum.Lot.From) > day
}

// activityIn returns the activity that stands in the history.
func activityIn(history []pos.Entry, asked map[target]int64, account pos.Account) Sums {
	active := Sums{}
	for _, e := range history {
		for i, p := range e.Postings {
			if p.Account == ActivityOf(account) && p.Of == nil {
				left := p.Amount + Reversal(p.Amount, asked[target{e.ID, i, p.Account, p.Lot}])
				active, _ = active.Add(p.Account, p.Lot, left) // counts of entries, far from the ends of int64
			}
		}
	}
	return active
}

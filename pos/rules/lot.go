package rules

import (
	"cmp"
	"math"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

func (d *deciding) pointsLot() pos.Lot {
	if d.p.Points == nil {
		return pos.Lot{}
	}
	return d.lot(pos.PointsAccount, d.p.Points.Expiry)
}

func (d *deciding) creditLot() pos.Lot {
	if d.p.Credit == nil {
		return pos.Lot{}
	}
	return d.lot(pos.CreditAccount, d.p.Credit.Expiry)
}

// lot returns the lot of what is given of the account now. All that ends with one
// month is in one lot, so that a member has tens of lots and not one a visit; a
// balance that ends by inactivity has one lot for each run of activity.
func (d *deciding) lot(account pos.Account, expiry pos.Expiry) pos.Lot {
	if expiry.Inactive == 0 {
		return expiry.Lot(d.p.Calendar, d.ask.Day)
	}
	return pos.Lot{From: d.run(account)}
}

// run returns the first day of the account's run of activity, which is today if
// there is none.
func (d *deciding) run(account pos.Account) pos.Day {
	return pos.Day(cmp.Or(d.ask.Facts(FactRun+string(account)), int64(d.ask.Day)))
}

// beActive notes activity if the decision gives a member anything of value, or takes
// it. It comes last.
func (d *deciding) beActive() error {
	if d.giftCard || !slices.ContainsFunc(d.Postings, func(p pos.Posting) bool { return p.Account.Value() }) {
		return nil
	}
	return d.active()
}

// active notes that the member was active, for each balance that would end otherwise.
func (d *deciding) active() error {
	if d.p.Points != nil {
		if err := d.keep(pos.PointsAccount, d.p.Points.Expiry); err != nil {
			return err
		}
	}
	if d.p.Credit != nil {
		if err := d.keep(pos.CreditAccount, d.p.Credit.Expiry); err != nil {
			return err
		}
	}
	for i := range d.p.Cards {
		if card := &d.p.Cards[i]; card.Inactive > 0 {
			if err := d.keep(card.Account(), card.Expiry); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep notes activity that keeps the balance until the end of a month. Each entry
// notes its own, so that a void of one leaves the others'.
func (d *deciding) keep(account pos.Account, expiry pos.Expiry) error {
	if expiry.Inactive == 0 {
		return nil
	}
	until := pos.FirstOf(d.p.Calendar, d.ask.Day, expiry.Inactive+1)
	return d.post(Because{Account: ledger.ActivityOf(account), Amount: 1}, pos.Lot{From: d.run(account), Until: until})
}

// Ends is a part of a balance that is gone soon.
type Ends struct {
	Account pos.Account
	Amount  int64   // above 0, in the account's unit
	Last    pos.Day // on which it counts
}

// Ending returns what of the sums ends within the days of warning that the program
// gives, soonest first, if the member does nothing. What is owed is made good first.
func Ending(p *pos.Program, sums ledger.Sums, day pos.Day) []Ends {
	owed := map[pos.Account]int64{}
	for _, sum := range sums {
		if sum.Account.Value() && sum.Amount < 0 {
			owed[sum.Account] = atMost(owed[sum.Account], -max(sum.Amount, -math.MaxInt64))
		}
	}
	var ending []Ends
	for _, sum := range sums { // in the order in which they are spent
		lot := sums.Bounds(sum.Account, sum.Lot)
		if !sum.Account.Value() || sum.Amount <= 0 || lot.Ended(day) {
			continue
		}
		paid := min(owed[sum.Account], sum.Amount)
		owed[sum.Account] -= paid
		if left := sum.Amount - paid; left > 0 && lot.Until != 0 && lot.Until <= day+expiryOf(p, sum.Account).Warning() {
			ending = append(ending, Ends{sum.Account, left, lot.Until - 1})
		}
	}
	return together(ending)
}

// together makes one of what ends of an account on the same day, soonest first.
func together(ending []Ends) []Ends {
	slices.SortFunc(ending, func(a, b Ends) int {
		return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(a.Account, b.Account))
	})
	var joined []Ends
	for _, e := range ending {
		if n := len(joined) - 1; n >= 0 && joined[n].Account == e.Account && joined[n].Last == e.Last {
			joined[n].Amount += e.Amount
			continue
		}
		joined = append(joined, e)
	}
	return joined
}

// expiryOf returns how the account's lots end; an account that the program does not
// have has only the days of warning that all have.
func expiryOf(p *pos.Program, account pos.Account) pos.Expiry {
	switch {
	case account == pos.PointsAccount && p.Points != nil:
		return p.Points.Expiry
	case account == pos.CreditAccount && p.Credit != nil:
		return p.Credit.Expiry
	}
	for i := range p.Cards {
		if p.Cards[i].Account() == account {
			return p.Cards[i].Expiry
		}
	}
	return pos.Expiry{}
}

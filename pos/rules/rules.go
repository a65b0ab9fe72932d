// Package rules holds the decisions: what a visit gives and what a reward takes.
//
// A decision is a pure function of the program, the holder's sums and the day.
// It returns postings, which the station freezes into an entry, or a problem
// that the cashier can act on. Nothing decides anywhere else.
package rules

import (
	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Reward is a reward as one member can have it.
type Reward struct {
	Rule    pos.RewardRule
	Ready   int64        // how often the balance covers it; an exchange or a perk once
	Missing int64        // stamps or points still to go for the first one; 0 when ready
	Worth   pos.Money    // of an exchange: what all points that can be exchanged are worth
	Last    pos.Day      // of vouchers: the last day of the one that ends first; 0 is no end
	Not     *pos.Problem // why the member cannot have it now, whatever the balance; nil if nothing stands against it
}

// Rewards returns the program's rewards for the sums, in the program's order. A
// voucher is among them while the member has one, and what costs nothing while the
// member may have it.
func Rewards(p *pos.Program, sums ledger.Sums, day pos.Day, facts Facts) []Reward {
	rewards := make([]Reward, 0, len(p.Rewards))
	d := deciding{p: p, ask: Ask{Day: day, Facts: facts}}
	for i := range p.Rewards {
		rule := &p.Rewards[i]
		price := PriceOf(p, rule)
		r := Reward{Rule: *rule, Not: d.against(rule), Ready: 1}
		if price.Amount > 0 {
			balance := max(sums.Balance(price.Account, day), 0)
			r.Ready, r.Missing = balance/price.Amount, max(price.Amount-sums.Balance(price.Account, day), 0)
			if rule.Kind == pos.KindExchange {
				r.exchange(balance)
			}
		}
		switch {
		case rule.Free && r.Not != nil, rule.Voucher && r.Ready == 0:
			continue
		case rule.Voucher:
			r.Last = lastOf(sums, price.Account, day)
		}
		rewards = append(rewards, r)
	}
	return rewards
}

// exchange works out what the points are worth.
func (r *Reward) exchange(balance int64) {
	step, least := int64(r.Rule.Step), max(int64(r.Rule.Least), int64(r.Rule.Step))
	r.Ready, r.Missing = 0, max(r.Missing, least-balance, 0)
	if balance >= least {
		r.Ready = 1
		if worth, err := (Price{Amount: int64(r.Rule.Off.Minor)}).times(balance / step); err == nil {
			r.Worth = pos.Money(worth.Amount)
		}
	}
}

// against returns why the member cannot have the reward today, whatever the
// balance and the sale, or nil.
func (d *deciding) against(rule *pos.RewardRule) *pos.Problem {
	if problem := d.mayHave(rule, Claim{}); problem != nil {
		return problem
	}
	limits := rule.Limits
	limits.Sale = 0
	if d.left(rule.ID, limits, 1) < 1 {
		return pos.Refuse("redeem.limit", "reward", rule.Name)
	}
	return nil
}

// lastOf returns the last day of the live lot of the account that ends first, or 0.
func lastOf(sums ledger.Sums, account pos.Account, day pos.Day) pos.Day {
	for _, sum := range sums { // soonest Until first
		if sum.Account == account && sum.Amount > 0 && sum.Lot.Live(day) {
			return max(sum.Lot.Until-1, 0)
		}
	}
	return 0
}

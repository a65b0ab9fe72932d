package rules

import (
	"math"

	"tenthcup/pos"
)

// Exposure is what disconnected tills can hand out of one account beyond what
// the members have, in one outage: from one full exchange of each to its next.
// All figures are in Unit of the account. Overrides by a manager are no part of it,
// nor is what a void takes back after it was spent.
type Exposure struct {
	Account pos.Account
	Rewards []pos.RewardRule // that a till hands out without a lease; none if the figures are 0
	Unit    int64            // how much of the account the figures count as 1: a full card, if rewards cost full cards only; else a stamp, point, voucher, minor unit
	Leases  int64            // by leases: always 0, for the centre lends nothing twice
	Tills   int64            // disconnected at the same time
	Floor   int64            // to one member at one till
	Budget  int64            // at one till
	Member  int64            // to one member who goes to all tills
	All     int64            // at all tills
	Copy    int64            // more for each further copy of a till's disk that is used, besides the leases that the disk holds
}

// WorstCase returns the exposure of each account that rewards or sales are paid
// from, in the program's order, where so many tills are disconnected. No run of
// tills that keep to Redeem and Pay hands out more.
func WorstCase(p *pos.Program, tills int) []Exposure {
	var exposures []Exposure
	for _, account := range priced(p) {
		e := Exposure{Account: account, Unit: 1, Tills: int64(tills)}
		if account == pos.CreditAccount {
			e.Floor, e.Budget = creditLimits(p)
		} else {
			e.rewards(p)
		}
		e.Member, e.All, e.Copy = e.Tills*e.Floor, e.Tills*e.Budget, e.Budget
		exposures = append(exposures, e)
	}
	return exposures
}

// rewards works out what one till hands out of the account for rewards.
func (e *Exposure) rewards(p *pos.Program) {
	member, till := int64(0), int64(0) // by how often a till hands out each reward
	var floor, budget int64
	whole := true // cards
	for i := range p.Rewards {
		rule := &p.Rewards[i]
		c := chargeOf(p, rule)
		if c.Account != e.Account || c.piece == 0 {
			continue
		}
		if card, ok := p.Card(rule.Card); ok {
			e.Unit = card.Size
			whole = whole && c.piece%card.Size == 0
		}
		floor, budget = c.floor, c.budget
		if c.piece > min(floor, budget) || c.most == 0 {
			continue
		}
		e.Rewards = append(e.Rewards, *rule)
		member = atMost(member, min(c.most, min(floor, budget)/c.piece)*c.piece)
		till = atMost(till, min(c.most, budget/c.piece)*c.piece)
	}
	if !whole {
		e.Unit = 1
	}
	if moves(p, e.Account) { // a gift has no price of its own
		member, till = floor, budget
	}
	e.Floor, e.Budget = min(member, floor, budget)/e.Unit, min(till, budget)/e.Unit
}

// creditLimits returns what a till takes of one holder's credit and of all without
// a lease. Members and gift cards share what a till takes.
func creditLimits(p *pos.Program) (floor, budget int64) {
	add := func(f, b pos.Amount) {
		if most := int64(min(f.Minor, b.Minor)); most > 0 {
			floor, budget = max(floor, most), max(budget, int64(b.Minor))
		}
	}
	if p.Credit != nil {
		add(p.Credit.Floor, p.Credit.Budget)
	}
	if p.GiftCards != nil {
		add(p.GiftCards.Floor, p.GiftCards.Budget)
	}
	return floor, budget
}

// atMost adds two amounts that are not negative.
func atMost(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

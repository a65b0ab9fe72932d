package rules

import (
	"math"

	"tenthcup/pos"
)

// Exposure is what disconnected tills can hand out of one account beyond what
// the members have, in one outage: from one full exchange of each to its next.
// All figures are full cards of a punch card, or points. Overrides by a manager
// are no part of it, nor is what a void takes back after it was spent.
type Exposure struct {
	Account pos.Account
	Rewards []pos.RewardRule // that a till hands out without a lease; none if the figures are 0
	Unit    int64            // of the account, in one full card or one point
	Leases  int64            // by leases: always 0, for the centre lends nothing twice
	Tills   int64            // disconnected at the same time
	Floor   int64            // to one member at one till
	Budget  int64            // at one till
	Member  int64            // to one member who goes to all tills
	All     int64            // at all tills
	Copy    int64            // more for each further copy of a till's disk that is used, besides the leases that the disk holds
}

// WorstCase returns the exposure of each account that rewards are paid from, in
// the program's order, where so many tills are disconnected. No run of tills
// that keep to Redeem hands out more.
func WorstCase(p pos.Program, tills int) []Exposure {
	var exposures []Exposure
	for _, account := range priced(p) {
		e := Exposure{Account: account, Unit: 1, Tills: int64(tills)}
		member, till := int64(0), int64(0) // by how often a till hands out each reward
		var floor, budget int64
		for _, rule := range p.Rewards {
			of, cost := price(p, rule)
			if of != account {
				continue
			}
			if rule.Card != "" {
				e.Unit = cost
			}
			floor, budget = limits(p, rule)
			if cost > min(floor, budget) || rule.Most == 0 {
				continue
			}
			e.Rewards = append(e.Rewards, rule)
			member = atMost(member, min(rule.Most, min(floor, budget)/cost)*cost)
			till = atMost(till, min(rule.Most, budget/cost)*cost)
		}
		e.Floor, e.Budget = min(member, floor, budget)/e.Unit, min(till, budget)/e.Unit
		e.Member, e.All, e.Copy = e.Tills*e.Floor, e.Tills*e.Budget, e.Budget
		exposures = append(exposures, e)
	}
	return exposures
}

// atMost adds two amounts that are not negative.
func atMost(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

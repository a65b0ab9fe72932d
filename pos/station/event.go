package station

import (
	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Event books that something happened to the member that is no sale, an [[event]]
// of the program, and all that it gives.
func (s *Station) Event(by pos.CashierID, holder pos.HolderID, event string) (Done, error) {
	return s.decide(holder, happening{decide: rules.Happen, what: func(*pos.Program) (rules.Ask, action) {
		return rules.Ask{Event: event}, action{Kind: pos.Happened, Cashier: by, Reward: event}
	}})
}

// UseCoupon books that the member showed a coupon that gives something at once, and
// what it gives; no sale is needed. One that gives a reward is for Claim.
func (s *Station) UseCoupon(by pos.CashierID, holder pos.HolderID, code string) (Done, error) {
	return s.decide(holder, happening{decide: rules.UseCoupon, what: func(*pos.Program) (rules.Ask, action) {
		return rules.Ask{Code: code}, action{Kind: pos.Happened, Cashier: by}
	}})
}

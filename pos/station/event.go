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

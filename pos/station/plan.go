package station

import (
	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Plan books what becomes of a paid membership: change is one of rules.PlanJoin and
// so on, and days is how long a pause lasts. What is paid, or given back, is in
// Done.Because.
func (s *Station) Plan(by pos.CashierID, holder pos.HolderID, plan, change string, days int64) (Done, error) {
	return s.decide(holder, happening{decide: rules.ChangePlan, what: func(p *pos.Program) (rules.Ask, action) {
		a := action{Kind: pos.Joined, Cashier: by, Reward: plan, Code: change, Count: days}
		if bought, ok := p.Plan(plan); ok && change == rules.PlanJoin {
			a.Sale = &pos.Sale{Amount: bought.Price.Minor, Currency: s.Currency.Code}
		}
		return rules.Ask{Event: plan, Code: change, Count: days}, a
	}})
}

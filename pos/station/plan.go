package station

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Membership is a paid membership as one member has it, or could have it.
type Membership struct {
	Plan  pos.Plan
	Last  pos.Day // the last day of it; 0: the member does not have it
	Rests pos.Day // the day on which it goes on; 0: it does not rest
}

// Memberships returns the program's paid memberships, in its order.
func (s *Station) Memberships(holder pos.HolderID) ([]Membership, error) {
	program, err := s.Program()
	if err != nil {
		return nil, err
	}
	view, err := s.Journal.View(holder)
	if err != nil {
		return nil, fmt.Errorf("read balance: %w", err)
	}
	today := s.Today()
	all := make([]Membership, len(program.Plans))
	for i, plan := range program.Plans {
		account := string(plan.Account())
		all[i].Plan = plan
		until := pos.Day(rules.Held(view.Sums, today, rules.FactUntil+account))
		if until == 0 {
			continue
		}
		all[i].Last = until - 1
		if from := pos.Day(rules.Held(view.Sums, today, rules.FactFrom+account)); from > today {
			all[i].Rests = from
		}
	}
	return all, nil
}

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

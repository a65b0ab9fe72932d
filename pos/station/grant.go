package station

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Grant is what a manager gives a member by hand, or takes.
type Grant struct {
	What string // the id in the program of what it is: a tag, a tier; or an account
	Code string // of an import that it is a part of
	// Decide decides it on what the till knows of the member.
	Decide func(p *pos.Program, ask rules.Ask, known rules.Knowledge) (rules.Decision, error)
}

// Grant gives something by hand, or takes it, because a manager says so and why.
func (s *Station) Grant(by pos.CashierID, holder pos.HolderID, o Override, g Grant) (Done, error) {
	program, err := s.Program()
	if err != nil {
		return Done{}, err
	}
	profile, err := s.Members.Profile(holder)
	if err != nil {
		return Done{}, fmt.Errorf("read member: %w", err)
	}
	if err := s.permits(&o); err != nil {
		return Done{}, err
	}
	var because []rules.Because
	record, err := s.write(holder, nil, func(m Moment, when instant) (action, error) {
		seen := map[string]int64{}
		ask := rules.Ask{Holder: holder, Day: when.day, Event: g.What, Facts: s.facts(m, when, profile, seen)}
		decision, err := g.Decide(&program, ask, knowledge(holder, m, when))
		because = decision.Because
		return action{
			Kind: pos.Granted, Cashier: by, Program: program.ID, Postings: decision.Postings, Facts: seen,
			Reason: oneLine(o.Reason), Reward: g.What, Code: g.Code, By: &pos.By{Kind: pos.ByOverride, Manager: o.Manager},
		}, err
	})
	if err != nil {
		return Done{}, err
	}
	done := s.done(record, profile)
	done.Because = because
	return done, nil
}

// Tag gives the member a tag of the program, up to and with the day; 0 is for good.
func (s *Station) Tag(by pos.CashierID, holder pos.HolderID, o Override, tag string, until pos.Day) (Done, error) {
	return s.Grant(by, holder, o, Grant{What: tag, Decide: func(p *pos.Program, ask rules.Ask, _ rules.Knowledge) (rules.Decision, error) {
		return rules.AddTag(p, ask, tag, until)
	}})
}

// Untag takes the member's tag away.
func (s *Station) Untag(by pos.CashierID, holder pos.HolderID, o Override, tag string) (Done, error) {
	return s.Grant(by, holder, o, Grant{What: tag, Decide: func(p *pos.Program, ask rules.Ask, known rules.Knowledge) (rules.Decision, error) {
		return rules.RemoveTag(p, ask, tag, known.Sums)
	}})
}

// Tier gives the member a tier of the program, up to and with the day; 0 is for
// good.
func (s *Station) Tier(by pos.CashierID, holder pos.HolderID, o Override, tier string, until pos.Day) (Done, error) {
	if until > 0 {
		until++
	}
	return s.Grant(by, holder, o, Grant{What: tier, Decide: func(p *pos.Program, ask rules.Ask, _ rules.Knowledge) (rules.Decision, error) {
		return rules.SetTier(p, ask, tier, until)
	}})
}

// Adjust adds to one of the member's accounts, or takes from it.
func (s *Station) Adjust(by pos.CashierID, holder pos.HolderID, o Override, a rules.Adjustment) (Done, error) {
	return s.Grant(by, holder, o, Grant{What: string(a.Account), Code: a.Key, Decide: func(p *pos.Program, ask rules.Ask, known rules.Knowledge) (rules.Decision, error) {
		return rules.Adjust(p, ask, a, known)
	}})
}

package station

import (
	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Look books a sale of which the rules see what see looks at, and nothing comes.
func (s *Station) Look(holder pos.HolderID, see func(rules.Facts)) (Done, error) {
	return s.decide(holder, happening{decide: func(_ *pos.Program, ask rules.Ask) (rules.Decision, error) {
		see(ask.Facts)
		return rules.Decision{}, nil
	}, what: func(*pos.Program) (rules.Ask, action) {
		return rules.Ask{}, action{Kind: pos.Earned, Sale: &pos.Sale{Amount: 1}}
	}})
}

// Book writes what no action of this package writes: the entry's kind, sale,
// postings, leave and reward, for the holder.
func (s *Station) Book(holder pos.HolderID, e pos.Entry) (Record, error) {
	return s.write(holder, nil, func(Moment, instant) (action, error) {
		return action{Kind: e.Kind, Sale: e.Sale, Postings: e.Postings, By: e.By, Reward: e.Reward}, nil
	})
}

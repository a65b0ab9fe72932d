package station

import (
	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// SellCard sells the member a punch card of the program that is had in advance, a
// 10-trip pass: all its stamps, which rewards take one by one. The entry's Sale is
// what it costs, so that it can be returned. It is refused with stamp.unsold where the
// card has no price, and with stamp.now where the member cannot have it now.
func (s *Station) SellCard(by pos.CashierID, holder pos.HolderID, card string) (Done, error) {
	return s.decide(holder, happening{decide: rules.SellCard, what: func(p *pos.Program) (rules.Ask, action) {
		a := action{Kind: pos.Loaded, Cashier: by, Reward: card}
		if sold, ok := p.Card(card); ok {
			a.Sale = &pos.Sale{Amount: sold.Price.Minor, Currency: s.Currency.Code}
		}
		return rules.Ask{Card: card}, a
	}})
}

package main

import "tenthcup/pos/station"

type cardCmd struct {
	Sell cardSellCmd `cmd:"" help:"Sell a punch card that is had in advance, with all its stamps."`
}

type cardSellCmd struct {
	onTill
	byCashier
	Code string `arg:"" help:"The member's code, alias or phone number."`
	Card string `arg:"" help:"Which punch card of the program."`
}

// Run sells a punch card.
func (s cardSellCmd) Run(c *call) error {
	return c.decided(s.Dir, s.Code, func(t *till, m station.Member) (station.Done, error) {
		return t.station.SellCard(s.Cashier, m.Profile.Holder, s.Card)
	})
}

package main

import "tenthcup/pos/station"

type eventCmd struct {
	onTill
	byCashier
	Code  string `arg:"" help:"The member's code, alias or phone number."`
	Event string `arg:"" help:"Which event of the program happened."`
}

// Run books an event.
func (e eventCmd) Run(c *call) error {
	return c.decided(e.Dir, e.Code, func(t *till, m station.Member) (station.Done, error) {
		return t.station.Event(e.Cashier, m.Profile.Holder, e.Event)
	})
}

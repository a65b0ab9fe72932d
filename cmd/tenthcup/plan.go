package main

import (
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

type planCmd struct {
	Join   planJoinCmd   `cmd:"" help:"Sell or renew a paid membership."`
	Pause  planPauseCmd  `cmd:"" help:"Let a membership rest."`
	Resume planResumeCmd `cmd:"" help:"End a pause early."`
	Cancel planCancelCmd `cmd:"" help:"End a membership; what is left of it is given back in money."`
}

// planning is what the commands about memberships have in common.
type planning struct {
	onTill
	byCashier
	Code string `arg:"" help:"The member's code, alias or phone number."`
	Plan string `arg:"" help:"Which plan of the program."`
}

func (p planning) change(c *call, what string, days int64) error {
	return c.decided(p.Dir, p.Code, func(t *till, m station.Member) (station.Done, error) {
		return t.station.Plan(p.Cashier, m.Profile.Holder, p.Plan, what, days)
	})
}

type planJoinCmd struct{ planning }

// Run sells or renews a membership.
func (p planJoinCmd) Run(c *call) error { return p.change(c, rules.PlanJoin, 0) }

type planPauseCmd struct {
	planning
	Days int64 `help:"For how many days, from today." required:""`
}

// Run pauses a membership.
func (p planPauseCmd) Run(c *call) error { return p.change(c, rules.PlanPause, p.Days) }

type planResumeCmd struct{ planning }

// Run ends a pause.
func (p planResumeCmd) Run(c *call) error { return p.change(c, rules.PlanResume, 0) }

type planCancelCmd struct{ planning }

// Run ends a membership.
func (p planCancelCmd) Run(c *call) error { return p.change(c, rules.PlanCancel, 0) }

package rules

import (
	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Membership is what a member has of a plan.
type Membership struct {
	Plan   pos.Plan
	Paused pos.Day // the first day on which it counts again; 0: it counts now
	Until  pos.Day // the first day without it
}

// Memberships reads the plans that the member has on the day, in the program's
// order.
func Memberships(p *pos.Program, sums ledger.Sums, day pos.Day) (held []Membership) {
	d := reading(p, sums, day)
	for _, plan := range p.Plans {
		m, err := d.member(plan.ID)
		if err != nil {
			continue // never had, or over
		}
		one := Membership{Plan: plan, Until: m.lot.Until}
		if m.paused(day) {
			one.Paused = m.lot.From
		}
		held = append(held, one)
	}
	return held
}

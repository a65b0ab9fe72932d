package pos

import (
	"slices"
	"strings"
)

// gate is a rule that only those pass who have one of each of its needs, and what
// they get there.
type gate struct {
	path  string
	needs [][]string
	gives []string
}

// What stands before the id of a thing, so that a tier and a tag may share one.
const tierThing, tagThing = "tier ", "tag "

// checkGates finds what nobody can be the first to have: a tier for points that
// only its own members earn, a goal for a tag that only the goal itself gives.
// What no rule gives is open: a membership is bought, a tag is given by hand.
func (p *Program) checkGates() error {
	gates := p.gates()
	closed := map[string]bool{} // what is given behind gates that nobody has passed
	for _, g := range gates {
		for _, thing := range g.gives {
			closed[thing] = true
		}
	}
	for len(gates) > 0 {
		before := len(gates)
		gates = slices.DeleteFunc(gates, func(g gate) bool {
			if g.shut(closed) != "" {
				return false
			}
			for _, thing := range g.gives {
				delete(closed, thing)
			}
			return true
		})
		if len(gates) == before {
			what := gates[0].shut(closed)
			return wrong(gates[0].path, "doc.circle", "what", what[strings.LastIndexByte(what, ' ')+1:])
		}
	}
	return nil
}

// shut returns a need that nobody can have yet, or "".
func (g gate) shut(closed map[string]bool) string {
	for _, some := range g.needs {
		if !slices.ContainsFunc(some, func(thing string) bool { return !closed[thing] }) {
			return some[0]
		}
	}
	return ""
}

// gates returns the rules that give something that other rules ask for.
func (p *Program) gates() []gate {
	var gates []gate
	add := func(path string, when When, gives ...string) {
		gates = append(gates, gate{path, when.needs(), gives})
	}
	if p.Points != nil && p.Points.Earn > 0 {
		add("points", When{}, "points")
	}
	for i, rule := range p.Earn {
		if rule.Give != string(CreditAccount) {
			add(at("earn", i), rule.When, "points")
		}
	}
	for i, campaign := range p.Campaigns {
		if campaign.Add > 0 && campaign.Give != string(CreditAccount) {
			add(at("campaign", i), campaign.When, "points")
		}
	}
	for i, event := range p.Events {
		add(at("event", i), event.When, event.Gift.things()...)
	}
	for i, coupon := range p.Coupons {
		add(at("coupon", i), coupon.When, coupon.Gift.things()...)
	}
	for i, surprise := range p.Surprises {
		add(at("surprise", i), surprise.When, surprise.Gift.things()...)
	}
	if p.Referral != nil {
		add("referral", When{}, append(p.Referral.Friend.things(), p.Referral.Member.things()...)...)
	}
	for i, goal := range p.Goals {
		add(at("goal", i), goal.When, goal.Gift.things()...)
		if goal.Count == CountPoints || goal.Count == CountBalance {
			gates[len(gates)-1].needs = append(gates[len(gates)-1].needs, []string{"points"})
		}
	}
	for i, tier := range p.Tiers {
		if tier.From.Minor == 0 {
			continue
		}
		add(at("tier", i), When{}, tierThing+tier.ID)
		if p.Standing.By == ByPoints {
			gates[len(gates)-1].needs = [][]string{{"points"}}
		}
	}
	return gates
}

// needs returns what the condition asks of a member that rules can give.
func (w When) needs() (needs [][]string) {
	ask := func(kind string, ids []string) {
		some := make([]string, len(ids))
		for i, id := range ids {
			some[i] = kind + id
		}
		if len(some) > 0 {
			needs = append(needs, some)
		}
	}
	ask(tierThing, w.Tiers)
	ask(tagThing, w.Tags)
	return needs
}

// things returns what of the gift rules ask for.
func (g Gift) things() (things []string) {
	if g.Points > 0 {
		things = append(things, "points")
	}
	if g.Tag != "" {
		things = append(things, tagThing+g.Tag)
	}
	return things
}

// FirstSales reports whether a rule asks for a member's first sale, which then
// has to be kept.
func (p *Program) FirstSales() bool { return p.firstSales }

// noteFirstSales sets firstSales.
func (p *Program) noteFirstSales() {
	p.EachWhen(func(_ string, w *When) { p.firstSales = p.firstSales || w.First })
}

// EachWhen calls yield with the id and the condition of every rule that has one.
func (p *Program) EachWhen(yield func(rule string, when *When)) {
	for i := range p.Earn {
		yield(p.Earn[i].ID, &p.Earn[i].When)
	}
	for i := range p.Campaigns {
		yield(p.Campaigns[i].ID, &p.Campaigns[i].When)
	}
	for i := range p.Events {
		yield(p.Events[i].ID, &p.Events[i].When)
	}
	for i := range p.Cards {
		yield(p.Cards[i].ID, &p.Cards[i].When)
	}
	for i := range p.Rewards {
		yield(p.Rewards[i].ID, &p.Rewards[i].When)
	}
	for i := range p.Coupons {
		yield(p.Coupons[i].ID, &p.Coupons[i].When)
	}
	for i := range p.Goals {
		yield(p.Goals[i].ID, &p.Goals[i].When)
	}
	for i := range p.Surprises {
		yield(p.Surprises[i].ID, &p.Surprises[i].When)
	}
	for i := range p.Draws {
		yield(p.Draws[i].ID, &p.Draws[i].When)
	}
}

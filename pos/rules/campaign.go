package rules

import "tenthcup/pos"

// byStanding gives what the member's tier and plans multiply: points, on all lines.
func (e *earning) byStanding() error {
	if len(e.base) == 0 {
		return nil
	}
	if tier := e.tier(); tier != nil {
		if err := e.multiply(tier.ID, tier.Name, tier.Multiply); err != nil {
			return err
		}
	}
	var best *pos.Plan
	for i := range e.p.Plans {
		plan := &e.p.Plans[i]
		if gains(plan.Multiply) && e.balance(pos.Account("plan:"+plan.ID)) > 0 && (best == nil || less(best.Multiply, plan.Multiply)) {
			best = plan
		}
	}
	if best == nil {
		return nil
	}
	return e.multiply(best.ID, best.Name, best.Multiply)
}

func gains(m pos.Ratio) bool   { return m.Num > m.Den }
func less(a, b pos.Ratio) bool { return a.Num*b.Den < b.Num*a.Den } // both at most 10^12

func (e *earning) multiply(id, name string, by pos.Ratio) error {
	if !gains(by) {
		return nil
	}
	more, err := e.more(by, pos.GivePoints, e.basket.counts)
	if err != nil || more == 0 {
		return err
	}
	return e.gain(pos.GivePoints, id, more, e.times(name, by))
}

func (e *earning) times(name string, by pos.Ratio) Because {
	switch {
	case e.ask.Brief:
		return Because{}
	case by.Given():
		return because("why.campaign.times", "rule", name, "times", by)
	}
	return because("why.campaign.bonus", "rule", name)
}

// more returns what a multiplier gives on top of what base rules gave to the lines.
func (e *earning) more(by pos.Ratio, give string, lines subset) (int64, error) {
	part := whole(0)
	for i := range e.base {
		base := &e.base[i]
		both := base.lines.and(lines)
		switch {
		case base.give != give || both.empty():
		case both == base.lines:
			part = part.plus(whole(base.amount))
		default:
			mine, all := e.basket.weights(base, both)
			part = part.plus(whole(base.amount).times(mine, all))
		}
	}
	mode := pos.RoundDown
	if e.p.Points != nil {
		mode = e.p.Points.Round
	}
	return part.times(uint64(by.Num-by.Den), uint64(by.Den)).round(mode)
}

// weights returns which part of what a base rule gave is that of some of its lines:
// by what the rule counts, and by money where it gives for the whole visit.
func (b *basket) weights(base *earned, some subset) (mine, all uint64) {
	switch base.per {
	case pos.PerItem:
		firsts := b.different(base.lines)
		return uint64(firsts.and(some).size()), uint64(firsts.size())
	case pos.PerMoney, pos.PerSale:
		if all := b.amount(base.lines); all > 0 {
			return uint64(b.amount(some)), uint64(all)
		}
	}
	return uint64(b.units(some)), uint64(b.units(base.lines))
}

// offer is what a campaign would give.
type offer struct {
	*pos.Campaign
	full, amount int64 // before and after its limits
}

func (e *earning) byCampaigns() error {
	if len(e.p.Campaigns) == 0 {
		return nil
	}
	offers := make([]offer, 0, 16)
	for i := range e.p.Campaigns {
		c := &e.p.Campaigns[i]
		lines, ok := e.holds(&c.When, c.ID, c.Name)
		if !ok {
			continue
		}
		full := c.Add
		if c.Multiply.Given() {
			var err error
			if full, err = e.more(c.Multiply, c.Give, lines); err != nil {
				return err
			}
		}
		if full > 0 {
			offers = append(offers, offer{c, full, e.left(c.ID, c.Limits, full)})
		}
	}
	for _, bonus := range []bool{false, true} {
		for i := range offers {
			if o := &offers[i]; (o.Add > 0) == bonus {
				if err := e.take(o, winner(offers, i)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// winner returns the offer that counts instead of the ith, or that itself.
func winner(offers []offer, i int) *offer {
	for at := range offers {
		if offers[at].Alone && offers[at].amount > 0 {
			return &offers[at]
		}
	}
	best := &offers[i]
	if best.Group == "" || best.Stack == pos.StackAdd {
		return best
	}
	for at := range offers {
		o := &offers[at]
		if o.Group != best.Group || o.amount == 0 {
			continue
		}
		if best.Stack == pos.StackFirst {
			return o
		}
		if o.amount > best.amount || o.amount == best.amount && at < i {
			best, i = o, at
		}
	}
	return best
}

// take gives what a campaign offers, or says why it does not.
func (e *earning) take(o, instead *offer) error {
	if o != instead {
		if !e.ask.Brief {
			e.say(o.ID, because("why.campaign.instead", "rule", o.Name, "other", instead.Name))
		}
		return nil
	}
	amount, err := e.room(o.ID, o.Limits, o.full)
	if err != nil {
		return err
	}
	if amount > 0 {
		if err := e.gain(o.Give, o.ID, amount, e.times(o.Name, o.Multiply)); err != nil {
			return err
		}
	}
	if amount < o.full {
		e.sayCut(o.ID, o.Name, o.Give, o.full-amount)
	}
	return nil
}

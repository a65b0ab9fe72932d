package rules

import (
	"slices"

	"tenthcup/pos"
)

// earned is what a base rule gave, and to which lines.
type earned struct {
	give   string
	per    string
	lines  subset
	amount int64 // above 0
}

// earning is the step of a decision that gives points and credit for a sale.
type earning struct {
	*deciding
	base           []earned
	points, credit pos.Lot
}

// earn decides what the sale earns, in this order:
//
//  1. base rules, [points] first and then [[earn]] as they are written. Each is
//     rounded by itself, and then cut by its limits. One with stop that gave
//     something is the last.
//  2. multipliers: that of the tier, the best of the plans, and campaigns that
//     multiply, by priority. Each is of what base rules gave to its own lines,
//     rounded once, and never of what another multiplier gave: x2 and x3 are x4.
//  3. bonuses: campaigns that add, by priority. Nothing multiplies them.
func (d *deciding) earn() error {
	e := earning{deciding: d, base: make([]earned, 0, 16)}
	d.standing.kept = true
	defer func() { d.standing = standing{} }()
	if d.p.Points != nil {
		e.points = d.pointsLot()
	}
	if d.p.Credit != nil {
		e.credit = d.creditLot()
	}
	if err := e.byRules(); err != nil {
		return err
	}
	if err := e.byStanding(); err != nil {
		return err
	}
	return e.byCampaigns()
}

func (e *earning) byRules() error {
	if p := e.p.Points; p != nil && p.Earn > 0 {
		short := pos.EarnRule{
			ID: pos.BaseRule, Name: p.Name, Give: pos.GivePoints,
			Earn: pos.Ratio{Num: p.Earn, Den: 1}, For: p.For, Per: pos.PerMoney, Round: p.Round,
		}
		if _, err := e.byRule(&short); err != nil {
			return err
		}
	}
	for i := range e.p.Earn {
		rule := &e.p.Earn[i]
		gave, err := e.byRule(rule)
		if err != nil {
			return err
		}
		if gave && rule.Stop {
			break
		}
	}
	return nil
}

// byRule gives what a base rule gives, and reports whether that is anything.
func (e *earning) byRule(r *pos.EarnRule) (bool, error) {
	lines, ok := e.holds(&r.When, r.ID, r.Name)
	if !ok {
		return false, nil
	}
	full, err := e.worth(r, lines)
	if err != nil {
		return false, err
	}
	if full == 0 {
		if !e.ask.Brief {
			e.say(r.ID, because("why.earn.small", "amount", e.basket.shown(lines)))
		}
		return false, nil
	}
	amount := full
	if r.Most > 0 {
		amount = min(amount, r.Most)
	}
	amount, err = e.room(r.ID, r.Limits, amount)
	if err != nil {
		return false, err
	}
	if amount > 0 {
		e.base = append(e.base, earned{r.Give, r.Per, lines, amount})
		if err := e.gain(r.Give, r.ID, amount, e.reason(r, lines)); err != nil {
			return false, err
		}
	}
	if amount < full {
		e.sayCut(r.ID, r.Name, r.Give, full-amount)
	}
	return amount > 0, nil
}

// worth returns what the rule gives for the lines, before any limit.
func (e *earning) worth(r *pos.EarnRule, lines subset) (int64, error) {
	var count exact
	switch r.Per {
	case pos.PerSale:
		count = whole(1)
	case pos.PerUnit:
		count = whole(e.basket.units(lines))
	case pos.PerItem:
		count = whole(e.basket.different(lines).size())
	default:
		count = whole(int64(e.basket.amount(lines))).times(e.basket.paid[0], e.basket.paid[1]).times(1, uint64(r.For.Minor))
		if r.Steps {
			steps, err := count.round(pos.RoundDown)
			if err != nil {
				return 0, err
			}
			count = whole(steps)
		}
	}
	return count.times(uint64(r.Earn.Num), uint64(r.Earn.Den)).round(r.Round)
}

// shown returns the basis of the lines as people read it: to the minor unit, the
// rest left out.
func (b *basket) shown(lines subset) pos.Money {
	amount, err := whole(int64(b.amount(lines))).times(b.paid[0], b.paid[1]).round(pos.RoundDown)
	if err != nil {
		return b.amount(lines) // never: the fraction is at most 1
	}
	return pos.Money(amount)
}

// reason says what the rule counted, and what it gives for that.
func (e *earning) reason(r *pos.EarnRule, lines subset) Because {
	if e.ask.Brief {
		return Because{}
	}
	var each any = r.Earn.String()
	if r.Give == pos.GiveCredit && r.Earn.Den == 1 {
		each = pos.Money(r.Earn.Num)
	}
	switch {
	case r.Per == pos.PerSale:
		return because("why.earn.sale", "rule", r.Name, "earn", each)
	case r.Per == pos.PerUnit:
		return because("why.earn.unit", "rule", r.Name, "earn", each, "n", e.basket.units(lines))
	case r.Per == pos.PerItem:
		return because("why.earn.item", "rule", r.Name, "earn", each, "n", e.basket.different(lines).size())
	case r.ID == pos.BaseRule:
		return because("why.earn.base", "earn", each, "for", r.For.Minor, "amount", e.basket.shown(lines))
	}
	return because("why.earn.money", "rule", r.Name, "earn", each, "for", r.For.Minor, "amount", e.basket.shown(lines))
}

// gain posts an amount of points or credit.
func (e *earning) gain(give, rule string, amount int64, why Because) error {
	why.Account, why.Amount, why.Rule = pos.PointsAccount, amount, rule
	lot := e.points
	if give == pos.GiveCredit {
		why.Account, lot = pos.CreditAccount, e.credit
	}
	return e.post(why, lot)
}

// sayCut says that a limit took a part, or all, of what the rule would give.
func (e *earning) sayCut(id, name, give string, amount int64) {
	switch {
	case e.ask.Brief:
	case give == pos.GiveCredit:
		e.say(id, because("why.earn.cutmoney", "rule", name, "amount", pos.Money(amount)))
	default:
		e.say(id, because("why.earn.cut", "rule", name, "n", amount))
	}
}

// GivesOnSales reports whether there is any sale that gives a member something, or
// counts for something.
func GivesOnSales(p *pos.Program) bool {
	return p.Points != nil && p.Points.Earn > 0 ||
		len(p.Earn)+len(p.Tiers)+len(p.Goals)+len(p.Surprises)+len(p.Draws) > 0 || p.Referral != nil ||
		slices.ContainsFunc(p.Campaigns, func(c pos.Campaign) bool { return c.Add > 0 }) ||
		slices.ContainsFunc(p.Cards, func(c pos.Card) bool { return c.Per != "" }) ||
		slices.ContainsFunc(p.Events, func(e pos.EventRule) bool { return e.On == pos.OnBirthday || e.On == pos.OnAnniversary })
}

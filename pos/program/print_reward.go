package program

import (
	"slices"

	"tenthcup/pos"
)

func tierTerms(p *pos.Program) (lines []Line) {
	for _, t := range p.Tiers {
		says := []pos.Sentence{reach(p, t)}
		if t.Multiply.Given() {
			says = append(says, pos.Say("terms.tier.multiply", "times", t.Multiply))
		}
		if len(t.Vouchers) > 0 {
			says = append(says, pos.Say("terms.tier.vouchers", "rewards", names(p, t.Vouchers)))
		}
		lines = append(lines, Line{"tier", t.ID, says})
	}
	if len(p.Tiers) == 0 {
		return lines
	}
	var says []pos.Sentence
	switch p.Standing.Window {
	case pos.Rolling:
		says = append(says, pos.Say("terms.tier.rolling", "n", int64(p.Standing.Months)))
	case pos.Calendar:
		says = append(says, pos.Say("terms.tier.year"))
	case pos.Monthly:
		says = append(says, pos.Say("terms.tier.month"))
	default:
		says = append(says, pos.Say("terms.tier.lifetime"))
	}
	switch p.Standing.Down {
	case pos.DownAll:
		says = append(says, pos.Say("terms.tier.all"))
	case pos.DownNever:
		says = append(says, pos.Say("terms.tier.never"))
	default:
		says = append(says, pos.Say("terms.tier.step"))
	}
	if p.Standing.Grace > 0 {
		says = append(says, pos.Say("terms.tier.grace", "n", int64(p.Standing.Grace)))
	}
	return append(lines, Line{"tiers", "", says})
}

// reach says what must be reached for a tier.
func reach(p *pos.Program, t pos.Tier) pos.Sentence {
	switch p.Standing.By {
	case pos.BySpend:
		return pos.Say("terms.tier.spend", "tier", t.Name, "amount", t.From.Minor)
	case pos.ByVisits:
		return pos.Say("terms.tier.visits", "tier", t.Name, "from", t.From.Text)
	case pos.ByCards:
		return pos.Say("terms.tier.cards", "tier", t.Name, "from", t.From.Text)
	}
	return pos.Say("terms.tier.points", "tier", t.Name, "from", t.From.Text, "points", points(p))
}

func planTerms(p *pos.Program) (lines []Line) {
	for _, plan := range p.Plans {
		says := []pos.Sentence{pos.Say("terms.plan.price", "plan", plan.Name, "price", plan.Price.Minor, "n", int64(plan.Months))}
		if plan.Multiply.Given() {
			says = append(says, pos.Say("terms.tier.multiply", "times", plan.Multiply))
		}
		if len(plan.Vouchers) > 0 {
			says = append(says, pos.Say("terms.plan.vouchers", "rewards", names(p, plan.Vouchers)))
		}
		lines = append(lines, Line{"plan", plan.ID, append(says, pos.Say("terms.plan.cancel"))})
	}
	return lines
}

func rewardTerms(p *pos.Program) (lines []Line) {
	for _, r := range p.Rewards {
		says := []pos.Sentence{pos.Say("terms.reward", "reward", r.Name, "what", handed(p, r), "price", priceOf(p, r))}
		if len(r.Choice) > 0 {
			says = append(says, pos.Say("terms.rewards.choice", "names", r.Choice))
		}
		says = append(says, holds(p, r.When)...)
		if r.MostOff.Given() {
			says = append(says, pos.Say("terms.rewards.mostoff", "amount", r.MostOff.Minor))
		}
		if r.MostEach.Given() {
			says = append(says, pos.Say("terms.rewards.mosteach", "amount", r.MostEach.Minor))
		}
		if r.MostPercent.Given() {
			says = append(says, pos.Say("terms.rewards.mostpercent", "percent", r.MostPercent))
		}
		if r.Least > 0 {
			says = append(says, pos.Say("terms.rewards.least", "gift", given(p, "points", int64(r.Least))))
		}
		if r.Alone {
			says = append(says, pos.Say("terms.rewards.alone"))
		}
		if r.Stock > 0 {
			says = append(says, pos.Say("terms.rewards.stock"))
		}
		if r.Days > 0 {
			says = append(says, pos.Say("terms.rewards.days", "n", int64(r.Days)))
		}
		lines = append(lines, Line{"reward", r.ID, append(says, limited(r.Limits)...)})
	}
	return lines
}

// handed says what a reward is.
func handed(p *pos.Program, r pos.RewardRule) pos.Sentence {
	switch r.Kind {
	case pos.KindMoney:
		return pos.Say("terms.rewards.money", "off", r.Off.Minor)
	case pos.KindPercent:
		return pos.Say("terms.rewards.percent", "percent", r.Percent)
	case pos.KindItem:
		return pos.Say("terms.rewards.item")
	case pos.KindCheapest:
		if r.Percent.Given() {
			return pos.Say("terms.rewards.cheaper", "percent", r.Percent)
		}
		return pos.Say("terms.rewards.cheapest")
	case pos.KindPrice:
		return pos.Say("terms.rewards.price", "off", r.Off.Minor)
	case pos.KindExchange:
		return pos.Say("terms.rewards.exchange", "off", r.Off.Minor, "n", int64(r.Step), "points", points(p))
	case pos.KindEntry:
		return pos.Say("terms.rewards.entry")
	case pos.KindCode:
		return pos.Say("terms.rewards.code")
	}
	return pos.Say("terms.rewards.gift")
}

// priceOf says what a reward costs.
func priceOf(p *pos.Program, r pos.RewardRule) pos.Sentence {
	card, _ := p.Card(r.Card)
	switch {
	case r.Card != "" && r.Stamps > 0:
		return pos.Say("terms.gift.stamps", "n", r.Stamps, "card", card.Name)
	case r.Card != "":
		return pos.Say("program.what.full", "card", card.Name)
	case r.Kind == pos.KindExchange:
		return pos.Say("terms.cost.step")
	case r.Voucher:
		return pos.Say("terms.cost.voucher")
	case r.Free:
		return pos.Say("terms.cost.nothing")
	}
	return given(p, "points", int64(r.Points))
}

func couponTerms(p *pos.Program) (lines []Line) {
	for _, c := range p.Coupons {
		gift := gifted(p, c.Gift)
		if c.Reward != "" {
			reward, _ := p.Reward(c.Reward)
			gift = append(gift, pos.Say("terms.gift.voucher", "reward", reward.Name))
		}
		says := []pos.Sentence{pos.Say("terms.coupon.gives", "name", c.Name, "gift", gift)}
		if len(gift) == 0 {
			says[0] = pos.Say("terms.coupon.offer", "name", c.Name)
		}
		if c.Uses > 0 {
			says = append(says, pos.Say("terms.coupon.uses", "n", c.Uses))
		}
		lines = append(lines, Line{"coupon", c.ID, slices.Concat(says, holds(p, c.When), limited(c.Limits))})
	}
	return lines
}

func goalTerms(p *pos.Program) (lines []Line) {
	for _, g := range p.Goals {
		says := []pos.Sentence{pos.Say("terms.goal.reached", "name", g.Name, "what", target(p, g), "gift", gifted(p, g.Gift))}
		switch {
		case g.Count == pos.CountStreak: // it has said so
		case g.Window == pos.WeekWindow:
			says = append(says, pos.Say("terms.goal.week"))
		case g.Window == pos.Monthly:
			says = append(says, pos.Say("terms.goal.month"))
		case g.Window == pos.Calendar:
			says = append(says, pos.Say("terms.goal.year"))
		}
		if g.Every {
			says = append(says, pos.Say("terms.goal.every"))
		}
		lines = append(lines, Line{"goal", g.ID, append(says, holds(p, g.When)...)})
	}
	return lines
}

// target says what a goal counts.
func target(p *pos.Program, g pos.Goal) pos.Sentence {
	switch g.Count {
	case pos.CountUnits:
		return pos.Say("terms.goal.units", "target", g.Target.Text)
	case pos.CountDifferent:
		return pos.Say("terms.goal.different", "target", g.Target.Text)
	case pos.CountSpend:
		return pos.Say("terms.goal.spend", "amount", g.Target.Minor)
	case pos.CountPoints, pos.CountBalance:
		return pos.Say("terms.goal.points", "target", g.Target.Text, "points", points(p))
	case pos.CountStreak:
		if g.Window == pos.Monthly {
			return pos.Say("terms.goal.months", "target", g.Target.Text)
		}
		return pos.Say("terms.goal.weeks", "target", g.Target.Text)
	}
	return pos.Say("terms.goal.visits", "target", g.Target.Text)
}

func chanceTerms(p *pos.Program) (lines []Line) {
	if r := p.Referral; r != nil {
		says := []pos.Sentence{pos.Say("terms.referral.gives", "amount", r.Minimum.Minor, "gift", gifted(p, r.Member), "friend", gifted(p, r.Friend))}
		if r.Most > 0 {
			says = append(says, pos.Say("terms.referral.most", "n", r.Most))
		}
		lines = append(lines, Line{"referral", "", says})
	}
	for _, s := range p.Surprises {
		says := pos.Say("terms.surprise", "name", s.Name, "n", s.OneIn, "gift", gifted(p, s.Gift))
		lines = append(lines, Line{"surprise", s.ID, append([]pos.Sentence{says}, holds(p, s.When)...)})
	}
	for _, d := range p.Draws {
		says := pos.Say("terms.draw", "name", d.Name, "n", d.Earn, "for", d.For.Minor)
		if !d.For.Given() {
			says = pos.Say("terms.ticket", "name", d.Name, "n", d.Earn)
		}
		if d.Earn == 0 {
			says = pos.Say("terms.drawn", "name", d.Name)
		}
		lines = append(lines, Line{"draw", d.ID, append([]pos.Sentence{says}, holds(p, d.When)...)})
	}
	return lines
}

func returnTerms(p *pos.Program) []Line {
	says := []pos.Sentence{pos.Say("terms.returns.back")}
	if p.Returns.Days > 0 {
		says = append(says, pos.Say("terms.returns.days", "n", int64(p.Returns.Days)))
	}
	switch p.Returns.Gone {
	case pos.GoneMoney:
		says = append(says, pos.Say("terms.returns.money"))
	case pos.GoneManager:
		says = append(says, pos.Say("terms.returns.manager"))
	default:
		says = append(says, pos.Say("terms.returns.negative"))
	}
	return []Line{{"returns", "", says}}
}

func transferTerms(p *pos.Program) []Line {
	var says []pos.Sentence
	if p.Transfers.Points {
		says = append(says, pos.Say("terms.transfers.points", "points", points(p)))
	}
	if p.Transfers.Credit {
		says = append(says, pos.Say("terms.transfers.credit"))
	}
	if p.Transfers.Most > 0 {
		says = append(says, pos.Say("terms.transfers.most", "n", p.Transfers.Most))
	}
	if p.Transfers.Pool {
		says = append(says, pos.Say("terms.transfers.pool"))
	}
	if len(says) == 0 {
		return nil
	}
	return []Line{{"transfers", "", says}}
}

// fairTerms says what no rule looks at, and what chance decides.
func fairTerms(p *pos.Program) []Line {
	says := []pos.Sentence{pos.Say("terms.fair")}
	if len(p.Experiments) > 0 {
		says = append(says, pos.Say("terms.experiment"))
	}
	return []Line{{"", "", says}}
}

package program

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// allLimits finds limits that can never be reached, because another one is reached
// first.
func allLimits(p *pos.Program, found *traps) {
	look := func(rule string, limits pos.Limits) {
		if useless, by := neverReached(limits); useless != "" {
			found.add(pos.TrapLimit, pos.Say("trap.limit", "rule", rule, "limit", useless, "by", by))
		}
	}
	for _, r := range p.Earn {
		look(r.ID, r.Limits)
		if r.Limits.Sale > 0 && r.Most >= r.Limits.Sale || r.Limits.Day > 0 && r.Most >= r.Limits.Day {
			found.add(pos.TrapLimit, pos.Say("trap.limit", "rule", r.ID, "limit", "most", "by", "limits"))
		}
	}
	for _, r := range p.Campaigns {
		look(r.ID, r.Limits)
	}
	for _, r := range p.Events {
		look(r.ID, r.Limits)
	}
	for _, r := range p.Cards {
		look(r.ID, r.Limits)
	}
	for _, r := range p.Coupons {
		look(r.ID, r.Limits)
	}
	for _, r := range p.Rewards {
		look(r.ID, r.Limits)
		if r.Kind == pos.KindMoney && r.MostOff.Given() && r.MostOff.Minor >= r.Off.Minor {
			found.add(pos.TrapLimit, pos.Say("trap.limit", "rule", r.ID, "limit", "most_off", "by", "off"))
		}
	}
}

// neverReached returns the name of a limit that cannot be reached, and of the one
// that is reached before it; "" where all can.
func neverReached(l pos.Limits) (useless, by string) {
	periods := []struct {
		name string
		most int64
		days int64 // at most, how often the first period fits
	}{
		{"per_sale", l.Sale, 0}, {"per_day", l.Day, 1}, {"per_week", l.Week, 7}, {"per_month", l.Month, 31}, {"per_year", l.Year, 366}, {"in_all", l.Total, 0},
	}
	for i, short := range periods {
		for _, long := range periods[i+1:] {
			switch {
			case short.most == 0 || long.most == 0:
			case short.most >= long.most:
				return short.name, long.name
			case short.days > 0 && long.days > 0 && long.most > short.most*(long.days/short.days+2): // weeks begin and end in the middle
				return long.name, short.name
			}
		}
	}
	return "", ""
}

// boughtByNothing finds points and stamps that buy nothing, and vouchers that
// nobody gets.
func boughtByNothing(p *pos.Program, found *traps) {
	buys := func(is func(pos.RewardRule) bool) bool { return slices.ContainsFunc(p.Rewards, is) }
	if p.Points != nil && !buys(func(r pos.RewardRule) bool { return r.Points > 0 || r.Kind == pos.KindExchange }) && p.Standing.By != pos.ByPoints {
		found.add(pos.TrapNothing, pos.Say("trap.pointsfornothing"))
	}
	for _, card := range p.Cards {
		if !buys(func(r pos.RewardRule) bool { return r.Card == card.ID }) {
			found.add(pos.TrapNothing, pos.Say("trap.cardfornothing", "card", card.Name))
		}
	}
	for _, r := range p.Rewards {
		if r.Voucher && !givesVoucher(p, r.ID) {
			found.add(pos.TrapVoucher, pos.Say("trap.voucher", "reward", r.Name))
		}
	}
}

func givesVoucher(p *pos.Program, reward string) bool {
	for _, gift := range gifts(p) {
		if gift.Voucher == reward {
			return true
		}
	}
	for _, tier := range p.Tiers {
		if slices.Contains(tier.Vouchers, reward) {
			return true
		}
	}
	return slices.ContainsFunc(p.Plans, func(plan pos.Plan) bool { return slices.Contains(plan.Vouchers, reward) })
}

// floors finds rewards that nobody can hand out while the line is down, and floors
// above the budget.
func floors(p *pos.Program, found *traps) {
	for _, e := range rules.WorstCase(p, 1) {
		var shut []string
		for _, r := range rewardsOf(p, e.Account) {
			if !slices.ContainsFunc(e.Rewards, func(open pos.RewardRule) bool { return open.ID == r.ID }) {
				shut = append(shut, r.Name)
			}
		}
		if len(shut) > 0 && p.Offline.Leases == 0 {
			found.add(pos.TrapOffline, pos.Say("trap.offline", "rewards", shut))
		}
	}
	for _, c := range p.Cards {
		if c.Floor > c.Budget {
			found.add(pos.TrapLimit, pos.Say("trap.limit", "rule", c.ID, "limit", "floor", "by", "budget"))
		}
	}
	if p.Points != nil && p.Points.Floor > p.Points.Budget {
		found.add(pos.TrapLimit, pos.Say("trap.limit", "rule", "points", "limit", "floor", "by", "budget"))
	}
}

// rewardsOf returns the rewards that are paid from the account.
func rewardsOf(p *pos.Program, account pos.Account) (paid []pos.RewardRule) {
	for i := range p.Rewards {
		if rules.PriceOf(p, &p.Rewards[i]).Account == account {
			paid = append(paid, p.Rewards[i])
		}
	}
	return paid
}

// causes finds switches and tags that no rule names.
func causes(p *pos.Program, found *traps) {
	var named []string
	for _, c := range conditions(p) {
		named = append(named, c.when.Switch)
		named = append(named, c.when.Tags...)
		named = append(named, c.when.NotTags...)
	}
	for _, id := range slices.Concat(p.Switches, p.Tags) {
		if !slices.Contains(named, id) {
			found.add(pos.TrapWithoutCause, pos.Say("trap.withoutcause", "id", id))
		}
	}
}

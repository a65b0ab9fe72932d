package program

import (
	"slices"

	"tenthcup/pos"
)

var rewardKinds = []kind{
	{"kind.reward.gift", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindGift })},
	{"kind.reward.money", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindMoney })},
	{"kind.reward.percent", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindPercent })},
	{"kind.reward.item", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindItem && len(r.Choice) > 0 })},
	{"kind.reward.cheapest", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindCheapest })},
	{"kind.reward.price", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindPrice })},
	{"kind.reward.exchange", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindExchange })},
	{"kind.reward.entry", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindEntry })},
	{"kind.reward.code", reward(func(r pos.RewardRule) bool { return r.Kind == pos.KindCode })},
	{"kind.cost.points", reward(func(r pos.RewardRule) bool { return r.Points > 0 })},
	{"kind.cost.card", reward(func(r pos.RewardRule) bool { return r.Card != "" && r.Stamps == 0 })},
	{"kind.cost.stamps", reward(func(r pos.RewardRule) bool { return r.Stamps > 0 })},
	{"kind.cost.voucher", reward(func(r pos.RewardRule) bool { return r.Voucher })},
	{"kind.reward.stock", gate(func(r pos.RewardRule) bool { return r.Stock > 0 }, keyRedeemStock)},
	{"kind.reward.days", gate(func(r pos.RewardRule) bool { return len(r.When.Weekdays) > 0 || r.When.From != 0 || r.When.Until != 0 }, keyRedeemDay)},
	{"kind.reward.hours", gate(func(r pos.RewardRule) bool { return len(r.When.Hours) > 0 }, keyRedeemHours)},
	{"kind.reward.minimum", gate(func(r pos.RewardRule) bool { return r.When.Minimum.Given() }, keyRedeemMinimum)},
	{"kind.reward.most", func(r Result) bool {
		return r.any(func(e event) bool {
			rule, ok := r.p.Reward(e.step.Redeem)
			return ok && rule.MostOff.Given() && e.done.off == rule.MostOff.Minor
		})
	}},
	{"kind.reward.limit", gate(func(r pos.RewardRule) bool { return r.Limits.Any() }, keyRedeemLimit)},
	{"kind.reward.tier", gate(func(r pos.RewardRule) bool { return len(r.When.Tiers) > 0 }, keyRedeemStanding)},
	{"kind.reward.segment", gate(func(r pos.RewardRule) bool { return len(r.When.Tags) > 0 }, keyRedeemStanding)},
	{"kind.reward.alone", func(r Result) bool { return r.refused(keyRedeemAlone) }},
}

var couponKinds = []kind{
	{"kind.coupon.single", func(r Result) bool {
		return coupon(func(c pos.Coupon) bool { return c.Uses == 1 })(r) && r.refused(keyCouponUsed)
	}},
	{"kind.coupon.multi", coupon(func(c pos.Coupon) bool { return c.Uses != 1 })},
	{"kind.coupon.personal", func(r Result) bool { return r.refused(keyCouponOther) }},
	{"kind.coupon.signed", coupon(func(c pos.Coupon) bool { return c.Key != "" })},
}

var chanceKinds = []kind{
	{"kind.chance.referral", func(r Result) bool {
		return r.any(func(e event) bool { return e.done.says(keyWhyReferralFriend) || e.done.says(keyWhyReferralMember) })
	}},
	{"kind.goal.milestone", goal(func(g pos.Goal) bool {
		return slices.Contains([]string{pos.CountVisits, pos.CountUnits, pos.CountSpend, pos.CountPoints}, g.Count)
	})},
	{"kind.goal.challenge", goal(func(g pos.Goal) bool { return g.Count == pos.CountDifferent })},
	{"kind.goal.badge", goal(func(g pos.Goal) bool { return g.Gift.Badge != "" })},
	{"kind.goal.streak", goal(func(g pos.Goal) bool { return g.Count == pos.CountStreak })},
	{"kind.chance.surprise", func(r Result) bool {
		return slices.ContainsFunc(r.p.Surprises, func(s pos.Surprise) bool { return r.gave(s.ID) })
	}},
	{"kind.chance.draw", func(r Result) bool {
		return slices.ContainsFunc(r.p.Draws, func(d pos.Draw) bool { return r.gets("ticket:" + d.ID) })
	}},
	{"kind.chance.experiment", func(r Result) bool {
		return r.Example.Given.Arm != "" && slices.ContainsFunc(conditions(r.p), func(c condition) bool { return c.when.Arm != "" && r.had(c.rule) })
	}},
}

var expiryKinds = []kind{
	{"kind.expiry.months", ended(func(_ *pos.Program, e pos.Expiry) bool { return e.Months > 0 }, true)},
	{"kind.expiry.days", ended(func(_ *pos.Program, e pos.Expiry) bool { return e.Days > 0 }, true)},
	{"kind.expiry.month", ended(func(_ *pos.Program, e pos.Expiry) bool { return e.At == "month" }, true)},
	{"kind.expiry.quarter", ended(func(_ *pos.Program, e pos.Expiry) bool { return e.At == "quarter" }, true)},
	{"kind.expiry.year", ended(func(_ *pos.Program, e pos.Expiry) bool { return e.At == "year" }, true)},
	{"kind.expiry.inactive", ended(func(_ *pos.Program, e pos.Expiry) bool { return e.Inactive > 0 }, true)},
	{"kind.expiry.never", ended(func(_ *pos.Program, e pos.Expiry) bool {
		return e.Months == 0 && e.Days == 0 && e.At == "" && e.Inactive == 0
	}, false)},
	{"kind.expiry.jalali", ended(func(p *pos.Program, _ pos.Expiry) bool { return p.Calendar == "jalali" }, true)},
	{"kind.expiry.region", ended(func(p *pos.Program, _ pos.Expiry) bool { return p.Region != "" }, false)},
}

var returnKinds = []kind{
	{"kind.returns.whole", returned(func(_ *pos.Program, e event) bool { return e.step.Return.Text == pos.ReturnAll && e.refused == "" })},
	{"kind.returns.amount", returned(func(_ *pos.Program, e event) bool { return e.step.Return.Minor > 0 && e.refused == "" })},
	{"kind.returns.line", returned(func(_ *pos.Program, e event) bool { return e.step.Item != "" && e.refused == "" })},
	{"kind.returns.spent", returned(func(_ *pos.Program, e event) bool { return worth(e.done) > 0 })},
	{"kind.returns.pending", returned(func(p *pos.Program, e event) bool {
		return p.Points != nil && p.Points.Pending > 0 && e.refused == ""
	})},
	{"kind.returns.negative", returned(func(p *pos.Program, e event) bool {
		return p.Returns.Gone == pos.GoneNegative && e.after.Balance(pos.PointsAccount, e.day) < 0
	})},
	{"kind.returns.money", returned(func(p *pos.Program, e event) bool { return p.Returns.Gone == pos.GoneMoney && e.done.kept > 0 })},
	{"kind.returns.manager", returned(func(p *pos.Program, e event) bool { return e.refused == keyReturnManager })},
	{"kind.returns.voucher", returned(func(p *pos.Program, e event) bool {
		return slices.ContainsFunc(p.Rewards, func(r pos.RewardRule) bool { return e.done.given(voucherAccount(r.ID)) > 0 })
	})},
	{"kind.transfer.gift", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Transfer > 0 && e.refused == "" })
	}},
	{"kind.transfer.household", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Pool > 0 && e.refused == "" })
	}},
	{"kind.member.tag", func(r Result) bool { return r.any(func(e event) bool { return e.step.Tag != "" && e.refused == "" }) }},
}

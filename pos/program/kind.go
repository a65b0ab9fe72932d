package program

import (
	"slices"

	"tenthcup/pos"
)

// What rules say and refuse with, by which kinds are told apart.
const (
	keyCouponOther       = "coupon.person"
	keyCouponUsed        = "coupon.used"
	keyEventLimit        = "event.limit"
	keyRedeemAlone       = "redeem.alone"
	keyRedeemDay         = "redeem.day"
	keyRedeemHours       = "redeem.hours"
	keyRedeemLimit       = "redeem.limit"
	keyRedeemMinimum     = "redeem.minimum"
	keyRedeemStanding    = "redeem.standing"
	keyRedeemStock       = "redeem.stock"
	keyReturnManager     = "return.manager"
	keyStampCooldown     = "stamp.cooldown"
	keyWhyPlanRenewed    = "why.plan.renewed"
	keyWhyReferralFriend = "why.referral.friend"
	keyWhyReferralMember = "why.referral.member"
	keyWhyStampCooldown  = "why.stamp.cooldown"
)

// kinds are all kinds of rules, in the order in which people look for them.
var kinds = slices.Concat(earnKinds, campaignKinds, cardKinds, tierKinds, moneyKinds, rewardKinds, couponKinds, chanceKinds, expiryKinds, returnKinds)

var earnKinds = []kind{
	{"kind.earn.money", func(r Result) bool {
		return r.gave(pos.BaseRule) || earn(func(e pos.EarnRule) bool { return e.Per == pos.PerMoney })(r)
	}},
	{"kind.earn.fraction", earn(func(e pos.EarnRule) bool { return e.Per == pos.PerMoney && e.Earn.Den > 1 })},
	{"kind.earn.minimum", func(r Result) bool {
		return slices.ContainsFunc(r.p.Earn, func(e pos.EarnRule) bool { return e.When.Minimum.Given() && r.had(e.ID) })
	}},
	{"kind.earn.step", earn(func(e pos.EarnRule) bool { return e.Steps })},
	{"kind.earn.most", func(r Result) bool {
		return slices.ContainsFunc(r.p.Earn, func(e pos.EarnRule) bool { return e.Most > 0 && r.given(e.ID) == e.Most })
	}},
	{"kind.earn.rounding", func(r Result) bool {
		up := func(round pos.Rounding) bool { return round == pos.RoundUp || round == pos.RoundNearest }
		return r.p.Points != nil && up(r.p.Points.Round) && r.gave(pos.BaseRule) || earn(func(e pos.EarnRule) bool { return up(e.Round) })(r)
	}},
	{"kind.earn.visit", earn(func(e pos.EarnRule) bool { return e.Per == pos.PerSale })},
	{"kind.earn.item", earn(func(e pos.EarnRule) bool { return e.Per == pos.PerItem || len(e.When.Items) > 0 })},
	{"kind.earn.category", earn(func(e pos.EarnRule) bool { return len(e.When.Categories) > 0 })},
	{"kind.earn.unit", earn(func(e pos.EarnRule) bool { return e.Per == pos.PerUnit })},
	{"kind.earn.limit", earn(func(e pos.EarnRule) bool { return e.Limits.Any() })},
	{"kind.earn.excluded", func(r Result) bool {
		return r.any(func(e event) bool {
			return slices.ContainsFunc(e.step.Lines, func(l pos.ExampleLine) bool {
				return slices.Contains(r.p.Exclude.Items, l.Item) || slices.Contains(r.p.Exclude.Categories, l.Category)
			})
		})
	}},
	{"kind.earn.tax", sale(func(p *pos.Program) bool { return p.Basis.WithoutTax }, func(s pos.ExampleStep) bool {
		return s.Tax.Given() || slices.ContainsFunc(s.Lines, func(l pos.ExampleLine) bool { return l.Tax.Given() })
	})},
	{"kind.earn.discount", sale(func(p *pos.Program) bool { return !p.Basis.BeforeDiscounts }, func(s pos.ExampleStep) bool {
		return slices.ContainsFunc(s.Lines, func(l pos.ExampleLine) bool { return l.Discount.Given() })
	})},
	{"kind.earn.paid", sale(func(p *pos.Program) bool { return !p.Basis.PaidWithPoints }, func(s pos.ExampleStep) bool { return len(s.Paid) > 0 })},
	{"kind.earn.pending", func(r Result) bool {
		return r.p.Points != nil && r.p.Points.Pending > 0 && r.Example.Then.Pending != nil
	}},
	{"kind.event.demand", happening(func(e pos.EventRule) bool { return e.On == pos.OnDemand })},
	{"kind.event.join", happening(func(e pos.EventRule) bool { return e.On == pos.OnJoin })},
	{"kind.event.birthday", happening(func(e pos.EventRule) bool { return e.On == pos.OnBirthday })},
	{"kind.event.anniversary", happening(func(e pos.EventRule) bool { return e.On == pos.OnAnniversary })},
	{"kind.event.limit", func(r Result) bool { return r.refused(keyEventLimit) }},
}

var campaignKinds = []kind{
	{"kind.campaign.dates", campaign(func(c pos.Campaign) bool { return c.When.From != 0 || c.When.Until != 0 })},
	{"kind.campaign.weekdays", campaign(func(c pos.Campaign) bool { return len(c.When.Weekdays) > 0 })},
	{"kind.campaign.hours", campaign(func(c pos.Campaign) bool { return len(c.When.Hours) > 0 })},
	{"kind.campaign.item", campaign(func(c pos.Campaign) bool { return len(c.When.Items) > 0 })},
	{"kind.campaign.category", campaign(func(c pos.Campaign) bool { return len(c.When.Categories) > 0 })},
	{"kind.campaign.tier", campaign(func(c pos.Campaign) bool { return len(c.When.Tiers) > 0 })},
	{"kind.campaign.segment", campaign(func(c pos.Campaign) bool { return len(c.When.Tags) > 0 })},
	{"kind.campaign.first", campaign(func(c pos.Campaign) bool { return c.When.First })},
	{"kind.campaign.birthday", campaign(func(c pos.Campaign) bool { return c.When.Birthday != "" })},
	{"kind.campaign.switch", campaign(func(c pos.Campaign) bool { return c.When.Switch != "" })},
	{"kind.campaign.multiply", campaign(func(c pos.Campaign) bool { return c.Multiply.Given() })},
	{"kind.campaign.bonus", campaign(func(c pos.Campaign) bool { return c.Add > 0 })},
	{"kind.campaign.alone", campaign(func(c pos.Campaign) bool { return c.Alone })},
	{"kind.campaign.best", stacked("best")},
	{"kind.campaign.together", stacked("add")},
	{"kind.campaign.priority", stacked("first")},
}

var cardKinds = []kind{
	{"kind.card.hand", stamped(func(c pos.Card) bool { return c.Per == "" })},
	{"kind.card.sale", stamped(func(c pos.Card) bool { return c.Per == "sale" })},
	{"kind.card.unit", stamped(func(c pos.Card) bool { return c.Per == "unit" })},
	{"kind.card.several", func(r Result) bool {
		return r.any(func(e event) bool { return len(cardsIn(r.p, e)) > 1 })
	}},
	{"kind.card.sizes", func(r Result) bool {
		sizes := map[int64]bool{}
		for _, e := range r.events {
			for _, card := range cardsIn(r.p, e) {
				sizes[card.Size] = true
			}
		}
		return len(sizes) > 1
	}},
	{"kind.card.limit", stamped(func(c pos.Card) bool { return c.Limits.Any() })},
	{"kind.card.cooldown", func(r Result) bool {
		return r.refused(keyStampCooldown) || r.any(func(e event) bool { return e.done.says(keyWhyStampCooldown) })
	}},
	{"kind.card.overflow", func(r Result) bool {
		return r.any(func(e event) bool {
			return slices.ContainsFunc(cardsIn(r.p, e), func(c pos.Card) bool {
				before, after := e.before.Balance(c.Account(), e.day), e.after.Balance(c.Account(), e.day)
				return after/c.Size > before/c.Size && after%c.Size > 0
			})
		})
	}},
	{"kind.card.start", func(r Result) bool {
		return r.any(func(e event) bool {
			return e.step.Join && slices.ContainsFunc(cardsIn(r.p, e), func(c pos.Card) bool { return c.Start > 0 })
		})
	}},
	{"kind.card.expiry", func(r Result) bool {
		return r.any(func(e event) bool {
			return e.step.Days > 0 && slices.ContainsFunc(r.p.Cards, func(c pos.Card) bool {
				return e.after.Balance(c.Account(), e.day) < e.before.Balance(c.Account(), e.day-pos.Day(e.step.Days))
			})
		})
	}},
	{"kind.card.pass", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Pass != "" && e.refused == "" })
	}},
}

// cardsIn returns the cards that got stamps in the step.
func cardsIn(p *pos.Program, e event) (cards []pos.Card) {
	for _, card := range p.Cards {
		if e.done.given(card.Account()) > 0 {
			cards = append(cards, card)
		}
	}
	return cards
}

var tierKinds = []kind{
	{"kind.tier.spend", risen(func(t pos.TierRule) bool { return t.By == pos.BySpend })},
	{"kind.tier.points", risen(func(t pos.TierRule) bool { return t.By == pos.ByPoints })},
	{"kind.tier.visits", risen(func(t pos.TierRule) bool { return t.By == pos.ByVisits })},
	{"kind.tier.cards", risen(func(t pos.TierRule) bool { return t.By == pos.ByCards })},
	{"kind.tier.lifetime", risen(func(t pos.TierRule) bool { return t.Window == pos.Lifetime })},
	{"kind.tier.rolling", risen(func(t pos.TierRule) bool { return t.Window == pos.Rolling })},
	{"kind.tier.year", risen(func(t pos.TierRule) bool { return t.Window == pos.Calendar })},
	{"kind.tier.multiply", func(r Result) bool {
		return slices.ContainsFunc(r.p.Tiers, func(t pos.Tier) bool { return t.Multiply.Given() && r.gave(t.ID) })
	}},
	{"kind.tier.vouchers", func(r Result) bool {
		return slices.ContainsFunc(r.p.Tiers, func(t pos.Tier) bool {
			return r.gets("tier:"+t.ID) && slices.ContainsFunc(t.Vouchers, func(id string) bool { return r.gets("reward:" + id) })
		})
	}},
	{"kind.tier.reward", reward(func(rule pos.RewardRule) bool { return len(rule.When.Tiers) > 0 })},
	{"kind.tier.grace", fallen(func(t pos.TierRule) bool { return t.Grace > 0 })},
	{"kind.tier.step", fallen(func(t pos.TierRule) bool { return t.Down == "step" })},
	{"kind.tier.floor", func(r Result) bool { // the lowest stays, whatever happens
		return len(r.p.Tiers) > 1 && r.any(func(e event) bool {
			return lost(r.p, e) && len(held(func(a pos.Account) int64 { return e.after.Balance(a, e.day) }, "tier:", ids(r.p.Tiers, func(t pos.Tier) string { return t.ID }))) > 0
		})
	}},
	{"kind.tier.manual", func(r Result) bool { return r.any(func(e event) bool { return e.step.Tier != "" && e.refused == "" }) }},
}

var moneyKinds = []kind{
	{"kind.credit.back", earn(func(e pos.EarnRule) bool { return e.Give == "credit" })},
	{"kind.credit.spent", func(r Result) bool {
		return r.any(func(e event) bool { return e.refused == "" && e.done.given(pos.CreditAccount) < 0 })
	}},
	{"kind.giftcard.sold", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Load.Given() && e.refused == "" })
	}},
	{"kind.giftcard.spent", func(r Result) bool {
		return r.any(func(e event) bool { return e.refused == "" && e.step.Paid[pos.WithCard].Given() })
	}},
	{"kind.plan.bought", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Plan != "" && e.refused == "" })
	}},
	{"kind.plan.renewed", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Plan != "" && e.done.says(keyWhyPlanRenewed) })
	}},
	{"kind.plan.perks", func(r Result) bool {
		return slices.ContainsFunc(r.p.Plans, func(plan pos.Plan) bool { return plan.Multiply.Given() && r.gave(plan.ID) }) ||
			r.handed(func(rule pos.RewardRule) bool { return len(rule.When.Plans) > 0 })
	}},
	{"kind.plan.paused", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Pause != "" && e.refused == "" })
	}},
	{"kind.plan.cancelled", func(r Result) bool {
		return r.any(func(e event) bool { return e.step.Cancel != "" && e.done.back > 0 })
	}},
}

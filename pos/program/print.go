package program

import (
	"cmp"
	"slices"
	"strings"

	"tenthcup/pos"
)

// Section is a part of the terms.
type Section struct {
	Heading pos.Sentence `json:"heading"`
	Lines   []Line       `json:"lines"`
}

// Line is one rule in plain words: sentences that follow each other.
type Line struct {
	Table string         `json:"table"`        // of the document: "reward"
	ID    string         `json:"id,omitempty"` // "" where the table has none
	Says  []pos.Sentence `json:"says"`
}

// Terms returns the program in plain words, for its members: what they get for
// what, what it is worth, and when it ends. Rules that are only about how tills
// work are left out.
func Terms(p *pos.Program) []Section {
	var sections []Section
	for _, part := range []struct {
		heading pos.Sentence
		lines   []Line
	}{
		{pos.Say("terms.heading.earn"), slices.Concat(earnTerms(p), campaignTerms(p), eventTerms(p))},
		{pos.Say("terms.heading.points"), pointsTerms(p)},
		{pos.Say("terms.heading.cards"), cardTerms(p)},
		{pos.Say("terms.heading.tiers"), slices.Concat(tierTerms(p), planTerms(p))},
		{pos.Say("terms.heading.rewards"), slices.Concat(rewardTerms(p), couponTerms(p))},
		{pos.Say("terms.heading.more"), slices.Concat(goalTerms(p), chanceTerms(p))},
		{pos.Say("terms.heading.returns"), slices.Concat(returnTerms(p), transferTerms(p))},
		{pos.Say("terms.heading.fair"), fairTerms(p)},
	} {
		if len(part.lines) > 0 {
			sections = append(sections, Section{part.heading, part.lines})
		}
	}
	return sections
}

// points returns what the shop calls points.
func points(p *pos.Program) any {
	if p.Points != nil && p.Points.Name != "" {
		return p.Points.Name
	}
	return pos.Say("terms.points")
}

// given returns the amount of what a rule gives: points, or money.
func given(p *pos.Program, give string, n int64) pos.Sentence {
	if give == string(pos.CreditAccount) {
		return pos.Say("terms.gift.credit", "amount", pos.Money(n))
	}
	if p.Points != nil && p.Points.Name != "" {
		return pos.Say("terms.gift.named", "n", n, "points", p.Points.Name)
	}
	return pos.Say("terms.gift.points", "n", n)
}

// ratioOf returns what a rule gives; of credit only whole minor units make sense to
// people, so a fraction is rounded to read.
func ratioOf(p *pos.Program, give string, r pos.Ratio) pos.Sentence {
	if r.Den == 1 || give == string(pos.CreditAccount) {
		return given(p, give, (r.Num+r.Den/2)/max(r.Den, 1))
	}
	return pos.Say("terms.gift.ratio", "ratio", r, "points", points(p))
}

func earnTerms(p *pos.Program) (lines []Line) {
	if p.Points != nil && p.Points.Earn > 0 {
		lines = append(lines, Line{"points", "", []pos.Sentence{
			pos.Say("terms.earn.money", "gift", given(p, "points", p.Points.Earn), "for", p.Points.For.Minor), rounding(p.Points.Round),
		}})
	}
	for _, r := range p.Earn {
		gift := ratioOf(p, r.Give, r.Earn)
		says := []pos.Sentence{pos.Say("terms.earn.sale", "gift", gift)}
		switch r.Per {
		case pos.PerMoney:
			says = []pos.Sentence{pos.Say("terms.earn.money", "gift", gift, "for", r.For.Minor)}
			if r.Steps {
				says = append(says, pos.Say("terms.earn.steps", "for", r.For.Minor))
			} else {
				says = append(says, rounding(r.Round))
			}
		case pos.PerItem:
			says = []pos.Sentence{pos.Say("terms.earn.item", "gift", gift)}
		case pos.PerUnit:
			says = []pos.Sentence{pos.Say("terms.earn.unit", "gift", gift)}
		}
		says = append(says, holds(p, r.When)...)
		if r.Most > 0 {
			says = append(says, pos.Say("terms.earn.most", "gift", given(p, r.Give, r.Most)))
		}
		lines = append(lines, Line{"earn", r.ID, append(says, limited(r.Limits)...)})
	}
	if names := slices.Concat(p.Exclude.Items, p.Exclude.Categories); len(names) > 0 {
		lines = append(lines, Line{"exclude", "", []pos.Sentence{pos.Say("terms.exclude", "names", names)}})
	}
	return append(lines, basisTerms(p)...)
}

func basisTerms(p *pos.Program) []Line {
	if len(lines(p.Earn)) == 0 && (p.Points == nil || p.Points.Earn == 0) {
		return nil
	}
	tax, discounts, paid := pos.Say("terms.basis.withtax"), pos.Say("terms.basis.afterdiscounts"), pos.Say("terms.basis.unpaid")
	if p.Basis.WithoutTax {
		tax = pos.Say("terms.basis.withouttax")
	}
	if p.Basis.BeforeDiscounts {
		discounts = pos.Say("terms.basis.beforediscounts")
	}
	if p.Basis.PaidWithPoints {
		paid = pos.Say("terms.basis.paid")
	}
	return []Line{{"basis", "", []pos.Sentence{tax, discounts, paid}}}
}

// lines returns the rules that give something for money.
func lines(rules []pos.EarnRule) []pos.EarnRule {
	return slices.DeleteFunc(slices.Clone(rules), func(r pos.EarnRule) bool { return r.Per != pos.PerMoney })
}

func rounding(mode pos.Rounding) pos.Sentence {
	switch mode {
	case pos.RoundNearest:
		return pos.Say("terms.round.nearest")
	case pos.RoundUp:
		return pos.Say("terms.round.up")
	}
	return pos.Say("terms.round.down")
}

func campaignTerms(p *pos.Program) (lines []Line) {
	for _, c := range p.Campaigns {
		var says []pos.Sentence
		if c.Multiply.Given() {
			says = append(says, pos.Say("terms.campaign.multiply", "name", c.Name, "times", c.Multiply))
		}
		if c.Add != 0 {
			says = append(says, pos.Say("terms.campaign.add", "name", c.Name, "gift", given(p, c.Give, c.Add)))
		}
		says = append(says, holds(p, c.When)...)
		switch {
		case c.Alone:
			says = append(says, pos.Say("terms.campaign.alone"))
		case c.Group != "" && c.Stack == "best":
			says = append(says, pos.Say("terms.campaign.best", "names", group(p, c.Group)))
		case c.Group != "" && c.Stack == "first":
			says = append(says, pos.Say("terms.campaign.first", "names", group(p, c.Group)))
		case c.Group != "":
			says = append(says, pos.Say("terms.campaign.together", "names", group(p, c.Group)))
		}
		lines = append(lines, Line{"campaign", c.ID, append(says, limited(c.Limits)...)})
	}
	return lines
}

// group returns the names of the campaigns that compete, the first to count first.
func group(p *pos.Program, name string) []string {
	var of []pos.Campaign
	for _, c := range p.Campaigns {
		if c.Group == name {
			of = append(of, c)
		}
	}
	slices.SortStableFunc(of, func(a, b pos.Campaign) int { return cmp.Compare(b.Priority, a.Priority) })
	return ids(of, func(c pos.Campaign) string { return c.Name })
}

func eventTerms(p *pos.Program) (lines []Line) {
	for _, e := range p.Events {
		gift := gifted(p, e.Gift)
		says := pos.Say("terms.event.demand", "name", e.Name, "gift", gift)
		switch e.On {
		case pos.OnJoin:
			says = pos.Say("terms.event.join", "gift", gift)
		case pos.OnBirthday:
			says = pos.Say("terms.event.birthday", "gift", gift)
		case pos.OnAnniversary:
			says = pos.Say("terms.event.anniversary", "gift", gift)
		}
		lines = append(lines, Line{"event", e.ID, slices.Concat([]pos.Sentence{says}, holds(p, e.When), limited(e.Limits))})
	}
	return lines
}

func pointsTerms(p *pos.Program) (lines []Line) {
	if p.Points != nil {
		says := expires(p.Points.Expiry)
		if p.Points.Worth.Given() {
			says = append([]pos.Sentence{pos.Say("terms.worth", "worth", p.Points.Worth.Minor, "points", points(p))}, says...)
		}
		lines = append(lines, Line{"points", "", says})
	}
	if p.Credit != nil {
		says := []pos.Sentence{pos.Say("terms.credit")}
		if p.Credit.MostPercent.Given() {
			says = append(says, pos.Say("terms.rewards.mostpercent", "percent", p.Credit.MostPercent))
		}
		lines = append(lines, Line{"credit", "", append(says, expires(p.Credit.Expiry)...)})
	}
	if g := p.GiftCards; g != nil {
		says := []pos.Sentence{pos.Say("terms.giftcards.sold")}
		if g.Least.Given() || g.Most.Given() {
			says = append(says, pos.Say("terms.giftcards.range", "least", g.Least.Minor, "most", g.Most.Minor))
		}
		if g.Months > 0 {
			says = append(says, pos.Say("terms.expiry.months", "n", int64(g.Months)))
		} else {
			says = append(says, pos.Say("terms.expiry.never"))
		}
		lines = append(lines, Line{"gift_cards", "", says})
	}
	return lines
}

// expires says how long something holds.
func expires(e pos.Expiry) []pos.Sentence {
	says := []pos.Sentence{pos.Say("terms.expiry.never")}
	switch {
	case e.Months > 0:
		says[0] = pos.Say("terms.expiry.months", "n", int64(e.Months))
	case e.Days > 0:
		says[0] = pos.Say("terms.expiry.days", "n", int64(e.Days))
	case e.At == "month":
		says[0] = pos.Say("terms.expiry.month")
	case e.At == "quarter":
		says[0] = pos.Say("terms.expiry.quarter")
	case e.At == "year":
		says[0] = pos.Say("terms.expiry.year")
	case e.Inactive > 0:
		says[0] = pos.Say("terms.expiry.inactive", "n", int64(e.Inactive))
	}
	if e.Pending > 0 {
		says = append(says, pos.Say("terms.expiry.pending", "n", int64(e.Pending)))
	}
	return says
}

func cardTerms(p *pos.Program) (lines []Line) {
	for _, c := range p.Cards {
		says := []pos.Sentence{pos.Say("terms.card.size", "card", c.Name, "n", c.Size)}
		switch c.Per {
		case "sale":
			says = append(says, pos.Say("terms.card.sale"))
		case "unit":
			says = append(says, pos.Say("terms.card.unit"))
		}
		says = append(says, holds(p, c.When)...)
		if c.Start > 0 {
			says = append(says, pos.Say("terms.card.start", "n", c.Start))
		}
		if c.Cooldown > 0 {
			says = append(says, pos.Say("terms.card.cooldown", "n", int64(c.Cooldown)))
		}
		if c.Price.Given() {
			says = append(says, pos.Say("terms.card.price", "price", c.Price.Minor))
		}
		lines = append(lines, Line{"card", c.ID, slices.Concat(says, limited(c.Limits), expires(c.Expiry))})
	}
	return lines
}

// names returns what people call the rewards.
func names(p *pos.Program, rewards []string) []string {
	called := make([]string, len(rewards))
	for i, id := range rewards {
		reward, _ := p.Reward(id)
		called[i] = cmp.Or(reward.Name, id)
	}
	return called
}

// title is how the terms call the program.
func title(p *pos.Program) any {
	if strings.TrimSpace(p.Title) == "" {
		return pos.Say("terms.program")
	}
	return p.Title
}

// Title returns the heading of the terms.
func Title(p *pos.Program) pos.Sentence { return pos.Say("terms.title", "title", title(p)) }

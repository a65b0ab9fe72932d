package program

import (
	"tenthcup/pos"
)

// holds says under which conditions a rule holds; nothing where it always does.
func holds(p *pos.Program, w pos.When) []pos.Sentence {
	var parts []pos.Sentence
	add := func(is bool, says pos.Sentence) {
		if is {
			parts = append(parts, says)
		}
	}
	add(w.From != 0, pos.Say("terms.when.from", "day", w.From))
	add(w.Until != 0, pos.Say("terms.when.until", "day", w.Until))
	add(len(w.Weekdays) > 0, pos.Say("terms.when.weekdays", "days", weekdays(w.Weekdays)))
	add(len(w.Hours) > 0, pos.Say("terms.when.hours", "hours", w.Hours))
	add(len(w.Items) > 0, pos.Say("terms.when.items", "names", w.Items))
	add(len(w.Categories) > 0, pos.Say("terms.when.categories", "names", w.Categories))
	add(len(w.NotItems) > 0, pos.Say("terms.when.not", "names", w.NotItems))
	add(len(w.NotCategories) > 0, pos.Say("terms.when.not", "names", w.NotCategories))
	add(w.Minimum.Given(), pos.Say("terms.when.minimum", "amount", w.Minimum.Minor))
	add(w.Quantity > 0, pos.Say("terms.when.quantity", "n", w.Quantity))
	add(len(w.Tiers) > 0, pos.Say("terms.when.tiers", "names", called(w.Tiers, p, "tier")))
	add(len(w.Plans) > 0, pos.Say("terms.when.plans", "names", called(w.Plans, p, "plan")))
	add(len(w.Tags) > 0, pos.Say("terms.when.tags", "names", w.Tags))
	add(len(w.NotTags) > 0, pos.Say("terms.when.nottags", "names", w.NotTags))
	add(w.Arm != "", pos.Say("terms.when.arm"))
	add(w.First, pos.Say("terms.when.first"))
	add(w.Birthday == "day", pos.Say("terms.when.birthday"))
	add(w.Birthday == "week", pos.Say("terms.when.birthdayweek"))
	add(w.Birthday == "month", pos.Say("terms.when.birthdaymonth"))
	add(w.Switch != "", pos.Say("terms.when.switch", "name", w.Switch))
	add(w.Coupon != "", pos.Say("terms.when.coupon", "name", w.Coupon))
	if len(parts) == 0 {
		return nil
	}
	return []pos.Sentence{pos.Say("terms.only", "when", parts)}
}

func called(ids []string, p *pos.Program, class string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = nameOf(p, class, id)
	}
	return names
}

func weekdays(days []string) []pos.Sentence {
	says := make([]pos.Sentence, len(days))
	for i, day := range days {
		says[i] = pos.Say("terms.day." + day)
	}
	return says
}

// limited says how often or how much; nothing where there is no limit.
func limited(l pos.Limits) []pos.Sentence {
	var parts []pos.Sentence
	add := func(n int64, says pos.Sentence) {
		if n > 0 {
			parts = append(parts, says)
		}
	}
	add(l.Sale, pos.Say("terms.limit.sale", "n", l.Sale))
	add(l.Day, pos.Say("terms.limit.day", "n", l.Day))
	add(l.Week, pos.Say("terms.limit.week", "n", l.Week))
	add(l.Month, pos.Say("terms.limit.month", "n", l.Month))
	add(l.Year, pos.Say("terms.limit.year", "n", l.Year))
	add(l.Total, pos.Say("terms.limit.total", "n", l.Total))
	if len(parts) == 0 {
		return nil
	}
	return []pos.Sentence{pos.Say("terms.most", "limits", parts)}
}

// gifted says what a gift is made of.
func gifted(p *pos.Program, g pos.Gift) []pos.Sentence {
	var parts []pos.Sentence
	if g.Points != 0 {
		parts = append(parts, given(p, "points", g.Points))
	}
	if g.Credit.Given() {
		parts = append(parts, pos.Say("terms.gift.credit", "amount", g.Credit.Minor))
	}
	if g.Voucher != "" {
		reward, _ := p.Reward(g.Voucher)
		parts = append(parts, pos.Say("terms.gift.voucher", "reward", reward.Name))
	}
	if g.Card != "" {
		card, _ := p.Card(g.Card)
		parts = append(parts, pos.Say("terms.gift.stamps", "n", g.Stamps, "card", card.Name))
	}
	if g.Badge != "" {
		parts = append(parts, pos.Say("terms.gift.badge", "name", g.Badge))
	}
	if g.Tag != "" {
		parts = append(parts, pos.Say("terms.gift.tag", "name", g.Tag))
	}
	if g.Draw != "" {
		parts = append(parts, pos.Say("terms.gift.ticket", "draw", nameOf(p, "ticket", g.Draw)))
	}
	return parts
}

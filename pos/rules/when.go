package rules

import (
	"slices"
	"strings"
	"time"

	"tenthcup/pos"
)

// soldAccount counts the member's first sale, once, for ever.
const soldAccount pos.Account = "sold"

// holds reports whether the rule's condition holds, and which lines of the sale
// it is about: never excluded ones, and none where nothing was sold. Where only a
// little is missing, it says so in the decision's reasons.
func (d *deciding) holds(w *pos.When, id, name string) (subset, bool) {
	if !w.Then(d.ask.Day, d.minute) || !d.concerns(w) {
		return subset{}, false
	}
	if d.ask.Sale == nil {
		return subset{}, !w.PicksLines() && w.Minimum.Minor == 0 && w.Quantity == 0
	}
	lines := d.basket.pick(w)
	if lines.empty() {
		return lines, false
	}
	if amount := d.basket.amount(lines); amount < w.Minimum.Minor {
		if !d.ask.Brief {
			d.say(id, because("why.when.minimum", "rule", name, "minimum", w.Minimum.Minor, "amount", amount))
		}
		return lines, false
	}
	if w.Quantity == 0 {
		return lines, true
	}
	n := d.basket.units(lines)
	if n < w.Quantity && !d.ask.Brief {
		d.say(id, because("why.when.quantity", "rule", name, "least", w.Quantity, "n", n))
	}
	return lines, n >= w.Quantity
}

// because returns a reason in words, without an account. pairs are as in
// pos.Refuse. Where the ask is brief, callers leave it out.
func because(key string, pairs ...any) Because {
	return Because{Key: key, Args: pos.Refuse(key, pairs...).Args}
}

// say notes why the rule gave nothing, or less.
func (d *deciding) say(rule string, why Because) {
	why.Rule = rule
	d.Because = append(d.Because, why)
}

func (d *deciding) minute() int64 { return d.ask.Facts(FactMinute) }

// concerns reports whether the condition holds for the member, whatever the lines.
// It looks at grants with what was decided so far, but at the first sale as it was
// before: a sale that was the first when it began is the first to its end.
func (d *deciding) concerns(w *pos.When) bool {
	grants := w.Grants()
	switch {
	case w.Switch != "" && d.ask.Facts(FactSwitch+w.Switch) == 0,
		w.Coupon != "" && d.ask.Facts(FactCoupon+w.Coupon) == 0,
		w.First && d.ask.Facts(string(soldAccount)) != 0,
		w.Birthday != "" && !d.birthday(w.Birthday),
		len(w.Tiers) > 0 && !d.inTier(w.Tiers),
		len(grants.Plans) > 0 && !d.hasAny(grants.Plans),
		len(grants.Tags) > 0 && !d.hasAny(grants.Tags),
		d.hasAny(grants.NotTags):
		return false
	}
	if w.Arm == "" {
		return true
	}
	experiment, arm, _ := strings.Cut(w.Arm, "/")
	return d.arm(experiment) == arm
}

func (d *deciding) hasAny(grants []pos.Account) bool {
	return slices.ContainsFunc(grants, func(grant pos.Account) bool { return d.balance(grant) > 0 })
}

func (d *deciding) inTier(ids []string) bool {
	tier := d.tier()
	return tier != nil && slices.Contains(ids, tier.ID)
}

// standing is the tier that the member is in, while a step asks for it again and
// again and does not change it.
type standing struct {
	tier        *pos.Tier
	kept, known bool
}

// tier returns the tier that the member is in: the highest that was granted and
// has not ended, or the lowest if it begins at nothing, or nil.
func (d *deciding) tier() *pos.Tier {
	if d.standing.known {
		return d.standing.tier
	}
	var in *pos.Tier
	for i := len(d.p.Tiers) - 1; i >= 0 && in == nil; i-- {
		tier := &d.p.Tiers[i]
		if i == 0 && strings.Trim(tier.From.Text, "0.") == "" || d.balance(pos.Account("tier:"+tier.ID)) > 0 {
			in = tier
		}
	}
	d.standing.tier, d.standing.known = in, d.standing.kept
	return in
}

// arm returns the arm of the experiment that the member is in, "" if there is no
// such experiment. It follows from both ids alone, so every till says the same.
func (d *deciding) arm(id string) string {
	at := slices.IndexFunc(d.p.Experiments, func(e pos.Experiment) bool { return e.ID == id })
	if at < 0 {
		return ""
	}
	return Arm(d.p.Experiments[at], d.ask.Holder)
}

// around is how many days before and after a birthday are its week.
const around = 3

// birthday reports whether the day is in the member's birthday day, week or month,
// by the Gregorian calendar. Who was born on 29 February has the 28th in years
// without one.
func (d *deciding) birthday(which string) bool {
	born := d.ask.Facts(FactBirthday)
	if born == 0 {
		return false
	}
	month, date := time.Month(born/100), int(born%100)
	today := d.ask.Day.Midnight()
	if which == pos.BirthdayMonth {
		return today.Month() == month
	}
	reach := pos.Day(around)
	if which == pos.BirthdayDay {
		reach = 0
	}
	for year := today.Year() - 1; year <= today.Year()+1; year++ { // the week may pass New Year
		feast := dateOf(year, month, date)
		if feast-reach <= d.ask.Day && d.ask.Day <= feast+reach {
			return true
		}
	}
	return false
}

// dateOf returns the date in the year, or the month's last where it is shorter.
func dateOf(year int, month time.Month, date int) pos.Day {
	first := pos.DayOf(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	return min(first+pos.Day(date)-1, first.AddMonths(1)-1)
}

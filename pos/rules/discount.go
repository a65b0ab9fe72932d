package rules

import (
	"math/bits"
	"slices"

	"tenthcup/pos"
)

// Money off is worked out as the exact fraction and rounded once, half up, to the
// minor unit; line by line it adds up to what comes off in all. It is never more
// than what is left to pay of the sale, nor of any line.

// aim is the part of a sale that a reward is about.
type aim struct {
	sale  *pos.Sale
	lines []int       // of the sale, in its order; nil where only the amount is known
	rooms []pos.Money // what may come off each of lines
	worth pos.Money   // what they come to
	most  pos.Money   // what may come off in all, by the sale and the reward's limits
}

// discount is what a reward takes off a sale.
type discount struct {
	off   pos.Money
	lines []pos.Money // for each line of the sale; nil where it has none, or pays
	item  string      // that was chosen
}

// needsSale reports whether the reward can be decided only on a sale.
func needsSale(rule *pos.RewardRule) bool {
	switch rule.Kind {
	case pos.KindMoney, pos.KindPercent, pos.KindCheapest, pos.KindPrice, pos.KindExchange:
		return true
	}
	return rule.When.Minimum.Given() || rule.When.Quantity > 0 || rule.Kind != pos.KindItem && rule.When.PicksLines()
}

// eligible returns the lines of the sale that the condition is about, never those
// that the program excludes.
func eligible(p *pos.Program, when *pos.When, sale *pos.Sale) (lines []int) {
	for i := range sale.Lines {
		if line := &sale.Lines[i]; when.Line(line) && !p.Exclude.Has(line) {
			lines = append(lines, i)
		}
	}
	return lines
}

// aimAt returns what the reward is about in the sale, which is nil where it is not
// known. The problem says what the sale lacks.
func aimAt(p *pos.Program, rule *pos.RewardRule, sale *pos.Sale) (aim, *pos.Problem) {
	if sale == nil {
		if needsSale(rule) {
			return aim{}, pos.Refuse("redeem.sale", "reward", rule.Name)
		}
		return aim{}, nil
	}
	a := aim{sale: sale, worth: sale.Amount, most: unpaid(sale)}
	units, basis := int64(0), p.Basis.Of(&pos.Line{Quantity: 1, Price: sale.Amount, Tax: sale.Tax})
	if len(sale.Lines) > 0 {
		a.worth, basis = 0, 0
		a.lines = eligible(p, &rule.When, sale)
		for _, i := range a.lines {
			line := &sale.Lines[i]
			units += line.Quantity
			a.worth += line.Due()
			basis += p.Basis.Of(line)
			a.rooms = append(a.rooms, roomOf(rule, line))
		}
		a.most = min(a.most, sum(a.rooms))
	}
	single := rule.Kind == pos.KindCheapest || rule.Kind == pos.KindPrice
	switch {
	case len(sale.Lines) == 0 && needsSale(rule) && (rule.When.PicksLines() || rule.When.Quantity > 0 || rule.MostEach.Given() || single):
		return aim{}, pos.Refuse("redeem.lines", "reward", rule.Name)
	case basis < rule.When.Minimum.Minor:
		return aim{}, pos.Refuse("redeem.minimum", "reward", rule.Name, "amount", rule.When.Minimum.Minor)
	case units < rule.When.Quantity:
		return aim{}, pos.Refuse("redeem.quantity", "reward", rule.Name, "n", rule.When.Quantity)
	case len(sale.Lines) > 0 && len(a.lines) == 0 && needsSale(rule):
		return aim{}, pos.Refuse("redeem.nothing", "reward", rule.Name)
	}
	if rule.MostOff.Given() {
		a.most = min(a.most, rule.MostOff.Minor)
	}
	if rule.MostPercent.Given() {
		a.most = min(a.most, percentOf(a.worth, rule.MostPercent))
	}
	return a, nil
}

// roomOf returns what the reward may take off the line.
func roomOf(rule *pos.RewardRule, line *pos.Line) pos.Money {
	if rule.MostEach.Given() {
		return min(line.Due(), rule.MostEach.Minor*pos.Money(line.Quantity)) // at most 10^18
	}
	return line.Due()
}

// unpaid returns what is left to pay of the sale.
func unpaid(sale *pos.Sale) pos.Money {
	left := sale.Amount
	for _, paid := range sale.Paid {
		left -= paid.Amount
	}
	return max(left, 0)
}

// off returns what comes off for n of the reward: of an exchange, steps. choice is
// the item that was chosen, "" if none was.
func (a aim) off(rule *pos.RewardRule, n int64, choice string) (discount, *pos.Problem) {
	switch rule.Kind {
	case pos.KindMoney:
		return a.spread(rule, rule.Off.Minor)
	case pos.KindPercent:
		return a.spread(rule, percentOf(a.worth, rule.Percent))
	case pos.KindExchange:
		return discount{off: rule.Off.Minor * pos.Money(n)}, nil // steps says how many fit
	case pos.KindCheapest:
		return a.cheapest(rule)
	case pos.KindItem, pos.KindPrice:
		return a.unit(rule, choice)
	}
	return discount{item: choice}, chosen(rule, choice)
}

// steps returns how many steps of an exchange the sale absorbs whole.
func (a aim) steps(rule *pos.RewardRule) int64 { return int64(a.most / rule.Off.Minor) }

// spread takes the amount off all lines, each by what it comes to.
func (a aim) spread(rule *pos.RewardRule, amount pos.Money) (discount, *pos.Problem) {
	d := discount{off: min(amount, a.most)}
	if d.off <= 0 {
		return discount{}, pos.Refuse("redeem.nothing", "reward", rule.Name)
	}
	if len(a.sale.Lines) == 0 {
		return d, nil
	}
	d.lines = make([]pos.Money, len(a.sale.Lines))
	all := sum(a.rooms)
	for i, before := 0, pos.Money(0); i < len(a.lines); i++ {
		after := before + a.rooms[i]
		d.lines[a.lines[i]] = partOf(after, d.off, all) - partOf(before, d.off, all)
		before = after
	}
	return d, nil
}

// cheapest takes a percentage off one unit of the line whose units cost least, but
// something. Of several it is the first.
func (a aim) cheapest(rule *pos.RewardRule) (discount, *pos.Problem) {
	percent := rule.Percent
	if !percent.Given() {
		percent = pos.Ratio{Num: 100, Den: 1}
	}
	best, least := -1, pos.Money(0)
	for at, i := range a.lines {
		if cost := unit(&a.sale.Lines[i]); cost > 0 && (best < 0 || cost < least) {
			best, least = at, cost
		}
	}
	if best < 0 {
		return discount{}, pos.Refuse("redeem.nothing", "reward", rule.Name)
	}
	return a.single(rule, best, percentOf(least, percent))
}

// unit makes one unit of the chosen item free, or cost what the reward says. The
// free one is rung up like any other; further copies stay as they are. An item
// that is not on the sale is handed out beside it.
func (a aim) unit(rule *pos.RewardRule, choice string) (discount, *pos.Problem) {
	if choice == "" {
		choice = a.only(rule)
	}
	if problem := chosen(rule, choice); problem != nil {
		return discount{}, problem
	}
	price := pos.Money(0)
	if rule.Kind == pos.KindPrice {
		price = rule.Off.Minor
	}
	best, dearest := -1, price
	for at, i := range a.lines {
		if line := &a.sale.Lines[i]; line.Item == choice && unit(line) > dearest {
			best, dearest = at, unit(line)
		}
	}
	var d discount
	var problem *pos.Problem
	switch {
	case best >= 0:
		d, problem = a.single(rule, best, dearest-price)
	case rule.Kind == pos.KindPrice:
		problem = pos.Refuse("redeem.nothing", "reward", rule.Name)
	}
	d.item = choice
	return d, problem
}

// only returns the one item that there is to choose, or "".
func (a aim) only(rule *pos.RewardRule) string {
	items := rule.Choice
	if len(items) == 0 {
		items = rule.When.Items
	}
	if len(items) == 1 {
		return items[0]
	}
	only := ""
	for _, i := range a.lines {
		switch item := a.sale.Lines[i].Item; {
		case len(items) > 0 && !slices.Contains(items, item):
		case only != "" && item != only:
			return ""
		default:
			only = item
		}
	}
	return only
}

// chosen says what is wrong with the choice.
func chosen(rule *pos.RewardRule, choice string) *pos.Problem {
	items := rule.Choice
	if len(items) == 0 && rule.Kind != pos.KindGift {
		items = rule.When.Items
	}
	choosing := len(rule.Choice) > 0 || rule.Kind == pos.KindItem || rule.Kind == pos.KindPrice
	switch {
	case choosing && len(items) > 0 && !slices.Contains(items, choice):
		return pos.Refuse("redeem.choice", "reward", rule.Name, "choices", items)
	case choosing && choice == "":
		return pos.Refuse("redeem.item", "reward", rule.Name)
	}
	return nil
}

// single takes an amount off one of the aim's lines.
func (a aim) single(rule *pos.RewardRule, at int, amount pos.Money) (discount, *pos.Problem) {
	d := discount{off: min(amount, a.most, a.rooms[at]), lines: make([]pos.Money, len(a.sale.Lines))}
	if d.off <= 0 {
		return discount{}, pos.Refuse("redeem.nothing", "reward", rule.Name)
	}
	d.lines[a.lines[at]] = d.off
	return d, nil
}

// apply returns the sale with the discount, as it is to be paid then; the sale
// itself stays as it is. An exchange pays a part of it with points.
func (d discount) apply(rule *pos.RewardRule, sale *pos.Sale) *pos.Sale {
	if sale == nil || d.off == 0 {
		return sale
	}
	after := *sale
	if rule.Kind == pos.KindExchange {
		after.Paid = append(slices.Clone(sale.Paid), pos.Payment{With: pos.WithPoints, Amount: d.off})
		return &after
	}
	after.Amount -= d.off
	if len(sale.Lines) == 0 {
		after.Tax = partOf(sale.Tax, after.Amount, sale.Amount)
		return &after
	}
	after.Lines, after.Tax = slices.Clone(sale.Lines), 0
	for i := range after.Lines {
		line := &after.Lines[i]
		if due := line.Due(); d.lines[i] > 0 {
			line.Discount += d.lines[i]
			line.Tax = partOf(line.Tax, line.Due(), due)
		}
		after.Tax += line.Tax
	}
	return &after
}

func sum(amounts []pos.Money) (all pos.Money) {
	for _, amount := range amounts {
		all += amount
	}
	return all
}

// unit returns what one unit of the line costs, half up.
func unit(line *pos.Line) pos.Money { return partOf(line.Due(), 1, pos.Money(line.Quantity)) }

// percentOf returns so many percent of the amount, half up.
func percentOf(amount pos.Money, percent pos.Ratio) pos.Money {
	return partOf(amount, pos.Money(percent.Num), pos.Money(100*percent.Den))
}

// partOf returns amount*part/whole, half up: the one place that rounds money off.
// All are 0 or more and part is at most whole; of a whole of 0 there is no share.
func partOf(amount, part, whole pos.Money) pos.Money {
	if whole == 0 {
		return 0
	}
	high, low := bits.Mul64(uint64(amount), uint64(part))
	low, carry := bits.Add64(low, uint64(whole)/2, 0)
	quotient, _ := bits.Div64(high+carry, low, uint64(whole))
	return pos.Money(quotient)
}

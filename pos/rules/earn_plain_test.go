package rules_test

import (
	"math/big"
	"slices"

	"tenthcup/pos"
)

// plainEarning says what a sale earns in the plainest way: fractions of any size,
// one loop for each sentence of the rules, and no thought of speed. It knows of no
// dates and no members.
type plainEarning struct {
	*pos.Program
	sale pos.Sale
}

type plainOffer struct {
	pos.Campaign
	amount *big.Int
}

// all returns what each rule gives, "uncut" what it would give without a limit, and
// the sums of points and credit.
func (p plainEarning) all() map[string]*big.Int {
	all := map[string]*big.Int{"points": new(big.Int), "credit": new(big.Int)}
	gives := func(id, give string, amount *big.Int) {
		all[id] = amount
		all[give] = new(big.Int).Add(all[give], amount)
	}
	base := map[string]*big.Int{}
	var gave []pos.EarnRule
	for _, r := range p.Earn {
		amount := new(big.Int)
		if lines := p.about(r.When); lines != nil {
			amount = p.worth(r, lines)
			all[r.ID+" uncut"] = amount
			if most := big.NewInt(r.Most); r.Most > 0 && amount.Cmp(most) > 0 {
				amount = most
			}
		}
		gives(r.ID, r.Give, amount)
		if base[r.ID] = amount; amount.Sign() > 0 {
			gave = append(gave, r)
			if r.Stop {
				break
			}
		}
	}
	var offers []plainOffer
	for _, c := range p.Campaigns {
		all[c.ID] = new(big.Int)
		lines := p.about(c.When)
		if lines == nil {
			continue
		}
		amount := big.NewInt(c.Add)
		if c.Multiply.Given() {
			part := new(big.Rat)
			for _, r := range gave {
				if r.Give == c.Give {
					share := p.part(r, lines)
					part.Add(part, share.Mul(share, new(big.Rat).SetInt(base[r.ID])))
				}
			}
			amount = rounded(part.Mul(part, big.NewRat(c.Multiply.Num-c.Multiply.Den, c.Multiply.Den)), p.Points.Round)
		}
		all[c.ID+" uncut"] = amount
		if most := big.NewInt(c.Limits.Sale); most.Sign() > 0 && amount.Cmp(most) > 0 {
			amount = most
		}
		if amount.Sign() > 0 {
			offers = append(offers, plainOffer{c, amount})
		}
	}
	for _, o := range chosen(offers) {
		gives(o.ID, o.Give, o.amount)
	}
	return all
}

// chosen returns the offers that count.
func chosen(offers []plainOffer) (chosen []plainOffer) {
	if at := slices.IndexFunc(offers, func(o plainOffer) bool { return o.Alone }); at >= 0 {
		return offers[at : at+1]
	}
	for i, o := range offers {
		beaten := false
		for j, other := range offers {
			if o.Group == "" || o.Group != other.Group || i == j {
				continue
			}
			more := other.amount.Cmp(o.amount)
			beaten = beaten || o.Stack == "first" && j < i || o.Stack == "best" && (more > 0 || more == 0 && j < i)
		}
		if !beaten {
			chosen = append(chosen, o)
		}
	}
	return chosen
}

// lines are those of the sale, or the one that a sum is.
func (p plainEarning) lines() []pos.Line {
	if len(p.sale.Lines) > 0 {
		return p.sale.Lines
	}
	return []pos.Line{{Quantity: 1, Price: p.sale.Amount, Tax: p.sale.Tax}}
}

// about returns the numbers of the lines that a rule is about, nil if it does not
// hold.
func (p plainEarning) about(w pos.When) (lines []int) {
	units, amount := int64(0), pos.Money(0)
	for i, line := range p.lines() {
		named := len(w.Items)+len(w.Categories) == 0 || slices.Contains(w.Items, line.Item) || slices.Contains(w.Categories, line.Category)
		unwanted := slices.Contains(w.NotItems, line.Item) || slices.Contains(w.NotCategories, line.Category) || slices.Contains(p.Exclude.Items, line.Item)
		free := line.Due() == 0 && p.Basis.Of(&line) == 0
		if named && !unwanted && !free {
			lines = append(lines, i)
			units += line.Quantity
			amount += p.Basis.Of(&line)
		}
	}
	if amount < w.Minimum.Minor || units < w.Quantity {
		return nil
	}
	return lines // nil also where there is none
}

func (p plainEarning) worth(r pos.EarnRule, lines []int) *big.Int {
	count := big.NewRat(1, 1)
	switch r.Per {
	case pos.PerMoney:
		count = p.money(lines)
		if p.sale.Amount > 0 && !p.Basis.PaidWithPoints {
			count.Mul(count, big.NewRat(int64(p.sale.Amount-p.sale.PaidOtherwise()), int64(p.sale.Amount)))
		}
		count.Quo(count, big.NewRat(int64(r.For.Minor), 1))
		if r.Steps {
			count = new(big.Rat).SetInt(rounded(count, pos.RoundDown))
		}
	case pos.PerUnit:
		count = p.units(lines)
	case pos.PerItem:
		count = big.NewRat(int64(len(p.firsts(lines))), 1)
	}
	return rounded(count.Mul(count, big.NewRat(r.Earn.Num, r.Earn.Den)), r.Round)
}

func (p plainEarning) money(lines []int) *big.Rat {
	sum := new(big.Rat)
	for _, i := range lines {
		sum.Add(sum, big.NewRat(int64(p.Basis.Of(&p.lines()[i])), 1))
	}
	return sum
}

func (p plainEarning) units(lines []int) *big.Rat {
	sum := new(big.Rat)
	for _, i := range lines {
		sum.Add(sum, big.NewRat(p.lines()[i].Quantity, 1))
	}
	return sum
}

// firsts returns the first line of each item.
func (p plainEarning) firsts(lines []int) (firsts []int) {
	for _, i := range lines {
		item := p.lines()[i].Item
		if item != "" && !slices.ContainsFunc(firsts, func(j int) bool { return p.lines()[j].Item == item }) {
			firsts = append(firsts, i)
		}
	}
	return firsts
}

// part returns which part of what a rule gave belongs to the lines.
func (p plainEarning) part(r pos.EarnRule, lines []int) *big.Rat {
	all := p.about(r.When)
	mine := slices.DeleteFunc(slices.Clone(all), func(i int) bool { return !slices.Contains(lines, i) })
	weigh := p.money
	switch {
	case r.Per == pos.PerItem:
		all = p.firsts(all)
		mine = slices.DeleteFunc(mine, func(i int) bool { return !slices.Contains(all, i) })
		return big.NewRat(int64(len(mine)), int64(len(all)))
	case r.Per == pos.PerUnit, p.money(all).Sign() == 0:
		weigh = p.units
	}
	return new(big.Rat).Quo(weigh(mine), weigh(all))
}

// rounded makes a whole number of a fraction.
func rounded(x *big.Rat, mode pos.Rounding) *big.Int {
	more := map[pos.Rounding]*big.Rat{pos.RoundDown: new(big.Rat), pos.RoundNearest: big.NewRat(1, 2), pos.RoundUp: big.NewRat(1, 1)}[mode]
	sum := new(big.Rat).Add(x, more)
	whole := new(big.Int).Quo(sum.Num(), sum.Denom())
	if mode == pos.RoundUp && sum.IsInt() {
		whole.Sub(whole, big.NewInt(1))
	}
	return whole
}

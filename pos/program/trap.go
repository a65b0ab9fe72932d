package program

import (
	"cmp"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Trap is something in a program that is allowed but hardly meant.
type Trap struct {
	ID   string       `json:"id"` // one of pos.Trap...
	Says pos.Sentence `json:"says"`
}

// Traps returns what is hardly meant, less what the document accepts. They are
// found by trying: a member comes every day or week and buys what is Typical.
func Traps(p *pos.Program) []Trap {
	var found traps
	for _, look := range []func(*pos.Program, *traps){earnsBack, freeEarns, tiersKept, tiersFar, allLimits, rewardsFar, boughtByNothing, floors, causes} {
		look(p, &found)
	}
	return slices.DeleteFunc(found, func(t Trap) bool { return slices.Contains(p.Accept, t.ID) })
}

type traps []Trap

func (t *traps) add(id string, says pos.Sentence) { *t = append(*t, Trap{id, says}) }

// Items returns the items and categories that rules name and the list lacks.
func Items(p *pos.Program, list []pos.Item) []Trap {
	var found traps
	items := func(id string) bool {
		return slices.ContainsFunc(list, func(item pos.Item) bool { return item.ID == id })
	}
	categories := func(name string) bool {
		return slices.ContainsFunc(list, func(item pos.Item) bool { return item.Category == name })
	}
	look := func(rule string, names []string, known func(string) bool) {
		for _, name := range names {
			if !known(name) {
				found.add(pos.TrapItem, pos.Say("trap.item", "name", name, "rule", rule))
			}
		}
	}
	look("exclude", p.Exclude.Items, items)
	look("exclude", p.Exclude.Categories, categories)
	for _, c := range conditions(p) {
		look(c.rule, slices.Concat(c.when.Items, c.when.NotItems), items)
		look(c.rule, slices.Concat(c.when.Categories, c.when.NotCategories), categories)
	}
	for _, r := range p.Rewards {
		look(r.ID, r.Choice, items)
	}
	return slices.DeleteFunc(found, func(t Trap) bool { return slices.Contains(p.Accept, t.ID) })
}

// condition is under which a rule holds.
type condition struct {
	rule string
	when pos.When
}

// conditions returns those of every rule of the program.
func conditions(p *pos.Program) []condition {
	var all []condition
	p.EachWhen(func(rule string, when *pos.When) { all = append(all, condition{rule, *when}) })
	return all
}

// sold returns what a sale gives to a new member of the tiers; nothing where it is
// refused.
func sold(p *pos.Program, sale pos.Sale, tiers ...string) deed {
	m, err := begin(p, pos.ExampleGiven{At: ordinary, Holding: pos.Holding{Tiers: tiers}}, 0)
	if err != nil {
		return deed{}
	}
	if sale, err = sale.Checked(); err != nil {
		return deed{}
	}
	done, err := m.decide(pos.Earned, rules.Sell, rules.Ask{Holder: m.holder, Day: m.day, Sale: &sale, Facts: m.facts})
	if err != nil {
		return deed{}
	}
	return done
}

// earnsBack finds money off that is worth more than what its points cost, also for
// members of a tier, and money back that is the whole price.
func earnsBack(p *pos.Program, found *traps) {
	standings := [][]string{nil}
	for _, tier := range p.Tiers {
		standings = append(standings, []string{tier.ID})
	}
	for _, r := range p.Rewards {
		off, cost := r.Off.Minor, int64(r.Points)
		if r.Kind == pos.KindExchange {
			cost = int64(r.Step)
		} else if r.Kind != pos.KindMoney {
			continue
		}
		if off <= 0 || cost <= 0 {
			continue
		}
		for _, tiers := range standings {
			if given := sold(p, pos.Sale{Amount: off}, tiers...).given(pos.PointsAccount); given >= cost {
				found.add(pos.TrapEarnsBack, pos.Say("trap.earnsback", "reward", r.Name, "off", off, "cost", cost, "given", given))
				break
			}
		}
	}
	sale := Typical(p)
	for _, tiers := range standings {
		if back := sold(p, sale, tiers...).given(pos.CreditAccount); back >= int64(sale.Amount) {
			found.add(pos.TrapEarnsBack, pos.Say("trap.allback", "amount", sale.Amount, "back", pos.Money(back)))
			return
		}
	}
}

// freeEarns finds rewards whose free item gives stamps or points, as if it had been
// paid.
func freeEarns(p *pos.Program, found *traps) {
	price := Typical(p).Amount
	other := pos.Line{Item: "-", Quantity: 1, Price: price}
	alone := worth(sold(p, pos.Sale{Lines: []pos.Line{other}}))
	for _, r := range p.Rewards {
		if r.Kind != pos.KindGift && r.Kind != pos.KindItem && r.Kind != pos.KindCheapest || r.Kind == pos.KindCheapest && r.Percent.Given() && r.Percent.Num < 100*r.Percent.Den {
			continue
		}
		free := pos.Line{Quantity: 1, Price: price, Discount: price}
		if items := slices.Concat(r.Choice, r.When.Items); len(items) > 0 {
			free.Item = items[0]
		}
		if len(r.When.Categories) > 0 {
			free.Category = r.When.Categories[0]
		}
		if both := worth(sold(p, pos.Sale{Lines: []pos.Line{other, free}})); both > alone {
			found.add(pos.TrapFreeEarns, pos.Say("trap.freeearns", "reward", r.Name, "n", both-alone))
		}
	}
}

// worth adds up what a deed gave that can be spent, whatever it is.
func worth(d deed) int64 {
	total := int64(0)
	for _, p := range d.postings {
		if p.Account.Value() {
			total += p.Amount
		}
	}
	return total
}

// tiersKept finds tiers that nobody can lose.
func tiersKept(p *pos.Program, found *traps) {
	if len(p.Tiers) == 0 {
		return
	}
	if p.Standing.Down == "never" || p.Standing.Window == pos.Lifetime {
		names := ids(p.Tiers, func(t pos.Tier) string { return t.Name })
		found.add(pos.TrapTierKept, pos.Say("trap.tierkept", "tiers", names))
	}
}

// tiersFar finds tiers that nobody reaches who comes every day and buys what the
// examples sell.
func tiersFar(p *pos.Program, found *traps) {
	reached := -1 // the highest tier
	for _, buys := range sales(p) {
		habit(p, buys, 1, func(m *member) bool {
			for i := len(p.Tiers) - 1; i > reached; i-- {
				if m.has(pos.Account("tier:"+p.Tiers[i].ID)) > 0 {
					reached = i
				}
			}
			return reached == len(p.Tiers)-1
		})
	}
	for _, tier := range p.Tiers[reached+1:] {
		if tier.From.Minor > 0 {
			found.add(pos.TrapTierFar, pos.Say("trap.tierfar", "tier", tier.Name))
		}
	}
}

// rewardsFar finds points that end before the cheapest reward can be had by
// somebody who comes every week and buys what the examples sell.
func rewardsFar(p *pos.Program, found *traps) {
	cheapest, ok := pos.RewardRule{}, false
	for _, r := range p.Rewards {
		if cost := cmp.Or(r.Points, r.Step); cost > 0 && (!ok || cost < cmp.Or(cheapest.Points, cheapest.Step)) {
			cheapest, ok = r, true
		}
	}
	if !ok {
		return
	}
	cost, most := int64(cmp.Or(cheapest.Points, cheapest.Step)), int64(0)
	for _, buys := range sales(p) {
		if habit(p, buys, 7, func(m *member) bool {
			most = max(most, m.has(pos.PointsAccount))
			return most >= cost
		}) {
			return
		}
	}
	found.add(pos.TrapRewardFar, pos.Say("trap.rewardfar", "reward", cheapest.Name, "cost", cost, "n", most))
}

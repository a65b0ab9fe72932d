package program

import (
	"slices"

	"tenthcup/pos"
)

// sales returns the sales of the program's own examples, without what pays for them
// or comes off them; or one, of ten times the largest "for" of its rules or 1,000 minor units.
func sales(p *pos.Program) []pos.ExampleStep {
	var all []pos.ExampleStep
	for _, e := range p.Examples {
		for _, step := range append(slices.Clone(e.First), e.When) {
			if step.Sells() {
				all = append(all, pos.ExampleStep{Sale: step.Sale, Tax: step.Tax, Lines: step.Lines})
			}
		}
	}
	if len(all) > 0 {
		return all
	}
	largest := pos.Money(100) // minor units
	if p.Points != nil {
		largest = max(largest, p.Points.For.Minor)
	}
	for _, rule := range p.Earn {
		largest = max(largest, rule.For.Minor)
	}
	return []pos.ExampleStep{{Sale: pos.Amount{Text: "typical", Minor: 10 * largest}}}
}

// Typical returns the sale by which programs are judged: the largest of the
// program's own examples, or else ten times the largest "for" of its rules.
func Typical(p *pos.Program) pos.Sale {
	typical := pos.Sale{}
	for _, step := range sales(p) {
		if sale, err := saleOf(step); err == nil && sale.Amount > typical.Amount {
			typical = *sale
		}
	}
	return typical
}

// habit lets a member come every so many days, for years: each time they buy the
// same, and get a stamp on every card that is stamped by hand. Every switch is on.
// It stops where look says that it has seen enough, and reports whether it did.
func habit(p *pos.Program, buys pos.ExampleStep, every pos.Day, look func(*member) bool) bool {
	m, err := begin(p, pos.ExampleGiven{At: ordinary, Switches: p.Switches}, 0)
	if err != nil {
		return false
	}
	m.joined = m.day
	steps := []pos.ExampleStep{buys}
	for _, card := range p.Cards {
		if card.Per == "" {
			steps = append(steps, pos.ExampleStep{Stamp: card.ID, Count: 1})
		}
	}
	for last := m.day + years*366; m.day < last; m.day += every {
		for _, step := range steps {
			_, _ = m.do(step) // what is refused gives nothing
		}
		if look(m) {
			return true
		}
	}
	return false
}

// years is how long a member tries to reach something.
const years = 3

// ordinary is a day on which nothing is special: a Wednesday, at noon.
var ordinary = pos.Moment{Day: 20516, Minute: 12 * 60}

package program

import (
	"slices"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Tried is what a sale would give.
type Tried struct {
	Gives   []pos.Sentence `json:"gives"` // what the member would get, none where it is nothing
	Because []Reason       `json:"because"`
}

// Reason is one line of why.
type Reason struct {
	Rule   string       `json:"rule,omitempty"`
	Amount int64        `json:"amount"`
	Of     pos.Account  `json:"of,omitempty"`
	Says   pos.Sentence `json:"says"`
	Gives  pos.Sentence `json:"gives,omitzero"` // the amount in words; zero where it gives nothing
}

// Try says what the step would give a member, and why, line by line. What the rules
// refuse is a *pos.Problem.
func Try(p *pos.Program, given pos.ExampleGiven, step pos.ExampleStep) (Tried, error) {
	m, err := begin(p, given, 0)
	if err != nil {
		return Tried{}, err
	}
	done, err := m.do(step)
	if err != nil {
		return Tried{}, err
	}
	tried := Tried{Because: reasons(p, done.because)}
	for _, posting := range sums(done.postings) {
		if says, ok := AmountOf(p, posting.Account, posting.Amount); ok {
			tried.Gives = append(tried.Gives, says)
		}
	}
	if done.off > 0 {
		tried.Gives = append(tried.Gives, pos.Say("program.gives.off", "off", done.off))
	}
	return tried, nil
}

// reasons returns the lines of a decision that are for people.
func reasons(p *pos.Program, because []rules.Because) []Reason {
	lines := []Reason{}
	for _, b := range because {
		if b.Key == "" {
			continue
		}
		line := Reason{Rule: b.Rule, Amount: b.Amount, Of: b.Account, Says: pos.Sentence{Key: b.Key, Args: b.Args}}
		if b.Amount != 0 {
			line.Gives, _ = AmountOf(p, b.Account, b.Amount)
		}
		lines = append(lines, line)
	}
	return lines
}

// sums adds the postings of each account up, in their order.
func sums(postings []pos.Posting) (added []pos.Posting) {
	for _, p := range postings {
		at := slices.IndexFunc(added, func(a pos.Posting) bool { return a.Account == p.Account })
		if at < 0 {
			added = append(added, pos.Posting{Account: p.Account})
			at = len(added) - 1
		}
		added[at].Amount += p.Amount
	}
	return added
}

// AmountOf says an amount of an account, if it is something that members know of.
func AmountOf(p *pos.Program, account pos.Account, amount int64) (pos.Sentence, bool) {
	class, id, _ := strings.Cut(string(account), ":")
	switch class {
	case "points":
		return pos.Say("program.gives.points", "n", amount), true
	case "credit":
		return pos.Say("program.gives.credit", "amount", pos.Money(amount)), true
	case "stamp":
		for _, card := range p.Cards {
			if card.Account() == account {
				return pos.Say("program.gives.stamps", "n", amount, "card", card.Name), true
			}
		}
	case "reward":
		reward, _ := p.Reward(id)
		return pos.Say("program.gives.voucher", "n", amount, "reward", reward.Name), true
	case "tier", "plan", "badge", "tag":
		if amount > 0 {
			return pos.Say("program.gives."+class, "name", nameOf(p, class, id)), true
		}
	case "ticket":
		return pos.Say("program.gives.tickets", "n", amount, "draw", nameOf(p, class, id)), true
	}
	return pos.Sentence{}, false
}

// nameOf returns what people call a tier, plan or draw, or its id.
func nameOf(p *pos.Program, class, id string) string {
	switch class {
	case "tier":
		for _, tier := range p.Tiers {
			if tier.ID == id {
				return tier.Name
			}
		}
	case "plan":
		for _, plan := range p.Plans {
			if plan.ID == id {
				return plan.Name
			}
		}
	case "ticket":
		for _, draw := range p.Draws {
			if draw.ID == id {
				return draw.Name
			}
		}
	}
	return id
}

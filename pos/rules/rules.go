// Package rules holds the decisions: what a visit gives and what a reward takes.
//
// A decision is a pure function of the program, the holder's sums and the day.
// It returns postings, which the station freezes into an entry, or a problem
// that the cashier can act on. Nothing decides anywhere else.
package rules

import (
	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// MaxStamps is the largest number of stamps given at once.
const MaxStamps = 50

// Stamp decides n stamps on the card. A card that fills up passes the rest on to
// the next: stamps are one count, and full cards are what it divides into.
func Stamp(card pos.Card, n int64) ([]pos.Posting, error) {
	if n < 1 || n > MaxStamps {
		return nil, pos.Refuse("stamp.number", "n", n, "max", int64(MaxStamps))
	}
	return []pos.Posting{{Account: card.Account(), Amount: n}}, nil
}

// PunchCard is how far a member is with a card.
type PunchCard struct {
	Card   pos.Card
	Stamps int64 // on the card in hand, 0 to Size-1; negative where stamps were taken back that a reward had used
	Full   int64 // finished cards whose reward is still to come
}

// Count reads a punch card from the number of stamps held.
func Count(card pos.Card, stamps int64) PunchCard {
	if stamps < 0 {
		return PunchCard{Card: card, Stamps: stamps}
	}
	return PunchCard{Card: card, Stamps: stamps % card.Size, Full: stamps / card.Size}
}

// Earn decides the points for a sale on the day. No posting means that the sale
// is too small for a point.
func Earn(rule pos.PointsRule, amount pos.Money, day pos.Day) ([]pos.Posting, error) {
	if amount <= 0 {
		return nil, pos.Refuse("amount.positive")
	}
	if amount > pos.MaxSale {
		return nil, pos.Refuse("amount.large", "max", pos.MaxSale)
	}
	points := round(int64(amount)*rule.Earn, int64(rule.Per), rule.Round) // at most 10^18
	if points == 0 {
		return nil, nil
	}
	return []pos.Posting{{Account: pos.PointsAccount, Amount: points, Lot: lot(rule, day)}}, nil
}

// lot keeps points from any day of one month together: they end with a month,
// so a member has tens of lots and not one a visit.
func lot(rule pos.PointsRule, day pos.Day) pos.Lot {
	if rule.Months == 0 {
		return pos.Lot{}
	}
	first := pos.Day(int(day) - day.Midnight().Day() + 1)
	return pos.Lot{Until: first.AddMonths(rule.Months + 1)}
}

// round is the one place that makes whole points of a fraction. Both numbers are
// positive, numerator at most 10^18 and denominator at most 10^12.
func round(numerator, denominator int64, mode pos.Rounding) int64 {
	switch mode {
	case pos.RoundUp:
		return (numerator + denominator - 1) / denominator
	case pos.RoundNearest:
		return (2*numerator + denominator) / (2 * denominator)
	}
	return numerator / denominator
}

// Reward is a reward as one member can have it.
type Reward struct {
	Rule    pos.RewardRule
	Ready   int64 // how often the balance covers it
	Missing int64 // stamps or points still to go for the first one; 0 when ready
}

// Rewards returns the program's rewards for the sums, in the program's order.
func Rewards(p pos.Program, sums ledger.Sums, day pos.Day) []Reward {
	rewards := make([]Reward, len(p.Rewards))
	for i, rule := range p.Rewards {
		account, cost := price(p, rule)
		balance := sums.Balance(account, day)
		rewards[i] = Reward{Rule: rule, Ready: max(balance, 0) / cost, Missing: max(cost-balance, 0)}
	}
	return rewards
}

func price(p pos.Program, rule pos.RewardRule) (pos.Account, int64) {
	if card, ok := p.Card(rule.Card); ok {
		return card.Account(), card.Size
	}
	return pos.PointsAccount, int64(rule.Points)
}

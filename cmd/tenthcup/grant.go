package main

import (
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

type memberTagCmd struct {
	onTill
	byHand
	Code   string   `arg:"" help:"The member's code, alias or phone number."`
	Name   string   `arg:"" help:"The tag, as the program names it."`
	Until  *pos.Day `help:"The last day that it counts; for good if left out." placeholder:"2026-12-31" xor:"what"`
	Remove bool     `help:"Take the tag away." xor:"what"`
}

// Run gives a tag or takes it away.
func (m memberTagCmd) Run(c *call) error {
	return c.decided(m.Dir, m.Code, func(t *till, member station.Member) (station.Done, error) {
		if m.Remove {
			return t.station.Untag(m.Cashier, member.Profile.Holder, m.override(), m.Name)
		}
		return t.station.Tag(m.Cashier, member.Profile.Holder, m.override(), m.Name, dayIn(m.Until))
	})
}

type memberTierCmd struct {
	onTill
	byHand
	Code  string   `arg:"" help:"The member's code, alias or phone number."`
	Tier  string   `arg:"" help:"The tier, as the program names it."`
	Until *pos.Day `help:"The last day that it counts; for good if left out." placeholder:"2026-12-31"`
}

// Run gives a tier.
func (m memberTierCmd) Run(c *call) error {
	return c.decided(m.Dir, m.Code, func(t *till, member station.Member) (station.Done, error) {
		return t.station.Tier(m.Cashier, member.Profile.Holder, m.override(), m.Tier, dayIn(m.Until))
	})
}

func dayIn(day *pos.Day) pos.Day {
	if day == nil {
		return 0
	}
	return *day
}

type memberAdjustCmd struct {
	onTill
	byHand
	Code     string   `arg:"" help:"The member's code, alias or phone number."`
	Amount   string   `arg:"" help:"What is added: points, stamps with --card, money with --credit. To take, write -10 behind --."`
	Credit   bool     `help:"Store credit instead of points." xor:"account"`
	Card     string   `help:"Stamps on this punch card instead of points." placeholder:"CARD" xor:"account"`
	Until    *pos.Day `help:"The last day that it counts; as if it was earned today if left out." placeholder:"2026-12-31"`
	Key      string   `help:"Name of an import: under one name a member gets something once." placeholder:"TEXT"`
	Negative bool     `help:"Take more than there is." name:"allow-negative"`
}

// Run adds to one of the member's accounts, or takes from it.
func (m memberAdjustCmd) Run(c *call) error {
	return c.decided(m.Dir, m.Code, func(t *till, member station.Member) (station.Done, error) {
		account, amount, err := m.read(t)
		if err != nil {
			return station.Done{}, err
		}
		return t.station.Adjust(m.Cashier, member.Profile.Holder, m.override(), rules.Adjustment{
			Account: account, Amount: amount, Until: dayIn(m.Until), Key: m.Key, Negative: m.Negative,
		})
	})
}

// read returns the account that is meant and the amount in its unit.
func (m memberAdjustCmd) read(t *till) (pos.Account, int64, error) {
	if m.Credit {
		bare, minus := strings.CutPrefix(m.Amount, "-")
		amount, err := t.station.Currency.Parse(bare, '.')
		if err != nil {
			return "", 0, amountProblem(err, m.Amount, t.station.Currency)
		}
		if minus {
			amount = -amount
		}
		return pos.CreditAccount, int64(amount), nil
	}
	amount, err := strconv.ParseInt(m.Amount, 10, 64)
	if err != nil {
		return "", 0, pos.Refuse("grant.number", "text", m.Amount)
	}
	if m.Card == "" {
		return pos.PointsAccount, amount, nil
	}
	program, err := t.station.Program()
	if err != nil {
		return "", 0, err
	}
	card, ok := program.Card(m.Card)
	if !ok {
		return "", 0, pos.Refuse("stamp.card", "card", m.Card)
	}
	return card.Account(), amount, nil
}

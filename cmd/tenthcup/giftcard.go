package main

import (
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
)

type giftCmd struct {
	Sell    giftSellCmd    `cmd:"" help:"Sell a gift card."`
	Load    giftLoadCmd    `cmd:"" help:"Top up a gift card."`
	Balance giftBalanceCmd `cmd:"" help:"Show what is on a gift card."`
	Pay     giftPayCmd     `cmd:"" help:"Pay with a gift card."`
}

type giftSellCmd struct {
	onTill
	byCashier
	Amount string `arg:"" help:"What it is sold for, with a decimal point."`
	Code   string `help:"The code of a printed card; a new one if left out." placeholder:"CODE"`
}

// Run sells a gift card.
func (g giftSellCmd) Run(c *call) error {
	return c.gift(g.Dir, g.Amount, func(t *till, amount pos.Money) (station.Done, error) {
		return t.station.SellGiftCard(g.Cashier, amount, g.Code)
	})
}

type giftLoadCmd struct {
	onTill
	byCashier
	Code   string `arg:"" help:"The gift card's code."`
	Amount string `arg:"" help:"What is added, with a decimal point."`
}

// Run tops a gift card up.
func (g giftLoadCmd) Run(c *call) error {
	return c.gift(g.Dir, g.Amount, func(t *till, amount pos.Money) (station.Done, error) {
		return t.station.LoadGiftCard(g.Cashier, g.Code, amount)
	})
}

type giftPayCmd struct {
	onTill
	byCashier
	maybeManager
	Code    string `arg:"" help:"The gift card's code."`
	Amount  string `arg:"" help:"What is paid, with a decimal point."`
	Receipt string `help:"The sale's number: the same receipt twice counts once." placeholder:"NUMBER"`
}

// Run pays with a gift card.
func (g giftPayCmd) Run(c *call) error {
	return c.gift(g.Dir, g.Amount, func(t *till, amount pos.Money) (station.Done, error) {
		card, err := t.station.GiftCard(g.Code)
		if err != nil {
			return station.Done{}, err
		}
		sale := pos.Sale{Receipt: pos.CleanName(g.Receipt), Amount: amount}
		return t.station.Pay(g.Cashier, card.Profile.Holder, station.Paying{Sale: sale, Amount: amount, Override: g.override()})
	})
}

// maybeManager is embedded by the commands that a manager may allow.
type maybeManager struct {
	Manager pos.CashierID `help:"Which manager allows what the till would refuse." placeholder:"ID"`
	PIN     string        `help:"The manager's PIN." name:"pin" placeholder:"PIN"`
	Reason  string        `help:"Why the manager allows it." placeholder:"TEXT"`
}

func (m maybeManager) override() *station.Override {
	if m.Manager == "" {
		return nil
	}
	return &station.Override{Manager: m.Manager, PIN: m.PIN, Reason: m.Reason}
}

type payCmd struct {
	onTill
	byCashier
	maybeManager
	Code    string `arg:"" help:"The member's code, alias or phone number."`
	Amount  string `arg:"" help:"What is paid with store credit, with a decimal point."`
	Receipt string `help:"The sale's number: the same receipt twice counts once." placeholder:"NUMBER"`
}

// Run pays with a member's credit.
func (p payCmd) Run(c *call) error {
	return c.decided(p.Dir, p.Code, func(t *till, m station.Member) (station.Done, error) {
		amount, err := t.amount(p.Amount)
		if err != nil {
			return station.Done{}, err
		}
		sale := pos.Sale{Receipt: pos.CleanName(p.Receipt), Amount: amount}
		return t.station.Pay(p.Cashier, m.Profile.Holder, station.Paying{Sale: sale, Amount: amount, Override: p.override()})
	})
}

// amount reads what a person typed.
func (t *till) amount(text string) (pos.Money, error) {
	amount, err := t.station.Currency.Parse(text, '.')
	if err != nil {
		return 0, amountProblem(err, text, t.station.Currency)
	}
	return amount, nil
}

// gift does something with an amount to a gift card and prints what is on it then.
func (c *call) gift(dir, text string, do func(*till, pos.Money) (station.Done, error)) error {
	return c.withTill(dir, func(t *till) error {
		amount, err := t.amount(text)
		if err != nil {
			return err
		}
		done, err := do(t, amount)
		if err != nil {
			return err
		}
		card, err := t.station.GiftCard(done.Member.Profile.Code())
		if err != nil {
			return err
		}
		lines := []string{c.words.T("done."+string(done.Record.Entry.Kind), "number", done.Record.Number), c.giftText(card)}
		document := struct {
			Entry entryJSON `json:"entry"`
			giftJSON
		}{doneDocument(done).Entry, giftDocument(card)}
		return c.print(document, strings.Join(lines, "\n"))
	})
}

type giftBalanceCmd struct {
	onTill
	Code string `arg:"" help:"The gift card's code."`
}

// Run shows what is on a gift card.
func (g giftBalanceCmd) Run(c *call) error {
	return c.withTill(g.Dir, func(t *till) error {
		card, err := t.station.GiftCard(g.Code)
		if err != nil {
			return err
		}
		return c.print(giftDocument(card), c.giftText(card))
	})
}

// giftJSON is a gift card as scripts read it.
type giftJSON struct {
	Code    string    `json:"code"`
	Balance pos.Money `json:"balance"`
	Until   pos.Day   `json:"until,omitzero"`
}

func giftDocument(card station.GiftCard) giftJSON {
	return giftJSON{card.Profile.Code(), card.Balance, card.Until}
}

func (c *call) giftText(card station.GiftCard) string {
	shown := code.Group(card.Profile.Code())
	if card.Until == 0 {
		return c.words.T("giftcard.balance", "code", shown, "amount", card.Balance)
	}
	return c.words.T("giftcard.until", "code", shown, "amount", card.Balance, "day", card.Until)
}

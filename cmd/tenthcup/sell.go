package main

import (
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

type sellCmd struct {
	onTill
	byCashier
	goods
	Code   string `arg:"" help:"The member's code, alias or phone number."`
	Coupon string `help:"A coupon that was shown." placeholder:"CODE"`
}

// Run books a sale.
func (s sellCmd) Run(c *call) error {
	return c.decided(s.Dir, s.Code, func(t *till, m station.Member) (station.Done, error) {
		sale, err := s.sale(t)
		if err != nil {
			return station.Done{}, err
		}
		return t.station.SellWith(s.Cashier, m.Profile.Holder, sale, s.Coupon)
	})
}

// goods is embedded by the commands about a sale.
type goods struct {
	Item     []string `help:"What was bought, from the item list; x3 behind it is three of it." placeholder:"ID[x3]" sep:"none"`
	Amount   string   `help:"What was paid, with a decimal point; with --item, for what is not in the list." placeholder:"12.50"`
	Category string   `help:"What --amount was paid for." placeholder:"NAME"`
	Receipt  string   `help:"The sale's number: the same receipt twice counts once." placeholder:"NUMBER"`
}

// sale returns what was bought.
func (s goods) sale(t *till) (sale pos.Sale, err error) {
	sale.Receipt = pos.CleanName(s.Receipt)
	for _, text := range s.Item {
		id, quantity := quantityOf(text)
		item, err := t.station.Item(id)
		if err != nil {
			return sale, err
		}
		sale.Lines = append(sale.Lines, item.Line(quantity))
	}
	switch {
	case s.Amount == "" && s.Category != "":
		return sale, pos.Refuse("sell.category")
	case s.Amount == "" && len(sale.Lines) == 0:
		return sale, pos.Refuse("sell.nothing")
	case s.Amount == "":
		return sale, nil
	}
	amount, err := t.amount(s.Amount)
	if err != nil {
		return sale, err
	}
	if s.Category == "" && len(sale.Lines) == 0 {
		sale.Amount = amount
		return sale, nil
	}
	sale.Lines = append(sale.Lines, pos.Line{Category: pos.CleanName(s.Category), Quantity: 1, Price: amount})
	return sale, nil
}

// quantityOf reads "17x3": three of item 17. An id may have an x of its own.
func quantityOf(text string) (id string, quantity int64) {
	at := strings.LastIndexByte(text, 'x')
	if at > 0 {
		if n, err := strconv.ParseUint(text[at+1:], 10, 31); err == nil {
			return text[:at], int64(n)
		}
	}
	return text, 1
}

// whyJSON is a line of why something gave what it gave, as scripts read it.
type whyJSON struct {
	Account pos.Account `json:"account,omitempty"`
	Amount  int64       `json:"amount"`
	Rule    string      `json:"rule,omitempty"`
	Text    string      `json:"text,omitempty"` // none for what the rules only count
}

// whyDocument returns all lines.
func (c *call) whyDocument(because []rules.Because) []whyJSON {
	lines := make([]whyJSON, len(because))
	for i, b := range because {
		lines[i] = whyJSON{b.Account, b.Amount, b.Rule, c.whyText(b)}
	}
	return lines
}

// whyText is a line in words, or "" if it is none for people.
func (c *call) whyText(b rules.Because) string {
	if b.Key == "" {
		return ""
	}
	text := c.words.Error(&pos.Problem{Key: b.Key, Args: b.Args})
	if b.Amount == 0 {
		return text
	}
	return c.accountText(b.Account, b.Amount) + ": " + text
}

// accountText is an amount with its unit.
func (c *call) accountText(account pos.Account, amount int64) string {
	switch account.Class() {
	case "points":
		return c.words.T("show.points", "n", amount)
	case "credit":
		return c.words.Money(pos.Money(amount))
	case "stamp":
		return c.words.T("exceptions.stamps", "n", amount)
	}
	return c.words.Number(amount) + " " + string(account)
}

// decided looks the member up, does something and prints what came of it, and why.
func (c *call) decided(dir, text string, do func(*till, station.Member) (station.Done, error)) error {
	return c.withTill(dir, func(t *till) error {
		member, err := t.one(text)
		if err != nil {
			return err
		}
		done, err := do(t, member)
		if err != nil {
			return err
		}
		return c.printDecided(done)
	})
}

func (c *call) printDecided(done station.Done) error {
	lines := []string{c.words.T("done."+string(done.Record.Entry.Kind), "name", done.Member.Profile.Name, "number", done.Record.Number)}
	for _, b := range done.Because {
		if text := c.whyText(b); text != "" {
			lines = append(lines, "  "+text)
		}
	}
	document := struct {
		doneJSON
		Why []whyJSON `json:"why"`
		Off pos.Money `json:"off,omitempty"` // of a reward: what comes off the sale, in minor units
	}{doneDocument(done), c.whyDocument(done.Because), done.Off}
	return c.print(document, strings.Join(append(lines, c.memberText(done.Member)), "\n"))
}

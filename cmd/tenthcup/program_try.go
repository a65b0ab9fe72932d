package main

import (
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/program"
)

type programTryCmd struct {
	aboutPrograms
	File     string           `arg:"" help:"The program's document, the name of a sample, or 'now' for what decides at this till."`
	Sale     string           `help:"What the sale comes to, with a decimal point." placeholder:"12.50"`
	Item     []string         `help:"A line of the sale: its item, category, quantity and price. The first two may be empty." placeholder:"ID:CATEGORY:QTY:PRICE" sep:"none"`
	Coupon   string           `help:"A coupon that is shown." placeholder:"ID"`
	Redeem   string           `help:"A reward that is handed out with the sale." placeholder:"REWARD"`
	Choice   string           `help:"The item that the member picks." placeholder:"ITEM"`
	Points   int64            `help:"Points that the member has."`
	Credit   string           `help:"Credit that the member has." placeholder:"AMOUNT"`
	Card     map[string]int64 `help:"Stamps that the member has." placeholder:"CARD=N"`
	Tier     []string         `help:"A tier that the member has." placeholder:"ID"`
	Plan     []string         `help:"A membership that the member has." placeholder:"ID"`
	Tag      []string         `help:"A tag that the member has." placeholder:"TAG"`
	Switch   []string         `help:"A switch that is on." placeholder:"NAME"`
	Birthday string           `help:"The member's birthday." placeholder:"MM-DD"`
	At       string           `help:"When, by the shop's clock; a Wednesday in March at noon if left out." placeholder:"2026-12-24 16:30"`
}

// Run shows what a sale would give, and take where a reward is handed out with it.
func (t programTryCmd) Run(c *call) error {
	r, err := t.reader(c, t.File)
	if err != nil {
		return err
	}
	p, err := r.mustRead(t.File)
	if err != nil {
		return err
	}
	example, err := t.example()
	if err == nil {
		err = p.CheckExample(&example, r.currency)
	}
	if err != nil {
		return err
	}
	tried, err := program.Try(&p, example.Given, example.When)
	if err != nil {
		return err
	}
	return c.print(r.triedJSON(tried), r.triedText(tried))
}

// example returns what the flags say.
func (t programTryCmd) example() (pos.Example, error) {
	e := pos.Example{Name: "try"}
	e.Given.Points, e.Given.Credit.Text, e.Given.Cards = &t.Points, t.Credit, t.Card
	e.Given.Tiers, e.Given.Plans, e.Given.Tags, e.Given.Switches = t.Tier, t.Plan, t.Tag, t.Switch
	e.Given.Birthday, e.When.Coupon, e.When.Sale.Text = t.Birthday, t.Coupon, t.Sale
	e.When.Redeem, e.When.Choice = t.Redeem, t.Choice
	if t.At != "" {
		if err := e.Given.At.UnmarshalText([]byte(t.At)); err != nil {
			return e, err
		}
	}
	for _, text := range t.Item {
		parts := strings.Split(text, ":")
		if len(parts) != 4 {
			return e, pos.Refuse("program.item", "text", text)
		}
		quantity, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return e, pos.Refuse("program.item", "text", text)
		}
		line := pos.ExampleLine{Item: parts[0], Category: parts[1], Quantity: quantity, Price: pos.Amount{Text: parts[3]}}
		e.When.Lines = append(e.When.Lines, line)
	}
	return e, nil
}

func (r reader) triedText(tried program.Tried) string {
	gives := r.words.T("program.gives.nothing")
	if len(tried.Gives) > 0 {
		gives = r.words.T("program.gives.all", "gives", tried.Gives)
	}
	lines := []string{gives}
	for _, reason := range tried.Because {
		text := r.words.Say(reason.Says)
		if reason.Gives.Key != "" {
			text = r.words.T("program.amount", "text", text, "gives", reason.Gives)
		}
		if reason.Rule != "" {
			text = r.words.T("program.because", "rule", reason.Rule, "text", text)
		}
		lines = append(lines, "  "+text)
	}
	return strings.Join(lines, "\n")
}

func (r reader) triedJSON(tried program.Tried) map[string]any {
	because := make([]map[string]any, len(tried.Because))
	for i, reason := range tried.Because {
		because[i] = map[string]any{"rule": reason.Rule, "account": reason.Of, "amount": reason.Amount, "text": r.words.Say(reason.Says)}
	}
	return map[string]any{"gives": r.say(tried.Gives), "because": because}
}

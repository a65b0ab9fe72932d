package main

import (
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

type returnCmd struct {
	onTill
	byCashier
	Receipt string        `help:"The sale, by its receipt number." xor:"sale" required:"" placeholder:"NUMBER"`
	Entry   string        `help:"The sale, if it has no receipt number, by its entry: the number on this till, or the id." xor:"sale" required:"" placeholder:"ENTRY"`
	Member  string        `help:"Who brings it back, by code, alias or phone number; whoever it was sold to if left out." placeholder:"CODE"`
	Amount  string        `help:"Goods for so much, with a decimal point; all that is left of the sale if neither this nor a line is given." xor:"part" placeholder:"12.50"`
	Line    []string      `help:"A line of the sale, and how many units of it; all if left out." xor:"part" placeholder:"N[:UNITS]"`
	Reason  string        `help:"Why." placeholder:"TEXT"`
	Manager pos.CashierID `help:"Which manager allows what the till would refuse." placeholder:"ID"`
	PIN     string        `help:"The manager's PIN." name:"pin" placeholder:"PIN"`
}

// Run takes a sale back, whole or in part.
func (r returnCmd) Run(c *call) error {
	return c.withTill(r.Dir, func(t *till) error {
		ask, err := r.ask(t)
		if err != nil {
			return err
		}
		done, err := t.station.Return(r.Cashier, ask)
		if err != nil {
			return err
		}
		return c.print(returnDocument(done), c.returnText(done))
	})
}

// ask reads the flags.
func (r returnCmd) ask(t *till) (ask station.ReturnAsk, err error) {
	ask = station.ReturnAsk{Receipt: r.Receipt, Reason: r.Reason, Override: station.Override{Manager: r.Manager, PIN: r.PIN}}
	if r.Entry != "" {
		if ask.Entry, err = t.entryID(r.Entry); err != nil {
			return ask, pos.Refuse("return.elsewhere")
		}
	}
	if r.Member != "" {
		member, err := t.one(r.Member)
		if err != nil {
			return ask, err
		}
		ask.Holder = member.Profile.Holder
	}
	if r.Amount != "" {
		if ask.Part.Amount, err = t.station.Currency.Parse(r.Amount, '.'); err != nil {
			return ask, amountProblem(err, r.Amount, t.station.Currency)
		}
		if ask.Part.Amount == 0 {
			return ask, pos.Refuse("amount.positive")
		}
	}
	for _, text := range r.Line {
		units, err := readUnits(text)
		if err != nil {
			return ask, err
		}
		ask.Part.Lines = append(ask.Part.Lines, units)
	}
	return ask, nil
}

// readUnits reads "2", all of the second line, or "2:3", three units of it.
func readUnits(text string) (rules.Units, error) {
	line, units, some := strings.Cut(text, ":")
	n, err := strconv.Atoi(line)
	u := rules.Units{Line: n}
	if err == nil && some {
		if u.Units, err = strconv.ParseInt(units, 10, 64); u.Units < 1 {
			n = 0
		}
	}
	if err != nil || n < 1 {
		return u, pos.Refuse("return.which", "text", text)
	}
	return u, nil
}

type returnJSON struct {
	Entries []entryJSON `json:"entries"`
	Value   pos.Money   `json:"value"`  // of what came back, in minor units
	Left    pos.Money   `json:"left"`   // of the sale
	Keep    pos.Money   `json:"keep"`   // of the money, for what is spent already
	Refund  pos.Money   `json:"refund"` // to hand over
	Member  *memberJSON `json:"member,omitempty"`
}

func returnDocument(done station.TakenBack) returnJSON {
	document := returnJSON{Value: done.Value, Left: done.Left, Keep: done.Keep, Refund: done.Refund}
	for _, r := range done.Records {
		document.Entries = append(document.Entries, entryDocument(r))
	}
	if done.Member.Profile.Holder != (pos.HolderID{}) {
		member := memberDocument(done.Member)
		document.Member = &member
	}
	return document
}

// returnText says what came back, what of the money is kept, and how the member
// stands.
func (c *call) returnText(done station.TakenBack) string {
	lines := []string{c.words.T("return.done", "value", done.Value, "left", done.Left, "number", done.Records[0].Number), c.words.T("back.give", "amount", done.Refund)}
	if done.Keep > 0 {
		lines = append(lines, c.words.T("return.keep", "amount", done.Keep))
	}
	if done.Member.Profile.Holder != (pos.HolderID{}) {
		lines = append(lines, c.memberText(done.Member))
	}
	return strings.Join(lines, "\n")
}

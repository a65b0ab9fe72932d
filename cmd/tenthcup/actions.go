package main

import (
	"errors"
	"strconv"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// byCashier is embedded by the commands that write an entry.
type byCashier struct {
	Cashier pos.CashierID `help:"Who does it." placeholder:"ID"`
}

type stampCmd struct {
	onTill
	byCashier
	maybeManager
	Code   string `arg:"" help:"The member's code, alias or phone number."`
	Number int64  `help:"How many stamps." short:"n" default:"1"`
	Card   string `help:"Which punch card; the program's first if left out." placeholder:"CARD"`
}

// Run stamps.
func (s stampCmd) Run(c *call) error {
	return c.act(s.Dir, s.Code, func(t *till, m station.Member) (station.Done, error) {
		if o := s.override(); o != nil {
			return t.station.StampOverride(s.Cashier, m.Profile.Holder, s.Card, s.Number, *o)
		}
		return t.station.Stamp(s.Cashier, m.Profile.Holder, s.Card, s.Number)
	})
}

type earnCmd struct {
	onTill
	byCashier
	Code   string `arg:"" help:"The member's code, alias or phone number."`
	Amount string `help:"What was paid, with a decimal point." required:"" placeholder:"12.50"`

	Receipt string `help:"The sale's number: the same receipt twice earns once." placeholder:"NUMBER"`
}

// Run gives points for a sale.
func (e earnCmd) Run(c *call) error {
	return c.act(e.Dir, e.Code, func(t *till, m station.Member) (station.Done, error) {
		amount, err := t.station.Currency.Parse(e.Amount, '.')
		if err != nil {
			return station.Done{}, amountProblem(err, e.Amount, t.station.Currency)
		}
		return t.station.Sell(e.Cashier, m.Profile.Holder, pos.Sale{Amount: amount, Receipt: e.Receipt})
	})
}

// amountProblem says in words why the text is not an amount.
func amountProblem(err error, text string, currency pos.Currency) error {
	switch {
	case errors.Is(err, pos.ErrTooLarge):
		return pos.Refuse("amount.large", "max", pos.MaxSale)
	case errors.Is(err, pos.ErrTooPrecise):
		return pos.Refuse("amount.precise", "text", text, "currency", currency.Code)
	}
	return pos.Refuse("amount.number", "text", text, "decimal", ".")
}

type redeemCmd struct {
	onTill
	byCashier
	maybeManager
	goods
	Code   string `arg:"" help:"The member's code, alias or phone number."`
	Reward string `arg:"" help:"Which reward of the program."`
	Count  int64  `help:"How many of it." short:"n" placeholder:"N" xor:"count"`
	Points int64  `help:"How many points are exchanged; as many as can be if left out." placeholder:"N" xor:"count"`
	Choice string `help:"The item that the member chose." placeholder:"ID"`
	Coupon string `help:"The coupon that was shown for it." placeholder:"CODE"`
}

// Run hands out a reward.
func (r redeemCmd) Run(c *call) error {
	return c.decided(r.Dir, r.Code, func(t *till, m station.Member) (station.Done, error) {
		claim, err := r.claim(t)
		if err != nil {
			return station.Done{}, err
		}
		if o := r.override(); o != nil {
			return t.station.ClaimOverride(r.Cashier, m.Profile.Holder, claim, *o)
		}
		return t.station.Claim(r.Cashier, m.Profile.Holder, claim)
	})
}

// claim returns what is asked for, and the sale that it is asked for with, if any.
func (r redeemCmd) claim(t *till) (rules.Claim, error) {
	claim := rules.Claim{Reward: r.Reward, Count: r.Count + r.Points, Choice: r.Choice, Coupon: r.Coupon}
	if r.Amount == "" && r.Category == "" && r.Receipt == "" && len(r.Item) == 0 {
		return claim, nil
	}
	sale, err := r.sale(t)
	claim.Sale = &sale
	return claim, err
}

type voidCmd struct {
	onTill
	byCashier
	Entry  string `arg:"" help:"The entry: its number on this till, or its id."`
	Reason string `help:"Why." required:"" placeholder:"TEXT"`
}

// Run takes an entry back.
func (v voidCmd) Run(c *call) error {
	return c.withTill(v.Dir, func(t *till) error {
		id, err := t.entryID(v.Entry)
		if err != nil {
			return err
		}
		done, err := t.station.Void(v.Cashier, id, v.Reason)
		if err != nil {
			return err
		}
		return c.print(doneDocument(done), c.words.T("done.void", "name", done.Member.Profile.Name, "number", done.Record.Number)+"\n"+c.memberText(done.Member))
	})
}

// entryID reads an entry's number on this till, or its id.
func (t *till) entryID(text string) (pos.EntryID, error) {
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		id, err := pos.ParseEntryID(text)
		if err != nil {
			return id, pos.Refuse("void.unknown")
		}
		return id, nil
	}
	var id pos.EntryID
	err = t.db.Last(func(r station.Record) bool { // what is taken back is near the end
		if r.Number == number {
			id = r.Entry.ID
		}
		return r.Number > number
	})
	if err == nil && id.IsZero() {
		err = pos.Refuse("void.unknown")
	}
	return id, err
}

// act looks the member up, does something and prints it.
func (c *call) act(dir, text string, do func(*till, station.Member) (station.Done, error)) error {
	return c.withTill(dir, func(t *till) error {
		member, err := t.one(text)
		if err != nil {
			return err
		}
		done, err := do(t, member)
		if err != nil {
			return err
		}
		sentence := c.words.T("done."+string(done.Record.Entry.Kind), "name", member.Profile.Name, "number", done.Record.Number)
		return c.print(doneDocument(done), sentence+"\n"+c.memberText(done.Member))
	})
}

// entryJSON is an entry as scripts read it.
type entryJSON struct {
	ID     pos.EntryID           `json:"id"`
	Number uint64                `json:"number"` // on this till
	Kind   pos.Kind              `json:"kind"`
	At     string                `json:"at"`
	Day    pos.Day               `json:"day"`
	Amount map[pos.Account]int64 `json:"postings,omitempty"`
}

type doneJSON struct {
	Entry  entryJSON  `json:"entry"`
	Member memberJSON `json:"member"`
}

// memberJSON is a member as scripts read it.
type memberJSON struct {
	pos.Profile
	Code    string           `json:"code"`
	Stamps  map[string]int64 `json:"stamps,omitempty"`     // on the card in hand, by card
	Full    map[string]int64 `json:"full_cards,omitempty"` // by card
	Points  *pos.Points      `json:"points,omitempty"`
	Rewards map[string]int64 `json:"rewards"` // how often each is ready
	AsOf    string           `json:"as_of,omitempty"`
	Waiting int              `json:"not_counted_by_server"`
}

func doneDocument(done station.Done) doneJSON {
	return doneJSON{Entry: entryDocument(done.Record), Member: memberDocument(done.Member)}
}

func entryDocument(r station.Record) entryJSON {
	e, amounts := r.Entry, map[pos.Account]int64{}
	for _, p := range e.Postings {
		amounts[p.Account] += p.Amount
	}
	return entryJSON{e.ID, r.Number, e.Kind, e.Time().Format("2006-01-02T15:04:05.000Z07:00"), e.Day, amounts}
}

func memberDocument(m station.Member) memberJSON {
	document := memberJSON{
		Profile: m.Profile, Code: m.Profile.Code(), Points: m.Points, Waiting: m.Unmerged,
		Stamps: map[string]int64{}, Full: map[string]int64{}, Rewards: map[string]int64{},
	}
	for _, card := range m.Cards {
		document.Stamps[card.Card.ID], document.Full[card.Card.ID] = card.Stamps, card.Full
	}
	for _, r := range m.Rewards {
		document.Rewards[r.Rule.ID] = r.Ready
	}
	if !m.AsOf.IsZero() {
		document.AsOf = m.AsOf.UTC().Format("2006-01-02T15:04:05Z")
	}
	return document
}

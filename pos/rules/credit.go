package rules

import (
	"errors"
	"strings"

	"tenthcup/pos"
)

// Payment is a sale, or a part of it, that is to be paid with the credit of a
// member or of a gift card.
type Payment struct {
	Sale   *pos.Sale // as pos.Sale.Checked gives it, with what was paid so far; discounts come first
	Amount pos.Money // to be paid at most; 0 is all that there is and that is due
	Card   bool      // the holder is a gift card
}

// Paid is what a payment takes.
type Paid struct {
	Decision
	By     *pos.By
	Amount pos.Money
	Sale   *pos.Sale // with the payment
}

// Pay decides a payment with account "credit" of the holder. It is never more than
// what is left to pay of the sale; an amount above the balance is refused. Offline
// it takes a lease or a floor, as any redemption.
func Pay(p *pos.Program, ask Payment, known Knowledge, day pos.Day) (Paid, error) {
	c, err := ask.charge(p)
	if err != nil {
		return Paid{}, err
	}
	if ask.Amount == 0 {
		c.Amount = min(c.Amount, max(known.Sums.Balance(pos.CreditAccount, day), 1))
	}
	postings, by, err := fund(p, c, known, day)
	if reach := c.reach(known, day); ask.Amount == 0 && beyondReach(err) && reach > 0 {
		c.Amount = min(c.Amount, reach)
		postings, by, err = fund(p, c, known, day)
	}
	if err != nil {
		return Paid{}, ofCredit(err)
	}
	return ask.active(p, ask.paid(c, postings, by), known, day)
}

// PayAnyway decides a payment that a manager allows against the rules: the amount
// of the ask, or all that is due.
func PayAnyway(p *pos.Program, ask Payment, known Knowledge, day pos.Day) (Paid, error) {
	c, err := ask.charge(p)
	if err != nil {
		return Paid{}, err
	}
	return ask.active(p, ask.paid(c, c.anyway(known, day), nil), known, day)
}

// charge returns what is to be paid at most.
func (ask Payment) charge(p *pos.Program) (c charge, err error) {
	switch {
	case ask.Card && p.GiftCards == nil, !ask.Card && p.Credit == nil:
		return c, pos.Refuse("pay.none")
	case ask.Amount < 0:
		return c, pos.Refuse("amount.positive")
	case ask.Sale == nil:
		return c, pos.Refuse("pay.sale")
	}
	due := unpaid(ask.Sale)
	c = charge{short: creditShort, piece: 1, most: pos.NoLimit}
	if ask.Card {
		c.floor, c.budget = int64(p.GiftCards.Floor.Minor), int64(p.GiftCards.Budget.Minor)
	} else {
		c.floor, c.budget = int64(p.Credit.Floor.Minor), int64(p.Credit.Budget.Minor)
		if percent := p.Credit.MostPercent; percent.Given() {
			due = min(due, max(percentOf(ask.Sale.Amount, percent)-paidWith(ask.Sale, pos.WithCredit), 0))
		}
	}
	if due == 0 {
		return c, pos.Refuse("pay.nothing")
	}
	wanted := due
	if ask.Amount > 0 {
		wanted = min(due, ask.Amount)
	}
	c.Price = Price{pos.CreditAccount, int64(wanted)}
	return c, nil
}

func paidWith(sale *pos.Sale, with string) (amount pos.Money) {
	for _, paid := range sale.Paid {
		if paid.With == with {
			amount += paid.Amount
		}
	}
	return amount
}

func (ask Payment) paid(c charge, postings []pos.Posting, by *pos.By) Paid {
	after := *ask.Sale
	with := pos.WithCredit
	if ask.Card {
		with = pos.WithCard
	}
	amount := pos.Money(c.Amount)
	after.Paid = append(append([]pos.Payment(nil), ask.Sale.Paid...), pos.Payment{With: with, Amount: amount})
	why := Because{Account: pos.CreditAccount, Amount: -c.Amount, Key: "why.reward.paid", Args: map[string]any{"amount": amount}}
	return Paid{Decision{Postings: postings, Because: []Because{why}}, by, amount, &after}
}

// active notes that the member was active. A gift card has nothing that would end
// otherwise.
func (ask Payment) active(p *pos.Program, paid Paid, known Knowledge, day pos.Day) (Paid, error) {
	if ask.Card {
		return paid, nil
	}
	d := deciding{p: p, Decision: paid.Decision, ask: Ask{Day: day, Facts: func(name string) int64 {
		return int64(known.Sums.Run(pos.Account(strings.TrimPrefix(name, FactRun)), day))
	}}}
	err := d.active()
	paid.Decision = d.Decision
	return paid, err
}

// ofCredit says in the words of a payment what stops it.
func ofCredit(err error) error {
	problem, ok := errors.AsType[*pos.Problem](err)
	switch {
	case !ok:
		return err
	case problem.Key == creditShort:
		missing, _ := problem.Args["n"].(int64)
		return pos.Refuse(creditShort, "amount", pos.Money(missing))
	case payments[problem.Key] != "":
		return &pos.Problem{Key: payments[problem.Key], Args: problem.Args}
	}
	return err
}

// creditShort says that there is less credit than was asked for.
const creditShort = "pay.short"

// payments are the refusals of a redemption as those of a payment.
var payments = map[string]string{
	"redeem.lent": "pay.lent", "redeem.floor": "pay.floor", "redeem.budget": "pay.budget",
	"redeem.stale": "pay.stale", "redeem.frozen": "pay.frozen", "redeem.restored": "pay.restored",
}

// What Ask.Event says of a Load.
const (
	LoadSold  = "sold"   // a new gift card
	LoadTopUp = "top-up" // one that was sold before
)

// cardSold says of a gift card that it was sold. It never ends: a card that is
// empty cannot be sold again.
const cardSold = pos.Account("use:gift-card/sold")

// Load decides that a gift card is sold or topped up, as Ask.Event says, with
// Ask.Count minor units.
func Load(p *pos.Program, ask Ask) (Decision, error) {
	return decide(p, ask, (*deciding).load)
}

func (d *deciding) load() error {
	d.giftCard = true
	rule, amount := d.p.GiftCards, pos.Money(d.ask.Count)
	if rule == nil {
		return pos.Refuse("pay.none")
	}
	most := pos.MaxSale
	if rule.Most.Given() {
		most = rule.Most.Minor
	}
	sold := d.balance(cardSold) > 0
	switch {
	case d.ask.Event == LoadSold && sold:
		return pos.Refuse("load.sold")
	case d.ask.Event != LoadSold && !sold:
		return pos.Refuse("load.unsold")
	case amount < max(rule.Least.Minor, 1) || amount > most:
		return pos.Refuse("load.amount", "least", max(rule.Least.Minor, 1), "most", most)
	}
	if !sold {
		if err := d.post(Because{Account: cardSold, Amount: 1}, pos.Lot{}); err != nil {
			return err
		}
	}
	lot := pos.Lot{}
	if rule.Months > 0 {
		lot.Until = pos.FirstOf(d.p.Calendar, d.ask.Day, rule.Months+1)
	}
	return d.post(Because{Account: pos.CreditAccount, Amount: int64(amount), Key: "why.reward.loaded", Args: map[string]any{"amount": amount}}, lot)
}

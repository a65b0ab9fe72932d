package report

import (
	"cmp"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// Z is a Z-report: a shift, and what it did to what members hold. Of a shift that
// is still open it is an X-report: the same figures.
type Z struct {
	Number   int            `json:"number"`          // of the terminal's day ends, from 1: the one that closes the shift
	Closed   time.Time      `json:"closed,omitzero"` // zero while the shift is open
	ClosedBy pos.CashierID  `json:"closed_by,omitempty"`
	Day      pos.Day        `json:"day"` // the shop's, when it was closed, or is it
	Terminal pos.TerminalID `json:"terminal"`
	Shift
	Values  []Value `json:"values"`  // in the order of Classes, of those that there is anything of
	Given   []Given `json:"given"`   // rewards handed out, in the order in which they first were
	Sold    []Sold  `json:"sold"`    // gift cards, cards in advance, memberships, likewise
	Counted bool    `json:"counted"` // Expired, Held and Worth of Values are known
	// AsOf is how old the oldest of what members hold may be: when this till last
	// heard from the centre. Zero where there is no centre, and all is exact.
	AsOf time.Time `json:"as_of,omitzero"`
}

// Value is what a shift did to one class of accounts, in points, minor units of
// money, stamps or vouchers. What was held before and Issued - Spent - Expired -
// Reversed make what is held after it, at a till that knows all entries.
type Value struct {
	Class    string    `json:"class"`
	Issued   int64     `json:"issued"`
	Spent    int64     `json:"spent"`
	Expired  int64     `json:"expired"`  // ended during the shift, as far as this till knows
	Reversed int64     `json:"reversed"` // taken back, less what was given back of what had been spent
	Held     int64     `json:"held"`     // by all members that this till knows, at the end
	Worth    pos.Money `json:"worth"`    // of Held, in minor units; 0 where the program does not say
}

// Classes are the classes of accounts that hold value, in the order in which they
// are reported.
var Classes = []string{"points", "credit", "stamp", "reward"}

// Given is a reward that was handed out.
type Given struct {
	Reward string    `json:"reward"`
	Count  int64     `json:"count"`
	Off    pos.Money `json:"off"` // taken off sales for it, in minor units; 0 where it is no money
}

// What Sold.What says.
const (
	SoldGiftCard   = "gift-card"
	LoadedGiftCard = "gift-card-load"
	SoldCard       = "card" // a punch card in advance
	SoldPlan       = "plan" // a paid membership, or another term of it
)

// Sold is something that was sold which is no sale of goods.
type Sold struct {
	What   string    `json:"what"`
	ID     string    `json:"id,omitempty"` // of the card or membership in the program
	Count  int       `json:"count"`
	Amount pos.Money `json:"amount"` // in minor units
}

// SawOff is the fact of a redemption that says what the cashier took off the sale.
const SawOff = "off"

// Add counts one more entry, in the order in which they were written.
func (z *Z) Add(e pos.Entry) {
	z.Shift.Add(e)
	switch e.Kind {
	case pos.Redeemed:
		z.give(e)
	case pos.Loaded, pos.Joined:
		z.sell(e)
	case pos.Moved, pos.Merged: // from one holder to another: nothing is issued or spent
		return
	}
	for _, p := range e.Postings {
		if !p.Account.Value() {
			continue
		}
		v := z.value(p.Account.Class())
		switch {
		case p.Of != nil, e.Kind == pos.Granted && p.Amount < 0: // a correction by hand spends nothing
			v.Reversed -= p.Amount
		case p.Amount > 0:
			v.Issued += p.Amount
		default:
			v.Spent -= p.Amount
		}
	}
}

// value returns the class's row, which it adds where there is none.
func (z *Z) value(class string) *Value {
	at, found := slices.BinarySearchFunc(z.Values, class, func(v Value, class string) int {
		return cmp.Compare(slices.Index(Classes, v.Class), slices.Index(Classes, class))
	})
	if !found {
		z.Values = slices.Insert(z.Values, at, Value{Class: class})
	}
	return &z.Values[at]
}

func (z *Z) give(e pos.Entry) {
	at := slices.IndexFunc(z.Given, func(g Given) bool { return g.Reward == e.Reward })
	if at < 0 {
		at = len(z.Given)
		z.Given = append(z.Given, Given{Reward: e.Reward})
	}
	z.Given[at].Count++
	z.Given[at].Off += pos.Money(e.Saw[SawOff])
}

// sell counts a gift card, a card in advance or a membership. A membership that is
// paused or ended is not sold.
func (z *Z) sell(e pos.Entry) {
	s := Sold{What: SoldPlan, ID: e.Reward}
	switch {
	case e.Sale == nil:
		return
	case e.Kind == pos.Loaded && e.Count == 0:
		s.What = SoldCard
	case e.Kind == pos.Loaded && e.Reward == rules.LoadSold:
		s.What, s.ID = SoldGiftCard, ""
	case e.Kind == pos.Loaded:
		s.What, s.ID = LoadedGiftCard, ""
	}
	at := slices.IndexFunc(z.Sold, func(o Sold) bool { return o.What == s.What && o.ID == s.ID })
	if at < 0 {
		at = len(z.Sold)
		z.Sold = append(z.Sold, s)
	}
	z.Sold[at].Count++
	z.Sold[at].Amount += e.Sale.Amount
}

// Stock adds up what holders have at the end of a shift, and what ended in it.
type Stock struct {
	since, day pos.Day
	Held       map[pos.Account]int64 // live or pending on the day; what members owe is taken off
	Expired    map[pos.Account]int64 // was there at the end of the day since, and is gone
}

// NewStock returns the empty stock of a shift that ends on the day, where the one
// before it ended on the day since; 0 if there was none.
func NewStock(since, day pos.Day) *Stock {
	return &Stock{since, day, map[pos.Account]int64{}, map[pos.Account]int64{}}
}

// Add counts one more holder.
func (s *Stock) Add(sums ledger.Sums) {
	for _, sum := range sums {
		if !sum.Account.Value() {
			continue
		}
		switch lot := sums.Bounds(sum.Account, sum.Lot); {
		case !lot.Ended(s.day):
			s.Held[sum.Account] += sum.Amount
		case !lot.Ended(s.since):
			s.Expired[sum.Account] += sum.Amount
		}
	}
}

// Entry counts what an entry of the shift does to lots that had ended before it: it
// is gone at once.
func (s *Stock) Entry(e pos.Entry) {
	for _, p := range e.Postings {
		if p.Account.Value() && p.Lot.Ended(s.since) {
			s.Expired[p.Account] += p.Amount
		}
	}
}

// Facts of a day end: what could not be worked out from the journal later.
const (
	factNumber  = "z"
	factAsOf    = "asof" // in milliseconds since 1970
	factHeld    = "held:"
	factExpired = "expired:"
	factWorth   = "worth:"
)

// Take puts the stock into the report. worth says what so much of an account is
// worth.
func (z *Z) Take(s *Stock, worth func(pos.Account, int64) pos.Money) {
	z.Counted = true
	for account, n := range s.Expired {
		if n != 0 {
			z.value(account.Class()).Expired += n
		}
	}
	for account, n := range s.Held {
		if n == 0 {
			continue
		}
		v := z.value(account.Class())
		v.Held += n
		v.Worth += worth(account, n)
	}
}

// Facts returns what the day end that closes the shift keeps of the report: all of
// it that does not follow from the journal.
func (z *Z) Facts() map[string]int64 {
	facts := map[string]int64{factNumber: int64(z.Number)}
	if !z.AsOf.IsZero() {
		facts[factAsOf] = z.AsOf.UnixMilli()
	}
	for _, v := range z.Values {
		facts[factHeld+v.Class] = v.Held
		facts[factExpired+v.Class] = v.Expired
		facts[factWorth+v.Class] = int64(v.Worth)
	}
	return facts
}

// Close puts into the report what the day end that closed the shift kept.
func (z *Z) Close(end pos.Entry) {
	z.Closed, z.ClosedBy, z.Day, z.Number = end.Time(), end.Cashier, end.Day, NumberOf(end)
	if _, known := end.Saw[factNumber]; !known {
		return // of an earlier version
	}
	z.Counted = true
	if at := end.Saw[factAsOf]; at > 0 {
		z.AsOf = time.UnixMilli(at).UTC()
	}
	for _, class := range Classes {
		if held, known := end.Saw[factHeld+class]; known {
			v := z.value(class)
			v.Held, v.Expired, v.Worth = held, end.Saw[factExpired+class], pos.Money(end.Saw[factWorth+class])
		}
	}
}

// NumberOf returns the number of a day end; 0 if it has none.
func NumberOf(end pos.Entry) int { return int(end.Saw[factNumber]) }

// Liability returns what all that members hold is worth, in minor units.
func (z *Z) Liability() (worth pos.Money) {
	for _, v := range z.Values {
		worth += v.Worth
	}
	return worth
}

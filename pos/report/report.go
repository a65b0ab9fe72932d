// Package report adds entries up for people: what a shift did and who did it.
package report

import (
	"slices"
	"time"

	"tenthcup/pos"
)

// Totals counts what entries did. What a void took back is counted apart and
// never netted, so that every figure can be found in the journal.
type Totals struct {
	Entries  int       `json:"entries"`
	Enrolled int       `json:"enrolled"`
	Stamps   int64     `json:"stamps"`
	Sales    int       `json:"sales"`
	Amount   pos.Money `json:"amount"` // of the sales, in minor units
	Earned   int64     `json:"points_earned"`
	Spent    int64     `json:"points_spent"`
	Rewards  int       `json:"rewards"`
	Voids    int       `json:"voids"`
	Returns  int       `json:"returns"`
	Returned pos.Money `json:"returned"` // of the sales, by returns

	Floors    int `json:"floors"`          // of the rewards: within the limits of a till that could not ask the centre
	Overrides int `json:"overrides"`       // of the rewards: against the rules, by a manager's word
	Drawer    int `json:"drawer_openings"` // of the cash drawer, without a sale
}

// CashierTotals are the totals of one cashier; "" is none, a script.
type CashierTotals struct {
	Cashier pos.CashierID `json:"cashier"`
	Totals
}

// Shift is what a terminal did since its last day end.
type Shift struct {
	First    time.Time       `json:"first,omitzero"` // its first entry; zero if there is none
	Last     time.Time       `json:"last,omitzero"`
	Totals   Totals          `json:"totals"`
	Cashiers []CashierTotals `json:"cashiers"` // in the order of their first entry

	Corrections int `json:"clock_corrections"` // how often time went back
}

// Add counts one more entry, in the order in which they were written. Day ends
// and what a till writes by itself are no entries of a cashier's and are not
// counted as such.
func (s *Shift) Add(e pos.Entry) {
	switch e.Kind {
	case pos.DayEnded, pos.Returned, pos.Administered:
		return
	case pos.Corrected:
		s.Corrections++
		return
	}
	if s.First.IsZero() {
		s.First = e.Time()
	}
	s.Last = e.Time()
	at := slices.IndexFunc(s.Cashiers, func(c CashierTotals) bool { return c.Cashier == e.Cashier })
	if at < 0 {
		at = len(s.Cashiers)
		s.Cashiers = append(s.Cashiers, CashierTotals{Cashier: e.Cashier})
	}
	s.Totals.add(e)
	s.Cashiers[at].add(e)
}

func (t *Totals) add(e pos.Entry) {
	t.Entries++
	switch e.Kind {
	case pos.Enrolled:
		t.Enrolled++
	case pos.Earned:
		t.Sales++
		if e.Sale != nil {
			t.Amount += e.Sale.Amount
		}
	case pos.Redeemed:
		t.Rewards++
		t.addAllowed(e.By)
	case pos.Voided:
		t.Voids++
	case pos.Refunded:
		t.addReturn(e)
	case pos.Opened:
		t.Drawer++
	case pos.Moved: // from one member to another: nothing is earned or spent
		return
	}
	for _, p := range e.Postings {
		switch {
		case p.Of != nil:
		case p.Account == pos.PointsAccount && p.Amount > 0:
			t.Earned += p.Amount
		case p.Account == pos.PointsAccount:
			t.Spent -= p.Amount
		case p.Account.Class() == "stamp" && p.Amount > 0:
			t.Stamps += p.Amount
		}
	}
}

// addReturn counts a return. It may be several entries, the first of which says what
// came back.
func (t *Totals) addReturn(e pos.Entry) {
	if e.Sale != nil && e.Sale.Amount > 0 {
		t.Returns++
		t.Returned += e.Sale.Amount
	}
}

// addAllowed counts a redemption by what allowed it.
func (t *Totals) addAllowed(by *pos.By) {
	switch {
	case by == nil:
	case by.Kind == pos.ByFloor:
		t.Floors++
	case by.Kind == pos.ByOverride:
		t.Overrides++
	}
}

package station

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Paying is a sale, or a part of it, that is paid with credit.
type Paying struct {
	Sale     pos.Sale  // with what was paid so far
	Amount   pos.Money // at most; 0 is all that there is and that is due
	Override *Override // a manager's word against the rules, or nil
}

// Pay pays with the credit of the holder, a member or a gift card. What it may take
// without the centre, and whether that is asked for more, is as with Redeem. The
// entry's Count is what was paid.
func (s *Station) Pay(by pos.CashierID, holder pos.HolderID, paying Paying) (Done, error) {
	program, err := s.Program()
	if err != nil {
		return Done{}, err
	}
	profile, err := s.Members.Profile(holder)
	if err != nil {
		return Done{}, fmt.Errorf("read holder: %w", err)
	}
	if paying.Sale, err = s.checkedSale(paying.Sale); err != nil {
		return Done{}, err
	}
	if err := s.permits(paying.Override); err != nil {
		return Done{}, err
	}
	payment := rules.Payment{Sale: &paying.Sale, Amount: paying.Amount, Card: profile.Kind == pos.GiftCard}
	var because []rules.Because
	record, err := s.write(holder, nil, func(m Moment, when instant) (action, error) {
		a := action{Kind: pos.Paid, Cashier: by, Program: program.ID}
		paid, err := paying.decide(&program, payment, knowledge(holder, m, when), when.day, &a)
		a.Sale, a.Postings, a.Count, because = paid.Sale, paid.Postings, int64(paid.Amount), paid.Because
		return a, err
	})
	if refusedWith(payLeaseless, err) {
		s.Office.Want(holder)
	}
	if err != nil {
		return Done{}, err
	}
	done := s.done(record, profile)
	done.Because = because
	return done, nil
}

// payLeaseless are the refusals of a payment that a lease would have prevented.
var payLeaseless = []string{"pay.lent", "pay.floor", "pay.budget"}

// permits checks a manager's word, if there is one.
func (s *Station) permits(o *Override) error {
	switch {
	case o == nil:
		return nil
	case oneLine(o.Reason) == "":
		return pos.Refuse("grant.reason")
	}
	return s.allowed(*o)
}

// decide decides the payment, and notes in the action what allowed it.
func (p Paying) decide(program *pos.Program, payment rules.Payment, known rules.Knowledge, day pos.Day, a *action) (rules.Paid, error) {
	if o := p.Override; o != nil {
		a.By, a.Reason = &pos.By{Kind: pos.ByOverride, Manager: o.Manager}, oneLine(o.Reason)
		return rules.PayAnyway(program, payment, known, day)
	}
	paid, err := rules.Pay(program, payment, known, day)
	if a.By = paid.By; err == nil && a.By != nil && a.By.Kind == pos.ByFloor {
		member, all := known.HandedOut(pos.CreditAccount)
		a.Facts = map[string]int64{"floor": member, "budget": all}
	}
	return paid, err
}

package station

import (
	"bytes"
	"errors"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// refer books a sale of a member whom another one brought. If it makes the referral
// good, what the other one gets is an entry in the same transaction: nobody has to
// remember it.
func (o *occasion) refer() (Record, error) {
	s, holder, friend := o.station, o.ask.Holder, o.profile.Friend
	profile, err := s.Members.Profile(friend)
	if err != nil && !errors.Is(err, ErrNotFound) { // the till need not have heard of the other one yet
		return Record{}, fmt.Errorf("read member: %w", err)
	}
	records, err := s.together([]pos.HolderID{holder, friend}, func(moments []Moment, when instant) ([]booking, error) {
		sale, err := o.decided(moments[0], when)
		if err == nil {
			err = once(moments[0], holder, sale)
		}
		if err != nil || !o.decision.Refers() {
			return []booking{{holder, sale}}, err
		}
		reward := action{
			Kind: pos.Referred, Cashier: sale.Cashier, Program: o.program.ID, Facts: map[string]int64{},
			By: &pos.By{Kind: pos.ByReferral, ID: holder[:]},
		}
		if sale.Sale.Receipt != "" { // a return of the sale finds it
			reward.Sale = &pos.Sale{Receipt: sale.Sale.Receipt, Currency: sale.Sale.Currency}
		}
		decision, err := rules.Referred(o.program, rules.Ask{
			Holder: friend, Day: when.day, Event: holder.String(), Facts: s.facts(moments[1], when, profile, reward.Facts),
		})
		reward.Postings = decision.Postings
		return []booking{{holder, sale}, {friend, reward}}, err
	})
	if err != nil {
		return Record{}, s.named(err)
	}
	return records[0], nil
}

// referralOf returns what the other member got because of the sale that the entry
// booked: the entry behind it, of the same transaction. It is nil where that is none.
func (s *Station) referralOf(sale pos.Entry) (*pos.Entry, error) {
	if sale.Kind != pos.Earned {
		return nil, nil
	}
	next := sale.ID
	next.Seq++
	r, err := s.Journal.Entry(next)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read referral: %w", err)
	case r.Entry.Kind != pos.Referred || r.Entry.By == nil || !bytes.Equal(r.Entry.By.ID, sale.Holder[:]):
		return nil, nil
	}
	return &r.Entry, nil
}

package station

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// ReturnAsk says which sale comes back, and how much of it.
type ReturnAsk struct {
	Receipt  string       // the shop's number of the sale
	Entry    pos.EntryID  // or, of a sale without one, the entry that booked it
	Holder   pos.HolderID // the member who brings it back; zero: whoever it was sold to
	Part     rules.Part
	Reason   string   // kept as one line, cut to what an entry holds; may be ""
	Override Override // a manager's, where the program asks for one; zero: none
}

// TakenBack is what a return did. It is on disk.
type TakenBack struct {
	Records []Record // the entries, at least one
	Member  Member   // as the member stands after it; none where nobody knows the member any more
	rules.Takeback
}

// Return takes a sale of this till back, whole or in part: see rules.Return. What
// belongs together is written in one transaction: an entry for each holder whom the
// sale moved something for, and more where one would be too large.
func (s *Station) Return(by pos.CashierID, ask ReturnAsk) (TakenBack, error) {
	program, err := s.Program()
	if err != nil {
		return TakenBack{}, err
	}
	if ask.Receipt, err = pos.NormalReceipt(ask.Receipt); err != nil {
		return TakenBack{}, err
	}
	allowed, err := s.allowReturn(&ask)
	if err != nil {
		return TakenBack{}, err
	}
	a := action{Kind: pos.Refunded, Cashier: by, Program: program.ID, Reason: ask.Reason}
	if allowed {
		a.By = &pos.By{Kind: pos.ByOverride, Manager: ask.Override.Manager}
	}
	for {
		done, err := s.takeBack(ask, &program, a)
		if !errors.Is(err, errMoved) {
			return done, err
		}
	}
}

// Sold is a sale of this till as it stands.
type Sold struct {
	rules.Sold
	Profile pos.Profile // of the member; none where nobody knows the member any more
	Ask     ReturnAsk   // that names this sale and no other
}

// Sale returns the sale that the ask names, as Return would take it back: by its
// receipt number, by its entry, or, if it says neither, the newest of the holder.
func (s *Station) Sale(ask ReturnAsk) (found Sold, err error) {
	if ask.Receipt, err = pos.NormalReceipt(ask.Receipt); err != nil {
		return Sold{}, err
	}
	if ask.Receipt == "" && ask.Entry == (pos.EntryID{}) {
		if ask, err = s.newestSale(ask); err != nil {
			return Sold{}, err
		}
	}
	holders, original, err := s.findSale(ask)
	if err != nil {
		return Sold{}, err
	}
	looked := errors.New("looked") // nothing is written
	_, err = s.Joint.Together(holders, func(moments []Moment) ([]pos.Entry, error) {
		sale, err := saleOf(moments[0], ask, original)
		if err != nil {
			return nil, err
		}
		found.Sold, found.Ask = sale.Sold, ask
		return nil, looked
	})
	if !errors.Is(err, looked) {
		return Sold{}, err
	}
	if found.Sale() == nil {
		return Sold{}, pos.Refuse("return.nosale")
	}
	for _, e := range found.Entries {
		if profile, err := s.Members.Profile(e.Holder); err == nil && profile.Kind == "" {
			found.Profile = profile
			break
		}
	}
	return found, nil
}

// saleReach is how far back the newest sale of a member is looked for, in entries.
const saleReach = 20_000

// newestSale makes the ask name the newest sale of its holder that was not undone.
func (s *Station) newestSale(ask ReturnAsk) (ReturnAsk, error) {
	seen, undone := 0, map[pos.EntryID]bool{}
	err := s.Journal.Last(func(r Record) bool {
		seen++
		e := r.Entry
		switch {
		case e.Holder != ask.Holder:
		case e.Kind == pos.Voided:
			for _, p := range e.Postings {
				if p.Of != nil {
					undone[*p.Of] = true
				}
			}
		case e.Kind == pos.Earned && e.Sale != nil && !undone[e.ID]:
			ask.Receipt, ask.Entry = e.SaleKey(), e.ID
		}
		return ask.Entry == pos.EntryID{} && seen < saleReach
	})
	switch {
	case err != nil:
		return ask, fmt.Errorf("read journal: %w", err)
	case ask.Entry == pos.EntryID{}:
		return ask, pos.Refuse("return.none")
	}
	return ask, nil
}

// takeBack writes what a return does. It is errMoved where meanwhile something was
// booked for the sale.
func (s *Station) takeBack(ask ReturnAsk, program *pos.Program, a action) (TakenBack, error) {
	holders, original, err := s.findSale(ask)
	if err != nil {
		return TakenBack{}, err
	}
	referral, err := s.referralOf(original)
	if err != nil {
		return TakenBack{}, err
	}
	if original.SaleKey() != "" {
		referral = nil // the receipt finds it
	}
	if referral != nil && !slices.Contains(holders, referral.Holder) {
		holders = append(holders, referral.Holder)
	}
	var taken rules.Takeback
	records, err := s.together(holders, func(moments []Moment, when instant) ([]booking, error) {
		sale, err := saleOf(moments[0], ask, original)
		if err != nil {
			return nil, err
		}
		if referral != nil {
			sale.sort(moments[0], *referral)
		}
		sums := map[pos.HolderID]ledger.Sums{}
		for i, holder := range holders {
			sums[holder] = moments[i].View.Sums
		}
		if slices.ContainsFunc(sale.Entries, func(e pos.Entry) bool { return !slices.Contains(holders, e.Holder) }) {
			return nil, errMoved
		}
		taken, err = rules.Return(program, rules.Back{Sold: sale.Sold, Part: ask.Part, Day: when.day, Sums: sums, Allowed: a.By != nil})
		if err != nil {
			return nil, err
		}
		return bookings(a, sale, taken), nil
	})
	if err != nil {
		return TakenBack{}, err
	}
	return s.takenBack(records, taken), nil
}

// allowReturn checks a manager's word, where there is one.
func (s *Station) allowReturn(ask *ReturnAsk) (allowed bool, err error) {
	ask.Reason = oneLine(ask.Reason)
	if ask.Override.Manager == "" {
		return false, nil
	}
	if reason := oneLine(ask.Override.Reason); reason != "" {
		ask.Reason = reason
	}
	if ask.Reason == "" {
		return false, pos.Refuse("return.reason")
	}
	return true, s.allowed(ask.Override)
}

// ReturnOverridable reports whether the error is a refusal of Return that a manager
// can override.
func ReturnOverridable(err error) bool {
	return refusedWith([]string{"return.manager", "return.late"}, err)
}

// findSale returns the holders of the sale that is asked for, and the entry that
// the ask names, if it names one. Nothing of it is decided yet.
func (s *Station) findSale(ask ReturnAsk) (holders []pos.HolderID, original pos.Entry, err error) {
	key := ask.Receipt
	if key == "" {
		if original, err = s.saleEntry(ask.Entry); err != nil {
			return nil, original, err
		}
		key = original.SaleKey()
		holders = []pos.HolderID{original.Holder}
	}
	records, err := s.Joint.Sold(key)
	if err != nil {
		return nil, original, fmt.Errorf("read sale: %w", err)
	}
	for _, r := range records {
		if !slices.Contains(holders, r.Entry.Holder) {
			holders = append(holders, r.Entry.Holder)
		}
	}
	switch {
	case len(holders) == 0:
		return nil, original, pos.Refuse("return.unknown", "receipt", ask.Receipt)
	case ask.Holder != pos.HolderID{} && !slices.Contains(holders, ask.Holder):
		return nil, original, pos.Refuse("return.other")
	}
	return holders, original, nil
}

// saleEntry returns the entry of a sale with the id.
func (s *Station) saleEntry(id pos.EntryID) (pos.Entry, error) {
	r, err := s.Journal.Entry(id)
	switch {
	case errors.Is(err, ErrNotFound):
		return pos.Entry{}, pos.Refuse("return.elsewhere")
	case err != nil:
		return pos.Entry{}, fmt.Errorf("read entry: %w", err)
	case r.Entry.Kind == pos.Refunded:
		return pos.Entry{}, pos.Refuse("return.never")
	case r.Entry.Sale == nil:
		return pos.Entry{}, pos.Refuse("return.nosale")
	}
	return r.Entry, nil
}

// saleOf returns the sale as it stands at the moment.
func saleOf(m Moment, ask ReturnAsk, original pos.Entry) (sale sold, err error) {
	if ask.Receipt != "" {
		sale, err = soldUnder(m, ask.Receipt)
	} else {
		sale, err = soldAs(m, original)
	}
	if err == nil && len(sale.Entries) == 0 {
		err = pos.Refuse("return.voided")
	}
	return sale, err
}

// perEntry is how many reversals one entry holds: each has the id of what it takes
// back, and the first entry also says which lines came back.
const perEntry = 48

// bookings returns what a return books. The first of them says what came back; the
// others only of which sale they are.
func bookings(a action, sale sold, taken rules.Takeback) (all []booking) {
	original := sale.Sale()
	if original.Receipt == "" {
		a.Code = sale.Entries[0].ID.String()
	}
	for _, given := range taken.Holders {
		facts := map[string]int64{}
		for account, n := range given.Gone {
			facts[rules.SawGone+string(account)] = n
		}
		chunks := slices.Collect(slices.Chunk(given.Postings, perEntry))
		if len(all) == 0 && len(chunks) == 0 || len(facts) > 0 && len(chunks) == 0 {
			chunks = [][]pos.Posting{nil} // what came back, or was kept, is known though nothing moves
		}
		for _, chunk := range chunks {
			b := booking{given.Holder, a}
			b.Sale = &pos.Sale{Receipt: original.Receipt, Currency: original.Currency}
			b.Postings, b.Facts = chunk, facts
			all, facts = append(all, b), nil
		}
	}
	first := &all[0]
	first.Sale.Amount = taken.Value
	for _, u := range taken.Units {
		first.Facts[rules.SawLine+strconv.Itoa(u.Line)] += u.Units
	}
	return all
}

// takenBack returns what happened, with the member as the member stands: the one
// whose sale it was, not a gift card's.
func (s *Station) takenBack(records []Record, taken rules.Takeback) TakenBack {
	done := TakenBack{Records: records, Takeback: taken}
	for _, r := range records {
		if member, err := s.Member(r.Entry.Holder); err == nil {
			done.Member = member
			break
		}
	}
	return done
}

package station

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// sold is a sale of this till.
type sold struct {
	rules.Sold
	voided []pos.Entry
}

// soldAs returns the sale that the entry is of: all that was booked with its
// receipt number, or, where it has none, the entry alone.
func soldAs(m Moment, e pos.Entry) (sold, error) {
	key := e.SaleKey()
	if key != "" {
		return soldUnder(m, key)
	}
	sale, err := soldUnder(m, e.ID.String())
	sale.sort(m, e)
	return sale, err
}

// soldUnder returns what was booked under the key.
func soldUnder(m Moment, key string) (sale sold, err error) {
	records, err := m.Sold(key)
	if err != nil {
		return sold{}, fmt.Errorf("read sale: %w", err)
	}
	for _, r := range records {
		if r.Entry.Kind == pos.Refunded {
			sale.Returns = append(sale.Returns, r.Entry)
		}
	}
	for _, r := range records {
		if r.Entry.Kind != pos.Refunded {
			sale.sort(m, r.Entry)
		}
	}
	return sale, nil
}

// sort puts the entry with those that count, or with those that were voided. What
// was returned cannot be voided, nor the other way round.
func (s *sold) sort(m Moment, e pos.Entry) {
	if m.Voided(e.ID) && !s.returned(e.ID) {
		s.voided = append(s.voided, e)
		return
	}
	s.Entries = append(s.Entries, e)
}

// returned reports whether a return took back some of the entry.
func (s sold) returned(id pos.EntryID) bool {
	return slices.ContainsFunc(s.Returns, func(e pos.Entry) bool {
		return slices.ContainsFunc(e.Postings, func(p pos.Posting) bool { return p.Of != nil && *p.Of == id })
	})
}

// soldTwice says that a sale was booked before.
type soldTwice struct{ before pos.Entry }

func (s soldTwice) Error() string { return "sale booked before" }

// once refuses a second time what was booked with the same receipt number: the
// sale, whoever it is for, and a payment or a load of the same account. What was
// voided may be booked again.
func once(m Moment, holder pos.HolderID, a action) error {
	if a.Sale == nil || a.Sale.Receipt == "" || a.Kind != pos.Earned && a.Kind != pos.Paid && a.Kind != pos.Loaded {
		return nil
	}
	sale, err := soldUnder(m, pos.Entry{Kind: a.Kind, Sale: a.Sale}.SaleKey())
	if err != nil {
		return err
	}
	for _, e := range sale.Entries {
		if e.Kind == a.Kind && (e.Kind == pos.Earned || e.Holder == holder && moves(e.Postings, a.Postings)) {
			return soldTwice{e}
		}
	}
	return nil
}

// moves reports whether both move something of one account.
func moves(a, b []pos.Posting) bool {
	return slices.ContainsFunc(a, func(p pos.Posting) bool {
		return p.Account.Value() && slices.ContainsFunc(b, func(q pos.Posting) bool { return p.Account == q.Account })
	})
}

// named says of a sale that was booked before when that was and for whom. Any other
// error is returned as it is.
func (s *Station) named(err error) error {
	twice, ok := errors.AsType[soldTwice](err)
	if !ok {
		return err
	}
	e := twice.before
	name := cmp.Or(s.called(e.Holder), "?")
	if day := pos.DayOf(e.Time(), s.Zone); day != s.Today() {
		return pos.Refuse("sale.before", "receipt", e.Sale.Receipt, "day", day, "name", name)
	}
	return pos.Refuse("sale.twice", "receipt", e.Sale.Receipt, "at", e.Time().Truncate(time.Minute), "name", name)
}

// called returns what a holder is called; "" for one that nobody knows any more.
func (s *Station) called(holder pos.HolderID) string {
	p, err := s.Members.Profile(holder)
	if err != nil {
		return ""
	}
	if p.Name == "" {
		return p.Phone
	}
	return p.Name
}

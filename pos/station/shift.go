package station

import (
	"errors"
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
	"tenthcup/pos/rules"
)

// Latest returns up to limit entries of the journal, newest first.
func (s *Station) Latest(limit int) ([]Record, error) {
	var latest []Record
	err := s.Journal.Last(func(r Record) bool {
		latest = append(latest, r)
		return len(latest) < limit
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return latest, nil
}

// span is a piece of the journal between two day ends.
type span struct {
	entries []pos.Entry // in the order in which they were written
	before  *pos.Entry  // the day end before them; nil if there is none
	last    uint64      // number of the journal's last entry
}

// open returns what the terminal did since its last day end.
func (s *Station) open() (open span, err error) {
	err = s.Journal.Last(func(r Record) bool {
		open.last = max(open.last, r.Number)
		if r.Entry.Kind == pos.DayEnded {
			open.before = &r.Entry
			return false
		}
		open.entries = append(open.entries, r.Entry)
		return true
	})
	if err != nil {
		return span{}, fmt.Errorf("read journal: %w", err)
	}
	slices.Reverse(open.entries)
	return open, nil
}

// report adds the span up.
func (s *Station) report(p span) report.Z {
	z := report.Z{Terminal: s.Terminal, Day: s.Today(), Number: 1}
	if p.before != nil {
		z.Number = report.NumberOf(*p.before) + 1
	}
	for _, e := range p.entries {
		z.Add(e)
	}
	return z
}

// stock puts into the report what members have now, which takes a second for each
// million of them.
func (s *Station) stock(z *report.Z, p span) error {
	since := pos.Day(0)
	if p.before != nil {
		since = p.before.Day
	}
	stock := report.NewStock(since, z.Day)
	err := s.Members.EachSums(func(sums ledger.Sums) bool {
		stock.Add(sums)
		return true
	})
	if err != nil {
		return fmt.Errorf("read balances: %w", err)
	}
	for _, e := range p.entries {
		stock.Entry(e)
	}
	standing, err := s.Standing()
	if err != nil {
		return err
	}
	program, err := s.Program()
	if err != nil && !errors.Is(err, ErrNoProgram) {
		return err
	}
	z.AsOf = standing.LastSync
	z.Take(stock, func(account pos.Account, n int64) pos.Money { return rules.Worth(&program, account, n) })
	return nil
}

// Shift adds up what the terminal did since its last day end, without what members
// hold now and what of it ended.
func (s *Station) Shift() (report.Z, error) {
	open, err := s.open()
	if err != nil {
		return report.Z{}, err
	}
	return s.report(open), nil
}

// XReport is Shift with what members hold now and what of it ended.
func (s *Station) XReport() (report.Z, error) {
	open, err := s.open()
	if err != nil {
		return report.Z{}, err
	}
	z := s.report(open)
	return z, s.stock(&z, open)
}

// errMoved says that an entry was written since the shift was added up.
var errMoved = errors.New("journal has moved on")

// DayEnd closes the shift with an entry and returns what it did: every entry is
// in one shift. The entry keeps of the report what does not follow from the journal.
// It does not need the line: what waits still waits.
func (s *Station) DayEnd(by pos.CashierID) (report.Z, error) {
	for {
		open, err := s.open()
		if err != nil {
			return report.Z{}, err
		}
		z := s.report(open)
		if err := s.stock(&z, open); err != nil {
			return report.Z{}, err
		}
		record, err := s.write(pos.HolderID{}, nil, func(m Moment, _ instant) (action, error) {
			if m.Tail.Number != open.last {
				return action{}, errMoved
			}
			return action{Kind: pos.DayEnded, Cashier: by, Facts: z.Facts()}, nil
		})
		switch {
		case errors.Is(err, errMoved):
			continue
		case err != nil:
			return report.Z{}, err
		}
		z.Close(record.Entry)
		return z, nil
	}
}

// ErrNoZReport is returned by ZReport for a number that no day end has.
var ErrNoZReport = pos.Refuse("zreport.unknown")

// ZReport returns the report of the terminal's day end with the number, from 1, as it
// was then. What the journal has is added up again; the older, the longer it takes.
func (s *Station) ZReport(number int) (report.Z, error) {
	var closed span
	var end *pos.Entry
	err := s.Journal.Last(func(r Record) bool {
		switch {
		case r.Entry.Kind != pos.DayEnded:
			if end != nil {
				closed.entries = append(closed.entries, r.Entry)
			}
		case end != nil:
			closed.before = &r.Entry
			return false
		case report.NumberOf(r.Entry) == number:
			end = &r.Entry
		case report.NumberOf(r.Entry) < number:
			return false
		}
		return true
	})
	switch {
	case err != nil:
		return report.Z{}, fmt.Errorf("read journal: %w", err)
	case end == nil || number < 1:
		return report.Z{}, ErrNoZReport
	}
	slices.Reverse(closed.entries)
	z := s.report(closed)
	z.Close(*end)
	return z, nil
}

// Waiting returns the state of the outbox.
func (s *Station) Waiting() (Waiting, error) { return s.Office.Waiting() }

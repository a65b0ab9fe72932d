package station

import (
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/report"
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

// Shift adds up what the terminal did since its last day end.
func (s *Station) Shift() (report.Shift, error) {
	var entries []pos.Entry
	err := s.Journal.Last(func(r Record) bool {
		if r.Entry.Kind == pos.DayEnded {
			return false
		}
		entries = append(entries, r.Entry)
		return true
	})
	if err != nil {
		return report.Shift{}, fmt.Errorf("read journal: %w", err)
	}
	var shift report.Shift
	for _, e := range slices.Backward(entries) {
		shift.Add(e)
	}
	return shift, nil
}

// DayEnd closes the shift with an entry and returns what it did. It does not
// need the line: what waits still waits.
func (s *Station) DayEnd(by pos.CashierID) (report.Shift, error) {
	shift, err := s.Shift()
	if err != nil {
		return report.Shift{}, err
	}
	_, err = s.write(pos.HolderID{}, nil, func(Moment, pos.Day) (action, error) {
		return action{Kind: pos.DayEnded, Cashier: by}, nil
	})
	return shift, err
}

// Waiting returns the state of the outbox.
func (s *Station) Waiting() (Waiting, error) { return s.Office.Waiting() }

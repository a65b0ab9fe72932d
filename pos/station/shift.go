package station

import (
	"errors"
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
	shift, _, err := s.shift()
	return shift, err
}

// shift returns the shift and the number of the journal's last entry.
func (s *Station) shift() (shift report.Shift, last uint64, err error) {
	var entries []pos.Entry
	err = s.Journal.Last(func(r Record) bool {
		last = max(last, r.Number)
		if r.Entry.Kind == pos.DayEnded {
			return false
		}
		entries = append(entries, r.Entry)
		return true
	})
	if err != nil {
		return report.Shift{}, 0, fmt.Errorf("read journal: %w", err)
	}
	for _, e := range slices.Backward(entries) {
		shift.Add(e)
	}
	return shift, last, nil
}

// errMoved says that an entry was written since the shift was added up.
var errMoved = errors.New("journal has moved on")

// DayEnd closes the shift with an entry and returns what it did: every entry is
// in one shift. It does not need the line: what waits still waits.
func (s *Station) DayEnd(by pos.CashierID) (report.Shift, error) {
	for {
		shift, last, err := s.shift()
		if err != nil {
			return report.Shift{}, err
		}
		_, err = s.write(pos.HolderID{}, nil, func(m Moment, _ instant) (action, error) {
			if m.Tail.Number != last {
				return action{}, errMoved
			}
			return action{Kind: pos.DayEnded, Cashier: by}, nil
		})
		if !errors.Is(err, errMoved) {
			return shift, err
		}
	}
}

// Waiting returns the state of the outbox.
func (s *Station) Waiting() (Waiting, error) { return s.Office.Waiting() }

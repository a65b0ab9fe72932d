package station

import (
	"errors"

	"tenthcup/pos"
)

// booking is an action of one holder among several that belong together.
type booking struct {
	holder pos.HolderID
	action
}

// together decides and appends entries of the holders in one transaction, all of
// them or none. The moments come in the order of the holders.
func (s *Station) together(holders []pos.HolderID, decide func(moments []Moment, when instant) ([]booking, error)) ([]Record, error) {
	for {
		var when instant
		records, err := s.Joint.Together(holders, func(moments []Moment) ([]pos.Entry, error) {
			if moments[0].Standing.Revoked {
				return nil, ErrTillRevoked
			}
			when = s.instant(moments[0])
			bookings, err := decide(moments, when)
			if err == nil && when.back {
				err = errBack
			}
			if err != nil {
				return nil, err
			}
			return s.chained(holders, moments, when, bookings)
		})
		switch {
		case err == nil:
			s.mu.Lock()
			s.written = when.offset
			s.mu.Unlock()
			return records, nil
		case !errors.Is(err, errBack):
			return nil, err
		}
		if err := s.correct(); err != nil {
			return nil, err
		}
	}
}

// chained returns the entries of the bookings, each behind the one before it.
func (s *Station) chained(holders []pos.HolderID, moments []Moment, when instant, bookings []booking) ([]pos.Entry, error) {
	views := map[pos.HolderID]View{}
	for i, holder := range holders {
		views[holder] = moments[i].View
	}
	tail := moments[0].Tail
	entries := make([]pos.Entry, len(bookings))
	for i, b := range bookings {
		incarnation, nonce, err := s.draw()
		if err != nil {
			return nil, err
		}
		e := s.entry(place{Moment{View: views[b.holder], Tail: tail}, when, incarnation, nonce}, b.holder, b.action)
		raw, err := e.Encode()
		if err != nil {
			return nil, err
		}
		entries[i] = e
		tail = Tail{Number: tail.Number + 1, At: e.At, Head: pos.HashEntry(raw), Seq: e.ID.Seq}
	}
	return entries, nil
}

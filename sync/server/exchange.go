package server

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// exchange takes what a till has and tells it what has changed.
func (s *server) exchange(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	terminal, err := s.terminal(r)
	if err != nil {
		return nil, err
	}
	body, err := read(w, r, wire.MaxRequest)
	if err != nil {
		return nil, err
	}
	encoding := r.Header.Get("Content-Encoding")
	signed := wire.Signed{Route: wire.ExchangeRoute, Encoding: encoding, Body: body}
	if !wire.Verify(terminal.Key, r.Header.Get(wire.SignatureHeader), signed) {
		return nil, pos.Refuse("line.refused")
	}
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	raw, err := wire.Unpack(body, encoding, wire.MaxRequest)
	if err != nil {
		return nil, err
	}
	request, err := wire.DecodeRequest(raw)
	if err != nil {
		return nil, err
	}
	return s.take(terminal, request)
}

// terminal returns the enrolled terminal that the caller says it is.
func (s *server) terminal(r *http.Request) (pos.Terminal, error) {
	var id pos.TerminalID
	if err := id.UnmarshalText([]byte(r.Header.Get(wire.TerminalHeader))); err != nil {
		return pos.Terminal{}, pos.ErrUnknownTerminal
	}
	terminal, err := s.book.Terminal(id)
	if err != nil {
		return pos.Terminal{}, fmt.Errorf("read terminal: %w", err)
	}
	return terminal, nil
}

// take books the request and then reads the page, so that the page's acks cover
// what was just taken.
func (s *server) take(terminal pos.Terminal, request wire.Request) ([]byte, error) {
	now := s.now()
	if len(request.Entries)+len(request.Profiles) > 0 {
		if err := s.book.Take(terminal, request.Entries, request.Profiles, now); err != nil {
			return nil, fmt.Errorf("take batch: %w", err)
		}
	}
	day, err := s.day(terminal.Store, now)
	if err != nil {
		return nil, err
	}
	ask := ledger.PageAsk{
		Cursor: request.Cursor,
		Limit:  wire.MaxChanged,
		Open:   request.Open,
		Roster: request.Roster,
		At:     now,
		Day:    day,
	}
	if request.Limit > 0 {
		ask.Limit = min(ask.Limit, request.Limit)
	}
	return s.page(terminal, ask)
}

// page returns the answer with as many rows as fit.
func (s *server) page(terminal pos.Terminal, ask ledger.PageAsk) ([]byte, error) {
	for {
		page, err := s.book.Page(terminal, ask)
		if err != nil {
			return nil, fmt.Errorf("read page: %w", err)
		}
		raw, err := wire.Encode(wire.Answer{V: wire.Version, Page: page})
		if err != nil {
			return nil, err
		}
		if len(raw) <= wire.MaxAnswer {
			return raw, nil
		}
		if ask.Limit == 1 {
			return nil, errors.New("one row is larger than an answer may be")
		}
		ask.Limit /= 2
	}
}

// day returns the day that it is in the store.
func (s *server) day(store pos.StoreID, now time.Time) (pos.Day, error) {
	roster, err := s.book.Roster(store, now)
	if err != nil {
		return 0, fmt.Errorf("read roster: %w", err)
	}
	zone, err := time.LoadLocation(roster.Shop.Timezone)
	if err != nil {
		return 0, fmt.Errorf("read time zone: %w", err)
	}
	return pos.DayOf(now, zone), nil
}

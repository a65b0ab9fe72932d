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
	received := s.now()
	from, err := s.signed(w, r, wire.ExchangeRoute)
	if err != nil {
		return nil, err
	}
	defer from.leave()
	request, err := wire.DecodeRequest(from.raw)
	if err != nil {
		return nil, err
	}
	if err := s.take(from.terminal, request, received); err != nil {
		return nil, err
	}
	if s.seen != nil {
		s.seen(from.terminal.ID, Sighting{received, request.Waiting})
	}
	return s.answer(from.terminal, request)
}

// received is a message that a terminal signed.
type received struct {
	terminal pos.Terminal
	created  time.Time // when it was signed
	raw      []byte    // the message, unpacked
	leave    func()    // gives the place among those worked on back
}

// signed reads a message that a terminal signed for the route. A caller without a
// terminal's key costs the look-up of a terminal and one signature check: the body
// is read, hashed and unpacked only after that.
func (s *server) signed(w http.ResponseWriter, r *http.Request, route string) (received, error) {
	now := s.now()
	terminal, proof, err := s.caller(r, route, now)
	if err != nil {
		return received{}, err
	}
	body, err := read(w, r, wire.MaxRequest)
	if err != nil {
		return received{}, err
	}
	if !proof.Covers(body) {
		return received{}, pos.Refuse("line.refused")
	}
	leave, err := s.enter()
	if err != nil {
		return received{}, err
	}
	if err := s.nonces.use(proof, now); err != nil {
		leave()
		return received{}, err
	}
	raw, err := wire.Unpack(body, r.Header.Get("Content-Encoding"), wire.MaxRequest)
	if err != nil {
		leave()
		return received{}, err
	}
	return received{terminal, proof.Created, raw, leave}, nil
}

// caller returns the terminal that signed the request's headers. The path that is
// signed is the route, whatever a proxy has taken off in front of it.
func (s *server) caller(r *http.Request, route string, now time.Time) (pos.Terminal, wire.Proof, error) {
	refused := func(err error) (pos.Terminal, wire.Proof, error) { return pos.Terminal{}, wire.Proof{}, err }
	proof, err := wire.ReadProof(r.Header)
	if err != nil {
		return refused(pos.Refuse("line.refused"))
	}
	terminal, err := s.book.Terminal(proof.Terminal)
	if err != nil {
		return refused(fmt.Errorf("read terminal: %w", err))
	}
	if !proof.Verify(terminal.Key, wire.Target{Route: route, Query: r.URL.RawQuery}) {
		return refused(pos.Refuse("line.refused"))
	}
	if now.Sub(proof.Created).Abs() > wire.Window {
		return refused(pos.Refuse("line.clock", "now", now.UnixMilli()))
	}
	return terminal, proof, nil
}

// take books what the request brings.
func (s *server) take(terminal pos.Terminal, request wire.Request, received time.Time) error {
	if len(request.Entries)+len(request.Profiles)+len(request.Wants) == 0 {
		return nil
	}
	sent := ledger.Sent{
		Entries: request.Entries, Profiles: request.Profiles, Wants: request.Wants, Cursor: request.Cursor,
		Broken: request.Broken,
		Skew:   time.UnixMilli(request.Now).Sub(received),
	}
	if err := s.book.Take(terminal, sent, s.now()); err != nil {
		return fmt.Errorf("take batch: %w", err)
	}
	return nil
}

// answer reads the page, which is done after the request was taken, so that its
// acks cover that.
func (s *server) answer(terminal pos.Terminal, request wire.Request) ([]byte, error) {
	now := s.now()
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
		if terminal.Revoked { // whatever the book says, such a terminal learns nothing more
			page = ledger.Page{At: page.At, Acks: page.Acks, Cursor: ask.Cursor, Revoked: true}
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

package server

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/sync/wire"
)

// exchange takes what a till has and tells it what has changed.
func (s *Server) exchange(v *visit) ([]byte, error) {
	received := s.now()
	from, err := s.signed(v)
	if err != nil {
		return nil, err
	}
	request, err := wire.DecodeRequest(from.raw)
	if err != nil {
		return nil, err
	}
	ask, unasked := s.asks(from.terminal, request) // what is brought is taken all the same
	page, err := s.take(from.terminal, request, ask, received)
	if err != nil {
		return nil, err
	}
	if s.seen != nil {
		s.seen(from.terminal.ID, sighting(from.terminal, request, received))
	}
	if unasked != nil {
		return nil, unasked
	}
	return s.answer(from.terminal, request, *ask, page)
}

// tells reports whether the page acknowledges entries that did not come with the request.
// They came with another one, of which nobody may know yet what becomes. A terminal with
// nothing that waits learns nothing by its acks.
func tells(page ledger.Page, request wire.Request) bool {
	if len(request.Entries) == 0 && request.Waiting == 0 {
		return false
	}
	left := slices.DeleteFunc(slices.Clone(page.Acks), func(a ledger.Ack) bool { return a.Seq == 0 })
	for _, raw := range slices.Backward(request.Entries) { // from the last, which is nearly always all it takes
		if len(left) == 0 {
			return false
		}
		if e, err := pos.DecodeEntry(raw); err == nil {
			left = slices.DeleteFunc(left, func(a ledger.Ack) bool { return a.Incarnation == e.ID.Incarnation && a.Seq <= e.ID.Seq })
		}
	}
	return len(left) > 0
}

// confirm returns when all that a page read before has is as durable as what was taken.
func (s *Server) confirm(terminal pos.Terminal) error {
	if err := s.book.Take(terminal, ledger.Sent{Confirm: true}, s.now()); err != nil {
		return fmt.Errorf("confirm page: %w", err)
	}
	return nil
}

// received is a message that a terminal signed.
type received struct {
	terminal pos.Terminal
	created  time.Time // when it was signed
	raw      []byte    // the message, unpacked
}

// signed reads the message that a terminal signed for the route, and takes the
// terminal's turn and a place. A caller without a terminal's key costs the look-up of
// a terminal and one signature check: the body is read, hashed and unpacked only
// after that. One who asks too often costs the check alone.
func (s *Server) signed(v *visit) (received, error) {
	now := s.now()
	caller, err := s.caller(v, now)
	if err != nil {
		return received{}, err
	}
	turn, end, err := s.turns.come(caller.proof.Terminal, caller.key, now)
	if err != nil {
		return received{}, err
	}
	v.atEnd(end)
	if s.places.full() { // before its body takes room
		return received{}, busy()
	}
	body, err := s.read(v, wire.MaxRequest)
	if err != nil {
		return received{}, err
	}
	if !caller.proof.Covers(body) {
		return received{}, pos.Refuse("line.refused")
	}
	if err := v.enter(turn.queue, often(retryAfter)); err != nil {
		return received{}, err
	}
	if err := v.enter(s.places, busy()); err != nil {
		return received{}, err
	}
	if caller.terminal.Key == nil {
		if caller.terminal, err = s.terminal(caller.proof.Terminal); err != nil {
			return received{}, err
		}
	}
	if err := s.nonces.use(caller.proof, now); err != nil {
		return received{}, err
	}
	raw, err := wire.Unpack(body, v.r.Header.Get("Content-Encoding"), wire.MaxRequest)
	if err != nil {
		return received{}, err
	}
	return received{caller.terminal, caller.proof.Created, raw}, nil
}

// caller is who signed a request's headers.
type caller struct {
	proof    wire.Proof
	key      ed25519.PublicKey
	terminal pos.Terminal // without a key where it was not looked up yet: the key was known
}

// caller returns who signed the request's headers. The path that is signed is the
// route, whatever a proxy has taken off in front of it.
func (s *Server) caller(v *visit, now time.Time) (caller, error) {
	proof, err := wire.ReadProof(v.r.Header)
	if err != nil {
		return caller{}, pos.Refuse("line.refused")
	}
	c := caller{proof: proof, key: s.turns.key(proof.Terminal)}
	if c.key == nil {
		if c.terminal, err = s.lookUp(v, proof.Terminal); err != nil {
			return caller{}, err
		}
		c.key = c.terminal.Key
	}
	if !proof.Verify(c.key, wire.Target{Route: v.route, Query: v.r.URL.RawQuery}) {
		return caller{}, pos.Refuse("line.refused")
	}
	v.terminal = proof.Terminal
	if now.Sub(proof.Created).Abs() > wire.Window {
		return caller{}, pos.Refuse("line.clock", "now", now.UnixMilli())
	}
	return c, nil
}

// lookUp returns a terminal that anybody may have named.
func (s *Server) lookUp(v *visit, id pos.TerminalID) (pos.Terminal, error) {
	leave, err := s.lookUps.enter(v.r.Context())
	if err != nil {
		return pos.Terminal{}, busy()
	}
	defer leave()
	return s.terminal(id)
}

func (s *Server) terminal(id pos.TerminalID) (pos.Terminal, error) {
	terminal, err := s.book.Terminal(id)
	if err != nil {
		return pos.Terminal{}, fmt.Errorf("read terminal: %w", err)
	}
	return terminal, nil
}

// sighting returns what the request, which was taken, says about its terminal.
func sighting(terminal pos.Terminal, request wire.Request, received time.Time) Sighting {
	s := Sighting{At: received, Waiting: request.Waiting, Area: terminal.Area, Entries: len(request.Entries)}
	if s.Entries > 0 {
		if oldest, err := pos.DecodeEntry(request.Entries[0]); err == nil { // else it is in quarantine
			s.Oldest = time.UnixMilli(oldest.At).UTC()
		}
	}
	return s
}

// teller is a Book that may answer a terminal in the transaction in which it takes what it
// brings. The page is nil where it does not. A page that comes so is as durable as what was
// taken.
type teller interface {
	TakeAndTell(terminal pos.Terminal, sent ledger.Sent, ask *ledger.PageAsk, at time.Time) (*ledger.Page, error)
}

// take books what the request brings, and returns the page where the book has it at once.
func (s *Server) take(terminal pos.Terminal, request wire.Request, ask *ledger.PageAsk, received time.Time) (page *ledger.Page, err error) {
	if len(request.Entries)+len(request.Profiles)+len(request.Wants) == 0 {
		return nil, nil
	}
	sent := ledger.Sent{
		Entries: request.Entries, Profiles: request.Profiles, Wants: request.Wants, Cursor: request.Cursor,
		Broken: request.Broken,
		Skew:   time.UnixMilli(request.Now).Sub(received),
	}
	if book, tells := s.book.(teller); tells {
		page, err = book.TakeAndTell(terminal, sent, ask, s.now())
	} else {
		err = s.book.Take(terminal, sent, s.now())
	}
	if err != nil {
		return nil, fmt.Errorf("take batch: %w", err)
	}
	return page, nil
}

// asks returns what the request wants to know.
func (s *Server) asks(terminal pos.Terminal, request wire.Request) (*ledger.PageAsk, error) {
	now := s.now()
	day, err := s.day(terminal.Store, now)
	if err != nil {
		return nil, err
	}
	ask := &ledger.PageAsk{
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
	return ask, nil
}

// answer returns the page, which is read after the request was taken or with it, so that
// its acks cover that.
func (s *Server) answer(terminal pos.Terminal, request wire.Request, ask ledger.PageAsk, page *ledger.Page) ([]byte, error) {
	if page != nil {
		if raw, err := encoded(terminal, ask, *page); err != nil || raw != nil {
			return raw, err
		}
		ask.Limit = max(ask.Limit/2, 1)
	}
	ask.At = s.now()
	raw, read, err := s.page(terminal, ask)
	if err == nil && tells(read, request) {
		err = s.confirm(terminal)
	}
	return raw, err
}

// page returns the answer with as many rows as fit.
func (s *Server) page(terminal pos.Terminal, ask ledger.PageAsk) ([]byte, ledger.Page, error) {
	for {
		page, err := s.book.Page(terminal, ask)
		if err != nil {
			return nil, page, fmt.Errorf("read page: %w", err)
		}
		if raw, err := encoded(terminal, ask, page); err != nil || raw != nil {
			return raw, page, err
		}
		if ask.Limit == 1 {
			return nil, page, errors.New("one row is larger than an answer may be")
		}
		ask.Limit /= 2
	}
}

// encoded returns the page as an answer, nil if it is too large for one.
func encoded(terminal pos.Terminal, ask ledger.PageAsk, page ledger.Page) ([]byte, error) {
	if terminal.Revoked { // whatever the book says, such a terminal learns nothing more
		page = ledger.Page{At: page.At, Acks: page.Acks, Cursor: ask.Cursor, Revoked: true}
	}
	raw, err := wire.Encode(wire.Answer{V: wire.Version, Page: page})
	if err != nil || len(raw) > wire.MaxAnswer {
		return nil, err
	}
	return raw, nil
}

// day returns the day that it is in the store.
func (s *Server) day(store pos.StoreID, now time.Time) (pos.Day, error) {
	if zone, known := s.zones.Load(store); known {
		return pos.DayOf(now, zone.(*time.Location)), nil
	}
	roster, err := s.book.Roster(store, now)
	if err != nil {
		return 0, fmt.Errorf("read roster: %w", err)
	}
	zone, err := time.LoadLocation(roster.Shop.Timezone)
	if err != nil {
		return 0, fmt.Errorf("read time zone: %w", err)
	}
	s.zones.Store(store, zone) // a store stays where it is
	return pos.DayOf(now, zone), nil
}

package server

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// maxEnrol bounds the body of an enrolment, which anybody may send.
const maxEnrol = 1 << 10

// enrol makes a terminal of the caller. It is the one message without a
// signature: the code stands for it.
func (s *Server) enrol(v *visit) ([]byte, error) {
	if coding := v.r.Header.Get("Content-Encoding"); coding != "" {
		return nil, pos.Refuse("line.type", "type", coding) // too small to compress, and the caller may be anybody
	}
	body, err := s.read(v, maxEnrol)
	if err != nil {
		return nil, err
	}
	for _, q := range []*queue{s.enrols, s.places} { // strangers never have more than one place in all
		if err := v.enter(q, busy()); err != nil {
			return nil, err
		}
	}
	request, err := wire.DecodeEnrol(body)
	if err != nil {
		return nil, err
	}
	now := s.now()
	var terminal pos.Terminal
	err = s.wrong.attempt(now, func() error {
		terminal, err = s.book.Enrol(request.Code, request.Key, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	roster, err := s.book.Roster(terminal.Store, now)
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	return wire.Encode(wire.Enrolled{
		V: wire.Version, Terminal: terminal, Roster: roster, Now: now.UnixMilli(), Pepper: s.pepper,
	})
}

// guesses are the last enrolments with a wrong code, whoever made them: ten a
// minute, and the next has to wait, even with a good one. A code has 40 bits and
// is good for an hour; so somebody who guesses has one chance in 1,800 million.
type guesses struct {
	mu   sync.Mutex
	at   [10]time.Time // a ring
	next int           // the oldest
}

// attempt calls enrol, one at a time, or refuses to: line.busy.
func (g *guesses) attempt(now time.Time, enrol func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if wait := g.at[g.next].Add(time.Minute).Sub(now); wait > 0 {
		return pos.Refuse("line.busy", "seconds", int((min(wait, time.Minute)+time.Second-1)/time.Second))
	}
	err := enrol()
	if errors.Is(err, pos.ErrBadEnrolCode) {
		g.at[g.next] = now
		g.next = (g.next + 1) % len(g.at)
	}
	return err
}

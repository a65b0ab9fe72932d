package server

import (
	"fmt"
	"net/http"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// maxEnrol bounds the body of an enrolment, which anybody may send.
const maxEnrol = 1 << 10

// enrol makes a terminal of the caller. It is the one message without a
// signature: the code stands for it.
func (s *server) enrol(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if coding := r.Header.Get("Content-Encoding"); coding != "" {
		return nil, pos.Refuse("line.type", "type", coding) // too small to compress, and the caller may be anybody
	}
	body, err := read(w, r, maxEnrol)
	if err != nil {
		return nil, err
	}
	leave, err := s.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	request, err := wire.DecodeEnrol(body)
	if err != nil {
		return nil, err
	}
	now := s.now()
	terminal, err := s.book.Enrol(request.Code, request.Key, now)
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	roster, err := s.book.Roster(terminal.Store, now)
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	return wire.Encode(wire.Enrolled{V: wire.Version, Terminal: terminal, Roster: roster, Now: now.UnixMilli()})
}

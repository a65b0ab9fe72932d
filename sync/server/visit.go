package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// Answered is a request that was answered, for those who watch the centre.
type Answered struct {
	Route   string        // one of wire's, or "other"
	Status  int           // of HTTP
	Problem string        // the key of what was wrong, "" for nothing and "told" for what is a manager's to know
	Took    time.Duration // from the last byte of its body to the answer; the line is not in it
}

// toldManager is the Problem of what managers are told about their orders.
const toldManager = "told"

// visit is one request on its way through the server.
type visit struct {
	w        http.ResponseWriter
	r        *http.Request
	route    string
	began    time.Time      // when all of it was there
	terminal pos.TerminalID // who signed it; zero while nobody proved that
	answered Answered
	places   []func() // to give back before the answer crosses the line
	ends     []func() // to give back when it has
}

// atEnd has done called once the visit is over.
func (v *visit) atEnd(done func()) { v.ends = append(v.ends, done) }

// leave gives back the visit's places among those worked on. A slow line keeps
// nobody else from them.
func (v *visit) leave() {
	for _, done := range slices.Backward(v.places) {
		done()
	}
	v.places = nil
}

func (v *visit) end() {
	v.leave()
	for _, done := range slices.Backward(v.ends) {
		done()
	}
}

// message returns the handler for a route that takes a message and answers with
// one, or with a problem.
func (s *Server) message(route string, answer func(*visit) ([]byte, error)) http.HandlerFunc {
	return s.visited(route, func(v *visit) {
		raw, err := []byte(nil), acceptable(v.w, v.r)
		if err == nil {
			raw, err = answer(v)
			v.leave()
		}
		if err == nil && route != wire.OfficeRoute { // an order was carried out, and the till has to hear of it
			err = s.hold(v, len(raw))
		}
		if err != nil {
			s.fail(v, err)
			return
		}
		s.send(v, raw)
	})
}

// visited returns the handler that counts what it does and tells the log.
func (s *Server) visited(route string, handle func(*visit)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, route: route, began: s.now(), answered: Answered{Route: route}}
		s.here.Add(1)
		defer s.here.Add(-1)
		defer v.end()
		handle(v)
		if s.answered != nil {
			s.answered(v.answered)
		}
	}
}

// answering notes what the answer is, just before it goes out.
func (s *Server) answering(v *visit, status int, problem string) {
	v.answered.Status, v.answered.Problem, v.answered.Took = status, problem, s.now().Sub(v.began)
	if v.answered.Took > s.slow {
		s.log.LogAttrs(v.r.Context(), slog.LevelWarn, "request slow", v.attrs()...)
	}
}

// attrs say what a line of the log says of each request. Nothing that the caller
// wrote is among them, and nothing about members.
func (v *visit) attrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("route", v.route),
		slog.Int("status", v.answered.Status),
		slog.Int64("took_ms", v.answered.Took.Milliseconds()),
	}
	if v.terminal != (pos.TerminalID{}) {
		attrs = append(attrs, slog.String("terminal", v.terminal.String()))
	}
	if v.answered.Problem != "" {
		attrs = append(attrs, slog.String("problem", v.answered.Problem))
	}
	return attrs
}

// read returns the body as it crossed the line. Its bytes are held until the visit
// is over; where too many are held already it is not read.
func (s *Server) read(v *visit, limit int) ([]byte, error) {
	size := int64(limit)
	if v.r.ContentLength >= 0 {
		size = min(size, v.r.ContentLength)
	}
	if !s.held.TryAcquire(size) {
		return nil, busy()
	}
	v.atEnd(func() { s.held.Release(size) })
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, int64(limit)))
	v.began = s.now()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, wire.ErrTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	return body, nil
}

// hold waits until so many more bytes may be held, until the visit is over.
func (s *Server) hold(v *visit, size int) error {
	ctx, cancel := context.WithTimeout(v.r.Context(), s.bounds.Patience)
	defer cancel()
	if s.held.Acquire(ctx, int64(size)) != nil {
		return busy()
	}
	v.atEnd(func() { s.held.Release(int64(size)) })
	return nil
}

// enter takes a place in the queue; full is the problem where many wait already.
func (v *visit) enter(q *queue, full error) error {
	leave, err := q.enter(v.r.Context())
	switch {
	case errors.Is(err, errFull):
		return full
	case err != nil:
		return busy()
	}
	v.places = append(v.places, leave)
	return nil
}

// busy is what a caller is told for whom there is no time now.
func busy() error { return pos.Refuse("line.busy", "seconds", retryAfter) }

// often is what a terminal is told that asks for more than its part.
func often(seconds int) error { return pos.Refuse("line.often", "seconds", seconds) }

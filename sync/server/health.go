package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// health answers while the process lives, whatever becomes of the book.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusOK, "tenthcup %d", wire.Version)
}

// ready says whether requests should be sent here: the book answers, and the server
// is not about to stop.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.leaving.Load():
		plain(w, http.StatusServiceUnavailable, "stopping")
	case !s.probes.pass(r.Context(), s.now(), s.look):
		plain(w, http.StatusServiceUnavailable, "the book does not answer")
	default:
		plain(w, http.StatusOK, "ready")
	}
}

func plain(w http.ResponseWriter, status int, format string, args ...any) {
	header(w, "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, format+"\n", args...) // nobody to tell if the caller is gone
}

// Leave makes wire.ReadyRoute say that no more requests should be sent here. Those
// that come all the same are served.
func (s *Server) Leave() { s.leaving.Store(true) }

// look reads something small from the book.
func (s *Server) look() bool {
	_, err := s.book.Terminal(pos.TerminalID{})
	return err == nil || errors.Is(err, pos.ErrUnknownTerminal) || errors.Is(err, pos.ErrRevoked)
}

// Times of a look at the book. Anybody may ask, so one look serves all who do within
// a second; and while one is under way there is no other.
const (
	probeWithin = 2 * time.Second
	probeEvery  = time.Second
)

type probes struct {
	mu   sync.Mutex
	last *probe
}

// probe is one look at the book.
type probe struct {
	began time.Time
	done  chan struct{} // closed when it is over
	good  bool          // read only once it is over
}

// pass reports whether the last look succeeded, and looks again if it was too long
// ago.
func (p *probes) pass(ctx context.Context, now time.Time, look func() bool) bool {
	last := p.current(now, look)
	late := time.NewTimer(probeWithin)
	defer late.Stop()
	select {
	case <-last.done:
		return last.good
	case <-late.C:
	case <-ctx.Done():
	}
	return false
}

func (p *probes) current(now time.Time, look func() bool) *probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != nil {
		select {
		case <-p.last.done:
			if now.Sub(p.last.began) < probeEvery {
				return p.last
			}
		default:
			return p.last
		}
	}
	begun := &probe{began: now, done: make(chan struct{})}
	p.last = begun
	go func() {
		defer close(begun.done)
		begun.good = look()
	}()
	return begun
}

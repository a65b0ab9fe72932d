package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// Enrolment says where a till enrols and by what it knows that server.
type Enrolment struct {
	URL   string       // the server's address, https or http, with a path if it has one; required
	Pins  []wire.Pin   // as Client has them
	Plain bool         // as Client has it
	HTTP  *http.Client // as Client has it
}

// EnrolAnswer is what a new terminal is told.
type EnrolAnswer struct {
	Terminal pos.Terminal
	Roster   pos.Roster
	Now      time.Time // the centre's clock as it answered
	Pepper   []byte    // wire.PepperSize bytes that PIN hashes are made with, a secret; nil if the centre has none
}

// Enrol makes a terminal of the till that holds the key, with a one-time code
// that a manager got from the server. With the same key and code it may be
// repeated. Its errors are *pos.Problem (enrol.code for a code that is wrong or
// used up, and the line's) and those of ctx.
func Enrol(ctx context.Context, at Enrolment, code string, key ed25519.PublicKey) (EnrolAnswer, error) {
	raw, err := wire.Encode(wire.Enrol{V: wire.Version, Code: code, Key: key})
	if err != nil {
		return EnrolAnswer{}, err
	}
	web, err := dialler(at.HTTP, at.Pins)
	if err != nil {
		return EnrolAnswer{}, err
	}
	if web != at.HTTP {
		defer web.CloseIdleConnections()
	}
	c := call{
		http: web, timeout: defaultTimeout, address: at.URL, plain: at.Plain, pinned: len(at.Pins) > 0,
		route: wire.EnrolRoute, body: raw,
	}
	if raw, err = c.send(ctx); err != nil {
		return EnrolAnswer{}, err
	}
	answer, err := wire.DecodeEnrolled(raw)
	if err != nil {
		return EnrolAnswer{}, c.unreadable(err)
	}
	if !key.Equal(answer.Terminal.Key) {
		return EnrolAnswer{}, c.garbled()
	}
	return EnrolAnswer{
		Terminal: answer.Terminal, Roster: answer.Roster, Now: time.UnixMilli(answer.Now).UTC(), Pepper: answer.Pepper,
	}, nil
}

// unreadable returns the fault for a message that cannot be decoded.
func (c call) unreadable(err error) error {
	if problem, ok := errors.AsType[*pos.Problem](err); ok {
		return &fault{problem: problem}
	}
	return c.garbled()
}

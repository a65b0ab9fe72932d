// Package wire is what a till and the centre say to each other: the messages of
// protocol version 1, their limits, and the form in which they cross the line.
// PROTOCOL.md, beside this package, describes it for other implementations.
//
// Everything from the line is decoded strictly and within limits; what does not
// fit is ErrMalformed or ErrTooLarge. Keys that a reader does not know are
// ignored, so that messages can grow.
package wire

import (
	"errors"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/canon"
)

// Version is the protocol that this program speaks.
const Version = 1

// What the requests are sent to, below the server's address.
const (
	EnrolRoute    = "/v1/enrol"
	ExchangeRoute = "/v1/exchange"
	OfficeRoute   = "/v1/office"
	HealthRoute   = "/healthz"
	ReadyRoute    = "/readyz"
)

// MessageType is the Content-Type of requests and answers; problems have
// ProblemType.
const MessageType = "application/vnd.tenthcup+cbor"

// Limits of one message. Sizes are in bytes before compression.
const (
	MaxEntries    = 1000      // in a request
	MaxEntryBytes = 256 << 10 // of all entries of a request, whole
	MaxProfiles   = 500       // in a request
	MaxProfile    = 64 << 10  // of one profile, encoded
	MaxOpen       = MaxEntries + 1
	MaxWants      = 100      // holders that a request asks leases of
	MaxChanged    = 2000     // rows of one page
	MaxLeases     = 256      // of one holder
	MaxRequest    = 1 << 20  // of a whole request
	MaxAnswer     = 8 << 20  // of a whole answer
	MaxProblem    = 16 << 10 // of a problem
)

// Errors of this package.
var (
	// ErrMalformed is returned for bytes that are not what they should be.
	ErrMalformed = errors.New("malformed message")
	// ErrTooLarge is returned for more bytes than the limit.
	ErrTooLarge = errors.New("message too large")
	// ErrChain is returned for a batch that is not the chain its head says.
	ErrChain = errors.New("batch is not one chain")
)

var reading = canon.NewReader(16, 4096)

// Encode returns the message as deterministic CBOR.
func Encode(message any) ([]byte, error) {
	raw, err := canon.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return raw, nil
}

// decode reads CBOR of the side into the message. Its version comes first: a
// later one may have given the other keys another shape. All errors are
// ErrMalformed or the problem line.newer.
func decode(raw []byte, side string, message any) error {
	var version struct {
		V uint `cbor:"1,keyasint"`
	}
	if err := reading.Unmarshal(raw, &version); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	switch {
	case version.V == 0:
		return fmt.Errorf("%w: no version", ErrMalformed)
	case version.V > Version && side == till:
		return pos.Refuse("line.newer", "till", int64(version.V), "server", int64(Version))
	case version.V > Version:
		return pos.Refuse("line.newer", "till", int64(Version), "server", int64(version.V))
	}
	if err := reading.Unmarshal(raw, message); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// The two sides that write messages.
const (
	till   = "till"
	centre = "centre"
)

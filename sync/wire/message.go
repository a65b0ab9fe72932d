package wire

import (
	"crypto/ed25519"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Enrol asks the centre to make a terminal of the station that holds the key.
type Enrol struct {
	V    uint   `cbor:"1,keyasint"`
	Code string `cbor:"2,keyasint"` // one-time, from a manager
	Key  []byte `cbor:"3,keyasint"` // Ed25519, the public half
}

// Enrolled answers Enrol.
type Enrolled struct {
	V        uint         `cbor:"1,keyasint"`
	Terminal pos.Terminal `cbor:"2,keyasint"`
	Roster   pos.Roster   `cbor:"3,keyasint"`
	Now      int64        `cbor:"4,keyasint"`           // the centre's time, ms since 1970
	Pepper   []byte       `cbor:"5,keyasint,omitempty"` // PepperSize bytes that PIN hashes are made with; nil is none
}

// PepperSize is the length of a pepper in bytes.
const PepperSize = 32

// Request is the till's half of an exchange: what waits there, and what it wants
// to know. The whole request is signed, see Sign.
type Request struct {
	V        uint              `cbor:"1,keyasint"`
	Now      int64             `cbor:"2,keyasint"`            // the terminal's clock, uncorrected, ms since 1970
	Cursor   uint64            `cbor:"3,keyasint,omitempty"`  // position in the feed that the till has reached
	Roster   uint64            `cbor:"4,keyasint,omitempty"`  // version of its roster; 0 if it has none
	Limit    int               `cbor:"5,keyasint,omitempty"`  // rows it wants on the page; 0 is as many as allowed
	Open     []pos.Incarnation `cbor:"6,keyasint,omitempty"`  // whose acks it asks for
	Entries  [][]byte          `cbor:"7,keyasint,omitempty"`  // as Cut returns them
	Head     pos.Hash          `cbor:"8,keyasint,omitzero"`   // of the last entry; zero without entries
	Profiles []pos.Profile     `cbor:"9,keyasint,omitempty"`  // the changed ones that wait
	Wants    []pos.HolderID    `cbor:"10,keyasint,omitempty"` // of whom it would like a lease
	Broken   bool              `cbor:"11,keyasint,omitempty"` // the till's journal is damaged before the first entry
	Waiting  uint64            `cbor:"12,keyasint,omitempty"` // entries that wait at the till behind these
}

// Answer is the centre's half of an exchange.
type Answer struct {
	V    uint        `cbor:"1,keyasint"`
	Page ledger.Page `cbor:"2,keyasint"`
}

// DecodeEnrol reads an Enrol. Its errors are ErrMalformed and the problem
// line.newer.
func DecodeEnrol(raw []byte) (Enrol, error) {
	var e Enrol
	if err := decode(raw, till, &e); err != nil {
		return Enrol{}, err
	}
	if len(e.Key) != ed25519.PublicKeySize || e.Code == "" || len(e.Code) > 64 {
		return Enrol{}, fmt.Errorf("%w: key or code", ErrMalformed)
	}
	return e, nil
}

// DecodeEnrolled reads an Enrolled. Its errors are ErrMalformed and the problem
// line.newer.
func DecodeEnrolled(raw []byte) (Enrolled, error) {
	var e Enrolled
	if err := decode(raw, centre, &e); err != nil {
		return Enrolled{}, err
	}
	key := e.Terminal.Key
	if len(e.Pepper) != 0 && len(e.Pepper) != PepperSize {
		return Enrolled{}, fmt.Errorf("%w: pepper", ErrMalformed)
	}
	if len(key) != ed25519.PublicKeySize || e.Terminal.ID != pos.TerminalOf(key) || e.Now <= 0 {
		return Enrolled{}, fmt.Errorf("%w: terminal or time", ErrMalformed)
	}
	return e, nil
}

// DecodeRequest reads a request within the limits and returns it with Entries
// as Join makes them: whole. Its errors are ErrMalformed, ErrTooLarge, ErrChain
// and the problem line.newer.
func DecodeRequest(raw []byte) (Request, error) {
	var r Request
	if err := decode(raw, till, &r); err != nil {
		return Request{}, err
	}
	switch {
	case r.Now <= 0, r.Limit < 0:
		return Request{}, fmt.Errorf("%w: time or limit", ErrMalformed)
	case len(r.Entries) > MaxEntries, len(r.Profiles) > MaxProfiles, len(r.Open) > MaxOpen, len(r.Wants) > MaxWants:
		return Request{}, fmt.Errorf("%w: %d entries, %d profiles, %d wants", ErrTooLarge, len(r.Entries), len(r.Profiles), len(r.Wants))
	}
	var err error
	r.Entries, err = Join(r.Entries, r.Head)
	return r, err
}

// DecodeAnswer reads an answer within the limits. Its errors are ErrMalformed,
// ErrTooLarge and the problem line.newer.
func DecodeAnswer(raw []byte) (Answer, error) {
	var a Answer
	if err := decode(raw, centre, &a); err != nil {
		return Answer{}, err
	}
	page := a.Page
	switch {
	case page.At <= 0, page.Holders < 0, page.Exceptions < 0:
		return Answer{}, fmt.Errorf("%w: time or counts", ErrMalformed)
	case page.Revoked && len(page.Changed) > 0:
		return Answer{}, fmt.Errorf("%w: rows for a revoked terminal", ErrMalformed)
	case len(page.Changed) > MaxChanged:
		return Answer{}, fmt.Errorf("%w: %d rows", ErrTooLarge, len(page.Changed))
	}
	last := uint64(0)
	lent := map[pos.LeaseID]bool{}
	for _, row := range page.Changed {
		if row.Position <= last || row.Position > page.Cursor {
			return Answer{}, fmt.Errorf("%w: row at %d after %d, cursor %d", ErrMalformed, row.Position, last, page.Cursor)
		}
		last = row.Position
		if err := checkLeases(row.Leases, lent); err != nil {
			return Answer{}, err
		}
	}
	return a, nil
}

// checkLeases adds the leases to those that the page holds already. Each has an
// id of its own, and lends lots of one account, in their order, something of each.
func checkLeases(leases []ledger.Lease, lent map[pos.LeaseID]bool) error {
	if len(leases) > MaxLeases {
		return fmt.Errorf("%w: %d leases of one holder", ErrTooLarge, len(leases))
	}
	for _, lease := range leases {
		if lease.ID == (pos.LeaseID{}) || lent[lease.ID] || len(lease.Sums) == 0 {
			return fmt.Errorf("%w: lease %s", ErrMalformed, lease.ID)
		}
		lent[lease.ID] = true
		for i, sum := range lease.Sums {
			if sum.Amount <= 0 || sum.Account != lease.Account() || i > 0 && !follows(lease.Sums[i-1], sum) {
				return fmt.Errorf("%w: lots of lease %s", ErrMalformed, lease.ID)
			}
		}
	}
	return nil
}

// follows reports whether the sum comes after the other in Sums.
func follows(other, sum ledger.Sum) bool {
	both, err := ledger.Sums{other}.Add(sum.Account, sum.Lot, sum.Amount)
	return err == nil && len(both) == 2 && both[0] == other
}

package wire

import (
	"fmt"

	"tenthcup/pos"
)

// Order is one thing that a manager wants done at the centre, through a till. The
// till signs it, as it signs an exchange; that the manager is one is for the PIN to
// show, and for the centre to check.
type Order struct {
	V       uint          `cbor:"1,keyasint"`
	ID      []byte        `cbor:"2,keyasint"` // OrderID random bytes; the same order sent again has the same ones, and is done once
	Manager pos.CashierID `cbor:"3,keyasint"`
	PIN     string        `cbor:"4,keyasint"`
	Do      string        `cbor:"5,keyasint"`           // what is to be done: "cashier-add"
	Body    []byte        `cbor:"6,keyasint,omitempty"` // JSON, of the shape that goes with Do
}

// Outcome answers an Order that was carried out.
type Outcome struct {
	V    uint   `cbor:"1,keyasint"`
	Body []byte `cbor:"2,keyasint,omitempty"` // JSON, of the shape that goes with the order's Do
}

// OrderID is the length of an order's id in bytes.
const OrderID = 16

// Longest texts of an order, in bytes.
const (
	maxManager = pos.MaxText
	maxPIN     = 64
	maxDo      = 64
)

// DecodeOrder reads an order. Its errors are ErrMalformed and the problem
// line.newer.
func DecodeOrder(raw []byte) (Order, error) {
	var o Order
	if err := decode(raw, till, &o); err != nil {
		return Order{}, err
	}
	switch {
	case len(o.ID) != OrderID:
		return Order{}, fmt.Errorf("%w: an order without an id", ErrMalformed)
	case o.Manager == "" || len(o.Manager) > maxManager, len(o.PIN) > maxPIN, o.Do == "" || len(o.Do) > maxDo:
		return Order{}, fmt.Errorf("%w: manager, PIN or what to do", ErrMalformed)
	}
	return o, nil
}

// DecodeOutcome reads an outcome. Its errors are ErrMalformed and the problem
// line.newer.
func DecodeOutcome(raw []byte) (Outcome, error) {
	var o Outcome
	if err := decode(raw, centre, &o); err != nil {
		return Outcome{}, err
	}
	return o, nil
}

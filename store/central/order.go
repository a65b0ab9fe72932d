package central

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// orderTable is where the orders of managers are that were carried out: terminal, order id
// -> ordered, sealed. Ledgers from before it have none.
var orderTable = []byte("order")

// maxOrders is how many orders of a terminal are remembered. One that comes again does so
// within minutes, and a manager gives some ten in a minute.
const maxOrders = 16

// What can be the matter with an order that came before.
var (
	// ErrUnfinished says that the order was begun, and nobody knows what came of it: it is
	// being carried out, or the process ended over it.
	ErrUnfinished = pos.Refuse("office.unsure")
	// ErrOtherOrder says that there was another order under the id.
	ErrOtherOrder = errors.New("two orders under one id")
)

// Order is what a manager wants done through a terminal. Raw is all that was sent; only a
// hash of it is kept, which says nothing to who has not the secret, for there is a PIN
// in it.
type Order struct {
	Through pos.TerminalID
	ID, Raw []byte
}

func (o Order) key() []byte { return append(o.Through[:], o.ID...) }

// ordered is an order that was begun.
type ordered struct {
	Hash    []byte `cbor:"1,keyasint"`
	At      int64  `cbor:"2,keyasint"`
	Outcome []byte `cbor:"3,keyasint,omitempty"` // none until it is done
}

// Begin notes that the order is going to be carried out. Where it was begun before, in
// whatever process, it returns what came of it, or ErrUnfinished: then nobody may carry it
// out again.
func (c *Book) Begin(o Order, at time.Time) (outcome []byte, err error) {
	err = c.db.Update("", func(tx rows.Tx) error {
		outcome = nil
		if _, err := tx.Make(orderTable); err != nil {
			return fmt.Errorf("make table: %w", err)
		}
		known, err := c.ordered(tx, o)
		switch {
		case err != nil:
			return err
		case known == nil:
			return c.putOrder(tx, o, ordered{At: at.UnixMilli()})
		case known.Outcome == nil:
			return ErrUnfinished
		}
		outcome = known.Outcome
		return nil
	})
	return outcome, err
}

// Outcome returns what came of an order that only reads, nil if it did not come before.
func (c *Book) Outcome(o Order) (outcome []byte, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		known, err := c.ordered(tx, o)
		if err == nil && known != nil {
			outcome = known.Outcome
		}
		return err
	})
	return outcome, err
}

// Done notes what came of the order. The oldest ones of its terminal are forgotten.
func (c *Book) Done(o Order, at time.Time, outcome []byte) error {
	return c.db.Update("", func(tx rows.Tx) error {
		if _, err := tx.Make(orderTable); err != nil {
			return fmt.Errorf("make table: %w", err)
		}
		return c.putOrder(tx, o, ordered{At: at.UnixMilli(), Outcome: outcome})
	})
}

func (c *Book) orderRows(tx rows.Tx) rows.Sealed {
	return rows.NewSealed(tx.Table(orderTable), orderTable, c.seal)
}

// ordered returns what is known of the order, nil where that is nothing.
func (c *Book) ordered(tx rows.Tx, o Order) (*ordered, error) {
	if tx.Table(orderTable) == nil {
		return nil, nil
	}
	var known ordered
	found, err := c.orderRows(tx).Get(o.key(), &known)
	if err != nil || !found {
		return nil, err
	}
	if !bytes.Equal(known.Hash, c.seal.Word(orderTable, string(o.Raw))) {
		return nil, ErrOtherOrder
	}
	return &known, nil
}

// putOrder keeps the order, and forgets the oldest ones of the terminal.
func (c *Book) putOrder(tx rows.Tx, o Order, row ordered) error {
	row.Hash = c.seal.Word(orderTable, string(o.Raw))
	table := c.orderRows(tx)
	var oldest []byte
	first, n := row.At, 0
	cursor := table.Cursor()
	for key, raw := cursor.Seek(o.Through[:]); bytes.HasPrefix(key, o.Through[:]); key, raw = cursor.Next() {
		if bytes.Equal(key, o.key()) {
			continue
		}
		var other ordered
		if err := table.Decode(key, raw, &other); err != nil {
			return err
		}
		if n++; oldest == nil || other.At < first {
			oldest, first = bytes.Clone(key), other.At
		}
	}
	if n >= maxOrders {
		if err := table.Delete(oldest); err != nil {
			return err
		}
	}
	return table.Put(o.key(), row)
}

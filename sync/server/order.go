package server

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// Office carries out what managers want done through tills. It is safe for
// concurrent use.
type Office interface {
	// Carry does what the order says if the PIN is that of the manager, and returns
	// JSON. What the manager is to be told instead is a *pos.Problem. Wrong PINs are
	// counted, so that nobody tries them all. It is called once for each order by one
	// handler; where others serve the same book, in this process or another, they may be
	// given the order too, and it is Carry that sees to it that it is carried out once.
	Carry(through pos.Terminal, order wire.Order) ([]byte, error)
}

// told is a problem that goes to the manager as it is.
type told struct{ problem *pos.Problem }

func (t *told) Error() string { return t.problem.Error() }

// order carries out what a manager wants done. A terminal that was revoked has no
// manager behind it any more.
func (s *Server) order(v *visit) ([]byte, error) {
	from, err := s.signed(v)
	if err != nil {
		return nil, err
	}
	if from.terminal.Revoked {
		return nil, pos.ErrRevoked
	}
	order, err := wire.DecodeOrder(from.raw)
	if err != nil {
		return nil, err
	}
	body, err := s.orders.once(orderKey{from.terminal.ID, [wire.OrderID]byte(order.ID)}, from, func() ([]byte, error) {
		return s.office.Carry(from.terminal, order)
	})
	if err != nil {
		return nil, err
	}
	return wire.Encode(wire.Outcome{V: wire.Version, Body: body})
}

// maxOrders is how many outcomes are remembered.
const maxOrders = 64

type orderKey struct {
	terminal pos.TerminalID
	id       [wire.OrderID]byte
}

// orders remembers what became of orders, so that one that arrives twice, also while it
// is being carried out, is given to the office once: what was lost is the answer, and it
// is given again. A message from before this process began may be a copy of one that was
// answered, and is not taken.
type orders struct {
	since time.Time // when this process began

	mu   sync.Mutex
	done map[orderKey]*carried
	old  []orderKey // in the order of their arrival
}

// carried is an order as it was carried out.
type carried struct {
	once sync.Once
	hash [sha256.Size]byte // of the whole order, which has a PIN in it
	body []byte
	err  error
}

// once carries the order out, unless it was before; then it returns what came of it.
func (o *orders) once(key orderKey, from received, carry func() ([]byte, error)) ([]byte, error) {
	if from.created.Before(o.since.Truncate(time.Second)) {
		return nil, busy()
	}
	hash := sha256.Sum256(from.raw)
	c := o.remember(key, hash)
	if c.hash != hash {
		return nil, wire.ErrMalformed // two orders under one id
	}
	c.once.Do(func() {
		c.err = errors.New("order not carried out to its end") // if carry panics
		c.body, c.err = carry()
		if problem, ok := errors.AsType[*pos.Problem](c.err); ok && !errors.Is(c.err, pos.Refuse(away)) {
			c.err = &told{problem}
		}
	})
	return c.body, c.err
}

func (o *orders) remember(key orderKey, hash [sha256.Size]byte) *carried {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known := o.done[key]; known != nil {
		return known
	}
	if o.done == nil {
		o.done = map[orderKey]*carried{}
	}
	if len(o.old) >= maxOrders {
		delete(o.done, o.old[0])
		o.old = o.old[1:]
	}
	c := &carried{hash: hash}
	o.done[key], o.old = c, append(o.old, key)
	return c
}

package client

import (
	"context"
	"time"

	"tenthcup/sync/wire"
)

// orderPatience is how long a manager waits for the centre.
const orderPatience = 20 * time.Second

// Order has the centre do what a manager wants done, and returns the JSON that it
// answers with. It waits for an exchange that is under way. The order has its ID.
//
// Its errors are *pos.Problem, the line's or what the manager is to be told, and
// those of ctx. After line.cut and line.slow nobody knows whether the order was
// carried out; the same one, with the same ID, is not carried out twice while the
// centre's process lives. line.path says that the centre is too old for orders.
func (c *Client) Order(ctx context.Context, order wire.Order) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, orderPatience+c.timeout())
	defer cancel()
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	defer c.give()
	order.V = wire.Version
	raw, err := wire.Encode(order)
	if err != nil {
		return nil, err
	}
	call, err := c.message(wire.OfficeRoute, raw)
	if err != nil {
		return nil, err
	}
	call.timeout = orderPatience
	if raw, _, err = c.send(ctx, call); err != nil {
		return nil, err
	}
	outcome, err := wire.DecodeOutcome(raw)
	if err != nil {
		return nil, call.unreadable(err)
	}
	return outcome.Body, nil
}

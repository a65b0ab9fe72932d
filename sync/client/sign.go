package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"time"

	"tenthcup/sync/wire"
)

// send signs the call, makes it, and returns the answer and the terminal's time
// when it was asked. Where the centre says that the terminal's clock is wrong, the
// call is signed by the centre's clock from then on; where it has seen the request
// before (the transport may repeat one), it is signed anew. Each is tried once.
func (c *Client) send(ctx context.Context, call call) (raw []byte, before time.Time, err error) {
	signed := map[string]bool{}
	for {
		before = c.Now()
		call.by = &wire.Signer{Key: c.Key, At: before.Add(c.clock.offset), Nonce: c.nonce(call.body, before)}
		raw, err = call.send(ctx)
		f, _ := errors.AsType[*fault](err)
		if f == nil || signed[f.problem.Key] {
			return raw, before, err
		}
		switch f.problem.Key {
		case "line.clock":
			now, ok := f.problem.Args["now"].(int64)
			if !ok {
				return raw, before, err
			}
			c.clock.measure(time.UnixMilli(now), before, c.Now())
		case "line.replay":
		default:
			return raw, before, err
		}
		signed[f.problem.Key] = true
	}
}

// nonce returns 128 bits that no other request of this terminal has and nobody
// else can tell: drawn with the key from the request, the moment, and how many
// this client has signed.
func (c *Client) nonce(body []byte, at time.Time) wire.Nonce {
	c.signed++
	drawn := hmac.New(sha256.New, c.Key.Seed())
	drawn.Write([]byte("tenthcup nonce v1"))
	drawn.Write(binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano())))
	drawn.Write(binary.BigEndian.AppendUint64(nil, c.signed))
	drawn.Write(body)
	return wire.Nonce(drawn.Sum(nil)[:16])
}

// redial makes the next call on a new connection. HTTP/2 would go on using one
// that has stopped answering.
func (c *Client) redial() {
	c.web.CloseIdleConnections()
	c.web = nil
}

package wire_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

var anOrder = wire.Order{
	V: 1, ID: vectorNonce[:], Manager: "mia", PIN: "1234", Do: "cashier-list", Body: []byte("{}"),
}

// PROTOCOL.md gives these bytes to those who write another implementation.
func TestOrderVector(t *testing.T) {
	protocol, err := os.ReadFile("../PROTOCOL.md")
	require.NoError(t, err)
	require.Contains(t, string(protocol), hex.EncodeToString(encode(t, anOrder)))
	got, err := wire.DecodeOrder(encode(t, anOrder))
	require.NoError(t, err)
	require.Equal(t, anOrder, got)
}

func TestOrderRefuses(t *testing.T) {
	change := func(f func(*wire.Order)) []byte {
		o := anOrder
		f(&o)
		return encode(t, o)
	}
	for name, tt := range map[string]struct {
		raw []byte
		err error
	}{
		"nothing":           {nil, wire.ErrMalformed},
		"a later version":   {change(func(o *wire.Order) { o.V = 2 }), pos.Refuse("line.newer")},
		"no id":             {change(func(o *wire.Order) { o.ID = nil }), wire.ErrMalformed},
		"a long id":         {change(func(o *wire.Order) { o.ID = make([]byte, 17) }), wire.ErrMalformed},
		"nobody":            {change(func(o *wire.Order) { o.Manager = "" }), wire.ErrMalformed},
		"a long manager":    {change(func(o *wire.Order) { o.Manager = pos.CashierID(strings.Repeat("a", 257)) }), wire.ErrMalformed},
		"a long PIN":        {change(func(o *wire.Order) { o.PIN = strings.Repeat("1", 65) }), wire.ErrMalformed},
		"nothing to do":     {change(func(o *wire.Order) { o.Do = "" }), wire.ErrMalformed},
		"something behind":  {append(change(func(*wire.Order) {}), 0), wire.ErrMalformed},
		"much to be called": {change(func(o *wire.Order) { o.Do = strings.Repeat("a", 65) }), wire.ErrMalformed},
	} {
		_, err := wire.DecodeOrder(tt.raw)
		require.ErrorIs(t, err, tt.err, name)
	}
}

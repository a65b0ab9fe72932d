package server_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

// bureau is an office that remembers what it carried out.
type bureau struct {
	done  []wire.Order
	fails error
}

func (b *bureau) Carry(_ pos.Terminal, order wire.Order) ([]byte, error) {
	b.done = append(b.done, order)
	return []byte(`{"n":1}`), b.fails
}

func order(id byte) wire.Order {
	return wire.Order{V: 1, ID: bytes.Repeat([]byte{id}, wire.OrderID), Manager: "mia", PIN: "1111", Do: "cashier-list", Body: []byte("{}")}
}

// send signs a message for the office and returns it, to be sent as often as wanted.
func send(t testing.TB, key ed25519.PrivateKey, message any, at time.Time) func() *http.Request {
	raw, err := wire.Encode(message)
	require.NoError(t, err)
	body, encoding := wire.Pack(raw)
	drawn++
	header := http.Header{"Content-Type": {wire.MessageType}}
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	by := wire.Signer{Key: key, At: at, Nonce: wire.Nonce(binary.BigEndian.AppendUint64(make([]byte, 8), drawn))}
	wire.Sign(header, wire.Target{Route: wire.OfficeRoute}, body, by)
	return func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, wire.OfficeRoute, bytes.NewReader(body))
		r.Header = header.Clone()
		return r
	}
}

func TestOrder(t *testing.T) {
	office := &bureau{}
	h := handler(&book{}, server.Options{Office: office})
	response := serve(h, send(t, tillKey, order(1), noon)())
	require.Equal(t, http.StatusOK, response.StatusCode)
	outcome, err := wire.DecodeOutcome(read(t, response))
	require.NoError(t, err)
	require.JSONEq(t, `{"n":1}`, string(outcome.Body))
	require.Equal(t, []wire.Order{order(1)}, office.done)
}

// An order that comes again, because its answer was lost or somebody recorded it,
// is not carried out again: the till that signs it anew gets the same answer, a copy
// of the request is refused, and after a restart too.
func TestOrderIsCarriedOutOnce(t *testing.T) {
	office := &bureau{}
	now := noon
	h := handler(&book{}, server.Options{Office: office, Now: func() time.Time { return now }})
	first := send(t, tillKey, order(1), now)
	require.Equal(t, http.StatusOK, serve(h, first()).StatusCode)
	require.Equal(t, "line.replay", problemOf(t, serve(h, first())).Key)
	now = now.Add(2 * time.Second)
	again := serve(h, send(t, tillKey, order(1), now)())
	require.Equal(t, http.StatusOK, again.StatusCode)
	outcome, err := wire.DecodeOutcome(read(t, again))
	require.NoError(t, err)
	require.JSONEq(t, `{"n":1}`, string(outcome.Body))
	require.Len(t, office.done, 1)

	restarted := handler(&book{}, server.Options{Office: office, Now: func() time.Time { return now }})
	require.Equal(t, "line.busy", problemOf(t, serve(restarted, first())).Key)
	require.Len(t, office.done, 1)
	require.Equal(t, http.StatusOK, serve(restarted, send(t, tillKey, order(2), now)()).StatusCode)

	other := order(1)
	other.Do = "cashier-remove"
	require.Equal(t, "line.malformed", problemOf(t, serve(h, send(t, tillKey, other, now)())).Key, "two orders under one id")
	require.Len(t, office.done, 2)
}

func TestOrdersThatAreRefused(t *testing.T) {
	short := order(1)
	short.ID = short.ID[1:]
	for _, tt := range []struct {
		name    string
		revoked bool
		key     ed25519.PrivateKey
		message any
		want    string
	}{
		{"an unknown terminal", false, noKey, order(1), "line.unknown"},
		{"a revoked terminal", true, tillKey, order(1), "line.revoked"},
		{"half an id", false, tillKey, short, "line.malformed"},
		{"an exchange", false, tillKey, idle, "line.malformed"},
		{"a later version", false, tillKey, wire.Order{V: 2}, "line.newer"},
	} {
		office := &bureau{}
		h := handler(&book{revoked: tt.revoked}, server.Options{Office: office})
		require.Equal(t, tt.want, problemOf(t, serve(h, send(t, tt.key, tt.message, noon)())).Key, tt.name)
		require.Empty(t, office.done, tt.name)
	}
	elsewhere := post(t, tillKey, order(1)) // signed for the exchange
	elsewhere.URL.Path = wire.OfficeRoute
	office := &bureau{}
	require.Equal(t, "line.refused", problemOf(t, serve(handler(&book{}, server.Options{Office: office}), elsewhere)).Key)
	require.Empty(t, office.done)
	require.Equal(t, "line.path", problemOf(t, serve(handler(&book{}, server.Options{}), send(t, tillKey, order(1), noon)())).Key, "a server without an office")
}

// What a manager is to be told arrives as it is; what failed inside does not.
func TestOrderProblems(t *testing.T) {
	office := &bureau{fails: pos.Refuse("pin.wait", "seconds", int64(5))}
	h := handler(&book{}, server.Options{Office: office})
	response := serve(h, send(t, tillKey, order(1), noon)())
	require.Equal(t, wire.OfficeStatus, response.StatusCode)
	told, err := wire.DecodeProblem(read(t, response))
	require.NoError(t, err)
	require.Equal(t, pos.Refuse("pin.wait", "seconds", int64(5)), told)
	office.fails = errors.New("disk on fire")
	require.Equal(t, "line.failed", problemOf(t, serve(h, send(t, tillKey, order(2), noon)())).Key)
}

// The centre hears from each exchange that the terminal is there, and what waits.
func TestSightings(t *testing.T) {
	seen := map[pos.TerminalID]server.Sighting{}
	h := handler(&book{}, server.Options{Seen: func(id pos.TerminalID, s server.Sighting) { seen[id] = s }})
	waiting := idle
	waiting.Waiting = 12
	require.Equal(t, http.StatusOK, serve(h, post(t, tillKey, waiting)).StatusCode)
	require.Equal(t, map[pos.TerminalID]server.Sighting{terminalOf(tillKey).ID: {At: noon, Waiting: 12, Area: "area"}}, seen)
}

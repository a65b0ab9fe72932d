package wire_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// allowed fails the test on an error that the decoders do not document.
func allowed(t *testing.T, err error) {
	for _, documented := range []error{wire.ErrMalformed, wire.ErrTooLarge, wire.ErrChain, pos.Refuse("line.newer")} {
		if errors.Is(err, documented) {
			return
		}
	}
	t.Fatalf("undocumented error %v", err)
}

// What a server reads, it reads the same again after it was sent on.
func FuzzRequest(f *testing.F) {
	f.Add(encode(f, request(f, 3)))
	f.Add(encode(f, request(f, 0)))
	f.Add(encode(f, wire.Request{V: 2, Now: 1}))
	f.Add(encode(f, request(f, 3))[:200])
	f.Add([]byte("\xa3\x01\x01\x02\x01\x07\x9a\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := wire.DecodeRequest(raw)
		if err != nil {
			allowed(t, err)
			return
		}
		sent := got
		sent.Entries, sent.Head = wire.Cut(got.Entries)
		require.Len(t, sent.Entries, len(got.Entries), "Join makes one chain")
		again, err := wire.DecodeRequest(encode(t, sent))
		require.NoError(t, err)
		require.Equal(t, encode(t, got), encode(t, again))
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(encode(f, answer()))
	f.Add(encode(f, wire.Answer{V: 1}))
	f.Add([]byte("\xa2\x01\x01\x02\xa4\x01\x01\x03\x81\xa2\x02\x05\x03\x80\x04\x05\x05\xf5"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := wire.DecodeAnswer(raw)
		if err != nil {
			allowed(t, err)
			return
		}
		again, err := wire.DecodeAnswer(encode(t, got))
		require.NoError(t, err)
		require.Equal(t, encode(t, got), encode(t, again))
	})
}

func FuzzEnrol(f *testing.F) {
	f.Add(encode(f, wire.Enrol{V: 1, Code: "K7Q2", Key: enrolled().Terminal.Key}), encode(f, enrolled()))
	f.Fuzz(func(t *testing.T, request, answer []byte) {
		if _, err := wire.DecodeEnrol(request); err != nil {
			allowed(t, err)
		}
		got, err := wire.DecodeEnrolled(answer)
		if err != nil {
			allowed(t, err)
			return
		}
		require.Equal(t, pos.TerminalOf(got.Terminal.Key), got.Terminal.ID)
	})
}

// A problem stands on a screen: reading it once makes it harmless for good.
func FuzzProblem(f *testing.F) {
	f.Add([]byte(`{"key":"line.busy","args":{"seconds":5,"name":"Ann\u001b[31m"}}`))
	f.Add([]byte(`{"key":"line.newer","args":{"till":9223372036854775808}}`))
	f.Add([]byte(`{"type":"about:blank","title":"Not Found"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := wire.DecodeProblem(raw)
		if err != nil {
			allowed(t, err)
			return
		}
		again, err := wire.DecodeProblem(wire.EncodeProblem(got))
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

func FuzzUnpack(f *testing.F) {
	body, encoding := wire.Pack(encode(f, request(f, 20)))
	f.Add(body, encoding)
	f.Add(body[:len(body)/2], encoding)
	bomb, _ := wire.Pack(make([]byte, wire.MaxRequest+1))
	f.Add(bomb, encoding)
	f.Add([]byte("plain"), "")
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		raw, err := wire.Unpack(body, encoding, wire.MaxRequest)
		if err != nil {
			allowed(t, err)
			return
		}
		require.LessOrEqual(t, len(raw), wire.MaxRequest)
	})
}

// What is read as a proof is what its parts make: there is one form of it, and
// whoever owns the key can make just that.
func FuzzProof(f *testing.F) {
	for _, encoding := range []string{"", wire.Zstd} {
		good := signed(exchange, []byte("body"), encoding)
		f.Add(good.Get("Signature-Input"), good.Get("Signature"), good.Get("Content-Digest"), encoding)
	}
	f.Add(`s=();created=1;keyid="";nonce=""`, "s=::", "sha-256=::", "")
	f.Add(`s=("@method";req);created=1800000000`, "s=:AAAA:", "sha-256=:AAAA:", "gzip")
	f.Fuzz(func(t *testing.T, input, signature, digest, encoding string) {
		header := http.Header{
			"Content-Type": {wire.MessageType}, "Content-Digest": {digest}, "Signature-Input": {input}, "Signature": {signature},
		}
		if encoding != "" {
			header.Set("Content-Encoding", encoding)
		}
		proof, err := wire.ReadProof(header)
		if err != nil {
			require.ErrorIs(t, err, wire.ErrUnsigned)
			return
		}
		again := http.Header{"Content-Type": {wire.MessageType}}
		if encoding != "" {
			again.Set("Content-Encoding", encoding)
		}
		wire.Sign(again, exchange, []byte("body"), wire.Signer{Key: testKey, At: proof.Created, Nonce: proof.Nonce})
		require.Equal(t, strings.Replace(input, proof.Terminal.String(), terminal().String(), 1), again.Get("Signature-Input"))
		if proof.Verify(publicKey, exchange) && proof.Covers([]byte("body")) {
			require.Equal(t, again, header, "only the key's owner makes one that verifies")
		}
	})
}

func FuzzPin(f *testing.F) {
	f.Add(wire.Pin(vectorNonce).String())
	f.Add("0i0i 0I0I-OOOO oooo 1111 1111 11")
	f.Fuzz(func(t *testing.T, text string) {
		pin, err := wire.ParsePin(text)
		if err != nil {
			require.ErrorIs(t, err, pos.Refuse("enrol.pin"))
			return
		}
		again, err := wire.ParsePin(pin.String())
		require.NoError(t, err)
		require.Equal(t, pin, again)
	})
}

func FuzzOrder(f *testing.F) {
	f.Add(encode(f, anOrder), encode(f, wire.Outcome{V: 1, Body: []byte(`[]`)}))
	f.Add(encode(f, wire.Order{V: 2}), encode(f, wire.Outcome{V: 2}))
	f.Add([]byte("\xa3\x01\x01\x02\x41\x00\x03\x61a"), []byte("\xa2\x01\x01\x02\x9a\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, order, outcome []byte) {
		if got, err := wire.DecodeOrder(order); err != nil {
			allowed(t, err)
		} else {
			again, err := wire.DecodeOrder(encode(t, got))
			require.NoError(t, err)
			require.Equal(t, encode(t, got), encode(t, again))
			require.Len(t, got.ID, wire.OrderID)
		}
		got, err := wire.DecodeOutcome(outcome)
		if err != nil {
			allowed(t, err)
			return
		}
		again, err := wire.DecodeOutcome(encode(t, got))
		require.NoError(t, err)
		require.Equal(t, encode(t, got), encode(t, again))
	})
}

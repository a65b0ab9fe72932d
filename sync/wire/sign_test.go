package wire_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dadrus/httpsig"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

var (
	vectorNonce = wire.Nonce{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	exchange    = wire.Target{Route: wire.ExchangeRoute}
	publicKey   = testKey.Public().(ed25519.PublicKey)
)

// signed returns the headers of a request of the body.
func signed(to wire.Target, body []byte, encoding string) http.Header {
	header := http.Header{"Content-Type": {wire.MessageType}}
	if encoding != "" {
		header.Set("Content-Encoding", encoding)
	}
	wire.Sign(header, to, body, wire.Signer{Key: testKey, At: time.UnixMilli(1_800_000_000_999), Nonce: vectorNonce})
	return header
}

func TestProofSaysWhoAndWhen(t *testing.T) {
	for _, encoding := range []string{"", wire.Zstd} {
		proof, err := wire.ReadProof(signed(exchange, []byte("body"), encoding))
		require.NoError(t, err)
		require.True(t, proof.Verify(publicKey, exchange))
		require.True(t, proof.Covers([]byte("body")))
		require.Equal(t, terminal(), proof.Terminal)
		require.Equal(t, vectorNonce, proof.Nonce)
		require.Equal(t, time.Unix(1_800_000_000, 0).UTC(), proof.Created)
	}
}

// A signature is good for one request only: with any part of it changed it does
// not pass, and neither does it under another key.
func TestSignatureCoversTheRequest(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	good := signed(exchange, []byte("body"), wire.Zstd)
	proof, err := wire.ReadProof(good)
	require.NoError(t, err)
	require.False(t, proof.Verify(other, exchange))
	require.False(t, proof.Verify(nil, exchange))
	require.False(t, proof.Verify(publicKey, wire.Target{Route: wire.EnrolRoute}))
	require.False(t, proof.Verify(publicKey, wire.Target{Route: "/shop" + wire.ExchangeRoute}))
	require.False(t, proof.Verify(publicKey, wire.Target{Route: wire.ExchangeRoute, Query: "a=1"}))
	require.False(t, proof.Covers([]byte("Body")))
	require.False(t, proof.Covers(nil))
	for name, change := range map[string][2]string{
		"type":      {"Content-Type", "text/plain"},
		"encoding":  {"Content-Encoding", "gzip"},
		"digest":    {"Content-Digest", signed(exchange, []byte("Body"), "").Get("Content-Digest")},
		"time":      {"Signature-Input", strings.Replace(good.Get("Signature-Input"), "created=18", "created=19", 1)},
		"nonce":     {"Signature-Input", strings.Replace(good.Get("Signature-Input"), `nonce="A`, `nonce="B`, 1)},
		"signature": {"Signature", signed(exchange, []byte("Body"), "").Get("Signature")},
	} {
		changed := good.Clone()
		changed.Set(change[0], change[1])
		proof, err := wire.ReadProof(changed)
		require.NoError(t, err, name)
		require.False(t, proof.Verify(publicKey, exchange), name)
	}
}

// There is one form. Whatever RFC 9421 allows besides is refused before a key is
// looked at.
func TestOtherFormsAreRefused(t *testing.T) {
	input := signed(exchange, []byte("body"), "").Get("Signature-Input")
	signature := signed(exchange, []byte("body"), "").Get("Signature")
	replace := func(old, new string) func(http.Header) {
		require.Contains(t, input, old)
		return func(h http.Header) { h.Set("Signature-Input", strings.Replace(input, old, new, 1)) }
	}
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	add := func(name, value string) func(http.Header) { return func(h http.Header) { h.Add(name, value) } }
	without := func(name string) func(http.Header) { return func(h http.Header) { h.Del(name) } }
	nonce := `;nonce="` + vectorNonce.String() + `"`
	for name, change := range map[string]func(http.Header){
		"no signature":                   without("Signature"),
		"no input":                       without("Signature-Input"),
		"no digest":                      without("Content-Digest"),
		"no type":                        without("Content-Type"),
		"an empty type":                  set("Content-Type", ""),
		"two signatures":                 add("Signature", signature),
		"two inputs":                     add("Signature-Input", input),
		"two digests":                    add("Content-Digest", "sha-512=:AAAA:"),
		"two types":                      add("Content-Type", wire.MessageType),
		"two encodings":                  func(h http.Header) { h["Content-Encoding"] = []string{"zstd", "zstd"} },
		"an empty encoding":              set("Content-Encoding", ""),
		"an encoding that is not signed": set("Content-Encoding", "zstd"),
		"two signatures in one header":   set("Signature", signature+", t=:AAAA:"),
		"two inputs in one header":       set("Signature-Input", input+", "+strings.Replace(input, "s=", "t=", 1)),
		"another label":                  replace("s=(", "sig1=("),
		"another order":                  replace(`"@method" "@path"`, `"@path" "@method"`),
		"a component less":               replace(` "@query"`, ``),
		"a component more":               replace(`"@method"`, `"@method" "@authority"`),
		"a component twice":              replace(`"@method"`, `"@method" "@method"`),
		"a component with a parameter":   replace(`"content-type"`, `"content-type";sf`),
		"an encoding that is not there":  replace(`"content-type"`, `"content-type" "content-encoding"`),
		"two spaces":                     replace(`"@method" `, `"@method"  `),
		"no time":                        replace(";created=1800000000", ""),
		"a time before all time":         replace("created=1", "created=-1"),
		"a time with a sign":             replace("created=1", "created=+1"),
		"a time with a nought before it": replace("created=1", "created=01"),
		"a time that is none":            replace("created=1800000000", "created=:AAAA:"),
		"a time at the end of time":      replace("created=1800000000", "created=99999999999999999999"),
		"no nonce":                       replace(nonce, ""),
		"a short nonce":                  replace(vectorNonce.String(), "AAAA"),
		"a padded nonce":                 replace(vectorNonce.String(), vectorNonce.String()+"=="),
		"a nonce with loose bits":        replace(`w"`, `x"`),
		"no key":                         replace(`;keyid="`+terminal().String()+`"`, ""),
		"a key in capitals":              replace(terminal().String(), strings.ToUpper(terminal().String())),
		"no algorithm":                   replace(`;alg="ed25519"`, ""),
		"another algorithm":              replace("ed25519", "hmac-sha256"),
		"no tag":                         replace(`;tag="tenthcup"`, ""),
		"another tag":                    replace("tenthcup", "tenthmug"),
		"a parameter more":               replace(";alg", ";expires=1900000000;alg"),
		"another order of parameters":    replace(`;alg="ed25519"`+nonce, nonce+`;alg="ed25519"`),
		"something behind it":            set("Signature-Input", input+" "),
		"half a signature":               set("Signature", signature[:40]+":"),
		"a signature of 63 bytes":        set("Signature", "s=:"+strings.Repeat("A", 84)+":"),
		"a signature without its colons": set("Signature", strings.ReplaceAll(signature, ":", "")),
		"a signature on two lines":       set("Signature", signature[:40]+"\r\n"+signature[40:]),
		"a signature with another label": set("Signature", "t"+signature[1:]),
		"another digest":                 set("Content-Digest", "sha-512=:AAAA:"),
		"a short digest":                 set("Content-Digest", "sha-256=:AAAA:"),
	} {
		t.Run(name, func(t *testing.T) {
			header := signed(exchange, []byte("body"), "")
			change(header)
			_, err := wire.ReadProof(header)
			require.ErrorIs(t, err, wire.ErrUnsigned)
		})
	}
}

// covered are the components that dadrus/httpsig is to sign and to ask for.
func covered(encoding string) []string {
	components := []string{"@method", "@path", "@query", "content-digest", "content-type"}
	if encoding != "" {
		components = append(components, "content-encoding")
	}
	return components
}

// drawn is a request with an odd path and body. RFC 9421 has the path as it is
// escaped on the line.
func drawn(t *rapid.T) (request *http.Request, to wire.Target, body []byte) {
	at := &url.URL{
		Scheme: "https", Host: "centre.test",
		Path:     "/" + rapid.String().Draw(t, "path"),
		RawQuery: rapid.StringMatching(`([a-z%&=+?/]|%2[0-9A-F]){0,20}`).Draw(t, "query"),
	}
	body = rapid.SliceOf(rapid.Byte()).Draw(t, "body")
	request = &http.Request{
		Method: http.MethodPost, URL: at, Host: at.Host,
		Header: http.Header{"Content-Type": {rapid.StringMatching(`[a-z]{1,9}/[a-z.+-]{1,9}(; *[a-z]="?[a-z0-9]*"?)?`).Draw(t, "type")}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
	if encoding := rapid.SampledFrom([]string{"", "zstd", "gzip"}).Draw(t, "encoding"); encoding != "" {
		request.Header.Set("Content-Encoding", encoding)
	}
	return request, wire.Target{Route: at.EscapedPath(), Query: at.RawQuery}, body
}

// What we sign another implementation of RFC 9421 verifies.
func TestOthersVerifyWhatWeSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		request, to, body := drawn(t)
		wire.Sign(request.Header, to, body, wire.Signer{Key: testKey, At: time.Now(), Nonce: vectorNonce})
		verifier, err := httpsig.NewVerifier(
			httpsig.Key{KeyID: terminal().String(), Algorithm: httpsig.Ed25519, Key: publicKey},
			httpsig.WithRequiredTag("tenthcup",
				httpsig.WithRequiredComponents(covered(request.Header.Get("Content-Encoding"))...),
				httpsig.WithExpiredTimestampRequired(false),
				httpsig.WithMaxAge(24*time.Hour), httpsig.WithValidityTolerance(24*time.Hour)),
		)
		require.NoError(t, err)
		require.NoError(t, verifier.Verify(httpsig.MessageFromRequest(request)))
		proof, err := wire.ReadProof(request.Header)
		require.NoError(t, err)
		require.True(t, proof.Verify(publicKey, to))

		request.URL.Path += "x"
		require.Error(t, verifier.Verify(httpsig.MessageFromRequest(request)), "the other one does check")
	})
}

// What another implementation signs, asked for the same components, we verify.
func TestWeVerifyWhatOthersSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		request, to, body := drawn(t)
		nonce := wire.Nonce(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "nonce"))
		signer, err := httpsig.NewSigner(
			httpsig.Key{KeyID: terminal().String(), Algorithm: httpsig.Ed25519, Key: testKey},
			httpsig.WithComponents(covered(request.Header.Get("Content-Encoding"))...),
			httpsig.WithContentDigestAlgorithm(httpsig.Sha256),
			httpsig.WithLabel("s"), httpsig.WithTag("tenthcup"), httpsig.WithTTL(0),
			httpsig.WithNonce(httpsig.NonceGetterFunc(func(context.Context) (string, error) { return nonce.String(), nil })),
		)
		require.NoError(t, err)
		header, err := signer.Sign(httpsig.MessageFromRequest(request))
		require.NoError(t, err)
		proof, err := wire.ReadProof(header)
		require.NoError(t, err)
		require.Equal(t, terminal(), proof.Terminal)
		require.Equal(t, nonce, proof.Nonce)
		require.True(t, proof.Verify(publicKey, to))
		require.True(t, proof.Covers(body))
		to.Route += "x"
		require.False(t, proof.Verify(publicKey, to))
	})
}

func TestPins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pin := wire.Pin(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "pin"))
		text := pin.String()
		require.Len(t, strings.ReplaceAll(text, "-", ""), 26)
		for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", " "), strings.ReplaceAll(text, "O", "0")} {
			again, err := wire.ParsePin(typed)
			require.NoError(t, err)
			require.Equal(t, pin, again)
		}
		var again wire.Pin
		raw, err := pin.MarshalText()
		require.NoError(t, err)
		require.NoError(t, again.UnmarshalText(raw))
		require.Equal(t, pin, again)
	})
	good := wire.Pin(vectorNonce).String()
	for _, bad := range []string{"", good[1:], good + "1", good[:len(good)-1] + "X", "Z" + good[1:], "\x00"} {
		_, err := wire.ParsePin(bad)
		require.ErrorIs(t, err, pos.Refuse("enrol.pin"), bad)
	}
}

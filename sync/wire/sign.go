package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tenthcup/pos"
)

// A request is signed as RFC 9421 says, in one form out of the many that it
// allows, so that there is nothing to choose and nothing to get wrong: one
// Ed25519 signature, these components in this order, all parameters in this
// order. Any other form is ErrUnsigned.
//
// The name of the host is left out: a proxy changes it, and a server that
// believed what a proxy says of it would gain nothing.
const (
	digestHeader    = "Content-Digest"
	inputHeader     = "Signature-Input"
	signatureHeader = "Signature"
	typeHeader      = "Content-Type"
	encodingHeader  = "Content-Encoding"

	components = `("@method" "@path" "@query" "content-digest" "content-type"`
	encoded    = ` "content-encoding"` // if the request has one
	parameters = `);created=%d;keyid="%s";alg="ed25519";nonce="%s";tag="tenthcup"`
)

// Window is how far the time of a signature may be from the centre's clock,
// either way.
const Window = 5 * time.Minute

// ErrUnsigned is returned for headers that hold no signature of the one form
// that is taken.
var ErrUnsigned = errors.New("request is not signed as it should be")

// Nonce makes each request one of its kind: 128 bits that its terminal has never
// sent before.
type Nonce [16]byte

// String returns the nonce as it stands in the headers: base64 without padding.
func (n Nonce) String() string { return base64.RawStdEncoding.EncodeToString(n[:]) }

// Target is what a request is sent to: one of the routes of this package,
// whatever a proxy puts in front of it, and the query, raw and without its
// question mark, which is "" in all that a till sends.
type Target struct{ Route, Query string }

// Proof is what the headers of a request say about who sent it. Nothing of it is
// true before Verify has said so, and nothing about the body before Covers has.
type Proof struct {
	Terminal pos.TerminalID
	Created  time.Time // by the terminal's clock, as it thinks that the centre's is; whole seconds
	Nonce    Nonce

	kind      string // Content-Type
	encoding  string // Content-Encoding; "" is none
	digest    [sha256.Size]byte
	signature [ed25519.SignatureSize]byte
}

// Signer is who signs a request, and when.
type Signer struct {
	Key   ed25519.PrivateKey
	At    time.Time // as the centre's clock has it
	Nonce Nonce     // never used before with this key
}

// Sign adds the headers that prove who sent the request. The header has its
// Content-Type and its Content-Encoding already; the body is as it crosses the
// line.
func Sign(header http.Header, to Target, body []byte, by Signer) {
	p := Proof{
		Terminal: pos.TerminalOf(by.Key.Public().(ed25519.PublicKey)),
		Created:  by.At,
		Nonce:    by.Nonce,
		kind:     header.Get(typeHeader),
		encoding: header.Get(encodingHeader),
		digest:   sha256.Sum256(body),
	}
	header.Set(digestHeader, p.contentDigest())
	header.Set(inputHeader, "s="+p.params())
	header.Set(signatureHeader, "s=:"+base64.StdEncoding.EncodeToString(ed25519.Sign(by.Key, p.base(to)))+":")
}

// ReadProof reads the headers of a request. What is not signed in the one form
// that Sign makes is ErrUnsigned: other components or another order of them,
// parameters that are missing, several signatures, a header that comes twice.
func ReadProof(header http.Header) (p Proof, err error) {
	var digest, input, signature string
	for name, into := range map[string]*string{
		digestHeader: &digest, inputHeader: &input, signatureHeader: &signature, typeHeader: &p.kind,
	} {
		if *into, err = only(header, name); err != nil {
			return Proof{}, err
		}
	}
	if header.Values(encodingHeader) != nil {
		if p.encoding, err = only(header, encodingHeader); err != nil {
			return Proof{}, err
		}
	}
	if err := p.readInput(input); err != nil {
		return Proof{}, err
	}
	if !unbase64(p.digest[:], digest, "sha-256=:", ":") || !unbase64(p.signature[:], signature, "s=:", ":") {
		return Proof{}, fmt.Errorf("%w: digest or signature", ErrUnsigned)
	}
	return p, nil
}

// only returns the value of a header that is there once and is not empty.
func only(header http.Header, name string) (string, error) {
	values := header.Values(name)
	if len(values) != 1 || values[0] == "" || strings.ContainsAny(values[0], "\r\n") {
		return "", fmt.Errorf("%w: %s", ErrUnsigned, name)
	}
	return values[0], nil
}

// readInput reads Signature-Input. It takes what stands between the fixed parts
// and then asks for the very text that these values make.
func (p *Proof) readInput(text string) error {
	bad := fmt.Errorf("%w: %s", ErrUnsigned, inputHeader)
	_, rest, _ := strings.Cut(text, ");created=")
	created, rest, _ := strings.Cut(rest, ";")
	_, rest, _ = strings.Cut(rest, `keyid="`)
	terminal, rest, _ := strings.Cut(rest, `"`)
	_, rest, _ = strings.Cut(rest, `nonce="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	seconds, err := strconv.ParseUint(created, 10, 40) // 34,000 years
	if err != nil || p.Terminal.UnmarshalText([]byte(terminal)) != nil {
		return bad
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(nonce)
	if err != nil || len(raw) != len(p.Nonce) {
		return bad
	}
	p.Created, p.Nonce = time.Unix(int64(seconds), 0).UTC(), Nonce(raw)
	if text != "s="+p.params() {
		return bad
	}
	return nil
}

// unbase64 reads standard base64 between before and after, of just the length of
// into, and reports whether that is what the text is.
func unbase64(into []byte, text, before, after string) bool {
	text, begins := strings.CutPrefix(text, before)
	text, ends := strings.CutSuffix(text, after)
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if !begins || !ends || err != nil || len(raw) != len(into) || len(text) != base64.StdEncoding.EncodedLen(len(into)) {
		return false
	}
	copy(into, raw)
	return true
}

// Verify reports whether the key's owner signed these headers for this target.
// It reads no body.
func (p Proof) Verify(key ed25519.PublicKey, to Target) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, p.base(to), p.signature[:])
}

// Covers reports whether the body, as it crossed the line, is the signed one.
func (p Proof) Covers(body []byte) bool { return sha256.Sum256(body) == p.digest }

func (p Proof) contentDigest() string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(p.digest[:]) + ":"
}

// params returns the signature's parameters: the components and the rest.
func (p Proof) params() string {
	covered := components
	if p.encoding != "" {
		covered += encoded
	}
	return covered + fmt.Sprintf(parameters, p.Created.Unix(), p.Terminal, p.Nonce)
}

// base returns the bytes that are signed, RFC 9421 section 2.5.
func (p Proof) base(to Target) []byte {
	base := fmt.Appendf(nil, "\"@method\": POST\n\"@path\": %s\n\"@query\": ?%s\n\"content-digest\": %s\n\"content-type\": %s\n",
		to.Route, to.Query, p.contentDigest(), p.kind)
	if p.encoding != "" {
		base = fmt.Appendf(base, "\"content-encoding\": %s\n", p.encoding)
	}
	return fmt.Appendf(base, "\"@signature-params\": %s", p.params())
}

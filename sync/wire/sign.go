package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"tenthcup/pos"
)

// The headers that say who sent a request, and prove it.
const (
	TerminalHeader  = "Tenthcup-Terminal"  // pos.TerminalID as it prints
	SignatureHeader = "Tenthcup-Signature" // Sign's, in unpadded base64 (RFC 4648 section 5)
)

// Signed is what a signature covers: everything about a request that has a
// meaning. The body is as it crosses the line, so nothing is decompressed or
// parsed for somebody without a key.
type Signed struct {
	Route    string
	Encoding string // Content-Encoding, "" for none
	Body     []byte
}

func (s Signed) bytes(terminal pos.TerminalID) []byte {
	return fmt.Appendf(nil, "tenthcup batch v1\nPOST %s\n%s\n%s\n%x\n", s.Route, s.Encoding, terminal, sha256.Sum256(s.Body))
}

// Sign returns the value of SignatureHeader for the request of the terminal that
// has the key.
func Sign(key ed25519.PrivateKey, s Signed) string {
	terminal := pos.TerminalOf(key.Public().(ed25519.PublicKey))
	return base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, s.bytes(terminal)))
}

// Verify reports whether the signature was made with the terminal's key for this
// request.
func Verify(key ed25519.PublicKey, signature string, s Signed) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	return ed25519.Verify(key, s.bytes(pos.TerminalOf(key)), raw)
}

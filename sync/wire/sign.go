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

// signed returns the bytes that a signature covers: everything about the request
// that has a meaning. The body is covered as it crosses the line, so nothing is
// decompressed or parsed for somebody without a key.
func signed(route, contentEncoding string, terminal pos.TerminalID, body []byte) []byte {
	return fmt.Appendf(nil, "tenthcup batch v1\nPOST %s\n%s\n%s\n%x\n", route, contentEncoding, terminal, sha256.Sum256(body))
}

// Sign returns the value of SignatureHeader for a request.
func Sign(key ed25519.PrivateKey, route, contentEncoding string, body []byte) string {
	terminal := pos.TerminalOf(key.Public().(ed25519.PublicKey))
	return base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, signed(route, contentEncoding, terminal, body)))
}

// Verify reports whether the signature was made with the terminal's key for this
// request.
func Verify(key ed25519.PublicKey, signature, route, contentEncoding string, body []byte) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	return ed25519.Verify(key, signed(route, contentEncoding, pos.TerminalOf(key), body), raw)
}

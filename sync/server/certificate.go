package server

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"tenthcup/sync/wire"
)

// validity is how long a certificate says that it is good. Tills with a pin don't
// look.
const validity = 10 * 365 * 24 * time.Hour

// Certificate returns a self-signed certificate for a server that has none from
// elsewhere, and the pin by which tills know it. Its key is derived from the
// server's own, so the pin stays the same as long as that does, whatever becomes
// of the certificate.
func Certificate(key ed25519.PrivateKey, now time.Time) (tls.Certificate, wire.Pin, error) {
	derived := hmac.New(sha256.New, key.Seed())
	derived.Write([]byte("tenthcup tls certificate v1"))
	own := ed25519.NewKeyFromSeed(derived.Sum(nil))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()),
		Subject:      pkix.Name{CommonName: "Tenthcup"},
		NotBefore:    now.Add(-24 * time.Hour), // for clocks that are behind
		NotAfter:     now.Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	raw, err := x509.CreateCertificate(nil, template, template, own.Public(), own) // Ed25519 needs no chance
	if err != nil {
		return tls.Certificate{}, wire.Pin{}, err
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		return tls.Certificate{}, wire.Pin{}, err
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: own, Leaf: leaf}, wire.PinOf(leaf), nil
}

// TLS returns the configuration of a server that proves itself with the
// certificate. It offers HTTP/2, which makes an exchange smaller.
func TLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"h2", "http/1.1"},
	}
}

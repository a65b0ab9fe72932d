package wire

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base32"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/code"
)

// Pin names the key that a server proves itself with: the first 16 bytes of the
// SHA-256 of the SubjectPublicKeyInfo of its certificate. A till that was given
// one trusts that key and no other, whoever signed the certificate, whatever
// name it is for and however old it is.
type Pin [16]byte

// PinOf returns the pin of the certificate's key.
func PinOf(certificate *x509.Certificate) Pin {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return Pin(sum[:16])
}

// pinText writes pins in the signs of member codes, which can be read out.
var pinText = base32.NewEncoding(code.Alphabet).WithPadding(base32.NoPadding)

// String returns 26 signs in groups: "AB12-CD34-EF56-GH78-JK9L-MN1O-PQ".
func (p Pin) String() string {
	signs := pinText.EncodeToString(p[:])
	var groups []string
	for len(signs) > 4 {
		groups, signs = append(groups, signs[:4]), signs[4:]
	}
	return strings.Join(append(groups, signs), "-")
}

// ParsePin reads a pin as String prints it, and as people type that: in any
// case, grouped or not, 0 for O and I for 1. All else is the problem enrol.pin.
func ParsePin(text string) (Pin, error) {
	signs := code.Signs(text)
	raw, err := pinText.DecodeString(signs)
	if err != nil || len(raw) != len(Pin{}) || pinText.EncodeToString(raw) != signs {
		return Pin{}, pos.Refuse("enrol.pin", "text", text)
	}
	return Pin(raw), nil
}

// MarshalText returns what String returns.
func (p Pin) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what ParsePin reads.
func (p *Pin) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePin(string(text))
	return err
}

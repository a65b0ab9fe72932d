package pos

import "crypto/ed25519"

// Terminal is a till that the central server knows.
type Terminal struct {
	ID       TerminalID        `cbor:"1,keyasint" json:"id"` // TerminalOf(Key)
	Key      ed25519.PublicKey `cbor:"2,keyasint" json:"-"`
	Name     string            `cbor:"3,keyasint" json:"name"`
	Area     AreaID            `cbor:"4,keyasint" json:"area"`
	Store    StoreID           `cbor:"5,keyasint" json:"store"`
	Enrolled int64             `cbor:"6,keyasint" json:"enrolled"` // ms since 1970, by the server's clock
	Revoked  bool              `cbor:"7,keyasint,omitempty" json:"revoked,omitempty"`
	Frozen   bool              `cbor:"8,keyasint,omitempty" json:"frozen,omitempty"` // an unsettled fork: it gets no leases
}

// What a central server says to a terminal that it does not serve.
var (
	ErrUnknownTerminal = Refuse("line.unknown") // it never enrolled there
	ErrRevoked         = Refuse("line.revoked") // it was stolen, lost or retired
	ErrBadEnrolCode    = Refuse("enrol.code")   // wrong, used by another till, expired, or tried too often
)

package pos

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// TerminalID names a terminal: the first 16 bytes of the SHA-256 of its Ed25519
// public key. A till has its id before it has ever met a server, and nobody
// without the key can write entries under it.
type TerminalID [16]byte

// TerminalOf returns the id that belongs to the public key.
func TerminalOf(key ed25519.PublicKey) TerminalID {
	sum := sha256.Sum256(key)
	return TerminalID(sum[:16])
}

// HolderID names what an account belongs to, a member or a gift card: 128 random
// bits that say nothing about who it is. The ledger knows holders only by it.
type HolderID [16]byte

// NewHolderID draws a holder id from random.
func NewHolderID(random io.Reader) (id HolderID, err error) {
	_, err = io.ReadFull(random, id[:])
	return id, err
}

// Hash is a SHA-256. The zero Hash stands for "nothing before".
type Hash [32]byte

// AreaID, StoreID and CashierID are short names given by the central server, or
// "main" and such where there is none.
type (
	AreaID    string
	StoreID   string
	CashierID string
)

// Incarnation is 64 random bits drawn by each process that writes, at its first
// entry. A restored or copied disk therefore never re-uses the id of an entry.
type Incarnation uint64

// LeaseID names a lease, for ever and in all areas.
type LeaseID [8]byte

// ExceptionID names an exception. It is made of what the exception is about, so
// the same trouble is one exception however often it is found.
type ExceptionID [8]byte

// EntryID names an entry for ever. Seq counts from 1 within an incarnation,
// without gaps.
type EntryID struct {
	_           struct{} `cbor:",toarray"`
	Terminal    TerminalID
	Incarnation Incarnation
	Seq         uint64
}

// IsZero reports whether the id names no entry.
func (id EntryID) IsZero() bool { return id == EntryID{} }

// Compare orders ids by terminal, incarnation and Seq.
func (id EntryID) Compare(other EntryID) int {
	return cmp.Or(
		strings.Compare(string(id.Terminal[:]), string(other.Terminal[:])),
		cmp.Compare(id.Incarnation, other.Incarnation),
		cmp.Compare(id.Seq, other.Seq),
	)
}

// String returns the id as "terminal-incarnation-seq": 32 and 16 hexadecimal
// digits and a decimal number. ParseEntryID reads it back.
func (id EntryID) String() string {
	return fmt.Sprintf("%s-%016x-%d", id.Terminal, uint64(id.Incarnation), id.Seq)
}

// MarshalText returns what String returns.
func (id EntryID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what String prints; all else is ErrBadID.
func (id *EntryID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseEntryID(string(text))
	return err
}

// ErrBadID is returned for text that is not an id in its printed form, and for
// bytes of another length.
var ErrBadID = errors.New("not an id")

// ParseEntryID reads what EntryID.String prints, and nothing else.
func ParseEntryID(text string) (id EntryID, err error) {
	parts := strings.Split(text, "-")
	if len(parts) != 3 || id.Terminal.UnmarshalText([]byte(parts[0])) != nil {
		return EntryID{}, ErrBadID
	}
	incarnation, err := strconv.ParseUint(parts[1], 16, 64)
	if err != nil {
		return EntryID{}, ErrBadID
	}
	id.Incarnation = Incarnation(incarnation)
	if id.Seq, err = strconv.ParseUint(parts[2], 10, 64); err != nil || id.String() != text {
		return EntryID{}, ErrBadID
	}
	return id, nil
}

// Fingerprint returns six decimal digits of the id, "482 913": short enough to be
// compared by two people on the phone when a till enrols.
func (id TerminalID) Fingerprint() string {
	n := binary.BigEndian.Uint64(id[:8]) % 1_000_000
	return fmt.Sprintf("%03d %03d", n/1000, n%1000)
}

// String returns 32 hexadecimal digits.
func (id TerminalID) String() string { return hex.EncodeToString(id[:]) }

// String returns 32 hexadecimal digits.
func (id HolderID) String() string { return hex.EncodeToString(id[:]) }

// String returns 16 hexadecimal digits.
func (id LeaseID) String() string { return hex.EncodeToString(id[:]) }

// String returns 16 hexadecimal digits.
func (id ExceptionID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText returns what String returns.
func (id LeaseID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// MarshalText returns what String returns.
func (id ExceptionID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// MarshalText returns what String returns.
func (id TerminalID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// MarshalText returns what String returns.
func (id HolderID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what String prints; all else is ErrBadID.
func (id *TerminalID) UnmarshalText(text []byte) error { return unhex(id[:], text) }

// UnmarshalText reads what String prints; all else is ErrBadID.
func (id *HolderID) UnmarshalText(text []byte) error { return unhex(id[:], text) }

// UnmarshalText reads what String prints; all else is ErrBadID.
func (id *LeaseID) UnmarshalText(text []byte) error { return unhex(id[:], text) }

// UnmarshalText reads what String prints; all else is ErrBadID.
func (id *ExceptionID) UnmarshalText(text []byte) error { return unhex(id[:], text) }

func unhex(into, text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(into) || hex.EncodeToString(raw) != string(text) {
		return ErrBadID
	}
	copy(into, raw)
	return nil
}

// UnmarshalCBOR reads a byte string of 16 bytes; all else is ErrBadID.
func (id *TerminalID) UnmarshalCBOR(item []byte) error { return unwrap(id[:], item) }

// UnmarshalCBOR reads a byte string of 16 bytes; all else is ErrBadID.
func (id *HolderID) UnmarshalCBOR(item []byte) error { return unwrap(id[:], item) }

// UnmarshalCBOR reads a byte string of 8 bytes; all else is ErrBadID.
func (id *LeaseID) UnmarshalCBOR(item []byte) error { return unwrap(id[:], item) }

// UnmarshalCBOR reads a byte string of 8 bytes; all else is ErrBadID.
func (id *ExceptionID) UnmarshalCBOR(item []byte) error { return unwrap(id[:], item) }

// UnmarshalCBOR reads a byte string of 32 bytes; all else is ErrBadID.
func (h *Hash) UnmarshalCBOR(item []byte) error { return unwrap(h[:], item) }

// UnmarshalCBOR reads a byte string of 8 bytes; all else is ErrBadID.
func (id *ProgramID) UnmarshalCBOR(item []byte) error { return unwrap(id[:], item) }

// unwrap reads a CBOR byte string of just the length of into. The decoder on its
// own pads a shorter one and cuts a longer one, and so makes two ids one.
func unwrap(into, item []byte) error {
	head := []byte{0x40 | byte(len(into))}
	if len(into) > 23 {
		head = []byte{0x58, byte(len(into))}
	}
	rest, ok := bytes.CutPrefix(item, head)
	if !ok || len(rest) != len(into) {
		return ErrBadID
	}
	copy(into, rest)
	return nil
}

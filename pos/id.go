package pos

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
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
	return fmt.Sprintf("%x-%016x-%d", id.Terminal, uint64(id.Incarnation), id.Seq)
}

// MarshalText returns what String returns.
func (id EntryID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// ErrBadID is returned for text that is not an id in its printed form.
var ErrBadID = errors.New("not an id")

// ParseEntryID reads what EntryID.String prints, and nothing else.
func ParseEntryID(text string) (id EntryID, err error) {
	parts := strings.Split(text, "-")
	if len(parts) != 3 || len(parts[0]) != 32 || len(parts[1]) != 16 {
		return EntryID{}, ErrBadID
	}
	if _, err := hex.Decode(id.Terminal[:], []byte(parts[0])); err != nil {
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

// String returns 32 hexadecimal digits.
func (id TerminalID) String() string { return hex.EncodeToString(id[:]) }

// String returns 32 hexadecimal digits.
func (id HolderID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText returns what String returns.
func (id TerminalID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// MarshalText returns what String returns.
func (id HolderID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what String prints.
func (id *TerminalID) UnmarshalText(text []byte) error { return unhex(id[:], text) }

// UnmarshalText reads what String prints.
func (id *HolderID) UnmarshalText(text []byte) error { return unhex(id[:], text) }

func unhex(into, text []byte) error {
	if hex.DecodedLen(len(text)) != len(into) {
		return ErrBadID
	}
	if _, err := hex.Decode(into, text); err != nil {
		return ErrBadID
	}
	return nil
}

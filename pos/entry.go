package pos

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"tenthcup/pos/canon"
)

// Version is the format of the entries that this program writes.
const Version = 1

// Kind says what happened. A program that does not know a kind still stores,
// forwards and adds up the entry.
type Kind string

// The kinds of entries this program writes.
const (
	Enrolled  Kind = "enrol"      // a holder was made known; no postings
	Stamped   Kind = "stamp"      // stamps on a punch card, by hand
	Earned    Kind = "earn"       // a sale: what it gives, and what it counts for
	Happened  Kind = "event"      // something that is no sale; Reward is the event's id
	Granted   Kind = "grant"      // by hand: a tier, a tag, an adjustment; Reason says why
	Joined    Kind = "plan"       // a paid membership bought, renewed, paused or ended; Reward is the plan's id
	Paid      Kind = "pay"        // a sale, or a part of it, paid with credit or a gift card
	Loaded    Kind = "load"       // a gift card sold or topped up, or a card sold in advance
	Refunded  Kind = "return"     // a sale taken back, whole or in part
	Referred  Kind = "referral"   // what a member gets for having brought another one: By names that one
	Moved     Kind = "transfer"   // from one holder to another: By names the other
	Switched  Kind = "switch"     // a switch of the program turned on or off; Reward is its name, Count 1 or 0; no holder
	Opened    Kind = "drawer"     // the cash drawer opened without a sale, By a manager; no holder
	Redeemed  Kind = "redeem"     // a reward handed out
	Voided    Kind = "void"       // reverses every posting of one entry
	DayEnded  Kind = "day-end"    // closes the terminal's shift; no holder
	Returned  Kind = "lease-back" // a lease is given back unused: By names it; no postings
	Corrected Kind = "clock"      // time goes back from here: the clock was corrected; no holder
	Settled   Kind = "settle"     // an exception, or bytes in quarantine, settled by a manager at the centre
	Merged    Kind = "merge"      // at the centre: all that one holder has goes to another

	Administered Kind = "office" // a manager changed something that is no balance: Code says what, By whom it is about; no postings
)

// Account names what is counted: "points", "stamp:coffee/10". The part before a
// colon is its class.
type Account string

// The accounts that have no name of their own: points, and money that the shop owes
// in minor units.
const (
	PointsAccount Account = "points"
	CreditAccount Account = "credit"
)

// Class returns the part of the name before the colon.
func (a Account) Class() string {
	class, _, _ := strings.Cut(string(a), ":")
	return class
}

// Value reports whether the account holds value that is spent, rather than
// grants that merely hold until they end.
func (a Account) Value() bool {
	switch a.Class() {
	case "points", "credit", "stamp", "reward":
		return true
	}
	return false
}

// Lot says when an amount counts: on the days From <= day < Until of the shop's
// calendar. A zero bound is open.
type Lot struct {
	From  Day `cbor:"1,keyasint,omitempty"`
	Until Day `cbor:"2,keyasint,omitempty"`
}

// Live reports whether the lot counts on the day.
func (l Lot) Live(day Day) bool { return !l.Pending(day) && !l.Ended(day) }

// Pending reports whether the lot counts only after the day.
func (l Lot) Pending(day Day) bool { return l.From != 0 && day < l.From }

// Ended reports whether the lot counted only before the day.
func (l Lot) Ended(day Day) bool { return l.Until != 0 && day >= l.Until }

// Posting is one signed amount. One that reverses names the posting it takes
// back by its entry and its place there.
type Posting struct {
	Account Account  `cbor:"1,keyasint"`
	Amount  int64    `cbor:"2,keyasint"` // never 0, never the smallest int64
	Lot     Lot      `cbor:"3,keyasint,omitzero"`
	Of      *EntryID `cbor:"4,keyasint,omitempty"`
	OfIndex int      `cbor:"5,keyasint,omitempty"` // 0 is the first
}

// What By.Kind says.
const (
	ByLease     = "lease"     // ID is the lease, which the entry uses up or gives back
	ByFloor     = "floor"     // the till's limits between two full exchanges
	ByOverride  = "override"  // a manager's PIN; Reason says why
	ByException = "exception" // ID is the exception that the entry settles
	ByRelease   = "release"   // ID is the hash of the quarantined bytes that the entry settles
	ByMerge     = "merge"     // ID is the other holder
	ByReferral  = "referral"  // ID is the member who was brought
	ByManager   = "manager"   // ID is what the manager changed: a cashier's id, a terminal, the first bytes of a program's hash
	ByTransfer  = "transfer"  // ID is the other holder; a giver's entry that a till's limits allow is ByFloor, with the same ID
)

// By says what allowed an entry that the balance alone did not.
type By struct {
	Kind    string    `cbor:"1,keyasint"`
	ID      []byte    `cbor:"2,keyasint,omitempty"`
	Manager CashierID `cbor:"3,keyasint,omitempty"`
}

// ProgramID names one version of a program: the first 8 bytes of the SHA-256 of
// its document. Nobody hands it out, so a till without a server has it too.
type ProgramID [8]byte

// ProgramOf returns the id of the document.
func ProgramOf(document []byte) ProgramID {
	sum := sha256.Sum256(document)
	return ProgramID(sum[:8])
}

// Entry is one immutable fact in the ledger. Rules ran once, at the till that
// wrote it; what they decided is frozen in Postings, and a ledger only adds.
//
// The bytes of an entry are its deterministic CBOR (RFC 8949 section 4.2.1): a
// map with small whole numbers for keys. Prev has the highest key of one byte,
// so it is always the tail of the bytes. Readers ignore keys they don't know;
// keys 20 to 22 are free for later versions.
type Entry struct {
	V        uint             `cbor:"1,keyasint"`
	ID       EntryID          `cbor:"2,keyasint"`
	Nonce    uint64           `cbor:"3,keyasint"`           // random: no two entries have the same bytes, even after a restore
	At       int64            `cbor:"4,keyasint"`           // UTC in milliseconds since 1970, the terminal's clock corrected by Offset
	Offset   int64            `cbor:"5,keyasint,omitempty"` // milliseconds that were added to the terminal's clock
	Day      Day              `cbor:"6,keyasint"`           // the shop's day at that moment, by the store's time zone
	Kind     Kind             `cbor:"7,keyasint"`
	Holder   HolderID         `cbor:"8,keyasint,omitzero"`
	Sale     *Sale            `cbor:"9,keyasint,omitempty"`
	Postings []Posting        `cbor:"10,keyasint,omitempty"`
	Program  ProgramID        `cbor:"11,keyasint,omitzero"`
	Cashier  CashierID        `cbor:"12,keyasint,omitempty"`
	Saw      map[string]int64 `cbor:"13,keyasint,omitempty"` // the facts that the rules used
	By       *By              `cbor:"14,keyasint,omitempty"`
	Reason   string           `cbor:"15,keyasint,omitempty"` // of a void or an override: why, in the cashier's words
	Reward   string           `cbor:"16,keyasint,omitempty"` // the id in the program of what was asked for: a reward, card, event, plan, coupon, tag
	Store    StoreID          `cbor:"17,keyasint,omitempty"` // where the terminal stood
	Count    int64            `cbor:"18,keyasint,omitempty"` // how much of it was asked for: stamps by hand, points to exchange
	Code     string           `cbor:"19,keyasint,omitempty"` // that was shown for it: a coupon's, the item that was chosen, the entry of a returned sale without a receipt
	Prev     Hash             `cbor:"23,keyasint"`           // hash of the terminal's entry before this one
}

// Time returns At as a time in UTC.
func (e Entry) Time() time.Time { return time.UnixMilli(e.At).UTC() }

// Limits on an entry from the line or a file.
const (
	MaxEntryBytes = 16 << 10
	MaxText       = 256 // bytes of one name or reason
	maxPostings   = 256
	maxFacts      = 256
)

// ErrMalformed is returned for bytes that are not an entry.
var ErrMalformed = errors.New("malformed entry")

// reading bears what any later version of an entry could need.
var reading = canon.NewReader(8, 1024)

// Encode returns the entry's bytes. They are stored, hashed and sent as they are
// and never made again. What Encode returns DecodeEntry reads; an entry that it
// would not read is ErrMalformed.
func (e Entry) Encode() ([]byte, error) {
	if err := e.valid(); err != nil {
		return nil, err
	}
	raw, err := canon.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	if len(raw) > MaxEntryBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(raw))
	}
	return raw, nil
}

// DecodeEntry reads the bytes of an entry of this or a later version. All errors
// are ErrMalformed.
func DecodeEntry(raw []byte) (Entry, error) {
	if len(raw) > MaxEntryBytes {
		return Entry{}, fmt.Errorf("%w: %d bytes", ErrMalformed, len(raw))
	}
	var e Entry
	if err := reading.Unmarshal(raw, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := e.valid(); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// HashEntry returns the hash that the next entry carries as Prev.
func HashEntry(raw []byte) Hash { return sha256.Sum256(raw) }

func (e Entry) valid() error {
	switch {
	case e.V == 0, e.ID.Terminal == TerminalID{}, e.ID.Seq == 0, e.At <= 0, e.Kind == "":
		return fmt.Errorf("%w: version, id, time or kind missing", ErrMalformed)
	case len(e.Postings) > maxPostings, len(e.Saw) > maxFacts:
		return fmt.Errorf("%w: %d postings, %d facts", ErrMalformed, len(e.Postings), len(e.Saw))
	case e.Sale != nil && len(e.Sale.Lines) > MaxLines:
		return fmt.Errorf("%w: %d lines", ErrMalformed, len(e.Sale.Lines))
	case len(e.Postings) > 0 && e.Holder == HolderID{}:
		return fmt.Errorf("%w: postings without a holder", ErrMalformed)
	}
	for text := range e.texts {
		if len(text) > MaxText || !utf8.ValidString(text) {
			return fmt.Errorf("%w: text too long or not UTF-8", ErrMalformed)
		}
	}
	for _, p := range e.Postings {
		if err := p.valid(); err != nil {
			return err
		}
	}
	return nil
}

func (e Entry) texts(yield func(string) bool) {
	for name := range e.Saw {
		if !yield(name) {
			return
		}
	}
	for _, text := range [...]string{string(e.Kind), string(e.Cashier), e.Reason, e.Reward, string(e.Store), e.Code} {
		if !yield(text) {
			return
		}
	}
	if e.Sale != nil {
		for _, text := range e.Sale.texts() {
			if !yield(text) {
				return
			}
		}
	}
	if e.By != nil && yield(e.By.Kind) {
		yield(string(e.By.Manager))
	}
}

func (p Posting) valid() error {
	switch {
	case p.Account == "", len(p.Account) > MaxText, !utf8.ValidString(string(p.Account)):
		return fmt.Errorf("%w: account name", ErrMalformed)
	case p.Amount == 0, p.Amount == math.MinInt64:
		return fmt.Errorf("%w: amount %d", ErrMalformed, p.Amount)
	case p.Lot.Until != 0 && p.Lot.From >= p.Lot.Until:
		return fmt.Errorf("%w: lot from %v until %v", ErrMalformed, p.Lot.From, p.Lot.Until)
	case p.Of != nil && p.Of.Seq == 0, p.Of == nil && p.OfIndex != 0, p.OfIndex < 0, p.OfIndex >= maxPostings:
		return fmt.Errorf("%w: reversal of nothing", ErrMalformed)
	}
	return nil
}

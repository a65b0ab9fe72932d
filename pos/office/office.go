// Package office is the work of a manager at the centre: exceptions and bytes in
// quarantine are settled, and two holders who are one person are merged.
//
// Each of these is an entry of the server's own terminal, so what a manager did
// stands in the ledger, chained like any till's, and every till sees the result.
// It is booked exactly once, in one transaction with what it settles. Nothing is
// ever refused to a till; here is where it is looked at.
package office

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
)

// What a manager may be told.
var (
	ErrUnknown     = pos.Refuse("exception.unknown")     // there is no exception with the id
	ErrSettled     = pos.Refuse("exception.settled")     // it was settled before
	ErrReason      = pos.Refuse("exception.reason")      // a reason is missing
	ErrNothingHeld = pos.Refuse("quarantine.unknown")    // nothing with the hash is in quarantine
	ErrHeldSettled = pos.Refuse("quarantine.settled")    // it was settled before
	ErrUnreadable  = pos.Refuse("quarantine.unreadable") // it is no entry, so it can only be dismissed
	ErrOriginal    = pos.Refuse("quarantine.original")   // what it takes back is in quarantine and comes first
	ErrCounted     = pos.Refuse("quarantine.counted")    // it came another way too and counts already
	ErrOverflow    = pos.Refuse("quarantine.overflow")   // it would take a sum out of range
	ErrSame        = pos.Refuse("merge.same")            // both are one holder
	ErrNoMember    = pos.Refuse("merge.unknown")         // one of the two has no profile
	ErrLeases      = pos.Refuse("merge.leases")          // tills have leases of the holder, which were recalled
)

// Pen says who writes an entry, and when.
type Pen struct {
	Terminal pos.TerminalID
	At       time.Time
	Day      pos.Day // where the centre is
}

// Tail returns what the next entry of the pen's terminal is chained to, if it is
// written under the incarnation.
type Tail func(pos.Incarnation) (station.Tail, error)

// Case is an exception as it is settled.
type Case struct {
	Exception pos.Exception
	Sums      ledger.Sums // of its holder, as published on the day
	Tail      Tail
}

// Held is something in quarantine as it is settled.
type Held struct {
	Area pos.AreaID
	Hash pos.Hash // of the bytes

	// Entry is what can be read of it, with postings as they can be booked now: one
	// that reverses names what stands in the ledger, and one that names the zero id
	// reverses a posting of the new entry itself. Nil for bytes that are no entry.
	Entry *pos.Entry
	Tail  Tail
}

// Side is one of two holders who are merged.
type Side struct {
	Profile pos.Profile
	Sums    ledger.Sums // as published on the day
}

// Pair is two holders as they are merged.
type Pair struct {
	From, Into Side
	Tail       Tail
}

// Merger is what merging two holders comes to.
type Merger struct {
	Entries    [2]pos.Entry // what leaves the one, and comes to the other, in this order
	From, Into pos.Profile
}

// Book is the central ledger. Each method calls its function once, in the
// transaction that books what it returns, and returns its error as it is. When a
// method returns nil all of it is on disk, otherwise nothing.
type Book interface {
	// Settle settles an open exception with the entry that decide returns. A fork
	// that is settled unfreezes its terminal, unless it has another; that and
	// late entries end the terminal's leases.
	Settle(pen Pen, id pos.ExceptionID, decide func(Case) (pos.Entry, error)) error
	// Release settles what is in quarantine with the entry that decide returns.
	Release(pen Pen, hash pos.Hash, decide func(Held) (pos.Entry, error)) error
	// Merge books the two entries and stores the two profiles. While a till has a
	// lease of the first holder it is recalled, and the problem merge.leases.
	Merge(pen Pen, who Who, decide func(Pair) (Merger, error)) error
	// Administer makes the change and books the entry about it in the area.
	Administer(pen Pen, area pos.AreaID, change Change, decide func(Tail) (pos.Entry, error)) error
}

// Who is to be merged: all that From has goes to Into.
type Who struct {
	Area       pos.AreaID
	From, Into pos.HolderID
}

// Office is the server's own terminal as managers use it. Its methods are safe
// for concurrent use. All its fields are required, and none changes once it is in
// use.
type Office struct {
	Book     Book
	Terminal pos.TerminalID   // the server's own
	Now      func() time.Time // the centre's clock
	Random   io.Reader        // unpredictable, and safe for concurrent use
	Zone     *time.Location   // by which the centre's days are counted

	mu    sync.Mutex
	drawn uint64 // what this process's incarnations are made of; 0 before the first entry
}

// Settle records what the manager did about the exception. With writeOff, what is
// still missing on the account because of it is made good by the shop.
func (o *Office) Settle(id pos.ExceptionID, manager pos.CashierID, reason string, writeOff bool) (pos.Entry, error) {
	return o.book(reason, func(d draft) error {
		return o.Book.Settle(d.pen, id, func(c Case) (pos.Entry, error) {
			e, err := d.entry(c.Exception.Area, c.Tail)
			if err != nil {
				return e, err
			}
			e.Kind, e.Holder = pos.Settled, c.Exception.Holder
			e.By = &pos.By{Kind: pos.ByException, ID: id[:], Manager: manager}
			if writeOff {
				e.Postings = madeGood(c)
			}
			*d.written = e
			return e, nil
		})
	})
}

// madeGood returns the posting that makes good what the exception's account is
// still missing because of it.
func madeGood(c Case) []pos.Posting {
	missing := int64(0)
	for _, s := range c.Sums {
		if s.Account == c.Exception.Account && s.Amount < 0 {
			missing -= s.Amount
		}
	}
	amount := min(missing, c.Exception.Amount)
	if amount <= 0 || c.Exception.Holder == (pos.HolderID{}) {
		return nil
	}
	return []pos.Posting{{Account: c.Exception.Account, Amount: amount}}
}

// Release books what is in quarantine: the holder, sale and postings of the
// entry, now the server's.
func (o *Office) Release(hash pos.Hash, manager pos.CashierID, reason string) (pos.Entry, error) {
	return o.held(hash, manager, reason, func(h Held, e *pos.Entry) error {
		if h.Entry == nil {
			return ErrUnreadable
		}
		e.Holder, e.Sale = h.Entry.Holder, h.Entry.Sale
		for _, p := range h.Entry.Postings {
			if p.Of != nil && p.Of.IsZero() {
				p.Of = &e.ID
			}
			e.Postings = append(e.Postings, p)
		}
		return nil
	})
}

// Dismiss settles what is in quarantine without booking anything of it.
func (o *Office) Dismiss(hash pos.Hash, manager pos.CashierID, reason string) (pos.Entry, error) {
	return o.held(hash, manager, reason, func(Held, *pos.Entry) error { return nil })
}

func (o *Office) held(hash pos.Hash, manager pos.CashierID, reason string, fill func(Held, *pos.Entry) error) (pos.Entry, error) {
	return o.book(reason, func(d draft) error {
		return o.Book.Release(d.pen, hash, func(h Held) (pos.Entry, error) {
			e, err := d.entry(h.Area, h.Tail)
			if err != nil {
				return e, err
			}
			e.Kind = pos.Settled
			e.By = &pos.By{Kind: pos.ByRelease, ID: hash[:], Manager: manager}
			if err := fill(h, &e); err != nil {
				return e, err
			}
			*d.written = e
			return e, nil
		})
	})
}

// draft is what the entries of one action have in common.
type draft struct {
	pen     Pen
	reason  string
	nonce   [2]uint64
	drawn   uint64
	written *pos.Entry // what was booked
}

// book does an action for a reason.
func (o *Office) book(reason string, act func(draft) error) (pos.Entry, error) {
	if reason = short(reason); reason == "" {
		return pos.Entry{}, ErrReason
	}
	d, err := o.draw()
	if err != nil {
		return pos.Entry{}, err
	}
	d.reason = reason
	if err := act(d); err != nil {
		return pos.Entry{}, err
	}
	return *d.written, nil
}

// draw draws the random bits of an action's entries.
func (o *Office) draw() (draft, error) {
	now := o.Now().UTC().Truncate(time.Millisecond)
	d := draft{pen: Pen{o.Terminal, now, pos.DayOf(now, o.Zone)}, written: &pos.Entry{}}
	var bits [24]byte
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := io.ReadFull(o.Random, bits[:]); err != nil {
		return d, fmt.Errorf("draw random bits: %w", err)
	}
	if o.drawn == 0 {
		o.drawn = binary.BigEndian.Uint64(bits[:8]) | 1
	}
	d.drawn = o.drawn
	d.nonce = [2]uint64{binary.BigEndian.Uint64(bits[8:16]), binary.BigEndian.Uint64(bits[16:])}
	return d, nil
}

// incarnation returns this process's incarnation in the area. Each area has its
// own, because no two entries anywhere have one id.
func (d draft) incarnation(area pos.AreaID) pos.Incarnation {
	hash := sha256.Sum256(append(binary.BigEndian.AppendUint64(nil, d.drawn), area...))
	return pos.Incarnation(binary.BigEndian.Uint64(hash[:8]) | 1) // never 0
}

// entry returns the next entry of the server's terminal, without what it is about.
// Its time does not go back behind the entry before.
func (d draft) entry(area pos.AreaID, tail Tail) (pos.Entry, error) {
	incarnation := d.incarnation(area)
	end, err := tail(incarnation)
	if err != nil {
		return pos.Entry{}, err
	}
	return d.behind(incarnation, end), nil
}

func (d draft) behind(incarnation pos.Incarnation, end station.Tail) pos.Entry {
	return pos.Entry{
		V:      pos.Version,
		ID:     pos.EntryID{Terminal: d.pen.Terminal, Incarnation: incarnation, Seq: end.Seq + 1},
		Nonce:  d.nonce[0],
		At:     max(d.pen.At.UnixMilli(), end.At),
		Day:    d.pen.Day,
		Reason: d.reason,
		Prev:   end.Head,
	}
}

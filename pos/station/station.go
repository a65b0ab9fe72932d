// Package station is the work of a till: one method per action of a cashier.
//
// A method that changes something returns when the entry is on disk, and then
// what the screen may say. It returns a *pos.Problem where the shop's rules or
// the input say no, and another error where the machine failed; in both cases
// nothing has happened.
package station

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// ErrNotFound is returned by the store where there is no such thing.
var ErrNotFound = errors.New("not found")

// ErrNoProgram is returned while the server has published no program.
var ErrNoProgram = pos.Refuse("program.none")

// ErrTillRevoked is returned by every method that writes once the centre has shut
// the till out.
var ErrTillRevoked = pos.Refuse("till.revoked")

// Station is one till. Its methods are safe for concurrent use, but for Start.
// All its fields are required, and none changes once it is in use.
type Station struct {
	Journal  Journal
	Joint    Joint // of the same ledger
	Members  Members
	Office   Office
	Guard    Guard
	Shelf    Shelf
	Pepper   []byte // what HashPIN was given for the roster's PINs; it stands in no data file
	Terminal pos.TerminalID
	Now      func() time.Time // the terminal's clock, uncorrected
	Random   io.Reader        // unpredictable, and safe for concurrent use
	Store    pos.StoreID      // where the till stands
	Zone     *time.Location   // of the store
	Currency pos.Currency

	profiles sync.Mutex // held while a profile is checked and saved, so that no two members get one phone number

	mu          sync.Mutex
	offset      time.Duration // of the centre's clock, as last measured
	stored      time.Duration // offset that the office keeps
	written     time.Duration // offset of the last entry
	heard       time.Time     // the centre's time when it was last measured
	latest      time.Time     // seen on the clock since the page of synced
	synced      time.Time     // Standing.LastSync, as last seen
	incarnation pos.Incarnation
	wanted      pos.ProgramID // that should decide
	program     pos.Program   // that decides: it, or the last that can be read
	switches    []pos.Switch  // as Program saw them last, which every action asks for
	trail       trail
}

// Program returns the version of the rules that decides now. Where this program is
// too old to read it, the last one that it can read goes on deciding, and Standing
// says so.
func (s *Station) Program() (pos.Program, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return pos.Program{}, fmt.Errorf("read roster: %w", err)
	}
	now, _ := s.clock()
	documents := roster.DecidingAt(now.UnixMilli())
	if len(documents) == 0 {
		return pos.Program{}, ErrNoProgram
	}
	wanted := pos.ProgramOf(documents[0])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.switches = roster.Switches
	if s.wanted == wanted {
		return s.program, nil
	}
	var unreadable error
	for _, document := range documents {
		program, err := pos.ParseProgram(document, s.Currency)
		if err == nil {
			s.wanted, s.program = wanted, program
			return program, nil
		}
		unreadable = cmp.Or(unreadable, err)
	}
	return pos.Program{}, fmt.Errorf("read program: %w", unreadable)
}

// Done is what an action did. It is on disk.
type Done struct {
	Record  Record
	Member  Member          // as the member stands after it; the profile alone where the rest cannot be read
	Because []rules.Because // why it gave what it gave
	Off     pos.Money       // of a reward: what the cashier takes off the sale at the till
	Sale    *pos.Sale       // of a reward: the sale as it is to be paid then; nil where it was not told
}

// action is an entry while it is decided.
type action struct {
	Kind     pos.Kind
	Cashier  pos.CashierID
	Program  pos.ProgramID
	Sale     *pos.Sale
	Postings []pos.Posting
	Reason   string
	Reward   string
	Count    int64
	Code     string
	By       *pos.By
	Facts    map[string]int64 // behind the decision, besides balances and age
}

// decider decides what happens, on the state just before it.
type decider func(m Moment, when instant) (action, error)

// write decides and appends one entry for the holder, and before it one that
// records that time goes back, where it does.
func (s *Station) write(holder pos.HolderID, profile *pos.Profile, decide decider) (Record, error) {
	for {
		record, err := s.append(holder, profile, func(m Moment, when instant) (action, error) {
			a, err := decide(m, when)
			if err == nil && when.back {
				err = errBack
			}
			return a, err
		})
		if !errors.Is(err, errBack) {
			return record, err
		}
		if err := s.correct(); err != nil {
			return Record{}, err
		}
	}
}

// writable refuses where the centre has shut the till out.
func (s *Station) writable() error {
	standing, err := s.Standing()
	if err == nil && standing.Revoked {
		err = ErrTillRevoked
	}
	return err
}

// append decides and appends one entry, whatever its time.
func (s *Station) append(holder pos.HolderID, profile *pos.Profile, decide decider) (Record, error) {
	incarnation, nonce, err := s.draw()
	if err != nil {
		return Record{}, err
	}
	var when instant
	record, err := s.Journal.Append(holder, profile, func(m Moment) (pos.Entry, error) {
		if m.Standing.Revoked {
			return pos.Entry{}, ErrTillRevoked
		}
		when = s.instant(m) // in here, so that times are in the order of the chain
		a, err := decide(m, when)
		if err == nil {
			err = once(m, holder, a)
		}
		if err != nil {
			return pos.Entry{}, err
		}
		return s.entry(place{m, when, incarnation, nonce}, holder, a), nil
	})
	if err == nil {
		s.mu.Lock()
		s.written = when.offset
		s.mu.Unlock()
	}
	return record, s.named(err)
}

// place is where an entry goes.
type place struct {
	moment      Moment
	when        instant
	incarnation pos.Incarnation
	nonce       uint64
}

// entry returns the holder's entry at the place.
func (s *Station) entry(p place, holder pos.HolderID, a action) pos.Entry {
	return pos.Entry{
		V:        pos.Version,
		ID:       pos.EntryID{Terminal: s.Terminal, Incarnation: p.incarnation, Seq: p.moment.Tail.Seq + 1},
		Nonce:    p.nonce,
		At:       p.when.at.UnixMilli(),
		Offset:   p.when.added.Milliseconds(),
		Day:      p.when.day,
		Kind:     a.Kind,
		Holder:   holder,
		Sale:     a.Sale,
		Postings: a.Postings,
		Program:  a.Program,
		Cashier:  a.Cashier,
		Saw:      saw(p.moment.View, a, p.when),
		By:       a.By,
		Reason:   a.Reason,
		Reward:   a.Reward,
		Store:    s.Store,
		Count:    a.Count,
		Code:     a.Code,
		Prev:     p.moment.Tail.Head,
	}
}

// draw returns this process's incarnation, drawn at its first entry, and a nonce.
func (s *Station) draw() (pos.Incarnation, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var drawn [16]byte
	if _, err := io.ReadFull(s.Random, drawn[:]); err != nil {
		return 0, 0, fmt.Errorf("draw random bits: %w", err)
	}
	if s.incarnation == 0 {
		s.incarnation = pos.Incarnation(binary.BigEndian.Uint64(drawn[8:]) | 1) // never 0
	}
	return s.incarnation, binary.BigEndian.Uint64(drawn[:8]), nil
}

// saw returns the facts behind a decision: those of the action, each touched
// account's balance before it, and how old the base was, in seconds.
func saw(view View, a action, when instant) map[string]int64 {
	if len(a.Postings) == 0 {
		return a.Facts
	}
	facts := map[string]int64{}
	maps.Copy(facts, a.Facts)
	for _, p := range a.Postings {
		facts[string(p.Account)] = view.Sums.Balance(p.Account, when.day)
	}
	if !view.AsOf.IsZero() {
		facts["age"] = int64(when.at.Sub(view.AsOf) / time.Second)
	}
	return facts
}

// done returns what happened. The entry is on disk: an error now would make the
// cashier do it again.
func (s *Station) done(record Record, profile pos.Profile) Done {
	member, err := s.Member(profile.Holder)
	if err != nil {
		member = Member{Profile: profile}
	}
	return Done{Record: record, Member: member}
}

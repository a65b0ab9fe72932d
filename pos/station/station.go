// Package station is the work of a till: one method per action of a cashier.
//
// A method that changes something returns when the entry is on disk, and then
// what the screen may say. It returns a *pos.Problem where the shop's rules or
// the input say no, and another error where the machine failed; in both cases
// nothing has happened.
package station

import (
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
	Members  Members
	Office   Office
	Guard    Guard
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
	program     pos.Program
}

// Program returns the version of the rules that decides now.
func (s *Station) Program() (pos.Program, error) {
	roster, err := s.Office.Roster()
	if err != nil {
		return pos.Program{}, fmt.Errorf("read roster: %w", err)
	}
	now, _ := s.clock()
	document := roster.ProgramAt(now.UnixMilli())
	if document == nil {
		return pos.Program{}, ErrNoProgram
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.program.ID == pos.ProgramOf(document) {
		return s.program, nil
	}
	if s.program, err = pos.ParseProgram(document, s.Currency); err != nil {
		return pos.Program{}, fmt.Errorf("read program: %w", err)
	}
	return s.program, nil
}

// Done is what an action did. It is on disk.
type Done struct {
	Record Record
	Member Member // as the member stands after it; the profile alone where the rest cannot be read
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
		if err != nil {
			return pos.Entry{}, err
		}
		return pos.Entry{
			V:        pos.Version,
			ID:       pos.EntryID{Terminal: s.Terminal, Incarnation: incarnation, Seq: m.Tail.Seq + 1},
			Nonce:    nonce,
			At:       when.at.UnixMilli(),
			Offset:   when.added.Milliseconds(),
			Day:      when.day,
			Kind:     a.Kind,
			Holder:   holder,
			Sale:     a.Sale,
			Postings: a.Postings,
			Program:  a.Program,
			Cashier:  a.Cashier,
			Saw:      saw(m.View, a, when),
			By:       a.By,
			Reason:   a.Reason,
			Reward:   a.Reward,
			Store:    s.Store,
			Prev:     m.Tail.Head,
		}, nil
	})
	if err == nil {
		s.mu.Lock()
		s.written = when.offset
		s.mu.Unlock()
	}
	return record, err
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

// Stamp puts n stamps on the member's card; "" is the program's first card.
func (s *Station) Stamp(by pos.CashierID, holder pos.HolderID, card string, n int64) (Done, error) {
	program, err := s.Program()
	if err != nil {
		return Done{}, err
	}
	if card == "" && len(program.Cards) > 0 {
		card = program.Cards[0].ID
	}
	kind, ok := program.Card(card)
	if !ok {
		return Done{}, pos.Refuse("stamp.card", "card", card)
	}
	postings, err := rules.Stamp(kind, n)
	if err != nil {
		return Done{}, err
	}
	return s.act(holder, func(Moment, instant) (action, error) {
		return action{Kind: pos.Stamped, Cashier: by, Program: program.ID, Postings: postings}, nil
	})
}

// Earn books a sale and the points for it.
func (s *Station) Earn(by pos.CashierID, holder pos.HolderID, amount pos.Money) (Done, error) {
	program, err := s.Program()
	if err != nil {
		return Done{}, err
	}
	if program.Points == nil {
		return Done{}, pos.Refuse("earn.none")
	}
	return s.act(holder, func(_ Moment, when instant) (action, error) {
		postings, err := rules.Earn(*program.Points, amount, when.day)
		sale := &pos.Sale{Amount: amount, Currency: s.Currency.Code}
		return action{Kind: pos.Earned, Cashier: by, Program: program.ID, Postings: postings, Sale: sale}, err
	})
}

// act appends an entry for a member that the till knows.
func (s *Station) act(holder pos.HolderID, decide decider) (Done, error) {
	profile, err := s.Members.Profile(holder)
	if err != nil {
		return Done{}, fmt.Errorf("read member: %w", err)
	}
	record, err := s.write(holder, nil, decide)
	if err != nil {
		return Done{}, err
	}
	return s.done(record, profile), nil
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

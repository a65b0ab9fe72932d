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
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// ErrNotFound is returned by the store where there is no such thing.
var ErrNotFound = errors.New("not found")

// ErrNoProgram is returned while the server has published no program.
var ErrNoProgram = pos.Refuse("program.none")

// Station is one till. Its methods are safe for concurrent use.
// All its fields are required, and none changes once it is in use.
type Station struct {
	Journal  Journal
	Members  Members
	Office   Office
	Terminal pos.TerminalID
	Now      func() time.Time // the terminal's clock, uncorrected
	Random   io.Reader        // unpredictable, and safe for concurrent use
	Store    pos.StoreID      // where the till stands
	Zone     *time.Location   // of the store
	Currency pos.Currency

	profiles sync.Mutex // held while a profile is checked and saved, so that no two members get one phone number

	mu          sync.Mutex
	offset      time.Duration
	written     time.Duration // offset of the last entry
	incarnation pos.Incarnation
	program     pos.Program
}

// SetOffset tells the station how far the centre's clock is ahead of the
// terminal's. Entries written from now on carry the corrected time.
func (s *Station) SetOffset(offset time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = offset.Truncate(time.Millisecond)
}

// clock returns the corrected time, in UTC and milliseconds, and the correction.
func (s *Station) clock() (time.Time, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Now().Add(s.offset).UTC().Truncate(time.Millisecond), s.offset
}

// maxHold is how far behind the last entry the clock may be and the next entry
// still carry that one's time. A clock that is further behind was set, and says
// what somebody believes.
const maxHold = time.Hour

// instant is when an entry is written.
type instant struct {
	at     time.Time
	day    pos.Day       // of the shop
	added  time.Duration // to the terminal's clock, to get at
	offset time.Duration // what of it is the centre's correction
}

// instant returns when the entry after tail is written. Time does not go
// backwards because the terminal's clock was slewed; it may where the centre
// corrected it.
func (s *Station) instant(tail Tail) instant {
	at, offset := s.clock()
	s.mu.Lock()
	corrected := offset != s.written
	s.mu.Unlock()
	added := offset
	if behind := time.UnixMilli(tail.At).Sub(at); behind > 0 && behind <= maxHold && !corrected {
		at, added = at.Add(behind), added+behind
	}
	return instant{at, pos.DayOf(at, s.Zone), added, offset}
}

// Today returns the shop's day.
func (s *Station) Today() pos.Day {
	now, _ := s.clock()
	return pos.DayOf(now, s.Zone)
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
}

// decider decides what happens, on the state just before it.
type decider func(m Moment, when instant) (action, error)

// write decides and appends one entry for the holder.
func (s *Station) write(holder pos.HolderID, profile *pos.Profile, decide decider) (Record, error) {
	incarnation, nonce, err := s.draw()
	if err != nil {
		return Record{}, err
	}
	var when instant
	record, err := s.Journal.Append(holder, profile, func(m Moment) (pos.Entry, error) {
		when = s.instant(m.Tail) // in here, so that times are in the order of the chain
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
			Saw:      saw(m.View, a.Postings, when),
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

// saw records the facts behind a decision: each touched account's balance before
// it, and how old the base was, in seconds.
func saw(view View, postings []pos.Posting, when instant) map[string]int64 {
	if len(postings) == 0 {
		return nil
	}
	facts := map[string]int64{}
	for _, p := range postings {
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

// Redeem hands out the reward, if what this till knows of the member covers it.
func (s *Station) Redeem(by pos.CashierID, holder pos.HolderID, reward string) (Done, error) {
	program, err := s.Program()
	if err != nil {
		return Done{}, err
	}
	rule, ok := program.Reward(reward)
	if !ok {
		return Done{}, pos.Refuse("redeem.unknown", "reward", reward)
	}
	return s.act(holder, func(m Moment, when instant) (action, error) {
		known := rules.Knowledge{Sums: m.View.Sums}
		if !m.View.AsOf.IsZero() {
			known.Age = when.at.Sub(m.View.AsOf)
		}
		postings, err := rules.Redeem(program, rule, known, when.day)
		return action{Kind: pos.Redeemed, Cashier: by, Program: program.ID, Postings: postings, Reward: rule.ID}, err
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

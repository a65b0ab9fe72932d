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

// Station is one till. Its methods are safe for concurrent use.
type Station struct {
	Journal  Journal          // required, like all but Offset
	Members  Members          //
	Office   Office           //
	Terminal pos.TerminalID   //
	Now      func() time.Time // the terminal's clock, uncorrected
	Random   io.Reader        // unpredictable, and safe for concurrent use
	Zone     *time.Location   // of the store
	Currency pos.Currency     //

	mu          sync.Mutex
	offset      time.Duration
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
	Member Member // as the member stands after it
}

// action is an entry while it is decided.
type action struct {
	Kind     pos.Kind
	Cashier  pos.CashierID
	Program  pos.ProgramID
	Sale     *pos.Sale
	Postings []pos.Posting
	Reason   string
}

// write decides and appends one entry for the holder.
func (s *Station) write(holder pos.HolderID, profile *pos.Profile, decide func(Moment, pos.Day) (action, error)) (Record, error) {
	now, offset := s.clock()
	incarnation, nonce, err := s.draw()
	if err != nil {
		return Record{}, err
	}
	return s.Journal.Append(holder, profile, func(m Moment) (pos.Entry, error) {
		day := pos.DayOf(now, s.Zone)
		a, err := decide(m, day)
		if err != nil {
			return pos.Entry{}, err
		}
		return pos.Entry{
			V:        pos.Version,
			ID:       pos.EntryID{Terminal: s.Terminal, Incarnation: incarnation, Seq: m.Tail.Seq + 1},
			Nonce:    nonce,
			At:       now.UnixMilli(),
			Offset:   offset.Milliseconds(),
			Day:      day,
			Kind:     a.Kind,
			Holder:   holder,
			Sale:     a.Sale,
			Postings: a.Postings,
			Program:  a.Program,
			Cashier:  a.Cashier,
			Saw:      saw(m.View, a.Postings, now, day),
			Reason:   a.Reason,
			Prev:     m.Tail.Head,
		}, nil
	})
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
func saw(view View, postings []pos.Posting, now time.Time, day pos.Day) map[string]int64 {
	if len(postings) == 0 {
		return nil
	}
	facts := map[string]int64{}
	for _, p := range postings {
		facts[string(p.Account)] = view.Sums.Balance(p.Account, day)
	}
	if !view.AsOf.IsZero() {
		facts["age"] = int64(now.Sub(view.AsOf) / time.Second)
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
	return s.book(holder, action{Kind: pos.Stamped, Cashier: by, Program: program.ID, Postings: postings})
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
	postings, err := rules.Earn(*program.Points, amount, s.Today())
	if err != nil {
		return Done{}, err
	}
	sale := &pos.Sale{Amount: amount, Currency: s.Currency.Code}
	return s.book(holder, action{Kind: pos.Earned, Cashier: by, Program: program.ID, Postings: postings, Sale: sale})
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
	return s.act(holder, func(m Moment, day pos.Day) (action, error) {
		known := rules.Knowledge{Sums: m.View.Sums}
		if !m.View.AsOf.IsZero() {
			now, _ := s.clock()
			known.Age = now.Sub(m.View.AsOf)
		}
		postings, err := rules.Redeem(program, rule, known, day)
		return action{Kind: pos.Redeemed, Cashier: by, Program: program.ID, Postings: postings, Reason: rule.ID}, err
	})
}

// book appends an entry that was decided without the member's balance.
func (s *Station) book(holder pos.HolderID, a action) (Done, error) {
	return s.act(holder, func(Moment, pos.Day) (action, error) { return a, nil })
}

// act appends an entry for a member that the till knows.
func (s *Station) act(holder pos.HolderID, decide func(Moment, pos.Day) (action, error)) (Done, error) {
	if _, err := s.Members.Profile(holder); err != nil {
		return Done{}, fmt.Errorf("read member: %w", err)
	}
	record, err := s.write(holder, nil, decide)
	if err != nil {
		return Done{}, err
	}
	return s.done(record)
}

func (s *Station) done(record Record) (Done, error) {
	member, err := s.Member(record.Entry.Holder)
	return Done{Record: record, Member: member}, err
}

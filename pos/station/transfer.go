package station

import (
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
)

// Given is what a transfer did. It is on disk.
type Given struct {
	Records  []Record // of each giver: what was taken, and behind it what the receiver got
	From, To Member   // as they stand after it; of several givers the first
}

// Transfer gives points or credit of one member to another, in one transaction: see
// rules.Transfer. There is no way back but to give it again.
func (s *Station) Transfer(by pos.CashierID, from, to pos.HolderID, move rules.Move) (Given, error) {
	if from == to {
		return Given{}, pos.Refuse("transfer.same")
	}
	move.Household = false
	return s.transfer(by, []pos.HolderID{from}, to, move)
}

// Pool gives a member what others of the household have, so that the member can
// spend it: from one after the other, until the amount is reached. The household is
// whoever has the same field "household" in the profile.
func (s *Station) Pool(by pos.CashierID, to pos.HolderID, move rules.Move) (Given, error) {
	profile, err := s.Members.Profile(to)
	if err != nil {
		return Given{}, fmt.Errorf("read member: %w", err)
	}
	var household []pos.HolderID
	if name := profile.Household(); name != "" {
		if household, err = s.Members.ByCode(pos.HouseholdCode + name); err != nil {
			return Given{}, fmt.Errorf("look up household: %w", err)
		}
	}
	household = slices.DeleteFunc(household, func(h pos.HolderID) bool { return h == to })
	if len(household) == 0 {
		return Given{}, pos.Refuse("transfer.alone")
	}
	move.Household = true
	return s.transfer(by, household, to, move)
}

// transfer gives the amount, from as many of the givers as it takes.
func (s *Station) transfer(by pos.CashierID, from []pos.HolderID, to pos.HolderID, move rules.Move) (Given, error) {
	program, err := s.Program()
	if err == nil {
		err = rules.MayMove(&program, move)
	}
	if err != nil {
		return Given{}, err
	}
	for _, holder := range append(slices.Clone(from), to) {
		if _, err := s.Members.Profile(holder); err != nil {
			return Given{}, fmt.Errorf("read member: %w", err)
		}
	}
	base := action{Kind: pos.Moved, Cashier: by, Program: program.ID}
	records, err := s.together(append(slices.Clone(from), to), func(moments []Moment, when instant) (all []booking, err error) {
		left, window := move.Amount, moments[0].Window
		for i, holder := range from {
			known, part := knowledge(holder, moments[i], when), move
			known.Window, part.Amount = window, left
			if move.Household {
				spare, err := rules.Spare(&program, move.Account, known, when.day)
				if err != nil {
					return nil, err
				}
				if part.Amount = min(left, spare); part.Amount == 0 {
					continue
				}
			}
			pair, err := moved(&program, part, known, when.day)
			if err != nil {
				return nil, err
			}
			window = append(slices.Clip(window), rules.Handed{Holder: holder, Account: part.Account, Amount: part.Amount})
			all = append(all, pair.bookings(base, holder, to, part)...)
			left -= part.Amount
		}
		if left > 0 {
			return nil, rules.Short(move.Account, left)
		}
		return all, nil
	})
	if err != nil {
		return Given{}, err
	}
	given := Given{Records: records}
	given.From, given.To = s.standing(records[0].Entry.Holder), s.standing(to)
	return given, nil
}

// pair is what a transfer takes and gives.
type pair struct {
	out, in []pos.Posting
	by      *pos.By
}

func moved(program *pos.Program, move rules.Move, known rules.Knowledge, day pos.Day) (p pair, err error) {
	p.out, p.in, p.by, err = rules.Transfer(program, move, known, day)
	return p, err
}

// bookings returns the two entries: each names the other holder.
func (p pair) bookings(a action, from, to pos.HolderID, move rules.Move) []booking {
	a.Count = move.Amount
	out, in := booking{from, a}, booking{to, a}
	out.Postings, out.By = p.out, &pos.By{Kind: p.by.Kind, ID: slices.Clone(to[:])}
	in.Postings, in.By = p.in, &pos.By{Kind: pos.ByTransfer, ID: slices.Clone(from[:])}
	return []booking{out, in}
}

// standing returns the member as the member stands; what was done is done, so one
// that cannot be read is the profile alone, or nothing.
func (s *Station) standing(holder pos.HolderID) Member {
	member, err := s.Member(holder)
	if err != nil {
		member.Profile, _ = s.Members.Profile(holder)
	}
	return member
}

// ReplaceCode gives the member a new member code in the place of one that was lost,
// which is nobody's any more: a new one, or that of a card printed beforehand.
func (s *Station) ReplaceCode(holder pos.HolderID, printed string) (Member, error) {
	made, err := code.New(s.Random)
	if err != nil {
		return Member{}, fmt.Errorf("draw member code: %w", err)
	}
	if printed != "" {
		if made, err = code.Parse(printed); err != nil {
			return Member{}, err
		}
		if !code.IsMember(made) {
			return Member{}, pos.Refuse("code.foreign")
		}
	}
	return s.Edit(holder, func(p *pos.Profile) error {
		lost := p.Code()
		if lost == made {
			return pos.Refuse("transfer.card")
		}
		others := slices.DeleteFunc(p.Codes, func(c string) bool { return c == lost || c == made })
		p.Codes = append([]string{made}, others...)
		return nil
	})
}

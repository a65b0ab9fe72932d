package station

import (
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Preview returns what Sell would give for the sale now. Nothing is written, and
// whatever is written next may change it.
func (s *Station) Preview(holder pos.HolderID, sale pos.Sale) (rules.Decision, error) {
	sale, err := s.checkedSale(sale)
	if err != nil {
		return rules.Decision{}, err
	}
	program, err := s.Program()
	if err != nil {
		return rules.Decision{}, err
	}
	profile, err := s.Members.Profile(holder)
	if err != nil {
		return rules.Decision{}, fmt.Errorf("read member: %w", err)
	}
	if err := s.follow(&program); err != nil {
		return rules.Decision{}, err
	}
	var would rules.Decision
	err = s.Joint.Peek(holder, func(m Moment) (err error) {
		now, _ := s.clock()
		when := instant{at: now, day: pos.DayOf(now, s.Zone)}
		ask := rules.Ask{Holder: holder, Day: when.day, Sale: &sale, Facts: s.facts(m, when, profile, map[string]int64{})}
		would, err = rules.Sell(&program, ask)
		return err
	})
	return would, err
}

// rewards returns the program's rewards for the member. How many of a reward this
// till handed out is asked only where there is no more than so many of one.
func (s *Station) rewards(program *pos.Program, view View, profile pos.Profile) (rewards []rules.Reward, err error) {
	now, _ := s.clock()
	when := instant{at: now, day: pos.DayOf(now, s.Zone)}
	look := func(m Moment) error {
		facts := s.facts(m, when, profile, map[string]int64{})
		rewards = rules.Rewards(program, m.View.Sums, when.day, facts)
		return nil
	}
	if slices.ContainsFunc(program.Rewards, func(r pos.RewardRule) bool { return r.Stock > 0 }) {
		err = s.Joint.Peek(profile.Holder, look)
		return rewards, err
	}
	err = look(Moment{View: view})
	return rewards, err
}

// uncounted returns the accounts that the holder's last n entries of this till
// changed, as far back as Undo looks.
func (s *Station) uncounted(holder pos.HolderID, n int) (map[pos.Account]bool, error) {
	if n == 0 {
		return nil, nil
	}
	changed, seen := map[pos.Account]bool{}, 0
	err := s.Journal.Last(func(r Record) bool {
		if seen++; r.Entry.Holder == holder {
			n--
			for _, p := range r.Entry.Postings {
				changed[p.Account] = true
			}
		}
		return n > 0 && seen < undoReach
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return changed, nil
}

package station

import (
	"errors"
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// Redeem hands out the reward, if what this till knows of the member covers it
// and a lease or the program's limits allow it. Where a lease would help, the
// centre is asked for one with the next exchange.
func (s *Station) Redeem(by pos.CashierID, holder pos.HolderID, reward string) (Done, error) {
	program, rule, err := s.reward(reward)
	if err != nil {
		return Done{}, err
	}
	done, err := s.act(holder, func(m Moment, when instant) (action, error) {
		known := knowledge(holder, m, when)
		postings, allowed, err := rules.Redeem(program, rule, known, when.day)
		a := action{Kind: pos.Redeemed, Cashier: by, Program: program.ID, Postings: postings, Reward: rule.ID, By: allowed}
		if err == nil && allowed != nil && allowed.Kind == pos.ByFloor {
			member, all := known.HandedOut(postings[0].Account)
			a.Facts = map[string]int64{"floor": member, "budget": all}
		}
		return a, err
	})
	if refusedWith(leaseless, err) {
		s.Office.Want(holder)
	}
	return done, err
}

// reward returns the reward and the program that decides now.
func (s *Station) reward(id string) (pos.Program, pos.RewardRule, error) {
	program, err := s.Program()
	if err != nil {
		return pos.Program{}, pos.RewardRule{}, err
	}
	rule, ok := program.Reward(id)
	if !ok {
		return pos.Program{}, pos.RewardRule{}, pos.Refuse("redeem.unknown", "reward", id)
	}
	return program, rule, nil
}

func knowledge(holder pos.HolderID, m Moment, when instant) rules.Knowledge {
	return rules.Knowledge{
		Holder: holder, Sums: m.View.Sums, Leases: m.View.Leases, Lent: m.View.Lent, Window: m.Window, Age: when.age(m),
		Enrolled: m.Standing.Enrolled, Frozen: m.Standing.Frozen, Restored: m.Standing.Restored,
	}
}

// leaseless are the refusals that a lease would have prevented; a manager can
// override them and the others.
var (
	leaseless = []string{"redeem.lent", "redeem.floor", "redeem.budget", "redeem.most"}
	others    = []string{"redeem.stamps", "redeem.points", "redeem.stale", "redeem.frozen", "redeem.restored"}
)

func refusedWith(keys []string, err error) bool {
	problem, ok := errors.AsType[*pos.Problem](err)
	return ok && slices.Contains(keys, problem.Key)
}

// Overridable reports whether the error is a refusal of Redeem that a manager
// can override.
func Overridable(err error) bool { return refusedWith(leaseless, err) || refusedWith(others, err) }

// Override is a manager's word against the rules.
type Override struct {
	Manager pos.CashierID
	PIN     string
	Reason  string // kept as one line, cut to what an entry holds
}

// RedeemOverride hands out the reward because a manager says so, whatever the
// balance. The entry says who and why.
func (s *Station) RedeemOverride(by pos.CashierID, holder pos.HolderID, reward string, o Override) (Done, error) {
	program, rule, err := s.reward(reward)
	if err != nil {
		return Done{}, err
	}
	reason := oneLine(o.Reason)
	if reason == "" {
		return Done{}, pos.Refuse("override.reason")
	}
	if err := s.writable(); err != nil {
		return Done{}, err
	}
	if err := s.approve(o.Manager, o.PIN); err != nil {
		return Done{}, err
	}
	return s.act(holder, func(m Moment, when instant) (action, error) {
		return action{
			Kind: pos.Redeemed, Cashier: by, Program: program.ID, Reward: rule.ID, Reason: reason,
			Postings: rules.Override(program, rule, knowledge(holder, m, when), when.day),
			By:       &pos.By{Kind: pos.ByOverride, Manager: o.Manager},
		}, nil
	})
}

// errNothing says that there is nothing to write.
var errNothing = errors.New("nothing to do")

// ReturnLeases gives back what the centre lent to this till and asks for, or
// what has ended: one entry for each holder. It returns how many leases that
// were. A till whose leases wait for something else, because a copy of it was
// seen or it was restored from a backup, gives nothing back.
func (s *Station) ReturnLeases() (int, error) {
	due, err := s.Journal.Due(s.Today())
	if err != nil {
		return 0, fmt.Errorf("read leases: %w", err)
	}
	var holders []pos.HolderID
	leases := map[pos.HolderID][]pos.LeaseID{}
	for _, d := range due {
		if leases[d.Holder] == nil {
			holders = append(holders, d.Holder)
		}
		leases[d.Holder] = append(leases[d.Holder], d.Lease)
	}
	returned := 0
	for _, holder := range holders {
		n, err := s.giveBack(holder, leases[holder])
		if err != nil {
			return returned, err
		}
		returned += n
	}
	return returned, nil
}

// giveBack writes that those of the leases that are still unused go back.
func (s *Station) giveBack(holder pos.HolderID, due []pos.LeaseID) (n int, err error) {
	_, err = s.write(holder, nil, func(m Moment, _ instant) (action, error) {
		by := &pos.By{Kind: pos.ByLease}
		n = 0
		for _, id := range due {
			if slices.ContainsFunc(m.View.Leases, func(l ledger.Lease) bool { return l.ID == id }) {
				by.ID = append(by.ID, id[:]...)
				n++
			}
		}
		if n == 0 || m.Standing.Frozen || m.Standing.Restored {
			return action{}, errNothing
		}
		return action{Kind: pos.Returned, By: by}, nil
	})
	if errors.Is(err, errNothing) {
		return 0, nil
	}
	return n, err
}

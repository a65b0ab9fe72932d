package station

import (
	"errors"
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
	"tenthcup/pos/rules"
)

// claiming is a claim at the moment when it is decided.
type claiming struct {
	program *pos.Program
	claim   rules.Claim
	known   rules.Knowledge
	day     pos.Day
	facts   rules.Facts
}

// Redeem hands out the reward, as Claim does.
func (s *Station) Redeem(by pos.CashierID, holder pos.HolderID, reward string) (Done, error) {
	return s.Claim(by, holder, rules.Claim{Reward: reward})
}

// Claim hands out what is claimed, if what this till knows of the member covers it
// and a lease or the program's limits allow it. Where a lease would help, the
// centre is asked for one with the next exchange. The entry has the claim as it was
// decided and the sale as it was before: what comes off follows from them.
func (s *Station) Claim(by pos.CashierID, holder pos.HolderID, claim rules.Claim) (Done, error) {
	done, err := s.claim(by, holder, claim, func(c claiming, a *action) (rules.Redemption, error) {
		redemption, err := rules.Redeem(c.program, c.claim, c.known, c.day, c.facts)
		if a.By = redemption.By; a.By != nil && a.By.Kind == pos.ByFloor {
			a.Facts["floor"], a.Facts["budget"] = c.known.HandedOut(redemption.Price.Account)
		}
		return redemption, err
	})
	if refusedWith(leaseless, err) {
		s.Office.Want(holder)
	}
	return done, err
}

// claim books what is decided about a claim.
func (s *Station) claim(by pos.CashierID, holder pos.HolderID, claim rules.Claim, decide func(claiming, *action) (rules.Redemption, error)) (Done, error) {
	program, err := s.Program()
	if err != nil {
		return Done{}, err
	}
	profile, err := s.Members.Profile(holder)
	if err != nil {
		return Done{}, fmt.Errorf("read member: %w", err)
	}
	if claim.Sale != nil {
		sale, err := claim.Sale.Checked()
		if err != nil {
			return Done{}, err
		}
		sale.Currency = s.Currency.Code
		claim.Sale = &sale
	}
	var decided rules.Redemption
	record, err := s.write(holder, nil, func(m Moment, when instant) (action, error) {
		a := action{Kind: pos.Redeemed, Cashier: by, Program: program.ID, Reward: claim.Reward, Facts: map[string]int64{}}
		c := claiming{&program, claim, knowledge(holder, m, when), when.day, s.facts(m, when, profile, a.Facts)}
		redemption, err := decide(c, &a)
		decided = redemption
		if redemption.Off > 0 {
			a.Facts[report.SawOff] = int64(redemption.Off) // for the reports: it hangs on the rules of today
		}
		a.Sale, a.Count, a.Code, a.Postings = decided.Claim.Sale, decided.Claim.Count, decided.Claim.Code(), decided.Postings
		return a, err
	})
	if err != nil {
		return Done{}, err
	}
	done := s.done(record, profile)
	done.Because, done.Off, done.Sale = decided.Because, decided.Off, decided.Sale
	return done, nil
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
	others    = []string{
		"redeem.stamps", "redeem.points", "redeem.vouchers", "redeem.stale", "redeem.frozen", "redeem.restored",
		"redeem.day", "redeem.hours", "redeem.standing", "redeem.switch", "redeem.coupon", "redeem.alone", "redeem.limit",
		"redeem.stock", "redeem.minimum", "redeem.quantity", "redeem.least",
	}
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

// RedeemOverride hands out the reward because a manager says so, as ClaimOverride
// does.
func (s *Station) RedeemOverride(by pos.CashierID, holder pos.HolderID, reward string, o Override) (Done, error) {
	return s.ClaimOverride(by, holder, rules.Claim{Reward: reward}, o)
}

// ClaimOverride hands out what is claimed because a manager says so, whatever the
// balance. The entry says who and why.
func (s *Station) ClaimOverride(by pos.CashierID, holder pos.HolderID, claim rules.Claim, o Override) (Done, error) {
	if err := s.known(claim.Reward); err != nil {
		return Done{}, err
	}
	reason := oneLine(o.Reason)
	if reason == "" {
		return Done{}, pos.Refuse("override.reason")
	}
	if err := s.allowed(o); err != nil {
		return Done{}, err
	}
	return s.claim(by, holder, claim, func(c claiming, a *action) (rules.Redemption, error) {
		a.Reason, a.By = reason, &pos.By{Kind: pos.ByOverride, Manager: o.Manager}
		return rules.Override(c.program, c.claim, c.known, c.day, c.facts)
	})
}

// known refuses a reward that the program has not, before anybody types a PIN for
// it.
func (s *Station) known(reward string) error {
	program, err := s.Program()
	if err != nil {
		return err
	}
	if _, ok := program.Reward(reward); !ok {
		return pos.Refuse("redeem.unknown", "reward", reward)
	}
	return nil
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

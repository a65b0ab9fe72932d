package simulation_test

import (
	"errors"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store"
)

// told notes that the centre has told the till all that there is: what the till
// hands out without a lease is counted anew from what the centre did not have.
func (u *till) told(page ledger.Page) {
	waiting, err := u.disk.Waiting()
	if u.w.must(err, "%s: read the outbox", u.name) && !page.More && !page.Revoked {
		u.held.window = max(u.held.window, len(u.held.journal)-waiting.Entries)
		u.held.restored = false
	}
	if page.At > u.held.heard && !page.Revoked {
		u.held.heard, u.held.frozen = page.At, page.Frozen
	}
}

// givesBack returns leases that the centre asks for. A till that was shut out in the
// middle of what it has to hand in gives nothing back, and goes on.
func (u *till) givesBack() error {
	before := len(u.held.journal)
	n, err := u.ReturnLeases()
	wrote := 0
	for _, f := range u.held.journal[before:] {
		if f.Kind == pos.Returned {
			wrote += len(leasesOf(f.Entry))
		}
	}
	if err == nil && wrote != n {
		u.w.wronged("%s: says it gave %d leases back, gave %d", u.name, n, wrote)
	}
	if errors.Is(err, station.ErrTillRevoked) {
		return nil
	}
	return err
}

// redeem asks for a reward. What is handed out has to be allowed, and what is
// refused not covered, or for a reason.
func (w *world) redeem(u *till, holder pos.HolderID) (station.Done, error) {
	reward := w.reward()
	program, err := u.Program()
	if err != nil {
		return station.Done{}, err
	}
	account, cost := price(program, reward)
	view, err := u.Journal.View(holder)
	if err != nil {
		return station.Done{}, err
	}
	before := slices.Clone(u.held.journal)
	done, err := u.Redeem(clerk, holder, reward)
	balance := worthOn(view.Sums, account, u.Today())
	problem, _ := errors.AsType[*pos.Problem](err)
	switch {
	case errors.Is(err, store.ErrUnsure), errors.Is(err, store.ErrFull):
	case err == nil && balance < cost:
		w.wronged("%s: handed %s to %s, who has %d of %d", u.name, reward, holder, balance, cost)
	case err == nil && u.joined:
		w.takes(u, done.Record.Entry, view.Sums, cost)
		w.allowed(u, before, view, done.Record.Entry)
	case err == nil:
		w.takes(u, done.Record.Entry, view.Sums, cost)
	case problem != nil && slices.Contains([]string{"redeem.stamps", "redeem.points"}, problem.Key) && balance >= cost:
		w.wronged("%s: refused %s to %s, who has %d of %d: %v", u.name, reward, holder, balance, cost, err)
	case problem != nil && !u.joined && balance >= cost:
		w.wronged("%s: refused %s to %s, and there is nobody to ask: %v", u.name, reward, holder, err)
	}
	return done, err
}

// allowed checks what the entry says it was allowed by.
func (w *world) allowed(u *till, before []*fact, view station.View, e pos.Entry) {
	by := e.By
	if u.held.restored {
		w.wronged("%s: handed %s out and has not heard what it forgot", u.name, e.ID)
	}
	switch {
	case by == nil:
		w.wronged("%s: handed %s out without a lease or a floor", u.name, e.ID)
	case by.Kind == pos.ByLease && u.held.frozen:
		w.wronged("%s: used a lease in %s while it is frozen", u.name, e.ID)
	case by.Kind == pos.ByLease:
		for _, id := range leasesOf(e) {
			for _, f := range before {
				if slices.Contains(leasesOf(f.Entry), id) {
					w.wronged("%s: used lease %s twice: %s and %s", u.name, id, f.ID, e.ID)
				}
			}
		}
	case by.Kind == pos.ByFloor:
		w.withinLimits(u, e)
		w.unlent(u, view, e)
	default:
		w.wronged("%s: handed %s out by %q", u.name, e.ID, by.Kind)
	}
}

func leasesOf(e pos.Entry) (ids []pos.LeaseID) {
	if e.By != nil && e.By.Kind == pos.ByLease {
		for id := range slices.Chunk(e.By.ID, len(pos.LeaseID{})) {
			ids = append(ids, pos.LeaseID(id))
		}
	}
	return ids
}

// withinLimits checks the floor and the budget of the account, by the till's own
// entries since the centre last told it all.
func (w *world) withinLimits(u *till, e pos.Entry) {
	program, err := u.Program()
	w.must(err, "%s: read the program", u.name)
	account, _ := price(program, e.Reward)
	floor, budget := limitsOf(program, account)
	member, all := int64(0), int64(0)
	for _, f := range u.held.journal[u.held.window:] {
		if f.By == nil || f.By.Kind != pos.ByFloor {
			continue
		}
		for _, p := range f.Postings {
			if p.Account == account && p.Of == nil {
				all -= p.Amount
				if f.Holder == e.Holder {
					member -= p.Amount
				}
			}
		}
	}
	if member > floor || all > budget {
		w.wronged("%s: %s without a lease: %d of %d for the member, %d of %d in all", u.name, e.ID, member, floor, all, budget)
	}
}

// limitsOf returns the floor and the budget of an account, in its unit.
func limitsOf(program pos.Program, account pos.Account) (floor, budget int64) {
	for _, card := range program.Cards {
		if card.Account() == account {
			return card.Floor * card.Size, card.Budget * card.Size
		}
	}
	return program.Points.Floor, program.Points.Budget
}

// override hands out by a manager's word.
func (w *world) override(u *till, holder pos.HolderID) (station.Done, error) {
	roster, err := u.disk.Roster()
	w.must(err, "%s: read the roster", u.name)
	rarely := 100 // a PIN takes its time
	if w.busy {
		rarely = 500
	}
	if manager, _ := roster.Cashier(boss); manager.PIN == "" || w.random.IntN(rarely) > 0 {
		return w.redeem(u, holder)
	}
	return u.RedeemOverride(clerk, holder, "coffee", station.Override{Manager: boss, PIN: "1234", Reason: "a friend"})
}

// checkBound: what was handed out beyond the balance is no more than what was
// handed out without a lease, and what copies of a disk held. Reversals of what
// was spent are counted apart, and so is what managers decide.
func (w *world) checkBound(holders map[pos.HolderID][]pos.Entry) {
	uses := map[pos.LeaseID][]pos.Entry{}
	for holder, entries := range holders {
		earned, bound := map[pos.Account]int64{}, map[pos.Account]int64{}
		all := newTally()
		for _, e := range entries {
			all.add(e)
		}
		for _, e := range entries {
			for _, id := range leasesOf(e) {
				if e.Kind == pos.Redeemed {
					uses[id] = append(uses[id], e)
				}
			}
			for i, p := range e.Postings {
				left := all.left(place{e.ID, i, purse{p.Account, p.Lot}})
				switch {
				case p.Of != nil || e.Kind == pos.Settled || e.Kind == pos.Merged:
				case p.Amount > 0:
					earned[p.Account] += p.Amount
				case e.By != nil && e.By.Kind == pos.ByOverride:
				case e.By != nil && e.By.Kind == pos.ByLease && !w.usedTwice(e, holders):
					earned[p.Account] += left
				default: // a floor, no centre, or a copy's lease
					earned[p.Account] += left
					bound[p.Account] -= p.Amount
				}
			}
		}
		for account, rest := range earned {
			if -rest > bound[account] {
				w.wronged("bound: %s was handed %d of %s too much, at most %d without a lease", holder, -rest, account, bound[account])
			}
		}
	}
	for id, used := range uses {
		if k := w.disks[used[0].ID.Terminal]; len(used) > 1+k {
			w.wronged("bound: lease %s was used %d times, with %d copies", id, len(used), k)
		}
	}
}

// usedTwice reports whether another entry used a lease of the entry too.
func (w *world) usedTwice(e pos.Entry, holders map[pos.HolderID][]pos.Entry) bool {
	for _, other := range holders[e.Holder] {
		for _, id := range leasesOf(other) {
			if other.ID != e.ID && slices.Contains(leasesOf(e), id) {
				return true
			}
		}
	}
	return false
}

// takes checks that a redemption takes its price, from lots that count on its day
// and have as much, or had it when they were lent.
func (w *world) takes(u *till, e pos.Entry, sums ledger.Sums, cost int64) {
	has := pursesOf(sums)
	for _, p := range e.Postings {
		cost += p.Amount
		if p.Amount >= 0 || !counts(p.Lot, e.Day) || len(leasesOf(e)) == 0 && has[purse{p.Account, p.Lot}] < -p.Amount {
			w.wronged("%s: %s takes %v of %v", u.name, e.ID, p, sums)
		}
	}
	if cost != 0 {
		w.wronged("%s: %s takes %d too little", u.name, e.ID, cost)
	}
}

// checkLeases: what is out was neither used nor given back, and is no more than
// there is.
func (w *world) checkLeases(holders map[pos.HolderID][]pos.Entry) {
	out, err := w.centre.file.Leases(area)
	w.must(err, "read leases")
	lent := map[pos.HolderID]map[pos.Account]int64{}
	for _, l := range out {
		for _, e := range holders[l.Holder] {
			if slices.Contains(leasesOf(e), l.ID) {
				w.wronged("leases: %s is out, but %s ended it", l.ID, e.ID)
			}
		}
		if lent[l.Holder] == nil {
			lent[l.Holder] = map[pos.Account]int64{}
		}
		for _, sum := range l.Sums {
			lent[l.Holder][sum.Account] += worthOn(ledger.Sums{sum}, sum.Account, today())
		}
	}
	for holder, accounts := range lent {
		for account, sum := range accounts {
			earned := int64(0)
			for _, e := range holders[holder] {
				for _, p := range e.Postings {
					if p.Account == account && p.Of == nil && p.Amount > 0 {
						earned += p.Amount
					}
				}
			}
			if sum > earned {
				w.wronged("leases: %d of %s of %s are lent, who never had more than %d", sum, account, holder, earned)
			}
		}
	}
	lived.count("leases out", len(out))
}

// unlent checks that what a floor takes is lent to nobody, as far as the till
// knows.
func (w *world) unlent(u *till, view station.View, e pos.Entry) {
	free := pursesOf(view.Sums)
	for _, sum := range view.Lent {
		free[purse{sum.Account, sum.Lot}] -= sum.Amount
	}
	for _, lease := range view.Leases {
		for _, sum := range lease.Sums {
			free[purse{sum.Account, sum.Lot}] -= sum.Amount
		}
	}
	for _, p := range e.Postings {
		if free[purse{p.Account, p.Lot}] < -p.Amount {
			w.wronged("%s: %s takes %v, which is lent: %v", u.name, e.ID, p, view)
		}
	}
}

package simulation_test

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// hands checks a redemption of a till that has a centre: a lease or a floor allows
// it, and never more than the program says between two full exchanges.
func (w *world) hands(u *till, e pos.Entry) {
	if !u.held.joined {
		if e.By != nil {
			w.wronged("%s: has no centre, but handed out by %s", u.name, e.By.Kind)
		}
		return
	}
	switch {
	case e.By == nil:
		w.wronged("%s: handed out without lease or floor: %s", u.name, e.ID)
	case e.By.Kind == pos.ByFloor:
		u.window = append(u.window, e)
		w.withinLimits(u, e)
	}
}

// withinLimits checks what a till handed out without a lease since its last full
// exchange.
func (w *world) withinLimits(u *till, last pos.Entry) {
	program, err := u.Program()
	if !w.must(err, "%s: read the program", u.name) {
		return
	}
	for _, exposure := range rules.WorstCase(program, 1) {
		member, all := int64(0), int64(0)
		for _, e := range u.window {
			spent := spentOf(e, exposure.Account)
			all += spent
			if e.Holder == last.Holder {
				member += spent
			}
		}
		if member > exposure.Floor*exposure.Unit || all > exposure.Budget*exposure.Unit {
			w.wronged("%s: handed %d of %s to one, %d to all without a lease; worst case is %v", u.name, member, exposure.Account, all, exposure)
		}
	}
}

func spentOf(e pos.Entry, account pos.Account) (spent int64) {
	for _, p := range e.Postings {
		if p.Account == account && p.Of == nil && p.Amount < 0 {
			spent -= p.Amount
		}
	}
	return spent
}

// checkBound: what was handed out beyond a balance is no more than what floors and
// managers allowed; nothing at all in a world of leases. Copied disks, leases that
// were written off and what was taken back after it was spent are counted apart.
func (w *world) checkBound(holders map[pos.HolderID][]pos.Entry) {
	if w.copies > 0 || w.offs > 0 || w.plan.voids {
		return
	}
	for holder, entries := range holders {
		all := newTally()
		allowed := map[pos.Account]int64{}
		for _, e := range entries {
			all.add(e)
			if e.By != nil && (e.By.Kind == pos.ByFloor || e.By.Kind == pos.ByOverride) {
				for _, p := range e.Postings {
					allowed[p.Account] -= min(p.Amount, 0)
				}
			}
		}
		for account := range accounts(all) {
			if deficit := -min(balance(entries, account, today()), 0); deficit > allowed[account] {
				w.wronged("centre: %s owes %d of %s, of which %d was allowed", holder, deficit, account, allowed[account])
			}
		}
	}
}

// checkExceptions: every debt and every fork is on the manager's list, settled or
// not, and nothing is that did not happen.
func (w *world) checkExceptions(holders map[pos.HolderID][]pos.Entry) {
	listed, err := w.centre.file.Exceptions(area, true)
	w.must(err, "read the exceptions")
	has := func(is func(pos.Exception) bool) bool { return slices.ContainsFunc(listed, is) }
	for _, row := range w.centre.feed() {
		for _, sum := range debts(row.Sums) {
			if !has(func(x pos.Exception) bool {
				return (x.Trouble == pos.Overdrawn || x.Trouble == pos.TakenBack) && x.Holder == row.Holder && x.Account == sum.Account
			}) {
				w.wronged("centre: %s owes %v, and no exception says so", row.Holder, sum)
			}
		}
	}
	for _, terminal := range w.forks() {
		if !has(func(x pos.Exception) bool { return x.Trouble == pos.Fork && x.Terminal == terminal }) {
			w.wronged("centre: %s forked, and no exception says so", terminal)
		}
	}
	for _, x := range listed {
		if x.Trouble == pos.Fork && w.copies == 0 && len(w.model.forged) == 0 {
			w.wronged("centre: a fork of %s that nobody made", x.Terminal)
		}
		if x.Trouble == pos.LimitPassed && w.copies == 0 && w.offs == 0 {
			w.wronged("centre: %s passed a limit with %s: %d of %s", x.Terminal, x.Entry, x.Amount, x.Account)
		}
	}
}

func debts(sums ledger.Sums) (owed ledger.Sums) {
	for _, sum := range sums {
		if sum.Amount < 0 && sum.Account.Value() {
			owed = append(owed, sum)
		}
	}
	return owed
}

// forks returns the terminals of which two entries at the centre are chained to
// the same one.
func (w *world) forks() (forked []pos.TerminalID) {
	there, _ := w.centre.entries()
	behind := map[pos.Hash]pos.EntryID{}
	for id, raw := range there {
		e, err := pos.DecodeEntry(raw)
		if !w.must(err, "read entry %s", id) || id.Terminal == serverTerminal {
			continue
		}
		if _, twice := behind[e.Prev]; twice && e.Prev != (pos.Hash{}) && !slices.Contains(forked, id.Terminal) {
			forked = append(forked, id.Terminal)
		}
		behind[e.Prev] = id
	}
	return forked
}

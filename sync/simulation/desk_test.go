package simulation_test

import (
	"errors"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
)

// head is the server's own terminal.
var head = pos.TerminalID{0xce, 0x17, 0x4e}

// manages lets a manager at the centre settle something.
func (w *world) manages(*till) {
	desk := &office.Office{Book: w.centre.file, Terminal: head, Now: time.Now, Random: w.bits, Zone: time.UTC}
	var err error
	switch w.random.IntN(3) {
	case 0, 1:
		open, readErr := w.centre.file.Exceptions(area, false)
		if w.must(readErr, "read exceptions") && len(open) > 0 {
			x := open[w.random.IntN(len(open))]
			if w.random.IntN(4) == 0 && w.settled != (pos.ExceptionID{}) {
				x.ID = w.settled // somebody else did, a moment ago
			}
			_, err = desk.Settle(x.ID, boss, "looked at", w.random.IntN(2) == 0)
			if err == nil && x.ID == w.settled {
				w.wronged("the desk: exception %s is settled twice", x.ID)
			}
			if err == nil {
				w.settled = x.ID
			}
			w.note("  settled %s of %s %s: %v", x.Trouble, x.Terminal, x.Holder, err)
		}
	default:
		rows, readErr := w.centre.file.Quarantined()
		if w.must(readErr, "read the quarantine") && len(rows) > 0 {
			hash := pos.HashEntry(rows[w.random.IntN(len(rows))].Raw)
			defer func() { w.once(hash, err) }()
			if w.random.IntN(2) == 0 {
				_, err = desk.Release(hash, boss, "it was real")
			} else {
				_, err = desk.Dismiss(hash, boss, "nonsense")
			}
			w.note("  quarantined %x: %v", hash[:4], err)
		}
	}
	if _, refused := errors.AsType[*pos.Problem](err); err != nil && !refused {
		w.wronged("the desk: %v", err)
	}
	w.deskWrote()
}

// once notes that the bytes are settled, which they are only once.
func (w *world) once(hash pos.Hash, err error) {
	if err == nil && w.done[hash] {
		w.wronged("the desk: quarantined %x is settled twice", hash[:4])
	}
	w.done[hash] = w.done[hash] || err == nil
}

// deskWrote notes the entries of the server's own terminal.
func (w *world) deskWrote() {
	there, _ := w.centre.entries()
	for id, raw := range there {
		if id.Terminal == head && w.model.facts[pos.HashEntry(raw)] == nil {
			e, err := pos.DecodeEntry(raw)
			w.must(err, "read the desk's entry")
			w.model.wrote(e, raw)
			w.model.taken([][]byte{raw}, nil)
		}
	}
}

// checkExceptions: whatever went wrong is shown to a manager.
func (w *world) checkExceptions(holders map[pos.HolderID][]pos.Entry) {
	all, err := w.centre.file.Exceptions(area, true)
	for _, x := range all {
		if x.Trouble == pos.Unruly {
			w.wronged("centre: works entry %s out otherwise: %s by %d", x.Entry, x.Account, x.Amount)
		}
	}
	w.must(err, "read exceptions")
	shown := func(is func(pos.Exception) bool) bool { return slices.ContainsFunc(all, is) }
	for holder, entries := range holders {
		tally := newTally()
		for _, e := range entries {
			tally.add(e)
		}
		for account := range accounts(tally) {
			short := -balance(entries, account, today())
			sum := int64(0)
			for _, x := range all {
				if x.Holder == holder && x.Account == account && (x.Trouble == pos.Overdrawn || x.Trouble == pos.TakenBack) {
					sum += x.Amount
				}
			}
			if short > 0 && sum < short {
				w.wronged("exceptions: %s is short of %d of %s, shown are %d", holder, short, account, sum)
			}
		}
		for at, back := range tally.back {
			if was := tally.posted[at]; was != 0 && max(was, -was) < max(back, -back) &&
				!shown(func(x pos.Exception) bool { return x.Trouble == pos.VoidedTwice && x.Holder == holder }) {
				w.wronged("exceptions: of %s in %s more was taken back than there was", holder, at.entry)
			}
		}
	}
	w.checkForks(shown)
	w.checkForged(shown)
	w.checkTwice(shown, holders)
	w.checkLate(shown)
}

// checkForks: a terminal with two entries behind one entry has two journals.
func (w *world) checkForks(shown func(func(pos.Exception) bool) bool) {
	there, _ := w.centre.entries()
	type link struct {
		terminal pos.TerminalID
		prev     pos.Hash
	}
	next := map[link]int{}
	for id, raw := range there {
		f := w.model.facts[pos.HashEntry(raw)]
		if f == nil || id.Terminal == head || f.late {
			continue
		}
		at := link{id.Terminal, f.Prev}
		if next[at]++; next[at] == 2 && !shown(func(x pos.Exception) bool { return x.Trouble == pos.Fork && x.Terminal == id.Terminal }) {
			w.wronged("exceptions: %s has two journals", id.Terminal)
		}
	}
}

// checkForged: the id of an entry with another content shows a copied disk.
func (w *world) checkForged(shown func(func(pos.Exception) bool) bool) {
	for _, f := range w.model.forged {
		e, err := pos.DecodeEntry(f.raw)
		if err == nil && f.arrived && !shown(func(x pos.Exception) bool { return x.Trouble == pos.Fork && x.Terminal == e.ID.Terminal }) {
			w.wronged("exceptions: %s is there with another content", e.ID)
		}
	}
}

// checkTwice: a lease that was used twice is shown.
func (w *world) checkTwice(shown func(func(pos.Exception) bool) bool, holders map[pos.HolderID][]pos.Entry) {
	used := map[pos.LeaseID]int{}
	for _, entries := range holders {
		for _, e := range entries {
			for _, id := range leasesOf(e) {
				if used[id]++; used[id] == 2 && !shown(func(x pos.Exception) bool { return x.Trouble == pos.LimitPassed && x.Terminal == e.ID.Terminal }) {
					w.wronged("exceptions: lease %s was used twice by %s", id, e.ID.Terminal)
				}
			}
		}
	}
}

// checkLate: what a revoked terminal handed in is in quarantine, and shown.
func (w *world) checkLate(shown func(func(pos.Exception) bool) bool) {
	rows, err := w.centre.file.Quarantined()
	w.must(err, "read the quarantine")
	held := map[pos.Hash]bool{}
	for _, q := range rows {
		held[pos.HashEntry(q.Raw)] = true
	}
	for _, u := range w.tills {
		for _, f := range u.held.journal {
			if !f.late || !u.joined {
				continue
			}
			if !held[pos.HashEntry(f.raw)] {
				w.wronged("quarantine: %s of the revoked %s is not there", f.ID, u.name)
			}
			if !shown(func(x pos.Exception) bool { return x.Trouble == pos.LateEntries && x.Terminal == u.Terminal }) {
				w.wronged("exceptions: the revoked %s handed in %s", u.name, f.ID)
			}
		}
	}
}

// countTrouble takes the exceptions into the census.
func (w *world) countTrouble() {
	all, _ := w.centre.file.Exceptions(area, true)
	for _, x := range all {
		what := "exception " + string(x.Trouble)
		if x.Settled != nil {
			what += " settled"
		}
		lived.count(what, 1)
	}
}

package simulation_test

import (
	"maps"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
)

// worth returns what the till knows of the holder, lot by lot.
func (u *till) worth(holder pos.HolderID) map[purse]int64 {
	if u.w.busy {
		return nil
	}
	view, err := u.Journal.View(holder)
	u.w.must(err, "%s: read a view", u.name)
	return pursesOf(view.Sums)
}

func pursesOf(sums ledger.Sums) map[purse]int64 {
	purses := map[purse]int64{}
	for _, sum := range sums {
		purses[purse{sum.Account, sum.Lot}] = sum.Amount
	}
	return purses
}

// moved checks that the cashier sees at once what an entry did, and nothing else.
func (u *till) moved(holder pos.HolderID, before map[purse]int64, f *fact) {
	if u.w.busy {
		return
	}
	want := maps.Clone(before)
	for _, p := range f.Postings {
		want[purse{p.Account, p.Lot}] += p.Amount
	}
	maps.DeleteFunc(want, func(_ purse, amount int64) bool { return amount == 0 })
	if got := u.worth(holder); !maps.Equal(got, want) {
		u.w.wronged("%s: %s had %v, %s moved %v, now has %v", u.name, holder, before, f.ID, f.Postings, got)
	}
	u.shows(holder)
}

// shows checks that the screen says what is in the view.
func (u *till) shows(holder pos.HolderID) {
	if holder == (pos.HolderID{}) {
		return
	}
	view, err := u.Journal.View(holder)
	u.w.must(err, "%s: read a view", u.name)
	member, err := u.Member(holder)
	if !u.w.must(err, "%s: read a member", u.name) {
		return
	}
	if want := worthOn(view.Sums, pos.PointsAccount, u.Today()); member.Points == nil || int64(*member.Points) != want {
		u.w.wronged("%s: shows %v points of %s, who has %d", u.name, *member.Points, holder, want)
	}
	for _, c := range member.Cards {
		if got, want := c.Full*c.Card.Size+c.Stamps, worthOn(view.Sums, c.Card.Account(), u.Today()); got != want {
			u.w.wronged("%s: shows %d stamps of %s, who has %d", u.name, got, holder, want)
		}
	}
}

// sees checks that a till's view of the stamps of a holder has each of its own
// entries once, and of the others' what the centre had at some moment, which is no
// earlier than what the till saw before. Stamps do not end, so whatever was
// overspent is simply their sum. Only the centre knows what a copy of the till
// took back too: the own entries that no base has yet count as they are.
func (w *world) sees(u *till, holder pos.HolderID) {
	if holder == (pos.HolderID{}) || w.busy {
		return
	}
	view, err := u.Journal.View(holder)
	w.must(err, "%s: read a view", u.name)
	w.model.mu.Lock()
	defer w.model.mu.Unlock()
	own := u.moves(holder)
	if view.Unmerged > len(own) {
		w.wronged("%s: %d own entries of %s are in no base, wrote %d", u.name, view.Unmerged, holder, len(own))
		return
	}
	based, beyond := split(own, len(own)-view.Unmerged)
	got := stampsIn(view.Sums)
	if u.held.seen[holder] == 0 && maps.Equal(got, stampsOf(based, beyond)) {
		return
	}
	for i, f := range w.model.arrived {
		if f.Holder == holder && !slices.Contains(own, f) {
			based.add(f.Entry)
		}
		if i+1 >= u.held.seen[holder] && maps.Equal(got, stampsOf(based, beyond)) {
			u.held.seen[holder] = i + 1
			return
		}
	}
	w.wronged("%s: sees %v of %s, which the centre never had, with own %v", u.name, got, holder, stampsOf(newTally(), beyond))
}

// split adds up the first n entries, and plainly the others.
func split(own []*fact, n int) (based *tally, beyond map[pos.Account]int64) {
	based, beyond = newTally(), map[pos.Account]int64{}
	for i, f := range own {
		if i < n {
			based.add(f.Entry)
			continue
		}
		for _, p := range f.Postings {
			beyond[p.Account] += p.Amount
		}
	}
	return based, beyond
}

// moves returns the till's own entries that move something of the holder's, or a
// lease.
func (u *till) moves(holder pos.HolderID) (own []*fact) {
	for _, f := range u.held.journal {
		if f.Holder == holder && (len(f.Postings) > 0 || f.Kind == pos.Returned) {
			own = append(own, f)
		}
	}
	return own
}

func stampsIn(sums ledger.Sums) map[pos.Account]int64 {
	found := map[pos.Account]int64{}
	for _, sum := range sums {
		if sum.Account.Class() == "stamp" {
			found[sum.Account] += sum.Amount
		}
	}
	return found
}

// stampsOf returns what is in both together.
func stampsOf(based *tally, beyond map[pos.Account]int64) map[pos.Account]int64 {
	found := maps.Clone(beyond)
	for at, amount := range based.sums {
		found[at.account] += amount
	}
	maps.DeleteFunc(found, func(a pos.Account, amount int64) bool { return a.Class() != "stamp" || amount == 0 })
	return found
}

// agrees checks that a till that is in step believes what the centre does.
func (w *world) agrees(u *till) {
	for _, row := range w.centre.feed() {
		view, err := u.Journal.View(row.Holder)
		w.must(err, "%s: read a view", u.name)
		got, want := stampsIn(view.Sums), stampsIn(row.Sums)
		if !maps.Equal(got, want) {
			w.wronged("%s: is in step, but sees %v of %s and not %v", u.name, got, row.Holder, want)
		}
	}
}

// eachRecord returns what calls yield with an entry's id, what it is chained to
// and its hash.
func eachRecord(yield func(id pos.EntryID, prev, hash pos.Hash)) func(station.Record) bool {
	return func(r station.Record) bool {
		yield(r.Entry.ID, r.Entry.Prev, pos.HashEntry(r.Raw))
		return true
	}
}

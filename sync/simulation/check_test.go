package simulation_test

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// heal makes the line and all disks good, lets what is still on its way arrive,
// and lets every till sync until nobody has anything to say.
func (w *world) heal() {
	w.note("the line heals")
	w.down, w.plan.trouble, w.closed = false, 0, true
	w.centre.killBefore, w.centre.killAfter = false, false
	for _, u := range w.tills {
		u.full, u.unsure, u.away = false, false, time.Time{}
		if w.join(u); !u.joined && !u.revoked {
			w.wronged("%s: cannot join", u.name)
		}
	}
	for len(w.late) > 0 {
		w.arrive()
	}
	for round := range 3 { // to send all, to hear all, and to be quiet
		for i, u := range w.tills {
			time.Sleep(time.Second) // no two copies ask in one nanosecond
			if u.joined {
				u.client.URL = "http://" + names[(i+round)%2]
				if err := u.exchange(); !u.revoked || !errors.Is(err, pos.ErrRevoked) {
					w.must(err, "%s: sync on a good line", u.name)
				}
			}
		}
	}
	for _, u := range w.tills {
		u.heldBack()
	}
}

// heldBack notes what a till that was shut out could not hand in any more.
func (u *till) heldBack() {
	for _, f := range u.held.journal {
		f.late = f.late || u.revoked && !f.arrived
	}
	for _, v := range u.held.edits {
		v.late = v.late || u.revoked && !v.arrived
	}
}

// check holds the world to every promise.
func (w *world) check() {
	w.checkEntries()
	w.checkQuarantine()
	w.checkChains()
	holders := w.checkBalances()
	for _, u := range w.tills {
		w.checkTill(u)
		if !u.revoked {
			w.checkView(u, holders)
		}
	}
	w.checkProfiles(holders)
	w.checkBound(holders)
	w.checkLeases(holders)
	w.checkExceptions(holders)
	findings, err := w.centre.file.Check()
	w.must(err, "check the centre")
	for _, f := range findings {
		w.wronged("centre: %s", f)
	}
}

// checkEntries: everything confirmed is at the centre once, as it was written,
// and nothing else is.
func (w *world) checkEntries() {
	there, others := w.centre.entries()
	for _, f := range w.model.facts {
		raw := there[f.ID]
		switch {
		case raw == nil && !f.lost && !f.late:
			w.wronged("centre: confirmed entry %s (%s) is not there", f.ID, f.Kind)
		case raw != nil && !bytes.Equal(raw, f.raw):
			w.wronged("centre: confirmed entry %s has other bytes", f.ID)
		}
	}
	for id, raw := range there {
		if w.model.facts[pos.HashEntry(raw)] == nil && w.model.forged[pos.HashEntry(raw)] == nil {
			w.wronged("centre: nobody wrote entry %s", id)
		}
	}
	if len(others) > 0 {
		w.wronged("centre: %d entries that are none", len(others))
	}
	counts, err := w.centre.file.Count(area)
	w.must(err, "count")
	if counts.Entries != len(there) {
		w.wronged("centre: counts %d entries, has %d", counts.Entries, len(there))
	}
}

// checkQuarantine: what was sent but must not count is kept, and nothing else is.
func (w *world) checkQuarantine() {
	rows, err := w.centre.file.Quarantined()
	w.must(err, "read the quarantine")
	there := map[pos.Hash]bool{}
	for _, q := range rows {
		hash := pos.HashEntry(q.Raw)
		if there[hash] {
			w.wronged("quarantine: %x is there twice", hash[:4])
		}
		there[hash] = true
		if w.model.forged[hash] == nil && !w.lateBytes(hash) {
			w.wronged("quarantine: %x of %s (%s) is a confirmed entry or nobody's", hash[:4], q.Terminal, q.Reason)
		}
	}
	for hash, f := range w.model.forged {
		if f.arrived && !there[hash] {
			w.wronged("quarantine: forged bytes %x are not there", hash[:4])
		}
	}
}

// lateBytes reports whether they are what a revoked terminal handed in.
func (w *world) lateBytes(hash pos.Hash) bool {
	f := w.model.facts[hash]
	return f != nil && f.late
}

// checkChains: the entries of an incarnation are numbered from 1 without a gap and
// chained, and its first is chained to an entry of the same terminal.
func (w *world) checkChains() {
	there, _ := w.centre.entries()
	heads := map[pos.Hash]pos.TerminalID{}
	for id, raw := range there {
		heads[pos.HashEntry(raw)] = id.Terminal
	}
	for id, raw := range there {
		e, err := pos.DecodeEntry(raw)
		if !w.must(err, "read entry %s", id) {
			continue
		}
		before := id
		before.Seq--
		switch {
		case before.Seq > 0 && there[before] == nil:
			w.wronged("centre: nothing before %s", id)
		case before.Seq > 0 && e.Prev != pos.HashEntry(there[before]):
			w.wronged("centre: %s is not chained to the one before it", id)
		case before.Seq == 0 && e.Prev != (pos.Hash{}) && heads[e.Prev] != id.Terminal:
			w.wronged("centre: %s begins behind something that is not there", id)
		}
	}
}

// checkBalances: what the centre publishes is what the entries say. It returns the
// entries that count, by holder.
func (w *world) checkBalances() map[pos.HolderID][]pos.Entry {
	there, _ := w.centre.entries()
	holders := map[pos.HolderID][]pos.Entry{}
	for _, raw := range there {
		if f := w.model.facts[pos.HashEntry(raw)]; f != nil && !f.late && f.Holder != (pos.HolderID{}) {
			holders[f.Holder] = append(holders[f.Holder], f.Entry)
		}
	}
	feed := map[pos.HolderID]ledger.Sums{}
	for _, row := range w.centre.feed() {
		feed[row.Holder] = row.Sums
	}
	for holder, entries := range holders {
		sums, err := w.centre.file.Balance(area, holder, today())
		w.must(err, "read a balance")
		if !slices.Equal(sums, feed[holder]) {
			w.wronged("centre: %s has %v, but the feed says %v", holder, sums, feed[holder])
		}
		w.compare("centre", holder, sums, entries)
	}
	return holders
}

// compare compares what a file says of a holder with what the entries come to,
// today and, where nothing was overspent, lot by lot on days to come.
func (w *world) compare(who string, holder pos.HolderID, sums ledger.Sums, entries []pos.Entry) {
	all := newTally()
	for _, e := range entries {
		all.add(e)
	}
	for account := range accounts(all) {
		days := []pos.Day{today()}
		if !all.overspent(account) {
			days = append(days, today()+20, today()+45)
		}
		for _, day := range days {
			got, want := worthOn(sums, account, day), balance(entries, account, day)
			if got != want {
				w.wronged("%s: %s has %d of %s on %s, want %d (%v of %v)", who, holder, got, account, day, want, sums, all.sums)
			}
		}
	}
	for _, sum := range sums {
		if _, ok := accounts(all)[sum.Account]; !ok {
			w.wronged("%s: %s has %v from nowhere", who, holder, sum)
		}
	}
}

func accounts(t *tally) map[pos.Account]bool {
	found := map[pos.Account]bool{}
	for at := range t.sums {
		found[at.account] = true
	}
	return found
}

// worthOn reads sums: lots that count add up, and a debt counts always.
func worthOn(sums ledger.Sums, account pos.Account, day pos.Day) (worth int64) {
	for _, sum := range sums {
		if sum.Account == account && (counts(sum.Lot, day) || sum.Amount < 0) {
			worth += sum.Amount
		}
	}
	return worth
}

// checkTill: the file has what was written to it, in one chain, and is sound.
func (w *world) checkTill(u *till) {
	var found []pos.EntryID
	chained := pos.Hash{}
	w.must(u.disk.Last(eachRecord(func(id pos.EntryID, prev, hash pos.Hash) {
		if len(found) > 0 && hash != chained {
			w.wronged("%s: what is behind %s is not chained to it", u.name, id)
		}
		found, chained = append(found, id), prev
	})), "%s: read the journal", u.name)
	slices.Reverse(found)
	if !slices.EqualFunc(found, u.held.journal, func(id pos.EntryID, f *fact) bool { return id == f.ID }) {
		w.wronged("%s: the journal has %d entries, wrote %d", u.name, len(found), len(u.held.journal))
	}
	findings, err := u.disk.Check()
	w.must(err, "check %s", u.name)
	for _, f := range findings {
		w.wronged("%s: %s", u.name, f)
	}
	if u.revoked && !u.joined { // a backup from before it joined never can again
		return
	}
	waiting, err := u.disk.Waiting()
	if w.must(err, "%s: read the outbox", u.name) && waiting.Entries > 0 || !u.revoked && waiting.Profiles > 0 {
		w.wronged("%s: %d entries and %d profiles wait for ever", u.name, waiting.Entries, waiting.Profiles)
	}
}

// checkView: the till says of every holder what the entries say.
func (w *world) checkView(u *till, holders map[pos.HolderID][]pos.Entry) {
	for holder, entries := range holders {
		view, err := u.disk.View(holder)
		w.must(err, "%s: read a view", u.name)
		if view.Unmerged > 0 {
			w.wronged("%s: %d own entries of %s are in no base", u.name, view.Unmerged, holder)
		}
		w.compare(u.name, holder, view.Sums, entries)
	}
}

// checkProfiles: everybody has the newest version of every profile, and finds the
// member by its code and name.
func (w *world) checkProfiles(holders map[pos.HolderID][]pos.Entry) {
	feed := map[pos.HolderID]*pos.Profile{}
	for _, row := range w.centre.feed() {
		feed[row.Holder] = row.Profile
	}
	for _, holder := range slices.SortedFunc(maps.Keys(holders), func(a, b pos.HolderID) int { return bytes.Compare(a[:], b[:]) }) {
		got := feed[holder]
		if !w.isNewest(holder, got) || got == nil {
			continue
		}
		for _, u := range w.tills {
			if u.revoked {
				continue
			}
			here, err := u.disk.Profile(holder)
			if w.must(err, "%s: read profile", u.name) && !same(here, *got) {
				w.wronged("%s: has %q of %d, the centre %q of %d", u.name, here.Name, here.Changed, got.Name, got.Changed)
			}
			found, err := u.disk.ByCode(got.Code())
			if w.must(err, "%s: look up", u.name) && !slices.Contains(found, holder) {
				w.wronged("%s: does not find %s by code", u.name, holder)
			}
			named, err := u.disk.ByName(pos.Fold(got.Name), 1000)
			if w.must(err, "%s: look up", u.name) && !slices.ContainsFunc(named, func(p pos.Profile) bool { return p.Holder == holder }) {
				w.wronged("%s: does not find %s by name", u.name, holder)
			}
		}
	}
}

func same(a, b pos.Profile) bool {
	return cmp.Compare(a.Changed, b.Changed) == 0 && a.ChangedBy == b.ChangedBy && a.Name == b.Name && a.Phone == b.Phone && slices.Equal(a.Codes, b.Codes)
}

// isNewest reports whether the profile is one that was written, and no older than
// any that was and is not lost.
func (w *world) isNewest(holder pos.HolderID, got *pos.Profile) bool {
	known := false
	for _, v := range w.model.versions[holder] {
		known = known || got != nil && same(v.Profile, *got)
		if !v.lost && !v.late && (got == nil || v.Newer(*got)) {
			w.wronged("centre: the profile of %s is not %q of %d", holder, v.Name, v.Changed)
			return false
		}
	}
	if got != nil && !known {
		w.wronged("centre: nobody wrote the profile %q of %s", got.Name, holder)
	}
	return known
}

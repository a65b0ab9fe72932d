package simulation_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
)

// deed is something that people or fate do at, or to, a till.
type deed struct {
	name   string
	weight int
	fault  bool // half of all worlds don't have it
	do     func(*world, *till)
}

var deeds []deed

func init() {
	deeds = append(append(deeds, actions...), faults...)
}

var actions = []deed{
	{"enrol", 3, false, (*world).enrol},
	{"edit", 5, false, (*world).edit},
	{"serve", 60, false, (*world).serve},
	{"void", 4, false, (*world).void},
	{"undo", 4, false, (*world).undo},
	{"day end", 2, false, (*world).dayEnd},
	{"sign in", 1, true, (*world).signIn},
	{"want", 2, false, (*world).want},
	{"sync", 25, false, (*world).sync},
	{"join", 3, false, (*world).join},
}

// act lets a cashier do something and holds the till to its word: what it
// confirmed is one entry on disk, and where it refused there is none.
func (w *world) act(u *till, holder pos.HolderID, do func() (station.Done, error)) bool {
	before := len(u.held.journal)
	was := u.worth(holder)
	done, err := do()
	wrote := u.held.journal[before:]
	if len(wrote) > 0 && wrote[0].Kind == pos.Corrected {
		wrote = wrote[1:]
	}
	_, refused := errors.AsType[*pos.Problem](err)
	switch {
	case errors.Is(err, store.ErrUnsure):
	case err == nil && (len(wrote) != 1 || !bytes.Equal(wrote[0].raw, done.Record.Raw)):
		w.wronged("%s: confirmed %s, but wrote %d entries", u.name, done.Record.Entry.ID, len(wrote))
	case err == nil:
		u.moved(holder, was, wrote[0])
	case !refused:
		w.wronged("%s: %v", u.name, err)
	case len(wrote) > 0:
		w.wronged("%s: refused with %v, but wrote %s", u.name, err, wrote[0].ID)
	}
	w.note("  %s: %s %v", holder, kindOf(wrote), err)
	w.sees(u, holder)
	return err == nil
}

func kindOf(wrote []*fact) string {
	if len(wrote) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%s %s %v", wrote[0].Kind, wrote[0].ID, wrote[0].Postings)
}

// enrol makes a member, now and then with somebody's phone number.
func (w *world) enrol(u *till) {
	p := pos.Profile{Name: w.name()}
	if w.random.IntN(2) == 0 {
		p.Phone = w.phone()
	}
	var holder pos.HolderID
	w.act(u, pos.HolderID{}, func() (station.Done, error) {
		done, err := u.Enrol(clerk, p)
		holder = done.Member.Profile.Holder
		return done, err
	})
	if holder != (pos.HolderID{}) {
		w.holders = append(w.holders, holder)
	}
}

func (w *world) reward() string {
	if w.plan.points {
		return []string{"cake", "dinner"}[w.random.IntN(2)]
	}
	return []string{"coffee", "tea", "cake", "dinner"}[w.random.IntN(4)]
}

func (w *world) name() string {
	words := []string{"Ann", "Béla", "Cili", "Dóra", "Emő", "Lee", "علی"}
	return words[w.random.IntN(len(words))] + " " + words[w.random.IntN(len(words))]
}

func (w *world) phone() string { return fmt.Sprintf("+3620123%04d", w.random.IntN(30)) }

// anybody returns a member that the till knows.
func (w *world) anybody(u *till) (pos.HolderID, bool) {
	for range 10 {
		if len(w.holders) == 0 {
			break
		}
		holder := w.holders[w.random.IntN(len(w.holders))]
		if !w.busy && w.random.IntN(2) == 0 {
			holder = w.holders[w.random.IntN(min(len(w.holders), 3))] // some come every day
		}
		_, err := u.disk.Profile(holder)
		if err == nil {
			return holder, true
		}
		if !errors.Is(err, station.ErrNotFound) {
			w.wronged("%s: read profile: %v", u.name, err)
		}
	}
	return pos.HolderID{}, false
}

func (w *world) edit(u *till) {
	holder, ok := w.anybody(u)
	if !ok {
		return
	}
	before := len(u.held.edits)
	_, err := u.Edit(holder, func(p *pos.Profile) error {
		p.Name = w.name()
		if w.random.IntN(3) == 0 {
			p.Phone = w.phone()
		}
		return nil
	})
	_, refused := errors.AsType[*pos.Problem](err)
	wrote := len(u.held.edits) - before
	switch {
	case errors.Is(err, store.ErrUnsure):
	case err != nil && !refused:
		w.wronged("%s: edit: %v", u.name, err)
	case (err == nil) != (wrote == 1):
		w.wronged("%s: edit returned %v, but saved %d profiles", u.name, err, wrote)
	}
}

// serve is a visit: some stamps or a sale, often a reward.
func (w *world) serve(u *till) {
	holder, ok := w.anybody(u)
	if !ok {
		return
	}
	for range 1 + w.random.IntN(3) {
		n := w.random.Int64N(20) + 1
		w.act(u, holder, func() (station.Done, error) {
			switch which := w.random.IntN(6); {
			case which < 2 && !w.plan.points:
				return u.Stamp(clerk, holder, []string{"coffee", "tea", ""}[w.random.IntN(3)], n)
			case which < 3:
				return u.Earn(clerk, holder, pos.Money(n*150))
			}
			return w.override(u, holder)
		})
	}
}

// void takes back any entry of this till, also one that was taken back before.
func (w *world) void(u *till) {
	if len(u.held.journal) == 0 || !w.plan.voids {
		return
	}
	f := u.held.journal[w.random.IntN(len(u.held.journal))]
	for range 30 { // two who see the same mistake
		if other := u.held.journal[w.random.IntN(len(u.held.journal))]; w.voidedElsewhere(u, other.ID) {
			f = other
		}
	}
	w.takeBack(u, f)
}

func (w *world) takeBack(u *till, f *fact) {
	if _, err := u.disk.Profile(f.Holder); err != nil {
		return
	}
	once := !u.voided(f.ID)
	if w.act(u, f.Holder, func() (station.Done, error) { return u.Void(clerk, f.ID, "wrong key") }) && !once {
		w.wronged("%s: voided %s twice", u.name, f.ID)
	}
}

// voidedElsewhere reports whether a copy of the till took the entry back.
func (w *world) voidedElsewhere(u *till, id pos.EntryID) bool {
	return slices.ContainsFunc(w.tills, func(twin *till) bool { return twin != u && twin.Terminal == u.Terminal && twin.voided(id) }) && !u.voided(id)
}

func (u *till) voided(id pos.EntryID) bool {
	return slices.ContainsFunc(u.held.journal, func(f *fact) bool {
		return slices.ContainsFunc(f.Postings, func(p pos.Posting) bool { return p.Of != nil && *p.Of == id })
	})
}

func (w *world) undo(u *till) {
	if holder, ok := w.anybody(u); ok && w.plan.voids {
		w.act(u, holder, func() (station.Done, error) { return u.Undo(clerk, holder, "wrong key") })
	}
}

func (w *world) dayEnd(u *till) {
	w.act(u, pos.HolderID{}, func() (done station.Done, err error) {
		want := u.sinceDayEnd()
		shift, err := u.DayEnd(clerk)
		if err == nil && shift.Totals.Entries != want {
			w.wronged("%s: day end counts %d entries, wrote %d", u.name, shift.Totals.Entries, want)
		}
		if n := len(u.held.journal); err == nil && n > 0 {
			done.Record.Raw = u.held.journal[n-1].raw
		}
		return done, err
	})
}

func (u *till) sinceDayEnd() (n int) {
	for _, f := range u.held.journal {
		switch f.Kind {
		case pos.DayEnded:
			n = 0
		case pos.Corrected, pos.Returned: // nobody's work
		default:
			n++
		}
	}
	return n
}

// sync is one try to get in step. It may fail with the line.
func (w *world) sync(u *till) {
	if !u.joined || w.now().Before(u.away) {
		return
	}
	u.client.URL = "http://" + names[w.random.IntN(len(names))]
	err := u.exchange()
	w.note("  %v", err)
	if _, problem := errors.AsType[*pos.Problem](err); err != nil && !problem {
		w.wronged("%s: sync: %v", u.name, err)
	}
	if err == nil && len(w.wrong) == 0 {
		w.agrees(u)
	}
}

// meanwhile is what the cashier of a till does while it waits for an answer.
func (w *world) meanwhile(terminal pos.TerminalID) {
	u := w.asking
	if u == nil || w.closed || u.Terminal != terminal || w.random.IntN(4) > 0 {
		return
	}
	w.asking = nil // once
	w.note("  meanwhile at %s:", u.name)
	switch w.random.IntN(4) {
	case 0:
		w.edit(u)
	case 1:
		w.enrol(u)
	default:
		w.serve(u)
	}
}

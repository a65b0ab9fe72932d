package main

import (
	"errors"
	"slices"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// fleetBook is the ledger of one simulated till, in memory: what the station decides
// on and what the line sends. It keeps the entries that wait and the last few of
// those that were acknowledged, and of the area's members those who come to its
// store. Its methods are safe for concurrent use.
type fleetBook struct {
	terminal pos.TerminalID
	shop     *fleetShop
	written  func(pos.Entry) // told of each entry, once it is in the journal
	taken    func(n int)     // told of how many entries were acknowledged
	caught   func()          // told that all up to behind was
	now      func() time.Time
	kick     chan struct{}

	mu       sync.Mutex
	roster   pos.Roster
	tail     station.Tail // Number and Seq are the same: one process wrote it all
	writer   pos.Incarnation
	acked    uint64
	kept     []kept // the journal's end, oldest first
	voided   map[pos.EntryID]bool
	profiles []pos.Profile // that wait
	wants    []pos.HolderID
	known    map[pos.HolderID]*fleetAccount
	handed   []handed
	cursor   uint64
	heard    time.Time // of the last page, by the clock of the entries
	told     ledger.Page
	behind   uint64 // entries up to here waited when the line came back; 0 once they are taken
}

// memory is how many acknowledged entries a till remembers, for what a cashier takes
// back.
const memory = 4

// kept is an entry of the journal's end.
type kept struct {
	entry pos.Entry
	raw   []byte // nil once it is acknowledged
}

// handed is what an entry handed out without a lease.
type handed struct {
	number uint64
	rules.Handed
}

// fleetAccount is what a till knows of a member's accounts.
type fleetAccount struct {
	base     ledger.Sums // as the centre gave them
	position uint64      // in its feed; 0 before it did
	leases   []ledger.Lease
	own      []ownMove // entries of this till that the base does not have
}

type ownMove struct {
	number   uint64
	postings []pos.Posting
	leases   []pos.LeaseID
}

var (
	errElsewhere = errors.New("a till of the fleet does not do this")
	errForgotten = errors.New("the centre has forgotten entries that it had acknowledged")
)

// Append is station.Journal's.
func (b *fleetBook) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, err := decide(station.Moment{
		View: b.view(holder), Tail: b.tail, Standing: b.standing(), Window: b.window(),
		Voided: func(id pos.EntryID) bool { return b.voided[id] },
		Sold:   func(string) ([]station.Record, error) { return nil, nil }, // no sale has a receipt
	})
	if err != nil {
		return station.Record{}, err
	}
	raw, err := e.Encode()
	if err != nil {
		return station.Record{}, err
	}
	b.add(e, raw)
	if profile != nil {
		b.profiles = append(b.profiles, *profile)
		b.shop.area.join(*profile)
	}
	b.written(e)
	wake(b.kick)
	return station.Record{Number: b.tail.Number, Entry: e, Raw: raw}, nil
}

// add puts the entry at the journal's end.
func (b *fleetBook) add(e pos.Entry, raw []byte) {
	b.tail = station.Tail{Number: e.ID.Seq, At: e.At, Head: pos.HashEntry(raw), Seq: e.ID.Seq}
	b.writer = e.ID.Incarnation
	b.kept = append(b.kept, kept{e, raw})
	move := ownMove{number: e.ID.Seq, postings: e.Postings, leases: usedLeases(e)}
	if e.Holder != (pos.HolderID{}) && len(move.postings)+len(move.leases) > 0 || e.Kind == pos.Enrolled {
		b.account(e.Holder).own = append(b.account(e.Holder).own, move)
	}
	for _, p := range e.Postings {
		if p.Of != nil {
			if b.voided == nil {
				b.voided = map[pos.EntryID]bool{}
			}
			b.voided[*p.Of] = true
		} else if p.Amount < 0 && e.By != nil && e.By.Kind == pos.ByFloor {
			b.handed = append(b.handed, handed{e.ID.Seq, rules.Handed{Holder: e.Holder, Account: p.Account, Amount: -p.Amount, Reward: e.Reward}})
		}
	}
}

// usedLeases returns the leases that the entry uses up or gives back.
func usedLeases(e pos.Entry) (leases []pos.LeaseID) {
	if e.By == nil || e.By.Kind != pos.ByLease {
		return nil
	}
	size := len(pos.LeaseID{})
	for ids := e.By.ID; len(ids) >= size; ids = ids[size:] {
		leases = append(leases, pos.LeaseID(ids[:size]))
	}
	return leases
}

func (b *fleetBook) account(holder pos.HolderID) *fleetAccount {
	if b.known == nil {
		b.known = map[pos.HolderID]*fleetAccount{}
	}
	if b.known[holder] == nil {
		b.known[holder] = &fleetAccount{}
	}
	return b.known[holder]
}

// knows reports whether the till was told of the member, or made them one.
func (b *fleetBook) knows(holder pos.HolderID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.known[holder] != nil
}

func (b *fleetBook) view(holder pos.HolderID) (view station.View) {
	a := b.known[holder]
	if a == nil {
		return view
	}
	view.Sums, view.Unmerged = a.base, len(a.own)
	for _, move := range a.own {
		if next, err := view.Sums.AddAll(move.postings); err == nil {
			view.Sums = next
		}
	}
	for _, lease := range a.leases {
		switch {
		case lease.Terminal != b.terminal:
			if sums, err := view.Lent.Merge(lease.Sums); err == nil {
				view.Lent = sums
			}
		case !a.used(lease.ID):
			view.Leases = append(view.Leases, lease)
		}
	}
	if a.position > 0 {
		view.AsOf = b.heard
	}
	return view
}

func (a *fleetAccount) used(id pos.LeaseID) bool {
	return slices.ContainsFunc(a.own, func(m ownMove) bool { return slices.Contains(m.leases, id) })
}

func (b *fleetBook) standing() station.Standing {
	return station.Standing{
		Enrolled: true, LastSync: b.heard, Frozen: b.told.Frozen, Revoked: b.told.Revoked, Exceptions: b.told.Exceptions,
	}
}

func (b *fleetBook) window() []rules.Handed {
	window := make([]rules.Handed, len(b.handed))
	for i, h := range b.handed {
		window[i] = h.Handed
	}
	return window
}

// View is station.Journal's.
func (b *fleetBook) View(holder pos.HolderID) (station.View, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.view(holder), nil
}

// Entry is station.Journal's, for the entries that are kept.
func (b *fleetBook) Entry(id pos.EntryID) (found station.Record, err error) {
	err = station.ErrNotFound
	_ = b.Last(func(r station.Record) bool {
		if r.Entry.ID == id {
			found, err = r, nil
		}
		return err != nil
	})
	return found, err
}

// Last is station.Journal's, for the entries that are kept.
func (b *fleetBook) Last(yield func(station.Record) bool) error {
	b.mu.Lock()
	kept := slices.Clone(b.kept)
	b.mu.Unlock()
	for _, k := range slices.Backward(kept) {
		if !yield(station.Record{Number: k.entry.ID.Seq, Entry: k.entry, Raw: k.raw}) {
			return nil
		}
	}
	return nil
}

// Due is station.Journal's. No lot of the fleet's program ends.
func (b *fleetBook) Due(pos.Day) (due []station.Due, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for holder, a := range b.known {
		for _, lease := range a.leases {
			if lease.Recalled && lease.Terminal == b.terminal && !a.used(lease.ID) {
				due = append(due, station.Due{Holder: holder, Lease: lease.ID})
			}
		}
	}
	return due, nil
}

// Together is station.Joint's.
func (b *fleetBook) Together([]pos.HolderID, func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	return nil, errElsewhere
}

// Sold is station.Joint's.
func (b *fleetBook) Sold(string) ([]station.Record, error) { return nil, nil }

// Peek is station.Joint's.
func (b *fleetBook) Peek(pos.HolderID, func(station.Moment) error) error { return errElsewhere }

// Profile is station.Members'. The tills of an area share what is in memory of its
// members.
func (b *fleetBook) Profile(holder pos.HolderID) (pos.Profile, error) {
	return b.shop.area.profile(holder)
}

// ByCode is station.Members'. All codes and numbers of the fleet differ.
func (b *fleetBook) ByCode(string) ([]pos.HolderID, error) { return nil, nil }

// ByName is station.Members'.
func (b *fleetBook) ByName(string, int) ([]pos.Profile, error) { return nil, nil }

// SaveProfile is station.Members'.
func (b *fleetBook) SaveProfile(pos.Profile) error { return errElsewhere }

// EachSums is station.Members'.
func (b *fleetBook) EachSums(func(ledger.Sums) bool) error { return nil }

// Roster is station.Office's.
func (b *fleetBook) Roster() (pos.Roster, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.roster, nil
}

// Waiting is station.Office's.
func (b *fleetBook) Waiting() (station.Waiting, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return station.Waiting{Entries: b.waiting(), Profiles: len(b.profiles), LastSync: b.heard, Enrolled: true}, nil
}

func (b *fleetBook) waiting() int { return int(b.tail.Number - b.acked) }

// Standing is station.Office's.
func (b *fleetBook) Standing() (station.Standing, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.standing(), nil
}

// Want is station.Office's.
func (b *fleetBook) Want(holder pos.HolderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.wants, holder) {
		b.wants = append(b.wants, holder)
	}
}

// SetOffset is station.Office's. Tills and server have one machine's clock.
func (b *fleetBook) SetOffset(time.Duration) error { return nil }

// Try is station.Guard's.
func (b *fleetBook) Try(pos.CashierID, func(station.Tries) (station.Tries, error)) error {
	return errElsewhere
}

// Items is station.Shelf's.
func (b *fleetBook) Items() ([]pos.Item, error) { return nil, nil }

// Item is station.Shelf's.
func (b *fleetBook) Item(string) (pos.Item, error) { return pos.Item{}, station.ErrNotFound }

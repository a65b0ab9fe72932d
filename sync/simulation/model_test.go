package simulation_test

import (
	"sync"

	"tenthcup/pos"
)

// model is what the world's files must come to, in maps and loops: every entry
// and profile that reached a till's disk, what was sent that is no entry, and the
// order in which the centre got it. It uses none of the ledger's own arithmetic.
type model struct {
	mu       sync.Mutex
	facts    map[pos.Hash]*fact
	versions map[pos.HolderID][]*version
	arrived  []*fact              // in the order in which the centre first took them
	forged   map[pos.Hash]*forged // what must not count
}

// fact is an entry that was on a till's disk.
type fact struct {
	pos.Entry
	raw     []byte
	arrived bool
	lost    bool // the only disk that had it was set back before it was sent
	late    bool // its terminal was shut out before it was sent
}

// version is a profile that was on a till's disk.
type version struct {
	pos.Profile
	arrived, lost, late bool
}

// forged is what somebody sent with a till's key, but the till did not write.
type forged struct {
	raw     []byte
	arrived bool
}

func newModel() *model {
	return &model{
		facts:    map[pos.Hash]*fact{},
		versions: map[pos.HolderID][]*version{},
		forged:   map[pos.Hash]*forged{},
	}
}

// wrote notes an entry that is on a till's disk.
func (m *model) wrote(e pos.Entry, raw []byte) *fact {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := &fact{Entry: e, raw: raw}
	m.facts[pos.HashEntry(raw)] = f
	return f
}

func (m *model) edited(p pos.Profile) *version {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := &version{Profile: p}
	m.versions[p.Holder] = append(m.versions[p.Holder], v)
	return v
}

func (m *model) forges(raw []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if hash := pos.HashEntry(raw); m.forged[hash] == nil {
		m.forged[hash] = &forged{raw: raw}
	}
}

// taken notes what the centre took.
func (m *model) taken(entries [][]byte, profiles []pos.Profile) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, raw := range entries {
		hash := pos.HashEntry(raw)
		if f := m.forged[hash]; f != nil {
			f.arrived = true
		}
		if f := m.facts[hash]; f != nil && !f.arrived {
			f.arrived = true
			m.arrived = append(m.arrived, f)
		}
	}
	for _, p := range profiles {
		for _, v := range m.versions[p.Holder] {
			v.arrived = v.arrived || v.Changed == p.Changed && v.ChangedBy == p.ChangedBy
		}
	}
}

// late notes what the centre got of a terminal that was shut out.
func (m *model) late(entries [][]byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, raw := range entries {
		if f := m.facts[pos.HashEntry(raw)]; f != nil && !f.arrived {
			f.late = true
		}
	}
}

// purse is an account and lot of one holder.
type purse struct {
	account pos.Account
	lot     pos.Lot
}

// place is a posting as a reversal names it.
type place struct {
	entry pos.EntryID
	index int
	purse
}

// tally adds up entries of one holder, each given once, in any order: what all
// reversals of a posting ask for together counts up to what the posting was.
type tally struct {
	sums   map[purse]int64
	posted map[place]int64 // what was written
	back   map[place]int64 // what reversals asked of it
}

func newTally() *tally {
	return &tally{map[purse]int64{}, map[place]int64{}, map[place]int64{}}
}

func (t *tally) add(e pos.Entry) {
	for i, p := range e.Postings {
		at := place{e.ID, i, purse{p.Account, p.Lot}}
		if p.Of != nil {
			at.entry, at.index = *p.Of, p.OfIndex
		}
		t.sums[at.purse] -= t.left(at)
		if p.Of != nil {
			t.back[at] += p.Amount
		} else {
			t.posted[at] = p.Amount
		}
		t.sums[at.purse] += t.left(at)
	}
}

// left returns what is left of a posting after its reversals.
func (t *tally) left(at place) int64 {
	was, back := t.posted[at], t.back[at]
	if was > 0 {
		return was - min(was, max(-back, 0))
	}
	return was + min(-was, max(back, 0))
}

// overspent reports whether more was taken from a lot than was in it.
func (t *tally) overspent(account pos.Account) bool {
	for at, amount := range t.sums {
		if at.account == account && amount < 0 {
			return true
		}
	}
	return false
}

// balance returns what a holder's account is worth on the day, by the reading
// rules of the design, given all of the holder's entries.
func balance(entries []pos.Entry, account pos.Account, day pos.Day) int64 {
	all := newTally()
	for _, e := range entries {
		all.add(e)
	}
	if all.overspent(account) {
		return replay(entries, all, account, day)
	}
	worth := int64(0)
	for at, amount := range all.sums {
		if at.account == account && counts(at.lot, day) {
			worth += amount
		}
	}
	return worth
}

func counts(lot pos.Lot, day pos.Day) bool {
	return (lot.From == 0 || day >= lot.From) && (lot.Until == 0 || day < lot.Until)
}

package central

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/rows"
)

// following announces what a transaction will look at because of what the rows say that
// were announced first: at other tills, at what stands in the places of entries that come
// again, and at the histories of those who owe something.
type following struct {
	*wanted

	area     area
	tills    map[pos.TerminalID]bool
	owing    map[pos.HolderID]bool
	holdings brought
	lots     map[lotOf]int64 // what is in them when all is taken that the batches take
}

// brought is what holders have, as it was read ahead. Who takes it changes it, so it is
// gone then.
type brought map[pos.HolderID]*holding

func (b brought) take(holder pos.HolderID) *holding {
	h := b[holder]
	delete(b, holder)
	return h
}

type lotOf struct {
	holder  pos.HolderID
	account pos.Account
	lot     pos.Lot
}

// follow announces what follows from the rows that were announced, and returns what the
// holders have.
func (c *Book) follow(tx rows.Tx, together []*batch) (brought, error) {
	a, _, err := c.area(tx, together[0].terminal.Area)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, one := range together {
		n += len(one.read)
	}
	f := &following{
		wanted: newWanted(), area: a, tills: map[pos.TerminalID]bool{},
		owing: map[pos.HolderID]bool{}, holdings: make(brought, n), lots: map[lotOf]int64{},
	}
	for _, one := range together {
		if err := f.batch(tx, one); err != nil {
			return nil, err
		}
	}
	wants := f.of(a.id)
	if len(f.tills) > 0 {
		want := rows.Want{Table: terminalTable}
		for till := range f.tills {
			want.Keys = append(want.Keys, till[:])
		}
		wants = append(wants, want)
	}
	rows.Load(tx, wants...)
	return f.holdings, a.announceHistories(f.owing)
}

func (f *following) batch(tx rows.Tx, one *batch) error {
	is, _, err := terminalOf(tx, one.terminal.ID)
	if err != nil {
		return err
	}
	var known chain // of the incarnation of the entry before
	for i, r := range one.read {
		e := r.entry
		if e.ID.IsZero() || e.ID.Terminal != one.terminal.ID {
			continue
		}
		if i == 0 || !oneProcess(one.read[i-1].entry.ID, e.ID) {
			known = chain{}
			if _, err := rows.Get(f.area.chain, chainKey(e.ID.Terminal, e.ID.Incarnation), &known); err != nil {
				return err
			}
		}
		f.place(r, known, is.Revoked)
		if r.wrong == "" {
			if err := f.entry(e); err != nil {
				return err
			}
		}
	}
	for _, p := range one.sent.Profiles {
		if _, err := f.holding(p.Holder); err != nil {
			return err
		}
	}
	for _, holder := range one.sent.Wants {
		if _, err := f.holding(holder); err != nil {
			return err
		}
	}
	return nil
}

// place announces what may stand in the entry's place, and whether it is in quarantine.
func (f *following) place(r read, known chain, revoked bool) {
	if r.entry.ID.Seq <= known.Seq {
		f.key(entryTable, rows.EntryKey(r.entry.ID))
	}
	if r.entry.ID.Seq <= known.Seq || revoked || f.area.quarantine.Number() > 0 {
		hash := pos.HashEntry(r.raw)
		f.key(quarantineTable, hash[:])
	}
}

// entry announces what the entry is found to be at odds with.
func (f *following) entry(e pos.Entry) error {
	if e.Holder != (pos.HolderID{}) {
		if err := f.takes(e); err != nil {
			return err
		}
	}
	for _, key := range onceKeys(e) {
		if before := f.area.once.Get(key); before != nil {
			f.key(entryTable, before)
			f.key(askedTable, append(slices.Clone(before), 0, 0))
		}
	}
	return nil
}

// takes notes what the entry takes from the lots of its holder.
func (f *following) takes(e pos.Entry) error {
	h, err := f.holding(e.Holder)
	if err != nil {
		return err
	}
	for _, p := range e.Postings {
		if p.Amount >= 0 || !p.Account.Value() {
			continue
		}
		lot := lotOf{e.Holder, p.Account, p.Lot}
		if _, known := f.lots[lot]; !known {
			f.lots[lot] = amountIn(h, p)
		}
		f.lots[lot] = max(f.lots[lot], -1) + max(p.Amount, -1<<62)
		if f.lots[lot] < 0 {
			f.owing[e.Holder] = true
		}
	}
	return nil
}

func amountIn(h *holding, p pos.Posting) int64 {
	for _, s := range h.Sums {
		if s.Account == p.Account && s.Lot == p.Lot {
			return s.Amount
		}
	}
	return 0
}

// holding returns what the holder has, and notes the tills that it may be lent to.
func (f *following) holding(holder pos.HolderID) (*holding, error) {
	if h, known := f.holdings[holder]; known {
		return h, nil
	}
	read, _, err := f.area.holding(holder)
	h := &read
	f.holdings[holder] = h
	for _, till := range h.Tills {
		f.tills[till] = true
	}
	if h.owes() {
		f.owing[holder] = true
	}
	return h, err
}

// owes reports whether more was taken from a lot than was in it.
func (h *holding) owes() bool {
	return slices.ContainsFunc(h.Sums, func(s ledger.Sum) bool { return s.Amount < 0 && s.Account.Value() })
}

// announceHistories announces the entries of those who owe something.
func (a area) announceHistories(owing map[pos.HolderID]bool) error {
	if len(owing) == 0 {
		return nil
	}
	w := newWanted()
	for holder := range owing {
		if behind := rows.Behind(holder[:]); behind != nil {
			w.between(historyTable, holder[:], behind)
		}
	}
	if !rows.Load(a.tx, w.of(a.id)...) {
		return nil
	}
	w = newWanted()
	for holder := range owing {
		err := rows.Scan(a.history, holder[:], func(key []byte) (bool, error) {
			w.key(entryTable, key[rows.IDBytes:])
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	rows.Load(a.tx, w.of(a.id)...)
	return nil
}

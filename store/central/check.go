package central

import (
	"bytes"
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// Check reads the whole ledger and returns every broken promise it finds, none for
// a sound one. It adds all entries up again, so it takes as long as a replay of
// everything, and holds off writers while it looks at the pages.
func (c *Book) Check() ([]store.Finding, error) {
	return rows.Check(c.db, func(found *rows.Findings) []func(rows.Tx) error {
		return []func(rows.Tx) error{
			func(tx rows.Tx) error { return checkTerminals(tx, found) },
			func(tx rows.Tx) error {
				_, err := c.cashiers(tx)
				return err
			},
			func(tx rows.Tx) error { return rows.CheckItems(tx, found) },
			func(tx rows.Tx) error {
				for _, id := range tx.Areas() {
					a, _, err := c.area(tx, id)
					if err != nil {
						return err
					}
					if err := checkArea(&areaCheck{area: a, Findings: found, out: map[pos.LeaseID]string{}, turned: map[pos.StoreID]map[string]pos.Switch{}, rules: c.rules}); err != nil {
						return err
					}
				}
				return nil
			},
		}
	})
}

func checkTerminals(tx rows.Tx, found *rows.Findings) error {
	return rows.Each(tx.Table(terminalTable), func(key, row []byte) error {
		var t pos.Terminal
		if err := rows.Decode(row, &t); err != nil {
			return err
		}
		switch {
		case !bytes.Equal(key, t.ID[:]) || t.ID != pos.TerminalOf(t.Key):
			return found.Add("its id is not its key's", "terminal %x", key)
		case tx.Table(storeTable).Get([]byte(t.Store)) == nil:
			return found.Add("is of a store that is not there", "terminal %x", key)
		}
		return nil
	})
}

// areaCheck is the check of one area.
type areaCheck struct {
	area
	*rows.Findings
	counting int // entries that count and move something
	moving   int // those in the histories of holders who have an account
	asks     int
	codes    int                    // keys under which profiles are found
	leases   int                    // that are out
	out      map[pos.LeaseID]string // where each of them was seen
	turned   map[pos.StoreID]map[string]pos.Switch
	rules    *known
}

func checkArea(c *areaCheck) error {
	for _, walk := range []func() error{c.entries, c.accounts, c.rest, c.used, c.exceptions, c.frozen, c.writings, c.switched, c.rollups} {
		if err := walk(); err != nil {
			return err
		}
	}
	return nil
}

// wrong notes a finding about something of the area.
func (c *areaCheck) wrong(what, place string, args ...any) error {
	return c.Add(what, "area %s: %s", c.id, fmt.Sprintf(place, args...))
}

// walk is where the check of the entries is.
type walk struct {
	last   pos.EntryID // the entry before; zero at the beginning
	head   pos.Hash    // its hash
	loose  bool        // it has no content that the next one could be chained to
	chains int         // incarnations that are done
}

// entries checks that each incarnation's entries have no gap and are chained.
func (c *areaCheck) entries() error {
	var w walk
	err := c.ahead(c.entry, (*wanted).judged, func(key, raw []byte) error {
		id, err := rows.EntryOf(key)
		if err != nil {
			return err
		}
		if !oneProcess(id, w.last) {
			if err := c.end(&w); err != nil {
				return err
			}
			w = walk{chains: w.chains}
		}
		if id.Seq != w.last.Seq+1 {
			if err := c.wrong("the entry before it is missing", "entry %v", id); err != nil {
				return err
			}
		}
		if w.loose, err = c.oneEntry(id, raw, w); err != nil {
			return err
		}
		w.last, w.head = id, pos.HashEntry(raw)
		return nil
	})
	if err == nil {
		err = c.end(&w)
	}
	if n := rows.Count(c.chain); err == nil && n != w.chains {
		return c.Compare(n, w.chains, "area %s: chains", c.id)
	}
	return err
}

// end checks that an incarnation's last entry is what its chain says.
func (c *areaCheck) end(w *walk) error {
	if w.last.IsZero() {
		return nil
	}
	w.chains++
	var row chain
	if _, err := rows.Get(c.chain, chainKey(w.last.Terminal, w.last.Incarnation), &row); err != nil {
		return err
	}
	if row.Seq != w.last.Seq || row.Head != w.head {
		return c.wrong("does not end its chain", "entry %v", w.last)
	}
	return nil
}

// oneEntry checks one entry and reports whether it has no content that the next
// one could be chained to.
func (c *areaCheck) oneEntry(id pos.EntryID, raw []byte, w walk) (loose bool, err error) {
	key := pos.HashEntry(raw)
	var q quarantined
	apart, err := rows.Get(c.quarantine, key[:], &q)
	if err != nil {
		return false, err
	}
	e, err := pos.DecodeEntry(raw)
	switch {
	case err != nil && !apart:
		return true, c.wrong("is not readable", "entry %v", id)
	case err != nil || e.ID != id:
		return q.Reason != store.Invalid, nil
	case apart && q.Reason == store.Unchained:
		return false, nil
	case !w.last.IsZero() && !w.loose && e.Prev != w.head:
		return false, c.wrong("is not chained to the entry before it", "entry %v", id)
	}
	if e.Kind == pos.Switched && !apart {
		c.turn(e)
	}
	return false, c.inHistory(e, apart)
}

// inHistory checks that an entry that counts is in its holder's history.
func (c *areaCheck) inHistory(e pos.Entry, apart bool) error {
	there := c.history.Get(append(e.Holder[:], rows.EntryKey(e.ID)...)) != nil
	if there {
		c.counting++
	}
	if len(e.Postings) > 0 && !there && !apart {
		return c.wrong("counts but is not in its holder's history", "entry %v", e.ID)
	}
	return nil
}

// held is a holder during the check.
type held struct {
	id      pos.HolderID
	holding holding
	entries [][]byte // keys of those in the history
	asked   map[string]ask
}

// accounts adds up every holder's entries again.
func (c *areaCheck) accounts() error {
	history := histories{cursor: c.history.Cursor()}
	return inChunks(c.tx, c.account, func(some []pair) error {
		all := make([]held, len(some))
		w := newWanted()
		for i, r := range some {
			var err error
			if all[i].id, err = rows.HolderOf(r.key); err != nil {
				return err
			}
			if err := rows.Decode(r.value, &all[i].holding); err != nil {
				return err
			}
			all[i].entries = history.of(r.key)
			w.held(all[i])
		}
		rows.Load(c.tx, w.of(c.id)...)
		w = newWanted()
		for i := range all {
			if err := c.oneAccount(&all[i]); err != nil {
				return err
			}
			for key := range all[i].asked {
				w.key(askedTable, []byte(key[:askedBytes]))
			}
		}
		rows.Load(c.tx, w.of(c.id)...)
		for _, h := range all {
			if err := c.onRecord(h.id, h.asked); err != nil {
				return err
			}
		}
		return nil
	})
}

// held wants what a holder is checked with.
func (w *wanted) held(h held) {
	w.key(feedTable, rows.NumberKey(h.holding.Position))
	for _, l := range h.holding.Leases {
		w.key(areaLeaseTable, leaseKey(l.Lease.Terminal, h.id, l.Lease.ID))
	}
	for _, key := range h.entries {
		w.key(entryTable, key)
	}
}

// oneAccount adds up one holder's entries, and notes what their reversals asked for.
func (c *areaCheck) oneAccount(h *held) error {
	if !bytes.Equal(c.feed.Get(rows.NumberKey(h.holding.Position)), h.id[:]) {
		if err := c.wrong("is not in the feed at its position", "holder %v", h.id); err != nil {
			return err
		}
	}
	entries := make([]pos.Entry, len(h.entries))
	for i, key := range h.entries {
		var err error
		if entries[i], err = c.stored(key); err != nil {
			return err
		}
	}
	c.moving += len(entries)
	if err := c.lends(h.id, h.holding, entries); err != nil {
		return err
	}
	sums, asked, err := fold(entries)
	if err != nil || !slices.Equal(sums, h.holding.Sums) {
		if err := c.wrong("its sums are not those of its entries", "holder %v", h.id); err != nil {
			return err
		}
	}
	h.asked = asked
	return nil
}

// onRecord checks that what reversals asked for is on record.
func (c *areaCheck) onRecord(holder pos.HolderID, asked map[string]ask) error {
	for key, want := range asked {
		var row []ask
		if _, err := rows.Get(c.asked, []byte(key[:askedBytes]), &row); err != nil {
			return err
		}
		c.asks++
		if !slices.Contains(row, want) {
			if err := c.wrong("its reversals are not on record", "holder %v", holder); err != nil {
				return err
			}
		}
	}
	return nil
}

// askedBytes is the length of what askedKey returns.
const askedBytes = rows.IDBytes + 16 + 2

// fold adds entries of one holder up from nothing, knowing them all. It returns
// their sums and, by the key of the posting they name and then their account and
// lot, what their reversals asked for.
func fold(entries []pos.Entry) (sums ledger.Sums, asked map[string]ask, err error) {
	originals := map[string]int64{}
	asked = map[string]ask{}
	place := func(id pos.EntryID, index int, p pos.Posting) string {
		return string(askedKey(id, index)) + fmt.Sprint(p.Lot, p.Account)
	}
	for _, e := range entries {
		for i, p := range e.Postings {
			if p.Of != nil {
				at := place(*p.Of, p.OfIndex, p)
				amount := asked[at].Amount + p.Amount
				asked[at] = ask{e.Holder, p.Account, p.Lot, amount}
				continue
			}
			originals[place(e.ID, i, p)] = p.Amount
			if sums, err = sums.Add(p.Account, p.Lot, p.Amount); err != nil {
				return nil, nil, err
			}
		}
	}
	for at, a := range asked {
		if sums, err = sums.Add(a.Account, a.Lot, ledger.Reversal(originals[at], a.Amount)); err != nil {
			return nil, nil, err
		}
	}
	return sums, asked, nil
}

// rest checks that nothing is there that belongs to nobody.
func (c *areaCheck) rest() error {
	for _, table := range []struct {
		what      string
		has, want int
	}{
		{"history", rows.Count(c.history), c.moving},
		{"entries that count", c.moving, c.counting},
		{"feed", rows.Count(c.feed), rows.Count(c.account)},
		{"leases", rows.Count(c.lease), c.leases},
	} {
		if err := c.Compare(table.has, table.want, "area %s: %s", c.id, table.what); err != nil {
			return err
		}
	}
	asks := 0
	err := rows.Each(c.asked, func(_, raw []byte) error {
		var row []ask
		err := rows.Decode(raw, &row)
		asks += len(row)
		return err
	})
	if err == nil {
		err = c.Compare(asks, c.asks, "area %s: reversals", c.id)
	}
	if err == nil {
		err = c.profiles()
	}
	if err == nil {
		err = c.quarantines()
	}
	if err == nil {
		err = c.Counted(c.account, "area %s: holders", c.id)
	}
	if err == nil {
		err = c.Counted(c.quarantine, "area %s: quarantined", c.id)
	}
	if err == nil {
		err = c.Counted(c.open, "area %s: open exceptions", c.id)
	}
	return err
}

// profiles checks that every profile can be opened, is found by its codes, and is
// somebody's.
func (c *areaCheck) profiles() error {
	table := c.area.profiles()
	wants := func(w *wanted, key, raw []byte) {
		var p pos.Profile
		w.key(accountTable, key)
		if err := table.Decode(key, raw, &p); err != nil {
			return // which the walk finds
		}
		for _, code := range c.codeKeys(p) {
			w.key(areaCodeTable, code)
		}
	}
	err := c.ahead(table.Table, wants, func(key, raw []byte) error {
		var p pos.Profile
		if err := table.Decode(key, raw, &p); err != nil {
			return err
		}
		for _, code := range c.codeKeys(p) {
			c.codes++
			if c.code.Get(code) == nil {
				if err := c.wrong("is not found by one of its codes", "profile %x", key); err != nil {
					return err
				}
			}
		}
		if !bytes.Equal(key, p.Holder[:]) || c.account.Get(key) == nil {
			return c.wrong("is of a holder who is not there", "profile %x", key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.Compare(rows.Count(c.code), c.codes, "area %s: codes", c.id)
}

func (c *areaCheck) quarantines() error {
	return rows.Each(c.quarantine, func(key, row []byte) error {
		var q quarantined
		if err := rows.Decode(row, &q); err != nil {
			return err
		}
		if hash := pos.HashEntry(q.Raw); !bytes.Equal(key, hash[:]) {
			return c.wrong("has other bytes than were sent", "quarantined %x", key)
		}
		if q.Settled == nil {
			return nil
		}
		return c.settledBy(*q.Settled, pos.ByRelease, key, fmt.Sprintf("quarantined %x", key))
	})
}

package central

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// Page returns what the terminal wants to know, read in one transaction: the
// sums of every holder on it have exactly the entries of the terminal that its
// acks name. Holders come in the order in which they changed last; one that
// changes again is on a later page again, so a till that goes on from the cursor
// misses nothing. A cursor that this server never gave out, because it was set
// back to a backup, starts from the beginning. The roster is there if the till's
// is another version. A revoked terminal is told what
// was acknowledged, and nothing else.
func (c *Book) Page(terminal pos.Terminal, ask ledger.PageAsk) (page ledger.Page, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		announcePage(tx, terminal, ask)
		page, err = c.pageIn(tx, terminal, ask)
		return err
	})
	return page, err
}

func (c *Book) pageIn(tx rows.Tx, terminal pos.Terminal, ask ledger.PageAsk) (page ledger.Page, err error) {
	page = ledger.Page{At: ask.At.UnixMilli(), Cursor: ask.Cursor}
	if row, found, err := terminalOf(tx, terminal.ID); err != nil {
		return page, err
	} else if found {
		terminal = row
	}
	page.Frozen, page.Revoked = terminal.Frozen, terminal.Revoked
	a, found, err := c.area(tx, terminal.Area)
	if err != nil {
		return page, err
	}
	if !found { // before its first entry
		page.Cursor = 0
		for _, incarnation := range ask.Open {
			page.Acks = append(page.Acks, ledger.Ack{Incarnation: incarnation})
		}
	} else if err := a.acks(&page, terminal.ID, ask.Open); err != nil {
		return page, err
	}
	if terminal.Revoked {
		return page, nil
	}
	if err := c.news(tx, &page, terminal, ask); err != nil || !found {
		return page, err
	}
	page.Holders, page.Exceptions = int(a.account.Number()), int(a.open.Number())
	return page, a.changed(tx, &page, ask)
}

// news adds the roster if the till's is another version. A revoked terminal is told what
// was acknowledged, and nothing else.
func (c *Book) news(tx rows.Tx, page *ledger.Page, terminal pos.Terminal, ask ledger.PageAsk) error {
	has, err := c.turnedIn(tx, pos.Shop{Store: terminal.Store, Area: terminal.Area})
	if err != nil {
		return err
	}
	version, err := rosterVersion(tx, has)
	if err != nil || version == ask.Roster {
		return err
	}
	roster, err := c.wholeRoster(tx, terminal.Store, ask.At)
	page.Roster = &roster
	return err
}

// acks says how far the incarnations were taken, which come oldest first. What is
// here of a terminal has no hole. So one that nothing is known of, but which is
// older than one that something is known of, is here whole: its entries were all
// unreadable and are quarantined.
func (a area) acks(page *ledger.Page, terminal pos.TerminalID, open []pos.Incarnation) error {
	page.Acks = make([]ledger.Ack, len(open))
	later := false
	for i, incarnation := range slices.Backward(open) {
		var taken chain
		if _, err := rows.Get(a.chain, chainKey(terminal, incarnation), &taken); err != nil {
			return err
		}
		page.Acks[i] = ledger.Ack{Incarnation: incarnation, Seq: taken.Seq}
		if taken.Seq == 0 && later {
			page.Acks[i].Seq = math.MaxUint64
		}
		later = later || taken.Seq > 0
	}
	return nil
}

func (a area) changed(tx rows.Tx, page *ledger.Page, ask ledger.PageAsk) error {
	c := a.feed.Cursor()
	if key, _ := c.Last(); key == nil || bytes.Compare(key, rows.NumberKey(ask.Cursor)) < 0 {
		page.Cursor = 0
	}
	for key, value := c.Seek(rows.NumberKey(page.Cursor + 1)); key != nil; key, value = c.Next() {
		if len(page.Changed) >= ask.Limit {
			page.More = true
			break
		}
		position, err := rows.NumberOf(key)
		if err != nil {
			return err
		}
		holder, err := rows.HolderOf(value)
		if err != nil {
			return err
		}
		page.Changed = append(page.Changed, ledger.Changed{Holder: holder, Position: position})
	}
	if err := a.announceHolders(page.Changed); err != nil {
		return err
	}
	for i, at := range page.Changed {
		changed, err := a.published(at.Holder, ask.Day)
		if err != nil {
			return err
		}
		changed.Position = at.Position
		page.Changed[i], page.Cursor = changed, at.Position
	}
	return nil
}

// published returns the holder as the tills are told of it on the day.
func (a area) published(holder pos.HolderID, day pos.Day) (c ledger.Changed, err error) {
	c.Holder = holder
	h, _, err := a.holding(holder)
	if err != nil {
		return c, err
	}
	if c.Sums, err = h.Sums.Published(day, func() ([]pos.Entry, error) { return a.entriesOf(holder) }); err != nil {
		return c, err
	}
	c.Leases = h.leases()
	p, found, err := a.profileOf(holder)
	if found {
		c.Profile = &p
	}
	return c, err
}

// entriesOf returns the holder's entries that count and move something, in the
// order of their ids.
func (a area) entriesOf(holder pos.HolderID) (entries []pos.Entry, err error) {
	err = rows.Scan(a.history, holder[:], func(key []byte) (bool, error) {
		e, err := a.stored(key[rows.IDBytes:])
		entries = append(entries, e)
		return true, err
	})
	return entries, err
}

// Balance returns the holder's sums as the tills of the area are told of them on
// the day. An unknown holder has none.
func (c *Book) Balance(id pos.AreaID, holder pos.HolderID, day pos.Day) (ledger.Sums, error) {
	told, err := c.Told(id, []pos.HolderID{holder}, day)
	return told[holder].Sums, err
}

// Told returns the holders as the tills of the area are told of them on the day; of an
// unknown one there is nothing but the id.
func (c *Book) Told(id pos.AreaID, holders []pos.HolderID, day pos.Day) (told map[pos.HolderID]ledger.Changed, err error) {
	err = c.in(id, func(a area) error {
		told = make(map[pos.HolderID]ledger.Changed, len(holders))
		var all []ledger.Changed
		for _, holder := range holders {
			all = append(all, ledger.Changed{Holder: holder})
		}
		if err := a.announceHolders(all); err != nil {
			return err
		}
		for _, holder := range holders {
			if told[holder], err = a.published(holder, day); err != nil {
				return err
			}
		}
		return nil
	})
	return told, err
}

// in runs read on the area's ledger if there is one.
func (c *Book) in(id pos.AreaID, read func(area) error) error {
	return c.db.View(func(tx rows.Tx) error {
		a, found, err := c.area(tx, id)
		if err != nil || !found {
			return err
		}
		return read(a)
	})
}

// Areas returns the areas in the order of their names.
func (c *Book) Areas() (areas []pos.AreaID, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		areas = tx.Areas()
		return nil
	})
	return areas, err
}

// Entries calls yield with the bytes of the area's entries in the order of their
// ids until it returns false. Quarantined ones that have a place in a chain are
// among them; their bytes need not be an entry. The bytes are the caller's.
func (c *Book) Entries(id pos.AreaID, yield func(raw []byte) bool) error {
	return c.in(id, func(a area) error {
		cursor := a.entry.Cursor()
		for key, raw := cursor.First(); key != nil; key, raw = cursor.Next() {
			raw = slices.Clone(raw)
			if !rows.Callers(func() bool { return yield(raw) }) {
				return nil
			}
		}
		return nil
	})
}

// Count returns how much the area holds, without reading it all.
func (c *Book) Count(id pos.AreaID) (counts store.Counts, err error) {
	err = c.in(id, func(a area) error {
		counts = store.Counts{Holders: int(a.account.Number()), Quarantined: int(a.quarantine.Number())}
		chains, err := rows.All[chain](a.chain)
		for _, taken := range chains {
			counts.Entries += int(taken.Seq)
		}
		return err
	})
	return counts, err
}

// Quarantined returns all that is quarantined, by area and then the oldest first,
// what was settled too.
func (c *Book) Quarantined() (found []store.Quarantined, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		found = nil
		for _, id := range tx.Areas() {
			a, _, err := c.area(tx, id)
			if err != nil {
				return err
			}
			held, err := rows.All[quarantined](a.quarantine)
			if err != nil {
				return err
			}
			slices.SortStableFunc(held, func(x, y quarantined) int { return cmp.Compare(x.At, y.At) })
			for _, q := range held {
				found = append(found, store.Quarantined{
					Area: id, Terminal: q.Terminal, Raw: q.Raw, Reason: q.Reason, At: time.UnixMilli(q.At).UTC(), Settled: q.Settled.out(),
				})
			}
		}
		return nil
	})
	return found, err
}

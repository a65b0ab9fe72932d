package bolt

import (
	"bytes"
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
)

// Check reads the whole file and returns every broken promise it finds, none for
// a sound file. It holds off writers while it looks at the pages, some seconds
// for a million members. The error says that the file could not be read, not that
// it is damaged.
func (t *Till) Check() ([]store.Finding, error) {
	return rows.Check(t.file, func(found *rows.Findings) []func(rows.Tx) error {
		c := &tillCheck{
			Findings: found, till: t, own: map[pos.HolderID][]own{}, sums: map[pos.HolderID]ledger.Sums{},
			handed: map[uint64][]rules.Handed{}, due: map[string]bool{}, turned: map[string]pos.Switch{},
			tally: map[string]int64{}, voided: map[pos.EntryID]uint64{},
		}
		return []func(rows.Tx) error{c.meta, c.journal, c.owns, c.bases, c.dues, c.floors, c.profiles, c.unsent, c.tries, c.switches, c.items, c.tallies, c.rollups}
	})
}

// tillCheck is one check of a till's file.
type tillCheck struct {
	*rows.Findings
	till   *Till
	window uint64 // number of the last entry before it
	tail   uint64
	sales  int                          // entries that are found by a sale
	voided map[pos.EntryID]uint64       // entries that were reversed, and the last that did it
	centre int                          // bases that the centre gave
	own    map[pos.HolderID][]own       // what the journal says is beyond the bases
	sums   map[pos.HolderID]ledger.Sums // and what it adds up to, where there is no centre
	handed map[uint64][]rules.Handed    // and was handed out in the window
	due    map[string]bool              // what the bases say is to be given back
	turned map[string]pos.Switch        // by the entries of the journal
	tally  map[string]int64             // of the journal's entries
}

// journal checks that numbers, ids and the chain have no gap and that what is
// looked up by them is there.
func (c *tillCheck) journal(tx rows.Tx) error {
	next := pos.Entry{ID: pos.EntryID{Terminal: c.till.terminal}} // what the next entry's id and Prev have to be
	starts := 0
	err := forward(tx, 0, func(key, raw []byte) (bool, error) {
		r, err := record(key, raw)
		if err != nil {
			return false, err
		}
		c.tail++
		next.ID.Seq++
		is := r.Entry.ID
		if first, _ := rows.GetNumber(tx.Table(startBucket), key); is.Seq == 1 && first == uint64(is.Incarnation) {
			next.ID.Incarnation, next.ID.Seq = is.Incarnation, 1
			starts++
		}
		wrong := ""
		switch {
		case r.Number != c.tail:
			wrong = fmt.Sprintf("stands where %d should", c.tail)
		case is != next.ID:
			wrong = "its id is not the next one"
		case r.Entry.Prev != next.Prev:
			wrong = "is not chained to the entry before it"
		}
		next.Prev = pos.HashEntry(raw)
		if wrong != "" {
			if err := c.Add(wrong, "journal entry %d", r.Number); err != nil {
				return false, err
			}
		}
		return true, c.moves(tx, r.Number, r.Entry)
	})
	if err != nil {
		return err
	}
	if err := c.Compare(rows.Count(tx.Table(startBucket)), starts, "incarnations"); err != nil {
		return err
	}
	if err := c.Compare(rows.Count(tx.Table(receiptBucket)), c.sales, "entries of sales"); err != nil {
		return err
	}
	return c.voids(tx)
}

// voids checks that what was reversed is marked with what reversed it last.
func (c *tillCheck) voids(tx rows.Tx) error {
	for id, number := range c.voided {
		if by, err := rows.GetNumber(tx.Table(voidedBucket), rows.EntryKey(id)); err != nil || by != number {
			if err := c.Add("not marked as reversed", "entry %v", id); err != nil {
				return err
			}
		}
	}
	return c.Compare(rows.Count(tx.Table(voidedBucket)), len(c.voided), "voids")
}

// moves notes what the entry does to its holder.
func (c *tillCheck) moves(tx rows.Tx, number uint64, e pos.Entry) error {
	for _, p := range e.Postings {
		if p.Of != nil {
			c.voided[*p.Of] = number
		}
	}
	if sale := e.SaleKey(); sale != "" {
		c.sales++
		if tx.Table(receiptBucket).Get(soldKey(sale, number)) == nil {
			if err := c.Add("is not found by its sale", "journal entry %d", number); err != nil {
				return err
			}
		}
	}
	if handed := handedBy(e); len(handed) > 0 && number > c.window {
		c.handed[number] = handed
	}
	if e.Kind == pos.Switched {
		rows.Newest(c.turned, pos.SwitchOf(e))
	}
	adds, err := tallies(tx, e)
	if err != nil {
		return err
	}
	for name, add := range adds {
		if add != 0 {
			c.tally[name] += add
		}
	}
	if !counts(e) {
		return nil
	}
	a, err := accountOf(tx, e.Holder)
	if err != nil {
		return err
	}
	if number > a.Covers {
		c.own[e.Holder] = append(c.own[e.Holder], ownOf(number, e))
		return nil
	}
	if a.Position == 0 {
		c.sums[e.Holder], err = c.sums[e.Holder].AddAll(e.Postings)
	}
	return err
}

// owns checks that the own entries beyond a base are the journal's.
func (c *tillCheck) owns(tx rows.Tx) error {
	same := func(a, b own) bool {
		return a.Number == b.Number && slices.Equal(a.Moves, b.Moves) && slices.Equal(a.Leases, b.Leases)
	}
	err := rows.Each(tx.Table(ownBucket), func(key, row []byte) error {
		if rollup.IsBeside(key) {
			return nil
		}
		holder, err := rows.HolderOf(key)
		if err != nil {
			return err
		}
		var has []own
		if err := rows.Decode(row, &has); err != nil {
			return err
		}
		want := c.own[holder]
		delete(c.own, holder)
		if len(has) == 0 || !slices.EqualFunc(has, want, same) {
			return c.Add("the own entries beyond its base are not the journal's", "holder %v", holder)
		}
		return nil
	})
	for holder := range c.own {
		if err == nil {
			err = c.Add("own entries are in no sum", "holder %v", holder)
		}
	}
	return err
}

// bases checks the bases, as far as the journal shows what they should be.
func (c *tillCheck) bases(tx rows.Tx) error {
	err := rows.Each(tx.Table(baseBucket), func(key, row []byte) error {
		holder, err := rows.HolderOf(key)
		if err != nil {
			return err
		}
		var b base
		if err := rows.Decode(row, &b); err != nil {
			return err
		}
		if b.Position > 0 {
			c.centre++
		}
		for _, key := range dueKeys(holder, c.till.terminal, b.Leases) {
			c.due[string(key)] = true
		}
		if b.Covers > c.tail {
			return c.Add("covers entries that are not in the journal", "holder %v", holder)
		}
		if b.Position == 0 && !slices.Equal(b.Sums, c.sums[holder]) {
			return c.Add("its sums are not those of the journal", "holder %v", holder)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.Compare(int(tx.Table(baseBucket).Number()), c.centre, "bases from the centre")
}

// dues checks that the leases to give back are found by their day, and no others.
func (c *tillCheck) dues(tx rows.Tx) error {
	err := rows.Each(tx.Table(dueBucket), func(key, _ []byte) error {
		_, due, err := dueOf(key)
		if err != nil {
			return err
		}
		if !c.due[string(key)] {
			return c.Add("is to be given back but not in its holder's base", "lease %v", due.Lease)
		}
		delete(c.due, string(key))
		return nil
	})
	for key := range c.due {
		if err == nil {
			err = c.Add("is not found when it is due", "lease %x", key[4+rows.IDBytes:])
		}
	}
	return err
}

// floors checks that what counts against the limits of the window is what the
// journal says was handed out in it.
func (c *tillCheck) floors(tx rows.Tx) error {
	err := rows.Each(tx.Table(floorBucket), func(key, row []byte) error {
		number, err := rows.NumberOf(key)
		if err != nil {
			return err
		}
		var handed []rules.Handed
		if err := rows.Decode(row, &handed); err != nil {
			return err
		}
		want := c.handed[number]
		delete(c.handed, number)
		if len(handed) == 0 || !slices.Equal(handed, want) {
			return c.Add("is not what the journal says was handed out without a lease", "floor %d", number)
		}
		return nil
	})
	for number := range c.handed {
		if err == nil {
			err = c.Add("was handed out without a lease, and is not counted", "floor %d", number)
		}
	}
	return err
}

// profiles checks that each opens and can be found by all its names and codes, and
// nobody by others.
func (c *tillCheck) profiles(tx rows.Tx) error {
	codes, names := tx.Table(codeBucket), tx.Table(nameBucket)
	codeKeys, nameKeys := 0, 0
	profiles := c.till.sealed(tx, profileBucket)
	err := rows.Each(profiles.Table, func(key, row []byte) error {
		var p pos.Profile
		if err := profiles.Decode(key, row, &p); err != nil {
			return err
		}
		if !bytes.Equal(p.Holder[:], key) {
			return c.Add("is stored as another holder's", "profile %v", p.Holder)
		}
		byCode, byName := indexed(c.till.seal, p)
		codeKeys, nameKeys = codeKeys+len(byCode), nameKeys+len(byName)
		missing := func(b rows.Table) func(key []byte) bool {
			return func(key []byte) bool { return b.Get(key) == nil }
		}
		if slices.ContainsFunc(byCode, missing(codes)) || slices.ContainsFunc(byName, missing(names)) {
			return c.Add("is not found by all its names and codes", "profile %v", p.Holder)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.Compare(rows.Count(codes), codeKeys, "codes"); err != nil {
		return err
	}
	return c.Compare(rows.Count(names), nameKeys, "names")
}

func (c *tillCheck) unsent(tx rows.Tx) error {
	err := rows.Each(tx.Table(unsentBucket), func(key, _ []byte) error {
		if tx.Table(profileBucket).Get(key) == nil {
			return c.Add("waits for the centre but is not there", "profile %x", key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.Counted(tx.Table(unsentBucket), "waiting profiles")
}

func (c *tillCheck) tries(tx rows.Tx) error {
	return rows.Each(tx.Table(triesBucket), func(cashier, row []byte) error {
		var tries station.Tries
		if err := rows.Decode(row, &tries); err != nil {
			return err
		}
		if tries.Failed <= 0 {
			return c.Add("nothing was tried", "tries of %q", cashier)
		}
		return nil
	})
}

// meta checks the rows that stand alone. What the centre has, and where the window
// begins, cannot be behind the journal's end; the window may be behind what the
// centre has, for it may have lost some.
func (c *tillCheck) meta(tx rows.Tx) error {
	tail, err := tailNumber(tx)
	if err != nil {
		return err
	}
	for _, row := range []struct {
		key   []byte
		place string
	}{{ackKey, "acknowledged entry %d"}, {windowKey, "window from entry %d"}, {rolledKey, "fork at entry %d"}} {
		number, err := rows.GetNumber(tx.Table(rows.Meta), row.key)
		if err != nil {
			return err
		}
		if number > tail {
			if err := c.Add("is behind the end of the journal", row.place, number); err != nil {
				return err
			}
		}
	}
	if c.window, err = rows.GetNumber(tx.Table(rows.Meta), windowKey); err != nil {
		return err
	}
	if _, err := standingOf(tx); err != nil {
		return err
	}
	if _, err := rows.GetNumber(tx.Table(rows.Meta), rows.RestoredKey); err != nil {
		return err
	}
	var roster pos.Roster
	_, err = c.till.sealed(tx, rows.Meta).Get(rosterKey, &roster)
	return err
}

package central

import (
	"bytes"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// lends checks the leases of one holder: each is of one account, has something in
// it and a row in its terminal's list, and of no lot more is lent than the entries
// ever put into it. (That more is lent than is in it now need not be wrong: others
// may have spent it since, which is an exception once the lease is used.)
func (c *areaCheck) lends(holder pos.HolderID, h holding, entries []pos.Entry) error {
	var lent ledger.Sums
	for _, l := range h.Leases {
		c.leases++
		place := fmt.Sprintf("lease %v", l.Lease.ID)
		for _, wrong := range []struct {
			is   bool
			what string
		}{
			{c.out[l.Lease.ID] != "", "is out twice"},
			{c.lease.Get(leaseKey(l.Lease.Terminal, holder, l.Lease.ID)) == nil, "is not in its terminal's list"},
			{!wellFormed(l.Lease.Sums), "does not lend of one account"},
			{l.Granted > h.Position, "was granted after its holder changed last"},
		} {
			if wrong.is {
				if err := c.wrong(wrong.what, "%s", place); err != nil {
					return err
				}
			}
		}
		c.out[l.Lease.ID] = place
		var err error
		if lent, err = lent.Merge(l.Lease.Sums); err != nil {
			return c.wrong("lends more than can be", "%s", place)
		}
	}
	given, err := credits(entries)
	if err != nil {
		return nil // more than can be counted is enough for any lease
	}
	for _, s := range lent {
		if left, err := given.Add(s.Account, s.Lot, -s.Amount); err != nil || negative(left) {
			return c.wrong("is lent more than was ever there", "holder %v", holder)
		}
	}
	return nil
}

func wellFormed(sums ledger.Sums) bool {
	for _, s := range sums {
		if s.Amount <= 0 || s.Account != sums[0].Account {
			return false
		}
	}
	return len(sums) > 0
}

func negative(sums ledger.Sums) bool {
	for _, s := range sums {
		if s.Amount < 0 {
			return true
		}
	}
	return false
}

// credits returns what the entries put into each lot, never less than was ever in
// it: all that is above 0.
func credits(entries []pos.Entry) (sums ledger.Sums, err error) {
	for _, e := range entries {
		for _, p := range e.Postings {
			if p.Amount > 0 {
				if sums, err = sums.Add(p.Account, p.Lot, p.Amount); err != nil {
					return nil, err
				}
			}
		}
	}
	return sums, nil
}

// used checks that no entry that counts has used up a lease that is out.
func (c *areaCheck) used() error {
	if len(c.out) == 0 {
		return nil
	}
	return rows.Each(c.entry, func(_, raw []byte) error {
		e, err := pos.DecodeEntry(raw)
		if err != nil {
			return nil // entries() has judged it
		}
		ids := rows.LeasesOf(e)
		for _, id := range ids {
			place := c.out[id]
			hash := pos.HashEntry(raw)
			if place != "" && c.lease.Get(leaseKey(e.ID.Terminal, e.Holder, id)) != nil && c.quarantine.Get(hash[:]) == nil {
				return c.wrong("is out, but an entry has used it up", "%s", place)
			}
		}
		return nil
	})
}

// exceptions checks that each exception is what its id says, that those that wait
// are on the list, and that those settled have their entry.
func (c *areaCheck) exceptions() error {
	waiting := 0
	wants := func(w *wanted, key, row []byte) {
		var x exception
		if err := rows.Decode(row, &x); err != nil {
			return // which the walk finds
		}
		w.key(areaOpenTable, append(rows.NumberKey(uint64(x.At)), key...))
		if x.Entry != nil {
			w.key(entryTable, rows.EntryKey(*x.Entry))
		}
		if x.Settled != nil {
			w.key(entryTable, rows.EntryKey(x.Settled.Entry))
		}
	}
	err := c.ahead(c.exception, wants, func(key, row []byte) error {
		var x exception
		if err := rows.Decode(row, &x); err != nil {
			return err
		}
		place := fmt.Sprintf("exception %x", key)
		if id := x.id(); !bytes.Equal(id[:], key) {
			if err := c.wrong("is about something else than its id", "%s", place); err != nil {
				return err
			}
		}
		listed := c.open.Get(append(rows.NumberKey(uint64(x.At)), key...)) != nil
		if x.Settled == nil {
			waiting++
		}
		if listed != (x.Settled == nil) {
			if err := c.wrong("is listed as waiting, or not, against what it says", "%s", place); err != nil {
				return err
			}
		}
		if x.Entry != nil && c.entry.Get(rows.EntryKey(*x.Entry)) == nil {
			if err := c.wrong("is about an entry that is not there", "%s", place); err != nil {
				return err
			}
		}
		if x.Settled == nil {
			return nil
		}
		return c.settledBy(*x.Settled, pos.ByException, key, place)
	})
	if err != nil {
		return err
	}
	return c.Compare(rows.Count(c.open), waiting, "area %s: open exceptions", c.id)
}

// settledBy checks that the entry is there that settled something.
func (c *areaCheck) settledBy(s settlement, kind string, key []byte, place string) error {
	e, err := pos.DecodeEntry(c.entry.Get(rows.EntryKey(s.Entry)))
	if err != nil || e.Kind != pos.Settled || e.By == nil || e.By.Kind != kind || !bytes.Equal(e.By.ID, key) {
		return c.wrong("is settled, but no entry says so", "%s", place)
	}
	return nil
}

// frozen checks that those terminals of the area are frozen that have an open
// fork.
func (c *areaCheck) frozen() error {
	forked := map[pos.TerminalID]bool{}
	wants := func(w *wanted, key, _ []byte) { w.key(areaExceptionTable, key[min(8, len(key)):]) }
	if err := c.ahead(c.open, wants, func(key, _ []byte) error {
		x, _, err := c.exceptionRow(key[min(8, len(key)):])
		if x.Trouble == pos.Fork {
			forked[x.Terminal] = true
		}
		return err
	}); err != nil {
		return err
	}
	return rows.Each(c.tx.Table(terminalTable), func(_, row []byte) error {
		var t pos.Terminal
		if err := rows.Decode(row, &t); err != nil || t.Area != c.id || forked[t.ID] == t.Frozen {
			return err
		}
		return c.wrong("is frozen without a fork, or the other way round", "terminal %v", t.ID)
	})
}

// writings checks that what the server wrote is numbered without a gap.
func (c *areaCheck) writings() error {
	terminals := map[pos.TerminalID]uint64{}
	wants := func(w *wanted, key, value []byte) {
		w.key(entryTable, append(bytes.Clone(key[:min(rows.IDBytes, len(key))]), value...))
	}
	err := c.ahead(c.written, wants, func(key, value []byte) error {
		if len(key) != rows.IDBytes+8 || len(value) != 16 {
			return fmt.Errorf("%w: a row of %d and %d bytes", store.ErrCorrupt, len(key), len(value))
		}
		terminal := pos.TerminalID(key[:rows.IDBytes])
		terminals[terminal]++
		if !bytes.Equal(key, writtenKey(terminal, terminals[terminal])) || c.entry.Get(append(terminal[:], value...)) == nil {
			return c.wrong("the server's entry is missing", "written %x", key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for terminal, numbered := range terminals {
		entries := uint64(0)
		if err := rows.Scan(c.chain, terminal[:], func(key []byte) (bool, error) {
			var row chain
			_, err := rows.Get(c.chain, key, &row)
			entries += row.Seq
			return true, err
		}); err != nil {
			return err
		}
		if err := c.Compare(int(numbered), int(entries), "area %s: entries of the server %v", c.id, terminal); err != nil {
			return err
		}
	}
	return nil
}

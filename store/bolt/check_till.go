package bolt

import (
	"bytes"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

// Check reads the whole file and returns every broken promise it finds, none for
// a sound file. It holds off writers while it looks at the pages, some seconds
// for a million members. The error says that the file could not be read, not that
// it is damaged.
func (t *Till) Check() ([]store.Finding, error) {
	return t.file.check(func(found *findings) []func(*bbolt.Tx) error {
		c := &tillCheck{
			findings: found, terminal: t.terminal,
			own: map[pos.HolderID][]own{}, sums: map[pos.HolderID]ledger.Sums{},
		}
		return []func(*bbolt.Tx) error{c.journal, c.owns, c.bases, c.profiles, c.unsent, c.meta}
	})
}

// tillCheck is one check of a till's file.
type tillCheck struct {
	*findings
	terminal pos.TerminalID
	tail     uint64
	voids    int
	own      map[pos.HolderID][]own       // what the journal says is beyond the bases
	sums     map[pos.HolderID]ledger.Sums // and what it adds up to, where there is no centre
}

// journal checks that numbers, ids and the chain have no gap and that what is
// looked up by them is there.
func (c *tillCheck) journal(tx *bbolt.Tx) error {
	next := pos.Entry{ID: pos.EntryID{Terminal: c.terminal}} // what the next entry's id and Prev have to be
	starts := 0
	err := each(tx.Bucket(journalBucket), func(key, raw []byte) error {
		r, err := record(key, raw)
		if err != nil {
			return err
		}
		c.tail++
		next.ID.Seq++
		is := r.Entry.ID
		if first, _ := getNumber(tx.Bucket(startBucket), key); is.Seq == 1 && first == uint64(is.Incarnation) {
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
			if err := c.add(wrong, "journal entry %d", r.Number); err != nil {
				return err
			}
		}
		return c.moves(tx, r.Number, r.Entry)
	})
	if err != nil {
		return err
	}
	if err := c.compare(count(tx.Bucket(startBucket)), starts, "incarnations"); err != nil {
		return err
	}
	return c.compare(count(tx.Bucket(voidedBucket)), c.voids, "voids")
}

// moves notes what the entry does to its holder.
func (c *tillCheck) moves(tx *bbolt.Tx, number uint64, e pos.Entry) error {
	seen := map[pos.EntryID]bool{}
	for _, p := range e.Postings {
		if p.Of == nil || seen[*p.Of] {
			continue
		}
		seen[*p.Of] = true
		c.voids++
		if by, err := getNumber(tx.Bucket(voidedBucket), entryKey(*p.Of)); err != nil || by != number {
			if err := c.add("not marked as reversed", "entry %v", *p.Of); err != nil {
				return err
			}
		}
	}
	if len(e.Postings) == 0 {
		return nil
	}
	a, err := accountOf(tx, e.Holder)
	if err != nil {
		return err
	}
	if number > a.Covers {
		c.own[e.Holder] = append(c.own[e.Holder], own{number, movesOf(e)})
		return nil
	}
	if a.Position == 0 {
		c.sums[e.Holder], err = c.sums[e.Holder].AddAll(e.Postings)
	}
	return err
}

// owns checks that the own entries beyond a base are the journal's.
func (c *tillCheck) owns(tx *bbolt.Tx) error {
	same := func(a, b own) bool { return a.Number == b.Number && slices.Equal(a.Moves, b.Moves) }
	err := each(tx.Bucket(ownBucket), func(key, row []byte) error {
		holder, err := holderOf(key)
		if err != nil {
			return err
		}
		var has []own
		if err := decode(row, &has); err != nil {
			return err
		}
		want := c.own[holder]
		delete(c.own, holder)
		if len(has) == 0 || !slices.EqualFunc(has, want, same) {
			return c.add("the own entries beyond its base are not the journal's", "holder %v", holder)
		}
		return nil
	})
	for holder := range c.own {
		if err == nil {
			err = c.add("own entries are in no sum", "holder %v", holder)
		}
	}
	return err
}

// bases checks the bases, as far as the journal shows what they should be.
func (c *tillCheck) bases(tx *bbolt.Tx) error {
	return each(tx.Bucket(baseBucket), func(key, row []byte) error {
		holder, err := holderOf(key)
		if err != nil {
			return err
		}
		var b base
		if err := decode(row, &b); err != nil {
			return err
		}
		if b.Covers > c.tail {
			return c.add("covers entries that are not in the journal", "holder %v", holder)
		}
		if b.Position == 0 && !slices.Equal(b.Sums, c.sums[holder]) {
			return c.add("its sums are not those of the journal", "holder %v", holder)
		}
		return nil
	})
}

// profiles checks that each can be found by all its names and codes, and nobody
// by others.
func (c *tillCheck) profiles(tx *bbolt.Tx) error {
	codes, names := tx.Bucket(codeBucket), tx.Bucket(nameBucket)
	codeKeys, nameKeys := 0, 0
	err := each(tx.Bucket(profileBucket), func(key, row []byte) error {
		var p pos.Profile
		if err := decode(row, &p); err != nil {
			return err
		}
		if !bytes.Equal(p.Holder[:], key) {
			return c.add("is stored as another holder's", "profile %v", p.Holder)
		}
		byCode, byName := indexed(p)
		codeKeys, nameKeys = codeKeys+len(byCode), nameKeys+len(byName)
		for _, at := range []struct {
			b    *bbolt.Bucket
			keys [][]byte
		}{{codes, byCode}, {names, byName}} {
			for _, key := range at.keys {
				if at.b.Get(key) == nil {
					return c.add("is not found by all its names and codes", "profile %v", p.Holder)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.compare(count(codes), codeKeys, "codes"); err != nil {
		return err
	}
	return c.compare(count(names), nameKeys, "names")
}

func (c *tillCheck) unsent(tx *bbolt.Tx) error {
	err := each(tx.Bucket(unsentBucket), func(key, _ []byte) error {
		if tx.Bucket(profileBucket).Get(key) == nil {
			return c.add("waits for the centre but is not there", "profile %x", key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.counted(tx.Bucket(unsentBucket), "waiting profiles")
}

func (c *tillCheck) meta(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	acked, err := getNumber(meta, ackKey)
	if err != nil {
		return err
	}
	if acked > c.tail {
		if err := c.add("is behind the end of the journal", "acknowledged entry %d", acked); err != nil {
			return err
		}
	}
	var roster pos.Roster
	_, err = get(meta, rosterKey, &roster)
	return err
}

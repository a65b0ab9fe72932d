package central

import (
	"bytes"

	"tenthcup/pos"
)

// follows returns errGap for the first entry of an incarnation if the one it is
// chained to is not here: the server lost it, and gets it again. Behind bytes
// that are no entry nobody can say, and the terminal says if its own journal has
// another entry there now.
func (t *taking) follows(e pos.Entry) error {
	damaged := t.broken && t.last.IsZero()
	if e.ID.Seq != 1 || e.Prev == (pos.Hash{}) || len(t.unplaced) > 0 || damaged {
		return nil
	}
	c, err := t.chain(e.ID.Incarnation)
	if err != nil || c.Seq > 0 || t.area.quarantine.Get(e.Prev[:]) != nil {
		return err
	}
	if c, err = t.peek(t.latest); err != nil || c.Head == e.Prev {
		return err
	}
	// A disk that was set back to a backup goes on from an entry in the middle.
	return t.search(e.Prev)
}

// search returns errGap unless an entry of the terminal has the hash.
func (t *taking) search(hash pos.Hash) error {
	c := t.area.entry.Cursor()
	for key, raw := c.Seek(t.terminal[:]); bytes.HasPrefix(key, t.terminal[:]); key, raw = c.Next() {
		if pos.HashEntry(raw) == hash {
			return nil
		}
	}
	return errGap
}

// fill gives the bytes without an id that came before the entry their places.
// The journal is in order, so the last of them stand before the entry in its
// incarnation, down to Seq 1, and any others at the end of the incarnation
// before. The chain then goes on from what the entry says was before it.
func (t *taking) fill(e pos.Entry) error {
	if len(t.unplaced) == 0 {
		return nil
	}
	here := int(min(e.ID.Seq-1, uint64(len(t.unplaced))))
	earlier, rest := t.unplaced[:len(t.unplaced)-here], t.unplaced[len(t.unplaced)-here:]
	if err := t.fillEarlier(e.ID.Incarnation, earlier); err != nil {
		return err
	}
	for i, b := range rest {
		if err := t.place(e.ID.Incarnation, e.ID.Seq-uint64(len(rest)-i), b); err != nil {
			return err
		}
	}
	t.unplaced = nil
	c, err := t.chain(e.ID.Incarnation)
	if err == nil && here > 0 && c.Seq == e.ID.Seq-1 {
		c.Head = e.Prev
		t.chains[e.ID.Incarnation] = c
	}
	return err
}

// fillEarlier places bytes at the end of the incarnation before this one. At the
// beginning of a batch that is the last one of which anything was taken; but if
// this one was taken too, they were placed with it.
func (t *taking) fillEarlier(than pos.Incarnation, earlier []bad) error {
	before, seq := t.last.Incarnation, t.last.Seq
	if t.last.IsZero() {
		this, err := t.peek(than)
		if err != nil {
			return err
		}
		if this.Seq > 0 || t.latest == 0 {
			return t.quarantine(earlier...)
		}
		end, err := t.peek(t.latest)
		if err != nil {
			return err
		}
		before, seq = t.latest, end.Seq
	}
	for i, b := range earlier {
		if err := t.place(before, seq+1+uint64(i), b); err != nil {
			return err
		}
	}
	return nil
}

// place gives something bad its place in a chain.
func (t *taking) place(incarnation pos.Incarnation, seq uint64, b bad) error {
	c, err := t.chain(incarnation)
	switch {
	case err != nil:
		return err
	case seq <= c.Seq && t.has(incarnation, seq, b.raw):
		return nil
	case seq <= c.Seq:
		return t.quarantine(b)
	case seq > c.Seq+1:
		return errGap
	}
	return t.extend(pos.EntryID{Terminal: t.terminal, Incarnation: incarnation, Seq: seq}, b)
}

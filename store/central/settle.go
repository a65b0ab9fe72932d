package central

import (
	"bytes"
	"errors"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/store/rows"
)

var _ office.Book = (*Book)(nil)

// within runs write in the area that has something, under the server's own terminal;
// none is the error where no area has it.
func (c *Book) within(pen office.Pen, has func(area) bool, none error, write func(*taking) error) error {
	var id pos.AreaID
	err := c.db.View(func(tx rows.Tx) error {
		a, err := c.areaWith(tx, has)
		if err == nil && a == nil {
			err = none
		}
		if err == nil {
			id = a.id
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.db.Update(id, func(tx rows.Tx) error {
		t, err := c.begin(tx, id, pen.At)
		if err != nil {
			return err
		}
		t.day = pen.Day
		if err := t.writes(pen.Terminal); err != nil {
			return err
		}
		return write(t)
	})
}

// Settle is office.Book's.
func (c *Book) Settle(pen office.Pen, id pos.ExceptionID, decide func(office.Case) (pos.Entry, error)) error {
	has := func(a area) bool { return a.exception.Get(id[:]) != nil }
	return c.within(pen, has, office.ErrUnknown, func(t *taking) error {
		x, _, err := t.area.exceptionRow(id[:])
		if err != nil {
			return err
		}
		if x.Settled != nil {
			return office.ErrSettled
		}
		published, err := t.area.published(x.Holder, pen.Day)
		if err != nil {
			return err
		}
		e, err := decided(func() (pos.Entry, error) {
			return decide(office.Case{Exception: x.out(t.area.id, id), Sums: published.Sums, Tail: t.tail})
		})
		if err != nil {
			return err
		}
		if _, err := t.own(e); err != nil {
			return err
		}
		return t.settle(x, id, e)
	})
}

// decided calls a function that the caller handed in.
func decided(call func() (pos.Entry, error)) (pos.Entry, error) {
	d := rows.Callers(func() (d decision) {
		d.entry, d.err = call()
		return d
	})
	return d.entry, d.err
}

// settle closes the exception, does what that means for its terminal, and writes
// what the transaction came to.
func (t *taking) settle(x exception, id pos.ExceptionID, e pos.Entry) error {
	if err := t.area.open.Delete(openKey(x, id)); err != nil {
		return err
	}
	if err := rows.Less(t.area.open); err != nil {
		return err
	}
	x.Settled = settlementOf(e)
	if err := rows.Put(t.area.exception, id[:], x); err != nil {
		return err
	}
	if x.Trouble == pos.Fork || x.Trouble == pos.LateEntries {
		if err := t.writeOff(x.Terminal); err != nil {
			return err
		}
	}
	if x.Trouble == pos.Fork {
		again, err := t.area.hasFork(x.Terminal)
		if err != nil {
			return err
		}
		if err := t.freeze(x.Terminal, again); err != nil {
			return err
		}
	}
	return t.finish()
}

// hasFork reports whether the terminal has an open fork.
func (a area) hasFork(terminal pos.TerminalID) (has bool, err error) {
	err = rows.Each(a.open, func(key, _ []byte) error {
		x, _, err := a.exceptionRow(key[min(8, len(key)):])
		has = has || x.Trouble == pos.Fork && x.Terminal == terminal
		return err
	})
	return has, err
}

// Release is office.Book's. What the entry said about leases is done with too: the
// till has used them up or given them back.
func (c *Book) Release(pen office.Pen, hash pos.Hash, decide func(office.Held) (pos.Entry, error)) error {
	has := func(a area) bool { return a.quarantine.Get(hash[:]) != nil }
	return c.within(pen, has, office.ErrNothingHeld, func(t *taking) error {
		var q quarantined
		if _, err := rows.Get(t.area.quarantine, hash[:], &q); err != nil {
			return err
		}
		if q.Settled != nil {
			return office.ErrHeldSettled
		}
		held := office.Held{Area: t.area.id, Hash: hash, Tail: t.tail}
		read, err := pos.DecodeEntry(q.Raw)
		var wrong error
		if err == nil {
			bookable := read
			if bookable.Postings, wrong, err = t.bookable(read, q.Raw); err != nil {
				return err
			}
			held.Entry = &bookable
		}
		e, err := decided(func() (pos.Entry, error) { return decide(held) })
		if err != nil {
			return err
		}
		if wrong != nil && len(e.Postings) > 0 {
			return wrong
		}
		return t.release(q, read, e)
	})
}

// bookable returns the postings of an entry in quarantine as they can be booked
// now, and why they cannot, if so. A reversal of what was itself released names
// the entry that was booked for it; one of what still waits must wait too. What
// was already reversed of a posting is taken back at once, by a posting that names
// no entry yet: it is to name the new one.
func (t *taking) bookable(e pos.Entry, raw []byte) (postings []pos.Posting, wrong, err error) {
	key := rows.EntryKey(e.ID)
	if t.area.history.Get(append(e.Holder[:], key...)) != nil && bytes.Equal(t.area.entry.Get(key), raw) {
		return e.Postings, office.ErrCounted, nil // its own terminal sent it too
	}
	var back []pos.Posting
	for i, p := range e.Postings {
		if p.Of != nil {
			q, apart, err := t.area.apart(*p.Of)
			switch {
			case err != nil:
				return nil, nil, err
			case apart && q.Settled == nil:
				wrong = office.ErrOriginal
			case apart && q.Released:
				p.Of = &q.Settled.Entry
			}
		} else {
			asked, err := t.asked(e, i)
			if err != nil {
				return nil, nil, err
			}
			if taken := ledger.Reversal(p.Amount, asked); taken != 0 {
				back = append(back, pos.Posting{Account: p.Account, Lot: p.Lot, Amount: taken, Of: &pos.EntryID{}, OfIndex: i})
			}
		}
		postings = append(postings, p)
	}
	return append(postings, back...), wrong, nil
}

// asked returns what the reversals of a posting asked for.
func (t *taking) asked(e pos.Entry, index int) (int64, error) {
	var asks []ask
	if _, err := rows.Get(t.area.asked, askedKey(e.ID, index), &asks); err != nil {
		return 0, err
	}
	want := askFor(e.Holder, e.Postings[index])
	for _, a := range asks {
		if a.sameAs(want) {
			return a.Amount, nil
		}
	}
	return 0, nil
}

// apart returns what is in quarantine in the place of the entry, and whether
// something is.
func (a area) apart(id pos.EntryID) (q quarantined, found bool, err error) {
	raw := a.entry.Get(rows.EntryKey(id))
	if raw == nil {
		return q, false, nil
	}
	hash := pos.HashEntry(raw)
	found, err = rows.Get(a.quarantine, hash[:], &q)
	return q, found, err
}

// release books the entry that settles something in quarantine.
func (t *taking) release(q quarantined, read, e pos.Entry) error {
	if _, err := t.own(e); errors.Is(err, ledger.ErrOverflow) {
		return office.ErrOverflow
	} else if err != nil {
		return err
	}
	if ids := rows.LeasesOf(read); len(ids) > 0 && read.ID.Terminal == q.Terminal {
		h, err := t.holding(read.Holder)
		if err != nil {
			return err
		}
		err = t.end(read.Holder, h, func(l ledger.Lease) bool { return l.Terminal == q.Terminal && slices.Contains(ids, l.ID) })
		if err != nil {
			return err
		}
	}
	q.Settled, q.Released = settlementOf(e), len(e.Postings) > 0
	if err := rows.Put(t.area.quarantine, e.By.ID, q); err != nil {
		return err
	}
	return t.finish()
}

type decision struct {
	entry pos.Entry
	err   error
}

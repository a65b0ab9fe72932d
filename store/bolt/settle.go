package bolt

import (
	"bytes"
	"errors"
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
)

var _ office.Book = (*Central)(nil)

// beginOwn begins to add to the ledger of the area that has something, under the
// server's own terminal; none is the error.
func (c *Central) beginOwn(tx *bbolt.Tx, pen office.Pen, has func(area) bool, none error) (*taking, error) {
	a, err := c.areaWith(tx, has)
	if err == nil && a == nil {
		err = none
	}
	if err != nil {
		return nil, err
	}
	t, err := c.begin(tx, a.id, pen.At)
	if err != nil {
		return nil, err
	}
	t.day = pen.Day
	return t, t.writes(pen.Terminal)
}

// Settle is office.Book's.
func (c *Central) Settle(pen office.Pen, id pos.ExceptionID, decide func(office.Case) (pos.Entry, error)) error {
	return c.file.update(func(tx *bbolt.Tx) error {
		t, err := c.beginOwn(tx, pen, func(a area) bool { return a.exception.Get(id[:]) != nil }, office.ErrUnknown)
		if err != nil {
			return err
		}
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
	d := callers(func() (d decision) {
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
	if err := less(t.area.open); err != nil {
		return err
	}
	x.Settled = settlementOf(e)
	if err := put(t.area.exception, id[:], x); err != nil {
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

// less counts one row less in a bucket whose sequence is the number of its rows.
func less(b *bbolt.Bucket) error { return b.SetSequence(b.Sequence() - 1) }

// hasFork reports whether the terminal has an open fork.
func (a area) hasFork(terminal pos.TerminalID) (has bool, err error) {
	err = each(a.open, func(key, _ []byte) error {
		x, _, err := a.exceptionRow(key[min(8, len(key)):])
		has = has || x.Trouble == pos.Fork && x.Terminal == terminal
		return err
	})
	return has, err
}

// Release is office.Book's. What the entry said about leases is done with too: the
// till has used them up or given them back.
func (c *Central) Release(pen office.Pen, hash pos.Hash, decide func(office.Held) (pos.Entry, error)) error {
	return c.file.update(func(tx *bbolt.Tx) error {
		t, err := c.beginOwn(tx, pen, func(a area) bool { return a.quarantine.Get(hash[:]) != nil }, office.ErrNothingHeld)
		if err != nil {
			return err
		}
		var q quarantined
		if _, err := get(t.area.quarantine, hash[:], &q); err != nil {
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
	key := entryKey(e.ID)
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
	if _, err := get(t.area.asked, askedKey(e.ID, index), &asks); err != nil {
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
	raw := a.entry.Get(entryKey(id))
	if raw == nil {
		return q, false, nil
	}
	hash := pos.HashEntry(raw)
	found, err = get(a.quarantine, hash[:], &q)
	return q, found, err
}

// release books the entry that settles something in quarantine.
func (t *taking) release(q quarantined, read, e pos.Entry) error {
	if _, err := t.own(e); errors.Is(err, ledger.ErrOverflow) {
		return office.ErrOverflow
	} else if err != nil {
		return err
	}
	if ids := leasesOf(read); len(ids) > 0 && read.ID.Terminal == q.Terminal {
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
	if err := put(t.area.quarantine, e.By.ID, q); err != nil {
		return err
	}
	return t.finish()
}

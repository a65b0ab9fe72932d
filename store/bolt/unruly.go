package bolt

import (
	"cmp"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// unruly opens exceptions for a counted entry whose postings do not follow from
// the program that it names, and for what can be there once but was booked at two
// tills that did not know of each other: a receipt, a coupon's code. The entry
// counts all the same: it has happened.
func (t *taking) unruly(e pos.Entry) error {
	program, err := t.programOf(e)
	if err != nil {
		return err
	}
	if program != nil {
		if account, amount := rules.Rerun(program, e); account != "" {
			x := about(pos.Unruly, e)
			x.Account, x.Amount = account, amount
			if err := t.raise(x); err != nil {
				return err
			}
		}
	}
	if e.Kind == pos.Earned && e.Sale != nil && e.Sale.Receipt != "" {
		key := slices.Concat([]byte("receipt"), []byte{0}, []byte(e.Store), []byte{0}, []byte(e.Sale.Receipt))
		if err := t.once(e, pos.SoldTwice, key); err != nil {
			return err
		}
	}
	if program == nil {
		return nil
	}
	for _, p := range e.Postings {
		if name := rules.Single(program, p); name != "" {
			return t.once(e, pos.CouponTwice, slices.Concat([]byte("coupon"), []byte{0}, []byte(name)))
		}
	}
	return nil
}

// once notes that the entry, which is counted for the first time, is the one under
// the key, and opens an exception if another one is. An entry that was taken back gives its place to the next.
func (t *taking) once(e pos.Entry, trouble pos.Trouble, key []byte) error {
	if before := t.area.once.Get(key); before != nil {
		if undone, err := t.undone(before); err != nil || !undone {
			return cmp.Or(err, t.raise(about(trouble, e)))
		}
	}
	return t.area.once.Put(key, entryKey(e.ID))
}

// undone reports whether the entry under the key was taken back.
func (t *taking) undone(key []byte) (bool, error) {
	e, err := t.area.stored(key)
	if err != nil || len(e.Postings) == 0 {
		return false, err
	}
	var asks []ask
	if _, err := get(t.area.asked, askedKey(e.ID, 0), &asks); err != nil {
		return false, err
	}
	p := e.Postings[0]
	return slices.ContainsFunc(asks, func(a ask) bool {
		return a.sameAs(askFor(e.Holder, p)) && ledger.Reversal(p.Amount, a.Amount) == -p.Amount
	}), nil
}

// programOf returns the program that the entry names, nil where this file has none
// such: a till that began alone wrote by one of its own.
func (t *taking) programOf(e pos.Entry) (*pos.Program, error) {
	if e.Program == (pos.ProgramID{}) || t.strange[e.Program] {
		return nil, nil
	}
	ruling, err := t.deciding(t.is.Store)
	if err != nil {
		return nil, err
	}
	program, sound := t.rules.named(programKey{e.Program, ruling.currency}, func() (document []byte) {
		_ = each(t.tx.Bucket(programBucket), func(_, text []byte) error {
			if pos.ProgramOf(text) == e.Program {
				document = text
			}
			return nil
		})
		return document
	})
	if !sound {
		t.strange[e.Program] = true
		return nil, nil
	}
	return program, nil
}

package central

import (
	"cmp"
	"slices"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
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
	if key := receiptKey(e); key != nil {
		if err := t.once(e, pos.SoldTwice, key); err != nil {
			return err
		}
	}
	if program == nil {
		return nil
	}
	for _, p := range e.Postings {
		if name := rules.Single(program, p); name != "" {
			return t.once(e, pos.CouponTwice, couponKey(name))
		}
	}
	return nil
}

// couponKey returns where it stands which entry has the coupon's code of that name.
func couponKey(name string) []byte { return slices.Concat([]byte("coupon"), []byte{0}, []byte(name)) }

// onceKeys returns all places where it may stand that the entry has something,
// whatever its program says.
func onceKeys(e pos.Entry) (keys [][]byte) {
	if key := receiptKey(e); key != nil {
		keys = append(keys, key)
	}
	for _, p := range e.Postings {
		if name, ok := strings.CutPrefix(string(p.Account), rules.CouponUse); ok && e.Program != (pos.ProgramID{}) {
			keys = append(keys, couponKey(name))
		}
	}
	return keys
}

// receiptKey returns where it stands which entry has the receipt of a sale, nil for an
// entry without one.
func receiptKey(e pos.Entry) []byte {
	if e.Kind != pos.Earned || e.Sale == nil || e.Sale.Receipt == "" {
		return nil
	}
	return slices.Concat([]byte("receipt"), []byte{0}, []byte(e.Store), []byte{0}, []byte(e.Sale.Receipt))
}

// once notes that the entry, which is counted for the first time, is the one under
// the key, and opens an exception if another one is. An entry that was taken back gives its place to the next.
func (t *taking) once(e pos.Entry, trouble pos.Trouble, key []byte) error {
	if before := t.area.once.Get(key); before != nil {
		if undone, err := t.undone(before); err != nil || !undone {
			return cmp.Or(err, t.raise(about(trouble, e)))
		}
	}
	return t.area.once.Put(key, rows.EntryKey(e.ID))
}

// undone reports whether the entry under the key was taken back.
func (t *taking) undone(key []byte) (bool, error) {
	e, err := t.area.stored(key)
	if err != nil || len(e.Postings) == 0 {
		return false, err
	}
	var asks []ask
	if _, err := rows.Get(t.area.asked, askedKey(e.ID, 0), &asks); err != nil {
		return false, err
	}
	p := e.Postings[0]
	return slices.ContainsFunc(asks, func(a ask) bool {
		return a.sameAs(askFor(e.Holder, p)) && ledger.Reversal(p.Amount, a.Amount) == -p.Amount
	}), nil
}

// programOf returns the program that the entry names, nil where this ledger has none
// such: a till that began alone wrote by one of its own.
func (t *taking) programOf(e pos.Entry) (*pos.Program, error) {
	if e.Program == (pos.ProgramID{}) || t.strange[e.Program] {
		return nil, nil
	}
	ruling, err := t.deciding(t.is.Store)
	if err != nil {
		return nil, err
	}
	program, sound := t.rules.Named(rollup.ProgramKey{ID: e.Program, Currency: ruling.currency}, func() (document []byte) {
		_ = rows.Each(t.tx.Table(programTable), func(_, text []byte) error {
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

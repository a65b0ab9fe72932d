package bolt

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/rows"
)

// base is what a till was told of a holder's accounts, or added up itself where
// there is no centre.
type base struct {
	Sums     ledger.Sums    `cbor:"1,keyasint,omitempty"`
	Position uint64         `cbor:"2,keyasint,omitempty"` // in the centre's feed; 0 if the sums are the till's own
	Covers   uint64         `cbor:"3,keyasint,omitempty"` // number of the last own entry of the holder that is in the sums
	AsOf     int64          `cbor:"4,keyasint,omitempty"` // the centre's time when it gave them, in ms
	Leases   []ledger.Lease `cbor:"5,keyasint,omitempty"` // all that is lent of the sums
}

// own is what one entry of this till moves, and which leases it ends.
type own struct {
	Number uint64        `cbor:"1,keyasint"` // in the journal
	Moves  []ledger.Sum  `cbor:"2,keyasint,omitempty"`
	Leases []pos.LeaseID `cbor:"3,keyasint,omitempty"`
}

// account is all that a till knows of a holder's accounts. Its halves are kept
// apart, because a cashier's action then writes to the few rows of own and not
// among a million of base, which are deeper in the file by two pages.
type account struct {
	base
	own []own // entries beyond base.Covers that count, in the journal's order
}

func accountOf(tx rows.Tx, holder pos.HolderID) (a account, err error) {
	if holder == (pos.HolderID{}) {
		return account{}, nil
	}
	if _, err = rows.Get(tx.Table(baseBucket), holder[:], &a.base); err != nil {
		return account{}, err
	}
	_, err = rows.Get(tx.Table(ownBucket), holder[:], &a.own)
	return a, err
}

// known returns what the cashier sees: the base and every own entry beyond it.
// An entry that takes a sum out of range is left out, as the centre leaves it
// out.
func (a account) known() ledger.Sums {
	sums := a.Sums
	for _, o := range a.own {
		if next, err := sums.Merge(o.Moves); err == nil {
			sums = next
		}
	}
	return sums
}

// counts reports whether the entry does something to its holder's account.
func counts(e pos.Entry) bool { return len(e.Postings) > 0 || len(rows.LeasesOf(e)) > 0 }

// ownOf returns what the entry with the number does.
func ownOf(number uint64, e pos.Entry) own {
	o := own{Number: number, Leases: rows.LeasesOf(e)}
	for _, p := range e.Postings {
		o.Moves = append(o.Moves, ledger.Sum{Account: p.Account, Lot: p.Lot, Amount: p.Amount})
	}
	return o
}

// add stores what one more own entry does to the account. Without a centre
// nobody will ever cover it, so it becomes part of the base at once.
func (a account) add(tx rows.Tx, number uint64, e pos.Entry, enrolled bool) error {
	sums, err := a.known().AddAll(e.Postings)
	if err != nil {
		return err
	}
	if !enrolled {
		a.Sums, a.Covers = sums, number
		return rows.Put(tx.Table(baseBucket), e.Holder[:], a.base)
	}
	return rows.Put(tx.Table(ownBucket), e.Holder[:], append(a.own, ownOf(number, e)))
}

// given is what goes for all rows of a page.
type given struct {
	terminal pos.TerminalID // this one
	acked    uint64         // number of the last journal entry that the sums have
	at       int64          // the centre's time
}

// replace stores a row of a page of the centre. A row that is older than what is
// held changes nothing, nor does one that lacks an own entry which the base has:
// the centre has lost that entry, will get it again, and then the holder changes
// again.
func (a account) replace(tx rows.Tx, c ledger.Changed, g given) error {
	if c.Position < a.Position || g.acked < a.Covers {
		return nil
	}
	next := base{Sums: c.Sums, Position: c.Position, Covers: a.Covers, AsOf: g.at, Leases: c.Leases}
	var beyond []own
	for _, o := range a.own {
		if o.Number <= g.acked {
			next.Covers = o.Number
		} else {
			beyond = append(beyond, o)
		}
	}
	if err := a.putBase(tx.Table(baseBucket), c.Holder, next, g.terminal); err != nil {
		return err
	}
	switch {
	case len(beyond) == len(a.own):
		return nil
	case len(beyond) == 0:
		return tx.Table(ownBucket).Delete(c.Holder[:])
	}
	return rows.Put(tx.Table(ownBucket), c.Holder[:], beyond)
}

// putBase stores the base that follows the account's in the bucket of the bases,
// and what is found by it.
func (a account) putBase(b rows.Table, holder pos.HolderID, next base, terminal pos.TerminalID) error {
	if a.Position == 0 && next.Position > 0 {
		if err := rows.More(b); err != nil {
			return err
		}
	}
	before, after := dueKeys(holder, terminal, a.Leases), dueKeys(holder, terminal, next.Leases)
	if err := rows.Reindex(tx{b.(table).Tx()}.Table(dueBucket), before, after); err != nil {
		return err
	}
	return rows.Put(b, holder[:], next)
}

// leases returns those of the terminal that no own entry has used, and what is
// lent to others.
func (a account) leases(terminal pos.TerminalID) (free []ledger.Lease, lent ledger.Sums) {
	for _, lease := range a.Leases {
		switch {
		case lease.Terminal != terminal:
			if sums, err := lent.Merge(lease.Sums); err == nil {
				lent = sums
			}
		case !a.used(lease.ID):
			free = append(free, lease)
		}
	}
	return free, lent
}

// used reports whether an own entry beyond the base ends the lease.
func (a account) used(id pos.LeaseID) bool {
	return slices.ContainsFunc(a.own, func(o own) bool { return slices.Contains(o.Leases, id) })
}

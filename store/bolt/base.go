package bolt

import (
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// base is what a till was told of a holder's accounts, or added up itself where
// there is no centre.
type base struct {
	Sums     ledger.Sums `cbor:"1,keyasint,omitempty"`
	Position uint64      `cbor:"2,keyasint,omitempty"` // in the centre's feed; 0 if the sums are the till's own
	Covers   uint64      `cbor:"3,keyasint,omitempty"` // number of the last own entry of the holder that is in the sums
	AsOf     int64       `cbor:"4,keyasint,omitempty"` // the centre's time when it gave them, in ms
}

// own is what one entry of this till moves.
type own struct {
	Number uint64       `cbor:"1,keyasint"` // in the journal
	Moves  []ledger.Sum `cbor:"2,keyasint"`
}

// account is all that a till knows of a holder's accounts. Its halves are kept
// apart, because a cashier's action then writes to the few rows of own and not
// among a million of base, which are deeper in the file by two pages.
type account struct {
	base
	own []own // entries beyond base.Covers that move something, in the journal's order
}

func accountOf(tx *bbolt.Tx, holder pos.HolderID) (a account, err error) {
	if holder == (pos.HolderID{}) {
		return account{}, nil
	}
	if _, err = get(tx.Bucket(baseBucket), holder[:], &a.base); err != nil {
		return account{}, err
	}
	_, err = get(tx.Bucket(ownBucket), holder[:], &a.own)
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

// add stores what one more own entry does to the account. Without a centre
// nobody will ever cover it, so it becomes part of the base at once.
func (a account) add(tx *bbolt.Tx, number uint64, e pos.Entry, enrolled bool) error {
	sums, err := a.known().AddAll(e.Postings)
	if err != nil {
		return err
	}
	if !enrolled {
		a.Sums, a.Covers = sums, number
		return put(tx.Bucket(baseBucket), e.Holder[:], a.base)
	}
	return put(tx.Bucket(ownBucket), e.Holder[:], append(a.own, own{number, movesOf(e)}))
}

func movesOf(e pos.Entry) []ledger.Sum {
	moves := make([]ledger.Sum, len(e.Postings))
	for i, p := range e.Postings {
		moves[i] = ledger.Sum{Account: p.Account, Lot: p.Lot, Amount: p.Amount}
	}
	return moves
}

// replace stores a row of a page of the centre. Acked is the number of the last
// journal entry that the page's sums have. A row that is older than what is held
// changes nothing, nor does one that lacks an own entry which the base has: the
// centre has lost that entry, will get it again, and then the holder changes
// again.
func (a account) replace(tx *bbolt.Tx, c ledger.Changed, acked uint64, at int64) error {
	if c.Position < a.Position || acked < a.Covers {
		return nil
	}
	next := base{Sums: c.Sums, Position: c.Position, Covers: a.Covers, AsOf: at}
	var beyond []own
	for _, o := range a.own {
		if o.Number <= acked {
			next.Covers = o.Number
		} else {
			beyond = append(beyond, o)
		}
	}
	if err := put(tx.Bucket(baseBucket), c.Holder[:], next); err != nil {
		return err
	}
	switch {
	case len(beyond) == len(a.own):
		return nil
	case len(beyond) == 0:
		return tx.Bucket(ownBucket).Delete(c.Holder[:])
	}
	return put(tx.Bucket(ownBucket), c.Holder[:], beyond)
}

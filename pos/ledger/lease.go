package ledger

import (
	"slices"

	"tenthcup/pos"
)

// Lease is a part of a holder's balance, enough for one reward, that the centre
// lends to one till: that till may hand it out whatever its line does, and nobody
// else may. It counts as gone from the moment it is granted and comes back only
// through the till's own entries, or a manager's write-off. A till uses it up in
// one entry, whatever that entry takes of it, or gives it back in one.
//
// The sum of a holder's leases never passes the balance, lot by lot, so leases
// alone never overdraw.
type Lease struct {
	ID       pos.LeaseID    `cbor:"1,keyasint"`
	Terminal pos.TerminalID `cbor:"2,keyasint"`
	Sums     Sums           `cbor:"3,keyasint"`           // of one account, all above 0: the lots it lends
	Recalled bool           `cbor:"4,keyasint,omitempty"` // the centre asks for it back
}

// Account returns the account that the lease is of.
func (l Lease) Account() pos.Account {
	if len(l.Sums) == 0 {
		return ""
	}
	return l.Sums[0].Account
}

// Hold reports whether each lot has what the postings, which are negative, take.
func (s Sums) Hold(postings []pos.Posting) bool {
	left, err := s.AddAll(postings)
	return err == nil && !slices.ContainsFunc(postings, func(p pos.Posting) bool {
		return slices.ContainsFunc(left, func(sum Sum) bool { return sum.Account == p.Account && sum.Lot == p.Lot && sum.Amount < 0 })
	})
}

// Less returns the sums without what is lent of them, lot by lot. A lot of which
// more is lent than is in it has nothing left; a deficit stays as it is.
func (s Sums) Less(lent Sums) Sums {
	left := Sums{}
	for _, sum := range s {
		if sum.Amount > 0 {
			if at, found := slices.BinarySearchFunc(lent, sum, Sum.compare); found {
				sum.Amount = max(sum.Amount-max(lent[at].Amount, 0), 0)
			}
		}
		if sum.Amount != 0 {
			left = append(left, sum)
		}
	}
	return left
}

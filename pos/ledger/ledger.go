// Package ledger gives entries their meaning: it adds them up into sums and
// reads balances from them.
//
// The sums of a set of entries do not depend on the order in which they are
// added. Callers make sure that no entry is added twice and clamp reversals with
// Reversal. All arithmetic is on whole numbers; what does not fit is ErrOverflow
// and changes nothing.
package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"tenthcup/pos"
)

// ErrOverflow is returned where an amount leaves the range of int64.
var ErrOverflow = errors.New("amount out of range")

// Sum is what the postings of one account and lot add up to.
type Sum struct {
	Account pos.Account `cbor:"1,keyasint"`
	Lot     pos.Lot     `cbor:"2,keyasint,omitzero"`
	Amount  int64       `cbor:"3,keyasint"`
}

// Sums are the sums of one holder, ordered by account and lot (soonest Until
// first, then From, open ends last). None is zero. The empty Sums are those of a
// holder without entries. Sums are never changed in place.
type Sums []Sum

// Add returns the sums with the posting added.
func (s Sums) Add(account pos.Account, lot pos.Lot, amount int64) (Sums, error) {
	want := Sum{account, lot, amount}
	at, found := slices.BinarySearchFunc(s, want, Sum.compare)
	if !found {
		if amount == 0 {
			return s, nil
		}
		return slices.Insert(slices.Clone(s), at, want), nil
	}
	total, err := plus(s[at].Amount, amount)
	if err != nil {
		return s, fmt.Errorf("%s: %w", account, err)
	}
	next := slices.Clone(s)
	if total == 0 {
		return slices.Delete(next, at, at+1), nil
	}
	next[at].Amount = total
	return next, nil
}

// AddAll returns the sums with all postings added, or s and an error.
func (s Sums) AddAll(postings []pos.Posting) (Sums, error) {
	next := s
	for _, p := range postings {
		var err error
		if next, err = next.Add(p.Account, p.Lot, p.Amount); err != nil {
			return s, err
		}
	}
	return next, nil
}

// Merge returns the sums of both.
func (s Sums) Merge(other Sums) (Sums, error) {
	next := s
	for _, sum := range other {
		var err error
		if next, err = next.Add(sum.Account, sum.Lot, sum.Amount); err != nil {
			return s, err
		}
	}
	return next, nil
}

func (s Sum) compare(other Sum) int {
	return cmp.Or(cmp.Compare(s.Account, other.Account), compareLots(s.Lot, other.Lot))
}

// compareLots orders lots as they are spent and repaid.
func compareLots(a, b pos.Lot) int {
	return cmp.Or(cmp.Compare(openLast(a.Until), openLast(b.Until)), cmp.Compare(a.From, b.From))
}

func openLast(day pos.Day) int64 {
	if day == 0 {
		return math.MaxInt64
	}
	return int64(day)
}

func plus(a, b int64) (int64, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Balance returns what the account is worth on the day. In a value account the
// live lots add up, and a negative lot, the deficit that a base carries, counts
// whether its lot is live or not. In a grant account each live lot counts, and
// never below 0. A lot of a run of activity is live while the run goes on: see
// ActivityOf.
func (s Sums) Balance(account pos.Account, day pos.Day) int64 {
	total := int64(0)
	for _, sum := range s.of(account) {
		live := s.Bounds(account, sum.Lot).Live(day)
		switch {
		case account.Value() && (live || sum.Amount < 0), !account.Value() && live && sum.Amount > 0:
			total = saturated(total, sum.Amount)
		}
	}
	return total
}

func saturated(a, b int64) int64 {
	if sum, err := plus(a, b); err == nil {
		return sum
	}
	if b > 0 {
		return math.MaxInt64
	}
	return math.MinInt64
}

func (s Sums) of(account pos.Account) Sums {
	from, _ := slices.BinarySearchFunc(s, account, func(sum Sum, a pos.Account) int { return cmp.Compare(sum.Account, a) })
	to := from
	for to < len(s) && s[to].Account == account {
		to++
	}
	return s[from:to]
}

// ErrShort is returned by Spend where the balance is less than the amount.
var ErrShort = errors.New("balance too small")

// Spend returns the postings that take the amount (above 0) from the account's
// live lots, soonest-ending first. A deficit is made good first: only what the
// balance really holds can be spent.
func (s Sums) Spend(account pos.Account, amount int64, day pos.Day) ([]pos.Posting, error) {
	if amount <= 0 || s.Balance(account, day) < amount {
		return nil, ErrShort
	}
	var postings []pos.Posting
	for _, sum := range s.of(account) {
		if amount == 0 {
			break
		}
		if sum.Amount <= 0 || !s.Bounds(account, sum.Lot).Live(day) {
			continue
		}
		take := min(amount, sum.Amount)
		amount -= take
		postings = append(postings, pos.Posting{Account: account, Amount: -take, Lot: sum.Lot})
	}
	return postings, nil
}

// Reverse returns the postings that take back all of the entry's, each naming
// the one it reverses. An entry that holds a reversal cannot be reversed, nor
// can one without postings: ErrNoReversal.
func Reverse(e pos.Entry) ([]pos.Posting, error) {
	if len(e.Postings) == 0 {
		return nil, ErrNoReversal
	}
	reversed := make([]pos.Posting, len(e.Postings))
	for i, p := range e.Postings {
		if p.Of != nil {
			return nil, ErrNoReversal
		}
		reversed[i] = pos.Posting{Account: p.Account, Amount: -p.Amount, Lot: p.Lot, Of: &e.ID, OfIndex: i}
	}
	return reversed, nil
}

// ErrNoReversal is returned by Reverse for an entry that cannot be reversed.
var ErrNoReversal = errors.New("entry cannot be reversed")

// Reversal returns how much of the reversals of one posting counts: asked is
// their sum, original the amount of the posting. The result has the sign of
// -original and is never larger than it, whatever was asked and in whatever
// order. What is left over, asked - result, is an exception.
func Reversal(original, asked int64) int64 {
	if original > 0 {
		return max(min(asked, 0), -original)
	}
	return min(max(asked, 0), -original)
}

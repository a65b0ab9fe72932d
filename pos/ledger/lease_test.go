package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

func TestLess(t *testing.T) {
	sum := func(until pos.Day, amount int64) ledger.Sum {
		return ledger.Sum{Account: "points", Lot: pos.Lot{Until: until}, Amount: amount}
	}
	stamps := ledger.Sum{Account: "stamp:tea/8", Amount: 9}
	tests := map[string]struct{ sums, lent, want ledger.Sums }{
		"nothing lent":            {ledger.Sums{sum(5, 10)}, nil, ledger.Sums{sum(5, 10)}},
		"a part of a lot":         {ledger.Sums{sum(5, 10), sum(9, 10)}, ledger.Sums{sum(5, 4)}, ledger.Sums{sum(5, 6), sum(9, 10)}},
		"a whole lot":             {ledger.Sums{sum(5, 10), sum(9, 10)}, ledger.Sums{sum(5, 10)}, ledger.Sums{sum(9, 10)}},
		"more than is in the lot": {ledger.Sums{sum(5, 10), sum(9, 10)}, ledger.Sums{sum(5, 99)}, ledger.Sums{sum(9, 10)}},
		"a lot that is not there": {ledger.Sums{sum(9, 10)}, ledger.Sums{sum(5, 4)}, ledger.Sums{sum(9, 10)}},
		"a deficit stays":         {ledger.Sums{sum(5, 10), sum(0, -3)}, ledger.Sums{sum(5, 4), sum(0, 2)}, ledger.Sums{sum(5, 6), sum(0, -3)}},
		"another account's lot":   {ledger.Sums{stamps}, ledger.Sums{sum(0, 4)}, ledger.Sums{stamps}},
		"less than nothing lent":  {ledger.Sums{sum(5, 10)}, ledger.Sums{sum(5, -4)}, ledger.Sums{sum(5, 10)}},
		"of nothing":              {nil, ledger.Sums{sum(5, 4)}, ledger.Sums{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, tt.sums.Less(tt.lent)) })
	}
}

// What is left and what is lent are never more than there was, and what is left
// is in order.
func TestLessAndLentAreWhatThereWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, least int64) (sums ledger.Sums) {
			for range rapid.IntRange(0, 8).Draw(t, name) {
				account := rapid.SampledFrom([]pos.Account{"points", "stamp:tea/8"}).Draw(t, "account")
				lot := pos.Lot{Until: pos.Day(rapid.IntRange(0, 3).Draw(t, "until"))}
				sums, _ = sums.Add(account, lot, rapid.Int64Range(least, 50).Draw(t, "amount"))
			}
			return sums
		}
		sums, lent := draw("sums", -50), draw("lent", 0)
		left := sums.Less(lent)
		again := ledger.Sums{}
		for _, sum := range left {
			var err error
			again, err = again.Add(sum.Account, sum.Lot, sum.Amount)
			require.NoError(t, err)
			require.NotZero(t, sum.Amount)
		}
		require.Equal(t, again, left)
		for _, sum := range sums {
			of := func(s ledger.Sums) (amount int64) {
				for _, other := range s {
					if other.Account == sum.Account && other.Lot == sum.Lot {
						amount = other.Amount
					}
				}
				return amount
			}
			require.Equal(t, max(min(sum.Amount, 0), sum.Amount-of(lent)), of(left))
		}
	})
}

func TestLeaseAccount(t *testing.T) {
	require.Equal(t, pos.Account("points"), ledger.Lease{Sums: ledger.Sums{{Account: "points", Amount: 5}}}.Account())
	require.Empty(t, ledger.Lease{}.Account())
}

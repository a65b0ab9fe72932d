package ledger_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

const points = pos.PointsAccount

// lots are those that the tests draw from: open ones, ending ones and pending
// ones, some with the same bound.
var lots = []pos.Lot{{}, {Until: 4}, {Until: 8}, {From: 3}, {From: 5, Until: 8}, {From: 3, Until: 4}, {From: 9}, {Until: 2}}

const lastDay = pos.Day(12)

func aLot() *rapid.Generator[pos.Lot] { return rapid.SampledFrom(lots) }

func aPosting(least int64) *rapid.Generator[pos.Posting] {
	return rapid.Custom(func(t *rapid.T) pos.Posting {
		return pos.Posting{
			Account: rapid.SampledFrom([]pos.Account{points, "stamp:tea/5", "tier:gold"}).Draw(t, "account"),
			Lot:     aLot().Draw(t, "lot"),
			Amount:  rapid.Int64Range(least, 9).Filter(func(n int64) bool { return n != 0 }).Draw(t, "amount"),
		}
	})
}

func add(t require.TestingT, sums ledger.Sums, postings []pos.Posting) ledger.Sums {
	sums, err := sums.AddAll(postings)
	require.NoError(t, err)
	return sums
}

// Two terminals may see the same entries in different orders, or some at a time.
// They must end with the same sums, and those are in order and hold no zero.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		postings := rapid.SliceOfN(aPosting(-9), 0, 30).Draw(t, "postings")
		one := add(t, nil, postings)
		shuffled := rapid.Permutation(slices.Clone(postings)).Draw(t, "order")
		require.Equal(t, len(one), len(add(t, nil, shuffled)))
		require.ElementsMatch(t, one, add(t, nil, shuffled))
		require.True(t, slices.Equal(one, add(t, nil, shuffled)))

		cut := rapid.IntRange(0, len(shuffled)).Draw(t, "cut")
		merged, err := add(t, nil, shuffled[:cut]).Merge(add(t, nil, shuffled[cut:]))
		require.NoError(t, err)
		require.True(t, slices.Equal(one, merged))

		plain := map[[2]any]int64{}
		for _, p := range postings {
			plain[[2]any{p.Account, p.Lot}] += p.Amount
		}
		for i, sum := range one {
			require.NotZero(t, sum.Amount)
			require.Equal(t, plain[[2]any{sum.Account, sum.Lot}], sum.Amount)
			require.True(t, i == 0 || one[i-1].Account <= sum.Account)
		}
	})
}

// Sums are values: whoever holds some keeps them.
func TestSumsAreNeverChangedInPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := add(t, nil, rapid.SliceOfN(aPosting(-9), 0, 10).Draw(t, "held"))
		before := slices.Clone(sums)
		add(t, sums, rapid.SliceOfN(aPosting(-9), 0, 10).Draw(t, "added"))
		require.True(t, slices.Equal(before, sums))
	})
}

func TestLotsAreHeldInTheOrderInWhichTheyAreSpent(t *testing.T) {
	ordered := []pos.Lot{{Until: 2}, {Until: 4}, {From: 3, Until: 4}, {Until: 8}, {From: 5, Until: 8}, {}, {From: 3}, {From: 9}}
	var sums ledger.Sums
	for _, lot := range slices.Backward(ordered) {
		sums = add(t, sums, []pos.Posting{{Account: points, Lot: lot, Amount: 1}})
	}
	for i, lot := range ordered {
		require.Equal(t, lot, sums[i].Lot)
	}
}

func TestOverflowIsRefusedAndChangesNothing(t *testing.T) {
	most := add(t, nil, []pos.Posting{{Account: points, Amount: math.MaxInt64}})
	least := add(t, nil, []pos.Posting{{Account: points, Amount: math.MinInt64 + 1}})
	for _, tt := range []struct {
		name string
		held ledger.Sums
		more int64
	}{{"above", most, 1}, {"far above", most, math.MaxInt64}, {"below", least, -2}, {"far below", least, math.MinInt64}} {
		t.Run(tt.name, func(t *testing.T) {
			postings := []pos.Posting{{Account: "credit", Amount: 5}, {Account: points, Amount: tt.more}}
			got, err := tt.held.AddAll(postings)
			require.ErrorIs(t, err, ledger.ErrOverflow)
			require.Equal(t, tt.held, got)
			got, err = tt.held.Merge(ledger.Sums{{Account: points, Amount: tt.more}})
			require.ErrorIs(t, err, ledger.ErrOverflow)
			require.Equal(t, tt.held, got)
		})
	}
	require.Equal(t, int64(math.MinInt64), add(t, least, []pos.Posting{{Account: points, Amount: -1}})[0].Amount, "the edge itself fits")
	require.Empty(t, add(t, nil, []pos.Posting{{Account: points, Amount: 0}}))
}

func TestBalance(t *testing.T) {
	const value, grant = points, pos.Account("tier:gold")
	tests := map[string]struct {
		sums    ledger.Sums
		account pos.Account
		day     pos.Day
		want    int64
	}{
		"nothing":                                   {nil, value, 5, 0},
		"live lots add up":                          {ledger.Sums{{value, pos.Lot{Until: 6}, 3}, {value, pos.Lot{}, 4}}, value, 5, 7},
		"an ended lot is gone":                      {ledger.Sums{{value, pos.Lot{Until: 5}, 3}, {value, pos.Lot{}, 4}}, value, 5, 4},
		"a pending lot is not yet there":            {ledger.Sums{{value, pos.Lot{}, 4}, {value, pos.Lot{From: 6}, 3}}, value, 5, 4},
		"another account":                           {ledger.Sums{{"credit", pos.Lot{}, 9}, {value, pos.Lot{}, 4}, {"stamp:tea/5", pos.Lot{}, 2}}, value, 5, 4},
		"a deficit counts":                          {ledger.Sums{{value, pos.Lot{Until: 6}, 3}, {value, pos.Lot{}, -5}}, value, 5, -2},
		"a deficit in an ended lot counts":          {ledger.Sums{{value, pos.Lot{Until: 5}, -5}, {value, pos.Lot{}, 3}}, value, 5, -2},
		"a deficit in a pending lot counts":         {ledger.Sums{{value, pos.Lot{}, 3}, {value, pos.Lot{From: 6}, -5}}, value, 5, -2},
		"granted lots count each":                   {ledger.Sums{{grant, pos.Lot{Until: 6}, 1}, {grant, pos.Lot{}, 2}}, grant, 5, 3},
		"a grant is never below 0":                  {ledger.Sums{{grant, pos.Lot{Until: 6}, 1}, {grant, pos.Lot{}, -2}}, grant, 5, 1},
		"a grant that ended":                        {ledger.Sums{{grant, pos.Lot{Until: 5}, 1}}, grant, 5, 0},
		"more than fits is as much as fits":         {ledger.Sums{{value, pos.Lot{Until: 6}, math.MaxInt64}, {value, pos.Lot{}, 5}}, value, 5, math.MaxInt64},
		"a larger deficit than fits, the same":      {ledger.Sums{{value, pos.Lot{Until: 6}, math.MinInt64}, {value, pos.Lot{}, -5}}, value, 5, math.MinInt64},
		"an account whose name begins like another": {ledger.Sums{{"stamp:tea/10", pos.Lot{}, 9}, {"stamp:tea/100", pos.Lot{}, 4}}, "stamp:tea/10", 5, 9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, tt.sums.Balance(tt.account, tt.day)) })
	}
}

// What is spent is there, live, and the first to end; the balance falls by just
// that, and no lot goes below nothing.
func TestSpend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := add(t, nil, rapid.SliceOfN(aPosting(-3), 0, 12).Draw(t, "postings"))
		day := pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "day"))
		amount := rapid.Int64Range(-1, 25).Draw(t, "amount")
		balance := sums.Balance(points, day)
		postings, err := sums.Spend(points, amount, day)
		if amount <= 0 || amount > balance {
			require.ErrorIs(t, err, ledger.ErrShort)
			require.Nil(t, postings)
			return
		}
		require.NoError(t, err)
		taken := map[pos.Lot]int64{}
		for _, p := range postings {
			require.Equal(t, points, p.Account)
			require.Negative(t, p.Amount)
			require.True(t, p.Lot.Live(day))
			taken[p.Lot] -= p.Amount
			amount += p.Amount
		}
		require.Zero(t, amount, "as much as asked")
		missed := false // a lot that was not emptied
		for _, sum := range sums {
			if sum.Account != points || sum.Amount < 0 || !sum.Lot.Live(day) {
				continue
			}
			require.LessOrEqual(t, taken[sum.Lot], sum.Amount)
			require.False(t, missed && taken[sum.Lot] > 0, "%v was spent before one that ends sooner", sum.Lot)
			missed = missed || taken[sum.Lot] < sum.Amount
		}
		after := add(t, sums, postings)
		require.Equal(t, balance-rapidSum(taken), after.Balance(points, day))
	})
}

func rapidSum(taken map[pos.Lot]int64) (total int64) {
	for _, amount := range taken {
		total += amount
	}
	return total
}

// A void undoes: the sums are those from before.
func TestReverseUndoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := add(t, nil, rapid.SliceOfN(aPosting(-9), 0, 10).Draw(t, "before"))
		e := pos.Entry{ID: pos.EntryID{Seq: 7}, Postings: rapid.SliceOfN(aPosting(-9), 1, 5).Draw(t, "entry")}
		reversed, err := ledger.Reverse(e)
		require.NoError(t, err)
		require.True(t, slices.Equal(before, add(t, add(t, before, e.Postings), reversed)))
		for i, p := range reversed {
			require.Equal(t, e.ID, *p.Of)
			require.Equal(t, i, p.OfIndex)
		}
		_, err = ledger.Reverse(pos.Entry{ID: pos.EntryID{Seq: 8}, Postings: reversed})
		require.ErrorIs(t, err, ledger.ErrNoReversal, "a reversal cannot be reversed")
	})
	_, err := ledger.Reverse(pos.Entry{Kind: pos.Enrolled})
	require.ErrorIs(t, err, ledger.ErrNoReversal)
	mixed := []pos.Posting{{Account: points, Amount: 1}, {Account: points, Amount: 1, Of: &pos.EntryID{Seq: 1}}}
	_, err = ledger.Reverse(pos.Entry{Postings: mixed})
	require.ErrorIs(t, err, ledger.ErrNoReversal)
}

func TestReversal(t *testing.T) {
	for name, tt := range map[string]struct{ original, asked, want int64 }{
		"nothing asked":               {10, 0, 0},
		"a part of an earn":           {10, -4, -4},
		"all of an earn":              {10, -10, -10},
		"twice all of an earn":        {10, -20, -10},
		"the wrong way":               {10, 4, 0},
		"a part of a spend":           {-10, 4, 4},
		"all of a spend":              {-10, 10, 10},
		"more than was spent":         {-10, 11, 10},
		"a spend the wrong way":       {-10, -4, 0},
		"of what has not arrived yet": {0, -4, 0},
		"the largest of all":          {math.MaxInt64, math.MinInt64, -math.MaxInt64},
		"the smallest of all":         {-math.MaxInt64, math.MaxInt64, math.MaxInt64},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, ledger.Reversal(tt.original, tt.asked)) })
	}
}

// A ledger that hears of reversals one by one books, each time, what the sum of
// them is worth more than before. In whatever order they come, it ends at the
// same amount, which is between nothing and all of the original.
func TestReversalsAreClampedInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		original := rapid.Int64Range(-20, 20).Draw(t, "original")
		requests := rapid.SliceOfN(rapid.Int64Range(-15, 15), 0, 6).Draw(t, "requests")
		booked := func(requests []int64) (booked int64) {
			asked := int64(0)
			for _, request := range requests {
				booked += ledger.Reversal(original, asked+request) - ledger.Reversal(original, asked)
				asked += request
				left := original + booked
				require.True(t, original >= 0 && left >= 0 && left <= original || original < 0 && left <= 0 && left >= original, "%d of %d", booked, original)
			}
			return booked
		}
		require.Equal(t, booked(requests), booked(rapid.Permutation(slices.Clone(requests)).Draw(t, "order")))
		least, most := ledger.Reversal(original, -100), ledger.Reversal(original, 100)
		require.Equal(t, -original, least+most, "all of it and no more, one way")
	})
}

// Where nothing was overspent, what the centre publishes is what adding up
// gives, without a look at the entries.
func TestPublishedIsTheSumsWhereNothingIsOverspent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "day"))
		sums := add(t, nil, rapid.SliceOfN(aPosting(-3), 0, 12).Draw(t, "postings"))
		sums = slices.DeleteFunc(slices.Clone(sums), func(s ledger.Sum) bool { return s.Account.Value() && s.Amount < 0 })
		published, err := sums.Published(day, func() ([]pos.Entry, error) { return nil, errors.New("nobody asked") })
		require.NoError(t, err)
		for _, account := range []pos.Account{points, "stamp:tea/5", "tier:gold", "credit"} {
			require.Equal(t, sums.Balance(account, day), published.Balance(account, day))
			require.Equal(t, sums.Balance(account, day+3), published.Balance(account, day+3), "and on later days")
		}
		for _, sum := range published {
			require.Contains(t, sums, sum)
			require.False(t, sum.Lot.Ended(day))
		}
	})
}

package rules_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

var coffee = pos.Card{ID: "coffee", Name: "Coffee", Size: 10, Stamp: "●"}

func day(t testing.TB, text string) pos.Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return pos.DayOf(at, time.UTC)
}

func TestStamp(t *testing.T) {
	tests := map[string]struct {
		n  int64
		ok bool
	}{
		"one": {1, true}, "a whole card": {10, true}, "more than a card": {13, true}, "the most at once": {rules.MaxStamps, true},
		"none": {0, false}, "fewer than none": {-1, false}, "one too many": {rules.MaxStamps + 1, false},
		"absurdly many": {math.MaxInt64, false}, "absurdly few": {math.MinInt64, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Stamp(coffee, tt.n)
			if !tt.ok {
				require.ErrorIs(t, err, pos.Refuse("stamp.number"))
				require.Nil(t, got)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []pos.Posting{{Account: "stamp:coffee/10", Amount: tt.n}}, got)
		})
	}
}

func TestCount(t *testing.T) {
	tests := map[string]struct{ held, stamps, full int64 }{
		"an empty card":                            {0, 0, 0},
		"a card begun":                             {9, 9, 0},
		"just full":                                {10, 0, 1},
		"9 of 10 and 3: one full, 2 on the next":   {9 + 3, 2, 1},
		"two full cards":                           {20, 0, 2},
		"fifty at once on 9":                       {59, 9, 5},
		"taken back after the reward was had":      {-3, -3, 0},
		"taken back by more than a card":           {-13, -13, 0},
		"as many as there can be":                  {math.MaxInt64, math.MaxInt64 % 10, math.MaxInt64 / 10},
		"as large a deficit as there can ever be ": {math.MinInt64, math.MinInt64, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, rules.PunchCard{Card: coffee, Stamps: tt.stamps, Full: tt.full}, rules.Count(coffee, tt.held))
		})
	}
}

// No stamp is lost where a card is full: full cards and the card in hand hold
// every stamp given, in whatever portions.
func TestStampsOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		card := pos.Card{ID: "tea", Size: rapid.Int64Range(1, 100).Draw(t, "size")}
		var sums ledger.Sums
		given := int64(0)
		for _, n := range rapid.SliceOf(rapid.Int64Range(1, rules.MaxStamps)).Draw(t, "portions") {
			postings, err := rules.Stamp(card, n)
			require.NoError(t, err)
			sums, err = sums.AddAll(postings)
			require.NoError(t, err)
			given += n
		}
		got := rules.Count(card, sums.Balance(card.Account(), 1))
		require.Equal(t, given, got.Full*card.Size+got.Stamps)
		require.True(t, got.Stamps >= 0 && got.Stamps < card.Size)
	})
}

func rule(earn int64, per pos.Money, mode pos.Rounding, months int) pos.PointsRule {
	return pos.PointsRule{Earn: earn, Per: per, Round: mode, Months: months}
}

func TestEarn(t *testing.T) {
	tests := map[string]struct {
		rule   pos.PointsRule
		amount pos.Money
		want   int64
		err    error
	}{
		"1 for 1.00, down":              {rule(1, 100, pos.RoundDown, 0), 1999, 19, nil},
		"1 for 1.00, up":                {rule(1, 100, pos.RoundUp, 0), 1901, 20, nil},
		"1 for 1.00, up, nothing left":  {rule(1, 100, pos.RoundUp, 0), 1900, 19, nil},
		"1 for 1.00, nearest, below":    {rule(1, 100, pos.RoundNearest, 0), 1949, 19, nil},
		"1 for 1.00, nearest, a half":   {rule(1, 100, pos.RoundNearest, 0), 1950, 20, nil},
		"3 for 7.00, rounded once":      {rule(3, 700, pos.RoundDown, 0), 1399, 5, nil},
		"1 for 400 Ft":                  {rule(1, 400, pos.RoundDown, 0), 1990, 4, nil},
		"1 for 500000 rials, up":        {rule(1, 500_000, pos.RoundUp, 0), 1, 1, nil},
		"10 for 1 cent":                 {rule(10, 1, pos.RoundDown, 0), 5, 50, nil},
		"too small a sale, down":        {rule(1, 100, pos.RoundDown, 0), 99, 0, nil},
		"too small a sale, nearest":     {rule(1, 100, pos.RoundNearest, 0), 49, 0, nil},
		"half a sale, nearest":          {rule(1, 100, pos.RoundNearest, 0), 50, 1, nil},
		"the biggest sale and rule":     {rule(1_000_000, 1, pos.RoundNearest, 0), pos.MaxSale, 1_000_000_000_000_000_000, nil},
		"the biggest of all, up":        {rule(1_000_000, pos.MaxSale, pos.RoundUp, 0), pos.MaxSale, 1_000_000, nil},
		"the biggest of all, nearest":   {rule(1_000_000, pos.MaxSale, pos.RoundNearest, 0), pos.MaxSale, 1_000_000, nil},
		"one cent more than is allowed": {rule(1, 100, pos.RoundDown, 0), pos.MaxSale + 1, 0, pos.Refuse("amount.large")},
		"nothing":                       {rule(1, 100, pos.RoundDown, 0), 0, 0, pos.Refuse("amount.positive")},
		"less than nothing":             {rule(1, 100, pos.RoundDown, 0), -1, 0, pos.Refuse("amount.positive")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Earn(tt.rule, tt.amount, 20_000)
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			if tt.want == 0 {
				require.Empty(t, got)
				return
			}
			require.Equal(t, []pos.Posting{{Account: pos.PointsAccount, Amount: tt.want}}, got)
		})
	}
}

// Points are the exact fraction, rounded once: down never gives more, up never
// less, nearest is off by a half at most and goes up there.
func TestEarnRoundsTheExactFractionOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		earn := rapid.Int64Range(1, 1_000_000).Draw(t, "earn")
		per := rapid.Int64Range(1, int64(pos.MaxSale)).Draw(t, "per")
		if rapid.Bool().Draw(t, "small unit") {
			per = per%1000 + 1
		}
		amount := rapid.Int64Range(1, int64(pos.MaxSale)).Draw(t, "amount")
		exact := new(big.Rat).Mul(big.NewRat(earn, per), big.NewRat(amount, 1))
		half := big.NewRat(1, 2)
		for mode, in := range map[pos.Rounding]func(points *big.Rat) bool{
			pos.RoundDown: func(points *big.Rat) bool {
				rest := new(big.Rat).Sub(exact, points)
				return rest.Sign() >= 0 && rest.Cmp(big.NewRat(1, 1)) < 0
			},
			pos.RoundUp: func(points *big.Rat) bool {
				more := new(big.Rat).Sub(points, exact)
				return more.Sign() >= 0 && more.Cmp(big.NewRat(1, 1)) < 0
			},
			pos.RoundNearest: func(points *big.Rat) bool {
				more := new(big.Rat).Sub(points, exact)
				return more.Cmp(half) <= 0 && more.Cmp(new(big.Rat).Neg(half)) > 0
			},
		} {
			postings, err := rules.Earn(rule(earn, pos.Money(per), mode, 0), pos.Money(amount), 20_000)
			require.NoError(t, err)
			points := int64(0)
			for _, p := range postings {
				points += p.Amount
			}
			require.True(t, in(big.NewRat(points, 1)), "%s of %s is %d", mode, exact, points)
		}
	})
}

func TestLotOfAnEarn(t *testing.T) {
	tests := map[string]struct {
		months      int
		sale, until string
	}{
		"a year, in the middle of a month": {12, "2026-11-22", "2027-12-01"},
		"a year, on the first":             {12, "2026-11-01", "2027-12-01"},
		"a year, on the last":              {12, "2026-11-30", "2027-12-01"},
		"a month, at the end of January":   {1, "2026-01-31", "2026-03-01"},
		"a month, over the year":           {1, "2026-12-31", "2027-02-01"},
		"a year from 29 February":          {12, "2028-02-29", "2029-03-01"},
		"a hundred years":                  {1200, "2026-11-22", "2126-12-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Earn(rule(1, 100, pos.RoundDown, tt.months), 500, day(t, tt.sale))
			require.NoError(t, err)
			require.Equal(t, pos.Lot{Until: day(t, tt.until)}, got[0].Lot)
		})
	}
}

// Points hold for the full months promised, and less than one more; all of one
// month are in one lot, so a member has few of them.
func TestLotsAreMonths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sale := pos.Day(rapid.IntRange(1, 40_000).Draw(t, "day"))
		months := rapid.IntRange(1, 1200).Draw(t, "months")
		lotOn := func(day pos.Day) pos.Lot {
			postings, err := rules.Earn(rule(1, 100, pos.RoundDown, months), 500, day)
			require.NoError(t, err)
			return postings[0].Lot
		}
		lot := lotOn(sale)
		require.Equal(t, 1, lot.Until.Midnight().Day())
		require.True(t, lot.Until > sale.AddMonths(months))
		require.True(t, lot.Until <= sale.AddMonths(months+1))
		next := lotOn(sale + 1)
		require.Equal(t, (sale+1).Midnight().Day() != 1, next == lot)
	})
}

var program = pos.Program{
	Cards:  []pos.Card{coffee},
	Points: &pos.PointsRule{Earn: 1, Per: 100},
	Rewards: []pos.RewardRule{
		{ID: "cup", Name: "Free cup", Card: "coffee"},
		{ID: "cake", Name: "Cake", Points: 50},
	},
}

func held(stamps, points int64) ledger.Sums {
	var sums ledger.Sums
	for _, s := range []ledger.Sum{{Account: coffee.Account(), Amount: stamps}, {Account: pos.PointsAccount, Lot: pos.Lot{Until: 100}, Amount: points}} {
		if s.Amount != 0 {
			sums = append(ledger.Sums{s}, sums...)
		}
	}
	return sums
}

func TestRedeem(t *testing.T) {
	tests := map[string]struct {
		reward  string
		known   ledger.Sums
		day     pos.Day
		want    []pos.Posting
		problem string
		missing int64
	}{
		"a full card":            {"cup", held(10, 0), 5, []pos.Posting{{Account: "stamp:coffee/10", Amount: -10}}, "", 0},
		"more than a card":       {"cup", held(12, 0), 5, []pos.Posting{{Account: "stamp:coffee/10", Amount: -10}}, "", 0},
		"one stamp short":        {"cup", held(9, 0), 5, nil, "redeem.stamps", 1},
		"no stamps":              {"cup", nil, 5, nil, "redeem.stamps", 10},
		"a deficit of stamps":    {"cup", held(-3, 0), 5, nil, "redeem.stamps", 13},
		"just enough points":     {"cake", held(0, 50), 5, []pos.Posting{{Account: "points", Lot: pos.Lot{Until: 100}, Amount: -50}}, "", 0},
		"one point short":        {"cake", held(0, 49), 5, nil, "redeem.points", 1},
		"a deficit of points":    {"cake", held(0, -5), 5, nil, "redeem.points", 55},
		"points that have ended": {"cake", held(0, 50), 100, nil, "redeem.points", 50},
		"two lots, the sooner first": {
			"cake",
			ledger.Sums{{Account: "points", Lot: pos.Lot{Until: 50}, Amount: 20}, {Account: "points", Lot: pos.Lot{Until: 100}, Amount: 40}},
			5,
			[]pos.Posting{{Account: "points", Lot: pos.Lot{Until: 50}, Amount: -20}, {Account: "points", Lot: pos.Lot{Until: 100}, Amount: -30}},
			"", 0,
		},
		"a deficit is netted": {
			"cake",
			ledger.Sums{{Account: "points", Lot: pos.Lot{Until: 100}, Amount: 60}, {Account: "points", Amount: -20}},
			5,
			nil, "redeem.points", 10,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			reward, ok := program.Reward(tt.reward)
			require.True(t, ok)
			got, by, err := rules.Redeem(program, reward, rules.Knowledge{Sums: tt.known}, tt.day)
			require.Equal(t, tt.want, got)
			require.Nil(t, by, "the balance alone allows it")
			if tt.problem == "" {
				require.NoError(t, err)
				return
			}
			var problem *pos.Problem
			require.ErrorAs(t, err, &problem)
			require.Equal(t, pos.Refuse(tt.problem, "reward", reward.Name, "n", tt.missing), problem)
		})
	}
}

func TestRewards(t *testing.T) {
	tests := map[string]struct {
		known                                  ledger.Sums
		cups, cupMissing, cakes, pointsMissing int64
	}{
		"nothing yet":      {nil, 0, 10, 0, 50},
		"some of each":     {held(9, 49), 0, 1, 0, 1},
		"just one of each": {held(10, 50), 1, 0, 1, 0},
		"several":          {held(35, 149), 3, 0, 2, 0},
		"deficits":         {held(-3, -5), 0, 13, 0, 55},
		"larger deficits":  {held(-23, -105), 0, 33, 0, 155},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, []rules.Reward{
				{Rule: program.Rewards[0], Ready: tt.cups, Missing: tt.cupMissing},
				{Rule: program.Rewards[1], Ready: tt.cakes, Missing: tt.pointsMissing},
			}, rules.Rewards(program, tt.known, 5))
		})
	}
}

// A reward is ready as often as it can be redeemed, one after the other.
func TestReadyIsHowOftenItCanBeRedeemed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := held(rapid.Int64Range(-5, 60).Draw(t, "stamps"), rapid.Int64Range(-20, 300).Draw(t, "points"))
		for i, rule := range program.Rewards {
			left := sums
			for range rules.Rewards(program, sums, 5)[i].Ready {
				postings, _, err := rules.Redeem(program, rule, rules.Knowledge{Sums: left}, 5)
				require.NoError(t, err)
				left, err = left.AddAll(postings)
				require.NoError(t, err)
			}
			_, _, err := rules.Redeem(program, rule, rules.Knowledge{Sums: left}, 5)
			require.Error(t, err)
		}
	})
}

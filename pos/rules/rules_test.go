package rules_test

import (
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

var program = pos.Program{
	Cards:  []pos.Card{coffee},
	Points: &pos.PointsRule{Earn: 1, For: pos.Amount{Minor: 100}},
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
			got, by, err := redeem(program, reward, rules.Knowledge{Sums: tt.known}, tt.day)
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
			}, rules.Rewards(&program, tt.known, 5, noFacts))
		})
	}
}

// A reward is ready as often as it can be redeemed, one after the other.
func TestReadyIsHowOftenItCanBeRedeemed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := held(rapid.Int64Range(-5, 60).Draw(t, "stamps"), rapid.Int64Range(-20, 300).Draw(t, "points"))
		for i, rule := range program.Rewards {
			left := sums
			for range rules.Rewards(&program, sums, 5, noFacts)[i].Ready {
				postings, _, err := redeem(program, rule, rules.Knowledge{Sums: left}, 5)
				require.NoError(t, err)
				left, err = left.AddAll(postings)
				require.NoError(t, err)
			}
			_, _, err := redeem(program, rule, rules.Knowledge{Sums: left}, 5)
			require.Error(t, err)
		}
	})
}

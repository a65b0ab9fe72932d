package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// span is a lot from the first day until the other.
func span(from, until pos.Day) pos.Lot { return pos.Lot{From: from, Until: until} }

func TestRunOfActivity(t *testing.T) {
	type lots []pos.Lot
	tests := map[string]struct {
		active lots
		day    pos.Day
		begins pos.Day // of the run that the day is in; 0 is none
		ends   pos.Day // of the run that began on day 10; 0 is none
	}{
		"none":                                 {lots{}, 12, 0, 0},
		"one":                                  {lots{span(10, 30)}, 12, 10, 30},
		"its last day":                         {lots{span(10, 30)}, 29, 10, 30},
		"the day after":                        {lots{span(10, 30)}, 30, 0, 30},
		"the day before":                       {lots{span(10, 30)}, 9, 0, 30},
		"more activity":                        {lots{span(10, 30), span(10, 50)}, 40, 10, 50},
		"two tills that did not know":          {lots{span(10, 30), span(25, 45)}, 40, 10, 45},
		"the other's began sooner":             {lots{span(5, 30), span(10, 45)}, 40, 5, 45},
		"the other's was over before that":     {lots{span(5, 10), span(10, 45)}, 40, 10, 45},
		"over when the next begins":            {lots{span(10, 30), span(30, 50)}, 40, 30, 30},
		"three in a row":                       {lots{span(10, 30), span(29, 50), span(49, 70)}, 60, 10, 70},
		"one that spans the others":            {lots{span(10, 20), span(15, 90), span(30, 40)}, 60, 10, 90},
		"one that spans two that do not touch": {lots{span(10, 20), span(30, 40), span(15, 35)}, 38, 10, 40},
		"a run that began long after":          {lots{span(10, 20), span(30, 40)}, 35, 30, 20},
		"only later":                           {lots{span(30, 40)}, 20, 0, 0},
		"the same that began another day":      {lots{span(9, 40)}, 20, 9, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var sums ledger.Sums
			for _, lot := range tt.active {
				sums = add(t, sums, []pos.Posting{{Account: ledger.ActivityOf(points), Lot: lot, Amount: 1}})
			}
			require.Equal(t, tt.begins, sums.Run(points, tt.day))
			require.Equal(t, span(10, tt.ends), sums.Bounds(points, pos.Lot{From: 10}))
			require.Zero(t, sums.Run("credit", tt.day), "another account's")
		})
	}
}

// What a run does not end: lots with an end or without a beginning of their own,
// other accounts, grants; and activity that was taken away again is none.
func TestWhatNoRunEnds(t *testing.T) {
	sums := ledger.Sums{{Account: "active:points", Lot: span(10, 30), Amount: 1}, {Account: "active:points", Lot: span(11, 40), Amount: -1}}
	for name, tt := range map[string]struct {
		account pos.Account
		lot     pos.Lot
	}{
		"without bounds":            {points, pos.Lot{}},
		"with an end":               {points, span(10, 20)},
		"that began on another day": {points, span(9, 0)},
		"whose activity was undone": {points, span(11, 0)},
		"another account's":         {"credit", span(10, 0)},
		"a grant":                   {"tier:gold", span(10, 0)},
		"the activity's own":        {"active:points", span(10, 0)},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.lot, sums.Bounds(tt.account, tt.lot)) })
	}
}

// Two tills without a line begin a run each, or go on with one that they think goes
// on. However they do, what was given is there until nothing has happened for the
// whole time, counted by all activity; then it is gone. Ten days are the time.
func TestTillsThatDoNotKnowOfEachOthersActivity(t *testing.T) {
	const idle = 10
	rapid.Check(t, func(t *rapid.T) {
		var tills [2]ledger.Sums
		var all ledger.Sums
		var days []pos.Day
		given, day := int64(0), pos.Day(5)
		for range rapid.IntRange(1, 12).Draw(t, "visits") {
			day += pos.Day(rapid.IntRange(0, idle+2).Draw(t, "days later"))
			if len(days) > 0 && day-days[len(days)-1] >= idle {
				given = 0 // nothing for too long: all is gone
			}
			till := rapid.IntRange(0, 1).Draw(t, "till")
			first := tills[till].Run(points, day)
			if first == 0 {
				first = day
			}
			postings := []pos.Posting{
				{Account: points, Lot: pos.Lot{From: first}, Amount: 3},
				{Account: ledger.ActivityOf(points), Lot: span(first, day+idle), Amount: 1},
			}
			given += 3
			all, tills[till] = add(t, all, postings), add(t, tills[till], postings)
			days = append(days, day)
			if rapid.IntRange(0, 3).Draw(t, "line") == 0 {
				published, err := all.Published(day, nil)
				require.NoError(t, err)
				tills = [2]ledger.Sums{published, published}
			}
		}
		for later := day; later <= day+idle; later++ {
			want := given
			if later == day+idle {
				want = 0
			}
			require.Equal(t, want, all.Balance(points, later), "visits on %v, day %d", days, later)
			published, err := all.Published(later, nil)
			require.NoError(t, err)
			require.Equal(t, want, published.Balance(points, later))
			if want == 0 {
				require.Empty(t, published, "nothing is left to tell")
			}
		}
	})
}

// Ten years of activity every day are few lots for a till to hear of.
func TestActivityIsToldInFewLots(t *testing.T) {
	var sums ledger.Sums
	for day := pos.Day(20_000); day < 20_000+3650; day++ {
		lot := pos.Lot{From: 20_000, Until: pos.FirstOf(pos.Gregorian, day, 13)}
		sums = add(t, sums, []pos.Posting{{Account: ledger.ActivityOf(points), Lot: lot, Amount: 1}, {Account: points, Lot: pos.Lot{From: 20_000}, Amount: 1}})
		if day%500 == 0 {
			published, err := sums.Published(day, nil)
			require.NoError(t, err)
			require.LessOrEqual(t, len(published), 14)
			require.Equal(t, sums.Balance(points, day), published.Balance(points, day))
		}
	}
}

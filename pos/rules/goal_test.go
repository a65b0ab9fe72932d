package rules_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

func goal(text string) string {
	return pointPerEuro + cakeAndSpa + "[[goal]]\nid = 'g'\ngift.voucher = 'cake'\n" + text + "\n"
}

func items(ids ...string) pos.Sale {
	sale := pos.Sale{}
	for _, id := range ids {
		sale.Lines = append(sale.Lines, pos.Line{Item: id, Quantity: 1, Price: 250})
	}
	return sale
}

func TestGoals(t *testing.T) {
	visit := func(s *shopper) { s.spend(100) }
	tests := map[string]struct {
		goal  string
		do    func(*shopper)
		cakes []int64 // after each
	}{
		"every third visit":        {"target = 3\nevery = true", visit, []int64{0, 0, 1, 1, 1, 2, 2}},
		"the third visit":          {"target = 3", visit, []int64{0, 0, 1, 1, 1, 1, 1}},
		"every fifth cup":          {"count = 'units'\ntarget = 5\nevery = true\nwhen.items = ['cup']", func(s *shopper) { s.buy(items("cup", "cup", "bun")) }, []int64{0, 0, 1, 1, 2}},
		"several at once":          {"count = 'spend'\ntarget = '10.00'\nevery = true", func(s *shopper) { s.spend(2500) }, []int64{2, 5, 7}},
		"several at once, no more": {"count = 'spend'\ntarget = '10.00'", func(s *shopper) { s.spend(2500) }, []int64{1, 1, 1}},
		"points earned":            {"count = 'points'\ntarget = 50", func(s *shopper) { s.spend(2500) }, []int64{0, 1, 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, goal(tt.goal)), "2026-03-10")
			for i, want := range tt.cakes {
				tt.do(s)
				require.Equal(t, want, s.has("reward:cake"), "after %d", i+1)
			}
		})
	}
}

// What counts in a window is over with it, and may be reached again.
func TestWindowsOfGoals(t *testing.T) {
	tests := map[string][2]string{ // the last day and the first of the next
		"week":  {"2026-03-15", "2026-03-16"},
		"month": {"2026-03-31", "2026-04-01"},
		"year":  {"2026-12-31", "2027-01-01"},
	}
	for window, days := range tests {
		t.Run(window, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, goal("target = 2\nwindow = '"+window+"'")), "2026-03-10")
			s.spend(100)
			s.on(days[0]).spend(100)
			require.EqualValues(t, 1, s.has("reward:cake"))
			s.on(days[1]).spend(100)
			require.EqualValues(t, 1, s.has("reward:cake"))
			s.spend(100)
			require.EqualValues(t, 2, s.has("reward:cake"))
		})
	}
}

func TestChallenge(t *testing.T) {
	s := newShopper(t, ruledBy(t, goal("count = 'different'\ntarget = 3\nwindow = 'month'\nwhen.items = ['latte', 'mocha', 'espresso', 'tea']")), "2026-03-10")
	look := func() (have, target int64) { g := rules.Goals(s.p, s.sums, s.day)[0]; return g.Have, g.Target }
	s.buy(items("latte", "latte", "bun"))
	s.buy(items("latte"))
	have, target := look()
	require.Equal(t, []int64{1, 3}, []int64{have, target})
	s.buy(items("tea", "mocha"))
	require.EqualValues(t, 1, s.has("reward:cake"))
	s.buy(items("espresso"))
	require.EqualValues(t, 1, s.has("reward:cake"))
	have, target = look()
	require.Equal(t, []int64{4, 0}, []int64{have, target})
	s.on("2026-04-01")
	have, target = look()
	require.Equal(t, []int64{0, 3}, []int64{have, target})
}

// What reaches a goal may be undone, or something before it. The gift is given
// again, and never twice.
func TestGoalsAndUndo(t *testing.T) {
	s := newShopper(t, ruledBy(t, goal("target = 3")), "2026-03-10")
	first := s.spend(100)
	s.spend(100)
	reached := s.spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"))
	s.undo(first)
	s.spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"), "not twice")
	s.undo(reached)
	require.Zero(t, s.has("reward:cake"))
	s.spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"), "again")
	s.spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"))
}

// However sales come and go, as soon as one comes the member has the gifts for the
// count that is left, or those that were given for what was taken back since.
func TestGiftsFollowTheCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target := rapid.Int64Range(1, 4).Draw(t, "target")
		every := rapid.Bool().Draw(t, "every")
		s := newShopper(t, ruledBy(t, goal(fmt.Sprintf("target = %d\nevery = %v", target, every))), "2026-03-10")
		var booked []rules.Decision
		most := int64(0) // that the count ever came to
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if len(booked) > 0 && rapid.IntRange(0, 2).Draw(t, "undo") == 0 {
				at := rapid.IntRange(0, len(booked)-1).Draw(t, "which")
				s.undo(booked[at])
				booked = append(booked[:at:at], booked[at+1:]...)
				continue
			}
			booked = append(booked, s.spend(100))
			due := int64(len(booked)) / target
			most = max(most, due)
			if !every {
				due, most = min(due, 1), min(most, 1)
			}
			require.GreaterOrEqual(t, s.has("reward:cake"), due)
			require.LessOrEqual(t, s.has("reward:cake"), most)
		}
	})
}

// A message for a balance: only the highest threshold that is passed, each time
// that it is passed.
func TestBalanceGoals(t *testing.T) {
	t.Run("ODOO-SALE-021", func(t *testing.T) {
		p := ruledBy(t, pointPerEuro+"[[goal]]\nid = 'hundred'\ncount = 'balance'\ntarget = 100\n[[goal]]\nid = 'fifty'\ncount = 'balance'\ntarget = 50\n")
		s := newShopper(t, p, "2026-03-10")
		var sent [][]string
		for _, balance := range []int64{50, 99, 100, 0, 100} {
			var messages []string
			if add := balance - s.has("points"); add > 0 {
				for _, because := range s.spend(add * 100).Because {
					if because.Key == "why.goal.balance" {
						messages = append(messages, because.Rule)
					}
				}
			} else {
				var err error
				s.sums, err = s.sums.Add("points", pos.Lot{}, add)
				require.NoError(t, err)
			}
			sent = append(sent, messages)
		}
		require.Equal(t, [][]string{{"fifty"}, nil, {"hundred"}, nil, {"hundred"}}, sent)
	})
}

func TestStreaks(t *testing.T) {
	tests := map[string]struct {
		goal  string
		days  []string
		cakes []int64
	}{
		"three weeks in a row": {
			"target = 3",
			[]string{"2026-03-10", "2026-03-12", "2026-03-16", "2026-03-29", "2026-03-30"},
			[]int64{0, 0, 0, 1, 1},
		},
		"a week left out": {
			"target = 3",
			[]string{"2026-03-10", "2026-03-16", "2026-03-30", "2026-04-06", "2026-04-13", "2026-04-14"},
			[]int64{0, 0, 0, 0, 1, 1},
		},
		"every second week": {
			"target = 2\nevery = true",
			[]string{"2026-03-10", "2026-03-16", "2026-03-23", "2026-03-30", "2026-03-30", "2026-05-30"},
			[]int64{0, 1, 1, 2, 2, 2},
		},
		"months": {
			"target = 3\nwindow = 'month'",
			[]string{"2025-12-31", "2026-01-31", "2026-02-01", "2026-03-01", "2026-05-01"},
			[]int64{0, 0, 1, 1, 1},
		},
		"one week": {"target = 1", []string{"2026-03-10", "2026-03-11", "2026-03-16", "2026-03-30"}, []int64{1, 1, 1, 2}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, goal("count = 'streak'\n"+tt.goal)), "2026-03-10")
			for i, on := range tt.days {
				s.on(on).spend(100)
				require.Equal(t, tt.cakes[i], s.has("reward:cake"), on)
			}
		})
	}
}

func TestStreakOfManyMonths(t *testing.T) {
	s := newShopper(t, ruledBy(t, goal("count = 'streak'\nwindow = 'month'\ntarget = 60\nevery = true")), "2026-01-31")
	for n := range int64(60 * 4) {
		s.spend(100)
		require.Equal(t, n+1, rules.Goals(s.p, s.sums, s.day)[0].Have)
		s.day = s.day.AddMonths(1)
	}
	require.EqualValues(t, 4, s.has("reward:cake"))
	live := 0
	for _, sum := range s.sums {
		if sum.Account == "count:g" && !sum.Lot.Ended(s.day) {
			live++
		}
	}
	require.LessOrEqual(t, live, 2, "of a streak two lots hold at most")
}

func TestStreakAndUndo(t *testing.T) {
	s := newShopper(t, ruledBy(t, goal("count = 'streak'\ntarget = 2")), "2026-03-10")
	look := func() (have, target int64) { g := rules.Goals(s.p, s.sums, s.day)[0]; return g.Have, g.Target }
	s.spend(100)
	first := s.on("2026-03-17").spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"))
	s.undo(first)
	require.Zero(t, s.has("reward:cake"))
	have, target := look()
	require.Equal(t, []int64{1, 2}, []int64{have, target}, "this week is still to come")
	s.spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"))
	have, target = look()
	require.Equal(t, []int64{2, 0}, []int64{have, target})
	have, target = func() (int64, int64) { s.on("2026-04-20"); return look() }()
	require.Equal(t, []int64{0, 2}, []int64{have, target}, "the next streak may have it again")
}

func TestGoalProgress(t *testing.T) {
	s := newShopper(t, ruledBy(t, goal("target = 3\nevery = true")), "2026-03-10")
	for range 4 {
		s.spend(100)
	}
	require.Equal(t, []rules.GoalProgress{{Goal: s.p.Goals[0], Have: 4, Target: 6}}, rules.Goals(s.p, s.sums, s.day))
}

// A goal that is about points also counts those of an event.
func TestPointsOfEventsCount(t *testing.T) {
	s := newShopper(t, ruledBy(t, goal("count = 'points'\ntarget = 50")+"[[event]]\nid = 'review'\ngift.points = 50\n"), "2026-03-10")
	ask := s.ask()
	ask.Event = "review"
	s.book(rules.Happen(s.p, ask))
	require.EqualValues(t, 1, s.has("reward:cake"))
}

// What a goal gives counts for no goal, so that none feeds another.
func TestGiftsDoNotCount(t *testing.T) {
	s := newShopper(t, ruledBy(t, pointPerEuro+"[tiers]\nby = 'points'\n[[tier]]\nid = 'one'\nfrom = 100\n"+
		"[[goal]]\nid = 'a'\ntarget = 1\nevery = true\ngift.points = 100\n[[goal]]\nid = 'b'\ncount = 'points'\ntarget = 100\ngift.badge = 'rich'\n"), "2026-03-10")
	s.spend(100)
	require.EqualValues(t, 101, s.has("points"))
	require.Zero(t, s.has("badge:rich"))
	require.Equal(t, "", s.tier())
}

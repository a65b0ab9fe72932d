package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

const gym = pointPerEuro + cakeAndSpa + "[[plan]]\nid = 'gym'\nname = 'Gym'\nprice = '31.00'\nmonths = 1\nvouchers = ['spa']\n"

func (s *shopper) membership() (from, until string) {
	for _, sum := range s.sums {
		if sum.Account == "plan:gym" && sum.Amount > 0 && !sum.Lot.Ended(s.day) {
			return sum.Lot.From.String(), sum.Lot.Until.String()
		}
	}
	return "", ""
}

func TestJoinPlan(t *testing.T) {
	s := newShopper(t, ruledBy(t, gym), "2026-01-31")
	d := s.book(rules.JoinPlan(s.p, s.ask(), "gym"))
	require.Equal(t, []string{"why.plan.joined"}, keysOf(d))
	require.EqualValues(t, 1, s.has("plan:gym"))
	require.EqualValues(t, 1, s.has("reward:spa"))
	_, until := s.membership()
	require.Equal(t, "2026-02-28", until, "a month is never longer than the month")

	d = s.on("2026-02-10").book(rules.JoinPlan(s.p, s.ask(), "gym"))
	require.Equal(t, []string{"why.plan.renewed"}, keysOf(d))
	_, until = s.membership()
	require.Equal(t, "2026-03-28", until)
	require.EqualValues(t, 1, s.has("plan:gym"), "one membership, longer")
	require.EqualValues(t, 2, s.has("reward:spa"), "with each term")

	s.undo(d)
	_, until = s.membership()
	require.Equal(t, "2026-02-28", until)
	s.on("2026-02-28")
	require.Zero(t, s.has("plan:gym"))
	s.book(rules.JoinPlan(s.p, s.ask(), "gym"))
	_, until = s.membership()
	require.Equal(t, "2026-03-28", until)

	_, err := rules.JoinPlan(s.p, s.ask(), "pool")
	requireRefusal(t, err, "plan.unknown")
}

func TestPauseAndResume(t *testing.T) {
	s := newShopper(t, ruledBy(t, gym), "2026-03-01")
	pause := func(days int64) (rules.Decision, error) {
		ask := s.ask()
		ask.Count = days
		return rules.PausePlan(s.p, ask, "gym")
	}
	_, err := pause(10)
	requireRefusal(t, err, "plan.none")
	s.book(rules.JoinPlan(s.p, s.ask(), "gym"))
	for _, days := range []int64{0, -1, rules.MaxPause + 1} {
		_, err = pause(days)
		requireRefusal(t, err, "plan.days")
	}
	_, err = rules.ResumePlan(s.p, s.ask(), "gym")
	requireRefusal(t, err, "plan.running")

	s.on("2026-03-11").book(pause(10))
	from, until := s.membership()
	require.Equal(t, []string{"2026-03-21", "2026-04-11"}, []string{from, until})
	require.Zero(t, s.has("plan:gym"))
	_, err = pause(10)
	requireRefusal(t, err, "plan.paused")
	_, err = rules.JoinPlan(s.p, s.ask(), "gym")
	requireRefusal(t, err, "plan.paused")

	paused := s.sums
	s.on("2026-03-14").book(rules.ResumePlan(s.p, s.ask(), "gym"))
	from, until = s.membership()
	require.Equal(t, []string{"", "2026-04-04"}, []string{from, until}, "three days of rest, three more at the end")

	s.sums = paused
	s.on("2026-03-21")
	require.EqualValues(t, 1, s.has("plan:gym"), "it goes on by itself")
	s.book(pause(5))
	from, until = s.membership()
	require.Equal(t, []string{"2026-03-26", "2026-04-16"}, []string{from, until})
	s.on("2026-03-26").book(rules.JoinPlan(s.p, s.ask(), "gym"))
	_, until = s.membership()
	require.Equal(t, "2026-05-16", until)
	s.book(rules.CancelPlan(s.p, s.ask(), "gym"))
	require.Zero(t, s.has("plan:gym"))
	for _, sum := range s.sums {
		require.NotEqual(t, pos.Account("plan:gym"), sum.Account, "no lot is left over")
	}
}

func TestCancelPlan(t *testing.T) {
	tests := map[string]struct {
		terms  int
		joined string
		pause  int64 // days, the day after joining
		on     string
		want   pos.Money
	}{
		"the same day":           {1, "2026-03-10", 0, "2026-03-10", 3000},
		"after a third":          {1, "2026-03-10", 0, "2026-03-20", 2000},
		"the last day":           {1, "2026-03-10", 0, "2026-04-09", 0},
		"rounded down":           {1, "2026-02-10", 0, "2026-03-02", 775}, // 7 of 28 days
		"two terms":              {2, "2026-03-10", 0, "2026-03-20", 2000 + 3100},
		"the second of two":      {2, "2026-03-10", 0, "2026-04-24", 1550}, // 15 of 30 days
		"while it rests":         {1, "2026-03-10", 20, "2026-03-20", 3000},
		"after it has rested":    {1, "2026-03-10", 5, "2026-03-25", 2000},
		"joined on the last day": {1, "2026-01-31", 0, "2026-02-26", 100},  // the terms that end then have up to 31 days
		"joined on a leap day":   {1, "2028-02-29", 0, "2028-03-15", 1389}, // 13 of 29
		"many terms":             {12, "2026-03-10", 0, "2026-03-10", 3000 + 11*3100},
		"the day after":          {1, "2026-03-10", 0, "2026-03-11", 2900},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, gym), tt.joined)
			for range tt.terms {
				s.book(rules.JoinPlan(s.p, s.ask(), "gym"))
			}
			if tt.pause > 0 {
				s.day++
				ask := s.ask()
				ask.Count = tt.pause
				s.book(rules.PausePlan(s.p, ask, "gym"))
			}
			d := s.on(tt.on).book(rules.CancelPlan(s.p, s.ask(), "gym"))
			require.Equal(t, tt.want, d.Refund())
			require.Equal(t, []string{"why.plan.cancelled"}, keysOf(d))
			_, until := s.membership()
			require.Empty(t, until)
			_, err := rules.CancelPlan(s.p, s.ask(), "gym")
			requireRefusal(t, err, "plan.none")
		})
	}
}

// What comes back is never more than was paid, never less than nothing, and less
// with every day.
func TestRefundsOfPlans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShopper(t, ruledBy(t, gym), "2026-01-01")
		s.day += pos.Day(rapid.IntRange(0, 800).Draw(t, "day"))
		terms := rapid.IntRange(1, 4).Draw(t, "terms")
		for range terms {
			s.book(rules.JoinPlan(s.p, s.ask(), "gym"))
		}
		before := pos.Money(3100 * terms)
		for s.has("plan:gym") > 0 {
			d, err := rules.CancelPlan(s.p, s.ask(), "gym")
			require.NoError(t, err)
			require.Less(t, d.Refund(), before)
			require.GreaterOrEqual(t, d.Refund(), pos.Money(0))
			before = max(d.Refund(), 1)
			s.day++
		}
	})
}

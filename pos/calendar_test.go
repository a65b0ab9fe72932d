package pos_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func TestJalali(t *testing.T) {
	tests := map[string]struct {
		gregorian        string
		year, month, day int
	}{
		"new year 1404":                    {"2025-03-21", 1404, 1, 1},
		"the day before, in a leap year":   {"2025-03-20", 1403, 12, 30},
		"new year 1405":                    {"2026-03-21", 1405, 1, 1},
		"the day before, in a common year": {"2026-03-20", 1404, 12, 29},
		"new year 1400":                    {"2021-03-21", 1400, 1, 1},
		"the last day of 31":               {"2025-09-22", 1404, 6, 31},
		"the first month of 30":            {"2025-09-23", 1404, 7, 1},
		"22 Bahman 1357":                   {"1979-02-11", 1357, 11, 22},
		"the first day of 1970":            {"1970-01-01", 1348, 10, 11},
		"the first year of the calendar":   {"1925-03-21", 1304, 1, 1},
		"a new year on 20 March":           {"2096-03-20", 1475, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			at := day(t, tt.gregorian)
			year, month, dayOfMonth := at.Jalali()
			require.Equal(t, [3]int{tt.year, tt.month, tt.day}, [3]int{year, month, dayOfMonth})
			require.Equal(t, at, pos.JalaliDay(tt.year, tt.month, tt.day))
		})
	}
}

// breaks are the years in which the rhythm of leap years changes, by Borkowski's
// table, which follows the equinox itself.
var breaks = []int{-61, 9, 38, 199, 426, 686, 756, 818, 1111, 1181, 1210, 1635, 2060}

// newYearByTable returns the day of March on which the year begins, by that table.
func newYearByTable(year int) int {
	leaps, before := -14, breaks[0]
	for _, next := range breaks[1:] {
		jump := next - before
		if year >= next {
			leaps += jump/33*8 + jump%33/4
			before = next
			continue
		}
		n := year - before
		leaps += n/33*8 + (n%33+3)/4
		if jump%33 == 4 && jump-n == 4 {
			leaps++
		}
		break
	}
	gregorian := year + 621
	return 20 + leaps - (gregorian/4 - (gregorian/100+1)*3/4 - 150)
}

func TestJalaliLeapYears(t *testing.T) {
	leap := func(year int) bool { return pos.JalaliDay(year+1, 1, 1)-pos.JalaliDay(year, 1, 1) == 366 }
	for year := 1397; year <= 1423; year++ {
		require.Equal(t, slices.Contains([]int{1399, 1403, 1408, 1412, 1416, 1420}, year), leap(year), year)
	}
}

// Where the calendar is said to be exact, each year begins with the table's.
func TestJalaliNewYears(t *testing.T) {
	for year := 1178; year <= 1633; year++ {
		want := time.Date(year+621, time.March, newYearByTable(year), 0, 0, 0, 0, time.UTC)
		require.Equal(t, want, pos.JalaliDay(year, 1, 1).Midnight(), year)
	}
}

// Every day of two hundred years has a date of its own, the one after the day
// before's, and is the day of its date.
func TestEveryJalaliDay(t *testing.T) {
	year, month, dayOfMonth := 1299, 12, 29
	for d := pos.JalaliDay(1300, 1, 1); d < pos.JalaliDay(1501, 1, 1); d++ {
		y, m, n := d.Jalali()
		require.Equal(t, d, pos.JalaliDay(y, m, n))
		switch {
		case n > 1:
			require.Equal(t, [3]int{year, month, dayOfMonth + 1}, [3]int{y, m, n})
		case m > 1:
			require.Equal(t, [2]int{year, month + 1}, [2]int{y, m})
			require.Equal(t, 30+min(1, max(0, 7-month)), dayOfMonth)
		default:
			require.Equal(t, year+1, y)
			require.Equal(t, 12, month)
			require.GreaterOrEqual(t, dayOfMonth, 29)
			require.Contains(t, []int{19, 20, 21, 22}, d.Midnight().Day())
			require.Equal(t, time.March, d.Midnight().Month())
		}
		year, month, dayOfMonth = y, m, n
	}
}

func TestEndsOfMonthsAndYears(t *testing.T) {
	tests := map[string]struct{ calendar, day, month, quarter, year string }{
		"the middle of a month":             {pos.Gregorian, "2026-11-22", "2026-12-01", "2027-01-01", "2027-01-01"},
		"the first day of a year":           {pos.Gregorian, "2026-01-01", "2026-02-01", "2026-04-01", "2027-01-01"},
		"the last":                          {pos.Gregorian, "2026-12-31", "2027-01-01", "2027-01-01", "2027-01-01"},
		"29 February":                       {pos.Gregorian, "2028-02-29", "2028-03-01", "2028-04-01", "2029-01-01"},
		"Jalali, the first of a year":       {pos.Jalali, "2025-03-21", "2025-04-21", "2025-06-22", "2026-03-21"},
		"Jalali, 30 Esfand":                 {pos.Jalali, "2025-03-20", "2025-03-21", "2025-03-21", "2025-03-21"},
		"Jalali, 31 Shahrivar":              {pos.Jalali, "2025-09-22", "2025-09-23", "2025-09-23", "2026-03-21"},
		"Jalali, the middle of autumn":      {pos.Jalali, "2026-11-22", "2026-12-22", "2026-12-22", "2027-03-21"},
		"Jalali, 29 Esfand of no leap year": {pos.Jalali, "2026-03-20", "2026-03-21", "2026-03-21", "2026-03-21"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			at := day(t, tt.day)
			require.Equal(t, tt.month, pos.FirstOf(tt.calendar, at, 1).String())
			require.Equal(t, tt.quarter, pos.NewQuarter(tt.calendar, at).String())
			require.Equal(t, tt.year, pos.NewYear(tt.calendar, at).String())
		})
	}
}

// The month after next begins where the next one ends, twelve of them are a year,
// and no day is in two.
func TestMonthsFollowEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := pos.Day(rapid.IntRange(1, 60_000).Draw(t, "day"))
		calendar := rapid.SampledFrom([]string{pos.Gregorian, pos.Jalali}).Draw(t, "calendar")
		n := rapid.IntRange(0, 1200).Draw(t, "months")
		first := pos.FirstOf(calendar, at, 0)
		require.True(t, first <= at && at < pos.FirstOf(calendar, at, 1))
		require.Equal(t, pos.FirstOf(calendar, at, n+1), pos.FirstOf(calendar, pos.FirstOf(calendar, at, n), 1))
		require.Equal(t, pos.FirstOf(calendar, at, n), pos.FirstOf(calendar, pos.FirstOf(calendar, at, n+1)-1, 0))
		year := pos.NewYear(calendar, at)
		require.True(t, at < year && year-at <= 366)
		require.Equal(t, year, pos.FirstOf(calendar, year, 0))
		require.Equal(t, pos.FirstOf(calendar, year, 12), pos.NewYear(calendar, year))
		monday := pos.NextMonday(at)
		require.Equal(t, time.Monday, monday.Midnight().Weekday())
		require.True(t, at < monday && monday-at <= 7)
	})
}

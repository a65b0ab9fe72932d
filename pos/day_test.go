package pos_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	at, err := time.LoadLocation(name)
	require.NoError(t, err)
	return at
}

func day(t testing.TB, text string) pos.Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return pos.DayOf(at, time.UTC)
}

func TestDayOf(t *testing.T) {
	tests := map[string]struct{ at, zone, want string }{
		"noon":                            {"2026-11-22T12:00:00Z", "UTC", "2026-11-22"},
		"the last millisecond of a day":   {"2026-11-22T23:59:59.999Z", "UTC", "2026-11-22"},
		"its first":                       {"2026-11-22T00:00:00Z", "UTC", "2026-11-22"},
		"east, tomorrow already":          {"2026-11-22T22:59:59Z", "Europe/Budapest", "2026-11-22"},
		"east, a second later":            {"2026-11-22T23:00:00Z", "Europe/Budapest", "2026-11-23"},
		"summer time":                     {"2026-07-01T22:00:00Z", "Europe/Budapest", "2026-07-02"},
		"half an hour off":                {"2026-11-22T20:30:00Z", "Asia/Tehran", "2026-11-23"},
		"west, still yesterday":           {"2026-11-22T04:59:59Z", "America/New_York", "2026-11-21"},
		"14 hours ahead":                  {"2026-11-22T10:00:00Z", "Pacific/Kiritimati", "2026-11-23"},
		"no midnight on that day":         {"2024-04-26T00:00:00Z", "Africa/Cairo", "2024-04-26"},
		"before 1970":                     {"1969-12-31T23:59:59Z", "UTC", "1969-12-31"},
		"29 February":                     {"2028-02-29T12:00:00Z", "UTC", "2028-02-29"},
		"not a leap year, by the century": {"2100-03-01T00:00:00Z", "UTC", "2100-03-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339Nano, tt.at)
			require.NoError(t, err)
			require.Equal(t, tt.want, pos.DayOf(at, zone(t, tt.zone)).String())
		})
	}
}

// Days follow each other without gap or overlap, also where one of them has 23
// hours (the last Sunday of March) or 25 (that of October).
func TestDaysOfSummerTime(t *testing.T) {
	budapest := zone(t, "Europe/Budapest")
	for _, tt := range []struct {
		name  string
		month time.Month
		day   int
		hours int
	}{
		{"the day that clocks go forward", time.March, 29, 23},
		{"a day of 24 hours", time.March, 30, 24},
		{"the day that clocks go back", time.October, 25, 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin := time.Date(2026, tt.month, tt.day, 0, 0, 0, 0, budapest)
			today := pos.DayOf(begin, budapest)
			require.Equal(t, begin.Format(time.DateOnly), today.String())
			require.Equal(t, today-1, pos.DayOf(begin.Add(-time.Millisecond), budapest))
			for hour := range tt.hours {
				require.Equal(t, today, pos.DayOf(begin.Add(time.Duration(hour)*time.Hour), budapest), "hour %d", hour)
			}
			end := begin.Add(time.Duration(tt.hours) * time.Hour)
			require.Equal(t, today, pos.DayOf(end.Add(-time.Millisecond), budapest))
			require.Equal(t, today+1, pos.DayOf(end, budapest))
		})
	}
}

func TestAddMonths(t *testing.T) {
	tests := map[string]struct {
		from string
		n    int
		want string
	}{
		"the same day":                  {"2026-11-22", 1, "2026-12-22"},
		"over the end of the year":      {"2026-11-22", 2, "2027-01-22"},
		"none":                          {"2026-11-22", 0, "2026-11-22"},
		"a shorter month":               {"2026-01-31", 1, "2026-02-28"},
		"a shorter month, leap year":    {"2028-01-31", 1, "2028-02-29"},
		"29 February in a common year":  {"2028-02-29", 12, "2029-02-28"},
		"29 February in a leap year":    {"2028-02-29", 48, "2032-02-29"},
		"1900 and 2100 are no such":     {"2096-02-29", 48, "2100-02-28"},
		"the end of a month of 30 days": {"2026-03-31", 1, "2026-04-30"},
		"not stuck on the shorter day":  {"2026-02-28", 1, "2026-03-28"},
		"backwards":                     {"2026-03-31", -1, "2026-02-28"},
		"a hundred years":               {"2026-11-30", 1200, "2126-11-30"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, day(t, tt.from).AddMonths(tt.n).String())
		})
	}
}

// n months later is in the nth month after, and on the same day or on that
// month's last.
func TestAddMonthsLandsInTheRightMonth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := pos.Day(rapid.IntRange(1, 40_000).Draw(t, "day"))
		n := rapid.IntRange(0, 1200).Draw(t, "months")
		later := from.AddMonths(n)
		year, month, before := from.Midnight().Date()
		gotYear, gotMonth, after := later.Midnight().Date()
		require.Equal(t, year*12+int(month)+n, gotYear*12+int(gotMonth))
		if after != before {
			require.Less(t, after, before)
			require.Equal(t, 1, (later + 1).Midnight().Day(), "not the last of the month")
		}
	})
}

func TestDayAsText(t *testing.T) {
	require.Empty(t, pos.Day(0).String())
	require.Equal(t, "1970-01-02", pos.Day(1).String())
	text, err := day(t, "2026-11-22").MarshalText()
	require.NoError(t, err)
	require.Equal(t, "2026-11-22", string(text))
}

package pos

import "time"

// Day is a day of the shop's calendar, counted from 1970-01-01. The zero Day
// means "no such day": a lot without a beginning or an end.
type Day int32

// DayOf returns the day it is in the zone at the instant.
func DayOf(at time.Time, zone *time.Location) Day {
	year, month, day := at.In(zone).Date()
	return dayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func dayOf(midnight time.Time) Day { return Day(midnight.Unix() / (24 * 60 * 60)) }

// Midnight returns the day's first instant in UTC. It is a calendar date, not
// the moment the shop's day began.
func (d Day) Midnight() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// String returns the day as 2006-01-02, or "" for the zero Day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.Midnight().Format(time.DateOnly)
}

// MarshalText returns what String returns.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// AddMonths returns the same day of the month n months later, or that month's
// last day where it is shorter: 31 January and one month is 28 or 29 February.
func (d Day) AddMonths(n int) Day {
	year, month, day := d.Midnight().Date()
	last := time.Date(year, month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	return dayOf(time.Date(last.Year(), last.Month(), min(day, last.Day()), 0, 0, 0, 0, time.UTC))
}

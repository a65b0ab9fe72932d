package pos

// The calendars whose months and years a program's rules mean.
const (
	Gregorian = "gregorian"
	Jalali    = "jalali" // Iran's: the year begins in spring, on 1 Farvardin
)

// FirstOf returns the first day of the month n months after the day's, by the
// calendar; one that is not Jalali is Gregorian.
func FirstOf(calendar string, day Day, n int) Day {
	if calendar != Jalali {
		first := Day(int(day) - day.Midnight().Day() + 1)
		return first.AddMonths(n)
	}
	year, month, _ := day.Jalali()
	months := year*12 + month - 1 + n
	return JalaliDay(months/12, months%12+1, 1)
}

// NewYear returns the first day of the year after the day's, by the calendar.
func NewYear(calendar string, day Day) Day {
	return FirstOf(calendar, day, 13-monthOf(calendar, day))
}

// NewQuarter returns the first day of the quarter after the day's, by the
// calendar: quarters are the three months from the first, fourth, seventh and
// tenth.
func NewQuarter(calendar string, day Day) Day {
	return FirstOf(calendar, day, 3-(monthOf(calendar, day)-1)%3)
}

// NextMonday returns the first Monday after the day, which begins a week in every
// calendar.
func NextMonday(day Day) Day {
	return day + Day(7-(int(day.Midnight().Weekday())+6)%7)
}

// monthOf returns the month of the day, from 1.
func monthOf(calendar string, day Day) int {
	if calendar != Jalali {
		return int(day.Midnight().Month())
	}
	_, month, _ := day.Jalali()
	return month
}

// A Jalali year has 12 months: six of 31 days, five of 30 and one of 29, or 30 in
// a leap year. 8 of 33 years are leap years. That is exactly Iran's calendar from
// 1178 to 1633 (1799 to 2254); outside of that it is now and then a day off.
const (
	jalaliCycle     = 33*365 + 8 // days of 33 years
	jalaliEpoch Day = -492_633   // 1 Farvardin of the year 0
)

// jalaliYear returns the first day of the year.
func jalaliYear(year int) Day { return jalaliEpoch + Day(365*year+(8*year+21)/33) }

// JalaliDay returns the day of the Jalali year (from 0), month (1 to 12) and day of
// the month (1 to 31).
func JalaliDay(year, month, day int) Day {
	return jalaliYear(year) + Day(31*(month-1)-max(month-7, 0)+day-1)
}

// Jalali returns the day's Jalali year, month and day of the month.
func (d Day) Jalali() (year, month, day int) {
	year = int(d-jalaliEpoch) * 33 / jalaliCycle
	if jalaliYear(year+1) <= d { // a leap year made the guess one too low; it is never too high
		year++
	}
	day = int(d - jalaliYear(year))
	if month = day / 31; month >= 6 {
		month = 6 + (day-6*31)/30
	}
	return year, month + 1, int(d-JalaliDay(year, month+1, 1)) + 1
}

package assets

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"tenthcup/pos"
)

// Birthdays are kept by the Gregorian calendar and without a year, so the Persian
// calendar needs one to be read by: 1404, which begins as most years do, on 21 March.
// A birthday is therefore marked a day late in the year after a leap year.
const (
	birthdayYear = 1404
	leapDay      = 30 // the last of Esfand, which 1404 does not have
)

// Birthday returns the day and month as people of the language type them: "02-29",
// by the Persian calendar "۱۲/۱۰". It is "" where there is none.
func (p *Printer) Birthday(b pos.Birthday) string {
	if !p.habits.rightToLeft || b == (pos.Birthday{}) {
		return b.String()
	}
	day := pos.DayOf(time.Date(2025, time.Month(b.Month), b.Day, 0, 0, 0, 0, time.UTC), time.UTC)
	if day < pos.JalaliDay(birthdayYear, 1, 1) {
		day = pos.DayOf(time.Date(2026, time.Month(b.Month), b.Day, 0, 0, 0, 0, time.UTC), time.UTC)
	}
	_, month, dayOfMonth := day.Jalali()
	return p.digits(fmt.Sprintf("%02d/%02d", month, dayOfMonth))
}

// ReadBirthday reads what Birthday returns, with any digits.
func (p *Printer) ReadBirthday(text string) (pos.Birthday, error) {
	if !p.habits.rightToLeft {
		return pos.ParseBirthday(pos.ASCIIDigits(text))
	}
	parts := strings.FieldsFunc(pos.ASCIIDigits(text), func(r rune) bool { return strings.ContainsRune("/-. ", r) })
	refused := pos.Refuse("member.jalali", "text", text)
	if len(parts) != 2 {
		return pos.Birthday{}, refused
	}
	month, err := strconv.Atoi(parts[0])
	dayOfMonth, wrong := strconv.Atoi(parts[1])
	if err != nil || wrong != nil || month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > 31 || month > 6 && dayOfMonth > leapDay {
		return pos.Birthday{}, refused
	}
	if month == 12 && dayOfMonth == leapDay {
		dayOfMonth--
	}
	at := pos.JalaliDay(birthdayYear, month, dayOfMonth).Midnight()
	return pos.Birthday{Month: int(at.Month()), Day: at.Day()}, nil
}

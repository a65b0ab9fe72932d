package assets

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"tenthcup/pos"
)

// habits are how a language writes numbers and days. golang.org/x/text still
// carries the CLDR of 2017, which prices forints in hundredths; hence our own few
// lines.
type habits struct {
	decimal     rune
	group       string
	typed       string // signs that people type between groups of digits
	minGroup    int    // fewest digits that are grouped
	symbol      bool   // the currency's symbol stands before the number
	comma       string // between the parts of a list
	months      string // short names, all of one length; "": days are written in figures
	rightToLeft bool   // Persian, with its own digits and calendar
}

// minusLeft begins a negative number where text runs from right to left: the mark
// keeps the sign before the digits, wherever the number is read.
const minusLeft = "\u200e-"

func habitsOf(language string) habits {
	switch language {
	case "hu":
		return habits{decimal: ',', group: "\u00a0", typed: " \u00a0\u202f", comma: ",", minGroup: 5}
	case "fa":
		return habits{decimal: '٫', group: "٬", typed: "٬,،", comma: "،", minGroup: 4, rightToLeft: true}
	case "ms":
		return habits{decimal: '.', group: ",", typed: ",", comma: ",", minGroup: 4, symbol: true, months: "Jan Feb Mac Apr Mei Jun Jul Ogo Sep Okt Nov Dis"}
	}
	return habits{decimal: '.', group: ",", typed: ",", comma: ",", minGroup: 4, symbol: true, months: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"}
}

// RightToLeft reports whether the language is read from right to left.
func (p *Printer) RightToLeft() bool { return p.habits.rightToLeft }

// digits writes a number as the language does: with its own digits.
func (p *Printer) digits(text string) string {
	if !p.habits.rightToLeft {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '۰'
		}
		return r
	}, text)
}

func (p *Printer) minus() string {
	if p.habits.rightToLeft {
		return minusLeft
	}
	return "-"
}

// Number returns a whole number with its digits grouped.
func (p *Printer) Number(n int64) string {
	sign, digits := "", strconv.FormatInt(n, 10)
	if n < 0 {
		sign, digits = p.minus(), digits[1:]
	}
	return sign + p.digits(p.grouped(digits))
}

func (p *Printer) grouped(digits string) string {
	if len(digits) < p.habits.minGroup {
		return digits
	}
	first := (len(digits)-1)%3 + 1
	var text strings.Builder
	text.WriteString(digits[:first])
	for ; first < len(digits); first += 3 {
		text.WriteString(p.habits.group + digits[first:first+3])
	}
	return text.String()
}

// Money returns an amount of the shop's currency with its symbol.
func (p *Printer) Money(amount pos.Money) string {
	sign, digits := "", strconv.FormatInt(int64(amount), 10)
	if amount < 0 {
		sign, digits = p.minus(), digits[1:]
	}
	exponent := p.currency.Exponent
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	text := p.grouped(digits[:len(digits)-exponent])
	if exponent > 0 {
		text += string(p.habits.decimal) + digits[len(digits)-exponent:]
	}
	text = p.digits(text)
	symbol := p.currency.Symbol
	if !p.habits.symbol {
		return sign + text + "\u00a0" + symbol
	}
	if last, _ := utf8.DecodeLastRuneInString(symbol); unicode.IsLetter(last) {
		symbol += "\u00a0" // "RM 5.00", but "S$5.00"
	}
	return sign + symbol + text
}

// Amount reads an amount of the shop's currency as people type it: with digits of
// their own or ours, a decimal point or the language's sign, and signs between
// groups of three digits. The errors are those of pos.Currency.Parse.
func (p *Printer) Amount(text string) (pos.Money, error) {
	text = strings.TrimSpace(text)
	whole, part := text, ""
	if i := strings.IndexAny(text, "."+string(p.habits.decimal)); i >= 0 {
		whole, part = text[:i], text[i:]
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return strings.ContainsRune(p.habits.typed, r) })
	for i, group := range groups {
		if digits := utf8.RuneCountInString(group); i > 0 && digits != 3 || i == 0 && len(groups) > 1 && digits > 3 {
			return 0, pos.ErrNotAmount
		}
	}
	return p.currency.Parse(pos.ASCIIDigits(strings.Join(groups, "")+part), p.habits.decimal)
}

// Clock returns the time of day in the shop's zone, "14:05": always five cells.
func (p *Printer) Clock(at time.Time) string { return p.digits(at.In(p.zone).Format("15:04")) }

// Hour returns the full hour as the clock shows it, "14:00".
func (p *Printer) Hour(hour int) string { return p.digits(fmt.Sprintf("%02d:00", hour)) }

// Moment returns the day and the time of day in the shop's zone.
func (p *Printer) Moment(at time.Time) string { return p.DateAt(at) + " " + p.Clock(at) }

// DateAt returns the day it is in the shop's zone at the instant.
func (p *Printer) DateAt(at time.Time) string { return p.Date(pos.DayOf(at, p.zone)) }

// DateCells is the most cells that a Date takes. All dates of one language take
// as many, so that they stand in a column.
const DateCells = 11

// Date returns the day as the language writes it: "22 Nov 2026", "2026.11.22.", by
// the Persian calendar "۱۴۰۵/۰۹/۰۱". The zero Day is "".
func (p *Printer) Date(day pos.Day) string {
	if day == 0 {
		return ""
	}
	if p.habits.rightToLeft {
		year, month, dayOfMonth := day.Jalali()
		return p.digits(fmt.Sprintf("%04d/%02d/%02d", year, month, dayOfMonth))
	}
	year, month, dayOfMonth := day.Midnight().Date()
	if p.habits.months == "" {
		return fmt.Sprintf("%04d.%02d.%02d.", year, month, dayOfMonth)
	}
	return fmt.Sprintf("%02d %s %04d", dayOfMonth, strings.Fields(p.habits.months)[month-1], year)
}

// Month returns the month that the day is in: "Nov 2026", "2026.11.", "۱۴۰۵/۰۹".
func (p *Printer) Month(day pos.Day) string {
	date := p.Date(day)
	switch {
	case date == "":
		return ""
	case p.habits.months != "":
		return date[len("22 "):]
	case p.habits.rightToLeft:
		return date[:len("۱۴۰۵/۰۹")]
	}
	return date[:len("2026.11.")]
}

// ShortDateAt is DateAt without the year: "22 Nov", "11.22.", "۰۹/۰۱".
func (p *Printer) ShortDateAt(at time.Time) string {
	date := p.DateAt(at)
	switch {
	case p.habits.months != "":
		return date[:len("22 Nov")]
	case p.habits.rightToLeft:
		return date[len("۱۴۰۵/"):]
	}
	return date[len("2026."):]
}

// Order returns a function that compares names as the language's dictionaries do:
// Cz before Cs in Hungarian, Persian letters in their order. It belongs to one
// goroutine.
func (p *Printer) Order() func(a, b string) int {
	tag := p.tag
	if tag == language.Malay {
		tag = language.English // the same letters in the same order
	}
	return collate.New(tag, collate.IgnoreCase).CompareString
}

package pos

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Ratio is a positive fraction as a document writes one: 2, 1.5 or "3/2". The
// zero Ratio is one that is left out.
type Ratio struct{ Num, Den int64 }

// maxRatio bounds both numbers, so that a sale's amount times one fits int64.
const maxRatio = 1_000_000

// UnmarshalTOML reads a number as UnmarshalText does, with or without quotes.
func (r *Ratio) UnmarshalTOML(value []byte) error {
	return r.UnmarshalText(bytes.Trim(value, `"'`))
}

// UnmarshalText reads 2, 1.5 or 3/2. It refuses with doc.number.
func (r *Ratio) UnmarshalText(text []byte) error {
	refused := Refuse("doc.number", "text", CleanName(string(text)), "most", int64(maxRatio))
	over, under, isFraction := strings.Cut(string(text), "/")
	if !isFraction {
		whole, part, _ := strings.Cut(over, ".")
		over, under = whole+part, "1"+strings.Repeat("0", len(part))
	}
	num, err := strconv.ParseUint(strings.TrimSpace(over), 10, 63)
	if err != nil {
		return refused
	}
	den, err := strconv.ParseUint(strings.TrimSpace(under), 10, 63)
	if err != nil || den == 0 {
		return refused
	}
	common := gcd(num, den)
	num, den = num/common, den/common
	if num > maxRatio || den > maxRatio {
		return refused
	}
	r.Num, r.Den = int64(num), int64(den)
	return nil
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, 1)
}

// Given reports whether the document has it.
func (r Ratio) Given() bool { return r.Den != 0 }

// String returns the shortest way to write it.
func (r Ratio) String() string {
	switch {
	case !r.Given():
		return ""
	case r.Den == 1:
		return strconv.FormatInt(r.Num, 10)
	case 1_000_000%r.Den == 0:
		return strconv.FormatFloat(float64(r.Num)/float64(r.Den), 'f', -1, 64)
	}
	return fmt.Sprintf("%d/%d", r.Num, r.Den)
}

// Amount is an amount of the shop's currency as a document writes one: "2.50",
// 2.50 or 400. Text is "" where it is left out.
type Amount struct {
	Text  string
	Minor Money // set when the currency is known
}

// UnmarshalText keeps the text.
func (a *Amount) UnmarshalText(text []byte) error {
	a.Text = string(text)
	return nil
}

// Given reports whether the document has it.
func (a Amount) Given() bool { return a.Text != "" }

// resolve reads the text in the currency; one that is left out stays 0.
func (a *Amount) resolve(path string, currency Currency) error {
	if !a.Given() {
		return nil
	}
	minor, err := currency.Parse(a.Text, '.')
	if err != nil {
		return wrong(path, "doc.amount", "text", CleanName(a.Text), "currency", currency.Code, "unit", currency.Unit)
	}
	a.Minor = minor
	return nil
}

// UnmarshalTOML reads a day as UnmarshalText does, with or without quotes. It is no
// number of a day.
func (d *Day) UnmarshalTOML(value []byte) error {
	return d.UnmarshalText(bytes.Trim(value, `"'`))
}

// UnmarshalText reads a day as 2006-01-02. It refuses with doc.day: there is no 30
// February.
func (d *Day) UnmarshalText(text []byte) error {
	day, err := time.Parse(time.DateOnly, string(text))
	if err != nil || day.Year() < 1971 || day.Year() > 9000 {
		return Refuse("doc.day", "text", CleanName(string(text)))
	}
	*d = dayOf(day)
	return nil
}

// Limits say how often or how much, by the shop's calendar. 0 is no limit.
type Limits struct {
	Sale  int64 `toml:"per_sale"`
	Day   int64 `toml:"per_day"`
	Week  int64 `toml:"per_week"` // from Monday
	Month int64 `toml:"per_month"`
	Year  int64 `toml:"per_year"`
	Total int64 `toml:"in_all"`
}

// Any reports whether there is a limit.
func (l Limits) Any() bool { return l != Limits{} }

func (l Limits) check(path string) error {
	for _, limit := range []int64{l.Sale, l.Day, l.Week, l.Month, l.Year, l.Total} {
		if limit < 0 || limit > math.MaxInt32 {
			return wrong(path, "doc.range", "n", limit, "least", int64(0), "most", int64(math.MaxInt32))
		}
	}
	return nil
}

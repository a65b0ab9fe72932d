package pos

import (
	"errors"
	"math"
	"strings"
)

// Money is an amount in the minor units of the shop's currency: cents for EUR,
// whole forints for HUF. Signed.
type Money int64

// Points is a number of loyalty points. Signed: an earn is positive.
type Points int64

// MaxSale is the largest amount of one sale, in minor units. It is far above any
// sale at a counter and far below what overflows.
const MaxSale Money = 1_000_000_000_000

// Currency is how money is counted and written where it is used.
type Currency struct {
	Code     string // ISO 4217
	Exponent int    // digits after the decimal point, as people use them
	Symbol   string
	Country  string // where a phone number without a country code belongs, or ""
	Unit     string // a sum that buys a small thing; presets give a point for it
}

// currencies is our own table: ISO 4217 says two digits for HUF and IRR, which no
// shop has used for decades; CLDR and every price tag say none.
var currencies = []Currency{
	{"EUR", 2, "€", "", "1"},
	{"USD", 2, "$", "US", "1"},
	{"GBP", 2, "£", "GB", "1"},
	{"CHF", 2, "CHF", "CH", "1"},
	{"HUF", 0, "Ft", "HU", "400"},
	{"MYR", 2, "RM", "MY", "5"},
	{"SGD", 2, "S$", "SG", "1"},
	{"IRR", 0, "ریال", "IR", "500000"},
	{"PLN", 2, "zł", "PL", "5"},
	{"CZK", 2, "Kč", "CZ", "25"},
	{"RON", 2, "lei", "RO", "5"},
	{"SEK", 2, "kr", "SE", "10"},
	{"NOK", 2, "kr", "NO", "10"},
	{"DKK", 2, "kr", "DK", "7"},
	{"CAD", 2, "$", "CA", "1"},
	{"AUD", 2, "$", "AU", "1"},
	{"NZD", 2, "$", "NZ", "1"},
	{"JPY", 0, "¥", "JP", "100"},
	{"KRW", 0, "₩", "KR", "1000"},
	{"INR", 2, "₹", "IN", "50"},
	{"TRY", 2, "₺", "TR", "30"},
	{"AED", 2, "AED", "AE", "4"},
	{"BRL", 2, "R$", "BR", "5"},
	{"ZAR", 2, "R", "ZA", "15"},
}

// CurrencyOf returns the currency with the ISO 4217 code, in any case.
func CurrencyOf(code string) (Currency, bool) {
	for _, c := range currencies {
		if strings.EqualFold(c.Code, code) {
			return c, true
		}
	}
	return Currency{}, false
}

// Reasons why text is not an amount.
var (
	ErrNotAmount  = errors.New("not an amount")
	ErrTooLarge   = errors.New("amount too large")
	ErrTooPrecise = errors.New("more digits than the currency has")
)

// Parse reads an amount as a person types it: ASCII digits with an optional
// decimal part behind the language's separator; a point is always accepted too.
// It never guesses: a group separator, a sign or a letter is ErrNotAmount.
func (c Currency) Parse(text string, separator rune) (Money, error) {
	whole, part, hasPart := strings.Cut(strings.Replace(strings.TrimSpace(text), string(separator), ".", 1), ".")
	if whole == "" && part == "" || hasPart && part == "" || !digits(whole) || !digits(part) {
		return 0, ErrNotAmount
	}
	if len(part) > c.Exponent {
		return 0, ErrTooPrecise
	}
	amount := Money(0)
	for _, digit := range whole + part + strings.Repeat("0", c.Exponent-len(part)) {
		if amount > (math.MaxInt64-9)/10 {
			return 0, ErrTooLarge
		}
		amount = amount*10 + Money(digit-'0')
	}
	if amount > MaxSale {
		return 0, ErrTooLarge
	}
	return amount, nil
}

func digits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}

package pos_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/currency"

	"tenthcup/pos"
)

func money(t testing.TB, code string) pos.Currency {
	t.Helper()
	c, ok := pos.CurrencyOf(code)
	require.True(t, ok, code)
	return c
}

func TestParseMoney(t *testing.T) {
	tests := map[string]struct {
		currency  string
		text      string
		separator rune
		want      pos.Money
		err       error
	}{
		"a whole amount":                          {"EUR", "12", '.', 1200, nil},
		"cents":                                   {"EUR", "12.34", '.', 1234, nil},
		"one decimal":                             {"EUR", "12.5", '.', 1250, nil},
		"no whole part":                           {"EUR", ".5", '.', 50, nil},
		"zeros in front":                          {"EUR", "0012.50", '.', 1250, nil},
		"a comma where it is the separator":       {"EUR", "1,5", ',', 150, nil},
		"a point where a comma is the separator":  {"EUR", "1.5", ',', 150, nil},
		"a Persian separator":                     {"EUR", "1٫5", '٫', 150, nil},
		"a comma where a point is the separator":  {"EUR", "1,5", '.', 0, pos.ErrNotAmount},
		"grouped, comma as separator":             {"EUR", "1.234,5", ',', 0, pos.ErrNotAmount},
		"grouped, point as separator":             {"EUR", "1,234.5", '.', 0, pos.ErrNotAmount},
		"grouped the English way, comma language": {"EUR", "1,234.5", ',', 0, pos.ErrNotAmount},
		"grouped with a space":                    {"EUR", "1 234", '.', 0, pos.ErrNotAmount},
		"thousands that look like decimals":       {"EUR", "1.234", ',', 0, pos.ErrTooPrecise},
		"two separators":                          {"EUR", "1.2.3", '.', 0, pos.ErrNotAmount},
		"two different separators":                {"EUR", "1,2,3", ',', 0, pos.ErrNotAmount},
		"spaces around":                           {"EUR", " 12.50\t", '.', 1250, nil},
		"nothing":                                 {"EUR", "", '.', 0, pos.ErrNotAmount},
		"only a separator":                        {"EUR", ".", '.', 0, pos.ErrNotAmount},
		"nothing behind the separator":            {"EUR", "12.", '.', 0, pos.ErrNotAmount},
		"letters":                                 {"EUR", "12a", '.', 0, pos.ErrNotAmount},
		"a member code":                           {"EUR", "TC123456789ABC", '.', 0, pos.ErrNotAmount},
		"an exponent":                             {"EUR", "1e3", '.', 0, pos.ErrNotAmount},
		"hexadecimal":                             {"EUR", "0x10", '.', 0, pos.ErrNotAmount},
		"a minus":                                 {"EUR", "-5", '.', 0, pos.ErrNotAmount},
		"a plus":                                  {"EUR", "+5", '.', 0, pos.ErrNotAmount},
		"a currency sign":                         {"EUR", "5€", '.', 0, pos.ErrNotAmount},
		"Persian digits are the caller's to fold": {"EUR", "۵", '.', 0, pos.ErrNotAmount},
		"nought":                                  {"EUR", "0", '.', 0, nil},
		"too precise":                             {"EUR", "1.005", '.', 0, pos.ErrTooPrecise},
		"the largest sale":                        {"EUR", "10000000000.00", '.', pos.MaxSale, nil},
		"one cent more":                           {"EUR", "10000000000.01", '.', 0, pos.ErrTooLarge},
		"beyond int64":                            {"EUR", strings.Repeat("9", 40), '.', 0, pos.ErrTooLarge},
		"just beyond int64":                       {"EUR", "92233720368547758.08", '.', 0, pos.ErrTooLarge},
		"many zeros in front":                     {"EUR", strings.Repeat("0", 40) + "7", '.', 700, nil},
		"forints have no decimals":                {"HUF", "1990", ',', 1990, nil},
		"forints with decimals":                   {"HUF", "1990,50", ',', 0, pos.ErrTooPrecise},
		"forints with a nought for decimals":      {"HUF", "1990,0", ',', 0, pos.ErrTooPrecise},
		"the largest sale in forints":             {"HUF", "1000000000000", ',', pos.MaxSale, nil},
		"rials":                                   {"IRR", "500000", '.', 500_000, nil},
		"ringgit":                                 {"MYR", "5.05", '.', 505, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := money(t, tt.currency).Parse(tt.text, tt.separator)
			require.ErrorIs(t, err, tt.err)
			require.Equal(t, tt.want, got)
		})
	}
}

// Every currency exists, by its ISO code, and its small sum is an amount of it.
func TestCurrencies(t *testing.T) {
	for _, code := range []string{
		"EUR", "USD", "GBP", "CHF", "HUF", "MYR", "SGD", "IRR", "PLN", "CZK", "RON", "SEK",
		"NOK", "DKK", "CAD", "AUD", "NZD", "JPY", "KRW", "INR", "TRY", "AED", "BRL", "ZAR",
	} {
		c := money(t, strings.ToLower(code))
		require.Equal(t, code, c.Code)
		unit, err := currency.ParseISO(code)
		require.NoError(t, err)
		require.NotEmpty(t, c.Symbol)
		iso, _ := currency.Standard.Rounding(unit)
		if code == "HUF" || code == "IRR" {
			iso = 0 // what shops do, whatever the standard says
		}
		require.Equal(t, iso, c.Exponent, code)
		amount, err := c.Parse(c.Unit, '.')
		require.NoError(t, err, code)
		require.Positive(t, amount, code)
	}
	_, ok := pos.CurrencyOf("XXX")
	require.False(t, ok)
	_, ok = pos.CurrencyOf("")
	require.False(t, ok)
}

// printed is an amount as a person would type it.
func printed(amount pos.Money, exponent int, separator rune) string {
	digits := fmt.Sprintf("%0*d", exponent+1, amount)
	if exponent == 0 {
		return digits
	}
	return digits[:len(digits)-exponent] + string(separator) + digits[len(digits)-exponent:]
}

// Whatever is typed is an amount within the limits or one of the three reasons,
// and every amount is read back from its printed form.
func FuzzParseMoney(f *testing.F) {
	for _, seed := range []string{"0", "12.50", "1,5", "1.234,5", "-5", "", "999999999999999999999", "۵", "1e9", " 7 ", "10000000000.00"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		separator := '.'
		if comma {
			separator = ','
		}
		for _, code := range []string{"EUR", "HUF"} {
			c := money(t, code)
			amount, err := c.Parse(text, separator)
			if err != nil {
				require.Zero(t, amount)
				require.Contains(t, []error{pos.ErrNotAmount, pos.ErrTooLarge, pos.ErrTooPrecise}, err)
				continue
			}
			require.GreaterOrEqual(t, amount, pos.Money(0))
			require.LessOrEqual(t, amount, pos.MaxSale)
			again, err := c.Parse(printed(amount, c.Exponent, separator), separator)
			require.NoError(t, err)
			require.Equal(t, amount, again)
			typed := strings.Replace(strings.TrimSpace(text), string(separator), ".", 1)
			float, err := strconv.ParseFloat(typed, 64)
			require.NoError(t, err, "what strconv does not read is no number")
			for range c.Exponent {
				float *= 10
			}
			require.InDelta(t, float, float64(amount), 0.01)
		}
	})
}

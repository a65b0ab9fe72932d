package assets_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
)

func printer(t *testing.T, language, code string) *assets.Printer {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Kuala_Lumpur")
	require.NoError(t, err)
	p, err := assets.NewPrinter(language, currency(t, code), zone)
	require.NoError(t, err)
	return p
}

// plain makes no-break spaces visible, which look like others in a failure.
func plain(text string) string { return strings.ReplaceAll(text, "\u00a0", "_") }

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		n          int64
		en, hu, ms string
	}{
		{0, "0", "0", "0"},
		{7, "7", "7", "7"},
		{-7, "-7", "-7", "-7"},
		{999, "999", "999", "999"},
		{1000, "1,000", "1000", "1,000"},
		{-1000, "-1,000", "-1000", "-1,000"},
		{12345, "12,345", "12_345", "12,345"},
		{100000, "100,000", "100_000", "100,000"},
		{1234567, "1,234,567", "1_234_567", "1,234,567"},
		{-1234567, "-1,234,567", "-1_234_567", "-1,234,567"},
		{math.MaxInt64, "9,223,372,036,854,775,807", "9_223_372_036_854_775_807", "9,223,372,036,854,775,807"},
		{math.MinInt64, "-9,223,372,036,854,775,808", "-9_223_372_036_854_775_808", "-9,223,372,036,854,775,808"},
	} {
		t.Run(fmt.Sprint(tt.n), func(t *testing.T) {
			require.Equal(t, tt.en, plain(printer(t, "en", "EUR").Number(tt.n)))
			require.Equal(t, tt.hu, plain(printer(t, "hu", "EUR").Number(tt.n)))
			require.Equal(t, tt.ms, plain(printer(t, "ms", "EUR").Number(tt.n)))
		})
	}
}

func TestMoney(t *testing.T) {
	for _, tt := range []struct {
		currency   string
		amount     pos.Money
		en, hu, ms string
	}{
		{"EUR", 0, "€0.00", "0,00_€", "€0.00"},
		{"EUR", 5, "€0.05", "0,05_€", "€0.05"},
		{"EUR", -5, "-€0.05", "-0,05_€", "-€0.05"},
		{"EUR", 50, "€0.50", "0,50_€", "€0.50"},
		{"EUR", 1250, "€12.50", "12,50_€", "€12.50"},
		{"EUR", -123456, "-€1,234.56", "-1234,56_€", "-€1,234.56"},
		{"EUR", 1234567, "€12,345.67", "12_345,67_€", "€12,345.67"},
		{"EUR", math.MinInt64, "-€92,233,720,368,547,758.08", "-92_233_720_368_547_758,08_€", "-€92,233,720,368,547,758.08"},
		{"HUF", 0, "Ft_0", "0_Ft", "Ft_0"},
		{"HUF", 1500, "Ft_1,500", "1500_Ft", "Ft_1,500"},
		{"HUF", -15000, "-Ft_15,000", "-15_000_Ft", "-Ft_15,000"},
		{"MYR", 500, "RM_5.00", "5,00_RM", "RM_5.00"},
		{"MYR", -99, "-RM_0.99", "-0,99_RM", "-RM_0.99"},
		{"SGD", 500, "S$5.00", "5,00_S$", "S$5.00"},
		{"ZAR", 500, "R_5.00", "5,00_R", "R_5.00"},
		{"JPY", 1000, "¥1,000", "1000_¥", "¥1,000"},
	} {
		t.Run(fmt.Sprint(tt.currency, tt.amount), func(t *testing.T) {
			require.Equal(t, tt.en, plain(printer(t, "en", tt.currency).Money(tt.amount)))
			require.Equal(t, tt.hu, plain(printer(t, "hu", tt.currency).Money(tt.amount)))
			require.Equal(t, tt.ms, plain(printer(t, "ms", tt.currency).Money(tt.amount)))
		})
	}
}

// What a language prints as the decimal separator can be typed back.
func TestDecimal(t *testing.T) {
	for language, want := range map[string]rune{"en": '.', "ms": '.', "hu": ','} {
		p := printer(t, language, "EUR")
		require.Equal(t, want, p.Decimal())
		typed := strings.Trim(p.Money(1250), "€\u00a0")
		amount, err := p.Currency().Parse(typed, p.Decimal())
		require.NoError(t, err)
		require.Equal(t, pos.Money(1250), amount)
	}
}

func TestPlurals(t *testing.T) {
	for _, tt := range []struct {
		n          any
		en, hu, ms string
	}{
		{0, "0 points", "0 pont", "0 mata"},
		{1, "1 point", "1 pont", "1 mata"},
		{int64(1), "1 point", "1 pont", "1 mata"},
		{pos.Points(1), "1 point", "1 pont", "1 mata"},
		{-1, "-1 point", "-1 pont", "-1 mata"},
		{2, "2 points", "2 pont", "2 mata"},
		{11, "11 points", "11 pont", "11 mata"},
		{21, "21 points", "21 pont", "21 mata"},
		{10_000_001, "10,000,001 points", "10_000_001 pont", "10,000,001 mata"},
		{-10_000_001, "-10,000,001 points", "-10_000_001 pont", "-10,000,001 mata"},
		{int64(math.MinInt64), "-9,223,372,036,854,775,808 points", "-9_223_372_036_854_775_808 pont", "-9,223,372,036,854,775,808 mata"},
		{"1", "1 points", "1 pont", "1 mata"}, // a text is no number to choose by
	} {
		t.Run(fmt.Sprintf("%T %v", tt.n, tt.n), func(t *testing.T) {
			require.Equal(t, tt.en, plain(printer(t, "en", "EUR").T("show.points", "n", tt.n)))
			require.Equal(t, tt.hu, plain(printer(t, "hu", "EUR").T("show.points", "n", tt.n)))
			require.Equal(t, tt.ms, plain(printer(t, "ms", "EUR").T("show.points", "n", tt.n)))
		})
	}
}

func TestValues(t *testing.T) {
	at := time.Date(2026, 1, 31, 17, 5, 0, 0, time.UTC) // already tomorrow in Kuala Lumpur
	p := printer(t, "en", "EUR")
	for _, tt := range []struct {
		value any
		want  string
	}{
		{"Ödön", "Changed: Ödön"},
		{1234, "Changed: 1,234"},
		{pos.Points(1234), "Changed: 1,234"},
		{pos.Money(123450), "Changed: €1,234.50"},
		{uint64(1234), "Changed: 1234"}, // the number of an entry is typed again
		{at, "Changed: 01:05"},
		{pos.DayOf(at, time.UTC), "Changed: 31 Jan 2026"},
		{pos.Day(0), "Changed: "},
		{nil, "Changed: <nil>"},
	} {
		require.Equal(t, tt.want, p.T("done.edit", "name", tt.value))
	}
	require.Equal(t, "01:05", p.Clock(at))
	require.Equal(t, "01 Feb 2026 01:05", p.Moment(at))
}

// Members choose their names, and servers what they say: no value is read again.
func TestValuesAreNotExpanded(t *testing.T) {
	p := printer(t, "en", "EUR")
	for range 50 { // maps are walked in another order each time
		require.Equal(t, "{code} is a member: {name}", p.T("done.enrol", "name", "{code}", "code", "{name}"))
		require.Equal(t, "{rewa{n}rd} is not ready: 3 stamps are missing. A manager can allow it.", p.T("redeem.stamps", "reward", "{rewa{n}rd}", "n", 3))
		require.Equal(t, "{n} is not ready: 1 point is missing. A manager can allow it.", p.Error(pos.Refuse("redeem.points", "reward", "{n}", "n", int64(1))))
		require.Equal(t, "Changed: }{", p.T("done.edit", "name", "}{", "", "x"))
	}
}

func TestUnfilledPlaces(t *testing.T) {
	p := printer(t, "en", "EUR")
	require.Equal(t, "Changed: {name}", p.T("done.edit"))
	require.Equal(t, "Changed: {name}", p.T("done.edit", "name"), "a name without a value fills nothing")
	require.Equal(t, "Changed: Ann", p.T("done.edit", "name", "Ann", "other", "ignored"))
}

func TestUnknownKeys(t *testing.T) {
	p := printer(t, "hu", "EUR")
	require.Equal(t, "no.such.key", p.T("no.such.key", "n", 1))
	require.Equal(t, "show.points.other", p.T("show.points.other"), "a plural form is no key")
	require.Equal(t, "redeem", p.T("redeem"), "a table is no sentence")
	require.Equal(t, "", p.T(""))
	require.True(t, p.Has("redeem.none"))
	require.False(t, p.Has("no.such.key"))
	require.NotContains(t, p.Keys(), "redeem")
}

// "other" is also the name of a plural form, but not beside keys that are none.
func TestKeyNamedLikeAForm(t *testing.T) {
	for _, language := range assets.Languages() {
		p := printer(t, language, "EUR")
		require.True(t, p.Has("disk.other"))
		require.False(t, p.Has("disk"))
		require.NotEqual(t, "disk.other", p.T("disk.other"))
	}
}

func TestError(t *testing.T) {
	refused := pos.Refuse("redeem.stamps", "reward", "Free coffee", "n", int64(1))
	const sentence = "Free coffee is not ready: 1 stamp is missing. A manager can allow it."
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"problem":         {refused, sentence},
		"wrapped problem": {fmt.Errorf("redeem: %w", fmt.Errorf("book: %w", refused)), sentence},
		"joined problem":  {errors.Join(errors.New("close file"), refused), sentence},
		"other error":     {errors.New("read journal: EOF"), "Something unexpected went wrong, and nothing was changed. Tell the manager: read journal: EOF"},
		"several lines":   {errors.Join(errors.New("one\x1b[2J"), errors.New("two")), "Something unexpected went wrong, and nothing was changed. Tell the manager: one[2J two"},
		"unknown problem": {pos.Refuse("line.fromthefuture"), "Something unexpected went wrong, and nothing was changed. Tell the manager: line.fromthefuture"},
		"key of a table":  {pos.Refuse("redeem"), "Something unexpected went wrong, and nothing was changed. Tell the manager: redeem"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, printer(t, "en", "EUR").Error(tt.err))
		})
	}
	require.Equal(t, "Free coffee: még nem váltható be, 1 pecsét hiányzik. Az üzletvezető engedheti meg.", printer(t, "hu", "EUR").Error(refused))
	require.Equal(t, "Free coffee belum boleh ditebus: kurang 1 cop. Pengurus boleh benarkan.", printer(t, "ms", "EUR").Error(refused))
}

func TestUnknownLanguage(t *testing.T) {
	for _, language := range []string{"xx", "", ".", "en/pos.toml", "../lang/en", "HU", "en_GB"} {
		_, err := assets.NewPrinter(language, currency(t, "EUR"), time.UTC)
		require.ErrorIs(t, err, pos.Refuse("language.unknown"), language)
		require.Contains(t, printer(t, "en", "EUR").Error(err), "en, fa, hu, ms")
	}
}

// The screen and the line print at once.
func TestPrinterIsShared(t *testing.T) {
	p := printer(t, "hu", "HUF")
	var printed [8]string
	var all sync.WaitGroup
	for i := range printed {
		all.Go(func() {
			for range 100 {
				printed[i] = p.T("show.points", "n", i)
			}
		})
	}
	all.Wait()
	for i, text := range printed {
		require.Equal(t, fmt.Sprintf("%d pont", i), text)
	}
}

// Names stand as in a dictionary of the language: letters of two signs have their
// place, and so have the Persian ones.
func TestOrder(t *testing.T) {
	for language, names := range map[string][]string{
		"hu": {"Cukor Éva", "Czakó", "Csaba Zoltán", "csányi", "Dékány", "Zoltán", "Zsolt"},
		"en": {"Adam", "Ádám", "bela", "Csaba", "Czako", "Zoe"},
		"ms": {"Aminah", "Siti", "Zul"},
		"fa": {"آرش", "ابراهیم", "پرویز", "ثریا", "چنگیز", "گلی", "لاله", "یوسف"},
	} {
		order := printer(t, language, "EUR").Order()
		sorted := slices.Clone(names)
		slices.Reverse(sorted)
		slices.SortStableFunc(sorted, order)
		require.Equal(t, names, sorted, language)
	}
}

// Persian has its own digits, separators and calendar. A sign stands before the
// digits wherever the number is read.
func TestPersian(t *testing.T) {
	p := printer(t, "fa", "EUR")
	for want, got := range map[string]string{
		"۰":                p.Number(0),
		"۱٬۲۳۴٬۵۶۷":        p.Number(1_234_567),
		"\u200e-۱٬۰۰۰":     p.Number(-1000),
		"۱٬۲۳۴٫۵۰_€":       plain(p.Money(123_450)),
		"\u200e-۰٫۰۵_€":    plain(p.Money(-5)),
		"۵۰۰٬۰۰۰_ریال":     plain(printer(t, "fa", "IRR").Money(500_000)),
		"۱۴۰۵/۰۹/۰۱":       p.Date(pos.DayOf(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), time.UTC)),
		"۱۴۰۵/۰۹/۰۱ ۰۷:۰۵": p.Moment(time.Date(2026, 11, 21, 23, 5, 0, 0, time.UTC)),
		"":                 p.Date(0),
		"۰۹/۰۱":            p.ShortDateAt(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)),
	} {
		require.Equal(t, want, got)
	}
	require.True(t, p.RightToLeft())
	typed := "TC1-7 +98912 A17"
	require.Contains(t, p.T("done.edit", "name", typed), typed, "what is typed again stays as it was")
	require.Contains(t, p.T("done.edit", "name", uint64(1234)), "1234", "an entry's number is typed again")
	for _, amount := range []string{"۱۲٫۵", "١٢٫٥", "۱۲.۵۰", "12٫50"} {
		parsed, err := p.Currency().Parse(pos.ASCIIDigits(amount), p.Decimal())
		require.NoError(t, err)
		require.Equal(t, pos.Money(1250), parsed, amount)
	}
}

// Dates are read at a glance, and stand in a column.
func TestDate(t *testing.T) {
	day := pos.DayOf(time.Date(2026, 8, 2, 0, 0, 0, 0, time.UTC), time.UTC)
	for language, want := range map[string][2]string{
		"en": {"02 Aug 2026", "02 Aug"}, "ms": {"02 Ogo 2026", "02 Ogo"},
		"hu": {"2026.08.02.", "08.02."}, "fa": {"۱۴۰۵/۰۵/۱۱", "۰۵/۱۱"},
	} {
		p := printer(t, language, "EUR")
		require.Equal(t, want[0], p.Date(day))
		require.Equal(t, want[1], p.ShortDateAt(day.Midnight()))
		require.Equal(t, language == "fa", p.RightToLeft())
		for month := range 12 {
			require.Len(t, []rune(p.Date(day.AddMonths(month))), len([]rune(want[0])))
		}
		require.LessOrEqual(t, len([]rune(want[0])), assets.DateCells)
	}
}

// An amount that a language writes is read back, and so is one that is typed with the
// signs of another keyboard.
func TestAmount(t *testing.T) {
	for _, tt := range []struct {
		language, currency, text string
		want                     pos.Money
	}{
		{"en", "EUR", "1,234.50", 123450},
		{"en", "EUR", "12.5", 1250},
		{"hu", "EUR", "1 234,50", 123450},
		{"hu", "HUF", "12\u00a0345", 12345},
		{"hu", "EUR", "12.50", 1250},
		{"ms", "MYR", "1,234,567.08", 123456708},
		{"fa", "IRR", "۳٬۵۰۰٬۰۰۰", 3_500_000},
		{"fa", "IRR", "۳،۵۰۰،۰۰۰", 3_500_000},
		{"fa", "IRR", "3,500,000", 3_500_000},
		{"fa", "IRR", "٣٥٠٠", 3500},
		{"fa", "EUR", "۱۲٫۵۰", 1250},
		{"fa", "EUR", "۱۲.۵", 1250},
	} {
		got, err := printer(t, tt.language, tt.currency).Amount(tt.text)
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, got, tt.text)
	}
	for language, texts := range map[string][]string{
		"en": {"1,5", "1,23,456", "1234,567", "1.234.567", "", "x", "-5"},
		"hu": {"1 5", "1,2,3", "1.234,50"},
		"fa": {"۱٬۵", "۱۲۳۴٬۵۶۷", "۱٫۲٫۳", "ده"},
	} {
		for _, text := range texts {
			_, err := printer(t, language, "EUR").Amount(text)
			require.Error(t, err, "%s %q", language, text)
		}
	}
}

// A birthday that is typed by the Persian calendar is shown as it was typed.
func TestBirthday(t *testing.T) {
	persian := printer(t, "fa", "IRR")
	for month := 1; month <= 12; month++ {
		for day := 1; day <= 31; day++ {
			if month > 6 && day > 30 || month == 12 && day > 29 {
				continue
			}
			text := fmt.Sprintf("%02d/%02d", month, day)
			born, err := persian.ReadBirthday(text)
			require.NoError(t, err)
			require.Equal(t, text, pos.ASCIIDigits(persian.Birthday(born)))
		}
	}
	for text, want := range map[string]pos.Birthday{
		"۱/۱": {Month: 3, Day: 21}, "09-03": {Month: 11, Day: 24}, "12.30": {Month: 3, Day: 20}, "۱۲/۱۰": {Month: 3, Day: 1},
	} {
		born, err := persian.ReadBirthday(text)
		require.NoError(t, err)
		require.Equal(t, want, born, text)
	}
	require.Equal(t, "۱۲/۱۰", persian.Birthday(pos.Birthday{Month: 2, Day: 29}))
	require.Empty(t, persian.Birthday(pos.Birthday{}))
	for _, text := range []string{"13/01", "07/31", "0/5", "5", "1/2/3", "x/y", ""} {
		_, err := persian.ReadBirthday(text)
		require.ErrorContains(t, err, "member.jalali", text)
	}
	born, err := printer(t, "hu", "HUF").ReadBirthday("02-29")
	require.NoError(t, err)
	require.Equal(t, "02-29", printer(t, "hu", "HUF").Birthday(born))
}

func TestMonthsAndLists(t *testing.T) {
	day := pos.DayOf(time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC), time.UTC)
	for language, want := range map[string][2]string{
		"en": {"Nov 2026", "a, b"}, "hu": {"2026.11.", "a, b"}, "ms": {"Nov 2026", "a, b"}, "fa": {"۱۴۰۵/۰۹", "a، b"},
	} {
		words := printer(t, language, "EUR")
		require.Equal(t, want[0], words.Month(day))
		require.Equal(t, want[1], words.List([]string{"a", "b"}))
	}
}

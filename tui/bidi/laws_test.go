package bidi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"
	xbidi "golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"tenthcup/tui/bidi"
	"tenthcup/tui/widget"
)

// content are the letters and signs of a text, whatever way they look and however
// they are joined.
func content(text string) string {
	pairs := strings.NewReplacer(
		")", "(", "]", "[", "}", "{", ">", "<", "›", "‹", "»", "«", "≥", "≤", "→", "←", "⇒", "⇐", "◂", "▸", "◀", "▶", "◄", "►", "◃", "▹",
		"╮", "╭", "╯", "╰", "┐", "┌", "┘", "└", "┤", "├", "╗", "╔", "╝", "╚", "╣", "╠", "┓", "┏", "┛", "┗", "┫", "┣",
		"▐", "▌", "▗", "▖", "▝", "▘", "▟", "▙", "▜", "▛", "▞", "▚", "╲", "╱",
	)
	var kept []rune
	for _, r := range norm.NFKD.String(pairs.Replace(ansi.Strip(text))) {
		if !unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me) && r != ' ' {
			kept = append(kept, r)
		}
	}
	slices.Sort(kept)
	return string(kept)
}

const alphabet = "ab Z  019۰۵٣٫٬.,:/+-%()[]<>‹›│─╭█▌●★…→▸€علیلاپژک گـ\u200c\u064e\u200eאב王é☕"

func anyLine(t *rapid.T) string {
	pieces := rapid.SliceOfN(rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune(alphabet)), 0, 8, -1),
		rapid.SampledFrom([]string{"\x1b[1m", "\x1b[m", "\x1b[38;2;1;2;3m", "  ", bidi.Unit("█a ب")}),
		rapid.Custom(func(t *rapid.T) string { return widget.Name(rapid.String().Draw(t, "name")) }),
	), 0, 12).Draw(t, "line")
	return strings.Join(pieces, "")
}

// Whatever the line: it has the width it must have and the same letters, and what
// is written at a column is found again.
func TestLineKeepsItsLetters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := anyLine(t)
		wide := ansi.StringWidth(line)
		page := bidi.Page{Width: wide + rapid.IntRange(0, 9).Draw(t, "more"), RTL: rapid.Bool().Draw(t, "rtl"), Terminal: rapid.Bool().Draw(t, "terminal")}
		laid := page.Line(line)
		want := wide
		if page.RTL {
			want = page.Width
		}
		require.Equal(t, want, ansi.StringWidth(laid.Text), "%+q of %+q", laid.Text, line)
		require.Equal(t, content(line), content(laid.Text))
		for column := range want {
			for _, c := range []int{laid.Cursor(column), laid.Before(column)} {
				require.GreaterOrEqual(t, c, 0)
				require.Less(t, c, max(want, 1))
			}
			if !page.Terminal && oneCellEach(line) && !strings.ContainsAny(laid.Text, "\ufef5\ufef6\ufef7\ufef8\ufef9\ufefa\ufefb\ufefc") {
				require.Equal(t, column, laid.Before(laid.Cursor(column)))
			}
		}
		narrow := bidi.Page{Width: rapid.IntRange(0, 20).Draw(t, "narrow"), RTL: true}
		require.Equal(t, narrow.Width, ansi.StringWidth(narrow.Line(line).Text))
	})
}

func oneCellEach(line string) bool {
	return !strings.ContainsFunc(line, func(r rune) bool { return ansi.StringWidth(string(r)) > 1 || r > 0x1f000 })
}

// words draws what every bidirectional algorithm orders alike.
func words(t *rapid.T) string {
	list := []string{rapid.SampledFrom([]string{"مهر", "کد"}).Draw(t, "first")}
	for range rapid.IntRange(0, 6).Draw(t, "more") {
		list = append(list,
			rapid.SampledFrom([]string{"Enter", "TC1-AB", "a b", "۱۰", "۱٬۲۳۴٫۵", "۱۴۰۵/۰۹/۰۱", "۱۰:۴۲"}).Draw(t, "other"),
			rapid.SampledFrom([]string{"(قهوه)", "است", "و", "؛ تا", "[ب]", "نام:"}).Draw(t, "word"))
	}
	return strings.Join(list, " ")
}

// The words of a field stand as golang.org/x/text orders them.
func TestAgreesWithUnicode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := words(t)
		width := ansi.StringWidth(field)
		require.Equal(t, runs(t, field, xbidi.RightToLeft), letters(bidi.Page{Width: width, RTL: true}.Line(field).Text))
	})
}

// What is handed to a terminal that orders text by itself is seen as the page that
// we order.
func TestTerminalShowsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfN(rapid.Custom(words), 1, 5).Draw(t, "fields")
		fields = append(fields, rapid.SampledFrom([]string{"5", "Robin", "۷", "│", "╭─╮ 10:42"}).Draw(t, "last"))
		rapid.Permutation(fields).Draw(t, "order")
		line := strings.Join(fields, rapid.SampledFrom([]string{"  ", " │ ", "   "}).Draw(t, "between"))
		page := bidi.Page{Width: ansi.StringWidth(line) + 2, RTL: rapid.Bool().Draw(t, "rtl")}
		ours := page.Line(line).Text
		page.Terminal = true
		require.Equal(t, letters(ours), runs(t, page.Line(line).Text, xbidi.LeftToRight))
	})
}

// runs returns the text as x/text has it seen. It tells only which runs are turned,
// which is enough where no number stands within words without a mark.
func runs(t *rapid.T, text string, direction xbidi.Direction) string {
	var paragraph xbidi.Paragraph
	_, err := paragraph.SetString(text, xbidi.DefaultDirection(direction))
	require.NoError(t, err)
	order, err := paragraph.Order()
	require.NoError(t, err)
	var seen []string
	for i := range order.NumRuns() {
		run := order.Run(i)
		piece := run.String()
		if run.Direction() == xbidi.RightToLeft {
			piece = xbidi.ReverseString(piece)
		}
		seen = append(seen, piece)
	}
	if direction == xbidi.RightToLeft {
		slices.Reverse(seen)
	}
	return strings.ReplaceAll(strings.Join(seen, ""), "\u200e", "")
}

func FuzzLine(f *testing.F) {
	f.Add("\x1b[1mعلی\x1b[m  5 │ لا", 80, true)
	f.Add("\x80\u2066\u2069\u200c\x1b[", 3, false)
	f.Fuzz(func(t *testing.T, line string, width int, rtl bool) {
		width = min(max(width, 0), 500)
		for _, terminal := range []bool{false, true} {
			page := bidi.Page{Width: width, RTL: rtl, Terminal: terminal}
			laid := page.Line(line)
			laid.Cursor(width / 2)
			laid.Before(width / 2)
			if rtl {
				name := page.Line(widget.Name(line)) // as names come to a page
				require.Equal(t, width, ansi.StringWidth(name.Text))
			}
		}
	})
}

// Budget: 1 ms for a Persian page, a few microseconds for one without right-to-left
// letters, which is every page of the other languages.
func BenchmarkFrame(b *testing.B) {
	var persian, latin string
	for line := range 24 { // none like another: a line that was there is not laid out again
		persian += fmt.Sprintf("  \x1b[1mکارت وفاداری\x1b[m │ TC1-ABC ۱۲۳   \x1b[1mکارت وفاداری\x1b[m │ TC1-ABC %d \n", line)
		latin += fmt.Sprintf("  \x1b[1mKőszegi Edit ●●○\x1b[m │ TC1-ABC 123   \x1b[1mKőszegi Edit ●●○\x1b[m │ TC1-ABC %d \n", line)
	}
	for name, page := range map[string]bidi.Page{"rtl": {Width: 80, RTL: true}, "ltr": {Width: 80}} {
		content := persian
		if !page.RTL {
			content = latin
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page.Frame(content)
			}
		})
	}
}

package bidi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"tenthcup/tui/bidi"
)

// letters undoes the joining, so that a test can be read.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xfef5 && r <= 0xfefc {
			return r // lam and alef in one cell
		}
		if r >= 0xfb50 && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff {
			return []rune(norm.NFKD.String(string(r)))[0]
		}
		return r
	}, text)
}

// reverse writes text as it is seen, for what is expected.
func reverse(text string) string {
	list := []rune(text)
	slices.Reverse(list)
	return string(list)
}

func TestRightToLeft(t *testing.T) {
	for name, tt := range map[string]struct{ line, want string }{
		"a word":                         {"سلام", reverse("سﻼم")},
		"two fields change places":       {"کارت  مهر", reverse("مهر") + "  " + reverse("کارت")},
		"a code keeps its order":         {"کد TC1-ABC", "TC1-ABC " + reverse("کد")},
		"groups of a code stay in order": {"12 AB 34", "12 AB 34"},
		"a phone number keeps its sign":  {"تلفن +36 30 1", "+36 30 1 " + reverse("تلفن")},
		"Persian figures":                {"مهر ۱٬۲۳۴٫۵", "۱٬۲۳۴٫۵ " + reverse("مهر")},
		"a date":                         {"تا ۱۴۰۵/۰۹/۰۱", "۱۴۰۵/۰۹/۰۱ " + reverse("تا")},
		"below nought":                   {"کم \u200e-۵", "-۵ " + reverse("کم")},
		"two numbers are read in turn":   {"۷ از ۱۰", "۱۰ " + reverse("از") + " ۷"},
		"a key and what it does":         {"Enter مهر", reverse("مهر") + " Enter"},
		"brackets":                       {"قهوه (داغ)", "(" + reverse("داغ") + ") " + reverse("قهوه")},
		"brackets in a Latin phrase":     {"یک Tea (hot)", "Tea (hot) " + reverse("یک")},
		"a name that was cut":            {"نام Free cof…", "Free cof… " + reverse("نام")},
		"arrows look the other way":      {"▸ مهر →", "← " + reverse("مهر") + " ◂"},
		"a box":                          {"╭ نام ─╮", "╭─ " + reverse("نام") + " ╮"},
		"columns":                        {"│ مهر │ 5/10 │", "│ 5/10 │ " + reverse("مهر") + " │"},
		"a bar fills from the right":     {"██░░", "░░██"},
		"stamps":                         {"● ● ○", "○ ● ●"},
		"what keeps its order":           {bidi.Unit("▛█▖ (1)") + "  نام", reverse("نام") + "  ▛█▖ (1)"},
		"nothing":                        {"", ""},
		"joiners take no cell":           {"نیم\u200cروز", reverse("نیمروز")},
		"Hebrew":                         {"אב 12", "12 " + reverse("אב")},
		"wide signs":                     {"王小 نام", reverse("نام") + " 王小"},
		"an empty end":                   {"مهر          ", reverse("مهر")},
	} {
		t.Run(name, func(t *testing.T) {
			width := ansi.StringWidth(tt.line) + 7
			want := strings.Repeat(" ", width-ansi.StringWidth(tt.want)) + tt.want
			require.Equal(t, want, letters(bidi.Page{Width: width, RTL: true}.Line(tt.line).Text))
		})
	}
	require.Equal(t, "   xyz", bidi.Page{Width: 6, RTL: true}.Line("xyz").Text)
	require.Equal(t, "xyz", bidi.Page{Width: 3, RTL: true}.Line("xyzabc").Text, "what does not fit is cut off")
}

// On a page that is read from left to right a name is turned in its place, and the
// figures beside it stay where they are.
func TestLeftToRight(t *testing.T) {
	for line, want := range map[string]string{
		"10:42  علی رضایی  new":   "10:42  " + reverse("علی رضایی") + "  new",
		"علی: 7 of 10":            reverse("علی") + ": 7 of 10",
		"for علی 5":               "for " + reverse("علی") + " 5",
		"علی (رضا)":               reverse("علی )رضا("),
		"علی رض…":                 "…" + reverse("علی رض"),
		"│ سلام │ 5 │":            "│ " + reverse("سﻼم") + "  │ 5 │", // lam and alef are one cell
		"משה 123 כהן  1":          reverse("כהן") + " 123 " + reverse("משה") + "  1",
		"▸ plain (Kovács) ۱۲۳  →": "▸ plain (Kovács) ۱۲۳  →",
		bidi.Unit("█ ▄"):          "█ ▄",
	} {
		require.Equal(t, want, letters(bidi.Page{Width: 80}.Frame(line)), line)
	}
	plain := "plain ÁÉ 王 ● ☕ ╭─╮\n\x1b[1mx\x1b[m y"
	require.Equal(t, plain, bidi.Page{Width: 80}.Frame(plain))
}

// Each letter takes the shape that its neighbours ask for.
func TestJoining(t *testing.T) {
	for text, want := range map[string]string{
		"ببب":      "\ufe91\ufe92\ufe90",
		"ب":        "\ufe8f",
		"دب":       "\ufea9\ufe8f",
		"ب\u200cب": "\ufe8f\ufe8f",
		"ب\u200d":  "\ufe91",
		"بـ":       "\ufe91\u0640",
		"لا":       "\ufefb",
		"بلا":      "\ufe91\ufefc",
		"ل\u200cا": "\ufedd\ufe8d",
		"گچپژک":    "\ufb94\ufb7d\ufb59\ufb8b\ufb8e",
		"جزء":      "\ufe9f\ufeb0\ufe80",
		"ب ب":      "\ufe8f \ufe8f",
		"ئی":       "\ufe8b\ufbfd",
		"یۀ":       "\ufbfe\ufba5",
	} {
		seen := strings.TrimSpace(bidi.Page{Width: 12, RTL: true}.Line(text).Text)
		require.Equal(t, reverse(want), seen, text)
	}
	marked := bidi.Page{Width: 2, RTL: true}.Line("ب\u064eب").Text
	require.Equal(t, "\ufe90\ufe91\u064e", marked, "a mark stays on its letter and parts no word")
}

// Each style stays with its letters.
func TestStyles(t *testing.T) {
	const bold, red = "\x1b[1m", "\x1b[31m"
	line := bold + "مهر" + "\x1b[m  " + red + "5" + "\x1b[m"
	require.Equal(t, red+"5\x1b[m  "+bold+"\ufeae\ufeec\ufee3\x1b[m", bidi.Page{Width: 6, RTL: true}.Line(line).Text)
	require.Equal(t, bold+"\ufeae\ufeec\ufee3\x1b[m  "+red+"5\x1b[m", bidi.Page{}.Line(line).Text)
}

// A key and what it does are two things, also where both are Latin.
func TestStylesPartPhrases(t *testing.T) {
	const bold = "\x1b[1m"
	require.Equal(t, "QR \x1b[1mc\x1b[m", bidi.Page{Width: 4, RTL: true}.Line(bold+"c\x1b[m QR").Text)
	require.Equal(t, "\x1b[1mKo\x1b[mvács An", bidi.Page{Width: 9, RTL: true}.Line(bold+"Ko\x1b[mvács An").Text, "within a word it is one")
	require.Equal(t, "Robin 1", bidi.Page{Width: 7, RTL: true}.Line(bidi.Unit("1")+" Robin").Text)
}

// The cursor goes where its letter went, and a click finds the letter under it.
func TestColumns(t *testing.T) {
	page := bidi.Page{Width: 12, RTL: true}
	line := page.Line("نام  سلام ab") // seen: ab, a filling for lam and alef's cell, the words
	require.Equal(t, 11, line.Cursor(0))
	require.Equal(t, 9, line.Cursor(2))
	require.Equal(t, 6, line.Cursor(5), "the first letter behind the gap")
	require.Equal(t, 0, line.Before(11))
	require.Equal(t, 5, line.Before(6))
	typed := page.Line("سلا")
	require.Equal(t, 9, typed.Cursor(3), "right behind what was typed, though lam and alef share a cell")
	require.Equal(t, 8, typed.Cursor(4)+1)
	left := bidi.Page{}.Line("  علی  5")
	require.Equal(t, 4, left.Cursor(2))
	require.Equal(t, 2, left.Before(4))
	require.Equal(t, 7, left.Cursor(7))
	require.Equal(t, 30, left.Cursor(30), "behind the line nothing moves")
}

// A frame is the same whatever was drawn before it.
func TestKnown(t *testing.T) {
	var known bidi.Known
	for _, p := range []bidi.Page{{Width: 30, RTL: true}, {Width: 20, RTL: true}, {Width: 20}, {Width: 20, RTL: true, Terminal: true}} {
		for _, content := range []string{"کارت  Ann 3", "کارت  Ann 3\n\nعلی", "Ann\nعلی\n\n", ""} {
			require.Equal(t, p.Frame(content), known.Frame(p, content))
			require.Equal(t, p.Frame(content), known.Frame(p, content))
		}
	}
}

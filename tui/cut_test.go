package tui_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/tui/bidi"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// mayBeCut are the lines that end in an ellipsis for a reason.
var mayBeCut = []struct {
	line *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`^[↓↑] …$`), "there is more of the report, and the footer has the key"},
	{regexp.MustCompile(`^… [↓↑]$`), "likewise, from right to left"},
	{regexp.MustCompile(`(^|  )…(  |$)`), "a figure that is still being counted"},
	{regexp.MustCompile(`(Free loaf of|, Double).*…`), "a name that the shop gave to a reward or a trial"},
	{regexp.MustCompile(`Long Long Long Long L…|Birthday c[a-z]*…|Item num[a-z]*…|Flat wh[a-z]*…|[A-Z][a-z]+ Club …|… Club `), "a name that a person or the shop gave"},
}

// uncut fails where a sentence of the catalog did not fit on the page as it is now,
// or on the page with its keys. Sentences that end in an ellipsis have a blank before
// it; the cut ones that look so are told apart by their last word.
func uncut(d *tuitest.Driver, language string) {
	d.T.Helper()
	d.Resize(80, 24)
	require.Empty(d.T, cuts(d.View(), language), d.View())
	d.Press("f1")
	require.Empty(d.T, cuts(d.View(), language), d.View())
	d.Press("esc")
}

func cuts(view, language string) (cut []string) {
	for line := range strings.SplitSeq(ansi.Strip(view), "\n") {
		line = strings.TrimSpace(line)
		for _, end := range ends(language) {
			line = strings.ReplaceAll(line, end, "")
		}
		for _, allowed := range mayBeCut {
			line = allowed.line.ReplaceAllString(line, "  ")
		}
		if strings.Contains(line, "…") {
			cut = append(cut, line)
		}
	}
	return cut
}

// ends are the last words of the sentences that end in an ellipsis, as they are seen.
func ends(language string) []string {
	known, ok := endsOf.Load(language)
	if !ok {
		known, _ = endsOf.LoadOrStore(language, findEnds(language))
	}
	return known.([]string)
}

// endsOf keeps what findEnds found: reading a catalog takes a while.
var endsOf sync.Map

func findEnds(language string) (seen []string) {
	words := speaks(language)
	for _, key := range words.Keys() {
		before, found := strings.CutSuffix(words.T(key), " …")
		if !found {
			continue
		}
		before = strings.ReplaceAll(before, "{plan}", "Gold club") // of the program in these tests
		end := before[strings.LastIndexByte(before, ' ')+1:] + " …"
		seen = append(seen, strings.TrimSpace(bidi.Page{Width: 80, RTL: words.RightToLeft()}.Frame(end)))
	}
	return seen
}

// speaks returns the words of a language, in euros and by the clock of Budapest.
func speaks(language string) *assets.Printer {
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter(language, euro, time.UTC)
	if err != nil {
		panic(err) // the language is embedded
	}
	return words
}

// tongue makes the shop's screens speak the language.
func (s *shop) tongue(language string) {
	s.t.Helper()
	words, err := assets.NewPrinter(language, s.config.Words.Currency(), s.station.Zone)
	require.NoError(s.t, err)
	s.config.Words = words
}

func TestCutsAreFound(t *testing.T) {
	for view, want := range map[string]int{
		"a sentence that is too lo…":              1,
		"a sentence that is too …":                1,
		"▸ Saving …":                              0,
		"  ↓ …":                                   0,
		"issued  …  –":                            0,
		"\x1b[1mtwo cut words…\x1b[m  and more… ": 1,
	} {
		require.Len(t, cuts(view, "en"), want, view)
	}
	persian := bidi.Page{Width: 40, RTL: true}
	require.Empty(t, cuts(persian.Frame("  "+speaks("fa").T("person.saving")), "fa"))
	require.Len(t, cuts(persian.Frame("  در حال ارس…"), "fa"), 1)
	require.Len(t, cuts(persian.Frame("  در حال …"), "fa"), 1)
}

// No sentence is cut on the pages behind the menu, in any language; those of the
// pages that customers are served on are looked at in TestLanguages,
// TestDeedsInLanguages, TestReturnInLanguages and TestScenes.
func TestNothingIsCut(t *testing.T) {
	for _, language := range assets.Languages() {
		t.Run(language+"/menus", func(t *testing.T) {
			inShop(t, lively, func(t *testing.T, s *shop) {
				s.tongue(language)
				s.config.Keep = func(screen.Settings) error { return nil }
				s.config.Reports = tillFigures{db: s.db, why: errRefused}
				s.config.Office, s.config.Line = newCentre(s.now()), line{}
				s.weeks(9)
				s.anna(3)
				menus(s.start(80, 24), language)
			})
		})
		t.Run(language+"/what there is to do", func(t *testing.T) {
			inShop(t, bazaar, func(t *testing.T, s *shop) {
				s.tongue(language)
				s.config.Keep = func(screen.Settings) error { return nil }
				s.config.Office, s.config.Line = newCentre(s.now()), line{}
				s.config.Settings.Printer.Kind, s.config.Settings.Printer.Drawer = "tcp", true
				d := s.visit(s.rich("Nagy Béla", "", 500, 2000), "")
				d.Press("m")
				uncut(d, language)
				d.Press("esc", "f")
				d.Type("nag")
				d.Press("enter", "m")
				uncut(d, language)
			})
		})
	}
}

// menus goes through what is behind the menu.
func menus(d *tuitest.Driver, language string) {
	gate := func(letter string) {
		d.Press("m", letter)
		uncut(d, language)
		d.Type("1234")
		d.Press("enter")
		d.Wait(time.Second)
		uncut(d, language)
	}
	back := func() { d.Press("esc", "esc", "esc", "esc"); d.Wait(time.Second) }
	d.Press("m")
	uncut(d, language)
	for range 14 {
		d.Press("down")
		uncut(d, language)
	}
	back()
	for _, page := range []struct {
		letter string
		rows   int
	}{{"s", 6}, {"v", 12}} {
		gate(page.letter)
		for range page.rows {
			uncut(d, language)
			d.Press("down")
		}
		back()
	}
	gate("v")
	d.Press("f4")
	uncut(d, language)
	back()
	gate("r")
	for range report.Names {
		uncut(d, language)
		d.Press("right")
	}
	back()
	for letter, keys := range map[string][]string{"e": {"enter", "esc", "a"}, "k": {"n", "esc", "p", "esc", "o", "esc", "x"}, "n": {"down", "x", "esc", "n"}} {
		gate(letter)
		for _, key := range keys {
			d.Press(key)
			d.Wait(time.Second)
			uncut(d, language)
		}
		back()
	}
	gate("b")
	d.Type("kov")
	d.Press("enter")
	uncut(d, language)
	for _, key := range []string{"a", "g", "e"} {
		d.Press(key)
		d.Wait(time.Second)
		uncut(d, language)
		d.Press("esc")
	}
}

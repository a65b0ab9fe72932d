package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"

	"tenthcup/tui"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// through is what a keyboard layout makes of the keys of a scanner, as a terminal
// with that layout showed it.
var through = map[string]string{
	"":   "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./:",
	"hu": "ö123456789ABCDEFGHIJKLMNOPQRSTUVWXZYü.-É",
	"ir": "۰۱۲۳۴۵۶۷۸۹ؤ\u200cژي\u064dإأآ\u0651ة»«ء\u0654][\u0652\u064bئ\u064f\u064e\u0670\u064c\u0653\u0650ك-./:",
}

func TestLearn(t *testing.T) {
	for layout, came := range through {
		for _, test := range []struct {
			before, end string
			want        screen.ScannerSettings
		}{
			{"", "enter", screen.ScannerSettings{Layout: layout}},
			{"", "tab", screen.ScannerSettings{Layout: layout, Suffix: "tab"}},
			{"", "", screen.ScannerSettings{Layout: layout, Suffix: "none"}},
		} {
			got, err := tui.Learn(test.before+came, test.end)
			require.NoError(t, err)
			require.Equal(t, test.want, got, layout)
		}
	}
	got, err := tui.Learn("%]Q1"+through[""], "enter")
	require.NoError(t, err)
	require.Equal(t, screen.ScannerSettings{Prefix: "%", AIM: true}, got)
	got, err = tui.Learn(strings.ToLower(through[""]), "enter")
	require.NoError(t, err)
	require.Equal(t, screen.ScannerSettings{}, got, "Caps Lock is no layout")
	_, err = tui.Learn(through[""]+"%", "enter")
	require.ErrorContains(t, err, "learn.suffix")
	_, err = tui.Learn(through[""][1:], "enter")
	require.ErrorContains(t, err, "learn.misread")
	_, err = tui.Learn(strings.Repeat("x", len(screen.Calibration)), "enter")
	require.ErrorContains(t, err, "learn.misread", "what makes one sign of two cannot be turned back")
	other := strings.Map(func(r rune) rune { return r + 0x400 }, screen.Calibration)
	got, err = tui.Learn(other, "enter")
	require.NoError(t, err)
	require.Equal(t, screen.ScannerSettings{Layout: "=" + other}, got)
}

// typed is what the layout makes of the text.
func typed(layout, text string) string {
	from, to := []rune(through[""]), []rune(through[layout])
	return strings.Map(func(r rune) rune {
		for i := range from {
			if from[i] == r {
				return to[i]
			}
		}
		return r
	}, text)
}

// A scanner behind any layout opens its member on any page, once it was learned, and
// leaves nothing in a field.
func TestScanThroughLayouts(t *testing.T) {
	for layout := range through {
		t.Run("layout "+layout, func(t *testing.T) {
			inShop(t, points, func(t *testing.T, s *shop) {
				s.config.Settings.Scanner = screen.ScannerSettings{Layout: layout, Prefix: "%"}
				anna := s.anna(0)
				plastic := s.enrol("Plastic Card", "", "5990000000004")
				d := s.start(80, 24)
				for _, way := range [][]string{nil, {"n"}, {"f"}} {
					d.Press(way...)
					d.Scan("%" + typed(layout, anna.Profile.Code()))
					require.Contains(t, d.View(), "Kovács Anna", way)
					d.Press("esc", "esc")
				}
				d.Scan(anna.Profile.Code())
				d.Type("12")
				d.Scan(typed(layout, "5990000000004"))
				require.Contains(t, d.View(), plastic.Profile.Name)
				require.Contains(t, d.View(), "12 was half typed")
			})
		})
	}
}

// The page finds out by one scan what the scanner does, and from then on it is
// understood, without a restart.
func TestLearnPage(t *testing.T) {
	inSettings(t, "v", func(d *tuitest.Driver, k *keeper) {
		d.Press("f4")
		everySize(d, "code")
		d.Burst(through["hu"], "tab")
		d.Wait(time.Second)
		everySize(d, "learned")
		d.Press("enter")
		require.Equal(t, "hu", k.kept[0].Scanner.Layout)
		require.Equal(t, "tab", k.kept[0].Scanner.Suffix)
		require.Contains(t, d.View(), "✓ Saved.")
		d.Press("f4")
		d.Burst("TC1", "enter")
		require.Contains(t, d.View(), "✗ That was not the code on this page")
		d.Send(tea.PasteMsg{Content: through[""]})
		require.Contains(t, d.View(), "The scanner is understood")
	})
}

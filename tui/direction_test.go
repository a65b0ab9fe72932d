package tui_test

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/tui"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
	"tenthcup/tui/widget"
)

// inPersian opens a shop where Persian is spoken.
func inPersian(t *testing.T, program string, test func(t *testing.T, s *shop)) {
	inShop(t, program, func(t *testing.T, s *shop) {
		words, err := assets.NewPrinter("fa", s.config.Words.Currency(), s.station.Zone)
		require.NoError(t, err)
		s.config.Words, s.config.Shop = words, "کافهٔ دهم"
		test(t, s)
	})
}

// A Persian shop with Persian names: every page is read from the right, and each
// line fills the screen.
func TestPersian(t *testing.T) {
	inPersian(t, bakery, func(t *testing.T, s *shop) {
		ali := s.enrol("علی رضایی", "+989121234567")
		s.enrol("علیرضا کریمی (Karimi)", "+989127654321")
		d := s.start(80, 24)
		full := func(name string) {
			t.Helper()
			everySize(d, name)
			for line := range strings.SplitSeq(d.Styled(), "\n") {
				require.Equal(t, 80, ansi.StringWidth(line), "%s: %q", name, line)
			}
		}
		full("counter")
		d.Scan(ali.Profile.Code())
		d.Type("۱۲٫۵")
		full("amount")
		d.Press("enter")
		full("earned")
		d.Press("esc", "f")
		d.Type("عل")
		full("find")
		d.Press("esc", "l")
		full("lock")
	})
}

// The cursor of a Persian page stands behind what was typed, at its left, and the
// arrow to the left goes on.
func TestCursorFromTheRight(t *testing.T) {
	inPersian(t, cafe, func(t *testing.T, s *shop) {
		app := tui.New(s.config)
		d := tuitest.Start(t, app, 80, 24)
		d.Press("n")
		at := func() int { return app.View().Cursor.X }
		start := at()
		d.Type("سلا") // lam and alef share a cell
		require.Equal(t, start-2, at())
		d.Press("right")
		require.Equal(t, start-1, at(), "back over the letter before")
		d.Press("left")
		require.Equal(t, start-2, at(), "and on again")
		d.Press("ctrl+u")
		d.Type("ab")
		require.Equal(t, start-2, at())
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		app := tui.New(s.config)
		d := tuitest.Start(t, app, 80, 24)
		d.Press("n")
		start := app.View().Cursor.X
		d.Type("ab")
		d.Press("left")
		require.Equal(t, start+1, app.View().Cursor.X)
	})
}

// A QR code is never turned: mirrored, no scanner reads it.
func TestQRFromTheRight(t *testing.T) {
	inPersian(t, cafe, func(t *testing.T, s *shop) {
		m := s.enrol("علی رضایی", "")
		d := s.start(80, 40)
		d.Scan(m.Profile.Code())
		d.Press("c")
		seen := d.View()
		for line := range strings.SplitSeq(widget.QR(m.Profile.Code(), 4), "\n") {
			require.Contains(t, seen, strings.TrimRight(ansi.Strip(line), " "))
		}
	})
}

// A click on a Persian page means the cell that is written there.
func TestWritten(t *testing.T) {
	inPersian(t, cafe, func(t *testing.T, s *shop) {
		app := tui.New(s.config)
		d := tuitest.Start(t, app, 80, 24)
		d.Press("n")
		cursor := app.View().Cursor
		x, y := app.Written(cursor.X, cursor.Y)
		require.Equal(t, cursor.Y, y)
		require.Equal(t, 79-cursor.X, x)
		for _, outside := range [][2]int{{0, -1}, {0, 99}} {
			x, y = app.Written(outside[0], outside[1])
			require.Equal(t, outside, [2]int{x, y})
		}
	})
}

// ways collects what the terminal is told about the order of text.
func ways(d *tuitest.Driver) *[]string {
	var told []string
	d.Attach(func(func(tea.Msg)) tuitest.Filter {
		return func(_ tea.Model, msg tea.Msg) tea.Msg {
			if raw, ok := msg.(tea.RawMsg); ok {
				told = append(told, raw.Msg.(string))
			}
			return msg
		}
	})
	return &told
}

// Who reads the one line or the other right decides who puts text in order, now and
// after the next start.
func TestDirection(t *testing.T) {
	inPersian(t, cafe, func(t *testing.T, s *shop) {
		var kept []screen.Settings
		full := false
		s.config.Keep = func(settings screen.Settings) error {
			if full {
				return errors.New("disk full")
			}
			kept = append(kept, settings)
			return nil
		}
		s.config.Dress = func(screen.Settings) (screen.Dress, error) {
			return screen.Dress{Theme: s.config.Theme, Words: s.config.Words}, nil
		}
		s.config.Settings.Counter.Quiet = true
		d := s.start(80, 24)
		told := ways(d)
		d.Press("m", "w")
		everySize(d, "ours")
		ours := d.View()
		d.Press("down", "enter")
		require.Equal(t, []string{"\x1b[8h"}, *told)
		require.Equal(t, screen.ByTerminal, kept[0].Screen.Direction)
		d.Golden("terminal")
		require.NotContains(t, d.View(), "\ufef2", "the terminal joins letters itself")
		full = true
		d.Press("up", "enter")
		require.Contains(t, d.View(), "disk full")
		require.Len(t, *told, 1, "what was not kept does not hold")
		full = false
		d.Press("enter")
		require.Equal(t, []string{"\x1b[8h", "\x1b[8l"}, *told)
		require.Equal(t, "", kept[1].Screen.Direction)
		require.Equal(t, strings.Split(ours, "\n")[8:14], strings.Split(d.View(), "\n")[8:14])
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("m", "w")
		require.Contains(t, d.View(), "› More", "a shop without such a language has no use for the page")
	})
}

// The terminal is told before the first frame.
func TestDirectionAtTheStart(t *testing.T) {
	for direction, want := range map[string]string{"": "\x1b[8l", "app": "\x1b[8l", screen.ByTerminal: "\x1b[8h"} {
		inShop(t, cafe, func(t *testing.T, s *shop) {
			s.config.Settings.Screen.Direction = direction
			batch, ok := tui.New(s.config).Init()().(tea.BatchMsg)
			require.True(t, ok)
			require.Equal(t, tea.RawMsg{Msg: want}, batch[0]())
		})
	}
}

// A click on a Persian page does what is seen under it.
func TestMouseFromTheRight(t *testing.T) {
	inPersian(t, cafe, func(t *testing.T, s *shop) {
		s.enrol("علی رضایی", "")
		s.enrol("علی کریمی", "")
		d := s.start(80, 24)
		counter := strings.Split(d.View(), "\n")[0]
		d.Press("f")
		d.Type("علی")
		d.Click("TC1 X5CJ")
		require.Contains(t, strings.Split(d.View(), "\n")[7], "◂", "the second row is chosen")
		d.Click("Esc")
		require.Equal(t, counter, strings.Split(d.View(), "\n")[0], "a key of the footer was clicked")
	})
}

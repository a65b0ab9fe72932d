package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/theme"
	"tenthcup/tui/tuitest"
)

// The screen that the README shows.
func TestREADME(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		require.NoError(t, s.db.SetEnrolled())
		anna := s.anna(6)
		seen := s.now().Add(-7 * time.Minute)
		require.NoError(t, s.db.Apply(ledger.Page{
			At: seen.UnixMilli(), Changed: []ledger.Changed{{Holder: anna.Profile.Holder, Position: 1}}, Cursor: 1,
		}, nil))
		s.config.Line = line{}
		d := s.start(80, 24)
		d.Send(tui.Status{Waiting: station.Waiting{LastSync: seen}, Err: errRefused})
		d.Scan(anna.Profile.Code())
		d.Press("enter")
		golden.RequireEqual(readme{t}, d.View())
	})
}

// readme is a test whose golden file is testdata/README.golden.
type readme struct{ testing.TB }

func (readme) Name() string { return "README" }

func TestThemes(t *testing.T) {
	for _, name := range []string{"dark", "light", "contrast"} {
		t.Run(name, func(t *testing.T) {
			inShop(t, bakery, func(t *testing.T, s *shop) {
				look, err := theme.Named(name)
				require.NoError(t, err)
				s.config.Theme = look
				anna := s.anna(7)
				d := s.start(80, 24)
				d.Scan(anna.Profile.Code())
				d.GoldenStyled("member")
			})
		})
	}
	_, err := theme.Named("pink")
	require.Error(t, err)
}

// The terminal's background decides only where nobody has.
func TestBackground(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		auto, err := theme.Named("")
		require.NoError(t, err)
		s.config.Theme = auto
		d := s.start(80, 24)
		before := d.Styled()
		d.Send(tea.BackgroundColorMsg{Color: white{}})
		require.NotEqual(t, before, d.Styled())
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		before := d.Styled()
		d.Send(tea.BackgroundColorMsg{Color: white{}})
		require.Equal(t, before, d.Styled())
	})
}

type white struct{}

func (white) RGBA() (r, g, b, a uint32) { return 0xffff, 0xffff, 0xffff, 0xffff }

// Some terminals tell a size of nothing before they know their own.
func TestSizeOfNothing(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		before := d.View()
		d.Resize(0, 0)
		require.Equal(t, before, d.View())
	})
}

// Names that people have are shown, and none tears a page.
func TestNames(t *testing.T) {
	names := map[string]string{
		"combining marks":  "Nu\u0301n\u0303ez Jose\u0301 Z\u0335\u0334\u0321a\u0300\u0301\u0302lgo",
		"right to left":    "علی رضایی کریمی ۱۲۳",
		"hebrew":           "משה 123 כהן",
		"emoji":            "Anna 👩‍👩‍👧‍👦 👍🏽 🇭🇺 ☕ 1️⃣ ❤️ Kiss",
		"chinese":          "王小明 (Wáng)",
		"controls":         "An\x1b[31mna\u202e\u200fX\u0000",
		"endless":          strings.Repeat("Wolfeschlegelsteinhausen", 3),
		"only a phone":     "",
		"persian joiners":  "نیم\u200cروز",
		"marks without it": "\u0301\u0302",
	}
	for name, called := range names {
		t.Run(name, func(t *testing.T) {
			inShop(t, bakery, func(t *testing.T, s *shop) {
				m := s.enrol(called, "+36301234567")
				d := s.start(80, 24)
				d.Golden("counter")
				for _, open := range []func(){
					func() { d.Scan(m.Profile.Code()) },
					func() { d.Press("e") },
					func() { d.Press("esc", "c") },
					func() { d.Press("enter", "esc", "f"); d.Paste("06301234567") },
				} {
					open()
					for _, size := range sizes {
						d.Resize(size.width, size.height)
						fits(d, size.width, size.height)
					}
					d.Resize(80, 24)
				}
				d.Press("enter")
				d.Golden("member")
			})
		})
	}
}

// The screens of which make screens draws pictures, for those who read about the
// station before they see it.
func TestPictures(t *testing.T) {
	for name, p := range map[string]spot{
		"member":  {program: cafe, has: withAnna(6), way: "scan enter"},
		"day-end": {program: everything, has: func(s *shop) (m station.Member) { s.day(); return m }, way: "d '1234 enter wait enter wait"},
		"reports": {program: lively, has: func(s *shop) (m station.Member) { s.weeks(30); s.config.Reports = tillFigures{db: s.db}; return m }, way: "m r '1234 enter - left y"},
		"persian": {program: strings.ReplaceAll(cafe, "Coffee", "قهوه"), has: persianDay, rtl: true},
	} {
		t.Run(name, func(t *testing.T) {
			inSpot(t, p, p.inLanguage(), func(_ *shop, d *tuitest.Driver) {
				if name == "day-end" {
					d.Resize(100, 32)
				}
				golden.RequireEqual(picture{t, name}, d.Styled())
			})
		})
	}
}

// picture is a test whose golden file is drawn.
type picture struct {
	testing.TB
	name string
}

func (p picture) Name() string { return "TestPictures/" + p.name + "-styled" }

// persianDay is a counter in Persian, at which something happened.
func persianDay(s *shop) (m station.Member) {
	s.config.Shop = "کافهٔ دهم"
	s.config.SignedIn = &pos.Cashier{ID: "ali", Name: "علی رضایی", Role: pos.RoleManager}
	for i, name := range []string{"سارا کریمی", "رضا محمدی", "نگار احمدی"} {
		member := s.enrol(name, "")
		_, err := s.station.Stamp("ali", member.Profile.Holder, "", int64(1+i))
		require.NoError(s.t, err)
	}
	return m
}

package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/tui"
	"tenthcup/tui/tuitest"
)

// sizes are those that every screen is looked at in.
var sizes = []struct {
	name          string
	width, height int
}{{"80x24", 80, 24}, {"120x40", 120, 40}, {"60x18", 60, 18}, {"20x5", 20, 5}}

// everySize compares the screen as it is now in all sizes that show it. It is never
// larger than the terminal.
func everySize(d *tuitest.Driver, name string) {
	for _, size := range sizes {
		d.Resize(size.width, size.height)
		fits(d, size.width, size.height)
		if size.width >= 60 {
			d.Golden(name + "-" + size.name)
		}
	}
	d.Resize(80, 24)
}

func fits(d *tuitest.Driver, width, height int) {
	lines := strings.Split(d.Styled(), "\n")
	require.LessOrEqual(d.T, len(lines), height)
	for _, line := range lines {
		require.LessOrEqual(d.T, ansi.StringWidth(line), width, line)
	}
}

func TestLock(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.SignedIn = nil
		d := s.start(80, 24)
		d.Press("2")
		d.Type("12")
		d.Press("enter")
		require.Contains(t, d.View(), "✗ Wrong PIN")
		d.Press("esc", "down", "enter")
		d.Type("1234")
		require.NotContains(t, d.View(), "1234", "a PIN is never shown")
		d.Press("enter")
		require.Contains(t, d.View(), "Scan a code")
		require.Contains(t, d.View(), "ﯽﯾﺎﺿﺭ ﯽﻠﻋ   10:42")
		d.Press("l")
		require.Contains(t, d.View(), "▸ 3 ﯽﯾﺎﺿﺭ ﯽﻠﻋ", "who locked the till comes back most likely")
	})
}

func TestCounter(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.Hint = "Demo: type a code and Enter."
		d := s.start(80, 24)
		everySize(d, "empty")
		anna := s.anna(3)
		_, err := s.station.Undo("edit", anna.Profile.Holder, "undo")
		require.NoError(t, err)
		s.enrol("José 👩‍👩‍👧 Nu\u0301n\u0303ez", "")
		s.enrol("علی رضایی", "")
		s.enrol(strings.Repeat("Long ", 12)+"Name", "")
		d.Send(tui.Changed{})
		everySize(d, "today")
		d.GoldenStyled("today-styled")
		d.Type("tc12")
		everySize(d, "typing")
		d.Press("enter")
		d.Press("esc")
		require.Contains(t, d.View(), "Scan a code")
	})
}

func TestCounterKnowsTheLine(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		require.NoError(t, s.db.SetEnrolled())
		s.config.Line = line{}
		d := s.start(80, 24)
		require.Contains(t, d.View(), "○ connecting")
		d.Send(tui.Status{Online: true, Waiting: station.Waiting{LastSync: s.now()}})
		require.Contains(t, d.View(), "● online, all sent")
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 13, Profiles: 1, LastSync: s.now().Add(-time.Minute)}, Err: errRefused})
		require.Contains(t, d.View(), "○ offline, 14 waiting, as of 10:41")
		d.Send(tui.Status{Waiting: station.Waiting{LastSync: s.now().Add(-40 * time.Hour)}, Err: errRefused})
		require.Contains(t, d.View(), "○ offline, all sent, as of 20 Nov")
	})
}

func TestMember(t *testing.T) {
	for name, program := range map[string]string{"cafe": cafe, "points": points, "bakery": bakery} {
		t.Run(name, func(t *testing.T) {
			inShop(t, program, func(t *testing.T, s *shop) {
				m := s.enrol("Kovács Anna", "+36301234567")
				for _, card := range m.Cards {
					_, err := s.station.Stamp("edit", m.Profile.Holder, card.Card.ID, 17)
					require.NoError(t, err)
				}
				if m.Points != nil {
					_, err := s.station.Earn("edit", m.Profile.Holder, 8600)
					require.NoError(t, err)
				}
				d := s.start(80, 24)
				d.Scan(m.Profile.Code())
				everySize(d, "member")
				d.GoldenStyled("member-styled")
				d.Type("12")
				d.Golden("typing")
				d.Press("esc", "tab")
				d.Golden("next-card")
			})
		})
	}
}

func TestMemberWithoutLine(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		require.NoError(t, s.db.SetEnrolled())
		anna := s.anna(7)
		require.NoError(t, s.db.Apply(ledger.Page{
			At: s.now().Add(-7 * time.Minute).UnixMilli(), Changed: []ledger.Changed{{Holder: anna.Profile.Holder, Position: 1}}, Cursor: 1,
		}, nil))
		s.config.Line = line{}
		d := s.start(80, 24)
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 2}, Err: errRefused})
		d.Scan(anna.Profile.Code())
		require.Contains(t, d.View(), "as of 10:35, ◦ 1 not counted yet")
	})
}

func TestManyCards(t *testing.T) {
	var program strings.Builder
	program.WriteString("title = \"All\"\n")
	for _, size := range []string{"1", "4", "7", "12", "15", "30", "100"} {
		program.WriteString("[[card]]\nid = \"c" + size + "\"\nname = \"Card of " + size + "\"\nsize = " + size + "\nstamp = \"" + map[bool]string{true: "☕", false: "●"}[size == "15"] + "\"\n")
	}
	inShop(t, program.String(), func(t *testing.T, s *shop) {
		m := s.enrol("Kovács Anna", "")
		for _, card := range m.Cards {
			_, err := s.station.Stamp("edit", m.Profile.Holder, card.Card.ID, min(max(card.Card.Size*2/3, 1), 50))
			require.NoError(t, err)
		}
		d := s.start(80, 24)
		d.Scan(m.Profile.Code())
		for _, card := range m.Cards {
			require.Contains(t, d.View(), " "+card.Card.Name+" ")
			d.Golden(card.Card.ID)
			d.Press("tab")
		}
	})
}

func TestForm(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.anna(0)
		d := s.start(80, 24)
		d.Press("n")
		everySize(d, "empty")
		d.Type("12")
		d.Press("enter")
		d.Type("Kőszegi Ödön")
		everySize(d, "typed")
		d.Press("ctrl+s")
		require.Contains(t, d.View(), "✗ 12 is not a phone number")
		d.Press("ctrl+u")
		d.Type("06301234568")
		d.Press("up", "up")
		d.Type("13-01")
		d.Press("ctrl+s")
		require.Contains(t, d.View(), "13-01 is not a day and month")
		for range len("13-01") {
			d.Press("backspace")
		}
		d.Type("02-29")
		d.Press("up")
		d.Type("odon")
		d.Press("ctrl+s")
		require.Contains(t, d.View(), "odon is not an e-mail address")
		d.Golden("email")
		d.Type("@example.com")
		d.Press("down", "down", "enter")
		require.Contains(t, d.View(), "✓ Kőszegi Ödön is a member now.")
		everySize(d, "code")
		d.GoldenStyled("code-styled")
		d.Press("enter", "e")
		everySize(d, "edit")
		d.Press("down")
		d.Type("on")
		d.Press("ctrl+s")
		require.Contains(t, d.View(), "✓ Changed.")
		found, err := s.station.Find("Kőszegi", 2)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, "Kőszegi Ödönon", found[0].Name)
		require.Equal(t, "02-29", found[0].Birthday.String())
		require.Equal(t, "en", found[0].Language)
	})
}

func TestCodeWithoutColours(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(0)
		d := s.start(80, 24)
		d.Send(tea.ColorProfileMsg{Profile: colorprofile.ASCII})
		d.Scan(anna.Profile.Code())
		d.Press("c")
		require.Contains(t, d.View(), code.Group(anna.Profile.Code()))
		d.Golden("mono")
		require.NotContains(t, d.Styled(), "48;2;255;255;255", "a background would be taken away")
	})
}

func TestFind(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.anna(0)
		for _, name := range []string{"Anna Kiss", "Annika Nagy", "Béla Annus", "علی رضایی", "Ödön 👨‍👩‍👧‍👦", strings.Repeat("Anna ", 14)} {
			s.enrol(name, "")
		}
		d := s.start(80, 24)
		d.Press("f")
		d.Type("anna")
		d.Press("down")
		everySize(d, "list")
		d.Type("x")
		d.Press("enter")
		for range len("annax") {
			d.Press("backspace")
		}
		d.Type("06301234567")
		d.Press("enter")
		require.Contains(t, d.View(), "Member")
		require.Contains(t, d.View(), "Kovács Anna")
	})
}

func TestSeveralMembersWithOneCode(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		a, b := s.enrol("Kovács Anna", "", "4006381333931"), s.enrol("Nagy Béla", "")
		b.Profile.Codes = append(b.Profile.Codes, "4006381333931")
		require.NoError(t, s.db.SaveProfile(b.Profile), "as it comes from another till")
		d := s.start(80, 24)
		d.Scan("4006381333931")
		require.Contains(t, d.View(), code.Group(a.Profile.Code()))
		d.Press("down", "enter")
		require.Contains(t, d.View(), "Nagy Béla")
	})
}

func TestQueue(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("q")
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.anna(20)
		require.NoError(t, s.db.SetEnrolled())
		server := line{steps: make(chan int), err: pos.Refuse("undo.nothing")}
		s.config.Line = server
		d := s.start(80, 24)
		d.Send(tui.Status{Waiting: station.Waiting{Entries: 2, Profiles: 1, Oldest: s.now()}, Err: pos.Refuse("line.none")})
		d.Press("q")
		everySize(d, "waiting")
		d.Press("s")
		d.Post(func() { server.steps <- 7 })
		require.Contains(t, d.View(), "7 of 21 sent")
		everySize(d, "sending")
		d.Press("esc", "q")
		require.Contains(t, d.View(), "7 of 21 sent", "a transfer goes on while another page is looked at")
		close(server.steps)
		d.Wait(0)
		require.Contains(t, d.View(), "✗ There is nothing of this shift to undo")
		d.Golden("failed")
	})
}

func TestHelp(t *testing.T) {
	inShop(t, bakery, func(t *testing.T, s *shop) {
		anna := s.anna(7)
		d := s.start(80, 24)
		d.Press("?")
		everySize(d, "counter")
		d.Scan(anna.Profile.Code())
		require.NotContains(t, d.View(), "Everywhere", "a scan closes the help")
		d.Press("f1")
		d.Press("esc")
		require.Contains(t, d.View(), "Kovács Anna")
	})
}

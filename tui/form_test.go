package tui_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/tui/screen"
	"tenthcup/tui/tuitest"
)

// newest is the member that was enrolled last.
func (s *shop) newest(name string) pos.Profile {
	s.t.Helper()
	found, err := s.station.Find(name, 2)
	require.NoError(s.t, err)
	require.Len(s.t, found, 1)
	return found[0]
}

// A member with phone and name takes a few keys, and the code is there at once.
func TestEnrolInSeconds(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		printed := &paper{}
		s.config.Printer = printed
		d := s.start(80, 24)
		began := time.Now()
		d.Press("n")
		d.Type("06301234567")
		d.Press("enter")
		d.Type("Kovács Anna")
		d.Press("ctrl+s")
		require.Less(t, time.Since(began), 15*time.Second, "four keys a second")
		anna := s.newest("Kovács")
		require.Contains(t, d.View(), code.Group(anna.Code()))
		d.Press("p")
		require.Contains(t, d.View(), "✓ Printed.")
		require.Contains(t, text(printed.slips[0]), anna.Code())
		require.Contains(t, text(printed.slips[0]), "Kovács Anna")
		require.Empty(t, anna.Consents, "nobody agreed to anything")
		require.Equal(t, "en", anna.Language)
	})
	t.Run("on paper by itself", func(t *testing.T) {
		inShop(t, bazaar, func(t *testing.T, s *shop) {
			printed := &paper{}
			s.config.Printer, s.config.Settings = printed, screen.Settings{Printer: screen.PrinterSettings{Slips: "always"}}
			d := s.start(80, 24)
			d.Press("n")
			d.Type("Anna")
			d.Press("ctrl+s")
			require.Len(t, printed.slips, 1)
		})
	})
}

func TestConsents(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("n")
		d.Type("Anna")
		d.Press("enter", "enter")
		everySize(d, "asked")
		require.Contains(t, d.View(), "Read out: “I agree that the bazaar sends me its news by e-mail until")
		require.Contains(t, d.View(), "‹ not asked yet ›")
		d.Press("right", "enter")
		everySize(d, "second")
		d.Press("left", "ctrl+s")
		anna := s.newest("Anna")
		require.Equal(t, map[string]int64{"news": anna.Consents["news"]}, anna.Consents)
		require.InDelta(t, s.now().UnixMilli(), anna.Consents["news"], 10_000)
		d.Press("enter", "e", "down", "down", "down")
		d.Press("right", "ctrl+s")
		again := s.newest("Anna")
		require.Equal(t, anna.Consents["news"], again.Consents["news"], "it was given when it was given")
		require.NotZero(t, again.Consents["habits"])
		d.Press("e", "down", "down", "right", "ctrl+s")
		require.NotContains(t, s.newest("Anna").Consents, "news", "and can be taken back")
	})
}

// Who is a member already is opened, as soon as the number is typed.
func TestPhoneIsKnown(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "+36301234567", 0, 0)
		for _, keys := range [][]string{{"enter"}, {"tab"}, {"ctrl+s"}} {
			d := s.start(80, 24)
			d.Press("n")
			d.Type("0630 123 4567")
			before := s.entries()
			d.Press(keys...)
			require.Contains(t, d.View(), code.Group(anna.Profile.Code()))
			require.Contains(t, d.View(), "✗ Kovács Anna has this number: a member already.")
			require.Equal(t, before, s.entries())
		}
	})
}

func TestPrintedCardOnTheForm(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		d := s.start(80, 24)
		d.Press("n")
		d.Type("Anna")
		d.Scan(unknown(t))
		everySize(d, "card")
		require.Contains(t, d.View(), "· The new member gets the card "+code.Group(unknown(t)))
		d.Press("ctrl+s")
		require.Equal(t, unknown(t), s.newest("Anna").Code())
		d.Press("esc", "esc", "n")
		require.NotContains(t, d.View(), "Anna", "nothing is left of the form")
		d.Type("Béla")
		d.Scan(unknown(t))
		require.Contains(t, d.View(), "Anna", "the card is hers now")
	})
}

func TestBroughtBy(t *testing.T) {
	start := func(s *shop) (*tuitest.Driver, pos.Profile) {
		anna := s.rich("Kovács Anna", "", 0, 0)
		d := s.start(80, 24)
		d.Press("n")
		d.Type("Nagy Béla")
		d.Scan(anna.Profile.Code())
		return d, anna.Profile
	}
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		d, anna := start(s)
		everySize(d, "offer")
		require.Contains(t, d.View(), "Kovács Anna is a member. Brought the new one?")
		d.Press("enter")
		everySize(d, "brought")
		d.Press("ctrl+s")
		bela := s.newest("Béla")
		require.Equal(t, anna.Holder, bela.Friend)
		_, err := s.station.Sell("robin", bela.Holder, pos.Sale{Amount: 2500})
		require.NoError(t, err)
		friend, err := s.station.Member(anna.Holder)
		require.NoError(t, err)
		require.EqualValues(t, 100, *friend.Points, "the friend has something of it")
	})
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		d, anna := start(s)
		d.Press("esc")
		require.Contains(t, d.View(), code.Group(anna.Code()), "it was the next customer")
		require.Contains(t, d.View(), "· The half-filled form is kept")
		d.Press("esc", "n")
		require.Contains(t, d.View(), "Nagy Béla")
		d.Press("ctrl+s")
		require.Zero(t, s.newest("Béla").Friend)
	})
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		d, _ := start(s)
		d.Press("enter", "up", "right")
		require.Contains(t, d.View(), "‹ nobody ›")
		d.Press("ctrl+s")
		require.Zero(t, s.newest("Béla").Friend, "a mistake can be put right")
	})
}

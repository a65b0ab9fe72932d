package tui_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
)

func TestGiftCard(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		printed := &paper{}
		s.config.Printer = printed
		d := s.start(80, 24)
		d.Press("m", "g")
		everySize(d, "sale")
		d.Type("2")
		d.Press("enter", "enter")
		require.Contains(t, d.View(), "✗ A gift card takes €5.00 to €500.00 at once.")
		d.Press("up", "ctrl+u")
		d.Type("30")
		d.Scan("96385074")
		everySize(d, "scanned")
		before := s.entries()
		d.Press("enter")
		require.Equal(t, before+1, s.entries())
		d.Wait(time.Second)
		everySize(d, "sold")
		require.Contains(t, d.View(), "Key in and take: €30.00")
		d.Press("p")
		require.Contains(t, text(printed.slips[0]), "96385074")
		require.Contains(t, text(printed.slips[0]), "On the card €30.00")
		d.Press("enter")
		require.Contains(t, d.View(), "Scan a code")

		d.Scan("96385074")
		everySize(d, "card")
		require.Contains(t, d.View(), "On the card: €30.00")
		d.Type("35")
		require.Contains(t, d.View(), "Left to be paid another way: €5.00")
		for range "35" {
			d.Press("backspace")
		}
		d.Type("12.50")
		d.Press("enter")
		d.Wait(time.Second)
		everySize(d, "paid")
		require.Contains(t, d.View(), "Key in as paid with the gift card: €12.50")
		require.Contains(t, d.View(), "On the card: €17.50")
	})
}

func TestGiftCardToppedUpAndTakenBack(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		done, err := s.station.SellGiftCard("robin", 2000, "")
		require.NoError(t, err)
		id := done.Member.Profile.Code()
		on := func() pos.Money {
			card, err := s.station.GiftCard(id)
			require.NoError(t, err)
			return card.Balance
		}
		d := s.start(80, 24)
		d.Scan(id)
		d.Press("up", "right", "enter")
		d.Type("10")
		require.Contains(t, d.View(), "Then €30.00 is on the card.")
		d.Press("enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Key in and take: €10.00")
		require.EqualValues(t, 3000, on())
		d.Scan(id)
		d.Press("up", "left", "enter")
		require.Contains(t, d.View(), "Takes back what was done last with this card at this till.")
		d.Press("enter")
		d.Wait(time.Second)
		everySize(d, "undone")
		require.Contains(t, d.View(), "Give back: €10.00")
		require.EqualValues(t, 2000, on())
		d.Scan(id)
		d.Type("7")
		d.Press("enter")
		d.Scan(id)
		require.Contains(t, d.View(), "On the card: €13.00", "a scan leaves what was done")
		d.Press("up", "left", "enter", "enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Take another payment for: €7.00")
		require.EqualValues(t, 2000, on())
	})
}

// The code of a gift card opens it from every page, and is no member's.
func TestGiftCardIsScannedAnywhere(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		anna := s.rich("Kovács Anna", "", 0, 500)
		done, err := s.station.SellGiftCard("robin", 2000, "")
		require.NoError(t, err)
		for _, way := range []string{"", "member", "member m p 1", "member m g 1", "member m l", "m g", "f A", "q", "n 0 6", "member e"} {
			d := s.visit(anna, way)
			d.Scan(done.Member.Profile.Code())
			require.Contains(t, d.View(), "On the card: €20.00", way)
			require.Contains(t, d.View(), code.Group(done.Member.Profile.Code()), way)
		}
	})
}

// A till that may not take more from a card asks a manager.
func TestGiftCardWithoutALine(t *testing.T) {
	inShop(t, bazaar, func(t *testing.T, s *shop) {
		done, err := s.station.SellGiftCard("robin", 2000, "")
		require.NoError(t, err)
		require.NoError(t, s.db.SetEnrolled())
		d := s.start(80, 24)
		d.Scan(done.Member.Profile.Code())
		d.Type("5")
		d.Press("enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "A manager may allow it")
		d.Type("1234")
		d.Press("enter")
		d.Type("known customer")
		before := s.entries()
		d.Press("enter")
		d.Wait(time.Second)
		require.Contains(t, d.View(), "Key in as paid with the gift card: €5.00")
		require.Equal(t, before+1, s.entries())
		var last station.Record
		require.NoError(t, s.db.Last(func(r station.Record) bool { last = r; return false }))
		require.Equal(t, pos.ByOverride, last.Entry.By.Kind)
	})
}

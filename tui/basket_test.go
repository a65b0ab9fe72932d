package tui_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/screen"
)

const corner = `
title = "Corner"
[points]
earn = 1
for = "1"
[[card]]
id = "coffee"
name = "Coffee"
size = 10
per = "unit"
when = { categories = ["coffee"] }
[[reward]]
id = "half"
name = "Half price buns"
points = 5
kind = "percent"
percent = 50
when = { items = ["bun"] }
[[reward]]
id = "two-off"
name = "Two off"
points = 10
kind = "money"
off = "2"
`

func (s *shop) sells(t testing.TB) {
	require.NoError(t, s.db.SetItems([]pos.Item{
		{ID: "bun", Name: "Cinnamon bun", Category: "bakery", Price: 300},
		{ID: "flat", Name: "Flat white", Category: "coffee", Price: 450, Key: "f"},
		{ID: "tea", Name: "Green tea", Category: "tea", Price: 280, Key: "t"},
	}))
}

// A sale of items: by their keys, by name and by choosing; booked as one entry
// whose lines decide what it gives.
func TestBasket(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		s.sells(t)
		anna := s.anna0()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("i")
		require.Contains(t, d.View(), "Cinnamon bun")
		require.Contains(t, d.View(), "0 pieces · €0.00")
		d.Type("ff")
		require.Contains(t, d.View(), "2 pieces · €9.00")
		d.Type("cin")
		require.NotContains(t, d.View(), "Green tea")
		d.Press("enter", "right", "left", "left")
		require.Contains(t, d.View(), "2 pieces · €9.00", "one in and out again")
		d.Press("right")
		require.Contains(t, d.View(), "3 pieces · €12.00")
		d.Type("x")
		require.Contains(t, d.View(), "No item is called x.")
		d.Press("esc", "enter")
		require.Contains(t, d.View(), "Sale: 3 pieces, €12.00. Enter books it.")
		before := s.entries()
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 12 points for €12.00: 12 in all.")
		require.Contains(t, d.View(), "2 of 10")
		require.Equal(t, before+1, s.entries())
		d.Press("w")
		require.Contains(t, d.View(), "+2 stamps Coffee")
	})
}

// A reward takes something off the sale under way; what is left is booked.
func TestRewardOnASale(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		s.sells(t)
		anna := s.anna0()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Type("20")
		d.Press("enter", "i")
		d.Press("right", "right")
		d.Press("enter", "r")
		d.Wait(500 * time.Millisecond)
		d.Press("enter")
		require.Contains(t, d.View(), "✓ Half price buns: take €3.00 off the sale.")
		require.Contains(t, d.View(), "Sale: 2 pieces, €3.00. Enter books it.")
		d.Press("enter")
		require.Contains(t, d.View(), "✓ 3 points for €3.00: 18 in all.")
	})
	t.Run("on an amount", func(t *testing.T) {
		inShop(t, corner, func(t *testing.T, s *shop) {
			anna := s.anna0()
			d := s.start(80, 24)
			d.Scan(anna.Profile.Code())
			d.Type("20")
			d.Press("enter")
			d.Type("9")
			d.Press("r")
			d.Wait(500 * time.Millisecond)
			d.Type("2")
			require.Contains(t, d.View(), "✓ Two off: take €2.00 off the sale.")
			require.Contains(t, d.View(), "Sale: €7.00. Enter books it.")
			d.Press("esc")
			require.NotContains(t, d.View(), "Enter books it.")
		})
	})
	t.Run("a scan drops what was picked", func(t *testing.T) {
		inShop(t, corner, func(t *testing.T, s *shop) {
			s.sells(t)
			anna := s.anna0()
			d := s.start(80, 24)
			d.Scan(anna.Profile.Code())
			d.Press("i")
			d.Type("f")
			d.Scan(anna.Profile.Code())
			require.Contains(t, d.View(), "The items that were picked were dropped.")
		})
	})
}

// The items that have a key are a keypad: pressed, clicked, and wider where there is
// room.
func TestKeypad(t *testing.T) {
	inShop(t, corner, func(t *testing.T, s *shop) {
		items := []pos.Item{{ID: "rare", Name: "Something rare", Price: 99900}}
		for i, key := range strings.Split("1234567890abcdef", "") {
			items = append(items, pos.Item{ID: "i" + key, Name: "Item number " + key, Category: "things", Price: pos.Money(100 * (i + 1)), Key: key})
		}
		require.NoError(t, s.db.SetItems(items))
		d := s.start(80, 24)
		d.Scan(s.anna0().Profile.Code())
		d.Press("i")
		everySize(d, "keys")
		d.Type("2a2")
		require.Contains(t, d.View(), "3 pieces · €15.00")
		everySize(d, "picked")
		d.Send(screen.Picked{Row: 4})
		d.Send(screen.Picked{Row: 4})
		require.Contains(t, d.View(), "4 pieces")
		d.Type("rare")
		require.NotContains(t, d.View(), "2  Item number", "the keypad gives way to what is searched for")
		d.Golden("searching")
	})
}

// What is clicked does what it says, wherever it stands.
func TestKeypadClicks(t *testing.T) {
	desk := &screen.Desk{Words: newWords(t), Items: []pos.Item{
		{ID: "a", Name: "Apple", Price: 100, Key: "a"}, {ID: "p", Name: "Pear", Price: 200, Key: "p"},
	}}
	basket := screen.NewBasket(desk, station.Member{}, nil)
	view := basket.View(80, 20)
	keys := 0
	for _, click := range view.Clicks {
		if key, ok := click.Do.(tea.KeyPressMsg); ok {
			keys++
			line := []rune(ansi.Strip(view.Lines[click.Y]))
			require.Equal(t, key.Text, string(line[click.X]))
			next, _ := basket.Update(click.Do)
			require.Contains(t, strings.Join(next.View(80, 20).Lines, "\n"), "1 piece")
		}
	}
	require.Equal(t, 2, keys)
}

func newWords(t *testing.T) *assets.Printer {
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter("en", euro, time.UTC)
	require.NoError(t, err)
	return words
}

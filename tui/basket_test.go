package tui_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
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

func (s *shop) sells(t *testing.T) {
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

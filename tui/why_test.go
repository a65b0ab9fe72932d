package tui_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// w explains the last entry, line by line, until the next key.
func TestWhy(t *testing.T) {
	inShop(t, points, func(t *testing.T, s *shop) {
		anna := s.anna0()
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("w")
		require.Contains(t, d.View(), "✗ Nothing of this shift can be explained.")
		d.Type("12.50")
		d.Press("enter", "w")
		require.Contains(t, d.View(), "Why: +12 points · €12.50")
		require.Contains(t, d.View(), "+12 points  1 for each €1.00 of €12.50")
		d.Press("w")
		require.NotContains(t, d.View(), "Why: ")
		d.Press("w")
		d.Type("3")
		require.NotContains(t, d.View(), "Why: ", "any key goes on with the work")
		require.Contains(t, d.View(), "Amount  3")
		d.Press("enter", "w")
		require.Contains(t, d.View(), "Why: +3 points · €3.00")
		d.Scan(anna.Profile.Code())
		require.NotContains(t, d.View(), "Why: ")
		d.Press("u", "enter", "u", "enter", "w")
		require.Contains(t, d.View(), "✗ Nothing of this shift can be explained.")
	})
	inShop(t, cafe, func(t *testing.T, s *shop) {
		anna := s.anna(9)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		d.Press("enter", "r", "w")
		require.Contains(t, d.View(), "Why: Free coffee handed out")
	})
}

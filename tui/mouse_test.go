package tui_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/stretchr/testify/require"
)

// The mouse does what the keys do: what is clicked is chosen, what is chosen opens,
// a key in the footer is pressed, and the wheel moves.
func TestMouse(t *testing.T) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		s.config.SignedIn = nil
		d := s.start(80, 24)
		d.Click("Kőszegi Edit")
		require.Contains(t, d.View(), "▸ 2 Kőszegi Edit")
		d.Send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		require.Contains(t, d.View(), "▸ 3 ﯽﯾﺎﺿﺭ ﯽﻠﻋ")
		d.Click("Robin")
		d.Click("Robin")
		require.Contains(t, d.View(), "PIN of Robin")
		d.Type("1234")
		d.Click("Sign in")
		require.Contains(t, d.View(), "Scan a code")
		d.Click("More")
		require.Contains(t, d.View(), "› More")
		d.Click("Day end")
		d.Type("1234")
		d.Press("enter")
		require.Contains(t, d.View(), "› Day end")
		d.Click("Esc")
		require.Contains(t, d.View(), "Scan a code")
		d.Click("? Help")
		require.Contains(t, d.View(), "Everywhere")
		d.Click("Everywhere")
		require.Contains(t, d.View(), "Scan a code", "any click closes the help")
		d.Resize(60, 18)
		d.Click("New member")
		require.Contains(t, d.View(), "› New member")
		d.Resize(20, 5)
		d.Send(tea.MouseClickMsg{X: 3, Y: 4, Button: tea.MouseLeft}) // nothing is shown that could be clicked
		d.Resize(80, 24)
		require.Contains(t, d.View(), "› New member")
	})
}

package tui_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/tui/display"
)

// looker is a customer who looks at the display.
type looker struct {
	there  bool
	frames []display.Frame
}

func (l *looker) Watched() bool            { return l.there }
func (l *looker) Show(frame display.Frame) { l.frames = append(l.frames, frame) }
func (l *looker) last() display.Frame      { return l.frames[len(l.frames)-1] }

const announcing = cafe + `
[[news]]
text = "Plum cake is back"
until = "2026-11-29"
`

// The customer sees the welcome, the own card, what was just earned and the own
// code, and never a name or a number.
func TestCustomerDisplay(t *testing.T) {
	inShop(t, announcing, func(t *testing.T, s *shop) {
		customer := &looker{}
		s.config.Display = customer
		anna := s.anna(9)
		d := s.start(80, 24)
		d.Scan(anna.Profile.Code())
		require.Empty(t, customer.frames, "nobody looks")
		d.Press("esc")
		customer.there = true
		d.Press("f", "esc")
		require.Equal(t, display.Frame{
			Language: "en", Shop: "Café Tizedik", Title: "Welcome!", News: []string{"Plum cake is back (until 29 Nov 2026)"}, Idle: true,
		}, customer.last())
		d.Scan(anna.Profile.Code())
		require.Equal(t, display.Frame{
			Language: "en", Shop: "Café Tizedik", Title: "Your card",
			Cards: []display.Card{{Name: "Coffee", Stamp: "●", Have: 9, Size: 10, Count: "9 of 10"}},
		}, customer.last())
		d.Press("enter")
		require.Equal(t, "Thank you!", customer.last().Title)
		require.Contains(t, customer.last().Said, "Free coffee is ready")
		require.Equal(t, []string{"Free coffee"}, customer.last().Rewards)
		d.Press("c")
		require.Equal(t, anna.Profile.Code(), customer.last().QR)
		seen := len(customer.frames)
		d.Wait(3 * time.Minute)
		require.Len(t, customer.frames, seen, "what does not change is not shown again")
		d.Press("enter", "esc", "l")
		require.True(t, customer.last().Idle)
		require.Contains(t, d.View(), "Plum cake is back")
		for _, frame := range customer.frames {
			require.NotContains(t, frame.Said+frame.Title, "Anna")
		}
	})
}

package display_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/tui/display"
	"tenthcup/tui/theme"
	"tenthcup/tui/tuitest"
)

var (
	idle = display.Frame{Language: "en", Shop: "Café Tizedik", Title: "Welcome!", News: []string{"Plum cake is back"}, Idle: true}
	card = display.Frame{
		Language: "en", Shop: "Café Tizedik", Title: "Your card",
		Cards: []display.Card{{Name: "Coffee", Stamp: "●", Have: 7, Size: 10, Count: "7 of 10"}, {Name: "Bread", Stamp: "✿", Have: 3, Size: 8, Count: "3 of 8"}}, Points: "120 points",
	}
	persian = display.Frame{
		Language: "fa", Right: true, Shop: "کافه دهم", Title: "سپاس!", Said: "۱ مُهر روی قهوه: ۸ از ۱۰.",
		Cards: []display.Card{{Name: "قهوه", Stamp: "●", Have: 8, Size: 10, Count: "۸ از ۱۰"}}, Points: "۱۲۰ امتیاز", Rewards: []string{"نان رایگان"},
	}
	code = display.Frame{Language: "en", Shop: "Café Tizedik", Title: "Take a photo of your code", QR: "TC153UHLR78WMDP"}
)

func run(t *testing.T, test func(*tuitest.Driver)) {
	synctest.Test(t, func(t *testing.T) {
		test(tuitest.Start(t, display.Model{Theme: theme.Dark(), Closed: "The counter is closed.", Now: time.Now}, 80, 24))
	})
}

func TestDisplay(t *testing.T) {
	run(t, func(d *tuitest.Driver) {
		d.Golden("closed")
		for name, frame := range map[string]display.Frame{"idle": idle, "card": card, "code": code} {
			d.Send(frame)
			d.Golden(name)
		}
		d.Send(display.Lost{})
		require.Contains(t, d.View(), "The counter is closed.")
		d.Resize(20, 5)
		d.Send(card)
		d.Golden("tiny")
		d.Press("q")
		require.True(t, d.Quit())
	})
}

func TestPersianDisplay(t *testing.T) {
	run(t, func(d *tuitest.Driver) {
		d.Send(persian)
		d.Golden("card")
	})
}

// A code is photographed from a page that is read from right to left too.
func TestCodeOnAPersianPage(t *testing.T) {
	run(t, func(d *tuitest.Driver) {
		d.Send(code)
		lines := strings.Split(d.View(), "\n")
		right := code
		right.Right = true
		d.Send(right)
		seen := strings.Split(d.View(), "\n")
		for i, line := range lines {
			if strings.ContainsAny(line, "█▀▄") {
				require.Equal(t, strings.TrimSpace(line), strings.TrimSpace(seen[i]))
			}
		}
	})
}

// What was just earned stays to be read for a while after the counter has gone on
// to wait for the next customer, but never covers that one.
func TestWhatWasEarnedLingers(t *testing.T) {
	run(t, func(d *tuitest.Driver) {
		earned := card
		earned.Title, earned.Said = "Thank you!", "1 stamp on Coffee: 8 of 10."
		d.Send(card)
		d.Send(idle)
		require.Contains(t, d.View(), "Welcome!", "a card alone does not linger")
		d.Send(earned)
		d.Wait(display.Linger / 2)
		d.Send(idle)
		require.Contains(t, d.View(), "Thank you!")
		d.Wait(display.Linger)
		require.Contains(t, d.View(), "Welcome!")
		d.Send(earned)
		d.Send(idle)
		d.Send(card)
		require.Contains(t, d.View(), "Your card")
		d.Wait(display.Linger)
		require.Contains(t, d.View(), "Your card", "the welcome that waited is forgotten")
	})
}

// Whoever has many cards sees them all, and the rewards that are ready.
func TestManyCards(t *testing.T) {
	run(t, func(d *tuitest.Driver) {
		many := card
		many.Cards = append(many.Cards, display.Card{Name: "Visits", Stamp: "●", Have: 19, Size: 20, Count: "19 of 20"})
		many.Rewards = []string{"Free coffee", "Free loaf"}
		d.Send(many)
		d.Golden("three")
		for _, text := range []string{"Coffee", "Bread", "Visits", "19 of 20", "120 points", "Free loaf"} {
			require.Contains(t, d.View(), text)
		}
	})
}

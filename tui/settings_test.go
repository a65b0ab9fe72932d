package tui_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/tui/screen"
	"tenthcup/tui/theme"
	"tenthcup/tui/tuitest"
)

// keeper keeps settings as a till's folder does.
type keeper struct {
	shop *shop
	kept []screen.Settings
}

func (k *keeper) keep(s screen.Settings) error {
	k.kept = append(k.kept, s)
	return nil
}

func (k *keeper) dress(s screen.Settings) (screen.Dress, error) {
	look, err := theme.Named(s.Screen.Theme)
	if err != nil {
		return screen.Dress{}, err
	}
	language := "en"
	if s.Screen.Language != "" {
		language = s.Screen.Language
	}
	words, err := assets.NewPrinter(language, k.shop.config.Words.Currency(), k.shop.station.Zone)
	return screen.Dress{Theme: look, Words: words}, err
}

// inSettings opens the row of the menu, past the gate.
func inSettings(t *testing.T, key string, test func(*tuitest.Driver, *keeper)) {
	inShop(t, cafe, func(t *testing.T, s *shop) {
		k := &keeper{shop: s}
		s.config.Keep, s.config.Dress = k.keep, k.dress
		d := s.start(80, 24)
		d.Press("m", key, "enter")
		d.Type("1234")
		d.Press("enter")
		test(d, k)
	})
}

// What is changed on the page is kept, and holds from then on without a restart.
func TestSettings(t *testing.T) {
	inSettings(t, "s", func(d *tuitest.Driver, k *keeper) {
		d.Press("right", "right", "right", "enter")
		require.Contains(t, d.View(), "✓ Elmentve.")
		require.Equal(t, "hu", k.kept[0].Screen.Language)
		d.Press("down", "right", "right", "right", "enter")
		require.Equal(t, "contrast", k.kept[1].Screen.Theme)
		require.Contains(t, d.Styled(), "\x1b[1;93m")
		d.Press("enter")
		require.Contains(t, d.View(), "Semmi nem változott")
		d.Press("left", "left", "left", "left", "enter") // the shop's own, and there is none
		require.Contains(t, d.View(), "✗ ")
		require.Contains(t, d.Styled(), "\x1b[1;93m", "what cannot be read changes nothing")
		d.Click("Hang nélkül")
		d.Click("Hang nélkül")
		d.Press("enter")
		require.True(t, k.kept[len(k.kept)-1].Counter.Quiet)
	})
}

// Whoever goes back to the customers has left the office: the next page of it asks
// for the PIN again. Between its own pages it does not.
func TestOfficeClosesBehindTheManager(t *testing.T) {
	inSettings(t, "s", func(d *tuitest.Driver, _ *keeper) {
		d.Press("esc", "v")
		require.Contains(t, d.View(), "› Devices", "still open")
		d.Press("esc", "esc", "m", "s")
		require.Contains(t, d.View(), "PIN of Robin")
	})
}

func TestDeviceSettings(t *testing.T) {
	inSettings(t, "v", func(d *tuitest.Driver, k *keeper) {
		d.Press("right", "down")
		d.Type("/dev/ttyACM0")
		everySize(d, "devices")
		d.Scan("TC1" + "999999999999") // is no member's, and leaves what was typed
		d.Press("enter")
		require.Equal(t, screen.ScannerSettings{Kind: "serial", Device: "/dev/ttyACM0"}, k.kept[0].Scanner)
	})
}

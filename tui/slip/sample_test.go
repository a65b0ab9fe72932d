package slip_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/tui/device/escpos"
	"tenthcup/tui/device/printertest"
	"tenthcup/tui/slip"
)

func TestSample(t *testing.T) {
	euro, _ := pos.CurrencyOf("EUR")
	words, err := assets.NewPrinter("hu", euro, time.UTC)
	require.NoError(t, err)
	at := time.Date(2026, time.November, 22, 9, 42, 0, 0, time.UTC)
	for name, paper := range map[string]escpos.Paper{"58": {Width: 58}, "80": {Width: 80}} {
		t.Run(name, func(t *testing.T) {
			s := slip.Sample(words, "Café Tizedik", at, paper.Columns(slip.Normal))
			printed, err := printertest.Decode(bytes.NewReader(escpos.Encode(s, paper)))
			require.NoError(t, err)
			require.Equal(t, paper.Dots(), printed.Widest(), "the ruler is as wide as the paper")
			golden.RequireEqual(t, []byte(printed.Text()))
		})
	}
}

package widget_test

import (
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

// Charts keep to their width, and whatever is above nothing shows.
func TestCharts(t *testing.T) {
	look := theme.Dark()
	require.Equal(t, "█████·····", ansi.Strip(widget.BarRow(look, 5, 10, 10)))
	require.Equal(t, "█·········", ansi.Strip(widget.BarRow(look, 1, 1000, 10)))
	require.Equal(t, "··········", ansi.Strip(widget.BarRow(look, -3, 0, 10)))
	require.Equal(t, "▁▄█", ansi.Strip(widget.Sparkline(look, []int64{9, 0, 1, 2}, 3)))
	require.Equal(t, "··░░██", ansi.Strip(widget.HeatRow(look, []int64{0, 1, 100}, 100, 2)))
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.Int64()).Draw(t, "values")
		width := rapid.IntRange(-2, 30).Draw(t, "width")
		require.LessOrEqual(t, widget.Width(widget.Sparkline(look, values, width)), max(width, 0))
		require.Equal(t, max(width, 0)*len(values), widget.Width(widget.HeatRow(look, values, 7, width)))
		for _, n := range values {
			require.Equal(t, max(width, 0), widget.Width(widget.BarRow(look, n, 7, width)))
		}
	})
}

package widget

import (
	"strings"

	"tenthcup/tui/theme"
)

// The charts are made of block characters, which every terminal draws in one cell,
// the Linux console's too. None of them leans to a side, so a mirrored page shows
// them right. They never stand alone: whoever draws one writes the figures beside it.

// BarRow returns a bar in exactly width cells, as long as n is of most. Whatever is
// above nothing shows.
func BarRow(t theme.Theme, n, most int64, width int) string {
	if width <= 0 {
		return ""
	}
	cells := 0
	if n > 0 && most > 0 {
		cells = min(max(int(float64(n)/float64(most)*float64(width)+0.5), 1), width)
	}
	return t.Accent.Paint(strings.Repeat("█", cells)) + t.Faint.Paint(strings.Repeat("·", width-cells))
}

var sparks = []rune("▁▂▃▄▅▆▇█")

// Sparkline returns the values as columns in a line of at most width cells, the last
// ones if there are more. The highest fills its cell, and 0 is the lowest mark.
func Sparkline(t theme.Theme, values []int64, width int) string {
	if width <= 0 || len(values) == 0 {
		return ""
	}
	values = values[max(len(values)-width, 0):]
	most := int64(0)
	for _, n := range values {
		most = max(most, n)
	}
	var line strings.Builder
	for _, n := range values {
		at := 0
		if most > 0 && n > 0 {
			at = int(float64(n) / float64(most) * float64(len(sparks)-1))
		}
		line.WriteRune(sparks[at])
	}
	return t.Accent.Paint(line.String())
}

var shades = []string{"·", "░", "▒", "▓", "█"}

// HeatRow returns the values as shades, each in so many cells: the darker, the nearer
// to most.
func HeatRow(t theme.Theme, values []int64, most int64, cell int) string {
	var line strings.Builder
	for _, n := range values {
		at := 0
		if n > 0 && most > 0 {
			at = min(1+int(float64(n)/float64(most)*float64(len(shades)-1)), len(shades)-1)
		}
		ink := t.Accent
		if at == 0 {
			ink = t.Faint
		}
		line.WriteString(ink.Paint(strings.Repeat(shades[at], max(cell, 0))))
	}
	return line.String()
}

package widget

import (
	"strings"

	"tenthcup/tui/theme"
)

// eighths are the blocks that fill a cell from the left, an eighth more each.
var eighths = [...]string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// Bar returns a bar of exactly width cells, filled as done is of total.
func Bar(t theme.Theme, done, total int64, width int) string {
	if width <= 0 {
		return ""
	}
	filled := 0
	switch {
	case total <= 0 || done >= total:
		filled = width * 8
	case done > 0:
		filled = int(float64(done) / float64(total) * float64(width*8))
	}
	full := strings.Repeat("█", filled/8) + eighths[filled%8]
	return t.Accent.Paint(full) + t.Faint.Paint(strings.Repeat("░", width-Width(full)))
}

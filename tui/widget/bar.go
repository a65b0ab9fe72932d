package widget

import (
	"charm.land/bubbles/v2/progress"

	"tenthcup/tui/theme"
)

// Bar returns a bar of exactly width cells, filled as done is of total. It does
// not move by itself: it stands where the work stands.
func Bar(t theme.Theme, done, total int64, width int) string {
	if width <= 0 {
		return ""
	}
	share := 1.0
	if total > 0 {
		share = float64(min(max(done, 0), total)) / float64(total)
	}
	bar := progress.New(progress.WithWidth(width), progress.WithoutPercentage(), progress.WithFillCharacters('█', '░'))
	bar.FullColor, bar.EmptyColor = t.Accent.Color(), t.Faint.Color()
	return bar.ViewAs(share)
}

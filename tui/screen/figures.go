package screen

import (
	"tenthcup/assets"
	"tenthcup/tui/widget"
)

// figures sets a number in its column, its last digit where the others' are. Digits
// run from left to right in every language, so on a page that is mirrored the last
// one stands where the column begins.
func figures(words *assets.Printer, text string, width int) string {
	if words.RightToLeft() {
		return widget.Left(text, width)
	}
	return widget.Right(text, width)
}

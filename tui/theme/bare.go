package theme

import "strings"

// bare spells the signs that the fonts of a Linux console lack with those that all
// of them have, each as wide as it was.
var bare = strings.NewReplacer(
	"╭", "┌", "╮", "┐", "╰", "└", "╯", "┘",
	"▟", "█", "▙", "█", "▜", "█", "▛", "█", "▞", "/", "▚", "\\",
	"▁", "_", "▂", "_", "▃", "▄", "▅", "▄", "▆", "█", "▇", "█",
	"★", "*", "☆", "+", "●", "*", "○", "o", "◐", "%", "•", "*",
	"▸", ">", "◂", "<", "›", ">", "‹", "<", "✓", "+", "✗", "x",
	"↑", "^", "↓", "v", "→", ">", "←", "<",
	"…", ".", "–", "-", "·", ".", "€", "E",
)

// Spell returns the frame as the terminal of the theme can show it.
func (t Theme) Spell(frame string) string {
	if !t.Bare {
		return frame
	}
	return bare.Replace(frame)
}

package widget

import "strings"

// large are the signs of amounts, in three lines each. Their blanks do not break:
// a line of them is one piece, whatever is done with the text around it.
var large = map[rune][3]string{
	'0': {"█▀█", "█ █", "▀▀▀"},
	'1': {"▀█ ", " █ ", "▀▀▀"},
	'2': {"▀▀█", "█▀▀", "▀▀▀"},
	'3': {"▀▀█", " ▀█", "▀▀▀"},
	'4': {"█ █", "▀▀█", "  ▀"},
	'5': {"█▀▀", "▀▀█", "▀▀▀"},
	'6': {"█▀▀", "█▀█", "▀▀▀"},
	'7': {"▀▀█", "  █", "  ▀"},
	'8': {"█▀█", "█▀█", "▀▀▀"},
	'9': {"█▀█", "▀▀█", "▀▀▀"},
	'.': {" ", " ", "▀"},
	',': {" ", " ", "▄"},
}

// Large returns the text in letters three lines high, as far as it is digits: what
// stands before and behind them is in the lowest line. Where that is wider than
// width it is the text in one line.
func Large(text string, width int) []string {
	first := strings.IndexAny(text, "0123456789")
	last := strings.LastIndexAny(text, "0123456789")
	if first < 0 {
		return []string{Cut(text, width)}
	}
	before, behind := text[:first], text[last+1:]
	lines := [3]string{Space(Width(before)), Space(Width(before)), before}
	for _, sign := range text[first : last+1] {
		drawn, ok := large[sign]
		if !ok {
			drawn = [3]string{" ", " ", " "}
		}
		for i := range lines {
			lines[i] += " " + drawn[i]
		}
	}
	for i, end := range []string{Space(Width(behind)), Space(Width(behind)), behind} {
		lines[i] = strings.ReplaceAll(lines[i], " ", "\u00a0") + end
	}
	if Width(lines[0]) > width {
		return []string{Cut(text, width)}
	}
	return lines[:]
}

package bidi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/bidi"
)

// class is what a cell does to the order of its neighbours.
type class uint8

const (
	neutral class = iota // takes the direction of what is around it
	blank
	border // box-drawing and block signs
	left   // Latin and other letters
	digit  // 0 to 9
	right  // Arabic, Persian and Hebrew letters
	number // Persian and Arabic digits: right-to-left people's, written from left to right
)

// cell is a grapheme cluster on the screen.
type cell struct {
	text  string
	style string // the escape sequences that hold for it
	width int    // cells of the terminal
	at    int    // column, before anything was moved
	class class
	unit  bool // part of what keeps its order
	turn  bool // read from right to left here
	pad   bool // fills what shaping left over
}

const (
	unitStart = '\u2066'
	unitEnd   = '\u2069'
)

// cells takes a line apart. Signs that mark a direction are left out, but for those
// in a unit, which goes to the terminal as it is.
func cells(line string) []cell {
	list := make([]cell, 0, len(line))
	style, column, unit, before := "", 0, false, ""
	for line != "" {
		if line[0] == ansi.ESC {
			var n int
			style, n = restyle(style, line)
			line = line[n:]
			continue
		}
		cluster, width := first(line)
		line = line[len(cluster):]
		r, _ := utf8.DecodeRuneInString(cluster)
		switch {
		case width > 0 && unicode.IsMark(r): // without a letter: it would join another one
			list = append(list, cell{text: strings.Repeat(" ", width), style: style, width: width, at: column, class: neutral, unit: unit})
			column += width
		case width > 0:
			list = append(list, cell{text: before + cluster, style: style, width: width, at: column, class: classOf(r), unit: unit})
			column, before = column+width, ""
		case r == unitStart:
			unit = true
		case r == unitEnd:
			unit, before = false, ""
		case unit && (len(list) == 0 || !list[len(list)-1].unit):
			before += cluster
		case unit && cluster == leftMark:
			list[len(list)-1].text += cluster
		case len(list) > 0 && !control(r):
			list[len(list)-1].text += cluster // a mark behind an escape sequence
		}
	}
	return list
}

func control(r rune) bool {
	return r < ' ' || r == 0x7f || r >= '\u200e' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u061c'
}

// first returns the first grapheme cluster and its width.
func first(text string) (string, int) {
	if text[0] >= ' ' && text[0] <= '~' && (len(text) == 1 || text[1] < utf8.RuneSelf) {
		return text[:1], 1
	}
	return ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
}

// restyle returns the style after the escape sequence that the text begins with,
// and how long that is. Sequences that set no style are left out.
func restyle(style, text string) (string, int) {
	sequence, _, n, _ := ansi.DecodeSequence(text, ansi.NormalState, nil)
	switch {
	case n == 0:
		return style, len(text)
	case sequence == "\x1b[m" || sequence == "\x1b[0m":
		return "", n
	case strings.HasPrefix(sequence, "\x1b[") && strings.HasSuffix(sequence, "m"):
		if strings.HasPrefix(sequence, "\x1b[0;") {
			return sequence, n
		}
		return style + sequence, n
	}
	return style, n
}

func classOf(r rune) class {
	switch {
	case r == ' ':
		return blank
	case r >= '0' && r <= '9':
		return digit
	case r < utf8.RuneSelf:
		if r|0x20 >= 'a' && r|0x20 <= 'z' {
			return left
		}
		return neutral
	case r >= '\u2500' && r <= '\u259f':
		return border
	case r >= '۰' && r <= '۹':
		return number
	}
	properties, _ := bidi.LookupRune(r)
	switch properties.Class() {
	case bidi.L:
		return left
	case bidi.R, bidi.AL:
		return right
	case bidi.AN:
		return number
	case bidi.EN:
		return digit
	}
	return neutral
}

// Signs that are drawn the other way round where text is read from right to left:
// those that terminals turn by themselves, and those that only we turn.
var (
	unicodePairs = pairs("()[]{}<>‹›«»≤≥")
	ownPairs     = pairs("←→⇐⇒▸◂▶◀►◄▹◃╭╮╰╯┌┐└┘├┤╔╗╚╝╠╣┏┓┗┛┣┫▌▐▖▗▘▝▙▟▛▜▚▞╱╲")
)

func pairs(signs string) map[rune]rune {
	list, all := []rune(signs), map[rune]rune{}
	for i := 0; i < len(list); i += 2 {
		all[list[i]], all[list[i+1]] = list[i+1], list[i]
	}
	return all
}

// mirrored returns the sign of a pair that looks the other way, or the text.
func mirrored(text string, pairs map[rune]rune) string {
	r, size := utf8.DecodeRuneInString(text)
	if other := pairs[r]; other != 0 {
		return string(other) + text[size:]
	}
	return text
}

func flipped(text string) string {
	switch text[0] {
	case '(', ')', '[', ']', '{', '}', '<', '>', 0xc2, 0xe2:
		return mirrored(mirrored(text, unicodePairs), ownPairs)
	}
	return text
}

// Package widget draws the parts that screens are made of: punch cards, QR
// codes, text fields, tables, bars and the list of keys.
//
// Everything here is a pure function of its arguments or a plain value. Widths
// are in terminal cells. Nothing draws outside the width it was given.
package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// ellipsis ends text that did not fit.
const ellipsis = "…"

// Width returns how many cells the text takes. Escape sequences take none.
func Width(text string) int {
	if plainASCII(text) {
		return len(text)
	}
	return lipgloss.Width(text)
}

func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// Cut returns the text, shortened with an ellipsis if it is wider than width.
func Cut(text string, width int) string {
	if width <= 0 {
		return ""
	}
	if Width(text) <= width {
		return text
	}
	return ansi.Truncate(text, width, ellipsis)
}

// Left returns the text at the left of exactly width cells.
func Left(text string, width int) string {
	text = Cut(text, width)
	return text + Space(width-Width(text))
}

// Right returns the text at the right of exactly width cells.
func Right(text string, width int) string {
	text = Cut(text, width)
	return Space(width-Width(text)) + text
}

// Center returns the text in the middle of exactly width cells.
func Center(text string, width int) string {
	text = Cut(text, width)
	gap := width - Width(text)
	return Space(gap/2) + text + Space(gap-gap/2)
}

// Spread returns width cells with one text at each end and at least a blank
// between; the left one gives way.
func Spread(left, right string, width int) string {
	right = Cut(right, width)
	if right == "" {
		return Left(left, width)
	}
	room := width - Width(right)
	return Left(Cut(left, room-1), room) + right
}

// Space returns n blanks, none if n is negative.
func Space(n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat(" ", n)
}

// Wrap breaks the text at blanks into lines of at most width cells.
func Wrap(text string, width int) []string {
	if width <= 0 {
		return nil
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case Width(line)+1+Width(word) <= width:
			line += " " + word
		default:
			lines = append(lines, Cut(line, width))
			line = word
		}
	}
	if line != "" {
		lines = append(lines, Cut(line, width))
	}
	return lines
}

// Name returns a name, or any text that people typed, as it is safe to show:
// NFC, on one line, without control characters and without the emoji that are
// made of several characters, whose width no two terminals agree on. Invisible
// marks of direction are left out too: some terminals give them a cell.
func Name(text string) string {
	if plainASCII(text) {
		return text
	}
	var shown strings.Builder
	rest := norm.NFC.String(text)
	for rest != "" {
		cluster, _ := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		rest = rest[len(cluster):]
		shown.WriteString(showable(cluster))
	}
	return strings.Join(strings.Fields(shown.String()), " ")
}

// showable returns what is shown of one grapheme cluster.
func showable(cluster string) string {
	first, size := utf8.DecodeRuneInString(cluster)
	switch {
	case unicode.IsSpace(first):
		return " "
	case unicode.Is(unicode.C, first) || unicode.IsMark(first) || first == utf8.RuneError:
		return "" // a mark without a letter would join the cell before the name
	case len(cluster) == size && composes(first):
		return "" // it would join the one before it
	case len(cluster) == size:
		return cluster
	case strings.IndexFunc(cluster, composes) < 0:
		return strings.Map(visible, cluster)
	case first < utf8.RuneSelf:
		return cluster[:size] // a keycap: the digit below it
	}
	return ""
}

// composes reports whether the rune builds an emoji out of several: joiners in
// Persian words stand between letters and so begin no cluster of this kind.
func composes(r rune) bool {
	return r == '\ufe0f' || r == '\u20e3' || r == '\u200d' ||
		r >= 0x1f3fb && r <= 0x1f3ff || r >= 0x1f1e6 && r <= 0x1f1ff || r >= 0xe0020 && r <= 0xe007f
}

func visible(r rune) rune {
	if unicode.Is(unicode.C, r) && r != '\u200c' {
		return -1
	}
	return r
}

// Package slip holds what is printed on paper: words, figures and codes in the
// order in which they stand, without knowing any printer.
package slip

import "tenthcup/pos"

// ErrNoPrinter is returned where the till has no printer.
var ErrNoPrinter = pos.Refuse("print.none")

// Slip is one piece of paper, in one language.
type Slip struct {
	Language string // of its words, by which a printer chooses letters and direction
	Lines    []Line
}

// Line is one line of a slip, or one thing that stands between lines. At most one
// of Text, QR and Rule is set; none of them is a blank line.
type Line struct {
	Text   string // at the left, wrapped where it is too long
	Right  string // at the right of the same line: a figure
	Style  Style
	Centre bool
	QR     string // a code of this text, ASCII only
	Rule   bool   // a line across the paper
}

// Style is how a line is set.
type Style int

// The styles.
const (
	Normal Style = iota
	Bold
	Large // twice as high and wide, bold
	Small
)

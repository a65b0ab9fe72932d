// Package bidi puts the lines of a finished page into the order in which they are
// seen, for languages that are read from right to left and for names in their
// letters on any page.
//
// A line consists of fields, between which stand two or more blanks or signs that
// draw boxes. On a page that is read from right to left the fields are laid out
// from the right, and boxes, bars and arrows look the other way. Within a field
// words stand in the order of the Unicode bidirectional algorithm; Latin words,
// codes and numbers keep theirs. Arabic letters are joined here, as few terminals
// join them. A Unit is not touched.
//
// It is a pure function of the line, and every line keeps its width. What it needs
// of a line is that nothing in it depends on the line before.
package bidi

import (
	"slices"
	"strings"
)

// Page says how lines are laid out.
type Page struct {
	Width    int  // cells; of a page that is read from right to left
	RTL      bool // the page is read from right to left
	Terminal bool // the terminal puts letters in order and joins them: it is handed words as they are written
}

// Unit marks a piece of a line, a line of a QR code for one, that keeps its order.
func Unit(text string) string { return string(unitStart) + text + string(unitEnd) }

// Unmarked returns the text as it is written, without the marks of its units.
func Unmarked(text string) string {
	return strings.NewReplacer(string(unitStart), "", string(unitEnd), "").Replace(text)
}

// Line is a line as it goes to the terminal.
type Line struct {
	Text   string
	stored []cell // in the order of Text
	seen   []cell // in the order in which the eye finds them
	shrunk []end
}

// end is a field that shaping made shorter: the column behind it, and the one
// behind what is left of it.
type end struct{ before, after int }

// Frame lays out all lines of a page.
func (p Page) Frame(content string) string { return new(Known).Frame(p, content) }

// Known are the lines of the frame before, of which the next one has nearly all. It
// belongs to one goroutine; the zero Known knows none.
type Known struct {
	page  Page
	lines map[string]string // as written -> as seen
}

// Frame is Page.Frame.
func (k *Known) Frame(p Page, content string) string {
	if !p.RTL && !turns(content) {
		return content
	}
	if k.page != p {
		k.page, k.lines = p, nil
	}
	lines := strings.Split(content, "\n")
	now := make(map[string]string, len(lines))
	for i, line := range lines {
		if !p.RTL && !turns(line) {
			continue
		}
		seen, known := now[line]
		if !known {
			if seen, known = k.lines[line]; !known {
				seen = p.Line(line).Text
			}
			now[line] = seen
		}
		lines[i] = seen
	}
	k.lines = now
	return strings.Join(lines, "\n")
}

// turns reports whether there may be anything in the text that a page from left to
// right has to move or to leave out. It is a quick look at the first bytes of
// letters: from U+0590 to U+0FFF, the presentation forms, and the marks of units.
func turns(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case b < 0xd6:
		case b <= 0xe0, b == 0xef, b == 0xf0:
			return true
		case b == 0xe2 && i+2 < len(text) && (text[i+1] == 0x81 || text[i+1] == 0x80) && text[i+2] >= 0x80:
			if text[i+1] == 0x81 && text[i+2] >= 0xa6 && text[i+2] <= 0xa9 || text[i+1] == 0x80 && (text[i+2] == 0x8e || text[i+2] == 0x8f) {
				return true
			}
		}
	}
	return false
}

// Line lays out one line. On a page that is read from right to left it is exactly
// as wide as the page, and what is beyond that is cut off; else as wide as it was.
func (p Page) Line(text string) Line {
	list := cells(text)
	if p.RTL {
		list = p.fit(list)
	}
	line := Line{seen: make([]cell, 0, len(list))}
	fields := split(list)
	for i := range fields {
		field := fields[i]
		if p.RTL {
			field = fields[len(fields)-1-i]
		}
		line.add(p, field)
	}
	line.stored = line.seen
	if p.Terminal {
		line.stored = stored(line.seen)
	}
	line.Text = write(line.stored)
	return line
}

// fit makes the line as wide as the page.
func (p Page) fit(list []cell) []cell {
	width := 0
	for i, c := range list {
		if width+c.width > p.Width {
			list = list[:i]
			break
		}
		width += c.width
	}
	list = slices.Grow(list, p.Width-width)
	for ; width < p.Width; width++ {
		list = append(list, cell{text: " ", width: 1, at: width, class: blank})
	}
	return list
}

// split takes a line apart into fields, units, and single cells between them.
func split(list []cell) [][]cell {
	fields := make([][]cell, 0, len(list)/2+1)
	for i := 0; i < len(list); {
		end := i + 1
		switch {
		case list[i].unit:
			for end < len(list) && list[end].unit {
				end++
			}
		case !between(list, i):
			for end < len(list) && !list[end].unit && !between(list, end) {
				end++
			}
		}
		fields = append(fields, list[i:end])
		i = end
	}
	return fields
}

// between reports whether the cell is between fields.
func between(list []cell, i int) bool {
	switch list[i].class {
	case border:
		return true
	case blank:
		return edge(list, i-1) || edge(list, i+1)
	}
	return false
}

// edge reports whether a blank beside that place is between fields.
func edge(list []cell, i int) bool {
	return i < 0 || i >= len(list) || list[i].unit || list[i].class == blank || list[i].class == border
}

// add lays out the next field of the line, from the left.
func (l *Line) add(p Page, field []cell) {
	switch {
	case field[0].unit:
		l.seen = append(l.seen, field...)
		return
	case len(field) == 1 && (field[0].class == blank || field[0].class == border):
		c := field[0]
		c.turn = p.RTL
		l.seen = append(l.seen, c)
		return
	}
	last := field[len(field)-1]
	before := last.at + last.width
	if !p.Terminal {
		field = shape(field)
	}
	width := 0
	for _, c := range field {
		width += c.width
	}
	rest := make([]cell, before-field[0].at-width)
	for i := range rest {
		rest[i] = cell{text: " ", style: last.style, width: 1, at: before - len(rest) + i, class: blank, pad: true}
	}
	if len(rest) > 0 {
		l.shrunk = append(l.shrunk, end{before, before - len(rest)})
	}
	if p.RTL {
		l.seen = append(append(l.seen, reversed(rest)...), order(field, true)...)
		return
	}
	l.seen = append(append(l.seen, order(field, false)...), rest...)
}

// write returns the cells with their styles.
func write(list []cell) string {
	var text strings.Builder
	text.Grow(4 * len(list))
	style := ""
	for _, c := range list {
		if c.style != style {
			if style != "" {
				text.WriteString("\x1b[m")
			}
			text.WriteString(c.style)
			style = c.style
		}
		if c.turn {
			text.WriteString(flipped(c.text))
		} else {
			text.WriteString(c.text)
		}
	}
	if style != "" {
		text.WriteString("\x1b[m")
	}
	return text.String()
}

// Cursor returns the column to which the terminal's cursor goes for the column of
// the line as it was before.
func (l Line) Cursor(column int) int {
	for _, s := range l.shrunk {
		if s.before == column {
			return place(l.stored, s.after, true)
		}
	}
	return place(l.stored, column, false)
}

// place returns the column in the list of what was at the column before: of the
// cell, or of the filling.
func place(list []cell, column int, pad bool) int {
	at, found, nearest := 0, column, -1
	for _, c := range list {
		if c.pad == pad && c.at <= column && c.at > nearest {
			found, nearest = at, c.at
		}
		at += c.width
	}
	if column >= at {
		return column // behind the line
	}
	return found
}

// Before returns the column, of the line as it was before, that is seen at the
// column.
func (l Line) Before(column int) int {
	at := 0
	for _, c := range l.seen {
		if column < at+c.width {
			return c.at + column - at
		}
		at += c.width
	}
	return column
}

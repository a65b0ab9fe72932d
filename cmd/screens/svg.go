package main

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
)

// The size of a cell and of the margin around the screen, in pixels.
const (
	cellWidth  = 9
	cellHeight = 20
	margin     = 16
	baseline   = 15 // from the top of a cell
)

// drawing is an SVG that is being written, cell by cell, line by line.
type drawing struct {
	page
	out     bytes.Buffer
	run     run
	bars    []bar        // the rectangles of this line, which may still grow
	letters bytes.Buffer // and what stands on them
}

// bar is a rectangle, in cells.
type bar struct {
	x, y, width, height float64
	fill                string
}

// run is text of one style on one line.
type run struct {
	text  strings.Builder
	x, y  int // its first cell
	cells int
	style string
}

func (d *drawing) open(columns, rows int) {
	width, height := columns*cellWidth+2*margin, rows*cellHeight+2*margin
	fmt.Fprintf(&d.out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">`+"\n", width, height, width, height)
	fmt.Fprintf(&d.out, `<rect width="%d" height="%d" rx="10" fill="%s"/>`+"\n", width, height, hex(d.ground))
	// The order of the letters is the screen's: it is not turned round once more.
	// It is said of each text, for it is not handed down to them, and so is that blanks count.
	d.out.WriteString("<style>text{direction:ltr;unicode-bidi:bidi-override;white-space:pre}</style>\n")
	fmt.Fprintf(&d.out, `<g transform="translate(%d %d)" font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="15" xml:space="preserve">`+"\n", margin, margin)
}

// cell draws one cell and returns how many columns it takes.
func (d *drawing) cell(c *uv.Cell, x, y int) int {
	if c == nil || c.Content == "" {
		d.endRun()
		return 1
	}
	ink, ground := c.Style.Fg, c.Style.Bg
	if ink == nil {
		ink = d.ink
	}
	if c.Style.Attrs&uv.AttrReverse != 0 {
		if ground == nil {
			ground = d.ground
		}
		ink, ground = ground, ink
	}
	if ground != nil {
		d.rect(float64(x), float64(y), float64(max(c.Width, 1)), 1, hex(ground))
	}
	if d.sign([]rune(c.Content)[0], x, y, hex(ink)) {
		d.endRun()
		return max(c.Width, 1)
	}
	style := `fill="` + hex(ink) + `"`
	if c.Style.Attrs&uv.AttrBold != 0 {
		style += ` font-weight="bold"`
	}
	d.letter(c, x, y, style)
	return max(c.Width, 1)
}

// letter adds a letter to the run, or begins another one.
func (d *drawing) letter(c *uv.Cell, x, y int, style string) {
	blank := strings.TrimSpace(c.Content) == ""
	if style != d.run.style && !blank || d.run.cells == 0 {
		d.endRun()
		if blank {
			return
		}
		d.run.x, d.run.y, d.run.style = x, y, style
	}
	d.run.text.WriteString(c.Content)
	d.run.cells += max(c.Width, 1)
}

// endRun writes the run. Its length is said, so that no font makes it longer.
func (d *drawing) endRun() {
	text := strings.TrimRight(d.run.text.String(), " ")
	cells := d.run.cells - (d.run.text.Len() - len(text))
	if text != "" {
		fmt.Fprintf(&d.letters, `<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs" %s>%s</text>`+"\n",
			d.run.x*cellWidth, d.run.y*cellHeight+baseline, cells*cellWidth, d.run.style, html.EscapeString(text))
	}
	d.run = run{}
}

// rect paints a rectangle, in cells. One that goes on where another ended makes
// that one wider.
func (d *drawing) rect(x, y, width, height float64, fill string) {
	for i, b := range d.bars {
		if b.y == y && b.height == height && b.fill == fill && b.x+b.width == x {
			d.bars[i].width += width
			return
		}
	}
	d.bars = append(d.bars, bar{x, y, width, height, fill})
}

// endLine writes what the line is made of: the grounds first, the letters on them.
func (d *drawing) endLine() {
	for _, b := range d.bars {
		fmt.Fprintf(&d.out, `<rect x="%g" y="%g" width="%g" height="%g" fill="%s" shape-rendering="crispEdges"/>`+"\n",
			b.x*cellWidth, b.y*cellHeight, b.width*cellWidth, b.height*cellHeight, b.fill)
	}
	d.endRun()
	d.out.Write(d.letters.Bytes())
	d.bars, d.letters = nil, bytes.Buffer{}
}

// part is a rectangle in eighths of a cell, from the upper left corner.
type part struct{ x, y, width, height float64 }

// quarters are the four quarters of a cell: upper left, upper right, lower left,
// lower right.
var quarters = [4]part{{0, 0, 4, 4}, {4, 0, 4, 4}, {0, 4, 4, 4}, {4, 4, 4, 4}}

// quadrants are the blocks made of quarters, as bits of their places.
var quadrants = map[rune]uint{
	'▖': 4, '▗': 8, '▘': 1, '▙': 1 | 4 | 8, '▚': 1 | 8, '▛': 1 | 2 | 4, '▜': 1 | 2 | 8, '▝': 2, '▞': 2 | 4, '▟': 2 | 4 | 8,
}

// blocks returns the rectangles of a block sign (Unicode 2580 to 259F).
func blocks(r rune) []part {
	switch {
	case r == '▀':
		return []part{{0, 0, 8, 4}}
	case r >= '▁' && r <= '█': // lower eighths
		n := float64(r - '▁' + 1)
		return []part{{0, 8 - n, 8, n}}
	case r >= '▉' && r <= '▏': // left eighths
		return []part{{0, 0, float64('▏' - r + 1), 8}}
	case r == '▐':
		return []part{{4, 0, 4, 8}}
	}
	var parts []part
	for i, quarter := range quarters {
		if quadrants[r]&(1<<i) != 0 {
			parts = append(parts, quarter)
		}
	}
	return parts
}

// shades are the blocks that let something through, and how much they hide.
var shades = map[rune]float64{'░': 0.25, '▒': 0.5, '▓': 0.75}

// frames are the box-drawing signs as paths through the middle of a cell.
var frames = map[rune]string{
	'│': "M4.5 0V20", '┌': "M9 10H4.5V20", '┐': "M0 10H4.5V20", '└': "M9 10H4.5V0", '┘': "M0 10H4.5V0",
	'╭': "M9 10Q4.5 10 4.5 14.5V20", '╮': "M0 10Q4.5 10 4.5 14.5V20", '╰': "M9 10Q4.5 10 4.5 5.5V0", '╯': "M0 10Q4.5 10 4.5 5.5V0",
	'├': "M4.5 0V20M4.5 10H9", '┤': "M4.5 0V20M0 10H4.5", '┬': "M0 10H9M4.5 10V20", '┴': "M0 10H9M4.5 0V10", '┼': "M0 10H9M4.5 0V20",
}

// sign draws what has to meet its neighbours, and reports whether it did.
func (d *drawing) sign(r rune, x, y int, ink string) bool {
	if r == '─' {
		d.rect(float64(x), float64(y)+9.5/cellHeight, 1, 1.0/cellHeight, ink)
		return true
	}
	if path, ok := frames[r]; ok {
		fmt.Fprintf(&d.letters, `<path transform="translate(%d %d)" d="%s" stroke="%s" stroke-width="1.3" fill="none"/>`+"\n", x*cellWidth, y*cellHeight, path, ink)
		return true
	}
	if hides, ok := shades[r]; ok {
		fmt.Fprintf(&d.letters, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s" fill-opacity="%g"/>`+"\n", x*cellWidth, y*cellHeight, cellWidth, cellHeight, ink, hides)
		return true
	}
	parts := blocks(r)
	for _, p := range parts {
		d.rect(float64(x)+p.x/8, float64(y)+p.y/8, p.width/8, p.height/8, ink)
	}
	return len(parts) > 0
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

package raster

import (
	"image"

	"github.com/go-text/typesetting/shaping"

	"tenthcup/tui/slip"
	"tenthcup/tui/widget"
)

// sizes are the heights of letters in dots; printers have 8 dots a millimetre.
var sizes = map[slip.Style]int{slip.Normal: 26, slip.Bold: 26, slip.Large: 48, slip.Small: 21}

// gap is the least room between what stands left and right on a line.
const gap = 16

// maxText is how many bytes of one line of a slip are drawn.
const maxText = 2000

// Slip draws the slip on paper that is so many dots wide.
func Slip(s slip.Slip, width int) Bitmap {
	p := newPen(s.Language)
	parts := make([]Bitmap, 0, len(s.Lines))
	for _, line := range s.Lines {
		parts = append(parts, p.line(line, width))
	}
	return below(width, parts)
}

// Line draws one line of a slip in the language.
func Line(line slip.Line, language string, width int) Bitmap {
	return newPen(language).line(line, width)
}

func (p *pen) line(line slip.Line, width int) Bitmap {
	switch {
	case line.Rule:
		b := newBitmap(width, 16)
		b.fill(image.Rect(0, 7, width, 9))
		return b
	case line.QR != "":
		if b, ok := QR(line.QR, width); ok {
			return b
		}
		line = slip.Line{Text: line.QR, Style: line.Style, Centre: line.Centre} // to be typed at least
	}
	return p.words(line, width)
}

// cell is how many lines' room a size of letters takes: ascent and descent.
func cell(size int) (height, baseline int) { return size * 3 / 2, size * 21 / 20 }

// words draws what stands left and right.
func (p *pen) words(line slip.Line, width int) Bitmap {
	size := sizes[line.Style]
	height, baseline := cell(size)
	bold := line.Style == slip.Bold || line.Style == slip.Large
	left, right := p.shape(cut(line.Text), size, width), p.shape(cut(line.Right), size, width)
	rows := max(len(left.lines)+len(right.lines), 1)
	shared := len(left.lines) > 0 && len(right.lines) > 0 &&
		advance(left.lines[len(left.lines)-1])+gap+advance(right.lines[0]) <= width
	if shared {
		rows--
	}
	b := newBitmap(width, rows*height)
	row := 0
	put := func(text shaping.Line, end bool) {
		p.ink(b, text, image.Pt(p.begin(text, width, end, line.Centre && line.Right == ""), row*height+baseline), bold)
		row++
	}
	for _, text := range left.lines {
		put(text, false)
	}
	if shared {
		row--
	}
	for _, text := range right.lines {
		put(text, true)
	}
	return b
}

// begin returns where a line of text begins: at the side where the language
// begins, or at the other end, or in the middle.
func (p *pen) begin(line shaping.Line, width int, end, centre bool) int {
	room := max(width-advance(line), 0)
	switch {
	case centre:
		return room / 2
	case end != (p.direction != 0):
		return room
	}
	return 0
}

func cut(text string) string {
	if len(text) > maxText {
		return text[:maxText]
	}
	return text
}

// QR draws a QR code in the middle of the paper, as large as is easily read, with
// its quiet zone; false for text that no QR code holds.
func QR(text string, width int) (Bitmap, bool) {
	modules, err := widget.QRModules(text)
	if err != nil {
		return Bitmap{}, false
	}
	const quiet, largest = 4, 8 // modules; dots a module, a millimetre
	dots := min(width/(len(modules)+2*quiet), largest)
	if dots < 2 {
		return Bitmap{}, false // no phone would read it
	}
	b := newBitmap(width, (len(modules)+2*quiet)*dots)
	left := (width - len(modules)*dots) / 2
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				at := image.Pt(left+x*dots, (y+quiet)*dots)
				b.fill(image.Rectangle{Min: at, Max: at.Add(image.Pt(dots, dots))})
			}
		}
	}
	return b, true
}

// Package escpos says slips in ESC/POS, the language of receipt printers.
//
// It makes bytes and reads answers; carrying them is somebody else's work. What a
// printer's code page has no letters for is sent as a picture. Whatever stands in
// a slip, nothing in it reaches the printer as a command.
package escpos

import (
	"bytes"

	"tenthcup/tui/device/raster"
	"tenthcup/tui/slip"
)

// Paper is what a printer prints on and with.
type Paper struct {
	Width int  // in millimetres: 58, else 80
	Page  Page // letters of the printer's own
	QR    bool // the printer draws QR codes itself; few cheap ones do
}

// Dots returns how many dots a line has.
func (p Paper) Dots() int {
	if p.Width == 58 {
		return 384
	}
	return 576
}

// Widths of letters in dots.
const (
	fontA = 12
	fontB = 9 // the small one
)

// Columns returns how many letters of the style a line has: 48 or, on 58 mm, 32
// normal ones.
func (p Paper) Columns(style slip.Style) int {
	switch style {
	case slip.Large:
		return p.Dots() / fontA / 2
	case slip.Small:
		return p.Dots() / fontB
	}
	return p.Dots() / fontA
}

// The control characters.
const (
	lf  = 0x0a
	dle = 0x10
	esc = 0x1b
	gs  = 0x1d
)

// Encode returns the slip as the printer takes it, from a reset to the cut.
func Encode(s slip.Slip, paper Paper) []byte {
	job := encoder{paper: paper, language: s.Language}
	job.send(esc, '@')
	job.send(esc, 't', paper.Page.number()) // many printers forget it when they are switched off
	switch {
	case paper.Page == Image || raster.RightToLeft(s.Language):
		job.picture(raster.Slip(s, paper.Dots()))
	default:
		for _, line := range s.Lines {
			job.line(line)
		}
	}
	job.send(esc, 'd', 3)     // past the edge where paper is torn off
	job.send(gs, 'V', 'B', 0) // and cut, by those that can
	return job.Bytes()
}

// Pulse returns what opens a cash drawer: both pins of the plug, since drawers
// differ, for 50 ms each.
func Pulse() []byte {
	return []byte{esc, '@', esc, 'p', 0, 25, 250, esc, 'p', 1, 25, 250}
}

// encoder is a job that is being written.
type encoder struct {
	bytes.Buffer
	paper    Paper
	language string
}

func (e *encoder) send(command ...byte) { e.Write(command) }

func (e *encoder) line(line slip.Line) {
	switch {
	case line.Rule:
		e.style(slip.Normal)
		e.Write(bytes.Repeat([]byte{'-'}, e.paper.Columns(slip.Normal)))
		e.send(lf)
	case line.QR != "" && e.paper.QR && len(line.QR) <= maxQR:
		e.qr(line.QR)
	case line.QR != "", !e.paper.Page.has(line.Text), !e.paper.Page.has(line.Right):
		e.picture(raster.Line(line, e.language, e.paper.Dots()))
	default:
		e.words(line)
	}
}

// words sends a line in the printer's own letters.
func (e *encoder) words(line slip.Line) {
	e.style(line.Style)
	columns := e.paper.Columns(line.Style)
	rows := spread(e.paper.Page.letters(line.Text), e.paper.Page.letters(line.Right), columns)
	if line.Centre && line.Right == "" {
		e.send(esc, 'a', 1)
		defer e.send(esc, 'a', 0)
	}
	for _, row := range rows {
		e.Write(e.paper.Page.bytes(row))
		e.send(lf)
	}
}

// style sets how the following letters look.
func (e *encoder) style(style slip.Style) {
	looks, bold := byte(0), byte(0)
	switch style {
	case slip.Large:
		looks, bold = 0x30, 1 // twice as high and wide
	case slip.Bold:
		bold = 1
	case slip.Small:
		looks = 0x01 // font B
	}
	e.send(esc, '!', looks)
	e.send(esc, 'E', bold)
}

// band is how many rows of a picture are sent at once; small printers hold no more.
const band = 128

// picture sends a picture that is as wide as the paper.
func (e *encoder) picture(b raster.Bitmap) {
	stride := b.Stride()
	for y := 0; y < b.Height; y += band {
		rows := min(band, b.Height-y)
		e.send(gs, 'v', '0', 0, byte(stride), byte(stride>>8), byte(rows), byte(rows>>8))
		e.Write(harmless(b.Rows[y*stride : (y+rows)*stride]))
	}
}

// harmless returns the picture without the bytes that printers obey wherever they
// stand, in a picture too: DLE EOT, DLE ENQ and DLE DC4, which would have it
// answer, cancel or open the drawer. One dot more is not seen.
func harmless(picture []byte) []byte {
	safe := bytes.Clone(picture)
	for i := 1; i < len(safe); i++ {
		if next := safe[i]; safe[i-1] == dle && (next == 0x04 || next == 0x05 || next == 0x14) {
			safe[i] |= 0x08
		}
	}
	return safe
}

// maxQR is how many bytes of text are left to a printer's own QR codes.
const maxQR = 300

// qr has the printer draw a QR code.
func (e *encoder) qr(text string) {
	const function, model, size, level = '1', '2', 6, '1' // dots a module; level M
	set := func(parameters ...byte) {
		e.send(gs, '(', 'k', byte(len(parameters)), byte(len(parameters)>>8))
		e.Write(parameters)
	}
	e.send(esc, 'a', 1)
	set(function, 'A', model, 0)
	set(function, 'C', size)
	set(function, 'E', level)
	set(append([]byte{function, 'P', '0'}, visible(text)...)...)
	set(function, 'Q', '0')
	e.send(esc, 'a', 0)
}

// visible is the text without control characters.
func visible(text string) []byte {
	return bytes.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, []byte(text))
}

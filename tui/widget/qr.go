package widget

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/skip2/go-qrcode"
)

// QR returns a QR code of the text as lines of half blocks, black on white
// whatever the terminal's colours are, with quiet modules of white around it (4
// by the standard; no fewer than 2 are read). It returns "" for text that no QR
// code holds.
func QR(text string, quiet int) string {
	modules, err := qrModules(text, quiet)
	if err != nil {
		return ""
	}
	ink := ansi.NewStyle().ForegroundColor(ansi.RGBColor{}).BackgroundColor(ansi.RGBColor{R: 0xff, G: 0xff, B: 0xff})
	lines := qrLines(modules, true)
	for i := range lines {
		lines[i] = ink.Styled(lines[i])
	}
	return strings.Join(lines, "\n")
}

// PlainQR is QR for a terminal without colours. onDark says that its background
// is dark, so that the light modules are the ones to draw.
func PlainQR(text string, quiet int, onDark bool) string {
	modules, err := qrModules(text, quiet)
	if err != nil {
		return ""
	}
	return strings.Join(qrLines(modules, !onDark), "\n")
}

// qrModules returns the modules with the quiet zone, true for dark. The encoder
// panics on what it thinks impossible; here that is an error.
func qrModules(text string, quiet int) (modules [][]bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			modules, err = nil, fmt.Errorf("draw QR code: %v", r)
		}
	}()
	made, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	made.DisableBorder = true
	inner := made.Bitmap()
	quiet = max(quiet, 0)
	size := len(inner) + 2*quiet
	modules = make([][]bool, size)
	for y := range modules {
		modules[y] = make([]bool, size)
		if row := y - quiet; row >= 0 && row < len(inner) {
			copy(modules[y][quiet:], inner[row])
		}
	}
	return modules, nil
}

// qrLines draws two rows of modules a line: the dark ones as blocks, or the
// light ones.
func qrLines(modules [][]bool, dark bool) []string {
	lines := make([]string, 0, len(modules)/2+1)
	for y := 0; y < len(modules); y += 2 {
		below := make([]bool, len(modules[y])) // white, under the last row
		if y+1 < len(modules) {
			below = modules[y+1]
		}
		var line strings.Builder
		for x := range below {
			line.WriteString(block(modules[y][x] == dark, below[x] == dark))
		}
		lines = append(lines, line.String())
	}
	return lines
}

func block(top, bottom bool) string {
	switch {
	case top && bottom:
		return "█"
	case top:
		return "▀"
	case bottom:
		return "▄"
	}
	return " "
}

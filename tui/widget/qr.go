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

// QRPicture returns a QR code of the text as SVG, black on white, with quiet modules
// of white around it. It returns "" for text that no QR code holds.
func QRPicture(text string, quiet int) string {
	modules, err := qrModules(text, quiet)
	if err != nil {
		return ""
	}
	var path strings.Builder
	for y, row := range modules {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges"><rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[2]s"/></svg>`, len(modules), path.String())
}

// QRModules returns the modules of a QR code of the text, true for dark, without
// a quiet zone. The error is for text that no QR code holds.
func QRModules(text string) ([][]bool, error) { return qrModules(text, 0) }

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

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
	black, white := ansi.TrueColor(0), ansi.TrueColor(0xffffff)
	colour := func(dark bool) ansi.Color {
		if dark {
			return black
		}
		return white
	}
	return qrLines(modules, func(top, bottom bool, run int) string {
		return ansi.NewStyle().ForegroundColor(colour(top)).BackgroundColor(colour(bottom)).Styled(strings.Repeat("▀", run))
	})
}

// PlainQR is QR for a terminal without colours. onDark says that its background
// is dark, so that the light modules are the ones to draw.
func PlainQR(text string, quiet int, onDark bool) string {
	modules, err := qrModules(text, quiet)
	if err != nil {
		return ""
	}
	return qrLines(modules, func(top, bottom bool, run int) string {
		block := " "
		switch {
		case top != onDark && bottom != onDark:
			block = "█"
		case top != onDark:
			block = "▀"
		case bottom != onDark:
			block = "▄"
		}
		return strings.Repeat(block, run)
	})
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

// qrLines draws two rows of modules a line, in runs that look alike.
func qrLines(modules [][]bool, draw func(top, bottom bool, run int) string) string {
	var drawn strings.Builder
	for y := 0; y < len(modules); y += 2 {
		if y > 0 {
			drawn.WriteByte('\n')
		}
		below := make([]bool, len(modules[y]))
		if y+1 < len(modules) {
			below = modules[y+1]
		}
		for x := 0; x < len(below); {
			run := 1
			for x+run < len(below) && modules[y][x+run] == modules[y][x] && below[x+run] == below[x] {
				run++
			}
			drawn.WriteString(draw(modules[y][x], below[x], run))
			x += run
		}
	}
	return drawn.String()
}

// Screens draws pictures of screens: it reads a screen as a terminal gets it, a
// golden file of the tests for one, and writes it as SVG.
//
//	go run ./cmd/screens [-light] in.golden out.svg
package main

import (
	"flag"
	"fmt"
	"image/color"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

func main() {
	light := flag.Bool("light", false, "draw on a light terminal")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: screens [-light] in.golden out.svg")
		os.Exit(2)
	}
	frame, err := os.ReadFile(flag.Arg(0))
	if err == nil {
		err = os.WriteFile(flag.Arg(1), picture(string(frame), paper(*light)), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// page is what the terminal looks like where no style says otherwise.
type page struct{ ink, ground color.Color }

func paper(light bool) page {
	if light {
		return page{ink: color.RGBA{0x24, 0x28, 0x2e, 0xff}, ground: color.RGBA{0xfb, 0xfa, 0xf7, 0xff}}
	}
	return page{ink: color.RGBA{0xe4, 0xe6, 0xe9, 0xff}, ground: color.RGBA{0x16, 0x18, 0x1d, 0xff}}
}

// picture draws the frame. Letters are text; signs that have to meet their
// neighbours are drawn, since fonts differ in how well they meet.
func picture(frame string, p page) []byte {
	lines := strings.Split(strings.TrimRight(frame, "\n"), "\n")
	width := 0
	for _, line := range lines {
		width = max(width, ansi.StringWidth(line))
	}
	screen := vt.NewEmulator(max(width, 1), len(lines))
	_, _ = screen.WriteString(strings.Join(lines, "\r\n"))
	d := drawing{page: p}
	d.open(width, len(lines))
	for y := range lines {
		for x := 0; x < width; {
			x += d.cell(screen.CellAt(x, y), x, y)
		}
		d.endLine()
	}
	d.out.WriteString("</g>\n</svg>\n")
	return d.out.Bytes()
}

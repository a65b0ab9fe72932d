package printertest

import (
	"image"
	"image/color"
	"image/png"
	"io"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// lineHeight is how far the paper moves for a line of text, in dots.
const lineHeight = 30

// PNG writes the paper, so many dots wide, as a picture.
func (p *Paper) PNG(to io.Writer, width int) error {
	parsed, err := opentype.Parse(gomono.TTF)
	if err != nil {
		return err
	}
	height := lineHeight
	for _, row := range p.Rows {
		height += row.height()
	}
	paper := image.NewGray(image.Rect(0, 0, width, height))
	for i := range paper.Pix {
		paper.Pix[i] = 0xff
	}
	y := 0
	for _, row := range p.Rows {
		if err := row.draw(paper, parsed, y); err != nil {
			return err
		}
		y += row.height()
	}
	return png.Encode(to, paper)
}

func (r Row) height() int {
	switch {
	case r.Picture != nil:
		return len(r.Picture)
	case r.Wide:
		return 2 * lineHeight
	}
	return lineHeight
}

func (r Row) draw(paper *image.Gray, parsed *opentype.Font, top int) error {
	for y, line := range r.Picture {
		for x, black := range line {
			if black {
				paper.SetGray(x, top+y, color.Gray{})
			}
		}
	}
	cell := r.cell()
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(cell) / 0.6, DPI: 72}) // a letter of the font is 0.6 wide
	if err != nil {
		return err
	}
	left := 0
	if r.Centre {
		left = (paper.Bounds().Dx() - len([]rune(r.Text))*cell) / 2
	}
	for twice := range 2 {
		if twice == 1 && !r.Bold {
			break
		}
		pen := font.Drawer{Dst: paper, Src: image.Black, Face: face, Dot: fixed.P(left+twice, top+r.height()*4/5)}
		pen.DrawString(r.Text)
	}
	return nil
}

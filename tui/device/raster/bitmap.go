// Package raster draws slips as black dots on white paper, for printers that lack
// the letters, and to look at.
//
// It shapes and orders the text of any script that its two fonts know: the Go
// font for Latin, Greek and Cyrillic letters, and Noto Naskh for Arabic ones. All
// of it is a function of its arguments.
package raster

import (
	"image"
	"image/color"
)

// Bitmap is a picture of black and white dots. Its zero value has none.
type Bitmap struct {
	Width, Height int
	Rows          []byte // from the top, each of Stride bytes; the highest bit is the leftmost dot, 1 is black
}

// newBitmap returns a white picture.
func newBitmap(width, height int) Bitmap {
	return Bitmap{width, height, make([]byte, (width+7)/8*height)}
}

// Stride is how many bytes a row has.
func (b Bitmap) Stride() int { return (b.Width + 7) / 8 }

// Black reports whether the dot is black. Outside the picture all is white.
func (b Bitmap) Black(x, y int) bool {
	return b.holds(x, y) && b.Rows[y*b.Stride()+x/8]&(0x80>>(x%8)) != 0
}

func (b Bitmap) holds(x, y int) bool { return x >= 0 && y >= 0 && x < b.Width && y < b.Height }

// blacken makes the dot black, if it is in the picture.
func (b Bitmap) blacken(x, y int) {
	if b.holds(x, y) {
		b.Rows[y*b.Stride()+x/8] |= 0x80 >> (x % 8)
	}
}

// fill makes the dots of a box black.
func (b Bitmap) fill(box image.Rectangle) {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			b.blacken(x, y)
		}
	}
}

// below returns the pictures under one another; all are of one width.
func below(width int, parts []Bitmap) Bitmap {
	whole := Bitmap{Width: width}
	for _, part := range parts {
		whole.Height += part.Height
		whole.Rows = append(whole.Rows, part.Rows...)
	}
	return whole
}

// Image returns the picture with so many white dots around it, as a file holds it.
func (b Bitmap) Image(margin int) *image.Paletted {
	paper := image.NewPaletted(image.Rect(0, 0, b.Width+2*margin, b.Height+2*margin), color.Palette{color.White, color.Black})
	for y := range b.Height {
		for x := range b.Width {
			if b.Black(x, y) {
				paper.SetColorIndex(x+margin, y+margin, 1)
			}
		}
	}
	return paper
}

package raster

import (
	"bytes"
	"image"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"tenthcup/assets"
)

// Fonts are parsed once: it takes longer than drawing a slip.
var (
	latin  = sync.OnceValue(func() *font.Font { return parse(goregular.TTF) })
	arabic = sync.OnceValue(func() *font.Font { return parse(assets.Naskh()) })
)

func parse(document []byte) *font.Font {
	face, err := font.ParseTTF(bytes.NewReader(document))
	if err != nil {
		panic(err) // it is built in
	}
	return face.Font
}

// Draws reports whether a font has the letter.
func Draws(r rune) bool {
	_, left := latin().NominalGlyph(r)
	_, right := arabic().NominalGlyph(r)
	return left || right
}

// pen draws text. It is one goroutine's, as font faces are.
type pen struct {
	latin, arabic *font.Face
	shaper        shaping.HarfbuzzShaper
	wrapper       shaping.LineWrapper
	segmenter     shaping.Segmenter
	direction     di.Direction
	language      language.Language
}

// rightToLeft are the languages of the catalogs, and their neighbours, that are
// written from right to left.
var rightToLeft = []string{"fa", "ar", "ur", "he", "ps", "ckb"}

// RightToLeft reports whether the language is written from right to left.
func RightToLeft(tag string) bool {
	base, _, _ := strings.Cut(tag, "-")
	return slices.Contains(rightToLeft, base)
}

func newPen(tag string) *pen {
	p := &pen{latin: font.NewFace(latin()), arabic: font.NewFace(arabic()), language: language.NewLanguage(tag)}
	if RightToLeft(tag) {
		p.direction = di.DirectionRTL
	}
	return p
}

// ResolveFace implements shaping.Fontmap: the Arabic font for what it has.
func (p *pen) ResolveFace(r rune) *font.Face {
	_, has := p.latin.NominalGlyph(r)
	if _, own := p.arabic.NominalGlyph(r); own && (!has || unicode.Is(unicode.Arabic, r)) {
		return p.arabic
	}
	return p.latin
}

// drawable is the text without what no font draws and what is no letter at all.
func drawable(text string) []rune {
	var clean []rune
	for _, r := range text {
		switch {
		case unicode.IsControl(r):
			r = ' '
		case r == '\u200c' || r == '\u200d': // joiners shape Persian words
		case unicode.In(r, unicode.Cf, unicode.Mn):
			if !Draws(r) {
				continue
			}
		case !unicode.IsSpace(r) && !Draws(r):
			r = '?'
		}
		clean = append(clean, r)
	}
	return clean
}

// reads returns the direction of a text, which is not always that of its language:
// a figure keeps its sign in front and a phone number its order, and a Persian name
// is one on any slip.
func (p *pen) reads(text []rune) di.Direction {
	arabic := func(r rune) bool { return unicode.Is(unicode.Arabic, r) && unicode.IsLetter(r) }
	own := slices.IndexFunc(text, arabic)
	if own >= 0 && (p.direction == di.DirectionRTL || !slices.ContainsFunc(text[:own], unicode.IsLetter)) {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// shaped is text in one or more lines, ready to be drawn.
type shaped struct {
	lines []shaping.Line
	text  []rune
}

// shape breaks the text into lines of at most width dots.
func (p *pen) shape(text string, size, width int) shaped {
	s := shaped{text: drawable(text)}
	if len(s.text) == 0 {
		return s
	}
	direction := p.reads(s.text)
	whole := shaping.Input{
		Text: s.text, RunEnd: len(s.text), Direction: direction, Face: p.latin,
		Size: fixed.I(size), Language: p.language,
	}
	var runs []shaping.Output
	for _, run := range p.segmenter.Split(whole, p) {
		runs = append(runs, p.shaper.Shape(run))
	}
	lines, _ := p.wrapper.WrapParagraph(shaping.WrapConfig{Direction: direction}, width, s.text, shaping.NewSliceIterator(runs))
	for _, line := range lines {
		line = slices.Clone(line)
		slices.SortFunc(line, func(a, b shaping.Output) int { return int(a.VisualIndex - b.VisualIndex) })
		s.lines = append(s.lines, line)
	}
	return s
}

func advance(line shaping.Line) int {
	var sum fixed.Int26_6
	for _, run := range line {
		sum += run.Advance
	}
	return sum.Ceil()
}

// ink draws one line of text into the picture, its left end and baseline at the
// point. Bold is drawn twice, a dot apart.
func (p *pen) ink(into Bitmap, line shaping.Line, at image.Point, bold bool) {
	mask := vector.NewRasterizer(into.Width, into.Height)
	dot := fixed.I(at.X)
	for _, run := range line {
		for _, glyph := range run.Glyphs {
			x, y := dot+glyph.XOffset, fixed.I(at.Y)-glyph.YOffset
			trace(mask, run, glyph.GlyphID, [2]float32{float32(x) / 64, float32(y) / 64})
			dot += glyph.Advance
		}
	}
	grey := image.NewAlpha(image.Rect(0, 0, into.Width, into.Height))
	mask.Draw(grey, grey.Bounds(), image.Opaque, image.Point{})
	for i, a := range grey.Pix {
		if a < 0x60 { // thermal heads print fine strokes thin: better a dot too many
			continue
		}
		x, y := i%grey.Stride, i/grey.Stride
		into.blacken(x, y)
		if bold {
			into.blacken(x+1, y)
		}
	}
}

// trace adds the outline of a glyph to the mask.
func trace(mask *vector.Rasterizer, run shaping.Output, glyph font.GID, at [2]float32) {
	outline, ok := run.Face.GlyphDataOutline(glyph)
	if !ok {
		return
	}
	scale := float32(run.Size) / 64 / float32(run.Face.Upem())
	point := func(p opentype.SegmentPoint) (x, y float32) { return at[0] + p.X*scale, at[1] - p.Y*scale }
	for _, segment := range outline.Segments {
		a, b := point(segment.Args[0])
		c, d := point(segment.Args[1])
		e, f := point(segment.Args[2])
		switch segment.Op {
		case opentype.SegmentOpMoveTo:
			mask.ClosePath()
			mask.MoveTo(a, b)
		case opentype.SegmentOpLineTo:
			mask.LineTo(a, b)
		case opentype.SegmentOpQuadTo:
			mask.QuadTo(a, b, c, d)
		case opentype.SegmentOpCubeTo:
			mask.CubeTo(a, b, c, d, e, f)
		}
	}
	mask.ClosePath()
}

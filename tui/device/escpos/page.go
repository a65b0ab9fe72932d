package escpos

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"tenthcup/tui/device/raster"
)

// Page is a code page of a printer: the letters it has of its own.
type Page string

// The pages. Any other name is CP852.
const (
	CP852 Page = "cp852" // all of Hungarian; page 18 on nearly all printers
	CP437 Page = "cp437" // what printers have that have nothing else
	Image Page = "image" // none: all is drawn
)

func (p Page) number() byte {
	if p == CP437 {
		return 0
	}
	return 18
}

func (p Page) table() *charmap.Charmap {
	if p == CP437 {
		return charmap.CodePage437
	}
	return charmap.CodePage852
}

// instead is what is printed for signs that code pages lack.
var instead = map[rune]string{
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '“': "\"", '”': "\"", '„': "\"", '‹': "<", '›': ">",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '·': "-", '•': "*", '…': "...",
	'→': "->", '←': "<-", '↑': "^", '★': "*", '☆': "*", '✓': "+", '✗': "x", '×': "x", '●': "*", '○': "o",
	'«': "\"", '»': "\"", '\u202f': "\u00a0", '\u2007': "\u00a0", '\u2009': " ", '\u200a': " ",
	'€': "EUR", '£': "GBP", '¥': "JPY", '₹': "INR", '₩': "KRW", '₫': "VND", '₺': "TRY", '₽': "RUB", '₴': "UAH",
	'ő': "ö", 'Ő': "Ö", 'ű': "ü", 'Ű': "Ü",
}

// money are the signs after which a figure keeps its distance, once they are words.
const money = "€£¥₹₩₫₺₽₴"

// hard is a space at which no line is broken.
const hard = '\u00a0'

// own reports whether the page has the letter, and not as a control character.
func (p Page) own(r rune) bool {
	if r < 0x80 {
		return r >= ' ' && r != 0x7f
	}
	b, ok := p.table().EncodeRune(r)
	return ok && b >= 0x80 && r != '\u00ad'
}

// plain returns what the page prints for the letter: itself, something like it, or
// nothing where it is no letter; false if there is nothing like it.
func (p Page) plain(r rune) (string, bool) {
	switch {
	case r == hard:
		return string(hard), true
	case p.own(r):
		return string(r), true
	case instead[r] != "":
		return p.known(instead[r])
	case unicode.IsSpace(r), unicode.IsControl(r):
		return " ", true
	case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me):
		return "", true
	}
	return p.bare(r)
}

// bare returns the letters that are left of one without its accents.
func (p Page) bare(r rune) (string, bool) {
	var left strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case unicode.Is(unicode.Mn, part):
		case part != r && p.own(part):
			left.WriteRune(part)
		default:
			return "", false
		}
	}
	return left.String(), left.Len() > 0
}

// known returns the text if the page has its letters, else the letters below their
// accents.
func (p Page) known(text string) (string, bool) {
	for _, r := range text {
		if r != hard && !p.own(r) {
			return p.bare(r)
		}
	}
	return text, true
}

// has reports whether the printer's letters do for the text. Those that nothing
// draws either are no reason for a picture.
func (p Page) has(text string) bool {
	for _, r := range norm.NFC.String(text) {
		if _, ok := p.plain(r); !ok && raster.Draws(r) {
			return false
		}
	}
	return true
}

// letters returns the text as the page can say it: each rune is one column wide.
func (p Page) letters(text string) []rune {
	var out []rune
	whole := []rune(norm.NFC.String(text))
	for i, r := range whole {
		said, ok := p.plain(r)
		if !ok {
			said = "?"
		}
		out = append(out, []rune(said)...)
		if strings.ContainsRune(money, r) && i+1 < len(whole) && unicode.IsDigit(whole[i+1]) {
			out = append(out, hard)
		}
	}
	return out
}

// bytes returns letters as the printer takes them.
func (p Page) bytes(letters []rune) []byte {
	out := make([]byte, 0, len(letters))
	for _, r := range letters {
		b, ok := p.table().EncodeRune(r)
		switch {
		case r == hard:
			b = ' '
		case !ok || b < ' ' || b == 0x7f:
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// spread breaks what stands left and right into rows of at most so many columns.
// The right begins on the last row of the left if there is room for both.
func spread(left, right []rune, columns int) [][]rune {
	rows := wrap(left, columns)
	if len(right) == 0 {
		return append(rows, make([][]rune, max(1-len(rows), 0))...)
	}
	ends := wrap(right, columns)
	for i, end := range ends {
		room := columns - len(end)
		if last := len(rows) - 1; i == 0 && last >= 0 && len(rows[last])+2 <= room {
			rows[last] = append(append(rows[last], blanks(room-len(rows[last]))...), end...)
			continue
		}
		rows = append(rows, append(blanks(room), end...))
	}
	return rows
}

func blanks(n int) []rune {
	b := make([]rune, max(n, 0))
	for i := range b {
		b[i] = ' '
	}
	return b
}

// wrap breaks letters at spaces into rows of at most so many columns, and words
// that are longer anywhere. Spaces at the very beginning stay.
func wrap(letters []rune, columns int) (rows [][]rune) {
	for i := 0; i < len(letters) && i < columns/2 && letters[i] == ' '; i++ {
		letters[i] = hard
	}
	for word := range strings.FieldsSeq(strings.ReplaceAll(string(letters), string(hard), "\x00")) {
		next := []rune(strings.ReplaceAll(word, "\x00", string(hard)))
		if last := len(rows) - 1; last >= 0 && len(rows[last])+1+len(next) <= columns {
			rows[last] = append(append(rows[last], ' '), next...)
			continue
		}
		for len(next) > columns {
			rows = append(rows, next[:columns:columns])
			next = next[columns:]
		}
		if len(next) > 0 {
			rows = append(rows, next)
		}
	}
	return rows
}

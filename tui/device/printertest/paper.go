// Package printertest is a receipt printer for tests: it reads what it is sent as
// the printers' manuals say, and keeps what it printed as text and as a picture.
//
// It shares no code with what writes those bytes, so that both have to be wrong
// in the same way before a test is.
package printertest

import (
	"fmt"
	"strings"
)

// Row is a line of text, or a piece of a picture, as it was printed.
type Row struct {
	Text              string
	Wide, Small, Bold bool
	Centre            bool
	Picture           [][]bool // rows of dots, true for black; nil for text
	QR                string   // a code that the printer drew itself
}

// Paper is what a printer printed and did.
type Paper struct {
	Rows   []Row
	Cuts   int
	Pulses []byte // the pins that a drawer was opened by
	Asked  []byte // the numbers of the questions, in order
}

// The upper halves of the code pages, as the manuals print them.
var pages = map[byte][]rune{
	0: []rune("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"),
	18: []rune("ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤" +
		"đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0"),
}

// Text returns what is on the paper, a line each: "[...]" around what is bold,
// "{...}" around what is large, "<...>" around what is small, and the sizes of
// pictures.
func (p *Paper) Text() string {
	var out strings.Builder
	height := 0
	flush := func() {
		if height > 0 {
			fmt.Fprintf(&out, "(picture, %d rows)\n", height)
		}
		height = 0
	}
	for _, row := range p.Rows {
		if row.Picture != nil {
			height += len(row.Picture)
			continue
		}
		flush()
		out.WriteString(row.line() + "\n")
	}
	flush()
	for range p.Cuts {
		out.WriteString("(cut)\n")
	}
	for _, pin := range p.Pulses {
		fmt.Fprintf(&out, "(drawer %d)\n", pin)
	}
	return out.String()
}

func (r Row) line() string {
	text := strings.TrimRight(r.Text, " ")
	switch {
	case r.QR != "":
		return "(qr " + r.QR + ")"
	case text == "":
		return ""
	case r.Wide:
		text = "{" + text + "}"
	case r.Small:
		text = "<" + text + ">"
	case r.Bold:
		text = "[" + text + "]"
	}
	if r.Centre {
		text = "    " + text
	}
	return text
}

// Widest returns how many dots the widest line takes.
func (p *Paper) Widest() int {
	widest := 0
	for _, row := range p.Rows {
		for _, line := range row.Picture {
			widest = max(widest, len(line))
		}
		widest = max(widest, len([]rune(row.Text))*row.cell())
	}
	return widest
}

// cell is how wide a letter is.
func (r Row) cell() int {
	switch {
	case r.Wide:
		return 24
	case r.Small:
		return 9
	}
	return 12
}

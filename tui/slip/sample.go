package slip

import (
	"strings"
	"time"

	"tenthcup/assets"
)

// letters are those of the languages that the program speaks, to see which of them
// a printer gets right.
var letters = []string{
	"ABCDEFGHIJKLM abcdefghijklm 0123456789",
	"Árvíztűrő tükörfúrógép ÁRVÍZTŰRŐ TÜKÖRFÚRÓGÉP",
	"Selamat datang ke kedai kami",
	"گچ پژ ژاله ۱۲۳ کافهٔ دهم، می\u200cخواهم",
}

// Sample is the slip by which a printer is tried out: a ruler as wide as a line of
// the printer's letters, every style, the letters of every language, and a code.
func Sample(words *assets.Printer, shop string, at time.Time, columns int) Slip {
	s := Slip{Language: "en", Lines: []Line{ // whatever the shop's language is: all letters are tried
		{Text: shop, Style: Large, Centre: true},
		{Text: words.T("paper.sample"), Style: Bold, Centre: true},
		{Text: words.Moment(at), Centre: true},
		{Text: strings.Repeat("1234567890", columns/10+1)[:columns]},
		{Rule: true},
	}}
	for _, line := range letters {
		s.Lines = append(s.Lines, Line{Text: line})
	}
	s.Lines = append(
		s.Lines,
		Line{Rule: true},
		Line{Text: words.T("paper.left"), Right: words.T("paper.right")},
		Line{Text: words.T("paper.bold"), Style: Bold},
		Line{Text: words.T("paper.small"), Style: Small},
		Line{Text: words.Money(123456), Right: words.Money(-500)},
		Line{QR: "TENTHCUP"},
		Line{Text: words.T("paper.nofiscal"), Style: Small, Centre: true},
	)
	return s
}

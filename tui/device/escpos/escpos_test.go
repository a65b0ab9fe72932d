package escpos_test

import (
	"bytes"
	"image"
	"image/png"
	"math/bits"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"

	"tenthcup/tui/device/escpos"
	"tenthcup/tui/device/printertest"
	"tenthcup/tui/slip"
)

// printed is the paper that a printer makes of the slip.
func printed(t testing.TB, s slip.Slip, paper escpos.Paper) *printertest.Paper {
	t.Helper()
	p, err := printertest.Decode(bytes.NewReader(escpos.Encode(s, paper)))
	require.NoError(t, err)
	require.LessOrEqual(t, p.Widest(), paper.Dots())
	require.Equal(t, 1, p.Cuts)
	require.Empty(t, p.Pulses)
	require.Empty(t, p.Asked)
	return p
}

// text is what is on the paper without what every slip ends with.
func text(t testing.TB, language string, paper escpos.Paper, lines ...slip.Line) string {
	t.Helper()
	return strings.TrimSuffix(printed(t, slip.Slip{Language: language, Lines: lines}, paper).Text(), "(cut)\n")
}

func TestLetters(t *testing.T) {
	tests := []struct {
		name string
		page escpos.Page
		text string
		want string
	}{
		{"every Hungarian letter", escpos.CP852, "áéíóöőúüű ÁÉÍÓÖŐÚÜŰ", "áéíóöőúüű ÁÉÍÓÖŐÚÜŰ"},
		{"letters in two parts", escpos.CP852, "ko\u030bszegi", "kőszegi"},
		{"the page of printers that have no other", escpos.CP437, "őűŐŰ éü", "öüÖÜ éü"},
		{"quotes, dashes, dots", escpos.CP852, "„jó” – ’n — …", "\"jó\" - 'n - ..."},
		{"the euro sign", escpos.CP852, "€5.00 5 €", "EUR 5.00 5 EUR"},
		{"a minus", escpos.CP852, "−3", "-3"},
		{"spaces that do not break", escpos.CP852, "1\u00a0200\u202fFt", "1 200 Ft"},
		{"accents of other languages", escpos.CP852, "Nuñez Åse", "Nunez Ase"},
		{"a name that would drive the printer", escpos.CP852, "\x1b@\x10\x04\x01Ann\x1dV0\a", " @ Ann V0"},
		{"marks that are not seen", escpos.CP852, "A\u200bn\u200en\ufeff", "Ann"},
		{"what nothing draws", escpos.CP852, "張 Ann", "? Ann"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want+"\n", text(t, "hu", escpos.Paper{Page: tt.page}, slip.Line{Text: tt.text}))
		})
	}
}

func TestLines(t *testing.T) {
	narrow := escpos.Paper{Width: 58}
	tests := []struct {
		name string
		line slip.Line
		want string
	}{
		{"left and right", slip.Line{Text: "Coffee", Right: "7 of 10"}, "Coffee                   7 of 10\n"},
		{"a long one breaks at a space", slip.Line{Text: "A very long name of something to drink"}, "A very long name of something to\ndrink\n"},
		{"the figure stands on the last row", slip.Line{Text: "A very long name of something hot", Right: "3.50"}, "A very long name of something\nhot                         3.50\n"},
		{"or on one of its own", slip.Line{Text: "A very long name of something", Right: "1,233.50"}, "A very long name of something\n                        1,233.50\n"},
		{"a long word breaks anywhere", slip.Line{Text: strings.Repeat("x", 40)}, strings.Repeat("x", 32) + "\n" + strings.Repeat("x", 8) + "\n"},
		{"a figure and its unit stay together", slip.Line{Text: "something that now costs 10\u00a0200 Ft"}, "something that now costs 10 200\nFt\n"},
		{"indented", slip.Line{Text: "  stamps", Right: "3"}, "  stamps                       3\n"},
		{"large letters are half as many", slip.Line{Text: "Café Tizedik Budapest", Style: slip.Large, Centre: true}, "    {Café Tizedik}\n    {Budapest}\n"},
		{"bold", slip.Line{Text: "Ready", Style: slip.Bold}, "[Ready]\n"},
		{"small letters are more", slip.Line{Text: strings.Repeat("y", 42), Style: slip.Small}, "<" + strings.Repeat("y", 42) + ">\n"},
		{"a rule", slip.Line{Rule: true}, strings.Repeat("-", 32) + "\n"},
		{"a blank line", slip.Line{}, "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, text(t, "en", narrow, tt.line)) })
	}
	require.Equal(t, []int{48, 24, 64}, []int{
		escpos.Paper{}.Columns(slip.Normal), escpos.Paper{}.Columns(slip.Large), escpos.Paper{}.Columns(slip.Small),
	})
}

// Styles of one line must not reach the next.
func TestStylesEnd(t *testing.T) {
	p := printed(t, slip.Slip{Language: "en", Lines: []slip.Line{
		{Text: "a", Style: slip.Large, Centre: true}, {Text: "b"}, {Text: "c", Style: slip.Small}, {Rule: true}, {Text: "d"},
	}}, escpos.Paper{})
	require.Equal(t, "    {a}\nb\n<c>\n"+strings.Repeat("-", 48)+"\nd\n(cut)\n", p.Text())
}

func TestQR(t *testing.T) {
	code := "TC1.7K3M9QPX"
	s := slip.Slip{Language: "en", Lines: []slip.Line{{Text: "Scan me"}, {QR: code}}}
	require.Equal(t, "Scan me\n(qr "+code+")\n(cut)\n", printed(t, s, escpos.Paper{QR: true}).Text())
	for _, width := range []int{58, 80} {
		for _, page := range []escpos.Page{escpos.CP852, escpos.Image} {
			paper := escpos.Paper{Width: width, Page: page}
			require.Equal(t, code, scan(t, printed(t, s, paper), paper.Dots()))
		}
	}
	long := strings.Repeat("TOO LONG FOR ANY CODE ", 200)
	require.NotEmpty(t, text(t, "en", escpos.Paper{QR: true}, slip.Line{QR: long}), "it is written out instead")
}

// scan reads the QR code on the paper.
func scan(t *testing.T, paper *printertest.Paper, dots int) string {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, paper.PNG(&file, dots))
	picture, err := png.Decode(&file)
	require.NoError(t, err)
	binary, err := gozxing.NewBinaryBitmapFromImage(picture)
	require.NoError(t, err)
	result, err := qrcode.NewQRCodeReader().Decode(binary, nil)
	require.NoError(t, err)
	return result.GetText()
}

// ink returns the box around the black dots of the rows.
func ink(rows [][]bool) image.Rectangle {
	var box image.Rectangle
	for y, row := range rows {
		for x, black := range row {
			if black {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// rows are all the dots of the pictures on the paper.
func rows(t *testing.T, p *printertest.Paper) (dots [][]bool) {
	t.Helper()
	for _, row := range p.Rows {
		require.NotNil(t, row.Picture, "%q is sent as letters", row.Text)
		dots = append(dots, row.Picture...)
	}
	return dots
}

func TestPersianIsDrawn(t *testing.T) {
	draw := func(line slip.Line) image.Rectangle {
		return ink(rows(t, printed(t, slip.Slip{Language: "fa", Lines: []slip.Line{line}}, escpos.Paper{})))
	}
	const width = 576
	name := draw(slip.Line{Text: "قهوه"})
	require.Greater(t, name.Min.X, width-80, "text begins at the right")
	require.Less(t, name.Dx(), 72, "its letters are joined")
	figure := draw(slip.Line{Right: "7/10"})
	require.Less(t, figure.Max.X, 80, "figures end at the left")
	both := draw(slip.Line{Text: "قهوه", Right: "7/10"})
	require.Equal(t, name.Union(figure), both, "on one line")
	require.Less(t, draw(slip.Line{Text: "قهوه قهوه قهوه قهوه قهوه قهوه قهوه قهوه قهوه قهوه قهوه قهوه قهوه"}).Min.X, width/2)
	require.Greater(t, draw(slip.Line{Text: strings.Repeat("قهوه ", 20)}).Dy(), 39, "a long line breaks")
	middle := draw(slip.Line{Text: "قهوه", Centre: true})
	require.InDelta(t, width/2, (middle.Min.X+middle.Max.X)/2, 4)
	require.Greater(t, draw(slip.Line{Text: "قهوه", Style: slip.Large}).Dx(), name.Dx()*3/2)
}

// Joined letters touch: a word of four of them is one piece of ink beside its dots,
// and narrower than the letters apart.
func TestPersianIsJoined(t *testing.T) {
	wide := func(text string) int {
		s := slip.Slip{Language: "fa", Lines: []slip.Line{{Text: text}}}
		return ink(rows(t, printed(t, s, escpos.Paper{}))).Dx()
	}
	require.Less(t, wide("سلام"), wide("س\u200cل\u200cا\u200cم")*9/10)
}

// A figure keeps its sign in front, whatever the slip's direction.
func TestFiguresOnPersianSlips(t *testing.T) {
	left := func(language, text string) [][]bool {
		s := slip.Slip{Language: language, Lines: []slip.Line{{Text: text}}}
		dots := rows(t, printed(t, s, escpos.Paper{Page: escpos.Image}))
		box := ink(dots)
		var cut [][]bool
		for y := box.Min.Y; y < box.Max.Y; y++ {
			cut = append(cut, dots[y][box.Min.X:box.Max.X])
		}
		return cut
	}
	for _, figure := range []string{"-5", "+36 30 123 4567", "1,234"} {
		require.Equal(t, left("en", figure), left("fa", figure), figure)
	}
}

// A Persian name reads the same on a slip of any language, figures in it too.
func TestPersianNamesElsewhere(t *testing.T) {
	name := "گچ ۱۲۳ کافه"
	draw := func(language string) image.Rectangle {
		s := slip.Slip{Language: language, Lines: []slip.Line{{Text: name}}}
		return ink(rows(t, printed(t, s, escpos.Paper{Page: escpos.Image})))
	}
	fa, hu := draw("fa"), draw("hu")
	require.Equal(t, fa.Size(), hu.Size())
	require.Less(t, hu.Min.X, 20, "but it stands where that language begins")
}

// What the page lacks is drawn on a slip of letters, the line alone.
func TestALineThatThePageLacks(t *testing.T) {
	p := printed(t, slip.Slip{Language: "hu", Lines: []slip.Line{{Text: "Tag"}, {Text: "علی رضایی", Right: "7/10"}, {Text: "Ω"}, {Text: "pont"}}}, escpos.Paper{})
	require.Equal(t, "Tag\n(picture, 78 rows)\npont\n(cut)\n", p.Text())
	require.Equal(t, 576, len(p.Rows[1].Picture[0]))
}

func TestPulse(t *testing.T) {
	p, err := printertest.Decode(bytes.NewReader(escpos.Pulse()))
	require.NoError(t, err)
	require.Equal(t, &printertest.Paper{Pulses: []byte{0, 1}}, p)
}

// Printers obey some bytes wherever they stand. No picture may hold them.
func TestNoPictureDrivesThePrinter(t *testing.T) {
	picture := []byte{0x10, 0x04, 0x01, 0x10, 0x10, 0x05, 0x00, 0x10, 0x14, 0x10}
	safe := escpos.Harmless(picture)
	for _, command := range []string{"\x10\x04", "\x10\x05", "\x10\x14"} {
		require.NotContains(t, string(safe), command)
	}
	dots := 0
	for i := range picture {
		require.Zero(t, picture[i]&^safe[i], "no dot is lost")
		dots += bits.OnesCount8(safe[i] &^ picture[i])
	}
	require.Equal(t, 3, dots)
}

func TestStatus(t *testing.T) {
	tests := []struct {
		name   string
		answer map[escpos.Question]byte
		want   escpos.Status
	}{
		{"all is well", map[escpos.Question]byte{escpos.Ready: 0x12, escpos.Trouble: 0x12, escpos.Roll: 0x12}, escpos.Status{}},
		{"the drawer's switch says nothing", map[escpos.Question]byte{escpos.Ready: 0x16}, escpos.Status{}},
		{"offline", map[escpos.Question]byte{escpos.Ready: 0x1a}, escpos.Status{Offline: true}},
		{"the cover", map[escpos.Question]byte{escpos.Ready: 0x1a, escpos.Trouble: 0x16}, escpos.Status{Offline: true, Cover: true}},
		{"no paper", map[escpos.Question]byte{escpos.Trouble: 0x32, escpos.Roll: 0x72}, escpos.Status{NoPaper: true}},
		{"a roll that ends soon still prints", map[escpos.Question]byte{escpos.Roll: 0x1e}, escpos.Status{}},
		{"a fault", map[escpos.Question]byte{escpos.Trouble: 0x52}, escpos.Status{Fault: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got escpos.Status
			for _, q := range []escpos.Question{escpos.Ready, escpos.Trouble, escpos.Roll} {
				if answer, ok := tt.answer[q]; ok {
					require.True(t, got.Learn(q, answer))
				}
			}
			require.Equal(t, tt.want, got)
		})
	}
	var none escpos.Status
	for _, noise := range []byte{0, 0x10, 0x11, 0x93, 0xff, 'A'} {
		require.False(t, none.Learn(escpos.Ready, noise))
	}
	require.Zero(t, none)
}

// Whatever stands in a slip, the printer understands all of it, prints nothing
// wider than its paper, and is never told to do anything else.
func FuzzSlip(f *testing.F) {
	f.Add("Kőszegi Űrhajós", "€ 5,00", "TC1.7K3M9QPX", "hu", uint8(0))
	f.Add("سهیلا \x1b@ Café \U0001f600", "۷ از ۱۰", "\x10\x04\x01", "fa", uint8(0x1f))
	f.Add("\u202e\u2066x\u0301\u0301", strings.Repeat("m", 300), "", "ar-x", uint8(0xff))
	f.Fuzz(func(t *testing.T, left, right, qr, language string, how uint8) {
		if len(left)+len(right)+len(qr) > 1000 {
			t.Skip("slower, not different")
		}
		style := slip.Style(how & 3)
		paper := escpos.Paper{QR: how&4 != 0, Width: 58 + int(how&8)/8*22, Page: []escpos.Page{"", escpos.CP437, escpos.Image, escpos.CP852}[how>>4&3]}
		printed(t, slip.Slip{Language: language, Lines: []slip.Line{
			{Text: left, Right: right, Style: style}, {Text: right, Centre: true, Style: style}, {QR: qr}, {Right: left}, {Rule: true},
		}}, paper)
	})
}

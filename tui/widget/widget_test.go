package widget_test

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

const sample = "TC1ABCDEFGHJKLM"

// A scanner reads what is on the screen, dark or light, with colours or without.
func TestQRIsRead(t *testing.T) {
	for _, quiet := range []int{4, 2} {
		lines := strings.Split(ansi.Strip(widget.QR(sample, quiet)), "\n")
		require.Len(t, lines, (21+2*quiet+1)/2)
		require.Equal(t, sample, read(t, lines, color.Black, color.White))
		dark := strings.Split(widget.PlainQR(sample, quiet, true), "\n")
		require.Equal(t, sample, read(t, dark, color.White, color.Black))
		light := strings.Split(widget.PlainQR(sample, quiet, false), "\n")
		require.Equal(t, sample, read(t, light, color.Black, color.White))
	}
	require.Empty(t, widget.QR(strings.Repeat("x", 8000), 4))
	require.Empty(t, widget.PlainQR("", 4, true))
	for line := range strings.SplitSeq(widget.QR(sample, 4), "\n") {
		require.True(t, strings.HasPrefix(line, "\x1b[38;2;0;0;0;48;2;255;255;255m"), "each line says its colours: %q", line)
	}
}

// read draws the lines as a terminal does, with margins in the background of the
// terminal, and reads the picture.
func read(t *testing.T, lines []string, fore, back color.Color) string {
	t.Helper()
	const module = 6
	width := ansi.StringWidth(lines[0])
	picture := image.NewRGBA(image.Rect(0, 0, width*module, len(lines)*2*module))
	for y, line := range lines {
		for x, r := range []rune(line) {
			for half := range 2 {
				ink := back
				if r == '█' || r == '▀' && half == 0 || r == '▄' && half == 1 {
					ink = fore
				}
				for i := range module * module {
					picture.Set(x*module+i%module, (2*y+half)*module+i/module, ink)
				}
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	require.NoError(t, err)
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	require.NoError(t, err)
	return result.GetText()
}

// A card shows as many filled places as there are stamps, in the room it has.
func TestPunchCard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		card := rules.PunchCard{
			Card:   pos.Card{Size: rapid.Int64Range(1, 100).Draw(t, "size"), Stamp: rapid.SampledFrom([]string{"●", "★", "☕", "x"}).Draw(t, "stamp")},
			Stamps: 0,
		}
		card.Stamps = rapid.Int64Range(-3, card.Card.Size-1).Draw(t, "stamps")
		width, height := rapid.IntRange(0, 80).Draw(t, "width"), rapid.IntRange(0, 20).Draw(t, "height")
		lines := widget.PunchCard(theme.Dark(), card, width, height)
		require.LessOrEqual(t, len(lines), height)
		drawn := ansi.Strip(strings.Join(lines, "\n"))
		for line := range strings.SplitSeq(drawn, "\n") {
			require.Equal(t, map[bool]int{true: width}[lines != nil], ansi.StringWidth(line))
		}
		if lines == nil {
			return
		}
		filled, empty := strings.Count(drawn, card.Card.Stamp), strings.Count(drawn, "○")
		if strings.ContainsAny(drawn, "▟▞") {
			filled, empty = strings.Count(drawn, "▟██▙"), strings.Count(drawn, "▞▀▀▚")
		}
		require.Equal(t, max(card.Stamps, 0), int64(filled))
		require.Equal(t, card.Card.Size, int64(filled+empty))
	})
}

func TestPunchCardLooksLikePaper(t *testing.T) {
	card := rules.PunchCard{Card: pos.Card{Size: 10, Stamp: "●"}, Stamps: 7}
	lines := widget.PunchCard(theme.Dark(), card, 30, 5)
	require.Equal(t, strings.Join([]string{
		" ▟██▙  ▟██▙  ▟██▙  ▟██▙  ▟██▙ ",
		" ▜██▛  ▜██▛  ▜██▛  ▜██▛  ▜██▛ ",
		"                              ",
		" ▟██▙  ▟██▙  ▞▀▀▚  ▞▀▀▚  ▞▀▀▚ ",
		" ▜██▛  ▜██▛  ▚▄▄▞  ▚▄▄▞  ▚▄▄▞ ",
	}, "\n"), ansi.Strip(strings.Join(lines, "\n")))
}

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"Kovács Anna":              "Kovács Anna",
		"Jose\u0301":               "José",
		"Anna 👩‍👩‍👧‍👦 Kiss":        "Anna Kiss",
		"👍🏽 🇭🇺 ❤️ x":               "x",
		"☕ 🎁":                      "☕ 🎁",
		"1️⃣ 2":                    "1 2",
		"An\x1b[31mna\u202e\u200f": "An[31mna",
		"نیم\u200cروز":             "نیم\u200cروز",
		"two\nlines\tand  blanks":  "two lines and blanks",
		"\xff\xfe":                 "",
		"":                         "",
		"\u0301x \u0302y":          "x y",
		"क्षि":                     "क्षि",
	} {
		require.Equal(t, want, widget.Name(text), "%q", text)
	}
}

// Whatever the text, a cell of a table is as wide as it has to be.
func TestWidths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := widget.Name(rapid.String().Draw(t, "text"))
		width := rapid.IntRange(0, 60).Draw(t, "width")
		for name, got := range map[string]string{
			"left": widget.Left(text, width), "right": widget.Right(text, width), "center": widget.Center(text, width),
			"spread": widget.Spread(text, text, width),
		} {
			require.Equal(t, width, widget.Width(got), "%s of %q", name, text)
		}
		require.LessOrEqual(t, widget.Width(widget.Cut(text, width)), width)
		for _, line := range widget.Wrap(text, width) {
			require.LessOrEqual(t, widget.Width(line), width)
		}
	})
}

// A field holds what is typed, and shows the cursor inside its width.
func TestField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := widget.Field{Secret: rapid.Bool().Draw(t, "secret")}
		keys := []string{"left", "right", "home", "end", "backspace", "delete", "ctrl+u", "ctrl+w"}
		for range rapid.IntRange(0, 30).Draw(t, "keys") {
			if rapid.Bool().Draw(t, "type") {
				f = f.Type(rapid.StringOfN(rapid.RuneFrom([]rune("aé\u0301 علی👩\u200d王\n\x1b")), 0, 5, -1).Draw(t, "text"))
			} else {
				f, _ = f.Press(press(rapid.SampledFrom(keys).Draw(t, "key")))
			}
			width := rapid.IntRange(0, 20).Draw(t, "width")
			text, cursor := f.View(width)
			require.Equal(t, width, widget.Width(text), "%q", f.Value())
			require.GreaterOrEqual(t, cursor, 0)
			require.Less(t, cursor, max(width, 1))
		}
	})
}

func press(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	}
	if code, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	return tea.KeyPressMsg{Code: rune(name[len(name)-1]), Mod: tea.ModCtrl}
}

func TestFieldEditing(t *testing.T) {
	f := widget.NewField("Kovács Anna")
	for _, name := range []string{"left", "left", "backspace", "ctrl+w", "home", "delete", "end"} {
		f, _ = f.Press(press(name))
	}
	require.Equal(t, "ovács na", f.Value())
	f = f.Type("e").Type("\u0301")
	require.Equal(t, "ovács naé", f.Value(), "two keys make one letter")
	f, _ = f.Press(press("backspace"))
	require.Equal(t, "ovács na", f.TakeBack(0).Value())
	require.Equal(t, "ovács", f.TakeBack(3).Value())
	require.Equal(t, "", f.TakeBack(99).Value())
	_, used := f.Press(tea.KeyPressMsg{Code: tea.KeyF5})
	require.False(t, used)
	require.Equal(t, "", widget.Field{}.Type(strings.Repeat("x", 2000)).Value(), "nobody types this much")
}

func TestTable(t *testing.T) {
	columns := []widget.Column{
		{Head: "Cashier", Cells: []string{"Kőszegi Edit", "All"}},
		{Head: "Stamps", Right: true, Cells: []string{"12", "1,234"}},
	}
	require.Equal(t, []string{
		"Cashier             Stamps",
		"Kőszegi Edit            12",
		"All                  1,234",
	}, plain(widget.Table(theme.Theme{}, columns, 26)))
	require.Equal(t, "Kősz…     12", plain(widget.Table(theme.Theme{}, columns, 12))[1])
	require.Nil(t, widget.Table(theme.Theme{}, nil, 20))
}

func plain(lines []string) []string {
	for i := range lines {
		lines[i] = ansi.Strip(lines[i])
	}
	return lines
}

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		done, total int64
		want        string
	}{{0, 8, "░░░░"}, {1, 8, "█░░░"}, {4, 8, "██░░"}, {8, 8, "████"}, {99, 8, "████"}, {0, 0, "████"}, {-5, 8, "░░░░"}} {
		require.Equal(t, tt.want, widget.Bar(theme.Theme{}, tt.done, tt.total, 4), "%d of %d", tt.done, tt.total)
	}
	require.Empty(t, widget.Bar(theme.Theme{}, 1, 2, 0))
}

func TestFooter(t *testing.T) {
	hints := []widget.Hint{{Key: "Enter", Word: "Stamp"}, {Key: "u", Word: "Undo"}, {Key: "Esc", Word: "Back"}}
	require.Equal(t, []string{"Enter Stamp   u Undo   Esc Back"}, widget.Footer(theme.Theme{}, hints, 40))
	require.Equal(t, []string{"Enter Stamp  u Undo  Esc Back"}, widget.Footer(theme.Theme{}, hints, 29))
	require.Equal(t, []string{"Enter Stamp  u Undo", "Esc Back"}, widget.Footer(theme.Theme{}, hints, 20))
	require.Empty(t, widget.Footer(theme.Theme{}, nil, 20))
}

func TestFrame(t *testing.T) {
	for _, width := range []int{6, 10, 20, 40} {
		frame := widget.Frame{Title: "A long title of a card", Note: "7 of 10"}
		for _, line := range frame.Around(theme.Dark(), []string{"x", ""}, width) {
			require.Equal(t, width, widget.Width(line), fmt.Sprint(width))
		}
	}
	require.Nil(t, widget.Frame{}.Around(theme.Dark(), nil, 3))
}

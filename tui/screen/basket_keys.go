package screen

import (
	"slices"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/tui/widget"
)

// Sizes of the keypad, in cells.
const (
	keypadWidth = 116 // at most
	keyWidth    = 22  // of one item, at least
	keyGap      = 2
)

// keypad draws the items that have a key as a field of keys, in at most half of the
// height. Each can be clicked.
func (b Basket) keypad(v *View, width, height int) {
	keyed := slices.DeleteFunc(slices.Clone(b.desk.Items), func(i pos.Item) bool { return i.Key == "" })
	if len(keyed) == 0 || !b.query.Empty() || b.named || b.desk.Plain {
		return
	}
	inner := min(width-4, keypadWidth)
	columns := min(max((inner+keyGap)/(keyWidth+keyGap), 1), max(len(keyed), 3))
	cell := (inner+keyGap)/columns - keyGap
	left := (width - inner) / 2
	most := max((height-len(v.Lines))/2, 1)
	for row := 0; row < most && row*columns < len(keyed); row++ {
		var line strings.Builder
		line.WriteString(widget.Space(left))
		for column, item := range keyed[row*columns : min((row+1)*columns, len(keyed))] {
			code, _ := utf8.DecodeRuneInString(item.Key)
			v.Clicks = append(v.Clicks, Click{
				X: left + column*(cell+keyGap), Y: len(v.Lines), Width: cell, Do: tea.KeyPressMsg{Code: code, Text: item.Key},
			})
			line.WriteString(b.cell(item, cell) + widget.Space(keyGap))
		}
		v.Lines = append(v.Lines, line.String())
	}
	v.Lines = append(v.Lines, widget.Space(left)+b.desk.Theme.Faint.Paint(rule(inner)))
}

// cell is one key: what it is, how many there are, what it sells and for how much.
func (b Basket) cell(item pos.Item, width int) string {
	t := b.desk.Theme
	price, ink, number := b.desk.Words.Money(item.Price), t.Strong, ""
	if at := slices.IndexFunc(b.lines, func(l pos.Line) bool { return l.Item == item.ID }); at >= 0 {
		ink, number = t.Good, "  "+b.desk.Words.Number(b.lines[at].Quantity)+"×"
	}
	name := widget.Left(widget.Name(item.Name), width-widget.Width(price)-widget.Width(number)-5)
	return t.Title.Paint(widget.Left(item.Key, 2)) + " " + ink.Paint(name+number) + "  " + t.Muted.Paint(price)
}

// picked marks the item that was clicked; a click on the marked one adds one more.
func (b Basket) picked(msg Picked) Basket {
	if msg.Row < 0 || msg.Row >= len(b.listed()) {
		return b
	}
	if b.at == msg.Row {
		return b.add(1)
	}
	b.at = msg.Row
	return b
}

package screen

import (
	"strings"

	"tenthcup/tui/widget"
)

// askLines is how many lines the dialog takes beside the sentence in it: frame,
// fields, and a blank.
const askLines = 6

// view draws the dialog, below what the page has already.
func (o override) view(v *View, left string, width, height int) {
	const pad = 2
	t := o.desk.Theme
	inner := width - 2 - 2*pad
	room := max(height-len(v.Lines)-askLines, 1)
	lines := make([]string, 0, askLines+room)
	for i, line := range widget.Wrap(o.why, inner) {
		if i < room {
			lines = append(lines, t.Bad.Paint(line))
		}
	}
	saving := ""
	if o.slow {
		saving = t.Muted.Paint(o.desk.Words.T("person.saving"))
	}
	lines = append(lines, saving)
	label := o.labelWidth()
	values, cursor := o.values(inner - label - 4)
	for i, name := range o.labels() {
		mark := "  "
		if i == o.at {
			mark = t.Accent.Paint("▸ ")
			v.Cursor = i != managerField && o.hears && !o.busy && (i != pinField || o.wait.left(o.desk.Now) == 0)
			v.X, v.Y = len(left)+1+pad+2+label+2+cursor, len(v.Lines)+1+len(lines)
		}
		v.Clicks = append(v.Clicks, Click{X: len(left) + 1, Y: len(v.Lines) + 1 + len(lines), Width: width - 2, Do: Picked{i}})
		lines = append(lines, mark+t.Muted.Paint(widget.Left(name, label))+"  "+values[i])
	}
	for i := range lines {
		lines[i] = widget.Space(pad) + lines[i]
	}
	for _, line := range (widget.Frame{Title: o.words.head}).Around(t, lines, width) {
		v.Lines = append(v.Lines, left+line)
	}
}

// labels returns what the fields are called.
func (o override) labels() [askFields]string {
	words := o.desk.Words
	return [askFields]string{words.T("allow.manager"), words.T("allow.label"), words.T("allow.why")}
}

func (o override) labelWidth() int {
	width := 0
	for _, label := range o.labels() {
		width = max(width, widget.Width(label))
	}
	return width
}

// values returns what is in the fields, each in width cells, and the cell of
// the cursor in the one that is typed in.
func (o override) values(width int) (values [askFields]string, cursor int) {
	t, words := o.desk.Theme, o.desk.Words
	manager := t.Strong.Paint(widget.Cut(widget.Name(o.managers[o.chosen].Name), width-12))
	if all := len(o.managers); all > 1 {
		manager += "  " + t.Muted.Paint(words.T("allow.which", "at", o.chosen+1, "all", all))
	}
	pin, at := o.pin.View(width)
	if o.at == pinField {
		cursor = at
	}
	if o.wait.left(o.desk.Now) > 0 {
		pin = t.Muted.Paint(o.wait.text(o.desk.Now))
	}
	reason, at := o.reason.View(width)
	if o.at == reasonField {
		cursor = at
	}
	line := func(text string) string {
		if strings.TrimSpace(text) == "" {
			return t.Faint.Paint(strings.Repeat("_", width))
		}
		return text
	}
	return [askFields]string{manager, line(pin), line(reason)}, cursor
}

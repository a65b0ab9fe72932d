package screen

import (
	"strings"

	"tenthcup/tui/widget"
)

// askLines is how many lines the dialog takes beside the sentence in it: frame,
// fields, and a blank.
const askLines = 6

// viewAsk draws the dialog that asks a manager, below what the page has already.
func (m Member) viewAsk(v *View, left string, width, height int) {
	const pad = 2
	t, o := m.desk.Theme, m.ask
	inner := width - 2 - 2*pad
	room := max(height-len(v.Lines)-askLines, 1)
	lines := make([]string, 0, askLines+room)
	for i, line := range widget.Wrap(o.why, inner) {
		if i < room {
			lines = append(lines, t.Bad.Paint(line))
		}
	}
	saving := ""
	if m.slow {
		saving = t.Muted.Paint(m.desk.Words.T("person.saving"))
	}
	lines = append(lines, saving)
	label := m.askLabelWidth()
	values, cursor := m.askValues(inner - label - 4)
	for i, name := range m.askLabels() {
		mark := "  "
		if i == o.at {
			mark = t.Accent.Paint("▸ ")
			v.Cursor = i != managerField && o.hears && !m.busy && (i != pinField || o.wait.left(m.desk.Now) == 0)
			v.X, v.Y = len(left)+1+pad+2+label+2+cursor, len(v.Lines)+1+len(lines)
		}
		lines = append(lines, mark+t.Muted.Paint(widget.Left(name, label))+"  "+values[i])
	}
	for i := range lines {
		lines[i] = widget.Space(pad) + lines[i]
	}
	for _, line := range (widget.Frame{Title: m.desk.Words.T("allow.head", "reward", widget.Name(o.reward.Name))}).Around(t, lines, width) {
		v.Lines = append(v.Lines, left+line)
	}
}

// askLabels returns what the fields are called.
func (m Member) askLabels() [askFields]string {
	words := m.desk.Words
	return [askFields]string{words.T("allow.manager"), words.T("allow.label"), words.T("allow.why")}
}

func (m Member) askLabelWidth() int {
	width := 0
	for _, label := range m.askLabels() {
		width = max(width, widget.Width(label))
	}
	return width
}

// askValues returns what is in the fields, each in width cells, and the cell of
// the cursor in the one that is typed in.
func (m Member) askValues(width int) (values [askFields]string, cursor int) {
	t, o, words := m.desk.Theme, m.ask, m.desk.Words
	manager := t.Strong.Paint(widget.Cut(widget.Name(o.managers[o.chosen].Name), width-12))
	if all := len(o.managers); all > 1 {
		manager += "  " + t.Muted.Paint(words.T("allow.which", "at", o.chosen+1, "all", all))
	}
	pin, at := o.pin.View(width)
	if o.at == pinField {
		cursor = at
	}
	if o.wait.left(m.desk.Now) > 0 {
		pin = t.Muted.Paint(o.wait.text(m.desk.Now))
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

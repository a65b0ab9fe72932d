package screen

import (
	"strings"

	"tenthcup/tui/slip"
	"tenthcup/tui/widget"
)

const (
	dayWidth = 92
	farthest = 1 << 20 // lines: beyond the end of any report
)

// View implements Screen.
func (e DayEnd) View(width, height int) View {
	d := e.desk
	inner := min(width-4, dayWidth)
	left := widget.Space((width - inner) / 2)
	v := View{}
	if !e.read {
		return v
	}
	lines := e.head(inner)
	room := height - len(lines)
	body := e.lines(inner)
	top := max(min(e.top, len(body)-room), 0)
	shown := body[top:min(top+room, len(body))]
	if top > 0 {
		shown[0] = d.Theme.Faint.Paint("↑ …")
	}
	if top+room < len(body) {
		shown[len(shown)-1] = d.Theme.Faint.Paint("↓ …")
	}
	v.Lines = append(v.Lines, lines...)
	v.Lines = append(v.Lines, shown...)
	v.Lines = indent(left, v.Lines)
	return v
}

// head is the line's state and the transfer, whose room is always kept.
func (e DayEnd) head(width int) []string {
	d, t, words := e.desk, e.desk.Theme, e.desk.Words
	sign, state := d.LineSign()
	lines := []string{t.Muted.Paint(widget.Left(words.T("queue.line"), 12)) + sign + " " + widget.Cut(state, width-14)}
	if d.Line == nil {
		return append(lines, "")
	}
	said := d.transfer(width)
	if d.LineErr != nil && !d.Sending.Active && !d.Taking.Active() {
		why := append(widget.Wrap(words.Error(d.LineErr), width), "", "")
		said = []string{t.Muted.Paint(why[0]), t.Muted.Paint(why[1])}
	}
	return append(append(lines, said...), "")
}

// lines is the report, a line for each row of it.
func (e DayEnd) lines(width int) []string {
	t, words, paper := e.desk.Theme, e.desk.Words, e.paper()
	if e.desk.Plain {
		var lines []string
		for _, line := range paper.Sentences() {
			lines = append(lines, widget.Wrap(widget.Name(line), width)...)
		}
		return lines
	}
	lines := []string{t.Title.Paint(paper.Title) + "  " + t.Muted.Paint(widget.Cut(e.span(), width-widget.Width(paper.Title)-2))}
	if z := e.looked(); !z.Closed.IsZero() {
		by := words.T("zreport.closed") + " " + words.Moment(z.Closed) + " · " + widget.Name(e.desk.CashierName(z.ClosedBy))
		lines = append(lines, t.Muted.Paint(widget.Cut(by, width)))
	}
	for _, note := range paper.Notes {
		lines = append(lines, t.Warn.Paint(widget.Cut("! "+note, width)))
	}
	for _, table := range paper.Tables {
		lines = append(lines, "")
		lines = append(lines, e.table(table, width)...)
	}
	if e.weighs && !e.looked().Counted {
		lines = append(lines, "", t.Muted.Paint(widget.Cut(words.T("dayend.weighing"), width)))
	}
	return lines
}

// table is a table under its title, the total below a rule.
func (e DayEnd) table(table slip.Table, width int) []string {
	t := e.desk.Theme
	columns := make([]widget.Column, len(table.Heads))
	for i, head := range table.Heads {
		columns[i] = widget.Column{Head: head, Right: i > 0 && !e.desk.Words.RightToLeft()}
	}
	columns[0].Head = table.Title
	for _, row := range table.Rows {
		columns[0].Cells = append(columns[0].Cells, widget.Name(row.Name))
		for i, cell := range row.Cells {
			columns[i+1].Cells = append(columns[i+1].Cells, cell.Shown())
		}
	}
	lines := widget.Table(t, columns, width)
	if !table.Total {
		return lines
	}
	last := len(lines) - 1
	return append(lines[:last:last], t.Faint.Paint(rule(width)), lines[last])
}

// long reports whether there is more of the report than fits.
func (e DayEnd) long() bool { return e.read && e.beyond() > 0 }

// beyond is how many lines of the report don't fit. What the frame of the page takes
// is known exactly when it is drawn; here it is what it is at its usual height.
func (e DayEnd) beyond() int {
	frame, head := 7, 4 // header, rules, notice and footer; the line and the transfer
	if e.desk.Height < roomy {
		frame = 6 // no rules, but mostly a longer footer
	}
	if e.desk.Line == nil {
		head = 2
	}
	return len(e.lines(dayWidth)) - (e.desk.Height - frame - head)
}

func (e DayEnd) scroll(by int) DayEnd {
	room := e.desk.Room - len(e.head(dayWidth))
	e.top = max(min(e.top+by, len(e.lines(dayWidth))-room), 0)
	return e
}

// span says from when to when the shift was.
func (e DayEnd) span() string {
	words, z := e.desk.Words, e.looked()
	if z.Totals.Entries == 0 {
		return words.T("dayend.empty")
	}
	from, to := words.Moment(z.First), words.Moment(z.Last)
	if day, _, _ := strings.Cut(from, " "); strings.HasPrefix(to, day) {
		to = words.Clock(z.Last)
	}
	return words.T("dayend.span", "from", from, "to", to, "n", int64(z.Totals.Entries))
}

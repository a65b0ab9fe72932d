package screen

import (
	"slices"
	"strconv"
	"strings"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

// ReportText writes reports in words.
type ReportText struct {
	Words   *assets.Printer
	Program pos.Program
}

// Span says from when to when the figures are.
func (x ReportText) Span(from, to pos.Day) string {
	if from == to {
		return x.Words.Date(from)
	}
	return x.Words.T("report.span", "from", from, "to", to)
}

// Cell is a figure of the unit.
func (x ReportText) Cell(n int64, unit report.Unit) string {
	switch {
	case n == report.None:
		return "–"
	case unit == report.Money:
		return x.Words.Money(pos.Money(n))
	case unit == report.Percent:
		return x.tenths(n) + "\u00a0%"
	case unit == report.Tenths:
		return x.tenths(n)
	}
	return x.Words.Number(n)
}

func (x ReportText) tenths(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + x.Words.Number(n/10) + string(x.Words.Decimal()) + x.Words.Number(n%10)
}

// Column is the head of a column.
func (x ReportText) Column(key string) string { return x.Words.T("report.column." + key) }

// Label is what a line is called.
func (x ReportText) Label(by report.Labels, line report.Line) string {
	switch by {
	case report.ByHour:
		return x.hour(line.Label)
	case report.ByDay:
		return x.Words.Date(line.Day)
	case report.ByMonth:
		return x.Words.Month(line.Day)
	case report.ByWeekday:
		return x.Words.T("report.weekday." + line.Label)
	case report.ByReward:
		return x.reward(line.Label)
	case report.ByArm:
		return x.arm(line.Label)
	}
	return x.account(pos.Account(line.Label))
}

func (x ReportText) hour(label string) string {
	hour, err := strconv.Atoi(label)
	if err != nil {
		return label
	}
	return x.Words.Hour(hour)
}

func (x ReportText) reward(id string) string {
	if rule, ok := x.Program.Reward(id); ok {
		return widget.Name(rule.Name)
	}
	return widget.Name(id)
}

func (x ReportText) arm(label string) string {
	id, arm, _ := strings.Cut(label, "/")
	for _, e := range x.Program.Experiments {
		if e.ID != id {
			continue
		}
		if e.Arms[0] == arm {
			return x.Words.T("report.control", "trial", widget.Name(e.Name), "arm", arm)
		}
		return x.Words.T("report.arm", "trial", widget.Name(e.Name), "arm", arm)
	}
	return label
}

func (x ReportText) account(account pos.Account) string {
	_, id, _ := strings.Cut(string(account), ":")
	switch account.Class() {
	case "points":
		if x.Program.Points != nil && x.Program.Points.Name != "" {
			return widget.Name(x.Program.Points.Name)
		}
		return x.Words.T("report.column.points")
	case "credit":
		return x.Words.T("report.column.credit")
	case "reward":
		return x.Words.T("report.voucher", "reward", x.reward(id))
	case "stamp":
		for _, card := range x.Program.Cards {
			if card.Account() == account {
				return widget.Name(card.Name)
			}
		}
	case "tier":
		for _, tier := range x.Program.Tiers {
			if tier.ID == id {
				return widget.Name(tier.Name)
			}
		}
	}
	return id
}

// Lines writes the report in lines of at most width cells, without drawings.
func (x ReportText) Lines(table report.Table, width int) []string {
	var lines []string
	for _, head := range table.Heads {
		lines = append(lines, x.Column(head.Key)+": "+x.Cell(head.N, head.Unit))
	}
	for _, line := range table.Lines {
		parts := make([]string, 0, len(table.Columns))
		for i, c := range table.Columns {
			if table.By == report.ByWeekday {
				if line.Cells[i] > 0 {
					parts = append(parts, x.hour(c.Key)+" "+x.Cell(line.Cells[i], c.Unit))
				}
				continue
			}
			parts = append(parts, x.Column(c.Key)+" "+x.Cell(line.Cells[i], c.Unit))
		}
		lines = append(lines, widget.Wrap(x.Label(table.By, line)+": "+x.Words.List(parts), width)...)
	}
	return lines
}

// Table writes the lines of the report as a table with a bar for each, at most width
// cells wide. The first line has the heads.
func (x ReportText) Table(t theme.Theme, table report.Table, width int) []string {
	columns := make([]widget.Column, 1, len(table.Columns)+1)
	columns[0] = widget.Column{}
	for _, c := range table.Columns {
		columns = append(columns, widget.Column{Head: x.Column(c.Key), Right: !x.Words.RightToLeft()})
	}
	for _, line := range table.Lines {
		columns[0].Cells = append(columns[0].Cells, x.Label(table.By, line))
		for i, n := range line.Cells {
			columns[i+1].Cells = append(columns[i+1].Cells, x.Cell(n, table.Columns[i].Unit))
		}
	}
	label, figures := max(wide(columns[0]), leastLabel), 0
	for _, c := range columns[1:] {
		figures += wide(c) + 2
	}
	for len(columns) > 2 && figures+10 > width { // what there is no room for is in the file
		figures -= wide(columns[len(columns)-1]) + 2
		columns = columns[:len(columns)-1]
	}
	bar := width - label - figures - 2
	if bar < leastBar || table.Bar < 0 {
		return widget.Table(t, columns, min(width, label+figures))
	}
	bar = min(bar, mostBar)
	lines := widget.Table(t, columns, width-bar-2)
	most := int64(0)
	for _, line := range table.Lines {
		most = max(most, line.Cells[table.Bar])
	}
	for i, line := range table.Lines {
		lines[i+1] += "  " + widget.BarRow(t, line.Cells[table.Bar], most, bar)
	}
	return lines
}

// How long bars and labels are, in cells.
const (
	leastBar   = 8
	mostBar    = 40
	leastLabel = 10
)

func wide(c widget.Column) int {
	most := widget.Width(c.Head)
	for _, cell := range c.Cells {
		most = max(most, widget.Width(cell))
	}
	return most
}

// View implements Screen.
func (r Report) View(width, height int) View {
	d := r.desk
	t, words := d.Theme, d.Words
	inner := min(width-4, 110)
	left := widget.Space((width - inner) / 2)
	x := ReportText{words, r.program}
	from, to, _ := r.span()
	var lines []string
	lines = append(lines, r.tabs(inner), widget.Spread(t.Muted.Paint(x.Span(from, to)), t.Muted.Paint(r.whose()), inner), "")
	if r.read {
		lines = append(lines, r.body(x, inner, height-len(lines))...)
	}
	v := View{}
	for _, line := range lines[:min(len(lines), height)] {
		v.Lines = append(v.Lines, left+line)
	}
	return v
}

// tabs names the report between those beside it.
func (r Report) tabs(width int) string {
	t, words := r.desk.Theme, r.desk.Words
	n := len(report.Names)
	name := func(by int) string { return words.T("report.name." + report.Names[(r.at+by+n)%n]) }
	place := words.T("report.place", "at", int64(r.at+1), "of", int64(n))
	line := t.Strong.Paint(name(0)) + "  " + t.Muted.Paint(place)
	if beside := name(-1) + " ←  → " + name(1); !r.desk.Plain && widget.Width(line)+2+widget.Width(beside) <= width {
		return widget.Spread(line, t.Faint.Paint(beside), width)
	}
	return widget.Cut(line, width)
}

// whose says where figures come from that are not the whole shop's.
func (r Report) whose() string {
	words := r.desk.Words
	switch {
	case !r.figures.Own:
		return ""
	case r.figures.Why != nil:
		return words.T("report.own.line")
	}
	return words.T("report.own.till")
}

// body is the report below its title.
func (r Report) body(x ReportText, width, height int) []string {
	table, _ := r.figures.Table(r.name())
	if table.By == report.ByAccount && r.name() == report.Tiers {
		table.Lines = shownTiers(table.Lines, r.program)
	}
	if empty(table) {
		return []string{r.desk.Theme.Muted.Paint(widget.Cut(x.Words.T("report.empty."+r.name()), width))}
	}
	if r.desk.Plain {
		lines := x.Lines(table, width)
		return lines[min(r.scroll, max(len(lines)-height, 0)):]
	}
	lines := r.heads(x, table, width)
	if table.Series {
		slices.Reverse(table.Lines) // the newest is looked for first
	}
	if r.name() == report.Week {
		return append(lines, r.heat(x, table, width)...)
	}
	rows := x.Table(r.desk.Theme, table, width)
	room := max(height-len(lines)-1, 1)
	first := min(r.scroll, max(len(rows)-1-room, 0))
	return append(append(lines, rows[0]), rows[1+first:min(1+first+room, len(rows))]...)
}

// empty reports whether all figures of the lines are nothing.
func empty(table report.Table) bool {
	for _, line := range table.Lines {
		for _, n := range line.Cells {
			if n != 0 && n != report.None {
				return false
			}
		}
	}
	for _, head := range table.Heads {
		if head.N != 0 {
			return false
		}
	}
	return true
}

// heads are the figures about all of the period, and how a series went.
func (r Report) heads(x ReportText, table report.Table, width int) (lines []string) {
	t := r.desk.Theme
	line, used := "", 0
	for _, head := range table.Heads {
		name, figure := x.Column(head.Key), x.Cell(head.N, head.Unit)
		took := widget.Width(name) + 1 + widget.Width(figure)
		if used > 0 && used+3+took > width {
			lines, line, used = append(lines, line), "", 0
		}
		if used > 0 {
			line, used = line+"   ", used+3
		}
		line, used = line+t.Muted.Paint(name)+" "+t.Strong.Paint(figure), used+took
	}
	if line != "" {
		lines = append(lines, line)
	}
	if table.Series && len(table.Lines) > 1 {
		values := make([]int64, len(table.Lines))
		for i, line := range table.Lines {
			values[i] = line.Cells[table.Bar]
		}
		lines = append(lines, widget.Sparkline(t, values, width-30)+"  "+t.Muted.Paint(x.peak(table, values)))
	}
	return append(lines, "")
}

// peak says which line of a series is the highest.
func (x ReportText) peak(table report.Table, values []int64) string {
	most := slices.Index(values, slices.Max(values))
	return x.Words.T("report.peak", "what", x.Label(table.By, table.Lines[most]), "amount", x.Cell(values[most], table.Columns[table.Bar].Unit))
}

// heat is the map of weekdays and hours, with the sum of each day, and the busiest
// hour in words.
func (r Report) heat(x ReportText, table report.Table, width int) []string {
	t := r.desk.Theme
	first, last, most, day, hour := 24, 0, int64(0), 0, 0
	label := 0
	for i, line := range table.Lines {
		label = max(label, widget.Width(x.Label(table.By, line)))
		for h, n := range line.Cells {
			if n == 0 {
				continue
			}
			first, last = min(first, h), max(last, h)
			if n > most {
				most, day, hour = n, i, h
			}
		}
	}
	cell := min(max((width-label-12)/(last-first+1), 1), 4)
	var head strings.Builder
	for h := first; h <= last; h++ {
		if at := (h - first) * cell; cell >= 3 || (h-first)%3 == 0 {
			head.WriteString(widget.Space(at-widget.Width(head.String())) + x.Words.Number(int64(h)))
		}
	}
	lines := []string{widget.Space(label+2) + t.Muted.Paint(head.String())}
	for _, line := range table.Lines {
		sum := int64(0)
		for _, n := range line.Cells {
			sum += n
		}
		lines = append(lines, widget.Left(x.Label(table.By, line), label)+"  "+
			widget.HeatRow(t, line.Cells[first:last+1], most, cell)+"  "+figures(x.Words, x.Words.Number(sum), 8))
	}
	busiest := x.Words.T("report.busiest", "day", x.Label(table.By, table.Lines[day]), "hour", x.Words.Hour(hour), "n", most)
	return append(lines, "", t.Muted.Paint(widget.Cut(busiest, width)))
}

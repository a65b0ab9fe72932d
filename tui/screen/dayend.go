package screen

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/tui/widget"
)

type dayTill interface {
	Shift() (report.Shift, error)
	DayEnd(by pos.CashierID) (report.Shift, error)
}

// DayEnd is the page that counts the shift and closes it.
type DayEnd struct {
	page
	till   dayTill
	shift  report.Shift
	points bool // the program has points
	read   bool
	opened time.Time
	hears  bool // the page has stood long enough for Enter to be meant for it
	closed bool
}

type counted struct {
	shift  report.Shift
	points bool
	err    error
}

type dayClosed struct {
	shift report.Shift
	err   error
}

// NewDayEnd returns the page and the command that counts the shift.
func NewDayEnd(d *Desk) (Screen, tea.Cmd) {
	e := DayEnd{page: page{desk: d}, till: d.Till, opened: d.Now}
	return e, tea.Batch(e.count(), waitGrace(e.opened))
}

func (e DayEnd) count() tea.Cmd {
	till, counter := e.till, counterTill(e.desk.Till)
	return func() tea.Msg {
		shift, err := till.Shift()
		if err != nil {
			return counted{err: err}
		}
		program, err := counter.Program()
		return counted{shift, program.Points != nil, err}
	}
}

func dayKeys() []binding[DayEnd] {
	return []binding[DayEnd]{
		{keys: "enter", word: "dayend.key.close", when: func(e DayEnd) bool { return e.read && e.hears && !e.closed }, do: DayEnd.end},
		{keys: "enter esc", word: "dayend.key.leave", when: func(e DayEnd) bool { return e.closed }, do: DayEnd.leave},
		{keys: "esc", word: "dayend.key.back", when: func(e DayEnd) bool { return !e.closed }, do: DayEnd.leave},
	}
}

// Update implements Screen.
func (e DayEnd) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		e.notice = Notice(msg)
	case counted:
		if msg.err != nil {
			e.refused(msg.err)
			return e, nil
		}
		e.shift, e.points, e.read = msg.shift, msg.points, true
	case graceOver:
		e.hears = e.hears || msg.opened.Equal(e.opened)
	case dayClosed:
		return e.ended(msg)
	case Refresh:
		if !e.closed {
			return e, e.count()
		}
	case Sent:
		e.notice = e.result(msg.Err)
	case tea.KeyPressMsg:
		if next, cmd, ok := press(dayKeys(), e, Key(msg)); ok {
			return next, cmd
		}
	}
	return e, nil
}

func (e DayEnd) leave() (Screen, tea.Cmd) { return NewCounter(e.desk), nil }

func (e DayEnd) end() (Screen, tea.Cmd) {
	e.busy, e.notice = true, Notice{}
	till, by := e.till, e.desk.By()
	return e, func() tea.Msg {
		shift, err := till.DayEnd(by)
		return dayClosed{shift, err}
	}
}

func (e DayEnd) ended(msg dayClosed) (Screen, tea.Cmd) {
	e.busy = false
	if msg.err != nil {
		e.refused(msg.err)
		return e, nil
	}
	e.shift, e.closed = msg.shift, true
	if e.desk.Line == nil {
		e.say(Done, "dayend.alone")
		return e, nil
	}
	e.say(Done, "dayend.closed")
	return e, e.desk.Send()
}

// result says where the day stands after an attempt to send it.
func (e DayEnd) result(err error) Notice {
	words := e.desk.Words
	if !e.closed {
		return e.desk.sentNotice(Sent{Err: err})
	}
	if err == nil {
		return Notice{words.T("dayend.sent"), Done}
	}
	return Notice{words.T("dayend.waits", "n", int64(e.desk.Waiting.Total())), Done}
}

// Hints implements Screen.
func (e DayEnd) Hints() []Hint { return hints(e.desk, dayKeys(), e) }

// State implements Screen.
func (e DayEnd) State() State { return e.state("dayend.title", TakesKeys) }

// Interrupt implements Screen.
func (e DayEnd) Interrupt(int) (Screen, string, tea.Cmd) { return e, "", nil }

// View implements Screen.
func (e DayEnd) View(width, height int) View {
	d, t, words := e.desk, e.desk.Theme, e.desk.Words
	inner := min(width-4, 90)
	left := widget.Space((width - inner) / 2)
	v := View{Lines: []string{""}}
	add := func(line string) { v.Lines = append(v.Lines, left+line) }
	if !e.read {
		return v
	}
	add(t.Muted.Paint(widget.Cut(e.span(), inner)))
	add("")
	for _, line := range e.figures(inner, height-11) {
		add(line)
	}
	sign, state := d.LineSign()
	add(t.Muted.Paint(widget.Left(words.T("queue.line"), 12)) + sign + " " + state)
	for _, line := range d.transfer(inner) {
		add(line)
	}
	if e.closed && d.LineErr != nil && !d.Sending.Active {
		for _, line := range widget.Wrap(words.Error(d.LineErr), inner) {
			add(t.Muted.Paint(line))
		}
	}
	v.Lines = squeezed(v.Lines, height)
	return v
}

// figures is the table of the shift with at most room cashiers, and below it what
// a manager should look at. A blank line ends it.
func (e DayEnd) figures(width, room int) []string {
	t := e.desk.Theme
	extras := e.extras()
	var lines []string
	if e.shift.Totals.Entries > 0 {
		table := widget.Table(t, e.columns(room-len(extras)), width)
		for i, line := range table {
			if i == 1 || i == len(table)-1 {
				lines = append(lines, t.Faint.Paint(rule(width)))
			}
			lines = append(lines, line)
		}
	}
	for _, text := range extras {
		lines = append(lines, t.Warn.Paint(widget.Cut("! "+text, width)))
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	return lines
}

// extras says what a manager should look at: what was handed out on trust, and
// what waits at the server.
func (e DayEnd) extras() []string {
	words, totals := e.desk.Words, e.shift.Totals
	var lines []string
	for _, line := range []struct {
		key string
		n   int
	}{
		{"dayend.floors", totals.Floors},
		{"dayend.overrides", totals.Overrides},
		{"dayend.exceptions", e.desk.Standing.Exceptions},
	} {
		if line.n > 0 {
			lines = append(lines, words.T(line.key, "n", line.n))
		}
	}
	return lines
}

// span says from when to when the shift was.
func (e DayEnd) span() string {
	words := e.desk.Words
	if e.shift.Totals.Entries == 0 {
		return words.T("dayend.empty")
	}
	from, to := words.Moment(e.shift.First), words.Moment(e.shift.Last)
	if day, _, _ := strings.Cut(from, " "); strings.HasPrefix(to, day) {
		to = words.Clock(e.shift.Last)
	}
	return words.T("dayend.span", "from", from, "to", to, "n", int64(e.shift.Totals.Entries))
}

// money is an amount in a table, where nothing is a dash.
func money(words *assets.Printer, amount pos.Money) string {
	if amount == 0 {
		return "–"
	}
	return words.Money(amount)
}

// columns are the totals: a row for each cashier, and one for all of them.
func (e DayEnd) columns(room int) []widget.Column {
	words := e.desk.Words
	names, rows := e.rows(max(room, 1))
	columns := []widget.Column{{Head: words.T("dayend.cashier"), Cells: names}}
	figure := func(head string, of func(report.Totals) string) {
		column := widget.Column{Head: words.T(head), Right: true}
		for _, totals := range rows {
			column.Cells = append(column.Cells, of(totals))
		}
		columns = append(columns, column)
	}
	number := func(n int64) string {
		if n == 0 {
			return "–"
		}
		return words.Number(n)
	}
	figure("dayend.enrolled", func(t report.Totals) string { return number(int64(t.Enrolled)) })
	if e.shift.Totals.Stamps > 0 || !e.points {
		figure("dayend.stamps", func(t report.Totals) string { return number(t.Stamps) })
	}
	if e.points {
		figure("dayend.sales", func(t report.Totals) string { return money(words, t.Amount) })
		figure("dayend.earned", func(t report.Totals) string { return number(t.Earned) })
		figure("dayend.spent", func(t report.Totals) string { return number(t.Spent) })
	}
	figure("dayend.rewards", func(t report.Totals) string { return number(int64(t.Rewards)) })
	figure("dayend.voids", func(t report.Totals) string { return number(int64(t.Voids)) })
	return columns
}

// rows are the cashiers and their totals, at most room of them, and all of them
// together. Cashiers that have no row of their own share the last one.
func (e DayEnd) rows(room int) (names []string, rows []report.Totals) {
	words := e.desk.Words
	own := len(e.shift.Cashiers)
	if own > room {
		own = room - 1
	}
	for _, c := range e.shift.Cashiers[:own] {
		names = append(names, widget.Name(e.desk.CashierName(c.Cashier)))
		rows = append(rows, c.Totals)
	}
	if rest := e.shift.Cashiers[own:]; len(rest) > 0 {
		shared := report.Totals{}
		for _, c := range rest {
			shared = together(shared, c.Totals)
		}
		names, rows = append(names, words.T("dayend.others", "n", int64(len(rest)))), append(rows, shared)
	}
	return append(names, words.T("dayend.all")), append(rows, e.shift.Totals)
}

func together(a, b report.Totals) report.Totals {
	return report.Totals{
		Entries: a.Entries + b.Entries, Enrolled: a.Enrolled + b.Enrolled, Stamps: a.Stamps + b.Stamps,
		Sales: a.Sales + b.Sales, Amount: a.Amount + b.Amount, Earned: a.Earned + b.Earned,
		Spent: a.Spent + b.Spent, Rewards: a.Rewards + b.Rewards, Voids: a.Voids + b.Voids,
		Floors: a.Floors + b.Floors, Overrides: a.Overrides + b.Overrides,
		Returns: a.Returns + b.Returns, Returned: a.Returned + b.Returned,
	}
}

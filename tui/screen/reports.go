package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

// Reports is where the figures come from: the central server, or the till's own file.
type Reports interface {
	// Report adds up what happened. It may take as long as the line does, and is
	// called in commands only.
	Report(by Manager, ask report.Ask) (Reported, error)
}

// Reported are figures, and whose.
type Reported struct {
	report.Figures
	Own bool  // of this till only
	Why error // why the server's could not be had; nil if there is no server
}

// Report is the page that shows the shop's figures, one report at a time.
type Report struct {
	page
	at      int    // of report.Names
	period  string // "" until one was chosen: what suits the report
	back    int    // how many periods ago
	scroll  int
	ask     report.Ask // what was asked last
	figures Reported
	program pos.Program
	read    bool
}

type reported struct {
	ask     report.Ask
	figures Reported
	program pos.Program
	err     error
}

type reportSaved struct {
	file string
	err  error
}

// The periods, by their keys.
const (
	byDay   = "d"
	byWeek  = "w"
	byMonth = "m"
	byYear  = "y"
)

func hasReports(d *Desk) bool { return d.Reports != nil }

// NewReports returns the page and the command that reads the figures.
func NewReports(d *Desk) (Screen, tea.Cmd) {
	return Report{page: page{desk: d}}.turn(0)
}

func reportKeys() []binding[Report] {
	period := func(name string) func(Report) (Screen, tea.Cmd) {
		return func(r Report) (Screen, tea.Cmd) {
			r.period, r.back, r.scroll = name, 0, 0
			return r.load()
		}
	}
	later := func(r Report) bool { return r.back > 0 }
	return []binding[Report]{
		{keys: "right", word: "report.key.next", do: func(r Report) (Screen, tea.Cmd) { return r.turn(1) }},
		{keys: "left", word: "report.key.before", quiet: true, do: func(r Report) (Screen, tea.Cmd) { return r.turn(-1) }},
		{keys: "d", word: "report.key.day", do: period(byDay)},
		{keys: "w", word: "report.key.week", do: period(byWeek)},
		{keys: "m", word: "report.key.month", do: period(byMonth)},
		{keys: "y", word: "report.key.year", do: period(byYear)},
		{keys: "-", word: "report.key.earlier", do: func(r Report) (Screen, tea.Cmd) { r.back++; return r.load() }},
		{keys: "+", word: "report.key.later", when: later, quiet: true, do: func(r Report) (Screen, tea.Cmd) { r.back--; return r.load() }},
		{keys: "up", word: "report.key.scroll", quiet: true, do: func(r Report) (Screen, tea.Cmd) { r.scroll = max(r.scroll-1, 0); return r, nil }},
		{keys: "down", word: "report.key.scroll", quiet: true, do: func(r Report) (Screen, tea.Cmd) { r.scroll = min(r.scroll+1, r.last()); return r, nil }},
		{keys: "e", word: "report.key.export", when: func(r Report) bool { return r.read && r.desk.Save != nil }, do: Report.export},
		{keys: "esc", word: "report.key.back", do: func(r Report) (Screen, tea.Cmd) { return NewMenu(r.desk), nil }},
	}
}

// name is the report that is shown.
func (r Report) name() string { return report.Names[r.at] }

// last is the last line to which the page can be scrolled.
func (r Report) last() int {
	table, _ := r.figures.Table(r.name())
	return max(len(table.Lines)-1, 0)
}

// turn goes to another report.
func (r Report) turn(by int) (Screen, tea.Cmd) {
	n := len(report.Names)
	r.at, r.scroll, r.notice = (r.at+by+n)%n, 0, Notice{}
	if r.period == "" && by != 0 {
		r.back = 0 // the next report may suit another period
	}
	return r.load()
}

// span is the period that is shown: one that was chosen, or what suits the report.
func (r Report) span() (from, to, today pos.Day) {
	today = r.desk.Words.Day(r.desk.Now)
	period := r.period
	if period == "" && r.name() != report.Today {
		period = byMonth
	}
	calendar := r.program.Calendar
	switch back := r.back; period {
	case byWeek:
		to = today - pos.Day(7*back)
		from = to - 6
	case byMonth:
		from = pos.FirstOf(calendar, today, -back)
		to = min(pos.FirstOf(calendar, from, 1)-1, today)
	case byYear:
		from = pos.FirstOf(calendar, today, -11-12*back)
		to = min(pos.FirstOf(calendar, from, 12)-1, today)
	default:
		to = today - pos.Day(back)
		from = to
	}
	return from, to, today
}

// load reads the figures of the period, if they are others than those that are there.
func (r Report) load() (Screen, tea.Cmd) {
	from, to, today := r.span()
	ask := report.Ask{From: from, To: to, Today: today, Asleep: r.desk.Settings.Reports.Asleep}
	if ask.From == r.ask.From && ask.To == r.ask.To && ask.Today == r.ask.Today {
		return r, nil
	}
	r.ask = ask
	return r, r.fetch()
}

func (r Report) fetch() tea.Cmd {
	ask, reports, till := r.ask, r.desk.Reports, counterTill(r.desk.Till)
	by := Manager{}
	if r.desk.Manager != nil {
		by = *r.desk.Manager
	}
	return func() tea.Msg {
		program, err := till.Program()
		if err != nil {
			return reported{ask: ask, err: err}
		}
		full := ask
		full.Calendar, full.Trials = program.Calendar, program.Experiments
		if program.Points != nil {
			full.Worth = program.Points.Worth.Minor
		}
		figures, err := reports.Report(by, full)
		return reported{ask, figures, program, err}
	}
}

// Update implements Screen.
func (r Report) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		r.notice = Notice(msg)
	case reported:
		return r.told(msg)
	case reportSaved:
		r.busy = false
		if msg.err != nil {
			r.refused(msg.err)
			return r, nil
		}
		r.say(Done, "report.saved", "file", msg.file)
	case Refresh:
		return r, r.fetch()
	case tea.KeyPressMsg:
		r.notice = Notice{}
		if next, cmd, ok := press(reportKeys(), r, Key(msg)); ok {
			return next, cmd
		}
	}
	return r, nil
}

// told takes the figures, unless others were asked for meanwhile.
func (r Report) told(msg reported) (Screen, tea.Cmd) {
	if msg.ask.From != r.ask.From || msg.ask.To != r.ask.To {
		return r, nil
	}
	if msg.err != nil {
		r.refused(msg.err)
		return r, nil
	}
	calendar := r.program.Calendar
	r.figures, r.program, r.read = msg.figures, msg.program, true
	if r.program.Calendar != calendar { // months are others than was thought
		return r.load()
	}
	return r, nil
}

// export writes the report that is shown to a file.
func (r Report) export() (Screen, tea.Cmd) {
	table, _ := r.figures.Table(r.name())
	currency, save := r.desk.Words.Currency(), r.desk.Save
	file := "report-" + r.name() + "-" + r.figures.From.String() + "-" + r.figures.To.String() + ".csv"
	r.busy, r.notice = true, Notice{}
	return r, func() tea.Msg {
		path, err := save(file, table.CSV(currency))
		return reportSaved{path, err}
	}
}

// Hints implements Screen.
func (r Report) Hints() []Hint { return hints(r.desk, reportKeys(), r) }

// State implements Screen.
func (r Report) State() State { return r.state("report.title", TakesKeys) }

// Interrupt implements Screen.
func (r Report) Interrupt(int) (Screen, string, tea.Cmd) { return r, "", nil }

// shownTiers puts the tiers into the order of the program.
func shownTiers(lines []report.Line, program pos.Program) []report.Line {
	rank := func(l report.Line) int {
		return slices.IndexFunc(program.Tiers, func(t pos.Tier) bool { return string(t.Account()) == l.Label })
	}
	slices.SortStableFunc(lines, func(a, b report.Line) int { return rank(a) - rank(b) })
	return lines
}

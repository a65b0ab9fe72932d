package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/program"
	"tenthcup/tui/widget"
)

// Issues is the page of what happened that a manager must see: exceptions, and
// what does not count.
type Issues struct {
	officeList
	list    []office.Issue
	program pos.Program // names what an amount is of
	all     bool
	behind  func(*Desk) (Screen, tea.Cmd) // the page that Esc goes back to
}

type issuesRead struct {
	list    []office.Issue
	program pos.Program
	err     error
}

// NewIssues returns the page and the command that reads it.
func NewIssues(d *Desk) (Screen, tea.Cmd) {
	return issuesBefore(func(d *Desk) (Screen, tea.Cmd) { return NewMenu(d), nil })(d)
}

// issuesBefore opens the page before another one.
func issuesBefore(behind func(*Desk) (Screen, tea.Cmd)) func(*Desk) (Screen, tea.Cmd) {
	return func(d *Desk) (Screen, tea.Cmd) {
		s := Issues{officeList: officeList{page: page{desk: d}}, behind: behind}
		return s, s.load()
	}
}

func (s Issues) load() tea.Cmd {
	ask, by, till, all := s.desk.Office, s.desk.boss(), counterTill(s.desk.Till), s.all
	return func() tea.Msg {
		program, err := till.Program()
		if err != nil {
			return issuesRead{err: err}
		}
		list, err := ask.Issues(by, all)
		return issuesRead{list, program, err}
	}
}

func issuesKeys() []binding[Issues] {
	any := func(s Issues) bool { return len(s.list) > 0 }
	some := func(s Issues) bool { return len(s.list) > 1 }
	open := func(s Issues) bool { return any(s) && s.list[s.rows.at].Settled == nil }
	read := func(s Issues) (Screen, tea.Cmd) { return s, s.load() }
	return []binding[Issues]{
		{keys: "up", word: "issues.key.choose", when: some},
		{keys: "enter", word: "issues.key.settle", when: open, do: Issues.settle},
		{keys: "a", word: "issues.key.all", when: func(s Issues) bool { return !s.all }, do: Issues.turn},
		{keys: "a", word: "issues.key.open", when: func(s Issues) bool { return s.all }, do: Issues.turn},
		{keys: "r", word: "issues.key.again", when: func(s Issues) bool { return s.failed }, do: read},
		{keys: "r", word: "issues.key.again", when: func(s Issues) bool { return !s.failed }, do: read, quiet: true},
		{keys: "esc", word: "issues.key.back", do: func(s Issues) (Screen, tea.Cmd) { return s.behind(s.desk) }},
	}
}

func (s Issues) turn() (Screen, tea.Cmd) {
	s.all = !s.all
	return s, s.load()
}

// Update implements Screen.
func (s Issues) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case issuesRead:
		if msg.err != nil {
			s.refused(msg.err)
			s.failed = true
			return s, nil
		}
		s.list, s.program, s.read, s.failed = msg.list, msg.program, true, false
		s.rows = s.rows.sized(len(s.list))
	case Picked:
		var open bool
		if s.rows, open = s.rows.picked(msg); open && s.list[s.rows.at].Settled == nil {
			return s.settle()
		}
	case tea.KeyPressMsg:
		s.notice = Notice{}
		if next, cmd, ok := press(issuesKeys(), s, Key(msg)); ok {
			return next, cmd
		}
		s.rows, _ = s.rows.press(Key(msg))
	}
	return s, nil
}

// again shows the page as it was, and reads it again.
func (s Issues) again(*Desk) (Screen, tea.Cmd) {
	s.notice = Notice{}
	return s, s.load()
}

// settle asks for a reason, and what is to be done where there is a choice.
func (s Issues) settle() (Screen, tea.Cmd) {
	d, issue := s.desk, s.list[s.rows.at]
	hows, words := []string{"settle"}, []string{d.Words.T("issues.how.settle")}
	switch {
	case issue.Held != "" && issue.Kind != "":
		hows, words = []string{"release", "dismiss"}, []string{d.Words.T("issues.how.release"), d.Words.T("issues.how.dismiss")}
	case issue.Held != "":
		hows, words = []string{"dismiss"}, []string{d.Words.T("issues.how.dismiss")}
	case issue.Missing > 0:
		hows = append(hows, "writeoff")
		words = append(words, d.Words.T("issues.how.writeoff", "amount", s.amount(issue, issue.Missing)))
	}
	ask, by, said := d.Office, d.boss(), d.Words.T("issues.done")
	blanks := []blank{d.typed("ask.reason", "")}
	if len(hows) > 1 {
		blanks = []blank{{name: d.Words.T("issues.todo"), options: words}, blanks[0]}
	}
	return newAsk(d, question{
		title: "issues.settle", key: "issues.key.settle", says: []string{s.what(issue)},
		do: func(f sheet) (func() (string, error), error) {
			how, reason := hows[f.blanks[0].chosen], f.blanks[len(f.blanks)-1].value()
			if reason == "" {
				return nil, office.ErrReason
			}
			return func() (string, error) { return said, ask.SettleIssue(by, issue.ID, how, reason) }, nil
		},
		back: s.again,
	}, blanks...)
}

// amount is so much of what the issue is about, in words.
func (s Issues) amount(issue office.Issue, amount int64) string {
	x := issue.Exception
	if x.Trouble == pos.ClockAhead {
		return (time.Duration(amount) * time.Millisecond).Round(time.Second).String()
	}
	if sentence, ok := program.AmountOf(&s.program, x.Account, amount); ok {
		return s.desk.Words.Say(sentence)
	}
	return s.desk.Words.Number(amount)
}

// what says what happened and what settling does.
func (s Issues) what(issue office.Issue) string {
	words := s.desk.Words
	if issue.Exception == nil {
		return words.T("issues.held", "terminal", widget.Name(issue.Terminal), "why", words.T("quarantine.why."+issue.Held))
	}
	x := *issue.Exception
	return words.Error(office.Explain(x, office.Named{
		Name: widget.Name(issue.Name), Terminal: widget.Name(issue.Terminal), Amount: s.amount(issue, x.Amount),
	}))
}

// short says what happened in a few words.
func (s Issues) short(issue office.Issue) string {
	if issue.Exception == nil {
		return s.desk.Words.T("issues.short.held")
	}
	return s.desk.Words.T("issues.short." + string(issue.Exception.Trouble))
}

// Hints implements Screen.
func (s Issues) Hints() []Hint { return hints(s.desk, issuesKeys(), s) }

// State implements Screen.
func (s Issues) State() State { return s.state("issues.title", TakesKeys) }

// Interrupt implements Screen.
func (s Issues) Interrupt(int) (Screen, string, tea.Cmd) { return s, "", nil }

// issueDetail is how many lines below the list are kept for the chosen row.
const issueDetail = 5

// View implements Screen.
func (s Issues) View(width, height int) View {
	d, t := s.desk, s.desk.Theme
	inner := min(width-4, 100)
	left := (width - inner) / 2
	v := View{Lines: []string{""}}
	if len(s.list) == 0 {
		s.pending(&v, width, "issues.none")
		return v
	}
	s.rows.add(d, &v, box{left, inner, max(height-issueDetail-2, 1)}, func(i int) string { return s.row(s.list[i], inner-2) })
	for len(v.Lines) < height-issueDetail {
		v.Lines = append(v.Lines, "")
	}
	issue := s.list[s.rows.at]
	lines := widget.Wrap(s.what(issue), inner)
	if settled := issue.Settled; settled != nil {
		lines = append(lines, widget.Wrap(d.Words.T("issues.settled", "manager", widget.Name(d.CashierName(settled.Manager)), "reason", widget.Name(settled.Reason)), inner)...)
	}
	for _, line := range lines[:min(len(lines), issueDetail)] {
		v.Lines = append(v.Lines, widget.Space(left)+t.Muted.Paint(line))
	}
	return v
}

func (s Issues) row(issue office.Issue, width int) string {
	d, t := s.desk, s.desk.Theme
	sign := t.Warn.Paint("!")
	if issue.Settled != nil {
		sign = t.Good.Paint("✓")
	}
	when := widget.Left(d.Age(time.UnixMilli(issue.At)), 10)
	room := width - 3 - 12
	short := widget.Left(s.short(issue), room*2/5)
	name := widget.Left(widget.Name(issue.Name), room*3/10)
	till := widget.Cut(widget.Name(issue.Terminal), room-room*2/5-room*3/10-4)
	return sign + "  " + t.Muted.Paint(when) + "  " + t.Strong.Paint(short) + "  " + name + "  " + t.Muted.Paint(till)
}

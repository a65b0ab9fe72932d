package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/widget"
)

// Ask is a form of the office: what is said, fields to be filled in, and what is
// then done.
type Ask struct {
	page
	asking question
	sheet  sheet
	opened time.Time
	hears  bool // the page has stood long enough for Enter to be meant for it
}

// question is what a form asks, and what becomes of the answers.
type question struct {
	title string   // catalog key
	key   string   // catalog key of the key that does it
	says  []string // sentences above the fields, in words
	warn  bool     // what it does cannot be undone

	// do returns the work of a command, and the sentence for when it is done; or
	// the problem that the answers have.
	do   func(sheet) (work func() (string, error), problem error)
	back func(*Desk) (Screen, tea.Cmd) // the page behind it
	then func(*Desk) (Screen, tea.Cmd) // the page after it was done; nil: back
}

// answered is a message: the form's work is done.
type answered struct {
	said string
	err  error
}

// newAsk returns the page with the fields.
func newAsk(d *Desk, q question, blanks ...blank) (Screen, tea.Cmd) {
	a := Ask{page: page{desk: d}, asking: q, sheet: sheet{blanks: blanks}, opened: d.Now}
	return a, waitGrace(a.opened)
}

func askFormKeys() []binding[Ask] {
	more := func(a Ask) bool { return len(a.sheet.blanks) > 0 && !a.sheet.last() }
	last := func(a Ask) bool { return !more(a) && a.hears }
	options := func(a Ask) bool { return len(a.sheet.blanks) > 0 && len(a.sheet.blanks[a.sheet.at].options) > 0 }
	return []binding[Ask]{
		{keys: "enter", word: "ask.key.next", when: more, do: func(a Ask) (Screen, tea.Cmd) {
			a.sheet = a.sheet.move(1)
			return a, nil
		}},
		{keys: "enter", word: "ask.key.do", when: last, do: Ask.submit},
		{keys: "up", word: "ask.key.move", when: func(a Ask) bool { return len(a.sheet.blanks) > 1 }},
		{keys: "sides", word: "ask.key.options", when: options},
		{keys: "esc", word: "ask.key.back", do: func(a Ask) (Screen, tea.Cmd) { return a.asking.back(a.desk) }},
	}
}

// Update implements Screen.
func (a Ask) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		a.notice = Notice(msg)
	case graceOver:
		a.hears = a.hears || msg.opened.Equal(a.opened)
	case answered:
		return a.answered(msg)
	case Picked:
		a.sheet = a.sheet.picked(msg)
	case tea.PasteMsg:
		a.sheet = a.sheet.paste(msg.Content)
	case tea.KeyPressMsg:
		a.notice = Notice{}
		if next, cmd, ok := press(askFormKeys(), a, Key(msg)); ok {
			return next, cmd
		}
		a.sheet, _ = a.sheet.press(msg)
	}
	return a, nil
}

func (a Ask) submit() (Screen, tea.Cmd) {
	work, problem := a.asking.do(a.sheet)
	if problem != nil {
		a.refused(problem)
		return a, nil
	}
	a.busy, a.notice = true, Notice{}
	return a, func() tea.Msg {
		said, err := work()
		return answered{said, err}
	}
}

func (a Ask) answered(msg answered) (Screen, tea.Cmd) {
	a.busy = false
	if msg.err != nil {
		a.refused(msg.err)
		return a, nil
	}
	leave := a.asking.then
	if leave == nil {
		leave = a.asking.back
	}
	next, cmd := leave(a.desk)
	if msg.said != "" {
		next, _ = next.Update(Say{Text: msg.said, Kind: Done})
	}
	return next, cmd
}

// Hints implements Screen.
func (a Ask) Hints() []Hint {
	shown := hints(a.desk, askFormKeys(), a)
	for i := range shown {
		if shown[i].Word == a.desk.Words.T("ask.key.do") {
			shown[i].Word = a.desk.Words.T(a.asking.key)
		}
	}
	return shown
}

// State implements Screen.
func (a Ask) State() State { return a.state(a.asking.title, a.sheet.takes()) }

// Interrupt implements Screen.
func (a Ask) Interrupt(typed int) (Screen, string, tea.Cmd) {
	a.sheet = a.sheet.takeBack(typed)
	return a, "", nil
}

// View implements Screen.
func (a Ask) View(width, height int) View {
	t := a.desk.Theme
	inner := min(width-4, 76)
	left := (width - inner) / 2
	v := View{Centred: true}
	for i, says := range a.asking.says {
		for _, line := range widget.Wrap(says, inner) {
			ink := t.Muted
			if i == 0 {
				ink = t.Strong
			} else if a.asking.warn {
				ink = t.Warn
			}
			v.Lines = append(v.Lines, widget.Space(left)+ink.Paint(line))
		}
	}
	v.Lines = v.Lines[:min(len(v.Lines), max(height-len(a.sheet.blanks)-2, 0))]
	v.Lines = append(v.Lines, "")
	a.sheet.add(a.desk, &v, box{left, inner, height - len(v.Lines)}, !a.busy)
	return v
}

// typed is a field to type in, with what it is called.
func (d *Desk) typed(word, text string) blank {
	return blank{name: d.Words.T(word), field: widget.NewField(text)}
}

// officeList is what all lists of the office have: a manager asks for them, and the
// line may be slow.
type officeList struct {
	page
	rows   rows
	read   bool
	failed bool // it could not be read
}

// boss is the manager whose PIN opened the office.
func (d *Desk) boss() Manager {
	if d.Manager == nil {
		return Manager{}
	}
	return *d.Manager
}

// pending draws what stands in the place of a list that is not there yet, or is
// empty.
func (l officeList) pending(v *View, width int, empty string) {
	word := "ask.reading"
	switch {
	case l.read:
		word = empty
	case l.failed: // the notice says why
		return
	}
	for _, line := range widget.Wrap(l.desk.Words.T(word), width-4) {
		v.Lines = append(v.Lines, widget.Center(l.desk.Theme.Muted.Paint(line), width))
	}
}

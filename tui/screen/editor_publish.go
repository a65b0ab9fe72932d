package screen

import (
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/program"
	"tenthcup/tui/widget"
)

// Publish is the page on which a draft becomes the program that decides: what changes
// for members, and from when.
type Publish struct {
	page
	work  *drafting
	sheet sheet
	said  []string // what changes, a sentence each
	first int      // the sentence that is shown first
}

func newPublish(d *Desk, w *drafting) (Screen, tea.Cmd) {
	p := Publish{page: page{desk: d, busy: true}, work: w}
	now := d.Now.In(d.Words.Zone())
	p.sheet.blanks = []blank{
		{name: d.Words.T("editor.publish.when"), options: []string{d.Words.T("editor.publish.now"), d.Words.T("editor.publish.later")}},
		{name: d.Words.T("editor.publish.day"), field: widget.NewField(now.AddDate(0, 0, 1).Format(time.DateOnly)), note: d.Words.T("editor.publish.daynote")},
		{name: d.Words.T("editor.publish.time"), field: widget.NewField("06:00"), note: d.Words.T("editor.publish.timenote")},
	}
	return p, tea.Batch(d.loadPrograms(), w.look(d)) // somebody else may have published
}

// differs lists what changes.
func (p Publish) differs() (said []string) {
	w, words := p.work, p.desk.Words
	switch {
	case !p.checked():
		return nil
	case w.decides == nil:
		return []string{words.T("editor.publish.first")}
	}
	for _, change := range program.Diff(w.decides, w.found.Program) {
		said = append(said, words.Say(change))
	}
	return said
}

// later reports whether a moment is to be chosen.
func (p Publish) later() bool { return p.sheet.blanks[0].chosen == 1 }

// shown is the sheet without the fields that do not count.
func (p Publish) shown() sheet {
	s := p.sheet
	if !p.later() {
		s.blanks, s.at = s.blanks[:1], 0
	}
	return s
}

func publishKeys() []binding[Publish] {
	options := func(p Publish) bool { return p.shown().takes() == TakesKeys }
	return []binding[Publish]{
		{keys: "enter", word: "editor.key.publish", when: Publish.ready, do: Publish.ask},
		{keys: "up", word: "editor.key.move", when: Publish.later},
		{keys: "right", word: "editor.key.change", when: options},
		{keys: "pgdown", word: "editor.key.scroll", when: func(p Publish) bool { return len(p.said) > 1 }, do: func(p Publish) (Screen, tea.Cmd) { return p.scroll(5), nil }},
		{keys: "pgup", word: "editor.key.scroll", quiet: true, do: func(p Publish) (Screen, tea.Cmd) { return p.scroll(-5), nil }},
		{keys: "text", word: "editor.key.text", when: func(p Publish) bool { return !options(p) }},
		{keys: "esc", word: "editor.key.back", do: func(p Publish) (Screen, tea.Cmd) { return openParts(p.desk, p.work, nil, nil), nil }},
	}
}

// ready reports whether the draft could be published: it is another one than what
// decides, and all that it promises holds.
func (p Publish) ready() bool { return p.checked() && p.work.edited() }

// checked reports whether the draft as it is now was found good.
func (p Publish) checked() bool { return p.work.found.Good() && p.work.checked == p.work.changes }

func (p Publish) scroll(by int) Publish {
	p.first = min(max(p.first+by, 0), max(len(p.said)-1, 0))
	return p
}

// from returns the moment that was chosen, ms since 1970, 0 for at once.
func (p Publish) from() (int64, error) {
	if !p.later() {
		return 0, nil
	}
	text := pos.ASCIIDigits(p.sheet.blanks[1].value() + " " + p.sheet.blanks[2].value())
	at, err := time.ParseInLocation("2006-01-02 15:04", text, p.desk.Words.Zone())
	if err != nil {
		return 0, pos.Refuse("editor.moment", "text", text)
	}
	if !at.After(p.desk.Now) {
		return 0, pos.Refuse("editor.past", "at", p.desk.Words.Moment(at))
	}
	return at.UnixMilli(), nil
}

// ask says once more what would happen; Enter there publishes.
func (p Publish) ask() (Screen, tea.Cmd) {
	from, err := p.from()
	if err != nil {
		p.refused(err)
		return p, nil
	}
	words := p.desk.Words
	says := words.T("editor.publish.sure")
	if from > 0 {
		says = words.T("editor.publish.surelater", "at", words.Moment(time.UnixMilli(from)))
	}
	all := []string{says, p.heading()}
	for _, trap := range p.work.found.Report.Traps {
		all = append(all, "! "+words.Say(trap.Says))
	}
	return newSure(p.desk, p.work, sure{
		title: "editor.publish.title", key: "editor.key.publish", says: all,
		do:   func(*Desk, *drafting) (Screen, tea.Cmd) { return p.publish(from) },
		back: func(*Desk, *drafting) Screen { return p },
	})
}

// heading says how much changes for members.
func (p Publish) heading() string {
	if len(p.said) == 0 {
		return p.desk.Words.T("diff.nothing")
	}
	return p.desk.Words.T("editor.publish.changes", "n", len(p.said))
}

// published is a message: the draft decides, or why it does not.
type published struct {
	from     int64
	programs []pos.Published
	err      error
}

func (p Publish) publish(from int64) (Screen, tea.Cmd) {
	at, by, drafts, text := p.desk.Office, p.desk.boss(), p.desk.Drafts, p.work.doc.Text()
	p.desk.Typed++
	n := p.desk.Typed
	p.busy, p.notice = true, Notice{}
	return p, func() tea.Msg {
		if err := at.PublishProgram(by, pos.Published{Document: text, From: from}); err != nil {
			return published{err: err}
		}
		programs, err := at.Programs(by)
		return published{from, programs, errors.Join(err, drafts.KeepDraft(n, nil))}
	}
}

// Update implements Screen.
func (p Publish) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		p.notice = Notice(msg)
	case opening:
		p.busy = false
		if msg.err != nil {
			p.refused(msg.err)
			return p, nil
		}
		p.work.learn(p.desk, msg.programs)
		p.said = p.differs()
	case examined, keptDraft:
		if n := p.work.hear(p.desk, msg); n.Text != "" {
			p.notice = n
		}
		p.said = p.differs()
	case published:
		return p.done(msg)
	case Picked:
		p.sheet = p.sheet.picked(msg)
	case tea.PasteMsg:
		p.sheet = p.sheet.paste(msg.Content)
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return p, nil
}

func (p Publish) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	p.notice = Notice{}
	if next, cmd, ok := press(publishKeys(), p, Key(msg)); ok {
		return next, cmd
	}
	next, _ := p.shown().press(msg)
	p.sheet.at = next.at
	p.sheet.blanks = append(append([]blank(nil), next.blanks...), p.sheet.blanks[len(next.blanks):]...)
	return p, nil
}

func (p Publish) done(msg published) (Screen, tea.Cmd) {
	p.busy = false
	if msg.err != nil {
		p.refused(msg.err)
		return p, nil
	}
	p.work.learn(p.desk, msg.programs)
	p.work.undo = nil
	next := openParts(p.desk, p.work, nil, nil)
	if msg.from > 0 {
		next.say(Done, "editor.publish.donelater", "at", p.desk.Words.Moment(time.UnixMilli(msg.from)))
	} else {
		next.say(Done, "editor.publish.done")
	}
	return next, nil
}

// Hints implements Screen.
func (p Publish) Hints() []Hint { return hints(p.desk, publishKeys(), p) }

// State implements Screen.
func (p Publish) State() State { return p.state("editor.publish.title", p.shown().takes()) }

// Interrupt implements Screen.
func (p Publish) Interrupt(typed int) (Screen, string, tea.Cmd) {
	if p.shown().takes() == TakesText {
		p.sheet = p.sheet.takeBack(typed)
	}
	return p, "", nil
}

// View implements Screen.
func (p Publish) View(width, height int) View {
	t, words := p.desk.Theme, p.desk.Words
	v := View{Lines: []string{""}}
	inner := width - 4
	add := func(line string) { v.Lines = append(v.Lines, "  "+line) }
	bottom := 6
	for _, c := range p.work.coming[:min(len(p.work.coming), 2)] {
		add(t.Muted.Paint(widget.Cut(words.T("editor.coming", "at", words.Moment(time.UnixMilli(c.From))), inner)))
	}
	if p.checked() {
		add(t.Strong.Paint(widget.Cut(p.heading(), inner)))
	} else {
		for _, line := range p.work.status(p.desk, inner, height/2) {
			add(line)
		}
	}
	for _, says := range p.said[min(p.first, len(p.said)):] {
		for i, line := range widget.Wrap(says, inner-2) {
			if len(v.Lines) >= height-bottom {
				break
			}
			sign := "· "
			if i > 0 {
				sign = "  "
			}
			add(sign + line)
		}
	}
	for len(v.Lines) < height-bottom {
		v.Lines = append(v.Lines, "")
	}
	p.shown().add(p.desk, &v, box{2, min(inner, 60), bottom}, !p.busy)
	return v
}

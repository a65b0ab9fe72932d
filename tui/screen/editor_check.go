package screen

import (
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/draft"
	"tenthcup/tui/widget"
)

// Findings is the page of all that the check of a draft says.
type Findings struct {
	page
	work *drafting
	rows rows
}

// remark is a row of the page.
type remark struct {
	sign, text string
	kind       Kind
	path       []string // what it is about, or nil
	trap       string   // the trap that can be accepted, or ""
}

func newFindings(d *Desk, w *drafting) Screen {
	f := Findings{page: page{desk: d}, work: w}
	f.rows = f.rows.sized(len(f.all()))
	return f
}

// all returns the rows: what keeps the draft from being published first.
func (f Findings) all() (all []remark) {
	found, words := f.work.found, f.desk.Words
	if found.Mistake != nil {
		n := f.work.verdict(f.desk)
		return []remark{{"✗", n.Text, Bad, found.Path, ""}}
	}
	for i, outcome := range found.Report.Examples {
		if len(outcome.Wrong) > 0 {
			path := []string{"example", strconv.Itoa(i)}
			all = append(all, remark{"✗", words.T("program.wrong", "name", outcome.Name, "text", outcome.Wrong), Bad, path, ""})
		}
	}
	for _, trap := range found.Report.Traps {
		all = append(all, remark{"!", words.Say(trap.Says), Said, nil, trap.ID})
	}
	for _, says := range found.Report.Worst {
		all = append(all, remark{"·", words.Say(says), Said, []string{"offline"}, ""})
	}
	for i, outcome := range found.Report.Examples {
		if len(outcome.Wrong) == 0 {
			all = append(all, remark{"✓", outcome.Name, Done, []string{"example", strconv.Itoa(i)}, ""})
		}
	}
	return all
}

func (f Findings) chosen() remark {
	if all := f.all(); f.rows.at < len(all) {
		return all[f.rows.at]
	}
	return remark{}
}

func findingKeys() []binding[Findings] {
	return []binding[Findings]{
		{keys: "enter", word: "editor.key.open", when: func(f Findings) bool { return f.chosen().path != nil }, do: Findings.open},
		{keys: "enter", word: "editor.key.accept", when: func(f Findings) bool { return f.chosen().trap != "" }, do: Findings.accept},
		{keys: "up", word: "editor.key.choose", when: func(f Findings) bool { return f.rows.n > 1 }},
		{keys: "ctrl+z", word: "editor.key.undo", when: func(f Findings) bool { return len(f.work.undo) > 0 }, do: func(f Findings) (Screen, tea.Cmd) {
			cmd, _ := f.work.back(f.desk)
			return f, cmd
		}},
		{keys: "esc", word: "editor.key.back", do: func(f Findings) (Screen, tea.Cmd) { return openParts(f.desk, f.work, nil, nil), nil }},
	}
}

// open opens the form with what the row is about.
func (f Findings) open() (Screen, tea.Cmd) {
	path := f.chosen().path
	if at, _ := draft.FieldAt(path...); at.Kind == draft.Table && len(path) == 1 && !f.work.doc.Has(path...) {
		return f.work.added(f.desk, path) // [offline], where all is as usual
	}
	return f.work.openAt(f.desk, path), nil
}

// openAt opens the form that has the key or table at the path.
func (w *drafting) openAt(d *Desk, path []string) Screen {
	path = append(slices.Clone(path), "")
	for n := len(path) - 1; n > 0; n-- {
		at, ok := draft.FieldAt(path[:n]...)
		if ok && opens(at) && !isArray(path[:n]) {
			return openForm(d, w, path[:n], path[n])
		}
	}
	return openForm(d, w, nil, path[0])
}

// isArray reports whether the path leads to all tables of an array, not to one.
func isArray(path []string) bool {
	at, ok := draft.FieldAt(path...)
	if !ok || at.Kind != draft.Tables {
		return false
	}
	_, err := strconv.Atoi(path[len(path)-1])
	return err != nil
}

// accept writes into the draft that the trap is meant.
func (f Findings) accept() (Screen, tea.Cmd) {
	doc := f.work.doc
	accepted := draft.Field{Kind: draft.Words}
	typed := doc.Typed(accepted, "accept")
	if typed != "" {
		typed += ", "
	}
	cmd := f.work.change(f.desk, doc.Set(accepted.Literal(typed+f.chosen().trap), "accept"), "")
	f.say(Said, "editor.accepted")
	return f, cmd
}

// Update implements Screen.
func (f Findings) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		f.notice = Notice(msg)
	case examined, keptDraft:
		if n := f.work.hear(f.desk, msg); n.Text != "" {
			f.notice = n
		}
		f.rows = f.rows.sized(len(f.all()))
	case Picked:
		f.rows, _ = f.rows.picked(msg)
	case tea.KeyPressMsg:
		f.notice = Notice{}
		if next, cmd, ok := press(findingKeys(), f, Key(msg)); ok {
			return next, cmd
		}
		f.rows, _ = f.rows.press(Key(msg))
	}
	return f, nil
}

// Hints implements Screen.
func (f Findings) Hints() []Hint { return hints(f.desk, findingKeys(), f) }

// State implements Screen.
func (f Findings) State() State { return f.state("editor.findings", TakesKeys) }

// Interrupt implements Screen.
func (f Findings) Interrupt(int) (Screen, string, tea.Cmd) { return f, "", nil }

// View implements Screen.
func (f Findings) View(width, height int) View {
	t := f.desk.Theme
	v := View{Lines: []string{""}}
	all, inner := f.all(), width-4
	says := widget.Wrap(f.chosen().text, inner-2)
	says = says[:min(len(says), max(height/3, 1))]
	f.rows.add(f.desk, &v, box{2, inner, height - max(height/3, 1) - 2}, func(i int) string {
		ink := t.Muted
		switch {
		case all[i].kind == Bad:
			ink = t.Bad
		case all[i].kind == Done:
			ink = t.Good
		case all[i].trap != "":
			ink = t.Warn
		}
		return ink.Paint(widget.Cut(all[i].sign+" "+all[i].text, inner-2))
	})
	for len(v.Lines) < height-max(height/3, 1) {
		v.Lines = append(v.Lines, "")
	}
	for _, line := range says {
		v.Lines = append(v.Lines, "    "+line)
	}
	return v
}

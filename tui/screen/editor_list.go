package screen

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/draft"
	"tenthcup/tui/widget"
)

// Editor is the page of the parts of a program that is being changed: all of them, or
// the tables of one array inside a part.
type Editor struct {
	page
	work *drafting
	base []string // nil: the whole document
	rows rows
	read bool
}

// NewEditor returns the page with the draft that was left, or the program of now.
func NewEditor(d *Desk) (Screen, tea.Cmd) {
	empty, _ := draft.Read(nil)
	return Editor{page: page{desk: d, busy: true}, work: &drafting{doc: empty}}, d.loadPrograms()
}

// openParts returns the page of the parts, with the one at the path chosen.
func openParts(d *Desk, w *drafting, base, chosen []string) Editor {
	e := Editor{page: page{desk: d}, work: w, base: base, read: true}
	parts := w.parts(base)
	e.rows = e.rows.sized(len(parts))
	for i, p := range parts {
		if p.path != nil && within(chosen, p.path) {
			e.rows.at = i
		}
	}
	return e
}

func (e Editor) parts() []part { return e.work.parts(e.base) }

// chosen returns the part that is marked.
func (e Editor) chosen() part {
	if parts := e.parts(); e.rows.at < len(parts) {
		return parts[e.rows.at]
	}
	return part{}
}

// several reports whether the chosen part is one of several of its kind.
func (e Editor) several() bool { return e.chosen().field.Kind == draft.Tables }

func editorKeys() []binding[Editor] {
	read := func(e Editor) bool { return e.read }
	some := func(e Editor) bool { return e.rows.n > 0 }
	table := func(e Editor) bool { return e.chosen().path != nil }
	whole := func(e Editor) bool { return e.read && e.base == nil }
	return []binding[Editor]{
		{keys: "enter", word: "editor.key.open", when: some, do: Editor.open},
		{keys: "a", word: "editor.key.add", when: read, do: Editor.add},
		{keys: "c", word: "editor.key.copy", when: Editor.several, do: Editor.copied},
		{keys: "j", word: "editor.key.down", when: Editor.several, do: func(e Editor) (Screen, tea.Cmd) { return e.move(1) }},
		{keys: "k", word: "editor.key.up", when: Editor.several, do: func(e Editor) (Screen, tea.Cmd) { return e.move(-1) }},
		{keys: "delete", word: "editor.key.remove", when: table, do: Editor.remove},
		{keys: "ctrl+z", word: "editor.key.undo", when: func(e Editor) bool { return len(e.work.undo) > 0 }, do: Editor.undo},
		{keys: "f", word: "editor.key.check", when: whole, do: func(e Editor) (Screen, tea.Cmd) { return newFindings(e.desk, e.work), nil }},
		{keys: "t", word: "editor.key.try", when: whole, do: func(e Editor) (Screen, tea.Cmd) { return newTry(e.desk, e.work) }},
		{keys: "p", word: "editor.key.publish", when: whole, do: func(e Editor) (Screen, tea.Cmd) { return newPublish(e.desk, e.work) }},
		{keys: "b", word: "editor.key.begin", when: whole, do: func(e Editor) (Screen, tea.Cmd) { return newBegin(e.desk, e.work), nil }},
		{keys: "esc", word: "editor.key.back", do: Editor.leave},
	}
}

// leave goes to the part that the tables are in, or to the menu.
func (e Editor) leave() (Screen, tea.Cmd) {
	if e.base == nil {
		return NewMenu(e.desk), nil
	}
	return openForm(e.desk, e.work, e.base[:len(e.base)-1], e.base[len(e.base)-1]), nil
}

func (e Editor) open() (Screen, tea.Cmd) { return openForm(e.desk, e.work, e.chosen().path, ""), nil }

// add adds a table of the kind that the page is about, or asks of which kind.
func (e Editor) add() (Screen, tea.Cmd) {
	if e.base == nil {
		return newAdd(e.desk, e.work), nil
	}
	return e.work.added(e.desk, e.base)
}

// added puts a new table behind the others, and opens it.
func (w *drafting) added(d *Desk, base []string) (Screen, tea.Cmd) {
	f, _ := draft.FieldAt(base...)
	doc, path := w.doc.Add(f.Kind == draft.Tables, w.beginning(d, f, len(base)), base...)
	cmd := w.change(d, doc, "")
	return openForm(d, w, path, ""), cmd
}

func (e Editor) copied() (Screen, tea.Cmd) {
	p := e.chosen()
	doc, path := e.work.doc.Copy(p.path...)
	if id := append(slices.Clone(path), "id"); doc.Has(id...) {
		doc = doc.Set(draft.Quote(e.work.doc.FreeID(p.field.Name, doc.Value(id...))), id...)
	}
	cmd := e.work.change(e.desk, doc, "")
	next := openParts(e.desk, e.work, e.base, path)
	next.say(Said, "editor.copied")
	return next, cmd
}

func (e Editor) move(by int) (Screen, tea.Cmd) {
	doc, path := e.work.doc.Move(by, e.chosen().path...)
	cmd := e.work.change(e.desk, doc, "")
	return openParts(e.desk, e.work, e.base, path), cmd
}

func (e Editor) remove() (Screen, tea.Cmd) {
	cmd := e.work.change(e.desk, e.work.doc.Remove(e.chosen().path...), "")
	e.rows = e.rows.sized(len(e.parts()))
	e.say(Said, "editor.removed")
	return e, cmd
}

func (e Editor) undo() (Screen, tea.Cmd) {
	cmd, _ := e.work.back(e.desk)
	if e.base != nil && !e.work.doc.Has(e.base...) {
		return openParts(e.desk, e.work, nil, e.base), cmd
	}
	e.rows = e.rows.sized(len(e.parts()))
	e.say(Said, "editor.undone")
	return e, cmd
}

// Update implements Screen.
func (e Editor) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		e.notice = Notice(msg)
	case opening:
		return e.opened(msg)
	case examined, keptDraft:
		if n := e.work.hear(e.desk, msg); n.Text != "" {
			e.notice = n
		}
	case Picked:
		var open bool
		if e.rows, open = e.rows.picked(msg); open {
			return e.open()
		}
	case tea.KeyPressMsg:
		e.notice = Notice{}
		if next, cmd, ok := press(editorKeys(), e, Key(msg)); ok {
			return next, cmd
		}
		e.rows, _ = e.rows.press(Key(msg))
	}
	return e, nil
}

func (e Editor) opened(msg opening) (Screen, tea.Cmd) {
	e.busy = false
	cmd, err := e.work.begin(e.desk, msg)
	if err != nil {
		e.refused(err)
	}
	if cmd == nil {
		return e, nil
	}
	e.read = true
	e.rows = e.rows.sized(len(e.parts()))
	if err == nil && e.work.edited() && msg.draft != nil {
		e.say(Said, "editor.resumed")
	}
	return e, cmd
}

// Hints implements Screen.
func (e Editor) Hints() []Hint { return hints(e.desk, editorKeys(), e) }

// State implements Screen.
func (e Editor) State() State {
	s := e.state("editor.title", TakesKeys)
	if e.base != nil {
		s.Title = capital(e.work.place(e.desk, e.base))
	}
	return s
}

// Interrupt implements Screen.
func (e Editor) Interrupt(int) (Screen, string, tea.Cmd) { return e, "", nil }

// statusRoom is how many lines the verdict has.
const statusRoom = 2

// View implements Screen.
func (e Editor) View(width, height int) View {
	v := View{Lines: []string{""}}
	if !e.read {
		if e.busy {
			v.Lines = append(v.Lines, widget.Center(e.desk.Theme.Muted.Paint(e.desk.Words.T("editor.reading")), width))
		}
		return v
	}
	parts := e.parts()
	row := func(i int) string { return e.row(parts[i], e.listWidth(width)) }
	if len(parts) == 0 {
		v.Lines = append(v.Lines, "  "+e.desk.Theme.Muted.Paint(widget.Cut(e.desk.Words.T("editor.empty"), width-4)))
	}
	beside(e.desk, &v, e.work, layout{width, height, e.chosen().path}, func(box box) { e.rows.add(e.desk, &v, box, row) })
	return v
}

// layout is what there is room for, and the part that is shown as members see it.
type layout struct {
	width, height int
	path          []string
}

// previewWidth is how wide the preview is where it has room beside the page, which
// has it where the page and it come to besideWidth.
const (
	previewWidth = 42
	besideWidth  = 108
)

// beside draws a page with the preview at its side, or below where it is narrow, and
// the verdict at the bottom.
func beside(d *Desk, v *View, w *drafting, at layout, draw func(box)) {
	width, room := at.width-4, at.height-len(v.Lines)-statusRoom-1
	if width >= besideWidth {
		top := len(v.Lines)
		draw(box{2, width - previewWidth - 3, room})
		shown := w.preview(d, at.path, previewWidth, room)
		for i, line := range shown {
			for len(v.Lines) <= top+i {
				v.Lines = append(v.Lines, "")
			}
			v.Lines[top+i] = widget.Left(v.Lines[top+i], width-previewWidth-1) + "  " + line
		}
	} else {
		below := room * 2 / 5
		if room < 9 {
			below = 0
		}
		draw(box{2, width, room - below})
		for len(v.Lines) < at.height-statusRoom-1-below+1 {
			v.Lines = append(v.Lines, "")
		}
		for _, line := range w.preview(d, at.path, width, below-1) {
			v.Lines = append(v.Lines, "  "+line)
		}
	}
	for len(v.Lines) < at.height-statusRoom {
		v.Lines = append(v.Lines, "")
	}
	for _, line := range w.status(d, width, statusRoom) {
		v.Lines = append(v.Lines, "  "+line)
	}
}

func (e Editor) listWidth(width int) int {
	if width-4 >= besideWidth {
		return width - 4 - previewWidth - 3 - 2
	}
	return width - 6
}

// row draws a part: what kind it is, which, and whether the mistake is in it.
func (e Editor) row(p part, width int) string {
	t := e.desk.Theme
	mark := "  "
	if f := e.work.found; f.Mistake != nil && len(f.Path) > 0 && p.path != nil && within(f.Path, p.path) {
		mark = t.Bad.Paint("✗ ")
	}
	kind := min(max(width/3, 12), 24)
	name := strings.TrimSpace(e.work.partName(e.desk, p))
	return mark + t.Muted.Paint(widget.Left(e.desk.partKind(p), kind)) + "  " + t.Strong.Paint(widget.Left(name, max(width-kind-4, 1)))
}

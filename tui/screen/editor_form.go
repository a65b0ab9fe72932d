package screen

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/draft"
	"tenthcup/tui/widget"
)

// PartForm is the page of one part of a program: a field for each key that it can
// have. What is typed is in the draft at once.
type PartForm struct {
	page
	work   *drafting
	path   []string // nil: the head of the document
	fields []draft.Field
	sheet  sheet
	base   draft.Doc // as it was when the cursor came to the field: what is typed there is one edit of it
}

// openForm returns the page of the part at the path, the cursor at the key or at the
// first.
func openForm(d *Desk, w *drafting, path []string, key string) PartForm {
	f := PartForm{page: page{desk: d}, work: w, path: path, base: w.doc}
	if path == nil {
		for _, field := range draft.Shape() {
			if field.Kind != draft.Table && field.Kind != draft.Tables {
				f.fields = append(f.fields, field)
			}
		}
	} else if at, ok := draft.FieldAt(path...); ok {
		f.fields = at.Fields
	}
	for i, field := range f.fields {
		f.sheet.blanks = append(f.sheet.blanks, f.blank(field))
		if field.Name == key {
			f.sheet.at = i
		}
	}
	return f
}

func (f PartForm) at(field draft.Field) []string { return append(slices.Clone(f.path), field.Name) }

// values are the values that the field of a key can be set to; none: it is typed.
func (f PartForm) values(field draft.Field) []string {
	var values []string
	switch {
	case field.Kind == draft.Flag:
		return []string{"false", "true"}
	case field.Kind != draft.Text:
		return nil
	case field.Refers != "":
		values = append([]string{""}, f.work.doc.IDs(field.Refers)...)
	case len(field.Choice) > 0:
		values = append([]string{""}, field.Choice...)
	default:
		return nil
	}
	if value := f.work.doc.Value(f.at(field)...); !slices.Contains(values, value) {
		values = append(values, value)
	}
	return values
}

// blank is the key as a field of the form.
func (f PartForm) blank(field draft.Field) blank {
	b := blank{name: f.name(field), note: f.note(field)}
	path := f.at(field)
	if opens(field) {
		b.options = []string{f.work.summary(f.desk, path, field)}
		return b
	}
	values := f.values(field)
	if values == nil {
		b.field = widget.NewField(f.work.doc.Typed(field, path...))
		return b
	}
	value := f.work.doc.Value(path...)
	for i, one := range values {
		b.options = append(b.options, f.optionName(field, one))
		if one == value {
			b.chosen = i
		}
	}
	return b
}

// opens reports whether the key has a page of its own.
func opens(field draft.Field) bool { return field.Kind == draft.Table || field.Kind == draft.Tables }

func (f PartForm) optionName(field draft.Field, value string) string {
	switch {
	case field.Kind == draft.Flag:
		return f.desk.Words.T("settings.value." + map[string]string{"true": "yes", "false": "no"}[value])
	case value == "" && len(field.Choice) > 0:
		return f.desk.Words.T("editor.usual")
	case value == "":
		return f.desk.Words.T("editor.none")
	case field.Refers != "":
		return widget.Name(value)
	}
	return f.desk.choiceName(field, value)
}

// name marks the key that the mistake is about; the room for the mark is kept.
func (f PartForm) name(field draft.Field) string {
	name := capital(f.desk.keyName(field))
	if found := f.work.found; found.Mistake != nil && within(found.Path, f.at(field)) {
		return name + " ✗"
	}
	return name + "  "
}

// note says what the key means, and what it can name.
func (f PartForm) note(field draft.Field) string {
	note := f.desk.keyNote(field)
	if field.Kind != draft.Words && field.Kind != draft.Counts || field.Refers == "" && len(field.Choice) == 0 {
		return note
	}
	known := field.Choice
	if field.Refers != "" {
		known = f.work.doc.IDs(field.Refers)
	}
	if len(known) == 0 {
		return note
	}
	return strings.TrimSpace(note + " " + f.desk.Words.T("editor.known", "ids", known))
}

func (f PartForm) field() draft.Field { return f.fields[f.sheet.at] }

func partFormKeys() []binding[PartForm] {
	nested := func(f PartForm) bool { return opens(f.field()) }
	flat := func(f PartForm) bool { return !opens(f.field()) && !f.sheet.last() }
	last := func(f PartForm) bool { return !opens(f.field()) && f.sheet.last() }
	options := func(f PartForm) bool { return !opens(f.field()) && f.sheet.takes() == TakesKeys }
	return []binding[PartForm]{
		{keys: "enter", word: "editor.key.open", when: nested, do: PartForm.open},
		{keys: "enter", word: "editor.key.next", when: flat, do: func(f PartForm) (Screen, tea.Cmd) {
			f.sheet, f.base = f.sheet.move(1), f.work.doc
			return f, nil
		}},
		{keys: "enter", word: "editor.key.done", when: last, do: PartForm.leave},
		{keys: "up", word: "editor.key.move"},
		{keys: "right", word: "editor.key.change", when: options},
		{keys: "text", word: "editor.key.text", when: func(f PartForm) bool { return f.sheet.takes() == TakesText }},
		{keys: "delete", word: "editor.key.leaveout", when: func(f PartForm) bool { return f.sheet.takes() == TakesKeys }, do: PartForm.leaveOut},
		{keys: "ctrl+z", word: "editor.key.undo", when: func(f PartForm) bool { return len(f.work.undo) > 0 }, do: PartForm.undo},
		{keys: "esc", word: "editor.key.back", do: PartForm.leave},
	}
}

// open opens the page of a key that is a table.
func (f PartForm) open() (Screen, tea.Cmd) {
	path := f.at(f.field())
	if f.field().Kind == draft.Tables {
		return openParts(f.desk, f.work, path, nil), nil
	}
	return openForm(f.desk, f.work, path, ""), nil
}

// leave goes to the page that this one was opened from.
func (f PartForm) leave() (Screen, tea.Cmd) {
	if len(f.path) == 0 {
		return openParts(f.desk, f.work, nil, nil), nil
	}
	up := f.path[:len(f.path)-1]
	if at, _ := draft.FieldAt(f.path...); at.Kind == draft.Tables && len(up) > 1 {
		return openParts(f.desk, f.work, up, f.path), nil
	}
	if len(up) == 0 || len(up) == 1 {
		return openParts(f.desk, f.work, nil, f.path), nil
	}
	return openForm(f.desk, f.work, up, f.path[len(up)]), nil
}

// leaveOut takes the key out of the document.
func (f PartForm) leaveOut() (Screen, tea.Cmd) {
	cmd := f.work.change(f.desk, f.work.doc.Remove(f.at(f.field())...), "")
	return f.renewed(), cmd
}

func (f PartForm) undo() (Screen, tea.Cmd) {
	cmd, _ := f.work.back(f.desk)
	if top := f.path[:min(2, len(f.path))]; f.path != nil && (!f.work.doc.Has(f.path[0]) || isArray(f.path[:1]) && !f.work.doc.Has(top...)) {
		return openParts(f.desk, f.work, nil, f.path), cmd // the part itself came with that change
	}
	next := f.renewed()
	next.say(Said, "editor.undone")
	return next, cmd
}

// renewed is the form with what the document says now, the cursor where it was.
func (f PartForm) renewed() PartForm {
	next := openForm(f.desk, f.work, f.path, f.field().Name)
	next.notice = f.notice
	return next
}

// wrote puts what the field of the cursor says into the draft, if it says anything
// new.
func (f PartForm) wrote(was sheet) (PartForm, tea.Cmd) {
	i := f.sheet.at
	if was.at != i {
		f.base = f.work.doc
	}
	if was.at != i || opens(f.fields[i]) {
		return f, nil
	}
	before, now, field := was.blanks[i], f.sheet.blanks[i], f.fields[i]
	if before.value() == now.value() && before.chosen == now.chosen {
		return f, nil
	}
	value := now.value()
	if len(now.options) > 0 {
		value = f.values(field)[now.chosen]
	}
	path, doc := f.at(field), f.base
	switch {
	case value == "", field.Kind == draft.Flag && value == "false":
		doc = doc.Remove(path...)
	default:
		doc = doc.Set(field.Literal(value), path...)
	}
	cmd := f.work.change(f.desk, doc, strings.Join(path, "."))
	return f, cmd
}

// marked is the form with the mistake marked where it is now.
func (f PartForm) marked() PartForm {
	blanks := slices.Clone(f.sheet.blanks)
	for i := range blanks {
		blanks[i].name = f.name(f.fields[i])
	}
	f.sheet.blanks = blanks
	return f
}

// Update implements Screen.
func (f PartForm) Update(msg tea.Msg) (Screen, tea.Cmd) {
	was := f.sheet
	switch msg := msg.(type) {
	case Say:
		f.notice = Notice(msg)
	case examined, keptDraft:
		if n := f.work.hear(f.desk, msg); n.Text != "" {
			f.notice = n
		}
		return f.marked(), nil
	case Picked:
		if again := f.sheet.at == msg.Row; again && opens(f.field()) {
			return f.open()
		}
		f.sheet = f.sheet.picked(msg)
	case tea.PasteMsg:
		f.sheet = f.sheet.paste(msg.Content)
	case tea.KeyPressMsg:
		f.notice = Notice{}
		if next, cmd, ok := press(partFormKeys(), f, Key(msg)); ok {
			return next, cmd
		}
		f.sheet, _ = f.sheet.press(msg)
	}
	return f.wrote(was)
}

// Hints implements Screen.
func (f PartForm) Hints() []Hint { return hints(f.desk, partFormKeys(), f) }

// State implements Screen.
func (f PartForm) State() State {
	s := f.state("editor.title", f.sheet.takes())
	s.Title = f.desk.Words.T("editor.head")
	if f.path != nil {
		at, _ := draft.FieldAt(f.path[:min(2, len(f.path))]...)
		s.Title = capital(f.desk.keyName(at))
		if where := f.work.place(f.desk, f.path); len(f.path) > 1 && where != "" {
			s.Title += ": " + where
		}
	}
	return s
}

// Interrupt implements Screen.
func (f PartForm) Interrupt(typed int) (Screen, string, tea.Cmd) {
	if f.sheet.takes() != TakesText {
		return f, "", nil
	}
	was := f.sheet
	f.sheet = f.sheet.takeBack(typed)
	next, cmd := f.wrote(was)
	return next, "", cmd
}

// View implements Screen.
func (f PartForm) View(width, height int) View {
	v := View{Lines: []string{""}}
	beside(f.desk, &v, f.work, layout{width, height, f.path}, func(box box) {
		f.sheet.add(f.desk, &v, box, !f.busy)
	})
	return v
}

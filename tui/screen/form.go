package screen

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type formTill interface {
	Enrol(by pos.CashierID, p pos.Profile) (station.Done, error)
	Edit(holder pos.HolderID, change func(*pos.Profile) error) (station.Member, error)
}

// The fields of the form, from the top.
const (
	nameField = iota
	phoneField
	emailField
	birthdayField
	fieldCount
)

// Draft is a form as a scan found it.
type Draft struct {
	holder pos.HolderID // zero for a new member
	fields [fieldCount]widget.Field
	at     int
}

// Form is the page where a member is made or changed.
type Form struct {
	page
	till   formTill
	member *station.Member // who is changed, or nil for a new member
	fields [fieldCount]widget.Field
	at     int
}

// NewForm returns the page for a new member, or for changing m. A form that a
// scan came over goes on where it was.
func NewForm(d *Desk, m *station.Member) Form {
	f := Form{page: page{desk: d}, till: d.Till, member: m}
	if d.Draft != nil && d.Draft.holder == f.holder() {
		f.fields, f.at = d.Draft.fields, d.Draft.at
		f.say(Said, "form.again")
		d.Draft = nil
		return f
	}
	if m != nil {
		p := m.Profile
		f.fields = [fieldCount]widget.Field{
			widget.NewField(p.Name), widget.NewField(p.Phone), widget.NewField(p.Email), widget.NewField(p.Birthday.String()),
		}
	}
	return f
}

func (f Form) holder() pos.HolderID {
	if f.member == nil {
		return pos.HolderID{}
	}
	return f.member.Profile.Holder
}

func formKeys() []binding[Form] {
	last := func(f Form) bool { return f.at == fieldCount-1 }
	more := func(f Form) bool { return f.at < fieldCount-1 }
	return []binding[Form]{
		{keys: "enter", word: "form.key.next", when: more, do: func(f Form) (Screen, tea.Cmd) { return f.move(1), nil }},
		{keys: "enter", word: "form.key.save", when: last, do: Form.save},
		{keys: "ctrl+s", word: "form.key.save", when: more, do: Form.save},
		{keys: "ctrl+s", word: "form.key.save", when: last, do: Form.save, quiet: true},
		{keys: "up shift+tab", word: "form.key.move", do: func(f Form) (Screen, tea.Cmd) { return f.move(-1), nil }},
		{keys: "down tab", word: "form.key.move", do: func(f Form) (Screen, tea.Cmd) { return f.move(1), nil }, quiet: true},
		{keys: "esc", word: "form.key.cancel", do: Form.leave},
	}
}

// Update implements Screen.
func (f Form) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		f.notice = Notice(msg)
	case enrolled:
		return f.enrolled(msg)
	case edited:
		return f.edited(msg)
	case tea.PasteMsg:
		f.fields[f.at] = f.fields[f.at].Type(msg.Content)
	case tea.KeyPressMsg:
		f.notice = Notice{}
		if next, cmd, ok := press(formKeys(), f, Key(msg)); ok {
			return next, cmd
		}
		f.fields[f.at], _ = f.fields[f.at].Press(msg)
	}
	return f, nil
}

func (f Form) move(by int) Form {
	f.at = (f.at + by + fieldCount) % fieldCount
	return f
}

func (f Form) leave() (Screen, tea.Cmd) {
	if f.member == nil {
		return NewCounter(f.desk), nil
	}
	return NewMember(f.desk, *f.member, "")
}

type enrolled struct {
	done station.Done
	err  error
}

type edited struct {
	member station.Member
	err    error
}

// save writes the member. The birthday is the one field that the till does not
// read for itself.
func (f Form) save() (Screen, tea.Cmd) {
	text := func(field int) string { return strings.TrimSpace(f.fields[field].Value()) }
	var birthday pos.Birthday
	if written := pos.ASCIIDigits(text(birthdayField)); written != "" {
		var err error
		if birthday, err = pos.ParseBirthday(written); err != nil {
			return f.failed(err), nil
		}
	}
	typed := pos.Profile{Name: text(nameField), Phone: text(phoneField), Email: text(emailField), Birthday: birthday}
	f.busy, f.notice = true, Notice{}
	till, by, holder := f.till, f.desk.By(), f.holder()
	if f.member == nil {
		return f, func() tea.Msg {
			done, err := till.Enrol(by, typed)
			return enrolled{done, err}
		}
	}
	return f, func() tea.Msg {
		member, err := till.Edit(holder, func(p *pos.Profile) error {
			p.Name, p.Phone, p.Email, p.Birthday = typed.Name, typed.Phone, typed.Email, typed.Birthday
			return nil
		})
		return edited{member, err}
	}
}

func (f Form) enrolled(msg enrolled) (Screen, tea.Cmd) {
	if msg.err != nil {
		return f.failed(msg.err), nil
	}
	said := f.desk.Words.T("form.done.enrol", "name", widget.Name(called(msg.done.Member.Profile)))
	return NewCard(f.desk, msg.done.Member, said), nil
}

func (f Form) edited(msg edited) (Screen, tea.Cmd) {
	if msg.err != nil {
		return f.failed(msg.err), nil
	}
	next, cmd := NewMember(f.desk, msg.member, "")
	next.say(Done, "form.done.edit")
	return next, cmd
}

// failed says what is wrong, at the field where it is.
func (f Form) failed(err error) Form {
	f.busy = false
	f.refused(err)
	problem, ok := errors.AsType[*pos.Problem](err)
	if !ok {
		return f
	}
	for prefix, field := range map[string]int{
		"member.name": nameField, "member.empty": nameField, "member.phone": phoneField,
		"member.email": emailField, "member.birthday": birthdayField,
	} {
		if strings.HasPrefix(problem.Key, prefix) {
			f.at = field
		}
	}
	return f
}

// Hints implements Screen.
func (f Form) Hints() []Hint { return hints(f.desk, formKeys(), f) }

// State implements Screen.
func (f Form) State() State {
	s := f.state("form.edit", TakesText)
	if f.member == nil {
		s = f.state("form.enrol", TakesText)
	}
	s.Keeps = true
	return s
}

// Interrupt implements Screen. What was typed is kept for when the form is
// opened again.
func (f Form) Interrupt(typed int) (Screen, string, tea.Cmd) {
	f.fields[f.at] = f.fields[f.at].TakeBack(typed)
	f.notice = Notice{}
	if !f.changed() {
		return f, "", nil
	}
	f.desk.Draft = &Draft{f.holder(), f.fields, f.at}
	if f.member == nil {
		return f, f.desk.Words.T("form.kept.enrol"), nil
	}
	return f, f.desk.Words.T("form.kept.edit", "name", widget.Name(called(f.member.Profile))), nil
}

// changed reports whether anything was typed that is not saved.
func (f Form) changed() bool {
	was := [fieldCount]string{}
	if f.member != nil {
		p := f.member.Profile
		was = [fieldCount]string{p.Name, p.Phone, p.Email, p.Birthday.String()}
	}
	for i, field := range f.fields {
		if field.Value() != was[i] {
			return true
		}
	}
	return false
}

// View implements Screen.
func (f Form) View(width, height int) View {
	const label = 16
	t, words := f.desk.Theme, f.desk.Words
	room := min(44, width-label-8)
	left := widget.Space((width - label - room - 4) / 2)
	v := View{Centred: true}
	intro := words.T("form.intro.enrol")
	if f.member != nil {
		intro = words.T("form.intro.edit")
	}
	for _, line := range widget.Wrap(intro, label+room+4) {
		v.Lines = append(v.Lines, left+t.Muted.Paint(line))
	}
	v.Lines = append(v.Lines, "")
	names := [fieldCount]string{words.T("form.name"), words.T("form.phone"), words.T("form.email"), words.T("form.birthday")}
	for i, field := range f.fields {
		text, cursor := field.View(room)
		mark, ink := "  ", t.Faint
		if i == f.at {
			mark, ink = t.Accent.Paint("▸ "), t.Accent
			v.Cursor, v.X, v.Y = !f.busy, len(left)+2+label+1+cursor, len(v.Lines)
		}
		v.Lines = append(v.Lines,
			left+mark+t.Muted.Paint(widget.Left(names[i], label))+" "+text,
			left+widget.Space(2+label)+ink.Paint(strings.Repeat("─", room+2)))
	}
	return v
}

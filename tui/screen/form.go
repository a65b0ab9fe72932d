package screen

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type formTill interface {
	Enrol(by pos.CashierID, p pos.Profile) (station.Done, error)
	Edit(holder pos.HolderID, change func(*pos.Profile) error) (station.Member, error)
}

// Draft is a form as a scan found it.
type Draft struct {
	holder pos.HolderID // zero for a new member
	filled filled
}

// Form is the page where a member is made or changed.
type Form struct {
	page
	filled
	till   formTill
	member *station.Member // who is changed, or nil for a new member
	offer  *station.Member // who was scanned, and may have brought the new member
	phone  string          // that was looked for last
}

// NewForm returns the page for a new member, or for changing m. A form that a
// scan came over goes on where it was.
func NewForm(d *Desk, m *station.Member) Form {
	f := Form{page: page{desk: d}, till: d.Till, member: m}
	if d.Draft != nil && d.Draft.holder == f.holder() {
		f.filled = d.Draft.filled
		f.say(Said, "form.again")
		d.Draft = nil
		return f
	}
	f.filled = f.blank()
	return f
}

func (f Form) holder() pos.HolderID {
	if f.member == nil {
		return pos.HolderID{}
	}
	return f.member.Profile.Holder
}

func formKeys() []binding[Form] {
	offered := func(f Form) bool { return f.offer != nil }
	open := func(f Form) bool { return f.offer == nil }
	last := func(f Form) bool { return open(f) && f.sheet.last() }
	more := func(f Form) bool { return open(f) && !f.sheet.last() }
	return []binding[Form]{
		{keys: "enter", word: "form.key.brought", when: offered, do: Form.brought},
		{keys: "esc", word: "form.key.other", when: offered, do: Form.openOffered},
		{keys: "enter", word: "form.key.next", when: more, do: func(f Form) (Screen, tea.Cmd) { return f.leaving(f.sheet.move(1)) }},
		{keys: "enter", word: "form.key.save", when: last, do: Form.save},
		{keys: "ctrl+s", word: "form.key.save", when: more, do: Form.save},
		{keys: "ctrl+s", word: "form.key.save", when: last, do: Form.save, quiet: true},
		{keys: "up", word: "form.key.move", when: open},
		{keys: "right", word: "form.key.answer", when: func(f Form) bool { return open(f) && f.sheet.takes() == TakesKeys }},
		{keys: "esc", word: "form.key.cancel", when: open, do: Form.leave},
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
	case phoneKnown:
		return f.known(msg)
	case Picked:
		if f.offer == nil {
			return f.leaving(f.sheet.picked(msg))
		}
	case tea.PasteMsg:
		f.sheet = f.sheet.paste(msg.Content)
	case tea.KeyPressMsg:
		f.notice = Notice{}
		if next, cmd, ok := press(formKeys(), f, Key(msg)); ok {
			return next, cmd
		}
		if f.offer == nil {
			s, _ := f.sheet.press(msg)
			return f.leaving(s)
		}
	}
	return f, nil
}

// leaving goes on with the sheet. Once the number of a new member is typed, it is
// looked for: who is a member already need not be made one.
func (f Form) leaving(s sheet) (Screen, tea.Cmd) {
	left := f.sheet.at == phoneField && s.at != phoneField
	f.sheet = s
	if left {
		f.filled = f.sorted()
	}
	phone := f.text(phoneField)
	if !left || f.member != nil || phone == "" || phone == f.phone {
		return f, nil
	}
	f.busy, f.phone = true, phone
	return f, f.seek(phone, nil)
}

// phoneKnown is a message: the members with a number.
type phoneKnown struct {
	members []station.Member
	refusal error // of the member that was to be made; nil: the number was only typed
}

func (f Form) seek(phone string, refusal error) tea.Cmd {
	till := counterTill(f.desk.Till)
	return func() tea.Msg {
		members, err := till.Lookup(phone)
		if err != nil {
			members = nil // nobody has it, or it is no number: saving says so
		}
		return phoneKnown{members, refusal}
	}
}

// known opens the member who has the number.
func (f Form) known(msg phoneKnown) (Screen, tea.Cmd) {
	f.busy = false
	switch len(msg.members) {
	case 0:
		if msg.refusal != nil {
			return f.failed(msg.refusal), nil
		}
		return f, nil
	case 1:
		next, cmd := NewMember(f.desk, msg.members[0], "")
		next.say(Bad, "form.known", "name", widget.Name(called(msg.members[0].Profile)))
		return next, cmd
	}
	return NewChoice(f.desk, msg.members, f.desk.Words.T("form.several")), nil
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

// save writes the member.
func (f Form) save() (Screen, tea.Cmd) {
	f.filled = f.sorted()
	typed, err := f.profile()
	if err != nil {
		return f.failed(err), nil
	}
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
			p.Language, p.Consents, p.Fields = typed.Language, typed.Consents, typed.Fields
			return nil
		})
		return edited{member, err}
	}
}

func (f Form) enrolled(msg enrolled) (Screen, tea.Cmd) {
	if twice := takenBy(msg.err); twice != "" && code.Signs(twice) != code.Signs(f.card()) {
		return f, f.seek(twice, msg.err)
	}
	if msg.err != nil {
		return f.failed(msg.err), nil
	}
	said := f.desk.Words.T("form.done.enrol", "name", widget.Name(called(msg.done.Member.Profile)))
	next := NewCard(f.desk, msg.done.Member, said)
	if f.desk.Settings.Printer.Slips == "always" {
		return next, f.desk.Print(*f.desk.memberSlip(msg.done.Member))
	}
	return next, nil
}

// takenBy returns the code or number that a member has already, if that is what the
// error says.
func takenBy(err error) string {
	problem, ok := errors.AsType[*pos.Problem](err)
	if !ok || problem.Key != "member.twice" {
		return ""
	}
	text, _ := problem.Args["code"].(string)
	return text
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
		"member.name": nameField, "member.empty": phoneField, "member.phone": phoneField,
		"member.email": f.place(emailField), "member.birthday": f.place(birthdayField), "member.jalali": f.place(birthdayField),
	} {
		if strings.HasPrefix(problem.Key, prefix) {
			f.sheet.at = field
		}
	}
	return f
}

// take implements taker: a printed card becomes the new member's, and a member may
// be the one who brought the new one.
func (f Form) take(found Found) (Screen, tea.Cmd, bool) {
	if f.member != nil {
		return f, nil, false
	}
	if printed, ok := unused(found); ok {
		f.desk.Draft = nil
		f.filled = f.withCard(printed)
		f.say(Said, "form.card", "code", code.Group(printed))
		return f, nil, true
	}
	if f.desk.Program.Referral == nil || len(found.Members) != 1 {
		return f, nil, false
	}
	f.offer = &found.Members[0]
	f.notice = Notice{}
	return f, nil, true
}

// brought notes who brought the new member.
func (f Form) brought() (Screen, tea.Cmd) {
	f.desk.Draft = nil
	f.filled = f.withFriend(*f.offer)
	f.offer = nil
	return f, nil
}

// openOffered opens the member who was scanned after all; the form is kept.
func (f Form) openOffered() (Screen, tea.Cmd) {
	said := ""
	if f.desk.Draft != nil {
		said = f.desk.Words.T("form.kept.enrol")
	}
	return NewMember(f.desk, *f.offer, said)
}

// Hints implements Screen.
func (f Form) Hints() []Hint { return hints(f.desk, formKeys(), f) }

// State implements Screen.
func (f Form) State() State {
	takes := f.sheet.takes()
	if f.offer != nil {
		takes = TakesKeys
	}
	s := f.state("form.edit", takes)
	if f.member == nil {
		s = f.state("form.enrol", takes)
	}
	s.Keeps = true
	return s
}

// Interrupt implements Screen. What was typed is kept for when the form is
// opened again.
func (f Form) Interrupt(typed int) (Screen, string, tea.Cmd) {
	if f.offer == nil {
		f.sheet = f.sheet.takeBack(typed)
	}
	f.notice, f.offer = Notice{}, nil
	if !f.changed() {
		return f, "", nil
	}
	f.desk.Draft = &Draft{f.holder(), f.filled}
	if f.member == nil {
		return f, f.desk.Words.T("form.kept.enrol"), nil
	}
	return f, f.desk.Words.T("form.kept.edit", "name", widget.Name(called(f.member.Profile))), nil
}

// changed reports whether anything was filled in that is not saved.
func (f Form) changed() bool {
	return !slices.EqualFunc(f.sheet.blanks, f.blank().sheet.blanks, func(a, b blank) bool {
		return a.field.Value() == b.field.Value() && a.chosen == b.chosen && a.name == b.name
	})
}

// View implements Screen.
func (f Form) View(width, height int) View {
	t, words := f.desk.Theme, f.desk.Words
	inner := min(width-4, 68)
	left := (width - inner) / 2
	v := View{}
	if height > len(f.sheet.blanks)+8 {
		v.Lines = append(v.Lines, "", "")
	}
	intro := words.T("form.intro.enrol")
	if f.member != nil {
		intro = words.T("form.intro.edit")
	}
	for _, line := range widget.Wrap(intro, inner) {
		v.Lines = append(v.Lines, widget.Space(left)+t.Muted.Paint(line))
	}
	v.Lines = append(v.Lines, "")
	below := f.below(inner)
	f.sheet.add(f.desk, &v, box{left, inner, max(height-len(v.Lines)-len(below), 4)}, !f.busy && f.offer == nil)
	for _, line := range below {
		v.Lines = append(v.Lines, widget.Space(left)+line)
	}
	return v
}

// below is what stands under the fields: the question about who was scanned, or the
// sentence that the customer agrees to, as it is to be read out.
func (f Form) below(width int) (lines []string) {
	t := f.desk.Theme
	text, ink := "", t.Strong
	if c := f.consent(); c != nil {
		text = f.desk.Words.T("form.consent", "text", c.Text)
	}
	if f.offer != nil {
		text, ink = f.desk.Words.T("form.brought", "name", widget.Name(called(f.offer.Profile))), t.Title
	}
	for _, line := range widget.Wrap(text, width) {
		lines = append(lines, ink.Paint(line))
	}
	return lines
}

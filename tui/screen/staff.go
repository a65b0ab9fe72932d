package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/tui/widget"
)

// Staff is the page of who works here.
type Staff struct {
	officeList
	list []pos.Cashier
}

type staffRead struct {
	list []pos.Cashier
	err  error
}

// NewStaff returns the page and the command that reads it.
func NewStaff(d *Desk) (Screen, tea.Cmd) {
	s := Staff{officeList: officeList{page: page{desk: d}}}
	return s, s.load()
}

func (s Staff) load() tea.Cmd {
	ask, by := s.desk.Office, s.desk.boss()
	return func() tea.Msg {
		list, err := ask.Staff(by)
		return staffRead{list, err}
	}
}

// again shows the page as it was, and reads it again.
func (s Staff) again(*Desk) (Screen, tea.Cmd) {
	s.notice = Notice{}
	return s, s.load()
}

func staffKeys() []binding[Staff] {
	any := func(s Staff) bool { return len(s.list) > 0 }
	some := func(s Staff) bool { return len(s.list) > 1 }
	return []binding[Staff]{
		{keys: "up", word: "staff.key.choose", when: some},
		{keys: "n", word: "staff.key.new", when: func(s Staff) bool { return s.read }, do: Staff.add},
		{keys: "enter", word: "staff.key.rename", when: any, do: Staff.rename},
		{keys: "p", word: "staff.key.pin", when: any, do: Staff.pin},
		{keys: "o", word: "staff.key.role", when: any, do: Staff.role},
		{keys: "x", word: "staff.key.remove", when: any, do: Staff.remove},
		{keys: "esc", word: "staff.key.back", do: func(s Staff) (Screen, tea.Cmd) { return NewMenu(s.desk), nil }},
	}
}

// Update implements Screen.
func (s Staff) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case staffRead:
		if msg.err != nil {
			s.refused(msg.err)
			s.failed = true
			return s, nil
		}
		s = s.told(msg.list)
	case Picked:
		var open bool
		if s.rows, open = s.rows.picked(msg); open {
			return s.rename()
		}
	case tea.KeyPressMsg:
		s.notice = Notice{}
		if next, cmd, ok := press(staffKeys(), s, Key(msg)); ok {
			return next, cmd
		}
		s.rows, _ = s.rows.press(Key(msg))
	}
	return s, nil
}

// told takes the list as it is now; the same one stays chosen, wherever a new name
// puts them.
func (s Staff) told(list []pos.Cashier) Staff {
	at := 0
	if s.rows.at < len(s.list) {
		at = slices.IndexFunc(list, func(c pos.Cashier) bool { return c.ID == s.chosen().ID })
	}
	s.list, s.read, s.failed = list, true, false
	s.rows = rows{at: max(at, 0)}.sized(len(list))
	return s
}

func (s Staff) chosen() pos.Cashier { return s.list[s.rows.at] }

// errPINs says that a new PIN was typed in two ways.
var errPINs = pos.Refuse("staff.pins")

// newPIN is the PIN that was typed into two fields, one behind the other.
func newPIN(f sheet, first int) (string, error) {
	pin := pos.ASCIIDigits(f.blanks[first].value())
	if pin != pos.ASCIIDigits(f.blanks[first+1].value()) {
		return "", errPINs
	}
	return pin, nil
}

func (d *Desk) pinFields() []blank {
	return []blank{
		{name: d.Words.T("staff.pin"), field: widget.Field{Secret: true}, note: d.Words.T("staff.pinnote")},
		{name: d.Words.T("staff.again"), field: widget.Field{Secret: true}},
	}
}

func (d *Desk) roles() []string {
	return []string{d.Words.T("staff.role.cashier"), d.Words.T("staff.role.manager")}
}

// roleAt is the role of the option.
func roleAt(chosen int) pos.Role {
	if chosen == 1 {
		return pos.RoleManager
	}
	return pos.RoleCashier
}

func (s Staff) add() (Screen, tea.Cmd) {
	d := s.desk
	ask, by, words := d.Office, d.boss(), d.Words
	blanks := append([]blank{d.typed("staff.name", ""), {name: words.T("staff.part"), options: d.roles()}}, d.pinFields()...)
	return newAsk(d, question{
		title: "staff.new", key: "staff.key.save", back: s.again,
		do: func(f sheet) (func() (string, error), error) {
			pin, err := newPIN(f, 2)
			told := office.Staff{Name: f.blanks[0].value(), Role: roleAt(f.blanks[1].chosen), PIN: pin}
			return func() (string, error) {
				return words.T("staff.added", "name", widget.Name(told.Name)), ask.AddStaff(by, told)
			}, err
		},
	}, blanks...)
}

// change asks for what changes of the chosen one.
func (s Staff) change(title string, blanks []blank, told func(sheet) (office.Staff, error)) (Screen, tea.Cmd) {
	d, c := s.desk, s.chosen()
	ask, by, said := d.Office, d.boss(), d.Words.T("staff.changed", "name", widget.Name(c.Name))
	pin := by.PIN
	return newAsk(d, question{
		title: title, key: "staff.key.save", back: s.again, says: []string{widget.Name(c.Name)},
		do: func(f sheet) (func() (string, error), error) {
			told, err := told(f)
			told.ID = c.ID
			if told.PIN != "" && c.ID == by.ID {
				pin = told.PIN
			}
			return func() (string, error) { return said, ask.ChangeStaff(by, told) }, err
		},
		then: func(d *Desk) (Screen, tea.Cmd) {
			if by.PIN != pin {
				d.Manager = &Manager{by.Cashier, pin}
			}
			return s.again(d)
		},
	}, blanks...)
}

func (s Staff) rename() (Screen, tea.Cmd) {
	return s.change("staff.rename", []blank{s.desk.typed("staff.name", s.chosen().Name)}, func(f sheet) (office.Staff, error) {
		name := f.blanks[0].value()
		if name == "" {
			return office.Staff{}, pos.Refuse("cashier.name", "name", name)
		}
		return office.Staff{Name: name}, nil
	})
}

func (s Staff) pin() (Screen, tea.Cmd) {
	return s.change("staff.newpin", s.desk.pinFields(), func(f sheet) (office.Staff, error) {
		pin, err := newPIN(f, 0)
		if err == nil && pin == "" {
			err = pos.Refuse("pin.digits")
		}
		return office.Staff{PIN: pin}, err
	})
}

func (s Staff) role() (Screen, tea.Cmd) {
	role := blank{name: s.desk.Words.T("staff.part"), options: s.desk.roles()}
	if s.chosen().Role == pos.RoleManager {
		role.chosen = 1
	}
	return s.change("staff.newrole", []blank{role}, func(f sheet) (office.Staff, error) {
		return office.Staff{Role: roleAt(f.blanks[0].chosen)}, nil
	})
}

func (s Staff) remove() (Screen, tea.Cmd) {
	d, c := s.desk, s.chosen()
	ask, by, said := d.Office, d.boss(), d.Words.T("staff.removed", "name", widget.Name(c.Name))
	return newAsk(d, question{
		title: "staff.remove", key: "staff.key.remove", back: s.again, warn: true,
		says: []string{widget.Name(c.Name), d.Words.T("staff.removing")},
		do: func(sheet) (func() (string, error), error) {
			return func() (string, error) { return said, ask.RemoveStaff(by, c.ID) }, nil
		},
	})
}

// Hints implements Screen.
func (s Staff) Hints() []Hint { return hints(s.desk, staffKeys(), s) }

// State implements Screen.
func (s Staff) State() State { return s.state("staff.title", TakesKeys) }

// Interrupt implements Screen.
func (s Staff) Interrupt(int) (Screen, string, tea.Cmd) { return s, "", nil }

// View implements Screen.
func (s Staff) View(width, height int) View {
	d, t := s.desk, s.desk.Theme
	inner := min(width-4, 64)
	v := View{Lines: []string{""}}
	if len(s.list) == 0 {
		s.pending(&v, width, "lock.nobody")
		return v
	}
	s.rows.add(d, &v, box{(width - inner) / 2, inner, height - 1}, func(i int) string {
		c := s.list[i]
		role := d.roles()[0]
		if c.Role == pos.RoleManager {
			role = d.roles()[1]
		}
		return t.Strong.Paint(widget.Left(widget.Name(c.Name), inner*3/5)) + "  " + t.Muted.Paint(role)
	})
	return v
}

package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/tui/widget"
)

// Manager is a manager who showed who they are, for as long as the pages of the
// office are open.
type Manager struct {
	pos.Cashier
	PIN string // for the centre, which does not take the till's word for it
}

// Menu is the page from which the pages of the office are opened, and whatever a
// cashier needs now and then.
type Menu struct {
	page
	rows rows
}

// menuEntry is a row of the menu.
type menuEntry struct {
	key    string // opens it, besides Enter
	word   string // catalog key of its name; where ".entry." is ".about.", of what it is for
	office bool   // for managers only
	when   func(*Desk) bool
	open   func(*Desk) (Screen, tea.Cmd)
}

// menuEntries are the rows, from the top.
func menuEntries() []menuEntry {
	return []menuEntry{
		{key: "d", word: "menu.entry.day", open: NewDayGate},
		{key: "x", word: "menu.entry.count", open: NewShiftCount},
		{key: "g", word: "menu.entry.gift", when: hasGiftCards, open: newGiftSale},
		{key: "p", word: "menu.entry.print", when: canPrintAgain, open: printAgain},
		{key: "t", word: "menu.entry.training", when: func(d *Desk) bool { return d.Trains }, open: train},
		{key: "w", word: "menu.entry.direction", when: readsBothWays, open: NewDirection},
		{key: "e", word: "menu.entry.issues", office: true, when: atServer, open: NewIssues},
		{key: "r", word: "menu.entry.reports", office: true, when: hasReports, open: NewReports},
		{key: "b", word: "menu.entry.persons", office: true, when: (*Desk).hasOffice, open: NewFindPerson},
		{key: "k", word: "menu.entry.staff", office: true, when: (*Desk).hasOffice, open: NewStaff},
		{key: "n", word: "menu.entry.tills", office: true, when: atServer, open: NewTills},
		{key: "o", word: "menu.entry.drawer", office: true, when: (*Desk).hasDrawer, open: openDrawer},
		{key: "l", word: "menu.entry.program", office: true, when: edits, open: NewEditor},
		{key: "s", word: "menu.entry.settings", office: true, when: keeps, open: NewLookSettings},
		{key: "v", word: "menu.entry.devices", office: true, when: keeps, open: NewDeviceSettings},
	}
}

// Train is a message: the cashier wants to practise.
type Train struct{}

func train(d *Desk) (Screen, tea.Cmd) {
	return NewMenu(d), func() tea.Msg { return Train{} }
}

func keeps(d *Desk) bool { return d.Keep != nil }

// NewMenu returns the page. It says what the printer's trouble is, if there is any.
func NewMenu(d *Desk) Screen {
	m := newMenu(d)
	if err := d.PrinterTrouble(); err != nil {
		m.refused(err)
	}
	return m
}

func newMenu(d *Desk) Menu {
	m := Menu{page: page{desk: d}}
	m.rows = m.rows.sized(len(m.entries()))
	return m
}

func (m Menu) entries() (shown []menuEntry) {
	for _, e := range menuEntries() {
		if e.when == nil || e.when(m.desk) {
			shown = append(shown, e)
		}
	}
	return shown
}

func menuKeys() []binding[Menu] {
	return []binding[Menu]{
		{keys: "up", word: "menu.key.choose"},
		{keys: "enter", word: "menu.key.open", do: Menu.open},
		{keys: "text", word: "menu.key.letter"},
		{keys: "esc", word: "menu.key.back", do: func(m Menu) (Screen, tea.Cmd) { return NewCounter(m.desk), nil }},
	}
}

// about is the catalog key of what a row of a menu is for.
func about(word string) string { return strings.Replace(word, ".entry.", ".about.", 1) }

// open opens the chosen row; what is for managers only after one has shown who
// they are.
func (m Menu) open() (Screen, tea.Cmd) {
	e := m.entries()[m.rows.at]
	if e.office && m.desk.Manager == nil {
		return NewGate(m.desk, e.open)
	}
	return e.open(m.desk)
}

// Update implements Screen.
func (m Menu) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		m.notice = Notice(msg)
	case Printed:
		m.notice = m.desk.printedNotice(msg)
	case Picked:
		var open bool
		if m.rows, open = m.rows.picked(msg); open {
			return m.open()
		}
	case tea.KeyPressMsg:
		return m.press(msg)
	}
	return m, nil
}

func (m Menu) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	m.notice = Notice{}
	if next, cmd, ok := press(menuKeys(), m, Key(msg)); ok {
		return next, cmd
	}
	for i, e := range m.entries() {
		if e.key == Key(msg) {
			m.rows.at = i
			return m.open()
		}
	}
	m.rows, _ = m.rows.press(Key(msg))
	return m, nil
}

// Hints implements Screen.
func (m Menu) Hints() []Hint { return hints(m.desk, menuKeys(), m) }

// State implements Screen.
func (m Menu) State() State { return m.state("menu.title", TakesKeys) }

// Interrupt implements Screen.
func (m Menu) Interrupt(int) (Screen, string, tea.Cmd) { return m, "", nil }

// View implements Screen.
func (m Menu) View(width, height int) View {
	inner := min(width-4, 72)
	v := View{Centred: true}
	entries := m.entries()
	entry := func(i int) (key, word string) { return entries[i].key, entries[i].word }
	m.desk.addMenu(&v, m.rows, box{(width - inner) / 2, inner, height}, entry)
	return v
}

// addMenu puts the rows of a menu into the view: the key, the name and what it is
// for, which has all the room that the names leave.
func (d *Desk) addMenu(v *View, r rows, b box, entry func(row int) (key, word string)) {
	names := 0
	for i := range r.n {
		_, word := entry(i)
		names = max(names, widget.Width(d.Words.T(word)))
	}
	names = min(names, b.width/3)
	r.add(d, v, b, func(i int) string {
		key, word := entry(i)
		name := widget.Left(d.Words.T(word), names)
		tells := widget.Cut(d.Words.T(about(word)), b.width-names-7)
		return d.Theme.Accent.Paint(key) + "  " + d.Theme.Strong.Paint(name) + "  " + d.Theme.Muted.Paint(tells)
	})
}

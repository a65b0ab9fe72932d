package screen

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tenthcup/pos/office"
	"tenthcup/tui/widget"
)

// Tills is the page of the tills that the server knows.
type Tills struct {
	officeList
	known office.Tills
}

type tillsRead struct {
	known office.Tills
	err   error
}

// NewTills returns the page and the command that reads it.
func NewTills(d *Desk) (Screen, tea.Cmd) {
	s := Tills{officeList: officeList{page: page{desk: d}}}
	return s, s.load()
}

func (s Tills) load() tea.Cmd {
	ask, by := s.desk.Office, s.desk.boss()
	return func() tea.Msg {
		known, err := ask.Tills(by)
		return tillsRead{known, err}
	}
}

func tillsKeys() []binding[Tills] {
	any := func(s Tills) bool { return len(s.known.Tills) > 0 }
	some := func(s Tills) bool { return len(s.known.Tills) > 1 }
	other := func(s Tills) bool { return any(s) && !s.chosen().Here && !s.chosen().Revoked }
	return []binding[Tills]{
		{keys: "up", word: "tills.key.choose", when: some},
		{keys: "n", word: "tills.key.new", when: func(s Tills) bool { return len(s.known.Stores) > 0 }, do: Tills.add},
		{keys: "x", word: "tills.key.revoke", when: other, do: Tills.revoke},
		{keys: "r", word: "tills.key.again", do: func(s Tills) (Screen, tea.Cmd) { return s, s.load() }},
		{keys: "esc", word: "tills.key.back", do: func(s Tills) (Screen, tea.Cmd) { return NewMenu(s.desk), nil }},
	}
}

func (s Tills) chosen() office.Till { return s.known.Tills[s.rows.at] }

// Update implements Screen.
func (s Tills) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case tillsRead:
		if msg.err != nil {
			s.refused(msg.err)
			s.failed = true
			return s, nil
		}
		s.known, s.read = msg.known, true
		s.rows = s.rows.sized(len(s.known.Tills))
	case Picked:
		s.rows, _ = s.rows.picked(msg)
	case tea.KeyPressMsg:
		s.notice = Notice{}
		if next, cmd, ok := press(tillsKeys(), s, Key(msg)); ok {
			return next, cmd
		}
		s.rows, _ = s.rows.press(Key(msg))
	}
	return s, nil
}

// again shows the page as it was, and reads it again.
func (s Tills) again(*Desk) (Screen, tea.Cmd) {
	s.notice = Notice{}
	return s, s.load()
}

func (s Tills) add() (Screen, tea.Cmd) {
	d := s.desk
	ask, by, stores := d.Office, d.boss(), s.known.Stores
	names := make([]string, len(stores))
	for i, store := range stores {
		names[i] = widget.Name(store.Name)
	}
	made := new(office.Ticketed) // what the command got, for the page behind the form
	return newAsk(d, question{
		title: "tills.new", key: "tills.key.make", says: []string{d.Words.T("tills.newsays")}, back: s.again,
		do: func(f sheet) (func() (string, error), error) {
			name, store := f.blanks[0].value(), stores[f.blanks[1].chosen].Store
			return func() (string, error) {
				got, err := ask.AddTill(by, name, store)
				*made = got
				return "", err
			}, nil
		},
		then: func(d *Desk) (Screen, tea.Cmd) { return NewTicket(d, *made), nil },
	}, d.typed("tills.name", ""), blank{name: d.Words.T("tills.store"), options: names})
}

func (s Tills) revoke() (Screen, tea.Cmd) {
	d, till := s.desk, s.chosen()
	ask, by, said := d.Office, d.boss(), d.Words.T("tills.revoked", "name", widget.Name(till.Name))
	return newAsk(d, question{
		title: "tills.revoke", key: "tills.key.revoke", back: s.again, warn: true,
		says: []string{widget.Name(till.Name), d.Words.T("tills.revoking")},
		do: func(f sheet) (func() (string, error), error) {
			reason := f.blanks[0].value()
			if reason == "" {
				return nil, office.ErrReason
			}
			return func() (string, error) { return said, ask.RevokeTill(by, till.ID, reason) }, nil
		},
	}, d.typed("ask.reason", ""))
}

// Hints implements Screen.
func (s Tills) Hints() []Hint { return hints(s.desk, tillsKeys(), s) }

// State implements Screen.
func (s Tills) State() State { return s.state("tills.title", TakesKeys) }

// Interrupt implements Screen.
func (s Tills) Interrupt(int) (Screen, string, tea.Cmd) { return s, "", nil }

// tillDetail is how many lines below the list are kept for the chosen row.
const tillDetail = 3

// View implements Screen.
func (s Tills) View(width, height int) View {
	d, t := s.desk, s.desk.Theme
	inner := min(width-4, 100)
	left := (width - inner) / 2
	v := View{Lines: []string{""}}
	if len(s.known.Tills) == 0 {
		s.pending(&v, width, "tills.none")
		return v
	}
	head := s.cells(inner-5, t.Muted.Paint, []string{d.Words.T("tills.name"), d.Words.T("tills.head.state"), d.Words.T("tills.head.seen"), d.Words.T("tills.head.waits")})
	v.Lines = append(v.Lines, widget.Space(left+5)+t.Muted.Paint(ansi.Strip(head)))
	s.rows.add(d, &v, box{left, inner, max(height-tillDetail-3, 1)}, func(i int) string { return s.row(s.known.Tills[i], inner-2) })
	for len(v.Lines) < height-tillDetail {
		v.Lines = append(v.Lines, "")
	}
	till := s.chosen()
	lines := []string{""}
	if till.Waiting > 0 {
		lines[0] = d.Words.T("tills.waiting", "n", int64(till.Waiting))
	}
	lines = append(lines, d.Words.T("tills.fingerprint", "fingerprint", till.ID.Fingerprint(), "store", string(till.Store)))
	if till.Reason != "" {
		lines = append(lines, d.Words.T("tills.why", "reason", widget.Name(till.Reason)))
	}
	for _, line := range lines {
		v.Lines = append(v.Lines, widget.Space(left)+t.Muted.Paint(widget.Cut(line, inner)))
	}
	return v
}

func (s Tills) row(till office.Till, width int) string {
	d, t := s.desk, s.desk.Theme
	words := d.Words
	sign, state := t.Good.Paint("●"), words.T("tills.good")
	switch {
	case till.Revoked:
		sign, state = t.Bad.Paint("✗"), words.T("tills.gone")
	case till.Frozen:
		sign, state = t.Warn.Paint("!"), words.T("tills.frozen")
	case till.Here:
		state = words.T("tills.here")
	}
	seen := words.T("tills.never")
	if till.Seen > 0 {
		seen = d.Age(time.UnixMilli(till.Seen))
	}
	waits := "–"
	if till.Waiting > 0 {
		waits = words.Number(int64(till.Waiting))
	}
	return sign + "  " + s.cells(width-3, t.Strong.Paint, []string{widget.Name(till.Name), state, seen, waits})
}

// cells is a row of the table, the first cell painted.
func (s Tills) cells(width int, paint func(string) string, cells []string) string {
	part := (width - 6) / 4
	return paint(widget.Left(cells[0], part)) + "  " + widget.Left(cells[1], part+2) + "  " +
		s.desk.Theme.Muted.Paint(widget.Left(cells[2], part)) + "  " + figures(s.desk.Words, cells[3], part-2)
}

// Ticket is the page with a one-time code, for the till that is to enrol.
type Ticket struct {
	page
	made office.Ticketed
}

// NewTicket returns the page.
func NewTicket(d *Desk, made office.Ticketed) Screen { return Ticket{page{desk: d}, made} }

func ticketKeys() []binding[Ticket] {
	return []binding[Ticket]{{keys: "esc enter", word: "tills.key.back", do: func(s Ticket) (Screen, tea.Cmd) { return NewTills(s.desk) }}}
}

// Update implements Screen.
func (s Ticket) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case tea.KeyPressMsg:
		if next, cmd, ok := press(ticketKeys(), s, Key(msg)); ok {
			return next, cmd
		}
	}
	return s, nil
}

// command is what is to be typed at the new till.
func (s Ticket) command() string {
	command := "tenthcup enrol " + s.made.URL + " " + strings.ReplaceAll(s.made.Code, " ", "-")
	if s.made.Pin != "" {
		command += " --pin " + s.made.Pin
	}
	return command
}

// Hints implements Screen.
func (s Ticket) Hints() []Hint { return hints(s.desk, ticketKeys(), s) }

// State implements Screen.
func (s Ticket) State() State { return s.state("tills.ticket", TakesKeys) }

// Interrupt implements Screen.
func (s Ticket) Interrupt(int) (Screen, string, tea.Cmd) { return s, "", nil }

// View implements Screen.
func (s Ticket) View(width, height int) View {
	d, t := s.desk, s.desk.Theme
	v := View{Centred: true}
	inner := min(width-4, 76)
	left := widget.Space((width - inner) / 2)
	large := strings.Join(strings.Split(s.made.Code, ""), " ")
	box := widget.Frame{}.Around(t, []string{" " + t.Title.Paint(large) + " "}, min(widget.Width(large)+4, inner))
	for _, line := range box {
		v.Lines = append(v.Lines, widget.Center(line, width))
	}
	v.Lines = append(v.Lines, widget.Center(t.Muted.Paint(widget.Cut(d.Words.T("tills.expires", "at", d.Words.Clock(time.UnixMilli(s.made.Expires))), width)), width), "")
	v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Cut(d.Words.T("tills.type"), inner)))
	for _, line := range widget.Wrap(s.command(), inner) {
		v.Lines = append(v.Lines, left+t.Strong.Paint(line))
	}
	qr := strings.Split(widget.QR(s.command(), 2), "\n")
	if !d.Plain && len(v.Lines)+len(qr)+1 <= height && widget.Width(qr[0]) <= width {
		v.Lines = append(v.Lines, "")
		for _, line := range qr {
			v.Lines = append(v.Lines, widget.Center(line, width))
		}
	}
	return v
}

package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// Counter is the page between customers: it waits for a code.
type Counter struct {
	page
	open bool // a code is being typed by hand
	code widget.Field
}

// Found is a message: the members that a code belongs to, at least one if Err
// is nil.
type Found struct {
	Members []station.Member
	Err     error

	Text string            // the code
	Card *station.GiftCard // the gift card that it belongs to instead; then Err says so
}

// Lookup looks for the members that the code belongs to.
func (d *Desk) Lookup(text string) tea.Cmd {
	till := counterTill(d.Till)
	return func() tea.Msg {
		members, err := till.Lookup(text)
		return d.foundUnder(text, members, err)
	}
}

// roomy is how high the page has to be for a generous card.
const roomy = 24

// NewCounter returns the page.
func NewCounter(d *Desk) Counter { return Counter{page: page{desk: d}} }

func counterKeys() []binding[Counter] {
	open := func(c Counter) bool { return c.open }
	idle := func(c Counter) bool { return !c.open }
	return []binding[Counter]{
		{keys: "enter", word: "counter.key.look", when: open, do: Counter.look},
		{keys: "esc", word: "counter.key.clear", when: open, do: Counter.clear},
		{keys: "n f2", word: "counter.key.enrol", when: idle, do: Counter.enrol},
		{keys: "f f3", word: "counter.key.find", when: idle, do: func(c Counter) (Screen, tea.Cmd) { return NewFind(c.desk), nil }},
		{keys: "/", word: "counter.key.code", when: idle, do: Counter.begin},
		{keys: "a f9", word: "counter.key.auto", when: func(c Counter) bool { return idle(c) && len(c.desk.Program.Cards) > 0 && keeps(c.desk) }, do: Counter.toggle},
		{keys: "r f7", word: "counter.key.refund", when: idle, do: func(c Counter) (Screen, tea.Cmd) { return NewReturn(c.desk), nil }},
		{keys: "q f4", word: "counter.key.queue", when: idle, do: func(c Counter) (Screen, tea.Cmd) { return NewQueue(c.desk), nil }},
		{keys: "d f5", word: "counter.key.day", when: idle, do: func(c Counter) (Screen, tea.Cmd) { return NewDayGate(c.desk) }},
		{keys: "m f8", word: "counter.key.menu", when: idle, do: func(c Counter) (Screen, tea.Cmd) { return NewMenu(c.desk), nil }},
		{keys: "l f6", word: "counter.key.lock", when: idle, do: Counter.lock},
	}
}

// Update implements Screen.
func (c Counter) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		c.notice = Notice(msg)
	case kept, Dressed:
		return c.switched(msg)
	case tea.PasteMsg:
		c.open, c.code, c.notice = true, c.code.Type(msg.Content), Notice{}
	case tea.KeyPressMsg:
		return c.press(msg)
	}
	return c, nil
}

func (c Counter) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	c.notice = Notice{}
	if next, cmd, ok := press(counterKeys(), c, Key(msg)); ok {
		return next, cmd
	}
	if !c.open && !strings.ContainsAny(pos.ASCIIDigits(msg.Text), "0123456789tT") {
		return c, nil
	}
	c.code, c.open = c.typed(msg)
	return c, nil
}

// typed passes a key on to the code; a code with nothing left in it is closed.
func (c Counter) typed(msg tea.KeyPressMsg) (widget.Field, bool) {
	field, used := c.code.Press(msg)
	return field, used && !field.Empty() || !used && c.open
}

func (c Counter) begin() (Screen, tea.Cmd) {
	c.open = true
	return c, nil
}

func (c Counter) clear() (Screen, tea.Cmd) {
	c.open, c.code = false, widget.Field{}
	return c, nil
}

func (c Counter) look() (Screen, tea.Cmd) {
	if c.code.Empty() {
		return c.clear()
	}
	c.busy = true
	return c, c.desk.Lookup(c.code.Value())
}

func (c Counter) enrol() (Screen, tea.Cmd) { return NewForm(c.desk, nil), nil }

func (c Counter) lock() (Screen, tea.Cmd) {
	last := c.desk.By()
	c.desk.Cashier = nil
	return NewLock(c.desk, last), c.desk.LoadCashiers()
}

// Looked returns the page after the code that was typed on it was looked up.
func (c Counter) Looked() Counter {
	c.busy = false
	return c
}

// Hints implements Screen.
func (c Counter) Hints() []Hint { return hints(c.desk, counterKeys(), c) }

// State implements Screen.
func (c Counter) State() State {
	if c.open {
		return c.state("counter.title", TakesText)
	}
	return c.state("counter.title", TakesCodes)
}

// Interrupt implements Screen.
func (c Counter) Interrupt(int) (Screen, string, tea.Cmd) {
	c.code, c.open, c.notice = widget.Field{}, false, Notice{}
	return c, "", nil
}

// View implements Screen.
func (c Counter) View(width, height int) View {
	t := c.desk.Theme
	v := View{}
	add := func(lines ...string) { v.Lines = append(v.Lines, lines...) }
	if height >= 17 {
		add("")
	}
	add(c.desk.beside(c.desk.motif(width, height), width)...)
	add("")
	c.prompt(&v, width)
	if c.desk.Hint != "" {
		add("", widget.Center(t.Muted.Paint(widget.Cut(c.desk.Hint, width)), width))
	}
	add("")
	c.today(&v, width, height-len(v.Lines)-1)
	return v
}

// today lists what happened.
func (c Counter) today(v *View, width, room int) {
	d := c.desk
	if room < 1 {
		return
	}
	inner := min(width-4, 100)
	if d.Plain {
		inner = width - 4 // nothing is cut where nothing is drawn
	}
	lines := []string{d.heading(d.Words.T("counter.today"), inner)}
	if len(d.Latest) == 0 {
		lines = append(lines, d.Theme.Muted.Paint(widget.Cut(d.Words.T("counter.nothing"), inner)))
	}
	for i, e := range d.Latest {
		if i == room {
			break
		}
		lines = append(lines, d.eventLine(e, inner, true))
	}
	v.Lines = append(v.Lines, indent(widget.Space((width-inner)/2), lines)...)
}

// motif is a card with one place left: the tenth cup.
func (d *Desk) motif(width, height int) []string {
	if len(d.Theme.Logo) > 0 {
		return d.logo(width)
	}
	const places = 10
	card := rules.PunchCard{Card: pos.Card{Size: places, Stamp: "●"}, Stamps: places - 1}
	inner, rows := 49, 2
	if height >= roomy {
		inner, rows = 28, 5
	}
	inner = min(inner, width-10)
	var drawn []string
	for _, row := range widget.PunchCard(d.Theme, card, inner, rows) {
		drawn = append(drawn, widget.Center(row, inner+4))
	}
	if height >= roomy {
		drawn = append([]string{""}, append(drawn, "")...)
	}
	framed := widget.Frame{}.Around(d.Theme, drawn, inner+6)
	for i := range framed {
		framed[i] = widget.Center(framed[i], width)
	}
	return framed
}

// logo is the shop's own, in the place of the motif.
func (d *Desk) logo(width int) []string {
	broadest := 0
	for _, line := range d.Theme.Logo {
		broadest = max(broadest, widget.Width(line))
	}
	lines := make([]string, len(d.Theme.Logo))
	for i, line := range d.Theme.Logo {
		lines[i] = widget.Center(d.Theme.Title.Paint(widget.Left(line, broadest)), width)
	}
	return lines
}

// prompt is the call to scan, or in its place the code being typed.
func (c Counter) prompt(v *View, width int) {
	t, words := c.desk.Theme, c.desk.Words
	if !c.open {
		v.Lines = append(v.Lines,
			widget.Center(c.call(), width),
			widget.Center(t.Muted.Paint(widget.Cut(c.typing(), width)), width))
		return
	}
	const room = 24
	text, cursor := c.code.View(room)
	label := words.T("counter.code") + "  "
	left := max((width-room-widget.Width(label))/2, 0)
	v.Cursor, v.X, v.Y = !c.busy, left+widget.Width(label)+cursor, len(v.Lines)
	v.Lines = append(v.Lines,
		widget.Space(left)+t.Muted.Paint(label)+t.Strong.Paint(text),
		widget.Center(t.Faint.Paint(strings.Repeat("─", room+widget.Width(label))), width))
}

// eventLine is an event in exactly width cells.
func (d *Desk) eventLine(e Event, width int, withName bool) string {
	const clock, gap = 5, 2
	t := d.Theme
	cashier := min(14, width/6)
	rest := width - clock - cashier - 2*gap
	line := t.Muted.Paint(widget.Left(e.When, clock)) + widget.Space(gap)
	what := e.What
	if withName {
		name := rest * 2 / 5
		line += widget.Left(widget.Name(e.Who), name) + widget.Space(gap)
		rest -= name + gap
	}
	return line + widget.Left(what, rest) + widget.Space(gap) + t.Muted.Paint(widget.Right(widget.Name(d.CashierName(e.Cashier)), cashier))
}

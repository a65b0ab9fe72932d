package screen

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/tui/bidi"
	"tenthcup/tui/widget"
)

type lockTill interface {
	Cashiers() ([]pos.Cashier, error)
	SignIn(id pos.CashierID, pin string) (pos.Cashier, error)
}

// Lock is the page where a cashier signs in: first the name, then the PIN.
type Lock struct {
	page
	cashiers []pos.Cashier
	read     bool // whether the cashiers were read
	chosen   int
	last     pos.CashierID // the one chosen, whatever becomes of the list
	asking   bool          // for the PIN of the chosen one
	pin      widget.Field
	wait     wait // before the chosen one's PIN is taken again

	then func(*Desk) (Screen, tea.Cmd) // the page of the office behind this one; nil: a cashier signs in
	home func() Screen                 // where Esc leads then; nil: the menu
}

// Cashiers is a message: who may sign in.
type Cashiers struct {
	List []pos.Cashier
	Err  error
}

// LoadCashiers reads who may sign in.
func (d *Desk) LoadCashiers() tea.Cmd {
	till := lockTill(d.Till)
	return func() tea.Msg {
		list, err := till.Cashiers()
		return Cashiers{list, err}
	}
}

type signedIn struct {
	cashier pos.Cashier
	pin     string
	err     error
}

// NewGate returns the page where a manager shows who they are before a page of the
// office opens, which then returns. The manager who works at the till is the most
// likely one.
func NewGate(d *Desk, then func(*Desk) (Screen, tea.Cmd)) (Screen, tea.Cmd) {
	l := NewLock(d, d.By())
	l.then = then
	return l, d.LoadCashiers()
}

func (l Lock) goHome() (Screen, tea.Cmd) {
	if l.home != nil {
		return l.home(), nil
	}
	return NewMenu(l.desk), nil
}

// NewLock returns the page, with last as the one who signs in most likely. The
// App reads the cashiers and tells it.
func NewLock(d *Desk, last pos.CashierID) Lock {
	return Lock{page: page{desk: d}, last: last, pin: widget.Field{Secret: true}}
}

func lockKeys() []binding[Lock] {
	choosing := func(l Lock) bool { return !l.asking && len(l.cashiers) > 0 }
	asking := func(l Lock) bool { return l.asking && l.wait.left(l.desk.Now) == 0 }
	return []binding[Lock]{
		{keys: "up", word: "lock.key.choose", when: choosing, do: func(l Lock) (Screen, tea.Cmd) { return l.move(-1), nil }},
		{keys: "down", word: "lock.key.choose", when: choosing, do: func(l Lock) (Screen, tea.Cmd) { return l.move(1), nil }, quiet: true},
		{keys: "numbers", word: "lock.key.number", when: choosing},
		{keys: "enter", word: "lock.key.pin", when: choosing, do: func(l Lock) (Screen, tea.Cmd) { return l.ask(l.chosen), nil }},
		{keys: "digits", word: "lock.key.digits", when: asking},
		{keys: "enter", word: "lock.key.signin", when: asking, do: Lock.signIn},
		{keys: "esc", word: "lock.key.another", when: func(l Lock) bool { return l.asking && len(l.cashiers) > 1 }, do: func(l Lock) (Screen, tea.Cmd) { return l.back(), nil }},
		{keys: "esc", word: "lock.key.leave", when: func(l Lock) bool { return l.then != nil }, do: Lock.goHome},
	}
}

// Update implements Screen.
func (l Lock) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Cashiers:
		return l.told(msg), nil
	case signedIn:
		return l.opened(msg)
	case waited:
		return l.waited(msg)
	case Picked:
		return l.picked(msg), nil
	case Say:
		l.notice = Notice(msg)
	case tea.KeyPressMsg:
		return l.press(msg)
	}
	return l, nil
}

func (l Lock) told(msg Cashiers) Lock {
	if msg.Err != nil {
		l.refused(msg.Err)
		return l
	}
	l.cashiers, l.read = msg.List, true
	if l.then != nil {
		l.cashiers = slices.DeleteFunc(slices.Clone(msg.List), func(c pos.Cashier) bool { return c.Role != pos.RoleManager })
	}
	l.chosen = max(slices.IndexFunc(l.cashiers, func(c pos.Cashier) bool { return c.ID == l.last }), 0)
	l.asking = l.asking && len(l.cashiers) > 0 || len(l.cashiers) == 1
	return l
}

func (l Lock) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	if next, cmd, ok := press(lockKeys(), l, Key(msg)); ok {
		return next, cmd
	}
	if l.asking && l.wait.left(l.desk.Now) > 0 {
		return l, nil
	}
	if l.asking {
		var ok bool
		if l.pin, ok = l.pin.Press(msg); ok {
			l.notice = Notice{}
		}
		return l, nil
	}
	number, err := strconv.Atoi(pos.ASCIIDigits(msg.Text))
	if err == nil && number >= 1 && number <= len(l.cashiers) {
		return l.ask(number - 1), nil
	}
	return l, nil
}

func (l Lock) move(by int) Lock {
	l.chosen = (l.chosen + by + len(l.cashiers)) % len(l.cashiers)
	l.last = l.cashiers[l.chosen].ID
	return l
}

// picked chooses the cashier that was clicked, and asks the chosen one for the PIN.
func (l Lock) picked(msg Picked) Lock {
	list, ask := rows{l.chosen, len(l.cashiers)}.picked(msg)
	switch {
	case l.asking || list.at >= len(l.cashiers):
		return l
	case ask:
		return l.ask(list.at)
	}
	return l.move(list.at - l.chosen)
}

func (l Lock) ask(chosen int) Lock {
	l.chosen, l.last = chosen, l.cashiers[chosen].ID
	l.asking, l.pin, l.wait, l.notice = true, widget.Field{Secret: true}, wait{}, Notice{}
	return l
}

func (l Lock) back() Lock {
	l.asking, l.pin, l.wait, l.notice = len(l.cashiers) == 1, widget.Field{Secret: true}, wait{}, Notice{}
	return l
}

func (l Lock) signIn() (Screen, tea.Cmd) {
	if l.pin.Empty() {
		l.say(Said, "lock.empty")
		return l, nil
	}
	till, id, pin := lockTill(l.desk.Till), l.cashiers[l.chosen].ID, pos.ASCIIDigits(l.pin.Value())
	l.pin, l.busy, l.notice = widget.Field{Secret: true}, true, Notice{}
	return l, func() tea.Msg {
		cashier, err := till.SignIn(id, pin)
		return signedIn{cashier, pin, err}
	}
}

func (l Lock) opened(msg signedIn) (Screen, tea.Cmd) {
	l.busy = false
	if msg.err != nil {
		l.refused(msg.err)
		if l.wait = waitAfter(msg.err, l.desk.Now); l.wait.left(l.desk.Now) > 0 {
			l.notice = l.wait.notice(l.desk)
		}
		return l, l.wait.tick(l.desk.Now)
	}
	if l.then != nil {
		l.desk.Manager = &Manager{msg.cashier, msg.pin}
		return l.then(l.desk)
	}
	l.desk.Cashier = &msg.cashier
	return NewCounter(l.desk), nil
}

// waited counts a second of the wait down.
func (l Lock) waited(msg waited) (Screen, tea.Cmd) {
	if msg.of != l.wait {
		return l, nil
	}
	l.notice = l.wait.notice(l.desk)
	return l, l.wait.tick(l.desk.Now)
}

// Hints implements Screen.
func (l Lock) Hints() []Hint { return hints(l.desk, lockKeys(), l) }

// State implements Screen.
func (l Lock) State() State {
	if l.asking {
		return l.state(l.title(), TakesDigits)
	}
	return l.state(l.title(), TakesKeys)
}

// Interrupt implements Screen.
func (l Lock) Interrupt(typed int) (Screen, string, tea.Cmd) {
	l.pin = l.pin.TakeBack(typed)
	return l, "", nil
}

const lockWidth = 32

// View implements Screen.
func (l Lock) View(width, height int) View {
	v := l.view(width, height)
	if hint := l.desk.Hint; hint != "" && len(v.Lines) <= height-2 {
		v.Lines = append(v.Lines, "", widget.Center(l.desk.Theme.Muted.Paint(widget.Cut(hint, width)), width))
	}
	for i, news := range l.desk.News {
		if len(v.Lines) > height-2 {
			break
		}
		if i == 0 {
			v.Lines = append(v.Lines, "")
		}
		v.Lines = append(v.Lines, widget.Center(l.desk.Theme.Accent.Paint(widget.Cut(widget.Name(news), width)), width))
	}
	return v
}

func (l Lock) view(width, height int) View {
	t, words := l.desk.Theme, l.desk.Words
	v := View{Centred: true}
	add := func(line string) { v.Lines = append(v.Lines, widget.Center(line, width)) }
	above := 2
	if height >= 15 && len(l.cashiers) <= height-12 {
		v.Lines = append(v.Lines, l.desk.motif(width, height)...)
		add("")
		above = len(v.Lines) + 2
	}
	add(t.Title.Paint(widget.Cut(widget.Name(l.desk.Shop), width)))
	add("")
	switch {
	case !l.read:
		return v
	case len(l.cashiers) == 0:
		for _, line := range widget.Wrap(words.T(l.nobody()), min(width-4, 60)) {
			add(line)
		}
		return v
	case l.asking:
		add(t.Muted.Paint(words.T("lock.pin", "name", widget.Name(l.cashiers[l.chosen].Name))))
		add("")
		return l.viewPIN(v, width)
	}
	add(t.Muted.Paint(words.T("lock.who")))
	add("")
	box := min(lockWidth, width-4)
	room := max(height-above-2, 1)
	first := max(0, min(l.chosen-room/2, len(l.cashiers)-room))
	for i := first; i < len(l.cashiers) && len(v.Lines) < height; i++ {
		v.Clicks = append(v.Clicks, Click{X: (width - box) / 2, Y: len(v.Lines), Width: box, Do: Picked{i}})
		add(l.row(i, box))
	}
	return v
}

// nobody is the catalog key of what is said where there is nobody to choose.
func (l Lock) nobody() string {
	if l.then != nil {
		return "lock.nomanager"
	}
	return "lock.nobody"
}

// title is the catalog key of the page's title.
func (l Lock) title() string {
	if l.then != nil {
		return "lock.gate"
	}
	return "lock.title"
}

func (l Lock) row(i, width int) string {
	t := l.desk.Theme
	number := " "
	if i < 9 {
		number = bidi.Unit(strconv.Itoa(i + 1)) // no part of a Latin name
	}
	name := widget.Left(widget.Name(l.cashiers[i].Name), width-6)
	if i == l.chosen {
		return t.Chosen.Paint(" ▸ " + number + " " + name + " ")
	}
	return "   " + t.Accent.Paint(number) + " " + name + " "
}

func (l Lock) viewPIN(v View, width int) View {
	const room = 20
	t := l.desk.Theme
	text, cursor := l.pin.View(room)
	waits := l.wait.left(l.desk.Now) > 0
	if waits {
		text = widget.Center(l.wait.text(l.desk.Now), room)
	}
	box := widget.Frame{}.Around(t, []string{" " + t.Strong.Paint(text) + " "}, room+4)
	left := (width - room - 4) / 2
	for i, line := range box {
		if i == 1 {
			v.Cursor, v.X, v.Y = !l.busy && !waits, left+2+cursor, len(v.Lines)
		}
		v.Lines = append(v.Lines, strings.Repeat(" ", left)+line)
	}
	return v
}

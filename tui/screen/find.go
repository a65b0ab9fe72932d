package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type findTill interface {
	Find(text string, limit int) ([]pos.Profile, error)
	Member(holder pos.HolderID) (station.Member, error)
}

// Find is the page where a member is looked for by name, phone or code, or
// chosen among several that a code belongs to.
type Find struct {
	page
	till    findTill
	query   widget.Field
	asked   string // the text that a search is on its way for
	asking  bool
	shown   string // the text that the list belongs to
	list    []pos.Profile
	at      int
	opens   bool // Enter was pressed before the list was there
	several bool // the list came with a code and is not searched in
	office  bool // for a manager, who comes from the menu
}

// most is how many members a search returns.
const most = 50

type searched struct {
	text string
	list []pos.Profile
	err  error
}

type fetched struct {
	member station.Member
	err    error
}

// NewFind returns the page with nothing typed.
func NewFind(d *Desk) Find { return Find{page: page{desk: d}, till: d.Till} }

// NewFindPerson returns the page for a manager who is to do something about a member.
func NewFindPerson(d *Desk) (Screen, tea.Cmd) {
	f := NewFind(d)
	f.office = true
	return f, nil
}

// NewChoice returns the page with the members that one code belongs to.
func NewChoice(d *Desk, members []station.Member, said string) Find {
	f := NewFind(d)
	f.several, f.notice = true, Notice{Text: said}
	for _, m := range members {
		f.list = append(f.list, m.Profile)
	}
	return f
}

func findKeys() []binding[Find] {
	any := func(f Find) bool { return len(f.list) > 0 }
	some := func(f Find) bool { return len(f.list) > 1 }
	return []binding[Find]{
		{keys: "text", word: "find.key.text", when: func(f Find) bool { return !f.several }},
		{keys: "up", word: "find.key.choose", when: some, do: func(f Find) (Screen, tea.Cmd) { return f.move(-1), nil }},
		{keys: "down tab", word: "find.key.choose", when: some, do: func(f Find) (Screen, tea.Cmd) { return f.move(1), nil }, quiet: true},
		{keys: "pgup", word: "find.key.page", when: some, do: func(f Find) (Screen, tea.Cmd) { return f.move(-10), nil }, quiet: true},
		{keys: "pgdown", word: "find.key.page", when: some, do: func(f Find) (Screen, tea.Cmd) { return f.move(10), nil }, quiet: true},
		{keys: "enter", word: "find.key.open", when: any, do: Find.open},
		{keys: "esc", word: "find.key.back", do: func(f Find) (Screen, tea.Cmd) { return NewCounter(f.desk), nil }},
	}
}

// Update implements Screen.
func (f Find) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		f.notice = Notice(msg)
	case searched:
		return f.answered(msg)
	case fetched:
		f.busy = false
		if msg.err != nil {
			f.refused(msg.err)
			return f, nil
		}
		if f.office {
			return NewPerson(f.desk, msg.member)
		}
		m, cmd := NewMember(f.desk, msg.member, "")
		m.stamped = f.desk.Now // an Enter that is leant on gives no stamp
		return m, cmd
	case Picked:
		return f.picked(msg)
	case tea.PasteMsg:
		f.query = f.query.Type(msg.Content)
		return f.search()
	case tea.KeyPressMsg:
		return f.press(msg)
	}
	return f, nil
}

func (f Find) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	f.notice = Notice{}
	if next, cmd, ok := press(findKeys(), f, Key(msg)); ok {
		return next, cmd
	}
	if Key(msg) == "enter" {
		return f.explain()
	}
	if f.several {
		return f, nil
	}
	f.query, _ = f.query.Press(msg)
	return f.search()
}

// search looks for what is typed. There is never more than one search on its
// way: what is typed meanwhile is looked for when it comes back.
func (f Find) search() (Screen, tea.Cmd) {
	text := f.query.Value()
	if f.asking || f.several {
		return f, nil
	}
	if pos.Fold(text) == "" {
		f.list, f.at, f.shown, f.busy, f.opens = nil, 0, "", false, false
		return f, nil
	}
	if text == f.shown {
		return f, nil
	}
	f.asked, f.asking = text, true
	till, words := f.till, f.desk.Words
	return f, func() tea.Msg {
		list, err := till.Find(text, most)
		order := words.Order()
		slices.SortStableFunc(list, func(a, b pos.Profile) int { return order(a.Name, b.Name) })
		return searched{text, list, err}
	}
}

func (f Find) answered(msg searched) (Screen, tea.Cmd) {
	if !f.asking || msg.text != f.asked {
		return f, nil
	}
	f.asking, f.shown = false, msg.text
	if msg.err != nil {
		f.busy, f.opens = false, false
		f.refused(msg.err)
		return f, nil
	}
	f.list, f.at = msg.list, 0
	if !f.opens || f.query.Value() != f.shown {
		return f.search()
	}
	f.busy, f.opens = false, false
	if len(f.list) == 0 {
		return f.explain()
	}
	return f.open()
}

// waits opens the first of the list that is on its way, once it is there. Until then
// keys wait too.
func (f Find) waits() Find {
	f.busy, f.opens = true, true
	return f
}

// explain answers Enter where nobody is listed.
func (f Find) explain() (Screen, tea.Cmd) {
	switch {
	case f.query.Empty():
		return f, nil
	case f.asking:
		return f.waits(), nil
	}
	f.say(Said, "find.none", "text", widget.Cut(widget.Name(f.query.Value()), 30))
	return f, nil
}

// picked marks the member who was clicked, and opens the one who was marked already.
func (f Find) picked(msg Picked) (Screen, tea.Cmd) {
	list, open := rows{f.at, len(f.list)}.picked(msg)
	if f.at = list.at; open {
		return f.open()
	}
	return f, nil
}

func (f Find) move(by int) Find {
	switch n := len(f.list); {
	case by == 1 || by == -1:
		f.at = (f.at + by + n) % n
	default:
		f.at = min(max(f.at+by, 0), n-1)
	}
	return f
}

func (f Find) open() (Screen, tea.Cmd) {
	if f.asking { // the list is not the one that the cashier means
		return f.waits(), nil
	}
	f.busy = true
	till, holder := f.till, f.list[f.at].Holder
	return f, func() tea.Msg {
		member, err := till.Member(holder)
		return fetched{member, err}
	}
}

// Hints implements Screen.
func (f Find) Hints() []Hint { return hints(f.desk, findKeys(), f) }

// State implements Screen.
func (f Find) State() State {
	if f.several {
		return f.state("find.several", TakesKeys)
	}
	return f.state("find.title", TakesText)
}

// Interrupt implements Screen.
func (f Find) Interrupt(typed int) (Screen, string, tea.Cmd) {
	f.query, f.notice = f.query.TakeBack(typed), Notice{}
	next, cmd := f.search()
	return next, "", cmd
}

// View implements Screen.
func (f Find) View(width, height int) View {
	t, words := f.desk.Theme, f.desk.Words
	inner := min(width-4, 90)
	left := widget.Space((width - inner) / 2)
	v := View{Lines: []string{""}}
	if f.several {
		v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Cut(words.T("find.pick"), inner)))
	} else {
		label := words.T("find.label") + "  "
		text, cursor := f.query.View(inner - widget.Width(label) - 2)
		v.Cursor, v.X, v.Y = !f.busy, len(left)+widget.Width(label)+cursor, len(v.Lines)
		v.Lines = append(v.Lines, left+t.Muted.Paint(label)+t.Strong.Paint(text))
	}
	v.Lines = append(v.Lines, left+t.Faint.Paint(rule(inner)), "")
	if len(f.list) == 0 {
		v.Lines = append(v.Lines, left+t.Muted.Paint(widget.Cut(f.emptyText(), inner)))
		return v
	}
	room := max(height-len(v.Lines), 1)
	top := max(0, min(f.at-room/2, len(f.list)-room))
	for i := top; i < len(f.list) && i < top+room; i++ {
		v.Clicks = append(v.Clicks, Click{X: len(left), Y: len(v.Lines), Width: inner, Do: Picked{i}})
		v.Lines = append(v.Lines, left+f.row(i, inner))
	}
	return v
}

func (f Find) emptyText() string {
	if f.shown != "" && f.shown == f.query.Value() {
		return f.desk.Words.T("find.none", "text", widget.Cut(widget.Name(f.shown), 30))
	}
	return f.desk.Words.T("find.how")
}

func (f Find) row(i, width int) string {
	t, p := f.desk.Theme, f.list[i]
	const idWidth = 20
	phone := min(18, width/4)
	name := widget.Left(widget.Name(called(p)), width-idWidth-phone-6)
	number, id := widget.Left(p.Phone, phone), widget.Left(code.Group(p.Code()), idWidth)
	if i == f.at {
		return t.Chosen.Paint("▸ " + name + "  " + number + "  " + id)
	}
	return "  " + name + "  " + t.Muted.Paint(number+"  "+id)
}

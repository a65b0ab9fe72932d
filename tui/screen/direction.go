package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/bidi"
	"tenthcup/tui/widget"
)

// Direction is the page that finds out who puts words of right-to-left letters in
// order, the terminal or we. No terminal says so: a sentence is shown both ways,
// and whoever can read it picks the line that reads right.
type Direction struct {
	page
	rows rows
}

// directions are the ways, as Settings.Screen.Direction has them.
func directions() []string { return []string{"", ByTerminal} }

// readsBothWays reports whether the page is worth a row in the menu: where the
// language is read from right to left.
func readsBothWays(d *Desk) bool { return keeps(d) && d.Words.RightToLeft() }

// NewDirection returns the page. The desk's Keep is required.
func NewDirection(d *Desk) (Screen, tea.Cmd) {
	p := Direction{page: page{desk: d}, rows: rows{n: len(directions())}}
	if d.Settings.Screen.Direction == ByTerminal {
		p.rows.at = 1
	}
	return p, nil
}

// undirected is a message: the direction could not be kept.
type undirected struct{ err error }

func directionKeys() []binding[Direction] {
	return []binding[Direction]{
		{keys: "up", word: "direction.key.choose"},
		{keys: "enter", word: "direction.key.take", do: Direction.take},
		{keys: "esc", word: "direction.key.back", do: func(p Direction) (Screen, tea.Cmd) { return NewMenu(p.desk), nil }},
	}
}

// take keeps the way that reads right.
func (p Direction) take() (Screen, tea.Cmd) {
	p.busy = true
	settings, keep := p.desk.Settings, p.desk.Keep
	settings.Screen.Direction = directions()[p.rows.at]
	return p, func() tea.Msg {
		if err := keep(settings); err != nil {
			return undirected{err}
		}
		return Applied{settings}
	}
}

// Update implements Screen.
func (p Direction) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		p.busy, p.notice = false, Notice(msg)
	case Dressed:
		p.busy = false
		p.say(Done, "direction.kept")
	case undirected:
		p.busy = false
		p.refused(msg.err)
	case Picked:
		var take bool
		if p.rows, take = p.rows.picked(msg); take {
			return p.take()
		}
	case tea.KeyPressMsg:
		p.notice = Notice{}
		if next, cmd, ok := press(directionKeys(), p, Key(msg)); ok {
			return next, cmd
		}
		p.rows, _ = p.rows.press(Key(msg))
	}
	return p, nil
}

// Hints implements Screen.
func (p Direction) Hints() []Hint { return hints(p.desk, directionKeys(), p) }

// State implements Screen.
func (p Direction) State() State { return p.state("direction.title", TakesKeys) }

// Interrupt implements Screen.
func (p Direction) Interrupt(int) (Screen, string, tea.Cmd) { return p, "", nil }

// View implements Screen.
func (p Direction) View(width, height int) View {
	words := p.desk.Words
	inner := min(width-4, 60)
	left := (width - inner) / 2
	v := View{Centred: true}
	for _, line := range widget.Wrap(words.T("direction.which"), inner) {
		v.Lines = append(v.Lines, widget.Space(left)+line)
	}
	v.Lines = append(v.Lines, "")
	sample := words.T("direction.sample")
	p.rows.add(p.desk, &v, box{left, inner, height}, func(row int) string {
		laid := bidi.Page{Width: widget.Width(sample), RTL: true, Terminal: directions()[row] == ByTerminal}.Line(sample)
		return bidi.Unit(laid.Text)
	})
	return v
}

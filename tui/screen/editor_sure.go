package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/widget"
)

// Sure is a page that asks before something is done that cannot be taken back. It is
// deaf at first, so that an Enter meant for the page before does not answer it.
type Sure struct {
	page
	work   *drafting
	asks   sure
	opened time.Time
	hears  bool
}

// sure is what a page asks.
type sure struct {
	title, key string // catalog keys of the page and of what Enter does
	says       []string
	do         func(*Desk, *drafting) (Screen, tea.Cmd)
	back       func(*Desk, *drafting) Screen
}

func newSure(d *Desk, w *drafting, asks sure) (Screen, tea.Cmd) {
	s := Sure{page: page{desk: d}, work: w, asks: asks, opened: d.Now}
	return s, waitGrace(s.opened)
}

func (s Sure) keys() []binding[Sure] {
	return []binding[Sure]{
		{keys: "enter", word: s.asks.key, when: func(s Sure) bool { return s.hears }, do: func(s Sure) (Screen, tea.Cmd) { return s.asks.do(s.desk, s.work) }},
		{keys: "esc", word: "editor.key.back", do: func(s Sure) (Screen, tea.Cmd) { return s.asks.back(s.desk, s.work), nil }},
	}
}

// Update implements Screen.
func (s Sure) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case graceOver:
		s.hears = s.hears || msg.opened.Equal(s.opened)
	case examined, keptDraft:
		if n := s.work.hear(s.desk, msg); n.Text != "" {
			s.notice = n
		}
	case tea.KeyPressMsg:
		s.notice = Notice{}
		if next, cmd, ok := press(s.keys(), s, Key(msg)); ok {
			return next, cmd
		}
	}
	return s, nil
}

// Hints implements Screen.
func (s Sure) Hints() []Hint { return hints(s.desk, s.keys(), s) }

// State implements Screen.
func (s Sure) State() State { return s.state(s.asks.title, TakesKeys) }

// Interrupt implements Screen.
func (s Sure) Interrupt(int) (Screen, string, tea.Cmd) { return s, "", nil }

// View implements Screen.
func (s Sure) View(width, height int) View {
	v := View{Centred: true}
	inner := min(width-4, 72)
	for i, says := range s.asks.says {
		ink := s.desk.Theme.Muted
		if i == 0 {
			ink = s.desk.Theme.Warn
		}
		for _, line := range widget.Wrap(says, inner) {
			v.Lines = append(v.Lines, widget.Space((width-inner)/2)+ink.Paint(line))
		}
		v.Lines = append(v.Lines, "")
	}
	v.Lines = v.Lines[:min(len(v.Lines), height)]
	return v
}

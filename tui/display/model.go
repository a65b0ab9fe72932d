package display

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/tui/bidi"
	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

// Model shows frames on a terminal. A Frame and Lost are its messages.
type Model struct {
	Theme  theme.Theme
	Closed string // in words, while no station says anything
	Right  bool   // those words are read from right to left
	Orders bool   // the terminal puts words in order by itself

	frame         Frame
	open          bool // a station says what to show
	next          *Frame
	since         time.Time // when frame came
	Now           func() time.Time
	width, height int
}

// Lost is a message: the station is gone, or not yet there.
type Lost struct{}

// over is a message: what was earned was shown long enough.
type over struct{}

// Init implements tea.Model.
func (m Model) Init() tea.Cmd {
	if m.Orders {
		return nil
	}
	return tea.Raw(bidi.WeOrder)
}

// Update implements tea.Model.
func (m Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 {
			m.width, m.height = msg.Width, msg.Height
		}
	case Frame:
		return m.told(msg)
	case over:
		if m.next != nil {
			m.frame, m.next, m.since = *m.next, nil, m.Now()
		}
	case Lost:
		m.open, m.next = false, nil
	case tea.KeyPressMsg:
		if key := msg.String(); key == "ctrl+c" || key == "q" || key == "esc" {
			return m, tea.Quit
		}
	}
	return m, nil
}

// told shows the frame, or where it is only the welcome again, lets what was earned
// stand for a while.
func (m Model) told(next Frame) (Model, tea.Cmd) {
	if left := Linger - m.Now().Sub(m.since); m.open && next.Idle && m.frame.Said != "" && left > 0 {
		m.next = &next
		return m, tea.Tick(left, func(time.Time) tea.Msg { return over{} })
	}
	if !m.open || next.Said != m.frame.Said || next.Idle != m.frame.Idle {
		m.since = m.Now()
	}
	m.frame, m.next, m.open = next, nil, true
	return m, nil
}

// View implements tea.Model.
func (m Model) View() tea.View {
	v := tea.View{AltScreen: true}
	if m.width == 0 {
		return v
	}
	lines := m.lines()
	if len(lines) > m.height {
		lines = lines[:m.height]
	}
	above := strings.Repeat("\n", (m.height-len(lines))/2)
	right := m.frame.Right
	if !m.open {
		right = m.Right
	}
	page := bidi.Page{Width: m.width, RTL: right, Terminal: m.Orders}
	v.Content = page.Frame(above + strings.Join(lines, "\n"))
	return v
}

// lines is the picture, from the top.
func (m Model) lines() []string {
	if !m.open {
		return []string{widget.Center(m.Theme.Muted.Paint(m.Closed), m.width)}
	}
	t, f := m.Theme, m.frame
	var lines []string
	add := func(ink theme.Ink, text string) {
		for _, line := range widget.Wrap(text, m.width-4) {
			lines = append(lines, widget.Center(ink.Paint(line), m.width))
		}
	}
	for _, line := range f.Logo {
		lines = append(lines, widget.Center(t.Title.Paint(line), m.width))
	}
	add(t.Title, f.Shop)
	lines = append(lines, "")
	add(t.Strong, f.Title)
	lines = append(lines, "")
	add(t.Good, f.Said)
	below := len(f.Rewards) + len(f.News) + 3 // and blanks, and the points
	lines = append(lines, m.cards(m.height-len(lines)-below)...)
	if f.QR != "" {
		for line := range strings.SplitSeq(widget.QR(f.QR, 4), "\n") {
			lines = append(lines, widget.Center(bidi.Unit(line), m.width))
		}
	}
	add(t.Title, f.Points)
	for _, reward := range f.Rewards {
		add(t.Good, "★ "+reward)
	}
	if len(f.News) > 0 {
		lines = append(lines, "")
	}
	for _, news := range f.News {
		add(t.Muted, news)
	}
	return lines
}

// cards draws the punch cards, smaller where so many would not fit in the room.
func (m Model) cards(room int) []string {
	const frame, tallest = 2, 6
	var lines []string
	each := room/max(len(m.frame.Cards), 1) - frame
	rows := min(max(each, 1), tallest)
	var air []string
	if each >= tallest+2 {
		air = []string{""}
	}
	width := min(m.width-4, 60)
	for _, c := range m.frame.Cards {
		card := rules.PunchCard{Card: pos.Card{Name: c.Name, Stamp: c.Stamp, Size: c.Size}, Stamps: c.Have}
		inside := append(slices.Clone(air), widget.PunchCard(m.Theme, card, width-6, rows)...)
		for i, line := range inside {
			inside[i] = "  " + line
		}
		for _, line := range (widget.Frame{Title: c.Name, Note: c.Count}).Around(m.Theme, append(inside, air...), width) {
			lines = append(lines, widget.Center(line, m.width))
		}
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	return lines
}

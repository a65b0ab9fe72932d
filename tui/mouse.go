package tui

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/screen"
	"tenthcup/tui/widget"
)

// mouse handles a click or a turn of the wheel: what is clicked does what its key
// does, and the wheel moves as the arrow keys do.
func (a *App) mouse(msg tea.MouseMsg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			return a.input(screen.Press("up"))
		case tea.MouseWheelDown:
			return a.input(screen.Press("down"))
		}
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			return a.clicked(msg.X, msg.Y)
		}
	}
	return nil
}

func (a *App) clicked(x, y int) tea.Cmd {
	if a.width < minWidth || a.height < minHeight {
		return nil
	}
	if a.help {
		a.help = false
		return nil
	}
	if msg := a.under(x, y); msg != nil {
		return a.input(msg)
	}
	return nil
}

// under returns what a click at the cell of the terminal means, or nil.
func (a *App) under(x, y int) tea.Msg {
	x, y = a.Written(x, y)
	p := a.places(len(a.footer()))
	if y >= p.footer {
		return a.hintAt(x-footerIndent, y-p.footer)
	}
	view := a.screen.View(a.width, p.height)
	row := y - p.top - above(view, p.height)
	for _, c := range view.Clicks {
		if c.Y == row && x >= c.X && x < c.X+c.Width {
			return c.Do
		}
	}
	return nil
}

// hintAt returns the key of the hint at the place in the footer, or nil.
func (a *App) hintAt(x, line int) tea.Msg {
	hints := a.footerHints()
	shown := make([]widget.Hint, len(hints))
	for i, h := range hints {
		shown[i] = h.Hint
	}
	for i, place := range widget.Places(shown, a.width-2*footerIndent) {
		if place.Line == line && x >= place.X && x < place.X+place.Width && hints[i].Press != "" {
			return screen.Press(hints[i].Press)
		}
	}
	return nil
}

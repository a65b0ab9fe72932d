package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/bidi"
	"tenthcup/tui/screen"
)

// page says in which order lines are seen.
func (a *App) page() bidi.Page {
	return bidi.Page{
		Width: a.width, RTL: a.desk.Words.RightToLeft(),
		Terminal: a.desk.Settings.Screen.Direction == screen.ByTerminal,
	}
}

// whoOrders tells the terminal who puts the words in order.
func (a *App) whoOrders() tea.Cmd {
	if a.desk.Plain { // nothing but words goes there
		return nil
	}
	if a.page().Terminal {
		return tea.Raw(bidi.TerminalOrders)
	}
	return tea.Raw(bidi.WeOrder)
}

// order puts a finished frame into the order in which it is seen. The cursor goes
// where the letter went at which it stood.
func (a *App) order(v *tea.View) {
	p := a.page()
	if v.Cursor != nil {
		if line, ok := lineOf(v.Content, v.Cursor.Y); ok {
			v.Cursor.X = p.Line(line).Cursor(v.Cursor.X)
		}
	}
	v.Content = a.ordered.Frame(p, v.Content)
}

// Written returns the cell of the frame, as screens draw it, that is seen at the
// cell of the terminal: a click on the one means the other.
func (a *App) Written(x, y int) (int, int) {
	line, ok := lineOf(a.frame().Content, y)
	if !ok {
		return x, y
	}
	return a.page().Line(line).Before(x), y
}

func lineOf(content string, y int) (string, bool) {
	if y < 0 {
		return "", false
	}
	for range y {
		_, rest, ok := strings.Cut(content, "\n")
		if !ok {
			return "", false
		}
		content = rest
	}
	line, _, _ := strings.Cut(content, "\n")
	return line, true
}

// turned returns the key, with the arrows as they are meant: on a page that is
// read from right to left, the one to the left goes on.
func (a *App) turned(key tea.KeyPressMsg) tea.KeyPressMsg {
	if !a.desk.Words.RightToLeft() {
		return key
	}
	switch key.Code {
	case tea.KeyLeft:
		key.Code = tea.KeyRight
	case tea.KeyRight:
		key.Code = tea.KeyLeft
	}
	return key
}

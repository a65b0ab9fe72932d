package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/tui/screen"
	"tenthcup/tui/widget"
)

// Sizes of the terminal in cells.
const (
	minWidth, minHeight = 60, 18 // the least that holds every screen whole
	roomyHeight         = 24     // from here on there is room for rules
	wideWidth           = 110    // from here on there is room for more
	noticeLines         = 2      // always kept free, so that nothing jumps
	footerLines         = 2      // at least
	footerIndent        = 2      // cells
)

// View implements tea.Model.
func (a *App) View() tea.View {
	v := a.frame()
	a.order(&v)
	return v
}

// frame is the page as it is written, from left to right.
func (a *App) frame() tea.View {
	v := tea.View{AltScreen: true, MouseMode: tea.MouseModeCellMotion, WindowTitle: widget.Name(a.desk.Shop)}
	switch {
	case a.width == 0:
	case a.width < minWidth || a.height < minHeight:
		v.Content = a.tooSmall()
	default:
		a.draw(&v)
	}
	return v
}

// tooSmall says how large the terminal has to be.
func (a *App) tooSmall() string {
	text := a.desk.Words.T("frame.small", "width", minWidth, "height", minHeight, "w", a.width, "h", a.height)
	lines := widget.Wrap(text, a.width)
	if len(lines) > a.height {
		lines = lines[:a.height]
	}
	above := (a.height - len(lines)) / 2
	for i, line := range lines {
		lines[i] = widget.Center(line, a.width)
	}
	return strings.Repeat("\n", above) + strings.Join(lines, "\n")
}

// places are the lines at which the parts of the screen begin.
type places struct {
	alarm  bool // a banner stands below the header
	rules  bool // there is room for rules
	top    int  // of the page
	height int  // of the page
	footer int
}

// places says where everything stands in a window that is large enough, over a
// footer of so many lines.
func (a *App) places(footer int) places {
	p := places{alarm: a.desk.Alarm().Text != "", rules: a.height >= roomyHeight, top: 1}
	if p.alarm || p.rules {
		p.top++
	}
	if a.config.Training != nil {
		p.top += lessonLines
	}
	p.footer = a.height - footer
	p.height = p.footer - noticeLines - p.top
	if p.rules {
		p.height--
	}
	return p
}

func (a *App) draw(v *tea.View) {
	t := a.desk.Theme
	state, footer := a.screen.State(), a.footer()
	p := a.places(len(footer))
	rule := t.Faint.Paint(strings.Repeat("─", a.width))
	lines := append(make([]string, 0, a.height), a.header(state.Title))
	switch {
	case p.alarm:
		lines = append(lines, a.desk.Alarm().Line(t, a.width))
	case p.rules:
		lines = append(lines, rule)
	}
	if a.config.Training != nil {
		lines = append(lines, a.lesson()...)
	}
	body, cursor := a.body(p.height)
	if cursor != nil {
		cursor.Y += p.top
		v.Cursor = cursor
	}
	lines = append(lines, body...)
	lines = append(lines, a.notice(state.Notice)...)
	if p.rules {
		lines = append(lines, rule)
	}
	lines = append(lines, footer...)
	v.Content = t.Spell(strings.Join(lines, "\n"))
}

// header is the top line: where, what, the line, who and when.
func (a *App) header(title string) string {
	t, d := a.desk.Theme, a.desk
	left := 1 + widget.Width(widget.Name(d.Shop)) + 3 + widget.Width(title)
	right, rightWidth := a.corner(a.width - min(left, a.width/2) - 4)
	room := a.width - 2 - rightWidth
	shop := widget.Cut(widget.Name(d.Shop), max(room-widget.Width(title)-5, 8))
	rest := widget.Cut(title, max(room-widget.Width(shop)-5, 0))
	text := " " + t.Title.Paint(shop) + t.Faint.Paint(" › ") + rest
	return widget.Left(text, a.width-1-rightWidth) + right + " "
}

// corner is the right end of the header, shortened to the room if it can be.
func (a *App) corner(room int) (text string, width int) {
	t, d := a.desk.Theme, a.desk
	clock := d.Words.Clock(d.Now)
	text, width = t.Strong.Paint(clock), widget.Width(clock)
	if d.Cashier != nil {
		name := widget.Cut(widget.Name(d.Cashier.Name), 16)
		text, width = name+"   "+text, width+3+widget.Width(name)
	}
	if d.PrinterTrouble() != nil {
		trouble := "✗ " + d.Words.T("print.sign")
		text, width = t.Bad.Paint(trouble)+"   "+text, width+3+widget.Width(trouble)
	}
	sign, words := d.LineSign()
	ink := t.Muted
	if sign == "●" {
		ink = t.Good
	}
	if widget.Width(words)+5+width > room {
		words = d.Words.Number(int64(d.Waiting.Total())) // the least that has to be seen
	}
	return ink.Paint(sign) + " " + t.Muted.Paint(words) + "   " + text, width + 5 + widget.Width(words)
}

// body is the screen, or the help in its place, in exactly height lines.
func (a *App) body(height int) ([]string, *tea.Cursor) {
	view := screen.View{}
	if a.help {
		view.Lines = a.helpLines(height)
	} else {
		view = a.screen.View(a.width, height)
	}
	lines := make([]string, 0, height)
	blank := above(view, height)
	for range blank {
		lines = append(lines, "")
	}
	for _, line := range view.Lines {
		if len(lines) < height {
			lines = append(lines, widget.Cut(line, a.width))
		}
	}
	for len(lines) < height {
		lines = append(lines, "")
	}
	if !view.Cursor || view.Y+blank >= height {
		return lines, nil
	}
	return lines, tea.NewCursor(view.X, view.Y+blank)
}

// above is how many blank lines stand above what is drawn.
func above(view screen.View, height int) int {
	if !view.Centred {
		return 0
	}
	return max((height-len(view.Lines))/2, 0)
}

// notice is what the screen says, at the bottom of the lines kept for it.
func (a *App) notice(n screen.Notice) []string {
	t := a.desk.Theme
	if a.leaving {
		n = screen.Notice{Text: a.desk.Words.T("frame.leaving"), Kind: screen.Said}
	}
	sign, ink := "· ", t.Strong
	switch n.Kind {
	case screen.Done:
		sign, ink = "✓ ", t.Good
	case screen.Bad:
		sign, ink = "✗ ", t.Bad
	}
	lines := widget.Wrap(n.Text, a.width-6)
	if len(lines) > noticeLines {
		rest := strings.Join(lines[noticeLines-1:], " ")
		lines = append(lines[:noticeLines-1], widget.Cut(rest, a.width-6))
	}
	shown := make([]string, 0, noticeLines)
	for range noticeLines - len(lines) {
		shown = append(shown, "")
	}
	for i, line := range lines {
		if i > 0 {
			sign = "  "
		}
		shown = append(shown, "  "+ink.Paint(sign+line))
	}
	return shown
}

// footerHints are the keys that do something now.
func (a *App) footerHints() []screen.Hint {
	if a.help {
		return []screen.Hint{{Hint: widget.Hint{Key: a.desk.KeyName("esc"), Word: a.desk.Words.T("help.close")}, Press: "esc"}}
	}
	shown := make([]screen.Hint, 0, 12)
	for _, h := range a.screen.Hints() {
		if !h.Quiet {
			shown = append(shown, h)
		}
	}
	return append(shown, screen.Hint{Hint: widget.Hint{Key: a.helpKey(), Word: a.desk.Words.T("help.open")}, Press: "f1"})
}

// footer explains the keys.
func (a *App) footer() []string {
	hints := a.footerHints()
	shown := make([]widget.Hint, len(hints))
	for i, h := range hints {
		shown[i] = h.Hint
	}
	lines := widget.Footer(a.desk.Theme, shown, a.width-2*footerIndent)
	for i := range lines {
		lines[i] = widget.Space(footerIndent) + lines[i]
	}
	for len(lines) < footerLines {
		lines = append(lines, "")
	}
	return lines
}

func (a *App) helpKey() string {
	if a.Takes() == screen.TakesText {
		return a.desk.KeyName("f1")
	}
	return "?"
}

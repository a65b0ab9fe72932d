package screen

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/tui/widget"
)

// scanCard returns the card that a scan stamps by itself, if a scan stamps.
func (d *Desk) scanCard() (pos.Card, bool) {
	if d.Settings.Counter.Scan != stampsOnScan || len(d.Program.Cards) == 0 {
		return pos.Card{}, false
	}
	return d.Program.Cards[max(d.scanned(), 0)], true
}

// scanned returns the place among the cards of the one that a scan stamps, or -1.
func (d *Desk) scanned() int {
	return slices.IndexFunc(d.Program.Cards, func(c pos.Card) bool { return c.ID == d.Settings.Counter.Card })
}

// toggle goes from a scan that shows the member on to one that stamps the first
// card, the next, and back.
func (c Counter) toggle() (Screen, tea.Cmd) {
	settings, cards := c.desk.Settings, c.desk.Program.Cards
	next := 0
	if settings.Counter.Scan == stampsOnScan {
		next = max(c.desk.scanned(), 0) + 1
	}
	settings.Counter.Scan, settings.Counter.Card = "", ""
	if next < len(cards) {
		settings.Counter.Scan, settings.Counter.Card = stampsOnScan, cards[next].ID
	}
	keep := c.desk.Keep
	c.busy = true
	return c, func() tea.Msg { return kept{settings, keep(settings)} }
}

// switched says what a scan does from now on, or why it does what it did.
func (c Counter) switched(msg tea.Msg) (Counter, tea.Cmd) {
	if msg, ok := msg.(kept); ok && msg.err == nil {
		return c, func() tea.Msg { return Applied{msg.settings} } // it holds when the screen is dressed
	} else if ok {
		c.refused(msg.err)
	}
	c.busy = false
	if _, ok := msg.(Dressed); !ok {
		return c, nil
	}
	if card, ok := c.desk.scanCard(); ok {
		c.say(Done, "auto.on", "card", card.Name)
		return c, nil
	}
	c.say(Done, "auto.off")
	return c, nil
}

// call is the call to scan: it says what a scan does.
func (c Counter) call() string {
	t, words := c.desk.Theme, c.desk.Words
	if card, ok := c.desk.scanCard(); ok {
		return t.Chosen.Paint(" " + words.T("auto.scan", "card", card.Name) + " ")
	}
	return t.Title.Paint(words.T("counter.scan"))
}

// typing says what typing a code does: it is no scan.
func (c Counter) typing() string {
	if _, ok := c.desk.scanCard(); ok {
		return c.desk.Words.T("auto.type")
	}
	return c.desk.Words.T("counter.type")
}

// heading is a title with a rule behind it, in width cells.
func (d *Desk) heading(title string, width int) string {
	title = widget.Cut(title, width-1)
	return d.Theme.Muted.Paint(title+" ") + d.Theme.Faint.Paint(strings.Repeat("─", max(width-widget.Width(title)-1, 0)))
}

// beside puts what the till knows of itself at the right of the card, where there
// is room.
func (d *Desk) beside(card []string, width int) []string {
	if !d.Wide || len(card) == 0 {
		return card
	}
	left := width - max(width/3-4, 0)
	for i, line := range d.side(width-left-2, len(card)) {
		card[i] = widget.Left(strings.TrimRight(card[i], " "), left) + line
	}
	return card
}

// side is what the till knows of itself and what runs in the shop, in at most room
// lines.
func (d *Desk) side(width, room int) []string {
	t, words := d.Theme, d.Words
	sign, line := d.LineSign()
	lines := []string{d.heading(words.T("counter.till"), width), widget.Cut(sign+" "+line, width)}
	if waits := d.Waiting; d.Line != nil && waits.Total() > 0 {
		if !waits.Oldest.IsZero() {
			lines = append(lines, t.Muted.Paint(widget.Cut(words.T("counter.oldest", "when", d.Age(waits.Oldest)), width)))
		}
	}
	if n := d.Standing.Exceptions; n > 0 {
		for _, part := range widget.Wrap(words.T("dayend.exceptions", "n", n), width) {
			lines = append(lines, t.Warn.Paint(part))
		}
	}
	if len(d.News) > 0 {
		lines = append(lines, "", d.heading(words.T("counter.news"), width))
	}
	for _, news := range d.News {
		lines = append(lines, widget.Wrap(news, width)...)
	}
	return lines[:min(len(lines), max(room, 0))]
}

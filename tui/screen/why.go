package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type whyTill interface {
	Why(holder pos.HolderID) (station.Record, []rules.Because, error)
}

// why is the panel that says line by line why the member got what. The zero why
// is not shown.
type why struct {
	what  string // the entry in words; "" is not shown
	lines []whyLine
	not   bool // why nothing was given
}

type whyLine struct{ amount, reason string }

func (w why) shown() bool { return w.what != "" }

// explained is a message: the member's last entry, explained.
type explained struct {
	holder pos.HolderID
	why    why
	err    error
}

func whyKeys() []binding[Member] {
	leave := func(m Member) (Screen, tea.Cmd) {
		m.why = why{}
		return m, nil
	}
	return []binding[Member]{{keys: "esc w enter", word: "person.key.back", do: leave}}
}

// askWhy explains what was refused last, or has the till explain its last entry for
// the member.
func (m Member) askWhy() (Screen, tea.Cmd) {
	if m.no.err != nil {
		m.why = m.explainNot()
		return m, nil
	}
	till, desk, words, holder := whyTill(m.desk.Till), counterTill(m.desk.Till), m.desk.Words, m.member.Profile.Holder
	return m, func() tea.Msg {
		record, because, err := till.Why(holder)
		if err != nil {
			return explained{holder, why{}, err}
		}
		program, err := desk.Program()
		if err != nil {
			return explained{holder, why{}, err}
		}
		return explained{holder, why{what: describe(record.Entry, program, words), lines: whyLines(because, program, words)}, nil}
	}
}

// whyLines puts what is not for the program's own counting into words.
func whyLines(because []rules.Because, program pos.Program, words *assets.Printer) (lines []whyLine) {
	for _, b := range because {
		if b.Key == "" {
			continue // what the program counts for itself
		}
		line := whyLine{reason: words.Sentence(b.Key, b.Args)}
		if b.Amount != 0 {
			line.amount = amount(b.Account, b.Amount, program, words)
		}
		lines = append(lines, line)
	}
	return lines
}

func (m Member) explained(msg explained) Member {
	switch {
	case msg.holder != m.member.Profile.Holder:
	case msg.err != nil:
		m.refused(msg.err)
	default:
		m.why = msg.why
	}
	return m
}

// viewWhy draws the panel in the place of what the member has.
func (m Member) viewWhy(width, room int) []string {
	const pad = 2
	t, words := m.desk.Theme, m.desk.Words
	inner := width - 2 - 2*pad
	lines := m.desk.explain(m.why.lines, inner)
	if len(lines) == 0 {
		for _, part := range widget.Wrap(words.T("why.byhand"), inner) {
			lines = append(lines, t.Muted.Paint(widget.Left(part, inner)))
		}
	}
	lines = lines[:max(min(len(lines), room-2), 0)]
	for i := range lines {
		lines[i] = widget.Space(pad) + lines[i]
	}
	title := m.why.what
	if !m.why.not {
		title = words.T("why.head", "what", m.why.what)
	}
	return widget.Frame{Title: title}.Around(t, lines, width)
}

// explain draws the lines of an explanation, the amounts in a column.
func (d *Desk) explain(why []whyLine, width int) (lines []string) {
	column := 0
	for _, line := range why {
		column = max(column, min(widget.Width(line.amount), width/3))
	}
	for _, line := range why {
		for i, part := range widget.Wrap(line.reason, width-column-2) {
			left := widget.Space(column)
			if i == 0 {
				left = d.Theme.Strong.Paint(figures(d.Words, line.amount, column))
			}
			lines = append(lines, left+"  "+widget.Left(part, width-column-2))
		}
	}
	return lines
}

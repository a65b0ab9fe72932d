package screen

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// atOnce is how long after an action it is undone without asking why.
const atOnce = 2 * time.Second

// fresh is an entry that was made on this page.
type fresh struct {
	id pos.EntryID
	at time.Time
}

// undoing asks why an entry is undone. The zero undoing is not shown.
type undoing struct {
	what   string // the entry in words; "" is not shown
	rows   rows
	other  bool // the reason is typed
	reason widget.Field
}

func (u undoing) shown() bool { return u.what != "" }

// reasons are the catalog keys of why an entry is undone, the most frequent first.
// The last one is typed.
var reasons = []string{"undo.mistake", "undo.member", "undo.mind", "undo.other"}

func undoKeys() []binding[Member] {
	typing := func(m Member) bool { return m.undoing.other }
	choosing := func(m Member) bool { return !m.undoing.other }
	return []binding[Member]{
		{keys: "enter", word: "undo.key.take", do: Member.because},
		{keys: "up", word: "undo.key.choose", when: choosing},
		{keys: "numbers", word: "undo.key.number", when: choosing},
		{keys: "esc", word: "undo.key.list", when: typing, do: func(m Member) (Screen, tea.Cmd) { m.undoing.other = false; return m, nil }},
		{keys: "esc", word: "undo.key.leave", when: choosing, do: func(m Member) (Screen, tea.Cmd) { m.undoing = undoing{}; return m, nil }},
	}
}

// undo takes back the last entry: at once what was only just done, else it asks why
// first.
func (m Member) undo() (Screen, tea.Cmd) {
	last := m.member.Undo
	if last == nil || m.isFresh(last.Entry.ID) {
		return m.takeBack("undo") // where there is nothing, the till says so
	}
	what := describe(last.Entry, station.Names(m.member), m.desk.Words)
	m.undoing = undoing{what: what, rows: rows{n: len(reasons)}}
	return m, nil
}

// isFresh reports whether the entry was made on this page a moment ago.
func (m Member) isFresh(id pos.EntryID) bool {
	for _, f := range m.made {
		if f.id == id {
			return m.desk.Now.Sub(f.at) < atOnce
		}
	}
	return false
}

// making returns the entries made on this page with one more, without those that
// are no longer fresh.
func (m Member) making(id pos.EntryID) []fresh {
	made := []fresh{{id, m.desk.Now}}
	for _, f := range m.made {
		if m.desk.Now.Sub(f.at) < atOnce {
			made = append(made, f)
		}
	}
	return made
}

func (m Member) takeBack(reason string) (Screen, tea.Cmd) {
	by, holder := m.desk.By(), m.member.Profile.Holder
	m.undoing = undoing{}
	return m.act(
		func() (station.Done, error) { return m.till.Undo(by, holder, reason) },
		func(done station.Done, before Member) Notice { return before.saidUndone(done) },
	)
}

// because undoes for the chosen reason, or lets it be typed.
func (m Member) because() (Screen, tea.Cmd) {
	u := m.undoing
	switch typed := strings.TrimSpace(u.reason.Value()); {
	case u.other && typed == "":
		m.say(Bad, "undo.empty")
		return m, nil
	case u.other:
		return m.takeBack(typed)
	case u.rows.at == len(reasons)-1:
		m.undoing.other = true
		return m, nil
	}
	return m.takeBack(m.desk.Words.T(reasons[u.rows.at]))
}

// reasoning handles a key while it is asked why.
func (m Member) reasoning(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	m.notice = Notice{}
	if next, cmd, ok := press(undoKeys(), m, Key(msg)); ok {
		return next, cmd
	}
	if m.undoing.other {
		m.undoing.reason, _ = m.undoing.reason.Press(msg)
		return m, nil
	}
	if n, err := strconv.Atoi(pos.ASCIIDigits(msg.Text)); err == nil && n >= 1 && n <= len(reasons) {
		m.undoing.rows.at = n - 1
		return m.because()
	}
	m.undoing.rows, _ = m.undoing.rows.press(Key(msg))
	return m, nil
}

// withUndo closes the question where it is about an entry that is no longer the
// newest.
func (m Member) withUndo(newest *station.Record) Member {
	last := m.member.Undo
	if m.undoing.shown() && (last == nil || newest == nil || newest.Entry.ID != last.Entry.ID) {
		m.undoing = undoing{}
	}
	return m
}

// pickReason chooses the reason that was clicked.
func (m Member) pickReason(msg Picked) (Screen, tea.Cmd) {
	var open bool
	if m.undoing.rows, open = m.undoing.rows.picked(msg); open {
		return m.because()
	}
	return m, nil
}

// viewUndo draws the question in the place of what the member has.
func (m Member) viewUndo(v *View, left string, width int) {
	words, t := m.desk.Words, m.desk.Theme
	u := m.undoing
	inner := View{Lines: []string{""}}
	u.rows.add(m.desk, &inner, box{2, width - 6, len(reasons)}, func(i int) string {
		return t.Accent.Paint(strconv.Itoa(i+1)) + "  " + words.T(reasons[i])
	})
	if u.other {
		label := words.T("undo.label")
		text, cursor := u.reason.View(max(width-8-widget.Width(label), 1))
		v.Cursor, v.X, v.Y = !m.busy, len(left)+3+widget.Width(label)+2+cursor, len(v.Lines)+1+len(inner.Lines)
		inner.Lines = append(inner.Lines, "  "+t.Muted.Paint(label)+"  "+t.Strong.Paint(text))
	} else {
		inner.Lines = append(inner.Lines, "")
	}
	for _, c := range inner.Clicks {
		c.X, c.Y = c.X+len(left)+1, c.Y+len(v.Lines)+1
		v.Clicks = append(v.Clicks, c)
	}
	title := words.T("undo.head", "what", u.what)
	for _, line := range (widget.Frame{Title: title}).Around(t, inner.Lines, width) {
		v.Lines = append(v.Lines, left+line)
	}
}

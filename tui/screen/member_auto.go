package screen

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// stampsOnScan is Settings.Counter.Scan where a scan is a stamp.
const stampsOnScan = "stamp"

// window is how long a stamp that a scan gave stays on the screen, to be undone
// with one key, before the counter is back.
const window = 2 * time.Second

// auto is the page while a scan has stamped by itself. The zero auto is an ordinary
// page.
type auto struct {
	on    bool
	round int       // each stamp or scan of the same code begins another window
	until time.Time // the end of the window; zero until the stamp is on disk
	note  string    // what the scan came over, said with its outcome
}

// autoOver is a message: nobody wanted anything else of the page.
type autoOver struct{ round int }

// NewScanned returns the page of the member whose code was scanned on the page was.
// Where a scan is a stamp it gives one at once, unless this member has only just
// been given one: then the cashier is asked.
func NewScanned(d *Desk, was Screen, found station.Member, said string) (Screen, tea.Cmd) {
	m, cmd := NewMember(d, found, said)
	if d.Settings.Counter.Scan != stampsOnScan || len(found.Cards) == 0 {
		return m, cmd
	}
	m.card = max(slices.IndexFunc(found.Cards, func(c rules.PunchCard) bool { return c.Card.ID == d.Settings.Counter.Card }), 0)
	if page, ok := was.(Member); ok && page.auto.on && page.member.Profile.Holder == found.Profile.Holder && d.Now.Before(page.auto.until) {
		m.auto, m.made = page.auto, page.made
		m.say(Said, "auto.again", "card", found.Cards[m.card].Card.Name)
		next, leaving := m.opened()
		return next, tea.Batch(cmd, leaving)
	}
	m.auto = auto{on: true, note: said}
	next, stamping := m.stampOne()
	return next, tea.Batch(cmd, stamping)
}

// opened begins a window.
func (m Member) opened() (Member, tea.Cmd) {
	m.auto.round++
	m.auto.until = m.desk.Now.Add(window)
	round := m.auto.round
	return m, tea.Tick(window, func(time.Time) tea.Msg { return autoOver{round} })
}

// over goes back to the counter, unless something happened in the window.
func (m Member) over(msg autoOver) (Screen, tea.Cmd) {
	if !m.auto.on || msg.round != m.auto.round || m.busy {
		return m, nil
	}
	return NewCounter(m.desk), nil
}

// inWindow reports whether the page goes back to the counter by itself.
func (m Member) inWindow() bool { return m.auto.on && m.desk.Now.Before(m.auto.until) }

// stays makes an ordinary page of it: the cashier wants something else.
func (m Member) stays() Member {
	m.auto = auto{round: m.auto.round + 1}
	return m
}

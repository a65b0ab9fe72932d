package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
)

// Managed reports whether one of them is a manager who can sign in. Where nobody is
// known it is taken for granted.
func (c Cashiers) Managed() bool {
	return len(c.List) == 0 || slices.ContainsFunc(c.List, func(c pos.Cashier) bool { return c.Role == pos.RoleManager && c.PIN != "" })
}

// NewDayGate opens the day end for a manager who shows who they are, or, where there
// is none, for whoever is signed in: a shop without a manager has to close too.
func NewDayGate(d *Desk) (Screen, tea.Cmd) {
	if d.Manager == nil && d.Managed {
		return NewGate(d, NewDayEnd)
	}
	return NewDayEnd(d)
}

// NewDayEnd returns the page that closes the shift, and the commands that count it
// and send what waits.
func NewDayEnd(d *Desk) (Screen, tea.Cmd) {
	e, cmd := newDayEnd(d)
	if d.Manager == nil {
		e.say(Said, "dayend.nomanager")
	}
	if d.Waiting.Total() > 0 {
		cmd = tea.Batch(cmd, d.Send())
	}
	return e, cmd
}

// unsettled reports whether exceptions wait for a manager.
func (e DayEnd) unsettled() bool { return atServer(e.desk) && e.read && e.desk.Standing.Exceptions > 0 }

// issues opens the page of what is to be settled, from which Esc comes back here.
func (e DayEnd) issues() (Screen, tea.Cmd) {
	open := issuesBefore(e.returned)
	if e.desk.Manager != nil {
		return open(e.desk)
	}
	gate, cmd := NewGate(e.desk, open)
	if lock, ok := gate.(Lock); ok {
		lock.home = func() Screen { return e }
		gate = lock
	}
	return gate, cmd
}

// returned opens the page again as it was, with what it did not hear meanwhile.
func (e DayEnd) returned(d *Desk) (Screen, tea.Cmd) {
	e.weighs, e.notice = false, Notice{}
	switch {
	case !e.closed:
		return e, tea.Batch(e.count(), d.LoadStanding())
	case d.Line != nil && !d.Sending.Active:
		next, cmd := e.sent(Sent{Err: d.LineErr})
		return next, tea.Batch(cmd, d.LoadStanding())
	}
	return e, d.LoadStanding()
}

// NewShiftCount returns the page that counts the shift for any cashier, and closes
// nothing.
func NewShiftCount(d *Desk) (Screen, tea.Cmd) {
	e, cmd := newDayEnd(d)
	e.only = true
	return e, cmd
}

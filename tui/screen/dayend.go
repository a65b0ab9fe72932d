package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

type dayTill interface {
	Shift() (report.Z, error)
	XReport() (report.Z, error)
	ZReport(number int) (report.Z, error)
	DayEnd(by pos.CashierID) (report.Z, error)
}

// DayEnd is the page that counts the shift, shows its report, and closes it.
type DayEnd struct {
	page
	till    dayTill
	z       report.Z  // of the shift, then of the day end that closed it
	older   *report.Z // of an earlier day end that is looked at; nil: z is
	program pos.Program
	only    bool // the page counts, and closes nothing
	read    bool
	weighs  bool // what members have is being counted
	opened  time.Time
	hears   bool // the page has stood long enough for Enter to be meant for it
	closed  bool
	again   bool // what was written while a transfer was on its way was sent after it
	top     int  // line of the report that is shown first
}

// counted is the shift as it is now.
type counted struct {
	z       report.Z
	program pos.Program
	err     error
}

// weighed is counted with what members have.
type weighed struct{ counted }

// recalled is the report of an earlier day end.
type recalled struct {
	z   report.Z
	err error
}

type dayClosed struct {
	z   report.Z
	err error
}

func newDayEnd(d *Desk) (DayEnd, tea.Cmd) {
	e := DayEnd{page: page{desk: d}, till: d.Till, opened: d.Now}
	return e, tea.Batch(e.count(), waitGrace(e.opened))
}

func (e DayEnd) count() tea.Cmd {
	till, counter := e.till, counterTill(e.desk.Till)
	return func() tea.Msg {
		z, err := till.Shift()
		if err != nil {
			return counted{err: err}
		}
		program, err := counter.Program()
		return counted{z, program, err}
	}
}

// weigh counts what members have, which may take longer than a cashier likes to look
// at an empty page.
func (e DayEnd) weigh() tea.Cmd {
	till, program := e.till, e.program
	return func() tea.Msg {
		z, err := till.XReport()
		return weighed{counted{z, program, err}}
	}
}

func dayKeys() []binding[DayEnd] {
	ready := func(e DayEnd) bool { return e.read && e.hears && !e.closed && !e.only && e.older == nil }
	closed := func(e DayEnd) bool { return e.closed }
	paper := func(e DayEnd) bool { return e.read }
	waits := func(e DayEnd) bool {
		return e.desk.Line != nil && !e.desk.Sending.Active && e.desk.Waiting.Total() > 0
	}
	earlier := func(e DayEnd) bool { return e.read && e.looked().Number > 1 }
	later := func(e DayEnd) bool { return e.older != nil }
	scroll := func(by int) func(DayEnd) (Screen, tea.Cmd) {
		return func(e DayEnd) (Screen, tea.Cmd) { return e.scroll(by), nil }
	}
	return []binding[DayEnd]{
		{keys: "enter", word: "dayend.key.close", when: ready, do: DayEnd.end},
		{keys: "enter esc", word: "dayend.key.leave", when: closed, do: DayEnd.leave},
		{keys: "esc", word: "dayend.key.back", when: func(e DayEnd) bool { return !e.closed }, do: DayEnd.leave},
		{keys: "p", word: "dayend.key.print", when: paper, do: DayEnd.print},
		{keys: "s", word: "dayend.key.save", when: paper, do: DayEnd.save},
		{keys: "e", word: "dayend.key.issues", when: DayEnd.unsettled, do: DayEnd.issues},
		{keys: "n", word: "dayend.key.send", when: waits, do: func(e DayEnd) (Screen, tea.Cmd) { return e, e.desk.Send() }},
		{keys: "left", word: "dayend.key.older", when: earlier, do: func(e DayEnd) (Screen, tea.Cmd) { return e, e.recall(e.looked().Number - 1) }},
		{keys: "right", word: "dayend.key.newer", when: later, do: func(e DayEnd) (Screen, tea.Cmd) { return e, e.recall(e.looked().Number + 1) }},
		{keys: "up", word: "dayend.key.scroll", when: DayEnd.long, do: scroll(-1)},
		{keys: "down", word: "dayend.key.scroll", when: DayEnd.long, do: scroll(1), quiet: true},
		{keys: "pgup", word: "dayend.key.scroll", when: DayEnd.long, do: scroll(-8), quiet: true},
		{keys: "pgdown", word: "dayend.key.scroll", when: DayEnd.long, do: scroll(8), quiet: true},
		{keys: "home", word: "dayend.key.scroll", when: DayEnd.long, do: scroll(-farthest), quiet: true},
		{keys: "end", word: "dayend.key.scroll", when: DayEnd.long, do: scroll(farthest), quiet: true},
	}
}

// Update implements Screen.
func (e DayEnd) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		e.notice = Notice(msg)
	case counted:
		return e.told(msg)
	case weighed:
		return e.weighed(msg), nil
	case recalled:
		return e.recalled(msg), nil
	case graceOver:
		e.hears = e.hears || msg.opened.Equal(e.opened)
	case dayClosed:
		return e.ended(msg)
	case Refresh:
		if !e.closed {
			return e, e.count()
		}
	case Sent:
		return e.sent(msg)
	case Printed:
		e.notice = e.desk.printedNotice(msg)
	case saved:
		e.notice = e.savedNotice(msg)
	case tea.KeyPressMsg:
		if next, cmd, ok := press(dayKeys(), e, Key(msg)); ok {
			return next, cmd
		}
	}
	return e, nil
}

// told takes the shift as it is now, and counts what members have where that may be
// another than before.
func (e DayEnd) told(msg counted) (Screen, tea.Cmd) {
	if msg.err != nil {
		e.refused(msg.err)
		return e, nil
	}
	if e.closed || e.weighs || e.read && e.z.Counted && e.z.Totals.Entries == msg.z.Totals.Entries {
		return e, nil
	}
	e.z, e.program, e.read, e.weighs = msg.z, msg.program, true, true
	return e, e.weigh()
}

func (e DayEnd) weighed(msg weighed) DayEnd {
	e.weighs = false
	switch {
	case e.closed:
	case msg.err != nil:
		e.refused(msg.err)
	default:
		e.z = msg.z
	}
	return e
}

func (e DayEnd) leave() (Screen, tea.Cmd) { return NewCounter(e.desk), nil }

// by is who closes the day: the manager who opened the page, or who works here.
func (e DayEnd) by() pos.CashierID {
	if m := e.desk.Manager; m != nil {
		return m.ID
	}
	return e.desk.By()
}

func (e DayEnd) end() (Screen, tea.Cmd) {
	e.busy, e.notice = true, Notice{}
	till, by := e.till, e.by()
	return e, func() tea.Msg {
		z, err := till.DayEnd(by)
		return dayClosed{z, err}
	}
}

func (e DayEnd) ended(msg dayClosed) (Screen, tea.Cmd) {
	e.busy = false
	if msg.err != nil {
		e.refused(msg.err)
		return e, nil
	}
	e.z, e.closed, e.top = msg.z, true, 0
	if e.desk.Line == nil {
		e.say(Done, "dayend.alone")
		return e, nil
	}
	e.say(Done, "dayend.closed")
	return e, e.desk.Send()
}

// sent says where the day stands after an attempt to send it. What was written while
// a transfer was on its way, the day end for one, may have missed it.
func (e DayEnd) sent(msg Sent) (Screen, tea.Cmd) {
	switch {
	case !e.closed && msg.Err != nil:
		return e, nil // the page says why beside the line
	case !e.closed:
		e.say(Said, "queue.done")
	case msg.Err == nil && e.desk.Waiting.Total() > 0 && !e.again:
		e.again = true
		return e, e.desk.Send()
	case e.desk.Waiting.Total() > 0:
		e.say(Done, "dayend.waits", "n", int64(e.desk.Waiting.Total()))
	default:
		e.say(Done, "dayend.sent")
	}
	return e, nil
}

// recall looks at another report: of an earlier day end, or at last of this shift.
func (e DayEnd) recall(number int) tea.Cmd {
	till, own := e.till, e.z
	return func() tea.Msg {
		if number >= own.Number {
			return recalled{own, nil}
		}
		z, err := till.ZReport(number)
		return recalled{z, err}
	}
}

func (e DayEnd) recalled(msg recalled) DayEnd {
	e.top, e.notice = 0, Notice{}
	switch {
	case msg.err != nil:
		e.refused(msg.err)
	case msg.z.Number >= e.z.Number:
		e.older = nil
	default:
		e.older = &msg.z
	}
	return e
}

// Hints implements Screen.
func (e DayEnd) Hints() []Hint { return hints(e.desk, dayKeys(), e) }

// State implements Screen.
func (e DayEnd) State() State {
	if e.only {
		return e.state("dayend.count", TakesKeys)
	}
	return e.state("dayend.title", TakesKeys)
}

// Interrupt implements Screen.
func (e DayEnd) Interrupt(int) (Screen, string, tea.Cmd) { return e, "", nil }

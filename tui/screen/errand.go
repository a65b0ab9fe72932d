package screen

import (
	"cmp"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/slip"
)

// Errand is a page on which one thing is done for a customer: a list to choose from,
// or fields to fill in, with what would come of it in words. What has to be keyed
// into the till is shown until the cashier has read it.
type Errand struct {
	page
	task   task
	member station.Member
	gift   *station.GiftCard // that it is about; nil: the member
	rows   rows
	list   []option
	sheet  sheet
	found  *finding // what the code in the fields is of, while it stands there
	done   *outcome // what was done; nil before
	hears  bool     // what was done has been shown long enough for Enter to be meant for it
	opened time.Time
	ask    override
	undone work // what a manager may allow
}

// work does something on disk. consent is a manager's word, or nil.
type work func(consent *station.Override) (outcome, error)

// task is what an Errand is about.
type task struct {
	title string                                        // catalog key
	looks string                                        // of what Enter looks up first; left out: "Look up"
	does  string                                        // catalog key of what Enter does
	tells func(Errand) []string                         // what would come of it; nil: the chosen row says it
	look  func(Errand) (func() (finding, error), error) // what has to be looked up first; nil: nothing
	do    func(Errand) (work, error)                    // of the fields
	take  func(Errand, Found) (Screen, tea.Cmd, bool)   // a scanned code; nil: none
	may   func(error) bool                              // whether a manager may allow it all the same; nil: no
	back  func(*Desk, station.Member) (Screen, tea.Cmd) // where Esc leads; nil: to the member
}

// option is a row of the list.
type option struct {
	name, note string
	tells      []string
	do         work
	open       func() (Screen, tea.Cmd) // a page of its own instead
}

// finding is what a code is of.
type finding struct {
	member *station.Member
	coupon *station.Coupon
	open   func(*Desk) (Screen, tea.Cmd) // another page is the right one
}

// outcome is what was done, and what is to be done with it.
type outcome struct {
	said   string
	key    string   // what to key into the till, in words; "": nothing, and the page is left at once
	lines  []string // more, in words
	member *station.Member
	gift   *station.GiftCard
	sale   *pos.Sale // that is still to be booked
	taken  []string  // rewards that were taken on it
	slip   *slip.Slip
	next   func(*Desk) (Screen, tea.Cmd) // where it goes on; nil: where the page came from
}

// carriedOut is a message: the outcome of a work.
type carriedOut struct {
	outcome outcome
	err     error
}

// looked is a message: what a code in the fields is of.
type looked struct {
	finding finding
	err     error
}

// laid is a message: the rows of the list.
type laid struct {
	list []option
	err  error
}

// newErrand returns the page with its fields.
func newErrand(d *Desk, m station.Member, t task, blanks ...blank) Errand {
	return Errand{page: page{desk: d}, member: m, task: t, sheet: sheet{blanks: blanks}}
}

// newList returns the page with what there is to choose from, which is read.
func newList(d *Desk, m station.Member, t task, read func() ([]option, error)) (Screen, tea.Cmd) {
	e := newErrand(d, m, t)
	e.busy = true
	return e, func() tea.Msg {
		list, err := read()
		return laid{list, err}
	}
}

func (e Errand) choosing() bool { return e.done == nil && len(e.list) > 0 }
func (e Errand) filling() bool  { return e.done == nil && len(e.sheet.blanks) > 0 }
func (e Errand) ended() bool    { return e.done != nil && e.hears }

// seeks reports whether Enter looks something up before it does anything.
func (e Errand) seeks() bool { return e.task.look != nil && e.found == nil }

func errandKeys(t task) []binding[Errand] {
	does, looks := t.does, cmp.Or(t.looks, "errand.key.look")
	last := func(e Errand) bool { return e.filling() && e.sheet.last() }
	option := func(e Errand) bool { return e.filling() && e.sheet.takes() == TakesKeys }
	return []binding[Errand]{
		{keys: "enter", word: does, when: Errand.choosing, do: Errand.choose},
		{keys: "enter", word: "errand.key.next", when: func(e Errand) bool { return e.filling() && !e.sheet.last() }, do: Errand.next},
		{keys: "enter", word: looks, when: func(e Errand) bool { return last(e) && e.seeks() }, do: Errand.look},
		{keys: "enter", word: does, when: func(e Errand) bool { return last(e) && !e.seeks() }, do: Errand.carry},
		{keys: "up", word: "errand.key.choose", when: func(e Errand) bool { return e.choosing() && len(e.list) > 1 }},
		{keys: "tab", word: "errand.key.move", when: func(e Errand) bool { return e.filling() && len(e.sheet.blanks) > 1 }},
		{keys: "right", word: "errand.key.change", when: option},
		{keys: "enter esc", word: "errand.key.on", when: Errand.ended, do: Errand.goOn},
		{keys: "p", word: "errand.key.print", when: func(e Errand) bool { return e.ended() && e.done.slip != nil }, do: Errand.print},
		{keys: "esc", word: "errand.key.back", when: func(e Errand) bool { return e.done == nil }, do: Errand.back},
	}
}

// Update implements Screen.
func (e Errand) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		e.notice = Notice(msg)
	case Printed:
		if said := e.desk.printedNotice(msg); e.hears || said.Kind == Bad { // what was done is read first
			e.notice = said
		}
	case laid:
		return e.laid(msg), nil
	case looked:
		return e.looked(msg)
	case carriedOut:
		return e.carried(msg)
	case graceOver:
		e.hears, e.ask = e.hears || msg.opened.Equal(e.opened), e.ask.open(msg)
	case waited:
		o, cmd := e.asked().waited(msg)
		return e.asks(o), cmd
	case Picked:
		return e.picked(msg)
	case tea.PasteMsg:
		return e.paste(msg.Content), nil
	case tea.KeyPressMsg:
		return e.press(msg)
	}
	return e, nil
}

func (e Errand) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	if e.ask.shown() {
		return answer(e, msg)
	}
	if e.done != nil && !e.hears {
		return e, nil
	}
	e.notice = Notice{}
	if next, cmd, ok := press(errandKeys(e.task), e, Key(msg)); ok {
		return next, cmd
	}
	switch {
	case e.choosing():
		e.rows, _ = e.rows.press(Key(msg))
	case e.filling():
		e = e.typed(func(s sheet) sheet {
			s, _ = s.press(msg)
			return s
		})
	}
	return e, nil
}

// typed changes the fields. What was looked up for other text is not what stands
// there now.
func (e Errand) typed(change func(sheet) sheet) Errand {
	before := e.values()
	if e.sheet = change(e.sheet); !slices.Equal(before, e.values()) {
		e.found = nil
	}
	return e
}

func (e Errand) values() (values []string) {
	for _, b := range e.sheet.blanks {
		values = append(values, b.value())
	}
	return values
}

// value returns what stands in the nth field.
func (e Errand) value(n int) string { return e.sheet.blanks[n].value() }

func (e Errand) paste(text string) Errand {
	switch {
	case e.ask.shown():
		e.ask = e.ask.paste(text)
	case e.filling():
		e = e.typed(func(s sheet) sheet { return s.paste(text) })
	}
	return e
}

func (e Errand) picked(msg Picked) (Screen, tea.Cmd) {
	switch {
	case e.busy || e.ask.shown():
	case e.choosing():
		var open bool
		if e.rows, open = e.rows.picked(msg); open {
			return e.choose()
		}
	case e.filling():
		e = e.typed(func(s sheet) sheet { return s.picked(msg) })
	}
	return e, nil
}

func (e Errand) laid(msg laid) Errand {
	e.busy = false
	if msg.err != nil {
		e.refused(msg.err)
		return e
	}
	e.list = msg.list
	e.rows = e.rows.sized(len(e.list))
	if len(e.list) == 0 {
		e.say(Said, "errand.none")
	}
	return e
}

func (e Errand) next() (Screen, tea.Cmd) {
	e.sheet = e.sheet.move(1)
	return e, nil
}

func (e Errand) choose() (Screen, tea.Cmd) {
	chosen := e.list[e.rows.at]
	if chosen.open != nil {
		return chosen.open()
	}
	return e.begin(chosen.do, nil)
}

// look finds out what the code in the fields is of.
func (e Errand) look() (Screen, tea.Cmd) {
	find, err := e.task.look(e)
	if err != nil {
		e.refused(err)
		return e, nil
	}
	e.busy = true
	return e, func() tea.Msg {
		found, err := find()
		return looked{found, err}
	}
}

func (e Errand) looked(msg looked) (Screen, tea.Cmd) {
	e.busy = false
	switch {
	case msg.err != nil:
		e.refused(msg.err)
	case msg.finding.open != nil:
		return msg.finding.open(e.desk)
	default:
		e.found = &msg.finding
	}
	return e, nil
}

// carry does what stands in the fields.
func (e Errand) carry() (Screen, tea.Cmd) {
	do, err := e.task.do(e)
	if err != nil {
		e.refused(err)
		return e, nil
	}
	return e.begin(do, nil)
}

// begin does it in a command.
func (e Errand) begin(do work, consent *station.Override) (Screen, tea.Cmd) {
	e.busy, e.undone = true, do
	d, may := e.desk, e.task.may
	return e, func() tea.Msg {
		done, err := do(consent)
		if may != nil && consent == nil {
			err = d.allowable(err, may)
		}
		return carriedOut{done, err}
	}
}

func (e Errand) carried(msg carriedOut) (Screen, tea.Cmd) {
	e.busy = false
	if msg.err != nil {
		return e.failed(msg.err)
	}
	e.done, e.ask = &msg.outcome, override{}
	if msg.outcome.gift != nil {
		e.gift = msg.outcome.gift
	}
	if msg.outcome.key == "" {
		return e.goOn()
	}
	e.notice, e.hears, e.opened = Notice{msg.outcome.said, Done}, false, e.desk.Now
	if msg.outcome.slip != nil && e.desk.Settings.Printer.Slips == "always" {
		return e, tea.Batch(waitGrace(e.opened), e.desk.Print(*msg.outcome.slip))
	}
	return e, waitGrace(e.opened)
}

// failed says why nothing was done, and asks a manager where one may allow it.
func (e Errand) failed(err error) (Screen, tea.Cmd) {
	if refused, ok := errors.AsType[allowable](err); ok {
		o := newOverride(e.desk, refused, asking{e.desk.Words.T("errand.allow"), "errand.key.allow", "errand.reason"})
		return e.asks(o), waitGrace(o.opened)
	}
	if e.ask.shown() {
		o, cmd := e.asked().notAllowed(err)
		return e.asks(o), cmd
	}
	e.refused(err)
	return e, nil
}

// goOn leaves the page when all is done, with the sale that is still to be booked.
func (e Errand) goOn() (Screen, tea.Cmd) {
	done := *e.done
	if done.next != nil {
		return done.next(e.desk)
	}
	if done.member != nil {
		e.member = *done.member
	}
	if e.task.back != nil {
		next, cmd := e.task.back(e.desk, e.member)
		said, more := next.Update(Say{done.said, Done})
		return said, tea.Batch(cmd, more)
	}
	m, cmd := NewMember(e.desk, e.member, "")
	m.notice = Notice{done.said, Done}
	if done.sale != nil && e.member.Sells {
		m.sale, m.taken = done.sale, done.taken
	}
	return m, cmd
}

func (e Errand) print() (Screen, tea.Cmd) {
	e.say(Said, "print.printing")
	return e, e.desk.Print(*e.done.slip)
}

func (e Errand) back() (Screen, tea.Cmd) {
	if e.task.back != nil {
		return e.task.back(e.desk, e.member)
	}
	return NewMember(e.desk, e.member, "")
}

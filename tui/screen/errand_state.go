package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

func (e Errand) asked() override {
	o := e.ask
	o.page = e.page
	return o
}

func (e Errand) asks(o override) Errand {
	e.ask, e.notice = o, o.notice
	return e
}

// allow does what was refused.
func (e Errand) allow(_ pos.Cashier, consent station.Override) (Screen, tea.Cmd) {
	return e.begin(e.undone, &consent)
}

// leave is for when nobody allowed it.
func (e Errand) leave() (Screen, tea.Cmd) {
	e.ask = override{}
	e.say(Said, "errand.left")
	return e, nil
}

// take implements taker.
func (e Errand) take(f Found) (Screen, tea.Cmd, bool) {
	if e.task.take == nil || !e.filling() || e.ask.shown() {
		return e, nil, false
	}
	return e.task.take(e, f)
}

// Hints implements Screen.
func (e Errand) Hints() []Hint {
	switch {
	case e.ask.shown():
		return askHints(e)
	case e.done != nil && !e.hears:
		return nil
	}
	return hints(e.desk, errandKeys(e.task), e)
}

// State implements Screen.
func (e Errand) State() State {
	takes := TakesKeys
	switch {
	case e.ask.shown():
		takes = e.ask.takes()
	case e.filling():
		takes = e.sheet.takes()
	}
	s := e.state(e.task.title, takes)
	s.Keeps = true
	return s
}

// Interrupt implements Screen.
func (e Errand) Interrupt(typed int) (Screen, string, tea.Cmd) {
	e.notice = Notice{}
	if e.ask.shown() {
		e.ask = e.ask.takeBack(typed)
		return e, e.desk.Words.T("errand.dropped"), nil
	}
	if !e.filling() {
		if e.done != nil && e.done.sale != nil && e.member.Sells {
			return e, e.desk.Words.T("errand.unbooked"), nil
		}
		return e, "", nil
	}
	e = e.typed(func(s sheet) sheet { return s.takeBack(typed) })
	for _, b := range e.sheet.blanks {
		if b.value() != "" {
			return e, e.desk.Words.T("errand.dropped"), nil
		}
	}
	return e, "", nil
}

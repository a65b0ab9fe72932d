package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/code"
	"tenthcup/tui/widget"
)

// take implements taker: a code that is nobody's, and no misread member code, is the
// one on the receipt.
func (r Return) take(f Found) (Screen, tea.Cmd, bool) {
	if r.sold != nil || f.Err == nil || f.Card != nil || strings.HasPrefix(code.Signs(f.Text), code.Prefix) {
		return r, nil, false
	}
	r.receipt = widget.NewField(f.Text)
	next, cmd := r.look()
	return next, cmd, true
}

// picked goes to the line or field that was clicked; a click on the marked line lets
// one more unit come back.
func (r Return) picked(msg Picked) Return {
	switch {
	case r.ask.shown():
		return r.asks(r.asked().picked(msg))
	case r.sold == nil || r.done != nil:
		return r
	}
	list, again := rows{r.at, r.lines() + 2}.picked(msg)
	if r.at = list.at; again && r.at < r.lines() {
		return r.more(1)
	}
	return r
}

// Interrupt implements Screen. What was chosen stays until a member's page is shown
// in its place.
func (r Return) Interrupt(typed int) (Screen, string, tea.Cmd) {
	r.notice = Notice{}
	if r.ask.shown() {
		r.ask = r.ask.takeBack(typed)
	} else {
		r = r.typed(func(f widget.Field) widget.Field { return f.TakeBack(typed) })
	}
	if r.done != nil || r.sold == nil {
		return r, "", nil
	}
	return r, r.desk.Words.T("back.dropped"), nil
}

package screen

import (
	"errors"
	"maps"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type returnTill interface {
	Sale(ask station.ReturnAsk) (station.Sold, error)
	Return(by pos.CashierID, ask station.ReturnAsk) (station.TakenBack, error)
}

// Return is the page where a sale is taken back: it is looked up by its receipt
// number, what comes back is chosen, and it is said what the customer gets.
type Return struct {
	page
	from    *station.Member // whose page it was opened from; nil: the counter
	receipt widget.Field
	sold    *booked // the sale that was found; nil while none is
	at      int     // of the sale's fields: its lines, the amount, the reason
	units   map[int]int64
	amount  widget.Field
	reason  widget.Field
	hears   bool // what is shown has stood long enough for Enter to be meant for it
	opened  time.Time
	actions int
	ask     override
	done    *takenBack // what was done; nil before
}

// booked is a sale that was found, in words.
type booked struct {
	station.Sold
	when, gave, spent string
	left              pos.Money
}

// over reports whether nothing is left that could come back.
func (b booked) over() bool { return b.left <= 0 && len(b.Returns) > 0 }

// lookedUp is a message: the sale that was looked for.
type lookedUp struct {
	sold booked
	err  error
}

// takenBack is a message: what a return did.
type takenBack struct {
	station.TakenBack
	why []whyLine
	err error
}

// NewReturn returns the page with nothing typed.
func NewReturn(d *Desk) Return { return Return{page: page{desk: d}} }

// NewReturnOf returns the page with the member's newest sale of this till on its way.
func NewReturnOf(d *Desk, m station.Member) (Return, tea.Cmd) {
	r := NewReturn(d)
	r.from = &m
	return r.find("")
}

func returnKeys() []binding[Return] {
	asked := func(r Return) bool { return r.sold == nil }
	chosen := func(r Return) bool { return r.sold != nil && r.done == nil }
	ready := func(r Return) bool { return chosen(r) && r.hears && !r.sold.over() }
	line := func(r Return) bool { return chosen(r) && r.at < r.lines() }
	amount := func(r Return) bool { return chosen(r) && r.at == r.lines() }
	done := func(r Return) bool { return r.done != nil && r.hears }
	move := func(by int) func(Return) (Screen, tea.Cmd) {
		return func(r Return) (Screen, tea.Cmd) { return r.move(by), nil }
	}
	more := func(by int64) func(Return) (Screen, tea.Cmd) {
		return func(r Return) (Screen, tea.Cmd) { return r.more(by), nil }
	}
	return []binding[Return]{
		{keys: "enter", word: "back.key.look", when: asked, do: Return.look},
		{keys: "enter", word: "back.key.take", when: ready, do: Return.bring},
		{keys: "enter esc", word: "back.key.on", when: done, do: Return.leavePage},
		{keys: "up shift+tab", word: "back.key.choose", when: chosen, do: move(-1)},
		{keys: "down tab", word: "back.key.choose", when: chosen, do: move(1), quiet: true},
		{keys: "right", word: "back.key.more", when: line, do: more(1)},
		{keys: "left", word: "back.key.less", when: line, do: more(-1)},
		{keys: "digits", word: "back.key.amount", when: amount},
		{keys: "esc", word: "back.key.other", when: chosen, do: Return.other},
		{keys: "esc", word: "back.key.leave", when: asked, do: Return.leavePage},
	}
}

// Update implements Screen.
func (r Return) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		r.notice = Notice(msg)
	case lookedUp:
		return r.found(msg)
	case takenBack:
		return r.took(msg)
	case wonder:
		r.slow = r.busy && msg.actions == r.actions
	case graceOver:
		r.hears, r.ask = r.hears || msg.opened.Equal(r.opened), r.ask.open(msg)
	case waited:
		o, cmd := r.asked().waited(msg)
		return r.asks(o), cmd
	case Picked:
		return r.picked(msg), nil
	case tea.PasteMsg:
		if r.ask.shown() {
			r.ask = r.ask.paste(msg.Content)
			return r, nil
		}
		return r.typed(func(f widget.Field) widget.Field { return f.Type(strings.TrimSpace(msg.Content)) }), nil
	case tea.KeyPressMsg:
		return r.press(msg)
	}
	return r, nil
}

func (r Return) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	if r.ask.shown() {
		return answer(r, msg)
	}
	r.notice = Notice{}
	if next, cmd, ok := press(returnKeys(), r, Key(msg)); ok {
		return next, cmd
	}
	return r.typed(func(f widget.Field) widget.Field {
		f, _ = f.Press(msg)
		return f
	}), nil
}

// typed changes the field that is typed in, if one is. An amount and units of lines
// exclude each other.
func (r Return) typed(change func(widget.Field) widget.Field) Return {
	switch {
	case r.busy || r.done != nil:
	case r.sold == nil:
		r.receipt = change(r.receipt)
	case r.at == r.lines():
		if next := change(r.amount); strings.Trim(pos.ASCIIDigits(next.Value()), "0123456789.,") == "" {
			r.amount, r.units = next, nil
		}
	case r.at > r.lines():
		r.reason = change(r.reason)
	}
	return r
}

// lines returns how many lines of the sale can be chosen from.
func (r Return) lines() int { return len(r.sold.Sale().Lines) }

func (r Return) move(by int) Return {
	n := r.lines() + 2
	r.at = (r.at + by + n) % n
	return r
}

// more lets so many more units of the marked line come back, within what is left.
func (r Return) more(by int64) Return {
	units := map[int]int64{}
	maps.Copy(units, r.units)
	line := r.at + 1
	units[line] = min(max(units[line]+by, 0), r.leftOf(line))
	r.units, r.amount = units, widget.Field{}
	return r
}

// leftOf returns how many units of the line may still come back.
func (r Return) leftOf(line int) int64 {
	return max(r.sold.Sale().Lines[line-1].Quantity-r.sold.Units(line), 0)
}

// part returns what was chosen: nothing is all that is left.
func (r Return) part() (part rules.Part, err error) {
	for line := 1; line <= r.lines(); line++ {
		if n := r.units[line]; n > 0 {
			part.Lines = append(part.Lines, rules.Units{Line: line, Units: n})
		}
	}
	if r.amount.Empty() {
		return part, nil
	}
	part.Amount, err = r.desk.Words.Amount(r.amount.Value())
	if err != nil {
		return part, r.desk.amountProblem(r.amount.Value(), err)
	}
	if part.Amount == 0 {
		return part, pos.Refuse("amount.positive")
	}
	return part, nil
}

// look looks for the sale with the number that was typed.
func (r Return) look() (Screen, tea.Cmd) {
	receipt := strings.TrimSpace(r.receipt.Value())
	if receipt == "" {
		r.say(Bad, "back.number")
		return r, nil
	}
	return r.find(receipt)
}

// find looks for a sale; for "" the newest of the member.
func (r Return) find(receipt string) (Return, tea.Cmd) {
	till, desk, words := returnTill(r.desk.Till), counterTill(r.desk.Till), r.desk.Words
	ask := station.ReturnAsk{Receipt: receipt, Holder: r.holder()}
	r.busy = true
	return r, func() tea.Msg {
		sold, err := till.Sale(ask)
		if err != nil {
			return lookedUp{err: err}
		}
		program, err := desk.Program()
		if err != nil {
			return lookedUp{err: err}
		}
		first := sold.Entries[0]
		found := booked{Sold: sold, left: sold.Sale().Amount - sold.Came()}
		found.when = words.Clock(first.Time())
		if first.Day != desk.Today() {
			found.when = words.Moment(first.Time())
		}
		found.gave, found.spent = moves(sold.Entries, program, words)
		return lookedUp{sold: found}
	}
}

// holder returns the member whose sale it has to be; zero: anybody's.
func (r Return) holder() (holder pos.HolderID) {
	if r.from != nil {
		holder = r.from.Profile.Holder
	}
	return holder
}

// found shows the sale. For a moment it is deaf to Enter: the one that looked it up
// must not take it back as well.
func (r Return) found(msg lookedUp) (Screen, tea.Cmd) {
	r.busy = false
	if msg.err != nil {
		r.refused(msg.err)
		return r, nil
	}
	r.sold, r.at, r.hears, r.opened = &msg.sold, 0, false, r.desk.Now
	return r, waitGrace(r.opened)
}

// bring takes back what was chosen.
func (r Return) bring() (Screen, tea.Cmd) {
	return r.taking(station.Override{})
}

func (r Return) taking(consent station.Override) (Screen, tea.Cmd) {
	part, err := r.part()
	if err == nil {
		_, err = r.sold.Worth(part)
	}
	if err != nil {
		r.refused(err)
		return r, nil
	}
	ask, by := r.sold.Ask, r.desk.By()
	ask.Part, ask.Reason, ask.Override = part, strings.TrimSpace(r.reason.Value()), consent
	till, desk, words, d := returnTill(r.desk.Till), counterTill(r.desk.Till), r.desk.Words, r.desk
	r.busy, r.slow, r.notice = true, false, Notice{}
	r.actions++
	begun := r.actions
	work := func() tea.Msg {
		done, err := till.Return(by, ask)
		if err != nil {
			return takenBack{err: d.allowable(err, station.ReturnOverridable)}
		}
		program, err := desk.Program()
		if err != nil {
			program = pos.Program{} // it is done all the same; accounts go without names
		}
		return takenBack{TakenBack: done, why: whyLines(done.Because, program, words)}
	}
	return r, tea.Batch(work, tea.Tick(patience, func(time.Time) tea.Msg { return wonder{begun} }))
}

// took says what was done, why nothing was, or asks a manager.
func (r Return) took(msg takenBack) (Screen, tea.Cmd) {
	r.busy, r.slow = false, false
	if refused, ok := errors.AsType[allowable](msg.err); ok {
		o := newOverride(r.desk, refused, asking{r.desk.Words.T("back.allow"), "back.key.take", "return.reason"})
		o.reason = widget.NewField(r.reason.Value())
		return r.asks(o), waitGrace(o.opened)
	}
	if msg.err != nil && r.ask.shown() {
		o, cmd := r.asked().notAllowed(msg.err)
		return r.asks(o), cmd
	}
	if msg.err != nil {
		r.refused(msg.err)
		return r, nil
	}
	r.ask, r.done = override{}, &msg
	r.hears, r.opened = false, r.desk.Now
	r.say(Done, "back.done", "value", msg.Value)
	return r, tea.Batch(waitGrace(r.opened), r.desk.Receipt(msg.Member, msg.Records...))
}

// other goes back to the receipt number.
func (r Return) other() (Screen, tea.Cmd) {
	next := NewReturn(r.desk)
	next.from = r.from
	return next, nil
}

// leavePage goes back to where the page was opened from, after a return to the
// member who brought the sale back.
func (r Return) leavePage() (Screen, tea.Cmd) {
	switch {
	case r.done != nil && r.done.Member.Profile.Holder != (pos.HolderID{}):
		m, cmd := NewMember(r.desk, r.done.Member, "")
		m.stamped = r.desk.Now // an Enter that is leant on gives no stamp
		return m, cmd
	case r.from != nil:
		m, cmd := NewMember(r.desk, *r.from, "")
		return m, tea.Batch(cmd, m.read())
	}
	return NewCounter(r.desk), nil
}

func (r Return) asked() override {
	o := r.ask
	o.page = r.page
	return o
}

func (r Return) asks(o override) Return {
	r.ask, r.notice = o, o.notice
	return r
}

// allow takes the sale back although the till refused.
func (r Return) allow(_ pos.Cashier, consent station.Override) (Screen, tea.Cmd) {
	return r.taking(consent)
}

func (r Return) leave() (Screen, tea.Cmd) {
	r.ask = override{}
	r.say(Said, "back.left")
	return r, nil
}

// Hints implements Screen.
func (r Return) Hints() []Hint {
	if r.ask.shown() {
		return askHints(r)
	}
	return hints(r.desk, returnKeys(), r)
}

// State implements Screen.
func (r Return) State() State {
	takes, title := TakesKeys, "back.title"
	switch {
	case r.ask.shown():
		takes, title = r.ask.takes(), "allow.title"
	case r.done != nil:
	case r.sold == nil || r.at > r.lines():
		takes = TakesText
	case r.at == r.lines():
		takes = TakesDigits
	}
	s := r.state(title, takes)
	s.Keeps = r.done == nil
	return s
}

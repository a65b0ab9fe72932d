package screen

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type overrideTill interface {
	Managers() ([]pos.Cashier, error)
	StampOverride(by pos.CashierID, holder pos.HolderID, card string, n int64, o station.Override) (station.Done, error)
	ClaimOverride(by pos.CashierID, holder pos.HolderID, claim rules.Claim, o station.Override) (station.Done, error)
}

// allowable is a refusal that a manager may allow.
type allowable struct {
	error
	managers []pos.Cashier // at least one
}

// Unwrap returns the refusal itself.
func (a allowable) Unwrap() error { return a.error }

// allowable returns the error of an action: an allowable one if a manager may
// allow it and there is one.
func (d *Desk) allowable(err error, overridable func(error) bool) error {
	if err == nil || !overridable(err) {
		return err
	}
	managers, failed := overrideTill(d.Till).Managers()
	if failed != nil || len(managers) == 0 {
		return err
	}
	return allowable{err, managers}
}

// asker is a page on which a manager can be asked.
type asker[S any] interface {
	Screen
	asked() override                                                       // with what the page says
	asks(o override) S                                                     // says what the dialog says
	allow(manager pos.Cashier, consent station.Override) (Screen, tea.Cmd) // does what was refused
	leave() (Screen, tea.Cmd)                                              // nobody allowed it
}

// wanted is what was asked for: a reward, or stamps on a card.
type wanted struct {
	claim  rules.Claim
	reward pos.RewardRule
	card   pos.Card
	stamps int64 // 0: a reward
}

// asking says what a manager is asked for.
func (w wanted) asking(d *Desk) asking {
	if w.stamps > 0 {
		return asking{d.Words.T("allow.stamps", "n", w.stamps, "card", w.card.Name), "allow.key.stamp", "allow.because"}
	}
	return asking{d.Words.T("allow.head", "reward", widget.Name(w.reward.Name)), "allow.key.give", "allow.reason"}
}

// The fields of the dialog, from the top.
const (
	managerField = iota
	pinField
	reasonField
	askFields
)

// override is the dialog in which a manager allows what was refused. The zero
// override is not shown.
type override struct {
	page
	words    asking
	why      string        // it was refused
	managers []pos.Cashier // none: the dialog is not shown
	chosen   int
	at       int // the field
	pin      widget.Field
	reason   widget.Field
	wait     wait
	opened   time.Time
	hears    bool // the dialog has stood long enough for keys to be meant for it
}

// asking is what the dialog says about what is to be allowed.
type asking struct {
	head   string // at the top of the dialog
	give   string // catalog key of the key that does it
	reason string // catalog key of the sentence that asks for a reason
}

func (o override) shown() bool { return len(o.managers) > 0 }

func (o override) open(msg graceOver) override {
	o.hears = o.hears || msg.opened.Equal(o.opened)
	return o
}

// saidAlready is a notice with nothing to read: the dialog says it. That it is bad
// makes the App forget what was typed in the belief that all would go well.
var saidAlready = Notice{Kind: Bad}

// newOverride asks a manager: the only one there is, or the one to be chosen.
func newOverride(d *Desk, refused allowable, words asking) override {
	o := override{
		page: page{desk: d, notice: saidAlready}, words: words, why: d.Words.Error(refused.error), managers: refused.managers,
		at: pinField, pin: widget.Field{Secret: true}, opened: d.Now,
	}
	if len(o.managers) > 1 {
		o.at = managerField
	}
	return o
}

func askKeys[S asker[S]](o override) []binding[S] {
	choosing := func(S) bool { return o.at == managerField }
	typing := func(S) bool { return o.at != managerField }
	ready := func(S) bool { return o.ready() }
	next := func(S) bool { return !o.ready() && (o.at != pinField || o.wait.left(o.desk.Now) == 0) }
	choose := func(by int) func(S) (Screen, tea.Cmd) {
		return func(s S) (Screen, tea.Cmd) { return s.asks(s.asked().choose(o.chosen + by)), nil }
	}
	move := func(by int) func(S) (Screen, tea.Cmd) {
		return func(s S) (Screen, tea.Cmd) { return s.asks(s.asked().move(by)), nil }
	}
	return []binding[S]{
		{keys: "enter", word: o.words.give, when: ready, do: consent[S]},
		{keys: "enter", word: "allow.key.next", when: next, do: consent[S]},
		{keys: "up", word: "allow.key.choose", when: choosing, do: choose(-1)},
		{keys: "down", word: "allow.key.choose", when: choosing, do: choose(1), quiet: true},
		{keys: "numbers", word: "allow.key.number", when: choosing},
		{keys: "tab", word: "allow.key.move", do: move(1)},
		{keys: "shift+tab", word: "allow.key.move", do: move(-1), quiet: true},
		{keys: "up", word: "allow.key.move", when: typing, do: move(-1), quiet: true},
		{keys: "down", word: "allow.key.move", when: typing, do: move(1), quiet: true},
		{keys: "esc", word: "allow.key.leave", do: S.leave},
	}
}

func askHints[S asker[S]](s S) []Hint {
	o := s.asked()
	if !o.hears {
		return nil
	}
	return hints(o.desk, askKeys[S](o), s)
}

// takes says what becomes of letters and digits in the field.
func (o override) takes() Takes {
	switch o.at {
	case pinField:
		return TakesDigits
	case reasonField:
		return TakesText
	}
	return TakesKeys
}

// ready reports whether Enter does it now.
func (o override) ready() bool {
	return o.at != managerField && !o.pin.Empty() && o.because() != ""
}

// because returns the reason as it was typed.
func (o override) because() string { return strings.TrimSpace(o.reason.Value()) }

// answer handles a key while a manager is asked.
func answer[S asker[S]](s S, msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	o := s.asked()
	if !o.hears {
		return s, nil
	}
	if next, cmd, ok := press(askKeys[S](o), s, Key(msg)); ok {
		return next, cmd
	}
	switch o.at {
	case managerField:
		number, err := strconv.Atoi(pos.ASCIIDigits(msg.Text))
		if err == nil && number >= 1 && number <= len(o.managers) {
			o = o.choose(number - 1).move(1)
		}
	case pinField:
		if o.wait.left(o.desk.Now) == 0 {
			o.pin, _ = o.pin.Press(msg)
			o.notice = Notice{}
		}
	case reasonField:
		o.reason, _ = o.reason.Press(msg)
		o.notice = o.wait.notice(o.desk)
	}
	return s.asks(o), nil
}

func (o override) paste(text string) override {
	switch {
	case !o.hears:
	case o.at == reasonField:
		o.reason = o.reason.Type(text)
	case o.at == pinField && o.wait.left(o.desk.Now) == 0:
		o.pin = o.pin.Type(strings.TrimSpace(text))
	}
	return o
}

// takeBack returns the dialog without the last characters typed, which came from
// a scanner.
func (o override) takeBack(typed int) override {
	switch o.at {
	case pinField:
		o.pin = o.pin.TakeBack(typed)
	case reasonField:
		o.reason = o.reason.TakeBack(typed)
	}
	return o
}

// choose chooses another manager. A PIN that was typed is not theirs, and neither
// is a wait.
func (o override) choose(n int) override {
	all := len(o.managers)
	if n = (n + all) % all; n != o.chosen {
		o.chosen, o.pin, o.wait = n, widget.Field{Secret: true}, wait{}
		o.notice = Notice{}
	}
	return o
}

// move goes to another field. There is nothing to choose among one manager.
func (o override) move(by int) override {
	o.at = (o.at + by + askFields) % askFields
	if o.at == managerField && len(o.managers) == 1 {
		o.at = (o.at + by + askFields) % askFields
	}
	return o
}

// consent does what was refused, or goes to what is missing for that.
func consent[S asker[S]](s S) (Screen, tea.Cmd) {
	o := s.asked()
	switch {
	case o.at == managerField, o.at == pinField && !o.ready():
		return s.asks(o.move(1)), nil
	case o.wait.left(o.desk.Now) > 0:
		o.at = pinField
		return s.asks(o), nil
	case o.pin.Empty():
		o.at = pinField
		o.say(Bad, "allow.pin")
		return s.asks(o), nil
	case o.because() == "":
		o.say(Bad, o.words.reason)
		return s.asks(o), nil
	}
	manager := o.managers[o.chosen]
	o.notice = Notice{}
	return s.asks(o).allow(manager, station.Override{Manager: manager.ID, PIN: pos.ASCIIDigits(o.pin.Value()), Reason: o.because()})
}

// picked goes to the field that was clicked; a click on the manager who is chosen
// chooses the next.
func (o override) picked(msg Picked) override {
	list, again := rows{o.at, askFields}.picked(msg)
	switch {
	case !o.hears || list.at == managerField && len(o.managers) == 1:
		return o
	case again && o.at == managerField:
		return o.choose(o.chosen + 1)
	}
	o.at = list.at
	return o
}

// notAllowed goes on asking: what is wrong is said, and a wrong PIN is typed again;
// the reason stays.
func (o override) notAllowed(err error) (override, tea.Cmd) {
	o.refused(err)
	o.wait = waitAfter(err, o.desk.Now)
	if _, ok := pinProblem(err); ok {
		o.pin, o.at = widget.Field{Secret: true}, pinField
	}
	if o.wait.left(o.desk.Now) > 0 {
		o.notice = o.wait.notice(o.desk)
	}
	return o, o.wait.tick(o.desk.Now)
}

// waited counts a second of the wait down.
func (o override) waited(msg waited) (override, tea.Cmd) {
	if !o.shown() || msg.of != o.wait {
		return o, nil
	}
	o.notice = o.wait.notice(o.desk)
	return o, o.wait.tick(o.desk.Now)
}

func (m Member) asked() override {
	o := m.ask
	o.page = m.page
	return o
}

func (m Member) asks(o override) Member {
	m.ask, m.notice = o, o.notice
	return m
}

// allow hands the reward out that was refused, or stamps before it is time.
func (m Member) allow(manager pos.Cashier, consent station.Override) (Screen, tea.Cmd) {
	by, holder, wanted, till := m.desk.By(), m.member.Profile.Holder, m.wanted, overrideTill(m.desk.Till)
	if wanted.stamps > 0 {
		return m.act(
			func() (station.Done, error) {
				return till.StampOverride(by, holder, wanted.card.ID, wanted.stamps, consent)
			},
			func(done station.Done, before Member) Notice { return before.saidStamps(done, wanted.stamps) },
		)
	}
	return m.act(
		func() (station.Done, error) { return till.ClaimOverride(by, holder, wanted.claim, consent) },
		func(done station.Done, before Member) Notice { return before.saidAllowed(wanted.reward, manager, done) },
	)
}

func (m Member) leave() (Screen, tea.Cmd) {
	m.ask = override{}
	if m.wanted.stamps > 0 {
		m.say(Said, "allow.unstamped")
		return m, nil
	}
	m.say(Said, "allow.left")
	return m, nil
}

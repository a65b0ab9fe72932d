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
	ClaimOverride(by pos.CashierID, holder pos.HolderID, claim rules.Claim, o station.Override) (station.Done, error)
}

// allowable is the refusal of a redemption that a manager may allow.
type allowable struct {
	error
	claim    rules.Claim
	reward   pos.RewardRule
	managers []pos.Cashier // at least one
}

// Unwrap returns the refusal itself.
func (a allowable) Unwrap() error { return a.error }

// allowable returns the error of a redemption: an allowable one if a manager may
// allow it and there is one.
func (m Member) allowable(claim rules.Claim, rule pos.RewardRule, err error) error {
	if err == nil || !station.Overridable(err) {
		return err
	}
	managers, failed := overrideTill(m.desk.Till).Managers()
	if failed != nil || len(managers) == 0 {
		return err
	}
	return allowable{err, claim, rule, managers}
}

// The fields of the dialog, from the top.
const (
	managerField = iota
	pinField
	reasonField
	askFields
)

// override is the dialog in which a manager allows a reward that was refused.
// The zero override is not shown.
type override struct {
	claim    rules.Claim
	reward   pos.RewardRule
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

func (o override) shown() bool { return len(o.managers) > 0 }

func (o override) open(msg graceOver) override {
	o.hears = o.hears || msg.opened.Equal(o.opened)
	return o
}

// saidAlready is a notice with nothing to read: the dialog says it. That it is bad
// makes the App forget what was typed in the belief that all would go well.
var saidAlready = Notice{Kind: Bad}

// openAsk asks a manager: the only one there is, or the one to be chosen.
func (m Member) openAsk(refused allowable) (Member, tea.Cmd) {
	m.ask = override{
		claim: refused.claim, reward: refused.reward, why: m.desk.Words.Error(refused.error), managers: refused.managers,
		at: pinField, pin: widget.Field{Secret: true}, opened: m.desk.Now,
	}
	if len(m.ask.managers) > 1 {
		m.ask.at = managerField
	}
	m.notice = saidAlready
	return m, waitGrace(m.ask.opened)
}

func askKeys() []binding[Member] {
	choosing := func(m Member) bool { return m.ask.at == managerField }
	typing := func(m Member) bool { return m.ask.at != managerField }
	ready := func(m Member) bool { return m.ask.ready() }
	next := func(m Member) bool {
		return !m.ask.ready() && (m.ask.at != pinField || m.ask.wait.left(m.desk.Now) == 0)
	}
	choose := func(by int) func(Member) (Screen, tea.Cmd) {
		return func(m Member) (Screen, tea.Cmd) { return m.chooseManager(m.ask.chosen + by), nil }
	}
	move := func(by int) func(Member) (Screen, tea.Cmd) {
		return func(m Member) (Screen, tea.Cmd) { return m.moveAsk(by), nil }
	}
	return []binding[Member]{
		{keys: "enter", word: "allow.key.give", when: ready, do: Member.allow},
		{keys: "enter", word: "allow.key.next", when: next, do: Member.allow},
		{keys: "up", word: "allow.key.choose", when: choosing, do: choose(-1)},
		{keys: "down", word: "allow.key.choose", when: choosing, do: choose(1), quiet: true},
		{keys: "numbers", word: "allow.key.number", when: choosing},
		{keys: "tab", word: "allow.key.move", do: move(1)},
		{keys: "shift+tab", word: "allow.key.move", do: move(-1), quiet: true},
		{keys: "up", word: "allow.key.move", when: typing, do: move(-1), quiet: true},
		{keys: "down", word: "allow.key.move", when: typing, do: move(1), quiet: true},
		{keys: "esc", word: "allow.key.leave", do: Member.leaveAsk},
	}
}

func (m Member) askHints() []Hint {
	if !m.ask.hears {
		return nil
	}
	return hints(m.desk, askKeys(), m)
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

// ready reports whether Enter hands out now.
func (o override) ready() bool {
	return o.at != managerField && !o.pin.Empty() && o.because() != ""
}

// because returns the reason as it was typed.
func (o override) because() string { return strings.TrimSpace(o.reason.Value()) }

// answer handles a key while a manager is asked.
func (m Member) answer(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	if !m.ask.hears {
		return m, nil
	}
	if next, cmd, ok := press(askKeys(), m, Key(msg)); ok {
		return next, cmd
	}
	switch m.ask.at {
	case managerField:
		number, err := strconv.Atoi(pos.ASCIIDigits(msg.Text))
		if err == nil && number >= 1 && number <= len(m.ask.managers) {
			return m.chooseManager(number - 1).moveAsk(1), nil
		}
	case pinField:
		if m.ask.wait.left(m.desk.Now) == 0 {
			m.ask.pin, _ = m.ask.pin.Press(msg)
			m.notice = Notice{}
		}
	case reasonField:
		m.ask.reason, _ = m.ask.reason.Press(msg)
		m.notice = m.ask.wait.notice(m.desk)
	}
	return m, nil
}

func (o override) paste(text string, now time.Time) override {
	switch {
	case !o.hears:
	case o.at == reasonField:
		o.reason = o.reason.Type(text)
	case o.at == pinField && o.wait.left(now) == 0:
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

// chooseManager chooses another manager. A PIN that was typed is not theirs, and
// neither is a wait.
func (m Member) chooseManager(n int) Member {
	all := len(m.ask.managers)
	if n = (n + all) % all; n != m.ask.chosen {
		m.ask.chosen, m.ask.pin, m.ask.wait = n, widget.Field{Secret: true}, wait{}
		m.notice = Notice{}
	}
	return m
}

// moveAsk goes to another field. There is nothing to choose among one manager.
func (m Member) moveAsk(by int) Member {
	m.ask.at = (m.ask.at + by + askFields) % askFields
	if m.ask.at == managerField && len(m.ask.managers) == 1 {
		m.ask.at = (m.ask.at + by + askFields) % askFields
	}
	return m
}

func (m Member) leaveAsk() (Screen, tea.Cmd) {
	m.ask = override{}
	m.say(Said, "allow.left")
	return m, nil
}

// allow hands the reward out, or goes to what is missing for that.
func (m Member) allow() (Screen, tea.Cmd) {
	o := m.ask
	switch {
	case o.at == managerField, o.at == pinField && !o.ready():
		return m.moveAsk(1), nil
	case o.wait.left(m.desk.Now) > 0:
		m.ask.at = pinField
		return m, nil
	case o.pin.Empty():
		m.ask.at = pinField
		m.say(Bad, "allow.pin")
		return m, nil
	case o.because() == "":
		m.say(Bad, "allow.reason")
		return m, nil
	}
	by, holder, manager := m.desk.By(), m.member.Profile.Holder, o.managers[o.chosen]
	consent := station.Override{Manager: manager.ID, PIN: pos.ASCIIDigits(o.pin.Value()), Reason: o.because()}
	till := overrideTill(m.desk.Till)
	m.notice = Notice{}
	return m.act(
		func() (station.Done, error) { return till.ClaimOverride(by, holder, o.claim, consent) },
		func(done station.Done, before Member) Notice { return before.saidAllowed(o.reward, manager, done) },
	)
}

// notAllowed goes on asking: what is wrong with the PIN is said, and it is typed
// again; the reason stays.
func (m Member) notAllowed(err error) (Member, tea.Cmd) {
	m.ask.wait = waitAfter(err, m.desk.Now)
	if _, ok := pinProblem(err); ok {
		m.ask.pin, m.ask.at = widget.Field{Secret: true}, pinField
	}
	if m.ask.wait.left(m.desk.Now) > 0 {
		m.notice = m.ask.wait.notice(m.desk)
	}
	return m, m.ask.wait.tick(m.desk.Now)
}

// waited counts a second of the wait down.
func (m Member) waited(msg waited) (Screen, tea.Cmd) {
	if !m.ask.shown() || msg.of != m.ask.wait {
		return m, nil
	}
	m.notice = m.ask.wait.notice(m.desk)
	return m, m.ask.wait.tick(m.desk.Now)
}

package screen

import (
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type memberTill interface {
	Stamp(by pos.CashierID, holder pos.HolderID, card string, n int64) (station.Done, error)
	Sell(by pos.CashierID, holder pos.HolderID, sale pos.Sale) (station.Done, error)
	Claim(by pos.CashierID, holder pos.HolderID, claim rules.Claim) (station.Done, error)
	Undo(by pos.CashierID, holder pos.HolderID, reason string) (station.Done, error)
	Member(holder pos.HolderID) (station.Member, error)
}

// Member is the page of one member: what they have, and what a sale adds.
type Member struct {
	page
	till    memberTill
	member  station.Member
	card    int          // the chosen punch card
	amount  widget.Field // digits: an amount, or a number of stamps
	receipt receipt      // of the sale under way
	sale    *pos.Sale    // under way: what was picked, less what rewards took off; nil if nothing was
	taken   []string     // rewards that were taken on the sale under way
	choice  choice       // of a reward
	short   bool         // the last key asked for a reward, and none is ready
	why     why          // it is told why the last entry gave what
	wanted  wanted       // the reward that was asked for last
	ask     override     // a manager is asked to allow it
	history []Event
	stamped time.Time // when Enter last gave a stamp
	auto    auto      // a scan has stamped by itself
	fill    fill      // the card that is being filled on the screen
	made    []fresh   // entries that were only just made here
	undoing undoing   // it is asked why the last entry is undone
	given   given     // the reward that was just handed out
	no      refusal   // what was refused last
	gives   previewed // what the amount that is being typed would give
	all     everything
	actions int // how many were begun: what was read before one is out of date after it
}

// NewMember returns the page of the member. said is what the cashier is to know
// about how it came up, or "".
func NewMember(d *Desk, m station.Member, said string) (Member, tea.Cmd) {
	s := Member{page: page{desk: d, notice: Notice{Text: said}}, till: d.Till, member: m}
	return s, s.look()
}

// look reads what is shown beside the member where there is room.
func (m Member) look() tea.Cmd {
	if !m.desk.Wide {
		return nil
	}
	return loadHistory(m.desk, m.member.Profile.Holder)
}

func (m Member) hasCards() bool  { return len(m.member.Cards) > 0 }
func (m Member) hasPoints() bool { return m.member.Points != nil }
func (m Member) sells() bool     { return m.member.Sells }
func (m Member) typing() bool    { return !m.amount.Empty() }

func memberKeys() []binding[Member] {
	idle := func(m Member) bool { return !m.typing() }
	back := func(m Member) (Screen, tea.Cmd) { return NewCounter(m.desk), nil }
	return []binding[Member]{
		{keys: "u", word: "auto.key.undo", when: func(m Member) bool { return m.inWindow() && m.member.Undo != nil }, do: Member.undo},
		{keys: "enter", word: "auto.key.again", when: func(m Member) bool { return idle(m) && m.inWindow() }, do: Member.stampOne},
		{keys: "enter", word: "person.key.sell", when: func(m Member) bool { return idle(m) && m.sale != nil }, do: Member.sell},
		{keys: "enter", word: "person.key.stamp", when: func(m Member) bool { return idle(m) && m.sale == nil && m.hasCards() && !m.inWindow() }, do: Member.stampOne},
		{keys: "enter", word: "person.key.book", when: func(m Member) bool { return m.typing() && m.sells() }, do: Member.book},
		{keys: "s", word: "person.key.stamps", when: func(m Member) bool { return m.typing() && m.hasCards() }, do: Member.stampMany},
		{keys: "digits", word: "person.key.number", when: func(m Member) bool { return idle(m) && !m.sells() }},
		{keys: "digits", word: "person.key.amount", when: func(m Member) bool { return idle(m) && m.sells() }},
		{keys: "i", word: "person.key.items", when: func(m Member) bool { return idle(m) && len(m.desk.Items) > 0 }, do: Member.pick},
		{keys: "#", word: "person.key.receipt", when: Member.selling, do: Member.number},
		{keys: "tab", word: "person.key.card", when: func(m Member) bool { return len(m.member.Cards) > 1 }, do: Member.nextCard},
		{keys: "r", word: "person.key.redeem", when: func(m Member) bool { return len(m.member.Rewards) > 0 && !m.short }, do: Member.redeem},
		{keys: "r", word: "allow.title", when: func(m Member) bool { return m.short }, do: Member.redeem},
		{keys: "u", word: "person.key.undo", when: func(m Member) bool { return m.member.Undo != nil && !m.inWindow() }, do: Member.undo},
		{keys: "w", word: "person.key.why", when: func(m Member) bool { return m.member.Undo != nil || m.no.err != nil }, do: Member.askWhy},
		{keys: "v", word: "person.key.all", when: Member.hasFacts, do: Member.showAll},
		{keys: "m f8", word: "person.key.more", when: func(m Member) bool { return idle(m) && m.sale == nil }, do: Member.more},
		{keys: "t f7", word: "person.key.refund", when: func(m Member) bool { return idle(m) && m.sale == nil }, do: Member.refund, quiet: true},
		{keys: "e", word: "person.key.edit", do: Member.edit},
		{keys: "c", word: "person.key.code", do: func(m Member) (Screen, tea.Cmd) { return NewCard(m.desk, m.member, ""), nil }},
		{keys: "esc", word: "person.key.clear", when: func(m Member) bool { return m.typing() || m.sale != nil }, do: Member.clear},
		{keys: "esc", word: "person.key.back", when: func(m Member) bool { return idle(m) && m.sale == nil }, do: back},
	}
}

// unshown are keys that do something although the footer has no room for them.
func unshown() []binding[Member] {
	return []binding[Member]{
		{keys: "enter", do: Member.explain},
		{keys: "s", do: Member.stampOne},
		{keys: "u", do: Member.undo},
		{keys: "w", do: Member.askWhy},
		{keys: "r", do: Member.redeem},
	}
}

// Update implements Screen.
func (m Member) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		m.notice = Notice(msg)
	case acted:
		return m.done(msg)
	case history, reread, wonder, explained, previewed:
		return m.told(msg), nil
	case filling:
		return m.filled(msg)
	case autoOver:
		return m.over(msg)
	case Picked:
		return m.picked(msg)
	case Refresh:
		if m.busy {
			return m, nil // the action reads it anyway
		}
		return m, tea.Batch(m.read(), m.look())
	case graceOver:
		m.choice, m.ask = m.choice.open(msg), m.ask.open(msg)
	case waited:
		o, cmd := m.asked().waited(msg)
		return m.asks(o), cmd
	case tea.PasteMsg:
		m = m.paste(msg.Content)
		return m, m.preview()
	case tea.KeyPressMsg:
		return m.press(msg)
	}
	return m, nil
}

// picked handles a click on a row: of the dialog, the reasons or the rewards.
func (m Member) picked(msg Picked) (Screen, tea.Cmd) {
	switch {
	case m.ask.shown():
		return m.asks(m.asked().picked(msg)), nil
	case m.undoing.shown() && !m.undoing.other:
		return m.pickReason(msg)
	case m.choice.shown():
		return m.pickReward(msg)
	}
	return m, nil
}

func (m Member) paste(text string) Member {
	if m.ask.shown() {
		m.ask = m.ask.paste(text)
		return m
	}
	if m.undoing.other {
		m.undoing.reason = m.undoing.reason.Type(text)
		return m
	}
	if m.receipt.open {
		m.receipt.field = m.receipt.field.Type(text)
		return m
	}
	m.given = given{}
	m.amount, m.notice = m.amount.Type(pos.ASCIIDigits(strings.TrimSpace(text))), Notice{}
	return m
}

// told takes what was read beside the actions, if it is about this member.
func (m Member) told(msg tea.Msg) Member {
	holder := m.member.Profile.Holder
	switch msg := msg.(type) {
	case history:
		if msg.holder == holder && msg.err == nil {
			m.history = msg.events
		}
	case reread:
		if msg.err == nil && msg.member.Profile.Holder == holder && msg.actions == m.actions {
			m = m.withUndo(msg.member.Undo)
			m.member = msg.member
		}
	case explained:
		return m.explained(msg)
	case previewed:
		if msg.holder == holder {
			m.gives = msg
		}
	case wonder:
		m.slow = m.busy && msg.actions == m.actions
	}
	return m
}

func (m Member) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	if key := Key(msg); m.auto.on && key != "u" && key != "enter" {
		m = m.stays()
	}
	switch {
	case m.ask.shown():
		return answer(m, msg)
	case m.undoing.shown():
		return m.reasoning(msg)
	case m.all.open:
		if next, cmd, ok := press(factKeys(), m, Key(msg)); ok {
			return next, cmd
		}
		m.all = everything{}
	case m.why.shown():
		if next, cmd, ok := press(whyKeys(), m, Key(msg)); ok {
			return next, cmd
		}
		m.why = why{} // any other key goes on with the work
	case m.choice.shown():
		return m.choose(Key(msg))
	case m.receipt.open:
		return m.numbering(msg)
	}
	if stutters(m, msg) {
		m.stamped = m.desk.Now
		return m, nil
	}
	m.notice, m.given, m.short = Notice{}, given{}, m.short && (Key(msg) == "r" || Key(msg) == "w")
	for _, table := range [][]binding[Member]{memberKeys(), unshown()} {
		if next, cmd, ok := press(table, m, Key(msg)); ok {
			return next, cmd
		}
	}
	text := pos.ASCIIDigits(msg.Text)
	if text != "" && strings.Trim(text, "0123456789.,") != "" {
		return m.turnedDown(m.desk.notAmount(m.amount.Value() + text)), nil
	}
	msg.Text = text
	m.amount, _ = m.amount.Press(msg)
	return m, m.preview()
}

// acted is the outcome of an action of the cashier.
type acted struct {
	done station.Done
	err  error
	say  func(Member) Notice // with the member as it was before
}

// patience is how long an action may take before the page says that it does. Most
// are done long before, and nothing flickers.
const patience = 300 * time.Millisecond

// wonder is a message: the action has taken long.
type wonder struct{ actions int }

// act does something that is on disk when it returns.
func (m Member) act(do func() (station.Done, error), say func(station.Done, Member) Notice) (Screen, tea.Cmd) {
	m.busy, m.slow = true, false
	m.actions++
	begun := m.actions
	work := func() tea.Msg {
		done, err := do()
		return acted{done, err, func(before Member) Notice { return say(done, before) }}
	}
	return m, tea.Batch(work, tea.Tick(patience, func(time.Time) tea.Msg { return wonder{begun} }))
}

func (m Member) done(msg acted) (Screen, tea.Cmd) {
	m.busy, m.slow = false, false
	if msg.err != nil {
		next, cmd := m.stays().failed(msg.err)
		return next, tea.Batch(cmd, m.read()) // the refusal may mean that the screen is out of date
	}
	before := m
	m.member, m.amount, m.choice, m.ask = msg.done.Member, widget.Field{}, choice{}, override{}
	if m.sale, m.taken = m.afterwards(msg.done); m.sale == nil {
		m.receipt = receipt{}
	}
	m.notice, m.given, m.no, m.undoing = msg.say(before), before.handed(msg.done), refusal{}, undoing{}
	m.made = m.making(msg.done.Record.Entry.ID)
	m, filling := m.fills(before.member)
	slip := m.desk.Receipt(msg.done.Member, msg.done.Record)
	if !m.auto.on {
		return m, tea.Batch(filling, slip, m.look())
	}
	if m.auto.note != "" {
		m.notice.Text, m.auto.note = m.notice.Text+" "+m.auto.note, ""
	}
	m, leaving := m.opened()
	return m, tea.Batch(filling, leaving, slip, m.look())
}

// failed says why nothing was done, and where a manager may do it all the same,
// asks one.
func (m Member) failed(err error) (Member, tea.Cmd) {
	m = m.keeps(err)
	if refused, ok := errors.AsType[allowable](err); ok {
		o := newOverride(m.desk, refused, m.wanted.asking(m.desk))
		return m.asks(o), waitGrace(o.opened)
	}
	if m.ask.shown() {
		o, cmd := m.asked().notAllowed(err)
		return m.asks(o), cmd
	}
	m.refused(err)
	return m, nil
}

// reread is the member as it stands now.
type reread struct {
	member  station.Member
	actions int // that were begun when it was read
	err     error
}

func (m Member) read() tea.Cmd {
	till, holder, actions := m.till, m.member.Profile.Holder, m.actions
	return func() tea.Msg {
		member, err := till.Member(holder)
		return reread{member, actions, err}
	}
}

// sell books the sale under way.
func (m Member) sell() (Screen, tea.Cmd) { return m.booking(*m.sale) }

func (m Member) booking(sale pos.Sale) (Screen, tea.Cmd) {
	by, holder := m.desk.By(), m.member.Profile.Holder
	sale.Receipt = m.receipt.number()
	return m.act(
		func() (station.Done, error) { return m.till.Sell(by, holder, sale) },
		func(done station.Done, before Member) Notice { return before.saidSold(done, sale.Amount) },
	)
}

// pick goes to the items, with what was picked before.
func (m Member) pick() (Screen, tea.Cmd) {
	var lines basket
	if m.sale != nil && len(m.taken) == 0 {
		lines = m.sale.Lines
	}
	return NewBasket(m.desk, m.member, lines), nil
}

// afterwards returns what of the sale under way is left to be booked after an
// action, and which rewards were taken on it.
func (m Member) afterwards(done station.Done) (*pos.Sale, []string) {
	switch done.Record.Entry.Kind {
	case pos.Earned:
		return nil, nil
	case pos.Redeemed:
		if done.Sale != nil {
			return done.Sale, append(m.taken[:len(m.taken):len(m.taken)], done.Record.Entry.Reward)
		}
	}
	return m.sale, m.taken
}

// explain answers Enter where it would mean nothing.
func (m Member) explain() (Screen, tea.Cmd) {
	switch {
	case !m.sells() && m.typing():
		m.say(Bad, "person.nopoints", "key", "s")
	case !m.hasCards():
		m.say(Said, "person.nocards")
	}
	return m, nil
}

func (m Member) nextCard() (Screen, tea.Cmd) {
	m.card = (m.card + 1) % len(m.member.Cards)
	return m, nil
}

func (m Member) clear() (Screen, tea.Cmd) {
	if m.amount.Empty() {
		m.sale, m.taken = nil, nil
	}
	m.amount = widget.Field{}
	if m.sale == nil {
		m.receipt = receipt{}
	}
	return m, nil
}

// more goes to what is done for a member now and then.
func (m Member) more() (Screen, tea.Cmd) { return NewDeeds(m.desk, m.member), nil }

// refund goes to the member's newest sale of this till, to take it back.
func (m Member) refund() (Screen, tea.Cmd) { return NewReturnOf(m.desk, m.member) }

func (m Member) edit() (Screen, tea.Cmd) { return NewForm(m.desk, &m.member), nil }

// Interrupt implements Screen.
func (m Member) Interrupt(typed int) (Screen, string, tea.Cmd) {
	m.choice, m.why, m.all, m.undoing, m.given, m.notice = choice{}, why{}, everything{}, undoing{}, given{}, Notice{}
	m.auto.round++ // what comes of the scan decides when the page is left
	if m.ask.shown() {
		m.ask = m.ask.takeBack(typed)
		return m, m.desk.Words.T("allow.dropped", "reward", widget.Name(m.wanted.reward.Name)), nil
	}
	dropped := m.amount.Value()
	if !m.receipt.open {
		dropped = m.amount.TakeBack(typed).Value()
	}
	picked := m.sale != nil
	m.amount, m.sale, m.taken, m.receipt = widget.Field{}, nil, nil, receipt{}
	if picked {
		return m, m.desk.Words.T("basket.dropped"), nil
	}
	if dropped == "" {
		return m, "", nil
	}
	return m, m.desk.Words.T("person.dropped", "text", widget.Cut(widget.Name(dropped), 24)), nil
}

// Hints implements Screen.
func (m Member) Hints() []Hint {
	switch {
	case m.ask.shown():
		return askHints(m)
	case m.undoing.shown():
		return hints(m.desk, undoKeys(), m)
	case m.all.open:
		return hints(m.desk, factKeys(), m)
	case m.why.shown():
		return hints(m.desk, whyKeys(), m)
	case m.choice.shown():
		return m.choice.hints(m.desk)
	case m.receipt.open:
		return hints(m.desk, numberKeys(), m)
	}
	return hints(m.desk, memberKeys(), m)
}

// State implements Screen.
func (m Member) State() State {
	switch {
	case m.ask.shown():
		s := m.state("allow.title", m.ask.takes())
		s.Keeps = true
		return s
	case m.undoing.other:
		return m.state("undo.title", TakesText)
	case m.undoing.shown():
		return m.state("undo.title", TakesKeys)
	case m.all.open:
		return m.state("fact.title", TakesDigits)
	case m.why.shown():
		return m.state("why.title", TakesDigits)
	case m.choice.shown():
		return m.state("person.redeem", TakesKeys)
	case m.receipt.open:
		return m.state("person.title", TakesText)
	}
	return m.state("person.title", TakesDigits)
}

// ready returns the places of the rewards that the member can have now.
func (m Member) ready() []int {
	var ready []int
	for _, i := range m.order() {
		if now(m.member.Rewards[i]) {
			ready = append(ready, i)
		}
	}
	return slices.Clip(ready)
}

// now reports whether the member can have the reward.
func now(r rules.Reward) bool { return r.Ready > 0 && r.Not == nil }

// order returns the places of the rewards as they are listed: what the member can
// have now comes first.
func (m Member) order() []int {
	order := make([]int, 0, len(m.member.Rewards))
	for _, wanted := range []bool{true, false} {
		for i, r := range m.member.Rewards {
			if now(r) == wanted {
				order = append(order, i)
			}
		}
	}
	return order
}

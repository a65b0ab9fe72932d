package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// Deeds is the page of everything else that can be done for a member: what a
// counter needs now and then, and what would crowd the footer.
type Deeds struct {
	page
	member station.Member
	rows   rows
}

// deed is a row of the page.
type deed struct {
	key  string // opens it, besides Enter
	word string // catalog key of its name; where ".entry." is ".about.", of what it is for
	when func(*Desk, station.Member) bool
	open func(*Desk, station.Member) (Screen, tea.Cmd)
}

// deeds are the rows, from the top.
func deeds() []deed {
	return []deed{
		{key: "t", word: "deeds.entry.refund", open: func(d *Desk, m station.Member) (Screen, tea.Cmd) { return NewReturnOf(d, m) }},
		{key: "o", word: "deeds.entry.person", when: func(d *Desk, _ station.Member) bool { return d.hasOffice() }, open: openPerson},
		{key: "p", word: "deeds.entry.pay", when: hasCredit, open: newPay},
		{key: "x", word: "deeds.entry.exchange", when: hasExchange, open: newExchange},
		{key: "c", word: "deeds.entry.coupon", when: hasCoupons, open: newCoupon},
		{key: "v", word: "deeds.entry.event", when: hasEvents, open: newEvents},
		{key: "s", word: "deeds.entry.plan", when: hasPlans, open: newPlans},
		{key: "b", word: "deeds.entry.pass", when: sellsCards, open: newPasses},
		{key: "g", word: "deeds.entry.give", when: givesPoints, open: newGive},
		{key: "h", word: "deeds.entry.pool", when: pools, open: newPool},
		{key: "l", word: "deeds.entry.lost", open: newLost},
		{key: "i", word: "deeds.entry.slip", open: printMember},
		{key: "a", word: "deeds.entry.adjust", when: canAdjust, open: gated(newAdjust)},
	}
}

// NewDeeds returns the page.
func NewDeeds(d *Desk, m station.Member) Screen {
	s := Deeds{page: page{desk: d}, member: m}
	s.rows = s.rows.sized(len(s.entries()))
	return s
}

func (s Deeds) entries() (shown []deed) {
	for _, e := range deeds() {
		if e.when == nil || e.when(s.desk, s.member) {
			shown = append(shown, e)
		}
	}
	return shown
}

func deedsKeys() []binding[Deeds] {
	return []binding[Deeds]{
		{keys: "up", word: "deeds.key.choose"},
		{keys: "enter", word: "deeds.key.open", do: Deeds.open},
		{keys: "text", word: "deeds.key.letter"},
		{keys: "esc", word: "deeds.key.back", do: func(s Deeds) (Screen, tea.Cmd) { return NewMember(s.desk, s.member, "") }},
	}
}

func (s Deeds) open() (Screen, tea.Cmd) { return s.entries()[s.rows.at].open(s.desk, s.member) }

// Update implements Screen.
func (s Deeds) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		s.notice = Notice(msg)
	case Printed:
		s.notice = s.desk.printedNotice(msg)
	case Picked:
		var open bool
		if s.rows, open = s.rows.picked(msg); open {
			return s.open()
		}
	case tea.KeyPressMsg:
		return s.press(msg)
	}
	return s, nil
}

func (s Deeds) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	s.notice = Notice{}
	if next, cmd, ok := press(deedsKeys(), s, Key(msg)); ok {
		return next, cmd
	}
	for i, e := range s.entries() {
		if e.key == Key(msg) {
			s.rows.at = i
			return s.open()
		}
	}
	s.rows, _ = s.rows.press(Key(msg))
	return s, nil
}

// Hints implements Screen.
func (s Deeds) Hints() []Hint { return hints(s.desk, deedsKeys(), s) }

// State implements Screen.
func (s Deeds) State() State { return s.state("deeds.title", TakesKeys) }

// Interrupt implements Screen.
func (s Deeds) Interrupt(int) (Screen, string, tea.Cmd) { return s, "", nil }

// View implements Screen.
func (s Deeds) View(width, height int) View {
	t := s.desk.Theme
	inner := min(width-4, 72)
	v := View{Centred: true}
	entries := s.entries()
	left := (width - inner) / 2
	v.Lines = append(v.Lines, widget.Space(left)+t.Strong.Paint(widget.Cut(widget.Name(called(s.member.Profile)), inner)), "")
	entry := func(i int) (key, word string) { return entries[i].key, entries[i].word }
	s.desk.addMenu(&v, s.rows, box{left, inner, height - 2}, entry)
	return v
}

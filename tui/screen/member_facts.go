package screen

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/theme"
	"tenthcup/tui/widget"
)

// fact is something to know about the member, in one sentence.
type fact struct {
	text string
	ink  theme.Ink
}

// uncounted is the sign of figures that the server has not counted yet.
const uncounted = "◦ "

// provisional returns the sign of figures that the server has not counted yet, if
// the account's is one. While there is a line that takes a moment and is not shown.
func (m Member) provisional(account pos.Account) string {
	if m.offline() && m.member.Uncounted[account] {
		return uncounted
	}
	return ""
}

// offline reports whether what is shown may not be what the server knows.
func (m Member) offline() bool {
	d := m.desk
	return d.Line != nil && !(d.Known && d.Online)
}

// hasFacts reports whether there is anything to know beside cards and rewards.
func (m Member) hasFacts() bool {
	return m.member.TierBy != "" || len(m.member.Plans)+len(m.member.Goals)+len(m.member.Ends) > 0
}

// facts are what a cashier may be asked, the most important first.
func (m Member) facts() []fact {
	t := m.desk.Theme
	var facts []fact
	for _, e := range m.member.Ends {
		if e.Account.Class() == "reward" {
			continue // the reward itself says until when
		}
		facts = append(facts, fact{m.ends(e), t.Warn})
	}
	if m.member.TierBy != "" {
		facts = append(facts, fact{m.tier(), t.Strong})
		if next := m.nextTier(); next != "" {
			facts = append(facts, fact{next, t.Muted})
		}
	}
	for _, p := range m.member.Plans {
		facts = append(facts, fact{m.plan(p), t.Strong})
	}
	for _, g := range m.member.Goals {
		if goal := m.goal(g); goal != "" {
			facts = append(facts, fact{goal, t.Muted})
		}
	}
	return facts
}

func (m Member) ends(e rules.Ends) string {
	what := strings.TrimPrefix(amount(e.Account, e.Amount, station.Names(m.member), m.desk.Words), "+")
	return m.desk.Words.T("fact.ends", "what", what, "day", e.Last)
}

func (m Member) tier() string {
	words, s := m.desk.Words, m.member.Standing
	switch {
	case s.Tier.ID == "":
		return words.T("fact.notier")
	case s.Until == 0:
		return words.T("fact.tier", "tier", s.Tier.Name)
	}
	return words.T("fact.tieruntil", "tier", s.Tier.Name, "day", s.Until-1)
}

// nextTier says how far the next tier is, in what tiers ask for.
func (m Member) nextTier() string {
	words, s := m.desk.Words, m.member.Standing
	if s.Next.ID == "" {
		return ""
	}
	switch m.member.TierBy {
	case pos.BySpend:
		return words.T("fact.next.spend", "amount", pos.Money(s.Missing), "tier", s.Next.Name)
	case pos.ByPoints:
		return words.T("fact.next.points", "n", s.Missing, "tier", s.Next.Name)
	case pos.ByCards:
		return words.T("fact.next.cards", "n", s.Missing, "tier", s.Next.Name)
	}
	return words.T("fact.next.visits", "n", s.Missing, "tier", s.Next.Name)
}

func (m Member) plan(p rules.Membership) string {
	if p.Paused != 0 {
		return m.desk.Words.T("fact.paused", "plan", p.Plan.Name, "day", p.Paused)
	}
	return m.desk.Words.T("fact.plan", "plan", p.Plan.Name, "day", p.Until-1)
}

func (m Member) goal(g rules.GoalProgress) string {
	words := m.desk.Words
	switch {
	case g.Target == 0:
		return words.T("fact.reached", "goal", g.Goal.Name)
	case g.Goal.Count == pos.CountSpend:
		return words.T("fact.goal", "goal", g.Goal.Name, "have", pos.Money(g.Have), "target", pos.Money(g.Target))
	}
	return words.T("fact.goal", "goal", g.Goal.Name, "have", g.Have, "target", g.Target)
}

// week is how many days ahead a birthday is marked.
const week = 7

// birthday says that the member has their birthday today or soon, or "".
func (m Member) birthday() string {
	born := m.member.Profile.Birthday
	if born == (pos.Birthday{}) {
		return ""
	}
	for ahead := range pos.Day(week) {
		day := (m.member.Today + ahead).Midnight()
		date := time.Date(day.Year(), time.Month(born.Month), born.Day, 0, 0, 0, 0, time.UTC) // a leap day is 1 March in other years
		switch {
		case !date.Equal(day):
		case ahead == 0:
			return m.desk.Words.T("fact.birthday")
		default:
			return m.desk.Words.T("fact.birthdaysoon", "day", m.member.Today+ahead)
		}
	}
	return ""
}

// worth says in at most width cells what the points are worth in money, where the
// program says, or "". An amount is never cut: without its end it is another.
func (m Member) worth(width int) string {
	for _, r := range m.member.Rewards {
		if r.Worth == 0 {
			continue
		}
		for _, text := range []string{m.desk.Words.T("fact.worth", "amount", r.Worth), "= " + m.desk.Words.Money(r.Worth)} {
			if widget.Width(text) <= width {
				return text
			}
		}
	}
	return ""
}

// noteField is the shop's own field of a profile that the cashier sees.
const noteField = "note"

// note is what the shop wrote down about the member, or "".
func (m Member) note() string { return widget.Name(m.member.Profile.Fields[noteField]) }

// viewFacts draws the facts in at most room lines, and says how many there was no
// room for.
func (m Member) viewFacts(width, room int) []string {
	var lines []string
	facts := m.facts()
	for i, f := range facts {
		wrapped := widget.Wrap(f.text, width)
		last := room
		if i < len(facts)-1 {
			last-- // for the line that says so
		}
		if len(lines)+len(wrapped) > last {
			if room > 0 {
				lines = append(lines, m.desk.Theme.Muted.Paint(widget.Cut(m.desk.Words.T("fact.more", "n", len(facts)-i, "key", "v"), width)))
			}
			return lines
		}
		for _, line := range wrapped {
			lines = append(lines, f.ink.Paint(line))
		}
	}
	return lines
}

// everything is the list of all that there is to know of a member. It is scrolled
// where it is longer than the page.
type everything struct {
	open bool
	top  int
}

func factKeys() []binding[Member] {
	scroll := func(by int) func(Member) (Screen, tea.Cmd) {
		return func(m Member) (Screen, tea.Cmd) {
			m.all.top = max(min(m.all.top, len(m.allLines(mainWidth))-1)+by, 0)
			return m, nil
		}
	}
	leave := func(m Member) (Screen, tea.Cmd) {
		m.all = everything{}
		return m, nil
	}
	return []binding[Member]{
		{keys: "up", word: "fact.key.scroll", do: scroll(-1)},
		{keys: "down", word: "fact.key.scroll", do: scroll(1), quiet: true},
		{keys: "pgup", word: "fact.key.scroll", do: scroll(-8), quiet: true},
		{keys: "pgdown", word: "fact.key.scroll", do: scroll(8), quiet: true},
		{keys: "esc v enter", word: "person.key.back", do: leave},
	}
}

func (m Member) showAll() (Screen, tea.Cmd) {
	m.all = everything{open: true}
	return m, nil
}

// allLines is everything in lines: a long note, facts, rewards.
func (m Member) allLines(width int) []string {
	t := m.desk.Theme
	var lines []string
	add := func(ink theme.Ink, text string) {
		for _, line := range widget.Wrap(text, width) {
			lines = append(lines, ink.Paint(line))
		}
	}
	if note := m.note(); widget.Width(note) > width { // the head of the page cuts it
		add(t.Accent, m.desk.Words.T("fact.note", "note", note))
	}
	for _, f := range m.facts() {
		add(f.ink, f.text)
	}
	for _, i := range m.order() {
		lines = append(lines, m.reward(i, m.member.Rewards[i], width))
	}
	return lines
}

// viewAll draws the list in the place of what the member has.
func (m Member) viewAll(width, room int) []string {
	lines := m.allLines(width - 6)
	top := min(m.all.top, max(len(lines)-(room-2), 0))
	last := min(top+max(room-2, 0), len(lines))
	more := ""
	if top > 0 {
		more = "↑"
	}
	if last < len(lines) {
		more += "↓"
	}
	lines = lines[top:last]
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return widget.Frame{Title: m.desk.Words.T("fact.title"), Note: more}.Around(m.desk.Theme, lines, width)
}

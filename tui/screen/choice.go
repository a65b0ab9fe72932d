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

// grace is how long a list that has just opened is deaf: keys that were meant
// for what stood there before must not choose from it.
const grace = 400 * time.Millisecond

// graceOver is a message: the list listens from now on.
type graceOver struct{ opened time.Time }

// waitGrace tells when the list that opened now may listen.
func waitGrace(opened time.Time) tea.Cmd {
	return tea.Tick(grace, func(time.Time) tea.Msg { return graceOver{opened} })
}

// choice is the choosing of one of the rewards that are ready.
type choice struct {
	rewards []int // places in the member's rewards; none: not choosing
	at      int   // the one marked
	opened  time.Time
	hears   bool
}

func (c choice) shown() bool { return len(c.rewards) > 0 }

func (c choice) open(msg graceOver) choice {
	c.hears = c.hears || msg.opened.Equal(c.opened)
	return c
}

func choiceKeys() []binding[Member] {
	return []binding[Member]{
		{keys: "up", word: "person.key.choose", do: func(m Member) (Screen, tea.Cmd) { return m.mark(-1), nil }},
		{keys: "down", word: "person.key.choose", do: func(m Member) (Screen, tea.Cmd) { return m.mark(1), nil }, quiet: true},
		{keys: "enter", word: "person.key.give", do: func(m Member) (Screen, tea.Cmd) { return m.give(m.choice.rewards[m.choice.at]) }},
		{keys: "numbers", word: "person.key.givenumber"},
		{keys: "esc", word: "person.key.cancel", do: func(m Member) (Screen, tea.Cmd) { m.choice = choice{}; return m, nil }},
	}
}

func (c choice) hints(d *Desk) []Hint {
	if !c.hears {
		return nil
	}
	return hints(d, choiceKeys(), Member{choice: c})
}

// redeem hands out the one reward that is ready, lets the cashier choose among
// several, or says how far the nearest is. Asked again for what is not ready, it
// leaves the refusal to the till, which may let a manager decide.
func (m Member) redeem() (Screen, tea.Cmd) {
	ready := m.ready()
	if len(ready) == 0 && m.short {
		ready = m.order()
	}
	m.short = !m.short && len(ready) == 0
	switch len(ready) {
	case 0:
		return m.notReady(), nil
	case 1:
		return m.give(ready[0])
	}
	m.choice = choice{rewards: ready, opened: m.desk.Now}
	return m, waitGrace(m.choice.opened)
}

// choose handles a key while rewards are chosen from.
func (m Member) choose(key string) (Screen, tea.Cmd) {
	if !m.choice.hears {
		return m, nil
	}
	m.notice = Notice{}
	if next, cmd, ok := press(choiceKeys(), m, key); ok {
		return next, cmd
	}
	if n, err := strconv.Atoi(key); err == nil && n >= 1 && n <= len(m.choice.rewards) {
		return m.give(m.choice.rewards[n-1])
	}
	return m, nil
}

// pickReward marks the reward that was clicked; a click on the marked one hands it out.
func (m Member) pickReward(msg Picked) (Screen, tea.Cmd) {
	if !m.choice.hears {
		return m, nil
	}
	list, open := rows{m.choice.at, len(m.choice.rewards)}.picked(msg)
	if m.choice.at = list.at; open {
		return m.give(m.choice.rewards[list.at])
	}
	return m, nil
}

// clickRewards lets the rewards that are chosen from be clicked, wherever on the page
// they are drawn.
func (m Member) clickRewards(v *View, width int) {
	room := width
	if m.inPanels(width) {
		room = asideWidth(width)
	}
	for n, i := range m.choice.rewards {
		row := m.reward(i, m.member.Rewards[i], room)
		for y, line := range v.Lines {
			if before, _, ok := strings.Cut(line, row); ok {
				v.Clicks = append(v.Clicks, Click{X: widget.Width(before), Y: y, Width: room, Do: Picked{n}})
			}
		}
	}
}

func (m Member) mark(by int) Member {
	n := len(m.choice.rewards)
	m.choice.at = (m.choice.at + by + n) % n
	return m
}

// give hands out the reward, on the sale under way or on the amount that was typed.
func (m Member) give(reward int) (Screen, tea.Cmd) {
	rule := m.member.Rewards[reward].Rule
	by, holder := m.desk.By(), m.member.Profile.Holder
	claim := rules.Claim{Reward: rule.ID, Sale: m.sale, Taken: m.taken}
	if m.typing() {
		amount, err := m.typed()
		if err != nil {
			m.choice = choice{}
			return m.turnedDown(err), nil
		}
		claim.Sale, claim.Taken = &pos.Sale{Amount: amount}, nil
	}
	if claim.Sale != nil {
		sale := *claim.Sale
		sale.Receipt = m.receipt.number()
		claim.Sale = &sale
	}
	m.choice, m.wanted = choice{}, wanted{claim: claim, reward: rule}
	return m.act(
		func() (station.Done, error) {
			done, err := m.till.Claim(by, holder, claim)
			return done, m.desk.allowable(err, station.Overridable)
		},
		func(done station.Done, before Member) Notice { return before.saidGiven(rule, done) },
	)
}

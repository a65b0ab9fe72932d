package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// A card fills up before the customer's eyes: in so many steps of so long each.
const (
	fillSteps = 6
	fillStep  = 40 * time.Millisecond
)

// fill is a card being filled on the screen. What was given is on disk before it
// begins, and the figures beside it are those that hold. The zero fill is none.
type fill struct {
	card     pos.Account
	from, to int64 // places that are filled at its beginning and at its end
	step     int
	actions  int // that were begun when it began: a later action ends it
}

// filling is a message: the next step of a fill.
type filling struct{ actions int }

func nextStep(actions int) tea.Cmd {
	return tea.Tick(fillStep, func(time.Time) tea.Msg { return filling{actions} })
}

// fills begins to fill the card that has more places than it had before. Where
// there are no colours or no pictures nothing moves.
func (m Member) fills(before station.Member) (Member, tea.Cmd) {
	m.fill = fill{}
	if m.desk.Mono || m.desk.Plain {
		return m, nil
	}
	for _, c := range m.member.Cards {
		was, ok := cardOf(before, c.Card)
		if !ok || c.Full < was.Full || c.Full == was.Full && c.Stamps <= was.Stamps {
			continue
		}
		m.fill = fill{card: c.Card.Account(), from: max(was.Stamps, 0), to: c.Stamps, actions: m.actions}
		if c.Full > was.Full {
			m.fill.to = c.Card.Size // it is seen full before the next one begins
		}
		return m, nextStep(m.actions)
	}
	return m, nil
}

// filled does the next step.
func (m Member) filled(msg filling) (Member, tea.Cmd) {
	if m.fill.card == "" || msg.actions != m.fill.actions {
		return m, nil
	}
	if m.fill.step++; m.fill.step >= fillSteps {
		m.fill = fill{}
		return m, nil
	}
	return m, nextStep(msg.actions)
}

// drawn returns the card as it is to be drawn now.
func (m Member) drawn(c rules.PunchCard) rules.PunchCard {
	if f := m.fill; f.card == c.Card.Account() {
		c.Stamps = f.from + (f.to-f.from)*int64(f.step)/fillSteps
	}
	return c
}

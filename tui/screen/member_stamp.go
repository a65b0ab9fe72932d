package screen

import (
	"errors"
	"math"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// stutter is the longest pause between the Enters of a key that is held down.
const stutter = 120 * time.Millisecond

// stutters reports whether the key is Enter repeating by itself: a key that is
// leant on must not fill a card.
func stutters(m Member, msg tea.KeyPressMsg) bool {
	return Key(msg) == "enter" && !m.typing() && m.desk.Now.Sub(m.stamped) < stutter
}

func (m Member) stampOne() (Screen, tea.Cmd) {
	if !m.hasCards() {
		return m.explain()
	}
	m.stamped = m.desk.Now
	return m.stamp(1)
}

func (m Member) stampMany() (Screen, tea.Cmd) {
	n, err := strconv.ParseInt(m.amount.Value(), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		n = math.MaxInt64
	case err != nil:
		m.say(Bad, "person.whole", "text", m.amount.Value())
		return m, nil
	}
	return m.stamp(n)
}

func (m Member) stamp(n int64) (Screen, tea.Cmd) {
	card := m.member.Cards[m.card].Card
	m.wanted = wanted{card: card, stamps: n}
	by, holder := m.desk.By(), m.member.Profile.Holder
	return m.act(
		func() (station.Done, error) {
			done, err := m.till.Stamp(by, holder, card.ID, n)
			return done, m.desk.allowable(err, tooSoon)
		},
		func(done station.Done, before Member) Notice { return before.saidStamps(done, n) },
	)
}

// tooSoon reports whether the error is a refusal to stamp that a manager may pass
// over.
func tooSoon(err error) bool { return errors.Is(err, &pos.Problem{Key: "stamp.cooldown"}) }

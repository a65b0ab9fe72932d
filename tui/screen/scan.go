package screen

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
)

// taker is a page that may do something else with a scanned code than the counter
// would.
type taker interface {
	// take is told what the code belongs to. It reports whether the code is for
	// the page.
	take(f Found) (Screen, tea.Cmd, bool)
}

// foundUnder is what a code belongs to: members or, because the till says so, a gift
// card.
func (d *Desk) foundUnder(text string, members []station.Member, err error) Found {
	f := Found{Members: members, Err: err, Text: text}
	if errors.Is(err, pos.Refuse("giftcard.member")) {
		if card, failed := giftTill(d.Till).GiftCard(text); failed == nil {
			f.Card = &card
		}
	}
	return f
}

// Take gives a code to the page that it was scanned on, if that has a use for it, or
// to the page of what it is the code of. It reports whether either is so; if not, it
// is a member's, or nobody's.
func Take(d *Desk, s Screen, f Found) (Screen, tea.Cmd, bool) {
	if t, ok := s.(taker); ok {
		if next, cmd, ok := t.take(f); ok {
			return next, cmd, true
		}
	}
	if f.Card != nil {
		next, cmd := NewGift(d, *f.Card)
		return next, cmd, true
	}
	if m, ok := s.(Member); ok && f.Err != nil && code.IsCoupon(f.Text) {
		next, cmd := newShownCoupon(d, m.member, f.Text)
		return next, cmd, true
	}
	return s, nil, false
}

// Rules is a message: the program that decides now.
type Rules struct {
	Program pos.Program
	Today   pos.Day // in the shop
	Err     error
}

// LoadProgram reads the program.
func (d *Desk) LoadProgram() tea.Cmd {
	till := counterTill(d.Till)
	return func() tea.Msg {
		program, err := till.Program()
		return Rules{program, till.Today(), err}
	}
}

package station

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"tenthcup/pos"
)

// maxTrail is how many entries of the journal are looked back at when somebody first
// asks, and at least so many stamps are remembered from then on.
const maxTrail = 5000

// trail is when members' cards were stamped here. It follows the journal only under
// a program that asks for it, so that others pay nothing.
type trail struct {
	mu     sync.Mutex
	number uint64 // of the last entry that it follows
	steps  []step // oldest first
}

// step is an entry that stamped cards.
type step struct {
	id     pos.EntryID
	at     int64 // ms since 1970
	holder pos.HolderID
	cards  []pos.Account
}

// waits reports whether a card of the program has a cool-down.
func waits(p *pos.Program) bool {
	return slices.ContainsFunc(p.Cards, func(c pos.Card) bool { return c.Cooldown > 0 })
}

// follow brings the trail up to the journal's end, if the program asks for it.
func (s *Station) follow(p *pos.Program) error {
	if !waits(p) {
		return nil
	}
	t := &s.trail
	t.mu.Lock()
	defer t.mu.Unlock()
	var news []step // newest first
	last, seen := t.number, 0
	err := s.Journal.Last(func(r Record) bool {
		if r.Number <= t.number {
			return false
		}
		last, seen = max(last, r.Number), seen+1
		if cards := stamped(r.Entry); len(cards) > 0 {
			news = append(news, step{r.Entry.ID, r.Entry.At, r.Entry.Holder, cards})
		}
		return seen < maxTrail
	})
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	slices.Reverse(news)
	t.steps, t.number = append(t.steps, news...), last
	if len(t.steps) > 2*maxTrail {
		t.steps = slices.Clone(t.steps[len(t.steps)-maxTrail:])
	}
	return nil
}

// stamped returns the cards that the entry put stamps on, by a sale or by hand.
func stamped(e pos.Entry) (cards []pos.Account) {
	if e.Kind != pos.Earned && e.Kind != pos.Stamped {
		return nil
	}
	for _, p := range e.Postings {
		if p.Account.Class() == "stamp" && p.Amount > 0 {
			cards = append(cards, p.Account)
		}
	}
	return cards
}

// check is errMoved where the journal went on since the trail followed it.
func (t *trail) check(p *pos.Program, m Moment) error {
	if !waits(p) {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.number != m.Tail.Number {
		return errMoved
	}
	return nil
}

// since returns how many seconds ago the member's card was last stamped here, plus
// 1; 0 is never, as far as the trail goes. Stamps that were taken back are none.
func (t *trail) since(of sight, card string) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	prefix := "stamp:" + card + "/"
	for _, step := range slices.Backward(t.steps) {
		stamps := func(account pos.Account) bool { return strings.HasPrefix(string(account), prefix) }
		if step.holder == of.profile.Holder && slices.ContainsFunc(step.cards, stamps) && !of.m.Voided(step.id) {
			return max((of.when.at.UnixMilli()-step.at)/1000, 0) + 1
		}
	}
	return 0
}

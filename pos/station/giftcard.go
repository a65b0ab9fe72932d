package station

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
)

// GiftCard is a gift card as the cashier sees one.
type GiftCard struct {
	Profile pos.Profile
	Balance pos.Money
	Until   pos.Day // the last day that some of it counts; 0 is for good
}

// GiftCard returns the gift card with the code. One that was never sold is the
// problem giftcard.unknown.
func (s *Station) GiftCard(text string) (GiftCard, error) {
	parsed, err := code.Parse(text)
	if err != nil {
		return GiftCard{}, err
	}
	cards, err := s.cardsWith(parsed)
	if err != nil {
		return GiftCard{}, err
	}
	switch len(cards) {
	case 0:
		return GiftCard{}, pos.Refuse("giftcard.unknown", "code", code.Group(parsed))
	case 1:
		return s.giftCard(cards[0])
	}
	return GiftCard{}, pos.Refuse("giftcard.several", "code", code.Group(parsed))
}

func (s *Station) giftCard(profile pos.Profile) (GiftCard, error) {
	view, err := s.Journal.View(profile.Holder)
	if err != nil {
		return GiftCard{}, fmt.Errorf("read balance: %w", err)
	}
	today := s.Today()
	card := GiftCard{Profile: profile, Balance: pos.Money(view.Sums.Balance(pos.CreditAccount, today))}
	if until := rules.Held(view.Sums, today, rules.FactUntil+string(pos.CreditAccount)); until > 0 {
		card.Until = pos.Day(until) - 1
	}
	return card, nil
}

// cardsWith returns the gift cards with the code: mostly one, or none.
func (s *Station) cardsWith(parsed string) (cards []pos.Profile, err error) {
	holders, err := s.Members.ByCode(parsed)
	if err != nil {
		return nil, fmt.Errorf("look up code: %w", err)
	}
	for _, holder := range holders {
		p, err := s.Members.Profile(holder)
		if err != nil {
			return nil, fmt.Errorf("read gift card: %w", err)
		}
		if p.Kind == pos.GiftCard {
			cards = append(cards, p)
		}
	}
	return cards, nil
}

// SellGiftCard sells a gift card with the amount on it: the printed one with the
// code, or one with a new code where that is "". Done.Member is the card. A code
// that was sold, of a card that is empty for one, is the problem giftcard.taken.
func (s *Station) SellGiftCard(by pos.CashierID, amount pos.Money, printed string) (Done, error) {
	s.profiles.Lock()
	defer s.profiles.Unlock()
	p, err := s.newGiftCard(printed)
	if err != nil {
		return Done{}, err
	}
	return s.load(by, p, rules.LoadSold, amount)
}

// LoadGiftCard tops up the gift card with the code.
func (s *Station) LoadGiftCard(by pos.CashierID, text string, amount pos.Money) (Done, error) {
	card, err := s.GiftCard(text)
	if err != nil {
		return Done{}, err
	}
	return s.load(by, card.Profile, rules.LoadTopUp, amount)
}

// load books that a gift card is sold or topped up.
func (s *Station) load(by pos.CashierID, card pos.Profile, why string, amount pos.Money) (Done, error) {
	sale, err := s.checkedSale(pos.Sale{Amount: amount})
	if err != nil {
		return Done{}, err
	}
	h := happening{kind: pos.GiftCard, decide: rules.Load, what: func(*pos.Program) (rules.Ask, action) {
		return rules.Ask{Event: why, Count: int64(amount)}, action{Kind: pos.Loaded, Cashier: by, Sale: &sale, Reward: why, Count: int64(amount)}
	}}
	if why == rules.LoadSold {
		h.newcomer = &card
	}
	return s.decide(card.Holder, h)
}

// newGiftCard returns the profile of a gift card that is about to be sold: with the
// printed code, or with a new one where that is "". A code that was sold, of a card
// that is empty for one, is the problem giftcard.taken. The caller holds s.profiles.
func (s *Station) newGiftCard(printed string) (p pos.Profile, err error) {
	if printed == "" {
		if printed, err = code.New(s.Random); err != nil {
			return p, fmt.Errorf("draw code: %w", err)
		}
	}
	now, _ := s.clock()
	p = pos.Profile{Kind: pos.GiftCard, Codes: []string{printed}, Joined: pos.DayOf(now, s.Zone)}
	if p.Holder, err = pos.NewHolderID(s.Random); err != nil {
		return p, fmt.Errorf("draw holder id: %w", err)
	}
	return s.checked(p, now)
}

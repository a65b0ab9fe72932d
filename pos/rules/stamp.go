package rules

import "tenthcup/pos"

// MaxStamps is the largest number of stamps given by hand at once.
const MaxStamps = 50

// PunchCard is how far a member is with a card.
type PunchCard struct {
	Card   pos.Card
	Stamps int64 // on the card in hand, 0 to Size-1; negative where stamps were taken back that a reward had used
	Full   int64 // finished cards whose reward is still to come
}

// Count reads a punch card from the number of stamps held. A card that fills up
// passes the rest on to the next: stamps are one count, and full cards are what it
// divides into.
func Count(card pos.Card, stamps int64) PunchCard {
	if stamps < 0 {
		return PunchCard{Card: card, Stamps: stamps}
	}
	return PunchCard{Card: card, Stamps: stamps % card.Size, Full: stamps / card.Size}
}

// SellCard decides what a card gives that is sold in advance, ask.Card: all its
// stamps. It refuses a card that has no price (stamp.unsold) or is not sold now.
func SellCard(p *pos.Program, ask Ask) (Decision, error) {
	return decide(p, ask, (*deciding).sellCard)
}

func (d *deciding) sellCard() error {
	card, err := d.card()
	switch {
	case err != nil:
		return err
	case !card.Price.Given():
		return pos.Refuse("stamp.unsold", "card", card.Name)
	case !d.now(card):
		return pos.Refuse("stamp.now", "card", card.Name)
	}
	return d.stamp(card, card.Size, because("why.stamp.sold", "card", card.Name))
}

// stampByHand decides the stamps that a cashier gives. Who does it by hand says that
// there was something to stamp for: of the card's condition only the part about the
// member and the moment is asked.
func (d *deciding) stampByHand() error {
	card, err := d.card()
	if err != nil {
		return err
	}
	n := d.ask.Count
	switch {
	case n < 1 || n > MaxStamps:
		return pos.Refuse("stamp.number", "n", n, "max", int64(MaxStamps))
	case card.Price.Given():
		return pos.Refuse("stamp.sold", "card", card.Name)
	case !d.now(card):
		return pos.Refuse("stamp.now", "card", card.Name)
	}
	if wait := d.wait(card); wait > 0 {
		return pos.Refuse("stamp.cooldown", "card", card.Name, "n", wait)
	}
	given, err := d.stampWithin(card, n, d.reason("why.stamp.hand", "card", card.Name))
	if err == nil && given == 0 {
		return pos.Refuse("stamp.limit", "card", card.Name)
	}
	return err
}

// card returns the card that is asked for, or stamp.card.
func (d *deciding) card() (*pos.Card, error) {
	for i := range d.p.Cards {
		if d.p.Cards[i].ID == d.ask.Card {
			return &d.p.Cards[i], nil
		}
	}
	return nil, pos.Refuse("stamp.card", "card", d.ask.Card)
}

// now reports whether the card's condition holds, but for what it says of a sale.
func (d *deciding) now(card *pos.Card) bool {
	return card.When.Then(d.ask.Day, d.minute) && d.concerns(&card.When)
}

// wait returns the minutes, rounded up, until the card may be stamped again; 0 is
// now.
func (d *deciding) wait(card *pos.Card) int64 {
	if card.Cooldown == 0 || d.ask.Override {
		return 0
	}
	since := d.ask.Facts(FactSince + card.ID)
	if since == 0 {
		return 0
	}
	left := int64(card.Cooldown)*60 - max(since-1, 0) // seconds
	return max((left+59)/60, 0)
}

// stampSale decides the stamps that a sale puts on cards by itself. Units that were
// had for nothing are not stamped, nor are visits in which nothing else was bought.
func (d *deciding) stampSale() error {
	for i := range d.p.Cards {
		card := &d.p.Cards[i]
		if card.Per == "" {
			continue
		}
		lines, holds := d.holds(&card.When, card.ID, card.Name)
		if !holds {
			continue
		}
		if units := d.paidUnits(lines); units > 0 {
			if err := d.stampFor(card, units); err != nil {
				return err
			}
		}
	}
	return nil
}

// stampFor stamps the card for so many units of a sale.
func (d *deciding) stampFor(card *pos.Card, units int64) error {
	if wait := d.wait(card); wait > 0 {
		d.skip(card, d.reason("why.stamp.cooldown", "card", card.Name, "n", wait))
		return nil
	}
	if card.Per == pos.PerSale {
		_, err := d.stampWithin(card, 1, d.reason("why.stamp.sale", "card", card.Name))
		return err
	}
	_, err := d.stampWithin(card, units, d.reason("why.stamp.unit", "card", card.Name, "n", units))
	return err
}

// reason returns a reason in words, or none if nobody reads it.
func (d *deciding) reason(key string, pairs ...any) Because {
	if d.ask.Brief {
		return Because{}
	}
	return because(key, pairs...)
}

// skip notes why the card gets nothing, or less.
func (d *deciding) skip(card *pos.Card, why Because) {
	if why.Key != "" {
		d.say(card.ID, why)
	}
}

// paidUnits returns how many units the lines have that cost anything.
func (d *deciding) paidUnits(lines subset) int64 {
	units := int64(0)
	for i := range d.basket.lines {
		if line := &d.basket.lines[i]; lines.has(i) && line.Due() > 0 {
			units += line.Quantity
		}
	}
	return units
}

// stampWithin puts as many of n stamps on the card as its limits leave, and says so
// where that is less. It returns how many.
func (d *deciding) stampWithin(card *pos.Card, n int64, why Because) (int64, error) {
	given := n
	if card.Limits.Any() {
		var err error
		if given, err = d.room("stamp:"+card.ID, card.Limits, n); err != nil {
			return 0, err
		}
	}
	if given < n {
		d.skip(card, d.reason("why.stamp.cut", "card", card.Name, "n", n-given))
	}
	if given == 0 {
		return 0, nil
	}
	return given, d.stamp(card, given, why)
}

// stamp puts n stamps on the card.
func (d *deciding) stamp(card *pos.Card, n int64, why Because) error {
	why.Account, why.Amount, why.Rule = card.Account(), n, card.ID
	return d.post(why, d.lot(why.Account, card.Expiry))
}

// startCards gives the stamps that cards begin with.
func (d *deciding) startCards() error {
	for i := range d.p.Cards {
		if card := &d.p.Cards[i]; card.Start > 0 {
			if err := d.stamp(card, card.Start, because("why.stamp.start", "card", card.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveStamps gives stamps on the card that come with something else, whatever its
// limits.
func (d *deciding) giveStamps(rule, id string, n int64) error {
	card, ok := d.p.Card(id)
	if !ok {
		return nil
	}
	account := card.Account()
	return d.post(Because{Account: account, Amount: n, Rule: rule, Key: "why.gift"}, d.lot(account, card.Expiry))
}

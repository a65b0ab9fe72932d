package screen

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
	"tenthcup/tui/slip"
	"tenthcup/tui/widget"
)

type giftTill interface {
	GiftCard(text string) (station.GiftCard, error)
	SellGiftCard(by pos.CashierID, amount pos.Money, printed string) (station.Done, error)
	LoadGiftCard(by pos.CashierID, text string, amount pos.Money) (station.Done, error)
}

func hasGiftCards(d *Desk) bool { return d.Program.GiftCards != nil }

// What is done with a gift card.
const (
	giftPay = iota
	giftLoad
	giftUndo
)

// The fields of a gift card's page.
const (
	giftWhat = iota
	giftAmount
)

// NewGift returns the page of a gift card that was sold: what is on it, and paying,
// topping up and taking back.
func NewGift(d *Desk, card station.GiftCard) (Screen, tea.Cmd) {
	words := d.Words
	e := newErrand(
		d, station.Member{}, task{title: "gift.title", does: "gift.key.do", do: giftWork, may: payable, back: toCounter, tells: giftTells},
		blank{name: words.T("gift.what"), options: []string{words.T("gift.pay"), words.T("gift.load"), words.T("gift.undo")}},
		blank{name: words.T("give.amount"), digits: true},
	)
	e.gift, e.sheet.at = &card, giftAmount
	return e, nil
}

func toCounter(d *Desk, _ station.Member) (Screen, tea.Cmd) { return NewCounter(d), nil }

func giftTells(e Errand) []string {
	words := e.desk.Words
	amount, err := e.desk.money(e.value(giftAmount))
	switch e.sheet.blanks[giftWhat].chosen {
	case giftUndo:
		return []string{words.T("gift.undoing")}
	case giftLoad:
		if err == nil {
			return []string{words.T("gift.would", "amount", e.gift.Balance+amount)}
		}
		return []string{words.T("gift.loading")}
	}
	if err != nil {
		return []string{words.T("gift.paying")}
	}
	tells := []string{words.T("pay.would", "amount", min(e.gift.Balance, amount))}
	if rest := amount - e.gift.Balance; rest > 0 {
		tells = append(tells, words.T("pay.rest", "amount", rest))
	}
	return tells
}

// giftWork does what was chosen with the gift card.
func giftWork(e Errand) (work, error) {
	d, holder, text := e.desk, e.gift.Profile.Holder, e.gift.Profile.Code()
	if e.sheet.blanks[giftWhat].chosen == giftUndo {
		return func(*station.Override) (outcome, error) {
			done, err := memberTill(d.Till).Undo(d.By(), holder, "undo")
			if err != nil {
				return outcome{}, err
			}
			return d.gifted(text, outcome{said: d.Words.T("gift.undone", "what", amounts(done.Record.Entry, pos.Program{}, d.Words)), key: d.back(done)})
		}, nil
	}
	amount, err := d.money(e.value(giftAmount))
	if e.sheet.blanks[giftWhat].chosen == giftLoad {
		return func(*station.Override) (outcome, error) {
			_, err := giftTill(d.Till).LoadGiftCard(d.By(), text, amount)
			if err != nil {
				return outcome{}, err
			}
			return d.gifted(text, outcome{said: d.Words.T("gift.loaded", "amount", amount), key: d.Words.T("errand.take", "amount", amount)})
		}, err
	}
	return d.paying(holder, amount, func(done station.Done) (outcome, error) {
		paid := pos.Money(done.Record.Entry.Count)
		made := outcome{said: d.Words.T("pay.done", "amount", paid), key: d.Words.T("gift.charge", "amount", paid)}
		if rest := amount - paid; rest > 0 {
			made.lines = append(made.lines, d.Words.T("pay.rest", "amount", rest))
		}
		return d.gifted(text, made)
	}), err
}

// back says what to key into the till for what was taken back: what had been put on
// the card is given back, what it had paid is paid anew.
func (d *Desk) back(done station.Done) string {
	amount := pos.Money(0)
	for _, p := range done.Record.Entry.Postings {
		if p.Account == pos.CreditAccount {
			amount += pos.Money(p.Amount)
		}
	}
	if amount < 0 {
		return d.Words.T("errand.give", "amount", -amount)
	}
	return d.Words.T("gift.again", "amount", amount)
}

// gifted adds to the outcome what is on the card now, and a slip that says so.
func (d *Desk) gifted(text string, made outcome) (outcome, error) {
	card, err := giftTill(d.Till).GiftCard(text)
	if err != nil { // it was done all the same
		return made, nil
	}
	made.lines = append(made.lines, d.Words.T("gift.balance", "amount", card.Balance))
	s := slip.GiftCard(d.Words, d.Shop, card)
	made.gift, made.slip, made.next = &card, &s, func(d *Desk) (Screen, tea.Cmd) { return NewCounter(d), nil }
	return made, nil
}

// The fields of the sale of a gift card.
const (
	giftSold = iota
	giftCode
)

// newGiftSale returns the page on which a gift card is sold. The code of a printed
// card is scanned or typed; without one the card gets a new code, on paper.
func newGiftSale(d *Desk) (Screen, tea.Cmd) {
	words := d.Words
	return newErrand(d, station.Member{}, task{
		title: "gift.sale", does: "gift.key.sell", back: toCounter, take: takeGiftCode,
		tells: func(e Errand) []string { return terms(&e.desk.Program, e.desk.Words, "gift_cards", "") },
		do:    sellGift,
	}, blank{name: words.T("give.amount"), digits: true}, blank{name: words.T("gift.code"), note: words.T("gift.new")}), nil
}

// takeGiftCode lets a scanned code that is nobody's be the card's.
func takeGiftCode(e Errand, f Found) (Screen, tea.Cmd, bool) {
	parsed, err := code.Parse(f.Text)
	if f.Card != nil || !errors.Is(f.Err, &pos.Problem{Key: "code.unknown"}) || err != nil {
		return e, nil, false
	}
	at := e.sheet.at
	e.sheet.at = giftCode
	b := e.sheet.blanks[giftCode]
	b.field = widget.NewField(code.Group(parsed))
	e.sheet = e.sheet.with(b)
	if at == giftSold && e.value(giftSold) == "" {
		e.sheet.at = giftSold
	}
	return e, nil, true
}

func sellGift(e Errand) (work, error) {
	amount, err := e.desk.money(e.value(giftSold))
	d, printed := e.desk, e.value(giftCode)
	return func(*station.Override) (outcome, error) {
		done, err := giftTill(d.Till).SellGiftCard(d.By(), amount, printed)
		if err != nil {
			return outcome{}, err
		}
		text := done.Member.Profile.Code()
		return d.gifted(text, outcome{
			said: d.Words.T("gift.done", "code", code.Group(text)), key: d.Words.T("errand.take", "amount", amount),
			lines: []string{d.Words.T("gift.number", "code", code.Group(text))},
		})
	}, err
}

package screen

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// moneyTill is what is done with what a member has.
type moneyTill interface {
	Pay(by pos.CashierID, holder pos.HolderID, paying station.Paying) (station.Done, error)
	Adjust(by pos.CashierID, holder pos.HolderID, o station.Override, a rules.Adjustment) (station.Done, error)
	Coupon(holder pos.HolderID, text string) (station.Coupon, error)
	UseCoupon(by pos.CashierID, holder pos.HolderID, code string) (station.Done, error)
	SellWith(by pos.CashierID, holder pos.HolderID, sale pos.Sale, coupon string) (station.Done, error)
}

type moveTill interface {
	Transfer(by pos.CashierID, from, to pos.HolderID, move rules.Move) (station.Given, error)
	Pool(by pos.CashierID, to pos.HolderID, move rules.Move) (station.Given, error)
}

// money reads an amount that was typed.
func (d *Desk) money(text string) (pos.Money, error) {
	amount, err := d.Words.Amount(text)
	if err != nil {
		return 0, d.amountProblem(text, err)
	}
	if amount <= 0 {
		return 0, pos.Refuse("amount.positive")
	}
	return amount, nil
}

// whole reads a whole number that was typed.
func (d *Desk) whole(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.Replace(pos.ASCIIDigits(text), "−", "-", 1), 10, 64)
	if err != nil {
		return 0, pos.Refuse("errand.whole", "text", pos.CleanName(text))
	}
	return n, nil
}

// payable reports whether a manager may allow a payment all the same.
func payable(err error) bool {
	problem, ok := errors.AsType[*pos.Problem](err)
	return ok && slices.Contains([]string{"pay.lent", "pay.floor", "pay.budget", "pay.stale", "pay.frozen", "pay.restored"}, problem.Key)
}

func hasCredit(_ *Desk, m station.Member) bool { return m.Credit != nil && *m.Credit > 0 }

// newPay returns the page on which a sale, or as much of it as there is, is paid
// with store credit.
func newPay(d *Desk, m station.Member) (Screen, tea.Cmd) {
	e := newErrand(d, m, task{title: "pay.title", does: "pay.key.pay", tells: payTells, may: payable, do: func(e Errand) (work, error) {
		amount, err := e.desk.money(e.value(0))
		return e.desk.paying(e.member.Profile.Holder, amount, func(done station.Done) (outcome, error) {
			left := pos.Money(0)
			if done.Member.Credit != nil {
				left = *done.Member.Credit
			}
			return e.desk.paid(done, amount, left), nil
		}), err
	}}, blank{name: d.Words.T("errand.sale"), digits: true})
	return e, nil
}

func payTells(e Errand) []string {
	words, have := e.desk.Words, pos.Money(0)
	if e.member.Credit != nil {
		have = *e.member.Credit
	}
	tells := []string{words.T("pay.have", "amount", have)}
	if amount, err := e.desk.money(e.value(0)); err == nil {
		tells = append(tells, words.T("pay.would", "amount", min(have, amount)))
	}
	return tells
}

// paying pays the sale with the credit of the holder.
func (d *Desk) paying(holder pos.HolderID, amount pos.Money, say func(station.Done) (outcome, error)) work {
	till, by := moneyTill(d.Till), d.By()
	return func(consent *station.Override) (outcome, error) {
		done, err := till.Pay(by, holder, station.Paying{Sale: pos.Sale{Amount: amount}, Override: consent})
		if err != nil {
			return outcome{}, err
		}
		return say(done)
	}
}

// paid says what to key into the till for a sale that was paid, in whole or in part.
func (d *Desk) paid(done station.Done, amount, left pos.Money) outcome {
	words, paid := d.Words, pos.Money(done.Record.Entry.Count)
	made := outcome{
		said: words.T("pay.done", "amount", paid), key: words.T("pay.credit", "amount", paid),
		lines: []string{words.T("pay.left", "amount", left)}, member: &done.Member, sale: done.Record.Entry.Sale,
	}
	if rest := amount - paid; rest > 0 {
		made.lines = append([]string{words.T("pay.rest", "amount", rest)}, made.lines...)
	}
	return made
}

// exchanges are the member's rewards that give money for points.
func exchanges(m station.Member) []rules.Reward {
	return slices.DeleteFunc(slices.Clone(m.Rewards), func(r rules.Reward) bool { return r.Rule.Kind != pos.KindExchange })
}

func hasExchange(_ *Desk, m station.Member) bool { return len(exchanges(m)) > 0 }

// The fields of an exchange.
const (
	exchangeSale = iota
	exchangePoints
	exchangeWhich
)

// newExchange returns the page on which a sale is paid with as many points as the
// member likes.
func newExchange(d *Desk, m station.Member) (Screen, tea.Cmd) {
	blanks := []blank{{name: d.Words.T("errand.sale"), digits: true}, {name: d.Words.T("exchange.points"), digits: true, note: d.Words.T("exchange.all")}}
	if all := exchanges(m); len(all) > 1 {
		which := blank{name: d.Words.T("exchange.which")}
		for _, r := range all {
			which.options = append(which.options, r.Rule.Name)
		}
		blanks = append(blanks, which)
	}
	return newErrand(d, m, task{title: "exchange.title", does: "exchange.key.give", tells: exchangeTells, may: station.Overridable, do: exchange}, blanks...), nil
}

// exchanged is the exchange that was chosen.
func (e Errand) exchanged() rules.Reward {
	all := exchanges(e.member)
	if len(e.sheet.blanks) > exchangeWhich {
		return all[e.sheet.blanks[exchangeWhich].chosen]
	}
	return all[0]
}

// exchangeTells says what the points are worth, and within which limits.
func exchangeTells(e Errand) []string {
	words, reward := e.desk.Words, e.exchanged()
	rule := reward.Rule
	tells := []string{words.T("exchange.rate", "n", int64(rule.Step), "amount", rule.Off.Minor, "least", int64(max(rule.Least, rule.Step)))}
	switch {
	case reward.Not != nil:
		tells = append(tells, words.Error(reward.Not))
	case reward.Missing > 0:
		tells = append(tells, words.T("exchange.missing", "n", reward.Missing))
	case e.member.Points != nil:
		tells = append(tells, words.T("exchange.have", "n", int64(*e.member.Points), "amount", reward.Worth))
	}
	if n, err := e.desk.whole(e.value(exchangePoints)); err == nil && n > 0 {
		steps := n / int64(rule.Step)
		if steps <= int64(pos.MaxSale)/max(int64(rule.Off.Minor), 1) {
			tells = append(tells, words.T("exchange.worth", "n", steps*int64(rule.Step), "amount", pos.Money(steps)*rule.Off.Minor))
		}
	}
	return tells
}

func exchange(e Errand) (work, error) {
	amount, err := e.desk.money(e.value(exchangeSale))
	if err != nil {
		return nil, err
	}
	claim := rules.Claim{Reward: e.exchanged().Rule.ID, Sale: &pos.Sale{Amount: amount}}
	if text := e.value(exchangePoints); text != "" {
		rule := e.exchanged().Rule
		least := int64(max(rule.Least, rule.Step))
		if claim.Count, err = e.desk.whole(text); err == nil && claim.Count < least {
			err = pos.Refuse("redeem.least", "reward", rule.Name, "n", least)
		}
	}
	d, holder, name := e.desk, e.member.Profile.Holder, e.exchanged().Rule.Name
	return func(consent *station.Override) (outcome, error) {
		done, err := d.claim(holder, claim, consent)
		if err != nil {
			return outcome{}, err
		}
		return d.exchangedFor(done, claim, name), nil
	}, err
}

// claim hands a reward out, because a manager says so where there is a consent.
func (d *Desk) claim(holder pos.HolderID, claim rules.Claim, consent *station.Override) (station.Done, error) {
	if consent != nil {
		return overrideTill(d.Till).ClaimOverride(d.By(), holder, claim, *consent)
	}
	return memberTill(d.Till).Claim(d.By(), holder, claim)
}

// exchangedFor says what to key into the till for points.
func (d *Desk) exchangedFor(done station.Done, claim rules.Claim, name string) outcome {
	words, points := d.Words, int64(0)
	for _, p := range done.Record.Entry.Postings {
		if p.Account == pos.PointsAccount {
			points -= p.Amount
		}
	}
	made := outcome{
		said: words.T("exchange.done", "n", points, "amount", done.Off), key: words.T("exchange.pay", "reward", name, "amount", done.Off),
		member: &done.Member, sale: done.Sale, taken: []string{claim.Reward},
	}
	if rest := claim.Sale.Amount - done.Off; rest > 0 {
		made.lines = append(made.lines, words.T("pay.rest", "amount", rest))
	}
	if done.Member.Points != nil {
		made.lines = append(made.lines, words.T("exchange.left", "n", int64(*done.Member.Points)))
	}
	return made
}

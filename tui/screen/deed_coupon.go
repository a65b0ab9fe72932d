package screen

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// The fields of a coupon.
const (
	couponSale = iota
	couponCode
)

func hasCoupons(d *Desk, _ station.Member) bool { return len(d.Program.Coupons) > 0 }

// newCoupon returns the page on which a coupon is looked at, then used.
func newCoupon(d *Desk, m station.Member) (Screen, tea.Cmd) { return couponPage(d, m), nil }

func couponPage(d *Desk, m station.Member) Errand {
	words := d.Words
	e := newErrand(d, m, task{
		title: "coupon.title", does: "coupon.key.use", tells: couponTells, look: lookAtCoupon, do: useCoupon, may: station.Overridable,
		take: func(e Errand, f Found) (Screen, tea.Cmd, bool) {
			if !code.IsCoupon(f.Text) && (!errors.Is(f.Err, &pos.Problem{Key: "code.unknown"}) || code.IsMember(f.Text)) {
				return e, nil, false
			}
			next, cmd := e.shown(f.Text)
			return next, cmd, true
		},
	}, blank{name: words.T("errand.sale"), digits: true, note: words.T("coupon.sale")}, blank{name: words.T("coupon.code"), note: words.T("coupon.scan")})
	e.sheet.at = couponCode
	return e
}

// newShownCoupon returns the page with the coupon that was scanned.
func newShownCoupon(d *Desk, m station.Member, text string) (Screen, tea.Cmd) {
	return couponPage(d, m).shown(text)
}

// shown takes a coupon's code and looks at it.
func (e Errand) shown(text string) (Screen, tea.Cmd) {
	e.sheet.at = couponCode
	b := e.sheet.blanks[couponCode]
	b.field, e.found = widget.NewField(pos.CleanName(text)), nil
	e.sheet = e.sheet.with(b)
	return e.look()
}

func lookAtCoupon(e Errand) (func() (finding, error), error) {
	till, holder, text := moneyTill(e.desk.Till), e.member.Profile.Holder, e.value(couponCode)
	return func() (finding, error) {
		coupon, err := till.Coupon(holder, text)
		return finding{coupon: &coupon}, err
	}, nil
}

// couponTells says what the coupon gives, and why it is not good where it is not.
func couponTells(e Errand) []string {
	words := e.desk.Words
	if e.found == nil {
		return []string{words.T("coupon.how")}
	}
	c := e.found.coupon
	tells := terms(&e.desk.Program, words, "coupon", c.Coupon.ID)
	switch {
	case c.Not != nil:
		return append([]string{words.Error(c.Not)}, tells...)
	case c.Last != 0:
		tells = append(tells, words.T("coupon.last", "day", c.Last))
	}
	return append(tells, words.T("coupon.good"))
}

// useCoupon uses it: for the reward that it gives, with the sale that it goes with,
// or for what it gives at once.
func useCoupon(e Errand) (work, error) {
	var sale *pos.Sale
	if text := e.value(couponSale); text != "" {
		amount, err := e.desk.money(text)
		if err != nil {
			return nil, err
		}
		sale = &pos.Sale{Amount: amount}
	}
	d, holder, c := e.desk, e.member.Profile.Holder, e.found.coupon
	switch {
	case c.Coupon.Reward != "":
		claim := rules.Claim{Reward: c.Coupon.Reward, Coupon: c.Code, Sale: sale}
		return func(consent *station.Override) (outcome, error) {
			done, err := d.claim(holder, claim, consent)
			return d.used(done, claim, c.Coupon.Name), err
		}, nil
	case sale == nil && c.Coupon.Gift != pos.Gift{}:
		return func(*station.Override) (outcome, error) {
			done, err := moneyTill(d.Till).UseCoupon(d.By(), holder, c.Code)
			return d.used(done, rules.Claim{}, c.Coupon.Name), err
		}, nil
	case sale == nil:
		return nil, pos.Refuse("coupon.needs", "coupon", c.Coupon.Name)
	}
	return func(*station.Override) (outcome, error) {
		done, err := moneyTill(d.Till).SellWith(d.By(), holder, *sale, c.Code)
		return d.used(done, rules.Claim{}, c.Coupon.Name), err
	}, nil
}

// used says what a coupon gave, and what to key into the till for it.
func (d *Desk) used(done station.Done, claim rules.Claim, name string) outcome {
	what := amounts(done.Record.Entry, station.Names(done.Member), d.Words)
	made := outcome{said: d.Words.T("coupon.done", "coupon", name), member: &done.Member}
	if what != "" {
		made.said = d.Words.T("coupon.gave", "coupon", name, "what", what)
	}
	if done.Off > 0 {
		made.key = d.Words.T("errand.off", "amount", done.Off)
		made.sale, made.taken, made.lines = done.Sale, []string{claim.Reward}, gave(done, d.Words)
	}
	return made
}

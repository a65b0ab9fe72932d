package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/code"
)

// Shown is a coupon that was shown at the counter.
type Shown struct {
	Coupon pos.Coupon
	Serial uint64  // of a signed code
	Code   string  // as an entry keeps it
	Name   string  // of the code: the coupon's id and, of a signed one, its serial: "tea-day/42"
	Last   pos.Day // on which the code is good; 0 is no end

	person [8]byte // code.PersonOf the only member who may use it; zero is anybody
}

// Used returns the account that counts how often the holder used the code. It
// holds for as long as the code can be used, so that the centre finds a code that
// was used at two tills, whoever showed it.
func (s Shown) Used() pos.Account { return pos.Account(CouponUse + s.Name) }

// Single returns the name (Shown.Name) of the coupon's code whose use the posting
// books, if the program lets such a code be used once, by whomever; else "".
func Single(p *pos.Program, posting pos.Posting) string {
	name, ok := strings.CutPrefix(string(posting.Account), CouponUse)
	if !ok || posting.Of != nil || posting.Amount <= 0 {
		return ""
	}
	id, serial, signed := strings.Cut(name, "/")
	if _, err := strconv.ParseUint(serial, 10, 64); signed && err != nil {
		return "" // what the limits of a member count
	}
	single := func(c pos.Coupon) bool { return c.ID == id && c.Uses == 1 && (c.Key != "") == signed }
	if !slices.ContainsFunc(p.Coupons, single) {
		return ""
	}
	return name
}

// Present decides whether the coupon code of the ask is good now, for its holder,
// its day and its sale. A till without a line decides it too: by the signature, and
// by what it knows of earlier uses.
func Present(p *pos.Program, ask Ask) (Shown, error) {
	s, err := CouponOf(p, ask.Code)
	if err != nil {
		return Shown{}, err
	}
	c := &s.Coupon
	d := deciding{p: p, ask: ask}
	used := max(ask.Facts(FactUsed+s.Name), ask.Facts(string(s.Used())))
	switch {
	case s.person != [8]byte{} && s.person != code.PersonOf(ask.Holder):
		return Shown{}, pos.Refuse("coupon.person", "coupon", c.Name)
	case s.Last != 0 && ask.Day > s.Last:
		return Shown{}, pos.Refuse("coupon.ended", "coupon", c.Name, "day", s.Last.String())
	case c.Uses > 0 && used >= c.Uses:
		return Shown{}, pos.Refuse("coupon.used", "coupon", c.Name)
	case d.left("coupon/"+c.ID, c.Limits, 1) < 1:
		return Shown{}, pos.Refuse("coupon.limit", "coupon", c.Name)
	}
	conditions := pos.RewardRule{Name: c.Name, Kind: pos.KindGift, When: c.When}
	if problem := d.allowed(&c.When, c.Name); problem != nil {
		return Shown{}, problem
	}
	if _, problem := aimAt(p, &conditions, ask.Sale); problem != nil {
		return Shown{}, problem
	}
	return s, nil
}

// CouponOf returns the coupon that the code, as it was scanned or typed, is of; whether
// it is good is for Present to say. The problem says that it is of none, or that its
// signature is not the shop's.
func CouponOf(p *pos.Program, shown string) (Shown, error) {
	if !code.IsCoupon(shown) {
		text, err := code.Parse(shown)
		if err != nil {
			return Shown{}, pos.Refuse("coupon.unknown")
		}
		at := slices.IndexFunc(p.Coupons, func(c pos.Coupon) bool { return c.Code != "" && c.Code == text })
		if at < 0 {
			return Shown{}, pos.Refuse("coupon.unknown")
		}
		c := p.Coupons[at]
		return Shown{Coupon: c, Code: c.Code, Name: c.ID, Last: c.When.Until}, nil
	}
	read, err := code.ParseCoupon(shown)
	if err != nil {
		return Shown{}, err
	}
	at := slices.IndexFunc(p.Coupons, func(c pos.Coupon) bool { return c.Key != "" && code.KindOf(c.ID) == read.Kind })
	switch {
	case at < 0:
		return Shown{}, pos.Refuse("coupon.unknown")
	case !read.Verify(p.Coupons[at].PublicKey()):
		return Shown{}, pos.Refuse("coupon.forged")
	}
	c := p.Coupons[at]
	last := read.Last
	if last == 0 || c.When.Until != 0 && c.When.Until < last {
		last = c.When.Until
	}
	return Shown{
		Coupon: c, Serial: read.Serial, Code: read.String(), Name: c.ID + "/" + strconv.FormatUint(read.Serial, 10), Last: last, person: read.Holder,
	}, nil
}

// showCoupon decides whether the code of the ask is good and books that it is used.
func (d *deciding) showCoupon() (Shown, error) {
	s, err := Present(d.p, d.ask)
	if err != nil {
		return s, err
	}
	d.ask.Facts, d.Coupon = withCoupon(d.ask.Facts, s.Coupon.ID), s.Code
	if _, err := d.room("coupon/"+s.Coupon.ID, s.Coupon.Limits, 1); err != nil {
		return s, fmt.Errorf("count coupon: %w", err)
	}
	lot := pos.Lot{}
	if s.Last != 0 {
		lot.Until = s.Last + 1
	}
	return s, d.post(Because{Account: s.Used(), Amount: 1, Rule: s.Coupon.ID}, lot)
}

// withCoupon returns the facts with the coupon shown.
func withCoupon(facts Facts, id string) Facts {
	return func(name string) int64 {
		if name == FactCoupon+id {
			return 1
		}
		return facts(name)
	}
}

// useCoupon gives what the coupon of the ask gives at once, if one was shown. It
// can stand before what a sale decides: rules that name the coupon hold then.
func (d *deciding) useCoupon() error {
	if d.ask.Code == "" {
		return nil
	}
	s, err := d.showCoupon()
	if err != nil {
		return err
	}
	if reward, ok := d.p.Reward(s.Coupon.Reward); ok {
		return pos.Refuse("coupon.reward", "coupon", s.Coupon.Name, "reward", reward.Name)
	}
	d.Because = append(d.Because, Because{Rule: s.Coupon.ID, Key: "why.coupon.shown", Args: map[string]any{"coupon": s.Coupon.Name}})
	return d.give(s.Coupon.ID, s.Coupon.Gift, 1)
}

// UseCoupon decides what the coupon code of the ask gives at once. One that gives
// a reward is for Redeem.
func UseCoupon(p *pos.Program, ask Ask) (Decision, error) {
	if ask.Code == "" {
		return Decision{}, pos.Refuse("coupon.unknown")
	}
	return decide(p, ask, (*deciding).useCoupon)
}

package rules

import "tenthcup/pos"

// What the two sides of a referral used up, beside the rules, whose ids have no
// colon.
const (
	friendRule = "referral:friend"
	memberRule = "referral:member"
)

// refer decides what a member gets whom another one brought, with the first sale
// that is large enough. What the other one gets is Referred.
func (d *deciding) refer() error {
	r := d.p.Referral
	if r == nil || d.ask.Facts(FactFriend) == 0 || d.left(friendRule, pos.Limits{Total: 1}, 1) == 0 {
		return nil
	}
	if d.qualifying() < int64(r.Minimum.Minor) {
		d.tell("", "why.referral.small", "minimum", r.Minimum.Minor)
		return nil
	}
	if _, err := d.room(friendRule, pos.Limits{Total: 1}, 1); err != nil {
		return err
	}
	d.tell("", "why.referral.friend")
	return d.give("", r.Friend, 1)
}

// Refers reports whether the decision about a sale is the one that makes a referral
// good: then Referred is to be asked for the member who brought this one.
func (d Decision) Refers() bool {
	for _, p := range d.Postings {
		if p.Account == useOf(friendRule, "all") && p.Amount > 0 {
			return true
		}
	}
	return false
}

// Referred decides what ask.Holder gets, who brought the member whose id ask.Event
// is: once for each, also where the sale that made it good is undone and comes
// again, and for as many as the program says. Facts are of ask.Holder.
func Referred(p *pos.Program, ask Ask) (Decision, error) {
	r := p.Referral
	if r == nil {
		return Decision{}, pos.Refuse("refer.none")
	}
	return decide(p, ask, func(d *deciding) error {
		friend := pos.Account("friend:" + ask.Event)
		if d.balance(friend) > 0 {
			d.tell("", "why.referral.again")
			return nil
		}
		once, err := d.room(memberRule, pos.Limits{Total: r.Most}, 1)
		if err != nil {
			return err
		}
		if once == 0 {
			d.tell("", "why.referral.most", "n", r.Most)
			return nil
		}
		if err := d.note(friend, "", 1, pos.Lot{}); err != nil {
			return err
		}
		d.tell("", "why.referral.member")
		return d.give("", r.Member, 1)
	})
}

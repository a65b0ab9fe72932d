package rules

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Rerun works out again what the rules of the program, which has to be the one
// that the entry names, give for what the entry says happened, from the facts that
// it says they saw. It returns the first account whose postings do not follow, in
// the order of names, and by how much they are more; "" where all follow, or
// where the entry was no decision of the rules: a manager's word, a void.
//
// What a spend takes is compared in all, not lot by lot: which lots there were the
// entry does not say.
func Rerun(p *pos.Program, e pos.Entry) (pos.Account, int64) {
	decision, known := again(p, e, true)
	if !known {
		return "", 0
	}
	var left []pos.Posting // what the entry has and the decision has not
	add := func(postings []pos.Posting, sign int64) {
		for _, posting := range postings {
			if posting.Of != nil {
				continue
			}
			if posting.Amount < 0 {
				posting.Lot = pos.Lot{}
			}
			at := slices.IndexFunc(left, func(l pos.Posting) bool { return l.Account == posting.Account && l.Lot == posting.Lot })
			if at < 0 {
				at = len(left)
				left = append(left, pos.Posting{Account: posting.Account, Lot: posting.Lot})
			}
			left[at].Amount += sign * posting.Amount
		}
	}
	add(e.Postings, 1)
	add(decision.Postings, -1)
	worst := pos.Posting{}
	for _, l := range left {
		if l.Amount != 0 && (worst.Account == "" || l.Account < worst.Account) {
			worst = l
		}
	}
	return worst.Account, worst.Amount
}

// redeemed decides a redemption again, for a member who has just what it took. That
// the till might hand it out, by a lease or within its limits, is no question any
// more.
func redeemed(p *pos.Program, e pos.Entry, facts Facts) Decision {
	has := ledger.Sums{}
	for _, posting := range e.Postings {
		if posting.Of != nil || posting.Amount > 0 {
			continue
		}
		with, err := has.Add(posting.Account, posting.Lot, -posting.Amount)
		if err != nil {
			return Decision{}
		}
		has = with
	}
	redemption, err := Redeem(p, ClaimOf(p, e), Knowledge{Holder: e.Holder, Sums: has}, e.Day, facts)
	if err == nil {
		return redemption.Decision
	}
	rule, _ := p.Reward(e.Reward)
	price := PriceOf(p, &rule)
	if price.Amount *= max(e.Count, 1); price.Amount == 0 {
		return Decision{}
	}
	return Decision{Postings: []pos.Posting{{Account: price.Account, Amount: -price.Amount}}} // what it should have taken
}

// ruled reports whether the entry is one that the rules of the program decided.
func ruled(p *pos.Program, e pos.Entry) bool {
	return e.Program == p.ID && (e.By == nil || e.By.Kind != pos.ByOverride)
}

// Explain says why the entry gave what it gave, as the rules of the program that
// it names decided it; nothing where they did not.
func Explain(p *pos.Program, e pos.Entry) []Because {
	decision, _ := again(p, e, false)
	return decision.Because
}

// again decides again, without words if they are not wanted, and reports whether the
// rules decide such entries.
func again(p *pos.Program, e pos.Entry, brief bool) (Decision, bool) {
	if !ruled(p, e) {
		return Decision{}, false
	}
	ask := Ask{Holder: e.Holder, Day: e.Day, Brief: brief, Facts: func(name string) int64 { return e.Saw[name] }}
	decide := Sell
	switch e.Kind {
	case pos.Earned:
		if ask.Sale = e.Sale; e.Sale == nil {
			return Decision{}, true
		}
		sale, err := e.Sale.Checked()
		if err != nil {
			return Decision{}, true
		}
		ask.Sale, ask.Code = &sale, e.Code
	case pos.Stamped:
		decide, ask.Card, ask.Count = StampByHand, e.Reward, e.Count
	case pos.Redeemed:
		return redeemed(p, e, ask.Facts), true
	case pos.Happened:
		if decide, ask.Event = Happen, e.Reward; e.Code != "" {
			decide, ask.Code = UseCoupon, e.Code
		}
	case pos.Enrolled:
		decide = Enrol
	case pos.Referred:
		if e.By == nil || len(e.By.ID) != len(pos.HolderID{}) {
			return Decision{}, true
		}
		decide, ask.Event = Referred, pos.HolderID(e.By.ID).String()
	case pos.Joined:
		decide, ask.Event, ask.Code, ask.Count = ChangePlan, e.Reward, e.Code, e.Count
	case pos.Loaded:
		decide, ask.Event, ask.Count = Load, e.Reward, e.Count
		if e.Count == 0 { // not a gift card, but a punch card sold in advance
			decide, ask.Card = SellCard, e.Reward
		}
	default:
		return Decision{}, false
	}
	decision, err := decide(p, ask)
	if err != nil {
		return Decision{}, true // the rules refuse it
	}
	return decision, true
}

package station

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Stamp puts n stamps on the member's card; "" is the program's first card.
func (s *Station) Stamp(by pos.CashierID, holder pos.HolderID, card string, n int64) (Done, error) {
	return s.stamp(by, holder, stamps{card: card, n: n})
}

// StampOverride puts n stamps on the card before its time, because a manager says
// so and why.
func (s *Station) StampOverride(by pos.CashierID, holder pos.HolderID, card string, n int64, o Override) (Done, error) {
	if err := s.permits(&o); err != nil {
		return Done{}, err
	}
	return s.stamp(by, holder, stamps{card, n, &o})
}

// stamps are what is asked for by hand.
type stamps struct {
	card     string
	n        int64
	override *Override // a manager's word, or nil
}

func (s *Station) stamp(by pos.CashierID, holder pos.HolderID, want stamps) (Done, error) {
	return s.decide(holder, happening{decide: rules.StampByHand, what: func(p *pos.Program) (rules.Ask, action) {
		card := want.card
		if card == "" && len(p.Cards) > 0 {
			card = p.Cards[0].ID
		}
		ask, a := rules.Ask{Card: card, Count: want.n}, action{Kind: pos.Stamped, Cashier: by, Reward: card, Count: want.n}
		if o := want.override; o != nil {
			ask.Override, a.By, a.Reason = true, &pos.By{Kind: pos.ByOverride, Manager: o.Manager}, oneLine(o.Reason)
		}
		return ask, a
	}})
}

// Earn books a sale of which only the amount is known.
func (s *Station) Earn(by pos.CashierID, holder pos.HolderID, amount pos.Money) (Done, error) {
	return s.Sell(by, holder, pos.Sale{Amount: amount})
}

// Sell books a sale and all that it gives.
func (s *Station) Sell(by pos.CashierID, holder pos.HolderID, sale pos.Sale) (Done, error) {
	return s.SellWith(by, holder, sale, "")
}

// SellWith books a sale with which a coupon was shown, all that both give, and that
// the coupon was used; "" is none.
func (s *Station) SellWith(by pos.CashierID, holder pos.HolderID, sale pos.Sale, coupon string) (Done, error) {
	sale, err := s.checkedSale(sale)
	if err != nil {
		return Done{}, err
	}
	return s.decide(holder, happening{decide: rules.Sell, what: func(*pos.Program) (rules.Ask, action) {
		return rules.Ask{Sale: &sale, Code: coupon}, action{Kind: pos.Earned, Cashier: by, Sale: &sale}
	}})
}

// checkedSale returns the sale as it is booked.
func (s *Station) checkedSale(sale pos.Sale) (pos.Sale, error) {
	sale, err := sale.Checked()
	sale.Currency = s.Currency.Code
	return sale, err
}

// happening is something that the rules decide.
type happening struct {
	decide   func(*pos.Program, rules.Ask) (rules.Decision, error) // nil: nothing comes of it
	what     func(*pos.Program) (rules.Ask, action)                // without what is the same for all
	kind     string                                                // of profile that it may happen to
	newcomer *pos.Profile                                          // who is made known by it, or nil
}

// decide books what the rules decide about something that happens to a holder.
func (s *Station) decide(holder pos.HolderID, h happening) (Done, error) {
	program, err := s.Program()
	if errors.Is(err, ErrNoProgram) && h.newcomer != nil && h.kind == "" {
		h.decide, err = nil, nil // members can join before there are rules
	}
	if err != nil {
		return Done{}, err
	}
	profile, err := s.whom(holder, h)
	if err != nil {
		return Done{}, err
	}
	o := occasion{station: s, happening: h, program: &program, profile: profile}
	o.ask, o.action = h.what(&program)
	if o.ask.Holder = holder; h.decide != nil {
		o.action.Program = program.ID
	}
	for {
		if err := s.follow(&program); err != nil {
			return Done{}, err
		}
		record, err := o.book()
		if errors.Is(err, errMoved) {
			continue
		}
		if err != nil {
			return Done{}, err
		}
		done := s.done(record, profile)
		done.Because = o.decision.Because
		return done, nil
	}
}

// occasion is a happening while it is booked.
type occasion struct {
	happening
	station  *Station
	program  *pos.Program
	profile  pos.Profile
	ask      rules.Ask
	action   action // as far as it is the same whatever is decided
	decision rules.Decision
}

// book decides and writes, with what follows for the member who brought this one.
func (o *occasion) book() (Record, error) {
	if o.program.Referral != nil && o.profile.Friend != (pos.HolderID{}) && o.action.Kind == pos.Earned {
		return o.refer()
	}
	return o.station.write(o.ask.Holder, o.newcomer, o.decided)
}

// decided decides what happens, on the state just before it.
func (o *occasion) decided(m Moment, when instant) (action, error) {
	if err := o.station.trail.check(o.program, m); err != nil || o.decide == nil {
		return o.action, err
	}
	ask, booked := o.ask, o.action
	booked.Facts = map[string]int64{}
	ask.Day, ask.Facts = when.day, o.station.facts(m, when, o.profile, booked.Facts)
	var err error
	o.decision, err = o.decide(o.program, ask)
	booked.Postings, booked.Code = o.decision.Postings, cmp.Or(o.decision.Coupon, booked.Code)
	return booked, err
}

// whom returns the profile of the holder, which must be of the kind that it happens
// to.
func (s *Station) whom(holder pos.HolderID, h happening) (profile pos.Profile, err error) {
	if h.newcomer != nil {
		return *h.newcomer, nil
	}
	if profile, err = s.Members.Profile(holder); err != nil {
		return profile, fmt.Errorf("read member: %w", err)
	}
	if profile.Kind != h.kind {
		return profile, pos.Refuse("giftcard.member")
	}
	return profile, nil
}

// facts returns what the rules may look at, and notes in seen what they found.
func (s *Station) facts(m Moment, when instant, profile pos.Profile, seen map[string]int64) rules.Facts {
	return sight{station: s, m: m, when: when, profile: profile, seen: seen}.fact
}

// sight is what the rules may look at when something happens.
type sight struct {
	station *Station
	m       Moment
	when    instant
	profile pos.Profile
	seen    map[string]int64 // what they looked at and found
}

// fact answers for rules.Facts, and notes the answer if there is something.
func (s sight) fact(name string) int64 {
	fact := s.look(name)
	if fact != 0 {
		s.seen[name] = fact
	}
	return fact
}

// look answers all but rules.FactCoupon, which is what the rules make of the code
// that was shown.
func (s sight) look(name string) int64 {
	switch name {
	case rules.FactMinute:
		local := s.when.at.In(s.station.Zone)
		return int64(local.Hour()*60 + local.Minute())
	case rules.FactBirthday:
		return int64(s.profile.Birthday.Month)*100 + int64(s.profile.Birthday.Day)
	case rules.FactJoined:
		return int64(s.profile.Joined)
	case rules.FactFriend:
		return one(s.profile.Friend != pos.HolderID{})
	}
	colon := strings.IndexByte(name, ':') + 1
	switch rest := name[colon:]; name[:colon] {
	case rules.FactSwitch:
		return one(s.station.turned(rest).On)
	case rules.FactSince:
		return s.station.trail.since(s, rest)
	case rules.FactStock, rules.FactUsed:
		if s.m.Tally == nil {
			return 0
		}
		return s.m.Tally(name)
	}
	return rules.Held(s.m.View.Sums, s.when.day, name)
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

package station

import (
	"errors"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Coupon is a coupon's code as this till sees it.
type Coupon struct {
	rules.Shown
	Not *pos.Problem // why it is not good now; nil if it is
}

// Coupon looks at a coupon's code, for the holder or, with a zero one, for somebody
// who is no member. Nothing is used up. A code of no coupon of the shop is an error.
func (s *Station) Coupon(holder pos.HolderID, text string) (Coupon, error) {
	program, err := s.Program()
	if err != nil {
		return Coupon{}, err
	}
	shown, err := rules.CouponOf(&program, text)
	if err != nil {
		return Coupon{}, err
	}
	profile := pos.Profile{}
	if holder != (pos.HolderID{}) {
		if profile, err = s.Members.Profile(holder); err != nil {
			return Coupon{}, fmt.Errorf("read member: %w", err)
		}
	}
	coupon := Coupon{Shown: shown}
	_, err = s.append(holder, nil, func(m Moment, when instant) (action, error) {
		facts := s.facts(m, when, profile, map[string]int64{})
		_, err := rules.Present(&program, rules.Ask{Holder: holder, Day: when.day, Code: text, Facts: facts})
		if problem, ok := errors.AsType[*pos.Problem](err); ok {
			coupon.Not, err = problem, nil
		}
		if err == nil {
			err = errNothing // what this till has counted is known only where an entry would be written
		}
		return action{}, err
	})
	if !errors.Is(err, errNothing) {
		return Coupon{}, err
	}
	return coupon, nil
}

package rules

import (
	"math/bits"

	"tenthcup/pos"
)

// MaxPause is the longest pause of a membership, in days.
const MaxPause = 366

// membership is what a member has of a plan: one lot, which renewing and pausing
// replace. It is pending while the membership is paused.
type membership struct {
	plan pos.Plan
	lot  pos.Lot // the zero lot: none
}

func (m membership) paused(day pos.Day) bool { return m.lot.Pending(day) }

// planned reads the membership, and refuses an unknown plan.
func (d *deciding) planned(id string) (membership, error) {
	plan, ok := d.p.Plan(id)
	if !ok {
		return membership{}, pos.Refuse("plan.unknown", "plan", pos.CleanName(id))
	}
	account := string(plan.Account())
	lot := pos.Lot{Until: pos.Day(d.ask.Facts(FactUntil + account))}
	if lot.Until != 0 {
		lot.From = pos.Day(d.ask.Facts(FactFrom + account))
	}
	return membership{plan, lot}, nil
}

// member reads the membership, and refuses where there is none.
func (d *deciding) member(id string) (membership, error) {
	m, err := d.planned(id)
	if err == nil && m.lot.Until == 0 {
		return m, pos.Refuse("plan.none", "plan", m.plan.Name)
	}
	return m, err
}

// replace gives the new lot for the one that the member has, and says why.
func (d *deciding) replace(m membership, lot pos.Lot, why Because) error {
	account := m.plan.Account()
	if m.lot.Until != 0 {
		if err := d.post(Because{Account: account, Amount: -1, Rule: m.plan.ID}, m.lot); err != nil {
			return err
		}
	}
	why.Account, why.Amount, why.Rule = account, 1, m.plan.ID
	return d.post(why, lot)
}

// JoinPlan decides a term of a paid membership: from today, or from the end of the
// term that the member has. The price is paid at the till and is not in the
// decision's postings.
func JoinPlan(p *pos.Program, ask Ask, plan string) (Decision, error) {
	return decide(p, ask, func(d *deciding) error {
		m, err := d.planned(plan)
		if err != nil {
			return err
		}
		if m.paused(ask.Day) {
			return pos.Refuse("plan.paused", "plan", m.plan.Name, "day", m.lot.From)
		}
		until := monthsFrom(p.Calendar, ask.Day, m.plan.Months)
		why := because("why.plan.joined", "plan", m.plan.Name, "price", m.plan.Price.Minor, "until", until)
		if m.lot.Until != 0 {
			until = monthsFrom(p.Calendar, m.lot.Until, m.plan.Months)
			why = because("why.plan.renewed", "plan", m.plan.Name, "price", m.plan.Price.Minor, "until", until)
		}
		if err := d.replace(m, pos.Lot{Until: until}, why); err != nil {
			return err
		}
		return d.vouchers(m.plan.ID, m.plan.Vouchers)
	})
}

// PausePlan decides that a membership rests for ask.Count days, 1 to MaxPause, from
// today. It ends so many days later.
func PausePlan(p *pos.Program, ask Ask, plan string) (Decision, error) {
	if ask.Count < 1 || ask.Count > MaxPause {
		return Decision{}, pos.Refuse("plan.days", "n", ask.Count, "most", int64(MaxPause))
	}
	return decide(p, ask, func(d *deciding) error {
		m, err := d.member(plan)
		if err != nil {
			return err
		}
		if m.paused(ask.Day) {
			return pos.Refuse("plan.paused", "plan", m.plan.Name, "day", m.lot.From)
		}
		rest := pos.Lot{From: ask.Day + pos.Day(ask.Count), Until: m.lot.Until + pos.Day(ask.Count)}
		return d.replace(m, rest, because("why.plan.paused", "plan", m.plan.Name, "day", rest.From, "until", rest.Until))
	})
}

// ResumePlan decides that a paused membership goes on today. The days of the pause
// that are left over are taken from its end.
func ResumePlan(p *pos.Program, ask Ask, plan string) (Decision, error) {
	return decide(p, ask, func(d *deciding) error {
		m, err := d.member(plan)
		if err != nil {
			return err
		}
		if !m.paused(ask.Day) {
			return pos.Refuse("plan.running", "plan", m.plan.Name)
		}
		lot := pos.Lot{Until: m.lot.Until - (m.lot.From - ask.Day)}
		return d.replace(m, lot, because("why.plan.resumed", "plan", m.plan.Name, "until", lot.Until))
	})
}

// CancelPlan decides the end of a membership, today. What the full days after today
// have cost is given back in money: Refund of the decision. It says so and posts
// nothing for it.
func CancelPlan(p *pos.Program, ask Ask, plan string) (Decision, error) {
	return decide(p, ask, func(d *deciding) error {
		m, err := d.member(plan)
		if err != nil {
			return err
		}
		why := because("why.plan.cancelled", "plan", m.plan.Name, "refund", unused(p.Calendar, m, ask.Day))
		why.Account, why.Amount, why.Rule = m.plan.Account(), -1, m.plan.ID
		return d.post(why, m.lot)
	})
}

// Refund returns the money that is to be given back, 0 if none.
func (d Decision) Refund() pos.Money {
	refund := pos.Money(0)
	for _, because := range d.Because {
		if money, ok := because.Args["refund"].(pos.Money); ok {
			refund += money
		}
	}
	return refund
}

// unused returns what the full days have cost that are left of the membership after
// the day, rounded down. Of each term that was bought it is the price times the days
// left, divided by the days of the term.
func unused(calendar string, m membership, day pos.Day) pos.Money {
	begun := max(day+1, m.lot.From)
	refund := pos.Money(0)
	for end := m.lot.Until; end > begun; {
		start := monthsFrom(calendar, end, -m.plan.Months)
		high, low := bits.Mul64(uint64(m.plan.Price.Minor), uint64(end-max(start, begun)))
		share, _ := bits.Div64(high, low, uint64(end-start)) // at most the price
		refund += pos.Money(share)
		end = start
	}
	return refund
}

// monthsFrom returns the same day of the month n months later by the calendar, or
// that month's last.
func monthsFrom(calendar string, day pos.Day, n int) pos.Day {
	into := day - pos.FirstOf(calendar, day, 0)
	return min(pos.FirstOf(calendar, day, n)+into, pos.FirstOf(calendar, day, n+1)-1)
}

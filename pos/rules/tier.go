package rules

import (
	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// The grant accounts that count towards tiers. A program has at most one of them,
// by what its tiers ask for; what its window has passed is over with its lot.
const (
	spendAccount  pos.Account = "spend"  // minor units of the basis
	visitAccount  pos.Account = "visit"  // sales
	earnedAccount pos.Account = "earned" // points that sales and events gave; gifts of goals and tiers are no part of it
)

// stampedAccount counts the stamps that were put on a card, for tiers by full
// cards. It is no stamp account: a reward takes nothing from it.
func stampedAccount(card pos.Card) pos.Account { return "stamped:" + card.Account() }

// qualify counts what has happened: towards tiers, and as the first sale. It comes
// after all that earns.
func (d *deciding) qualify() error {
	if d.ask.Sale != nil && d.p.FirstSales() && d.ask.Facts(string(soldAccount)) == 0 {
		if err := d.post(Because{Account: soldAccount, Amount: 1}, pos.Lot{}); err != nil {
			return err
		}
	}
	if len(d.p.Tiers) == 0 {
		return nil
	}
	count := func(account pos.Account, amount int64) error {
		return d.post(Because{Account: account, Amount: amount}, pos.Lot{Until: d.windowEnd()})
	}
	switch by := d.p.Standing.By; {
	case by == pos.ByCards:
		for _, card := range d.p.Cards {
			if n := d.given(card.Account()); n > 0 {
				if err := count(stampedAccount(card), n); err != nil {
					return err
				}
			}
		}
	case by == pos.ByPoints:
		if n := d.given(pos.PointsAccount); n > 0 {
			return count(earnedAccount, n)
		}
	case d.basket.counts.empty():
	case by == pos.ByVisits:
		return count(visitAccount, 1)
	case d.qualifying() > 0:
		return count(spendAccount, d.qualifying())
	}
	return nil
}

// qualifying returns what the sale counts for in money, in minor units.
func (d *deciding) qualifying() int64 { return int64(d.basket.shown(d.basket.counts)) }

// given returns how much of the account was given so far in this decision, pending
// or not.
func (d *deciding) given(account pos.Account) (n int64) {
	for _, p := range d.Postings {
		if p.Account == account && p.Amount > 0 {
			n += p.Amount
		}
	}
	return n
}

// windowEnd returns the first day on which what counts today towards tiers no
// longer does; 0 is never.
func (d *deciding) windowEnd() pos.Day {
	switch rule := &d.p.Standing; rule.Window {
	case pos.Rolling:
		return pos.FirstOf(d.p.Calendar, d.ask.Day, rule.Months+1)
	case pos.Calendar:
		return pos.NewYear(d.p.Calendar, d.ask.Day)
	case pos.Monthly:
		return pos.FirstOf(d.p.Calendar, d.ask.Day, 1)
	}
	return 0
}

// term returns the first day without what is reached today, grace included, and
// so many windows later; 0 is never.
func (d *deciding) term(windows int) pos.Day {
	rule, calendar, day := &d.p.Standing, d.p.Calendar, d.ask.Day
	if rule.Hold == pos.HoldNext {
		windows++
	}
	end := pos.Day(0)
	switch {
	case rule.Down == pos.DownNever || rule.Window == pos.Lifetime:
		return 0
	case rule.Window == pos.Rolling:
		end = pos.FirstOf(calendar, day, rule.Months*(windows+1)+1)
	case rule.Window == pos.Monthly:
		end = pos.FirstOf(calendar, day, windows+1)
	default:
		for end = pos.NewYear(calendar, day); windows > 0; windows-- {
			end = pos.NewYear(calendar, end)
		}
	}
	return end + pos.Day(rule.Grace)
}

// rank returns the place among the tiers of the highest that the member has,
// or -1.
func (d *deciding) rank() int {
	for i := len(d.p.Tiers) - 1; i >= 0; i-- {
		if d.p.Tiers[i].From.Minor == 0 || d.balance(d.p.Tiers[i].Account()) > 0 {
			return i
		}
	}
	return -1
}

// reached returns what the member has in the window of what tiers ask for.
func (d *deciding) reached() int64 {
	switch d.p.Standing.By {
	case pos.ByPoints:
		return d.balance(earnedAccount)
	case pos.ByVisits:
		return d.balance(visitAccount)
	case pos.ByCards:
		full := int64(0)
		for _, card := range d.p.Cards {
			full += d.balance(stampedAccount(card)) / card.Size
		}
		return full
	}
	return d.balance(spendAccount)
}

// tierFor returns the place of the highest tier for which so much is enough, or -1.
func tierFor(tiers []pos.Tier, reached int64) int {
	i := len(tiers) - 1
	for i >= 0 && reached < int64(tiers[i].From.Minor) {
		i--
	}
	return i
}

// tiers decides whether the member rises, and renews what is still reached. A tier
// that is new brings its vouchers and those of the tiers passed on the way, so that
// one large sale gives what two small ones do.
func (d *deciding) tiers() error {
	have, now := d.rank(), tierFor(d.p.Tiers, d.reached())
	if now < 0 || d.p.Tiers[now].From.Minor == 0 {
		return nil
	}
	why := Because{}
	if now > have && !d.ask.Brief {
		why = because("why.tier.reached", "tier", d.p.Tiers[now].Name)
	}
	if err := d.hold(now, why); err != nil {
		return err
	}
	for i := max(have+1, 0); i <= now; i++ {
		if err := d.vouchers(d.p.Tiers[i].ID, d.p.Tiers[i].Vouchers); err != nil {
			return err
		}
	}
	return nil
}

// hold grants the tier for its term. Where members fall one step at a time, the
// tiers below hold a window longer each, and the lowest for ever.
func (d *deciding) hold(tier int, why Because) error {
	step := d.p.Standing.Down == pos.DownStep
	for i := tier; i >= 0 && d.p.Tiers[i].From.Minor > 0; i-- {
		until := d.term(tier - i)
		if step && i == 0 {
			until = 0
		}
		if err := d.extend(&d.p.Tiers[i], until, why); err != nil || !step {
			return err
		}
		why = Because{}
	}
	return nil
}

// extend grants the tier until the day, 0 for ever, unless the member has it so long
// already.
func (d *deciding) extend(tier *pos.Tier, until pos.Day, why Because) error {
	account := tier.Account()
	if d.balance(account) > 0 {
		held := pos.Day(d.ask.Facts(FactUntil + string(account)))
		if held == 0 || until != 0 && until <= held {
			return nil
		}
	}
	why.Account, why.Amount, why.Rule = account, 1, tier.ID
	return d.post(why, pos.Lot{Until: until})
}

func (d *deciding) vouchers(rule string, rewards []string) error {
	for _, reward := range rewards {
		if err := d.give(rule, pos.Gift{Voucher: reward}, 1); err != nil {
			return err
		}
	}
	return nil
}

// SetTier decides a tier that a manager gives by hand, or that is brought over from
// another program. It holds until the day, 0 for ever, whatever the member buys,
// and brings no vouchers. It is never less than the member has: a tier too many is
// undone with the entry that gave it.
func SetTier(p *pos.Program, ask Ask, tier string, until pos.Day) (Decision, error) {
	at := p.Tier(tier)
	switch {
	case at < 0:
		return Decision{}, pos.Refuse("tier.unknown", "tier", pos.CleanName(tier))
	case until != 0 && until <= ask.Day:
		return Decision{}, pos.Refuse("tier.past", "day", until)
	}
	return decide(p, ask, func(d *deciding) error {
		wanted := p.Tiers[at]
		if have := d.rank(); have > at || wanted.From.Minor == 0 {
			return pos.Refuse("tier.below", "tier", p.Tiers[have].Name)
		}
		if err := d.extend(&wanted, until, because("why.tier.hand", "tier", wanted.Name)); err != nil {
			return err
		}
		if len(d.Postings) == 0 {
			return pos.Refuse("tier.held", "tier", wanted.Name)
		}
		return nil
	})
}

// Standing is how far a member is with the tiers.
type Standing struct {
	Tier    pos.Tier // that the member has; without ID: none
	Until   pos.Day  // the first day without it; 0 is no end
	Next    pos.Tier // the one above; without ID: none
	Missing int64    // of what Next asks for: minor units, points, sales or cards; 0 or more
}

// Progress reads the member's standing on the day.
func Progress(p *pos.Program, sums ledger.Sums, day pos.Day) Standing {
	d := reading(p, sums, day)
	have, standing := d.rank(), Standing{}
	if have >= 0 {
		standing.Tier = p.Tiers[have]
		standing.Until = pos.Day(d.ask.Facts(FactUntil + string(standing.Tier.Account())))
	}
	if have+1 < len(p.Tiers) {
		standing.Next = p.Tiers[have+1]
		standing.Missing = max(int64(standing.Next.From.Minor)-d.reached(), 0)
	}
	return standing
}

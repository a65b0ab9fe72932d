package pos

import (
	"slices"
	"strconv"
)

// What TierRule.By and Window say.
const (
	BySpend  = "spend"  // money of the basis
	ByPoints = "points" // points earned
	ByVisits = "visits" // sales
	ByCards  = "cards"  // full punch cards

	Lifetime = "lifetime"
	Rolling  = "rolling" // the last Months full months and this one
	Calendar = "year"    // this year of the calendar
	Monthly  = "month"   // this month of the calendar

	HoldNext = "next"
	HoldThis = "this"

	DownStep  = "step"
	DownAll   = "all"
	DownNever = "never"
)

// TierRule says how members rise and fall. They rise at once. What is reached
// holds to the end of its term: with Rolling to the end of the Months full months
// after this one, with Calendar and Monthly to the end of the next year or month,
// or of this one by Hold. It is renewed by every sale that still reaches it.
type TierRule struct {
	By     string `toml:"by"`         // spend if left out
	Window string `toml:"window"`     // lifetime if left out
	Months int    `toml:"months"`     // of a rolling window, 1 to 120
	Hold   string `toml:"hold"`       // of a year or month: next if left out
	Grace  int    `toml:"grace_days"` // after the term before the member has less, 0 to 366
	Down   string `toml:"down"`       // step if left out: one tier down a window, and the lowest stays; all: to what is reached by then; never
}

// Tier is a standing of members. The lowest is everybody's if its From is 0.
type Tier struct {
	ID       string   `toml:"id"`
	Name     string   `toml:"name"`
	From     Amount   `toml:"from"`     // what must be reached: money, points, sales or cards, by By
	Multiply Ratio    `toml:"multiply"` // what is earned in points
	Vouchers []string `toml:"vouchers"` // rewards, one of each when it is reached or passed on the way up

	account Account
}

// Account returns the account that grants the tier.
func (t *Tier) Account() Account { return t.account }

// Plan is a paid membership.
type Plan struct {
	ID       string   `toml:"id"`
	Name     string   `toml:"name"`
	Price    Amount   `toml:"price"`
	Months   int      `toml:"months"` // of one term; it ends the day before
	Multiply Ratio    `toml:"multiply"`
	Vouchers []string `toml:"vouchers"` // one of each with each term
}

// Account returns the account that grants the membership.
func (p *Plan) Account() Account { return Account("plan:" + p.ID) }

// Tier returns the place of the tier with the id among Tiers, or -1.
func (p Program) Tier(id string) int {
	return slices.IndexFunc(p.Tiers, func(t Tier) bool { return t.ID == id })
}

// Plan returns the paid membership with the id.
func (p Program) Plan(id string) (Plan, bool) {
	return find(p.Plans, func(plan Plan) bool { return plan.ID == id })
}

// count reads the text as a whole number, for what is no money.
func (a *Amount) count(path string) error {
	n, err := strconv.ParseUint(a.Text, 10, 63)
	if err != nil {
		return wrong(path, "doc.whole", "text", CleanName(a.Text))
	}
	a.Minor = Money(n)
	return nil
}

// reach reads the setting of a table that says what must be reached, money or a
// number, at most what is still far from overflow.
func (a *Amount) reach(table, key string, money bool, currency Currency) error {
	path := table + "." + key
	err := error(nil)
	switch {
	case !a.Given():
		err = wrong(table, "doc.missing", "key", key)
	case money:
		err = a.resolve(path, currency)
	default:
		err = a.count(path)
	}
	return first(err, within(path, int64(a.Minor), 0, int64(MaxSale)))
}

// only reports the setting that means nothing without another.
func only(path string, given bool, with string) error {
	if given {
		return wrong(path, "doc.only", "with", with)
	}
	return nil
}

// checkStanding checks [tiers], [[tier]], [[plan]] and [[goal]].
func (p *Program) checkStanding(currency Currency) error {
	return first(p.checkTierRule(), p.checkTiers(currency), p.checkPlans(currency), p.checkGoals(currency))
}

func (p *Program) checkTierRule() error {
	r := &p.Standing
	switch {
	case len(p.Tiers) == 0 && *r == TierRule{}:
		return nil
	case len(p.Tiers) == 0:
		return wrong("tiers", "doc.missing", "key", "[[tier]]")
	}
	if err := first(
		oneOf("tiers.by", &r.By, BySpend, ByPoints, ByVisits, ByCards),
		oneOf("tiers.window", &r.Window, Lifetime, Rolling, Calendar, Monthly),
	); err != nil {
		return err
	}
	switch {
	case r.By == ByPoints && p.Points == nil:
		return wrong("tiers.by", "doc.counts", "what", "[points]")
	case r.By == ByCards && len(p.Cards) == 0:
		return wrong("tiers.by", "doc.counts", "what", "[[card]]")
	case r.Window == Lifetime:
		return first(
			only("tiers.months", r.Months != 0, `window = "rolling"`),
			only("tiers.hold", r.Hold != "", `window = "year"`),
			only("tiers.grace_days", r.Grace != 0, `window = "rolling"`),
			oneOf("tiers.down", &r.Down, DownNever),
		)
	case r.Window == Rolling:
		if r.Months == 0 {
			return wrong("tiers", "doc.missing", "key", "months")
		}
		if err := first(within("tiers.months", int64(r.Months), 1, 120), only("tiers.hold", r.Hold != "", `window = "year"`)); err != nil {
			return err
		}
	default:
		if err := first(only("tiers.months", r.Months != 0, `window = "rolling"`), oneOf("tiers.hold", &r.Hold, HoldNext, HoldThis)); err != nil {
			return err
		}
	}
	return first(within("tiers.grace_days", int64(r.Grace), 0, 366), oneOf("tiers.down", &r.Down, DownStep, DownAll, DownNever))
}

func (p *Program) checkTiers(currency Currency) error {
	seen := map[string]bool{}
	for i := range p.Tiers {
		t := &p.Tiers[i]
		path := at("tier", i)
		if err := first(
			named("tier", i, t.ID, &t.Name, seen),
			t.From.reach(path, "from", p.Standing.By == BySpend, currency),
			p.checkVouchers(path+".vouchers", t.Vouchers),
		); err != nil {
			return err
		}
		t.account = Account("tier:" + t.ID)
		switch {
		case i > 0 && t.From.Minor <= p.Tiers[i-1].From.Minor:
			return wrong(path+".from", "doc.rising", "tier", t.Name, "other", p.Tiers[i-1].Name)
		case t.From.Minor == 0 && len(t.Vouchers) > 0:
			return wrong(path+".vouchers", "doc.everybody", "tier", t.Name)
		}
	}
	return nil
}

// checkVouchers checks a list of rewards that members can hold.
func (p *Program) checkVouchers(path string, ids []string) error {
	for _, id := range ids {
		if err := p.checkVoucher(path, id); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) checkVoucher(path, id string) error {
	reward, there := p.Reward(id)
	if there && !reward.Voucher {
		return wrong(path, "doc.unheld", "id", id)
	}
	return known(path, id, there)
}

func (p *Program) checkPlans(currency Currency) error {
	seen := map[string]bool{}
	for i := range p.Plans {
		plan := &p.Plans[i]
		path := at("plan", i)
		if err := first(
			named("plan", i, plan.ID, &plan.Name, seen),
			plan.Price.resolve(path+".price", currency),
			within(path+".months", int64(plan.Months), 1, 120),
			p.checkVouchers(path+".vouchers", plan.Vouchers),
		); err != nil {
			return err
		}
	}
	return nil
}

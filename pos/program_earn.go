package pos

import (
	"cmp"
	"math/bits"
	"slices"
)

// Rounding says what becomes of a fraction of a point.
type Rounding string

// The rounding modes; halves of RoundNearest go up.
const (
	RoundDown    Rounding = "down"
	RoundNearest Rounding = "nearest"
	RoundUp      Rounding = "up"
)

// PointsRule says what points are. Earn and For are the short way to write one
// [[earn]] rule: Earn points for each For of the sale.
type PointsRule struct {
	Expiry
	Name  string   `toml:"name"` // what the shop calls them
	Earn  int64    `toml:"earn"` // 1 to 1,000,000; 0 if there are [[earn]] rules only
	For   Amount   `toml:"for"`
	Round Rounding `toml:"round"` // of every rule that does not say
	Worth Amount   `toml:"worth"` // of 100 points, for the liability and for people; left out: what the best reward makes of them

	Floor  int64 `toml:"-"` // points that one till takes of one member without a lease; the price of the dearest reward if left out
	Budget int64 `toml:"-"` // and of all members together; ten times that price if left out
}

// Basis says which part of a sale counts for what is earned per money. Left out, it
// is what was paid with money: tax included, discounts taken off, and of each line
// the same share of what was paid with points, credit or a gift card.
type Basis struct {
	WithoutTax      bool `toml:"without_tax"`
	BeforeDiscounts bool `toml:"before_discounts"`
	PaidWithPoints  bool `toml:"paid_with_points"` // also what is paid with points, credit or a gift card
}

// Of returns what counts of a line, before anything is paid with points. Without
// tax and before discounts it is the price without the tax that is in it, at the
// rate of what the line costs, rounded half up.
func (b Basis) Of(line *Line) Money {
	due := line.Due()
	amount := due
	if b.BeforeDiscounts {
		amount += line.Discount
	}
	if !b.WithoutTax {
		return amount
	}
	if line.Discount == 0 || !b.BeforeDiscounts || due == 0 {
		return amount - line.Tax
	}
	high, low := bits.Mul64(uint64(amount), uint64(line.Tax))
	low, carry := bits.Add64(low, uint64(due)/2, 0)
	tax, _ := bits.Div64(high+carry, low, uint64(due)) // tax is at most due, so the result is at most amount
	return amount - Money(tax)
}

// Exclude names what never earns anything and no percentage takes off: gift cards,
// tobacco, prescriptions.
type Exclude struct {
	Items      []string `toml:"items"`
	Categories []string `toml:"categories"`

	items index
}

// Has reports whether the line earns nothing.
func (e *Exclude) Has(line *Line) bool {
	return e.items.has(e.Items, line.Item) || slices.Contains(e.Categories, line.Category)
}

// What EarnRule.Per says.
const (
	PerMoney = "money" // Earn for each For
	PerSale  = "sale"  // Earn for the visit
	PerItem  = "item"  // Earn for each different item
	PerUnit  = "unit"  // Earn for each unit
)

// What EarnRule.Give and Campaign.Give say.
const (
	GivePoints = "points"
	GiveCredit = "credit"
)

// EarnRule is one way to earn with a sale. All rules that hold add up, each rounded
// by itself.
type EarnRule struct {
	ID     string   `toml:"id"`
	Name   string   `toml:"name"`
	Give   string   `toml:"give"` // "points" or "credit" (minor units); points if left out
	Earn   Ratio    `toml:"earn"`
	For    Amount   `toml:"for"`
	Per    string   `toml:"per"`    // money if left out
	Steps  bool     `toml:"steps"`  // only whole For count
	Round  Rounding `toml:"round"`  // as [points] rounds, if left out
	Most   int64    `toml:"most"`   // of one sale; 0 is no limit
	Stop   bool     `toml:"stop"`   // no rule after this one, if it gave something
	Limits Limits   `toml:"limits"` // of what it gives; what is above is cut
	When   When     `toml:"when"`
}

// What Campaign.Stack says.
const (
	StackAdd   = "add"
	StackBest  = "best"
	StackFirst = "first"
)

// Campaign multiplies what a sale earns, or adds to it. Base rules come first,
// then multipliers, then bonuses, which nothing multiplies. Multipliers are all of
// what base rules gave, so that x2 and x3 are x4, whatever their order.
type Campaign struct {
	ID       string `toml:"id"`
	Name     string `toml:"name"`
	Give     string `toml:"give"`     // "points" or "credit"
	Multiply Ratio  `toml:"multiply"` // what its lines earned by base rules
	Add      int64  `toml:"add"`      // once per sale
	Group    string `toml:"group"`    // campaigns of one group compete; without one each stands alone
	Stack    string `toml:"stack"`    // in the group: "add" (multipliers add up: x2 and x3 are x4), "best", or "first" by priority
	Priority int    `toml:"priority"` // higher is first, then as they are written
	Alone    bool   `toml:"alone"`    // exclusive: if it gives something, no other campaign does; tiers and plans still multiply
	Limits   Limits `toml:"limits"`   // of what it gives more
	When     When   `toml:"when"`
}

// What EventRule.On says.
const (
	OnDemand      = "demand"      // a cashier, or another program, says that it happened
	OnJoin        = "join"        // enrolment
	OnBirthday    = "birthday"    // the first sale in the days around it: a week, if When.Birthday does not say
	OnAnniversary = "anniversary" // of joining: the first sale in its month, from the next year on
)

// EventRule gives something for what is no sale: a review, a survey, a booking.
type EventRule struct {
	ID     string `toml:"id"`
	Name   string `toml:"name"`
	On     string `toml:"on"` // demand if left out
	Gift   Gift   `toml:"gift"`
	Limits Limits `toml:"limits"` // how often, on demand
	When   When   `toml:"when"`
}

// checkEarning checks [basis], [exclude], [[earn]], [[campaign]] and [[event]]. Their
// ids are all different, for limits and explanations name rules by id.
func (p *Program) checkEarning(currency Currency) error {
	for _, list := range []struct {
		key string
		ids []string
	}{{"switches", p.Switches}, {"tags", p.Tags}} {
		seen := map[string]bool{}
		for _, id := range list.ids {
			switch {
			case !idPattern.MatchString(id):
				return wrong(list.key, "doc.id", "id", CleanName(id))
			case seen[id]:
				return wrong(list.key, "doc.twice", "id", id)
			}
			seen[id] = true
		}
	}
	if slices.Contains(p.Exclude.Items, "") || slices.Contains(p.Exclude.Categories, "") {
		return wrong("exclude", "doc.blank")
	}
	p.Exclude.items = indexOf(p.Exclude.Items)
	seen := map[string]bool{}
	if p.Points != nil && p.Points.Earn > 0 {
		seen[BaseRule] = true
	}
	for i := range p.Earn {
		r, path := &p.Earn[i], at("earn", i)
		if err := first(named("earn", i, r.ID, &r.Name, seen), r.check(path, p, currency)); err != nil {
			return err
		}
	}
	for i := range p.Campaigns {
		c, path := &p.Campaigns[i], at("campaign", i)
		if err := first(named("campaign", i, c.ID, &c.Name, seen), c.check(path, p, currency)); err != nil {
			return err
		}
	}
	for i := range p.Events {
		e, path := &p.Events[i], at("event", i)
		if err := first(named("event", i, e.ID, &e.Name, seen), e.check(path, p, currency)); err != nil {
			return err
		}
	}
	slices.SortStableFunc(p.Campaigns, func(a, b Campaign) int { return cmp.Compare(b.Priority, a.Priority) })
	return nil
}

// earningIDs returns the ids that [[earn]], [[campaign]] and [[event]] have. Rewards
// and coupons have others: what a member used of a limit is counted by id.
func (p *Program) earningIDs() map[string]bool {
	ids := map[string]bool{}
	if p.Points != nil && p.Points.Earn > 0 {
		ids[BaseRule] = true
	}
	for _, r := range p.Earn {
		ids[r.ID] = true
	}
	for _, c := range p.Campaigns {
		ids[c.ID] = true
	}
	for _, e := range p.Events {
		ids[e.ID] = true
	}
	return ids
}

// BaseRule is the id of the rule that PointsRule.Earn and For are short for.
const BaseRule = "points"

const (
	maxGift     = 1_000_000_000 // points, minor units
	maxPriority = 1_000_000
)

func (r *EarnRule) check(path string, p *Program, currency Currency) error {
	if r.Round == "" && p.Points != nil {
		r.Round = p.Points.Round
	}
	err := first(
		r.Round.check(path+".round"),
		oneOf(path+".per", &r.Per, PerMoney, PerSale, PerItem, PerUnit),
		checkGive(path, &r.Give, p),
		r.For.resolve(path+".for", currency),
		within(path+".most", r.Most, 0, maxGift),
		r.Limits.check(path+".limits"),
		r.When.check(path+".when", p, currency),
	)
	money := r.Per == PerMoney
	switch {
	case err != nil:
		return err
	case !r.Earn.Given():
		return wrong(path, "doc.missing", "key", "earn")
	case r.Earn.Num == 0:
		return wrong(path+".earn", "doc.positive", "text", r.Earn.String())
	case money && !r.For.Given():
		return wrong(path, "doc.missing", "key", "for")
	case money && r.For.Minor == 0:
		return wrong(path+".for", "doc.positive", "text", CleanName(r.For.Text))
	case !money && r.For.Given():
		return wrong(path+".for", "doc.needless", "key", "for")
	case !money && r.Steps:
		return wrong(path+".steps", "doc.needless", "key", "steps")
	}
	return nil
}

// checkGive checks that the program has what a rule gives.
func checkGive(path string, give *string, p *Program) error {
	if err := oneOf(path+".give", give, GivePoints, GiveCredit); err != nil {
		return err
	}
	if *give == GivePoints && p.Points == nil || *give == GiveCredit && p.Credit == nil {
		return wrong(path, "doc.gives", "table", *give)
	}
	return nil
}

func (c *Campaign) check(path string, p *Program, currency Currency) error {
	err := first(
		checkGive(path, &c.Give, p),
		within(path+".add", c.Add, 0, maxGift),
		within(path+".priority", int64(c.Priority), -maxPriority, maxPriority),
		c.Limits.check(path+".limits"),
		c.When.check(path+".when", p, currency),
	)
	switch {
	case err != nil:
		return err
	case c.Multiply.Given() == (c.Add > 0):
		return wrong(path, "doc.gain")
	case c.Multiply.Given() && c.Multiply.Num <= c.Multiply.Den:
		return wrong(path+".multiply", "doc.multiply", "text", c.Multiply.String())
	case c.Group == "" && c.Stack != "":
		return wrong(path+".stack", "doc.missing", "key", "group")
	case c.Group == "":
		return nil
	case !idPattern.MatchString(c.Group):
		return wrong(path+".group", "doc.id", "id", CleanName(c.Group))
	}
	if err := oneOf(path+".stack", &c.Stack, StackAdd, StackBest, StackFirst); err != nil {
		return err
	}
	if head, _ := find(p.Campaigns, func(other Campaign) bool { return other.Group == c.Group }); head.Stack != c.Stack || head.Give != c.Give {
		return wrong(path+".stack", "doc.stack", "group", c.Group, "stack", head.Stack, "give", head.Give)
	}
	return nil
}

func (e *EventRule) check(path string, p *Program, currency Currency) error {
	err := first(
		oneOf(path+".on", &e.On, OnDemand, OnJoin, OnBirthday, OnAnniversary),
		e.Limits.check(path+".limits"),
		e.Gift.check(path+".gift", p, currency),
		e.When.check(path+".when", p, currency),
	)
	sale := e.On == OnBirthday || e.On == OnAnniversary
	switch {
	case err != nil:
		return err
	case e.On != OnDemand && e.Limits.Any():
		return wrong(path+".limits", "doc.needless", "key", "limits")
	case !sale && (e.When.PicksLines() || e.When.Minimum.Given() || e.When.Quantity > 0 || e.When.Coupon != ""):
		return wrong(path+".when", "doc.nosale")
	}
	if e.On == OnBirthday {
		e.When.Birthday = cmp.Or(e.When.Birthday, BirthdayWeek)
	}
	return nil
}

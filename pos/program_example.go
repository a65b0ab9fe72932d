package pos

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
)

// Example is what the program promises, written down by whoever wrote it: Given
// what a member has, after what came First, When something happens, Then this
// follows. tenthcup program check tries them all.
type Example struct {
	Name  string        `toml:"name"`
	Given ExampleGiven  `toml:"given"`
	First []ExampleStep `toml:"first"` // what happens before, in order
	When  ExampleStep   `toml:"when"`
	Then  ExampleThen   `toml:"then"`
}

// Holding is what a member has. What is left out is nothing in a Given, and not
// looked at in a Then.
type Holding struct {
	Points   *int64           `toml:"points"`
	Credit   Amount           `toml:"credit"`
	Cards    map[string]int64 `toml:"cards"`    // stamps, by card
	Vouchers map[string]int64 `toml:"vouchers"` // by reward
	Tickets  map[string]int64 `toml:"tickets"`  // by draw
	Tiers    []string         `toml:"tiers"`
	Plans    []string         `toml:"plans"`
	Tags     []string         `toml:"tags"`
	Badges   []string         `toml:"badges"`
	GiftCard Amount           `toml:"gift_card"` // on the member's gift card
	Spend    Amount           `toml:"spend"`     // that counts for a tier
	Visits   *int64           `toml:"visits"`    // sales
}

// ExampleGiven is a member and the moment at which an example begins.
type ExampleGiven struct {
	Holding
	At       Moment   `toml:"at"`       // Wednesday, 4 March 2026, noon if left out
	Birthday string   `toml:"birthday"` // "12-24"
	Joined   Day      `toml:"joined"`   // the day of At if left out
	Switches []string `toml:"switches"` // that are on
	Arm      string   `toml:"arm"`      // "experiment/arm" that the member is in
	Lucky    string   `toml:"lucky"`    // a surprise that the member gets at the next sale
	Friend   bool     `toml:"friend"`   // another member brought this one
}

// ExampleStep is one thing that happens: a sale (Sale or Lines), or what one other
// key says. Redeem and Coupon may name the sale that they belong to; it is booked
// then too.
type ExampleStep struct {
	Sale    Amount            `toml:"sale"`  // of which only the amount is known
	Lines   []ExampleLine     `toml:"lines"` // or its lines
	Tax     Amount            `toml:"tax"`   // in Sale
	Paid    map[string]Amount `toml:"paid"`  // by "points", "credit" or "card"
	Receipt string            `toml:"receipt"`
	Coupon  string            `toml:"coupon"` // that is shown
	Serial  int64             `toml:"serial"` // of a signed coupon's code; 1 if left out
	Owner   string            `toml:"owner"`  // of a signed coupon's code: "member" or "other"; left out: anybody

	Redeem   string   `toml:"redeem"`      // a reward
	Choice   string   `toml:"choice"`      // the item that the member picks
	Taken    []string `toml:"taken"`       // rewards that were taken on the same sale
	Count    int64    `toml:"count"`       // of stamps, of pieces, of points to exchange, of days of a pause; 1 if left out, and all points
	Return   Amount   `toml:"return"`      // of the last sale: so much of it, or "all"
	Item     string   `toml:"return_item"` // of the last sale: one unit of the item
	Stamp    string   `toml:"stamp"`       // a card, by hand
	Pass     string   `toml:"pass"`        // a card that is bought in advance, full
	Event    string   `toml:"event"`
	Brought  string   `toml:"brought"`  // a friend, who now makes a first sale that is good
	Plan     string   `toml:"plan"`     // that is bought or renewed
	Pause    string   `toml:"pause"`    // a plan, for Count days
	Resume   string   `toml:"resume"`   // a plan that was paused
	Cancel   string   `toml:"cancel"`   // a plan
	Tier     string   `toml:"tier"`     // given by hand
	Tag      string   `toml:"tag"`      // given by hand
	Load     Amount   `toml:"load"`     // put on the member's gift card
	Transfer int64    `toml:"transfer"` // points given to another member
	Pool     int64    `toml:"pool"`     // points that another member of the household spends
	Join     bool     `toml:"join"`     // the member enrols
	Days     int      `toml:"days"`     // that go by
	Minutes  int      `toml:"minutes"`  // that go by

	Times int64 `toml:"times"` // how often it happens; 1 if left out
	Every int   `toml:"every"` // days that go by between
}

// ExampleLine is one line of a sale.
type ExampleLine struct {
	Item     string `toml:"item"`
	Category string `toml:"category"`
	Quantity int64  `toml:"quantity"` // 1 if left out
	Price    Amount `toml:"price"`    // of one unit
	Discount Amount `toml:"discount"` // off the line
	Tax      Amount `toml:"tax"`      // in the line
}

// ExampleThen is what follows: what the member has then, and what came of When.
type ExampleThen struct {
	Holding
	Pending *int64   `toml:"pending"` // points that count later
	Gives   *Holding `toml:"gives"`   // by When; what is taken is below 0, and what is left out is not looked at
	Off     Amount   `toml:"off"`     // the sale, by a reward
	Back    Amount   `toml:"back"`    // money, by a return
	Refused string   `toml:"refused"` // the sentence's key
	Why     []string `toml:"why"`     // ids of rules that have a part in it
}

// Moment is a day and a minute of the shop's clock: "2026-12-24 16:30", or noon of
// "2026-12-24".
type Moment struct {
	Day    Day // 0 where it is left out
	Minute int // since midnight
}

// noon is when an example happens that names no time.
const noon = 12 * 60

// UnmarshalTOML reads a moment as UnmarshalText does, with or without quotes.
func (m *Moment) UnmarshalTOML(value []byte) error {
	return m.UnmarshalText(bytes.Trim(value, `"'`))
}

// UnmarshalText reads a moment. It refuses with example.moment.
func (m *Moment) UnmarshalText(text []byte) error {
	date, clock, timed := strings.Cut(string(text), " ")
	var day Day
	minute, err := noon, day.UnmarshalText([]byte(date))
	if err == nil && timed {
		var at time.Time
		at, err = time.Parse("15:04", clock)
		minute = at.Hour()*60 + at.Minute()
	}
	if err != nil {
		return Refuse("example.moment", "text", CleanName(string(text)))
	}
	m.Day, m.Minute = day, minute
	return nil
}

// Given reports whether the document has it.
func (m Moment) Given() bool { return m.Day != 0 }

// What ExampleStep.Owner says.
const (
	OwnMember = "member"
	OwnOther  = "other"
)

// ReturnAll is what ExampleStep.Return says where the whole sale goes back.
const ReturnAll = "all"

// Sells reports whether the step is a sale, with a coupon perhaps, but without a
// reward.
func (s ExampleStep) Sells() bool {
	return s.Redeem == "" && (s.Sale.Given() || len(s.Lines) > 0)
}

// deeds returns what the step says that happens, besides a sale.
func (s ExampleStep) deeds() []string {
	var deeds []string
	for _, deed := range []struct {
		name string
		said bool
	}{
		{"redeem", s.Redeem != ""},
		{"coupon", s.Coupon != "" && s.Redeem == ""},
		{"return", s.Return.Given()},
		{"return_item", s.Item != ""},
		{"stamp", s.Stamp != ""},
		{"event", s.Event != ""},
		{"pass", s.Pass != ""},
		{"brought", s.Brought != ""},
		{"plan", s.Plan != ""},
		{"pause", s.Pause != ""},
		{"resume", s.Resume != ""},
		{"cancel", s.Cancel != ""},
		{"tier", s.Tier != ""},
		{"tag", s.Tag != ""},
		{"load", s.Load.Given()},
		{"transfer", s.Transfer != 0},
		{"pool", s.Pool != 0},
		{"join", s.Join},
		{"days", s.Days != 0},
		{"minutes", s.Minutes != 0},
	} {
		if deed.said {
			deeds = append(deeds, deed.name)
		}
	}
	return deeds
}

func (p *Program) checkExamples(currency Currency) error {
	if err := p.checkAccept(); err != nil {
		return err
	}
	for i := range p.Examples {
		if err := p.checkExample(at("example", i), &p.Examples[i], currency); err != nil {
			return err
		}
	}
	return nil
}

// CheckExample checks an example that is not in the document, and fills in what it
// leaves out. Mistakes are *DocumentError without a line.
func (p *Program) CheckExample(e *Example, currency Currency) error {
	return p.checkExample("example", e, currency)
}

func (p *Program) checkExample(path string, e *Example, currency Currency) error {
	if e.Name = CleanName(e.Name); e.Name == "" {
		return wrong(path, "doc.missing", "key", "name")
	}
	if err := e.Given.check(path+".given", p, currency); err != nil {
		return err
	}
	for n := range e.First {
		if err := e.First[n].check(at(path, "first", n), p, currency); err != nil {
			return err
		}
	}
	return first(e.When.check(path+".when", p, currency), e.Then.check(path+".then", p, currency))
}

func (g *ExampleGiven) check(path string, p *Program, currency Currency) error {
	if !g.At.Given() {
		g.At = Moment{dayOf(time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)), noon}
	}
	if g.Joined == 0 {
		g.Joined = g.At.Day
	}
	if g.Birthday != "" {
		if _, err := ParseBirthday(g.Birthday); err != nil {
			return wrong(path+".birthday", "member.birthday", "text", CleanName(g.Birthday))
		}
	}
	arm, _, _ := strings.Cut(g.Arm, "/")
	return first(
		g.Holding.check(path, p, currency),
		allKnown(path+".switches", g.Switches, func(id string) bool { return slices.Contains(p.Switches, id) }),
		oneKnown(path+".arm", g.Arm, slices.ContainsFunc(p.Experiments, func(e Experiment) bool {
			return e.ID == arm && slices.ContainsFunc(e.Arms, func(name string) bool { return e.ID+"/"+name == g.Arm })
		})),
		oneKnown(path+".lucky", g.Lucky, has(p.Surprises, func(s Surprise) string { return s.ID })(g.Lucky)),
	)
}

func (h *Holding) check(path string, p *Program, currency Currency) error {
	rewards := has(p.Rewards, func(r RewardRule) string { return r.ID })
	return first(
		h.Credit.resolve(path+".credit", currency),
		h.Spend.resolve(path+".spend", currency),
		h.GiftCard.resolve(path+".gift_card", currency),
		allKnown(path+".cards", slices.Sorted(maps.Keys(h.Cards)), has(p.Cards, func(c Card) string { return c.ID })),
		allKnown(path+".vouchers", slices.Sorted(maps.Keys(h.Vouchers)), rewards),
		allKnown(path+".tickets", slices.Sorted(maps.Keys(h.Tickets)), has(p.Draws, func(d Draw) string { return d.ID })),
		allKnown(path+".tiers", h.Tiers, has(p.Tiers, func(t Tier) string { return t.ID })),
		allKnown(path+".plans", h.Plans, has(p.Plans, func(plan Plan) string { return plan.ID })),
		allKnown(path+".tags", h.Tags, func(id string) bool { return slices.Contains(p.Tags, id) }),
	)
}

func (s *ExampleStep) check(path string, p *Program, currency Currency) error {
	deeds, sells := s.deeds(), s.Sale.Given() || len(s.Lines) > 0
	switch {
	case len(deeds) > 1:
		return wrong(path, "example.step", "deeds", deeds)
	case len(deeds) == 0 && !sells:
		return wrong(path, "example.nothing")
	case sells && len(deeds) == 1 && s.Redeem == "" && s.Coupon == "":
		return wrong(path, "example.step", "deeds", []string{"sale", deeds[0]})
	case s.Sale.Given() && len(s.Lines) > 0:
		return wrong(path, "example.step", "deeds", []string{"sale", "lines"})
	}
	if s.Count == 0 && s.Redeem == "" {
		s.Count = 1
	}
	s.Times = max(s.Times, 1)
	s.Serial = max(s.Serial, 1)
	return first(
		s.checkMoney(path, currency),
		oneKnown(path+".redeem", s.Redeem, has(p.Rewards, func(r RewardRule) string { return r.ID })(s.Redeem)),
		oneKnown(path+".coupon", s.Coupon, has(p.Coupons, func(c Coupon) string { return c.ID })(s.Coupon)),
		oneKnown(path+".stamp", s.Stamp, has(p.Cards, func(c Card) string { return c.ID })(s.Stamp)),
		oneKnown(path+".event", s.Event, has(p.Events, func(e EventRule) string { return e.ID })(s.Event)),
		oneKnown(path+".pass", s.Pass, has(p.Cards, func(c Card) string { return c.ID })(s.Pass)),
		s.checkPlans(path, p),
		oneKnown(path+".tier", s.Tier, has(p.Tiers, func(t Tier) string { return t.ID })(s.Tier)),
		oneKnown(path+".tag", s.Tag, slices.Contains(p.Tags, s.Tag)),
		within(path+".transfer", s.Transfer, 0, maxPrice),
		within(path+".pool", s.Pool, 0, maxPrice),
		within(path+".days", int64(s.Days), 0, 100_000),
		within(path+".minutes", int64(s.Minutes), 0, 24*60),
		within(path+".count", s.Count, 0, maxPrice),
		allKnown(path+".taken", s.Taken, has(p.Rewards, func(r RewardRule) string { return r.ID })),
		within(path+".times", s.Times, 1, 1000),
		within(path+".every", int64(s.Every), 0, 366),
		s.checkOwner(path+".owner"),
	)
}

func (s *ExampleStep) checkOwner(path string) error {
	if s.Owner == "" {
		return nil
	}
	return oneOf(path, &s.Owner, OwnMember, OwnOther)
}

func (s *ExampleStep) checkPlans(path string, p *Program) error {
	plans := has(p.Plans, func(plan Plan) string { return plan.ID })
	return first(
		oneKnown(path+".plan", s.Plan, plans(s.Plan)),
		oneKnown(path+".pause", s.Pause, plans(s.Pause)),
		oneKnown(path+".resume", s.Resume, plans(s.Resume)),
		oneKnown(path+".cancel", s.Cancel, plans(s.Cancel)),
	)
}

// checkMoney reads the amounts of a step.
func (s *ExampleStep) checkMoney(path string, currency Currency) error {
	if err := first(s.Sale.resolve(path+".sale", currency), s.Tax.resolve(path+".tax", currency), s.Load.resolve(path+".load", currency)); err != nil {
		return err
	}
	if s.Return.Text != ReturnAll {
		if err := s.Return.resolve(path+".return", currency); err != nil {
			return err
		}
	}
	for _, with := range slices.Sorted(maps.Keys(s.Paid)) {
		amount, word := s.Paid[with], with
		if err := first(oneOf(path+".paid", &word, WithPoints, WithCredit, WithCard), amount.resolve(path+".paid."+with, currency)); err != nil {
			return err
		}
		s.Paid[with] = amount
	}
	for i := range s.Lines {
		l, path := &s.Lines[i], at(path, "lines", i)
		if l.Quantity == 0 {
			l.Quantity = 1
		}
		err := first(
			within(path+".quantity", l.Quantity, 1, MaxQuantity),
			l.Price.resolve(path+".price", currency),
			l.Discount.resolve(path+".discount", currency),
			l.Tax.resolve(path+".tax", currency),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *ExampleThen) check(path string, p *Program, currency Currency) error {
	err := first(t.Holding.check(path, p, currency), t.Off.resolve(path+".off", currency), t.Back.resolve(path+".back", currency))
	if err == nil && t.Gives != nil {
		err = t.Gives.check(path+".gives", p, currency)
	}
	return err
}

// has returns whether one of the tables has an id.
func has[T any](tables []T, id func(T) string) func(string) bool {
	return func(want string) bool {
		return slices.ContainsFunc(tables, func(table T) bool { return id(table) == want })
	}
}

// oneKnown checks an id that may be left out.
func oneKnown(path, id string, there bool) error { return known(path, id, id == "" || there) }

// allKnown checks a list of ids.
func allKnown(path string, ids []string, there func(string) bool) error {
	for _, id := range ids {
		if err := known(path, id, there(id)); err != nil {
			return err
		}
	}
	return nil
}

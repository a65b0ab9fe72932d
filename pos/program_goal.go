package pos

import "slices"

// What Goal.Count says.
const (
	CountVisits    = "visits"
	CountUnits     = "units"     // of the lines of When
	CountDifferent = "different" // items of When
	CountSpend     = "spend"
	CountPoints    = "points"
	CountBalance   = "balance" // of points: each time that it rises to the target; of several such goals the highest
	CountStreak    = "streak"  // weeks or months in a row with a visit, by Window
)

// WeekWindow is a Goal.Window besides Monthly, Calendar and Lifetime.
const WeekWindow = "week" // from Monday

// Goal gives something when so much is reached: a milestone, a challenge, a badge,
// a streak.
type Goal struct {
	ID     string `toml:"id"`
	Name   string `toml:"name"`
	Count  string `toml:"count"`  // visits if left out
	Target Amount `toml:"target"` // 1 or more
	Window string `toml:"window"` // in which it counts: lifetime if left out; of a streak, which must be had in a row: week if left out
	Every  bool   `toml:"every"`  // again at each multiple
	Gift   Gift   `toml:"gift"`   // may be left out for a balance, which is only said then
	When   When   `toml:"when"`

	account, passed Account
	kinds           []Account
}

// Account returns the account that counts towards the goal.
func (g *Goal) Account() Account { return g.account }

// Kind returns the account that counts the nth of When.Items for a goal that counts
// different ones.
func (g *Goal) Kind(n int) Account { return g.kinds[n] }

// Passed returns the account that keeps how often the goal gave its gift.
func (g *Goal) Passed() Account { return g.passed }

// Referral gives both sides something, after the friend's first sale of at least
// Minimum.
type Referral struct {
	Member  Gift   `toml:"member"`
	Friend  Gift   `toml:"friend"`
	Minimum Amount `toml:"minimum"`
	Most    int64  `toml:"most"` // friends that one member gets something for; 0 is no limit
}

// Surprise gives a gift to one in so many sales, drawn by a hash of the member,
// the surprise and the shop day: undoing and scanning again changes nothing.
type Surprise struct {
	ID    string `toml:"id"`
	Name  string `toml:"name"`
	OneIn int64  `toml:"one_in"`
	Gift  Gift   `toml:"gift"`
	When  When   `toml:"when"`
}

// Draw is a lucky draw with tickets.
type Draw struct {
	ID   string `toml:"id"`
	Name string `toml:"name"`
	Earn int64  `toml:"earn"` // tickets for each full For, 0 to 1,000; 0 if they are gifts only
	For  Amount `toml:"for"`  // of the lines of When; left out: for each sale
	When When   `toml:"when"`

	account Account
}

// Account returns the account of the draw's tickets.
func (d *Draw) Account() Account { return d.account }

// Experiment splits members into arms by a hash, the same on every till.
type Experiment struct {
	ID      string   `toml:"id"`
	Name    string   `toml:"name"`
	Arms    []string `toml:"arms"`    // the first is the control group
	Weights []int64  `toml:"weights"` // of each arm; equal if left out
}

const (
	maxKinds   = 20 // items of a goal that counts different ones
	maxOneIn   = 1_000_000
	maxTickets = 1000
	maxArms    = 10
	maxWeight  = 1000
	maxItem    = 200 // bytes of an item that has an account
)

func (p *Program) checkGoals(currency Currency) error {
	seen := map[string]bool{}
	for i := range p.Goals {
		g := &p.Goals[i]
		path := at("goal", i)
		if err := first(
			named("goal", i, g.ID, &g.Name, seen),
			oneOf(path+".count", &g.Count, CountVisits, CountUnits, CountDifferent, CountSpend, CountPoints, CountBalance, CountStreak),
			g.Target.reach(path, "target", g.Count == CountSpend, currency),
			within(path+".target", int64(g.Target.Minor), 1, int64(MaxSale)),
			g.checkWindow(path),
			g.When.check(path+".when", p, currency),
			g.checkCount(path, p),
		); err != nil {
			return err
		}
		g.account, g.passed = Account("count:"+g.ID), Account("passed:"+g.ID)
		for _, item := range g.When.Items {
			g.kinds = append(g.kinds, g.account+Account("/"+item))
		}
		if (g.Gift == Gift{}) && g.Count == CountBalance {
			continue
		}
		if err := g.Gift.check(path+".gift", p, currency); err != nil {
			return err
		}
	}
	return nil
}

func (g *Goal) checkWindow(path string) error {
	path += ".window"
	switch g.Count {
	case CountStreak:
		return oneOf(path, &g.Window, WeekWindow, Monthly)
	case CountBalance:
		return oneOf(path, &g.Window, Lifetime)
	}
	return oneOf(path, &g.Window, Lifetime, WeekWindow, Monthly, Calendar)
}

// checkCount checks what belongs to one way of counting only.
func (g *Goal) checkCount(path string, p *Program) error {
	switch g.Count {
	case CountPoints, CountBalance:
		if p.Points == nil {
			return wrong(path+".count", "doc.counts", "what", "[points]")
		}
		return only(path+".every", g.Every && g.Count == CountBalance, `count = "points"`)
	case CountDifferent:
		if len(g.When.Items) == 0 {
			return wrong(path, "doc.missing", "key", "when.items")
		}
		for _, item := range g.When.Items {
			if len(item) > maxItem {
				return wrong(path+".when.items", "doc.long", "text", CleanName(item), "most", int64(maxItem))
			}
		}
		slices.Sort(g.When.Items)
		g.When.Items = slices.Compact(g.When.Items)
		return first(
			within(path+".when.items", int64(len(g.When.Items)), 1, maxKinds),
			within(path+".target", int64(g.Target.Minor), 1, int64(len(g.When.Items))),
			only(path+".every", g.Every, `count = "units"`),
		)
	}
	return nil
}

// checkChances checks [referral], [[surprise]], [[draw]] and [[experiment]], and
// what only the whole program shows.
func (p *Program) checkChances(currency Currency) error {
	p.noteFirstSales()
	return first(p.checkReferral(currency), p.checkSurprises(currency), p.checkDraws(currency), p.checkExperiments(), p.checkGates())
}

func (p *Program) checkReferral(currency Currency) error {
	r := p.Referral
	if r == nil {
		return nil
	}
	if (r.Member == Gift{} && r.Friend == Gift{}) {
		return wrong("referral", "doc.missing", "key", "member")
	}
	for _, side := range []struct {
		path string
		gift *Gift
	}{{"referral.member", &r.Member}, {"referral.friend", &r.Friend}} {
		if (*side.gift == Gift{}) {
			continue
		}
		if err := side.gift.check(side.path, p, currency); err != nil {
			return err
		}
	}
	return first(
		r.Minimum.resolve("referral.minimum", currency),
		within("referral.most", r.Most, 0, maxPrice),
	)
}

func (p *Program) checkSurprises(currency Currency) error {
	seen := map[string]bool{}
	for i := range p.Surprises {
		s := &p.Surprises[i]
		path := at("surprise", i)
		if err := first(
			named("surprise", i, s.ID, &s.Name, seen),
			within(path+".one_in", s.OneIn, 1, maxOneIn),
			s.Gift.check(path+".gift", p, currency),
			s.When.check(path+".when", p, currency),
		); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) checkDraws(currency Currency) error {
	seen := map[string]bool{}
	for i := range p.Draws {
		d := &p.Draws[i]
		path := at("draw", i)
		if err := first(
			named("draw", i, d.ID, &d.Name, seen),
			within(path+".earn", d.Earn, 0, maxTickets), // 0: tickets are gifts only
			d.For.resolve(path+".for", currency),
			d.When.check(path+".when", p, currency),
		); err != nil {
			return err
		}
		d.account = Account("ticket:" + d.ID)
		if d.For.Given() && d.For.Minor == 0 {
			return wrong(path+".for", "doc.amount", "text", d.For.Text, "currency", currency.Code, "unit", currency.Unit)
		}
	}
	return nil
}

func (p *Program) checkExperiments() error {
	seen := map[string]bool{}
	for i := range p.Experiments {
		e := &p.Experiments[i]
		path := at("experiment", i)
		if err := first(
			named("experiment", i, e.ID, &e.Name, seen),
			within(path+".arms", int64(len(e.Arms)), 2, maxArms),
		); err != nil {
			return err
		}
		for at, arm := range e.Arms {
			switch {
			case !idPattern.MatchString(arm):
				return wrong(path+".arms", "doc.id", "id", CleanName(arm))
			case slices.Contains(e.Arms[:at], arm):
				return wrong(path+".arms", "doc.twice", "id", arm)
			}
		}
		if len(e.Weights) != 0 && len(e.Weights) != len(e.Arms) {
			return wrong(path+".weights", "doc.weights", "n", int64(len(e.Arms)))
		}
		for _, weight := range e.Weights {
			if err := within(path+".weights", weight, 1, maxWeight); err != nil {
				return err
			}
		}
	}
	return nil
}

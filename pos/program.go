package pos

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"unicode/utf8"
)

// Program is one version of the shop's rules. It never changes: another document
// is another program. The fields are the tables of the document.
type Program struct {
	ID ProgramID `toml:"-"`

	Title    string   `toml:"title"`
	Region   string   `toml:"region"`   // by ISO 3166 ("CA-ON"), where law limits the rules: see TimelessIn; "" is nowhere
	Calendar string   `toml:"calendar"` // whose months and years rules mean: "gregorian" if left out, or "jalali"
	Switches []string `toml:"switches"` // that rules name and a manager turns on and off
	Tags     []string `toml:"tags"`     // that rules name and members get
	Accept   []string `toml:"accept"`   // traps that the shop means: see TrapTierKept

	Points      *PointsRule  `toml:"-"`
	Credit      *Credit      `toml:"credit"`
	Basis       Basis        `toml:"basis"`
	Exclude     Exclude      `toml:"exclude"`
	Earn        []EarnRule   `toml:"earn"`
	Campaigns   []Campaign   `toml:"campaign"`
	Events      []EventRule  `toml:"event"`
	Cards       []Card       `toml:"-"`
	Standing    TierRule     `toml:"tiers"`
	Tiers       []Tier       `toml:"tier"` // lowest first
	Plans       []Plan       `toml:"plan"`
	Rewards     []RewardRule `toml:"-"`
	Coupons     []Coupon     `toml:"coupon"`
	GiftCards   *GiftCards   `toml:"gift_cards"`
	Goals       []Goal       `toml:"goal"`
	Referral    *Referral    `toml:"referral"`
	Surprises   []Surprise   `toml:"surprise"`
	Draws       []Draw       `toml:"draw"`
	Experiments []Experiment `toml:"experiment"`
	Returns     Returns      `toml:"returns"`
	Transfers   Transfers    `toml:"transfers"`
	Offline     Offline      `toml:"offline"`
	Consents    []Consent    `toml:"consent"`
	Examples    []Example    `toml:"example"`
	News        []News       `toml:"news"`

	firstSales bool // a rule asks for a member's first sale
}

// Offline says how tills may hand out rewards while they cannot ask the centre.
// Without a lease the limits of the card, the points and the reward hold, which
// count from one full exchange with the centre to the next.
type Offline struct {
	Leases int `toml:"leases"` // tills to which the centre lends a reward of one member: 0, 1 or 2; 1 if left out
	Hours  int `toml:"hours"`  // after so long without the centre only a manager hands out, 1 to 720; 72 if left out
}

const (
	maxPrice = 1_000_000_000
	maxLimit = 10 * maxPrice // of what is handed out without a lease

	defaultLeases, defaultHours = 1, 72
	defaultFloor, defaultBudget = 1, 10 // rewards
)

// document is a program as it is written: a limit that is left out is nil, and
// one that is 0 forbids.
type document struct {
	Program
	Cards   []cardTable  `toml:"card"`
	Points  *pointsTable `toml:"points"`
	Rewards []struct {
		RewardRule
		Most *int64 `toml:"most"`
	} `toml:"reward"`
}

// DocumentType is what a document is read into: its toml tags, and those of the
// types in it, are all the keys that a document can have.
func DocumentType() reflect.Type { return reflect.TypeFor[document]() }

type cardTable struct {
	Card
	Floor  *int64 `toml:"floor"`
	Budget *int64 `toml:"budget"`
}

type pointsTable struct {
	PointsRule
	Floor  *int64 `toml:"floor"`
	Budget *int64 `toml:"budget"`
}

// Card returns the punch card with the id.
func (p Program) Card(id string) (Card, bool) {
	return find(p.Cards, func(c Card) bool { return c.ID == id })
}

// Reward returns the reward with the id.
func (p Program) Reward(id string) (RewardRule, bool) {
	return find(p.Rewards, func(r RewardRule) bool { return r.ID == id })
}

// Event returns the event with the id.
func (p Program) Event(id string) (EventRule, bool) {
	return find(p.Events, func(e EventRule) bool { return e.ID == id })
}

func find[T any](all []T, is func(T) bool) (found T, ok bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	return found, false
}

// ParseProgram reads a program document for a shop that counts in the currency.
// What may be left out has its default. All errors are *DocumentError.
func ParseProgram(text []byte, currency Currency) (Program, error) {
	d := document{Program: Program{Offline: Offline{Leases: defaultLeases, Hours: defaultHours}}}
	if err := DecodeTOML(text, &d); err != nil {
		return Program{}, err
	}
	p := d.program()
	p.ID = ProgramOf(text)
	for _, check := range []func(*Program, Currency) error{
		(*Program).checkHead, (*Program).checkCards, (*Program).checkPoints, (*Program).checkEarning, (*Program).checkRewards,
		(*Program).checkSpending, (*Program).checkStanding, (*Program).checkChances, (*Program).checkOffline, (*Program).checkConsents, (*Program).checkExamples,
		(*Program).checkNews,
	} {
		if err := check(&p, currency); err != nil {
			return Program{}, located(text, err)
		}
	}
	return p, nil
}

// program returns what is written with the limits that are not.
func (d document) program() Program {
	p := d.Program
	p.Title = CleanName(d.Title)
	for _, table := range d.Cards {
		card := table.Card
		card.Floor, card.Budget = or(table.Floor, defaultFloor), or(table.Budget, defaultBudget)
		p.Cards = append(p.Cards, card)
	}
	dearest := int64(0)
	for _, table := range d.Rewards {
		reward := table.RewardRule
		reward.Most = or(table.Most, NoLimit)
		p.Rewards = append(p.Rewards, reward)
		dearest = min(max(dearest, int64(reward.Points), int64(reward.Step), int64(reward.Least)), maxPrice)
	}
	if d.Points != nil {
		rule := d.Points.PointsRule
		rule.Floor, rule.Budget = or(d.Points.Floor, defaultFloor*dearest), or(d.Points.Budget, defaultBudget*dearest)
		p.Points = &rule
	}
	return p
}

func or(written *int64, otherwise int64) int64 {
	if written == nil {
		return otherwise
	}
	return *written
}

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// named checks that the nth table of a section has an id of its own, and gives it
// its name.
func named(section string, n int, id string, name *string, seen map[string]bool) error {
	switch {
	case !idPattern.MatchString(id):
		return wrong(at(section, n, "id"), "doc.id", "id", CleanName(id))
	case seen[id]:
		return wrong(at(section, n, "id"), "doc.twice", "id", id)
	}
	seen[id] = true
	*name = cmp.Or(CleanName(*name), id)
	return nil
}

// within checks a whole number.
func within(path string, n, least, most int64) error {
	if n < least || n > most {
		return wrong(path, "doc.range", "n", n, "least", least, "most", most)
	}
	return nil
}

// oneOf checks a word; *word becomes the first of the choices if it is left out.
func oneOf(path string, word *string, choices ...string) error {
	*word = cmp.Or(*word, choices[0])
	if !slices.Contains(choices, *word) {
		return wrong(path, "doc.choice", "text", CleanName(*word), "choices", choices)
	}
	return nil
}

// known checks that something with the id is in the document.
func known(path, id string, there bool) error {
	if !there {
		return wrong(path, "doc.unknown", "id", CleanName(id))
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	return cmp.Or(errs...)
}

func (p *Program) checkHead(Currency) error {
	if len(p.Cards) == 0 && p.Points == nil && p.Credit == nil {
		return wrong("", "doc.nothing")
	}
	return first(oneOf("calendar", &p.Calendar, Gregorian, Jalali), p.checkLaw())
}

func (p *Program) checkCards(currency Currency) error {
	seen := map[string]bool{}
	for i := range p.Cards {
		c := &p.Cards[i]
		err := first(
			named("card", i, c.ID, &c.Name, seen),
			within(at("card", i, "size"), c.Size, 1, 100),
			within(at("card", i, "floor"), c.Floor, 0, maxLimit),
			within(at("card", i, "budget"), c.Budget, 0, maxLimit),
			c.check(at("card", i), p, currency),
		)
		if err != nil {
			return err
		}
		if c.Stamp != "" && utf8.RuneCountInString(CleanName(c.Stamp)) != 1 {
			return wrong(at("card", i, "stamp"), "doc.character", "text", CleanName(c.Stamp))
		}
		c.Stamp = cmp.Or(CleanName(c.Stamp), "●")
	}
	return nil
}

func (p *Program) checkPoints(currency Currency) error {
	rule := p.Points
	if rule == nil {
		return nil
	}
	short := rule.Earn != 0 || rule.For.Given()
	if short && rule.For.Text == "" {
		return wrong("points", "doc.missing", "key", "for")
	}
	err := first(
		rule.For.resolve("points.for", currency),
		rule.Worth.resolve("points.worth", currency),
		rule.Round.check("points.round"),
		rule.Expiry.check("points", p),
		within("points.floor", rule.Floor, 0, maxLimit),
		within("points.budget", rule.Budget, 0, maxLimit),
	)
	if err == nil && short {
		err = within("points.earn", rule.Earn, 1, 1_000_000)
	}
	if err == nil && short && rule.For.Minor == 0 {
		err = wrong("points.for", "doc.amount", "text", rule.For.Text, "currency", currency.Code, "unit", currency.Unit)
	}
	return err
}

func (r *Rounding) check(path string) error {
	return oneOf(path, (*string)(r), string(RoundDown), string(RoundNearest), string(RoundUp))
}

func (p *Program) checkRewards(currency Currency) error {
	seen := p.earningIDs()
	for i := range p.Rewards {
		r := &p.Rewards[i]
		if err := first(named("reward", i, r.ID, &r.Name, seen), p.checkPrice(i, r), r.check(at("reward", i), p, currency)); err != nil {
			return err
		}
		if r.Most == NoLimit {
			continue
		}
		if err := within(at("reward", i, "most"), r.Most, 0, maxLimit); err != nil {
			return err
		}
	}
	return nil
}

// checkPrice checks that the reward has one price, in something that members get.
func (p *Program) checkPrice(i int, r *RewardRule) error {
	prices := 0
	for _, given := range []bool{r.Card != "", r.Points != 0 || r.Kind == KindExchange, r.Voucher, r.Free} {
		if given {
			prices++
		}
	}
	_, card := p.Card(r.Card)
	switch {
	case prices != 1:
		return wrong(at("reward", i), "doc.price")
	case r.Card != "" && !card:
		return known(at("reward", i, "card"), r.Card, false)
	case r.Points != 0 && p.Points == nil:
		return wrong(at("reward", i, "points"), "doc.nopoints")
	case r.Points != 0:
		return within(at("reward", i, "points"), int64(r.Points), 1, maxPrice)
	}
	return nil
}

func (p *Program) checkOffline(Currency) error {
	return first(
		within("offline.leases", int64(p.Offline.Leases), 0, 2),
		within("offline.hours", int64(p.Offline.Hours), 1, 720),
	)
}

package pos

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"unicode/utf8"
)

// Program is one version of the shop's rules. It never changes: another document
// is another program.
type Program struct {
	ID      ProgramID
	Title   string
	Cards   []Card
	Points  *PointsRule
	Rewards []RewardRule
	Offline Offline
}

// Offline says how tills may hand out rewards while they cannot ask the centre.
// Without a lease the limits of the card, the points and the reward hold, which
// count from one full exchange with the centre to the next.
type Offline struct {
	Leases int `toml:"leases"` // tills to which the centre lends a reward of one member: 0, 1 or 2; 1 if left out
	Hours  int `toml:"hours"`  // after so long without the centre only a manager hands out, 1 to 720; 72 if left out
}

// Card is a kind of punch card.
type Card struct {
	ID    string `toml:"id"`
	Name  string `toml:"name"`
	Size  int64  `toml:"size"`  // stamps on a full card, 1 to 100
	Stamp string `toml:"stamp"` // one character; "●" if left out

	Floor  int64 `toml:"-"` // full cards that one till takes of one member without a lease; 0 is none, 1 if left out
	Budget int64 `toml:"-"` // and of all members together; 10 if left out
}

// Account returns the account that counts the card's stamps. The size is part of
// it: a card of another size is another card.
func (c Card) Account() Account { return Account(fmt.Sprintf("stamp:%s/%d", c.ID, c.Size)) }

// Rounding says what becomes of a fraction of a point.
type Rounding string

// The rounding modes; halves of RoundNearest go up.
const (
	RoundDown    Rounding = "down"
	RoundNearest Rounding = "nearest"
	RoundUp      Rounding = "up"
)

// PointsRule says how a sale earns points: Earn points for each For of the
// amount, the fraction rounded once, at the end.
type PointsRule struct {
	Earn   int64    `toml:"earn"` // 1 to 1,000,000
	For    string   `toml:"for"`  // an amount of the shop's currency, with a decimal point
	Round  Rounding `toml:"round"`
	Months int      `toml:"expire_months"` // full months after the day of the sale; 0 is never
	Per    Money    `toml:"-"`             // For in minor units

	Floor  int64 `toml:"-"` // points that one till takes of one member without a lease; the price of the dearest reward if left out
	Budget int64 `toml:"-"` // and of all members together; ten times that price if left out
}

// RewardRule is something members get for stamps or points: Card names the punch
// card that must be full, or Points is the price.
type RewardRule struct {
	ID     string `toml:"id"`
	Name   string `toml:"name"`
	Card   string `toml:"card"`
	Points Points `toml:"points"` // 1 to 1,000,000,000

	Most int64 `toml:"-"` // how many of it one till hands out without a lease; NoLimit if left out
}

// NoLimit is RewardRule.Most where the program names none.
const NoLimit = math.MaxInt64

const (
	maxPrice = 1_000_000_000
	maxLimit = 10 * maxPrice // of what is handed out without a lease

	defaultLeases, defaultHours = 1, 72
	defaultFloor, defaultBudget = 1, 10 // rewards
)

// document is a program as it is written: a limit that is left out is nil, and
// one that is 0 forbids.
type document struct {
	Title   string       `toml:"title"`
	Cards   []cardTable  `toml:"card"`
	Points  *pointsTable `toml:"points"`
	Rewards []struct {
		RewardRule
		Most *int64 `toml:"most"`
	} `toml:"reward"`
	Offline Offline `toml:"offline"`
}

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
	for _, c := range p.Cards {
		if c.ID == id {
			return c, true
		}
	}
	return Card{}, false
}

// Reward returns the reward with the id.
func (p Program) Reward(id string) (RewardRule, bool) {
	for _, r := range p.Rewards {
		if r.ID == id {
			return r, true
		}
	}
	return RewardRule{}, false
}

// ParseProgram reads a program document for a shop that counts in the currency.
// What may be left out has its default. All errors are *DocumentError.
func ParseProgram(text []byte, currency Currency) (Program, error) {
	d := document{Offline: Offline{Leases: defaultLeases, Hours: defaultHours}}
	if err := DecodeTOML(text, &d); err != nil {
		return Program{}, err
	}
	p := d.program()
	p.ID = ProgramOf(text)
	for _, check := range []func(Currency) error{p.checkCards, p.checkPoints, p.checkRewards, p.checkOffline} {
		if err := check(currency); err != nil {
			return Program{}, err
		}
	}
	return p, nil
}

// program returns what is written with the limits that are not.
func (d document) program() Program {
	p := Program{Title: CleanName(d.Title), Offline: d.Offline}
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
		dearest = min(max(dearest, int64(reward.Points)), maxPrice)
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

func mistake(format string, args ...any) error {
	return &DocumentError{Text: fmt.Sprintf(format, args...)}
}

func (p Program) checkCards(Currency) error {
	if len(p.Cards) == 0 && p.Points == nil {
		return mistake("the program has neither a [[card]] nor [points]: add one of them")
	}
	seen := map[string]bool{}
	for i := range p.Cards {
		c := &p.Cards[i]
		switch {
		case !idPattern.MatchString(c.ID):
			return mistake("card %q: an id is small letters, digits and hyphens", c.ID)
		case seen[c.ID]:
			return mistake("card %q is there twice: give each card its own id", c.ID)
		case c.Size < 1 || c.Size > 100:
			return mistake("card %q: size is %d, but a card has 1 to 100 stamps", c.ID, c.Size)
		case outside(c.Floor):
			return mistake("card %q: floor is %d, but must be 0 (never) to %d cards", c.ID, c.Floor, maxLimit)
		case outside(c.Budget):
			return mistake("card %q: budget is %d, but must be 0 (never) to %d cards", c.ID, c.Budget, maxLimit)
		case c.Stamp != "" && utf8.RuneCountInString(CleanName(c.Stamp)) != 1:
			return mistake("card %q: stamp is %q, but it must be one character", c.ID, c.Stamp)
		}
		seen[c.ID] = true
		c.Stamp = cmp.Or(CleanName(c.Stamp), "●")
		c.Name = cmp.Or(CleanName(c.Name), c.ID)
	}
	return nil
}

func (p Program) checkPoints(currency Currency) error {
	rule := p.Points
	if rule == nil {
		return nil
	}
	per, err := currency.Parse(rule.For, '.')
	switch {
	case rule.Earn < 1 || rule.Earn > 1_000_000:
		return mistake("points: earn is %d, but must be 1 to 1000000", rule.Earn)
	case err != nil || per == 0:
		return mistake("points: for = %q is not an amount in %s; write it like \"%s\"", rule.For, currency.Code, currency.Unit)
	case rule.Round != "" && rule.Round != RoundDown && rule.Round != RoundNearest && rule.Round != RoundUp:
		return mistake("points: round = %q is not known; write \"down\", \"nearest\" or \"up\"", rule.Round)
	case rule.Months < 0 || rule.Months > 1200:
		return mistake("points: expire_months is %d, but must be 0 (never) to 1200", rule.Months)
	case outside(rule.Floor):
		return mistake("points: floor is %d, but must be 0 (never) to %d points", rule.Floor, maxLimit)
	case outside(rule.Budget):
		return mistake("points: budget is %d, but must be 0 (never) to %d points", rule.Budget, maxLimit)
	}
	if rule.Round == "" {
		rule.Round = RoundDown
	}
	rule.Per = per
	return nil
}

func (p Program) checkRewards(Currency) error {
	seen := map[string]bool{}
	for i := range p.Rewards {
		r := &p.Rewards[i]
		_, known := p.Card(r.Card)
		switch {
		case !idPattern.MatchString(r.ID):
			return mistake("reward %q: an id is small letters, digits and hyphens", r.ID)
		case seen[r.ID]:
			return mistake("reward %q is there twice: give each reward its own id", r.ID)
		case (r.Card == "") == (r.Points == 0):
			return mistake("reward %q: give either card (a full one) or points (the price)", r.ID)
		case r.Card != "" && !known:
			return mistake("reward %q: there is no card %q in this program", r.ID, r.Card)
		case r.Points < 0 || r.Points > maxPrice:
			return mistake("reward %q: points is %d, but a price is 1 to %d", r.ID, r.Points, maxPrice)
		case r.Points > 0 && p.Points == nil:
			return mistake("reward %q costs %d points, but the program gives none: add [points]", r.ID, r.Points)
		case r.Most != NoLimit && outside(r.Most):
			return mistake("reward %q: most is %d, but must be 0 (never) to %d times", r.ID, r.Most, maxLimit)
		}
		seen[r.ID] = true
		r.Name = cmp.Or(CleanName(r.Name), r.ID)
	}
	return nil
}

func (p Program) checkOffline(Currency) error {
	switch o := p.Offline; {
	case o.Leases < 0 || o.Leases > 2:
		return mistake("offline: leases is %d, but must be 0 to 2", o.Leases)
	case o.Hours < 1 || o.Hours > 720:
		return mistake("offline: hours is %d, but must be 1 to 720", o.Hours)
	}
	return nil
}

// outside reports whether what may be handed out without a lease is no limit.
func outside(limit int64) bool { return limit < 0 || limit > maxLimit }

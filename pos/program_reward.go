package pos

import (
	"encoding/base64"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// What RewardRule.Kind says.
const (
	KindGift     = "gift"     // something handed out
	KindMoney    = "money"    // Off the sale
	KindPercent  = "percent"  // Percent off the lines of When
	KindItem     = "item"     // one unit of When free, chosen by the member
	KindCheapest = "cheapest" // Percent (100 if left out) off the cheapest unit of When
	KindPrice    = "price"    // one unit of When at Off
	KindExchange = "exchange" // Off for each Step of points, as many as wanted
	KindEntry    = "entry"    // to an event
	KindCode     = "code"     // an outside code, in Code
)

// RewardRule is something members get: for a full card (Card, or so many Stamps of
// it), for Points, for a voucher (Voucher), or for nothing (Free): a perk, or
// what a coupon gives.
type RewardRule struct {
	ID      string `toml:"id"`
	Name    string `toml:"name"`
	Card    string `toml:"card"`
	Stamps  int64  `toml:"stamps"`  // of Card; a whole card if left out
	Points  Points `toml:"points"`  // 1 to 1,000,000,000
	Voucher bool   `toml:"voucher"` // members hold it as account reward:<id>
	Free    bool   `toml:"free"`

	Kind    string   `toml:"kind"` // gift if left out
	Off     Amount   `toml:"off"`
	Percent Ratio    `toml:"percent"`
	Step    Points   `toml:"step"`   // of an exchange
	Least   Points   `toml:"least"`  // fewest points of one exchange
	Code    string   `toml:"code"`   // of an outside code
	Choice  []string `toml:"choice"` // the items the member may pick; left out: any of When

	MostOff     Amount `toml:"most_off"`     // of one sale
	MostEach    Amount `toml:"most_each"`    // of each unit of the lines of When
	MostPercent Ratio  `toml:"most_percent"` // of the lines of When

	Stock  int64  `toml:"stock"`      // at one till; 0 is no limit
	Limits Limits `toml:"limits"`     // how often one member gets it
	Alone  bool   `toml:"alone"`      // with no other reward in one sale
	Days   int    `toml:"valid_days"` // of a voucher, after the day it was given; 0 is for ever
	When   When   `toml:"when"`

	Most int64 `toml:"-"` // how many of it, or steps of an exchange, one till hands out without a lease; NoLimit if left out
}

// NoLimit is RewardRule.Most where the program names none.
const NoLimit = math.MaxInt64

// Coupon is a code that gives something. Codes that are signed need not be known
// to the till.
type Coupon struct {
	ID     string `toml:"id"`
	Name   string `toml:"name"`
	Code   string `toml:"code"`   // one for all, in upper case without spaces and hyphens; left out: signed codes
	Key    string `toml:"key"`    // Ed25519 public key of the signed codes, base64
	Reward string `toml:"reward"` // that it gives for nothing
	Gift   Gift   `toml:"gift"`   // or this at once; neither where the condition of a rule names the coupon
	Uses   int64  `toml:"uses"`   // of one code, or of all members together; 0 is no limit
	Limits Limits `toml:"limits"` // of one member
	When   When   `toml:"when"`
}

// Credit is money back and store credit, in account "credit". Floor and Budget are
// money that a till takes without a lease.
type Credit struct {
	Expiry
	MostPercent Ratio  `toml:"most_percent"` // of a sale that credit pays; all of it if left out
	Floor       Amount `toml:"floor"`        // from one member at one till; nothing if left out, as for gift cards
	Budget      Amount `toml:"budget"`       // from all members at one till
}

// GiftCards are holders of their own with account "credit".
type GiftCards struct {
	Least  Amount `toml:"least"`         // put on a card at once
	Most   Amount `toml:"most"`          // put on a card at once; no limit if left out
	Months int    `toml:"expire_months"` // full months after the month in which it was put on; 0 is for ever
	Floor  Amount `toml:"floor"`         // from one card at one till
	Budget Amount `toml:"budget"`        // from all cards at one till
}

// What Returns.Gone says: what a return does where the points that the sale earned
// are spent.
const (
	GoneNegative = "negative" // the balance goes below 0, and the next credit repays
	GoneMoney    = "money"    // the balance stops at 0, and the rest is kept from the money
	GoneManager  = "manager"  // a manager decides
)

// Returns says how sales are taken back.
type Returns struct {
	Days int    `toml:"days"` // after the sale; 0 is no limit
	Gone string `toml:"gone"` // negative if left out
}

// Transfers says what members may give each other.
type Transfers struct {
	Points bool  `toml:"points"`
	Credit bool  `toml:"credit"`
	Most   int64 `toml:"most_per_month"` // of each account; 0 is no limit
	Pool   bool  `toml:"household"`      // members of one household spend together
}

// kindKeys are the keys that say what a kind of reward is: those that it needs and
// those that it may have. No other kind has them.
var kindKeys = map[string]struct{ needs, may []string }{
	KindGift:     {nil, []string{"choice"}},
	KindMoney:    {[]string{"off"}, []string{"most_each", "most_percent"}},
	KindPercent:  {[]string{"percent"}, []string{"most_off", "most_each"}},
	KindItem:     {nil, []string{"choice", "most_off"}},
	KindCheapest: {nil, []string{"percent", "most_off"}},
	KindPrice:    {[]string{"off"}, []string{"choice", "most_off"}},
	KindExchange: {[]string{"off", "step"}, []string{"least", "most_off", "most_each", "most_percent"}},
	KindEntry:    {nil, []string{"code"}},
	KindCode:     {[]string{"code"}, nil},
}

func (r *RewardRule) check(path string, p *Program, currency Currency) error {
	return first(
		oneOf(path+".kind", &r.Kind, KindGift, KindMoney, KindPercent, KindItem, KindCheapest, KindPrice, KindExchange, KindEntry, KindCode),
		r.Off.resolve(path+".off", currency),
		r.MostOff.resolve(path+".most_off", currency),
		r.MostEach.resolve(path+".most_each", currency),
		r.When.check(path+".when", p, currency),
		r.Limits.check(path+".limits"),
		within(path+".stock", r.Stock, 0, math.MaxInt32),
		within(path+".valid_days", int64(r.Days), 0, maxDays),
		r.checkKeys(path),
		r.checkNumbers(path, p),
		r.checkChoice(path),
	)
}

const maxDays = 36_500

// checkKeys checks that what is written is what the reward's kind and price take.
func (r *RewardRule) checkKeys(path string) error {
	keys := kindKeys[r.Kind]
	for _, written := range []struct {
		key   string
		given bool
	}{
		{"off", r.Off.Given()},
		{"percent", r.Percent.Given()},
		{"step", r.Step != 0},
		{"least", r.Least != 0},
		{"code", r.Code != ""},
		{"choice", r.Choice != nil},
		{"most_off", r.MostOff.Given()},
		{"most_each", r.MostEach.Given()},
		{"most_percent", r.MostPercent.Given()},
	} {
		needed := slices.Contains(keys.needs, written.key)
		if needed && !written.given {
			return wrong(path, "doc.missing", "key", written.key)
		}
		if written.given && !needed && !slices.Contains(keys.may, written.key) {
			return wrong(path+"."+written.key, "doc.reward.unused", "key", written.key, "kind", r.Kind)
		}
	}
	switch {
	case r.Stamps != 0 && r.Card == "":
		return wrong(path+".stamps", "doc.reward.stamps")
	case r.Days != 0 && !r.Voucher:
		return wrong(path+".valid_days", "doc.reward.days")
	case r.Kind == KindExchange && r.Points != 0:
		return wrong(path+".points", "doc.reward.unused", "key", "points", "kind", r.Kind)
	case r.Kind == KindExchange && r.Stock != 0: // it hands out money, of which a shop has no stock
		return wrong(path+".stock", "doc.reward.unused", "key", "stock", "kind", r.Kind)
	}
	return nil
}

// checkNumbers checks how much the reward takes and gives.
func (r *RewardRule) checkNumbers(path string, p *Program) error {
	card, _ := p.Card(r.Card)
	off := r.Off.Given() && r.Off.Minor == 0 && r.Kind != KindPrice
	switch {
	case r.Kind == KindExchange && p.Points == nil:
		return wrong(path+".kind", "doc.nopoints")
	case off:
		return wrong(path+".off", "doc.reward.nothing", "key", "off")
	case r.MostOff.Given() && r.MostOff.Minor == 0:
		return wrong(path+".most_off", "doc.reward.nothing", "key", "most_off")
	case r.MostEach.Given() && r.MostEach.Minor == 0:
		return wrong(path+".most_each", "doc.reward.nothing", "key", "most_each")
	}
	return first(
		percentage(path+".percent", r.Percent),
		percentage(path+".most_percent", r.MostPercent),
		ifGiven(r.Stamps, within(path+".stamps", r.Stamps, 1, 10*card.Size)),
		ifGiven(int64(r.Step), within(path+".step", int64(r.Step), 1, maxPrice)),
		within(path+".least", int64(r.Least), 0, maxPrice),
	)
}

// ifGiven returns the mistake of a number that is not left out.
func ifGiven(n int64, mistake error) error {
	if n == 0 {
		return nil
	}
	return mistake
}

// percentage checks a part of a hundred that may be left out.
func percentage(path string, r Ratio) error {
	if r.Given() && (r.Num <= 0 || r.Num > 100*r.Den) {
		return wrong(path, "doc.reward.percent", "text", r.String())
	}
	return nil
}

// checkChoice checks that it is clear which items the reward is about, and that
// all to choose from are among them.
func (r *RewardRule) checkChoice(path string) error {
	picked := len(r.When.Items) > 0 || len(r.When.Categories) > 0
	if (r.Kind == KindItem || r.Kind == KindPrice) && len(r.Choice) == 0 && !picked {
		return wrong(path, "doc.reward.items")
	}
	seen := map[string]bool{}
	for _, item := range r.Choice {
		if len(r.When.Items) > 0 && !slices.Contains(r.When.Items, item) {
			return wrong(path+".choice", "doc.unknown", "id", CleanName(item))
		}
		if seen[item] || item == "" {
			return wrong(path+".choice", "doc.twice", "id", CleanName(item))
		}
		seen[item] = true
	}
	return nil
}

// checkSpending checks [[coupon]], [credit], [gift_cards], [returns] and [transfers].
func (p *Program) checkSpending(currency Currency) error {
	seen, codes := p.earningIDs(), map[string]bool{}
	for _, r := range p.Rewards {
		seen[r.ID] = true
	}
	for i := range p.Coupons {
		c := &p.Coupons[i]
		if err := first(named("coupon", i, c.ID, &c.Name, seen), c.check(at("coupon", i), p, currency)); err != nil {
			return err
		}
		if c.Code != "" && codes[c.Code] {
			return wrong(at("coupon", i, "code"), "doc.twice", "id", c.Code)
		}
		codes[c.Code] = true
	}
	return first(p.checkCredit(currency), p.checkGiftCards(currency), p.checkReturns(), p.checkTransfers())
}

var couponPattern = regexp.MustCompile(`^[A-Z0-9]{3,32}$`)

func (c *Coupon) check(path string, p *Program, currency Currency) error {
	c.Code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(c.Code))
	reward, known := p.Reward(c.Reward)
	gives := 0
	for _, given := range []bool{c.Reward != "", c.Gift != Gift{}} {
		if given {
			gives++
		}
	}
	switch {
	case (c.Code == "") == (c.Key == ""):
		return wrong(path, "doc.coupon.code")
	case c.Code != "" && (!couponPattern.MatchString(c.Code) || strings.HasPrefix(c.Code, "TC1") || strings.HasPrefix(c.Code, "TCC1")):
		return wrong(path+".code", "doc.coupon.text", "text", CleanName(c.Code))
	case c.Key != "" && c.PublicKey() == nil:
		return wrong(path+".key", "doc.coupon.key")
	case gives > 1 || gives == 0 && !p.namesCoupon(c.ID):
		return wrong(path, "doc.coupon.gives")
	case c.Reward != "" && !known:
		return wrong(path+".reward", "doc.unknown", "id", CleanName(c.Reward))
	case c.Reward != "" && !reward.Free:
		return wrong(path+".reward", "doc.coupon.free", "reward", c.Reward)
	}
	if c.Gift != (Gift{}) {
		if err := c.Gift.check(path+".gift", p, currency); err != nil {
			return err
		}
	}
	return first(
		within(path+".uses", c.Uses, 0, math.MaxInt32),
		c.Limits.check(path+".limits"),
		c.When.check(path+".when", p, currency),
	)
}

// namesCoupon reports whether the condition of a rule names the coupon.
func (p *Program) namesCoupon(id string) bool {
	return slices.ContainsFunc(p.Earn, func(r EarnRule) bool { return r.When.Coupon == id }) ||
		slices.ContainsFunc(p.Campaigns, func(c Campaign) bool { return c.When.Coupon == id }) ||
		slices.ContainsFunc(p.Rewards, func(r RewardRule) bool { return r.When.Coupon == id }) ||
		slices.ContainsFunc(p.Cards, func(c Card) bool { return c.When.Coupon == id }) ||
		slices.ContainsFunc(p.Events, func(e EventRule) bool { return e.When.Coupon == id }) ||
		slices.ContainsFunc(p.Draws, func(d Draw) bool { return d.When.Coupon == id })
}

// PublicKey returns the key that the coupon's codes are signed with, or nil if it
// has none.
func (c Coupon) PublicKey() []byte {
	key, err := base64.StdEncoding.DecodeString(c.Key)
	if err != nil || !onCurve(key) {
		return nil
	}
	return key
}

// onCurve reports whether the bytes are a point of the curve of Ed25519 (RFC 8032
// section 5.1.3): y, for which x*x = (y*y-1)/(d*y*y+1) has a solution. Half of all
// texts of the right length are none, so this finds most slips of the pen.
func onCurve(key []byte) bool {
	if len(key) != 32 {
		return false
	}
	raw := slices.Clone(key)
	raw[31] &= 0x7f
	slices.Reverse(raw)
	y, one := new(big.Int).SetBytes(raw), big.NewInt(1)
	prime := new(big.Int).Sub(new(big.Int).Lsh(one, 255), big.NewInt(19))
	if y.Cmp(prime) >= 0 {
		return false
	}
	d := new(big.Int).ModInverse(big.NewInt(121666), prime)
	d.Mul(d, big.NewInt(-121665)).Mod(d, prime)
	y.Mul(y, y)
	above := new(big.Int).Sub(y, one)
	below := d.Add(d.Mul(d, y), one)
	return big.Jacobi(above.Mul(above, below).Mod(above, prime), prime) >= 0
}

func (p *Program) checkCredit(currency Currency) error {
	c := p.Credit
	if c == nil {
		return nil
	}
	return first(
		c.Expiry.check("credit", p),
		percentage("credit.most_percent", c.MostPercent),
		c.Floor.resolve("credit.floor", currency),
		c.Budget.resolve("credit.budget", currency),
	)
}

func (p *Program) checkGiftCards(currency Currency) error {
	g := p.GiftCards
	if g == nil {
		return nil
	}
	err := first(
		g.Least.resolve("gift_cards.least", currency),
		g.Most.resolve("gift_cards.most", currency),
		g.Floor.resolve("gift_cards.floor", currency),
		g.Budget.resolve("gift_cards.budget", currency),
		within("gift_cards.expire_months", int64(g.Months), 0, 1200),
	)
	if err == nil && g.Most.Given() && (g.Most.Minor == 0 || g.Most.Minor < g.Least.Minor) {
		err = wrong("gift_cards.most", "doc.giftcard.most", "least", g.Least.Text, "most", g.Most.Text)
	}
	return err
}

func (p *Program) checkReturns() error {
	return first(
		within("returns.days", int64(p.Returns.Days), 0, maxDays),
		oneOf("returns.gone", &p.Returns.Gone, GoneNegative, GoneMoney, GoneManager),
	)
}

func (p *Program) checkTransfers() error {
	t := p.Transfers
	switch {
	case t.Points && p.Points == nil:
		return wrong("transfers.points", "doc.nopoints")
	case t.Credit && p.Credit == nil:
		return wrong("transfers.credit", "doc.reward.nocredit")
	case t.Most != 0 && !t.Points && !t.Credit:
		return wrong("transfers.most_per_month", "doc.transfers.nothing")
	}
	return within("transfers.most_per_month", t.Most, 0, maxPrice)
}

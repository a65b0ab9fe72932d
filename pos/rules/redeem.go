package rules

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Handed is a redemption without a lease.
type Handed struct {
	Holder  pos.HolderID `cbor:"1,keyasint"`
	Account pos.Account  `cbor:"2,keyasint"`
	Amount  int64        `cbor:"3,keyasint"` // above 0, in the account's unit
	Reward  string       `cbor:"4,keyasint"`
}

// Knowledge is what a till knows of itself and a member when it decides a
// redemption. That of the centre itself has Sums and Lent only, with all leases
// in Lent.
type Knowledge struct {
	Holder pos.HolderID
	Sums   ledger.Sums    // all that the member has, as far as the till knows
	Leases []ledger.Lease // of Sums, lent to this till and not used yet
	Lent   ledger.Sums    // of Sums, what is lent to others
	Window []Handed       // what the till handed out within its limits since its last full exchange; overrides are no part of it
	Age    time.Duration  // since the centre's last word about the member

	Enrolled bool // there is a centre
	Frozen   bool // a copy of the till was seen: its leases wait for a manager
	Restored bool // the till is a backup's and has not heard what it forgot
}

// HandedOut returns what the till handed out of the account within its limits
// since its last full exchange: to the member, and to all.
func (k Knowledge) HandedOut(account pos.Account) (member, all int64) {
	for _, h := range k.Window {
		if h.Account != account {
			continue
		}
		all += h.Amount
		if h.Holder == k.Holder {
			member += h.Amount
		}
	}
	return member, all
}

// Claim is what a member asks for.
type Claim struct {
	Reward string
	Count  int64     // of an exchange, the points, 0 for as many as can be; of a gift or an entry, how many, 0 for one
	Choice string    // the item that the member chose
	Coupon string    // the code that was shown for it
	Sale   *pos.Sale // as pos.Sale.Checked gives it, with what was taken off so far; nil where it is not known
	Taken  []string  // ids of the rewards that were taken on this sale already
}

// Redemption is what a claim takes and gives.
type Redemption struct {
	Decision
	By    *pos.By     // what allowed it; nil where the balance alone does
	Price Price       // what it took
	Off   pos.Money   // what the cashier takes off the sale at the till: a discount or, of an exchange, a payment
	Lines []pos.Money // of Off, for each line of the sale; nil where there are none, and of an exchange
	Sale  *pos.Sale   // as it is to be paid then
	Claim Claim       // as it was decided: with the points that were exchanged, the item, the coupon as it is kept
}

// MaxPieces is how many of a gift are handed out at once.
const MaxPieces = 100

// Redeem decides whether the till may hand out what is claimed, what it takes, and
// what comes off the sale. It is the only place that decides a redemption.
func Redeem(p *pos.Program, claim Claim, known Knowledge, day pos.Day, facts Facts) (Redemption, error) {
	d, rule, err := claim.begin(p, known.Holder, day, facts)
	if err != nil {
		return Redemption{}, err
	}
	if problem := d.mayHave(rule, claim); problem != nil {
		return Redemption{}, problem
	}
	a, problem := aimAt(p, rule, claim.Sale)
	if problem != nil {
		return Redemption{}, problem
	}
	c := chargeOf(p, rule)
	n, err := claim.pieces(rule, a, known.Sums.Balance(c.Account, day))
	if err != nil {
		return Redemption{}, err
	}
	postings, by, err := c.take(p, n, known, day)
	if rule.Kind == pos.KindExchange && claim.Count == 0 && beyondReach(err) {
		if reach := c.reach(known, day); reach >= max(c.piece, int64(rule.Least)) {
			n = min(n, reach/c.piece) // fewer than could be had where the centre is
			postings, by, err = c.take(p, n, known, day)
		}
	}
	if err != nil {
		return Redemption{}, err
	}
	return d.conclude(rule, claim, a, n, Redemption{Decision: Decision{Postings: postings}, By: by, Price: c.Price})
}

// beyondReach reports whether less could be had without the centre.
func beyondReach(err error) bool {
	for _, key := range []string{"redeem.lent", "redeem.floor", "redeem.budget", "redeem.most", "redeem.frozen"} {
		if errors.Is(err, &pos.Problem{Key: key}) {
			return true
		}
	}
	return false
}

// Override decides what a reward takes and gives that a manager hands out against
// the rules. Only what makes no sense stops it: the shop's word counts more than
// its balances and conditions.
func Override(p *pos.Program, claim Claim, known Knowledge, day pos.Day, facts Facts) (Redemption, error) {
	d, rule, err := claim.begin(p, known.Holder, day, facts)
	if err != nil {
		return Redemption{}, err
	}
	relaxed := *rule
	relaxed.When.Minimum, relaxed.When.Quantity, relaxed.Least = pos.Amount{}, 0, 0
	relaxed.Limits = withoutEnd(rule.Limits)
	a, problem := aimAt(p, &relaxed, claim.Sale)
	if problem != nil {
		return Redemption{}, problem
	}
	price := PriceOf(p, rule)
	n, err := claim.pieces(&relaxed, a, max(known.Sums.Balance(price.Account, day), claim.Count, price.Amount))
	if err != nil {
		return Redemption{}, err
	}
	if price, err = price.times(n); err != nil {
		return Redemption{}, err
	}
	r := Redemption{Price: price}
	if price.Amount > 0 {
		r.Postings = price.anyway(known, day)
	}
	return d.conclude(&relaxed, claim, a, n, r)
}

// withoutEnd returns limits that count but never stop.
func withoutEnd(limits pos.Limits) pos.Limits {
	limits.Sale = 0
	for _, limit := range []*int64{&limits.Day, &limits.Week, &limits.Month, &limits.Year, &limits.Total} {
		if *limit > 0 {
			*limit = math.MaxInt64
		}
	}
	return limits
}

// begin returns the decision about to be made, with the coupon that was shown, and
// the reward.
func (claim Claim) begin(p *pos.Program, holder pos.HolderID, day pos.Day, facts Facts) (*deciding, *pos.RewardRule, error) {
	at := slices.IndexFunc(p.Rewards, func(r pos.RewardRule) bool { return r.ID == claim.Reward })
	if at < 0 {
		return nil, nil, pos.Refuse("redeem.unknown", "reward", claim.Reward)
	}
	rule := &p.Rewards[at]
	d := &deciding{p: p, ask: Ask{Holder: holder, Day: day, Sale: claim.Sale, Code: claim.Coupon, Facts: facts}}
	if claim.Coupon == "" {
		return d, rule, nil
	}
	shown, err := d.showCoupon()
	if err == nil && shown.Coupon.Reward != rule.ID {
		err = pos.Refuse("coupon.other", "coupon", shown.Coupon.Name, "reward", rule.Name)
	}
	return d, rule, err
}

// mayHave returns why the member cannot have the reward now, whatever the balance
// and the sale, or nil.
func (d *deciding) mayHave(rule *pos.RewardRule, claim Claim) *pos.Problem {
	times := int64(0)
	for _, id := range claim.Taken {
		if other, _ := d.p.Reward(id); rule.Alone || other.Alone {
			return pos.Refuse("redeem.alone", "reward", rule.Name)
		}
		if id == rule.ID {
			times++
		}
	}
	n := claim.handed(rule)
	switch {
	case rule.Limits.Sale > 0 && times+n > rule.Limits.Sale:
		return pos.Refuse("redeem.limit", "reward", rule.Name)
	case rule.Stock > 0 && n > rule.Stock-d.ask.Facts(FactStock+rule.ID):
		return pos.Refuse("redeem.stock", "reward", rule.Name)
	case rule.Free && d.gated(rule.ID) && d.ask.Code == "":
		return pos.Refuse("redeem.coupon", "reward", rule.Name)
	}
	return d.allowed(&rule.When, rule.Name)
}

// gated reports whether there are coupons for the reward: then nobody has it for
// nothing without one.
func (d *deciding) gated(reward string) bool { return gated(d.p, reward) }

func gated(p *pos.Program, reward string) bool {
	return slices.ContainsFunc(p.Coupons, func(c pos.Coupon) bool { return c.Reward == reward })
}

// handed returns how many of the reward are asked for; an exchange is one.
func (claim Claim) handed(rule *pos.RewardRule) int64 {
	if several(rule) {
		return max(claim.Count, 1)
	}
	return 1
}

// several reports whether more than one of the reward can be asked for at once.
func several(rule *pos.RewardRule) bool {
	switch rule.Kind {
	case "", pos.KindGift, pos.KindEntry, pos.KindCode:
		return true
	}
	return false
}

// pieces returns how many of the reward the claim comes to: of an exchange, steps:
// no more than asked for, than the balance covers, and than the sale absorbs.
func (claim Claim) pieces(rule *pos.RewardRule, a aim, balance int64) (int64, error) {
	if rule.Kind != pos.KindExchange {
		n := claim.handed(rule)
		if n > MaxPieces || claim.Count < 0 {
			return 0, pos.Refuse("redeem.pieces", "reward", rule.Name, "n", claim.Count, "most", int64(MaxPieces))
		}
		return n, nil
	}
	step, least := int64(rule.Step), max(int64(rule.Least), int64(rule.Step))
	asked := claim.Count
	if asked == 0 {
		asked = balance
	}
	n := min(asked/step, balance/step, a.steps(rule))
	switch {
	case balance < least:
		return 0, pos.Refuse("redeem.points", "reward", rule.Name, "n", least-balance)
	case a.steps(rule) == 0:
		return 0, pos.Refuse("redeem.nothing", "reward", rule.Name)
	case n <= 0 || n*step < int64(rule.Least):
		return 0, pos.Refuse("redeem.least", "reward", rule.Name, "n", least)
	}
	return n, nil
}

// conclude works out what comes off, books what limits count, and says why.
func (d *deciding) conclude(rule *pos.RewardRule, claim Claim, a aim, n int64, r Redemption) (Redemption, error) {
	off, problem := a.off(rule, n, claim.Choice)
	if problem != nil {
		return Redemption{}, problem
	}
	handed := claim.handed(rule)
	limits := rule.Limits
	limits.Sale = 0 // mayHave has counted it
	room, err := d.room(rule.ID, limits, handed)
	if err != nil {
		return Redemption{}, err
	}
	if room < handed {
		return Redemption{}, pos.Refuse("redeem.limit", "reward", rule.Name)
	}
	if err := d.active(); err != nil {
		return Redemption{}, err
	}
	why := Because{Account: r.Price.Account, Amount: -r.Price.Amount, Rule: rule.ID, Key: "why.reward.price", Args: map[string]any{"reward": rule.Name}}
	if r.Price.Amount == 0 {
		why.Key = "why.reward.free"
	}
	r.Postings = append(r.Postings, d.Postings...)
	r.Because = append([]Because{why}, d.Because...)
	if off.off > 0 {
		r.Because = append(r.Because, Because{Rule: rule.ID, Key: "why.reward.off", Args: map[string]any{"reward": rule.Name, "amount": off.off}})
	}
	r.Off, r.Lines, r.Sale = off.off, off.lines, off.apply(rule, claim.Sale)
	r.Claim = claim
	r.Claim.Choice, r.Claim.Coupon = off.item, d.Coupon
	switch {
	case rule.Kind == pos.KindExchange:
		r.Claim.Count = r.Price.Amount
	case !several(rule): // a till counts what it hands out by what an entry says
		r.Claim.Count = 0
	}
	return r, nil
}

// Code returns what an entry keeps of a claim as its code: the coupon that was
// shown, and the item that was chosen.
func (claim Claim) Code() string {
	if claim.Coupon == "" || claim.Choice == "" {
		return claim.Coupon + claim.Choice
	}
	return claim.Coupon + " " + claim.Choice
}

// ClaimOf returns the claim that an entry of a redemption is about.
func ClaimOf(p *pos.Program, e pos.Entry) Claim {
	claim := Claim{Reward: e.Reward, Count: e.Count, Choice: e.Code, Sale: e.Sale}
	if gated(p, e.Reward) {
		claim.Coupon, claim.Choice, _ = strings.Cut(e.Code, " ")
	}
	return claim
}

// giveVoucher gives so many vouchers for the reward.
func (d *deciding) giveVoucher(rule, reward string, n int64) error {
	if reward == "" || n <= 0 {
		return nil
	}
	r, ok := d.p.Reward(reward)
	if !ok {
		return pos.Refuse("redeem.unknown", "reward", reward)
	}
	lot := pos.Lot{}
	if r.Days > 0 {
		lot.Until = d.ask.Day + pos.Day(r.Days) + 1
	}
	return d.post(Because{Account: voucher(reward), Amount: n, Rule: rule, Key: "why.reward.voucher", Args: map[string]any{"reward": r.Name, "n": n}}, lot)
}

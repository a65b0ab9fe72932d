package rules

import (
	"cmp"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Facts answers what a decision may look at, by name; what nobody knows is 0. A
// name is an account, for its balance on the day, or one of the Fact constants.
// The station answers from what it knows and writes every answer that is not 0
// into the entry (Saw); the centre, which works out the same decision again,
// answers from there.
type Facts func(name string) int64

// What Facts knows besides balances.
const (
	FactMinute   = "minute"       // of the shop's day, since midnight
	FactBirthday = "birthday"     // month*100 + day; 0 is unknown
	FactJoined   = "joined"       // the shop day on which the member joined
	FactFriend   = "friend"       // 1 if another member brought this one
	FactSwitch   = "switch:"      // and a switch's name: 1 while it is on
	FactCoupon   = "coupon:"      // and a coupon's id: 1 if it was shown with this sale and is good
	FactSince    = "since:"       // and a card's id: seconds since its last stamp, plus 1; 0 is never
	FactStock    = "stock:"       // and a reward's id: how many of it this till handed out
	FactUsed     = "coupon-used:" // and a coupon's code as Shown.Name has it: how often this till took it
	FactFrom     = "from:"        // and a grant account: the first From of its lots that have not ended; 0 is none or no beginning
	FactRun      = "run:"         // and an account: the first day of its run of activity (ledger.Sums.Run); 0 is none
	FactUntil    = "until:"       // and a grant account: the last Until of its lots that have not ended; 0 is none or no end
)

// CouponUse begins the accounts that count how often a holder used a coupon's code.
const CouponUse = "use:coupon/"

// Ask is something that happens at the counter.
type Ask struct {
	Holder pos.HolderID
	Day    pos.Day   // in the shop
	Sale   *pos.Sale // as pos.Sale.Checked gives it; nil if it is none
	Event  string    // an [[event]]'s id, or a Goal's, Plan's: see the method that asks; "" for a sale
	Card   string    // that Count stamps are put on by hand
	Count  int64
	Code   string // of a coupon that was shown with it
	Facts  Facts
	Brief  bool // nobody reads the reasons: those of what a sale earns have no words, and there is none for what gave nothing

	Override bool // a manager allows the next stamp before a card's time
}

// Because is one line of why an ask gave what it gave, or why not. Key names the
// sentence (why.*) and Args fill its places; of those with an Amount, the amounts
// of an account add up to its postings.
type Because struct {
	Account pos.Account
	Amount  int64
	Rule    string // the id of the rule, "" for what the ledger does
	Key     string
	Args    map[string]any
}

// Decision is what follows from an ask.
type Decision struct {
	Postings []pos.Posting
	Because  []Because
	Coupon   string // the code that was used, in the one form in which an entry keeps it; "" is none
}

// Sell decides what a sale gives: points, credit, stamps, and all that counts
// sales. Nothing at all is a good decision too: the sale was too small.
func Sell(p *pos.Program, ask Ask) (Decision, error) {
	if ask.Sale == nil || ask.Sale.Amount <= 0 {
		return Decision{}, pos.Refuse("amount.positive")
	}
	if !GivesOnSales(p) {
		return Decision{}, pos.Refuse("earn.none")
	}
	return decide(p, ask, (*deciding).useCoupon, (*deciding).earn, (*deciding).occasions, (*deciding).stampSale, (*deciding).qualify, (*deciding).tiers, (*deciding).goals, (*deciding).refer, (*deciding).chances)
}

// StampByHand decides ask.Count stamps on ask.Card.
func StampByHand(p *pos.Program, ask Ask) (Decision, error) {
	return decide(p, ask, (*deciding).stampByHand, (*deciding).qualify, (*deciding).tiers, (*deciding).goals)
}

// Happen decides what the event ask.Event gives. A *pos.Problem (event.*) says why
// it gives nothing.
func Happen(p *pos.Program, ask Ask) (Decision, error) {
	return decide(p, ask, (*deciding).happen, (*deciding).qualify, (*deciding).tiers, (*deciding).goals)
}

// Enrol decides what a new member begins with: events on joining and start-up
// stamps.
func Enrol(p *pos.Program, ask Ask) (Decision, error) {
	return decide(p, ask, (*deciding).join, (*deciding).startCards, (*deciding).qualify, (*deciding).tiers, (*deciding).goals)
}

func decide(p *pos.Program, ask Ask, steps ...func(*deciding) error) (Decision, error) {
	d := deciding{p: p, ask: ask}
	d.Because = make([]Because, 0, 24)
	d.basket.fill(p, ask.Sale)
	for _, step := range steps {
		if err := step(&d); err != nil {
			return Decision{}, err
		}
	}
	if err := d.beActive(); err != nil {
		return Decision{}, err
	}
	return d.Decision, nil
}

// deciding is one decision under way.
type deciding struct {
	p   *pos.Program
	ask Ask
	Decision
	basket   basket
	standing standing
	giftCard bool // the holder is one, which has nothing that ends by inactivity
}

// balance returns what the member has of the account, with what was decided so far.
func (d *deciding) balance(account pos.Account) int64 {
	total := d.ask.Facts(string(account))
	for _, p := range d.Postings {
		if p.Account == account && p.Lot.Live(d.ask.Day) {
			total += p.Amount
		}
	}
	return total
}

// post adds an amount and says why. Postings of one account and lot are one. What
// does not fit int64 is ledger.ErrOverflow; an amount of 0 is only a reason.
func (d *deciding) post(because Because, lot pos.Lot) error {
	d.Because = append(d.Because, because)
	if because.Amount == 0 {
		return nil
	}
	at := slices.IndexFunc(d.Postings, func(p pos.Posting) bool { return p.Account == because.Account && p.Lot == lot })
	if at < 0 {
		d.Postings = append(d.Postings, pos.Posting{Account: because.Account, Amount: because.Amount, Lot: lot})
		return nil
	}
	sum := d.Postings[at].Amount + because.Amount
	if (sum > d.Postings[at].Amount) != (because.Amount > 0) {
		return ledger.ErrOverflow
	}
	if d.Postings[at].Amount = sum; sum == 0 {
		d.Postings = slices.Delete(d.Postings, at, at+1)
	}
	return nil
}

// room returns how much of the amount the limits of a rule leave, and posts what
// of it is used: accounts use:<rule>/<period>. Amounts of one decision count too.
func (d *deciding) room(rule string, limits pos.Limits, amount int64) (int64, error) {
	amount = d.left(rule, limits, amount)
	if amount <= 0 {
		return amount, nil
	}
	for _, period := range periods {
		if period.most(limits) > 0 {
			use := Because{Account: useOf(rule, period.name), Amount: amount, Rule: rule}
			if err := d.post(use, pos.Lot{Until: period.until(d.p.Calendar, d.ask.Day)}); err != nil {
				return 0, err
			}
		}
	}
	return amount, nil
}

// left returns how much of the amount the limits of a rule leave.
func (d *deciding) left(rule string, limits pos.Limits, amount int64) int64 {
	if limits.Sale > 0 {
		amount = min(amount, limits.Sale)
	}
	for _, period := range periods {
		if most := period.most(limits); most > 0 && amount > 0 {
			amount = min(amount, max(most-d.balance(useOf(rule, period.name)), 0))
		}
	}
	return amount
}

// periods are what limits count in, and when each ends.
var periods = [...]struct {
	name  string
	most  func(pos.Limits) int64
	until func(calendar string, day pos.Day) pos.Day
}{
	{"day", func(l pos.Limits) int64 { return l.Day }, func(_ string, day pos.Day) pos.Day { return day + 1 }},
	{"week", func(l pos.Limits) int64 { return l.Week }, func(_ string, day pos.Day) pos.Day { return pos.NextMonday(day) }},
	{"month", func(l pos.Limits) int64 { return l.Month }, func(calendar string, day pos.Day) pos.Day { return pos.FirstOf(calendar, day, 1) }},
	{"year", func(l pos.Limits) int64 { return l.Year }, pos.NewYear},
	{"all", func(l pos.Limits) int64 { return l.Total }, func(string, pos.Day) pos.Day { return 0 }},
}

func useOf(rule, period string) pos.Account { return pos.Account("use:" + rule + "/" + period) }

// maxTimes is how often a gift is given at once: as ParseProgram lets no gift be
// more than 10^9 of anything, all of it fits int64.
const maxTimes = 1_000_000_000

// give posts a gift, for the rule, so many times: 1 or more. More than maxTimes is
// ledger.ErrOverflow.
func (d *deciding) give(rule string, gift pos.Gift, times int64) error {
	if times > maxTimes {
		return ledger.ErrOverflow
	}
	grant := func(class, id string, amount int64, lot func() pos.Lot) error {
		if amount == 0 || id == "" {
			return nil
		}
		return d.post(Because{Account: pos.Account(class + id), Amount: amount * times, Rule: rule, Key: "why.gift"}, lot())
	}
	forever := func() pos.Lot { return pos.Lot{} }
	return cmp.Or(
		grant("", string(pos.PointsAccount), gift.Points, d.pointsLot),
		grant("", string(pos.CreditAccount), int64(gift.Credit.Minor), d.creditLot),
		d.giveVoucher(rule, gift.Voucher, times),
		d.giveStamps(rule, gift.Card, gift.Stamps*times),
		grant("badge:", gift.Badge, 1, forever),
		grant("tag:", gift.Tag, 1, forever),
		grant("ticket:", gift.Draw, 1, forever),
	)
}

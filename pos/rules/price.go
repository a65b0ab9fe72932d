package rules

import (
	"bytes"
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Price is what a reward takes, of one account: stamps, points, vouchers, or
// credit in minor units. Amount 0 is nothing: a perk, or what a coupon gives.
type Price struct {
	Account pos.Account
	Amount  int64
}

// times returns the price of n, 1 or more. What does not fit is
// ledger.ErrOverflow.
func (price Price) times(n int64) (Price, error) {
	high, low := bits.Mul64(uint64(price.Amount), uint64(n))
	if high != 0 || low > math.MaxInt64 {
		return price, ledger.ErrOverflow
	}
	price.Amount = int64(low)
	return price, nil
}

// PriceOf returns the price of one reward; of an exchange, that of one step.
func PriceOf(p *pos.Program, rule *pos.RewardRule) Price {
	switch card, ok := p.Card(rule.Card); {
	case ok && rule.Stamps != 0:
		return Price{card.Account(), rule.Stamps}
	case ok:
		return Price{card.Account(), card.Size}
	case rule.Voucher:
		return Price{voucher(rule.ID), 1}
	case rule.Free:
		return Price{}
	case rule.Kind == pos.KindExchange:
		return Price{pos.PointsAccount, int64(rule.Step)}
	}
	return Price{pos.PointsAccount, int64(rule.Points)}
}

func voucher(reward string) pos.Account { return pos.Account("reward:" + reward) }

// charge is a price that is to be paid, with the limits within which a till takes
// it without a lease between two full exchanges.
type charge struct {
	Price
	name   string // of what is paid, for people
	reward string // its id; "" for a payment with credit
	short  string // the problem that says that the balance is too small
	piece  int64  // what one of it costs, or one step of an exchange
	floor  int64  // from one member, in the account's unit
	budget int64  // from all members together
	most   int64  // pieces
}

// voucherFloor is how many vouchers one member redeems at one till without a
// lease.
const voucherFloor = 1

// chargeOf returns the charge of one reward, or one step.
func chargeOf(p *pos.Program, rule *pos.RewardRule) charge {
	price := PriceOf(p, rule)
	c := charge{Price: price, name: rule.Name, reward: rule.ID, short: "redeem.points", piece: price.Amount, most: rule.Most}
	switch card, ok := p.Card(rule.Card); {
	case ok:
		c.short, c.floor, c.budget = "redeem.stamps", card.Floor*card.Size, card.Budget*card.Size
	case rule.Voucher:
		c.short, c.floor, c.budget = "redeem.vouchers", voucherFloor, maxVouchers(rule.Most)
	case p.Points != nil:
		c.floor, c.budget = p.Points.Floor, p.Points.Budget
	}
	return c
}

// maxVouchers returns how many vouchers for a reward one till takes without a
// lease: as many as it may hand out of the reward, or ten.
func maxVouchers(most int64) int64 {
	if most == pos.NoLimit {
		return 10
	}
	return most
}

// take makes the charge one of n pieces and decides what pays it.
func (c *charge) take(p *pos.Program, n int64, known Knowledge, day pos.Day) (postings []pos.Posting, by *pos.By, err error) {
	if c.Price, err = (Price{c.Account, c.piece}).times(n); err != nil {
		return nil, nil, err
	}
	return fund(p, *c, known, day)
}

// fund decides what pays the charge, and what allows it: a lease, which takes
// nothing but the lots that it lends; a floor, which takes nothing that is lent; or
// nothing, where there is no centre to ask. It is the only place that decides what
// a till may take from a member. A charge of nothing needs nothing.
//
// Leases alone never overdraw, whatever any till's line does. Floors may, by what
// WorstCase says.
func fund(p *pos.Program, c charge, known Knowledge, day pos.Day) ([]pos.Posting, *pos.By, error) {
	if c.Amount == 0 {
		return nil, nil, nil
	}
	if missing := c.Amount - known.Sums.Balance(c.Account, day); missing > 0 {
		return nil, nil, pos.Refuse(c.short, "reward", c.name, "n", missing)
	}
	mine := known.Sums.Less(known.Lent)
	unlent, err := mine.Spend(c.Account, c.Amount, day)
	if err == nil && !known.Enrolled {
		return unlent, nil, nil
	}
	if known.Enrolled && known.Restored {
		return nil, nil, pos.Refuse("redeem.restored", "reward", c.name)
	}
	if err != nil {
		return nil, nil, pos.Refuse("redeem.lent", "reward", c.name)
	}
	if hours := p.Offline.Hours; known.Age > time.Duration(hours)*time.Hour {
		return nil, nil, pos.Refuse("redeem.stale", "reward", c.name, "hours", int64(hours))
	}
	leased, by := byLease(known.Leases, c.Price, day)
	if !mine.Hold(leased) {
		by = nil // a lot that has ended by the centre's calendar: the till's clock is behind
	}
	if by != nil && !known.Frozen {
		return leased, by, nil
	}
	postings, err := byFloor(c, known, mine.Less(Lent(known.Leases)), day)
	if err == nil {
		return postings, &pos.By{Kind: pos.ByFloor}, nil
	}
	if by != nil {
		return nil, nil, pos.Refuse("redeem.frozen", "reward", c.name)
	}
	return nil, nil, err
}

// byLease returns what a price takes of the leases, and those that it uses up: as
// few as suffice, and of these no larger one than it needs. By is nil if they do
// not suffice.
func byLease(leases []ledger.Lease, price Price, day pos.Day) ([]pos.Posting, *pos.By) {
	worth := func(l ledger.Lease) int64 { return l.Sums.Balance(price.Account, day) }
	sorted := slices.SortedFunc(slices.Values(leases), func(a, b ledger.Lease) int {
		return cmp.Or(cmp.Compare(worth(b), worth(a)), bytes.Compare(a.ID[:], b.ID[:]))
	})
	missing, by := price.Amount, &pos.By{Kind: pos.ByLease}
	var used []ledger.Lease
	for i, lease := range sorted {
		if worth(lease) <= 0 {
			break
		}
		if missing <= worth(lease) { // the last one: the smallest that suffices
			for _, next := range sorted[i:] {
				if worth(next) >= missing && worth(next) < worth(lease) {
					lease = next
				}
			}
		}
		used, by.ID = append(used, lease), append(by.ID, lease.ID[:]...)
		if missing -= worth(lease); missing <= 0 {
			postings, err := Lent(used).Spend(price.Account, price.Amount, day)
			if err != nil {
				return nil, nil
			}
			return postings, by
		}
	}
	return nil, nil
}

// byFloor returns what a charge without a lease takes of the free sums, those that
// are lent to nobody, if the limits of the program allow it.
func byFloor(c charge, known Knowledge, free ledger.Sums, day pos.Day) ([]pos.Posting, error) {
	postings, err := free.Spend(c.Account, c.Amount, day)
	if err != nil {
		return nil, pos.Refuse("redeem.lent", "reward", c.name)
	}
	member, all := known.HandedOut(c.Account)
	switch {
	case c.Amount > c.floor-member:
		return nil, pos.Refuse("redeem.floor", "reward", c.name)
	case c.Amount > c.budget-all:
		return nil, pos.Refuse("redeem.budget", "reward", c.name)
	case c.Amount/c.piece > c.most-c.had(known):
		return nil, pos.Refuse("redeem.most", "reward", c.name)
	}
	return postings, nil
}

// had returns how many pieces the till handed out within its limits.
func (c charge) had(known Knowledge) (pieces int64) {
	for _, h := range known.Window {
		if h.Reward == c.reward && h.Account == c.Account {
			pieces += max(h.Amount/c.piece, 1)
		}
	}
	return pieces
}

// reach returns how much the till may take of the account now, by its leases or
// within its limits, whichever is more.
func (c charge) reach(known Knowledge, day pos.Day) int64 {
	leased := int64(0)
	if !known.Frozen {
		leased = Lent(known.Leases).Balance(c.Account, day)
	}
	member, all := known.HandedOut(c.Account)
	pieces := max(c.most-c.had(known), 0)
	free := min(known.Sums.Less(known.Lent).Less(Lent(known.Leases)).Balance(c.Account, day), c.floor-member, c.budget-all)
	if pieces < free/c.piece {
		free = pieces * c.piece
	}
	return max(leased, free, 0)
}

// anyway returns the postings of a charge that a manager allows against the rules.
//
// It takes first what does least harm: live lots that are lent to nobody; then
// those lent to this till, which knows from now on that they are gone; then those
// lent to others, which may hand them out too; and what no lot holds from the lot
// without bounds, which the member's next credits make good.
func (price Price) anyway(known Knowledge, day pos.Day) []pos.Posting {
	mine := known.Sums.Less(known.Lent)
	taken := map[pos.Lot]int64{}
	var lots []pos.Lot
	cost := price.Amount
	take := func(lot pos.Lot, amount int64) {
		if _, known := taken[lot]; !known {
			lots = append(lots, lot)
		}
		taken[lot] += amount
		cost -= amount
	}
	for _, layer := range []ledger.Sums{mine.Less(Lent(known.Leases)), mine, known.Sums} {
		for _, sum := range layer {
			if left := min(sum.Amount-taken[sum.Lot], cost); sum.Account == price.Account && known.Sums.Bounds(sum.Account, sum.Lot).Live(day) && left > 0 {
				take(sum.Lot, left)
			}
		}
	}
	if cost > 0 {
		take(pos.Lot{}, cost)
	}
	postings := make([]pos.Posting, len(lots))
	for i, lot := range lots {
		postings[i] = pos.Posting{Account: price.Account, Amount: -taken[lot], Lot: lot}
	}
	return postings
}

// allowed returns why the condition does not hold for the member and the moment,
// whatever the sale, or nil. name is that of the rule, for people.
func (d *deciding) allowed(when *pos.When, name string) *pos.Problem {
	day := d.ask.Day
	switch {
	case when.Then(day, d.minute):
	case len(when.Hours) > 0 && (when.From == 0 || day >= when.From) && (when.Until == 0 || day <= when.Until):
		return pos.Refuse("redeem.hours", "reward", name, "hours", when.Hours)
	default:
		return pos.Refuse("redeem.day", "reward", name)
	}
	switch {
	case when.Switch != "" && d.ask.Facts(FactSwitch+when.Switch) == 0:
		return pos.Refuse("redeem.switch", "reward", name)
	case when.Coupon != "" && d.ask.Facts(FactCoupon+when.Coupon) == 0:
		return pos.Refuse("redeem.coupon", "reward", name)
	case !d.concerns(when):
		return pos.Refuse("redeem.standing", "reward", name)
	}
	return nil
}

package rules

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Sold is a sale as it was booked: by the member's entries and those of gift cards
// that it loaded or that paid for it.
type Sold struct {
	Entries []pos.Entry // that were not voided, oldest first
	Returns []pos.Entry // that took back a part of it, oldest first
}

// Units are units of one line of a sale.
type Units struct {
	Line  int   // from 1
	Units int64 // 0 is all that are left
}

// Part says what of a sale comes back: units of lines, or goods for an amount, or,
// if it says neither, all that is left.
type Part struct {
	Lines  []Units
	Amount pos.Money // of the sale's Amount, before anything was paid with points or credit
}

// Back is a sale that comes back.
type Back struct {
	Sold
	Part    Part
	Day     pos.Day                      // in the shop
	Sums    map[pos.HolderID]ledger.Sums // what each holder of the sale has
	Allowed bool                         // by a manager
}

// Given is what a return does to one holder.
type Given struct {
	Holder   pos.HolderID
	Postings []pos.Posting         // each names the posting that it reverses
	Gone     map[pos.Account]int64 // what should have been taken back, but for which money is kept
}

// Takeback is what follows from a return.
type Takeback struct {
	Value   pos.Money // of what comes back, of the sale's Amount
	Left    pos.Money // of the sale, that may still come back
	Keep    pos.Money // of the money that the customer gets, for value that is spent already
	Refund  pos.Money // the money that the customer gets: for Value, without what was not paid with money, less Keep; never negative
	Units   []Units   // that come back; none of a return by amount
	Holders []Given   // in the order of their entries; those without a posting too
	Because []Because
}

// What a return's facts (Saw) say, besides balances.
const (
	SawLine = "line:" // and a line's number: units that came back
	SawGone = "gone:" // and an account: what was not taken back, because money was kept for it
)

// Return decides what a sale that comes back takes and gives. It goes by what was
// booked, never by rules: of all that the sale moved in an account, in either
// direction, as much is reversed as corresponds to the value that came back, this
// time and before, rounded down, less what was reversed before. So all parts
// together reverse the whole, in whatever order and sizes, and what is counted and
// not measured, a stamp, a voucher, a visit, a tier, comes back with the last part
// that it stands for. Of what the sale gave goes first what does not count yet, of
// what it took comes back first what ends last: the member keeps what lasts.
//
// Only what the member has now, and what to do where it is less than what goes
// back, is by today's program: Returns.Gone.
func Return(p *pos.Program, back Back) (Takeback, error) {
	r := returning{p: p, Back: back, reversed: map[place]int64{}}
	for _, e := range back.Returns {
		for _, posting := range e.Postings {
			if posting.Of != nil {
				r.reversed[place{*posting.Of, posting.OfIndex}] += abs(posting.Amount)
			}
		}
	}
	if err := r.measure(); err != nil {
		return Takeback{}, err
	}
	for _, e := range back.Entries {
		if !slices.ContainsFunc(r.Holders, func(g Given) bool { return g.Holder == e.Holder }) {
			r.Holders = append(r.Holders, Given{Holder: e.Holder, Gone: map[pos.Account]int64{}})
		}
	}
	for i := range r.Holders {
		if err := r.holder(&r.Holders[i]); err != nil {
			return Takeback{}, err
		}
	}
	r.Refund = max(r.Value-r.paidOtherwise()-r.Keep, 0)
	return r.Takeback, nil
}

// place is where a posting stands.
type place struct {
	entry pos.EntryID
	index int
}

// returning is one return under way.
type returning struct {
	p *pos.Program
	Back
	Takeback
	reversed map[place]int64 // what returns took back of each posting before, never negative
	whole    pos.Money       // the sale's Amount
	before   pos.Money       // that came back before
}

// Sale returns what was sold: of the sale's entries that say so the one that
// earned, or the first; nil if none does.
func (s Sold) Sale() *pos.Sale {
	var sale *pos.Sale
	for _, e := range s.Entries {
		if e.Sale != nil && (sale == nil || sale.Amount == 0 || e.Kind == pos.Earned && e.Sale.Amount > 0) {
			sale = e.Sale
		}
	}
	return sale
}

// Came returns how much of the sale came back.
func (s Sold) Came() (value pos.Money) {
	for _, e := range s.Returns {
		if e.Sale != nil {
			value += e.Sale.Amount
		}
	}
	return value
}

// Worth returns what the part is worth, or says why not so much can come back.
func (s Sold) Worth(part Part) (pos.Money, error) {
	r := returning{p: &pos.Program{}, Back: Back{Sold: s, Part: part}}
	err := r.measure()
	return r.Value, err
}

// Units returns how many units of the line, from 1, came back.
func (s Sold) Units(line int) (n int64) {
	for _, e := range s.Returns {
		n += e.Saw[SawLine+strconv.Itoa(line)]
	}
	return n
}

// measure works out which part of the sale comes back.
func (r *returning) measure() error {
	sale := r.Sale()
	if sale == nil {
		return pos.Refuse("return.nosale")
	}
	r.whole, r.before = sale.Amount, r.Came()
	left := r.whole - r.before
	if len(r.Returns) > 0 && left <= 0 {
		return pos.Refuse("return.twice")
	}
	if late := r.Entries[0].Day + pos.Day(r.p.Returns.Days); r.p.Returns.Days > 0 && r.Day > late && !r.Allowed {
		return pos.Refuse("return.late", "n", int64(r.p.Returns.Days), "day", late)
	}
	switch {
	case len(r.Part.Lines) > 0:
		if err := r.lines(sale.Lines); err != nil {
			return err
		}
	case r.Part.Amount < 0:
		return pos.Refuse("amount.positive")
	case r.Part.Amount > 0:
		r.Value = r.Part.Amount
	default:
		r.Value = left
		for i, line := range sale.Lines {
			if n := line.Quantity - r.Sold.Units(i+1); n > 0 {
				r.Units = append(r.Units, Units{i + 1, n})
			}
		}
	}
	if r.Value > left {
		return pos.Refuse("return.more", "left", left)
	}
	r.Left = left - r.Value
	return nil
}

// paidOtherwise returns which part of what comes back was not paid with money.
func (r *returning) paidOtherwise() pos.Money {
	paid := pos.Money(0)
	for _, e := range r.Entries {
		if e.Sale != nil {
			paid = max(paid, e.Sale.PaidOtherwise())
		}
	}
	return pos.Money(sharing(int64(paid), int64(r.before+r.Value), int64(r.whole)) - sharing(int64(paid), int64(r.before), int64(r.whole)))
}

// lines works out what the units of lines are worth, each line by its own price,
// discount included.
func (r *returning) lines(lines []pos.Line) error {
	for _, part := range r.Part.Lines {
		if part.Line < 1 || part.Line > len(lines) {
			return pos.Refuse("return.line", "line", int64(part.Line), "n", int64(len(lines)))
		}
		line, before := lines[part.Line-1], r.Sold.Units(part.Line)
		for _, u := range r.Units {
			if u.Line == part.Line {
				before += u.Units
			}
		}
		left := line.Quantity - before
		n := cmp.Or(part.Units, left)
		if n < 1 || n > left {
			return pos.Refuse("return.units", "line", int64(part.Line), "n", max(left, 0))
		}
		due := int64(line.Due())
		r.Value += pos.Money(sharing(due, before+n, line.Quantity) - sharing(due, before, line.Quantity))
		r.Units = append(r.Units, Units{part.Line, n})
	}
	if r.whole == 0 {
		return pos.Refuse("return.whole")
	}
	return nil
}

// sharing returns the part of the total that corresponds to part of whole, rounded
// down. None is negative and part is at most whole; of a whole of nothing any part
// is all.
func sharing(total, part, whole int64) int64 {
	if part >= whole {
		return total
	}
	high, low := bits.Mul64(uint64(total), uint64(part))
	quotient, _ := bits.Div64(high, low, uint64(whole)) // part < whole, so high < whole
	return int64(quotient)
}

func abs(n int64) int64 { return max(n, -n) }

// moved is one posting of the sale.
type moved struct {
	at      place
	posting pos.Posting
	left    int64 // of it, that was not reversed, never negative
}

// group is all that the sale moved in one account of a holder in one direction.
type group struct {
	account pos.Account
	gave    bool // to the holder
	total   int64
	done    int64 // of it, that was reversed before or that money was kept for
	moved   []moved
}

// holder decides what the return does to one holder.
func (r *returning) holder(g *Given) error {
	groups, err := r.groups(g.Holder)
	if err != nil {
		return err
	}
	for _, group := range groups {
		n := sharing(group.total, int64(r.before+r.Value), int64(r.whole)) - group.done
		if !group.gave {
			r.giveBack(g, group, n)
		} else if err := r.takeBack(g, group, n); err != nil {
			return err
		}
	}
	return nil
}

// groups returns what the sale moved for the holder. What it took stands first:
// what is given back may make good what is taken.
func (r *returning) groups(holder pos.HolderID) (groups []group, err error) {
	for _, e := range r.Entries {
		if e.Holder != holder {
			continue
		}
		for i, p := range e.Postings {
			if p.Of != nil {
				continue
			}
			at := slices.IndexFunc(groups, func(g group) bool { return g.account == p.Account && g.gave == (p.Amount > 0) })
			if at < 0 {
				at = len(groups)
				groups = append(groups, group{account: p.Account, gave: p.Amount > 0})
				if p.Amount > 0 {
					groups[at].done = r.gone(holder, p.Account)
				}
			}
			g := &groups[at]
			done := min(r.reversed[place{e.ID, i}], abs(p.Amount))
			if g.total += abs(p.Amount); g.total < 0 {
				return nil, ledger.ErrOverflow
			}
			g.done += done
			g.moved = append(g.moved, moved{place{e.ID, i}, p, abs(p.Amount) - done})
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(boolean(a.gave), boolean(b.gave)) })
	return groups, nil
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// gone returns for how much of what the sale gave in the account money was kept by
// earlier returns.
func (r *returning) gone(holder pos.HolderID, account pos.Account) (n int64) {
	for _, e := range r.Returns {
		if e.Holder == holder {
			n += e.Saw[SawGone+string(account)]
		}
	}
	return n
}

// reverse posts the reversal of up to n of the group's moves, in their order, and
// says why.
func (r *returning) reverse(g *Given, group group, n int64, key string) {
	posted := int64(0)
	for _, m := range group.moved {
		part := min(m.left, n-posted)
		if part <= 0 {
			continue
		}
		posted += part
		if group.gave {
			part = -part
		}
		entry := m.at.entry
		g.Postings = append(g.Postings, pos.Posting{Account: group.account, Amount: part, Lot: m.posting.Lot, Of: &entry, OfIndex: m.at.index})
	}
	if posted == 0 {
		return
	}
	if group.gave {
		posted = -posted
	}
	if !group.account.Value() {
		key = ""
	}
	r.Because = append(r.Because, Because{Account: group.account, Amount: posted, Key: key})
}

// giveBack gives back what the sale took, what ends last first.
func (r *returning) giveBack(g *Given, group group, n int64) {
	slices.SortStableFunc(group.moved, func(a, b moved) int { return soonest(b.posting.Lot, a.posting.Lot) })
	r.reverse(g, group, n, "why.return.given")
}

// soonest orders lots by their ends, those without one last.
func soonest(a, b pos.Lot) int {
	return cmp.Or(cmp.Compare(uint32(a.Until-1), uint32(b.Until-1)), cmp.Compare(a.From, b.From)) // no end is the largest
}

// takeBack takes back what the sale gave: what does not count yet, then what
// counts, what ends first before the rest, then what has ended.
func (r *returning) takeBack(g *Given, group group, n int64) error {
	rank := func(l pos.Lot) int { return 2*boolean(l.Ended(r.Day)) + boolean(l.Live(r.Day)) }
	slices.SortStableFunc(group.moved, func(a, b moved) int {
		return cmp.Or(cmp.Compare(rank(a.posting.Lot), rank(b.posting.Lot)), soonest(a.posting.Lot, b.posting.Lot))
	})
	before := len(g.Postings)
	r.reverse(g, group, n, "why.return.taken")
	if !group.account.Value() || len(g.Postings) == before {
		return nil
	}
	has := r.Sums[g.Holder]
	after, err := has.AddAll(g.Postings)
	if err != nil {
		return err
	}
	missing := max(-after.Balance(group.account, r.Day), 0) - max(-has.Balance(group.account, r.Day), 0)
	if missing <= 0 {
		return nil
	}
	return r.missing(g, group, after, missing)
}

// missing decides what happens where the holder has less than what the return has
// just taken.
func (r *returning) missing(g *Given, group group, after ledger.Sums, missing int64) error {
	before := r.gone(g.Holder, group.account)
	below := func() {
		r.Because = append(r.Because, Because{Account: group.account, Key: "why.return.below", Args: map[string]any{"n": missing}})
	}
	if r.brought(g.Holder) {
		below()
		return nil
	}
	priced := group.account == pos.CreditAccount || group.account == pos.PointsAccount && pointsWorth(r.p) > 0
	switch {
	case r.p.Returns.Gone == pos.GoneManager && !r.Allowed:
		return pos.Refuse("return.manager", "n", missing)
	case r.p.Returns.Gone != pos.GoneMoney || !priced || before+missing > maxWorth:
		below()
		return nil
	}
	kept := g.leave(group, after, missing, r.Day)
	money := r.worth(group.account, before+kept) - r.worth(group.account, before)
	r.Because[len(r.Because)-1].Amount += kept // of the line that the postings have
	r.Because = append(r.Because, Because{Account: group.account, Key: "why.return.kept", Args: map[string]any{"n": kept, "money": money}})
	g.Gone[group.account] += kept
	r.Keep += money
	return nil
}

// brought reports whether the holder has a part in the sale only for having brought
// the one who bought: the money that comes back is the other's.
func (r *returning) brought(holder pos.HolderID) bool {
	return !slices.ContainsFunc(r.Entries, func(e pos.Entry) bool { return e.Holder == holder && e.Kind != pos.Referred })
}

// leave makes the last postings smaller by n in all, those that take what is not
// there, and returns n.
func (g *Given) leave(group group, after ledger.Sums, n int64, day pos.Day) int64 {
	left := n
	for i := len(g.Postings) - 1; i >= 0 && left > 0; i-- {
		p := &g.Postings[i]
		if p.Account != group.account || p.Amount > 0 {
			continue
		}
		cut := min(left, -p.Amount)
		if !p.Lot.Live(day) { // of a lot that does not count only what it owes makes the balance smaller
			cut = min(cut, owed(after, p.Account, p.Lot))
		}
		p.Amount += cut
		left -= cut
	}
	g.Postings = slices.DeleteFunc(g.Postings, func(p pos.Posting) bool { return p.Amount == 0 })
	return n - left
}

// owed returns how much more was taken from the lot than was in it.
func owed(sums ledger.Sums, account pos.Account, lot pos.Lot) int64 {
	for _, sum := range sums {
		if sum.Account == account && sum.Lot == lot {
			return max(-sum.Amount, 0)
		}
	}
	return 0
}

// worth returns what so many points, or so much credit, are worth, rounded down.
func (r *returning) worth(account pos.Account, n int64) pos.Money {
	if account == pos.CreditAccount {
		return pos.Money(n)
	}
	return pos.Money(n * pointsWorth(r.p) / 100)
}

// maxWorth bounds the points that money is kept for and what 100 of them are worth,
// so that nothing overflows.
const maxWorth = 1_000_000_000

// pointsWorth returns what 100 points are worth, in minor units: what the program
// says, or what the best of its rewards that are money makes of them; 0 if
// neither.
func pointsWorth(p *pos.Program) (best int64) {
	if p.Points != nil && p.Points.Worth.Minor > 0 {
		return min(int64(p.Points.Worth.Minor), maxWorth)
	}
	for _, rule := range p.Rewards {
		points := int64(cmp.Or(rule.Points, rule.Step))
		if points > 0 && (rule.Kind == pos.KindMoney || rule.Kind == pos.KindExchange) {
			best = max(best, min(int64(rule.Off.Minor)*100/points, maxWorth))
		}
	}
	return best
}

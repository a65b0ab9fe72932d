package rules

import (
	"bytes"
	"cmp"
	"slices"
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

// Redeem decides whether the till may hand out the reward, what it takes, and
// what allows it: a lease, which takes nothing but the lots that it lends; a
// floor, which takes nothing that is lent; or nothing, where there is no centre
// to ask. It is the only place that decides a redemption.
//
// Leases alone never overdraw, whatever any till's line does. Floors may, by what
// WorstCase says.
func Redeem(p pos.Program, rule pos.RewardRule, known Knowledge, day pos.Day) ([]pos.Posting, *pos.By, error) {
	account, cost := price(p, rule)
	if missing := cost - known.Sums.Balance(account, day); missing > 0 {
		key := "redeem.points"
		if rule.Card != "" {
			key = "redeem.stamps"
		}
		return nil, nil, pos.Refuse(key, "reward", rule.Name, "n", missing)
	}
	mine := known.Sums.Less(known.Lent)
	unlent, err := mine.Spend(account, cost, day)
	if err == nil && !known.Enrolled {
		return unlent, nil, nil
	}
	if known.Enrolled && known.Restored {
		return nil, nil, pos.Refuse("redeem.restored", "reward", rule.Name)
	}
	if err != nil {
		return nil, nil, pos.Refuse("redeem.lent", "reward", rule.Name)
	}
	if hours := p.Offline.Hours; known.Age > time.Duration(hours)*time.Hour {
		return nil, nil, pos.Refuse("redeem.stale", "reward", rule.Name, "hours", int64(hours))
	}
	leased, by := byLease(known.Leases, account, cost, day)
	if !mine.Hold(leased) {
		by = nil // a lot that has ended by the centre's calendar: the till's clock is behind
	}
	if by != nil && !known.Frozen {
		return leased, by, nil
	}
	postings, err := byFloor(p, rule, known, mine.Less(Lent(known.Leases)), day)
	if err == nil {
		return postings, &pos.By{Kind: pos.ByFloor}, nil
	}
	if by != nil {
		return nil, nil, pos.Refuse("redeem.frozen", "reward", rule.Name)
	}
	return nil, nil, err
}

// byLease returns what a redemption takes of the leases, and those that it uses
// up: as few as suffice, and of these no larger one than it needs. By is nil if
// they do not suffice.
func byLease(leases []ledger.Lease, account pos.Account, cost int64, day pos.Day) ([]pos.Posting, *pos.By) {
	worth := func(l ledger.Lease) int64 { return l.Sums.Balance(account, day) }
	sorted := slices.SortedFunc(slices.Values(leases), func(a, b ledger.Lease) int {
		return cmp.Or(cmp.Compare(worth(b), worth(a)), bytes.Compare(a.ID[:], b.ID[:]))
	})
	missing, by := cost, &pos.By{Kind: pos.ByLease}
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
			postings, err := Lent(used).Spend(account, cost, day)
			if err != nil {
				return nil, nil
			}
			return postings, by
		}
	}
	return nil, nil
}

// byFloor returns what a redemption without a lease takes of the free sums,
// those that are lent to nobody, if the limits of the program allow it.
func byFloor(p pos.Program, rule pos.RewardRule, known Knowledge, free ledger.Sums, day pos.Day) ([]pos.Posting, error) {
	account, cost := price(p, rule)
	postings, err := free.Spend(account, cost, day)
	if err != nil {
		return nil, pos.Refuse("redeem.lent", "reward", rule.Name)
	}
	floor, budget := limits(p, rule)
	member, all := known.HandedOut(account)
	had := int64(0)
	for _, h := range known.Window {
		if h.Reward == rule.ID {
			had++
		}
	}
	switch {
	case member+cost > floor:
		return nil, pos.Refuse("redeem.floor", "reward", rule.Name)
	case all+cost > budget:
		return nil, pos.Refuse("redeem.budget", "reward", rule.Name)
	case had >= rule.Most:
		return nil, pos.Refuse("redeem.most", "reward", rule.Name)
	}
	return postings, nil
}

// limits returns how much of the reward's account one till hands out without a
// lease between two full exchanges, to one member and in all, in the account's
// unit.
func limits(p pos.Program, rule pos.RewardRule) (floor, budget int64) {
	if card, ok := p.Card(rule.Card); ok {
		return card.Floor * card.Size, card.Budget * card.Size
	}
	if p.Points == nil {
		return 0, 0
	}
	return p.Points.Floor, p.Points.Budget
}

// Override decides what a reward takes that a manager hands out against the
// rules. It is always possible: the shop's word counts more than its balances.
//
// It takes first what does least harm: live lots that are lent to nobody; then
// those lent to this till, which knows from now on that they are gone; then
// those lent to others, which may hand them out too; and what no lot holds from
// the lot without bounds, which the member's next credits make good.
func Override(p pos.Program, rule pos.RewardRule, known Knowledge, day pos.Day) []pos.Posting {
	account, cost := price(p, rule)
	mine := known.Sums.Less(known.Lent)
	taken := map[pos.Lot]int64{}
	var lots []pos.Lot
	take := func(lot pos.Lot, amount int64) {
		if _, known := taken[lot]; !known {
			lots = append(lots, lot)
		}
		taken[lot] += amount
		cost -= amount
	}
	for _, layer := range []ledger.Sums{mine.Less(Lent(known.Leases)), mine, known.Sums} {
		for _, sum := range layer {
			if left := min(sum.Amount-taken[sum.Lot], cost); sum.Account == account && sum.Lot.Live(day) && left > 0 {
				take(sum.Lot, left)
			}
		}
	}
	if cost > 0 {
		take(pos.Lot{}, cost)
	}
	postings := make([]pos.Posting, len(lots))
	for i, lot := range lots {
		postings[i] = pos.Posting{Account: account, Amount: -taken[lot], Lot: lot}
	}
	return postings
}

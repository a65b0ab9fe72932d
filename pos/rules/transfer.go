package rules

import (
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Move is what one member gives another.
type Move struct {
	Account   pos.Account // points or credit
	Amount    int64       // in the account's unit
	Household bool        // both are of one household, and the other spends it
}

// Transfer decides what a member gives another: what is taken, what the other gets,
// and what allows it. The lots are taken as they are spent, soonest-ending first,
// and the other gets them as they are: a gift lasts no longer than what is given.
//
// It is as careful as a redemption without a lease: nothing that is lent is given,
// and a till that has a centre gives within its limits, and counts it against them.
func Transfer(p *pos.Program, move Move, known Knowledge, day pos.Day) (out, in []pos.Posting, by *pos.By, err error) {
	if err := MayMove(p, move); err != nil {
		return nil, nil, nil, err
	}
	if missing := move.Amount - known.Sums.Balance(move.Account, day); missing > 0 {
		return nil, nil, nil, Short(move.Account, missing)
	}
	used := useOf("transfer:"+string(move.Account), "month") // no rule's id has a colon
	limited := p.Transfers.Most > 0 && !move.Household
	if left := p.Transfers.Most - known.Sums.Balance(used, day); limited && move.Amount > left {
		return nil, nil, nil, pos.Refuse("transfer.most", "n", max(left, 0))
	}
	if err := heard(p, known); err != nil {
		return nil, nil, nil, err
	}
	out, err = free(known).Spend(move.Account, move.Amount, day)
	if err != nil {
		return nil, nil, nil, pos.Refuse("transfer.lent")
	}
	for _, posting := range out {
		in = append(in, pos.Posting{Account: posting.Account, Amount: -posting.Amount, Lot: posting.Lot})
	}
	if limited {
		out = append(out, pos.Posting{Account: used, Amount: move.Amount, Lot: pos.Lot{Until: pos.FirstOf(p.Calendar, day, 1)}})
	}
	if !known.Enrolled {
		return out, in, &pos.By{Kind: pos.ByTransfer}, nil
	}
	if move.Amount > room(p, move.Account, known) {
		return nil, nil, nil, pos.Refuse("transfer.floor")
	}
	return out, in, &pos.By{Kind: pos.ByFloor}, nil
}

// Spare returns how much of the account a member can give to another of the
// household at this till at this moment.
func Spare(p *pos.Program, account pos.Account, known Knowledge, day pos.Day) (int64, error) {
	if err := heard(p, known); err != nil {
		return 0, err
	}
	spare := min(free(known).Balance(account, day), known.Sums.Balance(account, day))
	if known.Enrolled {
		spare = min(spare, room(p, account, known))
	}
	return max(spare, 0), nil
}

// MayMove refuses what the program does not let members give each other.
func MayMove(p *pos.Program, move Move) error {
	switch {
	case move.Account != pos.PointsAccount && move.Account != pos.CreditAccount:
		return pos.Refuse("transfer.account")
	case move.Household && !p.Transfers.Pool:
		return pos.Refuse("transfer.household")
	case !move.Household && move.Account == pos.PointsAccount && !p.Transfers.Points:
		return pos.Refuse("transfer.points")
	case !move.Household && move.Account == pos.CreditAccount && !p.Transfers.Credit:
		return pos.Refuse("transfer.credit")
	case move.Amount <= 0:
		return pos.Refuse("amount.positive")
	}
	return nil
}

// Short says that so much is missing in the account.
func Short(account pos.Account, missing int64) error {
	if account == pos.CreditAccount {
		return pos.Refuse("transfer.short.credit", "amount", pos.Money(missing))
	}
	return pos.Refuse("transfer.short.points", "n", missing)
}

// heard refuses where the till has not heard from its centre for too long.
func heard(p *pos.Program, known Knowledge) error {
	hours := p.Offline.Hours
	switch {
	case known.Enrolled && known.Restored:
		return pos.Refuse("transfer.restored")
	case known.Enrolled && known.Age > time.Duration(hours)*time.Hour:
		return pos.Refuse("transfer.stale", "hours", int64(hours))
	}
	return nil
}

// free returns what of the member's sums is lent to nobody.
func free(known Knowledge) ledger.Sums {
	return known.Sums.Less(known.Lent).Less(Lent(known.Leases))
}

// room returns how much of the member's account the till may still hand out without
// a lease.
func room(p *pos.Program, account pos.Account, known Knowledge) int64 {
	var floor, budget int64
	switch {
	case account == pos.CreditAccount && p.Credit != nil:
		floor, budget = int64(p.Credit.Floor.Minor), int64(p.Credit.Budget.Minor)
	case account == pos.PointsAccount && p.Points != nil:
		floor, budget = p.Points.Floor, p.Points.Budget
	}
	member, all := known.HandedOut(account)
	return max(min(floor-member, budget-all), 0)
}

// moves reports whether members can give each other what is in the account.
func moves(p *pos.Program, account pos.Account) bool {
	return MayMove(p, Move{account, 1, false}) == nil || MayMove(p, Move{account, 1, true}) == nil
}

package rules

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// What a manager gives by hand. These decisions are as pure as the others, but no
// rule of the program says that they should happen: the entry says who and why.

// TagAccount returns the grant account of a tag.
func TagAccount(tag string) pos.Account { return pos.Account("tag:" + tag) }

// AddTag decides that the member has the tag of the program, up to and with the
// day; 0 is for good.
func AddTag(p *pos.Program, ask Ask, tag string, until pos.Day) (Decision, error) {
	if err := knownTag(p, tag); err != nil {
		return Decision{}, err
	}
	lot, err := lastDay(until, ask.Day)
	if err != nil {
		return Decision{}, err
	}
	d := deciding{p: p, ask: ask}
	err = d.post(Because{Account: TagAccount(tag), Amount: 1, Rule: tag, Key: "why.tag", Args: map[string]any{"tag": tag}}, lot)
	return d.Decision, err
}

// RemoveTag decides that the member has the tag no longer: it names the lots of the
// sums that have not ended.
func RemoveTag(p *pos.Program, ask Ask, tag string, sums ledger.Sums) (Decision, error) {
	if err := knownTag(p, tag); err != nil {
		return Decision{}, err
	}
	d := deciding{p: p, ask: ask}
	for _, sum := range sums {
		if sum.Account != TagAccount(tag) || sum.Amount <= 0 || sum.Lot.Ended(ask.Day) {
			continue
		}
		err := d.post(Because{Account: sum.Account, Amount: -sum.Amount, Rule: tag, Key: "why.untag", Args: map[string]any{"tag": tag}}, sum.Lot)
		if err != nil {
			return Decision{}, err
		}
	}
	if len(d.Postings) == 0 {
		return Decision{}, pos.Refuse("tag.none", "tag", tag)
	}
	return d.Decision, nil
}

func knownTag(p *pos.Program, tag string) error {
	if slices.Contains(p.Tags, tag) {
		return nil
	}
	return pos.Refuse("tag.unknown", "tag", tag, "tags", p.Tags)
}

// lastDay returns the lot that counts up to and with the day, which must not have
// passed; 0 is an open end.
func lastDay(until, today pos.Day) (pos.Lot, error) {
	switch {
	case until == 0:
		return pos.Lot{}, nil
	case until < today:
		return pos.Lot{}, pos.Refuse("grant.until", "day", until)
	}
	return pos.Lot{Until: until + 1}, nil
}

// maxAdjustment is the largest amount of an adjustment.
const maxAdjustment = int64(pos.MaxSale)

// Adjustment is an amount that a manager adds or takes by hand, an opening balance
// for one.
type Adjustment struct {
	Account  pos.Account // points, credit, or a card of the program
	Amount   int64       // in the account's unit; below 0 takes
	Until    pos.Day     // up to and with which an added amount counts; 0: as if it was earned today
	Key      string      // of an import, which counts once for a member; "" is none
	Negative bool        // taking may leave less than nothing
}

// Adjust decides an adjustment. What is taken comes first from lots that are lent to
// nobody, as with Override.
func Adjust(p *pos.Program, ask Ask, a Adjustment, known Knowledge) (Decision, error) {
	switch {
	case a.Amount == 0 || a.Amount > maxAdjustment || a.Amount < -maxAdjustment:
		return Decision{}, pos.Refuse("grant.amount", "max", maxAdjustment)
	case !counted(p, a.Account):
		return Decision{}, pos.Refuse("grant.account", "account", string(a.Account))
	case a.Amount < 0 && a.Until != 0:
		return Decision{}, pos.Refuse("grant.taken")
	}
	d := deciding{p: p, ask: ask}
	if a.Key != "" {
		left, err := d.room("opening:"+a.Key, pos.Limits{Total: 1}, 1)
		if err == nil && left == 0 {
			err = pos.Refuse("grant.twice", "key", a.Key)
		}
		if err != nil {
			return Decision{}, err
		}
	}
	if a.Amount < 0 {
		return d.take(a, known)
	}
	lot, err := lastDay(a.Until, ask.Day)
	if err == nil && a.Until == 0 {
		lot = d.lotOf(a.Account)
	}
	if err == nil {
		err = d.post(Because{Account: a.Account, Amount: a.Amount, Key: "why.adjust"}, lot)
	}
	return d.Decision, err
}

// counted reports whether the program has the account.
func counted(p *pos.Program, account pos.Account) bool {
	switch account {
	case pos.PointsAccount:
		return p.Points != nil
	case pos.CreditAccount:
		return p.Credit != nil
	}
	for _, card := range p.Cards {
		if card.Account() == account {
			return true
		}
	}
	return false
}

// lotOf returns the lot of what is earned today.
func (d *deciding) lotOf(account pos.Account) pos.Lot {
	switch account {
	case pos.PointsAccount:
		return d.pointsLot()
	case pos.CreditAccount:
		return d.creditLot()
	}
	return pos.Lot{}
}

// take decides what an adjustment takes: live lots that are lent to nobody, then
// those that are lent to this till, then those lent to others; and if it may, the
// rest from the lot without bounds.
func (d *deciding) take(a Adjustment, known Knowledge) (Decision, error) {
	missing := -a.Amount
	if !a.Negative && known.Sums.Balance(a.Account, d.ask.Day) < missing {
		return Decision{}, pos.Refuse("grant.short")
	}
	because := Because{Account: a.Account, Key: "why.adjust"}
	mine := known.Sums.Less(known.Lent)
	taken := map[pos.Lot]int64{}
	for _, layer := range []ledger.Sums{mine.Less(Lent(known.Leases)), mine, known.Sums} {
		for _, sum := range layer {
			left := min(sum.Amount-taken[sum.Lot], missing)
			if sum.Account != a.Account || !sum.Lot.Live(d.ask.Day) || left <= 0 {
				continue
			}
			taken[sum.Lot] += left
			missing -= left
			because.Amount = -left
			if err := d.post(because, sum.Lot); err != nil {
				return Decision{}, err
			}
		}
	}
	because.Amount = -missing
	if missing == 0 {
		return d.Decision, nil
	}
	err := d.post(because, pos.Lot{})
	return d.Decision, err
}

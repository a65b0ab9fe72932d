package ledgertest

import (
	"slices"

	"tenthcup/pos"
)

// LastDay is the last day on which anything in a history is meant to happen. A clock
// that is ahead may date an entry a little later.
const LastDay pos.Day = 24

// Accounts are those that histories are about: value of each kind, and grants.
var Accounts = []pos.Account{"points", "stamp:coffee/10", "reward:cake", "tier:gold", "active:points"}

// lots are few, so that they meet, and of all kinds: without an end, with one soon
// or late, pending for a while, and gone before they are used up.
var lots = []pos.Lot{{}, {Until: 9}, {Until: 15}, {From: 6, Until: 12}, {From: 11}, {From: 13, Until: 20}, {From: 6}}

// active are the lots of activity: runs that end and begin, that touch, overlap and
// bridge others; the lots without an end that begin on day 6 or 11 may belong to one.
var active = []pos.Lot{{From: 6, Until: 8}, {From: 6, Until: 11}, {From: 6, Until: 12}, {From: 9, Until: 14}, {From: 11, Until: 13}, {From: 11, Until: 19}, {From: 13, Until: 20}}

// Chance draws a number from 0 to below n.
type Chance func(n int) int

// of reports a chance of one in n.
func (c Chance) of(n int) bool { return c(n) == 0 }

// History draws the entries of one holder, as tills that do not know of each other
// write them: sales that give and spend, redemptions of what may not be there, at
// any time and from any lot, and voids and returns of any of them, whole, in part,
// twice, and wrong. Next gives each entry its id; the holder is left to the caller.
func History(chance Chance, next func() pos.EntryID) Plain {
	var history Plain
	for range 2 + chance(12) {
		e := pos.Entry{V: 1, ID: next(), Kind: pos.Earned, Nonce: uint64(len(history) + 1)}
		e.Day = pos.Day(1 + chance(int(LastDay)))
		e.At = int64(e.Day)*1000 + int64(chance(3))
		if chance.of(8) {
			e.Day += pos.Day(chance(5) - 2) // another time zone, or another clock
		}
		e.Day = max(e.Day, 1)
		switch {
		case len(history) > 0 && chance.of(3):
			e.Kind, e.Postings = pos.Voided, takingBack(chance, history)
		case chance.of(3):
			e.Kind, e.Postings = pos.Redeemed, []pos.Posting{moving(chance, -1)}
			if chance.of(3) {
				e.Postings = append(e.Postings, beingThere(chance))
			}
		default:
			for range 1 + chance(3) {
				e.Postings = append(e.Postings, moving(chance, 1))
			}
			if chance.of(3) {
				e.Postings = append(e.Postings, moving(chance, -1))
			}
			if chance.of(3) {
				e.Postings = append(e.Postings, beingThere(chance))
			}
		}
		history = append(history, e)
	}
	return history
}

// moving gives or takes something, most often points.
func moving(chance Chance, sign int64) pos.Posting {
	account := Accounts[0]
	if chance.of(2) {
		account = Accounts[chance(len(Accounts))]
	}
	if account.Class() == "active" {
		return beingThere(chance)
	}
	return pos.Posting{Account: account, Lot: lots[chance(len(lots))], Amount: sign * int64(1+chance(6))}
}

// beingThere is the activity of whoever gives or takes points.
func beingThere(chance Chance) pos.Posting {
	return pos.Posting{Account: "active:points", Lot: active[chance(len(active))], Amount: 1}
}

// takingBack reverses postings of one earlier entry, which may hold reversals
// itself. A void takes back all that it can see; a return a part, or what it
// thinks is one.
func takingBack(chance Chance, history Plain) (postings []pos.Posting) {
	e := history[chance(len(history))]
	whole := chance.of(2)
	for i, p := range e.Postings {
		back := pos.Posting{Account: p.Account, Lot: p.Lot, Amount: -p.Amount, Of: &e.ID, OfIndex: i}
		if !whole {
			if chance.of(2) {
				continue
			}
			back = inPart(chance, back)
		}
		postings = append(postings, back)
	}
	return postings
}

// inPart changes how much a reversal asks for, and sometimes of what.
func inPart(chance Chance, back pos.Posting) pos.Posting {
	sign := int64(1)
	if back.Amount < 0 {
		sign = -1
	}
	back.Amount = sign * int64(1+chance(7)) // also more than there was
	switch chance(16) {
	case 0:
		back.Amount = -back.Amount // no reversal at all
	case 1:
		back.Lot = lots[chance(len(lots))]
	case 2:
		back.Account = Accounts[chance(len(Accounts))]
	case 3:
		back.OfIndex = chance(4)
	}
	return back
}

// Without returns the history without one entry, as if it had never been written.
func (p Plain) Without(id pos.EntryID) Plain {
	return slices.DeleteFunc(slices.Clone(p), func(e pos.Entry) bool { return e.ID == id })
}

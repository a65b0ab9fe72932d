package rules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// parsed returns the program that the document is.
func parsed(t require.TestingT, document string) pos.Program {
	euro, ok := pos.CurrencyOf("EUR")
	require.True(t, ok)
	p, err := pos.ParseProgram([]byte(document), euro)
	require.NoError(t, err)
	return p
}

// bakery has points with rewards of two prices and a card; its limits without a
// lease differ.
const bakery = `
[[card]]
id = "coffee"
size = 10
floor = 1
budget = 3

[points]
earn = 1
for = "1"
floor = 100
budget = 250

[[reward]]
id = "cup"
card = "coffee"

[[reward]]
id = "cake"
points = 50
most = 2

[[reward]]
id = "voucher"
points = 100

[[reward]]
id = "machine"
points = 5000

[offline]
hours = 72
`

const (
	points = pos.PointsAccount
	stamps = pos.Account("stamp:coffee/10")
)

var ann, bela = pos.HolderID{1}, pos.HolderID{2}

// lot returns a sum of points that end on the day, or never for 0.
func lot(until pos.Day, amount int64) ledger.Sum {
	return ledger.Sum{Account: points, Lot: pos.Lot{Until: until}, Amount: amount}
}

// lease returns a lease with that number for an id.
func lease(id byte, sums ...ledger.Sum) ledger.Lease {
	return ledger.Lease{ID: pos.LeaseID{id}, Sums: sums}
}

// taken returns the postings that take the sums.
func taken(sums ...ledger.Sum) []pos.Posting {
	postings := make([]pos.Posting, len(sums))
	for i, s := range sums {
		postings[i] = pos.Posting{Account: s.Account, Lot: s.Lot, Amount: -s.Amount}
	}
	return postings
}

func leases(ids ...byte) *pos.By {
	by := &pos.By{Kind: pos.ByLease}
	for _, id := range ids {
		by.ID = append(by.ID, id, 0, 0, 0, 0, 0, 0, 0)
	}
	return by
}

func handed(holder pos.HolderID, account pos.Account, amount int64, reward string) rules.Handed {
	return rules.Handed{Holder: holder, Account: account, Amount: amount, Reward: reward}
}

// noFacts is what a till knows of a member of whom it knows nothing.
func noFacts(string) int64 { return 0 }

// redeem decides a redemption of one reward without a sale.
func redeem(p pos.Program, rule pos.RewardRule, known rules.Knowledge, day pos.Day) ([]pos.Posting, *pos.By, error) {
	r, err := rules.Redeem(&p, rules.Claim{Reward: rule.ID}, known, day, noFacts)
	return r.Postings, r.By, err
}

var floor = &pos.By{Kind: pos.ByFloor}

func TestRedeemWithACentre(t *testing.T) {
	const hours = 72 * time.Hour
	tests := map[string]struct {
		reward string
		known  rules.Knowledge
		want   []pos.Posting
		by     *pos.By
		err    *pos.Problem
	}{
		// by a lease
		"a lease covers it": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 90)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}, Age: hours},
			taken(lot(20, 50)), leases(1), nil,
		},
		"a lease larger than the price is used up whole": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 100)}, Leases: []ledger.Lease{lease(1, lot(20, 100))}},
			taken(lot(20, 50)), leases(1), nil,
		},
		"the lots that the lease lends, though others end sooner": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(9, 80), lot(20, 30), lot(30, 90)}, Leases: []ledger.Lease{lease(1, lot(20, 30), lot(30, 40))}},
			taken(lot(20, 30), lot(30, 20)), leases(1), nil,
		},
		"two leases together": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 60), lot(30, 60)}, Leases: []ledger.Lease{lease(1, lot(30, 50)), lease(2, lot(20, 50))}},
			taken(lot(20, 50), lot(30, 50)), leases(1, 2), nil,
		},
		"two leases of one lot": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 100)}, Leases: []ledger.Lease{lease(1, lot(20, 50)), lease(2, lot(20, 50))}},
			taken(lot(20, 100)), leases(1, 2), nil,
		},
		"as few leases as suffice": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 400)}, Leases: []ledger.Lease{lease(1, lot(20, 30)), lease(2, lot(20, 40)), lease(3, lot(20, 100)), lease(4, lot(20, 60))}},
			taken(lot(20, 100)), leases(3), nil,
		},
		"of these none larger than needed": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 400)}, Leases: []ledger.Lease{lease(1, lot(20, 300)), lease(3, lot(20, 50)), lease(2, lot(20, 50))}},
			taken(lot(20, 50)), leases(2), nil,
		},
		"not the lots of a lease that it does not use": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(15, 40), lot(30, 50)}, Leases: []ledger.Lease{lease(1, lot(15, 40)), lease(2, lot(30, 50))}},
			taken(lot(30, 50)), leases(2), nil,
		},
		"the largest first, then just what is missing": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 400)}, Leases: []ledger.Lease{lease(1, lot(20, 30)), lease(2, lot(20, 40)), lease(3, lot(20, 70)), lease(4, lot(20, 60))}},
			taken(lot(20, 100)), leases(3, 1), nil,
		},
		"of a card": {
			"cup",
			rules.Knowledge{Sums: ledger.Sums{{Account: stamps, Amount: 13}}, Leases: []ledger.Lease{lease(1, lot(20, 50)), lease(2, ledger.Sum{Account: stamps, Amount: 10})}},
			taken(ledger.Sum{Account: stamps, Amount: 10}), leases(2), nil,
		},
		"a recalled lease, until it is given back": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 50)}, Leases: []ledger.Lease{{ID: pos.LeaseID{1}, Sums: ledger.Sums{lot(20, 50)}, Recalled: true}}},
			taken(lot(20, 50)), leases(1), nil,
		},
		"limits are for what no lease covers": {
			"cake",
			rules.Knowledge{
				Holder: ann, Sums: ledger.Sums{lot(20, 50)}, Leases: []ledger.Lease{lease(1, lot(20, 50))},
				Window: []rules.Handed{handed(ann, points, 250, "cake")},
			},
			taken(lot(20, 50)), leases(1), nil,
		},

		// by a floor
		"no lease: up to the floor": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 30), lot(30, 90)}, Age: hours},
			taken(lot(20, 30), lot(30, 70)), floor, nil,
		},
		"nothing that is lent, to whom ever": {
			"cake",
			rules.Knowledge{
				Sums: ledger.Sums{lot(20, 60), lot(25, 20), lot(30, 40), lot(35, 20)}, Lent: ledger.Sums{lot(20, 40)},
				Leases: []ledger.Lease{lease(1, lot(30, 30))},
			},
			taken(lot(20, 20), lot(25, 20), lot(30, 10)), floor, nil,
		},
		"a lease whose lots have ended lends nothing": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(10, 50), lot(30, 50)}, Leases: []ledger.Lease{lease(1, lot(10, 50))}},
			taken(lot(30, 50)), floor, nil,
		},
		"a lease whose points were taken back here lends nothing": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(30, 50)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}},
			taken(lot(30, 50)), floor, nil,
		},
		"a lease of too little is left alone": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 49), lot(30, 50)}, Leases: []ledger.Lease{lease(1, lot(20, 49))}},
			taken(lot(30, 50)), floor, nil,
		},
		"what another member had is another's": {
			"voucher",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 100)}, Window: []rules.Handed{handed(bela, points, 100, "voucher")}},
			taken(lot(20, 100)), floor, nil,
		},
		"what was handed out for stamps is another account's": {
			"voucher",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 100)}, Window: []rules.Handed{handed(ann, stamps, 30, "cup")}},
			taken(lot(20, 100)), floor, nil,
		},
		"the rest of the budget": {
			"cake",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 50)}, Window: []rules.Handed{handed(bela, points, 100, "voucher"), handed(bela, points, 100, "voucher")}},
			taken(lot(20, 50)), floor, nil,
		},
		"a frozen till has no leases, but floors": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 60), lot(30, 50)}, Leases: []ledger.Lease{lease(1, lot(20, 60))}, Frozen: true},
			taken(lot(30, 50)), floor, nil,
		},

		// refused
		"the floor is reached": {
			"voucher",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 100)}, Window: []rules.Handed{handed(ann, points, 1, "cake")}},
			nil, nil, pos.Refuse("redeem.floor", "reward", "voucher"),
		},
		"dearer than the floor": {
			"machine",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 5000)}},
			nil, nil, pos.Refuse("redeem.floor", "reward", "machine"),
		},
		"the budget is reached": {
			"voucher",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 100)}, Window: []rules.Handed{handed(bela, points, 151, "voucher")}},
			nil, nil, pos.Refuse("redeem.budget", "reward", "voucher"),
		},
		"the budget of cards": {
			"cup",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{{Account: stamps, Amount: 10}}, Window: slices.Repeat([]rules.Handed{handed(bela, stamps, 10, "cup")}, 3)},
			nil, nil, pos.Refuse("redeem.budget", "reward", "cup"),
		},
		"as often as there may be without a lease": {
			"cake",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 50)}, Window: slices.Repeat([]rules.Handed{handed(bela, points, 50, "cake")}, 2)},
			nil, nil, pos.Refuse("redeem.most", "reward", "cake"),
		},
		"the balance is short, whatever is lent": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 49)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}},
			nil, nil, pos.Refuse("redeem.points", "reward", "cake", "n", int64(1)),
		},
		"the lease's points were voided here, and what is left is lent to others": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(30, 50)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}, Lent: ledger.Sums{lot(30, 50)}},
			nil, nil, pos.Refuse("redeem.lent", "reward", "cake"),
		},
		"lent to another till": {
			"cup",
			rules.Knowledge{Sums: ledger.Sums{{Account: stamps, Amount: 12}}, Lent: ledger.Sums{{Account: stamps, Amount: 10}}},
			nil, nil, pos.Refuse("redeem.lent", "reward", "cup"),
		},
		"partly lent to another till": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 100)}, Lent: ledger.Sums{lot(20, 1)}},
			nil, nil, pos.Refuse("redeem.lent", "reward", "voucher"),
		},
		"a lease and what is free are not put together": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 100)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}},
			nil, nil, pos.Refuse("redeem.lent", "reward", "voucher"),
		},
		"a lease too old": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 50)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}, Age: hours + 1},
			nil, nil, pos.Refuse("redeem.stale", "reward", "cake", "hours", int64(72)),
		},
		"a balance too old for a floor": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 50)}, Age: hours + 1},
			nil, nil, pos.Refuse("redeem.stale", "reward", "cake", "hours", int64(72)),
		},
		"frozen, and all is lent to this till": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 60)}, Leases: []ledger.Lease{lease(1, lot(20, 60))}, Frozen: true},
			nil, nil, pos.Refuse("redeem.frozen", "reward", "cake"),
		},
		"frozen, and the floor is reached": {
			"cake",
			rules.Knowledge{Holder: ann, Sums: ledger.Sums{lot(20, 60), lot(30, 60)}, Leases: []ledger.Lease{lease(1, lot(20, 60))}, Frozen: true, Window: []rules.Handed{handed(ann, points, 100, "voucher")}},
			nil, nil, pos.Refuse("redeem.frozen", "reward", "cake"),
		},
		"frozen, but a lease would not help": {
			"machine",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 6000)}, Frozen: true},
			nil, nil, pos.Refuse("redeem.floor", "reward", "machine"),
		},
		"restored: neither leases nor floors": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 150)}, Leases: []ledger.Lease{lease(1, lot(20, 50))}, Restored: true},
			nil, nil, pos.Refuse("redeem.restored", "reward", "cake"),
		},
	}
	p := parsed(t, bakery)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rule, ok := p.Reward(tt.reward)
			require.True(t, ok)
			tt.known.Enrolled = true
			got, by, err := redeem(p, rule, tt.known, 10)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.by, by)
			if tt.err == nil {
				require.NoError(t, err)
				return
			}
			require.Equal(t, error(tt.err), err)
		})
	}
}

// Where there is nobody to ask, as at a till without a centre and at the centre
// itself, the balance decides, less what is lent.
func TestRedeemWithoutACentre(t *testing.T) {
	p := parsed(t, bakery)
	rule, _ := p.Reward("machine")
	known := rules.Knowledge{Sums: ledger.Sums{lot(20, 5100)}, Lent: ledger.Sums{lot(20, 100)}, Age: 1000 * time.Hour, Restored: true, Frozen: true}
	got, by, err := redeem(p, rule, known, 10)
	require.NoError(t, err)
	require.Nil(t, by)
	require.Equal(t, taken(lot(20, 5000)), got, "no floor, no age; a till that nobody knows better than itself cannot wait to hear more")

	known.Lent = ledger.Sums{lot(20, 101)}
	_, _, err = redeem(p, rule, known, 10)
	require.ErrorIs(t, err, pos.Refuse("redeem.lent"))
}

func TestOverride(t *testing.T) {
	tests := map[string]struct {
		reward string
		known  rules.Knowledge
		want   []pos.Posting
	}{
		"what is free, soonest first": {
			"cake", rules.Knowledge{Sums: ledger.Sums{lot(20, 30), lot(30, 50)}}, taken(lot(20, 30), lot(30, 20)),
		},
		"what is free before what is lent": {
			"cake",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 50), lot(25, 50), lot(30, 50)}, Lent: ledger.Sums{lot(20, 50)}, Leases: []ledger.Lease{lease(1, lot(25, 50))}},
			taken(lot(30, 50)),
		},
		"what is lent to this till before what is lent to others": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 50), lot(25, 50), lot(30, 50)}, Lent: ledger.Sums{lot(20, 50)}, Leases: []ledger.Lease{lease(1, lot(25, 50))}},
			taken(lot(30, 50), lot(25, 50)),
		},
		"all of it, then the lot without bounds": {
			"machine",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 50), lot(25, 50), lot(30, 50)}, Lent: ledger.Sums{lot(20, 50)}, Leases: []ledger.Lease{lease(1, lot(25, 50))}},
			taken(lot(30, 50), lot(25, 50), lot(20, 50), lot(0, 4850)),
		},
		"one lot that is part of each": {
			"voucher",
			rules.Knowledge{Sums: ledger.Sums{lot(20, 90)}, Lent: ledger.Sums{lot(20, 30)}, Leases: []ledger.Lease{lease(1, lot(20, 30))}},
			taken(lot(20, 90), lot(0, 10)),
		},
		"the lot without bounds twice is one posting": {
			"voucher", rules.Knowledge{Sums: ledger.Sums{lot(20, 30), lot(0, 40)}}, taken(lot(20, 30), lot(0, 70)),
		},
		"nothing known":                  {"cup", rules.Knowledge{}, taken(ledger.Sum{Account: stamps, Amount: 10})},
		"a deficit grows":                {"cake", rules.Knowledge{Sums: ledger.Sums{lot(0, -20)}}, taken(lot(0, 50))},
		"a lot that has ended is no lot": {"cake", rules.Knowledge{Sums: ledger.Sums{lot(10, 50)}}, taken(lot(0, 50))},
		"other accounts stay": {
			"cup", rules.Knowledge{Sums: ledger.Sums{lot(20, 500), {Account: stamps, Amount: 4}}}, taken(ledger.Sum{Account: stamps, Amount: 10}),
		},
		"nothing that stops others stops a manager": {
			"cake", rules.Knowledge{Sums: ledger.Sums{lot(20, 50)}, Enrolled: true, Frozen: true, Restored: true, Age: 9999 * time.Hour}, taken(lot(20, 50)),
		},
	}
	p := parsed(t, bakery)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rule, ok := p.Reward(tt.reward)
			require.True(t, ok)
			got, err := rules.Override(&p, rules.Claim{Reward: rule.ID}, tt.known, 10, noFacts)
			require.NoError(t, err)
			require.Equal(t, tt.want, got.Postings)
		})
	}
}

// What a till says no to, a manager can hand out, whatever is known: the
// postings are just the price, from live lots as far as they reach.
func TestOverrideTakesThePrice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(t, bakery)
		draw := func(name string, least int64) (sums ledger.Sums) {
			for _, until := range []pos.Day{5, 20, 30, 0} {
				if amount := rapid.Int64Range(least, 80).Draw(t, name); amount != 0 {
					sums = append(sums, lot(until, amount))
				}
			}
			return sums
		}
		known := rules.Knowledge{Sums: draw("sums", -40), Lent: draw("lent", 0), Leases: []ledger.Lease{{Sums: draw("own", 0)}}}
		rule, _ := p.Reward(rapid.SampledFrom([]string{"cake", "voucher"}).Draw(t, "reward"))
		total, fromLots, live := int64(0), int64(0), int64(0)
		seen := map[pos.Lot]bool{}
		redemption, err := rules.Override(&p, rules.Claim{Reward: rule.ID}, known, 10, noFacts)
		require.NoError(t, err)
		for _, posting := range redemption.Postings {
			require.Negative(t, posting.Amount)
			require.False(t, seen[posting.Lot], "a lot twice")
			require.True(t, posting.Lot.Live(10))
			seen[posting.Lot] = true
			total -= posting.Amount
			for _, sum := range known.Sums {
				if sum.Lot == posting.Lot {
					fromLots += min(-posting.Amount, max(sum.Amount, 0))
				}
			}
		}
		for _, sum := range known.Sums {
			if sum.Lot.Live(10) {
				live += max(sum.Amount, 0)
			}
		}
		require.Equal(t, int64(rule.Points), total)
		require.Equal(t, min(total, live), fromLots)
	})
}

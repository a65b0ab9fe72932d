package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

const idle = `
[points]
earn = 1
for = "1"
expire_inactive_months = 2
[credit]
expire_inactive_months = 1
[gift_cards]
[[card]]
id = "coffee"
size = 10
[[reward]]
id = "cake"
points = 30
[[reward]]
id = "poster"
free = true
`

// ran returns what a member has in runs of activity that began on the day.
func ran(began, until pos.Day) ledger.Sums {
	return ledger.Sums{
		{Account: "active:credit", Lot: pos.Lot{From: began, Until: until}, Amount: 1},
		{Account: "active:points", Lot: pos.Lot{From: began, Until: until}, Amount: 1},
		{Account: "credit", Lot: pos.Lot{From: began}, Amount: 9_00},
		{Account: "points", Lot: pos.Lot{From: began}, Amount: 50},
	}
}

// noted returns the lots of activity that a decision notes.
func noted(decision rules.Decision) map[pos.Account]pos.Lot {
	lots := map[pos.Account]pos.Lot{}
	for _, p := range decision.Postings {
		if p.Account.Class() == "active" {
			lots[p.Account] = p.Lot
		}
	}
	return lots
}

// A reward, a payment and what a manager allows are activity on all that would end
// without it, in the run that goes on.
func TestSpendingIsActivity(t *testing.T) {
	today := day(t, "2026-11-22")
	began := today - 20
	h := holdingUnder(t, idle)
	h.sums = ran(began, today+1)
	known := rules.Knowledge{Sums: h.sums}
	facts := h.ask(today).Facts
	want := map[pos.Account]pos.Lot{
		"active:points": {From: began, Until: day(t, "2027-02-01")},
		"active:credit": {From: began, Until: day(t, "2027-01-01")},
	}
	for _, reward := range []string{"cake", "poster"} {
		redeemed, err := rules.Redeem(h.Program, rules.Claim{Reward: reward}, known, today, facts)
		require.NoError(t, err)
		requireExplained(t, redeemed.Decision)
		require.Equal(t, want, noted(redeemed.Decision), reward)
	}
	allowed, err := rules.Override(h.Program, rules.Claim{Reward: "cake"}, known, today, facts)
	require.NoError(t, err)
	require.Equal(t, want, noted(allowed.Decision))
	require.Contains(t, allowed.Postings, pos.Posting{Account: "points", Lot: pos.Lot{From: began}, Amount: -30})

	paid, err := rules.Pay(h.Program, rules.Payment{Sale: &pos.Sale{Amount: 5_00}}, known, today)
	require.NoError(t, err)
	requireExplained(t, paid.Decision)
	require.Equal(t, want, noted(paid.Decision))
	paid, err = rules.PayAnyway(h.Program, rules.Payment{Sale: &pos.Sale{Amount: 5_00}}, known, today)
	require.NoError(t, err)
	require.Equal(t, want, noted(paid.Decision))
}

// What has ended pays for nothing; a manager who says otherwise takes nothing from it.
func TestNothingIsSpentOfARunThatIsOver(t *testing.T) {
	today := day(t, "2026-11-22")
	h := holdingUnder(t, idle)
	h.sums = ran(today-20, today)
	known := rules.Knowledge{Sums: h.sums}
	_, err := rules.Redeem(h.Program, rules.Claim{Reward: "cake"}, known, today, h.ask(today).Facts)
	require.ErrorIs(t, err, pos.Refuse("redeem.points"))
	_, err = rules.Pay(h.Program, rules.Payment{Sale: &pos.Sale{Amount: 5_00}}, known, today)
	require.Error(t, err)
	allowed, err := rules.Override(h.Program, rules.Claim{Reward: "cake"}, known, today, h.ask(today).Facts)
	require.NoError(t, err)
	require.Contains(t, allowed.Postings, pos.Posting{Account: "points", Amount: -30})
	require.Equal(t, today, noted(allowed.Decision)["active:points"].From, "a new run")
}

// A gift card has no activity, and nothing of it ends by its lack.
func TestGiftCardsHaveNoActivity(t *testing.T) {
	today := day(t, "2026-11-22")
	h := holdingUnder(t, idle)
	ask := h.ask(today)
	ask.Event, ask.Count = rules.LoadSold, 20_00
	loaded, err := rules.Load(h.Program, ask)
	h.book(t, loaded, err)
	require.Empty(t, noted(loaded))
	paid, err := rules.Pay(h.Program, rules.Payment{Sale: &pos.Sale{Amount: 5_00}, Card: true}, rules.Knowledge{Sums: h.sums}, today)
	h.book(t, paid.Decision, err)
	require.Empty(t, noted(paid.Decision))
	require.Equal(t, int64(15_00), h.sums.Balance(pos.CreditAccount, today+5000))
}

// The centre lends of a run while it goes on, and no more to a till that has enough.
func TestLendingOfARun(t *testing.T) {
	today := day(t, "2026-11-22")
	h := holdingUnder(t, idle)
	h.Offline.Leases = 1
	till := []pos.TerminalID{{1}}
	lent := func(sums ledger.Sums, out []ledger.Lease) map[pos.Account]int64 {
		amounts := map[pos.Account]int64{}
		for _, lease := range rules.Lend(h.Program, sums, out, till, today) {
			for _, sum := range lease.Sums {
				amounts[sum.Account] += sum.Amount
			}
		}
		return amounts
	}
	live, over := ran(today-20, today+9), ran(today-20, today)
	require.Equal(t, int64(30), lent(live, nil)["points"])
	require.Empty(t, lent(over, nil))
	has := []ledger.Lease{{ID: pos.LeaseID{1}, Terminal: till[0], Sums: ledger.Sums{{Account: "points", Lot: pos.Lot{From: today - 20}, Amount: 30}}}}
	require.Zero(t, lent(live, has)["points"])
	more, err := over.Add(pos.PointsAccount, pos.Lot{Until: today + 50}, 30)
	require.NoError(t, err)
	require.Equal(t, int64(30), lent(more, has)["points"], "what it has is of a run that is over")
}

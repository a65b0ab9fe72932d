package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

const byHand = `
tags = ["vip", "staff"]
[points]
earn = 1
for = "1"
expire_months = 12
[[card]]
id = "coffee"
size = 10
`

// handAsk returns an ask on the day that knows the sums.
func handAsk(day pos.Day, sums ledger.Sums) rules.Ask {
	return rules.Ask{Day: day, Facts: func(name string) int64 { return sums.Balance(pos.Account(name), day) }}
}

func handProgram(t require.TestingT) *pos.Program {
	euro, _ := pos.CurrencyOf("EUR")
	p, err := pos.ParseProgram([]byte(byHand), euro)
	require.NoError(t, err)
	return &p
}

func TestTags(t *testing.T) {
	p := handProgram(t)
	const today = pos.Day(20000)
	vip := rules.TagAccount("vip")
	for name, tt := range map[string]struct {
		tag   string
		until pos.Day
		lot   pos.Lot
		want  string
	}{
		"for good":             {"vip", 0, pos.Lot{}, ""},
		"for today":            {"vip", today, pos.Lot{Until: today + 1}, ""},
		"until a day":          {"vip", today + 30, pos.Lot{Until: today + 31}, ""},
		"until yesterday":      {"vip", today - 1, pos.Lot{}, "grant.until"},
		"a tag that nobody is": {"king", 0, pos.Lot{}, "tag.unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rules.AddTag(p, handAsk(today, nil), tt.tag, tt.until)
			if tt.want != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.want))
				return
			}
			require.NoError(t, err)
			require.Equal(t, []pos.Posting{{Account: vip, Amount: 1, Lot: tt.lot}}, got.Postings)
		})
	}
	sums := ledger.Sums{
		{Account: rules.TagAccount("staff"), Amount: 1},
		{Account: vip, Lot: pos.Lot{Until: today}, Amount: 1}, // has ended
		{Account: vip, Lot: pos.Lot{Until: today + 9}, Amount: 2},
		{Account: vip, Amount: 1},
	}
	got, err := rules.RemoveTag(p, handAsk(today, sums), "vip", sums)
	require.NoError(t, err)
	require.Equal(t, []pos.Posting{{Account: vip, Amount: -2, Lot: pos.Lot{Until: today + 9}}, {Account: vip, Amount: -1}}, got.Postings)
	after, err := sums.AddAll(got.Postings)
	require.NoError(t, err)
	require.Zero(t, after.Balance(vip, today))
	_, err = rules.RemoveTag(p, handAsk(today, after), "vip", after)
	require.ErrorIs(t, err, pos.Refuse("tag.none"))
	_, err = rules.RemoveTag(p, handAsk(today, sums), "king", sums)
	require.ErrorIs(t, err, pos.Refuse("tag.unknown"))
}

// SQ-005: an adjustment below zero is refused unless it is explicitly allowed.
func TestAdjustBelowZero(t *testing.T) {
	p := handProgram(t)
	sums := ledger.Sums{{Account: pos.PointsAccount, Amount: 5}}
	known := rules.Knowledge{Sums: sums}
	_, err := rules.Adjust(p, handAsk(20000, sums), rules.Adjustment{Account: pos.PointsAccount, Amount: -10}, known)
	require.ErrorIs(t, err, pos.Refuse("grant.short"))
	got, err := rules.Adjust(p, handAsk(20000, sums), rules.Adjustment{Account: pos.PointsAccount, Amount: -10, Negative: true}, known)
	require.NoError(t, err)
	after, err := sums.AddAll(got.Postings)
	require.NoError(t, err)
	require.Equal(t, int64(-5), after.Balance(pos.PointsAccount, 20000))
}

// ISSUE-016: opening balances come without a sale, once for each member.
func TestOpeningBalances(t *testing.T) {
	p := handProgram(t)
	const end = pos.Day(21183) // 2027-12-31
	for _, tt := range []struct {
		a    rules.Adjustment
		want pos.Posting
	}{
		{rules.Adjustment{Account: pos.PointsAccount, Amount: 320, Until: end, Key: "B1"}, pos.Posting{Account: pos.PointsAccount, Amount: 320, Lot: pos.Lot{Until: end + 1}}},
		{rules.Adjustment{Account: "stamp:coffee/10", Amount: 7, Key: "B1"}, pos.Posting{Account: "stamp:coffee/10", Amount: 7}},
	} {
		got, err := rules.Adjust(p, handAsk(20000, nil), tt.a, rules.Knowledge{})
		require.NoError(t, err)
		require.Contains(t, got.Postings, tt.want)
		sums, err := ledger.Sums(nil).AddAll(got.Postings)
		require.NoError(t, err)
		_, err = rules.Adjust(p, handAsk(20000, sums), tt.a, rules.Knowledge{Sums: sums})
		require.ErrorIs(t, err, pos.Refuse("grant.twice"))
		tt.a.Key = "B2"
		_, err = rules.Adjust(p, handAsk(20000, sums), tt.a, rules.Knowledge{Sums: sums})
		require.NoError(t, err)
	}
}

func TestWhatCannotBeAdjusted(t *testing.T) {
	p := handProgram(t)
	for name, tt := range map[string]struct {
		a    rules.Adjustment
		want string
	}{
		"nothing":         {rules.Adjustment{Account: pos.PointsAccount}, "grant.amount"},
		"far too much":    {rules.Adjustment{Account: pos.PointsAccount, Amount: 1 << 60}, "grant.amount"},
		"far too little":  {rules.Adjustment{Account: pos.PointsAccount, Amount: -1 << 63, Negative: true}, "grant.amount"},
		"no such account": {rules.Adjustment{Account: pos.CreditAccount, Amount: 1}, "grant.account"},
		"no such card":    {rules.Adjustment{Account: "stamp:coffee/12", Amount: 1}, "grant.account"},
		"a grant":         {rules.Adjustment{Account: "tag:vip", Amount: 1}, "grant.account"},
		"taken until":     {rules.Adjustment{Account: pos.PointsAccount, Amount: -1, Until: 20001, Negative: true}, "grant.taken"},
		"until yesterday": {rules.Adjustment{Account: pos.PointsAccount, Amount: 1, Until: 19999}, "grant.until"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rules.Adjust(p, handAsk(20000, nil), tt.a, rules.Knowledge{})
			require.ErrorIs(t, err, pos.Refuse(tt.want))
		})
	}
}

// What is added without a last day ends as what is earned that day, and what is
// taken does the least harm: first what is lent to nobody, then what is lent here.
func TestAdjustTakesWhatIsFreeFirst(t *testing.T) {
	p := handProgram(t)
	const today = pos.Day(20000)
	sold := handAsk(today, nil)
	sold.Sale = &pos.Sale{Amount: 100}
	earned, err := rules.Sell(p, sold)
	require.NoError(t, err)
	got, err := rules.Adjust(p, handAsk(today, nil), rules.Adjustment{Account: pos.PointsAccount, Amount: 1}, rules.Knowledge{})
	require.NoError(t, err)
	require.Equal(t, earned.Postings[0].Lot, got.Postings[0].Lot)
	rapid.Check(t, func(t *rapid.T) {
		var sums, mine, others ledger.Sums
		for i := range rapid.IntRange(1, 4).Draw(t, "lots") {
			lot := pos.Lot{Until: today + pos.Day(i*10)} // the first has ended
			free, here, away := rapid.Int64Range(0, 20).Draw(t, "free"), rapid.Int64Range(0, 20).Draw(t, "here"), rapid.Int64Range(0, 20).Draw(t, "away")
			sums, _ = sums.Add(pos.PointsAccount, lot, free+here+away)
			mine, _ = mine.Add(pos.PointsAccount, lot, here)
			others, _ = others.Add(pos.PointsAccount, lot, away)
		}
		known := rules.Knowledge{Sums: sums, Lent: others, Leases: []ledger.Lease{{Sums: mine}}}
		amount := rapid.Int64Range(1, 300).Draw(t, "amount")
		balance := sums.Balance(pos.PointsAccount, today)
		got, err := rules.Adjust(p, handAsk(today, sums), rules.Adjustment{Account: pos.PointsAccount, Amount: -amount, Negative: amount > balance}, known)
		require.NoError(t, err)
		after, err := sums.AddAll(got.Postings)
		require.NoError(t, err)
		require.Equal(t, balance-amount, after.Balance(pos.PointsAccount, today))
		free := sums.Less(others).Less(mine).Balance(pos.PointsAccount, today)
		if amount <= free { // nobody's lease is touched
			require.True(t, after.Less(others).Less(mine).Balance(pos.PointsAccount, today) == free-amount)
		}
	})
}

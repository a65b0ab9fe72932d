package rules_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// generous is a program in which members may give each other everything.
func generous() pos.Program {
	return pos.Program{
		Points:    &pos.PointsRule{Floor: 100, Budget: 150},
		Credit:    &pos.Credit{Floor: pos.Amount{Minor: 500}, Budget: pos.Amount{Minor: 900}},
		Transfers: pos.Transfers{Points: true, Credit: true, Pool: true},
		Offline:   pos.Offline{Hours: 72},
		Calendar:  "gregorian",
	}
}

func TestTransfer(t *testing.T) {
	today := day(t, "2026-11-22")
	lots := []pos.Lot{{Until: today + 3}, {Until: today + 9}}
	has := ledger.Sums{
		{Account: "credit", Amount: 700},
		{Account: "points", Lot: lots[0], Amount: 20},
		{Account: "points", Lot: lots[1], Amount: 200},
		{Account: "points", Lot: pos.Lot{From: today + 1}, Amount: 1000},
	}
	points := func(n int64) rules.Move { return rules.Move{Account: "points", Amount: n} }
	t.Run("OL-019 lots in their order, and they keep their ends", func(t *testing.T) {
		p := generous()
		out, in, by, err := rules.Transfer(&p, points(100), rules.Knowledge{Sums: has}, today)
		require.NoError(t, err)
		require.Equal(t, []pos.Posting{moving("points", -20, lots[0]), moving("points", -80, lots[1])}, out)
		require.Equal(t, []pos.Posting{moving("points", 20, lots[0]), moving("points", 80, lots[1])}, in)
		require.Equal(t, pos.ByTransfer, by.Kind)
		left, err := has.AddAll(out)
		require.NoError(t, err)
		require.Equal(t, int64(120), left.Balance("points", today))
	})
	enrolled := rules.Knowledge{Holder: returner, Sums: has, Enrolled: true}
	with := func(change func(*rules.Knowledge)) rules.Knowledge {
		k := enrolled
		change(&k)
		return k
	}
	for name, tt := range map[string]struct {
		program func(*pos.Program)
		move    rules.Move
		known   rules.Knowledge
		refused string
	}{
		"all that counts":                 {nil, points(220), rules.Knowledge{Sums: has}, ""},
		"more than counts":                {nil, points(221), rules.Knowledge{Sums: has}, "transfer.short.points"},
		"more credit than there is":       {nil, rules.Move{Account: "credit", Amount: 701}, rules.Knowledge{Sums: has}, "transfer.short.credit"},
		"nothing":                         {nil, points(0), rules.Knowledge{Sums: has}, "amount.positive"},
		"less than nothing":               {nil, points(-5), rules.Knowledge{Sums: has}, "amount.positive"},
		"stamps":                          {nil, rules.Move{Account: "stamp:tea/5", Amount: 1}, rules.Knowledge{Sums: has}, "transfer.account"},
		"no points by the program":        {func(p *pos.Program) { p.Transfers.Points = false }, points(1), rules.Knowledge{Sums: has}, "transfer.points"},
		"no credit by the program":        {func(p *pos.Program) { p.Transfers.Credit = false }, rules.Move{Account: "credit", Amount: 1}, rules.Knowledge{Sums: has}, "transfer.credit"},
		"no households by the program":    {func(p *pos.Program) { p.Transfers.Pool = false }, rules.Move{Account: "points", Amount: 1, Household: true}, rules.Knowledge{Sums: has}, "transfer.household"},
		"a household only":                {func(p *pos.Program) { p.Transfers.Points = false }, rules.Move{Account: "points", Amount: 1, Household: true}, rules.Knowledge{Sums: has}, ""},
		"within the floor":                {nil, points(100), enrolled, ""},
		"above the floor":                 {nil, points(101), enrolled, "transfer.floor"},
		"above the floor with a reward":   {nil, points(61), with(func(k *rules.Knowledge) { k.Window = []rules.Handed{{Holder: returner, Account: "points", Amount: 40}} }), "transfer.floor"},
		"above the budget":                {nil, points(51), with(func(k *rules.Knowledge) { k.Window = []rules.Handed{{Account: "points", Amount: 100}} }), "transfer.floor"},
		"within the budget":               {nil, points(50), with(func(k *rules.Knowledge) { k.Window = []rules.Handed{{Account: "points", Amount: 100}} }), ""},
		"credit within its floor":         {nil, rules.Move{Account: "credit", Amount: 500}, enrolled, ""},
		"credit above its floor":          {nil, rules.Move{Account: "credit", Amount: 501}, enrolled, "transfer.floor"},
		"what is lent to another till":    {nil, points(21), with(func(k *rules.Knowledge) { k.Lent = has[2:3] }), "transfer.lent"},
		"what is free beside it":          {nil, points(20), with(func(k *rules.Knowledge) { k.Lent = has[2:3] }), ""},
		"what is lent to this till":       {nil, points(21), with(func(k *rules.Knowledge) { k.Leases = []ledger.Lease{{Sums: has[2:3]}} }), "transfer.lent"},
		"after three days without a line": {nil, points(1), with(func(k *rules.Knowledge) { k.Age = 72*time.Hour + 1 }), "transfer.stale"},
		"from a backup":                   {nil, points(1), with(func(k *rules.Knowledge) { k.Restored = true }), "transfer.restored"},
		"up to the month's limit":         {func(p *pos.Program) { p.Transfers.Most = 60 }, points(60), rules.Knowledge{Sums: has}, ""},
		"above the month's limit":         {func(p *pos.Program) { p.Transfers.Most = 60 }, points(61), rules.Knowledge{Sums: has}, "transfer.most"},
		"a household has no such limit":   {func(p *pos.Program) { p.Transfers.Most = 60 }, rules.Move{Account: "points", Amount: 61, Household: true}, rules.Knowledge{Sums: has}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := generous()
			if tt.program != nil {
				tt.program(&p)
			}
			out, in, by, err := rules.Transfer(&p, tt.move, tt.known, today)
			if tt.refused != "" {
				require.ErrorIs(t, err, pos.Refuse(tt.refused))
				require.Nil(t, out)
				require.Nil(t, in)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.known.Enrolled, by.Kind == pos.ByFloor)
		})
	}
	t.Run("the limit counts by the month", func(t *testing.T) {
		p := generous()
		p.Transfers.Most = 60
		known := rules.Knowledge{Sums: has}
		give := func(n int64, day pos.Day) error {
			out, _, _, err := rules.Transfer(&p, points(n), known, day)
			if err == nil {
				known.Sums, err = known.Sums.AddAll(out)
			}
			return err
		}
		require.NoError(t, give(40, today))
		require.ErrorIs(t, give(21, today+8), pos.Refuse("transfer.most")) // 30 November
		require.NoError(t, give(20, today+8))
		require.ErrorIs(t, give(1, today+8), pos.Refuse("transfer.most"))
		known.Sums, _ = known.Sums.Add("points", pos.Lot{}, 100)
		require.NoError(t, give(60, today+9))
	})
}

// Nothing is made or lost: what one gets the other gives, lot by lot; and no lot is
// taken below nothing.
func TestTransferMovesAndMakesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := generous()
		var has ledger.Sums
		for range rapid.IntRange(0, 6).Draw(t, "lots") {
			lot := pos.Lot{Until: pos.Day(rapid.SampledFrom([]int{0, 90, 101, 110, 120}).Draw(t, "until"))}
			has, _ = has.Add("points", lot, rapid.Int64Range(1, 50).Draw(t, "points"))
		}
		n := rapid.Int64Range(1, 120).Draw(t, "amount")
		known := rules.Knowledge{Sums: has, Enrolled: rapid.Bool().Draw(t, "enrolled")}
		out, in, _, err := rules.Transfer(&p, rules.Move{Account: "points", Amount: n}, known, 100)
		if err != nil {
			require.ErrorAs(t, err, new(*pos.Problem))
			return
		}
		require.True(t, has.Hold(out))
		require.Len(t, in, len(out))
		total := int64(0)
		for i, posting := range in {
			require.Equal(t, moving("points", -posting.Amount, posting.Lot), out[i])
			require.True(t, posting.Lot.Live(100))
			total += posting.Amount
		}
		require.Equal(t, n, total)
		spare, err := rules.Spare(&p, "points", known, 100)
		require.NoError(t, err)
		require.LessOrEqual(t, n, spare, "what can be given can be spared")
	})
}

// What a till may give away without the line is part of the worst case, whatever
// rewards cost.
func TestTransfersAreInTheWorstCase(t *testing.T) {
	p := parsed(t, "[points]\nearn = 1\nfor = '1'\nfloor = 60\nbudget = 130\n[[reward]]\nid = 'cake'\npoints = 50")
	worst := func() []int64 { e := rules.WorstCase(&p, 2)[0]; return []int64{e.Floor, e.Budget, e.Member, e.All} }
	require.Equal(t, []int64{50, 100, 100, 200}, worst())
	p.Transfers.Points = true
	require.Equal(t, []int64{60, 130, 120, 260}, worst())
	p.Transfers = pos.Transfers{Pool: true}
	require.Equal(t, []int64{60, 130, 120, 260}, worst())
}

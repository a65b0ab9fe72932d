package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

func TestWorstCase(t *testing.T) {
	const head = "[points]\nearn = 1\nfor = '1'\n"
	cake, voucher := "\n[[reward]]\nid = 'cake'\npoints = 50\n", "\n[[reward]]\nid = 'voucher'\npoints = 80\n"
	tests := map[string]struct {
		document string
		tills    int
		want     string // tills, one member at one till, one till, one member, all, a copy
	}{
		"the defaults of a card":         {"[[card]]\nid = 'tea'\nsize = 8\n[[reward]]\nid = 'cup'\ncard = 'tea'", 3, "[cup] 3 tills: 1 10 3 30 10"},
		"a card that gives nothing":      {"[[card]]\nid = 'tea'\nsize = 8", 3, ""},
		"leases only":                    {"[[card]]\nid = 'tea'\nsize = 8\nfloor = 0\n[[reward]]\nid = 'cup'\ncard = 'tea'", 3, "[] 3 tills: 0 0 0 0 0"},
		"no budget":                      {"[[card]]\nid = 'tea'\nsize = 8\nbudget = 0\n[[reward]]\nid = 'cup'\ncard = 'tea'", 3, "[] 3 tills: 0 0 0 0 0"},
		"a floor above the budget":       {"[[card]]\nid = 'tea'\nsize = 8\nfloor = 9\nbudget = 4\n[[reward]]\nid = 'cup'\ncard = 'tea'", 2, "[cup] 2 tills: 4 4 8 8 4"},
		"fewer of the reward":            {"[[card]]\nid = 'tea'\nsize = 8\nfloor = 5\n[[reward]]\nid = 'cup'\ncard = 'tea'\nmost = 3", 2, "[cup] 2 tills: 3 3 6 6 3"},
		"none of one of two rewards":     {"[[card]]\nid = 'tea'\nsize = 8\n[[reward]]\nid = 'cup'\ncard = 'tea'\nmost = 0\n[[reward]]\nid = 'bun'\ncard = 'tea'\nmost = 2", 2, "[bun] 2 tills: 1 2 2 4 2"},
		"the defaults of points":         {head + cake + voucher, 2, "[cake voucher] 2 tills: 80 800 160 1600 800"},
		"nothing dearer than the floor":  {head + "floor = 60\nbudget = 500\n" + cake + voucher, 2, "[cake] 2 tills: 50 500 100 1000 500"},
		"whole rewards":                  {head + "floor = 120\nbudget = 199\n" + cake, 1, "[cake] 1 tills: 100 150 100 150 150"},
		"so many of each":                {head + "floor = 200\nbudget = 900\n" + cake + "most = 1" + voucher + "most = 2", 1, "[cake voucher] 1 tills: 200 210 200 210 210"},
		"a part of a card, in stamps":    {"[[card]]\nid = 'tea'\nsize = 8\n[[reward]]\nid = 'cup'\ncard = 'tea'\nstamps = 3\nmost = 2", 2, "[cup] 2 tills: 6 6 12 12 6"},
		"two cards at once":              {"[[card]]\nid = 'tea'\nsize = 8\nfloor = 3\n[[reward]]\nid = 'cup'\ncard = 'tea'\nstamps = 16", 2, "[cup] 2 tills: 2 10 4 20 10"},
		"vouchers":                       {head + "[[reward]]\nid = 'ticket'\nvoucher = true", 3, "[ticket] 3 tills: 1 10 3 30 10"},
		"so many vouchers":               {head + "[[reward]]\nid = 'ticket'\nvoucher = true\nmost = 4", 3, "[ticket] 3 tills: 1 4 3 12 4"},
		"no vouchers":                    {head + "[[reward]]\nid = 'ticket'\nvoucher = true\nmost = 0", 3, "[] 3 tills: 0 0 0 0 0"},
		"an exchange, in whole steps":    {head + "floor = 100\nbudget = 250\n[[reward]]\nid = 'cash'\nkind = 'exchange'\nstep = 7\noff = 1", 2, "[cash] 2 tills: 98 245 196 490 245"},
		"so many steps":                  {head + "floor = 100\nbudget = 250\n[[reward]]\nid = 'cash'\nkind = 'exchange'\nstep = 7\noff = 1\nmost = 5", 2, "[cash] 2 tills: 35 35 70 70 35"},
		"what costs nothing":             {head + "[[reward]]\nid = 'perk'\nfree = true", 2, ""},
		"credit by leases only":          {"[credit]\nbudget = 9", 2, "[] 2 tills: 0 0 0 0 0"},
		"credit":                         {"[credit]\nfloor = 5\nbudget = '9.50'", 2, "[] 2 tills: 500 950 1000 1900 950"},
		"credit and gift cards":          {"[credit]\nfloor = 5\nbudget = '9.50'\n[gift_cards]\nfloor = 20\nbudget = 8", 2, "[] 2 tills: 800 950 1600 1900 950"},
		"every till is connected":        {head + cake, 0, "[cake] 0 tills: 50 500 0 0 500"},
		"points without a limit to them": {head + "floor = 10000000000\nbudget = 10000000000\n\n[[reward]]\nid = 'x'\npoints = 1\n[[reward]]\nid = 'y'\npoints = 1", 1, "[x y] 1 tills: 10000000000 10000000000 10000000000 10000000000 10000000000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, e := range rules.WorstCase(new(parsed(t, tt.document)), tt.tills) {
				require.Zero(t, e.Leases)
				var ids []string
				for _, r := range e.Rewards {
					ids = append(ids, r.ID)
				}
				got.WriteString(fmt.Sprintf("%v %d tills: %d %d %d %d %d", ids, e.Tills, e.Floor, e.Budget, e.Member, e.All, e.Copy))
			}
			require.Equal(t, tt.want, got.String())
		})
	}
	t.Run("each account once, in full cards and points", func(t *testing.T) {
		got := rules.WorstCase(new(parsed(t, bakery)), 2)
		require.Len(t, got, 2)
		require.Equal(t, []any{stamps, int64(10)}, []any{got[0].Account, got[0].Unit})
		require.Equal(t, []any{points, int64(1)}, []any{got[1].Account, got[1].Unit})
	})
}

// Whatever members come to whatever tills for, and whatever they have, tills that
// know the same and never speak hand out no more than what there is and the
// worst case.
func TestNoRunIsWorseThanTheWorstCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(t, bakery)
		p.Points.Floor = rapid.Int64Range(0, 250).Draw(t, "floor")
		p.Points.Budget = rapid.Int64Range(0, 400).Draw(t, "budget")
		p.Rewards[1].Most = rapid.Int64Range(0, 5).Draw(t, "most")
		tills := rapid.IntRange(1, 3).Draw(t, "tills")
		worst := rules.WorstCase(&p, tills)[1]
		has, all := int64(0), int64(0)
		windows := make([][]rules.Handed, tills)
		for member := range byte(4) {
			base := ledger.Sums{lot(20, rapid.Int64Range(1, 300).Draw(t, "points"))}
			s := outage(p, base, tills)
			for range rapid.IntRange(0, 20).Draw(t, "redemptions") {
				till := rapid.IntRange(0, tills-1).Draw(t, "till")
				known := &s.tills[till]
				known.Holder, known.Window = pos.HolderID{member + 1}, windows[till]
				s.redeem(t, till, rapid.SampledFrom([]string{"cake", "voucher"}).Draw(t, "reward"))
				windows[till] = known.Window
			}
			require.LessOrEqual(t, s.handed, base[0].Amount+worst.Member)
			has, all = has+base[0].Amount, all+s.handed
		}
		require.LessOrEqual(t, all, has+worst.All)
		for _, window := range windows {
			_, till := rules.Knowledge{Window: window}.HandedOut(points)
			require.LessOrEqual(t, till, worst.Budget)
		}
	})
}

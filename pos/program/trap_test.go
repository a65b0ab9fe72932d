package program_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/program"
)

// Each trap is found where it is, and not where it was taken out.
func TestTraps(t *testing.T) {
	const points = "[points]\nearn = 1\nfor = '1'\n"
	const cake = "[[reward]]\nid = 'cake'\npoints = 50\n"
	const cup = "[[card]]\nid = 'tea'\nsize = 5\n[[reward]]\nid = 'cup'\ncard = 'tea'\n"
	tiers := func(rule, from string) string {
		return points + cake + "[tiers]\n" + rule + "\n[[tier]]\nid = 'gold'\nfrom = '" + from + "'\n"
	}
	tests := map[string]struct{ trap, without, id string }{
		"money off worth more than its points": {
			"[points]\nearn = 100\nfor = '1'\n[[reward]]\nid = 'off'\nkind = 'money'\npoints = 400\noff = '5'\n",
			"[points]\nearn = 100\nfor = '1'\n[[reward]]\nid = 'off'\nkind = 'money'\npoints = 600\noff = '5'\n", pos.TrapEarnsBack,
		},
		"an exchange that comes out even": {
			points + "[[reward]]\nid = 'off'\nkind = 'exchange'\nstep = 10\noff = '10'\n",
			points + "[[reward]]\nid = 'off'\nkind = 'exchange'\nstep = 10\noff = '9'\n", pos.TrapEarnsBack,
		},
		"money off that earns itself back in a tier": {
			points + "[tiers]\nby = 'spend'\nwindow = 'year'\n[[tier]]\nid = 'gold'\nfrom = '1'\nmultiply = 2\n[[reward]]\nid = 'off'\nkind = 'money'\npoints = 10\noff = '5'\n",
			points + "[tiers]\nby = 'spend'\nwindow = 'year'\n[[tier]]\nid = 'gold'\nfrom = '1'\nmultiply = 2\n[[reward]]\nid = 'off'\nkind = 'money'\npoints = 11\noff = '5'\n", pos.TrapEarnsBack,
		},
		"all money back": {
			"[credit]\n[[earn]]\nid = 'back'\ngive = 'credit'\nearn = 100\nfor = '1'\n",
			"[credit]\n[[earn]]\nid = 'back'\ngive = 'credit'\nearn = 99\nfor = '1'\n", pos.TrapEarnsBack,
		},
		"a free item that earns": {
			points + "[basis]\nbefore_discounts = true\n[[reward]]\nid = 'tea'\npoints = 50\nkind = 'item'\nchoice = ['tea']\n",
			points + "[[reward]]\nid = 'tea'\npoints = 50\nkind = 'item'\nchoice = ['tea']\n", pos.TrapFreeEarns,
		},
		"a tier for ever":        {tiers("by = 'spend'\nwindow = 'lifetime'", "100"), tiers("by = 'spend'\nwindow = 'year'", "100"), pos.TrapTierKept},
		"a tier that never ends": {tiers("by = 'spend'\nwindow = 'year'\ndown = 'never'", "100"), tiers("by = 'spend'\nwindow = 'year'\ndown = 'all'", "100"), pos.TrapTierKept},
		"a tier out of reach":    {tiers("by = 'spend'\nwindow = 'year'", "9999"), tiers("by = 'spend'\nwindow = 'year'", "3000"), pos.TrapTierFar}, // 366 times 10
		"a tier for cards that no sale stamps": {
			cup + "[tiers]\nby = 'cards'\nwindow = 'month'\n[[tier]]\nid = 'gold'\nfrom = 7\n",
			cup + "[tiers]\nby = 'cards'\nwindow = 'month'\n[[tier]]\nid = 'gold'\nfrom = 6\n", pos.TrapTierFar,
		},
		"a month below the day": {
			"[points]\n" + cake + "[[earn]]\nid = 'a'\nper = 'sale'\nearn = 50\nlimits = { per_day = 100, per_month = 100 }\n",
			"[points]\n" + cake + "[[earn]]\nid = 'a'\nper = 'sale'\nearn = 50\nlimits = { per_day = 100, per_month = 200 }\n", pos.TrapLimit,
		},
		"a month above all its days": {
			"[points]\n" + cake + "[[earn]]\nid = 'a'\nper = 'sale'\nearn = 50\nlimits = { per_day = 100, per_month = 3400 }\n",
			"[points]\n" + cake + "[[earn]]\nid = 'a'\nper = 'sale'\nearn = 50\nlimits = { per_day = 100, per_month = 3000 }\n", pos.TrapLimit,
		},
		"a cap above the limit": {
			"[points]\n" + cake + "[[earn]]\nid = 'a'\nearn = 1\nfor = '1'\nmost = 30\nlimits = { per_day = 20 }\n",
			"[points]\n" + cake + "[[earn]]\nid = 'a'\nearn = 1\nfor = '1'\nmost = 10\nlimits = { per_day = 20 }\n", pos.TrapLimit,
		},
		"a floor above the budget": {points + cake + "[[card]]\nid = 'a'\nsize = 3\nfloor = 3\nbudget = 2\n[[reward]]\nid = 'r'\ncard = 'a'", points + cake + "[[card]]\nid = 'a'\nsize = 3\nfloor = 2\nbudget = 2\n[[reward]]\nid = 'r'\ncard = 'a'", pos.TrapLimit},
		"points that end too soon": {
			"[points]\nearn = 1\nfor = '1'\nexpire_days = 20\n[[reward]]\nid = 'cake'\npoints = 50\n",
			"[points]\nearn = 1\nfor = '1'\nexpire_days = 40\n[[reward]]\nid = 'cake'\npoints = 50\n", pos.TrapRewardFar,
		},
		"points that buy nothing":  {points, points + cake, pos.TrapNothing},
		"a card that buys nothing": {"[[card]]\nid = 'tea'\nsize = 5\n", cup, pos.TrapNothing},
		"a voucher from nowhere": {
			cup + "[[reward]]\nid = 'bun'\nvoucher = true\n",
			cup + "[[reward]]\nid = 'bun'\nvoucher = true\n[[event]]\nid = 'review'\ngift = { voucher = 'bun' }\n", pos.TrapVoucher,
		},
		"nothing without a line": {
			"[[card]]\nid = 'tea'\nsize = 5\nfloor = 0\n[[reward]]\nid = 'cup'\ncard = 'tea'\n[offline]\nleases = 0\n",
			"[[card]]\nid = 'tea'\nsize = 5\nfloor = 0\n[[reward]]\nid = 'cup'\ncard = 'tea'\n[offline]\nleases = 1\n", pos.TrapOffline,
		},
		"a switch for nothing": {
			"switches = ['rain']\n" + points + cake,
			"switches = ['rain']\n" + points + cake + "[[campaign]]\nid = 'wet'\nadd = 5\nwhen = { switch = 'rain' }\n", pos.TrapWithoutCause,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			found := program.Traps(parsed(t, tt.trap))
			require.Len(t, found, 1, "%v", found)
			require.Equal(t, tt.id, found[0].ID)
			require.NotEqual(t, found[0].Says.Key, words(t).Say(found[0].Says))
			require.Empty(t, program.Traps(parsed(t, tt.without)))
			require.Empty(t, program.Traps(parsed(t, "accept = ['"+tt.id+"']\n"+tt.trap)), "the document means it")
		})
	}
}

func TestItemsThatNoListHas(t *testing.T) {
	p := parsed(t, "[points]\n[exclude]\ncategories = ['tobacco', 'snuff']\n[[earn]]\nid = 'tea'\nper = 'unit'\nearn = 5\nwhen = { items = ['tee'] }\n[[reward]]\nid = 'r'\npoints = 5\nchoice = ['cup', 'mug']")
	list := []pos.Item{{ID: "tea", Category: "drinks"}, {ID: "cup", Category: "things"}, {ID: "cigar", Category: "tobacco"}}
	var texts []string
	for _, trap := range program.Items(p, list) {
		require.Equal(t, pos.TrapItem, trap.ID)
		texts = append(texts, words(t).Say(trap.Says))
	}
	require.Equal(t, []string{
		`exclude: no list of items has "snuff". Check how it is spelled.`,
		`tea: no list of items has "tee". Check how it is spelled.`,
		`r: no list of items has "mug". Check how it is spelled.`,
	}, texts)
}

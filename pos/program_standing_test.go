package pos_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// standing is a program with points, a card, a voucher and tags, and the text behind.
func standing(text string) string {
	return "tags = ['vip', 'new']\n[points]\nearn = 1\nfor = '1'\n[[card]]\nid = 'tea'\nsize = 5\n[[reward]]\nid = 'cake'\nvoucher = true\n[[reward]]\nid = 'cup'\npoints = 5\n" + text
}

func TestWhatStandingMayLeaveOut(t *testing.T) {
	p, err := pos.ParseProgram([]byte(standing("[[tier]]\nid = 'gold'\nfrom = '500.50'\n[[goal]]\nid = 'g'\ntarget = 3\ngift.points = 1\n[[goal]]\nid = 's'\ncount = 'streak'\ntarget = 3\ngift.points = 1\n")), money(t, "EUR"))
	require.NoError(t, err)
	require.Equal(t, pos.TierRule{By: pos.BySpend, Window: pos.Lifetime, Down: pos.DownNever}, p.Standing)
	require.EqualValues(t, 50050, p.Tiers[0].From.Minor)
	require.Equal(t, []string{pos.CountVisits, pos.Lifetime}, []string{p.Goals[0].Count, p.Goals[0].Window})
	require.Equal(t, pos.WeekWindow, p.Goals[1].Window)
	require.EqualValues(t, 3, p.Goals[0].Target.Minor, "a number, whatever the currency")
	require.False(t, p.FirstSales())

	p, err = pos.ParseProgram([]byte(standing("[tiers]\nby = 'visits'\nwindow = 'year'\n[[tier]]\nid = 'gold'\nfrom = 5\n[[surprise]]\nid = 'x'\none_in = 5\ngift.points = 1\nwhen.first = true\n")), money(t, "EUR"))
	require.NoError(t, err)
	require.Equal(t, pos.TierRule{By: pos.ByVisits, Window: pos.Calendar, Hold: pos.HoldNext, Down: pos.DownStep}, p.Standing)
	require.EqualValues(t, 5, p.Tiers[0].From.Minor)
	require.True(t, p.FirstSales())
	require.Equal(t, 0, p.Tier("gold"))
	require.Equal(t, -1, p.Tier("tin"))
}

func TestMistakesInStanding(t *testing.T) {
	const (
		gold   = "[[tier]]\nid = 'gold'\nfrom = 5\n"
		goal   = "[[goal]]\nid = 'g'\ngift.points = 1\n"
		plan   = "[[plan]]\nid = 'p'\nmonths = 1\n"
		chance = "[[surprise]]\nid = 's'\none_in = 2\n"
	)
	tests := map[string]struct{ text, path, key string }{
		"rules without tiers":             {"[tiers]\nby = 'visits'", "tiers", "doc.missing"},
		"an unknown way to count":         {"[tiers]\nby = 'luck'\n" + gold, "tiers.by", "doc.choice"},
		"an unknown window":               {"[tiers]\nwindow = 'day'\n" + gold, "tiers.window", "doc.choice"},
		"rolling without months":          {"[tiers]\nwindow = 'rolling'\n" + gold, "tiers", "doc.missing"},
		"too many months":                 {"[tiers]\nwindow = 'rolling'\nmonths = 121\n" + gold, "tiers.months", "doc.range"},
		"months of a year":                {"[tiers]\nwindow = 'year'\nmonths = 12\n" + gold, "tiers.months", "doc.only"},
		"grace for life":                  {"[tiers]\ngrace_days = 12\n" + gold, "tiers.grace_days", "doc.only"},
		"down from a life":                {"[tiers]\ndown = 'step'\n" + gold, "tiers.down", "doc.choice"},
		"grace below nothing":             {"[tiers]\nwindow = 'year'\ngrace_days = -1\n" + gold, "tiers.grace_days", "doc.range"},
		"hold of a rolling window":        {"[tiers]\nwindow = 'rolling'\nmonths = 1\nhold = 'this'\n" + gold, "tiers.hold", "doc.only"},
		"an unknown way down":             {"[tiers]\nwindow = 'year'\ndown = 'slowly'\n" + gold, "tiers.down", "doc.choice"},
		"a tier without a threshold":      {"[[tier]]\nid = 'gold'\n", "tier.0", "doc.missing"},
		"visits that are money":           {"[tiers]\nby = 'visits'\n[[tier]]\nid = 'gold'\nfrom = '5.50'\n", "tier.0.from", "doc.whole"},
		"money that is none":              {"[[tier]]\nid = 'gold'\nfrom = 'much'\n", "tier.0.from", "doc.amount"},
		"overlapping tiers":               {gold + "[[tier]]\nid = 'silver'\nfrom = '5.00'\n", "tier.1.from", "doc.rising"},
		"falling tiers":                   {gold + "[[tier]]\nid = 'silver'\nfrom = 4\n", "tier.1.from", "doc.rising"},
		"one tier twice":                  {gold + gold, "tier.1.id", "doc.twice"},
		"a voucher that is not there":     {gold + "vouchers = ['spa']", "tier.0.vouchers", "doc.unknown"},
		"a voucher that is sold":          {gold + "vouchers = ['cup']", "tier.0.vouchers", "doc.unheld"},
		"a welcome for everybody":         {"[[tier]]\nid = 'base'\nfrom = 0\nvouchers = ['cake']", "tier.0.vouchers", "doc.everybody"},
		"a threshold out of this world":   {"[tiers]\nby = 'visits'\n[[tier]]\nid = 'gold'\nfrom = 9223372036854775807\n", "tier.0.from", "doc.range"},
		"a plan without a term":           {"[[plan]]\nid = 'p'\n", "plan.0.months", "doc.range"},
		"a plan's price":                  {plan + "price = '-1'\n", "plan.0.price", "doc.amount"},
		"a plan's voucher":                {plan + "vouchers = ['cup']\n", "plan.0.vouchers", "doc.unheld"},
		"a goal without a target":         {goal, "goal.0", "doc.missing"},
		"a target of nothing":             {goal + "target = 0\n", "goal.0.target", "doc.range"},
		"a target of half a visit":        {goal + "target = 1.5\n", "goal.0.target", "doc.whole"},
		"an unknown count":                {goal + "target = 1\ncount = 'smiles'\n", "goal.0.count", "doc.choice"},
		"an unknown window of a goal":     {goal + "target = 1\nwindow = 'rolling'\n", "goal.0.window", "doc.choice"},
		"a streak of years":               {goal + "target = 1\ncount = 'streak'\nwindow = 'year'\n", "goal.0.window", "doc.choice"},
		"kinds of nothing":                {goal + "target = 1\ncount = 'different'\n", "goal.0", "doc.missing"},
		"more kinds than there are":       {goal + "target = 3\ncount = 'different'\nwhen.items = ['a', 'b', 'a']\n", "goal.0.target", "doc.range"},
		"too many kinds":                  {goal + "target = 3\ncount = 'different'\nwhen.items = [" + many(21) + "]\n", "goal.0.when.items", "doc.range"},
		"a kind that is too long":         {goal + "target = 1\ncount = 'different'\nwhen.items = ['" + strings.Repeat("x", 201) + "']\n", "goal.0.when.items", "doc.long"},
		"every three kinds":               {goal + "target = 1\ncount = 'different'\nevery = true\nwhen.items = ['a']\n", "goal.0.every", "doc.only"},
		"every balance":                   {goal + "target = 1\ncount = 'balance'\nevery = true\n", "goal.0.every", "doc.only"},
		"a goal that gives nothing":       {"[[goal]]\nid = 'g'\ntarget = 3\n", "goal.0.gift", "doc.gift"},
		"a goal's unknown tag":            {"[[goal]]\nid = 'g'\ntarget = 3\ngift.tag = 'old'\n", "goal.0.gift.tag", "doc.unknown"},
		"a goal's unknown draw":           {"[[goal]]\nid = 'g'\ntarget = 3\ngift.draw = 'car'\n", "goal.0.gift.draw", "doc.unknown"},
		"a referral for nothing":          {"[referral]\nminimum = 5\n", "referral", "doc.missing"},
		"a referral's voucher":            {"[referral]\nfriend.voucher = 'cup'\n", "referral.friend.voucher", "doc.voucher"},
		"friends below nothing":           {"[referral]\nfriend.points = 1\nmost = -1\n", "referral.most", "doc.range"},
		"a surprise for one in none":      {"[[surprise]]\nid = 's'\none_in = 0\ngift.points = 1\n", "surprise.0.one_in", "doc.range"},
		"a surprise of nothing":           {chance, "surprise.0.gift", "doc.gift"},
		"a draw for nothing":              {"[[draw]]\nid = 'd'\nearn = 1\nfor = '0'\n", "draw.0.for", "doc.amount"},
		"tickets below nothing":           {"[[draw]]\nid = 'd'\nearn = -1\n", "draw.0.earn", "doc.range"},
		"an experiment with one arm":      {"[[experiment]]\nid = 'x'\narms = ['a']\n", "experiment.0.arms", "doc.range"},
		"an experiment with an arm twice": {"[[experiment]]\nid = 'x'\narms = ['a', 'a']\n", "experiment.0.arms", "doc.twice"},
		"an arm without a name":           {"[[experiment]]\nid = 'x'\narms = ['a', '']\n", "experiment.0.arms", "doc.id"},
		"weights of other arms":           {"[[experiment]]\nid = 'x'\narms = ['a', 'b']\nweights = [1]\n", "experiment.0.weights", "doc.weights"},
		"an arm that nobody is in":        {"[[experiment]]\nid = 'x'\narms = ['a', 'b']\nweights = [1, 0]\n", "experiment.0.weights", "doc.range"},
		"a goal for its own tag":          {goal + "target = 1\ngift.tag = 'vip'\nwhen.tags = ['vip']\n", "goal.0", "doc.circle"},
		"two goals in a circle": {
			"[[goal]]\nid = 'a'\ntarget = 1\ngift.tag = 'vip'\nwhen.tags = ['new']\n[[goal]]\nid = 'b'\ntarget = 1\ngift.tag = 'new'\nwhen.tags = ['vip']\n", "goal.0", "doc.circle",
		},
		"a tag with another way to it": {
			"[tiers]\nby = 'points'\n" + gold + "[[goal]]\nid = 'a'\ntarget = 1\ngift.tag = 'vip'\nwhen.tiers = ['gold']\n[[surprise]]\nid = 's'\none_in = 2\ngift.tag = 'vip'\nwhen.tags = ['vip']\n", "", "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(standing(tt.text)), money(t, "EUR"))
			if tt.key == "" {
				require.NoError(t, err)
				return
			}
			mistake := &pos.DocumentError{}
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, []string{tt.path, tt.key}, []string{mistake.Path, mistake.Problem.Key})
			require.Positive(t, mistake.Line)
		})
	}
}

// Points that only a tier's members earn, and a tier for points: nobody begins.
func TestCircularGates(t *testing.T) {
	document := "[points]\n[[earn]]\nid = 'e'\nearn = 1\nfor = '1'\nwhen.tiers = ['gold', 'silver']\n[tiers]\nby = 'points'\n[[tier]]\nid = 'silver'\nfrom = %\n[[tier]]\nid = 'gold'\nfrom = 50\n"
	_, err := pos.ParseProgram([]byte(strings.Replace(document, "%", "10", 1)), money(t, "EUR"))
	mistake := &pos.DocumentError{}
	require.ErrorAs(t, err, &mistake)
	require.Equal(t, []any{"earn.0", "doc.circle", "gold"}, []any{mistake.Path, mistake.Problem.Key, mistake.Problem.Args["what"]})
	_, err = pos.ParseProgram([]byte(strings.Replace(document, "%", "0", 1)), money(t, "EUR"))
	require.NoError(t, err, "a tier that everybody has is a way in")
}

func many(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = "'i" + strings.Repeat("i", i) + "'"
	}
	return strings.Join(ids, ", ")
}

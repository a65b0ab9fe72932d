package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// multiplier is one [[campaign]] that multiplies.
func multiplier(id, times, more string) string {
	return "[[campaign]]\nid = '" + id + "'\nmultiply = " + times + "\n" + more + "\n"
}

func bonus(id, points, more string) string {
	return "[[campaign]]\nid = '" + id + "'\nadd = " + points + "\n" + more + "\n"
}

func TestCampaigns(t *testing.T) {
	const group = "group = 'g'\nstack = "
	tests := map[string]struct {
		rules, sale string
		points      int64
		gave        map[string]int64
	}{
		"x2 of all":                                      {multiplier("a", "2", ""), "10.00", 20, nil},
		"x2 of what was rounded":                         {multiplier("a", "2", ""), "19.99", 38, nil},
		"x1.5 is rounded once, as points are":            {multiplier("a", "1.5", ""), "5.00", 7, nil},
		"x2 and x3 are x4, whatever their order":         {multiplier("a", "2", "") + multiplier("b", "3", ""), "10.00", 40, nil},
		"a bonus is not multiplied":                      {bonus("a", "50", "priority = 9") + multiplier("b", "2", ""), "10.00", 70, nil},
		"of a category, its part":                        {multiplier("a", "2", "when = {categories = ['x']}"), "1 i/x 10.50, 1 j/y 9.49", 19 + 9, nil},
		"of ten of twenty halves, five":                  {multiplier("a", "2", "when = {categories = ['x']}"), halves(), 10 + 5, nil},
		"of a category that is not there":                {multiplier("a", "2", "when = {categories = ['x']}"), "1 j/y 10.00", 10, nil},
		"of two categories, one by two":                  {multiplier("a", "2", "when = {categories = ['x']}") + multiplier("b", "3", "when = {categories = ['y']}"), "1 i/x 10.00, 1 j/y 10.00", 50, map[string]int64{"a": 10, "b": 20}},
		"add: all of the group":                          {multiplier("a", "2", group+"'add'") + multiplier("b", "3", group+"'add'"), "10.00", 40, nil},
		"best: what gives most":                          {multiplier("a", "2", group+"'best'\npriority = 5") + multiplier("b", "3", group+"'best'"), "10.00", 30, map[string]int64{"b": 20}},
		"best: by what it gives, not by its number":      {multiplier("a", "2", group+"'best'") + multiplier("b", "3", group+"'best'\nwhen = {categories = ['x']}"), "1 i/x 1.00, 1 j/y 9.00", 20, map[string]int64{"a": 10}},
		"best: a bonus against a multiplier":             {multiplier("a", "2", group+"'best'") + bonus("b", "15", group+"'best'"), "10.00", 25, map[string]int64{"b": 15}},
		"best: the first of two alike":                   {multiplier("a", "2", group+"'best'") + bonus("b", "10", group+"'best'"), "10.00", 20, map[string]int64{"a": 10}},
		"first: by priority":                             {multiplier("a", "3", group+"'first'") + multiplier("b", "2", group+"'first'\npriority = 1"), "10.00", 20, map[string]int64{"b": 10}},
		"first: as written":                              {multiplier("a", "3", group+"'first'") + multiplier("b", "2", group+"'first'"), "10.00", 30, map[string]int64{"a": 20}},
		"first that gives something":                     {multiplier("a", "3", group+"'first'\nwhen = {categories = ['x']}") + multiplier("b", "2", group+"'first'"), "10.00", 20, nil},
		"two groups and one without":                     {multiplier("a", "2", group+"'best'") + multiplier("b", "3", group+"'best'") + multiplier("c", "2", "group = 'h'") + bonus("d", "5", ""), "10.00", 10 + 20 + 10 + 5, nil},
		"alone: no other campaign":                       {multiplier("a", "5", "") + multiplier("b", "2", "alone = true") + bonus("c", "100", ""), "10.00", 20, nil},
		"alone: the first of two by priority":            {multiplier("a", "5", "alone = true") + multiplier("b", "2", "alone = true\npriority = 1"), "10.00", 20, nil},
		"alone, but it does not hold":                    {multiplier("a", "5", "") + multiplier("b", "2", "alone = true\nwhen = {minimum = 11}"), "10.00", 50, nil},
		"its limit cuts":                                 {bonus("a", "50", "limits = {per_day = 30}"), "10.00", 40, nil},
		"the best is after limits":                       {multiplier("a", "2", group+"'best'") + bonus("b", "50", group+"'best'\nlimits = {per_sale = 5}"), "10.00", 20, map[string]int64{"a": 10}},
		"a visit's points are multiplied":                {"[[earn]]\nid = 'visit'\nper = 'sale'\nearn = 7\n" + multiplier("a", "2", ""), "10.00", 34, nil},
		"a visit's points belong to the lines by money":  {"[[earn]]\nid = 'visit'\nper = 'sale'\nearn = 8\n" + multiplier("a", "2", "when = {categories = ['x']}"), "1 i/x 2.50, 1 j/y 7.50", 10 + 8 + 2 + 2, nil},
		"units are the lines'":                           {"[[earn]]\nid = 'u'\nper = 'unit'\nearn = 10\n" + multiplier("a", "2", "when = {categories = ['x']}"), "3 i/x 0.01, 1 j/y 9.97", 10 + 40 + 30, nil},
		"different items are counted once":               {"[[earn]]\nid = 'd'\nper = 'item'\nearn = 10\n", "3 i/x 0.01, 1 i/y 2.00, 1 j/y 7.97", 10 + 20, nil},
		"of different items, those of its lines":         {"[[earn]]\nid = 'd'\nper = 'item'\nearn = 10\n" + multiplier("a", "2", "when = {items = ['i']}"), "3 i/x 1.00, 1 i/y 2.00, 1 j/y 5.00", 10 + 20 + 10 + 5, nil},
		"only what was paid with money":                  {multiplier("a", "2", "when = {categories = ['x']}"), "1 i/x 10.00, 1 j/y 10.00, points=10.00", 10 + 5, nil},
		"a free line is none":                            {"[[earn]]\nid = 'u'\nper = 'unit'\nearn = 8\n[[earn]]\nid = 'v'\nper = 'sale'\nearn = 5\nwhen = {items = ['i', 'k']}\n", "1 i 1.00 d1.00, 3 k 1.00 d3.00, 1 j 10.00", 10 + 8, nil},
		"before discounts it is one":                     {"[basis]\nbefore_discounts = true\n[[earn]]\nid = 'u'\nper = 'unit'\nearn = 8\n", "1 i 1.00 d1.00, 1 j 10.00", 11 + 16, nil},
		"lines that are all tax have units":              {"[basis]\nwithout_tax = true\n[[earn]]\nid = 'visit'\nper = 'sale'\nearn = 8\nwhen = {items = ['i', 'k']}\n" + multiplier("a", "2", "when = {items = ['i']}"), "1 i 1.00 t1.00, 3 k 1.00 t3.00, 1 j 10.00", 10 + 8 + 2, nil},
		"nothing of an excluded line":                    {"[exclude]\nitems = ['i']\n" + multiplier("a", "2", "when = {items = ['i', 'j']}"), "1 i 10.00, 1 j 10.00", 20, nil},
		"money back is multiplied by what gives credit":  {"[credit]\n[[earn]]\nid = 'back'\ngive = 'credit'\nearn = 1\nfor = '1.00'\n" + multiplier("a", "3", "give = 'credit'"), "10.00", 10, map[string]int64{"back": 10, "a": 20}},
		"a sixth and a third and a half are a whole one": {thirds, "1 i 1.00, 1 j 5.00, 2 k 1.00, 1 l 1.00", thirdsBase + 1, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			decision := counterWith(t, perEuro+tt.rules).sell(t, tt.sale)
			require.Equal(t, tt.points, got(decision, pos.PointsAccount), decision.Because)
			for rule, amount := range tt.gave {
				require.Equal(t, amount, by(decision, rule), rule)
			}
		})
	}
}

// Ten lines of 0.50 in x, between ten in y.
func halves() string {
	var text strings.Builder
	for range 10 {
		text.WriteString("1 i/x 0.50, 1 j/y 0.50, ")
	}
	return text.String()[:len(text.String())-2]
}

// Of three rules that give 1, 1 and 1 to lines of which i is a sixth, a third and a
// half, i earned exactly 1.
const thirds = "[[earn]]\nid = 'sixth'\nper = 'sale'\nearn = 1\nwhen = {items = ['i', 'j']}\n" +
	"[[earn]]\nid = 'third'\nper = 'sale'\nearn = 1\nwhen = {items = ['i', 'k']}\n" +
	"[[earn]]\nid = 'half'\nper = 'sale'\nearn = 1\nwhen = {items = ['i', 'l']}\n" +
	"[[campaign]]\nid = 'a'\nmultiply = 1.5\nwhen = {items = ['i']}\n"

// What base rules give to the sale of it. Of the nine points for nine euros one is
// i's, so that x1.5 of all that i earned is one point more.
const thirdsBase = 9 + 3

func TestStandingMultiplies(t *testing.T) {
	document := perEuro + `
[tiers]
by = "spend"
[[tier]]
id = "bronze"
from = 0
[[tier]]
id = "silver"
from = 100
multiply = 1.25
[[tier]]
id = "gold"
from = 1000
multiply = 2
[[plan]]
id = "trial"
price = 1
months = 1
multiply = 1.25
[[plan]]
id = "club-plus"
price = 20
months = 1
multiply = "7/4"
[[plan]]
id = "club"
price = 10
months = 1
multiply = 1.5
` + multiplier("double", "2", "alone = true\nwhen = {categories = ['x']}") + bonus("extra", "100", "")
	tests := map[string]struct {
		has    []string
		sale   string
		points int64
	}{
		"nothing":                              {nil, "1 a/y 10.00", 110},
		"a tier":                               {[]string{"tier:silver"}, "1 a/y 10.00", 112},
		"the highest tier":                     {[]string{"tier:silver", "tier:gold"}, "1 a/y 10.00", 120},
		"a plan":                               {[]string{"plan:club"}, "1 a/y 10.00", 115},
		"the best plan":                        {[]string{"plan:trial", "plan:club", "plan:club-plus"}, "1 a/y 10.00", 117},
		"both, of what base rules gave":        {[]string{"tier:gold", "plan:club"}, "1 a/y 10.00", 125},
		"a campaign alone leaves both as well": {[]string{"tier:gold", "plan:club"}, "1 a/x 10.00", 10 + 10 + 5 + 10},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := counterWith(t, document)
			for _, grant := range tt.has {
				c = c.with(grant, 1)
			}
			require.Equal(t, tt.points, got(c.sell(t, tt.sale), pos.PointsAccount))
		})
	}
}

// What a campaign would have given, and what counts instead, can be said.
func TestCampaignsSayWhyNot(t *testing.T) {
	c := counterWith(t, perEuro+multiplier("a", "2", "name = 'Monday'\ngroup = 'g'\nstack = 'best'")+multiplier("b", "3", "name = 'Happy hour'\ngroup = 'g'\nstack = 'best'\nlimits = {per_day = 15}"))
	decision := c.sell(t, "10.00")
	require.Equal(t, []rules.Because{
		{Account: "points", Amount: 10, Rule: "points", Key: "why.earn.base", Args: map[string]any{"earn": "1", "for": pos.Money(100), "amount": pos.Money(1000)}},
		{Rule: "a", Key: "why.campaign.instead", Args: map[string]any{"rule": "Monday", "other": "Happy hour"}},
		{Account: "use:b/day", Amount: 15, Rule: "b"},
		{Account: "points", Amount: 15, Rule: "b", Key: "why.campaign.times", Args: map[string]any{"rule": "Happy hour", "times": pos.Ratio{Num: 3, Den: 1}}},
		{Rule: "b", Key: "why.earn.cut", Args: map[string]any{"rule": "Happy hour", "n": int64(5)}},
	}, decision.Because)

	alone := counterWith(t, perEuro+multiplier("a", "2", "")+bonus("b", "5", "alone = true\nlimits = {in_all = 5}"))
	require.Equal(t, int64(15), got(alone.sell(t, "10.00"), pos.PointsAccount))
	require.Equal(t, int64(20), got(alone.with("use:b/all", 5).sell(t, "10.00"), pos.PointsAccount), "what is used up leaves room for the others")

	first := counterWith(t, perEuro+multiplier("a", "2", "group = 'g'\nstack = 'first'\nlimits = {in_all = 5}")+bonus("b", "3", "group = 'g'\nstack = 'first'"))
	require.Equal(t, int64(15), got(first.sell(t, "10.00"), pos.PointsAccount))
	require.Equal(t, int64(13), got(first.with("use:a/all", 5).sell(t, "10.00"), pos.PointsAccount))

	decision = c.with("use:b/day", 15).sell(t, "10.00")
	require.Equal(t, int64(20), got(decision, pos.PointsAccount), "what is used up leaves room for the next")
	require.Equal(t, int64(10), by(decision, "a"))
}

// Without words there are the same postings, and reasons for them only.
func TestBrief(t *testing.T) {
	c := counterWith(t, fiftyRules())
	sale := twentyLines(t)
	ask := c.ask()
	ask.Sale = &sale
	long, err := rules.Sell(c.Program, ask)
	require.NoError(t, err)
	ask.Brief = true
	brief, err := rules.Sell(c.Program, ask)
	require.NoError(t, err)
	require.Equal(t, long.Postings, brief.Postings)
	requireExplained(t, brief)
	require.NotEqual(t, long.Because, brief.Because)
	for _, why := range brief.Because {
		require.Empty(t, why.Args)
		require.NotZero(t, why.Amount)
	}
}

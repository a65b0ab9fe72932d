package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

const metals = "[[tier]]\nid = 'base'\nfrom = '0'\n" +
	"[[tier]]\nid = 'silver'\nfrom = '500'\nvouchers = ['cake']\n" +
	"[[tier]]\nid = 'gold'\nfrom = '1000'\nvouchers = ['spa']\n"

func metal(rule string) string { return pointPerEuro + cakeAndSpa + "[tiers]\n" + rule + "\n" + metals }

func TestTiersByWhatCounts(t *testing.T) {
	document := func(by string) string {
		return pointPerEuro + "[[card]]\nid = 'tea'\nsize = 2\n[tiers]\nby = '" + by + "'\n[[tier]]\nid = 'one'\nfrom = 2\n[[tier]]\nid = 'two'\nfrom = 4\n"
	}
	tests := map[string]struct {
		do   func(*shopper)
		by   string
		want []string // tier after each
	}{
		"spend":  {func(s *shopper) { s.spend(100) }, pos.BySpend, []string{"", "one", "one", "two"}},
		"points": {func(s *shopper) { s.spend(100) }, pos.ByPoints, []string{"", "one", "one", "two"}},
		"visits": {func(s *shopper) { s.spend(1) }, pos.ByVisits, []string{"", "one", "one", "two"}},
		"cards": {func(s *shopper) {
			ask := s.ask()
			ask.Card, ask.Count = "tea", 1
			s.book(rules.StampByHand(s.p, ask))
		}, pos.ByCards, []string{"", "", "", "one", "one", "one", "one", "two"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, document(tt.by)), "2026-03-10")
			for _, want := range tt.want {
				tt.do(s)
				require.Equal(t, want, s.tier())
			}
		})
	}
}

// A program keeps only what its own tiers count, so a café's entries stay small.
func TestNothingIsKeptThatNoTierCounts(t *testing.T) {
	s := newShopper(t, ruledBy(t, pointPerEuro), "2026-03-10")
	require.Len(t, s.spend(500).Postings, 1)
	s = newShopper(t, ruledBy(t, metal("")), "2026-03-10")
	require.Equal(t, []pos.Posting{
		{Account: "points", Amount: 5},
		{Account: "spend", Amount: 500},
	}, s.spend(500).Postings)
}

func TestSpendIsThatOfTheBasis(t *testing.T) {
	s := newShopper(t, ruledBy(t, metal("")+"[basis]\nwithout_tax = true\n[exclude]\ncategories = ['tobacco']\n"), "2026-03-10")
	s.buy(pos.Sale{Lines: []pos.Line{
		{Item: "tea", Quantity: 1, Price: 1000, Tax: 200},
		{Item: "pipe", Category: "tobacco", Quantity: 1, Price: 5000},
	}})
	require.EqualValues(t, 800, s.has("spend"))
	visits := newShopper(t, ruledBy(t, metal("by = 'visits'")+"[exclude]\ncategories = ['tobacco']\n"), "2026-03-10")
	visits.buy(pos.Sale{Lines: []pos.Line{{Item: "pipe", Category: "tobacco", Quantity: 1, Price: 5000}}})
	require.Zero(t, visits.has("visit"), "what earns nothing is no visit either")
}

// The sale that reaches a tier is still one of the tier before.
func TestTierMultipliesFromTheNextSale(t *testing.T) {
	s := newShopper(t, ruledBy(t, pointPerEuro+"[[tier]]\nid = 'gold'\nfrom = 10\nmultiply = 2\n"), "2026-03-10")
	s.spend(1000)
	require.Equal(t, "gold", s.tier())
	require.EqualValues(t, 10, s.has("points"))
	s.spend(1000)
	require.EqualValues(t, 10+20, s.has("points"))
}

func TestTermsOfTiers(t *testing.T) {
	tests := map[string]struct {
		rule string
		want map[string]string // the last day with it, "" for ever
	}{
		"lifetime":                {"", map[string]string{"gold": ""}},
		"never down":              {"window = 'year'\ndown = 'never'", map[string]string{"gold": ""}},
		"rolling":                 {"window = 'rolling'\nmonths = 12\ndown = 'all'", map[string]string{"gold": "2027-03-31"}},
		"rolling with grace":      {"window = 'rolling'\nmonths = 12\ndown = 'all'\ngrace_days = 10", map[string]string{"gold": "2027-04-10"}},
		"rolling, by steps":       {"window = 'rolling'\nmonths = 12", map[string]string{"gold": "2027-03-31", "silver": "2028-03-31"}},
		"year":                    {"window = 'year'\ndown = 'all'", map[string]string{"gold": "2027-12-31"}},
		"year, by steps, grace":   {"window = 'year'\ngrace_days = 1", map[string]string{"gold": "2028-01-01", "silver": "2029-01-01"}},
		"this year only":          {"window = 'year'\ndown = 'all'\nhold = 'this'", map[string]string{"gold": "2026-12-31"}},
		"VF-006 next month":       {"window = 'month'\ndown = 'all'", map[string]string{"gold": "2026-04-30"}},
		"VF-006 this month":       {"window = 'month'\ndown = 'all'\nhold = 'this'", map[string]string{"gold": "2026-03-31"}},
		"VF-006 seven days more":  {"window = 'month'\ndown = 'all'\nhold = 'this'\ngrace_days = 7", map[string]string{"gold": "2026-04-07"}},
		"months, by steps, grace": {"window = 'month'\ngrace_days = 7", map[string]string{"gold": "2026-05-07", "silver": "2026-06-07"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, metal(tt.rule)), "2026-03-10")
			s.spend(100000)
			require.Equal(t, "gold", s.tier(), "at once")
			for _, sum := range s.sums {
				if sum.Account.Class() != "tier" {
					continue
				}
				last, ok := tt.want[string(sum.Account[5:])]
				require.True(t, ok, sum)
				want := pos.Lot{}
				if last != "" {
					want.Until = dayAt(t, last) + 1
				}
				require.Equal(t, want, sum.Lot, sum.Account)
				delete(tt.want, string(sum.Account[5:]))
			}
			require.Empty(t, tt.want)
		})
	}
}

// Months and years are those of the program's calendar: 1404 ends on 20 March 2026.
func TestTermsByTheJalaliCalendar(t *testing.T) {
	const jalali = "calendar = 'jalali'\n"
	s := newShopper(t, ruledBy(t, jalali+metal("window = 'year'\ndown = 'all'")), "2026-03-10")
	s.spend(100000)
	require.Equal(t, dayAt(t, "2027-03-21"), rules.Progress(s.p, s.sums, s.day).Until)
	require.Zero(t, s.on("2026-03-21").has("spend"), "another year")

	streak := newShopper(t, ruledBy(t, jalali+goal("count = 'streak'\nwindow = 'month'\ntarget = 3")), "2026-03-20")
	streak.spend(100)
	streak.on("2026-03-21").spend(100) // 1 Farvardin
	require.Zero(t, streak.has("reward:cake"))
	streak.on("2026-04-21").spend(100) // 1 Ordibehesht
	require.EqualValues(t, 1, streak.has("reward:cake"))

	member := newShopper(t, ruledBy(t, jalali+gym), "2026-04-20") // 31 Farvardin
	member.book(rules.JoinPlan(member.p, member.ask(), "gym"))
	_, until := member.membership()
	require.Equal(t, "2026-05-21", until, "31 Ordibehesht")
}

// The lowest tier is everybody's if it begins at nothing; otherwise a member who
// falls by steps stops there.
func TestTheLowestTier(t *testing.T) {
	s := newShopper(t, ruledBy(t, metal("window = 'month'")), "2026-03-10")
	require.Equal(t, "base", s.tier())
	s.spend(100000)
	require.Equal(t, "base", s.on("2030-01-01").tier())

	s = newShopper(t, ruledBy(t, pointPerEuro+"[tiers]\nwindow = 'month'\n[[tier]]\nid = 'low'\nfrom = 1\n[[tier]]\nid = 'high'\nfrom = 2\n"), "2026-03-10")
	require.Equal(t, "", s.tier())
	s.spend(200)
	require.Equal(t, "high", s.tier())
	require.Equal(t, "low", s.on("2030-01-01").tier())
}

// Who falls by "all" has what was reached meanwhile, and no vouchers for it.
func TestFallingToWhatIsReached(t *testing.T) {
	s := newShopper(t, ruledBy(t, metal("window = 'year'\ndown = 'all'")), "2026-03-10")
	s.spend(100000)
	require.Equal(t, []int64{1, 1}, []int64{s.has("reward:cake"), s.has("reward:spa")})
	s.on("2027-06-01").spend(60000)
	require.Equal(t, "gold", s.tier(), "to the end of the term")
	require.Equal(t, "silver", s.on("2028-01-01").tier())
	require.Equal(t, []int64{1, 1}, []int64{s.has("reward:cake"), s.has("reward:spa")})
	require.Equal(t, "base", s.on("2029-01-01").tier())
}

func TestEntryVouchers(t *testing.T) {
	s := newShopper(t, ruledBy(t, metal("window = 'year'\ndown = 'all'")), "2026-03-10")
	require.Equal(t, []string{"why.earn.base", "why.tier.reached"}, keysOf(s.spend(50000)))
	require.Equal(t, []int64{1, 0}, []int64{s.has("reward:cake"), s.has("reward:spa")})
	require.Equal(t, []string{"why.earn.base", "why.tier.reached"}, keysOf(s.spend(50000)))
	require.Equal(t, []string{"why.earn.base"}, keysOf(s.spend(50000)), "nothing is said of a tier that is renewed")
	require.Equal(t, []string{"why.earn.base"}, keysOf(s.on("2027-01-05").spend(100000)), "a term longer")
	require.Equal(t, "gold", s.on("2028-12-31").tier())
	require.Equal(t, []int64{1, 1}, []int64{s.has("reward:cake"), s.has("reward:spa")})
	s.on("2029-01-01").spend(100000)
	require.Equal(t, []int64{2, 2}, []int64{s.has("reward:cake"), s.has("reward:spa")}, "lost and reached again")
}

func TestUndoTakesTheTier(t *testing.T) {
	s := newShopper(t, ruledBy(t, metal("window = 'year'")), "2026-03-10")
	first := s.spend(100000)
	s.undo(first)
	require.Empty(t, s.sums)
	s.spend(100000)
	require.Equal(t, "gold", s.tier())
	require.EqualValues(t, 1, s.has("reward:spa"))
}

// Levels 0, 20 and 30 with one given by hand as a floor.
func TestTierByHandIsAFloor(t *testing.T) {
	document := pointPerEuro + "[tiers]\nwindow = 'year'\nhold = 'this'\ndown = 'all'\n[[tier]]\nid = 'l0'\nfrom = 0\n[[tier]]\nid = 'l1'\nfrom = 20\n[[tier]]\nid = 'l2'\nfrom = 30\n"
	tests := map[string]struct {
		before   int64  // spent in the year before
		floor    string // given by hand in the year before
		spend    int64
		was, now string
	}{
		"OL-023 up":            {2000, "l1", 4000, "l1", "l2"},
		"OL-023 down to floor": {3000, "l1", 0, "l2", "l1"},
		"OL-023 none":          {0, "l1", 2100, "l1", "l1"},
		"OL-023 down":          {3000, "", 2100, "l2", "l1"}, // a floor at the lowest level is none
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, document), "2026-06-01")
			if tt.floor != "" {
				s.book(rules.SetTier(s.p, s.ask(), tt.floor, 0))
			}
			if tt.before > 0 {
				s.spend(tt.before)
			}
			require.Equal(t, tt.was, s.tier())
			s.on("2027-06-01")
			if tt.spend > 0 {
				s.spend(tt.spend)
			}
			require.Equal(t, tt.now, s.tier())
		})
	}
}

// A member of the 15-point level has 11 in the next month.
func TestWaysDown(t *testing.T) {
	document := func(rule string) string {
		return pointPerEuro + "[tiers]\nby = 'points'\nwindow = 'month'\nhold = 'this'\n" + rule + "\n[[tier]]\nid = 'a'\nfrom = 10\n[[tier]]\nid = 'b'\nfrom = 15\n"
	}
	tests := map[string]struct {
		rule, byHand, day, want string
	}{
		"OL-024 none":                   {"down = 'never'", "", "2026-02-05", "b"},
		"OL-024 automatic":              {"down = 'all'", "", "2026-02-05", "a"},
		"OL-024 automatic, by hand":     {"down = 'all'", "b", "2026-02-05", "b"},
		"OL-024 every x days, before":   {"down = 'all'\ngrace_days = 10", "", "2026-02-05", "b"},
		"OL-024 every x days, periodic": {"down = 'all'\ngrace_days = 10", "", "2026-02-11", "a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, document(tt.rule)), "2026-01-05")
			if tt.byHand != "" {
				s.book(rules.SetTier(s.p, s.ask(), tt.byHand, 0))
			}
			s.spend(1500)
			require.Equal(t, "b", s.tier())
			s.on("2026-02-03").spend(1100)
			require.Equal(t, tt.want, s.on(tt.day).tier())
		})
	}
}

// The year ends, levels are worked out, and only then the points are gone.
func TestLevelsOfAYearAndPointsThatEndWithIt(t *testing.T) {
	document := "[points]\nearn = 1\nfor = '1'\nexpire = 'year'\n[tiers]\nby = 'points'\nwindow = 'year'\ndown = 'all'\n" +
		"[[tier]]\nid = 'l0'\nfrom = 0\n[[tier]]\nid = 'l1'\nfrom = 10\n[[tier]]\nid = 'l2'\nfrom = 30\n[[tier]]\nid = 'l3'\nfrom = 100\n"
	for points, want := range map[int64]string{5: "l0", 10: "l1", 30: "l2"} {
		t.Run("OL-025 "+want, func(t *testing.T) {
			s := newShopper(t, ruledBy(t, document), "2026-06-01")
			s.spend(1000)
			s.spend(2000)
			s.on("2027-06-01").spend(points * 100)
			require.Equal(t, "l2", s.on("2027-12-31").tier())
			require.Equal(t, want, s.on("2028-01-01").tier())
			require.Zero(t, s.has("points"))
		})
	}
}

// Bringing members over gives them their tier and nothing else, and nobody falls
// by hand.
func TestTierByHand(t *testing.T) {
	t.Run("SMILE-004", func(t *testing.T) {
		s := newShopper(t, ruledBy(t, metal("")), "2026-03-10")
		d := s.book(rules.SetTier(s.p, s.ask(), "gold", 0))
		require.Equal(t, []string{"why.tier.hand"}, keysOf(d))
		require.Len(t, s.sums, 1)
		_, err := rules.SetTier(s.p, s.ask(), "silver", 0)
		requireRefusal(t, err, "tier.below")
		s.spend(100000)
		require.Zero(t, s.has("reward:spa"), "what is reached was there already")
	})
	s := newShopper(t, ruledBy(t, metal("window = 'year'")), "2026-03-10")
	until := dayAt(t, "2026-06-01")
	_, err := rules.SetTier(s.p, s.ask(), "tin", 0)
	requireRefusal(t, err, "tier.unknown")
	_, err = rules.SetTier(s.p, s.ask(), "gold", s.day)
	requireRefusal(t, err, "tier.past")
	_, err = rules.SetTier(s.p, s.ask(), "base", 0)
	requireRefusal(t, err, "tier.below")
	s.book(rules.SetTier(s.p, s.ask(), "silver", until))
	_, err = rules.SetTier(s.p, s.ask(), "silver", until)
	requireRefusal(t, err, "tier.held")
	s.book(rules.SetTier(s.p, s.ask(), "silver", until+30))
	require.Equal(t, until+30, rules.Progress(s.p, s.sums, s.day).Until)
	s.book(rules.SetTier(s.p, s.ask(), "gold", until))
	require.Equal(t, "silver", s.on("2026-06-01").tier(), "the floor ends on its day")
	require.Equal(t, "base", s.on("2026-07-01").tier())
	s.spend(50000)
	require.Equal(t, dayAt(t, "2028-01-01"), rules.Progress(s.p, s.sums, s.day).Until)
	s.book(rules.SetTier(s.p, s.ask(), "silver", 0))
	require.Zero(t, rules.Progress(s.p, s.sums, s.day).Until, "for ever, and not only to the end of the other")
}

func TestProgress(t *testing.T) {
	s := newShopper(t, ruledBy(t, metal("window = 'year'\ndown = 'all'")), "2026-03-10")
	look := func() rules.Standing { return rules.Progress(s.p, s.sums, s.day) }
	require.Equal(t, rules.Standing{Tier: s.p.Tiers[0], Next: s.p.Tiers[1], Missing: 50000}, look())
	s.spend(60000)
	require.Equal(t, rules.Standing{Tier: s.p.Tiers[1], Until: dayAt(t, "2028-01-01"), Next: s.p.Tiers[2], Missing: 40000}, look())
	s.spend(60000)
	require.Equal(t, rules.Standing{Tier: s.p.Tiers[2], Until: dayAt(t, "2028-01-01")}, look())
	require.Equal(t, rules.Standing{}, rules.Progress(ruledBy(t, pointPerEuro), s.sums, s.day))
}

var someRules = []string{"", "window = 'year'", "window = 'month'\ndown = 'all'", "window = 'rolling'\nmonths = 2\ngrace_days = 5", "window = 'month'\nhold = 'this'\ndown = 'never'"}

// Whatever a member buys or does not buy, a tier holds to the day that was named.
func TestNoTierIsLostBeforeItsDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newShopper(t, ruledBy(t, metal(rapid.SampledFrom(someRules).Draw(t, "rule"))), "2026-01-01")
		rank := map[string]int{"base": 0, "silver": 1, "gold": 2}
		promised := map[string]pos.Day{} // the last day, 0 for ever
		for range rapid.IntRange(1, 15).Draw(t, "sales") {
			s.day += pos.Day(rapid.IntRange(0, 60).Draw(t, "days"))
			for tier, until := range promised {
				if until == 0 || s.day < until {
					require.GreaterOrEqual(t, rank[s.tier()], rank[tier], "until %v, on %v", until, s.day)
				}
			}
			s.spend(rapid.Int64Range(1, 120000).Draw(t, "amount"))
			standing := rules.Progress(s.p, s.sums, s.day)
			require.Contains(t, rank, standing.Tier.ID)
			promised[standing.Tier.ID] = standing.Until
		}
	})
}

// The sales of a day give the same tiers, counts and vouchers in any order, and in
// one sale what they give in several.
func TestOrderOfSalesDoesNotMatterForTiers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ruledBy(t, metal(rapid.SampledFrom(someRules).Draw(t, "rule")))
		euros := rapid.Map(rapid.Int64Range(1, 600), func(n int64) int64 { return n * 100 })
		amounts := rapid.SliceOfN(euros, 1, 6).Draw(t, "amounts")
		one, other, whole := newShopper(t, p, "2026-03-10"), newShopper(t, p, "2026-03-10"), newShopper(t, p, "2026-03-10")
		total := int64(0)
		for _, amount := range amounts {
			one.spend(amount)
			total += amount
		}
		for _, amount := range rapid.Permutation(amounts).Draw(t, "shuffled") {
			other.spend(amount)
		}
		whole.spend(total)
		require.Equal(t, one.tier(), other.tier())
		require.Equal(t, one.tier(), whole.tier())
		for _, account := range []pos.Account{"spend", "points", "reward:cake", "reward:spa"} {
			require.Equal(t, one.has(account), other.has(account), account)
			require.Equal(t, one.has(account), whole.has(account), account)
		}
	})
}

// Two tills without a line may both find that a member rises. The member then has
// one tier, and at most one more set of its vouchers.
func TestTwoTillsGrantOneTier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := ruledBy(t, metal(rapid.SampledFrom(someRules).Draw(t, "rule")))
		one := newShopper(t, p, "2026-03-10")
		one.spend(rapid.Int64Range(1, 120000).Draw(t, "before"))
		base := one.sums
		two := *one
		for range rapid.IntRange(1, 3).Draw(t, "sales") {
			one.spend(rapid.Int64Range(1, 120000).Draw(t, "one"))
			two.spend(rapid.Int64Range(1, 120000).Draw(t, "two"))
		}
		had := one.tier()
		if two.tier() == "gold" || had == "base" {
			had = two.tier()
		}
		merged, err := one.sums.Merge(two.sums)
		require.NoError(t, err)
		for _, sum := range base {
			merged, err = merged.Add(sum.Account, sum.Lot, -sum.Amount) // which both had
			require.NoError(t, err)
		}
		one.sums = merged
		require.Equal(t, had, one.tier())
		require.LessOrEqual(t, one.has("reward:cake"), int64(2))
		require.LessOrEqual(t, one.has("reward:spa"), int64(2))
		one.spend(1)
		require.LessOrEqual(t, one.has("reward:spa"), int64(2), "the next sale adds no third")
	})
}

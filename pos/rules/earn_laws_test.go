package rules_test

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// drawEarning draws the text of a program: rules and campaigns, about the whole sale
// or some of its lines.
func drawEarning(t *rapid.T, aboutLines bool) string {
	var text strings.Builder
	text.WriteString("[points]\nround = '" + drawMode(t) + "'\n[credit]\n[basis]\n")
	for _, key := range []string{"without_tax", "before_discounts", "paid_with_points"} {
		fmt.Fprintf(&text, "%s = %t\n", key, rapid.Bool().Draw(t, key))
	}
	if aboutLines {
		text.WriteString("[exclude]\nitems = ['d']\n")
	}
	when := func() string {
		if !aboutLines {
			return fmt.Sprintf("when = {minimum = %d}\n", rapid.IntRange(0, 20).Draw(t, "minimum"))
		}
		return "when = {" + rapid.SampledFrom([]string{
			"", "items = ['a', 'b']", "categories = ['x']", "items = ['a'], categories = ['y']", "not_items = ['a']",
			"categories = ['x'], not_items = ['b']", "categories = ['y'], minimum = 10", "quantity = 4", "not_categories = ['y']",
		}).Draw(t, "when") + "}\n"
	}
	ratio := func(least int) string {
		den := rapid.SampledFrom([]int{1, 1, 2, 3, 7, 10, 499_979}).Draw(t, "den")
		return fmt.Sprintf("'%d/%d'", den*least+rapid.SampledFrom([]int{1, 2, 5, 97, 1_000_000 - least*den}).Draw(t, "num"), den)
	}
	give := func() string { return rapid.SampledFrom([]string{"points", "points", "credit"}).Draw(t, "give") }
	for i := range rapid.IntRange(0, 4).Draw(t, "rules") {
		per := rapid.SampledFrom([]string{"money", "money", "sale", "item", "unit"}).Draw(t, "per")
		fmt.Fprintf(&text, "[[earn]]\nid = 'e%d'\ngive = '%s'\nper = '%s'\nround = '%s'\nearn = %s\nstop = %t\n", i, give(), per, drawMode(t), ratio(0), rapid.IntRange(0, 9).Draw(t, "stop") == 0)
		if per == "money" {
			fmt.Fprintf(&text, "for = '%s'\nsteps = %t\n", rapid.SampledFrom([]string{"0.01", "1.00", "2.50", "0.07", "1000000007"}).Draw(t, "for"), rapid.Bool().Draw(t, "steps"))
		}
		fmt.Fprintf(&text, "most = %d\n", rapid.SampledFrom([]int{0, 0, 7, 1000}).Draw(t, "most"))
		text.WriteString(when())
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "campaigns") {
		fmt.Fprintf(&text, "[[campaign]]\nid = 'c%d'\npriority = %d\nalone = %t\n", i, rapid.IntRange(0, 2).Draw(t, "priority"), rapid.IntRange(0, 9).Draw(t, "alone") == 0)
		if rapid.Bool().Draw(t, "multiply") {
			text.WriteString("multiply = " + ratio(1) + "\n")
		} else {
			fmt.Fprintf(&text, "add = %d\n", rapid.IntRange(1, 50).Draw(t, "add"))
		}
		if group := rapid.SampledFrom([]string{"", "best", "first", "add"}).Draw(t, "group"); group != "" {
			fmt.Fprintf(&text, "group = '%s'\nstack = '%s'\n", group, group)
		} else {
			text.WriteString("give = '" + give() + "'\n")
		}
		fmt.Fprintf(&text, "limits = {per_sale = %d}\n", rapid.SampledFrom([]int{0, 0, 3, 40}).Draw(t, "limit"))
		text.WriteString(when())
	}
	return text.String()
}

func drawMode(t *rapid.T) string {
	return rapid.SampledFrom([]string{"down", "nearest", "up"}).Draw(t, "round")
}

func drawBasket(t *rapid.T) pos.Sale {
	var sale pos.Sale
	largest := rapid.SampledFrom([]int64{100, 100_000, int64(pos.MaxSale) / 8}).Draw(t, "largest price")
	for range rapid.IntRange(0, 8).Draw(t, "lines") {
		line := pos.Line{
			Item: rapid.SampledFrom([]string{"a", "b", "c", "d", ""}).Draw(t, "item"), Category: rapid.SampledFrom([]string{"x", "y", ""}).Draw(t, "category"),
			Quantity: rapid.Int64Range(1, 3).Draw(t, "quantity"), Price: pos.Money(rapid.Int64Range(0, largest/3).Draw(t, "price")),
		}
		line.Discount = pos.Money(rapid.Int64Range(0, int64(line.Due())).Draw(t, "discount"))
		line.Tax = pos.Money(rapid.Int64Range(0, int64(line.Due())).Draw(t, "tax"))
		sale.Lines = append(sale.Lines, line)
	}
	if len(sale.Lines) == 0 {
		sale.Amount = pos.Money(rapid.Int64Range(1, largest).Draw(t, "amount"))
		sale.Tax = pos.Money(rapid.Int64Range(0, int64(sale.Amount)).Draw(t, "tax"))
	}
	sale, err := sale.Checked()
	require.NoError(t, err)
	if rapid.Bool().Draw(t, "pays with points") {
		sale.Paid = []pos.Payment{{With: pos.WithPoints, Amount: pos.Money(rapid.Int64Range(0, int64(sale.Amount)).Draw(t, "paid"))}}
	}
	return sale
}

func counterDrawn(t *rapid.T, aboutLines bool) counter {
	currency, _ := pos.CurrencyOf("EUR")
	text := drawEarning(t, aboutLines)
	p, err := pos.ParseProgram([]byte(text), currency)
	require.NoError(t, err, text)
	return counter{&p, 20_000, map[string]int64{}}
}

// What a sale earns is what the rules say in exact fractions: nothing is lost and
// nothing invented, whatever the size of the sale. What does not fit int64 is
// refused, even if a limit would cut it.
func TestEarningIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, sale := counterDrawn(t, true), drawBasket(t)
		if sale.Amount == 0 {
			return
		}
		requireExact(t, c, sale)
	})
}

func requireExact(t require.TestingT, c counter, sale pos.Sale) {
	want := plainEarning{c.Program, sale}.all()
	ask := c.ask()
	ask.Sale = &sale
	decision, err := rules.Sell(c.Program, ask)
	switch {
	case errors.Is(err, pos.Refuse("earn.none")):
		return
	case errors.Is(err, ledger.ErrOverflow):
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(want)), func(n *big.Int) bool { return !n.IsInt64() }), "nothing is too large")
		return
	}
	require.NoError(t, err)
	requireExplained(t, decision)
	for rule, amount := range want {
		if rule != "points" && rule != "credit" && !strings.HasSuffix(rule, " uncut") {
			require.Equal(t, amount.String(), fmt.Sprint(by(decision, rule)), rule)
		}
	}
	require.Equal(t, want["points"].String(), fmt.Sprint(got(decision, pos.PointsAccount)))
	require.Equal(t, want["credit"].String(), fmt.Sprint(got(decision, pos.CreditAccount)))
}

// Parts of large amounts that do not fit two words one by one, nor added up.
func TestPartsOfLargeAmountsAreExact(t *testing.T) {
	var document strings.Builder
	document.WriteString("[points]\n")
	for _, other := range "jklm" {
		fmt.Fprintf(&document, "[[earn]]\nid = '%c'\nearn = 1000000\nfor = 0.01\nwhen = {items = ['i', '%c']}\n", other, other)
	}
	document.WriteString("[[earn]]\nid = 'small'\nearn = 1\nfor = 1.00\nwhen = {items = ['i', 'n']}\n" + multiplier("a", "1.5", "when = {items = ['i']}"))
	for _, sale := range []string{
		"1 i 30000.00, 1 j 0.01, 1 k 0.01, 1 l 0.01, 1 m 0.01",
		"1 i 9999.91, 1 j 10007.33, 1 n 10009.21",
		"1 i 9999.91, 1 n 10009.21, 1 j 10007.33, 1 k 4.03",
		"1 i 99999.91, 1 j 10007.33, 1 k 10009.21, 1 l 10000.19, 1 m 7.77, 1 n 0.03",
		"1 i 1.00, 1 j 0.07, 1 k 0.11, 1 l 0.13, 1 m 0.17, 1 n 0.19",
	} {
		requireExact(t, counterWith(t, document.String()), saleOf(t, sale))
	}
}

// A sale in lines earns what the same sale in one sum does, where rules do not ask
// for lines: each rule is rounded once, not each line.
func TestLinesDoNotChangeWhatIsEarned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, sale := counterDrawn(t, false), drawBasket(t)
		c.Basis.BeforeDiscounts = false // of which a sum knows nothing
		for i := range c.Earn {
			if c.Earn[i].Per != pos.PerMoney {
				c.Earn[i].Per = pos.PerSale // nor of units
			}
		}
		if sale.Amount == 0 {
			return
		}
		sum := sale
		sum.Lines = nil
		ask, whole := c.ask(), c.ask()
		ask.Sale, whole.Sale = &sale, &sum
		want, wantErr := rules.Sell(c.Program, whole)
		got, err := rules.Sell(c.Program, ask)
		require.Equal(t, wantErr, err)
		require.Equal(t, want.Postings, got.Postings)
	})
}

// The same ask has the same answer, also when it is asked again with nothing but the
// facts that were noted.
func TestSellIsDeterministic(t *testing.T) {
	document := fiftyRules()
	rapid.Check(t, func(t *rapid.T) {
		currency, _ := pos.CurrencyOf("EUR")
		p, err := pos.ParseProgram([]byte(document), currency)
		require.NoError(t, err)
		sale := drawBasket(t)
		if sale.Amount == 0 {
			return
		}
		facts := map[string]int64{
			rules.FactMinute: rapid.Int64Range(0, 1439).Draw(t, "minute"), rules.FactBirthday: rapid.SampledFrom([]int64{0, 1118, 1003}).Draw(t, "birthday"),
			rules.FactSwitch + "rain": rapid.Int64Range(0, 1).Draw(t, "rain"), "tag:vip": rapid.Int64Range(0, 1).Draw(t, "vip"),
			"tier:silver": rapid.Int64Range(0, 1).Draw(t, "silver"), "tier:gold": rapid.Int64Range(0, 1).Draw(t, "gold"),
			"sold": rapid.Int64Range(0, 1).Draw(t, "sold"), "use:earn-4/day": rapid.Int64Range(0, 1100).Draw(t, "used"),
		}
		saw := map[string]int64{}
		ask := rules.Ask{Day: pos.Day(rapid.IntRange(20_000, 21_000).Draw(t, "day")), Sale: &sale, Facts: func(name string) int64 {
			if facts[name] != 0 {
				saw[name] = facts[name]
			}
			return facts[name]
		}}
		first, err := rules.Sell(&p, ask)
		require.NoError(t, err)
		requireExplained(t, first)
		ask.Facts = func(name string) int64 { return saw[name] }
		again, err := rules.Sell(&p, ask)
		require.NoError(t, err)
		require.Equal(t, first, again)
	})
}

// Whatever a document says, if it is a program, sales under it are decided or
// refused for a reason, and what they give is explained.
func FuzzSell(f *testing.F) {
	f.Add([]byte(fiftyRules()), int64(1999), int64(3), uint8(0))
	f.Add([]byte(perEuro+multiplier("a", "3/2", "when = {items = ['a']}")), int64(pos.MaxSale/600), int64(200), uint8(3))
	f.Add([]byte("[credit]\n[[earn]]\nid = 'a'\ngive = 'credit'\nearn = 1000000\nfor = 0.01\nlimits = {per_week = 5}"), int64(pos.MaxSale), int64(1), uint8(1))
	f.Add([]byte("[points]\n[[event]]\nid = 'b'\non = 'birthday'\ngift = {points = 1}\n[tiers]\nby = 'spend'\n[[tier]]\nid = 'gold'\nfrom = 1\nmultiply = 2"), int64(5), int64(2), uint8(7))
	currency, _ := pos.CurrencyOf("EUR")
	f.Fuzz(func(t *testing.T, document []byte, price, units int64, more uint8) {
		p, err := pos.ParseProgram(document, currency)
		if err != nil {
			return
		}
		sale := pos.Sale{Lines: []pos.Line{{Item: "a", Category: "x", Quantity: units, Price: pos.Money(price)}, {Item: "b", Quantity: 1, Price: 100, Tax: pos.Money(more) % 100}}}
		if more&1 == 1 {
			sale = pos.Sale{Amount: pos.Money(price)}
		}
		if sale, err = sale.Checked(); err != nil {
			return
		}
		decision, err := rules.Sell(&p, rules.Ask{Day: 20_000, Sale: &sale, Facts: func(name string) int64 { return int64(more) * int64(len(name)%3) }})
		if err != nil {
			_, refused := errors.AsType[*pos.Problem](err)
			require.True(t, refused || errors.Is(err, ledger.ErrOverflow), err)
			return
		}
		requireExplained(t, decision)
	})
}

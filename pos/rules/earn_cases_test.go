package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

const perEuro = "[points]\nearn = 1\nfor = '1.00'\n"

// rate is one [[earn]] rule: so many points for each euro.
func rate(id, earn, more string) string {
	return "[[earn]]\nid = '" + id + "'\nearn = " + earn + "\nfor = '1.00'\n" + more + "\n"
}

// basket152 has three kinds of things, for 152 in all.
const basket152 = "1 red/red 12.00, 1 blue/blue 100.00, 1 delivery/delivery 40.00"

// What other systems that do this job give for the same sale, by the names under
// which their cases are known.
func TestEarnedAsElsewhere(t *testing.T) {
	const onlyPaid = perEuro
	const odoo30 = "[[earn]]\nid = 'promo'\nper = 'sale'\nearn = 1\nwhen.minimum = "
	tests := []struct {
		id, program, sale string
		points            int64
	}{
		{"ERP-003 first", "[points]\nearn = 1\nfor = '1000'\n", "10000", 10},
		{"ERP-003 paid with points", "[points]\nearn = 1\nfor = '1000'\n", "10000, points=10", 9},
		{"ISSUE-004 a voided line is no line", perEuro, "1 a 30.00", 30},
		{"ISSUE-018", onlyPaid, "100.00, points=30.00", 70},
		{"ISSUE-018 on purpose", perEuro + "[basis]\npaid_with_points = true", "100.00, points=30.00", 100},
		{"ISSUE-024", "[points]\n" + rate("pens", "10", "when = {quantity = 5}"), "1 pen 3.20 d3.20, 1 x 0.01", 0},
		{"LOOP-002 the rest earns", "[points]\nearn = 10\nfor = '1.00'", "1000.00, credit=100.00", 9000},
		{"ODOO-POS-014 whole points only, down", "[points]\n[[earn]]\nid = 'a'\nearn = 0.1\nfor = '1.00'\nwhen = {minimum = 1}", "1 a 265.00", 26},
		{"ODOO-POS-031 one of its own", "[points]\n" + rate("a", "1", "when = {minimum = 40, items = ['a']}"), "1 a 20.00", 0},
		{"ODOO-POS-031 and another thing", "[points]\n" + rate("a", "1", "when = {minimum = 40, items = ['a']}"), "1 a 20.00, 1 b 30.00", 0},
		{"ODOO-POS-031 two of its own", "[points]\n" + rate("a", "1", "when = {minimum = 40, items = ['a']}"), "2 a 20.00, 1 b 30.00", 40},
		{"ODOO-POS-046 a bundle is one unit", "[points]\n[[earn]]\nid = 'u'\nper = 'unit'\nearn = 1\nwhen = {minimum = 20}", "2 bundle 24.00", 2},
		{"ODOO-SALE-012", perEuro, "1 a 100.00 d10.00", 90},
		{"ODOO-SALE-030 small", "[points]\n[basis]\nwithout_tax = true\n" + odoo30 + "1006", "1 a 115.00 t15.00, 1 b 5.75 t0.75", 0},
		{"ODOO-SALE-030 just below", "[points]\n[basis]\nwithout_tax = true\n" + odoo30 + "1006", "10 a 115.00 t150.00, 1 b 5.75 t0.75", 0},
		{"ODOO-SALE-030 at the bound", "[points]\n[basis]\nwithout_tax = true\n" + odoo30 + "1005", "10 a 115.00 t150.00, 1 b 5.75 t0.75", 1},
		{"ODOO-SALE-030 with tax", "[points]\n" + odoo30 + "1006", "10 a 115.00 t150.00, 1 b 5.75 t0.75", 1},
		{"OL-003 a product alone", "[points]\n[[campaign]]\nid = 'p000'\nadd = 200\nwhen = {items = ['delivery']}", basket152, 200},
		{"OL-003 added to the rate", "[points]\nearn = 4\nfor = '1.00'\n[[campaign]]\nid = 'p123'\nadd = 100\nwhen = {items = ['blue']}", basket152, 708},
		{"OL-008", "[points]\n" + rate("four", "4", "") + rate("ten", "10", "") +
			"[[campaign]]\nid = 'red'\nmultiply = 3\nwhen = {categories = ['red']}\n[[campaign]]\nid = 'blue'\nmultiply = 5\nwhen = {categories = ['blue']}\n[[campaign]]\nid = 'sku'\nadd = 200\nwhen = {items = ['delivery']}", basket152, 8264 - 504 - 7000 - 560 + 12*14 + 12*14*2 + 100*14 + 100*14*4 + 40*14},
		{"OL-010 stops", "[points]\n" + rate("a", "1", "") + rate("b", "1", "stop = true") + rate("c", "10", ""), basket152, 304},
		{"OL-010 stops only if it gave", "[points]\n" + rate("a", "1", "") + rate("b", "1", "stop = true\nwhen = {minimum = 1000000}") + rate("c", "2", ""), basket152, 456},
		{"SYL-018", "[points]\n" + rate("a", "1", "") + "[[earn]]\nid = 'b'\nearn = 1\nfor = '2.00'", "19.99", 28},
		{"SYL-022 items with tax", perEuro + "[exclude]\ncategories = ['shipping']", "1 a 50.00 t8.00, 1 post/shipping 10.00 t2.00", 50},
		{"SYL-022 items without tax", perEuro + "[exclude]\ncategories = ['shipping']\n[basis]\nwithout_tax = true", "1 a 50.00 t8.00, 1 post/shipping 10.00 t2.00", 42},
		{"SYL-022 sale with tax", perEuro, "1 a 50.00 t8.00, 1 post/shipping 10.00 t2.00", 60},
		{"SYL-022 sale without tax", perEuro + "[basis]\nwithout_tax = true", "60.00 t10.00", 50},
		{"SYL-023 not yet", "[points]\n" + rate("later", "1", "when = {from = 2099-01-01}"), "19.99", 0},
		{"VF-003 per sale: cut, not refused", "[points]\nearn = 1\nfor = '1.00'\n" + rate("bonus", "1", "most = 200"), "250.00", 450},
		{"WOO-001 up", perEuro + "round = 'up'", "2.50", 3},
		{"WOO-001 nearest", perEuro + "round = 'nearest'", "2.50", 3},
		{"WOO-001 down", perEuro + "round = 'down'", "2.50", 2},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			decision := counterWith(t, tt.program).sell(t, tt.sale)
			require.Equal(t, tt.points, got(decision, pos.PointsAccount), decision.Because)
		})
	}
}

// OL-008: each line's part of what the sale earned.
func TestOrderOfEarning(t *testing.T) {
	decision := counterWith(t, "[points]\n"+rate("four", "4", "")+rate("ten", "10", "")+`
[[campaign]]
id = "bonus"
add = 200
when = {items = ["delivery"]}
priority = 9
[[campaign]]
id = "blue"
multiply = 5
when = {categories = ["blue"]}
[[campaign]]
id = "red"
multiply = 3
when = {categories = ["red"]}
priority = 1
`).sell(t, basket152)
	require.Equal(t, int64(8264), got(decision, pos.PointsAccount))
	require.Equal(t, int64(14*12*2), by(decision, "red"), "504 with the base")
	require.Equal(t, int64(14*100*4), by(decision, "blue"), "7000 with the base")
	require.Equal(t, int64(200), by(decision, "bonus"))
	var order []string
	for _, why := range decision.Because {
		order = append(order, why.Rule)
	}
	require.Equal(t, []string{"four", "ten", "red", "blue", "bonus"}, order, "base, then multipliers by priority, then bonuses")
	require.Len(t, decision.Postings, 1)
}

func TestEarnedAsElsewhereWithFacts(t *testing.T) {
	t.Run("OL-013", func(t *testing.T) {
		c := counterWith(t, "tags = ['vip']\n"+perEuro+"[[campaign]]\nid = 'vips'\nmultiply = 100\nwhen = {tags = ['vip']}")
		require.Equal(t, int64(10_000), got(c.with("tag:vip", 1).sell(t, "100.00"), pos.PointsAccount))
		require.Equal(t, int64(100), got(c.sell(t, "100.00"), pos.PointsAccount))
	})
	t.Run("ODOO-POS-001", func(t *testing.T) {
		c := counterWith(t, "[points]\n[[earn]]\nid = 'promo'\nper = 'sale'\nearn = 10\nwhen = {coupon = 'promo10'}\n[[coupon]]\nid = 'promo10'\ncode = 'PROMO10'\ngift = {points = 1}")
		require.Empty(t, c.sell(t, "1 pen 100.00").Postings)
		require.Equal(t, int64(10), got(c.with(rules.FactCoupon+"promo10", 1).sell(t, "1 pen 100.00"), pos.PointsAccount))
	})
	t.Run("LOOP-001", func(t *testing.T) {
		var document strings.Builder
		document.WriteString("[credit]\n[tiers]\nby = 'spend'\n")
		for _, tier := range []struct{ id, from, percent string }{{"base", "0", "1"}, {"silver", "5000", "10"}, {"gold", "20000", "20"}} {
			document.WriteString("[[tier]]\nid = '" + tier.id + "'\nfrom = '" + tier.from + "'\n" +
				"[[earn]]\nid = '" + tier.id + "-back'\ngive = 'credit'\nearn = " + tier.percent + "\nfor = '1.00'\nwhen = {tiers = ['" + tier.id + "']}\n")
		}
		c := counterWith(t, document.String())
		require.Equal(t, int64(10_00), got(c.sell(t, "1000.00"), pos.CreditAccount), "who has nothing yet is in the tier that begins at nothing")
		require.Equal(t, int64(100_00), got(c.with("tier:silver", 1).sell(t, "1000.00"), pos.CreditAccount))
		require.Equal(t, int64(200_00), got(c.with("tier:silver", 1).with("tier:gold", 1).sell(t, "1000.00"), pos.CreditAccount), "only the highest")
	})
	t.Run("LOOP-004", func(t *testing.T) {
		c := counterWith(t, "[credit]\n[[earn]]\nid = 'back'\ngive = 'credit'\nearn = 1\nfor = '1.00'\nround = 'nearest'")
		require.Equal(t, int64(12_35), got(c.sell(t, "1234.56"), pos.CreditAccount))
	})
	t.Run("VF-003", func(t *testing.T) {
		c := counterWith(t, "[points]\n"+rate("base", "1", "limits = {per_week = 100}"))
		decision := c.with("use:base/week", 80).sell(t, "50.00")
		require.Equal(t, int64(20), got(decision, pos.PointsAccount))
		require.Equal(t, []string{"why.earn.money", "why.earn.cut"}, keys(decision), "and it says so")
		require.Equal(t, int64(30), decision.Because[len(decision.Because)-1].Args["n"])
		require.Contains(t, decision.Postings, pos.Posting{Account: "use:base/week", Amount: 20, Lot: pos.Lot{Until: day(t, "2026-11-23")}}, "weeks run from Monday to Sunday")

		c = counterWith(t, "[points]\n"+rate("base", "1", "limits = {per_sale = 200}"))
		require.Equal(t, int64(200), got(c.sell(t, "250.00"), pos.PointsAccount))
	})
	t.Run("ISSUE-011 and SYL-024: the same receipt is the station's, the same action the rule's", func(t *testing.T) {
		c := counterWith(t, "[points]\n[[event]]\nid = 'newsletter-signup'\ngift = {points = 150}\nlimits = {in_all = 1}")
		ask := c.ask()
		ask.Event = "newsletter-signup"
		decision, err := rules.Happen(c.Program, ask)
		require.NoError(t, err)
		require.Equal(t, int64(150), got(decision, pos.PointsAccount))
		again := c.after(decision).ask()
		again.Event = "newsletter-signup"
		_, err = rules.Happen(c.Program, again)
		require.ErrorIs(t, err, pos.Refuse("event.limit"))
	})
	t.Run("ODOO-SALE-032", func(t *testing.T) {
		for dates, holds := range map[string]bool{
			"until = 2011-10-31": false, "until = 2011-11-04": true, "from = 2011-11-04": false, "from = 2011-10-31": true,
			"from = 2011-10-31, until = 2011-11-04": true, "from = 2011-11-03, until = 2011-11-04": false,
			"from = 2011-10-31, until = 2011-11-01": false, "from = 2011-11-02, until = 2011-11-02": true,
		} {
			c := counterWith(t, "[points]\n"+rate("any", "1", "when = {"+dates+"}"))
			c.day = day(t, "2011-11-02")
			require.Equal(t, holds, got(c.sell(t, "5.00"), pos.PointsAccount) == 5, dates)
		}
	})
}

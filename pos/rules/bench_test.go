package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// fiftyRules is a program of a large shop: 30 ways to earn, 15 campaigns, 5 events;
// about half of them hold.
func fiftyRules() string {
	var text strings.Builder
	text.WriteString("tags = ['vip', 'staff']\nswitches = ['rain']\n[points]\nexpire_months = 12\n[credit]\n[exclude]\ncategories = ['tobacco', 'gift-card']\n" +
		"[tiers]\nby = 'spend'\n[[tier]]\nid = 'silver'\nfrom = 100\nmultiply = 1.25\n[[tier]]\nid = 'gold'\nfrom = 1000\nmultiply = 1.5\n")
	for i := range 30 {
		fmt.Fprintf(&text, "[[earn]]\nid = 'earn-%d'\nearn = %d\nfor = '1.00'\n", i, i%3+1)
		switch i % 6 {
		case 0:
			fmt.Fprintf(&text, "when = {items = ['item-%d', 'item-%d', 'other']}\n", i%20, (i+7)%20)
		case 1:
			fmt.Fprintf(&text, "when = {categories = ['kind-%d']}\n", i%5)
		case 2:
			text.WriteString("when = {weekdays = ['sat', 'sun']}\n")
		case 3:
			text.WriteString("when = {hours = ['07:00-10:00', '22:00-02:00']}\n")
		case 4:
			text.WriteString("when = {tiers = ['gold'], minimum = 10}\nlimits = {per_day = 1000}\n")
		case 5:
			text.WriteString("when = {tags = ['vip']}\n")
		}
	}
	for i := range 15 {
		fmt.Fprintf(&text, "[[campaign]]\nid = 'campaign-%d'\npriority = %d\n", i, i%4)
		switch i % 5 {
		case 0:
			fmt.Fprintf(&text, "multiply = 2\nwhen = {items = ['item-%d', 'item-%d']}\n", i, i+1)
		case 1:
			text.WriteString("multiply = 1.5\ngroup = 'weather'\nstack = 'best'\nwhen = {switch = 'rain'}\n")
		case 2:
			fmt.Fprintf(&text, "add = 20\nwhen = {categories = ['kind-%d'], minimum = 5}\n", i%5)
		case 3:
			text.WriteString("multiply = 3\nwhen = {from = 2027-01-01}\n")
		case 4:
			text.WriteString("add = 10\nwhen = {first = true}\n")
		}
	}
	for i := range 5 {
		fmt.Fprintf(&text, "[[event]]\nid = 'event-%d'\non = 'birthday'\ngift = {points = 100}\n", i)
	}
	return text.String()
}

func twentyLines(t testing.TB) pos.Sale {
	lines := make([]string, 20)
	for i := range lines {
		lines[i] = fmt.Sprintf("%d item-%d/kind-%d %d.50 t0.20", i%3+1, i, i%5, i%4+1)
	}
	return saleOf(t, strings.Join(lines, ", "))
}

// Deciding a sale of 20 lines under 50 rules, for a member with 30 sums. Budget: 20
// microseconds and a handful of allocations, without words.
func BenchmarkSell(b *testing.B) {
	c := counterWith(b, fiftyRules())
	sale := twentyLines(b)
	var sums ledger.Sums
	for i := range 30 {
		var err error
		sums, err = sums.Add(pos.Account([]string{"points", "spend", "tier:silver"}[i%3]), pos.Lot{Until: c.day + pos.Day(30*i) + 1}, int64(i+1))
		require.NoError(b, err)
	}
	ask := c.ask()
	ask.Sale = &sale
	ask.Facts = func(name string) int64 {
		if name == rules.FactMinute {
			return 12 * 60
		}
		return sums.Balance(pos.Account(name), c.day)
	}
	for _, brief := range []bool{true, false} {
		ask.Brief = brief
		b.Run(fmt.Sprintf("brief=%v", brief), func(b *testing.B) {
			decision, err := rules.Sell(c.Program, ask)
			require.NoError(b, err)
			require.NotEmpty(b, decision.Postings)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rules.Sell(c.Program, ask); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(decision.Because)), "reasons/op")
		})
	}
}

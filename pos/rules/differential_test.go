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

// drawProgram writes a program with a few of everything that a sale can bring
// about.
func drawProgram(t *rapid.T) string {
	var doc strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&doc, format+"\n", args...) }
	maybe := func(name string) bool { return rapid.Bool().Draw(t, name) }
	n := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(t, name) }
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	when := func(name string) string {
		parts := []string{}
		if maybe(name + " items") {
			parts = append(parts, pick(name+" lines", `items = ["tea"]`, `categories = ["drinks"]`, `not_categories = ["tobacco"]`, `not_items = ["tea", "bun"]`))
		}
		if maybe(name + " gate") {
			parts = append(parts, pick(name+" of", `weekdays = ["sat", "sun"]`, `hours = ["07:00-10:00", "22:00-02:00"]`, `tags = ["vip"]`, `switch = "rain"`, `birthday = "month"`, `first = true`, `minimum = "5.00"`, `quantity = 2`, `tiers = ["gold"]`, `from = 2024-10-10`))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	limits := func(name string) string {
		return pick(name, "{}", "{ per_sale = 3 }", "{ per_day = 5, per_month = 20 }", "{ in_all = 9 }", "{ per_week = 4, per_year = 50 }")
	}
	line(`title = "drawn"`)
	line(`switches = ["rain"]`)
	line(`tags = ["vip"]`)
	line("calendar = %q", pick("calendar", "gregorian", "jalali"))
	line("[points]\nround = %q", pick("round", "down", "nearest", "up"))
	if maybe("short") {
		line("earn = %d\nfor = %q", n("earn", 1, 9), pick("for", "1", "0.50", "7.77"))
	}
	line(pick("expiry", "", "expire_months = 12", "expire_days = 90", `expire = "quarter"`, "expire_inactive_months = 6", "pending_days = 14"))
	line("[credit]\nexpire_months = 6")
	line("[basis]\nwithout_tax = %v\nbefore_discounts = %v\npaid_with_points = %v", maybe("tax"), maybe("discounts"), maybe("paid"))
	line("[exclude]\ncategories = [\"tobacco\"]")
	for i := range n("earn rules", 0, 4) {
		per := pick("per", "money", "sale", "item", "unit")
		line("[[earn]]\nid = \"e%d\"\nearn = %s\nper = %q", i, pick("rate", "1", "2.5", `"3/7"`), per)
		if per == "money" {
			line("for = %q\nsteps = %v", pick("each", "1", "2.50"), maybe("steps"))
		}
		line("give = %q\nmost = %d\nstop = %v\nwhen = %s\nlimits = %s", pick("give", "points", "credit"), pick2(t, 0, 40), maybe("stop"), when("earn when"), limits("earn limits"))
	}
	stack := pick("stack", "add", "best", "first")
	for i := range n("campaigns", 0, 4) {
		line("[[campaign]]\nid = \"c%d\"", i)
		if maybe("multiplies") {
			line("multiply = %s", pick("by", "2", "1.5", `"7/3"`))
		} else {
			line("add = %d", n("add", 1, 50))
		}
		if maybe("grouped") {
			line("group = \"g\"\nstack = %q", stack)
		}
		line("priority = %d\nalone = %v\nwhen = %s\nlimits = %s", n("priority", 0, 3), n("alone", 0, 9) == 0, when("campaign when"), limits("campaign limits"))
	}
	line("[[card]]\nid = \"tea\"\nsize = %d\nper = %q\nwhen = %s\nlimits = %s", n("size", 1, 12), pick("card per", "sale", "unit"), when("card when"), limits("card limits"))
	line("[[card]]\nid = \"hand\"\nsize = 10\nstart = 2")
	line("[[reward]]\nid = \"cup\"\nvoucher = true\nvalid_days = 30")
	line("[tiers]\nby = \"spend\"\nwindow = %q\nmonths = 12\ndown = %q", "rolling", pick("down", "step", "all"))
	line("[[tier]]\nid = \"silver\"\nfrom = \"20\"\nmultiply = 1.2")
	line("[[tier]]\nid = \"gold\"\nfrom = \"60\"\nmultiply = 2\nvouchers = [\"cup\"]")
	line("[[goal]]\nid = \"tenth\"\ncount = \"visits\"\ntarget = 3\nwindow = \"lifetime\"\nevery = %v\ngift = { points = 10, voucher = \"cup\" }", maybe("every"))
	line("[[surprise]]\nid = \"luck\"\none_in = 3\ngift = { card = \"hand\", stamps = 1 }")
	line("[[event]]\nid = \"review\"\ngift = { points = 5, tag = \"vip\" }\nlimits = { per_day = 1 }")
	return doc.String()
}

func pick2(t *rapid.T, a, b int) int { return rapid.SampledFrom([]int{a, b}).Draw(t, "one of two") }

func drawSale(t *rapid.T) pos.Sale {
	var sale pos.Sale
	if rapid.Bool().Draw(t, "only an amount") {
		sale.Amount = pos.Money(rapid.Int64Range(1, 20_000).Draw(t, "amount"))
	} else {
		for range rapid.IntRange(1, 6).Draw(t, "lines") {
			line := pos.Line{
				Item:     rapid.SampledFrom([]string{"tea", "bun", "mug", ""}).Draw(t, "item"),
				Category: rapid.SampledFrom([]string{"drinks", "tobacco", ""}).Draw(t, "category"),
				Quantity: rapid.Int64Range(1, 5).Draw(t, "quantity"), Price: pos.Money(rapid.Int64Range(0, 3000).Draw(t, "price")),
			}
			line.Discount = pos.Money(rapid.Int64Range(0, int64(line.Price)).Draw(t, "discount"))
			line.Tax = pos.Money(rapid.Int64Range(0, int64(line.Due())/4).Draw(t, "tax"))
			sale.Lines = append(sale.Lines, line)
		}
		sale.Lines = append(sale.Lines, pos.Line{Item: "tea", Category: "drinks", Quantity: 1, Price: 1})
	}
	sale, err := sale.Checked()
	require.NoError(t, err)
	if rapid.Bool().Draw(t, "paid with points") {
		sale.Paid = []pos.Payment{{With: pos.WithPoints, Amount: pos.Money(rapid.Int64Range(0, int64(sale.Amount)).Draw(t, "paid"))}}
	}
	return sale
}

// The centre, which has the entry and the program and nothing else, works out the
// same as the till did, whatever the program; and the lines that say why add up
// to what was posted.
func TestCentreAgreesWithTheTill(t *testing.T) {
	euro, _ := pos.CurrencyOf("EUR")
	rapid.Check(t, func(t *rapid.T) {
		document := drawProgram(t)
		p, err := pos.ParseProgram([]byte(document), euro)
		require.NoError(t, err, document)
		sums, day := ledger.Sums{}, pos.Day(20_000)
		known := map[string]int64{rules.FactSwitch + "rain": 1, rules.FactBirthday: 1011, rules.FactJoined: 19_000, rules.FactMinute: 500}
		for step := range rapid.IntRange(1, 8).Draw(t, "steps") {
			day += pos.Day(rapid.IntRange(0, 60).Draw(t, "days"))
			saw := map[string]int64{}
			ask := rules.Ask{Holder: pos.HolderID{7}, Day: day, Facts: func(name string) int64 {
				fact := known[name]
				if fact == 0 {
					fact = sums.Balance(pos.Account(name), day)
				}
				if fact != 0 {
					saw[name] = fact
				}
				return fact
			}}
			e := pos.Entry{V: 1, ID: pos.EntryID{Terminal: pos.TerminalID{1}, Incarnation: 1, Seq: uint64(step + 1)}, At: 1, Day: day, Holder: ask.Holder, Program: p.ID}
			decide := rules.Sell
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				decide, ask.Card, ask.Count = rules.StampByHand, "hand", rapid.Int64Range(1, 20).Draw(t, "stamps")
				e.Kind, e.Reward, e.Count = pos.Stamped, ask.Card, ask.Count
			case 1:
				decide, ask.Event = rules.Happen, "review"
				e.Kind, e.Reward = pos.Happened, ask.Event
			default:
				sale := drawSale(t)
				ask.Sale = &sale
				e.Kind, e.Sale = pos.Earned, &sale
			}
			decision, err := decide(&p, ask)
			if err != nil {
				require.ErrorAs(t, err, new(*pos.Problem))
				continue
			}
			e.Postings, e.Saw = decision.Postings, saw
			raw, err := e.Encode()
			require.NoError(t, err)
			read, err := pos.DecodeEntry(raw)
			require.NoError(t, err)
			account, more := rules.Rerun(&p, read)
			require.Empty(t, account, "%d more\n%s", more, document)
			addsUp(t, decision)
			sums, err = sums.AddAll(decision.Postings)
			require.NoError(t, err)
		}
	})
}

// addsUp holds the lines that say why to the postings.
func addsUp(t require.TestingT, decision rules.Decision) {
	left := map[pos.Account]int64{}
	for _, p := range decision.Postings {
		left[p.Account] += p.Amount
	}
	for _, b := range decision.Because {
		left[b.Account] -= b.Amount
	}
	for account, n := range left {
		require.Zero(t, n, account)
	}
}

package rules_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// What comes off a sale, line by line, and what is left to pay.
func TestDiscounts(t *testing.T) {
	tests := map[string]struct {
		reward string
		sale   string
		choice string
		want   string // off, lines, left; or the problem
	}{
		"money off an amount":           {"kind = 'money'\noff = 5", "20", "", "500 [] 1500"},
		"money off lines, each a share": {"kind = 'money'\noff = 10", "a 1x30; b 2x5; c 1x10", "", "1000 [600 200 200] 4000"},
		"a share that does not divide":  {"kind = 'money'\noff = '0.10'", "a 1x1; b 1x1; c 1x1", "", "10 [3 4 3] 290"},
		"more than the sale":            {"kind = 'money'\noff = 100", "a 1x30; b 2x5.55", "", "4110 [3000 1110] 0"},
		"money off some lines":          {"kind = 'money'\noff = 10\n[reward.when]\nitems = ['b']", "a 1x30; b 2x3", "", "600 [0 600] 3000"},
		"for each unit":                 {"kind = 'money'\noff = 10\nmost_each = 2", "a 1x30; b 3x1", "", "500 [200 300] 2800"},
		"at most a part of the sale":    {"kind = 'money'\noff = 10\nmost_percent = 50", "7.01", "", "351 [] 350"},
		"a sale of nothing":             {"kind = 'money'\noff = 10", "0", "", "redeem.nothing"},
		"nothing of it in the sale":     {"kind = 'money'\noff = 10\n[reward.when]\nitems = ['z']", "a 1x30", "", "redeem.nothing"},
		"no lines to choose from":       {"kind = 'money'\noff = 10\n[reward.when]\nitems = ['z']", "30", "", "redeem.lines"},
		"excluded lines stay":           {"kind = 'money'\noff = 100", "a 1x30; smoke/tobacco 1x9", "", "3000 [3000 0] 900"},

		"a percentage":                         {"kind = 'percent'\npercent = 10", "20", "", "200 [] 1800"},
		"ODOO-POS-042 half a cent up":          {"kind = 'percent'\npercent = 10", "p 1x28.75", "", "288 [288] 2587"},
		"LOOP-004 less than half a cent down":  {"kind = 'percent'\npercent = 1", "p 1x1234.44", "", "1234 [1234] 122210"},
		"LOOP-004 more than half a cent up":    {"kind = 'percent'\npercent = 1", "p 1x1234.56", "", "1235 [1235] 122221"},
		"all of it":                            {"kind = 'percent'\npercent = 100", "a 1x0.01; b 1x9.99", "", "1000 [1 999] 0"},
		"a third of a percent":                 {"kind = 'percent'\npercent = '1/3'", "a 1x100", "", "33 [33] 9967"},
		"too little to round up":               {"kind = 'percent'\npercent = 10", "a 1x0.04", "", "redeem.nothing"},
		"ODOO-POS-021 no line of the category": {"kind = 'percent'\npercent = 50\n[reward.when]\ncategories = ['office']", "a/other 1x15", "", "redeem.nothing"},
		"ODOO-POS-021 that category only":      {"kind = 'percent'\npercent = 50\n[reward.when]\ncategories = ['office']", "a/other 1x15; b/office 1x50", "", "2500 [0 2500] 4000"},
		"ODOO-POS-029 ten percent of one item": {"kind = 'percent'\npercent = 10\n[reward.when]\nitems = ['c']\nminimum = 10", "a 1x40; c 1x100", "", "1000 [0 1000] 13000"},
		"ODOO-POS-031 the items come to 20":    {"kind = 'percent'\npercent = 10\n[reward.when]\nitems = ['a']\nminimum = 40", "a 1x20", "", "redeem.minimum"},
		"ODOO-POS-031 others do not count":     {"kind = 'percent'\npercent = 10\n[reward.when]\nitems = ['a']\nminimum = 40", "a 1x20; b 1x30", "", "redeem.minimum"},
		"ODOO-POS-031 the items come to 40":    {"kind = 'percent'\npercent = 10\n[reward.when]\nitems = ['a']\nminimum = 40", "a 2x20; b 1x30", "", "400 [400 0] 6600"},
		"ODOO-POS-033 never off a levy":        {"kind = 'percent'\npercent = 10", "a 1x15; fee/levy 1x50", "", "150 [150 0] 6350"},
		"ODOO-SALE-016 beside a free line":     {"kind = 'percent'\npercent = 10", "a 1x100; b 1x100 -100", "", "1000 [1000 0] 9000"},
		"ODOO-SALE-023 one cabinet":            {"kind = 'percent'\npercent = 20\n[reward.when]\nitems = ['cabinet']\nminimum = 320", "cabinet 1x368", "", "7360 [7360] 29440"},
		"ODOO-SALE-023 at most 200":            {"kind = 'percent'\npercent = 20\nmost_off = 200\n[reward.when]\nitems = ['cabinet']\nminimum = 320", "cabinet 8x368; drawer 10x25", "", "20000 [20000 0] 299400"},
		"ODOO-SALE-023 no limit":               {"kind = 'percent'\npercent = 20\n[reward.when]\nitems = ['cabinet']\nminimum = 320", "cabinet 8x368; drawer 10x25", "", "58880 [58880 0] 260520"},
		"ODOO-SALE-025 a drawer of 25":         {"kind = 'money'\noff = 249", "drawer 1x25", "", "2500 [2500] 0"},
		"ODOO-SALE-025 seventeen of them":      {"kind = 'money'\noff = 249", "drawer 17x25", "", "24900 [24900] 17600"},
		"ODOO-SALE-029 chairs and drawers":     {"kind = 'percent'\npercent = 25", "chair 4x16.50; drawer 2x25", "", "2900 [1650 1250] 8700"},
		"ODOO-SALE-029 chairs":                 {"kind = 'percent'\npercent = 25\n[reward.when]\nitems = ['chair']", "chair 4x16.50; drawer 2x25", "", "1650 [1650 0] 9950"},
		"fewer units than it takes":            {"kind = 'percent'\npercent = 25\n[reward.when]\nitems = ['chair']\nquantity = 5", "chair 4x16.50; drawer 2x25", "", "redeem.quantity"},
		"the minimum is what they cost now":    {"kind = 'percent'\npercent = 25\n[reward.when]\nitems = ['chair']\nminimum = 60", "chair 4x16.50 -7; drawer 2x25", "", "redeem.minimum"},
		"or before discounts, by the basis":    {"kind = 'percent'\npercent = 25\n[reward.when]\nitems = ['chair']\nminimum = 60\n[basis]\nbefore_discounts = true", "chair 4x16.50 -7; drawer 2x25", "", "1475 [1475 0] 9425"},
		"just as many":                         {"kind = 'percent'\npercent = 25\n[reward.when]\nitems = ['chair']\nquantity = 4", "chair 4x16.50; drawer 2x25", "", "1650 [1650 0] 9950"},
		"not some items":                       {"kind = 'percent'\npercent = 10\n[reward.when]\nnot_items = ['a']\nnot_categories = ['x']", "a 1x10; b/x 1x10; c 1x10", "", "100 [0 0 100] 2900"},

		"ODOO-SALE-019 the only item":          {"kind = 'cheapest'\npercent = 10", "a 1x115", "", "1150 [1150] 10350"},
		"ODOO-SALE-019 a cheaper one is added": {"kind = 'cheapest'\npercent = 10", "a 1x115; c 1x50", "", "500 [0 500] 16000"},
		"ODOO-POS-034 ten percent of 1.00":     {"kind = 'cheapest'\npercent = 10", "p 1x1; organizer 1x5.10", "", "10 [10 0] 600"},
		"ODOO-POS-035 ninety percent of a pen": {"kind = 'cheapest'\npercent = 90", "pen 5x3.20", "", "288 [288] 1312"},
		"the first of two alike":               {"kind = 'cheapest'", "a 1x3; b 1x2; c 3x2", "", "200 [0 200 0] 900"},
		"what is free already is not cheapest": {"kind = 'cheapest'", "a 1x3; b 1x2 -2", "", "300 [300 0] 0"},
		"what a unit costs after a discount":   {"kind = 'cheapest'", "a 1x3; b 2x4 -3", "", "250 [0 250] 550"},
		"all is free already":                  {"kind = 'cheapest'", "a 1x3 -3", "", "redeem.nothing"},

		"ODOO-POS-020 one of what was bought":       {"kind = 'item'\nchoice = ['a']", "b 1x100; a 1x115", "", "11500 [0 11500] 10000"},
		"ODOO-POS-020 a second one stays charged":   {"kind = 'item'\nchoice = ['a']", "b 1x100; a 2x115", "", "11500 [0 11500] 21500"},
		"ODOO-POS-026 the gift that was rung up":    {"kind = 'item'\nchoice = ['desk', 'monitor']", "wall 1x1.98; small 1x2.83; desk 2x1.98", "desk", "198 [0 0 198] 679"},
		"ODOO-POS-026 the gift that is beside it":   {"kind = 'item'\nchoice = ['desk', 'monitor']", "wall 1x1.98; small 1x2.83; desk 1x1.98", "monitor", "0 [] 679"},
		"ODOO-POS-030 the dearer one":               {"kind = 'item'\nchoice = ['a', 'b']", "a 3x1; b 4x5", "b", "500 [0 500] 1800"},
		"no choice is made":                         {"kind = 'item'\nchoice = ['a', 'b']", "c 1x3", "", "redeem.choice"},
		"the only one of them in the sale":          {"kind = 'item'\nchoice = ['a', 'b']", "c 1x3; b 1x2", "", "200 [0 200] 300"},
		"none of the choice":                        {"kind = 'item'\nchoice = ['a', 'b']", "c 1x3", "c", "redeem.choice"},
		"of a category, and nothing is said":        {"kind = 'item'\n[reward.when]\ncategories = ['hot']", "tea/hot 1x3; coffee/hot 1x4", "", "redeem.item"},
		"of a category":                             {"kind = 'item'\n[reward.when]\ncategories = ['hot']", "tea/hot 1x3; coffee/hot 1x4", "coffee", "400 [0 400] 300"},
		"the only one of a category":                {"kind = 'item'\n[reward.when]\ncategories = ['hot']", "tea/hot 1x3; cake 1x4", "", "300 [300 0] 400"},
		"without a sale it is just handed out":      {"kind = 'item'\nchoice = ['a']", "", "", "0 [] -"},
		"of two prices the dearer":                  {"kind = 'item'\nchoice = ['a']", "a 1x2; a 1x3", "", "300 [0 300] 200"},
		"an item at a price":                        {"kind = 'price'\noff = 1\nchoice = ['a']", "a 3x2.50", "", "150 [150] 600"},
		"an item that is cheaper already":           {"kind = 'price'\noff = 3\nchoice = ['a']", "a 3x2.50", "", "redeem.nothing"},
		"an item that is not there":                 {"kind = 'price'\noff = 1\nchoice = ['a']", "b 3x2.50", "", "redeem.nothing"},
		"a gift of a choice":                        {"kind = 'gift'\nchoice = ['pen', 'cup']", "", "cup", "0 [] -"},
		"a gift, and no choice":                     {"kind = 'gift'\nchoice = ['pen', 'cup']", "", "", "redeem.choice"},
		"a gift with a sale":                        {"kind = 'gift'\n[reward.when]\nminimum = 20", "20", "", "0 [] 2000"},
		"a gift with too small a sale":              {"kind = 'gift'\n[reward.when]\nminimum = 20", "19.99", "", "redeem.minimum"},
		"a gift with what it belongs to":            {"[reward.when]\nitems = ['book']", "book 1x9", "", "0 [] 900"},
		"a gift without it":                         {"[reward.when]\nitems = ['book']", "pen 1x9", "", "redeem.nothing"},
		"lines that are nobody's but a sum of them": {"kind = 'cheapest'", "30", "", "redeem.lines"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, loyal+"free = true\n"+tt.reward)
			sale := sold(t, tt.sale)
			got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Choice: tt.choice, Sale: sale}, having(0, 0, 0), today, noFacts)
			require.Equal(t, tt.want, shown(got, err))
			require.Equal(t, sold(t, tt.sale), sale, "the sale that was asked about is as it was")
		})
	}
}

func shown(r rules.Redemption, err error) string {
	switch {
	case err != nil:
		return outcome(nil, err)
	case r.Sale == nil:
		return fmt.Sprint(int64(r.Off), r.Lines, " -")
	}
	lines := make([]int64, len(r.Lines))
	for i, off := range r.Lines {
		lines[i] = int64(off)
	}
	return fmt.Sprint(int64(r.Off), lines, int64(r.Sale.Amount))
}

// Several rewards on one sale: each sees what the ones before it left.
func TestRewardsTogether(t *testing.T) {
	p := parsed(t, loyal+`free = true
kind = "percent"
percent = 10
[[reward]]
id = "off10"
points = 2
kind = "money"
off = 10
[[reward]]
id = "off30"
points = 5
kind = "money"
off = 30
[[reward]]
id = "off100"
free = true
kind = "money"
off = 100
[reward.when]
minimum = 100
[[reward]]
id = "half"
free = true
kind = "percent"
percent = 50
[[reward]]
id = "cup"
free = true
kind = "item"
choice = ["a"]
[[reward]]
id = "five"
free = true
kind = "percent"
percent = 5
alone = true
[reward.when]
quantity = 2
[[reward]]
id = "ten"
free = true
kind = "percent"
percent = 10
alone = true
[reward.when]
quantity = 4
[[reward]]
id = "worth"
kind = "exchange"
step = 1
off = 1
`)
	tests := map[string]struct {
		sale   string
		claims []string
		left   []string // after each
	}{
		"ODOO-POS-015 two while points last":          {"a 1x40; b 1x40", []string{"off10", "off30"}, []string{"7000", "4000"}},
		"ODOO-POS-017 just its face value":            {"b 1x100; a 1x110", []string{"off10"}, []string{"20000"}},
		"ODOO-POS-020 free and half of the rest":      {"b 1x100; a 1x115", []string{"cup", "half"}, []string{"10000", "5000"}},
		"ODOO-POS-020 the bought one too":             {"b 1x100; a 2x115", []string{"cup", "half"}, []string{"21500", "10750"}},
		"ODOO-SALE-027 the first":                     {"165", []string{"off100"}, []string{"6500"}},
		"ODOO-SALE-027 too little left for a second":  {"165", []string{"off100", "off100"}, []string{"6500", "redeem.minimum"}},
		"ODOO-SALE-027 enough for two":                {"247.50", []string{"off100", "off100"}, []string{"14750", "4750"}},
		"ODOO-SALE-027 too small a sale":              {"82.50", []string{"off100", "off100"}, []string{"redeem.minimum", "redeem.minimum"}},
		"ODOO-SALE-031 one: none":                     {"a 1x10", []string{"five", "ten"}, []string{"redeem.quantity", "redeem.quantity"}},
		"ODOO-SALE-031 three: the small one":          {"a 3x10", []string{"ten", "five"}, []string{"redeem.quantity", "2850"}},
		"ODOO-SALE-031 five: the large one, no other": {"a 5x10", []string{"ten", "five"}, []string{"4500", "redeem.alone"}},
		"discounts, then points":                      {"20", []string{"it", "worth"}, []string{"1800", "1800"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			known, sale := having(10, 0, 0), sold(t, tt.sale)
			var taken, left []string
			for _, reward := range tt.claims {
				got, err := rules.Redeem(&p, rules.Claim{Reward: reward, Sale: sale, Taken: taken}, known, today, noFacts)
				if err != nil {
					left = append(left, outcome(nil, err))
					continue
				}
				sale, taken, left = got.Sale, append(taken, reward), append(left, fmt.Sprint(int64(got.Sale.Amount)))
				known.Sums, err = known.Sums.AddAll(got.Postings)
				require.NoError(t, err)
			}
			require.Equal(t, tt.left, left)
		})
	}
	t.Run("ODOO-POS-002 the price is the program's", func(t *testing.T) {
		got, err := rules.Redeem(&p, rules.Claim{Reward: "off30", Count: 1, Sale: sold(t, "100")}, having(50, 0, 0), today, noFacts)
		require.NoError(t, err)
		require.Equal(t, rules.Price{Account: points, Amount: 5}, got.Price)
	})
}

// The tax in a line falls with what the line costs.
func TestTaxAfterADiscount(t *testing.T) {
	p := parsed(t, loyal+"free = true\nkind = 'money'\noff = '10.50'")
	sale, err := pos.Sale{Lines: []pos.Line{{Item: "a", Quantity: 1, Price: 11000, Tax: 1000}, {Item: "b", Quantity: 1, Price: 10000}}}.Checked()
	require.NoError(t, err)
	got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Sale: &sale}, having(0, 0, 0), today, noFacts)
	require.NoError(t, err)
	require.Equal(t, []pos.Money{550, 500}, got.Lines)
	require.Equal(t, pos.Money(950), got.Sale.Tax)
	require.Equal(t, pos.Money(19950), got.Sale.Amount, "ODOO-POS-017: just the face value, whatever the taxes")
	amount := pos.Sale{Amount: 11550, Tax: 1050}
	got, err = rules.Redeem(&p, rules.Claim{Reward: "it", Sale: &amount}, having(0, 0, 0), today, noFacts)
	require.NoError(t, err)
	require.Equal(t, []pos.Money{10500, 955}, []pos.Money{got.Sale.Amount, got.Sale.Tax})
}

// kinds are rewards of every kind.
var kinds = []string{
	"", "kind = 'money'\noff = '7.77'", "kind = 'money'\noff = 5000\nmost_each = '0.33'", "kind = 'percent'\npercent = '33.3'",
	"kind = 'percent'\npercent = 100\nmost_off = '9.99'", "kind = 'percent'\npercent = 100", "kind = 'item'\nchoice = ['a', 'b']",
	"kind = 'cheapest'\npercent = '1/3'", "kind = 'cheapest'", "kind = 'price'\noff = '0.99'\nchoice = ['a']",
	"kind = 'percent'\npercent = 50\n[reward.when]\ncategories = ['hot']", "kind = 'money'\noff = 3\nmost_percent = '12.5'",
}

// saleToDiscount draws a sale with lines, or just an amount, of any size.
func saleToDiscount(t *rapid.T) *pos.Sale {
	sale := pos.Sale{}
	most := rapid.SampledFrom([]int64{3, 1000, 1_000_000_000}).Draw(t, "most")
	for range rapid.IntRange(0, 6).Draw(t, "lines") {
		line := pos.Line{
			Item:     rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "item"),
			Category: rapid.SampledFrom([]string{"", "hot", "tobacco"}).Draw(t, "category"),
			Quantity: rapid.Int64Range(1, 9).Draw(t, "quantity"), Price: pos.Money(rapid.Int64Range(0, most).Draw(t, "price")),
		}
		line.Discount = pos.Money(rapid.Int64Range(0, int64(line.Due())).Draw(t, "discount"))
		line.Tax = pos.Money(rapid.Int64Range(0, int64(line.Due())).Draw(t, "tax"))
		sale.Lines = append(sale.Lines, line)
	}
	if len(sale.Lines) == 0 {
		sale.Amount = pos.Money(rapid.Int64Range(0, most).Draw(t, "amount"))
		sale.Tax = pos.Money(rapid.Int64Range(0, int64(sale.Amount)).Draw(t, "tax"))
	}
	sale, err := sale.Checked()
	require.NoError(t, err)
	if paid := rapid.Int64Range(0, int64(sale.Amount)).Draw(t, "paid"); paid%3 == 0 && paid > 0 {
		sale.Paid = []pos.Payment{{With: pos.WithCredit, Amount: pos.Money(paid)}}
	}
	return &sale
}

// Whatever is claimed of whatever sale: what comes off is no more than what is left
// to pay; line by line it is no more than the line and adds up; excluded lines stay;
// what is left is a sale; the postings take just the price; and what was said adds
// up to them.
func TestNoDiscountIsMoreThanTheSale(t *testing.T) {
	documents := []string{"kind = 'exchange'\nstep = 7\noff = '0.13'"}
	for _, kind := range kinds {
		for _, price := range []string{"points = 50\n", "card = 'tea'\nstamps = 7\n", "voucher = true\n", "free = true\n"} {
			documents = append(documents, price+kind)
		}
	}
	programs := make([]pos.Program, len(documents))
	for i, document := range documents {
		programs[i] = parsed(t, loyal+"limits = {per_day = 3}\n"+document)
	}
	done := 0
	rapid.Check(t, func(t *rapid.T) {
		p := programs[rapid.IntRange(0, len(programs)-1).Draw(t, "reward")]
		sale := saleToDiscount(t)
		known := having(rapid.Int64Range(0, 300).Draw(t, "points"), rapid.Int64Range(0, 30).Draw(t, "stamps"), rapid.Int64Range(0, 3).Draw(t, "vouchers"))
		claim := rules.Claim{Reward: "it", Sale: sale, Choice: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "choice"), Count: rapid.Int64Range(0, 60).Draw(t, "count")}
		for range 3 {
			got, err := rules.Redeem(&p, claim, known, today, noFacts)
			if err != nil {
				return
			}
			done++
			checkRedemption(t, claim, got)
			again := got.Claim
			again.Sale = claim.Sale
			repeated, err := rules.Redeem(&p, again, known, today, noFacts)
			require.NoError(t, err)
			require.Equal(t, got, repeated, "decided again from its entry it is the same")
			known.Sums, err = known.Sums.AddAll(got.Postings)
			require.NoError(t, err)
			require.GreaterOrEqual(t, known.Sums.Balance(got.Price.Account, today), int64(0), "never more than there is")
			claim.Sale = got.Sale
		}
	})
	require.Positive(t, done)
}

func checkRedemption(t require.TestingT, claim rules.Claim, got rules.Redemption) {
	left := claim.Sale.Amount
	for _, paid := range claim.Sale.Paid {
		left -= paid.Amount
	}
	require.GreaterOrEqual(t, got.Off, pos.Money(0))
	require.LessOrEqual(t, got.Off, left)
	if got.Lines != nil {
		all := pos.Money(0)
		for i, off := range got.Lines {
			require.True(t, off >= 0 && off <= claim.Sale.Lines[i].Due())
			require.False(t, off > 0 && claim.Sale.Lines[i].Category == "tobacco")
			all += off
		}
		require.Equal(t, got.Off, all)
	}
	checked, err := got.Sale.Checked()
	require.NoError(t, err)
	require.Equal(t, *got.Sale, checked)
	taken := map[pos.Account]int64{}
	for _, p := range got.Postings {
		taken[p.Account] += p.Amount
	}
	if got.Price.Amount > 0 {
		require.Equal(t, -got.Price.Amount, taken[got.Price.Account], "just the price")
	}
	for _, because := range got.Because {
		if because.Account != "" {
			taken[because.Account] -= because.Amount
		}
	}
	for account, left := range taken {
		require.Zero(t, left, "the reasons for %s", account)
	}
}

// What does not fit is refused, never wrapped.
func TestHugeAmounts(t *testing.T) {
	p := parsed(t, loyal+"kind = 'exchange'\nstep = 1000000000\noff = '10000000000'")
	sale := pos.Sale{Amount: pos.MaxSale}
	got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Sale: &sale}, having(9_000_000_000_000_000_000, 0, 0), today, noFacts)
	require.NoError(t, err)
	require.Equal(t, pos.MaxSale, got.Off)
	p = parsed(t, loyal+"points = 1000000000")
	p.Rewards[0].Points = 1 << 60
	_, err = rules.Redeem(&p, rules.Claim{Reward: "it", Count: 100}, having(1<<62, 0, 0), today, noFacts)
	require.ErrorContains(t, err, "out of range")
	_, err = rules.Override(&p, rules.Claim{Reward: "it", Count: 100}, having(1<<62, 0, 0), today, noFacts)
	require.ErrorContains(t, err, "out of range")
	p = parsed(t, loyal+"free = true\nkind = 'percent'\npercent = '99.9999'")
	got, err = rules.Redeem(&p, rules.Claim{Reward: "it", Sale: &sale}, having(0, 0, 0), today, noFacts)
	require.NoError(t, err)
	require.Equal(t, pos.Money(999_999_000_000), got.Off)
}

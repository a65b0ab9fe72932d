package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// knows returns facts as "tier:gold=1 minute=600" writes them.
func knows(t require.TestingT, text string) rules.Facts {
	facts := map[string]int64{}
	for fact := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(fact, "=")
		var n int64
		_, err := fmt.Sscan(value, &n)
		require.NoError(t, err)
		facts[name] = n
	}
	return func(name string) int64 { return facts[name] }
}

// sold returns the sale that the text writes: "tea 2x3.00 -0.50; wine/drinks 1x5",
// or just an amount.
func sold(t require.TestingT, text string) *pos.Sale {
	if text == "" {
		return nil
	}
	euro, _ := pos.CurrencyOf("EUR")
	sale := pos.Sale{}
	money := func(text string) pos.Money {
		amount, err := euro.Parse(text, '.')
		require.NoError(t, err)
		return amount
	}
	if !strings.Contains(text, "x") {
		sale.Amount = money(text)
	} else {
		for line := range strings.SplitSeq(text, ";") {
			words := strings.Fields(line)
			item, category, _ := strings.Cut(words[0], "/")
			quantity, price, _ := strings.Cut(words[1], "x")
			l := pos.Line{Item: item, Category: category, Price: money(price)}
			_, err := fmt.Sscan(quantity, &l.Quantity)
			require.NoError(t, err)
			if len(words) > 2 {
				l.Discount = money(strings.TrimPrefix(words[2], "-"))
			}
			sale.Lines = append(sale.Lines, l)
		}
	}
	checked, err := sale.Checked()
	require.NoError(t, err)
	return &checked
}

// loyal is a program for one reward of any kind: points, a card, credit.
const loyal = `
switches = ["rain"]
tags = ["staff", "vip"]
[points]
earn = 1
for = "1"
floor = 100
budget = 300
[[card]]
id = "tea"
size = 10
[exclude]
categories = ["tobacco", "levy"]
[[reward]]
id = "it"
`

// having returns what a till without a centre knows of a member with points, tea
// stamps and vouchers for the reward.
func having(points, stamps, vouchers int64) rules.Knowledge {
	known := rules.Knowledge{Holder: ann}
	for _, s := range []ledger.Sum{{Account: "points", Lot: pos.Lot{Until: 20_500}, Amount: points}, {Account: "stamp:tea/10", Amount: stamps}, {Account: "reward:it", Lot: pos.Lot{Until: 20_100}, Amount: vouchers}} {
		known.Sums, _ = known.Sums.Add(s.Account, s.Lot, s.Amount)
	}
	return known
}

const today = pos.Day(20_000) // Friday 2024-10-04

// What a reward takes: one price, of one account, whatever it gives.
func TestPrices(t *testing.T) {
	rich := having(500, 25, 3)
	tests := map[string]struct {
		reward string
		count  int64
		want   string // what is taken, or the problem
	}{
		"points":                     {"points = 50", 0, "points -50"},
		"three for points":           {"points = 50", 3, "points -150"},
		"a full card":                {"card = 'tea'", 0, "stamp:tea/10 -10"},
		"a part of a card":           {"card = 'tea'\nstamps = 4", 0, "stamp:tea/10 -4"},
		"more than a card":           {"card = 'tea'\nstamps = 20", 0, "stamp:tea/10 -20"},
		"a voucher":                  {"voucher = true", 0, "reward:it -1"},
		"two vouchers":               {"voucher = true", 2, "reward:it -2"},
		"nothing":                    {"free = true", 0, ""},
		"too many at once":           {"free = true", 101, "redeem.pieces"},
		"fewer than none":            {"free = true", -1, "redeem.pieces"},
		"more vouchers than held":    {"voucher = true", 4, "redeem.vouchers"},
		"more stamps than held":      {"card = 'tea'\nstamps = 20", 2, "redeem.stamps"},
		"OL-020 20 at 10 of 10":      {"points = 501", 1, "redeem.points"},
		"OL-020 6 times 100 of 500":  {"points = 100", 6, "redeem.points"},
		"OL-020 5 times 100 of 500":  {"points = 100", 5, "points -500"},
		"OL-020 percent: one of six": {"points = 100\nkind = 'percent'\npercent = 10", 6, "points -100"},
		"an event":                   {"points = 20\nkind = 'entry'", 2, "points -40"},
		"an outside code":            {"points = 20\nkind = 'code'\ncode = 'CINEMA'", 0, "points -20"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, loyal+tt.reward)
			got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Count: tt.count, Sale: sold(t, "100")}, rich, today, noFacts)
			require.Equal(t, tt.want, outcome(got.Postings, err))
		})
	}
}

// outcome writes postings, or the key of the problem.
func outcome(postings []pos.Posting, err error) string {
	if err != nil {
		if problem, ok := err.(*pos.Problem); ok {
			return problem.Key
		}
		return err.Error()
	}
	texts := make([]string, len(postings))
	for i, p := range postings {
		texts[i] = fmt.Sprintf("%s %d", p.Account, p.Amount)
	}
	return strings.Join(texts, ", ")
}

// What stands against a reward that the balance covers.
func TestWhoMayHaveAReward(t *testing.T) {
	tests := map[string]struct {
		reward string
		facts  string
		taken  string
		want   string
	}{
		"nothing":                              {"", "", "", "points -50"},
		"before the first day":                 {"[reward.when]\nfrom = '2024-10-05'", "", "", "redeem.day"},
		"on the first day":                     {"[reward.when]\nfrom = '2024-10-04'", "", "", "points -50"},
		"on the last day":                      {"[reward.when]\nuntil = '2024-10-04'", "", "", "points -50"},
		"after the last day":                   {"[reward.when]\nuntil = '2024-10-03'", "", "", "redeem.day"},
		"on a Friday":                          {"[reward.when]\nweekdays = ['mon', 'fri']", "", "", "points -50"},
		"not on a Friday":                      {"[reward.when]\nweekdays = ['mon', 'thu']", "", "", "redeem.day"},
		"in the hours":                         {"[reward.when]\nhours = ['07:00-10:00']", "minute=599", "", "points -50"},
		"from the hour":                        {"[reward.when]\nhours = ['07:00-10:00']", "minute=420", "", "points -50"},
		"after the hours":                      {"[reward.when]\nhours = ['07:00-10:00']", "minute=600", "", "redeem.hours"},
		"in the second hours":                  {"[reward.when]\nhours = ['07:00-10:00', '15:00-16:00']", "minute=900", "", "points -50"},
		"past midnight":                        {"[reward.when]\nhours = ['22:00-02:00']", "minute=60", "", "points -50"},
		"before midnight":                      {"[reward.when]\nhours = ['22:00-02:00']", "minute=1320", "", "points -50"},
		"between":                              {"[reward.when]\nhours = ['22:00-02:00']", "minute=120", "", "redeem.hours"},
		"a tag that the member has":            {"[reward.when]\ntags = ['vip', 'staff']", "tag:staff=1", "", "points -50"},
		"a tag that the member has not":        {"[reward.when]\ntags = ['vip']", "tag:staff=1", "", "redeem.standing"},
		"a tag that the member must not have":  {"[reward.when]\nnot_tags = ['staff']", "tag:staff=1", "", "redeem.standing"},
		"not that tag":                         {"[reward.when]\nnot_tags = ['staff']", "tag:vip=1", "", "points -50"},
		"a switch that is on":                  {"[reward.when]\nswitch = 'rain'", "switch:rain=1", "", "points -50"},
		"a switch that is off":                 {"[reward.when]\nswitch = 'rain'", "", "", "redeem.switch"},
		"the birthday":                         {"[reward.when]\nbirthday = 'day'", "birthday=1004", "", "points -50"},
		"the day after":                        {"[reward.when]\nbirthday = 'day'", "birthday=1003", "", "redeem.standing"},
		"three days after":                     {"[reward.when]\nbirthday = 'week'", "birthday=1001", "", "points -50"},
		"four days before":                     {"[reward.when]\nbirthday = 'week'", "birthday=1008", "", "redeem.standing"},
		"the month":                            {"[reward.when]\nbirthday = 'month'", "birthday=1031", "", "points -50"},
		"a birthday that nobody knows":         {"[reward.when]\nbirthday = 'month'", "", "", "redeem.standing"},
		"alone, with another":                  {"alone = true", "", "cup", "redeem.alone"},
		"alone, by itself":                     {"alone = true", "", "", "points -50"},
		"with another that is alone":           {"", "", "solo", "redeem.alone"},
		"with another":                         {"", "", "cup", "points -50"},
		"once a sale":                          {"limits = {per_sale = 1}", "", "it", "redeem.limit"},
		"once a sale, after others":            {"limits = {per_sale = 1}", "", "cup", "points -50"},
		"twice a day":                          {"limits = {per_day = 2}", "use:it/day=1", "", "points -50, use:it/day 1"},
		"three times a day":                    {"limits = {per_day = 2}", "use:it/day=2", "", "redeem.limit"},
		"the week is used up, the day is not":  {"limits = {per_day = 2, per_week = 3}", "use:it/day=1 use:it/week=3", "", "redeem.limit"},
		"all is booked":                        {"limits = {per_day = 2, per_month = 3, in_all = 4}", "", "", "points -50, use:it/day 1, use:it/month 1, use:it/all 1"},
		"ODOO-POS-035 one in all, used":        {"limits = {in_all = 1}", "use:it/all=1", "", "redeem.limit"},
		"ODOO-POS-035 one at this till, used":  {"stock = 1", "stock:it=1", "", "redeem.stock"},
		"OL-021 2 in stock, 2 used":            {"stock = 2", "stock:it=2", "", "redeem.stock"},
		"OL-021 2 in stock, 1 used":            {"stock = 2", "stock:it=1", "", "points -50"},
		"OL-021 10 for a member, 10 used":      {"stock = 99\nlimits = {in_all = 10}", "use:it/all=10", "", "redeem.limit"},
		"another reward's stock and limits":    {"stock = 1\nlimits = {per_day = 1}", "stock:cup=9 use:cup/day=9", "", "points -50, use:it/day 1"},
		"a tier that the member is in":         {"[reward.when]\ntiers = ['gold']", "tier:gold=1", "", "points -50"},
		"a tier that the member is not in":     {"[reward.when]\ntiers = ['gold']", "", "", "redeem.standing"},
		"a minimum that the sale does not see": {"[reward.when]\nminimum = 10", "", "", "redeem.sale"},
	}
	const others = "\n[[reward]]\nid = 'cup'\npoints = 1\n[[reward]]\nid = 'solo'\npoints = 1\nalone = true\n[[tier]]\nid = 'base'\nfrom = 0\n[[tier]]\nid = 'gold'\nfrom = 100\n[tiers]\nby = 'points'\nwindow = 'lifetime'\n"
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, loyal+"points = 50\n"+tt.reward+others)
			got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Taken: strings.Fields(tt.taken)}, having(50, 0, 0), today, knows(t, tt.facts))
			require.Equal(t, tt.want, outcome(got.Postings, err))
			if err == nil {
				return
			}
			over, err := rules.Override(&p, rules.Claim{Reward: "it", Taken: strings.Fields(tt.taken), Sale: sold(t, "1")}, having(50, 0, 0), today, knows(t, tt.facts))
			require.NoError(t, err, "a manager's word counts more")
			require.Contains(t, outcome(over.Postings, nil), "points -50")
		})
	}
	t.Run("OL-021 two of a stock of two, one used", func(t *testing.T) {
		p := parsed(t, loyal+"free = true\nstock = 2\nlimits = {in_all = 10}")
		for facts, want := range map[string]string{"stock:it=1": "redeem.stock", "stock:it=0": "use:it/all 2", "use:it/all=8": "use:it/all 2", "use:it/all=9": "redeem.limit"} {
			got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Count: 2}, having(0, 0, 0), today, knows(t, facts))
			require.Equal(t, want, outcome(got.Postings, err), facts)
		}
	})
	t.Run("an override counts against limits too", func(t *testing.T) {
		p := parsed(t, loyal+"points = 50\nlimits = {per_day = 1}")
		over, err := rules.Override(&p, rules.Claim{Reward: "it"}, having(0, 0, 0), today, knows(t, "use:it/day=1"))
		require.NoError(t, err)
		require.Equal(t, "points -50, use:it/day 1", outcome(over.Postings, nil))
	})
	t.Run("an unknown reward", func(t *testing.T) {
		p := parsed(t, loyal+"points = 50")
		_, err := rules.Redeem(&p, rules.Claim{Reward: "cake"}, having(50, 0, 0), today, noFacts)
		require.ErrorIs(t, err, pos.Refuse("redeem.unknown"))
		_, err = rules.Override(&p, rules.Claim{Reward: "cake"}, having(50, 0, 0), today, noFacts)
		require.ErrorIs(t, err, pos.Refuse("redeem.unknown"))
	})
}

// A reward that costs nothing needs neither lease nor floor, but its limits hold.
func TestAFreeRewardNeedsNoCentre(t *testing.T) {
	p := parsed(t, loyal+"free = true\nlimits = {per_week = 1}\n[offline]\nleases = 0")
	lost := rules.Knowledge{Holder: ann, Enrolled: true, Frozen: true, Restored: true, Age: 9999 * time.Hour}
	got, err := rules.Redeem(&p, rules.Claim{Reward: "it"}, lost, today, noFacts)
	require.NoError(t, err)
	require.Nil(t, got.By)
	require.Equal(t, []pos.Posting{{Account: "use:it/week", Amount: 1, Lot: pos.Lot{Until: today + 3}}}, got.Postings, "until Monday")
	_, err = rules.Redeem(&p, rules.Claim{Reward: "it"}, lost, today, knows(t, "use:it/week=1"))
	require.ErrorIs(t, err, pos.Refuse("redeem.limit"))
}

// Points for money: in whole steps, no more than is asked for, than there is, and
// than the sale absorbs.
func TestExchange(t *testing.T) {
	tests := map[string]struct {
		reward  string
		balance int64
		count   int64
		sale    string
		want    string
		off     pos.Money
	}{
		"ODOO-POS-012 what the sale absorbs":      {"step = 1\noff = 1\nleast = 10", 100, 0, "10", "points -10", 1000},
		"ODOO-SALE-009 whole steps only":          {"step = 3\noff = '4.50'", 10, 0, "100", "points -9", 1350},
		"SYL-015 more than there is":              {"step = 1\noff = 1", 200, 500, "1000", "points -200", 20000},
		"SYL-017 just what is asked":              {"step = 1\noff = '0.01'\nleast = 500\nmost_percent = 50", 5000, 1000, "100", "points -1000", 1000},
		"SYL-017 all there is":                    {"step = 1\noff = '0.01'\nleast = 500\nmost_percent = 50", 700, 1000, "100", "points -700", 700},
		"SYL-017 half of the sale":                {"step = 1\noff = '0.01'\nleast = 500\nmost_percent = 50", 10000, 10000, "100", "points -5000", 5000},
		"SYL-017 clean multiples":                 {"step = 100\noff = 5", 5000, 1050, "1000", "points -1000", 5000},
		"SYL-017 below the least":                 {"step = 1\noff = '0.01'\nleast = 500", 5000, 400, "1000", "redeem.least", 0},
		"WOO-002 49 points for 5.00":              {"step = 1\noff = '0.10'\nleast = 50", 49, 0, "100", "redeem.points", 0},
		"WOO-002 50 points for 5.00":              {"step = 1\noff = '0.10'\nleast = 50", 50, 0, "100", "points -50", 500},
		"WOO-003 so much for each unit":           {"step = 1\noff = '0.10'\nmost_each = 15", 1000, 0, "a 5x20", "points -750", 7500},
		"ERP-003 10 points of a sale of 10000":    {"step = 1\noff = 1", 10, 10, "10000", "points -10", 1000},
		"ERP-007 the rounded total":               {"step = 1\noff = '0.10'", 10000, 1010, "101", "points -1010", 10100},
		"ERP-008 0.05 a point":                    {"step = 1\noff = '0.05'", 77, 77, "1000", "points -77", 385},
		"ISSUE-018 30 of 100":                     {"step = 1\noff = 1", 30, 30, "100", "points -30", 3000},
		"the sale takes fewer than the least":     {"step = 1\noff = 1\nleast = 50", 100, 0, "40", "redeem.least", 0},
		"a step is dearer than the sale":          {"step = 10\noff = 5", 100, 0, "4.99", "redeem.nothing", 0},
		"never a part of a step":                  {"step = 10\noff = 5", 100, 0, "9.99", "points -10", 500},
		"a step too few":                          {"step = 10\noff = 5", 9, 0, "9.99", "redeem.points", 0},
		"less than a step is asked for":           {"step = 10\noff = 5", 90, 9, "9.99", "redeem.least", 0},
		"fewer than none are asked for":           {"step = 10\noff = 5", 90, -20, "9.99", "redeem.least", 0},
		"at most so much of a sale":               {"step = 10\noff = 5\nmost_off = 12", 90, 0, "100", "points -20", 1000},
		"not for what is excluded":                {"step = 10\noff = 5", 90, 0, "a 1x6; smoke/tobacco 1x100", "points -10", 500},
		"no sale":                                 {"step = 10\noff = 5", 90, 0, "", "redeem.sale", 0},
		"a balance below nothing":                 {"step = 10\noff = 5", -90, 0, "100", "redeem.points", 0},
		"a sale and points beyond all that comes": {"step = 1\noff = '0.01'", 9_000_000_000_000_000_000, 0, "10000000000", "points -1000000000000", 1_000_000_000_000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, loyal+"kind = 'exchange'\n"+tt.reward)
			sale := sold(t, tt.sale)
			got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Count: tt.count, Sale: sale}, having(tt.balance, 0, 0), today, noFacts)
			require.Equal(t, tt.want, outcome(got.Postings, err))
			if err != nil {
				return
			}
			require.Equal(t, tt.off, got.Off)
			require.Equal(t, []pos.Payment{{With: pos.WithPoints, Amount: tt.off}}, got.Sale.Paid, "it pays a part: Basis says whether that earns")
			require.Empty(t, sale.Paid, "the sale that was asked about is as it was")
			require.Equal(t, got.Price.Amount, got.Claim.Count, "decided again from its entry it is the same")
		})
	}
}

// A till without a line exchanges what it may, where nobody said how many.
func TestExchangeWithinReach(t *testing.T) {
	p := parsed(t, loyal+"kind = 'exchange'\nstep = 10\noff = 1\nleast = 20")
	base := rules.Knowledge{Holder: ann, Enrolled: true, Sums: ledger.Sums{lot(20_500, 500)}}
	leased := base
	leased.Leases = []ledger.Lease{lease(1, lot(20_500, 230))}
	tests := map[string]struct {
		known rules.Knowledge
		count int64
		want  string
	}{
		"the floor":                  {base, 0, "points -100"},
		"more than the floor":        {base, 110, "redeem.floor"},
		"the lease, if it is more":   {leased, 0, "points -230"},
		"what is left of the floor":  {rules.Knowledge{Holder: ann, Enrolled: true, Sums: base.Sums, Window: []rules.Handed{handed(ann, points, 75, "it")}}, 0, "points -20"},
		"less than the least":        {rules.Knowledge{Holder: ann, Enrolled: true, Sums: base.Sums, Window: []rules.Handed{handed(ann, points, 85, "it")}}, 0, "redeem.floor"},
		"what is left of the budget": {rules.Knowledge{Holder: ann, Enrolled: true, Sums: base.Sums, Window: []rules.Handed{handed(bela, points, 240, "it")}}, 0, "points -60"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Count: tt.count, Sale: sold(t, "1000")}, tt.known, today, noFacts)
			require.Equal(t, tt.want, outcome(got.Postings, err))
		})
	}
	t.Run("as many steps as the reward says", func(t *testing.T) {
		p := parsed(t, loyal+"kind = 'exchange'\nstep = 10\noff = 1\nmost = 4")
		got, err := rules.Redeem(&p, rules.Claim{Reward: "it", Sale: sold(t, "1000")}, base, today, noFacts)
		require.Equal(t, "points -40", outcome(got.Postings, err))
	})
}

// What screens show of rewards that are no gift for points.
func TestRewardsOfOtherPrices(t *testing.T) {
	show := func(document string, known rules.Knowledge, facts string) string {
		p := parsed(t, loyal+document)
		var text strings.Builder
		for _, r := range rules.Rewards(&p, known.Sums, today, knows(t, facts)) {
			fmt.Fprintf(&text, "ready %d missing %d worth %d last %v not %v", r.Ready, r.Missing, r.Worth, r.Last, r.Not)
		}
		return text.String()
	}
	none := "not <nil>"
	require.Equal(t, "ready 2 missing 0 worth 0 last 2025-01-11 "+none, show("voucher = true", having(0, 0, 2), ""))
	require.Empty(t, show("voucher = true", having(0, 0, 0), ""), "nobody is told what vouchers there might be")
	require.Equal(t, "ready 6 missing 0 worth 0 last  "+none, show("card = 'tea'\nstamps = 4", having(0, 25, 0), ""))
	require.Equal(t, "ready 1 missing 0 worth 2400 last  "+none, show("kind = 'exchange'\nstep = 10\noff = 1\nleast = 50", having(248, 0, 0), ""))
	require.Equal(t, "ready 0 missing 2 worth 0 last  "+none, show("kind = 'exchange'\nstep = 10\noff = 1\nleast = 50", having(48, 0, 0), ""))
	require.Equal(t, "ready 1 missing 0 worth 0 last  "+none, show("free = true", having(0, 0, 0), ""))
	require.Empty(t, show("free = true\n[reward.when]\ntags = ['vip']", having(0, 0, 0), ""))
	require.Empty(t, show("free = true\nlimits = {per_day = 1}", having(0, 0, 0), "use:it/day=1"))
	require.Empty(t, show("free = true\n[[coupon]]\nid = 'c'\ncode = 'ABC'\nreward = 'it'", having(0, 0, 0), ""), "a coupon must be shown first")
	require.Equal(t, "ready 1 missing 0 worth 0 last  not redeem.stock map[reward:it]", show("points = 50\nstock = 1", having(50, 0, 0), "stock:it=1"))
}

// The claim of a redemption can be read from its entry, and decided again from it.
func TestClaimOf(t *testing.T) {
	p := parsed(t, loyal+"free = true\nchoice = ['tea', 'iced tea']\n[[reward]]\nid = 'cup'\npoints = 1\nchoice = ['iced tea']\n[[coupon]]\nid = 'c'\ncode = 'ABC'\nreward = 'it'")
	for _, claim := range []rules.Claim{
		{Reward: "it", Coupon: "ABC", Choice: "iced tea", Count: 2},
		{Reward: "it", Coupon: "ABC"},
		{Reward: "cup", Choice: "iced tea", Sale: sold(t, "tea 1x2")},
	} {
		e := pos.Entry{Reward: claim.Reward, Count: claim.Count, Sale: claim.Sale, Code: claim.Code()}
		require.Equal(t, claim, rules.ClaimOf(&p, e))
	}
}

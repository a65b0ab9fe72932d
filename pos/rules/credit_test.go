package rules_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// money is a program with store credit and gift cards.
const purses = `
[credit]
floor = 5
budget = 20
[gift_cards]
least = 10
most = 150
expire_months = 12
floor = 2
budget = 30
`

const credit = pos.CreditAccount

// purse returns what a till without a centre knows of a holder with so much credit.
func purse(minor int64) rules.Knowledge {
	known := rules.Knowledge{Holder: ann}
	if minor != 0 {
		known.Sums = ledger.Sums{{Account: credit, Amount: minor}}
	}
	return known
}

func TestPay(t *testing.T) {
	tests := map[string]struct {
		rules  string // besides
		known  rules.Knowledge
		sale   string
		amount pos.Money
		card   bool
		want   string
		left   pos.Money // to pay
	}{
		"a part of the balance":                 {"", purse(15000), "30", 0, false, "credit -3000", 0},
		"MED-001 150 less 30":                   {"", purse(15000), "30", 3000, false, "credit -3000", 0},
		"MED-001 200 less 50":                   {"", purse(20000), "50", 5000, false, "credit -5000", 0},
		"MED-001 40 less 100":                   {"", purse(4000), "100", 10000, false, "pay.short", 0},
		"LOOP-001 all of 250":                   {"", purse(25000), "1000", 0, false, "credit -25000", 75000},
		"LOOP-002 at most half of the sale":     {"most_percent = 50", purse(10000), "1000", 0, false, "credit -10000", 90000},
		"LOOP-002 half of a small sale":         {"most_percent = 50", purse(10000), "100", 0, false, "credit -5000", 5000},
		"ODOO-SALE-005 a card smaller":          {"", purse(10000), "115", 0, true, "credit -10000", 1500},
		"ODOO-SALE-005 a card larger":           {"", purse(10000), "5.75", 0, true, "credit -575", 0},
		"never more than the sale":              {"", purse(10000), "5.75", 9999, true, "credit -575", 0},
		"less than there is, as asked":          {"", purse(10000), "50", 1000, true, "credit -1000", 4000},
		"ISSUE-007 an empty card":               {"", purse(0), "1", 100, true, "pay.short", 0},
		"an empty card, and nothing is said":    {"", purse(0), "1", 0, true, "pay.short", 0},
		"a debt":                                {"", purse(-5), "1", 0, false, "pay.short", 0},
		"a sale of nothing":                     {"", purse(100), "0", 0, false, "pay.nothing", 0},
		"no sale":                               {"", purse(100), "", 0, false, "pay.sale", 0},
		"less than nothing":                     {"", purse(100), "1", -5, false, "amount.positive", 0},
		"by the floor, as much as there may be": {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums}, "100", 0, false, "credit -500", 9500},
		"by the floor of cards":                 {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums}, "100", 0, true, "credit -200", 9800},
		"above the floor":                       {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums}, "100", 501, false, "pay.floor", 0},
		"above the budget":                      {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Window: []rules.Handed{handed(bela, credit, 1900, "")}}, "100", 101, false, "pay.budget", 0},
		"what cards took counts for credit too": {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Window: []rules.Handed{handed(bela, credit, 1999, "")}}, "100", 0, false, "credit -1", 9999},
		"by a lease":                            {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Leases: []ledger.Lease{lease(1, purse(700).Sums[0])}}, "100", 0, false, "credit -700", 9300},
		"lent to another till":                  {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Lent: purse(900).Sums}, "100", 0, false, "pay.lent", 0},
		"too long without the centre":           {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Age: 73 * time.Hour}, "1", 0, false, "pay.stale", 0},
		"a till from a backup":                  {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Restored: true}, "1", 0, false, "pay.restored", 0},
		"a till that was copied":                {"", rules.Knowledge{Enrolled: true, Sums: purse(900).Sums, Frozen: true, Leases: []ledger.Lease{lease(1, purse(900).Sums[0])}}, "1", 0, false, "pay.frozen", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, "[credit]\n"+tt.rules+purses[len("\n[credit]"):])
			sale := sold(t, tt.sale)
			got, err := rules.Pay(&p, rules.Payment{Sale: sale, Amount: tt.amount, Card: tt.card}, tt.known, today)
			require.Equal(t, tt.want, outcome(got.Postings, err))
			if err != nil {
				return
			}
			require.Equal(t, sale.Amount-tt.left, got.Amount)
			require.Equal(t, got.Amount, got.Sale.Paid[0].Amount)
			require.Empty(t, sale.Paid, "the sale that was asked about is as it was")
			require.Equal(t, -int64(got.Amount), got.Because[0].Amount)
		})
	}
	t.Run("the amount that is missing", func(t *testing.T) {
		p := parsed(t, purses)
		_, err := rules.Pay(&p, rules.Payment{Sale: sold(t, "100"), Amount: 10000}, purse(4000), today)
		require.Equal(t, error(pos.Refuse("pay.short", "amount", pos.Money(6000))), err)
	})
	t.Run("no such credit in the program", func(t *testing.T) {
		p := parsed(t, bakery)
		for _, card := range []bool{false, true} {
			_, err := rules.Pay(&p, rules.Payment{Sale: sold(t, "100"), Card: card}, purse(4000), today)
			require.ErrorIs(t, err, pos.Refuse("pay.none"))
		}
	})
	t.Run("a manager allows it", func(t *testing.T) {
		p := parsed(t, purses)
		got, err := rules.PayAnyway(&p, rules.Payment{Sale: sold(t, "100"), Amount: 5000}, rules.Knowledge{Enrolled: true, Sums: purse(900).Sums}, today)
		require.NoError(t, err)
		require.Equal(t, []pos.Posting{{Account: credit, Amount: -5000}}, got.Postings)
	})
}

// A sale is discounted first and paid then, by as many as it takes; together they
// never come to more than the sale.
func TestOneSaleManyPayments(t *testing.T) {
	p := parsed(t, loyal+"free = true\nkind = 'percent'\npercent = 10\n[[reward]]\nid = 'worth'\nkind = 'exchange'\nstep = 1\noff = 1\n[[reward]]\nid = 'a-free'\nfree = true\nkind = 'percent'\npercent = 100\n[reward.when]\nitems = ['a']\n"+purses)
	pay := func(t *testing.T, sale *pos.Sale, minor int64, card bool) (*pos.Sale, int64) {
		got, err := rules.Pay(&p, rules.Payment{Sale: sale, Card: card}, purse(minor), today)
		require.NoError(t, err)
		return got.Sale, int64(got.Amount)
	}
	redeem := func(t *testing.T, sale *pos.Sale, reward string) *pos.Sale {
		got, err := rules.Redeem(&p, rules.Claim{Reward: reward, Sale: sale}, having(100, 0, 0), today, noFacts)
		require.NoError(t, err)
		return got.Sale
	}
	t.Run("ERP-013 points, then 300, then 200", func(t *testing.T) {
		sale := redeem(t, sold(t, "500"), "worth")
		sale, first := pay(t, sale, 30000, false)
		sale, second := pay(t, sale, 20000, true)
		require.Equal(t, []int64{30000, 10000}, []int64{first, second})
		_, err := rules.Pay(&p, rules.Payment{Sale: sale}, purse(10), today)
		require.ErrorIs(t, err, pos.Refuse("pay.nothing"))
	})
	t.Run("ODOO-SALE-006 several gift cards", func(t *testing.T) {
		sale, first := pay(t, sold(t, "a 20x50"), 10000, true)
		_, second := pay(t, sale, 10000, true)
		require.Equal(t, []int64{10000, 10000}, []int64{first, second})
	})
	t.Run("ODOO-SALE-007 ten percent, then a card of 50", func(t *testing.T) {
		sale, paid := pay(t, redeem(t, sold(t, "c 1x100"), "it"), 5000, true)
		require.Equal(t, []int64{9000, 5000}, []int64{int64(sale.Amount), paid})
	})
	t.Run("ODOO-SALE-007 the card was first: the total is the same", func(t *testing.T) {
		sale, _ := pay(t, sold(t, "c 1x100"), 5000, true)
		require.Equal(t, pos.Money(9000), redeem(t, sale, "it").Amount)
	})
	t.Run("ODOO-SALE-008 ten percent, then a card of 100", func(t *testing.T) {
		sale, paid := pay(t, redeem(t, sold(t, "c 1x100"), "it"), 10000, true)
		require.Equal(t, []int64{9000, 9000}, []int64{int64(sale.Amount), paid})
	})
	t.Run("ODOO-SALE-008 nothing comes off what is paid already", func(t *testing.T) {
		sale, _ := pay(t, sold(t, "c 1x100"), 10000, true)
		_, err := rules.Redeem(&p, rules.Claim{Reward: "it", Sale: sale}, having(0, 0, 0), today, noFacts)
		require.ErrorIs(t, err, pos.Refuse("redeem.nothing"))
	})
	t.Run("ODOO-SALE-010 credit for one, a coupon for the other", func(t *testing.T) {
		sale, _ := pay(t, sold(t, "a 1x115; b 1x115"), 11500, false)
		sale = redeem(t, sale, "a-free")
		require.Equal(t, []pos.Money{11500, 11500}, []pos.Money{sale.Amount, sale.Paid[0].Amount})
	})
}

func TestLoad(t *testing.T) {
	ask := func(event string, minor int64, facts string) rules.Ask {
		return rules.Ask{Holder: ann, Day: today, Event: event, Count: minor, Facts: knows(t, facts)}
	}
	const sold = "use:gift-card/sold=1"
	tests := map[string]struct {
		ask  rules.Ask
		want string
	}{
		"sold":                      {ask(rules.LoadSold, 5000, ""), "use:gift-card/sold 1, credit 5000"},
		"ISSUE-007 sold again":      {ask(rules.LoadSold, 5000, sold), "load.sold"},
		"topped up":                 {ask(rules.LoadTopUp, 5000, sold), "credit 5000"},
		"topped up, and never sold": {ask(rules.LoadTopUp, 5000, ""), "load.unsold"},
		"the least":                 {ask(rules.LoadTopUp, 1000, sold), "credit 1000"},
		"less":                      {ask(rules.LoadTopUp, 999, sold), "load.amount"},
		"the most":                  {ask(rules.LoadTopUp, 15000, sold), "credit 15000"},
		"more":                      {ask(rules.LoadTopUp, 15001, sold), "load.amount"},
		"nothing":                   {ask(rules.LoadSold, 0, ""), "load.amount"},
		"less than nothing":         {ask(rules.LoadSold, -5, ""), "load.amount"},
	}
	p := parsed(t, purses)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := rules.Load(&p, tt.ask)
			require.Equal(t, tt.want, outcome(got.Postings, err))
		})
	}
	t.Run("how long it holds", func(t *testing.T) {
		got, err := rules.Load(&p, ask(rules.LoadTopUp, 5000, sold))
		require.NoError(t, err)
		require.Equal(t, pos.Lot{Until: day(t, "2025-11-01")}, got.Postings[0].Lot)
	})
	t.Run("ODOO-POS-006 taken back, the card is empty", func(t *testing.T) {
		got, err := rules.Load(&p, ask(rules.LoadSold, 5000, ""))
		require.NoError(t, err)
		back, err := ledger.Reverse(pos.Entry{ID: pos.EntryID{Seq: 1}, Postings: got.Postings})
		require.NoError(t, err)
		sums, err := ledger.Sums(nil).AddAll(append(got.Postings, back...))
		require.NoError(t, err)
		require.Empty(t, sums)
	})
	t.Run("a program without gift cards", func(t *testing.T) {
		p := parsed(t, bakery)
		_, err := rules.Load(&p, ask(rules.LoadSold, 5000, ""))
		require.ErrorIs(t, err, pos.Refuse("pay.none"))
	})
}

// Tills that know the same credit and never speak pay no more than there is, and
// their floors; with leases alone, no more than there is.
func TestCreditOfDisconnectedTills(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(t, purses)
		p.Credit.Floor.Minor = pos.Money(rapid.SampledFrom([]int64{0, 100, 500}).Draw(t, "floor"))
		p.Credit.Budget.Minor = pos.Money(rapid.Int64Range(0, 2000).Draw(t, "budget"))
		p.GiftCards = nil
		p.Offline.Leases = rapid.IntRange(0, 2).Draw(t, "leases")
		tills := rapid.IntRange(1, 3).Draw(t, "tills")
		has := rapid.Int64Range(1, 3000).Draw(t, "has")
		s := outage(p, ledger.Sums{{Account: credit, Amount: has}}, tills)
		paid := int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "payments") {
			known := &s.tills[rapid.IntRange(0, tills-1).Draw(t, "till")]
			sale := pos.Sale{Amount: pos.Money(rapid.Int64Range(1, 1000).Draw(t, "sale"))}
			asked := pos.Money(rapid.SampledFrom([]int64{0, 0, 50, 400}).Draw(t, "asked"))
			got, err := rules.Pay(&p, rules.Payment{Sale: &sale, Amount: asked}, *known, 10)
			if err != nil {
				continue
			}
			require.LessOrEqual(t, got.Amount, sale.Amount)
			paid += int64(got.Amount)
			s.book(t, known, got.Postings, got.By, "")
		}
		worst := rules.WorstCase(&p, tills)[0]
		require.LessOrEqual(t, paid, has+worst.Member)
		require.LessOrEqual(t, paid, has+worst.All)
	})
}

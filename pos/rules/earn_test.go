package rules_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

func rule(earn int64, per pos.Money, mode pos.Rounding, months int) pos.PointsRule {
	return pos.PointsRule{Earn: earn, For: pos.Amount{Minor: per}, Round: mode, Expiry: pos.Expiry{Months: months}}
}

// nothing is a member of whom nothing is known.
func nothing(string) int64 { return 0 }

// earn returns what a sale of the amount posts under the rule alone, but for
// bookkeeping.
func earn(t require.TestingT, rule pos.PointsRule, amount pos.Money, day pos.Day) (earned []pos.Posting) {
	sale, err := pos.Sale{Amount: amount}.Checked()
	require.NoError(t, err)
	decision, err := rules.Sell(&pos.Program{Points: &rule}, rules.Ask{Day: day, Sale: &sale, Facts: nothing})
	require.NoError(t, err)
	for _, p := range decision.Postings {
		if p.Account.Value() {
			earned = append(earned, p)
		}
	}
	return earned
}

func TestEarn(t *testing.T) {
	tests := map[string]struct {
		rule   pos.PointsRule
		amount pos.Money
		want   int64
		err    error
	}{
		"1 for 1.00, down":              {rule(1, 100, pos.RoundDown, 0), 1999, 19, nil},
		"1 for 1.00, up":                {rule(1, 100, pos.RoundUp, 0), 1901, 20, nil},
		"1 for 1.00, up, nothing left":  {rule(1, 100, pos.RoundUp, 0), 1900, 19, nil},
		"1 for 1.00, nearest, below":    {rule(1, 100, pos.RoundNearest, 0), 1949, 19, nil},
		"1 for 1.00, nearest, a half":   {rule(1, 100, pos.RoundNearest, 0), 1950, 20, nil},
		"3 for 7.00, rounded once":      {rule(3, 700, pos.RoundDown, 0), 1399, 5, nil},
		"1 for 400 Ft":                  {rule(1, 400, pos.RoundDown, 0), 1990, 4, nil},
		"1 for 500000 rials, up":        {rule(1, 500_000, pos.RoundUp, 0), 1, 1, nil},
		"10 for 1 cent":                 {rule(10, 1, pos.RoundDown, 0), 5, 50, nil},
		"too small a sale, down":        {rule(1, 100, pos.RoundDown, 0), 99, 0, nil},
		"too small a sale, nearest":     {rule(1, 100, pos.RoundNearest, 0), 49, 0, nil},
		"half a sale, nearest":          {rule(1, 100, pos.RoundNearest, 0), 50, 1, nil},
		"the biggest sale and rule":     {rule(1_000_000, 1, pos.RoundNearest, 0), pos.MaxSale, 1_000_000_000_000_000_000, nil},
		"the biggest of all, up":        {rule(1_000_000, pos.MaxSale, pos.RoundUp, 0), pos.MaxSale, 1_000_000, nil},
		"the biggest of all, nearest":   {rule(1_000_000, pos.MaxSale, pos.RoundNearest, 0), pos.MaxSale, 1_000_000, nil},
		"one cent more than is allowed": {rule(1, 100, pos.RoundDown, 0), pos.MaxSale + 1, 0, pos.Refuse("amount.large")},
		"nothing":                       {rule(1, 100, pos.RoundDown, 0), 0, 0, pos.Refuse("amount.positive")},
		"less than nothing":             {rule(1, 100, pos.RoundDown, 0), -1, 0, pos.Refuse("amount.positive")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sale, err := pos.Sale{Amount: tt.amount}.Checked()
			if err == nil {
				_, err = rules.Sell(&pos.Program{Points: &tt.rule}, rules.Ask{Day: 20_000, Sale: &sale, Facts: nothing})
			}
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			got := earn(t, tt.rule, tt.amount, 20_000)
			if tt.want == 0 {
				require.Empty(t, got)
				return
			}
			require.Equal(t, []pos.Posting{{Account: pos.PointsAccount, Amount: tt.want}}, got)
		})
	}
}

// Points are the exact fraction, rounded once: down never gives more, up never
// less, nearest is off by a half at most and goes up there.
func TestEarnRoundsTheExactFractionOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Int64Range(1, 1_000_000).Draw(t, "earn")
		per := rapid.Int64Range(1, int64(pos.MaxSale)).Draw(t, "per")
		if rapid.Bool().Draw(t, "small unit") {
			per = per%1000 + 1
		}
		amount := rapid.Int64Range(1, int64(pos.MaxSale)).Draw(t, "amount")
		exact := new(big.Rat).Mul(big.NewRat(rate, per), big.NewRat(amount, 1))
		half := big.NewRat(1, 2)
		for mode, in := range map[pos.Rounding]func(points *big.Rat) bool{
			pos.RoundDown: func(points *big.Rat) bool {
				rest := new(big.Rat).Sub(exact, points)
				return rest.Sign() >= 0 && rest.Cmp(big.NewRat(1, 1)) < 0
			},
			pos.RoundUp: func(points *big.Rat) bool {
				more := new(big.Rat).Sub(points, exact)
				return more.Sign() >= 0 && more.Cmp(big.NewRat(1, 1)) < 0
			},
			pos.RoundNearest: func(points *big.Rat) bool {
				more := new(big.Rat).Sub(points, exact)
				return more.Cmp(half) <= 0 && more.Cmp(new(big.Rat).Neg(half)) > 0
			},
		} {
			points := int64(0)
			for _, p := range earn(t, rule(rate, pos.Money(per), mode, 0), pos.Money(amount), 20_000) {
				points += p.Amount
			}
			require.True(t, in(big.NewRat(points, 1)), "%s of %s is %d", mode, exact, points)
		}
	})
}

// Where the numbers on the way do not fit two words, a half is still a half.
func TestEarnRoundsLargeHalves(t *testing.T) {
	for mode, up := range map[string]int64{"down": 0, "nearest": 1, "up": 1} {
		c := counterWith(t, "[points]\n[basis]\nbefore_discounts = true\n[[earn]]\nid = 'r'\nearn = '999997/2'\nfor = 0.01\nround = '"+mode+"'")
		const amount, paid = 999_999, 500_000
		sale := pos.Sale{
			Amount: amount,
			Lines:  []pos.Line{{Quantity: 1, Price: amount * 1_000_001, Discount: amount * 1_000_000}},
			Paid:   []pos.Payment{{With: pos.WithPoints, Amount: paid}},
		}
		ask := c.ask()
		ask.Sale = &sale
		decision, err := rules.Sell(c.Program, ask)
		require.NoError(t, err)
		require.Equal(t, int64(1_000_001*(amount-paid)*999_997/2)+up, got(decision, pos.PointsAccount), mode)
	}
}

// What does not fit int64 is refused and never wrapped, wherever it grows too large.
func TestEarnRefusesWhatIsTooLarge(t *testing.T) {
	const most = "earn = 1000000\nfor = 0.01\n"
	dear := pos.Sale{Amount: pos.MaxSale}
	gross := pos.Sale{Amount: 1} // before discounts, of many times the largest sale
	for range pos.MaxLines {
		gross.Lines = append(gross.Lines, pos.Line{Quantity: 1, Price: pos.MaxSale, Discount: pos.MaxSale})
	}
	gross.Lines[0].Discount--
	var ten strings.Builder
	for _, id := range "abcdefghij" {
		ten.WriteString("[[earn]]\nid = '" + string(id) + "'\n" + most)
	}
	tests := map[string]struct {
		document string
		sale     pos.Sale
		fits     bool
	}{
		"the largest sale and rule":           {"[points]\n[[earn]]\nid = 'a'\n" + most, dear, true},
		"ten of them together":                {"[points]\n" + ten.String(), dear, false},
		"a hundred times the largest sale":    {"[points]\n[basis]\nbefore_discounts = true\n[[earn]]\nid = 'a'\n" + most, gross, false},
		"its double":                          {"[points]\n[[earn]]\nid = 'a'\n" + most + multiplier("b", "2", ""), dear, true},
		"its million":                         {"[points]\n[[earn]]\nid = 'a'\n" + most + multiplier("b", "1000000", ""), dear, false},
		"what a limit would cut":              {"[points]\n[[earn]]\nid = 'a'\n" + most + multiplier("b", "1000000", "limits = {per_sale = 5}"), dear, false},
		"just more than fits":                 {"[points]\n[[earn]]\nid = 'a'\n" + most + multiplier("b", "11", ""), dear, false},
		"a sum of two, of which each fits":    {"[points]\n[[earn]]\nid = 'a'\n" + most + multiplier("b", "9", "") + multiplier("c", "2", ""), dear, false},
		"the most that fits: nine times that": {"[points]\n[[earn]]\nid = 'a'\n" + most + multiplier("b", "9", ""), dear, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sale, err := tt.sale.Checked()
			require.NoError(t, err)
			c := counterWith(t, tt.document)
			ask := c.ask()
			ask.Sale = &sale
			decision, err := rules.Sell(c.Program, ask)
			if !tt.fits {
				require.ErrorIs(t, err, ledger.ErrOverflow)
				require.Empty(t, decision)
				return
			}
			require.NoError(t, err)
			require.Positive(t, got(decision, pos.PointsAccount))
		})
	}
}

package rules_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// counter is a till with one member at it, on a day.
type counter struct {
	*pos.Program
	day   pos.Day
	knows map[string]int64 // of the member and the moment
}

// counterWith opens a counter in euros under the rules of the document.
func counterWith(t testing.TB, document string) counter {
	t.Helper()
	currency, ok := pos.CurrencyOf("EUR")
	require.True(t, ok)
	program, err := pos.ParseProgram([]byte(document), currency)
	require.NoError(t, err)
	return counter{&program, day(t, "2026-11-18"), map[string]int64{rules.FactMinute: 12 * 60}} // a Wednesday, noon
}

// on returns the counter on another day or at another time of day, "15:04".
func (c counter) on(t testing.TB, date, clock string) counter {
	t.Helper()
	hour, err := strconv.ParseInt(clock[:2], 10, 64)
	require.NoError(t, err)
	minute, err := strconv.ParseInt(clock[3:], 10, 64)
	require.NoError(t, err)
	c.day = day(t, date)
	return c.with(rules.FactMinute, hour*60+minute)
}

// with returns the counter with another fact.
func (c counter) with(name string, fact int64) counter {
	known := map[string]int64{name: fact}
	for other, value := range c.knows {
		if other != name {
			known[other] = value
		}
	}
	c.knows = known
	return c
}

func (c counter) ask() rules.Ask {
	return rules.Ask{Holder: pos.HolderID{1}, Day: c.day, Facts: func(name string) int64 { return c.knows[name] }}
}

// sell sells what saleOf reads.
func (c counter) sell(t require.TestingT, text string) rules.Decision {
	ask := c.ask()
	sale := saleOf(t, text)
	ask.Sale = &sale
	decision, err := rules.Sell(c.Program, ask)
	require.NoError(t, err)
	requireExplained(t, decision)
	return decision
}

// after returns the counter when the decision was booked.
func (c counter) after(decision rules.Decision) counter {
	for _, p := range decision.Postings {
		if p.Lot.Live(c.day) {
			c = c.with(string(p.Account), c.knows[string(p.Account)]+p.Amount)
		}
	}
	return c
}

// got returns what a decision gives of the account.
func got(decision rules.Decision, account pos.Account) int64 {
	sum := int64(0)
	for _, p := range decision.Postings {
		if p.Account == account {
			sum += p.Amount
		}
	}
	return sum
}

// by returns what a rule gives, by the reasons of a decision.
func by(decision rules.Decision, rule string) int64 {
	sum := int64(0)
	for _, why := range decision.Because {
		if why.Rule == rule && why.Account.Value() {
			sum += why.Amount
		}
	}
	return sum
}

// keys returns the sentences of a decision, in their order.
func keys(decision rules.Decision) (all []string) {
	for _, why := range decision.Because {
		if why.Key != "" {
			all = append(all, why.Key)
		}
	}
	return all
}

// requireExplained requires that the reasons of each account add up to its postings.
func requireExplained(t require.TestingT, decision rules.Decision) {
	sums := map[pos.Account]int64{}
	for _, why := range decision.Because {
		sums[why.Account] += why.Amount
	}
	for _, p := range decision.Postings {
		sums[p.Account] -= p.Amount
		require.NotZero(t, p.Amount)
	}
	for account, sum := range sums {
		require.Zero(t, sum, account)
	}
}

// saleOf reads a sale: "19.99", or lines "2 coffee/drinks 3.50 d0.50 t1.00, 1 cake
// 4.00": units, item and category, price of one, discount and tax of the line. A
// payment is "points=5.00".
func saleOf(t require.TestingT, text string) (sale pos.Sale) {
	currency, _ := pos.CurrencyOf("EUR")
	read := func(amount string) pos.Money {
		money, err := currency.Parse(amount, '.')
		require.NoError(t, err, text)
		return money
	}
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if with, amount, ok := strings.Cut(words[0], "="); ok {
			sale.Paid = append(sale.Paid, pos.Payment{With: with, Amount: read(amount)})
			continue
		}
		if len(words) < 3 {
			sale.Amount = read(words[0])
			for _, word := range words[1:] {
				sale.Tax = read(word[1:])
			}
			continue
		}
		units, err := strconv.ParseInt(words[0], 10, 64)
		require.NoError(t, err)
		line := pos.Line{Quantity: units, Price: read(words[2])}
		line.Item, line.Category, _ = strings.Cut(words[1], "/")
		for _, word := range words[3:] {
			if amount := read(word[1:]); word[0] == 'd' {
				line.Discount = amount
			} else {
				line.Tax = amount
			}
		}
		sale.Lines = append(sale.Lines, line)
	}
	sale, err := sale.Checked()
	require.NoError(t, err)
	return sale
}

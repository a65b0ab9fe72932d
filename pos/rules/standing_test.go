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

func dayAt(t require.TestingT, text string) pos.Day {
	at, err := time.Parse(time.DateOnly, text)
	require.NoError(t, err)
	return pos.DayOf(at, time.UTC)
}

func ruledBy(t require.TestingT, document string) *pos.Program {
	eur, _ := pos.CurrencyOf("EUR")
	p, err := pos.ParseProgram([]byte(document), eur)
	require.NoError(t, err)
	return &p
}

// shopper is a member at one till: all that was decided is booked at once.
type shopper struct {
	t     require.TestingT
	p     *pos.Program
	id    pos.HolderID
	day   pos.Day
	sums  ledger.Sums
	facts map[string]int64 // besides what the sums hold
}

func newShopper(t require.TestingT, p *pos.Program, on string) *shopper {
	return &shopper{t: t, p: p, id: pos.HolderID{7}, day: dayAt(t, on), facts: map[string]int64{}}
}

func (s *shopper) ask() rules.Ask {
	return rules.Ask{Holder: s.id, Day: s.day, Facts: func(name string) int64 {
		if fact := s.facts[name]; fact != 0 {
			return fact
		}
		return rules.Held(s.sums, s.day, name)
	}}
}

// book books a decision, the reasons of which must add up to its postings.
func (s *shopper) book(d rules.Decision, err error) rules.Decision {
	require.NoError(s.t, err)
	posted, reasons := map[pos.Account]int64{}, map[pos.Account]int64{}
	for _, p := range d.Postings {
		posted[p.Account] += p.Amount
	}
	for _, because := range d.Because {
		if because.Amount != 0 {
			reasons[because.Account] += because.Amount
		}
	}
	for account, amount := range posted {
		require.Equal(s.t, amount, reasons[account], account)
	}
	s.sums, err = s.sums.AddAll(d.Postings)
	require.NoError(s.t, err)
	return d
}

func (s *shopper) buy(sale pos.Sale) rules.Decision {
	checked, err := sale.Checked()
	require.NoError(s.t, err)
	ask := s.ask()
	ask.Sale = &checked
	return s.book(rules.Sell(s.p, ask))
}

func (s *shopper) spend(minor int64) rules.Decision { return s.buy(pos.Sale{Amount: pos.Money(minor)}) }

// undo takes a decision back, as a void does.
func (s *shopper) undo(d rules.Decision) {
	var err error
	for _, p := range d.Postings {
		s.sums, err = s.sums.Add(p.Account, p.Lot, -p.Amount)
		require.NoError(s.t, err)
	}
}

func (s *shopper) on(text string) *shopper {
	s.day = dayAt(s.t, text)
	return s
}

func (s *shopper) has(account pos.Account) int64 { return s.sums.Balance(account, s.day) }

func (s *shopper) tier() string { return rules.Progress(s.p, s.sums, s.day).Tier.ID }

// keysOf returns the reasons in words, without those of vouchers.
func keysOf(d rules.Decision) (keys []string) {
	for _, because := range d.Because {
		if because.Key != "" && because.Account.Class() != "reward" {
			keys = append(keys, because.Key)
		}
	}
	return keys
}

func requireRefusal(t *testing.T, err error, key string) {
	t.Helper()
	problem, ok := err.(*pos.Problem)
	require.True(t, ok, "%v", err)
	require.Equal(t, key, problem.Key)
}

const pointPerEuro = "[points]\nearn = 1\nfor = '1'\n"

const cakeAndSpa = "[[reward]]\nid = 'cake'\nvoucher = true\n[[reward]]\nid = 'spa'\nvoucher = true\n"

// A sale of 20 lines under 25 rules about standing, nearly all of which count it.
// Budget: 20 microseconds together with as many rules that earn.
func BenchmarkStanding(b *testing.B) {
	var text strings.Builder
	text.WriteString(metal("window = 'rolling'\nmonths = 12"))
	for i, count := range []string{
		"target = 10\nevery = true", "count = 'units'\ntarget = 100\nwhen.items = ['item-3']", "count = 'spend'\ntarget = 1000\nwindow = 'year'",
		"count = 'points'\ntarget = 500", "count = 'streak'\ntarget = 4\nwindow = 'week'",
		"count = 'different'\ntarget = 3\nwindow = 'month'\nwhen.items = ['item-1', 'item-2', 'item-30']",
	} {
		for n := range 2 {
			fmt.Fprintf(&text, "[[goal]]\nid = 'goal-%d-%d'\ngift.points = 10\n%s\n", i, n, count)
		}
	}
	for i := range 5 {
		fmt.Fprintf(&text, "[[surprise]]\nid = 's-%d'\none_in = 100\ngift.points = 50\n[[draw]]\nid = 'd-%d'\nearn = 1\nfor = 10\n", i, i)
	}
	s := newShopper(b, ruledBy(b, text.String()), "2026-03-10")
	sale := pos.Sale{}
	for i := range 20 {
		sale.Lines = append(sale.Lines, pos.Line{Item: fmt.Sprintf("item-%d", i), Quantity: 2, Price: 250})
	}
	s.buy(sale)
	s.on("2026-03-12").buy(sale)
	checked, err := sale.Checked()
	require.NoError(b, err)
	saw := map[string]int64{}
	ask := s.ask()
	ask.Sale, ask.Brief = &checked, true
	look := ask.Facts
	ask.Facts = func(name string) int64 {
		fact := look(name)
		if fact != 0 {
			saw[name] = fact
		}
		return fact
	}
	_, err = rules.Sell(s.p, ask)
	require.NoError(b, err)
	ask.Facts = func(name string) int64 { return saw[name] }
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rules.Sell(s.p, ask); err != nil {
			b.Fatal(err)
		}
	}
}

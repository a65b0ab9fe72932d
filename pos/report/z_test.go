package report_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
)

// book is a plain model of one holder at a till that knows all: every posting that
// there ever was.
type book []pos.Posting

// held adds up what has not ended on the day, the slow way.
func (b book) held(class string, day pos.Day) (n int64) {
	for _, p := range b {
		if p.Account.Class() == class && (p.Lot.Until == 0 || p.Lot.Until > day) {
			n += p.Amount
		}
	}
	return n
}

func (b book) sums(t *rapid.T) ledger.Sums {
	sums, err := ledger.Sums{}.AddAll(b)
	require.NoError(t, err)
	return sums
}

// drawEntry draws any entry of the day: what is earned, spent, taken back, corrected
// by hand, or moved.
func drawEntry(t *rapid.T, b book, day pos.Day) pos.Entry {
	e := pos.Entry{Day: day, At: 1, Kind: rapid.SampledFrom([]pos.Kind{
		pos.Earned, pos.Redeemed, pos.Voided, pos.Refunded, pos.Granted, pos.Paid, pos.Moved, pos.Stamped, "later",
	}).Draw(t, "kind")}
	account := rapid.SampledFrom([]pos.Account{"points", "credit", "stamp:a/10", "stamp:b/8", "reward:cup", "tier:gold", "use:x"}).Draw(t, "account")
	lot := pos.Lot{From: pos.Day(rapid.IntRange(0, 2).Draw(t, "pending")) * day, Until: pos.Day(rapid.IntRange(0, 12).Draw(t, "until"))}
	amount := rapid.Int64Range(1, 50).Draw(t, "amount")
	if e.Kind == pos.Redeemed || e.Kind == pos.Paid || e.Kind == pos.Granted && rapid.Bool().Draw(t, "down") {
		amount = -amount
	}
	switch {
	case e.Kind == pos.Moved:
		e.Postings = []pos.Posting{{Account: account, Lot: lot, Amount: amount}, {Account: account, Lot: lot, Amount: -amount}}
	case e.Kind == pos.Voided || e.Kind == pos.Refunded:
		if len(b) == 0 {
			return e
		}
		p := rapid.SampledFrom(b).Draw(t, "of")
		e.Postings = []pos.Posting{{Account: p.Account, Lot: p.Lot, Amount: -p.Amount, Of: &pos.EntryID{Seq: 1}}}
	default:
		e.Postings = []pos.Posting{{Account: account, Lot: lot, Amount: amount}}
	}
	return e
}

// What was held before, and what was issued less what was spent, expired and taken
// back, is what is held after it: in every class, for every shift, whenever the days
// are closed.
func TestValuesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b book
		since, before := pos.Day(0), map[string]int64{}
		for day := pos.Day(1); day <= 10; {
			z, stock := report.Z{}, []pos.Entry{}
			for range rapid.IntRange(0, 8).Draw(t, "entries") {
				e := drawEntry(t, b, day)
				z.Add(e)
				stock, b = append(stock, e), append(b, e.Postings...)
				day += pos.Day(rapid.IntRange(0, 2).Draw(t, "nights"))
			}
			s := report.NewStock(since, day)
			s.Add(b.sums(t))
			for _, e := range stock {
				s.Entry(e)
			}
			z.Take(s, func(pos.Account, int64) pos.Money { return 0 })
			for _, class := range report.Classes {
				at := slices.IndexFunc(z.Values, func(v report.Value) bool { return v.Class == class })
				v := report.Value{Class: class}
				if at >= 0 {
					v = z.Values[at]
				}
				require.Equal(t, b.held(class, day), v.Held, class)
				require.Equal(t, before[class]+v.Issued-v.Spent-v.Expired-v.Reversed, v.Held, "%s on day %d", class, day)
				require.GreaterOrEqual(t, v.Issued, int64(0))
				require.GreaterOrEqual(t, v.Spent, int64(0))
				before[class] = v.Held
			}
			since = day
			day += pos.Day(rapid.IntRange(0, 3).Draw(t, "days"))
			if rapid.Bool().Draw(t, "on") {
				day++
			}
		}
	})
}

// Each figure is what its name says, and none is netted but what was taken back.
func TestValues(t *testing.T) {
	byHand := pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{{Account: "points", Amount: -5}}}
	moved := pos.Entry{Kind: pos.Moved, Postings: []pos.Posting{{Account: "points", Amount: 7}}}
	unspent := pos.Entry{Kind: pos.Voided, Postings: []pos.Posting{{Account: "points", Amount: 30, Of: &pos.EntryID{Seq: 2}}}}
	counts := pos.Entry{Kind: pos.Earned, Postings: []pos.Posting{{Account: "spend", Amount: 9}, {Account: "tier:gold", Amount: 1}}}
	for name, tt := range map[string]struct {
		entries []pos.Entry
		want    []report.Value
	}{
		"earned and spent": {[]pos.Entry{earned, earned, cake}, []report.Value{{Class: "points", Issued: 24, Spent: 50}}},
		"taken back":       {[]pos.Entry{earned, voided}, []report.Value{{Class: "points", Issued: 12, Reversed: 12}, {Class: "stamp", Reversed: -10}}},
		"given back":       {[]pos.Entry{cake, unspent}, []report.Value{{Class: "points", Spent: 50, Reversed: -30}}},
		"by hand":          {[]pos.Entry{byHand}, []report.Value{{Class: "points", Reversed: 5}}},
		"between members":  {[]pos.Entry{moved}, nil},
		"no value":         {[]pos.Entry{counts}, nil},
		"several classes":  {[]pos.Entry{later, stamped}, []report.Value{{Class: "points", Issued: 5}, {Class: "credit", Issued: 100}, {Class: "stamp", Issued: 3}}},
	} {
		t.Run(name, func(t *testing.T) {
			z := report.Z{}
			for _, e := range tt.entries {
				z.Add(e)
			}
			require.Equal(t, tt.want, z.Values)
		})
	}
}

// What a day end keeps is what its report said.
func TestFacts(t *testing.T) {
	z := report.Z{Number: 7}
	z.Add(earned)
	s := report.NewStock(0, 10)
	s.Add(ledger.Sums{{Account: "points", Amount: 12}, {Account: "points", Lot: pos.Lot{Until: 4}, Amount: 3}, {Account: "use:x", Amount: 1}})
	z.Take(s, func(_ pos.Account, n int64) pos.Money { return pos.Money(n * 2) })
	again := report.Z{}
	again.Add(earned)
	again.Close(pos.Entry{At: 5000, Cashier: "kim", Saw: z.Facts()})
	require.Equal(t, []report.Value{{Class: "points", Issued: 12, Expired: 3, Held: 12, Worth: 24}}, again.Values)
	require.Equal(t, []any{7, true, pos.Money(24), pos.CashierID("kim")}, []any{again.Number, again.Counted, again.Liability(), again.ClosedBy})

	old := report.Z{}
	old.Close(pos.Entry{At: 5000})
	require.False(t, old.Counted, "a day end of an earlier version kept nothing")
}

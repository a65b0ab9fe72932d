package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

var (
	enrolled = pos.Entry{Kind: pos.Enrolled}
	stamped  = pos.Entry{Kind: pos.Stamped, Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: 3}}}
	earned   = pos.Entry{Kind: pos.Earned, Sale: &pos.Sale{Amount: 1250}, Postings: []pos.Posting{{Account: "points", Amount: 12}}}
	small    = pos.Entry{Kind: pos.Earned, Sale: &pos.Sale{Amount: 50}}
	cup      = pos.Entry{Kind: pos.Redeemed, Postings: []pos.Posting{{Account: "stamp:coffee/10", Amount: -10}}}
	cake     = pos.Entry{Kind: pos.Redeemed, Postings: []pos.Posting{{Account: "points", Amount: -20}, {Account: "points", Amount: -30}}}
	voided   = pos.Entry{Kind: pos.Voided, Postings: []pos.Posting{{Account: "points", Amount: -12, Of: &pos.EntryID{Seq: 1}}, {Account: "stamp:coffee/10", Amount: 10, Of: &pos.EntryID{Seq: 1}}}}
	later    = pos.Entry{Kind: "gift", Postings: []pos.Posting{{Account: "points", Amount: 5}, {Account: "credit", Amount: 100}}}
	dayEnd   = pos.Entry{Kind: pos.DayEnded}
	leased   = pos.Entry{Kind: pos.Redeemed, By: &pos.By{Kind: pos.ByLease}, Postings: []pos.Posting{{Account: "points", Amount: -50}}}
	floored  = pos.Entry{Kind: pos.Redeemed, By: &pos.By{Kind: pos.ByFloor}, Postings: []pos.Posting{{Account: "points", Amount: -50}}}
	allowed  = pos.Entry{Kind: pos.Redeemed, By: &pos.By{Kind: pos.ByOverride, Manager: "kim"}, Postings: []pos.Posting{{Account: "points", Amount: -50}}}
	returned = pos.Entry{Kind: pos.Returned, By: &pos.By{Kind: pos.ByLease}}
	clock    = pos.Entry{Kind: pos.Corrected}
)

func TestTotals(t *testing.T) {
	tests := map[string]struct {
		entries []pos.Entry
		want    report.Totals
	}{
		"nothing": {nil, report.Totals{}},
		"ERP-011 a return is apart from what was redeemed": {
			[]pos.Entry{
				{Kind: pos.Redeemed, Sale: &pos.Sale{Amount: 10000}, Postings: []pos.Posting{{Account: "points", Amount: -2}}},
				{Kind: pos.Earned, Sale: &pos.Sale{Amount: 10000, Paid: []pos.Payment{{With: pos.WithPoints, Amount: 1000}}}},
				{Kind: pos.Refunded, Sale: &pos.Sale{Amount: 4000}, Postings: []pos.Posting{{Account: "points", Amount: 1, Of: &pos.EntryID{Seq: 1}}}},
			}, report.Totals{Entries: 3, Sales: 1, Amount: 10000, Rewards: 1, Spent: 2, Returns: 1, Returned: 4000},
		},
		"a return, of two entries": {
			[]pos.Entry{
				{Kind: pos.Refunded, Sale: &pos.Sale{Amount: 1250}, Postings: []pos.Posting{{Account: "points", Amount: -12, Of: &pos.EntryID{Seq: 1}}}},
				{Kind: pos.Refunded, Sale: &pos.Sale{}, Postings: []pos.Posting{{Account: "credit", Amount: 100, Of: &pos.EntryID{Seq: 2}}}},
			}, report.Totals{Entries: 2, Returns: 1, Returned: 1250},
		},
		"a transfer earns and spends nothing": {
			[]pos.Entry{
				{Kind: pos.Moved, Postings: []pos.Posting{{Account: "points", Amount: -50}}},
				{Kind: pos.Moved, Postings: []pos.Posting{{Account: "points", Amount: 50}}},
			}, report.Totals{Entries: 2},
		},
		"an enrolment":                        {[]pos.Entry{enrolled}, report.Totals{Entries: 1, Enrolled: 1}},
		"stamps":                              {[]pos.Entry{stamped, stamped}, report.Totals{Entries: 2, Stamps: 6}},
		"a sale with points":                  {[]pos.Entry{earned}, report.Totals{Entries: 1, Sales: 1, Amount: 1250, Earned: 12}},
		"a sale too small for a point":        {[]pos.Entry{small}, report.Totals{Entries: 1, Sales: 1, Amount: 50}},
		"a free cup takes no stamps back":     {[]pos.Entry{cup}, report.Totals{Entries: 1, Rewards: 1}},
		"a reward for points, from two lots":  {[]pos.Entry{cake}, report.Totals{Entries: 1, Rewards: 1, Spent: 50}},
		"a void is counted apart, not netted": {[]pos.Entry{earned, voided}, report.Totals{Entries: 2, Sales: 1, Amount: 1250, Earned: 12, Voids: 1}},
		"a kind of a later version adds up":   {[]pos.Entry{later}, report.Totals{Entries: 1, Earned: 5}},
		"a reward by a lease is one":          {[]pos.Entry{leased}, report.Totals{Entries: 1, Rewards: 1, Spent: 50}},
		"one without a lease is told apart":   {[]pos.Entry{leased, floored, floored}, report.Totals{Entries: 3, Rewards: 3, Spent: 150, Floors: 2}},
		"and one that a manager allowed":      {[]pos.Entry{cup, floored, allowed}, report.Totals{Entries: 3, Rewards: 3, Spent: 100, Floors: 1, Overrides: 1}},
		"a void of it is a void":              {[]pos.Entry{floored, voided}, report.Totals{Entries: 2, Rewards: 1, Spent: 50, Floors: 1, Voids: 1}},
		"what the till writes by itself":      {[]pos.Entry{stamped, returned, clock}, report.Totals{Entries: 1, Stamps: 3}},
		"a day end is not counted":            {[]pos.Entry{stamped, dayEnd}, report.Totals{Entries: 1, Stamps: 3}},
		"a whole day": {
			[]pos.Entry{enrolled, stamped, earned, small, cup, cake, voided, dayEnd},
			report.Totals{Entries: 7, Enrolled: 1, Stamps: 3, Sales: 2, Amount: 1300, Earned: 12, Spent: 50, Rewards: 2, Voids: 1},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var shift report.Shift
			for _, e := range tt.entries {
				shift.Add(e)
			}
			require.Equal(t, tt.want, shift.Totals)
		})
	}
}

func TestShift(t *testing.T) {
	var shift report.Shift
	for i, who := range []pos.CashierID{"robin", "", "kim", "robin"} {
		e := stamped
		e.Cashier, e.At = who, int64(1000*(i+1))
		shift.Add(e)
	}
	end := dayEnd
	end.Cashier, end.At = "sam", 9000
	shift.Add(end)
	shift.Add(returned)
	shift.Add(clock)
	one := report.Totals{Entries: 1, Stamps: 3}
	require.Equal(t, report.Shift{
		First:       time.UnixMilli(1000).UTC(),
		Last:        time.UnixMilli(4000).UTC(),
		Totals:      report.Totals{Entries: 4, Stamps: 12},
		Cashiers:    []report.CashierTotals{{"robin", report.Totals{Entries: 2, Stamps: 6}}, {"", one}, {"kim", one}},
		Corrections: 1,
	}, shift)
}

// Totals of the cashiers equal the total of the shift.
func TestCashiersAddUpToTheShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var shift report.Shift
		for range rapid.IntRange(0, 30).Draw(t, "entries") {
			e := rapid.SampledFrom([]pos.Entry{enrolled, stamped, earned, small, cup, cake, voided, later, dayEnd, leased, floored, allowed, returned, clock}).Draw(t, "entry")
			e.Cashier = rapid.SampledFrom([]pos.CashierID{"", "robin", "kim"}).Draw(t, "cashier")
			shift.Add(e)
		}
		var all report.Totals
		for _, c := range shift.Cashiers {
			all.Entries += c.Entries
			all.Enrolled += c.Enrolled
			all.Stamps += c.Stamps
			all.Sales += c.Sales
			all.Amount += c.Amount
			all.Earned += c.Earned
			all.Spent += c.Spent
			all.Rewards += c.Rewards
			all.Voids += c.Voids
			all.Floors += c.Floors
			all.Overrides += c.Overrides
		}
		require.Equal(t, shift.Totals, all)
	})
}

package station_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// sellsAll is a program with something of everything that a report counts.
const sellsAll = `
title = "Shop"
[points]
earn = 1
for = "1"
expire_days = 3
[credit]
[gift_cards]
[[card]]
id = "coffee"
size = 10
[[card]]
id = "pass"
size = 5
price = "20"
[[reward]]
id = "cup"
card = "coffee"
[[reward]]
id = "five-off"
kind = "money"
off = "5"
points = 100
[[plan]]
id = "gold"
price = "30"
months = 1
`

func TestZReport(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(sellsAll)})
	ann := s.enrol(t, "Ann")
	_, err := s.Earn("robin", ann, 250_00)
	require.NoError(t, err)
	_, err = s.Claim("kim", ann, rules.Claim{Reward: "five-off", Sale: &pos.Sale{Amount: 20_00}})
	require.NoError(t, err)
	s.stamp(t, ann, 12)
	_, err = s.Redeem("kim", ann, "cup")
	require.NoError(t, err)
	_, err = s.SellGiftCard("kim", 50_00, "")
	require.NoError(t, err)
	_, err = s.SellCard("kim", ann, "pass")
	require.NoError(t, err)
	_, err = s.Plan("kim", ann, "gold", "join", 0)
	require.NoError(t, err)

	first, err := s.DayEnd("kim")
	require.NoError(t, err)
	require.Equal(t, []report.Value{
		{Class: "points", Issued: 250, Spent: 100, Held: 150, Worth: 7_50},
		{Class: "credit", Issued: 50_00, Held: 50_00, Worth: 50_00},
		{Class: "stamp", Issued: 17, Spent: 10, Held: 7},
	}, first.Values)
	require.Equal(t, pos.Money(57_50), first.Liability())
	require.Equal(t, []report.Given{{Reward: "five-off", Count: 1, Off: 5_00}, {Reward: "cup", Count: 1}}, first.Given)
	require.Equal(t, []report.Sold{
		{What: report.SoldGiftCard, Count: 1, Amount: 50_00},
		{What: report.SoldCard, ID: "pass", Count: 1, Amount: 20_00},
		{What: report.SoldPlan, ID: "gold", Count: 1, Amount: 30_00},
	}, first.Sold)
	require.Equal(t, []any{1, s.clock.now(), pos.CashierID("kim"), true}, []any{first.Number, first.Closed, first.ClosedBy, first.Counted})

	s.clock.pass(4 * 24 * time.Hour)
	s.stamp(t, ann, 1)
	second, err := s.DayEnd("robin")
	require.NoError(t, err)
	require.Equal(t, report.Value{Class: "points", Expired: 150}, second.Values[0], "they ended while nobody closed a day")
	third, err := s.DayEnd("robin")
	require.NoError(t, err)
	require.Equal(t, "credit", third.Values[0].Class, "what ended is reported once: %v", third.Values)

	s = reopen(t, s)
	for _, z := range []report.Z{first, second, third} {
		again, err := s.ZReport(z.Number)
		require.NoError(t, err)
		require.Equal(t, z, again, "an old report says what it said")
	}
	for _, number := range []int{-1, 0, 4} {
		_, err = s.ZReport(number)
		require.ErrorIs(t, err, station.ErrNoZReport)
	}
	open, err := s.XReport()
	require.NoError(t, err)
	require.Equal(t, []any{4, true, time.Time{}}, []any{open.Number, open.Counted, open.Closed})
	require.Equal(t, third.Values, open.Values)
}

package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// Each row is one condition, with sales under which it holds and does not.
func TestWhen(t *testing.T) {
	type at struct {
		date, clock string
		holds       bool
	}
	tests := map[string][]at{
		"weekdays = ['wed', 'sun']":  {{"2026-11-18", "00:00", true}, {"2026-11-19", "00:00", false}, {"2026-11-22", "23:59", true}, {"2026-11-23", "12:00", false}},
		"hours = ['07:00-10:00']":    {{"2026-11-18", "06:59", false}, {"2026-11-18", "07:00", true}, {"2026-11-18", "09:59", true}, {"2026-11-18", "10:00", false}},
		"hours = ['22:00-24:00']":    {{"2026-11-18", "23:59", true}, {"2026-11-18", "00:00", false}},
		"hours = ['00:00-01:00']":    {{"2026-11-18", "00:00", true}, {"2026-11-18", "01:00", false}},
		"hours = ['22:00-02:00']":    {{"2026-11-18", "21:59", false}, {"2026-11-18", "22:00", true}, {"2026-11-18", "01:59", true}, {"2026-11-18", "02:00", false}},
		"hours = ['8:00-9:00'] #bad": nil,
		"weekdays = ['fri'], hours = ['22:00-02:00']": {
			{"2026-11-20", "23:00", true}, {"2026-11-21", "01:00", true}, {"2026-11-20", "01:00", false}, {"2026-11-21", "23:00", false},
		},
		"from = 2026-11-20, until = 2026-11-20, hours = ['22:00-02:00']": {
			{"2026-11-20", "23:00", true}, {"2026-11-21", "01:00", true}, {"2026-11-20", "01:00", false}, {"2026-11-21", "23:00", false},
		},
		"hours = ['07:00-08:00', '12:00-13:00']": {{"2026-11-18", "07:30", true}, {"2026-11-18", "10:00", false}, {"2026-11-18", "12:30", true}},
	}
	for when, moments := range tests {
		t.Run(when, func(t *testing.T) {
			if moments == nil {
				return
			}
			c := counterWith(t, "[points]\n"+rate("r", "1", "when = {"+when+"}"))
			for _, m := range moments {
				require.Equal(t, m.holds, got(c.on(t, m.date, m.clock).sell(t, "5.00"), pos.PointsAccount) == 5, "%s %s", m.date, m.clock)
			}
		})
	}
}

func TestWhenLines(t *testing.T) {
	tests := []struct {
		when, sale string
		points     int64
	}{
		{"items = ['tea']", "1 tea/drinks 3.00, 1 cake/food 4.00", 3},
		{"categories = ['drinks']", "1 tea/drinks 3.00, 1 cake/food 4.00", 3},
		{"items = ['cake'], categories = ['drinks']", "1 tea/drinks 3.00, 1 cake/food 4.00, 1 bread/food 9.00", 7},
		{"categories = ['drinks'], not_items = ['water']", "1 tea/drinks 3.00, 1 water/drinks 2.00", 3},
		{"not_categories = ['drinks']", "1 tea/drinks 3.00, 1 cake/food 4.00", 4},
		{"not_items = ['tea']", "1 tea/drinks 3.00, 1 cake/food 4.00", 4},
		{"items = ['tea']", "5.00", 0},
		{"categories = ['drinks']", "5.00", 0},
		{"not_items = ['tea']", "5.00", 5},
		{"items = ['soup']", "1 tea/drinks 3.00", 0},
		{"quantity = 3", "2 tea 1.00, 1 cake 4.00", 6},
		{"quantity = 3, items = ['tea']", "2 tea 1.00, 1 cake 4.00", 0},
		{"quantity = 2", "5.00", 0},
		{"minimum = 7", "1 tea 3.00, 1 cake 4.00", 7},
		{"minimum = 7", "1 tea 3.00, 1 cake 4.00 d0.01", 0},
		{"minimum = 7", "7.00, points=5.00", 2},
		{"minimum = 7", "1 tea 3.00, 1 cake 4.00, 1 gin/tobacco 9.00", 7},
		{"minimum = 8", "1 tea 3.00, 1 cake 4.00, 1 gin/tobacco 9.00", 0},
		{"categories = ['tobacco']", "1 tea 3.00, 1 gin/tobacco 9.00", 0},
		{"items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'tea', 'i']", "1 tea 3.00, 1 cake 7.00, 1 i 1.00", 4},
		{"not_items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'tea', 'i']", "1 tea 3.00, 1 cake 7.00, 1 i 1.00", 7},
	}
	for _, tt := range tests {
		t.Run(tt.when+" "+tt.sale, func(t *testing.T) {
			c := counterWith(t, "[points]\n[exclude]\ncategories = ['tobacco']\n"+rate("r", "1", "when = {"+tt.when+"}"))
			require.Equal(t, tt.points, got(c.sell(t, tt.sale), pos.PointsAccount))
		})
	}
}

// Where a little more would have earned something, the cashier can say so.
func TestWhenSaysWhatIsMissing(t *testing.T) {
	c := counterWith(t, "[points]\n"+rate("m", "1", "name = 'Big sale'\nwhen = {minimum = 10}")+rate("q", "1", "when = {quantity = 3}"))
	decision := c.sell(t, "2 tea 3.00")
	require.Empty(t, decision.Postings)
	require.Equal(t, []rules.Because{
		{Rule: "m", Key: "why.when.minimum", Args: map[string]any{"rule": "Big sale", "minimum": pos.Money(1000), "amount": pos.Money(600)}},
		{Rule: "q", Key: "why.when.quantity", Args: map[string]any{"rule": "q", "least": int64(3), "n": int64(2)}},
	}, decision.Because)
}

func TestWhenTheMember(t *testing.T) {
	const document = `
tags = ["staff", "vip"]
switches = ["rain"]
[points]
[tiers]
by = "spend"
[[tier]]
id = "silver"
from = 100
[[tier]]
id = "gold"
from = 1000
[[plan]]
id = "club"
price = 10
months = 1
[[coupon]]
id = "spring"
code = "SPRING"
gift = {points = 1}
`
	tests := []struct {
		when  string
		knows map[string]int64
		holds bool
	}{
		{"tiers = ['silver']", nil, false},
		{"tiers = ['silver']", map[string]int64{"tier:silver": 1}, true},
		{"tiers = ['silver']", map[string]int64{"tier:silver": 1, "tier:gold": 1}, false},
		{"tiers = ['silver', 'gold']", map[string]int64{"tier:gold": 1}, true},
		{"plans = ['club']", nil, false},
		{"plans = ['club']", map[string]int64{"plan:club": 1}, true},
		{"tags = ['staff', 'vip']", map[string]int64{"tag:vip": 2}, true},
		{"tags = ['staff', 'vip']", nil, false},
		{"not_tags = ['staff']", nil, true},
		{"not_tags = ['staff']", map[string]int64{"tag:staff": 1}, false},
		{"first = true", nil, true},
		{"first = true", map[string]int64{"sold": 1}, false},
		{"switch = 'rain'", nil, false},
		{"switch = 'rain'", map[string]int64{"switch:rain": 1}, true},
		{"coupon = 'spring'", nil, false},
		{"coupon = 'spring'", map[string]int64{"coupon:spring": 1}, true},
		{"tags = ['vip'], switch = 'rain'", map[string]int64{"switch:rain": 1}, false},
		{"tags = ['vip'], switch = 'rain'", map[string]int64{"switch:rain": 1, "tag:vip": 1}, true},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			c := counterWith(t, document+rate("r", "1", "when = {"+tt.when+"}"))
			for name, fact := range tt.knows {
				c = c.with(name, fact)
			}
			require.Equal(t, tt.holds, by(c.sell(t, "5.00"), "r") == 5)
		})
	}
}

func TestWhenBirthday(t *testing.T) {
	tests := []struct {
		born            int64
		which, on       string
		holds, disabled bool
	}{
		{born: 1118, which: "day", on: "2026-11-18", holds: true},
		{born: 1118, which: "day", on: "2026-11-19"},
		{born: 1118, which: "week", on: "2026-11-15", holds: true},
		{born: 1118, which: "week", on: "2026-11-21", holds: true},
		{born: 1118, which: "week", on: "2026-11-14"},
		{born: 1118, which: "week", on: "2026-11-22"},
		{born: 1118, which: "month", on: "2026-11-30", holds: true},
		{born: 1118, which: "month", on: "2026-12-01"},
		{born: 101, which: "week", on: "2026-12-29", holds: true},
		{born: 1231, which: "week", on: "2026-01-03", holds: true},
		{born: 1231, which: "week", on: "2026-01-04"},
		{born: 229, which: "day", on: "2026-02-28", holds: true},
		{born: 229, which: "day", on: "2026-03-01"},
		{born: 229, which: "day", on: "2028-02-29", holds: true},
		{born: 229, which: "day", on: "2028-02-28"},
		{born: 229, which: "week", on: "2026-03-03", holds: true},
		{born: 229, which: "week", on: "2026-03-04"},
		{born: 0, which: "month", on: "2026-11-18"},
	}
	for _, tt := range tests {
		t.Run(tt.which+" "+tt.on, func(t *testing.T) {
			c := counterWith(t, "[points]\n"+rate("r", "1", "when = {birthday = '"+tt.which+"'}")).on(t, tt.on, "12:00").with(rules.FactBirthday, tt.born)
			require.Equal(t, tt.holds, got(c.sell(t, "5.00"), pos.PointsAccount) == 5)
		})
	}
}

// Arms follow from the ids alone, and their sizes are those that were asked for.
func TestWhenArm(t *testing.T) {
	c := counterWith(t, "[points]\n[[experiment]]\nid = 'double'\narms = ['control', 'twice', 'thrice']\nweights = [2, 1, 1]\n[[experiment]]\nid = 'even'\narms = ['a', 'b']\n"+
		rate("control", "1", "when = {arm = 'double/control'}")+rate("twice", "2", "when = {arm = 'double/twice'}")+rate("thrice", "3", "when = {arm = 'double/thrice'}")+
		rate("a", "10", "when = {arm = 'even/a'}"))
	sale := saleOf(t, "1.00")
	arms := map[int64]int{}
	const members = 4000
	for i := range members {
		ask := c.ask()
		ask.Sale = &sale
		ask.Holder = pos.HolderID{byte(i), byte(i >> 8), 7}
		decision, err := rules.Sell(c.Program, ask)
		require.NoError(t, err)
		again, err := rules.Sell(c.Program, ask)
		require.NoError(t, err)
		require.Equal(t, decision, again)
		arms[got(decision, pos.PointsAccount)%10]++
		arms[got(decision, pos.PointsAccount)/10*10]++
	}
	require.Equal(t, members, arms[1]+arms[2]+arms[3], "everybody is in one")
	require.InDelta(t, members/2, arms[1], members/25)
	require.InDelta(t, members/4, arms[2], members/25)
	require.InDelta(t, members/2, arms[10], members/25)
}

package rules_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// happen reports that an event happened.
func (c counter) happen(t *testing.T, event string) (rules.Decision, error) {
	t.Helper()
	ask := c.ask()
	ask.Event = event
	decision, err := rules.Happen(c.Program, ask)
	requireExplained(t, decision)
	return decision, err
}

func TestHappen(t *testing.T) {
	c := counterWith(t, `
tags = ["surveyed", "staff"]
[points]
[credit]
[[event]]
id = "review"
name = "Review"
gift = {points = 50, credit = 2.00, tag = "surveyed", badge = "critic"}
limits = {per_month = 1, in_all = 3}
when = {not_tags = ["staff"], from = 2026-01-01}
[[event]]
id = "welcome"
on = "join"
gift = {points = 100}
`)
	decision, err := c.happen(t, "review")
	require.NoError(t, err)
	require.Equal(t, []pos.Posting{
		{Account: "use:review/month", Amount: 1, Lot: pos.Lot{Until: day(t, "2026-12-01")}},
		{Account: "use:review/all", Amount: 1},
		{Account: "points", Amount: 50},
		{Account: "credit", Amount: 200},
		{Account: "badge:critic", Amount: 1},
		{Account: "tag:surveyed", Amount: 1},
	}, decision.Postings)

	_, err = c.after(decision).happen(t, "review")
	require.ErrorIs(t, err, pos.Refuse("event.limit"))
	_, err = c.with("use:review/all", 3).happen(t, "review")
	require.ErrorIs(t, err, pos.Refuse("event.limit"))
	_, err = c.with("use:review/all", 2).happen(t, "review")
	require.NoError(t, err)
	_, err = c.with("tag:staff", 1).happen(t, "review")
	require.ErrorIs(t, err, pos.Refuse("event.now"))
	_, err = c.on(t, "2025-12-31", "12:00").happen(t, "review")
	require.ErrorIs(t, err, pos.Refuse("event.now"))
	_, err = c.happen(t, "welcome")
	require.ErrorIs(t, err, pos.Refuse("event.itself"))
	_, err = c.happen(t, "survey")
	require.ErrorIs(t, err, pos.Refuse("event.unknown"))
}

func TestEnrol(t *testing.T) {
	c := counterWith(t, "[points]\n[[event]]\nid = 'welcome'\non = 'join'\ngift = {points = 100}\n[[event]]\nid = 'opening'\non = 'join'\ngift = {points = 50}\nwhen = {until = 2026-11-18}\n"+
		"[[event]]\nid = 'birthday'\non = 'birthday'\ngift = {points = 7}\n[[event]]\nid = 'review'\ngift = {points = 9}")
	enrol := func(c counter) int64 {
		decision, err := rules.Enrol(c.Program, c.ask())
		require.NoError(t, err)
		requireExplained(t, decision)
		return got(decision, pos.PointsAccount)
	}
	require.Equal(t, int64(150), enrol(c))
	require.Equal(t, int64(100), enrol(c.on(t, "2026-11-19", "12:00").with(rules.FactBirthday, 1119)))
}

// A birthday and an anniversary come once a year, with the first sale in their days.
func TestOccasions(t *testing.T) {
	const document = "[points]\n[[event]]\nid = 'treat'\non = "
	tests := map[string]struct {
		document string
		fact     string
		value    int64
		sales    []string
		points   []int64
	}{
		"a birthday week": {
			document + "'birthday'\ngift = {points = 150}", rules.FactBirthday, 1118,
			[]string{"2026-11-14", "2026-11-15", "2026-11-18", "2026-11-21", "2027-11-14", "2027-11-15", "2027-11-20"},
			[]int64{0, 150, 0, 0, 0, 150, 0},
		},
		"SYL-025: on the day only": {
			document + "'birthday'\ngift = {points = 150}\nwhen = {birthday = 'day'}", rules.FactBirthday, 1118,
			[]string{"2026-11-17", "2026-11-18", "2026-11-18", "2026-11-19"},
			[]int64{0, 150, 0, 0},
		},
		"at New Year, once": {
			document + "'birthday'\ngift = {points = 150}", rules.FactBirthday, 101,
			[]string{"2026-12-29", "2027-01-04", "2027-12-28", "2027-12-29", "2028-01-02"},
			[]int64{150, 0, 0, 150, 0},
		},
		"a late one, and an early one a year after": {
			document + "'birthday'\ngift = {points = 150}", rules.FactBirthday, 1118,
			[]string{"2026-11-21", "2027-11-15"},
			[]int64{150, 150},
		},
		"a birthday month": {
			document + "'birthday'\ngift = {points = 150}\nwhen = {birthday = 'month'}", rules.FactBirthday, 1118,
			[]string{"2026-10-31", "2026-11-30", "2027-10-31", "2027-11-01", "2027-11-30"},
			[]int64{0, 150, 0, 150, 0},
		},
		"nobody knows it": {
			document + "'birthday'\ngift = {points = 150}", rules.FactBirthday, 0,
			[]string{"2026-11-18"},
			[]int64{0},
		},
		"an anniversary, from the next year on": {
			document + "'anniversary'\ngift = {points = 150}", rules.FactJoined, 20_411, // 2025-11-19
			[]string{"2025-11-20", "2026-10-31", "2026-11-01", "2026-11-30", "2027-11-30"},
			[]int64{0, 0, 150, 0, 150},
		},
		"with a sale large enough": {
			document + "'anniversary'\ngift = {points = 150}\nwhen = {minimum = 6}", rules.FactJoined, 20_411,
			[]string{"2026-11-01"},
			[]int64{0},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lots := map[pos.Day]int64{} // Until of what notes that it was given
			for i, date := range tt.sales {
				c := counterWith(t, tt.document).on(t, date, "12:00").with(tt.fact, tt.value)
				for until, amount := range lots {
					if c.day < until {
						c = c.with("use:treat/year", amount)
					}
				}
				decision := c.sell(t, "5.00")
				require.Equal(t, tt.points[i], got(decision, pos.PointsAccount), date)
				for _, p := range decision.Postings {
					if p.Account == "use:treat/year" {
						lots[p.Lot.Until] += p.Amount
					}
				}
			}
		})
	}
}

// A sale is refused only where no sale of any kind could ever give anything.
func TestEarnNone(t *testing.T) {
	tests := map[string]bool{
		"[[card]]\nid = 'tea'\nsize = 10":                                                      false,
		"[points]\n[[event]]\nid = 'review'\ngift = {points = 1}":                              false,
		"[points]\n" + multiplier("a", "2", ""):                                                false,
		"[points]\nearn = 1\nfor = 1":                                                          true,
		"[points]\n" + rate("a", "1", "when = {from = 2099-01-01}"):                            true,
		"[points]\n" + bonus("a", "2", ""):                                                     true,
		"[[card]]\nid = 'tea'\nsize = 10\nper = 'sale'":                                        true,
		"[points]\n[[event]]\nid = 'birthday'\non = 'birthday'\ngift = {points = 1}":           true,
		"[points]\n[[event]]\nid = 'anniversary'\non = 'anniversary'\ngift = {points = 1}":     true,
		"[points]\n[tiers]\nby = 'spend'\n[[tier]]\nid = 'gold'\nfrom = 1":                     true,
		"[points]\n[[goal]]\nid = 'ten'\ncount = 'visits'\ntarget = 10\ngift = {points = 100}": true,
	}
	for document, gives := range tests {
		t.Run(document, func(t *testing.T) {
			c := counterWith(t, document)
			ask := c.ask()
			ask.Sale = &pos.Sale{Amount: 500}
			_, err := rules.Sell(c.Program, ask)
			if gives {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, pos.Refuse("earn.none"))
		})
	}
}

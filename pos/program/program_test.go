package program_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/program"
)

var euro, _ = pos.CurrencyOf("EUR")

var english = sync.OnceValues(func() (*assets.Printer, error) { return assets.NewPrinter("en", euro, time.UTC) })

// words says sentences in English, as people read them.
func words(t *testing.T) *assets.Printer {
	t.Helper()
	p, err := english()
	require.NoError(t, err)
	return p
}

func parsed(t *testing.T, document string) *pos.Program {
	t.Helper()
	p, err := pos.ParseProgram([]byte(document), euro)
	require.NoError(t, err, document)
	return &p
}

func preset(t *testing.T, name string) *pos.Program {
	t.Helper()
	document, err := assets.Preset(name, words(t))
	require.NoError(t, err)
	return parsed(t, string(document))
}

func said(t *testing.T, sentences []pos.Sentence) []string {
	t.Helper()
	texts := []string{}
	for _, sentence := range sentences {
		texts = append(texts, words(t).Say(sentence))
	}
	return texts
}

const shop = `
title = "Shop"
[points]
earn = 1
for = "1"
[[card]]
id = "tea"
name = "Tea"
size = 5
[[reward]]
id = "cake"
name = "Cake"
points = 50
[[reward]]
id = "cup"
name = "Cup"
card = "tea"
`

// An example that does not hold says what differs, and by how much.
func TestExamples(t *testing.T) {
	tests := map[string]struct {
		example string
		wrong   []string
	}{
		"holds":                     {"when = { sale = '12.50' }\nthen = { points = 12, gives = { points = 12 }, why = ['points'] }", []string{}},
		"too many points":           {"when = { sale = '12.50' }\nthen = { points = 13 }", []string{"points: 13 expected, 12 found."}},
		"too few points":            {"when = { sale = '12.50' }\nthen = { points = 11 }", []string{"points: 11 expected, 12 found."}},
		"nothing is looked at":      {"when = { sale = '12.50' }", []string{}},
		"several things differ":     {"given = { cards = { tea = 2 } }\nwhen = { stamp = 'tea' }\nthen = { points = 1, cards = { tea = 4 } }", []string{"points: 1 expected, 0 found.", "stamps on tea: 4 expected, 3 found."}},
		"what the last step gives":  {"first = [{ sale = '5' }]\nwhen = { sale = '7' }\nthen = { points = 12, gives = { points = 8 } }", []string{"given at the last step, points: 8 expected, 7 found."}},
		"several times":             {"first = [{ sale = '5', times = 3, every = 1 }]\nwhen = { sale = '5' }\nthen = { points = 20 }", []string{}},
		"what is taken":             {"given = { points = 60 }\nwhen = { redeem = 'cake' }\nthen = { points = 10, gives = { points = -50 } }", []string{}},
		"a refusal":                 {"given = { points = 40 }\nwhen = { redeem = 'cake' }\nthen = { refused = 'redeem.points', points = 40 }", []string{}},
		"another refusal":           {"given = { points = 40 }\nwhen = { redeem = 'cake' }\nthen = { refused = 'redeem.stamps' }", []string{"refused as: redeem.stamps expected, redeem.points found."}},
		"a refusal nobody wrote":    {"given = { points = 40 }\nwhen = { redeem = 'cake' }\nthen = { points = 0 }", []string{"it is refused: Cake is not ready: 10 points are missing. A manager can allow it."}},
		"no refusal":                {"given = { points = 50 }\nwhen = { redeem = 'cake' }\nthen = { refused = 'redeem.points' }", []string{"it should be refused (redeem.points), but it is not."}},
		"a step before is refused":  {"first = [{ sale = '1' }, { redeem = 'cup' }]\nwhen = { sale = '1' }", []string{"step 2 of first cannot happen: Cup is not ready: 5 stamps are missing. A manager can allow it."}},
		"a rule without a part":     {"when = { sale = '3' }\nthen = { why = ['bonus'] }", []string{"the rule bonus has no part in it; these have: points."}},
		"a return":                  {"first = [{ sale = '30' }]\nwhen = { return = '10' }\nthen = { back = '10', points = 20 }", []string{}},
		"another return":            {"first = [{ sale = '30' }]\nwhen = { return = 'all' }\nthen = { back = '20', points = 0 }", []string{"money back: €20.00 expected, €30.00 found."}},
		"a return of nothing":       {"when = { return = 'all' }\nthen = { refused = 'return.nosale' }", []string{}},
		"two returns of one sale":   {"first = [{ sale = '30' }, { return = '10' }, { return = '20' }]\nwhen = { return = '1' }\nthen = { refused = 'return.twice', points = 0 }", []string{}},
		"stamps on several cards":   {"when = { stamp = 'tea', count = 7 }\nthen = { cards = { tea = 7 }, gives = { cards = { tea = 7 } } }", []string{}},
		"tags that nobody has":      {"when = { sale = '3' }\nthen = { tiers = [], tags = [] }", []string{}},
		"something without credit":  {"when = { sale = '3', paid = { credit = '1' } }\nthen = { refused = 'pay.none' }", []string{}},
		"less than the least money": {"when = { sale = '0' }\nthen = { refused = 'amount.positive' }", []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			results := program.Examples(parsed(t, shop+"[[example]]\nname = 'x'\n"+tt.example))
			require.Len(t, results, 1)
			require.Equal(t, tt.wrong, said(t, results[0].Wrong))
			require.Equal(t, len(tt.wrong) == 0, results[0].Passed())
		})
	}
}

// What is given was earned on that day, and ends as if it was.
func TestWhatIsGivenEnds(t *testing.T) {
	for expiry, days := range map[string][2]int{
		"expire_months = 1":          {27 + 30, 28 + 30}, // 4 March: up to and with 30 April
		"expire_days = 10":           {10, 11},
		"expire = 'month'":           {27, 28},
		"expire_inactive_months = 1": {27 + 30, 28 + 30},
		"pending_days = 5":           {0, 9999},
	} {
		document := strings.Replace(shop, "for = \"1\"\n", "for = \"1\"\n"+expiry+"\n", 1)
		for i, points := range []string{"30", "0"} {
			if days[i] == 0 || days[i] == 9999 {
				points = "30" // what is given counts at once, and without an end for ever
			}
			example := "[[example]]\nname = 'x'\ngiven = { points = 30 }\nwhen = { days = " + strconv.Itoa(max(days[i], 1)) + " }\nthen = { points = " + points + " }"
			results := program.Examples(parsed(t, document+example))
			require.Empty(t, said(t, results[0].Wrong), "%s after %d days", expiry, days[i])
		}
	}
}

func TestCheck(t *testing.T) {
	report := program.Check(parsed(t, shop+"[[example]]\nname = 'good'\nwhen = { sale = '2' }\nthen = { points = 2 }\n[[example]]\nname = 'bad'\nwhen = { sale = '2' }\nthen = { points = 3 }"), 3)
	require.Equal(t, "Shop", report.Title)
	require.Equal(t, 1, report.Failed())
	require.Equal(t, []string{"good", "bad"}, []string{report.Examples[0].Name, report.Examples[1].Name})
	require.Empty(t, report.Examples[0].Wrong)
	require.Empty(t, report.Traps)
	require.Equal(t, []string{
		"Worst case offline, points: 3 tills x 500 = 1,500 too many (Cake); to one member at most 150. Each copied disk that is used: 500 more.",
		"Worst case offline, a full card (Tea): 3 tills x 10 = 30 too many (Cup); to one member at most 3. Each copied disk that is used: 10 more.",
	}, said(t, report.Worst))
}

func TestWorst(t *testing.T) {
	tests := map[string]struct {
		document string
		want     []string
	}{
		"nothing to hand out": {"[points]\nearn = 1\nfor = '1'", []string{"Worst case offline: nothing is handed out, so nothing is lost."}},
		"no floor": {
			"[[card]]\nid = 'a'\nsize = 3\nfloor = 0\n[[reward]]\nid = 'r'\ncard = 'a'",
			[]string{"Worst case offline, a full card (a): nothing is lost; without a line only what was lent is handed out."},
		},
		"a part of a card": {
			"[[card]]\nid = 'a'\nsize = 3\n[[reward]]\nid = 'r'\ncard = 'a'\nstamps = 2",
			[]string{"Worst case offline, stamps on a: 2 tills x 30 = 60 too many (r); to one member at most 4. Each copied disk that is used: 30 more."},
		},
		"credit": {
			"[credit]\nfloor = '5'\nbudget = '20'",
			[]string{"Worst case offline, credit: 2 tills x €20.00 = €40.00 too much; to one member at most €10.00. Each copied disk that is used: €20.00 more."},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, said(t, program.Worst(parsed(t, tt.document), 2))) })
	}
}

// What a sale would give is said line by line, and the lines of an account add up to
// what it gives.
func TestTry(t *testing.T) {
	p := preset(t, "retail")
	e := pos.Example{Name: "x"}
	require.NoError(t, e.Given.At.UnmarshalText([]byte("2026-12-08 09:00")))
	e.When.Sale.Text = "12.50"
	require.NoError(t, p.CheckExample(&e, euro))
	tried, err := program.Try(p, e.Given, e.When)
	require.NoError(t, err)
	require.Equal(t, []string{"48 points"}, said(t, tried.Gives))
	total := int64(0)
	var texts []string
	for _, reason := range tried.Because {
		total += reason.Amount
		texts = append(texts, reason.Rule+" "+words(t).Say(reason.Says))
	}
	require.Equal(t, int64(48), total)
	require.Equal(t, []string{"base Points for all: 1.5 for each €1.00 of €12.50", "advent Advent, times 2", "tuesday Tuesday: Advent counts instead.", "morning Morning, bonus"}, texts)

	e.When = pos.ExampleStep{Redeem: "money"}
	_, err = program.Try(p, e.Given, e.When)
	require.Error(t, err, "without points")
}

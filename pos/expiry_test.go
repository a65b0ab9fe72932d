package pos_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func TestExpiry(t *testing.T) {
	tests := map[string]struct {
		expiry          pos.Expiry
		calendar, given string
		from, until     string
	}{
		"never":                         {pos.Expiry{}, pos.Gregorian, "2026-11-22", "", ""},
		"two full months":               {pos.Expiry{Months: 2}, pos.Gregorian, "2026-11-22", "", "2027-02-01"},
		"two full Jalali months":        {pos.Expiry{Months: 2}, pos.Jalali, "2026-11-22", "", "2027-02-20"},
		"a Jalali year, from 30 Esfand": {pos.Expiry{Months: 12}, pos.Jalali, "2025-03-20", "", "2026-03-21"},
		"90 days":                       {pos.Expiry{Days: 90}, pos.Gregorian, "2026-01-01", "", "2026-04-02"},
		"OL-026 the end of the month":   {pos.Expiry{At: pos.EndOfMonth}, pos.Gregorian, "2018-01-22", "", "2018-02-01"},
		"OL-026 the end of the year":    {pos.Expiry{At: pos.EndOfYear}, pos.Gregorian, "2018-06-15", "", "2019-01-01"},
		"the end of the quarter":        {pos.Expiry{At: pos.EndOfQuarter}, pos.Gregorian, "2018-05-15", "", "2018-07-01"},
		"on its last day":               {pos.Expiry{At: pos.EndOfQuarter}, pos.Gregorian, "2018-06-30", "", "2018-07-01"},
		"the end of the Jalali month":   {pos.Expiry{At: pos.EndOfMonth}, pos.Jalali, "2026-11-22", "", "2026-12-22"},
		"of the Jalali quarter":         {pos.Expiry{At: pos.EndOfQuarter}, pos.Jalali, "2026-06-21", "", "2026-06-22"},
		"of the Jalali year":            {pos.Expiry{At: pos.EndOfYear}, pos.Jalali, "2024-03-20", "", "2025-03-21"},
		"pending":                       {pos.Expiry{Pending: 14}, pos.Gregorian, "2026-11-22", "2026-12-06", ""},
		"pending into the next year":    {pos.Expiry{Pending: 14, At: pos.EndOfYear}, pos.Gregorian, "2026-12-22", "2027-01-05", "2028-01-01"},
		"pending longer than it holds":  {pos.Expiry{Pending: 30, Days: 7}, pos.Gregorian, "2026-11-01", "2026-12-01", "2026-12-09"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lot := tt.expiry.Lot(tt.calendar, day(t, tt.given))
			require.Equal(t, tt.from, lot.From.String())
			require.Equal(t, tt.until, lot.Until.String())
		})
	}
}

// What is given counts for at least as long as is promised, from the day on which it
// begins, and what is given later never ends sooner.
func TestWhatIsGivenHoldsAsPromised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := pos.Expiry{Pending: rapid.SampledFrom([]int{0, 1, 40}).Draw(t, "pending")}
		promised := pos.Day(1)
		switch rapid.IntRange(0, 4).Draw(t, "how") {
		case 0:
			e.Months = rapid.IntRange(1, 60).Draw(t, "months")
			promised = pos.Day(e.Months) * 28
		case 1:
			e.Days = rapid.IntRange(1, 400).Draw(t, "days")
			promised = pos.Day(e.Days)
		case 2:
			e.At = pos.EndOfMonth
		case 3:
			e.At = pos.EndOfQuarter
		case 4:
			e.At = pos.EndOfYear
		}
		calendar := rapid.SampledFrom([]string{pos.Gregorian, pos.Jalali}).Draw(t, "calendar")
		given := pos.Day(rapid.IntRange(1, 40_000).Draw(t, "day"))
		lot, next := e.Lot(calendar, given), e.Lot(calendar, given+1)
		begins := given + pos.Day(e.Pending)
		require.Equal(t, e.Pending > 0, lot.From != 0)
		require.True(t, lot.Live(begins))
		require.False(t, e.Pending > 0 && lot.Live(begins-1))
		require.True(t, lot.Live(begins+promised-1))
		require.LessOrEqual(t, lot.Until, next.Until)
	})
}

func TestMistakesInExpiryAndCards(t *testing.T) {
	points := func(lines string) string { return "[points]\nearn = 1\nfor = '1'\n" + lines }
	card := func(lines string) string { return "[[card]]\nid = 'tea'\nsize = 8\n" + lines }
	law := func(region, text string) string { return "region = '" + region + "'\n" + text }
	const cafe = "[[card]]\nid = 'tea'\nsize = 8\n"
	tests := map[string]struct{ document, mistake string }{
		"two ends":                       {points("expire_months = 3\nexpire_days = 9"), `line 4: points.expire_months: doc.ends`},
		"two other ends":                 {points("expire = 'year'\nexpire_days = 9"), `line 5: points.expire_days: doc.ends`},
		"an end and inactivity":          {points("expire = 'year'\nexpire_inactive_months = 9"), `line 4: points.expire: doc.ends`},
		"the end of a week":              {points("expire = 'week'"), `line 4: points.expire: doc.choice map[choices:[month quarter year] text:week]`},
		"fewer days than none":           {points("expire_days = -1"), `line 4: points.expire_days: doc.range map[least:0 most:36600 n:-1]`},
		"more than a century":            {points("expire_inactive_months = 1201"), `line 4: points.expire_inactive_months: doc.range map[least:0 most:1200 n:1201]`},
		"pending since yesterday":        {points("pending_days = -1"), `line 4: points.pending_days: doc.range map[least:0 most:36600 n:-1]`},
		"a warning too late":             {points("warn_days = -1"), `line 4: points.warn_days: doc.range map[least:0 most:36600 n:-1]`},
		"pending and inactive":           {points("pending_days = 7\nexpire_inactive_months = 3"), `line 4: points.pending_days: doc.pending`},
		"stamps that end twice":          {card("expire_months = 3\nexpire = 'year'"), `line 4: card.0.expire_months: doc.ends`},
		"a region that is none":          {law("Ontario", cafe), `line 1: region: doc.region map[text:Ontario]`},
		"a region in small letters":      {law("ca-on", cafe), `line 1: region: doc.region map[text:ca-on]`},
		"ISSUE-020 points in Ontario":    {law("CA-ON", points("expire_days = 365")), `line 5: points.expire_days: doc.timeless map[region:CA-ON]`},
		"points by month in Quebec":      {law("CA-QC", points("expire_months = 12")), `line 5: points.expire_months: doc.timeless map[region:CA-QC]`},
		"points by year in Ontario":      {law("CA-ON", points("expire = 'year'")), `line 5: points.expire: doc.timeless map[region:CA-ON]`},
		"credit in Ontario":              {law("CA-ON", cafe+"[credit]\nexpire_months = 12"), `line 6: credit.expire_months: doc.timeless map[region:CA-ON]`},
		"gift cards in Ontario":          {law("CA-ON", cafe+"[gift_cards]\nexpire_months = 12"), `line 6: gift_cards.expire_months: doc.timeless map[region:CA-ON]`},
		"too soon without activity":      {law("CA-QC", points("expire_inactive_months = 11")), `line 5: points.expire_inactive_months: doc.inactive map[n:12 region:CA-QC]`},
		"more to start with than a card": {card("start = 9"), `line 4: card.0.start: doc.range map[least:0 most:8 n:9]`},
		"fewer to start with than none":  {card("start = -1"), `line 4: card.0.start: doc.range map[least:0 most:8 n:-1]`},
		"a time that has passed":         {card("cooldown_minutes = -1"), `line 4: card.0.cooldown_minutes: doc.range map[least:0 most:10080 n:-1]`},
		"more than a week":               {card("cooldown_minutes = 10081"), `line 4: card.0.cooldown_minutes: doc.range map[least:0 most:10080 n:10081]`},
		"stamps per visitor":             {card("per = 'visitor'"), `line 4: card.0.per: doc.choice map[choices:[sale unit] text:visitor]`},
		"a price that is none":           {card("price = 'free'"), `line 4: card.0.price: doc.amount map[currency:EUR text:free unit:1]`},
		"a card for nothing":             {card("price = '0'"), `line 4: card.0.price: doc.amount map[currency:EUR text:0 unit:1]`},
		"sold and stamped":               {card("price = '30'\nper = 'sale'"), `line 5: card.0.per: doc.needless map[key:per]`},
		"sold and given":                 {card("price = '30'\nstart = 1"), `line 5: card.0.start: doc.needless map[key:start]`},
		"sold and slow":                  {card("price = '30'\ncooldown_minutes = 1"), `line 5: card.0.cooldown_minutes: doc.needless map[key:cooldown_minutes]`},
		"sold and few":                   {card("price = '30'\n[card.limits]\nper_day = 1"), `line 5: card.0.limits: doc.needless map[key:limits]`},
		"a limit below 0":                {card("[card.limits]\nper_day = -1"), `line 4: card.0.limits: doc.range map[least:0 most:2147483647 n:-1]`},
		"an unknown calendar":            {"calendar = 'mayan'\n" + cafe, `line 1: calendar: doc.choice map[choices:[gregorian jalali] text:mayan]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(tt.document), money(t, "EUR"))
			var mistake *pos.DocumentError
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, tt.mistake, mistake.Error())
		})
	}
	for name, document := range map[string]string{
		"ISSUE-020 points elsewhere":           law("CA-BC", points("expire_days = 365")),
		"ISSUE-020 a card for coffee, Ontario": law("CA-ON", card("expire_months = 12")),
		"points without activity in Ontario":   law("CA-ON", points("expire_inactive_months = 3")),
		"points without activity in Quebec":    law("CA-QC", points("expire_inactive_months = 12")),
		"points that never end":                law("CA-QC", points("")),
		"a country":                            law("HU", points("expire_months = 3")),
		"nowhere":                              points("expire_months = 3"),
		"a full card to begin with":            card("start = 8"),
		"the longest time between two stamps":  card("cooldown_minutes = 10080"),
		"a pass":                               card("price = '30'\nexpire_months = 6"),
		"a card with everything else":          card("per = 'unit'\nstart = 2\ncooldown_minutes = 5\nexpire = 'year'\nwarn_days = 3\npending_days = 1\n[card.limits]\nper_sale = 2"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(document), money(t, "EUR"))
			require.NoError(t, err)
		})
	}
}

func TestTimelessIn(t *testing.T) {
	require.True(t, pos.TimelessIn("CA-ON"))
	require.True(t, pos.TimelessIn("CA-QC"))
	require.False(t, pos.TimelessIn("CA"))
	require.False(t, pos.TimelessIn(""))
}

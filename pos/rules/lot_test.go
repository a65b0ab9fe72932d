package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// holding is what one member has at a till that knows it all.
type holding struct {
	*pos.Program
	sums ledger.Sums
}

func holdingUnder(t testing.TB, document string) *holding {
	return &holding{counterWith(t, document).Program, nil}
}

// ask answers from what the member has, as a till does.
func (p *holding) ask(day pos.Day) rules.Ask {
	return rules.Ask{Holder: pos.HolderID{1}, Day: day, Facts: func(name string) int64 {
		if account, ok := strings.CutPrefix(name, rules.FactRun); ok {
			return int64(p.sums.Run(pos.Account(account), day))
		}
		return p.sums.Balance(pos.Account(name), day)
	}}
}

func (p *holding) book(t require.TestingT, decision rules.Decision, err error) rules.Decision {
	require.NoError(t, err)
	requireExplained(t, decision)
	p.sums, err = p.sums.AddAll(decision.Postings)
	require.NoError(t, err)
	return decision
}

// earn sells for so much on the day.
func (p *holding) earn(t require.TestingT, day pos.Day, amount pos.Money) rules.Decision {
	ask := p.ask(day)
	ask.Sale = &pos.Sale{Amount: amount}
	decision, err := rules.Sell(p.Program, ask)
	return p.book(t, decision, err)
}

// happens lets the event happen on the day.
func (p *holding) happens(t require.TestingT, day pos.Day, event string) {
	ask := p.ask(day)
	ask.Event = event
	decision, err := rules.Happen(p.Program, ask)
	p.book(t, decision, err)
}

// spend takes points as a till does, from the lots that end soonest.
func (p *holding) spend(t require.TestingT, day pos.Day, n int64) []pos.Posting {
	postings, err := p.sums.Spend(pos.PointsAccount, n, day)
	require.NoError(t, err)
	p.sums, err = p.sums.AddAll(postings)
	require.NoError(t, err)
	return postings
}

func (p *holding) points(day pos.Day) int64 { return p.sums.Balance(pos.PointsAccount, day) }

func TestLotOfAnEarn(t *testing.T) {
	tests := map[string]struct {
		months      int
		sale, until string
	}{
		"a year, in the middle of a month": {12, "2026-11-22", "2027-12-01"},
		"a year, on the first":             {12, "2026-11-01", "2027-12-01"},
		"a year, on the last":              {12, "2026-11-30", "2027-12-01"},
		"a month, at the end of January":   {1, "2026-01-31", "2026-03-01"},
		"a month, over the year":           {1, "2026-12-31", "2027-02-01"},
		"a year from 29 February":          {12, "2028-02-29", "2029-03-01"},
		"a hundred years":                  {1200, "2026-11-22", "2126-12-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := earn(t, rule(1, 100, pos.RoundDown, tt.months), 500, day(t, tt.sale))
			require.Equal(t, pos.Lot{Until: day(t, tt.until)}, got[0].Lot)
		})
	}
}

// Points hold for the full months promised, and less than one more; all of one
// month are in one lot, so a member has few of them.
func TestLotsAreMonths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sale := pos.Day(rapid.IntRange(1, 40_000).Draw(t, "day"))
		months := rapid.IntRange(1, 1200).Draw(t, "months")
		lotOn := func(day pos.Day) pos.Lot {
			return earn(t, rule(1, 100, pos.RoundDown, months), 500, day)[0].Lot
		}
		lot := lotOn(sale)
		require.Equal(t, 1, lot.Until.Midnight().Day())
		require.True(t, lot.Until > sale.AddMonths(months))
		require.True(t, lot.Until <= sale.AddMonths(months+1))
		next := lotOn(sale + 1)
		require.Equal(t, (sale+1).Midnight().Day() != 1, next == lot)
	})
}

// The cases of other systems in which lots end by themselves. A till that reads a
// balance reads what has not ended; nothing runs at night.
func TestLotsEnd(t *testing.T) {
	const perEuro = "[points]\nearn = 1\nfor = '1'\n"
	date := func(text string) pos.Day { return day(t, text) }
	t.Run("ISSUE-013 whatever the reason was", func(t *testing.T) {
		p := holdingUnder(t, perEuro+"expire_days = 365\n[[event]]\nid = 'bonus'\ngift.points = 20\n")
		p.earn(t, date("2025-01-01"), 50_00)
		require.Equal(t, int64(50), p.points(date("2025-01-01")))
		p.happens(t, date("2025-01-01"), "bonus")
		require.Equal(t, int64(70), p.points(date("2025-06-01")))
		require.Equal(t, int64(70), p.points(date("2026-01-01")))
		require.Zero(t, p.points(date("2026-01-02")))
	})
	t.Run("ISSUE-021 what was spent is not taken again", func(t *testing.T) {
		p := holdingUnder(t, perEuro+"expire_days = 180\n")
		p.earn(t, date("2026-01-01"), 100_00)
		p.spend(t, date("2026-02-01"), 100)
		require.Zero(t, p.points(date("2026-02-01")))
		p.earn(t, date("2026-06-01"), 80_00)
		require.Equal(t, int64(80), p.points(date("2026-06-01")))
		require.Equal(t, int64(80), p.points(date("2026-07-15")))
	})
	t.Run("ODOO-SALE-001 the lot that ends first is used first", func(t *testing.T) {
		p := holdingUnder(t, "[points]\nearn = 5\nfor = '1'\nexpire_days = 90\n")
		first, second := date("2026-01-01"), date("2026-01-02")
		p.earn(t, first, 115_00)
		p.spend(t, first, 500)
		require.Equal(t, int64(75), p.points(first))
		p.earn(t, second, 161_00)
		lots := func(day pos.Day) pos.Lot { return pos.Lot{Until: day + 91} }
		require.Equal(t, []pos.Posting{
			{Account: "points", Amount: -75, Lot: lots(first)}, {Account: "points", Amount: -425, Lot: lots(second)},
		}, p.spend(t, second, 500))
		require.Equal(t, int64(380), p.points(second))
		require.Zero(t, p.points(second+91))
		published, err := p.sums.Published(second+91, nil)
		require.NoError(t, err)
		require.Empty(t, published)
	})
	t.Run("SYL-004 an end is of one lot", func(t *testing.T) {
		p := &holding{sums: ledger.Sums{{Account: "points", Lot: pos.Lot{Until: date("2027-01-01")}, Amount: 100}, {Account: "points", Amount: 40}}}
		require.Equal(t, int64(140), p.points(date("2026-12-31")))
		require.Equal(t, int64(40), p.points(date("2027-01-02")))
		published, err := p.sums.Published(date("2027-01-02"), nil)
		require.NoError(t, err)
		require.Equal(t, ledger.Sums{{Account: "points", Amount: 40}}, published)
	})
	t.Run("ODOO-POS-022 a wallet that ended yesterday pays nothing", func(t *testing.T) {
		today := date("2026-11-22")
		wallet := ledger.Sums{{Account: "credit", Lot: pos.Lot{Until: today}, Amount: 50_00}}
		require.Equal(t, int64(50_00), wallet.Balance(pos.CreditAccount, today-1))
		require.Zero(t, wallet.Balance(pos.CreditAccount, today))
		_, err := wallet.Spend(pos.CreditAccount, 12_00, today)
		require.ErrorIs(t, err, ledger.ErrShort)
	})
}

// SYL-011 and SYL-012: lots that have ended, that have not, and both; used in part,
// used up, and looked at twice.
func TestLotsThatHaveEndedAreWorthNothing(t *testing.T) {
	const today = pos.Day(20_000)
	tests := map[string]struct {
		lots  map[pos.Day]int64 // by the day after the last
		spent int64             // the day before yesterday
		want  int64
	}{
		"SYL-011 past":              {map[pos.Day]int64{today - 1: 150}, 0, 0},
		"SYL-011 future":            {map[pos.Day]int64{today + 1: 150}, 0, 150},
		"SYL-011 both":              {map[pos.Day]int64{today - 1: 100, today + 1: 50}, 0, 50},
		"SYL-011 both past":         {map[pos.Day]int64{today - 2 + 1: 100, today: 60}, 0, 0},
		"SYL-012 used in part":      {map[pos.Day]int64{today - 1: 150}, 50, 0},
		"SYL-012 used up":           {map[pos.Day]int64{today - 1: 150}, 150, 0},
		"used in part, and another": {map[pos.Day]int64{today - 1: 150, today + 1: 30}, 160, 20},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &holding{}
			for until, amount := range tt.lots {
				var err error
				p.sums, err = p.sums.Add(pos.PointsAccount, pos.Lot{Until: until}, amount)
				require.NoError(t, err)
			}
			if tt.spent > 0 {
				p.spend(t, today-2, tt.spent)
			}
			require.Equal(t, tt.want, p.points(today))
			require.Equal(t, tt.want, p.points(today), "twice")
		})
	}
}

// SMILE-003: nothing for a while, and all is gone; whatever happens before that
// starts the time again. Here a month counts in full, as everywhere else.
func TestInactivityEndsTheWholeBalance(t *testing.T) {
	p := holdingUnder(t, "[points]\nearn = 1\nfor = '1'\nexpire_inactive_months = 12\n[[event]]\nid = 'bonus'\ngift.points = 5\n[[card]]\nid = 'coffee'\nsize = 10\n")
	date := func(text string) pos.Day { return day(t, text) }
	p.earn(t, date("2025-01-01"), 100_00)
	p.earn(t, date("2025-11-01"), 50_00)
	require.Equal(t, int64(150), p.points(date("2026-01-02")))
	require.Equal(t, int64(150), p.points(date("2026-11-30")))
	require.Zero(t, p.points(date("2026-12-01")), "twelve full months after November")

	p.earn(t, date("2027-01-05"), 7_00)
	require.Equal(t, int64(7), p.points(date("2027-01-05")), "what is gone does not come back")
	p.happens(t, date("2028-01-10"), "bonus")
	require.Equal(t, int64(12), p.points(date("2028-12-31")), "anything that gives is activity")
	ask := p.ask(date("2029-01-20"))
	ask.Card, ask.Count = "coffee", 1
	decision, err := rules.StampByHand(p.Program, ask)
	p.book(t, decision, err)
	require.Equal(t, int64(12), p.points(date("2030-01-31")), "on any account")
	require.Zero(t, p.points(date("2030-02-01")))
	require.Equal(t, int64(1), p.sums.Balance("stamp:coffee/10", date("2040-01-01")), "what does not end by inactivity stays")
	require.Empty(t, p.earn(t, date("2041-01-01"), 50).Postings, "a sale that gives nothing is none")
}

// A void of the sale that began it all leaves what others gave.
func TestVoidOfActivity(t *testing.T) {
	p := holdingUnder(t, "[points]\nearn = 1\nfor = '1'\nexpire_inactive_months = 1\n")
	first := p.earn(t, 20_000, 5_00)
	p.earn(t, 20_000, 3_00)
	for _, posting := range first.Postings {
		var err error
		p.sums, err = p.sums.Add(posting.Account, posting.Lot, -posting.Amount)
		require.NoError(t, err)
	}
	require.Equal(t, int64(3), p.points(20_000))
	require.Equal(t, int64(3), p.points(20_030))
	require.Zero(t, p.points(20_070))
}

// Each thing that a program gives goes into the lot that its own table says, by the
// program's calendar.
func TestEachTableHasItsLots(t *testing.T) {
	p := holdingUnder(t, `
calendar = "jalali"
[points]
earn = 1
for = "1"
expire = "year"
[credit]
expire_months = 1
[[earn]]
id = "back"
give = "credit"
earn = 1
for = "1"
[[card]]
id = "coffee"
size = 10
per = "sale"
expire = "month"
[[card]]
id = "tea"
size = 8
per = "sale"
expire_inactive_months = 2
[[card]]
id = "wash"
size = 5
per = "sale"
pending_days = 2
[card.limits]
per_month = 1
`)
	today := day(t, "2025-09-22") // 31 Shahrivar 1404
	want := map[pos.Account]pos.Lot{
		"points":               {Until: day(t, "2026-03-21")},
		"credit":               {Until: day(t, "2025-10-23")},
		"stamp:coffee/10":      {Until: day(t, "2025-09-23")},
		"stamp:tea/8":          {From: today},
		"active:stamp:tea/8":   {From: today, Until: day(t, "2025-11-22")},
		"stamp:wash/5":         {From: today + 2},
		"use:stamp:wash/month": {Until: day(t, "2025-09-23")},
	}
	found := map[pos.Account]pos.Lot{}
	for _, posting := range p.earn(t, today, 5_00).Postings {
		found[posting.Account] = posting.Lot
	}
	require.Equal(t, want, found)
}

func TestEnding(t *testing.T) {
	const today = pos.Day(20_000)
	p := counterWith(t, "[points]\nearn = 1\nfor = '1'\nexpire_days = 60\n[credit]\nwarn_days = 10\n[[card]]\nid = 'tea'\nsize = 8\nwarn_days = 3\n").Program
	sum := func(account pos.Account, from, until pos.Day, amount int64) ledger.Sum {
		return ledger.Sum{Account: account, Lot: pos.Lot{From: from, Until: until}, Amount: amount}
	}
	tests := map[string]struct {
		sums []ledger.Sum
		want []rules.Ends
	}{
		"nothing":                   {nil, nil},
		"today is its last day":     {[]ledger.Sum{sum("points", 0, today+1, 5)}, []rules.Ends{{"points", 5, today}}},
		"it has ended":              {[]ledger.Sum{sum("points", 0, today, 5)}, nil},
		"within the warning":        {[]ledger.Sum{sum("points", 0, today+30, 5)}, []rules.Ends{{"points", 5, today + 29}}},
		"not yet":                   {[]ledger.Sum{sum("points", 0, today+31, 5)}, nil},
		"never":                     {[]ledger.Sum{sum("points", 0, 0, 5)}, nil},
		"each by its own table":     {[]ledger.Sum{sum("credit", 0, today+11, 5), sum("credit", 0, today+10, 7), sum("stamp:tea/8", 0, today+3, 2), sum("stamp:tea/8", 0, today+4, 1)}, []rules.Ends{{"stamp:tea/8", 2, today + 2}, {"credit", 7, today + 9}}},
		"of an earlier program":     {[]ledger.Sum{sum("stamp:milk/8", 0, today+30, 2), sum("reward:cake", 0, today+5, 1)}, []rules.Ends{{"reward:cake", 1, today + 4}, {"stamp:milk/8", 2, today + 29}}},
		"grants end in silence":     {[]ledger.Sum{sum("tier:gold", 0, today+2, 1)}, nil},
		"lots of one day":           {[]ledger.Sum{sum("points", 0, today+9, 5), sum("points", today-4, today+9, 2)}, []rules.Ends{{"points", 7, today + 8}}},
		"pending until then":        {[]ledger.Sum{sum("points", today+2, today+9, 5)}, []rules.Ends{{"points", 5, today + 8}}},
		"a deficit takes the first": {[]ledger.Sum{sum("points", 0, today+2, 5), sum("points", 0, today+9, 5), sum("points", 0, 0, -7)}, []rules.Ends{{"points", 3, today + 8}}},
		"a deficit takes all":       {[]ledger.Sum{sum("points", 0, today+2, 5), sum("points", 0, 0, -7)}, nil},
		"a run of activity":         {[]ledger.Sum{sum("points", today-50, 0, 5), sum("active:points", today-50, today+20, 1)}, []rules.Ends{{"points", 5, today + 19}}},
		"a run that goes on":        {[]ledger.Sum{sum("points", today-50, 0, 5), sum("active:points", today-50, today+20, 1), sum("active:points", today-50, today+50, 1)}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var sums ledger.Sums
			for _, s := range tt.sums {
				var err error
				sums, err = sums.Add(s.Account, s.Lot, s.Amount)
				require.NoError(t, err)
			}
			require.Equal(t, tt.want, rules.Ending(p, sums, today))
		})
	}
}

// What is said to end is what is missing on the day after, if nothing happens.
func TestEndingIsWhatIsLost(t *testing.T) {
	const today = pos.Day(20_000)
	program := &pos.Program{}
	rapid.Check(t, func(t *rapid.T) {
		var sums ledger.Sums
		for range rapid.IntRange(0, 8).Draw(t, "lots") {
			lot := pos.Lot{Until: today + pos.Day(rapid.IntRange(-3, 40).Draw(t, "until"))}
			account := rapid.SampledFrom([]pos.Account{"points", "credit"}).Draw(t, "account")
			if rapid.Bool().Draw(t, "a run") {
				sums, _ = sums.Add(ledger.ActivityOf(account), pos.Lot{From: 19_900, Until: lot.Until}, 1)
				lot = pos.Lot{From: 19_900}
			}
			sums, _ = sums.Add(account, lot, rapid.Int64Range(1, 9).Draw(t, "amount"))
		}
		for _, account := range []pos.Account{"points", "credit"} {
			lost := int64(0)
			for _, e := range rules.Ending(program, sums, today) {
				require.True(t, e.Last >= today && e.Last < today+30)
				if e.Account == account {
					require.GreaterOrEqual(t, sums.Balance(account, e.Last)-sums.Balance(account, e.Last+1), e.Amount)
					lost += e.Amount
				}
			}
			require.Equal(t, sums.Balance(account, today)-sums.Balance(account, today+30), lost)
		}
	})
}

// Ten years of a visit a day leave few lots, and a till hears of few, but for what
// lasts for so many days each.
func TestTenYearsLeaveFewLots(t *testing.T) {
	for _, how := range []string{
		"", "expire_months = 1", "expire_months = 12", "expire_months = 36", "expire = 'month'", "expire = 'quarter'", "expire = 'year'",
		"expire_inactive_months = 1", "expire_inactive_months = 24",
	} {
		for _, calendar := range []string{pos.Gregorian, pos.Jalali} {
			t.Run(how+" "+calendar, func(t *testing.T) {
				p := holdingUnder(t, fmt.Sprintf("calendar = '%s'\n[[card]]\nid = 'tea'\nsize = 8\nper = 'sale'\n%s\n[card.limits]\nper_day = 9\nper_month = 99\nper_year = 999\n", calendar, how))
				first := day(t, "2026-11-22")
				given := int64(0)
				for today := first; today < first+3650; today++ {
					if p.sums.Balance("stamp:tea/8", today) < given {
						given = p.sums.Balance("stamp:tea/8", today)
					}
					p.earn(t, today, 1_00)
					given++
					require.Equal(t, given, p.sums.Balance("stamp:tea/8", today))
					if today%97 == 0 || today == first+3649 {
						published, err := p.sums.Published(today, nil)
						require.NoError(t, err)
						require.LessOrEqual(t, len(published), 40)
						p.sums = published // as a till that hears from the centre
					}
				}
				if how == "" || strings.Contains(how, "inactive") {
					require.Equal(t, int64(3650), p.sums.Balance("stamp:tea/8", first+3649), "none is lost")
				}
			})
		}
	}
}

package pos_test

import (
	"fmt"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

const cafe = `
title = "Café Tenthcup"

[[card]]
id = "coffee"
name = "Coffee"
size = 10
stamp = "☕"

[points]
earn = 1
for = "2.50"
round = "nearest"
expire_months = 12

[[reward]]
id = "free-coffee"
name = "Free coffee"
card = "coffee"

[[reward]]
id = "cake"
name = "Piece of cake"
points = 50
`

func TestParseProgram(t *testing.T) {
	got, err := pos.ParseProgram([]byte(cafe), money(t, "EUR"))
	require.NoError(t, err)
	require.Equal(t, pos.Program{
		ID:     pos.ProgramOf([]byte(cafe)),
		Title:  "Café Tenthcup",
		Cards:  []pos.Card{{ID: "coffee", Name: "Coffee", Size: 10, Stamp: "☕", Floor: 1, Budget: 10}},
		Points: &pos.PointsRule{Earn: 1, For: pos.Amount{Text: "2.50", Minor: 250}, Round: pos.RoundNearest, Expiry: pos.Expiry{Months: 12}, Floor: 50, Budget: 500},
		Rewards: []pos.RewardRule{
			{ID: "free-coffee", Name: "Free coffee", Card: "coffee", Kind: pos.KindGift, Most: pos.NoLimit},
			{ID: "cake", Name: "Piece of cake", Points: 50, Kind: pos.KindGift, Most: pos.NoLimit},
		},
		Returns:  pos.Returns{Gone: pos.GoneNegative},
		Calendar: "gregorian",
		Offline:  pos.Offline{Leases: 1, Hours: 72},
	}, got)

	card, ok := got.Card("coffee")
	require.True(t, ok)
	require.Equal(t, pos.Account("stamp:coffee/10"), card.Account(), "the size is part of what is counted")
	_, ok = got.Card("")
	require.False(t, ok)
	reward, ok := got.Reward("cake")
	require.True(t, ok)
	require.Equal(t, pos.Points(50), reward.Points)
	_, ok = got.Reward("")
	require.False(t, ok)
}

func TestWhatAProgramMayLeaveOut(t *testing.T) {
	got, err := pos.ParseProgram([]byte("[[card]]\nid = 'tea'\nsize = 1\n[points]\nearn = 1\nfor = '400'\n[[reward]]\nid = 'cup'\ncard = 'tea'"), money(t, "HUF"))
	require.NoError(t, err)
	require.Equal(t, []pos.Card{{ID: "tea", Name: "tea", Size: 1, Stamp: "●", Floor: 1, Budget: 10}}, got.Cards)
	require.Equal(t, &pos.PointsRule{Earn: 1, For: pos.Amount{Text: "400", Minor: 400}, Round: pos.RoundDown}, got.Points)
	require.Equal(t, []pos.RewardRule{{ID: "cup", Name: "cup", Card: "tea", Kind: pos.KindGift, Most: pos.NoLimit}}, got.Rewards)
	require.Equal(t, pos.Offline{Leases: 1, Hours: 72}, got.Offline)
}

// What a till may hand out while it cannot ask is written or has a default. A
// limit of 0 is a limit, not one that is left out.
func TestLimitsInAProgram(t *testing.T) {
	const rewards = "[[reward]]\nid = 'a'\npoints = 50\n[[reward]]\nid = 'b'\npoints = 80\n[[reward]]\nid = 'c'\ncard = 'tea'\n"
	tests := map[string]struct {
		document            string
		card, points, mosts []int64
		offline             pos.Offline
	}{
		"all left out": {
			"[points]\nearn = 1\nfor = '1'\n[[card]]\nid = 'tea'\nsize = 8\n" + rewards,
			[]int64{1, 10},
			[]int64{80, 800},
			[]int64{pos.NoLimit, pos.NoLimit, pos.NoLimit},
			pos.Offline{Leases: 1, Hours: 72},
		},
		"all written": {
			"[points]\nearn = 1\nfor = '1'\nfloor = 100\nbudget = 300\n[[card]]\nid = 'tea'\nsize = 8\nfloor = 2\nbudget = 5\n" + rewards + "most = 4\n[offline]\nleases = 2\nhours = 24",
			[]int64{2, 5},
			[]int64{100, 300},
			[]int64{pos.NoLimit, pos.NoLimit, 4},
			pos.Offline{Leases: 2, Hours: 24},
		},
		"all forbidden": {
			"[points]\nearn = 1\nfor = '1'\nfloor = 0\nbudget = 0\n[[card]]\nid = 'tea'\nsize = 8\nfloor = 0\nbudget = 0\n" + rewards + "most = 0\n[offline]\nleases = 0",
			[]int64{0, 0},
			[]int64{0, 0},
			[]int64{pos.NoLimit, pos.NoLimit, 0},
			pos.Offline{Leases: 0, Hours: 72},
		},
		"points without a reward for them": {
			"[points]\nearn = 1\nfor = '1'\n[[card]]\nid = 'tea'\nsize = 8\n[offline]\nhours = 720",
			[]int64{1, 10},
			[]int64{0, 0},
			nil,
			pos.Offline{Leases: 1, Hours: 720},
		},
		"the most there can be": {
			"[points]\nearn = 1\nfor = '1'\nfloor = 10000000000\n[[card]]\nid = 'tea'\nsize = 8\nbudget = 10000000000\n[[reward]]\nid = 'x'\npoints = 1000000000",
			[]int64{1, 10_000_000_000},
			[]int64{10_000_000_000, 10_000_000_000},
			[]int64{pos.NoLimit},
			pos.Offline{Leases: 1, Hours: 72},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := pos.ParseProgram([]byte(tt.document), money(t, "EUR"))
			require.NoError(t, err)
			require.Equal(t, tt.card, []int64{got.Cards[0].Floor, got.Cards[0].Budget})
			require.Equal(t, tt.points, []int64{got.Points.Floor, got.Points.Budget})
			var mosts []int64
			for _, rule := range got.Rewards {
				mosts = append(mosts, rule.Most)
			}
			require.Equal(t, tt.mosts, mosts)
			require.Equal(t, tt.offline, got.Offline)
		})
	}
}

// Nothing in a program moves the cursor of the terminals that show it.
func TestNamesInAProgramAreCleaned(t *testing.T) {
	got, err := pos.ParseProgram([]byte("title = \"A\\u001b[2J\"\n[[card]]\nid = 'a'\nname = \"B\\u0007\"\nsize = 5\n[[reward]]\nid = 'c'\nname = \"\\u202eC\"\ncard = 'a'"), money(t, "EUR"))
	require.NoError(t, err)
	require.Equal(t, []string{"A[2J", "B", "C"}, []string{got.Title, got.Cards[0].Name, got.Rewards[0].Name})
}

func TestMistakesInAProgram(t *testing.T) {
	card := func(text string) string { return "[[card]]\n" + text }
	points := func(text string) string { return "[points]\n" + text }
	reward := func(text string) string { return "[[card]]\nid = 'tea'\nsize = 5\n[[reward]]\n" + text }
	tests := map[string]struct{ document, mistake string }{
		"an empty document":           {"", `line 0: : doc.nothing`},
		"a card without an id":        {card("size = 5"), `line 1: card.0.id: doc.id map[id:]`},
		"an id with capitals":         {card("id = 'Tea'\nsize = 5"), `line 2: card.0.id: doc.id map[id:Tea]`},
		"an id with a colon":          {card("id = 'a:b'\nsize = 5"), `line 2: card.0.id: doc.id map[id:a:b]`},
		"an id with a hyphen first":   {card("id = '-a'\nsize = 5"), `line 2: card.0.id: doc.id map[id:-a]`},
		"an id that is too long":      {card("id = '123456789012345678901234567890123'\nsize = 5"), `line 2: card.0.id: doc.id map[id:123456789012345678901234567890123]`},
		"a card twice":                {card("id = 'tea'\nsize = 5\n") + card("id = 'tea'\nsize = 6"), `line 5: card.1.id: doc.twice map[id:tea]`},
		"a card without a size":       {card("id = 'tea'"), `line 1: card.0.size: doc.range map[least:1 most:100 n:0]`},
		"a card of -1":                {card("id = 'tea'\nsize = -1"), `line 3: card.0.size: doc.range map[least:1 most:100 n:-1]`},
		"a card of 101":               {card("id = 'tea'\nsize = 101"), `line 3: card.0.size: doc.range map[least:1 most:100 n:101]`},
		"a stamp of two signs":        {card("id = 'tea'\nsize = 5\nstamp = 'ab'"), `line 4: card.0.stamp: doc.character map[text:ab]`},
		"a stamp that cannot be seen": {card("id = 'tea'\nsize = 5\nstamp = \"\\u0007\""), `line 4: card.0.stamp: doc.character map[text:]`},
		"a blank stamp":               {card("id = 'tea'\nsize = 5\nstamp = ' '"), `line 4: card.0.stamp: doc.character map[text:]`},
		"no points":                   {points("for = '1'"), `line 1: points.earn: doc.range map[least:1 most:1000000 n:0]`},
		"too many points":             {points("earn = 1000001\nfor = '1'"), `line 2: points.earn: doc.range map[least:1 most:1000000 n:1000001]`},
		"points for nothing":          {points("earn = 1"), `line 1: points: doc.missing map[key:for]`},
		"points for 0":                {points("earn = 1\nfor = '0.00'"), `line 3: points.for: doc.amount map[currency:EUR text:0.00 unit:1]`},
		"points for a comma":          {points("earn = 1\nfor = '1,50'"), `line 3: points.for: doc.amount map[currency:EUR text:1,50 unit:1]`},
		"an unknown rounding":         {points("earn = 1\nfor = '1'\nround = 'half'"), `line 4: points.round: doc.choice map[choices:[down nearest up] text:half]`},
		"points that ended before":    {points("earn = 1\nfor = '1'\nexpire_months = -1"), `line 4: points.expire_months: doc.range map[least:0 most:1200 n:-1]`},
		"points that never end":       {points("earn = 1\nfor = '1'\nexpire_months = 1201"), `line 4: points.expire_months: doc.range map[least:0 most:1200 n:1201]`},
		"a reward without an id":      {reward("card = 'tea'"), `line 4: reward.0.id: doc.id map[id:]`},
		"a reward twice":              {reward("id = 'cup'\ncard = 'tea'\n[[reward]]\nid = 'cup'\ncard = 'tea'"), `line 8: reward.1.id: doc.twice map[id:cup]`},
		"a reward for nothing":        {reward("id = 'cup'"), `line 4: reward.0: doc.price`},
		"a reward for both":           {reward("id = 'cup'\ncard = 'tea'\npoints = 5"), `line 4: reward.0: doc.price`},
		"a reward for no card":        {reward("id = 'cup'\ncard = 'coffee'"), `line 6: reward.0.card: doc.unknown map[id:coffee]`},
		"a price without points":      {reward("id = 'cup'\npoints = 5"), `line 6: reward.0.points: doc.nopoints`},
		"a price below 0":             {reward("id = 'cup'\npoints = -5\n[points]\nearn = 1\nfor = '1'"), `line 6: reward.0.points: doc.range map[least:1 most:1000000000 n:-5]`},
		"a price nobody can pay":      {reward("id = 'cup'\npoints = 1000000001\n[points]\nearn = 1\nfor = '1'"), `line 6: reward.0.points: doc.range map[least:1 most:1000000000 n:1000000001]`},
		"an unknown setting":          {"title = 'x'\ncolour = 'red'", `line 2: colour: doc.setting map[key:colour]`},
		"an unknown one of a card":    {card("id = 'tea'\nsize = 5\nsizes = 5"), `line 4: card.sizes: doc.setting map[key:card.sizes]`},
		"a setting of another place":  {"[points]\nearn = 1\nsize = 5", `line 3: points.size: doc.setting map[key:points.size]`},
		"text for a number":           {card("id = 'tea'\nsize = 'five'"), `line 3: card.size: doc.kind map[key:card.size kind:string]`},
		"a number for text":           {"title = 5", `line 1: title: doc.kind map[key:title kind:integer]`},
		"a fraction of a point":       {points("earn = 1.5"), `line 2: points.earn: doc.kind map[key:points.earn kind:float]`},
		"a table that is a number":    {"\npoints = 3", `line 2: points: doc.kind map[key:points kind:integer]`},
		"a number beyond int64":       {card("id = 'tea'\nsize = 99999999999999999999"), `line 3: card.size: doc.syntax map[details:decimal number is too large to fit in a 64-bit signed integer]`},
		"a floor below 0":             {card("id = 'tea'\nsize = 5\nfloor = -1"), `line 4: card.0.floor: doc.range map[least:0 most:10000000000 n:-1]`},
		"a budget without end":        {card("id = 'tea'\nsize = 5\nbudget = 10000000001"), `line 4: card.0.budget: doc.range map[least:0 most:10000000000 n:10000000001]`},
		"a floor of points below 0":   {points("earn = 1\nfor = '1'\nfloor = -1"), `line 4: points.floor: doc.range map[least:0 most:10000000000 n:-1]`},
		"a budget of points below 0":  {points("earn = 1\nfor = '1'\nbudget = -1"), `line 4: points.budget: doc.range map[least:0 most:10000000000 n:-1]`},
		"fewer than none of a reward": {reward("id = 'cup'\ncard = 'tea'\nmost = -1"), `line 7: reward.0.most: doc.range map[least:0 most:10000000000 n:-1]`},
		"a reward without end":        {reward("id = 'cup'\ncard = 'tea'\nmost = 10000000001"), `line 7: reward.0.most: doc.range map[least:0 most:10000000000 n:10000000001]`},
		"leases at three tills":       {card("id = 'tea'\nsize = 5\n[offline]\nleases = 3"), `line 5: offline.leases: doc.range map[least:0 most:2 n:3]`},
		"leases at fewer than none":   {card("id = 'tea'\nsize = 5\n[offline]\nleases = -1"), `line 5: offline.leases: doc.range map[least:0 most:2 n:-1]`},
		"not an hour offline":         {card("id = 'tea'\nsize = 5\n[offline]\nhours = 0"), `line 5: offline.hours: doc.range map[least:1 most:720 n:0]`},
		"more than a month offline":   {card("id = 'tea'\nsize = 5\n[offline]\nhours = 721"), `line 5: offline.hours: doc.range map[least:1 most:720 n:721]`},
		"an unknown one of offline":   {"[offline]\nminutes = 5", `line 2: offline.minutes: doc.setting map[key:offline.minutes]`},
		"a limit by its inner name":   {card("id = 'tea'\nsize = 5\nFloor = 2\nPer = 3"), `line 5: card.Per: doc.kind map[key:card.Per kind:integer]`},
		"text for a limit":            {card("id = 'tea'\nsize = 5\nfloor = 'two'"), `line 4: card.floor: doc.kind map[key:card.floor kind:string]`},
		"a setting twice":             {"title = 'a'\ntitle = 'b'", `line 2: title: doc.syntax map[details:key title is already defined]`},
		"a broken line":               {"title = 'a'\n\nwhat", `line 3: : doc.syntax map[details:expected '=' after key]`},
		"text that is no UTF-8":       {"title = '\xff'", `line 1: : doc.syntax map[details:invalid UTF-8 character in literal string]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := pos.ParseProgram([]byte(tt.document), money(t, "EUR"))
			var mistake *pos.DocumentError
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, tt.mistake, mistake.Error())
			require.Zero(t, got)
		})
	}
}

// Every document is refused with a reason, or is a program that the rules can
// work with: none of its numbers is 0 or out of range, no id is there twice.
func FuzzParseProgram(f *testing.F) {
	f.Add([]byte(cafe), "EUR")
	f.Add([]byte(cafe), "HUF")
	f.Add([]byte("[[card]]\nid='a'\nsize=3\n[[reward]]\nid='b'\ncard='a'"), "MYR")
	f.Add([]byte("[points]\nearn=1\nfor='1'\n[[reward]]\nid='b'\npoints=1"), "IRR")
	f.Add([]byte("[points]\nearn=1\nfor='1'\nfloor=0\nbudget=9\n[[reward]]\nid='b'\npoints=1\nmost=3\n[offline]\nleases=2\nhours=1"), "EUR")
	f.Add([]byte("region='CA-ON'\ncalendar='jalali'\n[[card]]\nid='a'\nsize=3\nexpire='year'\nper='unit'\nstart=1\ncooldown_minutes=3\n[[card]]\nid='b'\nsize=3\nprice='3'\nexpire_days=3\npending_days=4\n[points]\nexpire_inactive_months=4"), "EUR")
	f.Add([]byte("\xff = 1"), "EUR")
	pattern := regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	f.Fuzz(func(t *testing.T, document []byte, code string) {
		currency, ok := pos.CurrencyOf(code)
		if !ok {
			return
		}
		p, err := pos.ParseProgram(document, currency)
		if err != nil {
			require.ErrorAs(t, err, new(*pos.DocumentError))
			require.NotContains(t, err.Error(), "struct field", "Go's own words")
			return
		}
		require.Equal(t, pos.ProgramOf(document), p.ID)
		again, err := pos.ParseProgram(document, currency)
		require.NoError(t, err)
		require.Equal(t, p, again)
		ids := map[string]bool{}
		for _, c := range p.Cards {
			require.Regexp(t, pattern, c.ID)
			require.False(t, ids["card "+c.ID])
			ids["card "+c.ID] = true
			require.True(t, c.Size >= 1 && c.Size <= 100 && c.Start >= 0 && c.Start <= c.Size)
			lot := c.Lot(p.Calendar, 20_000)
			require.True(t, lot.Until == 0 || lot.From < lot.Until)
			require.True(t, c.Floor >= 0 && c.Budget >= 0 && c.Budget <= 10_000_000_000)
			require.Equal(t, 1, utf8.RuneCountInString(c.Stamp))
			require.Equal(t, pos.Account(fmt.Sprintf("stamp:%s/%d", c.ID, c.Size)), c.Account())
		}
		if p.Points != nil {
			require.Equal(t, p.Points.Earn > 0, p.Points.For.Minor > 0, "the short rule has both")
			require.True(t, p.Points.Floor >= 0 && p.Points.Budget >= 0 && p.Points.Budget <= 10_000_000_000)
		}
		require.True(t, p.Offline.Leases >= 0 && p.Offline.Leases <= 2 && p.Offline.Hours >= 1 && p.Offline.Hours <= 720)
		for _, r := range p.Rewards {
			require.GreaterOrEqual(t, r.Most, int64(0))
			require.False(t, ids["reward "+r.ID])
			ids["reward "+r.ID] = true
			require.False(t, ids["card "+r.Card] && r.Points > 0, "two prices")
		}
	})
}

func TestDecodeTOML(t *testing.T) {
	var into struct {
		Shop struct {
			Name string `toml:"name"`
		} `toml:"shop"`
	}
	require.NoError(t, pos.DecodeTOML([]byte("[shop]\nname = 'Café'"), &into))
	require.Equal(t, "Café", into.Shop.Name)

	var mistake *pos.DocumentError
	require.ErrorAs(t, pos.DecodeTOML([]byte("# settings\n[shop]\nname = 'Café'\nnmae = 'Cafe'"), &into), &mistake)
	require.Equal(t, pos.DocumentError{Line: 4, Path: "shop.nmae", Problem: pos.Refuse("doc.setting", "key", "shop.nmae")}, *mistake)
	require.ErrorAs(t, pos.DecodeTOML([]byte("\n[till]\nname = 'x'"), &into), &mistake)
	require.Equal(t, 2, mistake.Line)
}

func TestProgramAt(t *testing.T) {
	roster := pos.Roster{Programs: []pos.Published{{[]byte("old"), 100}, {[]byte("new"), 200}, {[]byte("next"), 300}}}
	for at, want := range map[int64]string{0: "old", 99: "old", 100: "old", 199: "old", 200: "new", 299: "new", 300: "next", 1 << 60: "next"} {
		require.Equal(t, want, string(roster.ProgramAt(at)), at)
	}
	require.Empty(t, pos.Roster{}.ProgramAt(100))
}

func TestRosterCashier(t *testing.T) {
	roster := pos.Roster{Cashiers: []pos.Cashier{{ID: "robin", Name: "Robin"}, {ID: "kim", Name: "Kim"}}}
	kim, ok := roster.Cashier("kim")
	require.True(t, ok)
	require.Equal(t, "Kim", kim.Name)
	_, ok = roster.Cashier("sam")
	require.False(t, ok)
}

func TestRosterAfter(t *testing.T) {
	old, next, last := pos.Published{Document: []byte("old"), From: 100}, pos.Published{Document: []byte("new"), From: 200}, pos.Published{Document: []byte("last"), From: 300}
	roster := func(programs ...pos.Published) pos.Roster { return pos.Roster{Programs: programs} }
	tests := map[string]struct{ older, newer, want pos.Roster }{
		"the first":                {roster(), roster(old), roster(old)},
		"the same":                 {roster(old), roster(old), roster(old)},
		"one more to come":         {roster(old), roster(old, next), roster(old, next)},
		"the next decides":         {roster(old, next), roster(next), roster(old, next)},
		"the one after the next":   {roster(old, next), roster(next, last), roster(old, next, last)},
		"only the one just before": {roster(old, next), roster(last), roster(next, last)},
		"none any more":            {roster(old), roster(), roster()},
		"an earlier one":           {roster(next), roster(old), roster(old)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, tt.newer.After(tt.older)) })
	}
}

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
		Points: &pos.PointsRule{Earn: 1, For: "2.50", Round: pos.RoundNearest, Months: 12, Per: 250, Floor: 50, Budget: 500},
		Rewards: []pos.RewardRule{
			{ID: "free-coffee", Name: "Free coffee", Card: "coffee", Most: pos.NoLimit},
			{ID: "cake", Name: "Piece of cake", Points: 50, Most: pos.NoLimit},
		},
		Offline: pos.Offline{Leases: 1, Hours: 72},
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
	require.Equal(t, &pos.PointsRule{Earn: 1, For: "400", Round: pos.RoundDown, Per: 400}, got.Points)
	require.Equal(t, []pos.RewardRule{{ID: "cup", Name: "cup", Card: "tea", Most: pos.NoLimit}}, got.Rewards)
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
		"an empty document":           {"", `the program has neither a [[card]] nor [points]: add one of them`},
		"a card without an id":        {card("size = 5"), `card "": an id is small letters, digits and hyphens`},
		"an id with capitals":         {card("id = 'Tea'\nsize = 5"), `card "Tea": an id is small letters, digits and hyphens`},
		"an id with a colon":          {card("id = 'a:b'\nsize = 5"), `card "a:b": an id is small letters, digits and hyphens`},
		"an id with a hyphen first":   {card("id = '-a'\nsize = 5"), `card "-a": an id is small letters, digits and hyphens`},
		"an id that is too long":      {card("id = '123456789012345678901234567890123'\nsize = 5"), `card "123456789012345678901234567890123": an id is small letters, digits and hyphens`},
		"a card twice":                {card("id = 'tea'\nsize = 5\n") + card("id = 'tea'\nsize = 6"), `card "tea" is there twice: give each card its own id`},
		"a card without a size":       {card("id = 'tea'"), `card "tea": size is 0, but a card has 1 to 100 stamps`},
		"a card of -1":                {card("id = 'tea'\nsize = -1"), `card "tea": size is -1, but a card has 1 to 100 stamps`},
		"a card of 101":               {card("id = 'tea'\nsize = 101"), `card "tea": size is 101, but a card has 1 to 100 stamps`},
		"a stamp of two signs":        {card("id = 'tea'\nsize = 5\nstamp = 'ab'"), `card "tea": stamp is "ab", but it must be one character`},
		"a stamp that cannot be seen": {card("id = 'tea'\nsize = 5\nstamp = \"\\u0007\""), `card "tea": stamp is "\a", but it must be one character`},
		"a blank stamp":               {card("id = 'tea'\nsize = 5\nstamp = ' '"), `card "tea": stamp is " ", but it must be one character`},
		"no points":                   {points("for = '1'"), `points: earn is 0, but must be 1 to 1000000`},
		"too many points":             {points("earn = 1000001\nfor = '1'"), `points: earn is 1000001, but must be 1 to 1000000`},
		"points for nothing":          {points("earn = 1"), `points: for = "" is not an amount in EUR; write it like "1"`},
		"points for 0":                {points("earn = 1\nfor = '0.00'"), `points: for = "0.00" is not an amount in EUR; write it like "1"`},
		"points for a comma":          {points("earn = 1\nfor = '1,50'"), `points: for = "1,50" is not an amount in EUR; write it like "1"`},
		"an unknown rounding":         {points("earn = 1\nfor = '1'\nround = 'half'"), `points: round = "half" is not known; write "down", "nearest" or "up"`},
		"points that ended before":    {points("earn = 1\nfor = '1'\nexpire_months = -1"), `points: expire_months is -1, but must be 0 (never) to 1200`},
		"points that never end":       {points("earn = 1\nfor = '1'\nexpire_months = 1201"), `points: expire_months is 1201, but must be 0 (never) to 1200`},
		"a reward without an id":      {reward("card = 'tea'"), `reward "": an id is small letters, digits and hyphens`},
		"a reward twice":              {reward("id = 'cup'\ncard = 'tea'\n[[reward]]\nid = 'cup'\ncard = 'tea'"), `reward "cup" is there twice: give each reward its own id`},
		"a reward for nothing":        {reward("id = 'cup'"), `reward "cup": give either card (a full one) or points (the price)`},
		"a reward for both":           {reward("id = 'cup'\ncard = 'tea'\npoints = 5"), `reward "cup": give either card (a full one) or points (the price)`},
		"a reward for no card":        {reward("id = 'cup'\ncard = 'coffee'"), `reward "cup": there is no card "coffee" in this program`},
		"a price without points":      {reward("id = 'cup'\npoints = 5"), `reward "cup" costs 5 points, but the program gives none: add [points]`},
		"a price below 0":             {reward("id = 'cup'\npoints = -5\n[points]\nearn = 1\nfor = '1'"), `reward "cup": points is -5, but a price is 1 to 1000000000`},
		"a price nobody can pay":      {reward("id = 'cup'\npoints = 1000000001\n[points]\nearn = 1\nfor = '1'"), `reward "cup": points is 1000000001, but a price is 1 to 1000000000`},
		"an unknown setting":          {"title = 'x'\ncolour = 'red'", `line 2: there is no setting "colour" here`},
		"an unknown one of a card":    {card("id = 'tea'\nsize = 5\nsizes = 5"), `line 4: there is no setting "card.sizes" here`},
		"a setting of another place":  {"[points]\nearn = 1\nsize = 5", `line 3: there is no setting "points.size" here`},
		"text for a number":           {card("id = 'tea'\nsize = 'five'"), `line 3: the setting "card.size" does not take this kind of value (string)`},
		"a number for text":           {"title = 5", `line 1: the setting "title" does not take this kind of value (integer)`},
		"a fraction of a point":       {points("earn = 1.5"), `line 2: the setting "points.earn" does not take this kind of value (float)`},
		"a number for an amount":      {points("earn = 1\nfor = 2.5"), `line 3: the setting "points.for" does not take this kind of value (float)`},
		"a table that is a number":    {"\npoints = 3", `line 2: the setting "points" does not take this kind of value (integer)`},
		"a number beyond int64":       {card("id = 'tea'\nsize = 99999999999999999999"), `line 3: decimal number is too large to fit in a 64-bit signed integer`},
		"a floor below 0":             {card("id = 'tea'\nsize = 5\nfloor = -1"), `card "tea": floor is -1, but must be 0 (never) to 10000000000 cards`},
		"a budget without end":        {card("id = 'tea'\nsize = 5\nbudget = 10000000001"), `card "tea": budget is 10000000001, but must be 0 (never) to 10000000000 cards`},
		"a floor of points below 0":   {points("earn = 1\nfor = '1'\nfloor = -1"), `points: floor is -1, but must be 0 (never) to 10000000000 points`},
		"a budget of points below 0":  {points("earn = 1\nfor = '1'\nbudget = -1"), `points: budget is -1, but must be 0 (never) to 10000000000 points`},
		"fewer than none of a reward": {reward("id = 'cup'\ncard = 'tea'\nmost = -1"), `reward "cup": most is -1, but must be 0 (never) to 10000000000 times`},
		"a reward without end":        {reward("id = 'cup'\ncard = 'tea'\nmost = 10000000001"), `reward "cup": most is 10000000001, but must be 0 (never) to 10000000000 times`},
		"leases at three tills":       {card("id = 'tea'\nsize = 5\n[offline]\nleases = 3"), `offline: leases is 3, but must be 0 to 2`},
		"leases at fewer than none":   {card("id = 'tea'\nsize = 5\n[offline]\nleases = -1"), `offline: leases is -1, but must be 0 to 2`},
		"not an hour offline":         {card("id = 'tea'\nsize = 5\n[offline]\nhours = 0"), `offline: hours is 0, but must be 1 to 720`},
		"more than a month offline":   {card("id = 'tea'\nsize = 5\n[offline]\nhours = 721"), `offline: hours is 721, but must be 1 to 720`},
		"an unknown one of offline":   {"[offline]\nminutes = 5", `line 2: there is no setting "offline.minutes" here`},
		"a limit by its inner name":   {card("id = 'tea'\nsize = 5\nFloor = 2\nPer = 3"), `line 5: there is no setting "card.Per" here`},
		"text for a limit":            {card("id = 'tea'\nsize = 5\nfloor = 'two'"), `line 4: the setting "card.floor" does not take this kind of value (string)`},
		"a setting twice":             {"title = 'a'\ntitle = 'b'", `line 2: key title is already defined`},
		"a broken line":               {"title = 'a'\n\nwhat", `line 3: expected '=' after key`},
		"text that is no UTF-8":       {"title = '\xff'", `line 1: invalid UTF-8 character in literal string`},
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
			require.True(t, c.Size >= 1 && c.Size <= 100)
			require.True(t, c.Floor >= 0 && c.Budget >= 0 && c.Budget <= 10_000_000_000)
			require.Equal(t, 1, utf8.RuneCountInString(c.Stamp))
			require.Equal(t, pos.Account(fmt.Sprintf("stamp:%s/%d", c.ID, c.Size)), c.Account())
		}
		if p.Points != nil {
			require.Positive(t, p.Points.Per)
			require.Positive(t, p.Points.Earn)
			require.True(t, p.Points.Floor >= 0 && p.Points.Budget >= 0 && p.Points.Budget <= 10_000_000_000)
		}
		require.True(t, p.Offline.Leases >= 0 && p.Offline.Leases <= 2 && p.Offline.Hours >= 1 && p.Offline.Hours <= 720)
		for _, r := range p.Rewards {
			require.GreaterOrEqual(t, r.Most, int64(0))
			require.False(t, ids["reward "+r.ID])
			ids["reward "+r.ID] = true
			require.True(t, ids["card "+r.Card] != (r.Points > 0))
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
	require.Equal(t, pos.DocumentError{Line: 4, Text: `there is no setting "shop.nmae" here`}, *mistake)
	require.ErrorAs(t, pos.DecodeTOML([]byte("\n[till]\nname = 'x'"), &into), &mistake)
	require.Equal(t, 2, mistake.Line)
	require.Equal(t, "no line", (&pos.DocumentError{Text: "no line"}).Error())
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

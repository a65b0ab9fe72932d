package report_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

// memory keeps rollups in maps.
type memory struct {
	days    map[pos.Day]*report.Row
	members map[pos.HolderID]*report.Member
	hours   map[pos.HolderID]map[pos.Day]*uint32
}

func newMemory() memory {
	return memory{map[pos.Day]*report.Row{}, map[pos.HolderID]*report.Member{}, map[pos.HolderID]map[pos.Day]*uint32{}}
}

func (m memory) Row(day pos.Day) (*report.Row, error) { return made(m.days, day), nil }

func (m memory) Member(holder pos.HolderID) (*report.Member, error) {
	return made(m.members, holder), nil
}

func (m memory) Hours(day pos.Day, holder pos.HolderID) (*uint32, error) {
	if m.hours[holder] == nil {
		m.hours[holder] = map[pos.Day]*uint32{}
	}
	return made(m.hours[holder], day), nil
}

func made[K comparable, V any](in map[K]*V, key K) *V {
	if in[key] == nil {
		in[key] = new(V)
	}
	return in[key]
}

// read returns the days that have something.
func (m memory) read() (days []report.Day) {
	for day, row := range m.days {
		if !row.IsZero() {
			days = append(days, report.Day{Day: day, Row: *row})
		}
	}
	return days
}

// event is an entry and what it does not say.
type event struct {
	pos.Entry
	where report.Where
}

const firstDay, days = pos.Day(20000), pos.Day(90)

var (
	card     = pos.Account("stamp:coffee/10")
	silver   = pos.Account("tier:silver")
	control  = "double/without"
	doubled  = "double/with"
	holders  = []pos.HolderID{{1}, {2}, {3}, {4}}
	zeroCard = pos.HolderID{9}
)

// drawEvent draws anything that can be written, most of it sensible.
func drawEvent(t *rapid.T) event {
	day := firstDay + pos.Day(rapid.IntRange(0, int(days)-1).Draw(t, "day"))
	holder := rapid.SampledFrom(holders).Draw(t, "holder")
	e := event{Entry: pos.Entry{Day: day, Holder: holder}}
	e.where.Hour = rapid.IntRange(0, 23).Draw(t, "hour")
	e.where.Arms = []string{[]string{control, doubled}[holder[0]%2]}
	until := rapid.SampledFrom([]pos.Day{0, day + 1, day + 20, day + 60}).Draw(t, "until")
	n := rapid.Int64Range(1, 30).Draw(t, "n")
	post := func(account pos.Account, amount int64) {
		e.Postings = append(e.Postings, pos.Posting{Account: account, Amount: amount, Lot: pos.Lot{Until: until}})
	}
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		e.Kind = pos.Enrolled
	case 1:
		e.Kind = pos.Stamped
		until = 0
		e.Saw = map[string]int64{string(card): rapid.Int64Range(-3, 25).Draw(t, "had")}
		post(card, n)
	case 2:
		e.Kind, e.Sale = pos.Earned, &pos.Sale{Amount: pos.Money(100 * n)}
		post(pos.PointsAccount, n)
	case 3:
		e.Kind, e.Reward, e.Count = pos.Redeemed, rapid.SampledFrom([]string{"mug", "cup"}).Draw(t, "reward"), n%3
		post(pos.PointsAccount, -n)
	case 4: // of a posting of some day before
		e.Kind = pos.Voided
		until = day - 5 + pos.Day(n)
		post(pos.PointsAccount, -n)
		e.Postings[0].Of = &pos.EntryID{Seq: 1}
	case 5:
		e.Kind, e.Sale = pos.Refunded, &pos.Sale{Amount: pos.Money(n)}
		post(pos.PointsAccount, n)
		e.Postings[0].Of = &pos.EntryID{Seq: 1}
	case 6:
		e.Kind = pos.Granted
		post(silver, rapid.SampledFrom([]int64{1, 1, 1, -1}).Draw(t, "grant"))
	case 7:
		e.Kind = pos.Moved
		post(pos.CreditAccount, n-15)
		if n == 15 {
			e.Postings = nil
		}
	case 8: // of a gift card
		e.Kind, e.Holder, e.where.Arms = pos.Loaded, zeroCard, nil
		post(pos.CreditAccount, n)
	default:
		e.Kind, e.Holder, e.Postings, e.where.Arms = pos.DayEnded, pos.HolderID{}, nil, nil
	}
	return e
}

// plain counts the same from the entries themselves, day by day, in the most simple
// way there is.
type plain []event

func (p plain) seen(holder pos.HolderID, day pos.Day) bool {
	return slices.ContainsFunc(p, func(e event) bool {
		return e.Holder == holder && e.Day == day &&
			slices.Contains([]pos.Kind{pos.Enrolled, pos.Stamped, pos.Earned, pos.Redeemed}, e.Kind)
	})
}

// lastSeen returns the holder's last visit, 0 if there was none.
func (p plain) lastSeen(holder pos.HolderID) (last pos.Day) {
	for day := firstDay; day < firstDay+days; day++ {
		if p.seen(holder, day) {
			last = day
		}
	}
	return last
}

// holds reports whether the holder has the tier on the day.
func (p plain) holds(holder pos.HolderID, day pos.Day) bool {
	left := map[pos.Day]int64{}
	for _, e := range p {
		for _, posting := range e.Postings {
			if e.Holder == holder && posting.Account == silver && e.Day <= day && (posting.Lot.Until == 0 || day < posting.Lot.Until) {
				left[posting.Lot.Until] += posting.Amount
			}
		}
	}
	return slices.ContainsFunc(slices.Collect(maps.Values(left)), func(n int64) bool { return n > 0 })
}

// owed returns what is left of the account on the day's evening.
func (p plain) owed(account pos.Account, day pos.Day) (sum int64) {
	for _, e := range p {
		for _, posting := range e.Postings {
			if posting.Account == account && e.Day <= day && !posting.Lot.Ended(day) && !posting.Lot.Ended(e.Day) {
				sum += posting.Amount
			}
		}
	}
	return sum
}

// Whatever happened, and in whatever order it is rolled up, reports say what a plain
// count of the entries says.
func TestFoldIsAPlainCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all plain = rapid.SliceOfN(rapid.Custom(drawEvent), 0, 60).Draw(t, "events")
		rows := newMemory()
		for _, e := range rapid.Permutation(all).Draw(t, "order") {
			require.NoError(t, report.Fold(rows, e.Entry, e.where))
		}
		from := firstDay + pos.Day(rapid.IntRange(0, 40).Draw(t, "from"))
		to := from + pos.Day(rapid.IntRange(0, 30).Draw(t, "span"))
		today := firstDay + days - 1
		got := report.Read(rows.read(), report.Ask{From: from, To: to, Today: today, Asleep: 20, ByDay: true})
		all.compare(t, got)
	})
}

func (p plain) compare(t *rapid.T, got report.Figures) {
	members := report.Members{}
	for _, holder := range holders {
		last := p.lastSeen(holder)
		if last == 0 {
			continue
		}
		members.All++
		if last > got.Today-20 {
			members.Active++
		} else {
			members.Asleep++
		}
		if last >= got.From {
			members.Seen++
		}
	}
	hours, week, voids, rewards := [24]report.Hour{}, [7][24]int64{}, int64(0), map[string]int64{}
	visits, amounts := map[string]int64{}, map[string]pos.Money{}
	met := map[string]bool{}
	for _, e := range p {
		if e.Day < got.From || e.Day > got.To {
			continue
		}
		h := &hours[e.where.Hour]
		switch e.Kind {
		case pos.Enrolled:
			members.New++
		case pos.Stamped:
			h.Stamps += e.Postings[0].Amount
			visits[e.where.Arms[0]]++
		case pos.Earned:
			h.Sales++
			h.Amount += e.Sale.Amount
			visits[e.where.Arms[0]]++
			amounts[e.where.Arms[0]] += e.Sale.Amount
		case pos.Redeemed:
			h.Rewards += max(e.Count, 1)
			rewards[e.Reward] += max(e.Count, 1)
		case pos.Voided:
			voids++
		}
		key := string(e.Holder[:]) + e.Day.String() + string(rune(e.where.Hour))
		if !met[key] && slices.Contains([]pos.Kind{pos.Enrolled, pos.Stamped, pos.Earned, pos.Redeemed}, e.Kind) {
			met[key] = true
			h.Seen++
			week[(int(e.Day.Midnight().Weekday())+6)%7][e.where.Hour]++
		}
	}
	require.Equal(t, members, got.Members)
	require.Equal(t, hours, got.Hours)
	require.Equal(t, week, got.Week)
	require.Equal(t, voids, got.Voids)
	require.Len(t, got.Rewards, len(rewards))
	for _, r := range got.Rewards {
		require.Equal(t, rewards[r.Reward], r.Count)
	}
	for arm, group := range got.Arms {
		require.Equal(t, visits[arm], group.Visits, arm)
		require.Equal(t, amounts[arm], group.Amount, arm)
	}
	p.compareSteps(t, got)
	p.compareTiers(t, got)
}

func (p plain) compareSteps(t *rapid.T, got report.Figures) {
	day := got.From
	for _, step := range got.Steps {
		require.Equal(t, day, step.Day)
		seen := int64(0)
		for _, holder := range holders {
			if p.seen(holder, day) {
				seen++
			}
		}
		require.Equal(t, seen, step.Seen)
		for _, account := range []pos.Account{pos.PointsAccount, pos.CreditAccount, card} {
			require.Equal(t, p.owed(account, day), step.Owed[account], "%s on %v", account, day)
		}
		day++
	}
	require.Equal(t, got.To+1, day)
}

func (p plain) compareTiers(t *rapid.T, got report.Figures) {
	want := report.Stood{}
	for _, holder := range holders {
		for day := got.From; day <= got.To; day++ {
			before, now := p.holds(holder, day-1), p.holds(holder, day)
			if now && !before {
				want.Rose++
			}
			if before && !now {
				want.Fell++
			}
		}
		if p.holds(holder, got.From-1) {
			want.Had++
		}
		if p.holds(holder, got.To) {
			want.Has++
		}
	}
	require.Equal(t, want, got.Tiers[silver])
}

// What was given and ended unused is gone on the day it ended, and what was finished
// is as the till saw it.
func TestTables(t *testing.T) {
	rows := newMemory()
	fold := func(e pos.Entry, hour int) {
		t.Helper()
		arms := []string{doubled}
		if e.Holder == holders[0] {
			arms = []string{control}
		}
		require.NoError(t, report.Fold(rows, e, report.Where{Hour: hour, Arms: arms}))
	}
	give := func(holder pos.HolderID, day pos.Day, amount pos.Money, points int64) {
		fold(pos.Entry{
			Kind: pos.Earned, Holder: holder, Day: day, Sale: &pos.Sale{Amount: amount},
			Postings: []pos.Posting{{Account: "points", Amount: points, Lot: pos.Lot{Until: firstDay + 5}}},
		}, 9)
	}
	give(holders[0], firstDay, 1000, 100)
	give(holders[1], firstDay+1, 1500, 150)
	fold(pos.Entry{
		Kind: pos.Redeemed, Holder: holders[1], Day: firstDay + 2, Reward: "mug",
		Postings: []pos.Posting{{Account: "points", Amount: -90, Lot: pos.Lot{Until: firstDay + 5}}},
	}, 17)
	fold(pos.Entry{
		Kind: pos.Stamped, Holder: holders[1], Day: firstDay + 2, Saw: map[string]int64{string(card): 8},
		Postings: []pos.Posting{{Account: card, Amount: 3}},
	}, 17)
	trial := pos.Experiment{ID: "double", Arms: []string{"without", "with"}}
	f := report.Read(rows.read(), report.Ask{From: firstDay, To: firstDay + 9, Today: firstDay + 9, Worth: 200, Trials: []pos.Experiment{trial}})
	cells := func(name string) (all [][]int64) {
		table, ok := f.Table(name)
		require.True(t, ok)
		for _, line := range table.Lines {
			all = append(all, line.Cells)
		}
		return all
	}
	require.Equal(t, [][]int64{{250, 90, 360}, {3, 0, 0}}, cells(report.Redemption))
	require.Equal(t, [][]int64{{250, 160, 640}, {3, 0, 0}}, cells(report.Breakage))
	require.Equal(t, [][]int64{{1, 3, 3}}, cells(report.Cards))
	require.Equal(t, [][]int64{{1, 90, 1000}}, cells(report.Rewards))
	require.Equal(t, [][]int64{{100, 200, 0}, {250, 500, 0}, {160, 320, 3}, {160, 320, 3}, {160, 320, 3}, {0, 0, 3}, {0, 0, 3}, {0, 0, 3}, {0, 0, 3}, {0, 0, 3}}, cells(report.Liability))
	require.Equal(t, [][]int64{{1, 1, 10, 1000, report.None}, {1, 2, 20, 1500, 500}}, cells(report.Trials))
	table, _ := f.Table(report.Trials)
	euro, _ := pos.CurrencyOf("EUR")
	require.Equal(t, "arm,members,visits,each,spend,uplift\ndouble/without,1,1,1.0,10.00,\ndouble/with,1,2,2.0,15.00,50.0\n", string(table.CSV(euro)))
	_, ok := f.Table("gossip")
	require.False(t, ok)
	for _, name := range report.Names {
		table, _ := f.Table(name)
		for _, line := range table.Lines {
			require.Len(t, line.Cells, len(table.Columns), name)
		}
		require.True(t, strings.HasPrefix(string(table.CSV(euro)), string(table.By)), name)
	}
}

// A longer span has a step for each month of the calendar, the first and the last as
// far as they are in it.
func TestSteps(t *testing.T) {
	day := func(text string) (d pos.Day) {
		require.NoError(t, d.UnmarshalText([]byte(text)))
		return d
	}
	starts := func(ask report.Ask) (all []string) {
		for _, step := range report.Read(nil, ask).Steps {
			all = append(all, step.Day.String())
		}
		return all
	}
	require.Equal(t, []string{"2026-02-10", "2026-03-01", "2026-04-01"}, starts(report.Ask{From: day("2026-02-10"), To: day("2026-04-02")}))
	require.Len(t, starts(report.Ask{From: day("2026-01-01"), To: day("2026-01-31")}), 31)
	require.Equal(t, []string{"2026-03-21", "2026-04-21"}, starts(report.Ask{From: day("2026-03-21"), To: day("2026-05-01"), Calendar: pos.Jalali}))
	require.Empty(t, starts(report.Ask{From: 10, To: 9}))
}

// A till asks its server: what is asked and what is answered come over the line as
// JSON, whole.
func TestFiguresTravel(t *testing.T) {
	rows := newMemory()
	for i, holder := range holders {
		e := pos.Entry{
			Kind: pos.Redeemed, Holder: holder, Day: firstDay + pos.Day(i), Reward: "mug", Saw: map[string]int64{string(card): 9},
			Postings: []pos.Posting{{Account: card, Amount: 1}, {Account: silver, Amount: 1}, {Account: "points", Amount: -5, Lot: pos.Lot{Until: firstDay + 5}}},
		}
		require.NoError(t, report.Fold(rows, e, report.Where{Hour: 8 + i}))
		e.Kind, e.Sale = pos.Earned, &pos.Sale{Amount: 1000}
		require.NoError(t, report.Fold(rows, e, report.Where{Hour: 8 + i, Arms: []string{control}}))
	}
	ask := report.Ask{
		From: firstDay, To: firstDay + 9, Today: firstDay + 9, Worth: 5, Calendar: pos.Jalali, Asleep: 30,
		Trials: []pos.Experiment{{ID: "double", Arms: []string{"without", "with"}, Weights: []int64{1, 2}}},
	}
	var heard report.Ask
	travel(t, ask, &heard)
	require.Equal(t, ask, heard)
	figures := report.Read(rows.read(), ask)
	var answered report.Figures
	travel(t, figures, &answered)
	require.Equal(t, figures, answered)
}

func travel(t *testing.T, from, to any) {
	t.Helper()
	text, err := json.Marshal(from)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, to))
}

// What a manager takes away by hand is taken back: nobody has spent it.
func TestFoldOfACorrection(t *testing.T) {
	rows := newMemory()
	for _, amount := range []int64{50, -40} {
		e := pos.Entry{Kind: pos.Granted, Day: firstDay, Postings: []pos.Posting{{Account: pos.PointsAccount, Amount: amount}}}
		require.NoError(t, report.Fold(rows, e, report.Where{}))
	}
	require.Equal(t, report.Turnover{Given: 50, Back: 40, Net: 10}, rows.days[firstDay].Values[pos.PointsAccount])
}

package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"tenthcup/pos"
)

// The reports, in the order in which they are shown.
const (
	Today      = "today"      // by hour
	People     = "members"    // new, active, asleep
	Redemption = "redemption" // how much of what was given was spent
	Breakage   = "breakage"   // what ended unused
	Liability  = "liability"  // what the shop owes, over time
	Cards      = "cards"
	Rewards    = "rewards"
	Tiers      = "tiers"
	Trials     = "trials" // each arm of an experiment against the control group
	Week       = "week"   // by weekday and hour
)

// Names are the reports, in order.
var Names = []string{Today, People, Redemption, Breakage, Liability, Cards, Rewards, Tiers, Trials, Week}

// Unit says how a figure is written.
type Unit string

// The units.
const (
	Count   Unit = "count"
	Money   Unit = "money"   // minor units
	Percent Unit = "percent" // tenths of a percent
	Tenths  Unit = "tenths"
)

// None stands for a figure that there is none of: a share of nothing.
const None = -1 << 62

// Labels says what the lines of a table are called by.
type Labels string

// The kinds of labels.
const (
	ByHour    Labels = "hour" // "0" to "23"
	ByDay     Labels = "day"  // as Line.Day
	ByMonth   Labels = "month"
	ByAccount Labels = "account"
	ByReward  Labels = "reward"
	ByArm     Labels = "arm"
	ByWeekday Labels = "weekday" // "0" is Monday
)

// Column is a column of a table.
type Column struct {
	Key  string `json:"key"`
	Unit Unit   `json:"unit"`
}

// Figure is one figure of a report.
type Figure struct {
	Column
	N int64 `json:"n"`
}

// Line is a line of a table, a cell for each column.
type Line struct {
	Label string  `json:"label"`
	Day   pos.Day `json:"day,omitempty"`
	Cells []int64 `json:"cells"`
}

// Table is one report: some figures about all of it, and lines.
type Table struct {
	Name    string   `json:"name"`
	By      Labels   `json:"by"`
	Heads   []Figure `json:"figures,omitempty"`
	Columns []Column `json:"columns"`
	Lines   []Line   `json:"lines"`
	Bar     int      `json:"-"` // the column that is drawn as bars
	Series  bool     `json:"-"` // the lines follow each other in time
}

// Table returns the report with the name, or false where there is none.
func (f Figures) Table(name string) (Table, bool) {
	of := map[string]func(Figures) Table{
		Today: Figures.byHour, People: Figures.people, Redemption: Figures.redemption, Breakage: Figures.breakage, Liability: Figures.liability,
		Cards: Figures.cards, Rewards: Figures.rewards, Tiers: Figures.tiers, Trials: Figures.trials, Week: Figures.week,
	}[name]
	if of == nil {
		return Table{}, false
	}
	t := of(f)
	t.Name = name
	return t, true
}

func columns(unit Unit, keys ...string) (all []Column) {
	for _, key := range keys {
		all = append(all, Column{key, unit})
	}
	return all
}

// share returns the part in tenths of a percent.
func share(part, whole int64) int64 {
	if whole == 0 {
		return None
	}
	return int64(float64(part)/float64(whole)*1000 + 0.5)
}

func (f Figures) byHour() Table {
	t := Table{By: ByHour, Columns: append(columns(Count, "seen", "stamps", "sales"), Column{"amount", Money}, Column{"rewards", Count})}
	sum := Hour{}
	first, last := 24, -1
	for hour, h := range f.Hours {
		if sum = sum.plus(h); h != (Hour{}) {
			first, last = min(first, hour), hour
		}
	}
	for hour := first; hour <= last; hour++ {
		h := f.Hours[hour]
		t.Lines = append(t.Lines, Line{Label: number(hour), Cells: []int64{h.Seen, h.Stamps, h.Sales, int64(h.Amount), h.Rewards}})
	}
	seen := int64(0)
	for _, step := range f.Steps {
		seen += step.Seen
	}
	t.Heads = []Figure{
		{Column{"seen", Count}, seen},
		{Column{"stamps", Count}, sum.Stamps},
		{Column{"sales", Count}, sum.Sales},
		{Column{"amount", Money}, int64(sum.Amount)},
		{Column{"rewards", Count}, sum.Rewards},
	}
	return t
}

func number(n int) string {
	if n >= 10 {
		return string(rune('0'+n/10)) + string(rune('0'+n%10))
	}
	return string(rune('0' + n))
}

// series returns a table with a line for each step.
func (f Figures) series(columns []Column, cells func(Step) []int64) Table {
	t := Table{By: ByDay, Columns: columns, Series: true}
	for _, step := range f.Steps {
		if step.Month {
			t.By = ByMonth
		}
		t.Lines = append(t.Lines, Line{Label: step.Day.String(), Day: step.Day, Cells: cells(step)})
	}
	return t
}

func (f Figures) people() Table {
	t := f.series(columns(Count, "new", "visits"), func(s Step) []int64 { return []int64{s.New, s.Seen} })
	m := f.Members
	t.Heads = []Figure{
		{Column{"all", Count}, m.All}, {Column{"new", Count}, m.New}, {Column{"active", Count}, m.Active}, {Column{"asleep", Count}, m.Asleep},
	}
	t.Bar = 1
	return t
}

// accounts returns a line for each account that something happened to, points first.
func (f Figures) accounts(cells func(pos.Account, Sum) []int64) (lines []Line) {
	for _, account := range slices.SortedFunc(maps.Keys(f.Values), compareAccounts) {
		if line := cells(account, f.Values[account]); line != nil {
			lines = append(lines, Line{Label: string(account), Cells: line})
		}
	}
	return lines
}

// compareAccounts orders points, credit, punch cards, vouchers.
func compareAccounts(a, b pos.Account) int {
	order := []string{"points", "credit", "stamp", "reward"}
	return cmp.Or(slices.Index(order, a.Class())-slices.Index(order, b.Class()), strings.Compare(string(a), string(b)))
}

func (f Figures) redemption() Table {
	t := Table{By: ByAccount, Columns: append(columns(Count, "given", "spent"), Column{"rate", Percent}), Bar: 2}
	t.Lines = f.accounts(func(_ pos.Account, s Sum) []int64 {
		if s.Given == 0 && s.Spent == 0 {
			return nil
		}
		return []int64{s.Given, s.Spent, share(s.Spent, s.Given)}
	})
	t.Heads = []Figure{{Column{"handed", Count}, f.handed()}, {Column{"voids", Count}, f.Voids}, {Column{"returns", Count}, f.Returns}}
	return t
}

func (f Figures) handed() (n int64) {
	for _, r := range f.Rewards {
		n += r.Count
	}
	return n
}

func (f Figures) breakage() Table {
	t := Table{By: ByAccount, Columns: append(columns(Count, "given", "ended"), Column{"share", Percent}), Bar: 2}
	t.Lines = f.accounts(func(_ pos.Account, s Sum) []int64 {
		if s.Given == 0 && s.Ended == 0 {
			return nil
		}
		return []int64{s.Given, s.Ended, share(s.Ended, s.Given)}
	})
	if f.Worth > 0 {
		t.Heads = []Figure{{Column{"worth", Money}, f.worth(f.Values[pos.PointsAccount].Ended)}}
	}
	return t
}

// worth returns what the points are worth, in minor units.
func (f Figures) worth(points int64) int64 { return int64(float64(points) * float64(f.Worth) / 100) }

func (f Figures) liability() Table {
	points, worth, credit := Column{"points", Count}, Column{"worth", Money}, Column{"credit", Money}
	has := func(account pos.Account) bool { _, there := f.Values[account]; return there }
	stamps := Column{"owedstamps", Count}
	var shown []Column
	for _, c := range []struct {
		Column
		there bool
	}{{points, has(pos.PointsAccount)}, {worth, has(pos.PointsAccount) && f.Worth > 0}, {credit, has(pos.CreditAccount)}, {stamps, true}} {
		if c.there {
			shown = append(shown, c.Column)
		}
	}
	cells := func(owed map[pos.Account]int64) (line []int64) {
		for _, c := range shown {
			switch c {
			case points:
				line = append(line, owed[pos.PointsAccount])
			case worth:
				line = append(line, f.worth(owed[pos.PointsAccount]))
			case credit:
				line = append(line, owed[pos.CreditAccount])
			default:
				line = append(line, stampsIn(owed))
			}
		}
		return line
	}
	t := f.series(shown, func(s Step) []int64 { return cells(s.Owed) })
	if n := len(t.Lines); n > 0 {
		for i, c := range shown {
			t.Heads = append(t.Heads, Figure{c, t.Lines[n-1].Cells[i]})
		}
	}
	return t
}

func stampsIn(owed map[pos.Account]int64) (n int64) {
	for account, amount := range owed {
		if account.Class() == "stamp" {
			n += amount
		}
	}
	return n
}

func (f Figures) cards() Table {
	t := Table{By: ByAccount, Columns: columns(Count, "finished", "stamps", "owedstamps")}
	t.Lines = f.accounts(func(account pos.Account, s Sum) []int64 {
		if account.Class() != "stamp" {
			return nil
		}
		return []int64{s.Full, s.Given, s.Owed}
	})
	return t
}

// mostRewards is how many of the rewards are shown.
const mostRewards = 20

func (f Figures) rewards() Table {
	t := Table{By: ByReward, Columns: append(columns(Count, "handed", "points"), Column{"share", Percent})}
	all := f.handed()
	for _, r := range f.Rewards[:min(len(f.Rewards), mostRewards)] {
		t.Lines = append(t.Lines, Line{Label: r.Reward, Cells: []int64{r.Count, r.Points, share(r.Count, all)}})
	}
	t.Heads = []Figure{{Column{"handed", Count}, all}}
	return t
}

func (f Figures) tiers() Table {
	t := Table{By: ByAccount, Columns: columns(Count, "had", "rose", "fell", "stayed", "has"), Bar: 4}
	for _, tier := range slices.Sorted(maps.Keys(f.Tiers)) {
		s := f.Tiers[tier]
		t.Lines = append(t.Lines, Line{Label: string(tier), Cells: []int64{s.Had, s.Rose, s.Fell, s.Stayed(), s.Has}})
	}
	return t
}

// trials compares each arm with the control group of its experiment: what its members
// spent each, or where there are no sales, how often they came each.
func (f Figures) trials() Table {
	t := Table{By: ByArm, Columns: []Column{{"members", Count}, {"visits", Count}, {"each", Tenths}, {"spend", Money}, {"uplift", Percent}}, Bar: 2}
	for _, trial := range f.Trials {
		control := f.Arms[trial.ID+"/"+trial.Arms[0]]
		for i, name := range trial.Arms {
			arm := f.Arms[trial.ID+"/"+name]
			each, spend := share(arm.Visits, arm.Members), int64(None)
			if each != None {
				each = (each + 50) / 100
			}
			if arm.Members > 0 {
				spend = int64(arm.Amount) / arm.Members
			}
			uplift := int64(None)
			if i > 0 {
				uplift = against(arm, control)
			}
			t.Lines = append(t.Lines, Line{Label: trial.ID + "/" + name, Cells: []int64{arm.Members, arm.Visits, each, spend, uplift}})
		}
	}
	return t
}

// against returns by how much the members of the arm did more, in tenths of a percent.
func against(arm, control Group) int64 {
	if arm.Members == 0 || control.Members == 0 {
		return None
	}
	mine, theirs := float64(arm.Amount)/float64(arm.Members), float64(control.Amount)/float64(control.Members)
	if theirs == 0 {
		mine, theirs = float64(arm.Visits)/float64(arm.Members), float64(control.Visits)/float64(control.Members)
	}
	if theirs == 0 {
		return None
	}
	return int64((mine/theirs - 1) * 1000)
}

func (f Figures) week() Table {
	t := Table{By: ByWeekday, Bar: -1}
	for hour := range 24 {
		t.Columns = append(t.Columns, Column{number(hour), Count})
	}
	for day := range f.Week {
		t.Lines = append(t.Lines, Line{Label: number(day), Cells: f.Week[day][:]})
	}
	return t
}

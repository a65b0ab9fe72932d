package report

import (
	"cmp"
	"maps"
	"slices"

	"tenthcup/pos"
)

// Day is the row of a day.
type Day struct {
	Day pos.Day
	Row
}

// DefaultAsleep is after how many days without a visit a member is asleep.
const DefaultAsleep = 60

// Ask says what a report is about.
type Ask struct {
	From   pos.Day `json:"from"` // the first day
	To     pos.Day `json:"to"`   // the last day
	Today  pos.Day `json:"today"`
	Asleep int     `json:"asleep_after,omitempty"` // days; DefaultAsleep if 0
	ByDay  bool    `json:"by_day,omitempty"`       // a step for each day, however long the span is

	Calendar string           `json:"calendar,omitempty"` // whose months are meant
	Worth    pos.Money        `json:"worth,omitempty"`    // of 100 points, in minor units; 0 is unknown
	Trials   []pos.Experiment `json:"trials,omitempty"`   // of the program; the first arm of each is its control group
}

// mostDays is the longest span that has a step for each day.
const mostDays = 31

// Figures are what all reports show about a span of days.
type Figures struct {
	Ask
	Steps   []Step                `json:"steps"` // days, or months of a longer span, in order
	Hours   [24]Hour              `json:"hours"`
	Week    [7][24]int64          `json:"week"` // members seen, from Monday
	Members Members               `json:"members"`
	Values  map[pos.Account]Sum   `json:"values,omitempty"`
	Rewards []Popular             `json:"rewards,omitempty"` // most often handed out first
	Tiers   map[pos.Account]Stood `json:"tiers,omitempty"`
	Arms    map[string]Group      `json:"arms,omitempty"` // by "experiment/arm"
	Voids   int64                 `json:"voids"`
	Returns int64                 `json:"returns"`
	Taken   pos.Money             `json:"taken_back"` // by returns
}

// Step is a day or a month of the span.
type Step struct {
	Day   pos.Day               `json:"day"`             // its first
	Month bool                  `json:"month,omitempty"` // or what of a month is in the span
	New   int64                 `json:"new"`
	Hour                        // Seen is members by the day: one who came on two days is two
	Owed  map[pos.Account]int64 `json:"owed,omitempty"` // at its end
}

// Members says how many there are, by their last visit. Seen is right for a span
// that ends today.
type Members struct {
	All    int64 `json:"all"`
	Active int64 `json:"active"`
	Asleep int64 `json:"asleep"` // who came, but not for so long
	Seen   int64 `json:"seen"`   // whose last visit is not before the span
	New    int64 `json:"new"`
}

// Sum is what happened to an account in the span.
type Sum struct {
	Turnover
	Owed int64 `json:"owed"` // at the end
}

// Popular is a reward and how often it was handed out.
type Popular struct {
	Reward string `json:"reward"`
	Handed
}

// Stood is a tier in the span.
type Stood struct {
	Had int64 `json:"had"` // members, as the span began
	Flow
	Has int64 `json:"has"` // at its end
}

// Stayed returns how many had the tier all the time, where nobody got it and lost it
// in one span.
func (s Stood) Stayed() int64 { return max(s.Had-s.Fell, 0) }

// Group is what an arm of an experiment did in the span.
type Group struct {
	Arm
	Members int64 `json:"members"` // whose last visit is not before the span
}

// Read adds up the days, in any order; several of one day are those of several areas.
func Read(days []Day, ask Ask) Figures {
	f := Figures{Ask: ask, Values: map[pos.Account]Sum{}, Tiers: map[pos.Account]Stood{}, Arms: map[string]Group{}}
	if f.Asleep <= 0 {
		f.Asleep = DefaultAsleep
	}
	slices.SortStableFunc(days, func(a, b Day) int { return cmp.Compare(a.Day, b.Day) })
	f.steps()
	rewards := map[string]Handed{}
	for _, day := range days {
		f.meet(day)
		if day.Day > f.To {
			continue
		}
		f.owe(day)
		f.stand(day)
		if day.Day >= f.From {
			f.happen(day)
			growAll(&rewards, day.Rewards)
		}
	}
	f.carry()
	f.rank(rewards)
	return f
}

// steps lays out the days, or the months, of the span.
func (f *Figures) steps() {
	if f.To < f.From {
		return
	}
	months := !f.ByDay && f.To-f.From >= mostDays
	for day := f.From; day <= f.To; {
		f.Steps = append(f.Steps, Step{Day: day, Month: months, Owed: map[pos.Account]int64{}})
		if day++; months {
			day = pos.FirstOf(f.Calendar, day-1, 1)
		}
	}
}

// step returns the step that the day is in, the first for one before the span.
func (f *Figures) step(day pos.Day) *Step {
	at, found := slices.BinarySearchFunc(f.Steps, day, func(s Step, day pos.Day) int { return cmp.Compare(s.Day, day) })
	if !found {
		at--
	}
	if at < 0 {
		at = 0
	}
	if len(f.Steps) == 0 {
		return &Step{Owed: map[pos.Account]int64{}}
	}
	return &f.Steps[at]
}

// meet counts the members whose last visit was on the day.
func (f *Figures) meet(day Day) {
	f.Members.All += day.Last
	if day.Day > f.Today-pos.Day(f.Asleep) {
		f.Members.Active += day.Last
	} else {
		f.Members.Asleep += day.Last
	}
	if day.Day >= f.From {
		f.Members.Seen += day.Last
		for name, arm := range day.Arms {
			group := f.Arms[name]
			group.Members += arm.Last
			f.Arms[name] = group
		}
	}
}

// owe adds what the day changed of what is owed.
func (f *Figures) owe(day Day) {
	step := f.step(day.Day)
	for account, v := range day.Values {
		step.Owed[account] += v.Net - v.Ended
		sum := f.Values[account]
		if day.Day >= f.From {
			sum.Turnover = sum.plus(v)
		}
		sum.Owed += v.Net - v.Ended
		f.Values[account] = sum
	}
}

func (f *Figures) stand(day Day) {
	for tier, flow := range day.Tiers {
		stood := f.Tiers[tier]
		stood.Has += flow.Rose - flow.Fell
		if day.Day < f.From {
			stood.Had += flow.Rose - flow.Fell
		} else {
			stood.Flow = stood.plus(flow)
		}
		f.Tiers[tier] = stood
	}
}

// happen adds what happened on a day of the span.
func (f *Figures) happen(day Day) {
	step, weekday := f.step(day.Day), (int(day.Day.Midnight().Weekday())+6)%7
	step.New += day.New
	step.Seen += day.Seen
	f.Members.New += day.New
	for hour, h := range day.Hours {
		f.Hours[hour] = f.Hours[hour].plus(h)
		f.Week[weekday][hour] += h.Seen
		h.Seen = 0
		step.Hour = step.plus(h)
	}
	for name, arm := range day.Arms {
		group := f.Arms[name]
		arm.Last = 0
		group.Arm = group.plus(arm)
		f.Arms[name] = group
	}
	f.Voids += day.Voids
	f.Returns += day.Returns
	f.Taken += day.Taken
}

// carry makes what is owed at the end of each step of what each step changed.
func (f *Figures) carry() {
	owed := map[pos.Account]int64{}
	for i := range f.Steps {
		for account, by := range f.Steps[i].Owed {
			owed[account] += by
		}
		f.Steps[i].Owed = maps.Clone(owed)
	}
}

func (f *Figures) rank(rewards map[string]Handed) {
	for id, handed := range rewards {
		f.Rewards = append(f.Rewards, Popular{id, handed})
	}
	slices.SortFunc(f.Rewards, func(a, b Popular) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reward, b.Reward))
	})
}

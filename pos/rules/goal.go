package rules

import (
	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// mostGifts is how often one decision gives a goal's gift. What is left over comes
// with the next.
const mostGifts = 1_000_000

// goals counts towards the goals and decides which are reached. It comes after all
// that earns; what a goal gives counts for no other.
func (d *deciding) goals() error {
	if len(d.p.Goals) == 0 {
		return nil
	}
	points, risen := d.given(pos.PointsAccount), d.risen()
	for i := range d.p.Goals {
		g := &d.p.Goals[i]
		if g.Count == pos.CountBalance || g.Count != pos.CountPoints && d.ask.Sale == nil {
			continue
		}
		lines, ok := d.holds(&g.When, g.ID, g.Name)
		if !ok {
			continue
		}
		if err := d.count(g, lines, points); err != nil {
			return err
		}
	}
	if risen == nil {
		return nil
	}
	return d.meet(risen, int64(risen.Target.Minor), 1)
}

// count counts what has happened towards the goal, and gives its gift if that
// reaches it.
func (d *deciding) count(g *pos.Goal, lines subset, points int64) error {
	more := int64(1)
	switch g.Count {
	case pos.CountDifferent:
		return d.countKinds(g, lines)
	case pos.CountStreak:
		return d.countStreak(g)
	case pos.CountUnits:
		more = d.basket.units(lines)
	case pos.CountSpend:
		more = int64(d.basket.shown(lines))
	case pos.CountPoints:
		more = points
	}
	if more == 0 {
		return nil
	}
	if err := d.note(g.Account(), g.ID, more, d.goalLot(g.Window)); err != nil {
		return err
	}
	return d.pass(g, d.balance(g.Account()))
}

// tell says something that goes with no amount.
func (d *deciding) tell(rule, key string, pairs ...any) {
	if !d.ask.Brief {
		d.say(rule, because(key, pairs...))
	}
}

// note counts something that nobody needs a reason for.
func (d *deciding) note(account pos.Account, rule string, amount int64, lot pos.Lot) error {
	return d.post(Because{Account: account, Amount: amount, Rule: rule}, lot)
}

// goalLot returns the lot of what counts today in the window.
func (d *deciding) goalLot(window string) pos.Lot {
	switch window {
	case pos.WeekWindow:
		return pos.Lot{Until: pos.NextMonday(d.ask.Day)}
	case pos.Monthly:
		return pos.Lot{Until: pos.FirstOf(d.p.Calendar, d.ask.Day, 1)}
	case pos.Calendar:
		return pos.Lot{Until: pos.NewYear(d.p.Calendar, d.ask.Day)}
	}
	return pos.Lot{}
}

// pass gives the gift for what the count reaches and no gift was given for yet.
// How many were given is counted with the gift and undone with it, so that what is
// undone and reached again is given again, and never twice.
func (d *deciding) pass(g *pos.Goal, count int64) error {
	target := int64(g.Target.Minor)
	times := count / target
	if !g.Every {
		times = min(times, 1)
	}
	times = min(times-d.balance(g.Passed()), mostGifts)
	if times <= 0 {
		return nil
	}
	if err := d.note(g.Passed(), g.ID, times, d.goalLot(g.Window)); err != nil {
		return err
	}
	return d.meet(g, count/target*target, times)
}

// meet says that so much of a goal is reached, and gives its gift so many times.
func (d *deciding) meet(g *pos.Goal, reached, times int64) error {
	switch g.Count {
	case pos.CountSpend:
		d.tell(g.ID, "why.goal.spent", "goal", g.Name, "amount", pos.Money(reached))
	case pos.CountBalance:
		d.tell(g.ID, "why.goal.balance", "goal", g.Name, "n", reached)
	default:
		d.tell(g.ID, "why.goal.reached", "goal", g.Name, "n", reached)
	}
	if (g.Gift == pos.Gift{}) {
		return nil
	}
	return d.give(g.ID, g.Gift, times)
}

// risen returns the highest goal that the balance of points has just risen to, or
// nil.
func (d *deciding) risen() *pos.Goal {
	var highest *pos.Goal
	for i := range d.p.Goals {
		g := &d.p.Goals[i]
		target := int64(g.Target.Minor)
		if g.Count != pos.CountBalance || highest != nil && target <= int64(highest.Target.Minor) {
			continue
		}
		if d.ask.Facts(string(pos.PointsAccount)) >= target || d.balance(pos.PointsAccount) < target {
			continue
		}
		if _, ok := d.holds(&g.When, g.ID, g.Name); ok {
			highest = g
		}
	}
	return highest
}

// countKinds counts each of the goal's items that is among the lines.
func (d *deciding) countKinds(g *pos.Goal, lines subset) error {
	lot := d.goalLot(g.Window)
	for n, item := range g.When.Items {
		bought := false
		for i := range d.basket.lines {
			bought = bought || lines.has(i) && d.basket.lines[i].Item == item
		}
		if bought {
			if err := d.note(g.Kind(n), g.ID, 1, lot); err != nil {
				return err
			}
		}
	}
	return d.pass(g, d.kinds(g))
}

// kinds returns how many of the goal's items the member has had in its window.
func (d *deciding) kinds(g *pos.Goal) (kinds int64) {
	for n := range g.When.Items {
		if d.balance(g.Kind(n)) > 0 {
			kinds++
		}
	}
	return kinds
}

// countStreak counts a visit of a streak. Its lot begins with the first week or
// month of the streak and ends with the next one, in which it has to go on.
func (d *deciding) countStreak(g *pos.Goal) error {
	next := d.period(g.Window, 1)
	began, length := d.streak(g)
	if began == 0 {
		began, length = d.period(g.Window, 0), 1
	}
	if err := d.note(g.Account(), g.ID, 1, pos.Lot{From: began, Until: d.period(g.Window, 2)}); err != nil {
		return err
	}
	target := int64(g.Target.Minor)
	if length != target && (!g.Every || length%target != 0) || d.balance(g.Passed()) > 0 {
		return nil
	}
	if err := d.note(g.Passed(), g.ID, 1, pos.Lot{Until: next}); err != nil {
		return err
	}
	return d.meet(g, length, 1)
}

// streak returns when the member's streak began and how many weeks or months it
// has, with this one; 0 if there is none.
func (d *deciding) streak(g *pos.Goal) (began pos.Day, length int64) {
	began = pos.Day(d.ask.Facts(FactFrom + string(g.Account())))
	if began == 0 || began > d.ask.Day {
		return 0, 0
	}
	this := d.period(g.Window, 0)
	if g.Window == pos.WeekWindow {
		return began, int64(this-began)/7 + 1
	}
	months := int(this-began) / 31 // no month is longer, so there are not fewer
	for pos.FirstOf(d.p.Calendar, began, months) < this {
		months++
	}
	return began, int64(months) + 1
}

// period returns the first day of the week or month n after this one.
func (d *deciding) period(window string, n int) pos.Day {
	if window == pos.WeekWindow {
		return pos.NextMonday(d.ask.Day) + pos.Day(7*(n-1))
	}
	return pos.FirstOf(d.p.Calendar, d.ask.Day, n)
}

// GoalProgress is how far a member is with a goal.
type GoalProgress struct {
	Goal   pos.Goal
	Have   int64 // visits, units, items, minor units, points, weeks or months
	Target int64 // the next to reach; 0 if the gift was given and does not come again
}

// Goals reads how far the member is with each of the goals on the day, in the
// program's order.
func Goals(p *pos.Program, sums ledger.Sums, day pos.Day) []GoalProgress {
	d := reading(p, sums, day)
	goals := make([]GoalProgress, 0, len(p.Goals))
	for i := range p.Goals {
		goals = append(goals, d.progress(&p.Goals[i]))
	}
	return goals
}

func (d *deciding) progress(g *pos.Goal) GoalProgress {
	target, passed := int64(g.Target.Minor), d.balance(g.Passed())
	progress := GoalProgress{Goal: *g, Target: target}
	switch g.Count {
	case pos.CountDifferent:
		progress.Have = d.kinds(g)
	case pos.CountBalance:
		progress.Have = d.balance(pos.PointsAccount)
		passed = 0
	case pos.CountStreak:
		return d.streakProgress(progress)
	default:
		progress.Have = d.balance(g.Account())
	}
	if g.Every {
		progress.Target += passed * target
	} else if passed > 0 {
		progress.Target = 0
	}
	return progress
}

// streakProgress counts the weeks or months that are done: the one in which the
// member has not been yet is still to come.
func (d *deciding) streakProgress(progress GoalProgress) GoalProgress {
	g := &progress.Goal
	_, progress.Have = d.streak(g)
	if progress.Have > 0 && pos.Day(d.ask.Facts(FactUntil+string(g.Account()))) <= d.period(g.Window, 1) {
		progress.Have--
	}
	switch target := progress.Target; {
	case g.Every:
		progress.Target = (progress.Have/target + 1) * target
	case progress.Have >= target:
		progress.Target = 0
	}
	return progress
}

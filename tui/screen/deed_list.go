package screen

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/program"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// deedTill is what is done for a member by choosing from a list.
type deedTill interface {
	Event(by pos.CashierID, holder pos.HolderID, event string) (station.Done, error)
	SellCard(by pos.CashierID, holder pos.HolderID, card string) (station.Done, error)
	Memberships(holder pos.HolderID) ([]station.Membership, error)
	Plan(by pos.CashierID, holder pos.HolderID, plan, change string, days int64) (station.Done, error)
	ReplaceCode(holder pos.HolderID, printed string) (station.Member, error)
}

// terms returns what the program says about one of its rules, in words.
func terms(p *pos.Program, words *assets.Printer, table, id string) (says []string) {
	for _, section := range program.Terms(p) {
		for _, line := range section.Lines {
			if line.Table != table || line.ID != id {
				continue
			}
			for _, sentence := range line.Says {
				says = append(says, words.Say(sentence))
			}
		}
	}
	return says
}

// gave returns the reasons of what was done, in words.
func gave(done station.Done, words *assets.Printer) (lines []string) {
	for _, why := range whyLines(done.Because, station.Names(done.Member), words) {
		line := why.reason
		if why.amount != "" {
			line = why.amount + "  " + line
		}
		lines = append(lines, line)
	}
	return lines
}

// demanded are the events that a cashier says have happened.
func demanded(p pos.Program) []pos.EventRule {
	return slices.DeleteFunc(slices.Clone(p.Events), func(e pos.EventRule) bool { return e.On != pos.OnDemand })
}

func hasEvents(d *Desk, _ station.Member) bool { return len(demanded(d.Program)) > 0 }

// newEvents returns the page of what may happen to a member besides a sale.
func newEvents(d *Desk, m station.Member) (Screen, tea.Cmd) {
	till, by, words := deedTill(d.Till), d.By(), d.Words
	e := newErrand(d, m, task{title: "event.title", does: "event.key.book"})
	for _, rule := range demanded(d.Program) {
		e.list = append(e.list, option{name: rule.Name, tells: terms(&d.Program, words, "event", rule.ID), do: func(*station.Override) (outcome, error) {
			done, err := till.Event(by, m.Profile.Holder, rule.ID)
			if err != nil {
				return outcome{}, err
			}
			what := amounts(done.Record.Entry, station.Names(done.Member), words)
			said := words.T("event.done", "event", rule.Name, "what", what)
			if what == "" {
				said = words.T("event.nothing", "event", rule.Name)
			}
			return outcome{said: said, member: &done.Member}, nil
		}})
	}
	e.rows = e.rows.sized(len(e.list))
	return e, nil
}

func forSale(p pos.Program) []pos.Card {
	return slices.DeleteFunc(slices.Clone(p.Cards), func(c pos.Card) bool { return !c.Price.Given() })
}

func sellsCards(d *Desk, _ station.Member) bool { return len(forSale(d.Program)) > 0 }

// newPasses returns the page on which a punch card is sold in advance.
func newPasses(d *Desk, m station.Member) (Screen, tea.Cmd) {
	till, by, words := deedTill(d.Till), d.By(), d.Words
	e := newErrand(d, m, task{title: "pass.title", does: "pass.key.sell"})
	for _, card := range forSale(d.Program) {
		price := card.Price.Minor
		e.list = append(e.list, option{name: card.Name, note: words.Money(price), tells: terms(&d.Program, words, "card", card.ID), do: func(*station.Override) (outcome, error) {
			done, err := till.SellCard(by, m.Profile.Holder, card.ID)
			return outcome{
				said: words.T("pass.done", "card", card.Name), key: words.T("errand.take", "amount", price),
				lines: gave(done, words), member: &done.Member, slip: d.memberSlip(done.Member),
			}, err
		}})
	}
	e.rows = e.rows.sized(len(e.list))
	return e, nil
}

func hasPlans(d *Desk, _ station.Member) bool { return len(d.Program.Plans) > 0 }

// newPlans returns the page of paid memberships: what of each can be sold, renewed,
// paused or ended.
func newPlans(d *Desk, m station.Member) (Screen, tea.Cmd) {
	till := deedTill(d.Till)
	return newList(d, m, task{title: "plan.title", does: "plan.key.do"}, func() (list []option, err error) {
		all, err := till.Memberships(m.Profile.Holder)
		for _, has := range all {
			list = append(list, planOptions(d, m, has)...)
		}
		return list, err
	})
}

// planOptions are what can be done with a membership.
func planOptions(d *Desk, m station.Member, has station.Membership) []option {
	words, plan := d.Words, has.Plan
	tells := append(standing(has, words), terms(&d.Program, words, "plan", plan.ID)...)
	row := func(name, note, change string) option {
		return option{name: name, note: note, tells: tells, do: d.planning(m, plan, change, 0)}
	}
	price := words.Money(plan.Price.Minor)
	switch {
	case has.Last == 0:
		return []option{row(words.T("plan.sell", "plan", plan.Name), price, rules.PlanJoin)}
	case has.Rests > 0:
		return []option{row(words.T("plan.resume", "plan", plan.Name), "", rules.PlanResume), row(words.T("plan.end", "plan", plan.Name), "", rules.PlanCancel)}
	}
	pause := row(words.T("plan.pause", "plan", plan.Name), "", rules.PlanPause)
	pause.do, pause.open = nil, func() (Screen, tea.Cmd) { return newPause(d, m, plan) }
	return []option{row(words.T("plan.renew", "plan", plan.Name), price, rules.PlanJoin), pause, row(words.T("plan.end", "plan", plan.Name), "", rules.PlanCancel)}
}

// planning changes the membership.
func (d *Desk) planning(m station.Member, plan pos.Plan, change string, days int64) work {
	till, by, words := deedTill(d.Till), d.By(), d.Words
	return func(*station.Override) (outcome, error) {
		done, err := till.Plan(by, m.Profile.Holder, plan.ID, change, days)
		if err != nil {
			return outcome{}, err
		}
		made := outcome{said: words.T("plan.done", "plan", plan.Name), lines: d.lasts(m, plan), member: &done.Member}
		refund := rules.Decision{Because: done.Because}.Refund()
		switch {
		case change == rules.PlanJoin:
			made.key, made.slip = words.T("errand.take", "amount", plan.Price.Minor), d.memberSlip(done.Member)
		case refund > 0:
			made.key = words.T("errand.give", "amount", refund)
		case len(made.lines) > 0:
			made.said += " " + made.lines[0]
		}
		return made, nil
	}
}

// lasts says how long the member has the plan, if so.
func (d *Desk) lasts(m station.Member, plan pos.Plan) []string {
	all, _ := deedTill(d.Till).Memberships(m.Profile.Holder) // what was done is done
	for _, has := range all {
		if has.Plan.ID == plan.ID {
			return standing(has, d.Words)
		}
	}
	return nil
}

// standing says how the membership stands; nothing where the member does not have it.
func standing(has station.Membership, words *assets.Printer) []string {
	switch {
	case has.Rests > 0:
		return []string{words.T("plan.rests", "day", has.Rests, "last", has.Last)}
	case has.Last > 0:
		return []string{words.T("plan.has", "last", has.Last)}
	}
	return nil
}

// newPause asks how long the membership is to rest.
func newPause(d *Desk, m station.Member, plan pos.Plan) (Screen, tea.Cmd) {
	e := newErrand(d, m, task{
		title: "plan.title", does: "plan.key.do", back: newPlans,
		tells: func(e Errand) []string { return []string{e.desk.Words.T("plan.pausing", "plan", plan.Name)} },
		do: func(e Errand) (work, error) {
			days, err := e.desk.whole(e.value(0))
			return e.desk.planning(e.member, plan, rules.PlanPause, days), err
		},
	}, blank{name: d.Words.T("plan.days.label"), digits: true})
	return e, nil
}

package screen

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/station"
)

// Event is an entry in words.
type Event struct {
	When    string // the time of day, or the date of another day
	Holder  pos.HolderID
	Who     string // the member's name, or ""
	What    string
	Cashier pos.CashierID
}

// shown is how many events are read: as many as the largest sensible terminal
// shows.
const shown = 40

// Latest is a message: what happened last at this till, newest first.
type Latest struct {
	Events []Event
	Err    error
}

type counterTill interface {
	Latest(limit int) ([]station.Record, error)
	Profile(holder pos.HolderID) (pos.Profile, error)
	Program() (pos.Program, error)
	Today() pos.Day
	Lookup(text string) ([]station.Member, error)
}

// LoadLatest reads what happened today at this till.
func (d *Desk) LoadLatest() tea.Cmd {
	till, words := counterTill(d.Till), d.Words
	return func() tea.Msg {
		events, err := readEvents(till, words, shown, func(e pos.Entry) bool {
			return e.Day == till.Today() && e.Kind != pos.Returned && e.Kind != pos.Administered // no work of the counter
		})
		return Latest{events, err}
	}
}

// reach is how far back the entries of one member are looked for.
const reach = 300

// loadHistory reads what this till did last for one member.
func loadHistory(d *Desk, holder pos.HolderID) tea.Cmd {
	till, words := counterTill(d.Till), d.Words
	return func() tea.Msg {
		events, err := readEvents(till, words, reach, func(e pos.Entry) bool { return e.Holder == holder })
		return history{holder, events, err}
	}
}

type history struct {
	holder pos.HolderID
	events []Event
	err    error
}

// readEvents puts those of the last entries that are wanted into words.
func readEvents(till counterTill, words *assets.Printer, last int, wanted func(pos.Entry) bool) ([]Event, error) {
	records, err := till.Latest(last)
	if err != nil {
		return nil, err
	}
	program, err := till.Program()
	if err != nil {
		return nil, err
	}
	today, names := till.Today(), map[pos.HolderID]string{}
	var events []Event
	for _, r := range records {
		e := r.Entry
		if !wanted(e) || len(events) == shown {
			continue
		}
		name, known := names[e.Holder]
		if !known && e.Holder != (pos.HolderID{}) {
			if profile, err := till.Profile(e.Holder); err == nil { // one that was erased has no name
				name = called(profile)
			}
			names[e.Holder] = name
		}
		when := words.Clock(e.Time())
		if e.Day != today {
			when = words.Date(e.Day)
		}
		events = append(events, Event{when, e.Holder, name, describe(e, program, words), e.Cashier})
	}
	return events, nil
}

// called returns what a member is called: by name, else by phone.
func called(p pos.Profile) string {
	if p.Name != "" {
		return p.Name
	}
	return p.Phone
}

// describe says in a few words what the entry did.
func describe(e pos.Entry, program pos.Program, words *assets.Printer) string {
	switch e.Kind {
	case pos.Enrolled:
		return words.T("what.enrol")
	case pos.DayEnded:
		return words.T("what.dayend")
	case pos.Opened:
		return words.T("what.drawer")
	case pos.Redeemed:
		reward := e.Reward
		if rule, ok := program.Reward(e.Reward); ok {
			reward = rule.Name
		}
		if e.By != nil && e.By.Kind == pos.ByOverride {
			return words.T("what.allowed", "reward", reward)
		}
		return words.T("what.redeem", "reward", reward)
	case pos.Returned:
		return words.T("what.returned")
	case pos.Corrected:
		return words.T("what.clock")
	case pos.Voided:
		return words.T("what.void", "what", cmp.Or(amounts(e, program, words), "–"))
	}
	what := amounts(e, program, words)
	if e.Kind == pos.Refunded {
		return words.T("what.refund", "what", strings.TrimPrefix(what+" · "+words.Money(e.Sale.Amount), " · "))
	}
	if e.Sale != nil {
		what = strings.TrimPrefix(what+" · "+words.Money(e.Sale.Amount), " · ")
	}
	if what == "" {
		return string(e.Kind)
	}
	return what
}

// amounts returns the entry's postings in words, those of one account together.
func amounts(e pos.Entry, program pos.Program, words *assets.Printer) string {
	var order []pos.Account
	sums := map[pos.Account]int64{}
	for _, p := range e.Postings {
		if !told[p.Account.Class()] {
			continue // what the program counts for itself
		}
		if _, seen := sums[p.Account]; !seen {
			order = append(order, p.Account)
		}
		sums[p.Account] += p.Amount
	}
	parts := make([]string, 0, len(order))
	for _, account := range order {
		parts = append(parts, amount(account, sums[account], program, words))
	}
	return words.List(parts)
}

// told are the classes of accounts that people have words for.
var told = map[string]bool{"points": true, "credit": true, "stamp": true, "reward": true, "tier": true, "plan": true, "badge": true, "tag": true, "ticket": true}

func amount(account pos.Account, n int64, program pos.Program, words *assets.Printer) string {
	sign := "+"
	if n < 0 {
		sign, n = "−", -n
	}
	switch account.Class() {
	case "points":
		return words.T("what.points", "sign", sign, "n", n)
	case "credit":
		return words.T("what.credit", "sign", sign, "amount", pos.Money(n))
	case "tier", "plan", "badge", "tag", "ticket":
		return sign + granted(account, program)
	case "reward":
		_, id, _ := strings.Cut(string(account), ":")
		if rule, ok := program.Reward(id); ok {
			id = rule.Name
		}
		return words.T("what.voucher", "sign", sign, "n", n, "reward", id)
	}
	name := string(account)
	for _, card := range program.Cards {
		if card.Account() == account {
			name = card.Name
		}
	}
	return words.T("what.stamps", "sign", sign, "n", n, "card", name)
}

// granted names what a grant account grants, by its id where the program has no
// name for it.
func granted(account pos.Account, program pos.Program) string {
	class, id, _ := strings.Cut(string(account), ":")
	switch class {
	case "tier":
		if at := program.Tier(id); at >= 0 {
			return program.Tiers[at].Name
		}
	case "plan":
		if plan, ok := program.Plan(id); ok {
			return plan.Name
		}
	}
	return id
}

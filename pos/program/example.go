package program

import (
	"errors"
	"maps"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// Result is what came of one example.
type Result struct {
	Example *pos.Example
	Wrong   []pos.Sentence // what differs from what it says; none where it passed
	p       *pos.Program
	events  []event // First, then When
}

// event is one step that was tried.
type event struct {
	step          pos.ExampleStep
	done          deed
	refused       string // the key with which it was refused; "" if it was not
	before, after ledger.Sums
	day           pos.Day // after it
}

// Passed reports whether what the example says follows.
func (r Result) Passed() bool { return len(r.Wrong) == 0 }

// Examples tries all examples of the program, in its order. They happen to a
// member in memory, through the same rules as at a till without a server.
func Examples(p *pos.Program) []Result {
	results := make([]Result, len(p.Examples))
	for i := range p.Examples {
		results[i] = try(p, &p.Examples[i])
	}
	return results
}

func try(p *pos.Program, e *pos.Example) Result {
	r := Result{Example: e, p: p}
	m, err := begin(p, e.Given, later(e))
	if err != nil {
		r.Wrong = []pos.Sentence{pos.Say("program.impossible", "why", err)}
		return r
	}
	for i := range e.First {
		if _, err := r.step(m, e.First[i]); err != nil {
			r.Wrong = []pos.Sentence{pos.Say("program.before", "step", int64(i+1), "why", err)}
			return r
		}
	}
	done, err := r.step(m, e.When)
	problem, _ := errors.AsType[*pos.Problem](err)
	switch {
	case err == nil && e.Then.Refused != "":
		r.Wrong = append(r.Wrong, pos.Say("program.allowed", "key", e.Then.Refused))
	case err != nil && (problem == nil || e.Then.Refused == ""):
		r.Wrong = append(r.Wrong, pos.Say("program.refused", "why", err))
		return r
	case err != nil && problem.Key != e.Then.Refused:
		r.differs(pos.Say("program.what.refused"), e.Then.Refused, problem.Key)
	}
	r.compare(p, e.Then.Holding, m.has)
	if e.Then.Pending != nil {
		r.number(pos.Say("program.what.pending"), *e.Then.Pending, m.pending(pos.PointsAccount))
	}
	r.compareStep(p, e.Then, done)
	return r
}

// step lets a step happen, and remembers it.
func (r *Result) step(m *member, step pos.ExampleStep) (deed, error) {
	tried := event{step: step, before: m.sums}
	done, err := m.do(step)
	if refused, ok := errors.AsType[*pos.Problem](err); ok {
		tried.refused = refused.Key
	}
	tried.done, tried.after, tried.day = done, m.sums, m.day
	r.events = append(r.events, tried)
	return done, err
}

// rules returns the ids of the rules that had a part in the example, also by
// giving nothing.
func (r *Result) rules() (took []string) {
	for _, e := range r.events {
		for _, because := range e.done.because {
			if because.Rule != "" && !slices.Contains(took, because.Rule) {
				took = append(took, because.Rule)
			}
		}
	}
	return took
}

// compareStep compares what came of the last step.
func (r *Result) compareStep(p *pos.Program, then pos.ExampleThen, done deed) {
	if then.Gives != nil {
		before := len(r.Wrong)
		r.compare(p, *then.Gives, done.given)
		for i := before; i < len(r.Wrong); i++ {
			r.Wrong[i] = pos.Say("program.given", "what", r.Wrong[i])
		}
	}
	if then.Off.Given() {
		r.money(pos.Say("program.what.off"), then.Off.Minor, done.off)
	}
	if then.Back.Given() {
		r.money(pos.Say("program.what.back"), then.Back.Minor, done.back)
	}
	took := r.rules()
	for _, id := range then.Why {
		if !slices.Contains(took, id) {
			r.Wrong = append(r.Wrong, pos.Say("program.nopart", "id", id, "ids", orNothing(took)))
		}
	}
}

// compare compares what the holding names with what there is.
func (r *Result) compare(p *pos.Program, want pos.Holding, has func(pos.Account) int64) {
	if want.Points != nil {
		r.number(pos.Say("program.what.points"), *want.Points, has(pos.PointsAccount))
	}
	if want.Credit.Given() {
		r.money(pos.Say("program.what.credit"), want.Credit.Minor, pos.Money(has(pos.CreditAccount)))
	}
	if want.Spend.Given() {
		r.money(pos.Say("program.what.spend"), want.Spend.Minor, pos.Money(has(spendAccount)))
	}
	if want.Visits != nil {
		r.number(pos.Say("program.what.visits"), *want.Visits, has(visitAccount))
	}
	for _, id := range slices.Sorted(maps.Keys(want.Cards)) {
		card, _ := p.Card(id)
		r.number(pos.Say("program.what.card", "id", id), want.Cards[id], has(card.Account()))
	}
	for _, id := range slices.Sorted(maps.Keys(want.Vouchers)) {
		r.number(pos.Say("program.what.voucher", "id", id), want.Vouchers[id], has(voucherAccount(id)))
	}
	for _, id := range slices.Sorted(maps.Keys(want.Tickets)) {
		r.number(pos.Say("program.what.tickets", "id", id), want.Tickets[id], has(pos.Account("ticket:"+id)))
	}
	r.set(pos.Say("program.what.tiers"), want.Tiers, held(has, "tier:", ids(p.Tiers, func(t pos.Tier) string { return t.ID })))
	r.set(pos.Say("program.what.plans"), want.Plans, held(has, "plan:", ids(p.Plans, func(plan pos.Plan) string { return plan.ID })))
	r.set(pos.Say("program.what.tags"), want.Tags, held(has, "tag:", p.Tags))
	r.set(pos.Say("program.what.badges"), want.Badges, held(has, "badge:", badges(p)))
}

func (r *Result) differs(what pos.Sentence, want, got any) {
	r.Wrong = append(r.Wrong, pos.Say("program.differs", "what", what, "want", want, "got", got))
}

func (r *Result) number(what pos.Sentence, want, got int64) {
	if want != got {
		r.differs(what, want, got)
	}
}

func (r *Result) money(what pos.Sentence, want, got pos.Money) {
	if want != got {
		r.differs(what, want, got)
	}
}

// set compares lists whose order says nothing; one that is left out holds.
func (r *Result) set(what pos.Sentence, want, got []string) {
	if want == nil {
		return
	}
	want = slices.Sorted(slices.Values(want))
	if slices.Sort(got); slices.Equal(want, got) {
		return
	}
	r.differs(what, orNothing(want), orNothing(got))
}

func orNothing(list []string) any {
	if len(list) == 0 {
		return pos.Say("program.what.nothing")
	}
	return list
}

// held returns those of the ids of which something is there.
func held(has func(pos.Account) int64, class string, all []string) (there []string) {
	for _, id := range all {
		if has(pos.Account(class+id)) > 0 {
			there = append(there, id)
		}
	}
	return there
}

func ids[T any](tables []T, id func(T) string) []string {
	all := make([]string, len(tables))
	for i, table := range tables {
		all[i] = id(table)
	}
	return all
}

// badges returns every badge that the program gives, each once.
func badges(p *pos.Program) []string {
	var all []string
	for _, gift := range gifts(p) {
		if gift.Badge != "" && !slices.Contains(all, gift.Badge) {
			all = append(all, gift.Badge)
		}
	}
	return all
}

// gifts returns every gift of the program.
func gifts(p *pos.Program) []pos.Gift {
	var all []pos.Gift
	for _, rule := range p.Events {
		all = append(all, rule.Gift)
	}
	for _, rule := range p.Coupons {
		all = append(all, rule.Gift)
	}
	for _, rule := range p.Goals {
		all = append(all, rule.Gift)
	}
	for _, rule := range p.Surprises {
		all = append(all, rule.Gift)
	}
	if p.Referral != nil {
		all = append(all, p.Referral.Member, p.Referral.Friend)
	}
	return all
}

// deed is what came of one step.
type deed struct {
	postings []pos.Posting
	because  []rules.Because
	off      pos.Money // the sale
	back     pos.Money // to the member
	kept     pos.Money // of what would have gone back
}

// says reports whether a line has the key.
func (d deed) says(key string) bool {
	return slices.ContainsFunc(d.because, func(b rules.Because) bool { return b.Key == key })
}

// given returns what the step gave of the account, less what it took.
func (d deed) given(account pos.Account) int64 {
	total := int64(0)
	for _, p := range d.postings {
		if p.Account == account {
			total += p.Amount
		}
	}
	return total
}

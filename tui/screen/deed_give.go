package screen

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// The fields of what one member gives another.
const (
	giveAmount = iota
	giveWhat
	giveTo
)

func givesPoints(d *Desk, _ station.Member) bool {
	return d.Program.Transfers.Points || d.Program.Transfers.Credit
}

func pools(d *Desk, m station.Member) bool {
	return d.Program.Transfers.Pool && m.Profile.Household() != ""
}

// whatMoves are the accounts that members give each other, in words.
func whatMoves(d *Desk, points, credit bool) blank {
	b := blank{name: d.Words.T("give.what")}
	if points && d.Program.Points != nil {
		b.options = append(b.options, d.Words.T("give.points"))
	}
	if credit && d.Program.Credit != nil {
		b.options = append(b.options, d.Words.T("give.credit"))
	}
	return b
}

// move reads what is to be given.
func (e Errand) move() (rules.Move, error) {
	what := e.sheet.blanks[giveWhat]
	if what.options[what.chosen] == e.desk.Words.T("give.credit") {
		amount, err := e.desk.money(e.value(giveAmount))
		return rules.Move{Account: pos.CreditAccount, Amount: int64(amount)}, err
	}
	n, err := e.desk.whole(e.value(giveAmount))
	return rules.Move{Account: pos.PointsAccount, Amount: n}, err
}

// moved is what is given, in words.
func (d *Desk) moved(move rules.Move) string {
	if move.Account == pos.CreditAccount {
		return d.Words.T("give.money", "amount", pos.Money(move.Amount))
	}
	return d.Words.T("give.number", "n", move.Amount)
}

// newGive returns the page on which a member gives another points or credit. Whom
// is scanned, or typed and looked up.
func newGive(d *Desk, m station.Member) (Screen, tea.Cmd) {
	t := d.Program.Transfers
	return newErrand(d, m, task{
		title: "give.title", does: "give.key.give", tells: giveTells, take: takeReceiver,
		look: func(e Errand) (func() (finding, error), error) {
			_, err := e.move()
			till, text := counterTill(e.desk.Till), e.value(giveTo)
			return func() (finding, error) { return oneMember(till.Lookup(text)) }, err
		},
		do: func(e Errand) (work, error) {
			move, err := e.move()
			return e.desk.giving(e.member, e.found.member, move), err
		},
	}, blank{name: d.Words.T("give.amount"), digits: true}, whatMoves(d, t.Points, t.Credit), blank{name: d.Words.T("give.to"), note: d.Words.T("give.scan")}), nil
}

// oneMember is the one member with a code.
func oneMember(members []station.Member, err error) (finding, error) {
	switch {
	case err != nil:
		return finding{}, err
	case len(members) > 1:
		return finding{}, pos.Refuse("code.several", "n", len(members), "first", code.Group(members[0].Profile.Code()), "second", code.Group(members[1].Profile.Code()))
	}
	return finding{member: &members[0]}, nil
}

// takeReceiver lets a scanned member be the one who gets it.
func takeReceiver(e Errand, f Found) (Screen, tea.Cmd, bool) {
	if len(f.Members) != 1 || f.Members[0].Profile.Holder == e.member.Profile.Holder {
		return e, nil, false
	}
	to := e.sheet.blanks[giveTo]
	to.field = widget.NewField(code.Group(f.Members[0].Profile.Code()))
	e.sheet.at = giveTo
	e.sheet = e.sheet.with(to)
	e.found = &finding{member: &f.Members[0]}
	return e, nil, true
}

func giveTells(e Errand) []string {
	words := e.desk.Words
	var has []string
	if e.member.Points != nil {
		has = append(has, words.T("give.number", "n", int64(*e.member.Points)))
	}
	if e.member.Credit != nil {
		has = append(has, words.T("give.money", "amount", *e.member.Credit))
	}
	tells := []string{words.T("give.has", "what", words.List(has))}
	move, err := e.move()
	if err == nil && e.found != nil {
		tells = append(tells, words.T("give.would", "name", widget.Name(called(e.found.member.Profile)), "what", e.desk.moved(move)))
	}
	return tells
}

func (d *Desk) giving(from station.Member, to *station.Member, move rules.Move) work {
	till, by := moveTill(d.Till), d.By()
	return func(*station.Override) (outcome, error) {
		given, err := till.Transfer(by, from.Profile.Holder, to.Profile.Holder, move)
		said := d.Words.T("give.done", "name", widget.Name(called(to.Profile)), "what", d.moved(move))
		return outcome{said: said, member: &given.From}, err
	}
}

// newPool returns the page on which a member gets what others of the household have.
func newPool(d *Desk, m station.Member) (Screen, tea.Cmd) {
	return newErrand(d, m, task{
		title: "pool.title", does: "pool.key.get",
		tells: func(e Errand) []string { return []string{e.desk.Words.T("pool.tells")} },
		do: func(e Errand) (work, error) {
			move, err := e.move()
			till, by, holder, d := moveTill(e.desk.Till), e.desk.By(), e.member.Profile.Holder, e.desk
			return func(*station.Override) (outcome, error) {
				given, err := till.Pool(by, holder, move)
				return outcome{said: d.Words.T("pool.done", "what", d.moved(move)), member: &given.To}, err
			}, err
		},
	}, blank{name: d.Words.T("give.amount"), digits: true}, whatMoves(d, true, true)), nil
}

// newLost returns the page on which a lost code is replaced: by a new one, or by that
// of a printed card, which is scanned.
func newLost(d *Desk, m station.Member) (Screen, tea.Cmd) {
	return newErrand(d, m, task{
		title: "lost.title", does: "lost.key.replace",
		tells: func(e Errand) []string {
			return []string{e.desk.Words.T("lost.tells", "code", code.Group(e.member.Profile.Code()))}
		},
		do: func(e Errand) (work, error) {
			till, holder, text, words := deedTill(e.desk.Till), e.member.Profile.Holder, e.value(0), e.desk.Words
			return func(*station.Override) (outcome, error) {
				member, err := till.ReplaceCode(holder, text)
				return outcome{next: func(d *Desk) (Screen, tea.Cmd) { return NewCard(d, member, words.T("lost.done")), nil }}, err
			}, nil
		},
		take: func(e Errand, f Found) (Screen, tea.Cmd, bool) {
			printed, ok := unused(f)
			if ok {
				e.sheet.blanks = []blank{{name: e.sheet.blanks[0].name, note: e.sheet.blanks[0].note, field: widget.NewField(code.Group(printed))}}
			}
			return e, nil, ok
		},
	}, blank{name: d.Words.T("lost.card"), note: d.Words.T("lost.new")}), nil
}

// unused returns the member code that was scanned, if it is nobody's yet: that of a
// card printed beforehand.
func unused(f Found) (string, bool) {
	if f.Err == nil || f.Card != nil {
		return "", false
	}
	text, err := code.Parse(f.Text)
	return text, err == nil && code.IsMember(text)
}

// The fields of an adjustment.
const (
	adjustWhat = iota
	adjustAmount
	adjustReason
)

// gated opens a page for a member after a manager has shown who they are.
func gated(open func(*Desk, station.Member) (Screen, tea.Cmd)) func(*Desk, station.Member) (Screen, tea.Cmd) {
	return func(d *Desk, m station.Member) (Screen, tea.Cmd) {
		gate, cmd := NewGate(d, func(d *Desk) (Screen, tea.Cmd) { return open(d, m) })
		if lock, ok := gate.(Lock); ok {
			lock.home = func() Screen { return NewDeeds(d, m) }
			gate = lock
		}
		return gate, cmd
	}
}

// newAdjust returns the page on which a manager adds to what a member has, or takes.
func newAdjust(d *Desk, m station.Member) (Screen, tea.Cmd) {
	what := blank{name: d.Words.T("give.what")}
	for _, a := range adjustable(d, m) {
		what.options = append(what.options, a.name)
	}
	note := d.Words.T("adjust.minus")
	return newErrand(d, m, task{title: "adjust.title", looks: "adjust.key.check", does: "adjust.key.book", do: adjust, look: seen, tells: adjustTells}, what,
		blank{name: d.Words.T("give.amount"), digits: true, note: note}, blank{name: d.Words.T("allow.why")}), nil
}

// purse is an account that can be adjusted.
type purse struct {
	account pos.Account
	name    string
}

func adjustable(d *Desk, m station.Member) (all []purse) {
	if m.Points != nil {
		all = append(all, purse{pos.PointsAccount, d.Words.T("give.points")})
	}
	if m.Credit != nil {
		all = append(all, purse{pos.CreditAccount, d.Words.T("give.credit")})
	}
	for _, c := range m.Cards {
		all = append(all, purse{c.Card.Account(), d.Words.T("adjust.stamps", "card", c.Card.Name)})
	}
	return all
}

func canAdjust(d *Desk, m station.Member) bool { return len(adjustable(d, m)) > 0 }

// seen is the look at what was typed before it is booked: a reason is text, and so is
// what a scanner types.
func seen(e Errand) (func() (finding, error), error) {
	_, err := adjust(e)
	if err == nil && e.value(adjustReason) == "" {
		err = pos.Refuse("grant.reason")
	}
	return func() (finding, error) { return finding{}, nil }, err
}

func adjustTells(e Errand) []string {
	if e.found == nil {
		return nil
	}
	what := e.sheet.blanks[adjustWhat]
	return []string{e.desk.Words.T("adjust.would", "what", what.options[what.chosen], "text", e.value(adjustAmount), "reason", widget.Name(e.value(adjustReason)))}
}

func adjust(e Errand) (work, error) {
	d := e.desk
	a := rules.Adjustment{Account: adjustable(d, e.member)[e.sheet.blanks[adjustWhat].chosen].account}
	var err error
	if a.Account == pos.CreditAccount {
		var amount pos.Money
		bare, minus := strings.CutPrefix(strings.Replace(e.value(adjustAmount), "−", "-", 1), "-")
		if amount, err = d.money(bare); minus {
			amount = -amount
		}
		a.Amount = int64(amount)
	} else {
		a.Amount, err = d.whole(e.value(adjustAmount))
	}
	if err == nil && d.Manager == nil {
		err = pos.Refuse("errand.gate")
	}
	if err != nil {
		return nil, err
	}
	till, by, holder := moneyTill(d.Till), d.By(), e.member.Profile.Holder
	word := station.Override{Manager: d.Manager.ID, PIN: d.Manager.PIN, Reason: e.value(adjustReason)}
	return func(*station.Override) (outcome, error) {
		done, err := till.Adjust(by, holder, word, a)
		if err != nil {
			return outcome{}, err
		}
		what := amounts(done.Record.Entry, station.Names(done.Member), d.Words)
		return outcome{said: d.Words.T("adjust.done", "what", what), member: &done.Member}, nil
	}, nil
}

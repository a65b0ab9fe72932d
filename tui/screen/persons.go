package screen

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/office"
	"tenthcup/pos/program"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

type adjustTill interface {
	Adjust(by pos.CashierID, holder pos.HolderID, o station.Override, a rules.Adjustment) (station.Done, error)
}

// Person is the page of what a manager may do about one member.
type Person struct {
	page
	member station.Member
	rows   rows
}

// personDeed is a row of the page.
type personDeed struct {
	key  string
	word string // catalog key of its name; where ".entry." is ".about.", of what it is for
	open func(Person) (Screen, tea.Cmd)
}

func personDeeds() []personDeed {
	return []personDeed{
		{"a", "persons.entry.adjust", Person.adjust},
		{"m", "persons.entry.merge", Person.merge},
		{"j", "persons.entry.all", func(p Person) (Screen, tea.Cmd) { return p.export("json") }},
		{"c", "persons.entry.csv", func(p Person) (Screen, tea.Cmd) { return p.export("csv") }},
		{"e", "persons.entry.erase", Person.erase},
	}
}

// NewPerson returns the page.
func NewPerson(d *Desk, m station.Member) (Screen, tea.Cmd) {
	return Person{page: page{desk: d}, member: m, rows: rows{}.sized(len(personDeeds()))}, nil
}

func personOfficeKeys() []binding[Person] {
	return []binding[Person]{
		{keys: "up", word: "deeds.key.choose"},
		{keys: "enter", word: "deeds.key.open", do: Person.open},
		{keys: "text", word: "deeds.key.letter"},
		{keys: "esc", word: "deeds.key.back", do: func(p Person) (Screen, tea.Cmd) { return NewMember(p.desk, p.member, "") }},
	}
}

func (p Person) open() (Screen, tea.Cmd) { return personDeeds()[p.rows.at].open(p) }

// Update implements Screen.
func (p Person) Update(msg tea.Msg) (Screen, tea.Cmd) {
	switch msg := msg.(type) {
	case Say:
		p.notice = Notice(msg)
	case answered:
		p.busy = false
		p.notice = Notice{msg.said, Done}
		if msg.err != nil {
			p.refused(msg.err)
		}
	case Picked:
		var open bool
		if p.rows, open = p.rows.picked(msg); open {
			return p.open()
		}
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return p, nil
}

func (p Person) press(msg tea.KeyPressMsg) (Screen, tea.Cmd) {
	p.notice = Notice{}
	if next, cmd, ok := press(personOfficeKeys(), p, Key(msg)); ok {
		return next, cmd
	}
	for i, e := range personDeeds() {
		if e.key == Key(msg) {
			p.rows.at = i
			return p.open()
		}
	}
	p.rows, _ = p.rows.press(Key(msg))
	return p, nil
}

func (p Person) back(d *Desk) (Screen, tea.Cmd) { return NewPerson(d, p.member) }

func (p Person) name() string {
	return widget.Name(called(p.member.Profile)) + " · " + code.Group(p.member.Profile.Code())
}

// adjusted is one account of a member that can be adjusted.
type adjusted struct {
	account pos.Account
	has     int64
}

// accounts are what the member has, or could have, by the program.
func accounts(m station.Member) (all []adjusted) {
	if m.Points != nil {
		all = append(all, adjusted{pos.PointsAccount, int64(*m.Points)})
	}
	for _, c := range m.Cards {
		all = append(all, adjusted{c.Card.Account(), c.Stamps + c.Full*c.Card.Size})
	}
	if m.Credit != nil {
		all = append(all, adjusted{pos.CreditAccount, int64(*m.Credit)})
	}
	return all
}

// balances are what the member has of each account, in words.
func (d *Desk) balances(m station.Member) (all []string) {
	named := station.Names(m)
	for _, a := range accounts(m) {
		sentence, _ := program.AmountOf(&named, a.account, a.has)
		all = append(all, d.Words.Say(sentence))
	}
	return all
}

// adjust asks what is added or taken, and why. The till itself books it, so it
// needs no line.
func (p Person) adjust() (Screen, tea.Cmd) {
	d := p.desk
	accounts, options := accounts(p.member), d.balances(p.member)
	if len(accounts) == 0 {
		p.notice = Notice{d.Words.T("persons.noaccount"), Bad}
		return p, nil
	}
	till, by, manager, holder := adjustTill(d.Till), d.By(), d.boss(), p.member.Profile.Holder
	after := p.member
	note := d.typed("persons.amount", "")
	note.note = d.Words.T("persons.amountnote")
	return newAsk(d, question{
		title: "persons.adjust", key: "persons.key.adjust", says: []string{p.name()}, back: p.back,
		do: func(f sheet) (func() (string, error), error) {
			a := accounts[f.blanks[0].chosen]
			amount, err := p.amount(a.account, f.blanks[1].value())
			if err == nil && f.blanks[2].value() == "" {
				err = office.ErrReason
			}
			consent := station.Override{Manager: manager.ID, PIN: manager.PIN, Reason: f.blanks[2].value()}
			return func() (string, error) {
				done, err := till.Adjust(by, holder, consent, rules.Adjustment{Account: a.account, Amount: amount})
				if err != nil {
					return "", err
				}
				after = done.Member
				return d.Words.T("persons.adjusted", "amount", d.balances(after)[f.blanks[0].chosen]), nil
			}, err
		},
		then: func(d *Desk) (Screen, tea.Cmd) { return NewPerson(d, after) },
	}, blank{name: d.Words.T("persons.account"), options: options}, note, d.typed("ask.reason", ""))
}

// amount reads "5", "+5" and "-5" in the account's unit.
func (p Person) amount(account pos.Account, typed string) (int64, error) {
	text := strings.TrimPrefix(typed, "+")
	bare, minus := strings.CutPrefix(strings.Replace(text, "−", "-", 1), "-")
	var amount int64
	if account == pos.CreditAccount {
		money, err := p.desk.Words.Amount(bare)
		if err != nil {
			return 0, pos.Refuse("grant.number", "text", typed)
		}
		amount = int64(money)
	} else {
		n, err := strconv.ParseInt(pos.ASCIIDigits(bare), 10, 64)
		if err != nil || n < 0 {
			return 0, pos.Refuse("grant.number", "text", typed)
		}
		amount = n
	}
	if minus {
		amount = -amount
	}
	return amount, nil
}

// merge asks which member stays.
func (p Person) merge() (Screen, tea.Cmd) {
	d := p.desk
	ask, by, till, from := d.Office, d.boss(), counterTill(d.Till), p.member.Profile.Holder
	return newAsk(d, question{
		title: "persons.merge", key: "persons.key.merge", says: []string{p.name(), d.Words.T("persons.merging")}, warn: true, back: p.back,
		do: func(f sheet) (func() (string, error), error) {
			other, reason := f.blanks[0].value(), f.blanks[1].value()
			if reason == "" {
				return nil, office.ErrReason
			}
			return func() (string, error) {
				found, err := till.Lookup(other)
				if err != nil {
					return "", err
				}
				if len(found) != 1 {
					return "", pos.Refuse("persons.several", "n", len(found))
				}
				into := found[0].Profile
				return d.Words.T("persons.merged", "name", widget.Name(called(into))), ask.MergeMembers(by, from, into.Holder, reason)
			}, nil
		},
		then: func(d *Desk) (Screen, tea.Cmd) { return NewCounter(d), nil },
	}, d.typed("persons.other", ""), d.typed("ask.reason", ""))
}

// export writes all that is kept about the member to a file.
func (p Person) export(form string) (Screen, tea.Cmd) {
	d := p.desk
	ask, by, holder, words := d.Office, d.boss(), p.member.Profile.Holder, d.Words
	p.busy = true
	return p, func() tea.Msg {
		file, err := ask.ExportMember(by, holder, form)
		return answered{words.T("persons.exported", "file", file), err}
	}
}

// erase asks for a reason, and says what is kept.
func (p Person) erase() (Screen, tea.Cmd) {
	d := p.desk
	ask, by, holder, said := d.Office, d.boss(), p.member.Profile.Holder, d.Words.T("persons.erased")
	return newAsk(d, question{
		title: "persons.erase", key: "persons.key.erase", says: []string{p.name(), d.Words.T("persons.erasing")}, warn: true, back: p.back,
		do: func(f sheet) (func() (string, error), error) {
			reason := f.blanks[0].value()
			if reason == "" {
				return nil, office.ErrReason
			}
			return func() (string, error) { return said, ask.EraseMember(by, holder, reason) }, nil
		},
		then: func(d *Desk) (Screen, tea.Cmd) { return NewCounter(d), nil },
	}, d.typed("ask.reason", ""))
}

// Hints implements Screen.
func (p Person) Hints() []Hint { return hints(p.desk, personOfficeKeys(), p) }

// State implements Screen.
func (p Person) State() State { return p.state("persons.title", TakesKeys) }

// Interrupt implements Screen.
func (p Person) Interrupt(int) (Screen, string, tea.Cmd) { return p, "", nil }

// View implements Screen.
func (p Person) View(width, height int) View {
	t := p.desk.Theme
	inner := min(width-4, 72)
	left := (width - inner) / 2
	v := View{Centred: true}
	v.Lines = append(v.Lines, widget.Space(left)+t.Strong.Paint(widget.Cut(p.name(), inner)), "")
	entry := func(i int) (key, word string) { return personDeeds()[i].key, personDeeds()[i].word }
	p.desk.addMenu(&v, p.rows, box{left, inner, height - 2}, entry)
	return v
}

package slip

import (
	"cmp"
	"strings"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/report"
)

// About is what a Z-report says besides what the till counted.
type About struct {
	Words      *assets.Printer
	Shop       string
	Till       string                     // its name, or ""
	Program    pos.Program                // names the rewards; may be the zero Program
	Name       func(pos.CashierID) string // of a cashier; "" is nobody
	Waiting    int                        // entries and members that the server has not had
	Exceptions int                        // that wait for a manager at the server
}

// ZReport lays a Z-report out.
func ZReport(z report.Z, about About) Page {
	b := zpage{z, about, cells{about.Words}}
	page := Page{Language: about.Words.Language, Title: b.title(), Facts: b.facts(), Notes: b.notes(), list: about.Words.List}
	for _, t := range []Table{b.values(), b.held(), b.given(), b.sold(), b.work(), b.control()} {
		if len(t.Rows) > 0 {
			page.Tables = append(page.Tables, t)
		}
	}
	return page
}

// ZName returns the name of the report's files, without an ending: the day and the
// number, so that they are listed in order.
func ZName(z report.Z) string {
	if z.Closed.IsZero() {
		return "x-" + z.Day.String()
	}
	number := []byte("0000")
	for i, n := len(number)-1, z.Number; i >= 0; i, n = i-1, n/10 {
		number[i] += byte(n % 10)
	}
	return "z-" + z.Day.String() + "-" + string(number)
}

type zpage struct {
	z     report.Z
	about About
	words cells
}

func (b zpage) title() string {
	if b.z.Closed.IsZero() {
		return b.words.T("zreport.open")
	}
	return b.words.T("zreport.title", "number", b.words.Number(int64(b.z.Number)))
}

func (b zpage) facts() []Fact {
	z, words := b.z, b.words
	facts := []Fact{{words.T("zreport.shop"), words.text(b.about.Shop)}}
	add := func(key string, value Cell) { facts = append(facts, Fact{words.T(key), value}) }
	add("zreport.till", words.text(strings.TrimPrefix(b.about.Till+" · "+z.Terminal.Fingerprint(), " · ")))
	if !z.Shift.First.IsZero() {
		add("zreport.from", words.text(words.Moment(z.Shift.First)))
		add("zreport.to", words.text(words.Moment(z.Shift.Last)))
	}
	if !z.Closed.IsZero() {
		add("zreport.closed", words.text(words.Moment(z.Closed)))
		add("zreport.by", words.text(b.about.Name(z.ClosedBy)))
	}
	add("zreport.entries", words.count(z.Totals.Entries))
	if z.Corrections > 0 {
		add("zreport.clock", words.count(z.Corrections))
	}
	return facts
}

// notes are what a manager should look at: what was handed out on trust, what was
// not sent, and what is to be settled.
func (b zpage) notes() (notes []string) {
	for _, note := range []struct {
		key string
		n   int
	}{
		{"zreport.waiting", b.about.Waiting},
		{"dayend.floors", b.z.Totals.Floors},
		{"dayend.overrides", b.z.Totals.Overrides},
		{"zreport.drawer", b.z.Totals.Drawer},
		{"dayend.exceptions", b.about.Exceptions},
	} {
		if note.n > 0 {
			notes = append(notes, b.words.T(note.key, "n", note.n))
		}
	}
	return notes
}

// table makes a table whose column titles are these sentences.
func (b zpage) table(title string, heads ...string) Table {
	t := Table{Title: title, Heads: []string{""}}
	for _, head := range heads {
		t.Heads = append(t.Heads, b.words.T(head))
	}
	return t
}

func (t *Table) add(name string, cells ...Cell) { t.Rows = append(t.Rows, Row{name, cells}) }

// amount is so much of a class of accounts: money or a number.
func (b zpage) amount(class string, n int64) Cell {
	if class == string(pos.CreditAccount) {
		return b.words.money(pos.Money(n))
	}
	return b.words.number(n)
}

func (b zpage) class(class string) string {
	switch class {
	case "points":
		return b.words.T("zreport.points")
	case "credit":
		return b.words.T("zreport.credit")
	case "stamp":
		return b.words.T("zreport.stamps")
	}
	return b.words.T("zreport.vouchers")
}

// values is what was issued, spent, ended and taken back.
func (b zpage) values() Table {
	t := b.table(b.words.T("zreport.values"), "zreport.issued", "zreport.spent", "zreport.expired", "zreport.reversed")
	for _, v := range b.z.Values {
		if v.Issued == 0 && v.Spent == 0 && v.Expired == 0 && v.Reversed == 0 {
			continue
		}
		expired := b.amount(v.Class, v.Expired)
		if !b.z.Counted {
			expired = b.words.text("…")
		}
		t.add(b.class(v.Class), b.amount(v.Class, v.Issued), b.amount(v.Class, v.Spent), expired, b.amount(v.Class, v.Reversed))
	}
	return t
}

// held is the liability: what members have, and what that is worth.
func (b zpage) held() Table {
	title := b.words.T("zreport.liability")
	if at := b.z.AsOf; !at.IsZero() {
		title = b.words.T("zreport.asof", "at", b.words.Moment(at))
	}
	t := b.table(title, "zreport.held", "zreport.worth")
	for _, v := range b.z.Values {
		if !b.z.Counted || v.Held == 0 {
			continue
		}
		worth := b.words.money(v.Worth)
		if v.Worth == 0 {
			worth = Cell{None: true} // the program does not say
		}
		t.add(b.class(v.Class), b.amount(v.Class, v.Held), worth)
	}
	if len(t.Rows) > 0 && b.z.Liability() != 0 {
		t.add(b.words.T("dayend.all"), Cell{}, b.words.money(b.z.Liability()))
		t.Total = true
	}
	return t
}

// given is the rewards that were handed out, and what came off sales for them.
func (b zpage) given() Table {
	t := b.table(b.words.T("zreport.rewards"), "zreport.count", "zreport.off")
	off := pos.Money(0)
	for _, g := range b.z.Given {
		name := g.Reward
		if rule, ok := b.about.Program.Reward(g.Reward); ok {
			name = cmp.Or(rule.Name, name)
		}
		t.add(name, b.words.number(g.Count), b.words.money(g.Off))
		off += g.Off
	}
	if len(t.Rows) > 1 {
		t.add(b.words.T("dayend.all"), b.words.count(b.z.Totals.Rewards), b.words.money(off))
		t.Total = true
	}
	return t
}

// sold is what was sold that is no sale of goods.
func (b zpage) sold() Table {
	t := b.table(b.words.T("zreport.sold"), "zreport.count", "zreport.amount")
	for _, s := range b.z.Sold {
		t.add(b.soldName(s), b.words.count(s.Count), b.words.money(s.Amount))
	}
	return t
}

func (b zpage) soldName(s report.Sold) string {
	switch s.What {
	case report.SoldGiftCard:
		return b.words.T("zreport.giftcards")
	case report.LoadedGiftCard:
		return b.words.T("zreport.loaded")
	case report.SoldCard:
		if card, ok := b.about.Program.Card(s.ID); ok && card.Name != "" {
			return card.Name
		}
	case report.SoldPlan:
		if plan, ok := b.about.Program.Plan(s.ID); ok && plan.Name != "" {
			return plan.Name
		}
	}
	return s.ID
}

// work is what each cashier did.
func (b zpage) work() Table {
	t := b.table(b.words.T("dayend.cashier"), "dayend.enrolled", "dayend.sales", "dayend.stamps", "dayend.earned", "dayend.spent", "dayend.rewards")
	return b.each(t, func(t report.Totals) []Cell {
		return []Cell{
			b.words.count(t.Enrolled), b.words.money(t.Amount), b.words.number(t.Stamps),
			b.words.number(t.Earned), b.words.number(t.Spent), b.words.count(t.Rewards),
		}
	})
}

// control is what was taken back, and what was allowed though the rules did not.
func (b zpage) control() Table {
	t := b.table(b.words.T("zreport.control"), "dayend.voids", "zreport.returns", "zreport.returned", "zreport.floors", "zreport.overrides")
	return b.each(t, func(t report.Totals) []Cell {
		if t.Voids == 0 && t.Returns == 0 && t.Floors == 0 && t.Overrides == 0 {
			return nil
		}
		return []Cell{
			b.words.count(t.Voids), b.words.count(t.Returns), b.words.money(t.Returned),
			b.words.count(t.Floors), b.words.count(t.Overrides),
		}
	})
}

// each adds a row for each cashier who has cells, and one for all of them.
func (b zpage) each(t Table, of func(report.Totals) []Cell) Table {
	for _, c := range b.z.Cashiers {
		if cells := of(c.Totals); len(cells) > 0 {
			t.add(b.about.Name(c.Cashier), cells...)
		}
	}
	if len(t.Rows) > 0 {
		t.add(b.words.T("dayend.all"), of(b.z.Totals)...)
		t.Total = true
	}
	return t
}

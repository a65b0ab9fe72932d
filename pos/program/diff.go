package program

import (
	"cmp"
	"reflect"
	"slices"

	"tenthcup/pos"
)

// Diff says what changes for members from one program to the next: first what the
// typical sale gives and what rewards cost in money, then table by table. It is
// empty where nothing changes. Examples and accepted traps change nothing.
func Diff(before, after *pos.Program) []pos.Sentence {
	d := differ{before: before, after: after}
	d.means()
	d.fields(place{}, reflect.ValueOf(*before), reflect.ValueOf(*after))
	return d.said
}

// differ is one comparison under way.
type differ struct {
	before, after *pos.Program
	said          []pos.Sentence
}

// place is where in the document a difference is.
type place struct {
	table string         // "reward"
	item  any            // its name; nil where there is one such table only
	path  []pos.Sentence // of tables inside it
}

func (d *differ) say(key string, pairs ...any) { d.said = append(d.said, pos.Say(key, pairs...)) }

// means says what the differences mean for what people buy.
func (d *differ) means() {
	sale := Typical(d.before)
	was, is := sold(d.before, sale), sold(d.after, sale)
	if from, to := gains(d.before, was), gains(d.after, is); !slices.EqualFunc(from, to, same) {
		d.say("diff.sale", "amount", sale.Amount, "from", orNone(from), "to", orNone(to))
	}
	for _, r := range d.after.Rewards {
		old, ok := d.before.Reward(r.ID)
		from, to := spend(sale, was, old.Points), spend(sale, is, r.Points)
		if ok && from != to && from > 0 && to > 0 {
			d.say("diff.worth", "reward", r.Name, "from", from, "to", to)
		}
	}
}

func gains(p *pos.Program, done deed) (said []pos.Sentence) {
	for _, posting := range sums(done.postings) {
		if says, ok := AmountOf(p, posting.Account, posting.Amount); ok {
			said = append(said, says)
		}
	}
	return said
}

func orNone(said []pos.Sentence) any {
	if len(said) == 0 {
		return pos.Say("program.what.nothing")
	}
	return said
}

func same(a, b pos.Sentence) bool { return reflect.DeepEqual(a, b) }

// spend returns what must be spent for so many points, at the rate of the sale; 0
// where it gives none.
func spend(sale pos.Sale, done deed, cost pos.Points) pos.Money {
	given := done.given(pos.PointsAccount)
	if given <= 0 {
		return 0
	}
	return pos.Money(float64(sale.Amount) / float64(given) * float64(cost)) // to read, not to book
}

// hidden are the fields that the document writes, but whose tags are their
// tables'.
var hidden = map[string]string{"Points": "points", "Cards": "card", "Rewards": "reward", "Floor": "floor", "Budget": "budget", "Most": "most"}

// unseen are the fields that change nothing for members.
var unseen = []string{"id", "example", "accept"}

// fieldName returns what the document calls a field; "" if it is none of it.
func fieldName(f reflect.StructField) string {
	if !f.IsExported() {
		return ""
	}
	if name := f.Tag.Get("toml"); name != "-" {
		return name
	}
	return hidden[f.Name]
}

// fields compares two tables, field by field.
func (d *differ) fields(at place, before, after reflect.Value) {
	for i := range before.NumField() {
		field := before.Type().Field(i)
		if field.Anonymous {
			d.fields(at, before.Field(i), after.Field(i))
			continue
		}
		name := fieldName(field)
		switch {
		case name == "" || slices.Contains(unseen, name):
		case d.counts(name, before):
			d.changed(at, name, before.Field(i).Interface().(pos.Amount).Text, after.Field(i).Interface().(pos.Amount).Text)
		default:
			d.field(at, name, before.Field(i), after.Field(i))
		}
	}
}

// counts reports whether an amount of the table is a number, and no money.
func (d *differ) counts(name string, table reflect.Value) bool {
	switch table := table.Interface().(type) {
	case pos.Tier:
		return name == "from" && d.after.Standing.By != pos.BySpend
	case pos.Goal:
		return name == "target" && table.Count != pos.CountSpend
	}
	return false
}

func (d *differ) field(at place, name string, before, after reflect.Value) {
	switch {
	case reflect.DeepEqual(before.Interface(), after.Interface()):
	case name == "tiers" && at.table == "" && (len(d.before.Tiers) == 0 || len(d.after.Tiers) == 0): // nobody rises or falls
	case before.Kind() == reflect.Pointer && before.Type().Elem().Kind() == reflect.Struct:
		d.optional(name, before, after)
	case before.Kind() == reflect.Slice && before.Type().Elem().Kind() == reflect.Struct:
		d.tables(name, before, after)
	case before.Kind() == reflect.Struct && !plain(before):
		if at.table == "" {
			at.table = name
		} else {
			at.path = append(slices.Clone(at.path), pos.Say("diff.field."+name))
		}
		d.fields(at, before, after)
	default:
		d.changed(at, name, value(name, before), value(name, after))
	}
}

// plain reports whether the value is one that a document writes as text.
func plain(v reflect.Value) bool {
	switch v.Interface().(type) {
	case pos.Amount, pos.Ratio, pos.Moment:
		return true
	}
	return false
}

func (d *differ) changed(at place, name string, from, to any) {
	if reflect.DeepEqual(from, to) {
		return // written differently: 1.50 and 1.5
	}
	where := append(slices.Clone(at.path), pos.Say("diff.field."+name))
	switch {
	case at.table == "":
		d.say("diff.changed", "field", where, "from", from, "to", to)
	case at.item == nil:
		d.say("diff.table", "table", pos.Say("diff.field."+at.table), "field", where, "from", from, "to", to)
	default:
		d.say("diff.item", "table", pos.Say("diff.field."+at.table), "name", at.item, "field", where, "from", from, "to", to)
	}
}

// optional compares a table that may be left out.
func (d *differ) optional(table string, before, after reflect.Value) {
	switch {
	case before.IsNil():
		d.say("diff.added", "table", pos.Say("diff.field."+table), "terms", d.terms(d.after, table, ""))
	case after.IsNil():
		d.say("diff.removed", "table", pos.Say("diff.field."+table), "terms", d.terms(d.before, table, ""))
	default:
		d.fields(place{table: table}, before.Elem(), after.Elem())
	}
}

// tables compares those of an array that have the same id.
func (d *differ) tables(table string, before, after reflect.Value) {
	was, is := tableIDs(before), tableIDs(after)
	for i, id := range was {
		if at := slices.Index(is, id); at < 0 {
			d.say("diff.removed", "table", pos.Say("diff.field."+table), "terms", d.terms(d.before, table, id))
		} else {
			d.fields(place{table: table, item: nameIn(after.Index(at))}, before.Index(i), after.Index(at))
		}
	}
	for _, id := range is {
		if !slices.Contains(was, id) {
			d.say("diff.added", "table", pos.Say("diff.field."+table), "terms", d.terms(d.after, table, id))
		}
	}
	both := func(ids, other []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !slices.Contains(other, id) })
	}
	if (table == "tier" || table == "earn") && !slices.Equal(both(was, is), both(is, was)) {
		d.say("diff.order", "table", pos.Say("diff.field."+table), "ids", is)
	}
}

func tableIDs(tables reflect.Value) []string {
	all := make([]string, tables.Len())
	for i := range all {
		all[i] = tables.Index(i).FieldByName("ID").String()
	}
	return all
}

func nameIn(table reflect.Value) string {
	return cmp.Or(table.FieldByName("Name").String(), table.FieldByName("ID").String())
}

// terms returns what the terms say about a table, or its id.
func (d *differ) terms(p *pos.Program, table, id string) any {
	for _, section := range Terms(p) {
		for _, line := range section.Lines {
			if line.Table == table && line.ID == id {
				return line.Says[0]
			}
		}
	}
	return cmp.Or(id, table)
}

// zeros are the fields of which 0 is a number; of the others it is one that is left
// out.
var zeros = []string{"floor", "budget", "leases", "most"}

// value returns the value of a field as sentences have it.
func value(name string, v reflect.Value) any {
	switch x := v.Interface().(type) {
	case pos.Amount:
		if !x.Given() {
			return pos.Say("diff.none")
		}
		if x.Minor == 0 {
			return x.Text
		}
		return x.Minor
	case pos.Ratio:
		if !x.Given() {
			return pos.Say("diff.none")
		}
		return x
	case pos.Day:
		if x == 0 {
			return pos.Say("diff.none")
		}
		return x
	case []string:
		if len(x) == 0 {
			return pos.Say("diff.none")
		}
		return x
	case bool:
		if x {
			return pos.Say("diff.yes")
		}
		return pos.Say("diff.no")
	}
	switch v.Kind() {
	case reflect.String:
		if v.Len() == 0 {
			return pos.Say("diff.none")
		}
		return v.String()
	case reflect.Int, reflect.Int64, reflect.Int32:
		if v.Int() == pos.NoLimit || v.Int() == 0 && !slices.Contains(zeros, name) {
			return pos.Say("diff.none")
		}
		return v.Int()
	}
	return v.Interface()
}

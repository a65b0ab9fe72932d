package draft

import (
	"reflect"
	"slices"
	"strings"

	"tenthcup/pos"
)

// Kind is what a key takes.
type Kind int

// The kinds of keys.
const (
	Text    Kind = iota
	Number       // a whole one
	Flag         // true or false
	Money        // "12.50"; of what is counted otherwise, a number
	Rate         // 2, 1.5 or "3/2"
	Date         // 2026-12-31
	Moment       // "2026-12-24 16:30"
	Words        // a list of texts
	Numbers      // a list of numbers
	Counts       // a number for each of some ids: { coffee = 3 }
	Amounts      // an amount for each of some words: { points = "2.50" }
	Table        // keys of its own
	Tables       // any number of tables
)

// Field is a key that a document can have.
type Field struct {
	Name   string
	Kind   Kind
	Of     string   // the Go type that has it, for what is known of keys besides: "When"
	Choice []string // it is one of these, or several of them for Words; none: anything
	Refers string   // it names one of the tables, "reward", or of what a list of the head names, "tags"
	Fields []Field  // of Table and Tables
}

// choices are the words that keys may have, by the Go type and the key.
var choices = map[string][]string{
	"Program.calendar": {pos.Gregorian, pos.Jalali},
	"Program.accept": {
		pos.TrapEarnsBack, pos.TrapFreeEarns, pos.TrapTierKept, pos.TrapTierFar, pos.TrapLimit, pos.TrapRewardFar,
		pos.TrapNothing, pos.TrapVoucher, pos.TrapOffline, pos.TrapItem, pos.TrapWithoutCause,
	},
	"PointsRule.round":  {string(pos.RoundDown), string(pos.RoundNearest), string(pos.RoundUp)},
	"EarnRule.round":    {string(pos.RoundDown), string(pos.RoundNearest), string(pos.RoundUp)},
	"EarnRule.give":     {pos.GivePoints, pos.GiveCredit},
	"EarnRule.per":      {pos.PerMoney, pos.PerSale, pos.PerItem, pos.PerUnit},
	"Campaign.give":     {pos.GivePoints, pos.GiveCredit},
	"Campaign.stack":    {pos.StackAdd, pos.StackBest, pos.StackFirst},
	"Card.per":          {pos.PerSale, pos.PerUnit},
	"Expiry.expire":     {pos.EndOfMonth, pos.EndOfQuarter, pos.EndOfYear},
	"EventRule.on":      {pos.OnDemand, pos.OnJoin, pos.OnBirthday, pos.OnAnniversary},
	"When.weekdays":     {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
	"When.birthday":     {pos.BirthdayDay, pos.BirthdayWeek, pos.BirthdayMonth},
	"TierRule.by":       {pos.BySpend, pos.ByPoints, pos.ByVisits, pos.ByCards},
	"TierRule.window":   {pos.Lifetime, pos.Rolling, pos.Calendar, pos.Monthly},
	"TierRule.hold":     {pos.HoldNext, pos.HoldThis},
	"TierRule.down":     {pos.DownStep, pos.DownAll, pos.DownNever},
	"RewardRule.kind":   {pos.KindGift, pos.KindMoney, pos.KindPercent, pos.KindItem, pos.KindCheapest, pos.KindPrice, pos.KindExchange, pos.KindEntry, pos.KindCode},
	"Goal.count":        {pos.CountVisits, pos.CountUnits, pos.CountDifferent, pos.CountSpend, pos.CountPoints, pos.CountBalance, pos.CountStreak},
	"Goal.window":       {pos.Lifetime, pos.WeekWindow, pos.Monthly, pos.Calendar},
	"Returns.gone":      {pos.GoneNegative, pos.GoneMoney, pos.GoneManager},
	"ExampleStep.owner": {pos.OwnMember, pos.OwnOther},
}

// refers says which keys name other parts of the document, by the Go type and the key.
var refers = map[string]string{
	"When.tiers": "tier", "When.plans": "plan", "When.tags": "tags", "When.not_tags": "tags", "When.switch": "switches", "When.coupon": "coupon",
	"Gift.voucher": "reward", "Gift.card": "card", "Gift.tag": "tags", "Gift.draw": "draw",
	"Tier.vouchers": "reward", "Plan.vouchers": "reward", "RewardRule.card": "card", "Coupon.reward": "reward",
	"Holding.cards": "card", "Holding.vouchers": "reward", "Holding.tickets": "draw", "Holding.tiers": "tier", "Holding.plans": "plan", "Holding.tags": "tags",
	"ExampleGiven.switches": "switches", "ExampleGiven.lucky": "surprise",
	"ExampleStep.coupon": "coupon", "ExampleStep.redeem": "reward", "ExampleStep.taken": "reward", "ExampleStep.stamp": "card", "ExampleStep.pass": "card",
	"ExampleStep.event": "event", "ExampleStep.plan": "plan", "ExampleStep.pause": "plan", "ExampleStep.resume": "plan", "ExampleStep.cancel": "plan",
	"ExampleStep.tier": "tier", "ExampleStep.tag": "tags",
}

// order is how the parts of a document are listed; what is not here comes behind.
var order = []string{
	"card", "points", "earn", "campaign", "reward", "tiers", "tier", "plan", "credit", "gift_cards", "event", "coupon", "goal", "referral",
	"surprise", "draw", "experiment", "news", "consent", "basis", "exclude", "offline", "returns", "transfers", "example",
}

// shape is Shape, made once.
var shape = fieldsOf(pos.DocumentType())

// Shape returns all keys that a document can have: those of its head, then the tables
// in the order in which people look for them.
func Shape() []Field {
	all := slices.Clone(shape)
	place := func(f Field) int {
		if f.Kind != Table && f.Kind != Tables {
			return -1
		}
		if i := slices.Index(order, f.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(all, func(a, b Field) int { return place(a) - place(b) })
	return all
}

// FieldAt returns the field at the path, in which numbers pick one of several tables.
func FieldAt(path ...string) (f Field, ok bool) {
	fields := shape
	for i := 0; i < len(path); i++ {
		at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == path[i] })
		if at < 0 {
			return f, false
		}
		f = fields[at]
		if fields = f.Fields; f.Kind == Tables {
			i++
			if i < len(path) && strings.Trim(path[i], "0123456789") != "" {
				return f, false
			}
		}
	}
	return f, len(path) > 0
}

func fieldsOf(of reflect.Type) (fields []Field) {
	for f := range of.Fields() {
		switch name := f.Tag.Get("toml"); {
		case f.Anonymous:
			fields = append(fields, fieldsOf(f.Type)...)
		case f.IsExported() && name != "-":
			fields = append(fields, fieldOf(of.Name(), name, f.Type))
		}
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return a.rank() - b.rank() })
	return fields
}

// rank is where the field stands among the others of its table: what it is called is
// first, when it ends and what is handed out without a line come last.
func (f Field) rank() int {
	switch {
	case f.Name == "id":
		return 0
	case f.Name == "name":
		return 1
	case f.Name == "floor" || f.Name == "budget":
		return 4
	case f.Of == "Expiry":
		return 3
	}
	return 2
}

func fieldOf(table, name string, of reflect.Type) Field {
	f := Field{Name: name, Of: table, Choice: choices[table+"."+name], Refers: refers[table+"."+name]}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch of {
	case reflect.TypeFor[pos.Amount]():
		f.Kind = Money
		return f
	case reflect.TypeFor[pos.Ratio]():
		f.Kind = Rate
		return f
	case reflect.TypeFor[pos.Day]():
		f.Kind = Date
		return f
	case reflect.TypeFor[pos.Moment]():
		f.Kind = Moment
		return f
	case reflect.TypeFor[map[string]pos.Amount]():
		f.Kind = Amounts
		return f
	}
	switch of.Kind() {
	case reflect.Bool:
		f.Kind = Flag
	case reflect.Int, reflect.Int64:
		f.Kind = Number
	case reflect.Map:
		f.Kind = Counts
	case reflect.Struct:
		f.Kind, f.Fields = Table, fieldsOf(of)
	case reflect.Slice:
		f.Kind = Words
		switch of.Elem().Kind() {
		case reflect.Struct:
			f.Kind, f.Fields = Tables, fieldsOf(of.Elem())
		case reflect.Int64:
			f.Kind = Numbers
		}
	}
	return f
}

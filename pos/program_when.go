package pos

import (
	"slices"
	"strings"
)

// When says under which conditions a rule holds. All that are given must hold; of
// a list one is enough. Items and categories pick the lines that the rule is
// about, by either of the two, and NotItems and NotCategories take lines away
// again; the others are about the member or the moment. Only ParseProgram makes one
// that works: it reads the weekdays, hours and ids once for all sales.
type When struct {
	From     Day      `toml:"from"`     // first shop day
	Until    Day      `toml:"until"`    // last shop day, inclusive
	Weekdays []string `toml:"weekdays"` // "mon" to "sun"
	Hours    []string `toml:"hours"`    // "07:00-10:00", shop time, the end not included; "22:00-02:00" passes midnight, and belongs to the day it began on

	Items         []string `toml:"items"`
	Categories    []string `toml:"categories"`
	NotItems      []string `toml:"not_items"`
	NotCategories []string `toml:"not_categories"`
	Minimum       Amount   `toml:"minimum"`  // that the rule's own lines come to, by [basis]; what is paid with points is part of it
	Quantity      int64    `toml:"quantity"` // fewest units of the rule's own lines

	Tiers    []string `toml:"tiers"` // which the member is in now
	Plans    []string `toml:"plans"`
	Tags     []string `toml:"tags"`
	NotTags  []string `toml:"not_tags"`
	Arm      string   `toml:"arm"`      // "experiment/arm"
	First    bool     `toml:"first"`    // the member's first sale
	Birthday string   `toml:"birthday"` // "day", "week" (three days either side) or "month"
	Switch   string   `toml:"switch"`   // which a manager turns on
	Coupon   string   `toml:"coupon"`   // which was shown with this sale

	weekdays uint8 // bit 0 is Monday; 0 is every day
	hours    []span
	items    index
	unwanted index // NotItems
	plans    []Account
	tags     []Account
	notTags  []Account
}

// span is a part of the day in minutes since midnight, 0 to 1440, Until not
// included; From may be after Until.
type span struct{ from, until int64 }

// index finds one of many ids. Nil is too few to need one.
type index map[string]bool

const fewIDs = 8

func indexOf(ids []string) index {
	if len(ids) <= fewIDs {
		return nil
	}
	all := index{}
	for _, id := range ids {
		all[id] = true
	}
	return all
}

// has looks the id up among the ids that the index was made of.
func (x index) has(ids []string, id string) bool {
	if x != nil {
		return x[id]
	}
	return slices.Contains(ids, id)
}

// Grants are the accounts of the plans and tags that a condition names.
type Grants struct{ Plans, Tags, NotTags []Account }

// Grants returns the accounts of the plans and tags.
func (w *When) Grants() Grants { return Grants{w.plans, w.tags, w.notTags} }

func accountsOf(class string, ids []string) []Account {
	var accounts []Account
	for _, id := range ids {
		accounts = append(accounts, Account(class+id))
	}
	return accounts
}

// PicksLines reports whether the condition is about some lines of a sale only.
func (w *When) PicksLines() bool {
	return len(w.Items)+len(w.Categories)+len(w.NotItems)+len(w.NotCategories) > 0
}

// Line reports whether the rule is about the line. One without an item and a
// category is none that a rule names.
func (w *When) Line(line *Line) bool {
	if len(w.Items)+len(w.Categories) > 0 && !w.items.has(w.Items, line.Item) && !slices.Contains(w.Categories, line.Category) {
		return false
	}
	return !w.unwanted.has(w.NotItems, line.Item) && !slices.Contains(w.NotCategories, line.Category)
}

// Then reports whether the rule holds on the shop day at the minute since
// midnight, which is asked for only where hours are given.
func (w *When) Then(day Day, minute func() int64) bool {
	if len(w.hours) == 0 {
		return w.on(day)
	}
	now := minute()
	for _, s := range w.hours {
		switch {
		case s.from < s.until:
			if now >= s.from && now < s.until && w.on(day) {
				return true
			}
		case now >= s.from && w.on(day), now < s.until && w.on(day-1):
			return true
		}
	}
	return false
}

// on reports whether the rule holds on the day.
func (w *When) on(day Day) bool {
	return (w.From == 0 || day >= w.From) && (w.Until == 0 || day <= w.Until) && (w.weekdays == 0 || w.weekdays>>day.weekday()&1 == 1)
}

// weekday returns 0 for a Monday.
func (d Day) weekday() int { return (int(d.Midnight().Weekday()) + 6) % 7 }

// check reads the condition of a rule at the path.
func (w *When) check(path string, p *Program, currency Currency) error {
	w.items, w.unwanted = indexOf(w.Items), indexOf(w.NotItems)
	w.plans, w.tags, w.notTags = accountsOf("plan:", w.Plans), accountsOf("tag:", w.Tags), accountsOf("tag:", w.NotTags)
	if err := first(w.checkMoment(path), w.checkLines(path, currency), w.checkMember(path, p)); err != nil {
		return err
	}
	if w.Switch != "" && !slices.Contains(p.Switches, w.Switch) {
		return known(path+".switch", w.Switch, false)
	}
	if w.Coupon != "" {
		_, there := find(p.Coupons, func(c Coupon) bool { return c.ID == w.Coupon })
		return known(path+".coupon", w.Coupon, there)
	}
	return nil
}

var weekdayNames = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func (w *When) checkMoment(path string) error {
	if w.Until != 0 && w.Until < w.From {
		return wrong(path+".until", "doc.backwards", "from", w.From, "until", w.Until)
	}
	w.weekdays, w.hours = 0, nil
	for _, name := range w.Weekdays {
		at := slices.Index(weekdayNames, name)
		if at < 0 {
			return wrong(path+".weekdays", "doc.choice", "text", CleanName(name), "choices", weekdayNames)
		}
		w.weekdays |= 1 << at
	}
	for _, text := range w.Hours {
		hours, ok := readSpan(text)
		if !ok {
			return wrong(path+".hours", "doc.hours", "text", CleanName(text))
		}
		w.hours = append(w.hours, hours)
	}
	return nil
}

// readSpan reads "07:00-10:00".
func readSpan(text string) (span, bool) {
	from, until, ok := strings.Cut(text, "-")
	start, okStart := readMinute(from)
	end, okEnd := readMinute(until)
	return span{start, end}, ok && okStart && okEnd && start != end && start != 24*60
}

// readMinute reads "00:00" to "24:00" as minutes since midnight.
func readMinute(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if len(text) != len("00:00") || text[2] != ':' || !digits(text[:2]+text[3:]) {
		return 0, false
	}
	hour, minute := int64(text[0]-'0')*10+int64(text[1]-'0'), int64(text[3]-'0')*10+int64(text[4]-'0')
	return hour*60 + minute, minute < 60 && hour*60+minute <= 24*60
}

func (w *When) checkLines(path string, currency Currency) error {
	for _, list := range []struct {
		key      string
		ids, not []string
	}{{"items", w.Items, w.NotItems}, {"categories", w.Categories, w.NotCategories}} {
		if slices.Contains(slices.Concat(list.ids, list.not), "") {
			return wrong(path+"."+list.key, "doc.blank")
		}
		for _, id := range list.not {
			if slices.Contains(list.ids, id) {
				return wrong(path+".not_"+list.key, "doc.both", "id", CleanName(id), "key", list.key)
			}
		}
	}
	return first(w.Minimum.resolve(path+".minimum", currency), within(path+".quantity", w.Quantity, 0, MaxQuantity))
}

func (w *When) checkMember(path string, p *Program) error {
	for _, id := range w.Tiers {
		if _, there := find(p.Tiers, func(t Tier) bool { return t.ID == id }); !there {
			return known(path+".tiers", id, false)
		}
	}
	for _, id := range w.Plans {
		if _, there := find(p.Plans, func(plan Plan) bool { return plan.ID == id }); !there {
			return known(path+".plans", id, false)
		}
	}
	for _, id := range w.Tags {
		if !slices.Contains(p.Tags, id) {
			return known(path+".tags", id, false)
		}
	}
	for _, id := range w.NotTags {
		switch {
		case !slices.Contains(p.Tags, id):
			return known(path+".not_tags", id, false)
		case slices.Contains(w.Tags, id):
			return wrong(path+".not_tags", "doc.both", "id", CleanName(id), "key", "tags")
		}
	}
	if w.Arm != "" {
		experiment, arm, _ := strings.Cut(w.Arm, "/")
		e, there := find(p.Experiments, func(e Experiment) bool { return e.ID == experiment })
		if !there || !slices.Contains(e.Arms, arm) {
			return known(path+".arm", w.Arm, false)
		}
	}
	if w.Birthday == "" {
		return nil
	}
	return oneOf(path+".birthday", &w.Birthday, BirthdayDay, BirthdayWeek, BirthdayMonth)
}

// What When.Birthday says.
const (
	BirthdayDay   = "day"
	BirthdayWeek  = "week" // three days either side
	BirthdayMonth = "month"
)

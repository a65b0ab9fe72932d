package pos

import (
	"cmp"
	"regexp"
)

// Expiry says how long what is given holds. At most one of Months, Days, At and
// Inactive is given; without one it holds for ever. What is pending holds as long
// as promised from the day on which it begins to count.
type Expiry struct {
	Months   int    `toml:"expire_months"`          // full months after the month it begins in
	Days     int    `toml:"expire_days"`            // days after the day it begins on
	At       string `toml:"expire"`                 // "month", "quarter" or "year": at the end of the one it begins in
	Inactive int    `toml:"expire_inactive_months"` // the whole balance, so many full months after the month of the last activity
	Pending  int    `toml:"pending_days"`           // before it counts; not together with Inactive
	Warn     int    `toml:"warn_days"`              // before its end people are told; 30 if left out
}

// What Expiry.At says.
const (
	EndOfMonth   = "month"
	EndOfQuarter = "quarter"
	EndOfYear    = "year"
)

const (
	mostMonths  = 1200
	mostDays    = 36_600
	defaultWarn = 30
)

// Lot returns when what is given on the day counts, by the calendar, where it does
// not depend on what the member does later: not for Inactive.
func (e Expiry) Lot(calendar string, day Day) Lot {
	lot := Lot{}
	if e.Pending > 0 {
		day += Day(e.Pending)
		lot.From = day
	}
	switch {
	case e.Months > 0:
		lot.Until = FirstOf(calendar, day, e.Months+1)
	case e.Days > 0:
		lot.Until = day + Day(e.Days) + 1
	case e.At == EndOfMonth:
		lot.Until = FirstOf(calendar, day, 1)
	case e.At == EndOfQuarter:
		lot.Until = NewQuarter(calendar, day)
	case e.At == EndOfYear:
		lot.Until = NewYear(calendar, day)
	}
	return lot
}

// Warning returns how many days before the end of a lot people are told.
func (e Expiry) Warning() Day { return Day(cmp.Or(e.Warn, defaultWarn)) }

// byTime returns the key of the setting that ends a lot whatever the member does,
// or "".
func (e Expiry) byTime() string {
	switch {
	case e.Months > 0:
		return "expire_months"
	case e.Days > 0:
		return "expire_days"
	case e.At != "":
		return "expire"
	}
	return ""
}

// check checks the expiry at the path.
func (e *Expiry) check(path string, _ *Program) error {
	err := first(
		within(path+".expire_months", int64(e.Months), 0, mostMonths),
		within(path+".expire_days", int64(e.Days), 0, mostDays),
		within(path+".expire_inactive_months", int64(e.Inactive), 0, mostMonths),
		within(path+".pending_days", int64(e.Pending), 0, mostDays),
		within(path+".warn_days", int64(e.Warn), 0, mostDays),
	)
	if err == nil && e.At != "" {
		err = oneOf(path+".expire", &e.At, EndOfMonth, EndOfQuarter, EndOfYear)
	}
	switch {
	case err != nil:
		return err
	case e.Months > 0 && (e.Days > 0 || e.At != ""), e.Days > 0 && e.At != "", e.Inactive > 0 && e.byTime() != "":
		return wrong(path+"."+e.byTime(), "doc.ends")
	case e.Inactive > 0 && e.Pending > 0:
		return wrong(path+".pending_days", "doc.pending")
	}
	return nil
}

// timeless are the regions whose law forbids that points or money end by time
// alone, and after how many months without activity they may end at the soonest.
// Punch cards for one kind of thing are free to end in both.
var timeless = map[string]int{
	"CA-ON": 1,  // Consumer Protection Act, 2002, section 47.1 and O. Reg. 17/05, since 2018-01-01: any time without activity that was agreed
	"CA-QC": 12, // Consumer Protection Act, section 187.8 and P-40.1, r. 3, section 79.6.3, since 2019-08-01: a year or more, told 30 to 60 days before
}

// TimelessIn reports whether the region's law forbids that points or money end by
// time alone. It is no legal advice: the shop has to know its law.
func TimelessIn(region string) bool { return timeless[region] > 0 }

var regionPattern = regexp.MustCompile(`^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$`)

// checkLaw checks that the region is written as ISO 3166 does, and that points and
// money end as its law allows.
func (p *Program) checkLaw() error {
	if !regionPattern.MatchString(p.Region) {
		return wrong("region", "doc.region", "text", CleanName(p.Region))
	}
	if !TimelessIn(p.Region) {
		return nil
	}
	var ends []error
	if p.Points != nil {
		ends = append(ends, p.Points.checkLaw("points", p.Region))
	}
	if p.Credit != nil {
		ends = append(ends, p.Credit.checkLaw("credit", p.Region))
	}
	if p.GiftCards != nil {
		ends = append(ends, Expiry{Months: p.GiftCards.Months}.checkLaw("gift_cards", p.Region))
	}
	return first(ends...)
}

func (e Expiry) checkLaw(path, region string) error {
	key, least := e.byTime(), timeless[region]
	switch {
	case key != "":
		return wrong(path+"."+key, "doc.timeless", "region", region)
	case e.Inactive > 0 && e.Inactive < least:
		return wrong(path+".expire_inactive_months", "doc.inactive", "region", region, "n", int64(least))
	}
	return nil
}

package report

import (
	"maps"
	"slices"

	"tenthcup/pos"
)

// Rows is where rollups are kept. What its methods return is changed in place, and
// kept by whoever gave it.
type Rows interface {
	Row(day pos.Day) (*Row, error)
	Member(holder pos.HolderID) (*Member, error)
	// Hours are those of the day in which the member was seen: bit 0 is the first.
	Hours(day pos.Day, holder pos.HolderID) (*uint32, error)
}

// Member is what has to be known of one member so that the next entry can be rolled
// up.
type Member struct {
	Last pos.Day                 `cbor:"1,keyasint,omitempty"` // of the last visit; 0 is none
	Arms map[string]pos.Day      `cbor:"2,keyasint,omitempty"` // of the last visit in each arm of an experiment
	Held map[pos.Account][]Grant `cbor:"3,keyasint,omitempty"` // tiers, as they were given and taken away
}

// Grant is that a tier was given or taken away on a day.
type Grant struct {
	From  pos.Day `cbor:"1,keyasint"`
	Until pos.Day `cbor:"2,keyasint,omitempty"` // 0 is for ever
	N     int64   `cbor:"3,keyasint"`           // negative: taken away
}

// Where is what an entry does not say about where it was written.
type Where struct {
	Hour int      // of the shop's day, 0 to 23
	Arms []string // "experiment/arm" of the holder, by the entry's program
}

// Fold rolls an entry up. What a set of entries comes to does not depend on the order
// in which they are folded: a late one goes where it belongs. Callers make sure that
// no entry is folded twice.
func Fold(rows Rows, e pos.Entry, where Where) error {
	row, err := rows.Row(e.Day)
	if err != nil {
		return err
	}
	grow(&row.Hours, where.Hour, hourOf(e))
	row.count(e)
	if visit, arm := isVisit(e), armOf(e); visit {
		for _, name := range where.Arms {
			grow(&row.Arms, name, arm)
		}
	}
	for _, p := range e.Postings {
		if err := move(rows, e, p); err != nil {
			return err
		}
	}
	if !seen(e) {
		return nil
	}
	return meet(rows, e, where)
}

// hourOf is what the entry adds to its hour.
func hourOf(e pos.Entry) (h Hour) {
	switch e.Kind {
	case pos.Earned:
		h.Sales = 1
		if e.Sale != nil {
			h.Amount = e.Sale.Amount
		}
	case pos.Redeemed:
		h.Rewards = pieces(e)
	}
	for _, p := range e.Postings {
		if p.Of == nil && p.Amount > 0 && p.Account.Class() == "stamp" && !passes(e) {
			h.Stamps += p.Amount
		}
	}
	return h
}

// pieces returns how many of the reward the entry hands out.
func pieces(e pos.Entry) int64 { return max(e.Count, 1) }

func (r *Row) count(e pos.Entry) {
	switch e.Kind {
	case pos.Enrolled:
		r.New++
	case pos.Voided:
		r.Voids++
	case pos.Refunded:
		if e.Sale != nil && e.Sale.Amount > 0 { // a return may be several entries, the first of which says what came back
			r.Returns++
			r.Taken += e.Sale.Amount
		}
	case pos.Redeemed:
		handed := Handed{Count: pieces(e)}
		for _, p := range e.Postings {
			if p.Account == pos.PointsAccount && p.Amount < 0 {
				handed.Points -= p.Amount
			}
		}
		grow(&r.Rewards, e.Reward, handed)
	}
}

// passes reports whether the entry only passes on what somebody had.
func passes(e pos.Entry) bool { return e.Kind == pos.Moved || e.Kind == pos.Merged }

// isVisit reports whether the entry is what members come for.
func isVisit(e pos.Entry) bool { return e.Kind == pos.Earned || e.Kind == pos.Stamped }

func armOf(e pos.Entry) Arm {
	arm := Arm{Visits: 1}
	if e.Sale != nil {
		arm.Amount = e.Sale.Amount
	}
	return arm
}

// seen reports whether the entry shows that its member was in the shop: not what a
// manager or the centre writes about a member, and not what is about a gift card.
func seen(e pos.Entry) bool {
	if e.Holder == (pos.HolderID{}) {
		return false
	}
	switch e.Kind {
	case pos.Enrolled, pos.Stamped, pos.Earned, pos.Happened, pos.Joined, pos.Redeemed:
		return true
	case pos.Loaded: // a card sold in advance, not a gift card
		return slices.ContainsFunc(e.Postings, func(p pos.Posting) bool { return p.Account.Class() == "stamp" })
	case pos.Paid:
		return e.Sale == nil || !slices.ContainsFunc(e.Sale.Paid, func(p pos.Payment) bool { return p.With == pos.WithCard })
	}
	return false
}

// move rolls one posting up.
func move(rows Rows, e pos.Entry, p pos.Posting) error {
	switch {
	case p.Account.Class() == "tier":
		return hold(rows, e, p)
	case !p.Account.Value():
		return nil
	}
	row, err := rows.Row(e.Day)
	if err != nil {
		return err
	}
	v := valueOf(e, p)
	if p.Lot.Ended(e.Day) { // it was over already, and changes nothing of what is owed
		v.Net = 0
	}
	grow(&row.Values, p.Account, v)
	if v.Net == 0 || p.Lot.Until == 0 {
		return nil
	}
	end, err := rows.Row(p.Lot.Until)
	if err != nil {
		return err
	}
	grow(&end.Values, p.Account, Turnover{Ended: p.Amount})
	return nil
}

// Clamp takes out what the reversals of a posting asked for beyond what there was, by
// signed as they are. It stands on the day of the posting: that one is certain,
// whichever of them came too much.
func Clamp(rows Rows, day pos.Day, p pos.Posting, by int64) error {
	if !p.Account.Value() || p.Lot.Ended(day) {
		return nil
	}
	row, err := rows.Row(day)
	if err != nil {
		return err
	}
	grow(&row.Values, p.Account, Turnover{Net: -by})
	if p.Lot.Until == 0 {
		return nil
	}
	end, err := rows.Row(p.Lot.Until)
	if err == nil {
		grow(&end.Values, p.Account, Turnover{Ended: -by})
	}
	return err
}

func valueOf(e pos.Entry, p pos.Posting) Turnover {
	v := Turnover{Net: p.Amount}
	switch {
	case passes(e):
	case p.Of != nil && p.Amount < 0, e.Kind == pos.Granted && p.Amount < 0: // a correction by hand spends nothing
		v.Back = -p.Amount
	case p.Of != nil:
		v.Restored = p.Amount
	case p.Amount < 0:
		v.Spent = -p.Amount
	default:
		v.Given = p.Amount
		v.Full = finished(e, p)
	}
	return v
}

// finished returns how many cards the posting made full, as the till saw it.
func finished(e pos.Entry, p pos.Posting) int64 {
	size := sizeOf(p.Account)
	if size == 0 {
		return 0
	}
	had := max(e.Saw[string(p.Account)], 0)
	return (had+p.Amount)/size - had/size
}

// sizeOf returns the stamps on a full card of the account, 0 for what is no card.
func sizeOf(account pos.Account) (size int64) {
	if account.Class() != "stamp" {
		return 0
	}
	at := len(account) - 1
	for place := int64(1); at >= 0 && account[at] >= '0' && account[at] <= '9' && place < 1_000_000; at-- {
		size += place * int64(account[at]-'0')
		place *= 10
	}
	if at < 0 || account[at] != '/' {
		return 0
	}
	return size
}

// hold notes that a member got a tier or lost it, and books anew from when to when
// that member had it. An end that is still to come is booked on its day: what renews
// the tier moves it.
func hold(rows Rows, e pos.Entry, p pos.Posting) error {
	m, err := rows.Member(e.Holder)
	if err != nil {
		return err
	}
	before := m.Held[p.Account]
	after := with(before, Grant{e.Day, p.Lot.Until, p.Amount})
	if m.Held == nil {
		m.Held = map[pos.Account][]Grant{}
	}
	m.Held[p.Account] = after
	if len(after) == 0 {
		delete(m.Held, p.Account)
	}
	for _, change := range []struct {
		grants []Grant
		sign   int64
	}{{before, -1}, {after, 1}} {
		for _, turn := range turns(change.grants) {
			row, err := rows.Row(turn.day)
			if err != nil {
				return err
			}
			grow(&row.Tiers, p.Account, Flow{turn.flow.Rose * change.sign, turn.flow.Fell * change.sign})
		}
	}
	return nil
}

// with returns the grants with one more, in order.
func with(grants []Grant, g Grant) []Grant {
	at, found := slices.BinarySearchFunc(grants, g, func(a, b Grant) int {
		if a.From != b.From {
			return int(a.From) - int(b.From)
		}
		return int(a.Until) - int(b.Until)
	})
	if !found {
		return slices.Insert(slices.Clone(grants), at, g)
	}
	next := slices.Clone(grants)
	if next[at].N += g.N; next[at].N == 0 {
		next = slices.Delete(next, at, at+1)
	}
	return next
}

// turn is a day on which a member got a tier or lost it.
type turn struct {
	day  pos.Day
	flow Flow
}

// turns returns the days on which the grants, together, begin or end to hold.
func turns(grants []Grant) (all []turn) {
	days := make([]pos.Day, 0, 2*len(grants))
	for _, g := range grants {
		days = append(days, g.From)
		if g.Until != 0 {
			days = append(days, g.Until)
		}
	}
	slices.Sort(days)
	held := false
	for _, day := range slices.Compact(days) {
		switch holds := holdsOn(grants, day); {
		case holds && !held:
			all = append(all, turn{day, Flow{Rose: 1}})
		case held && !holds:
			all = append(all, turn{day, Flow{Fell: 1}})
		}
		held = holdsOn(grants, day)
	}
	return all
}

// holdsOn reports whether some end of the grants is still to come on the day and more
// was given until then than taken away.
func holdsOn(grants []Grant, day pos.Day) bool {
	left := map[pos.Day]int64{}
	for _, g := range grants {
		if g.From <= day && (g.Until == 0 || day < g.Until) {
			left[g.Until] += g.N
		}
	}
	for n := range maps.Values(left) {
		if n > 0 {
			return true
		}
	}
	return false
}

// meet counts the member as seen, once a day and once an hour, and moves the day of
// the last visit.
func meet(rows Rows, e pos.Entry, where Where) error {
	row, err := rows.Row(e.Day)
	if err != nil {
		return err
	}
	hours, err := rows.Hours(e.Day, e.Holder)
	if err != nil {
		return err
	}
	if *hours == 0 {
		row.Seen++
	}
	if bit := uint32(1) << where.Hour; *hours&bit == 0 {
		*hours |= bit
		grow(&row.Hours, where.Hour, Hour{Seen: 1})
	}
	m, err := rows.Member(e.Holder)
	if err != nil {
		return err
	}
	if e.Day > m.Last {
		if err := passOn(rows, m.Last, e.Day, func(r *Row, by int64) { r.Last += by }); err != nil {
			return err
		}
		m.Last = e.Day
	}
	if !isVisit(e) {
		return nil
	}
	return m.meetArms(rows, e.Day, where.Arms)
}

// meetArms moves the day of the member's last visit in each of the arms.
func (m *Member) meetArms(rows Rows, day pos.Day, arms []string) error {
	for _, arm := range arms {
		if day <= m.Arms[arm] {
			continue
		}
		if err := passOn(rows, m.Arms[arm], day, func(r *Row, by int64) { grow(&r.Arms, arm, Arm{Last: by}) }); err != nil {
			return err
		}
		if m.Arms == nil {
			m.Arms = map[string]pos.Day{}
		}
		m.Arms[arm] = day
	}
	return nil
}

// passOn takes one from the row of a day, if there is one, and gives it to another's.
func passOn(rows Rows, from, to pos.Day, add func(r *Row, by int64)) error {
	if from != 0 {
		row, err := rows.Row(from)
		if err != nil {
			return err
		}
		add(row, -1)
	}
	row, err := rows.Row(to)
	if err == nil {
		add(row, 1)
	}
	return err
}

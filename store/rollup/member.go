package rollup

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// What makes a member count once is one row for a member, with all stores in it, and
// the hours in which the member was seen in the last month; those of a month before
// move to a row of their own when the next begins. So an entry rewrites one row of its
// member, and at the centre none but that of what the member has, which it rewrites
// anyway. The rows are read and written once a batch, and in a form of their own:
// reading CBOR took longer than all the rest.

// span is a month of a member: 32 days, so that it is found without a calendar.
type span struct {
	month int32      // the day / 32, rounded down
	hours [32]uint32 // by the day of the month, in which hours the member was seen
}

func monthOf(day pos.Day) int32 { return int32(day) >> 5 }

// presence is what is known of a member in one store, or in the area.
type presence struct {
	store pos.StoreID
	report.Member
	span // the last one in which the member was seen
}

// met is what is known of a member, in the order of the stores.
type met struct {
	was []byte // the row as it was read
	in  []*presence
}

type pastKey struct {
	store  pos.StoreID
	month  int32
	holder pos.HolderID
}

// MemberRows are where the row of a member is read and written.
type MemberRows interface {
	Member(holder pos.HolderID) ([]byte, error)
	SetMember(holder pos.HolderID, row []byte) error
}

// Members are what the members of an area or of a till are known by, kept until flush
// writes what has changed.
type Members struct {
	rows MemberRows
	past Rows // of months before the last
	met  map[pos.HolderID]*met
	old  map[pastKey]*span
}

// NewMembers returns what the rows say, as it is asked for.
func NewMembers(rows MemberRows, past Rows) *Members {
	return &Members{rows, past, map[pos.HolderID]*met{}, map[pastKey]*span{}}
}

// Of changes where the rows of members are. Nothing may be kept that is to be written.
func (m *Members) Of(rows MemberRows) { m.rows = rows }

// in returns what is known of the holder in the store.
func (m *Members) in(store pos.StoreID, holder pos.HolderID) (*presence, error) {
	known := m.met[holder]
	if known == nil {
		row, err := m.rows.Member(holder)
		if err != nil {
			return nil, err
		}
		known = &met{was: row}
		if known.in, err = readMet(row); err != nil {
			return nil, err
		}
		m.met[holder] = known
	}
	at, found := slices.BinarySearchFunc(known.in, store, func(p *presence, store pos.StoreID) int { return cmp.Compare(p.store, store) })
	if !found {
		known.in = slices.Insert(known.in, at, &presence{store: store})
	}
	return known.in[at], nil
}

// hours returns the hours of the day in which the holder was seen in the store.
func (m *Members) hours(store pos.StoreID, day pos.Day, holder pos.HolderID) (*uint32, error) {
	p, err := m.in(store, holder)
	if err != nil {
		return nil, err
	}
	month, s := monthOf(day), &p.span
	switch {
	case s.hours == [32]uint32{}:
		s.month = month
	case month > s.month:
		last := *s
		m.old[pastKey{store, s.month, holder}] = &last
		*s = span{month: month}
	case month < s.month:
		if s, err = m.before(pastKey{store, month, holder}); err != nil {
			return nil, err
		}
	}
	return &s.hours[day&31], nil
}

func (m *Members) before(key pastKey) (*span, error) {
	if s := m.old[key]; s != nil {
		return s, nil
	}
	s := &span{month: key.month}
	r := packed{left: m.past.Get(key.bytes())}
	if len(r.left) > 0 { // 0 where the member was not seen in that month yet
		r.hours(&s.hours)
	}
	m.old[key] = s
	return s, r.end()
}

func (k pastKey) bytes() []byte {
	return append(binary.BigEndian.AppendUint32(prefixOf(hoursRow, k.store), uint32(k.month)), k.holder[:]...)
}

// PastKeys returns the rows in which it may stand when the entry's holder was seen in its
// month, if that is before the month of the day.
func PastKeys(e pos.Entry, now pos.Day) (keys [][]byte) {
	if monthOf(e.Day) >= monthOf(now) {
		return nil
	}
	for _, shop := range []pos.StoreID{"", e.Store} {
		keys = append(keys, pastKey{shop, monthOf(e.Day), e.Holder}.bytes())
	}
	return keys
}

// Flush writes what has changed and forgets it, in the order of the keys.
func (m *Members) Flush() error {
	for _, holder := range slices.SortedFunc(maps.Keys(m.met), rows.CompareHolders) {
		known := m.met[holder]
		row := known.row()
		if bytes.Equal(row, known.was) {
			continue
		}
		if err := m.rows.SetMember(holder, row); err != nil {
			return err
		}
	}
	past := Map{}
	for key, s := range m.old {
		past[string(key.bytes())] = appendHours(nil, &s.hours)
	}
	for _, key := range slices.Sorted(maps.Keys(past)) {
		if err := m.past.Put([]byte(key), past[key]); err != nil {
			return err
		}
	}
	clear(m.met)
	clear(m.old)
	return nil
}

// row returns what is known as a row; nil if that is nothing.
func (m *met) row() (raw []byte) {
	none := [32]uint32{}
	for _, p := range m.in {
		if p.Last == 0 && len(p.Arms)+len(p.Held) == 0 && p.hours == none {
			continue
		}
		if raw == nil {
			raw = make([]byte, 0, len(m.was)+24) // most grow by an hour
		}
		raw = appendWord(raw, string(p.store))
		raw = binary.AppendVarint(raw, int64(p.Last))
		raw = appendHours(binary.AppendVarint(raw, int64(p.month)), &p.hours)
		raw = binary.AppendUvarint(raw, uint64(len(p.Arms)))
		for _, arm := range sorted(p.Arms) {
			raw = binary.AppendVarint(appendWord(raw, arm), int64(p.Arms[arm]))
		}
		raw = binary.AppendUvarint(raw, uint64(len(p.Held)))
		for _, tier := range sorted(p.Held) {
			raw = binary.AppendUvarint(appendWord(raw, string(tier)), uint64(len(p.Held[tier])))
			for _, g := range p.Held[tier] {
				raw = binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(raw, int64(g.From)), int64(g.Until)), g.N)
			}
		}
	}
	return raw
}

// sorted returns the keys in order. Most members have none.
func sorted[K cmp.Ordered, V any](m map[K]V) []K {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}

func readMet(raw []byte) (in []*presence, err error) {
	r := packed{left: raw}
	for len(r.left) > 0 && !r.bad {
		p := &presence{store: pos.StoreID(r.word())}
		p.Last = pos.Day(r.number())
		p.month = int32(r.number())
		r.hours(&p.hours)
		for range r.count() {
			if p.Arms == nil {
				p.Arms = map[string]pos.Day{}
			}
			arm := r.word()
			p.Arms[arm] = pos.Day(r.number())
		}
		for range r.count() {
			if p.Held == nil {
				p.Held = map[pos.Account][]report.Grant{}
			}
			tier := pos.Account(r.word())
			for range r.count() {
				p.Held[tier] = append(p.Held[tier], report.Grant{From: pos.Day(r.number()), Until: pos.Day(r.number()), N: r.number()})
			}
		}
		in = append(in, p)
	}
	return in, r.end()
}

func appendWord(raw []byte, word string) []byte {
	return append(binary.AppendUvarint(raw, uint64(len(word))), word...)
}

// appendHours appends which days are there and then the hours of each.
func appendHours(raw []byte, hours *[32]uint32) []byte {
	days := uint32(0)
	for day, seen := range hours {
		if seen != 0 {
			days |= 1 << day
		}
	}
	raw = binary.AppendUvarint(raw, uint64(days))
	for ; days != 0; days &= days - 1 {
		raw = binary.AppendUvarint(raw, uint64(hours[bits.TrailingZeros32(days)]))
	}
	return raw
}

// packed is a row of a member while it is read. What is wrong with it is said at the end.
type packed struct {
	left []byte
	bad  bool
}

func (r *packed) end() error {
	if r.bad || len(r.left) > 0 {
		return fmt.Errorf("%w: what reports know of a member", store.ErrCorrupt)
	}
	return nil
}

func (r *packed) unsigned() uint64 {
	value, n := binary.Uvarint(r.left)
	r.take(n)
	return value
}

func (r *packed) number() int64 {
	value, n := binary.Varint(r.left)
	r.take(n)
	return value
}

// count returns how many of something follow; each takes a byte at least.
func (r *packed) count() int {
	n := r.unsigned()
	if n > uint64(len(r.left)) {
		r.take(0)
		return 0
	}
	return int(n)
}

func (r *packed) word() string {
	n := r.count()
	word := string(r.left[:n])
	r.left = r.left[n:]
	return word
}

func (r *packed) hours(into *[32]uint32) {
	for days := uint32(r.unsigned()); days != 0; days &= days - 1 {
		into[bits.TrailingZeros32(days)] = uint32(r.unsigned())
	}
}

// take passes n bytes over; 0 or less means that what was read is none.
func (r *packed) take(n int) {
	if n <= 0 {
		r.left, r.bad = nil, true
		return
	}
	r.left = r.left[n:]
}

// beside are the rows of members that stand beside what the members have: an action
// then rewrites no more pages of the file for them.
type beside struct{ Rows }

// BesideKey is the key of the row of a member beside what the member has.
func BesideKey(holder pos.HolderID) []byte { return append(holder[:], memberRow) }

// IsBeside reports whether the key of a table of holders is that of such a row.
func IsBeside(key []byte) bool { return len(key) == rows.IDBytes+1 && key[rows.IDBytes] == memberRow }

// Member implements MemberRows.
func (b beside) Member(holder pos.HolderID) ([]byte, error) { return b.Get(BesideKey(holder)), nil }

// SetMember implements MemberRows.
func (b beside) SetMember(holder pos.HolderID, row []byte) error {
	if row == nil {
		return b.Delete(BesideKey(holder))
	}
	return b.Put(BesideKey(holder), row)
}

// NewBeside returns the rows of members that stand in the table.
func NewBeside(rows Rows) MemberRows { return beside{rows} }

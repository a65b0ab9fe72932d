package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/canon"
	"tenthcup/pos/report"
	"tenthcup/pos/rules"
)

// Rollups are what reports are read from: a row for each day of a store, written with
// the entries that it adds up. A till has those of its own entries; the centre those
// of each store, and apart from them those of the area, where a member of two stores
// is one. What makes a member count once is kept beside them and never read by a
// report.
//
// The first letter of a key says what the row is. Then comes the store, 0 and the
// rest; the store is "" for a till and for an area.
const (
	rollDay     = 'd' // day -> report.Row
	rollHours   = 'h' // day, holder -> hours in which the member was seen
	rollMember  = 'm' // holder -> report.Member
	rollProgram = 'p' // program -> []trial; as it was when its first entry was rolled up
	rollZone    = 'z' // at a till: nothing -> the time zone whose hours the rows have
)

var rollupBucket = []byte("rollup")

// trial is an experiment of a program, as far as it says who is in which arm.
type trial struct {
	ID      string   `cbor:"1,keyasint"`
	Arms    []string `cbor:"2,keyasint"`
	Weights []int64  `cbor:"3,keyasint,omitempty"`
}

// rollupRows are where rollups are read and written: a bucket, or a map while a check
// adds everything up again.
type rollupRows interface {
	Get(key []byte) []byte
	Put(key, value []byte) error
	Delete(key []byte) error
}

// rollup is report.Rows of one store, kept until flush writes what has changed.
type rollup struct {
	rows    rollupRows
	store   pos.StoreID
	days    map[pos.Day]*report.Row
	members map[pos.HolderID]*report.Member
	hours   map[hoursKey]*uint32
}

type hoursKey struct {
	day    pos.Day
	holder pos.HolderID
}

func newRollup(rows rollupRows, store pos.StoreID) *rollup {
	return &rollup{
		rows: rows, store: store, days: map[pos.Day]*report.Row{},
		members: map[pos.HolderID]*report.Member{}, hours: map[hoursKey]*uint32{},
	}
}

func rollPrefix(kind byte, store pos.StoreID) []byte {
	return append(append([]byte{kind}, store...), 0)
}

func (r *rollup) dayKey(day pos.Day) []byte {
	return binary.BigEndian.AppendUint32(rollPrefix(rollDay, r.store), uint32(day))
}

func (r *rollup) memberKey(holder pos.HolderID) []byte {
	return append(rollPrefix(rollMember, r.store), holder[:]...)
}

func (r *rollup) hoursKey(key hoursKey) []byte {
	return append(binary.BigEndian.AppendUint32(rollPrefix(rollHours, r.store), uint32(key.day)), key.holder[:]...)
}

// Row implements report.Rows.
func (r *rollup) Row(day pos.Day) (*report.Row, error) {
	if row := r.days[day]; row != nil {
		return row, nil
	}
	row := &report.Row{}
	r.days[day] = row
	return row, r.read(r.dayKey(day), row)
}

// Member implements report.Rows.
func (r *rollup) Member(holder pos.HolderID) (*report.Member, error) {
	if m := r.members[holder]; m != nil {
		return m, nil
	}
	m := &report.Member{}
	r.members[holder] = m
	return m, r.read(r.memberKey(holder), m)
}

// Hours implements report.Rows.
func (r *rollup) Hours(day pos.Day, holder pos.HolderID) (*uint32, error) {
	key := hoursKey{day, holder}
	if hours := r.hours[key]; hours != nil {
		return hours, nil
	}
	hours := new(uint32)
	r.hours[key] = hours
	return hours, r.read(r.hoursKey(key), hours)
}

func (r *rollup) read(key []byte, into any) error {
	raw := r.rows.Get(key)
	if raw == nil {
		return nil
	}
	return decode(raw, into)
}

// flush writes what has changed and forgets it. Keys go in order, as is best for the
// tree.
func (r *rollup) flush() error {
	changed := map[string][]byte{}
	note := func(key []byte, row any, zero bool) error {
		raw, err := canon.Marshal(row)
		if zero {
			raw = nil
		}
		if err == nil && !bytes.Equal(raw, r.rows.Get(key)) {
			changed[string(key)] = raw
		}
		return err
	}
	for day, row := range r.days {
		if err := note(r.dayKey(day), row, row.IsZero()); err != nil {
			return err
		}
	}
	for holder, m := range r.members {
		if err := note(r.memberKey(holder), m, m.Last == 0 && len(m.Arms)+len(m.Held) == 0); err != nil {
			return err
		}
	}
	for key, hours := range r.hours {
		if err := note(r.hoursKey(key), hours, *hours == 0); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		if err := r.write([]byte(key), changed[key]); err != nil {
			return err
		}
	}
	clear(r.days)
	clear(r.members)
	clear(r.hours)
	return nil
}

func (r *rollup) write(key, raw []byte) error {
	if raw == nil {
		return r.rows.Delete(key)
	}
	return r.rows.Put(key, raw)
}

// armsOf returns the arms of the experiments of the entry's program that its holder
// is in. What the experiments were is written down when the program is first met, so
// that the same entries always come to the same rows; find looks for the program.
func armsOf(rows rollupRows, e pos.Entry, find func() ([]pos.Experiment, error)) (arms []string, err error) {
	if e.Program == (pos.ProgramID{}) {
		return nil, nil
	}
	key := append([]byte{rollProgram}, e.Program[:]...)
	var trials []trial
	if raw := rows.Get(key); raw != nil {
		if err := decode(raw, &trials); err != nil {
			return nil, err
		}
	} else {
		experiments, err := find()
		if err != nil {
			return nil, err
		}
		for _, x := range experiments {
			trials = append(trials, trial{x.ID, x.Arms, x.Weights})
		}
		raw, err := canon.Marshal(trials)
		if err == nil {
			err = rows.Put(key, raw)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, x := range trials {
		arms = append(arms, x.ID+"/"+rules.Arm(pos.Experiment{ID: x.ID, Arms: x.Arms, Weights: x.Weights}, e.Holder))
	}
	return arms, nil
}

// hourIn is the hour of the entry in the zone.
func hourIn(e pos.Entry, zone *time.Location) int { return e.Time().In(zone).Hour() }

// daysIn returns the rows of the store's days, in order.
func daysIn(b *bbolt.Bucket, store pos.StoreID) (days []report.Day, err error) {
	prefix := rollPrefix(rollDay, store)
	c := b.Cursor()
	for key, raw := c.Seek(prefix); bytes.HasPrefix(key, prefix) && len(key) == len(prefix)+4; key, raw = c.Next() {
		day := report.Day{Day: pos.Day(binary.BigEndian.Uint32(key[len(prefix):]))}
		if err := decode(raw, &day.Row); err != nil {
			return nil, err
		}
		days = append(days, day)
	}
	return days, nil
}

// mapRows are rollup rows in memory.
type mapRows map[string][]byte

// Get implements rollupRows.
func (m mapRows) Get(key []byte) []byte { return m[string(key)] }

// Put implements rollupRows.
func (m mapRows) Put(key, value []byte) error { m[string(key)] = value; return nil }

// Delete implements rollupRows.
func (m mapRows) Delete(key []byte) error { delete(m, string(key)); return nil }

// overlay is rows that are read only, and what would be written over them.
type overlay struct {
	rollupRows
	new mapRows
}

// Get implements rollupRows.
func (o overlay) Get(key []byte) []byte {
	if raw := o.new.Get(key); raw != nil {
		return raw
	}
	return o.rollupRows.Get(key)
}

// Put implements rollupRows.
func (o overlay) Put(key, value []byte) error { return o.new.Put(key, value) }

// sameRollups compares what is in the bucket with what the entries come to. Place
// says whose they are.
func (f *findings) sameRollups(b *bbolt.Bucket, want mapRows, place string) error {
	err := each(b, func(key, raw []byte) error {
		if len(key) == 0 || key[0] == rollProgram || key[0] == rollZone {
			return nil
		}
		is, there := want[string(key)]
		delete(want, string(key))
		if !there || !bytes.Equal(is, raw) {
			return f.add(fmt.Sprintf("row %q is not what the entries come to", key), "%srollups", place)
		}
		return nil
	})
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if err == nil {
			err = f.add(fmt.Sprintf("row %q is missing", key), "%srollups", place)
		}
	}
	return err
}

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
	rollHours   = 'h' // month, holder -> hours in which the member was seen, by day
	rollMember  = 'm' // not here: behind a holder of the own bucket of a till; see met
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
	rows  rollupRows
	store pos.StoreID
	days  map[pos.Day]*report.Row
	*members
}

func newRollup(rows rollupRows, store pos.StoreID, m *members) *rollup {
	return &rollup{rows, store, map[pos.Day]*report.Row{}, m}
}

func rollPrefix(kind byte, store pos.StoreID) []byte {
	return append(append([]byte{kind}, store...), 0)
}

func (r *rollup) dayKey(day pos.Day) []byte {
	return binary.BigEndian.AppendUint32(rollPrefix(rollDay, r.store), uint32(day))
}

// Row implements report.Rows.
func (r *rollup) Row(day pos.Day) (*report.Row, error) {
	if row := r.days[day]; row != nil {
		return row, nil
	}
	row := &report.Row{}
	r.days[day] = row
	if raw := r.rows.Get(r.dayKey(day)); raw != nil {
		return row, decode(raw, row)
	}
	return row, nil
}

// Member implements report.Rows.
func (r *rollup) Member(holder pos.HolderID) (*report.Member, error) {
	p, err := r.in(r.store, holder)
	if err != nil {
		return nil, err
	}
	return &p.Member, nil
}

// Hours implements report.Rows.
func (r *rollup) Hours(day pos.Day, holder pos.HolderID) (*uint32, error) {
	return r.hours(r.store, day, holder)
}

// flush writes the days that have changed, in order, and forgets them.
func (r *rollup) flush() error {
	for _, day := range slices.Sorted(maps.Keys(r.days)) {
		if err := r.write(day, r.days[day]); err != nil {
			return err
		}
	}
	clear(r.days)
	return nil
}

func (r *rollup) write(day pos.Day, row *report.Row) error {
	key := r.dayKey(day)
	if row.IsZero() {
		return r.rows.Delete(key)
	}
	raw, err := canon.Marshal(row)
	if err != nil {
		return fmt.Errorf("encode row: %w", err)
	}
	return r.rows.Put(key, raw)
}

// trialsOf returns the experiments of the program. What they were is written down
// when the program is first met, so that the same entries always come to the same
// rows; find looks for the program.
func trialsOf(rows rollupRows, program pos.ProgramID, find func() ([]pos.Experiment, error)) (trials []trial, err error) {
	if program == (pos.ProgramID{}) {
		return nil, nil
	}
	key := append([]byte{rollProgram}, program[:]...)
	if raw := rows.Get(key); raw != nil {
		return trials, decode(raw, &trials)
	}
	experiments, err := find()
	if err != nil {
		return nil, err
	}
	for _, x := range experiments {
		trials = append(trials, trial{x.ID, x.Arms, x.Weights})
	}
	raw, err := canon.Marshal(trials)
	if err != nil {
		return nil, fmt.Errorf("encode row: %w", err)
	}
	return trials, rows.Put(key, raw)
}

// armsOf returns the arms that the holder is in.
func armsOf(trials []trial, holder pos.HolderID) (arms []string) {
	for _, x := range trials {
		arms = append(arms, x.ID+"/"+rules.Arm(pos.Experiment{ID: x.ID, Arms: x.Arms, Weights: x.Weights}, holder))
	}
	return arms
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

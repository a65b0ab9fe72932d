// Package rollup keeps what reports are read from, for a till and for the central
// server: it adds entries up as they come, in tables of package rows.
package rollup

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/canon"
	"tenthcup/pos/report"
	"tenthcup/pos/rules"
	"tenthcup/store/rows"
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
	dayRow     = 'd' // day -> report.Row
	hoursRow   = 'h' // month, holder -> hours in which the member was seen, by day
	memberRow  = 'm' // not here: behind a holder in the own table of a till; see met
	programRow = 'p' // program -> []Trial; as it was when its first entry was rolled up
	ZoneRow    = 'z' // at a till: nothing -> the time zone whose hours the rows have
)

// Table is the name of the table of rollups, of a till and of an area.
var Table = []byte("rollup")

// Trial is an experiment of a program, as far as it says who is in which arm.
type Trial struct {
	ID      string   `cbor:"1,keyasint"`
	Arms    []string `cbor:"2,keyasint"`
	Weights []int64  `cbor:"3,keyasint,omitempty"`
}

// Rows are where rollups are read and written: a table, or a map while a check
// adds everything up again.
type Rows interface {
	Get(key []byte) []byte
	Put(key, value []byte) error
	Delete(key []byte) error
}

// Rollup is report.Rows of one store, kept until flush writes what has changed.
type Rollup struct {
	rows  Rows
	store pos.StoreID
	days  map[pos.Day]*report.Row
	*Members
}

// New returns the rollups of the store; those of members are shared between stores.
func New(rows Rows, store pos.StoreID, m *Members) *Rollup {
	return &Rollup{rows, store, map[pos.Day]*report.Row{}, m}
}

func prefixOf(kind byte, store pos.StoreID) []byte {
	return append(append([]byte{kind}, store...), 0)
}

func (r *Rollup) dayKey(day pos.Day) []byte {
	return binary.BigEndian.AppendUint32(prefixOf(dayRow, r.store), uint32(day))
}

// Keys returns the rows that an entry is most likely added to: those of its day and of
// the days on which its lots end, in the area and in its store, and of its program.
func Keys(e pos.Entry) (keys [][]byte) {
	for _, shop := range []pos.StoreID{"", e.Store} {
		at := Rollup{store: shop}
		keys = append(keys, at.dayKey(e.Day))
		for _, p := range e.Postings {
			if p.Lot.Until != 0 {
				keys = append(keys, at.dayKey(p.Lot.Until))
			}
		}
	}
	return append(keys, append([]byte{programRow}, e.Program[:]...))
}

// Row implements report.Rows.
func (r *Rollup) Row(day pos.Day) (*report.Row, error) {
	if row := r.days[day]; row != nil {
		return row, nil
	}
	row := &report.Row{}
	r.days[day] = row
	if raw := r.rows.Get(r.dayKey(day)); raw != nil {
		return row, rows.Decode(raw, row)
	}
	return row, nil
}

// Member implements report.Rows.
func (r *Rollup) Member(holder pos.HolderID) (*report.Member, error) {
	p, err := r.in(r.store, holder)
	if err != nil {
		return nil, err
	}
	return &p.Member, nil
}

// Hours implements report.Rows.
func (r *Rollup) Hours(day pos.Day, holder pos.HolderID) (*uint32, error) {
	return r.hours(r.store, day, holder)
}

// Flush writes the days that have changed, in order, and forgets them.
func (r *Rollup) Flush() error {
	for _, day := range slices.Sorted(maps.Keys(r.days)) {
		if err := r.write(day, r.days[day]); err != nil {
			return err
		}
	}
	clear(r.days)
	return nil
}

func (r *Rollup) write(day pos.Day, row *report.Row) error {
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

// TrialsOf returns the experiments of the program. What they were is written down
// when the program is first met, so that the same entries always come to the same
// rows; find looks for the program.
func TrialsOf(table Rows, program pos.ProgramID, find func() ([]pos.Experiment, error)) (trials []Trial, err error) {
	if program == (pos.ProgramID{}) {
		return nil, nil
	}
	key := append([]byte{programRow}, program[:]...)
	if raw := table.Get(key); raw != nil {
		return trials, rows.Decode(raw, &trials)
	}
	experiments, err := find()
	if err != nil {
		return nil, err
	}
	for _, x := range experiments {
		trials = append(trials, Trial{x.ID, x.Arms, x.Weights})
	}
	raw, err := canon.Marshal(trials)
	if err != nil {
		return nil, fmt.Errorf("encode row: %w", err)
	}
	return trials, table.Put(key, raw)
}

// ArmsOf returns the arms that the holder is in.
func ArmsOf(trials []Trial, holder pos.HolderID) (arms []string) {
	for _, x := range trials {
		arms = append(arms, x.ID+"/"+rules.Arm(pos.Experiment{ID: x.ID, Arms: x.Arms, Weights: x.Weights}, holder))
	}
	return arms
}

// HourIn is the hour of the entry in the zone.
func HourIn(e pos.Entry, zone *time.Location) int { return e.Time().In(zone).Hour() }

// DaysIn returns the rows of the store's days, in order.
func DaysIn(b rows.Table, store pos.StoreID) (days []report.Day, err error) {
	prefix := prefixOf(dayRow, store)
	c := b.Cursor()
	for key, raw := c.Seek(prefix); bytes.HasPrefix(key, prefix) && len(key) == len(prefix)+4; key, raw = c.Next() {
		day := report.Day{Day: pos.Day(binary.BigEndian.Uint32(key[len(prefix):]))}
		if err := rows.Decode(raw, &day.Row); err != nil {
			return nil, err
		}
		days = append(days, day)
	}
	return days, nil
}

// Map are rollup rows in memory.
type Map map[string][]byte

// Get implements Rows.
func (m Map) Get(key []byte) []byte { return m[string(key)] }

// Put implements Rows.
func (m Map) Put(key, value []byte) error { m[string(key)] = value; return nil }

// Delete implements Rows.
func (m Map) Delete(key []byte) error { delete(m, string(key)); return nil }

// overlay is rows that are read only, and what would be written over them.
type overlay struct {
	Rows
	new Map
}

// NewOverlay returns rows that begin as those under them, and are written in memory.
func NewOverlay(under Rows) Rows { return overlay{under, Map{}} }

// Get implements Rows.
func (o overlay) Get(key []byte) []byte {
	if raw := o.new.Get(key); raw != nil {
		return raw
	}
	return o.Rows.Get(key)
}

// Put implements Rows.
func (o overlay) Put(key, value []byte) error { return o.new.Put(key, value) }

// Same compares what is in the table with what the entries come to. Place
// says whose they are.
func Same(f *rows.Findings, b rows.Table, want Map, place string) error {
	err := rows.Each(b, func(key, raw []byte) error {
		if len(key) == 0 || key[0] == programRow || key[0] == ZoneRow {
			return nil
		}
		is, there := want[string(key)]
		delete(want, string(key))
		if !there || !bytes.Equal(is, raw) {
			return f.Add(fmt.Sprintf("row %q is not what the entries come to", key), "%srollups", place)
		}
		return nil
	})
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if err == nil {
			err = f.Add(fmt.Sprintf("row %q is missing", key), "%srollups", place)
		}
	}
	return err
}

// Batch is how many entries are rolled up in memory before rows are written.
const Batch = 20_000

// FlushAll writes what has changed, of the members too.
func (r *Rollup) FlushAll() error {
	if err := r.Members.Flush(); err != nil {
		return err
	}
	return r.Flush()
}

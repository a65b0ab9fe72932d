package postgres

import (
	"bytes"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"tenthcup/store/rows"
)

// table is what a transaction has read of a table, and will write into it.
type table struct {
	tx    *tx
	space *space
	name  string
	place any // the area's number, or the part of the setup
	texts *texts

	rows  map[string]*row
	spare []row    // made many at a time
	list  []*row   // rows that were changed, in the order in which they were
	dirty int      // how many are to be written or deleted
	spans []span   // of keys that were read whole
	whole []rowAt  // all of the table, in order, where it is one that is kept in memory
	kept  bool     // it is
	end   *lastRow // the last row, where that is known
}

// row is one row as the transaction sees it. Value is nil where there is none.
type row struct {
	value  []byte
	key    []byte // of one that is listed
	column []byte // what an index has of it, if that is written with it
	there  there  // in the database
	dirty  bool
	listed bool // among the table's changes
}

// there is what is known of whether the database has a row.
type there uint8

const (
	perhaps there = iota
	isThere
	isMissing
)

func thereIf(value []byte) there {
	if value == nil {
		return isMissing
	}
	return isThere
}

type rowAt struct{ key, value []byte }

// span is the keys from first on and before behind.
type span struct{ first, behind []byte }

// lastRow is the last key of a table, nil in an empty one. Once that was deleted, the
// next key behind it is the last.
type lastRow struct {
	key  []byte
	gone bool
}

// Get implements rows.Table.
func (t *table) Get(key []byte) []byte {
	if r := t.rows[string(key)]; r != nil {
		return r.value
	}
	if t.kept {
		at, found := slices.BinarySearchFunc(t.whole, key, func(r rowAt, key []byte) int { return bytes.Compare(r.key, key) })
		if found {
			return t.whole[at].value
		}
		return nil
	}
	if t.spanned(key) {
		return nil
	}
	var value []byte
	t.tx.round(func(b *pgx.Batch) {
		b.Queue(t.texts.get, t.place, key).Query(func(found pgx.Rows) error {
			return eachRow(found, func() error { return found.Scan(&value) })
		})
	})
	if t.tx.writable {
		t.know(key, value)
	}
	return value
}

// know notes what the database has under the key, unless the transaction has changed it.
func (t *table) know(key, value []byte) {
	if t.rows[string(key)] == nil {
		t.rows[string(key)] = t.row(row{value: value, there: thereIf(value)})
	}
}

// expect makes room for so many rows in a table that has none.
func (t *table) expect(n int) {
	if len(t.rows) == 0 {
		t.rows = make(map[string]*row, n)
	}
}

// row returns the row in a place of its own.
func (t *table) row(is row) *row {
	if len(t.spare) == 0 {
		t.spare = make([]row, min(16+len(t.rows), 256))
	}
	r := &t.spare[0]
	t.spare = t.spare[1:]
	*r = is
	return r
}

func (t *table) spanned(key []byte) bool {
	return slices.ContainsFunc(t.spans, func(s span) bool {
		return bytes.Compare(s.first, key) <= 0 && bytes.Compare(key, s.behind) < 0
	})
}

// Brought returns the keys that begin with the prefix, in order, if all of them were
// brought already.
func (t *table) Brought(prefix []byte) (keys [][]byte, all bool) {
	behind := rows.Behind(prefix)
	within := func(s span) bool {
		return bytes.Compare(s.first, prefix) <= 0 && behind != nil && bytes.Compare(behind, s.behind) <= 0
	}
	if !slices.ContainsFunc(t.spans, within) {
		return nil, false
	}
	for key, r := range t.rows {
		if r.value != nil && strings.HasPrefix(key, string(prefix)) {
			keys = append(keys, []byte(key))
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	return keys, true
}

// Put implements rows.Table.
func (t *table) Put(key, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	if err := t.change(key, value); err != nil {
		return err
	}
	if t.end != nil && bytes.Compare(key, t.end.key) > 0 {
		t.end.key, t.end.gone = t.rows[string(key)].key, false
	}
	return nil
}

// Delete implements rows.Table.
func (t *table) Delete(key []byte) error {
	if err := t.change(key, nil); err != nil {
		return err
	}
	if t.end != nil && !t.end.gone && bytes.Equal(key, t.end.key) {
		t.end.gone = true
	}
	return nil
}

// Move implements rows.Mover. A row of the feed belongs to its holder, so to put it at its
// new place is to take it from the old one.
func (t *table) Move(from, to, value []byte) error {
	if err := t.Delete(from); err != nil {
		return err
	}
	if r := t.rows[string(from)]; r.dirty && t.name == "feed" {
		r.dirty = false
		t.dirty--
	}
	return t.Put(to, value)
}

func (t *table) change(key, value []byte) error {
	if err := t.tx.writes(t.space); err != nil {
		return err
	}
	r := t.rows[string(key)]
	if r == nil {
		if accounts := t.space.tables["account"]; accounts != nil && (t.name == "entry" || indexes[t.name] != "") {
			t.expect(len(accounts.rows))
		}
		r = t.row(row{})
		if t.spanned(key) {
			r.there = isMissing
		}
		t.rows[string(key)] = r
	}
	if !r.dirty {
		t.dirty++
	}
	if !r.listed {
		r.key, r.listed = bytes.Clone(key), true
		t.list = append(t.list, r)
	}
	r.value, r.dirty = value, true
	return nil
}

// Cursor implements rows.Table.
func (t *table) Cursor() rows.Cursor { return &cursor{table: t} }

// Number implements rows.Counter.
func (t *table) Number() uint64 { return t.space.number(t.name) }

// SetNumber implements rows.Counter.
func (t *table) SetNumber(n uint64) error { return t.space.setNumber(t.name, n) }

// changed returns the rows that were changed, in the order of their keys.
func (t *table) changed() (put, gone []*row) {
	for _, r := range t.list {
		switch {
		case !r.dirty:
		case r.value != nil:
			put = append(put, r)
		case r.there != isMissing:
			gone = append(gone, r)
		}
	}
	slices.SortFunc(put, compareRows)
	slices.SortFunc(gone, compareRows)
	return put, gone
}

func compareRows(a, b *row) int { return bytes.Compare(a.key, b.key) }

// flush queues what writes the changed rows. Those of an index that belong to a row which
// is written too are written with it.
func (t *table) flush(b *pgx.Batch) {
	if t.dirty == 0 {
		return
	}
	put, gone := t.changed()
	if len(gone) > 0 {
		b.Queue(t.texts.delete, t.place, columnOf(gone, keyOf))
	}
	t.collect()
	var by [isMissing + 1][]*row
	for _, r := range put {
		by[r.there] = append(by[r.there], r)
	}
	for is, some := range by {
		if len(some) == 0 {
			continue
		}
		with := []any{t.place, columnOf(some, keyOf), columnOf(some, func(r *row) []byte { return r.value })}
		if t.name == "account" || t.name == "entry" {
			with = append(with, columnOf(some, func(r *row) []byte { return r.column }))
		}
		b.Queue(t.texts.writing(there(is)), with...)
	}
}

// writing returns the statement that writes a row. The lock on the area sees to it that
// what was read is still so.
func (t *texts) writing(is there) string {
	switch {
	case is == isThere && t.change != "":
		return t.change
	case is == isMissing && t.add != "":
		return t.add
	}
	return t.put
}

// collect takes over what the table's index has of rows that are to be written: the index
// need not write that itself then.
func (t *table) collect() {
	for name, base := range indexes {
		index := t.space.tables[name]
		if base != t.name || index == nil {
			continue
		}
		for _, at := range index.list {
			if !at.dirty || at.value == nil {
				continue
			}
			column, key := at.key, at.value // a place in the feed, and the holder
			if name == "history" {
				column, key = at.key[:rows.IDBytes], at.key[rows.IDBytes:]
			}
			if r := t.rows[string(key)]; r != nil && r.dirty && r.value != nil {
				r.column, at.dirty = column, false
				index.dirty--
			}
		}
	}
}

func keyOf(r *row) []byte { return r.key }

func columnOf(all []*row, of func(*row) []byte) pgtype.FlatArray[[]byte] {
	column := make(pgtype.FlatArray[[]byte], len(all))
	for i, r := range all {
		column[i] = of(r)
	}
	return column
}

// load queues what reads rows that are wanted.
func (t *table) load(b *pgx.Batch, w rows.Want) {
	if t.kept {
		return
	}
	if len(w.Keys) > 0 {
		missing := slices.DeleteFunc(slices.Clone(w.Keys), func(key []byte) bool { return t.rows[string(key)] != nil })
		if len(missing) > 0 {
			t.loadKeys(b, missing)
		}
	}
	if len(w.Ranges) > 0 {
		t.loadRanges(b, w)
	}
	if w.Last && t.end == nil {
		b.Queue(t.texts.last, t.place, 1).Query(func(found pgx.Rows) error {
			t.end = &lastRow{}
			return t.knowAll(found, func(key []byte) { t.end.key = key })
		})
	}
}

func (t *table) loadKeys(b *pgx.Batch, keys pgtype.FlatArray[[]byte]) {
	b.Queue(t.texts.some, t.place, keys).Query(func(found pgx.Rows) error {
		t.expect(len(keys))
		if err := t.knowAll(found, nil); err != nil {
			return err
		}
		for _, key := range keys {
			t.know(key, nil)
		}
		return nil
	})
}

func (t *table) loadRanges(b *pgx.Batch, w rows.Want) {
	var firsts, behinds pgtype.FlatArray[[]byte]
	for _, r := range w.Ranges {
		firsts, behinds = append(firsts, r.From), append(behinds, r.Until)
	}
	limit := w.Limit
	if limit == 0 {
		limit = everything
	}
	n := 0
	var last []byte
	b.Queue(t.texts.ranges, t.place, firsts, behinds, limit).Query(func(found pgx.Rows) error {
		err := eachRow(found, func() error {
			r, err := columnsOf(found)
			if err != nil {
				return err
			}
			n, last = n+1, r[0]
			t.know(r[0], r[1])
			if holder := r[1]; t.name == "feed" {
				t.space.table(indexes[t.name]).know(holder, r[2])
			}
			return nil
		})
		if err != nil {
			return err
		}
		for i := range firsts {
			s := span{firsts[i], behinds[i]}
			if n >= limit { // of one range: what is behind the last row is not known
				s.behind = append(slices.Clone(last), 0)
			}
			t.spans = append(t.spans, s)
		}
		return nil
	})
	if t.name != "feed" {
		return // what follows is brought when it is asked for
	}
	for _, name := range w.Follow {
		followed := t.space.table(string(name))
		if followed.texts.follow == "" {
			continue
		}
		b.Queue(followed.texts.follow, t.place, firsts, behinds, limit).Query(func(found pgx.Rows) error {
			if err := followed.knowAll(found, nil); err != nil {
				return err
			}
			for _, r := range t.rows {
				if r.value != nil {
					followed.know(r.value, nil) // who has none
				}
			}
			return nil
		})
	}
}

// everything is a limit that is none.
const everything = 1 << 30

// knowAll notes the rows that were found. Each, which may be nil, is told the keys.
func (t *table) knowAll(found pgx.Rows, each func(key []byte)) error {
	return eachRow(found, func() error {
		r, err := columnsOf(found)
		if err != nil {
			return err
		}
		t.know(r[0], r[1])
		if each != nil {
			each(r[0])
		}
		return nil
	})
}

// columnsOf returns the two or three columns of a row, which are of type bytea and not
// null. Unless pgx is told to speak in text they come as they are, and are copied once.
func columnsOf(found pgx.Rows) (columns [3][]byte, err error) {
	described, length := found.FieldDescriptions(), 0
	for _, column := range described {
		if column.Format != pgx.BinaryFormatCode {
			into := []any{&columns[0], &columns[1], &columns[2]}
			err := found.Scan(into[:len(described)]...)
			return columns, err
		}
	}
	raw := found.RawValues()
	for _, value := range raw {
		length += len(value)
	}
	room := make([]byte, 0, length)
	for i, value := range raw {
		from := len(room)
		room = append(room, value...)
		columns[i] = room[from:len(room):len(room)]
	}
	return columns, nil
}

func eachRow(found pgx.Rows, do func() error) error {
	for found.Next() {
		if err := do(); err != nil {
			return err
		}
	}
	return found.Err()
}

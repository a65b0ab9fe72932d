package postgres

import (
	"bytes"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

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
	dirty int      // rows that are to be written or deleted
	spans []span   // of keys that were read whole
	whole []rowAt  // all of the table, in order, where it is one that is kept in memory
	kept  bool     // it is
	end   *lastRow // the last row, where that is known
}

// row is one row as the transaction sees it. Value is nil where there is none.
type row struct {
	value []byte
	dirty bool
	fresh bool // the database has none
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
		t.rows[string(key)] = &row{value: value, fresh: value == nil}
	}
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
		t.end = &lastRow{key: bytes.Clone(key)}
	}
	return nil
}

// Delete implements rows.Table.
func (t *table) Delete(key []byte) error {
	if err := t.change(key, nil); err != nil {
		return err
	}
	if t.end != nil && !t.end.gone && bytes.Equal(key, t.end.key) {
		t.end = &lastRow{bytes.Clone(key), true}
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
		r = &row{fresh: t.spanned(key)}
		t.rows[string(key)] = r
	}
	if !r.dirty {
		t.dirty++
	}
	r.value, r.dirty = value, true
	return nil
}

// Cursor implements rows.Table.
func (t *table) Cursor() rows.Cursor { return &cursor{table: t} }

// Number implements rows.Counter.
func (t *table) Number() uint64 { return t.space.counted()[t.name] }

// SetNumber implements rows.Counter.
func (t *table) SetNumber(n uint64) error {
	if err := t.tx.writes(t.space); err != nil {
		return err
	}
	t.space.counted()[t.name] = n
	t.space.recounted = true
	return nil
}

// changed returns the rows that were changed, in the order of their keys.
func (t *table) changed() (put, gone []rowAt) {
	if t.dirty == 0 {
		return nil, nil
	}
	for key, r := range t.rows {
		switch {
		case !r.dirty:
		case r.value != nil:
			put = append(put, rowAt{[]byte(key), r.value})
		case !r.fresh:
			gone = append(gone, rowAt{key: []byte(key)})
		}
	}
	slices.SortFunc(put, compareRows)
	slices.SortFunc(gone, compareRows)
	return put, gone
}

func compareRows(a, b rowAt) int { return bytes.Compare(a.key, b.key) }

// flush queues what writes the changed rows. Those of an index that belong to a row which
// is written too are written with it.
func (t *table) flush(b *pgx.Batch) {
	put, gone := t.changed()
	if len(gone) > 0 {
		b.Queue(t.texts.delete, t.place, keysOf(gone))
	}
	if len(put) == 0 {
		return
	}
	values := make([][]byte, len(put))
	for i, r := range put {
		values[i] = r.value
	}
	if columns := t.indexed(put); columns != nil {
		b.Queue(t.texts.put, t.place, keysOf(put), values, columns)
		return
	}
	b.Queue(t.texts.put, t.place, keysOf(put), values)
}

// indexed returns, for the rows of a table that has an index, what the index has of each;
// nil for any other table. The index need not write that itself then.
func (t *table) indexed(put []rowAt) [][]byte {
	if t.name != "account" && t.name != "entry" {
		return nil
	}
	columns := make([][]byte, len(put))
	at := make(map[string]int, len(put))
	for i, r := range put {
		at[string(r.key)] = i
	}
	for name, base := range indexes {
		index := t.space.tables[name]
		if base != t.name || index == nil {
			continue
		}
		for key, r := range index.rows {
			if !r.dirty || r.value == nil {
				continue
			}
			column, row := []byte(key), r.value // a place in the feed, and the holder
			if name == "history" {
				column, row = []byte(key[:rows.IDBytes]), []byte(key[rows.IDBytes:])
			}
			if i, there := at[string(row)]; there {
				columns[i] = column
				r.dirty = false
				index.dirty--
			}
		}
	}
	return columns
}

func keysOf(all []rowAt) [][]byte {
	keys := make([][]byte, len(all))
	for i, r := range all {
		keys[i] = r.key
	}
	return keys
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

func (t *table) loadKeys(b *pgx.Batch, keys [][]byte) {
	b.Queue(t.texts.some, t.place, keys).Query(func(found pgx.Rows) error {
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
	var firsts, behinds [][]byte
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
		err := t.knowAll(found, func(key []byte) { n, last = n+1, key })
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
		var r rowAt
		if err := found.Scan(&r.key, &r.value); err != nil {
			return err
		}
		if r.value == nil {
			r.value = []byte{}
		}
		t.know(r.key, r.value)
		if each != nil {
			each(r.key)
		}
		return nil
	})
}

func eachRow(found pgx.Rows, do func() error) error {
	for found.Next() {
		if err := do(); err != nil {
			return err
		}
	}
	return found.Err()
}

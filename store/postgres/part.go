package postgres

import (
	"bytes"
	"slices"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// small is the table of the database that has those tables of the ledger of which nearly
// every batch reads and writes a row or two: how far each till is, and what reports are
// read from. So they take one statement together and not one each. A row's key there is
// the table's name, a stroke, and its key.
const small = "small"

// parts are the tables of the ledger that are parts of small, with what their keys begin
// with there.
var parts = func() map[string][]byte {
	all := map[string][]byte{}
	for _, name := range []string{"chain", "latest", "reached", "switch", "rollup"} {
		all[name] = []byte(name + "/")
	}
	return all
}()

// part is a table of the ledger within another one of the database.
type part struct {
	table  *table
	name   string
	prefix []byte
}

func (p *part) key(key []byte) []byte { return slices.Concat(p.prefix, key) }

// Get implements rows.Table.
func (p *part) Get(key []byte) []byte { return p.table.Get(p.key(key)) }

// Put implements rows.Table.
func (p *part) Put(key, value []byte) error { return p.table.Put(p.key(key), value) }

// Delete implements rows.Table.
func (p *part) Delete(key []byte) error { return p.table.Delete(p.key(key)) }

// Number implements rows.Counter.
func (p *part) Number() uint64 { return p.table.space.number(p.name) }

// SetNumber implements rows.Counter.
func (p *part) SetNumber(n uint64) error { return p.table.space.setNumber(p.name, n) }

// Cursor implements rows.Table.
func (p *part) Cursor() rows.Cursor { return &partCursor{p, &cursor{table: p.table}} }

// joined returns what is wanted with all that is of parts as one want of the table that
// they are in.
func joined(wants []rows.Want) (all []rows.Want) {
	at := map[pos.AreaID]int{}
	for _, w := range wants {
		prefix := parts[string(w.Table)]
		if w.Area == "" || prefix == nil {
			all = append(all, w)
			continue
		}
		i, known := at[w.Area]
		if !known {
			i = len(all)
			at[w.Area] = i
			all = append(all, rows.Want{Area: w.Area, Table: []byte(small)})
		}
		for _, key := range w.Keys {
			all[i].Keys = append(all[i].Keys, slices.Concat(prefix, key))
		}
		for _, r := range w.Ranges {
			all[i].Ranges = append(all[i].Ranges, rows.Range{From: slices.Concat(prefix, r.From), Until: slices.Concat(prefix, r.Until)})
		}
	}
	return all
}

// partCursor walks over a part.
type partCursor struct {
	part *part
	in   *cursor
}

// First implements rows.Cursor.
func (c *partCursor) First() (key, value []byte) { return c.Seek(nil) }

// Last implements rows.Cursor.
func (c *partCursor) Last() (key, value []byte) {
	behind := rows.Behind(c.part.prefix)
	c.in.turn(true, behind)
	return c.within(c.in.backward(behind))
}

// Seek implements rows.Cursor.
func (c *partCursor) Seek(key []byte) (at, value []byte) { return c.within(c.in.Seek(c.part.key(key))) }

// Next implements rows.Cursor.
func (c *partCursor) Next() (key, value []byte) { return c.within(c.in.Next()) }

// Prev implements rows.Cursor.
func (c *partCursor) Prev() (key, value []byte) { return c.within(c.in.Prev()) }

// within returns the row as one of the part, or ends the walk where it is none.
func (c *partCursor) within(key, value []byte) (at, of []byte) {
	at, inside := bytes.CutPrefix(key, c.part.prefix)
	if !inside {
		c.in.at = nil
		return nil, nil
	}
	return at, value
}

package central

import (
	"bytes"
	"fmt"

	"tenthcup/store"
	"tenthcup/store/rows"
)

// pair is a row with its key.
type pair struct{ key, value []byte }

// piece is some rows of a table, in order.
type piece struct {
	part
	rows   []pair
	whole  bool   // nothing is behind them
	there  bool   // the table is
	number uint64 // its number, where these are the last rows
}

// room is what may still be read.
type room struct{ rows, bytes int }

func (r room) left() bool { return r.rows > 0 && r.bytes > 0 }

// read returns the rows behind the key, or from the first one on, as many as there is
// room for.
func (p part) read(tx rows.Tx, behind []byte, room *room) (piece, error) {
	one := piece{part: p, whole: true}
	table, err := p.in(tx)
	if err != nil || table == nil {
		return one, err
	}
	one.there, one.number = true, table.Number()
	cursor := table.Cursor()
	key, value := cursor.First()
	if behind != nil {
		key, value = cursor.Seek(append(bytes.Clone(behind), 0))
	}
	for ; key != nil; key, value = cursor.Next() {
		if p.area == "" && bytes.Equal(p.table, rows.Meta) && bytes.Equal(key, rows.CopyingKey) {
			continue // the copy's own
		}
		if !room.left() {
			one.whole = false
			break
		}
		one.rows = append(one.rows, pair{bytes.Clone(key), bytes.Clone(value)})
		room.rows--
		room.bytes -= len(key) + len(value)
	}
	return one, nil
}

// write adds the rows to a table that has those before them.
func (p piece) write(tx rows.Tx) error {
	if !p.there {
		return nil
	}
	table, err := p.make(tx)
	if err != nil {
		return err
	}
	rows.InOrder(table)
	for _, row := range p.rows {
		if err := table.Put(row.key, row.value); err != nil {
			return err
		}
	}
	if p.whole && table.Number() != p.number {
		return table.SetNumber(p.number)
	}
	return nil
}

// side is a table of one of the two, as it is read bit by bit.
type side struct {
	db     rows.DB
	part   part
	behind []byte
	piece  piece
	begun  bool
}

// next returns the row that comes next, nil at the end.
func (s *side) next() (*pair, error) {
	for len(s.piece.rows) == 0 && !(s.begun && s.piece.whole) {
		err := s.db.View(func(tx rows.Tx) (err error) {
			s.piece, err = s.part.read(tx, s.behind, &room{copyRows, copyBytes})
			return err
		})
		if err != nil {
			return nil, err
		}
		s.begun = true
	}
	if len(s.piece.rows) == 0 {
		return nil, nil
	}
	return &s.piece.rows[0], nil
}

// pass goes behind the row that next returned.
func (s *side) pass() {
	s.behind = s.piece.rows[0].key
	s.piece.rows = s.piece.rows[1:]
}

// maxDifferences is how many differences are looked for: a copy with so many is made anew.
const maxDifferences = 20

// compare reads both sides and returns the first differences.
func (m *move) compare() (found []store.Finding, err error) {
	seen := Copied{All: len(m.parts), Comparing: true}
	for _, p := range m.parts {
		seen.Area, seen.Table = p.area, string(p.table)
		one := comparison{from: side{db: m.from, part: p}, to: side{db: m.to, part: p}}
		if err := one.rows(func(n uint64) error {
			seen.Rows += n
			return m.progress(seen)
		}); err != nil {
			return nil, err
		}
		found = append(found, one.found...)
		if len(found) >= maxDifferences {
			return found[:maxDifferences], nil
		}
		seen.Tables++
	}
	return found, m.progress(seen)
}

// comparison is one table of both sides.
type comparison struct {
	from, to side
	found    []store.Finding
}

// rows compares the rows. Tell is told after each few thousand how many those were.
func (c *comparison) rows(tell func(uint64) error) error {
	n := uint64(0)
	for len(c.found) < maxDifferences {
		more, err := c.row()
		if err != nil {
			return err
		}
		if !more {
			c.numbers()
			break
		}
		if n++; n == copyRows {
			if err := tell(n); err != nil {
				return err
			}
			n = 0
		}
	}
	if n == 0 {
		return nil
	}
	return tell(n)
}

// row compares the next row and reports whether there was one.
func (c *comparison) row() (bool, error) {
	a, err := c.from.next()
	if err != nil {
		return false, err
	}
	b, err := c.to.next()
	if err != nil || a == nil && b == nil {
		return false, err
	}
	switch {
	case b == nil || a != nil && bytes.Compare(a.key, b.key) < 0:
		c.wrong("is not in the copy", a.key)
		c.from.pass()
	case a == nil || bytes.Compare(a.key, b.key) > 0:
		c.wrong("is in the copy only", b.key)
		c.to.pass()
	default:
		if !bytes.Equal(a.value, b.value) {
			c.wrong("is another one in the copy", a.key)
		}
		c.from.pass()
		c.to.pass()
	}
	return true, nil
}

func (c *comparison) wrong(what string, key []byte) {
	c.found = append(c.found, store.Finding{Place: fmt.Sprintf("%v: row %x", c.from.part, key), What: what})
}

// numbers compares what is kept with the table.
func (c *comparison) numbers() {
	if from, to := c.from.piece.number, c.to.piece.number; from != to {
		c.found = append(c.found, store.Finding{Place: c.from.part.String(), What: fmt.Sprintf("has the number %d in the copy and not %d", to, from)})
	}
}

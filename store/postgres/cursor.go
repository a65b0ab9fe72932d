package postgres

import (
	"bytes"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// How many rows a cursor fetches: few at first, for most look at one or two, and more
// each time it has to go on.
const (
	firstFetch = 32
	mostFetch  = 4096
)

// cursor walks over what the database has and, in between, over what the transaction has
// changed.
type cursor struct {
	table *table
	at    []byte // the key that it stands on; nil before the first move and at the end

	fetched []rowAt // of the database, from where it stands on, in the direction of the walk
	back    bool    // the direction
	resume  []byte  // where the fetched rows end; nil where nothing is behind them
	whole   bool    // nothing is behind them
	fetch   int     // how many rows to fetch next

	changed []*row // rows that the transaction has put, in order
	counted int    // of the table's changes when changed was made
}

// First implements rows.Cursor.
func (c *cursor) First() (key, value []byte) { return c.Seek(nil) }

// Seek implements rows.Cursor.
func (c *cursor) Seek(key []byte) (at, value []byte) {
	if key == nil {
		key = []byte{} // to the database nil is a key that nobody knows
	}
	c.turn(false, key)
	return c.forward(key)
}

// Next implements rows.Cursor.
func (c *cursor) Next() (key, value []byte) {
	if c.at == nil {
		return nil, nil
	}
	behind := append(bytes.Clone(c.at), 0)
	if c.back {
		c.turn(false, behind)
	}
	return c.forward(behind)
}

// Last implements rows.Cursor.
func (c *cursor) Last() (key, value []byte) {
	if end := c.table.end; end != nil && !end.gone {
		if c.at = end.key; c.at == nil {
			return nil, nil
		}
		c.turn(true, c.at)
		return c.at, c.table.Get(c.at)
	}
	c.turn(true, nil)
	return c.backward(nil)
}

// Prev implements rows.Cursor.
func (c *cursor) Prev() (key, value []byte) {
	if c.at == nil {
		return nil, nil
	}
	if !c.back {
		c.turn(true, c.at)
	}
	return c.backward(c.at)
}

// turn forgets what was fetched and begins anew at the key.
func (c *cursor) turn(back bool, key []byte) {
	c.fetched, c.back, c.resume, c.whole, c.fetch = nil, back, key, false, firstFetch
	if c.changed == nil || c.counted != c.table.dirty {
		c.changed, _ = c.table.changed()
		c.counted = c.table.dirty
	}
}

// forward goes to the first row from the key on.
func (c *cursor) forward(key []byte) (at, value []byte) {
	stored := c.stored(func(k []byte) bool { return bytes.Compare(k, key) < 0 })
	i, _ := slices.BinarySearchFunc(c.changed, key, compareKey)
	if i < len(c.changed) && (stored == nil || bytes.Compare(c.changed[i].key, stored.key) <= 0) {
		stored = c.changed[i].at()
	}
	return c.stand(stored)
}

// backward goes to the last row before the key, or of all where it is nil.
func (c *cursor) backward(key []byte) (at, value []byte) {
	stored := c.stored(func(k []byte) bool { return key != nil && bytes.Compare(k, key) >= 0 })
	i := len(c.changed)
	if key != nil {
		i, _ = slices.BinarySearchFunc(c.changed, key, compareKey)
	}
	if i > 0 && (stored == nil || bytes.Compare(c.changed[i-1].key, stored.key) >= 0) {
		stored = c.changed[i-1].at()
	}
	return c.stand(stored)
}

func compareKey(r *row, key []byte) int { return bytes.Compare(r.key, key) }

func (r *row) at() *rowAt { return &rowAt{r.key, r.value} }

func (c *cursor) stand(on *rowAt) (key, value []byte) {
	if on == nil {
		c.at = nil
		return nil, nil
	}
	c.at = on.key
	return on.key, on.value
}

// stored returns the next row that the database has and the transaction has not changed,
// after those that are passed.
func (c *cursor) stored(passed func(key []byte) bool) *rowAt {
	for {
		for len(c.fetched) > 0 {
			r := &c.fetched[0]
			known := c.table.rows[string(r.key)]
			if !passed(r.key) && (known == nil || !known.dirty && known.value != nil) {
				return r
			}
			c.fetched = c.fetched[1:]
		}
		if c.whole {
			return nil
		}
		c.more()
	}
}

// more fetches the next rows.
func (c *cursor) more() {
	switch t := c.table; {
	case t.kept:
		c.keep()
	case !c.back && c.behindAll():
		c.whole = true
	case !c.back && c.within():
	default:
		c.query()
	}
}

// behindAll reports whether the cursor is known to have come behind the last row.
func (c *cursor) behindAll() bool {
	end := c.table.end
	return end != nil && !end.gone && bytes.Compare(c.resume, end.key) > 0
}

// keep takes the rows of a table that is in memory.
func (c *cursor) keep() {
	c.fetched, c.whole = c.table.whole, true
	if c.back {
		c.fetched = slices.Clone(c.fetched)
		slices.Reverse(c.fetched)
	}
}

// within takes the rows of the span that the cursor stands in, if it stands in one.
func (c *cursor) within() bool {
	for _, s := range c.table.spans {
		if bytes.Compare(s.first, c.resume) > 0 || bytes.Compare(c.resume, s.behind) >= 0 {
			continue
		}
		for key := range maps.Keys(c.table.rows) {
			k := []byte(key)
			if r := c.table.rows[key]; !r.dirty && r.value != nil && bytes.Compare(k, c.resume) >= 0 && bytes.Compare(k, s.behind) < 0 {
				c.fetched = append(c.fetched, rowAt{k, r.value})
			}
		}
		slices.SortFunc(c.fetched, func(a, b rowAt) int { return bytes.Compare(a.key, b.key) })
		c.resume = s.behind
		return true
	}
	return false
}

// query fetches rows from the database.
func (c *cursor) query() {
	t, fetch := c.table, c.fetch
	c.fetch = min(2*fetch, mostFetch)
	t.tx.round(func(b *pgx.Batch) {
		var q *pgx.QueuedQuery
		switch {
		case !c.back:
			q = b.Queue(t.texts.forward, t.place, c.resume, fetch)
		case c.resume == nil:
			q = b.Queue(t.texts.last, t.place, fetch)
		default:
			q = b.Queue(t.texts.backward, t.place, c.resume, fetch)
		}
		q.Query(func(found pgx.Rows) error {
			return eachRow(found, func() error {
				r, err := columnsOf(found)
				c.fetched = append(c.fetched, rowAt{r[0], r[1]})
				return err
			})
		})
	})
	if c.whole = len(c.fetched) < fetch; c.whole {
		return
	}
	c.resume = c.fetched[len(c.fetched)-1].key
	if !c.back {
		c.resume = append(bytes.Clone(c.resume), 0)
	}
}

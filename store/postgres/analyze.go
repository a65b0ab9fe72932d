package postgres

import (
	"slices"

	"tenthcup/pos"
)

// The planner finds rows by their keys only where it knows that a table is large; it
// thinks of one that nobody has looked at since it was empty as of ten pages, and reads
// all of it for each batch. PostgreSQL looks once a minute, and a new chain's tills can
// write a hundred thousand rows in that time. So each process has a table looked at when
// it has written a thousand rows into it, and then each time when it has written four
// times as many.
const (
	firstLook = 1000
	nextLook  = 4
)

// written notes how many rows a transaction wrote into each table of the areas, and has
// those looked at that have grown.
func (d *DB) written(areas map[pos.AreaID]*space) {
	var grown []string
	d.mu.Lock()
	if d.wrote == nil {
		d.wrote, d.look = map[string]int{}, map[string]int{}
	}
	for _, s := range areas {
		for name, table := range s.tables {
			if table.dirty == 0 || indexes[name] != "" {
				continue
			}
			d.wrote[name] += table.dirty
			if d.wrote[name] >= max(d.look[name], firstLook) {
				d.look[name] = nextLook * d.wrote[name]
				grown = append(grown, name)
			}
		}
	}
	d.mu.Unlock()
	if len(grown) == 0 {
		return
	}
	slices.Sort(grown)
	d.ending.Go(func() {
		for _, name := range grown {
			// It is for speed only: PostgreSQL looks by itself in the end.
			_, _ = d.pool.Exec(d.ctx, "analyze tenthcup."+name)
		}
	})
}

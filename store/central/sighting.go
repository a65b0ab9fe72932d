package central

import (
	"fmt"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// sighting is when a terminal was here last, and what waited there.
type sighting struct {
	At      int64  `cbor:"1,keyasint"` // ms since 1970
	Waiting uint64 `cbor:"2,keyasint,omitempty"`
}

func (s sighting) at() time.Time { return time.UnixMilli(s.At).UTC() }

// How often sightings are written: all that are new together, and among them not those
// that say nothing but that a terminal is still there.
const (
	writeSeenEvery = 10 * time.Second
	seenEvery      = 10 * time.Minute
)

// sightings are the terminals that this process has seen. A tide of them costs one
// transaction in ten seconds, and a crash forgets those seconds. The zero sightings are
// none.
type sightings struct {
	mu      sync.Mutex
	last    map[pos.TerminalID]sighting
	stored  map[pos.TerminalID]sighting // as they were written last
	waiting map[pos.TerminalID]bool     // to be written
	written time.Time                   // when that was done last
}

// saw notes a sighting and returns what is to be written now, if it is time for that.
func (s *sightings) saw(id pos.TerminalID, at time.Time, waiting uint64) map[pos.TerminalID]sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last, s.stored, s.waiting = map[pos.TerminalID]sighting{}, map[pos.TerminalID]sighting{}, map[pos.TerminalID]bool{}
	}
	if before, known := s.last[id]; known && before.At > at.UnixMilli() {
		return nil // two exchanges that were noted the other way round
	}
	s.last[id] = sighting{at.UnixMilli(), waiting}
	if before, known := s.stored[id]; !known || before.Waiting != waiting || at.Sub(before.at()) >= seenEvery {
		s.waiting[id] = true
	}
	if since := at.Sub(s.written); since >= 0 && since < writeSeenEvery {
		return nil
	}
	s.written = at
	return s.take()
}

// take returns what is to be written.
func (s *sightings) take() map[pos.TerminalID]sighting {
	if len(s.waiting) == 0 {
		return nil
	}
	taken := map[pos.TerminalID]sighting{}
	for id := range s.waiting {
		taken[id] = s.last[id]
		s.stored[id] = s.last[id]
	}
	clear(s.waiting)
	return taken
}

// rest returns all that was not written yet.
func (s *sightings) rest() map[pos.TerminalID]sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take()
}

// again notes that they were not written.
func (s *sightings) again(failed map[pos.TerminalID]sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range failed {
		s.waiting[id] = true
	}
}

func (s *sightings) of(id pos.TerminalID) sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[id]
}

// Saw notes that the terminal was here at the moment with so many entries still waiting
// there. What is new is written at most every ten seconds of the moments that callers
// bring, for all terminals together, and when the book is closed; what changes nothing but
// the moment, every ten minutes. An error is that of what was written now, which is tried
// again.
func (c *Book) Saw(id pos.TerminalID, at time.Time, waiting uint64) error {
	return c.writeSeen(c.seen.saw(id, at, waiting))
}

func (c *Book) writeSeen(seen map[pos.TerminalID]sighting) error {
	if len(seen) == 0 {
		return nil
	}
	err := c.db.Update("", func(tx rows.Tx) error {
		table, err := tx.Make(seenTable)
		if err != nil {
			return fmt.Errorf("make table: %w", err)
		}
		w := newWanted()
		for id := range seen {
			w.key(seenTable, id[:])
		}
		rows.Load(tx, w.of("")...)
		for id, s := range seen {
			var before sighting
			if _, err := rows.Get(table, id[:], &before); err != nil {
				return err
			}
			if before.At >= s.At {
				continue // another server has seen it since
			}
			if err := rows.Put(table, id[:], s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.seen.again(seen)
	}
	return err
}

// sawIn returns when the terminal was here last and how many entries waited there. Where
// another server saw it that may be ten minutes late.
func (c *Book) sawIn(tx rows.Tx, id pos.TerminalID) (last sighting, err error) {
	if table := tx.Table(seenTable); table != nil {
		_, err = rows.Get(table, id[:], &last)
	}
	if here := c.seen.of(id); here.At > last.At {
		last = here
	}
	return last, err
}

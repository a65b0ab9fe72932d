package central

import (
	"time"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// Rows whose reading tests try.
type (
	Holding     = holding
	Lent        = lent
	Chain       = chain
	Ask         = ask
	Quarantined = quarantined
	Exception   = exception
	Settlement  = settlement
	Ticket      = ticket
)

// Seen returns when the terminal was here last and how many entries waited there; the zero
// time for one that never was.
func (c *Book) Seen(id pos.TerminalID) (at time.Time, waiting uint64, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		last, err := c.sawIn(tx, id)
		if last.At != 0 {
			at, waiting = last.at(), last.Waiting
		}
		return err
	})
	return at, waiting, err
}

// Waiting returns how many batches of the area wait for the next transaction.
func (c *Book) Waiting(area pos.AreaID) int {
	c.groups.mu.Lock()
	defer c.groups.mu.Unlock()
	if c.groups.by[area] == nil {
		return 0
	}
	return len(c.groups.by[area].waiting)
}

package central

import "tenthcup/pos"

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

// Waiting returns how many batches of the area wait for the next transaction.
func (c *Book) Waiting(area pos.AreaID) int {
	c.groups.mu.Lock()
	defer c.groups.mu.Unlock()
	if c.groups.by[area] == nil {
		return 0
	}
	return len(c.groups.by[area].waiting)
}

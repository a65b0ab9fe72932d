package central

import (
	"errors"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// A commit takes as long for one batch as for a hundred, because it waits for a disk, and
// perhaps for a standby. So the batches of an area that come in while one transaction is
// under way share the next one. None waits for a timer: who finds nothing under way begins
// at once.

// Limits on what shares a transaction, so that nobody waits long for the others.
const (
	groupEntries = 2000
	groupBatches = 128
)

// maxUnsure is how often a group is sent again of which nobody knows whether it was
// committed. It can be, for what is there is passed over.
const maxUnsure = 3

// groups are the batches that wait, by area. The zero groups have none.
type groups struct {
	mu sync.Mutex
	by map[pos.AreaID]*group
}

type group struct {
	waiting []*batch
	busy    bool // somebody sees to the group's batches
}

// batch is one call of Take.
type batch struct {
	terminal pos.Terminal
	sent     ledger.Sent
	read     []read // the entries
	at       time.Time
	ask      *ledger.PageAsk // what its terminal wants to know, if that may be answered at once
	page     *ledger.Page    // the answer
	done     chan error      // what came of it
	lead     chan struct{}   // it is for this one to see to the group
}

// join has the batch done, together with others of its area, and returns its error.
func (g *groups) join(one *batch, do func(together []*batch)) error {
	area := one.terminal.Area
	if !g.enter(area, one) {
		select {
		case err := <-one.done:
			return err
		case <-one.lead:
		}
	}
	together := g.next(area)
	defer g.pass(area)
	defer func() { // nobody waits for ever, whatever happened to who took it on
		for _, b := range together {
			select {
			case b.done <- errAbandoned:
			default:
			}
		}
	}()
	do(together)
	return <-one.done
}

// errAbandoned is the error of a batch whose group came to nothing.
var errAbandoned = errors.New("the transaction was given up")

// enter puts the batch into its area's group and reports whether nobody sees to that.
func (g *groups) enter(area pos.AreaID, one *batch) (leads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by == nil {
		g.by = map[pos.AreaID]*group{}
	}
	if g.by[area] == nil {
		g.by[area] = &group{}
	}
	its := g.by[area]
	its.waiting = append(its.waiting, one)
	leads, its.busy = !its.busy, true
	return leads
}

// next takes the batches that come first, as many as may share a transaction.
func (g *groups) next(area pos.AreaID) (together []*batch) {
	g.mu.Lock()
	defer g.mu.Unlock()
	its := g.by[area]
	n, entries := 0, 0
	for n < len(its.waiting) && n < groupBatches {
		entries += len(its.waiting[n].sent.Entries)
		if n > 0 && entries > groupEntries {
			break
		}
		n++
	}
	together, its.waiting = its.waiting[:n:n], its.waiting[n:]
	return together
}

// pass lets the first of those who wait see to the group.
func (g *groups) pass(area pos.AreaID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	its := g.by[area]
	if len(its.waiting) == 0 {
		delete(g.by, area)
		return
	}
	close(its.waiting[0].lead)
}

// takeAll takes batches of one area in one transaction, and each by itself where that
// fails for a reason that may be one batch's.
func (c *Book) takeAll(together []*batch) {
	err := c.takeTogether(together)
	apart := err != nil && len(together) > 1
	for _, everybodys := range []error{store.ErrAway, store.ErrFull, store.ErrUnsure} {
		apart = apart && !errors.Is(err, everybodys)
	}
	for _, one := range together {
		if apart {
			err = c.takeTogether([]*batch{one})
		}
		one.done <- err
	}
}

// takeTogether sends the batches again where nobody knows whether they were committed.
// If that is not known in the end either, it is what the error says.
func (c *Book) takeTogether(together []*batch) error {
	var unsure error
	for range maxUnsure {
		err := c.db.Update(together[0].terminal.Area, func(tx rows.Tx) error {
			holdings, err := c.announce(tx, together)
			if err != nil {
				return err
			}
			t, err := c.begin(tx, together[0].terminal.Area, together[0].at)
			if err != nil {
				return err
			}
			t.brought = holdings
			for i, one := range together {
				if i > 0 {
					t = t.next(one.at)
				}
				if err := t.take(one); err != nil {
					return err
				}
			}
			if err := t.rolling.flush(); err != nil {
				return err
			}
			return c.tell(tx, together)
		})
		if err == nil || unsure == nil && !errors.Is(err, store.ErrUnsure) {
			return err
		}
		if unsure == nil {
			unsure = err
		}
	}
	return unsure
}

// isTold reports whether the batch is answered in the transaction that takes it: that
// saves a till by itself a transaction, and would keep others waiting.
func (b *batch) isTold(together []*batch) bool { return b.ask != nil && len(together) == 1 }

// tell answers a terminal whose batch is alone. What cannot be read must not keep the
// batch from being taken: it is asked for again.
func (c *Book) tell(tx rows.Tx, together []*batch) error {
	one := together[0]
	if one.page = nil; !one.isTold(together) {
		return nil
	}
	if page, err := c.pageIn(tx, one.terminal, *one.ask); err == nil {
		one.page = &page
	}
	return nil
}

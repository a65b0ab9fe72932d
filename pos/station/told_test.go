package station_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// told is the journal and office of a till, with what a centre would have told
// it.
type told struct {
	station.Journal
	station.Joint
	station.Office

	mu       sync.Mutex
	standing station.Standing
	asOf     time.Time // of every base
	leases   map[pos.HolderID][]ledger.Lease
	lent     map[pos.HolderID]ledger.Sums
	window   []rules.Handed
	due      []station.Due

	wants  []pos.HolderID // that were asked for
	stored int            // how often an offset was
	broken error          // what Standing and SetOffset return
}

// tell enrols the till and gives it what a centre would have told.
func (s *till) tell() *told {
	o := &told{leases: map[pos.HolderID][]ledger.Lease{}, lent: map[pos.HolderID]ledger.Sums{}, asOf: s.clock.now()}
	o.standing = station.Standing{Enrolled: true, LastSync: s.clock.now()}
	o.on(s)
	return o
}

// on puts it between the station and its file.
func (o *told) on(s *till) {
	o.Journal, o.Joint, o.Office = s.db, s.db, s.db
	s.Journal, s.Joint, s.Office = o, o, o
}

// page is a full exchange: all that waits is acknowledged.
func (o *told) page(at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.standing.LastSync, o.asOf, o.window = at, at, nil
}

func (o *told) view(holder pos.HolderID, v station.View) station.View {
	v.AsOf, v.Leases, v.Lent = o.asOf, slices.Clone(o.leases[holder]), o.lent[holder]
	return v
}

func (o *told) View(holder pos.HolderID) (station.View, error) {
	v, err := o.Journal.View(holder)
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.view(holder, v), err
}

func (o *told) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	return o.Journal.Append(holder, profile, func(m station.Moment) (pos.Entry, error) {
		o.mu.Lock()
		m.View, m.Standing, m.Window = o.view(holder, m.View), o.standing, slices.Clone(o.window)
		o.mu.Unlock()
		e, err := decide(m)
		o.mu.Lock()
		defer o.mu.Unlock()
		if err == nil && e.By != nil {
			o.count(e)
		}
		return e, err
	})
}

func (o *told) Together(holders []pos.HolderID, decide func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	return o.Joint.Together(holders, func(moments []station.Moment) ([]pos.Entry, error) {
		o.mu.Lock()
		for i := range moments {
			m := &moments[i]
			m.View, m.Standing, m.Window = o.view(holders[i], m.View), o.standing, slices.Clone(o.window)
		}
		o.mu.Unlock()
		entries, err := decide(moments)
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, e := range entries {
			if err == nil && e.By != nil {
				o.count(e)
			}
		}
		return entries, err
	})
}

// count does what a till's file does with what allowed an entry.
func (o *told) count(e pos.Entry) {
	switch e.By.Kind {
	case pos.ByFloor:
		h := rules.Handed{Holder: e.Holder, Account: e.Postings[0].Account, Reward: e.Reward}
		for _, p := range e.Postings {
			if p.Account == h.Account {
				h.Amount -= p.Amount
			}
		}
		o.window = append(o.window, h)
	case pos.ByLease:
		o.leases[e.Holder] = slices.DeleteFunc(slices.Clone(o.leases[e.Holder]), func(l ledger.Lease) bool {
			return slices.ContainsFunc(slices.Collect(slices.Chunk(e.By.ID, 8)), func(id []byte) bool { return slices.Equal(id, l.ID[:]) })
		})
	}
}

func (o *told) Due(pos.Day) ([]station.Due, error) { return o.due, o.broken }

func (o *told) Standing() (station.Standing, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.standing, o.broken
}

func (o *told) Waiting() (station.Waiting, error) {
	w, err := o.Office.Waiting()
	w.Enrolled = o.standing.Enrolled
	return w, err
}

func (o *told) Want(holder pos.HolderID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.wants = append(o.wants, holder)
}

func (o *told) SetOffset(offset time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken == nil {
		o.standing.Offset = offset
		o.stored++
	}
	return o.broken
}

// guard keeps tries in memory, as a till does in its file.
type guard struct {
	mu     sync.Mutex
	tries  map[pos.CashierID]station.Tries
	broken error
}

func (g *guard) Try(cashier pos.CashierID, decide func(station.Tries) (station.Tries, error)) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.broken != nil {
		return g.broken
	}
	after, err := decide(g.tries[cashier])
	if err == nil {
		g.tries[cashier] = after
	}
	return err
}

func guarded(t *testing.T, s *till) *guard {
	t.Helper()
	g := &guard{tries: map[pos.CashierID]station.Tries{}}
	s.Guard = g
	return g
}

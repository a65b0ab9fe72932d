package main

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/sync/client"
)

// fleetProgram is what decides in the fleet. None of its lots ends, so that a plain
// sum says what a member has.
const fleetProgram = `title = "Fleet"

[[card]]
id = "coffee"
name = "Coffee"
size = 10

[points]
earn = 1
for = "1"

[[reward]]
id = "free-coffee"
name = "Free coffee"
card = "coffee"

[[reward]]
id = "mug"
name = "Mug"
points = 100
`

// fleetArea is an area of the chain. Its tills share in memory who its members are.
type fleetArea struct {
	id    pos.AreaID
	shops []*fleetShop

	mu      sync.RWMutex
	members map[pos.HolderID]*pos.Profile
}

// fleetShop is a store with its tills and those who come to it, the most faithful
// first.
type fleetShop struct {
	area *fleetArea
	shop pos.Shop

	comes     map[pos.HolderID]bool // guarded by area.mu, as is the next
	faithful  []pos.HolderID
	neighbour *fleetShop // where some of its members go as well
}

// roaming is one in how many members goes to a second store of the area.
const roaming = 7

// join makes the person known in the area.
func (a *fleetArea) join(p pos.Profile) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.members[p.Holder] = &p
}

func (a *fleetArea) profile(holder pos.HolderID) (pos.Profile, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if p := a.members[holder]; p != nil {
		return *p, nil
	}
	return pos.Profile{}, station.ErrNotFound
}

// welcome makes the member one who comes to the store, and some to the next store
// too.
func (s *fleetShop) welcome(holder pos.HolderID) {
	s.area.mu.Lock()
	defer s.area.mu.Unlock()
	s.comes[holder] = true
	s.faithful = append(s.faithful, holder)
	if holder[0]%roaming == 0 && s.neighbour != s {
		s.neighbour.comes[holder] = true
		s.neighbour.faithful = append(s.neighbour.faithful, holder)
	}
}

// customers calls yield with those of the changes that are about members who come
// to the store.
func (s *fleetShop) customers(changes []ledger.Changed, yield func(ledger.Changed)) {
	s.area.mu.RLock()
	defer s.area.mu.RUnlock()
	for _, c := range changes {
		if s.comes[c.Holder] {
			yield(c)
		}
	}
}

// somebody draws a member who comes to the store: a fifth of them make two thirds of
// the visits. It returns the zero id where there is nobody.
func (s *fleetShop) somebody(drawn float64) pos.HolderID {
	s.area.mu.RLock()
	defer s.area.mu.RUnlock()
	if len(s.faithful) == 0 {
		return pos.HolderID{}
	}
	return s.faithful[int(float64(len(s.faithful))*math.Pow(drawn, 4))]
}

// fleetTill is one simulated till: a real station and a real client around a ledger
// in memory.
type fleetTill struct {
	shop    *fleetShop
	book    *fleetBook
	station *station.Station
	client  *client.Client
	chance  *rand.Rand // of what happens at its counter
	name    string
	refused int // things that the rules forbade at the counter
}

const fleetCashier pos.CashierID = "fleet"

// join enrols a person.
func (t *fleetTill) join(person pos.Profile) error {
	done, err := t.station.Enrol(fleetCashier, person)
	if err == nil {
		t.shop.welcome(done.Record.Entry.Holder)
	}
	return err
}

// serve is one thing that happens at the counter: most are sales and stamps; a
// reward that is ready is mostly taken; now and then the cashier takes back the last
// thing done, or somebody new joins.
func (t *fleetTill) serve(newcomer func() pos.Profile) error {
	holder := t.shop.somebody(t.chance.Float64())
	drawn := t.chance.IntN(100)
	if drawn < 3 || !t.book.knows(holder) {
		return t.join(newcomer())
	}
	member, err := t.station.Member(holder)
	if err != nil {
		return err
	}
	if t.chance.IntN(10) < 7 {
		for _, reward := range member.Rewards {
			if reward.Ready > 0 && reward.Not == nil {
				_, err := t.station.Redeem(fleetCashier, holder, reward.Rule.ID)
				return t.told(err)
			}
		}
	}
	switch {
	case drawn < 5:
		_, err = t.station.Undo(fleetCashier, holder, "wrong button")
	case drawn < 45:
		_, err = t.station.Stamp(fleetCashier, holder, "", 1+int64(t.chance.IntN(2)))
	default:
		_, err = t.station.Earn(fleetCashier, holder, pos.Money(180+t.chance.IntN(1400)))
	}
	return t.told(err)
}

// told counts what the rules forbid, which is no failure.
func (t *fleetTill) told(err error) error {
	if _, ok := errors.AsType[*pos.Problem](err); ok {
		t.refused++
		return nil
	}
	return err
}

// run keeps the till's line until the context ends. What ends an epoch makes it try
// again at once, as a till does that is switched on.
func (t *fleetTill) run(ctx context.Context, epoch func() context.Context, report func(client.Report)) {
	for ctx.Err() == nil {
		now, cancel := context.WithCancel(ctx)
		over := context.AfterFunc(epoch(), cancel)
		t.client.Run(now, t.book.kick, report)
		over()
		cancel()
	}
}

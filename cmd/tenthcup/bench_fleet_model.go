package main

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"tenthcup/pos"
	"tenthcup/store"
)

// fleetModel is what the tills wrote, added up with a map and a loop. It knows
// nothing of batches, acknowledgements or lots, and the fleet's program has no lots:
// what is in it must be in the book.
type fleetModel struct {
	mu      sync.Mutex
	entries map[pos.AreaID]int
	sums    map[fleetAccountID]int64
}

// fleetAccountID names one account of one member.
type fleetAccountID struct {
	area    pos.AreaID
	holder  pos.HolderID
	account pos.Account
}

func newFleetModel() *fleetModel {
	return &fleetModel{entries: map[pos.AreaID]int{}, sums: map[fleetAccountID]int64{}}
}

// add counts the entry so many times: once, but for a test that wants to be found
// out.
func (m *fleetModel) add(area pos.AreaID, e pos.Entry, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[area] += times
	for _, p := range e.Postings {
		m.sums[fleetAccountID{area, e.Holder, p.Account}] += p.Amount * int64(times)
	}
}

// fleetCheck is what came of comparing the book with the model.
type fleetCheck struct {
	Entries     int             `json:"entries"`
	Members     int             `json:"members"`
	Accounts    int             `json:"accounts"`
	Quarantined int             `json:"quarantined"`
	Exceptions  int             `json:"exceptions"`
	Differences []string        `json:"differences"`
	Findings    []store.Finding `json:"findings"`
}

// bookReaders is how many members are read at once.
const bookReaders = 8

// compare reads the book and says where it is not the sum of what the tills wrote.
// before is how many entries each area had before the tills wrote any.
func (m *fleetModel) compare(desk *serverDesk, areas []*fleetArea, before map[pos.AreaID]int, day pos.Day) (c fleetCheck, err error) {
	for _, a := range areas {
		counts, err := desk.db.Count(a.id)
		if err != nil {
			return c, err
		}
		c.Entries += counts.Entries - before[a.id]
		c.Quarantined += counts.Quarantined
		if got, want := counts.Entries-before[a.id], m.entries[a.id]; got != want {
			c.Differences = append(c.Differences, fmt.Sprintf("%s: %d entries, tills wrote %d", a.id, got, want))
		}
		open, err := desk.db.Exceptions(a.id, false)
		if err != nil {
			return c, err
		}
		c.Exceptions += len(open)
	}
	wanted := map[pos.AreaID]map[pos.HolderID]map[pos.Account]int64{}
	for id, sum := range m.sums {
		if wanted[id.area] == nil {
			wanted[id.area] = map[pos.HolderID]map[pos.Account]int64{}
		}
		if wanted[id.area][id.holder] == nil {
			wanted[id.area][id.holder] = map[pos.Account]int64{}
		}
		wanted[id.area][id.holder][id.account] = sum
		c.Accounts++
	}
	for _, a := range areas {
		c.Members += len(a.members)
		differences, err := compareArea(desk, a, wanted[a.id], day)
		if err != nil {
			return c, err
		}
		c.Differences = append(c.Differences, differences...)
	}
	slices.Sort(c.Differences)
	return c, nil
}

// compareArea compares what each member of the area has.
func compareArea(desk *serverDesk, a *fleetArea, wanted map[pos.HolderID]map[pos.Account]int64, day pos.Day) (differences []string, err error) {
	holders := make([]pos.HolderID, 0, len(a.members))
	for holder := range a.members {
		holders = append(holders, holder)
	}
	slices.SortFunc(holders, func(x, y pos.HolderID) int { return cmp.Compare(x.String(), y.String()) })
	var mu sync.Mutex
	err = inParallel(bookReaders, len(holders), func(i int) error {
		sums, err := desk.db.Balance(a.id, holders[i], day)
		if err != nil {
			return err
		}
		got := map[pos.Account]int64{}
		for _, sum := range sums {
			got[sum.Account] += sum.Amount
		}
		for account, sum := range wanted[holders[i]] {
			if got[account] != sum {
				mu.Lock()
				differences = append(differences, fmt.Sprintf("%s %s %s: %d, tills wrote %d", a.id, holders[i], account, got[account], sum))
				mu.Unlock()
			}
			delete(got, account)
		}
		for account, sum := range got {
			mu.Lock()
			differences = append(differences, fmt.Sprintf("%s %s %s: %d, tills wrote nothing", a.id, holders[i], account, sum))
			mu.Unlock()
		}
		return nil
	})
	return differences, err
}

// inParallel calls do with 0 to n-1, some at once, until one fails, and returns the
// error of one that did.
func inParallel(workers, n int, do func(int) error) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	failures := make(chan error, workers)
	for range workers {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					failures <- err
					next.Store(int64(n))
					return
				}
			}
		})
	}
	wait.Wait()
	close(failures)
	return <-failures
}

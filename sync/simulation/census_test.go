package simulation_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// census counts what all worlds of a run had in them: a fault that never happens
// proves nothing.
type census struct {
	mu     sync.Mutex
	counts map[string]int
}

var lived = census{counts: map[string]int{}}

func (c *census) count(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what] += n
}

func (c *census) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", what, c.counts[what]))
	}
	return strings.Join(parts, ", ")
}

// counted takes the world into the census.
func (w *world) counted() {
	lived.count("worlds", 1)
	for _, f := range w.model.facts {
		what := string(f.Kind)
		if f.By != nil {
			what += "/" + f.By.Kind
		}
		lived.count("entry "+what, 1)
		if f.lost {
			lived.count("lost with a disk", 1)
		}
		if f.late {
			lived.count("late", 1)
		}
	}
	rows, _ := w.centre.file.Quarantined()
	for _, q := range rows {
		lived.count("quarantined "+string(q.Reason), 1)
	}
	w.countTrouble()
}

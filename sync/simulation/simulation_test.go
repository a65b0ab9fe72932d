package simulation_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

var (
	seed  = flag.Uint64("seed", 0, "of the first world; 0 draws one")
	seeds = flag.Int("seeds", 120, "how many worlds")
	steps = flag.Int("steps", 150, "in each world")
)

// Whatever the line, the disks, the clocks and the people do: when the line heals
// every promise is kept.
func TestSimulation(t *testing.T) {
	first := *seed
	if first == 0 {
		first = rand.Uint64() >> 24
	}
	t.Logf("rerun with -seed=%d -seeds=%d -steps=%d", first, *seeds, *steps)
	t.Cleanup(func() { t.Logf("lived through: %s", &lived) })
	next := atomic.Uint64{}
	for worker := range runtime.GOMAXPROCS(0) {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			for n := next.Add(1) - 1; n < uint64(*seeds) && !t.Failed(); n = next.Add(1) - 1 {
				if !t.Run(fmt.Sprint(first+n), func(t *testing.T) { keeps(t, first+n) }) {
					next.Store(uint64(*seeds)) // one is enough
				}
			}
		})
	}
}

// keeps fails the test if the seed's world breaks a promise.
func keeps(t *testing.T, seed uint64) {
	if wrong, story := simulate(t, seed, *steps, variant{}); len(wrong) > 0 {
		t.Fatalf("%s\n\n%s\n\nrerun with -seed=%d -seeds=1 -steps=%d", story, strings.Join(wrong, "\n"), seed, *steps)
	}
}

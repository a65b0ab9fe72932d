// Package simulation_test lets several stations and two servers live through a
// bad time, drawn from a seed, and then holds them to every promise.
//
// The world (world_test.go, centre_test.go, till_test.go, line_test.go) is real:
// stations on bbolt files, handlers over one central file, HTTP in memory, all in
// one synctest bubble. Beside it a plain model (model_test.go, replay_test.go)
// notes what reached a till's disk. People act (action_test.go), things break
// (fault_test.go), the line heals, and check_test.go compares. control_test.go
// breaks the stations or servers on purpose: the checks must notice.
// trust_test.go holds what is handed out to its bound; desk_test.go is the manager.
package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// world is all there is, and what it must come to.
type world struct {
	t      testing.TB
	dir    string
	random *rand.Rand
	bits   *rand.ChaCha8
	plan   plan
	broken variant // what is broken on purpose

	centre  *centre
	tills   []*till // those whose disk is not lost
	holders []pos.HolderID
	model   *model
	down    bool                   // the line of every till
	late    []kept                 // requests that are still on their way
	asking  *till                  // whose exchange is under way
	settled pos.ExceptionID        // the last one that a manager settled
	done    map[pos.Hash]bool      // quarantined bytes that a manager has looked at
	disks   map[pos.TerminalID]int // how often a terminal's disk was copied or set back
	closed  bool                   // no cashier works any more
	busy    bool                   // there is so much of it that only its end is checked
	mu      sync.Mutex             // over all of this, where lines run beside the cashiers
	files   int                    // made so far

	wrong []string // what was found
	trace []string
}

// plan is what one seed's world has in it.
type plan struct {
	tills, alone int // in all, and those that begin without a centre
	trouble      int // of 100 requests, those that the line harms
	rows         int // of a page at most; 0 is as many as fit
	voids        bool
	points       bool          // no stamps: lots that end are what everything is about
	leases       int           // tills to which the centre lends rewards of one member
	floor        int64         // rewards that a till hands one member without a lease; 0 is none
	budget       int64         // and all members together
	hours        int           // that it may be without the centre
	pace         time.Duration // between two deeds, at most
	weights      []int         // of the deeds
}

// draw makes a plan: every seed has some of the faults and not the others, for
// one that happens all the time hides another.
func draw(random *rand.Rand, broken variant) plan {
	p := plan{tills: 3 + random.IntN(5), trouble: []int{0, 10, 30, 60}[random.IntN(4)], voids: random.IntN(4) > 0, pace: time.Minute}
	if random.IntN(8) == 0 {
		p.tills = 12
	}
	p.points = random.IntN(3) == 0
	switch {
	case p.points:
		p.pace = 72 * time.Hour // points end
	case random.IntN(3) == 0:
		p.pace = 24 * time.Hour
	}
	if random.IntN(2) == 0 {
		p.rows = 1 + random.IntN(5)
	}
	if random.IntN(2) == 0 {
		p.alone = 1 + random.IntN(2)
	}
	p.leases, p.floor, p.hours = random.IntN(3), random.Int64N(3), 12+random.IntN(700)
	rare := random.IntN(2) == 0 // tills that know little of each other
	p.budget = p.floor + random.Int64N(p.floor+1)
	for _, d := range deeds {
		weight := d.weight
		if d.fault && random.IntN(2) == 0 && !slices.Contains(broken.needs, d.name) {
			weight = 0
		}
		if d.name == "sync" && rare {
			weight /= 4
		}
		p.weights = append(p.weights, weight)
	}
	return p
}

// simulate lives through the seed's steps and returns what was found wrong.
func simulate(t *testing.T, seed uint64, steps int, broken variant) (wrong []string, story string) {
	dir := folder(t)
	w := &world{dir: dir, broken: broken, model: newModel(), disks: map[pos.TerminalID]int{}, done: map[pos.Hash]bool{}}
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.random = rand.New(rand.NewPCG(seed, 1))
		w.bits = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24), byte(seed >> 32), byte(seed >> 40), byte(seed >> 48)})
		w.plan = draw(w.random, broken)
		w.begin()
		defer w.end()
		w.live(steps)
		if len(w.wrong) == 0 {
			w.heal()
		}
		if len(w.wrong) == 0 {
			w.check()
		}
		if broken.centre == nil && broken.till == nil {
			w.counted()
		}
	})
	return w.wrong, w.story()
}

// folder returns a new one, in memory where there is such a place: what a power
// cut does to a disk is tested elsewhere, and here thousands of worlds pass.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "simulation")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (w *world) begin() {
	time.Sleep(24 * 366 * time.Hour) // synctest begins with a year's first midnight; clocks may go back from here
	w.centre = newCentre(w)
	for i := range w.plan.tills {
		u := w.newTill()
		if i >= w.plan.alone {
			w.join(u)
		}
	}
}

// end lets go of all files and connections.
func (w *world) end() {
	for _, u := range w.tills {
		require.NoError(w.t, u.disk.Close())
	}
	w.centre.close()
	time.Sleep(time.Hour) // whatever still stalls on the line ends
}

func (w *world) live(steps int) {
	for step := range steps {
		d := w.pick()
		u := w.tills[w.random.IntN(len(w.tills))]
		w.note("%d %s %s: %s", step, time.Now().Format("02 15:04:05"), u.name, d.name)
		d.do(w, u)
		if len(w.wrong) > 0 {
			return
		}
		time.Sleep(w.within(w.plan.pace))
	}
}

func (w *world) pick() deed {
	total := 0
	for _, weight := range w.plan.weights {
		total += weight
	}
	n := w.random.IntN(total)
	for i, weight := range w.plan.weights {
		if n -= weight; n < 0 {
			return deeds[i]
		}
	}
	panic("no deed")
}

// within draws a time up to most, whole milliseconds.
func (w *world) within(most time.Duration) time.Duration {
	return time.Duration(w.random.Int64N(int64(most/time.Millisecond))) * time.Millisecond
}

// wronged notes a broken promise.
func (w *world) wronged(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
	w.note("WRONG: "+format, args...)
}

// must notes the error as a broken promise if there is one.
func (w *world) must(err error, doing string, args ...any) bool {
	if err != nil {
		w.wronged("%s: %v", fmt.Sprintf(doing, args...), err)
	}
	return err == nil
}

func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
	w.trace = w.trace[max(0, len(w.trace)-300):]
}

// story returns the last of what happened.
func (w *world) story() string { return strings.Join(w.trace, "\n") }

// file returns the path of a new file.
func (w *world) file(name string) string {
	w.files++
	return fmt.Sprintf("%s/%s-%d.db", w.dir, name, w.files)
}

// copied copies a file as it is now.
func (w *world) copied(from, name string) string {
	raw, err := os.ReadFile(from)
	require.NoError(w.t, err)
	to := w.file(name)
	require.NoError(w.t, os.WriteFile(to, raw, 0o600))
	return to
}

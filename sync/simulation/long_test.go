package simulation_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/client"
)

// Three days of a busy shop without a line, as stations run: each syncs in the
// background and is kicked now and then. When the line is back all of it
// arrives once.
func TestThreeDaysOffline(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	began := time.Now()
	var virtual time.Duration
	var entries, tries int
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, dir: dir, busy: true, model: newModel(), disks: map[pos.TerminalID]int{}, random: rand.New(rand.NewPCG(1, 1)), bits: rand.NewChaCha8([32]byte{1})}
		w.plan = plan{tills: 2, voids: true, leases: 1, floor: 1, hours: 72}
		w.begin()
		defer w.end()
		w.lineIs(false)
		opened := time.Now()
		stop := w.background(&tries)
		for range 3 {
			w.day()
		}
		w.lineIs(true)
		for _, u := range w.tills {
			for waiting(t, u) > 0 {
				time.Sleep(time.Minute)
			}
		}
		virtual, entries = time.Since(opened), len(w.model.facts)
		stop()
		w.heal()
		w.check()
		require.Empty(t, w.wrong)
	})
	t.Logf("%.0f virtual hours, %d entries, %d tries to sync: %.1f s", virtual.Hours(), entries, tries, time.Since(began).Seconds())
}

func (w *world) lineIs(up bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = !up
}

func waiting(t *testing.T, u *till) int {
	waiting, err := u.disk.Waiting()
	require.NoError(t, err)
	return waiting.Total()
}

// background runs every till's line as a station does, and returns what ends it.
func (w *world) background(tries *int) (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var lines sync.WaitGroup
	var counting sync.Mutex
	for _, u := range w.tills {
		u.kick = make(chan struct{}, 1)
		lines.Go(func() {
			u.client.Run(ctx, u.kick, func(client.Report) {
				counting.Lock()
				*tries++
				counting.Unlock()
			})
		})
	}
	return func() {
		cancel()
		lines.Wait()
	}
}

// day is one of 24 hours and 20 minutes, of which the shop is open for 14: at each
// till a customer comes every minute or so.
func (w *world) day() {
	opens := time.Now()
	for n := 0; time.Since(opens) < 14*time.Hour; n++ {
		u := w.tills[n%len(w.tills)]
		w.customer(u, n)
		if n%16 == 0 { // not every entry: a try on a dead line costs more than an entry
			select {
			case u.kick <- struct{}{}:
			default: // it has not looked yet
			}
		}
		time.Sleep(w.within(23 * time.Second))
	}
	time.Sleep(24*time.Hour + 20*time.Minute - time.Since(opens))
}

// customer is the day's nth.
func (w *world) customer(u *till, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case n%20 < len(w.tills):
		w.enrol(u)
	case n%50 == 7:
		w.undo(u)
	default:
		w.serve(u)
	}
}

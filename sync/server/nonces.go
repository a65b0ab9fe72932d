package server

import (
	"slices"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// How many nonces are remembered. A till that is up to date makes twenty requests
// in the ten minutes that a signature may be good, one that catches up thousands.
const (
	perTerminal = 1 << 13
	inAll       = 1 << 18
)

// nonces remembers which signed requests there were, so that none is taken twice
// by this process while its signature is good. Where there are too many it
// forgets the oldest and from then on takes nothing that is as old as these: it
// never forgets one that it would still take.
//
// It promises nothing beyond the process: after a restart, or at another process
// of the same centre, a recorded request passes once more. That changes nothing
// (entries have ids, of two profiles the later counts); whoever replays it reads
// one page again, and over TLS nobody can record one.
type nonces struct {
	mu    sync.Mutex
	count int
	of    map[pos.TerminalID]*seen
}

// seen is what one terminal has sent.
type seen struct {
	created map[wire.Nonce]int64 // in seconds since 1970
	floor   int64                // nothing that was signed up to here is taken
}

// use takes the proof, which was made within wire.Window of now. It returns the
// problem line.replay for one that was there before, and line.busy where the
// terminal sends more in a second than can be remembered.
func (n *nonces) use(p wire.Proof, now time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = map[pos.TerminalID]*seen{}
	}
	t := n.of[p.Terminal]
	if t == nil {
		t = &seen{created: map[wire.Nonce]int64{}}
		n.of[p.Terminal] = t
	}
	if _, before := t.created[p.Nonce]; before {
		return pos.Refuse("line.replay")
	}
	n.makeRoom(t, now)
	created := p.Created.Unix()
	if created <= t.floor {
		return pos.Refuse("line.busy", "seconds", int(t.floor-created+1))
	}
	t.created[p.Nonce] = created
	n.of[p.Terminal] = t // makeRoom may have dropped it
	n.count++
	return nil
}

// makeRoom forgets where there is no room for one more nonce of the terminal.
func (n *nonces) makeRoom(t *seen, now time.Time) {
	if len(t.created) >= perTerminal {
		n.count -= t.forget(now, perTerminal/2)
	}
	if n.count < inAll {
		return
	}
	for id, each := range n.of {
		n.count -= each.forget(now, len(each.created)/2)
		if len(each.created) == 0 && each.floor < now.Add(-wire.Window).Unix() {
			delete(n.of, id)
		}
	}
}

// forget keeps the latest nonces, at most so many, and returns how many it
// dropped.
func (t *seen) forget(now time.Time, keep int) int {
	before := len(t.created)
	t.drop(now.Add(-wire.Window).Unix() - 1) // the clock alone refuses these
	if len(t.created) > keep {
		times := make([]int64, 0, len(t.created))
		for _, created := range t.created {
			times = append(times, created)
		}
		slices.Sort(times)
		t.floor = times[len(times)-keep-1]
		t.drop(t.floor)
	}
	return before - len(t.created)
}

// drop forgets what was created up to then.
func (t *seen) drop(until int64) {
	for nonce, created := range t.created {
		if created <= until {
			delete(t.created, nonce)
		}
	}
}

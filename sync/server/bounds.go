package server

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"tenthcup/pos"
)

// Bounds say how much the centre takes on at once. What is 0 is as said beside it.
type Bounds struct {
	AtOnce   int           // requests worked on at once; 64
	Waiting  int           // that wait for a place, first come first served; four times AtOnce
	Patience time.Duration // how long one waits before it is told line.busy; 5 s
	Held     int64         // bytes of requests and of answers held in memory; 128 MiB
	Often    int           // requests a second that one terminal may make for long; 10, and below 0 any number
	Burst    int           // that it may make at once before that counts; 1,000
}

func (b Bounds) orDefaults() Bounds {
	b.AtOnce = cmp.Or(b.AtOnce, 64)
	b.Waiting = cmp.Or(b.Waiting, 4*b.AtOnce)
	b.Patience = cmp.Or(b.Patience, 5*time.Second)
	b.Held = cmp.Or(b.Held, 128<<20)
	b.Often = cmp.Or(b.Often, 10)
	b.Burst = cmp.Or(b.Burst, 1000)
	return b
}

// Bounds that nobody needs to choose.
const (
	// A terminal has one request worked on and one that waits for it. Two more may
	// be on the line: those that a broken line left behind, until the centre notices.
	present = 4
	// Enrolments are worked on one by one, whoever makes them.
	enrolling = 16 // that wait
	// Terminals of which nothing is known yet are looked up by so many at once.
	lookingUp = 16
)

// What a queue answers where it gives no place.
var (
	errFull = errors.New("too many wait") // there is no room to wait
	errLate = errors.New("waited in vain")
)

// queue lets in so many at once, in the order in which they come. So many more may
// wait, none longer than the patience.
type queue struct {
	places   *semaphore.Weighted
	room     int64 // for those who wait
	patience time.Duration
	working  atomic.Int64
	waiting  atomic.Int64
}

func newQueue(places, room int, patience time.Duration) *queue {
	return &queue{places: semaphore.NewWeighted(int64(places)), room: int64(room), patience: patience}
}

// enter returns once there is a place, which leave gives back, or errFull or errLate.
func (q *queue) enter(ctx context.Context) (leave func(), err error) {
	if !q.places.TryAcquire(1) {
		if err := q.wait(ctx); err != nil {
			return nil, err
		}
	}
	q.working.Add(1)
	return func() {
		q.working.Add(-1)
		q.places.Release(1)
	}, nil
}

func (q *queue) wait(ctx context.Context) error {
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > q.room {
		return errFull
	}
	ctx, cancel := context.WithTimeout(ctx, q.patience)
	defer cancel()
	if q.places.Acquire(ctx, 1) != nil {
		return errLate
	}
	return nil
}

// full reports whether there is no room to wait any more.
func (q *queue) full() bool { return q.waiting.Load() >= q.room }

// crowd is those who find no place. After an outage all tills of a chain come back at once,
// and each is told to come when it can be its turn, instead of trying in vain until then.
type crowd struct {
	mu    sync.Mutex
	since time.Time
	told  int // to come later, since then; from the start again every retryAfter seconds
}

const (
	eachSecond   = 200 // of the crowd are let back: even a small machine gets that done
	latestReturn = 60  // seconds
)

// later returns after how many seconds one more should come back.
func (c *crowd) later(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if passed := now.Sub(c.since); passed < 0 || passed >= retryAfter*time.Second {
		c.since, c.told = now, 0
	}
	c.told++
	return min(max(retryAfter, c.told/eachSecond), latestReturn)
}

// turns keeps terminals from taking more than their part. It knows only those that
// proved who they are, and forgets them when they have asked for nothing for a
// while.
type turns struct {
	bounds Bounds

	mu sync.Mutex
	of map[pos.TerminalID]*turn
}

// turn is what one terminal is at.
type turn struct {
	key   ed25519.PublicKey // what it proved itself with
	here  int               // its requests, from their headers to the end of their answers
	due   time.Time         // when all it ever asked for would be done at the rate it may ask for long
	queue *queue            // for the one place it has among those worked on
}

// sweepEvery is after how many new terminals those that rest are forgotten.
const sweepEvery = 1024

// key returns the key of a terminal that was here a short while ago, or nil. It saves
// the book a look-up for each request that is then refused.
func (t *turns) key(id pos.TerminalID) ed25519.PublicKey {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.of[id]; known != nil {
		return known.key
	}
	return nil
}

// come counts one more request of the terminal, which proved who it is by the key,
// and returns what to call when that is answered. The problem line.often says that it
// asks for too much.
func (t *turns) come(id pos.TerminalID, key ed25519.PublicKey, now time.Time) (*turn, func(), error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := t.of[id]
	if mine == nil {
		mine = &turn{key: key, due: now, queue: newQueue(1, 1, t.bounds.Patience)}
		t.add(id, mine, now)
	}
	if mine.here >= present {
		return nil, nil, often(retryAfter)
	}
	if wait := mine.count(t.bounds, now); wait > 0 {
		return nil, nil, often(int((wait + time.Second - 1) / time.Second))
	}
	mine.here++
	return mine, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		mine.here--
	}, nil
}

// count takes one request more off what the terminal may ask for, or returns how long
// it should wait: until a tenth of the burst is free again, so that it is not told
// the same with every second request.
func (t *turn) count(b Bounds, now time.Time) (wait time.Duration) {
	if b.Often < 0 {
		return 0
	}
	each := time.Second / time.Duration(b.Often)
	burst := each * time.Duration(b.Burst)
	if t.due.Before(now) {
		t.due = now
	}
	if t.due.Add(each).Sub(now) > burst {
		return t.due.Sub(now) - burst*9/10
	}
	t.due = t.due.Add(each)
	return 0
}

func (t *turns) add(id pos.TerminalID, mine *turn, now time.Time) {
	if t.of == nil {
		t.of = map[pos.TerminalID]*turn{}
	}
	if len(t.of)%sweepEvery == sweepEvery-1 {
		for id, each := range t.of {
			if each.here == 0 && !each.due.After(now) {
				delete(t.of, id)
			}
		}
	}
	t.of[id] = mine
}

package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/sync/client"
)

// founders is how many tills enrol and take in their first members at once: fewer
// than a server works on, so that setting up is not a measurement of its refusals.
const founders = 12

// newTill makes the nth till, which is nobody to the server yet.
func (f *fleet) newTill(n int, shop *fleetShop) (*fleetTill, error) {
	_, key, err := ed25519.GenerateKey(cryptorand.Reader)
	if err != nil {
		return nil, err
	}
	terminal := pos.TerminalOf(key.Public().(ed25519.PublicKey))
	t := &fleetTill{
		shop: shop, name: fmt.Sprintf("Till %d", n), chance: rand.New(rand.NewPCG(f.Seed, uint64(n))),
		book: &fleetBook{terminal: terminal, shop: shop, now: f.now, kick: make(chan struct{}, 1)},
	}
	t.book.written = func(e pos.Entry) { f.model.add(shop.area.id, e, 1) }
	t.book.taken = f.record.acknowledged
	t.client = &client.Client{Book: t.book, Key: key, Now: time.Now}
	return t, nil
}

// found enrols the tills through the line. Each takes in its first members, sends
// them, and then learns who the others of its area are.
func (f *fleet) found(ctx context.Context) error {
	start := time.Now()
	url := f.line.scheme() + "://" + f.line.servers[0]
	currency, _ := pos.CurrencyOf("EUR")
	err := inParallel(founders, len(f.tills), func(i int) error {
		t := f.tills[i]
		t.client.URL, t.client.HTTP = url, f.line.web()
		enrolled, err := client.Enrol(ctx, client.Enrolment{URL: url, HTTP: t.client.HTTP}, f.codes[i], t.client.Key.Public().(ed25519.PublicKey))
		if err != nil {
			return err
		}
		t.book.roster = enrolled.Roster
		t.station = &station.Station{
			Journal: t.book, Joint: t.book, Members: t.book, Office: t.book, Guard: t.book, Shelf: t.book,
			Pepper: enrolled.Pepper, Terminal: enrolled.Terminal.ID, Now: f.now, Random: cryptorand.Reader,
			Store: t.shop.shop.Store, Zone: time.UTC, Currency: currency,
		}
		if err := t.station.Start(); err != nil {
			return err
		}
		for range f.Members {
			if err := t.join(f.person()); err != nil {
				return err
			}
		}
		return t.client.Sync(ctx, nil)
	})
	if err != nil {
		return err
	}
	f.say("fleet.founded", "tills", len(f.tills), "members", int(f.people.Load()))
	err = inParallel(founders, len(f.tills), func(i int) error { return f.tills[i].client.Sync(ctx, nil) })
	f.result.Founding = time.Since(start).Seconds()
	return err
}

// person makes somebody up.
func (f *fleet) person() pos.Profile {
	n := f.people.Add(1)
	return pos.Profile{
		Name: fmt.Sprintf("%s %s", givenNames[n%int64(len(givenNames))], familyNames[n/7%int64(len(familyNames))]), Phone: fmt.Sprintf("+36%09d", 200_000_000+n),
	}
}

var (
	givenNames  = []string{"Anna", "Béla", "Csilla", "Dániel", "Emma", "Ferenc", "Siti", "Ahmad", "Zahra", "Reza", "Grace", "Tom", "Lucy"}
	familyNames = []string{"Kovács", "Nagy", "Szabó", "Aminah", "Rahman", "Karimi", "Hosseini", "Archer", "Baker", "Cooper", "Turner"}
)

// visit is something that is going to happen at a till.
type visit struct {
	at   time.Duration // since the day began here
	till int
}

// plan draws when what happens, in the order of time. Shops differ: the busiest have
// three times as much to do as the quietest.
func (f *fleet) plan() (visits []visit) {
	chance := rand.New(rand.NewPCG(f.Seed, math.MaxUint64))
	for i := range f.tills {
		busy := 0.5 + chance.Float64()
		for range int(float64(f.Sales)*busy + chance.Float64()) {
			at := chance.Float64()
			for chance.Float64()*busiest > bustle(at) {
				at = chance.Float64()
			}
			visits = append(visits, visit{time.Duration(at * float64(f.day())), i})
		}
	}
	slices.SortFunc(visits, func(a, b visit) int { return cmp.Compare(a.at, b.at) })
	return visits
}

// busiest is above all that bustle returns.
const busiest = 1.6

// bustle says how much happens at a moment of the day, from 0 to 1: people come on
// their way to work, most of all at lunch, and on the way home.
func bustle(at float64) float64 {
	hour := openHour + at*openFor.Hours()
	peak := func(when, width float64) float64 { return math.Exp(-math.Pow((hour-when)/width, 2)) }
	return 0.3 + 0.4*peak(8.2, 0.8) + peak(12.6, 1.2) + 0.5*peak(17.8, 1.5)
}

// cutFrom is when the line is cut, as a part of the day: at noon.
const cutFrom = 0.357

// drainPatience is how long after closing time nothing may be taken of what still
// waits: more than a till waits between two tries.
const drainPatience = 6 * time.Minute

// pass lets the day pass.
func (f *fleet) pass(ctx context.Context) error {
	visits := f.plan()
	f.say("fleet.day", "n", len(visits), "minutes", fmt.Sprintf("%.3g", f.Minutes), "factor", int(openFor/f.day()))
	lines, hangUp := context.WithCancel(ctx)
	var tills sync.WaitGroup
	defer func() { hangUp(); tills.Wait() }()
	for _, s := range f.servers {
		tills.Go(func() { s.watch(lines) })
	}
	f.mu.Lock()
	f.opened = time.Now()
	f.mu.Unlock()
	f.record.set(true, false)
	meter := f.meter()
	for _, t := range f.tills {
		delay := time.Duration(rand.Float64() * float64(min(f.day()/10, 30*time.Second)))
		tills.Go(func() {
			if sleep(lines, delay) {
				t.run(lines, f.current, func(r client.Report) { f.heard(t, r) })
			}
		})
	}
	outage := make(chan error, 1)
	go func() { outage <- f.outage(ctx) }()
	err := f.trade(ctx, visits)
	closed := time.Now()
	if err == nil {
		err = f.drain(ctx)
	}
	f.result.Drained = time.Since(closed).Seconds()
	if err != nil {
		f.stop(err)
	}
	if err = cmp.Or(err, <-outage); err != nil {
		return err
	}
	f.record.set(false, false)
	f.read(meter)
	return err
}

// sleep waits, and reports whether the context is still going.
func sleep(ctx context.Context, long time.Duration) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// counters is how many goroutines do what happens at the tills. All of one till is
// done by one.
const counters = 4

// trade does what happens at the tills, each at its time.
func (f *fleet) trade(ctx context.Context, visits []visit) error {
	queues := make([]chan visit, counters)
	var wait sync.WaitGroup
	var most atomic.Int64
	for i := range queues {
		queues[i] = make(chan visit, 1024)
		wait.Go(func() {
			for v := range queues[i] {
				if err := f.tills[v.till].serve(f.person); err != nil {
					f.stop(err)
				}
				most.Store(max(most.Load(), int64(time.Since(f.opened)-v.at)))
			}
		})
	}
	for _, v := range visits {
		if early := v.at - time.Since(f.opened); early > 0 && !sleep(ctx, early) || ctx.Err() != nil {
			break
		}
		queues[v.till%counters] <- v
	}
	if ctx.Err() == nil {
		sleep(ctx, f.day()-time.Since(f.opened))
	}
	for _, queue := range queues {
		close(queue)
	}
	wait.Wait()
	f.result.Lag = time.Duration(most.Load()).Seconds()
	return context.Cause(ctx)
}

// outage cuts the line for all, and lets all of them in again at once.
func (f *fleet) outage(ctx context.Context) error {
	if !sleep(ctx, time.Duration(cutFrom*float64(f.day()))-time.Since(f.opened)) {
		return context.Cause(ctx)
	}
	f.say("fleet.cut", "seconds", fmt.Sprintf("%.3g", f.Cut.Seconds()))
	f.line.sever()
	if !sleep(ctx, f.Cut) {
		return context.Cause(ctx)
	}
	var late atomic.Int64
	caught := make(chan struct{})
	arrived := func() {
		if late.Add(-1) == 0 {
			close(caught)
		}
	}
	late.Store(1) // for this function, so that it is not 0 before all are counted
	for _, t := range f.tills {
		late.Add(1) // before it can be taken away again
		waiting := t.book.late(arrived)
		if waiting == 0 {
			late.Add(-1)
		}
		f.result.Burst.Waited += waiting
	}
	f.say("fleet.back", "n", f.result.Burst.Waited)
	back := time.Now()
	f.record.set(true, true)
	f.line.mend()
	f.again()
	arrived()
	select {
	case <-caught:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	f.result.Burst.Seconds = time.Since(back).Seconds()
	f.record.set(true, false)
	return nil
}

// current is the epoch that the lines are in; again ends it, and all tills try at
// once.
func (f *fleet) current() context.Context {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.epoch
}

func (f *fleet) again() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renew()
	f.epoch, f.renew = context.WithCancel(context.Background())
}

// heard is told what a till's line found. As a real till, it gives back the leases
// that the centre recalls.
func (f *fleet) heard(t *fleetTill, r client.Report) {
	if r.Err == nil {
		if _, err := t.station.ReturnLeases(); err != nil {
			f.stop(err)
		}
		return
	}
	problem, ok := errors.AsType[*pos.Problem](r.Err)
	if !ok {
		f.stop(r.Err)
		return
	}
	f.record.retried(problem.Key)
}

// drain waits until the servers have all that the tills wrote. It gives up where
// nothing moves any more.
func (f *fleet) drain(ctx context.Context) error {
	before, moved := -1, time.Now()
	for {
		left := 0
		for _, t := range f.tills {
			waiting, _ := t.book.Waiting() // which has no error
			left += waiting.Total()
		}
		if left == 0 {
			return nil
		}
		if left != before {
			before, moved = left, time.Now()
		}
		if time.Since(moved) > drainPatience {
			return pos.Refuse("fleet.left", "n", left, "seconds", int(drainPatience.Seconds()))
		}
		if !sleep(ctx, 50*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}

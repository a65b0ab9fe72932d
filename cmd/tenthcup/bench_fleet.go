package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/sync/wire"
)

// fleet is a simulated chain. The tills are here, each with a station, a client and a
// journal in memory; the servers are processes of their own, so that what they cost
// is theirs.
type fleet struct {
	benchFleetCmd
	call *call
	db   string

	areas   []*fleetArea
	tills   []*fleetTill
	codes   []string // one-time, one for each till
	before  map[pos.AreaID]int
	pepper  []byte
	model   *fleetModel
	record  *fleetRecord
	line    *fleetLine
	servers []*fleetServer
	result  fleetResult

	opening time.Time // of the shops, by their own clock
	began   time.Time // when this process began
	people  atomic.Int64
	stop    context.CancelCauseFunc

	mu     sync.Mutex
	opened time.Time // when the day began here; zero before
	epoch  context.Context
	renew  context.CancelFunc
}

// The shops' day.
const (
	openHour = 7
	openFor  = 14 * time.Hour
)

// newFleet refuses what cannot be measured, before anything is made.
func newFleet(b benchFleetCmd, c *call) (*fleet, error) {
	if b.Terminals < 1 || b.Minutes <= 0 || b.Sales < 1 || b.Members < 1 || b.Area < 1 || b.Store < 1 || b.Replicas < 1 || b.Cut < 0 {
		return nil, pos.Refuse("fleet.small")
	}
	if b.Replicas > 1 && !b.remote() {
		return nil, pos.Refuse("fleet.replicas")
	}
	if b.Cut == 0 {
		b.Cut = b.day() / 6
	}
	midnight := time.Now().UTC().Truncate(24 * time.Hour)
	f := &fleet{
		benchFleetCmd: b, call: c, db: b.database(c), before: map[pos.AreaID]int{}, model: newFleetModel(), record: &fleetRecord{},
		opening: midnight.Add(openHour*time.Hour - 24*time.Hour), began: time.Now(),
	}
	f.line = &fleetLine{record: f.record}
	f.line.mend()
	f.epoch, f.renew = context.WithCancel(context.Background())
	return f, nil
}

// day returns how long the shops' day takes here.
func (b *benchFleetCmd) day() time.Duration { return time.Duration(b.Minutes * float64(time.Minute)) }

// now is the shops' clock. Before the day it is the evening before, and runs as ours;
// in the day it runs faster; after it as ours again. All of it was yesterday: no
// entry is from the future.
func (f *fleet) now() time.Time {
	f.mu.Lock()
	opened := f.opened
	f.mu.Unlock()
	if opened.IsZero() {
		return f.opening.Add(-12*time.Hour + time.Since(f.began))
	}
	since := time.Since(opened)
	if since < f.day() {
		return f.opening.Add(time.Duration(float64(since) * float64(openFor) / float64(f.day())))
	}
	return f.opening.Add(openFor + since - f.day())
}

// measure sets the chain up, lets its day pass and waits until the servers have all.
// The servers have ended when it returns.
func (f *fleet) measure(outer context.Context) (err error) {
	ctx, stop := context.WithCancelCause(outer)
	f.stop = stop
	defer f.stop(nil)
	defer func() {
		for _, s := range f.servers {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, step := range []func(context.Context) error{f.build, f.start, f.found, f.pass} {
		err := step(ctx)
		if ctx.Err() != nil {
			err = cmp.Or(outer.Err(), context.Cause(ctx)) // why it was stopped
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// say tells the person who waits how far it is.
func (f *fleet) say(key string, pairs ...any) {
	fmt.Fprintln(f.call.err, f.call.words.T(key, pairs...))
}

// build makes the stores, the program and a one-time code for each till, as the
// commands and the office do.
func (f *fleet) build(context.Context) error {
	start := time.Now()
	err := f.call.withServer(f.db, func(desk *serverDesk) error {
		if err := f.fresh(desk); err != nil {
			return err
		}
		if err := f.lay(); err != nil {
			return err
		}
		f.say("fleet.setup", "tills", f.Terminals, "stores", len(f.tills)/f.Store, "areas", len(f.areas))
		f.pepper = desk.pepper()
		if f.TLS {
			_, pin, err := desk.certificate()
			if err != nil {
				return err
			}
			f.line.pin = &wire.Pin{}
			*f.line.pin = pin
		}
		return f.furnish(desk)
	})
	f.result.SetUp = time.Since(start).Seconds()
	return err
}

// fresh refuses a database that is somebody's.
func (f *fleet) fresh(desk *serverDesk) error {
	shops, err := desk.db.Stores()
	if err != nil || f.IntoExisting {
		return err
	}
	areas, err := desk.db.Areas()
	if err == nil && len(shops)+len(areas) > 0 {
		err = pos.Refuse("fleet.entries", "db", f.DB)
	}
	return err
}

// lay draws who stands where. The areas have names that no other run gave.
func (f *fleet) lay() error {
	var drawn [4]byte
	if _, err := rand.Read(drawn[:]); err != nil {
		return err
	}
	run := "fleet-" + hex.EncodeToString(drawn[:])
	var area *fleetArea
	var shop *fleetShop
	for i := range f.Terminals {
		if i%f.Area == 0 {
			area = &fleetArea{id: pos.AreaID(fmt.Sprintf("%s-%04d", run, len(f.areas))), members: map[pos.HolderID]*pos.Profile{}}
			f.areas = append(f.areas, area)
		}
		if i%f.Area%f.Store == 0 {
			name := fmt.Sprintf("%s-%d", area.id, len(area.shops))
			shop = &fleetShop{area: area, comes: map[pos.HolderID]bool{}, shop: pos.Shop{
				Name: name, Currency: "EUR", Language: "en", Timezone: "UTC", Country: "HU", Area: area.id, Store: pos.StoreID(name),
			}}
			area.shops = append(area.shops, shop)
		}
		till, err := f.newTill(i, shop)
		if err != nil {
			return err
		}
		f.tills = append(f.tills, till)
	}
	for _, area := range f.areas {
		for i, shop := range area.shops {
			shop.neighbour = area.shops[(i+1)%len(area.shops)]
		}
	}
	return nil
}

// furnish writes into the database what a chain has before its first till.
func (f *fleet) furnish(desk *serverDesk) error {
	for _, area := range f.areas {
		for _, shop := range area.shops {
			if err := desk.db.AddStore(shop.shop); err != nil {
				return err
			}
		}
	}
	if err := f.staff(desk); err != nil {
		return err
	}
	f.codes = make([]string, len(f.tills))
	err := inParallel(bookReaders, len(f.tills), func(i int) (err error) {
		f.codes[i], err = newCode(func(once string) error {
			ticket := office.Ticket{Name: f.tills[i].name, Store: f.tills[i].shop.shop.Store, Code: once, Expires: time.Now().Add(24 * time.Hour)}
			return f.do(desk, f.tills[i].shop.area.id, office.TerminalAdded, office.Change{Ticket: &ticket})
		})
		return err
	})
	if err != nil {
		return err
	}
	for _, area := range f.areas {
		counts, err := desk.db.Count(area.id)
		if err != nil {
			return err
		}
		f.before[area.id] = counts.Entries
	}
	return nil
}

// staff publishes the program and adds a cashier, unless an earlier run did.
func (f *fleet) staff(desk *serverDesk) error {
	area := f.areas[0].id
	cashiers, err := desk.db.Cashiers()
	if err != nil {
		return err
	}
	known := false
	for _, cashier := range cashiers {
		known = known || cashier.ID == fleetCashier
	}
	if !known {
		pin, err := station.HashPIN("482913", f.pepper, rand.Reader)
		if err != nil {
			return err
		}
		cashier := pos.Cashier{ID: fleetCashier, Name: "Fleet", Role: pos.RoleCashier, PIN: pin}
		if err := f.do(desk, area, office.CashierAdded, office.Change{Add: &cashier}); err != nil {
			return err
		}
	}
	published := pos.Published{Document: []byte(fleetProgram), From: f.opening.Add(-24 * time.Hour).UnixMilli()}
	if f.IntoExisting {
		published.From = max(published.From, f.latestProgram(desk)+1)
	}
	return f.do(desk, area, office.Published, office.Change{Publish: &published})
}

// latestProgram returns from when the newest program decides, or 0.
func (f *fleet) latestProgram(desk *serverDesk) (latest int64) {
	programs, err := desk.db.Programs()
	if err != nil {
		return 0
	}
	for _, p := range programs {
		latest = max(latest, p.From)
	}
	return latest
}

// do has the office do it, as it does what a manager wants.
func (f *fleet) do(desk *serverDesk, area pos.AreaID, what string, change office.Change) error {
	act := station.Act{Do: what, About: "fleet", Reason: "bench fleet"}
	_, err := desk.office.Do(office.Act{Act: act, Area: area}, change)
	return err
}

// start begins the servers.
func (f *fleet) start(ctx context.Context) error {
	for range f.Replicas {
		s, err := startServer(ctx, f.db, f.TLS, func(err error) { f.stop(err) })
		if err != nil {
			return err
		}
		f.servers = append(f.servers, s)
		f.line.servers = append(f.line.servers, s.host)
	}
	return nil
}

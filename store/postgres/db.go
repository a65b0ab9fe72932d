package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// How long things may take.
const (
	defaultPatience = 10 * time.Second      // a transaction that writes; one that only reads, for each answer of the server
	firstPause      = 50 * time.Millisecond // before the second try; each following one is twice as long
	longest         = time.Second           // of these
	maxAttempts     = 9                     // together some four seconds: a failover takes less, or it takes longer than a till should wait
	jitter          = 0.5                   // of a pause
)

// DB is a database on a PostgreSQL cluster, as rows has it. Any number of processes may
// have one open.
type DB struct {
	pool     *pgxpool.Pool
	ctx      context.Context // ends when the DB is closed
	cancel   context.CancelFunc
	random   func() float64
	patience time.Duration  // of one transaction
	ending   sync.WaitGroup // transactions whose end nobody waits for

	mu    sync.Mutex
	areas map[string]int32
	kept  *keptSetup
	wrote map[string]int // rows, by this process
	look  map[string]int // at how many of them the planner is to look next
}

// View implements rows.DB. It tries again while nothing was read yet.
func (d *DB) View(read func(rows.Tx) error) error {
	return d.again(func() error {
		t, err := d.take("", false, false)
		if err != nil {
			return err
		}
		defer t.cancel()
		defer t.rollback()
		err = guarded(func() error { return read(t) })
		if e, broken := errors.AsType[*early](err); broken && t.answered {
			e.last = true
		}
		return err
	})
}

// Update implements rows.DB.
func (d *DB) Update(area pos.AreaID, write func(rows.Tx) error) error {
	whole := area == ""
	return d.again(func() error {
		err := d.update(area, whole, write)
		if errors.Is(err, errWhole) {
			whole = true
			err = d.update(area, whole, write)
		}
		return err
	})
}

func (d *DB) update(area pos.AreaID, whole bool, write func(rows.Tx) error) error {
	t, err := d.take(area, true, whole)
	if err != nil {
		return err
	}
	defer t.cancel()
	written := false
	defer func() {
		if !written { // also where write panics
			t.rollback()
		}
	}()
	if err := guarded(func() error { return write(t) }); err != nil {
		return err
	}
	written = true
	return guarded(t.commit)
}

// take begins a transaction, as far as that takes no round trip.
func (d *DB) take(area pos.AreaID, writable, whole bool) (*tx, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.patience)
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		cancel()
		return nil, &early{err: err}
	}
	if !writable { // it keeps nobody waiting, and may look at all there is
		cancel()
		ctx, cancel = context.WithCancel(d.ctx)
	}
	t := &tx{db: d, ctx: ctx, cancel: cancel, conn: conn, writable: writable, whole: whole, area: area, spaces: map[pos.AreaID]*space{}}
	t.setup = &space{tx: t, tables: map[string]*table{}}
	return t, nil
}

// early is an error of the database, not of the caller's. The transaction can be tried
// again if the cause may pass, unless this is the last try.
type early struct {
	err  error
	last bool
}

func (e *early) Error() string { return e.err.Error() }
func (e *early) Unwrap() error { return e.err }

// guarded turns the panic over a database that did not answer into its error.
func guarded(call func() error) (err error) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case failed:
			err = &early{err: cause.err}
		case rows.CallersPanic:
			panic(cause.Cause)
		default:
			panic(cause)
		}
	}()
	return call()
}

// again tries until it succeeds, or fails for a reason that does not pass.
func (d *DB) again(try func() error) error {
	inTime, cancel := context.WithTimeout(d.ctx, d.patience*3/2) // also where each try takes long
	defer cancel()
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := try()
		e, tried := errors.AsType[*early](err)
		if !tried {
			return err
		}
		if e.last || attempt == maxAttempts || !passes(e.err) || inTime.Err() != nil {
			return explain(e.err)
		}
		if !d.rest(pause - time.Duration(jitter*d.random()*float64(pause))) {
			return explain(e.err)
		}
		pause = min(2*pause, longest)
	}
}

// rest waits and reports whether the DB is still open.
func (d *DB) rest(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-d.ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Close implements rows.DB.
func (d *DB) Close() error {
	d.ending.Wait()
	d.cancel()
	d.pool.Close()
	return nil
}

// Check implements rows.DB. PostgreSQL looks after its pages itself, with checksums.
func (d *DB) Check(_ *rows.Findings, walk func(rows.Tx) error) error { return d.View(walk) }

// Pool says how many connections are in use, idle and allowed, and how long callers have
// waited for one in all.
func (d *DB) Pool() (inUse, idle, most int, waited time.Duration) {
	s := d.pool.Stat()
	return int(s.AcquiredConns()), int(s.IdleConns()), int(s.MaxConns()), s.EmptyAcquireWaitTime()
}

// numberOf returns the area's number, if this process has heard of the area.
func (d *DB) numberOf(area pos.AreaID) (int32, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, known := d.areas[string(area)]
	return id, known
}

func (d *DB) remember(areas map[string]int32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.areas = areas
}

// setupOf returns what is known of the setup as it is at the revision.
func (d *DB) setupOf(revision int64) *keptSetup {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept != nil && d.kept.revision == revision {
		return d.kept
	}
	return &keptSetup{revision: revision}
}

func (d *DB) keep(setup *keptSetup) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = setup
}

var errUnreplicated = fmt.Errorf("%w: committed, but not on a standby", store.ErrUnsure)

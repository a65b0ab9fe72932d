package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// tx is one transaction. It reads rows when they are asked for, or many at once when they
// are announced, keeps what is to be written, and writes all of it at the end. So a batch
// takes as many round trips as it has announcements, and one more, however large it is.
type tx struct {
	cancel   context.CancelFunc
	db       *DB
	ctx      context.Context
	conn     *pgxpool.Conn
	writable bool
	whole    bool       // it may write into the setup, and into every area
	area     pos.AreaID // the only one that it may write into, if not whole

	begun    bool
	made     bool // an area
	answered bool // the database has answered
	spaces   map[pos.AreaID]*space
	setup    *space
	kept     *keptSetup // what the process knows of the setup
}

// space is the tables of an area, or the parts of the setup.
type space struct {
	tx        *tx
	id        int32 // 0 is the setup
	name      pos.AreaID
	tables    map[string]*table
	numbers   string            // how many rows some tables have, in JSON; "" until it was read
	counts    map[string]uint64 // the same, nil until somebody asks
	recounted bool
	locked    bool
}

// failed is a panic over what the database did not do. Where a rows.Table has no error
// to return it is the way out of the transaction.
type failed struct{ err error }

func fail(err error) {
	if err != nil {
		panic(failed{err})
	}
}

// errWhole says that a transaction of one area has to write into the setup, and is to
// begin again as one of all.
var errWhole = errors.New("writes into the setup")

// writes reports whether the transaction may write into the space.
func (t *tx) writes(into *space) error {
	switch {
	case !t.writable:
		return errors.New("write in a transaction that reads")
	case t.whole || into.id != 0 && into.name == t.area:
		return nil
	case into.id == 0:
		panic(failed{errWhole})
	}
	return fmt.Errorf("write into area %q in a transaction of area %q", into.name, t.area)
}

// Writable implements rows.Tx.
func (t *tx) Writable() bool { return t.writable }

// Areas implements rows.Tx.
func (t *tx) Areas() (areas []pos.AreaID) {
	known := map[string]int32{}
	t.round(func(b *pgx.Batch) { b.Queue(allAreas).Query(readAreas(known)) })
	t.db.remember(known)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		areas = append(areas, pos.AreaID(name))
	}
	return areas
}

const allAreas = "select area, name from tenthcup.area where area > 0"

func readAreas(into map[string]int32) func(pgx.Rows) error {
	return func(found pgx.Rows) error {
		return eachRow(found, func() error {
			var id int32
			var name string
			err := found.Scan(&id, &name)
			into[name] = id
			return err
		})
	}
}

// In implements rows.Tx.
func (t *tx) In(area pos.AreaID) (rows.Space, error) {
	s := t.space(area)
	if s == nil && !t.writable {
		return nil, nil
	}
	if s == nil {
		if !t.whole {
			panic(failed{errWhole})
		}
		s = t.make(area)
	}
	if t.writable && !s.locked && (t.whole || area == t.area) {
		t.lock(s)
	}
	return s, nil
}

// space returns the area's tables, nil where there is no such area.
func (t *tx) space(area pos.AreaID) *space {
	if s := t.spaces[area]; s != nil {
		return s
	}
	id, known := t.db.numberOf(area)
	if !known {
		t.Areas()
		if id, known = t.db.numberOf(area); !known {
			return nil
		}
	}
	return t.enter(id, area)
}

func (t *tx) enter(id int32, area pos.AreaID) *space {
	if s := t.spaces[area]; s != nil {
		return s
	}
	s := &space{tx: t, id: id, name: area, tables: map[string]*table{}}
	t.spaces[area] = s
	return s
}

// make adds an area. The transaction holds the lock on the setup.
func (t *tx) make(area pos.AreaID) *space {
	var id int32
	t.round(func(b *pgx.Batch) {
		b.Queue("insert into tenthcup.area (area, name) select max(area) + 1, $1 from tenthcup.area returning area", string(area)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&id) })
	})
	t.made = true
	return t.enter(id, area)
}

const (
	lockArea  = "select counts from tenthcup.area where area = $1 for update"
	readArea  = "select counts from tenthcup.area where area = $1"
	readSetup = "select counts, revision from tenthcup.head"
	// Of both, what the head says is the older: it is read before the lock is waited for.
	lockBoth  = "select place.counts, head.counts, head.revision from tenthcup.area as place cross join tenthcup.head as head where place.area = $1 for update of place"
	lockSetup = "select area from tenthcup.area where area = 0 for update"
)

// lock makes the others who would write into the area wait.
func (t *tx) lock(s *space) {
	if !t.begun {
		t.round(nothing) // which locks the area of the transaction
	}
	if s.locked {
		return
	}
	t.round(func(b *pgx.Batch) { b.Queue(lockArea, s.id).QueryRow(s.count) })
	s.locked = true
}

func (s *space) count(row pgx.Row) error {
	s.counts = nil
	return row.Scan(&s.numbers)
}

// counted returns how many rows some tables have.
func (s *space) counted() map[string]uint64 {
	if s.numbers == "" && s.id == 0 {
		s.tx.round(nothing) // which reads those of the setup
	}
	if s.numbers == "" {
		s.tx.round(func(b *pgx.Batch) { b.Queue(readArea, s.id).QueryRow(s.count) })
	}
	if s.counts == nil {
		fail(json.Unmarshal([]byte(s.numbers), &s.counts))
	}
	return s.counts
}

func (s *space) number(table string) uint64 { return s.counted()[table] }

func (s *space) setNumber(table string, n uint64) error {
	if err := s.tx.writes(s); err != nil {
		return err
	}
	s.counted()[table] = n
	s.recounted = true
	return nil
}

// Table implements rows.Space.
func (s *space) Table(name []byte) rows.Table {
	if p := s.part(string(name)); p != nil {
		return p
	}
	if t := s.table(string(name)); t != nil {
		return t
	}
	return nil
}

// part returns the table if it is a part of another one, else nil.
func (s *space) part(name string) *part {
	if parts[name] == nil || s.id == 0 {
		return nil
	}
	return &part{s.table(small), name, parts[name]}
}

func (s *space) table(name string) *table {
	if t := s.tables[name]; t != nil {
		return t
	}
	t := &table{tx: s.tx, space: s, name: name, place: s.id, texts: ledgerTables[name], rows: map[string]*row{}}
	if s.id == 0 {
		t.place, t.texts = name, setupTexts
		t.whole, t.kept = s.tx.keptPart(name)
	}
	if t.texts == nil {
		return nil
	}
	s.tables[name] = t
	return t
}

// Make implements rows.Space. The tables are made by Migrate.
func (s *space) Make(name []byte) (rows.Table, error) {
	if t := s.Table(name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("no table %s", name)
}

// Table implements rows.Space.
func (t *tx) Table(name []byte) rows.Table { return t.setup.Table(name) }

// Make implements rows.Space.
func (t *tx) Make(name []byte) (rows.Table, error) { return t.setup.Make(name) }

// Load brings the wanted rows in one round trip.
func (t *tx) Load(wants []rows.Want) {
	counting := map[*space]bool{}
	t.round(func(b *pgx.Batch) {
		for _, w := range joined(wants) {
			s := t.setup
			if w.Area != "" {
				s = t.spaces[w.Area]
			}
			if w.Area != "" && s == nil {
				if id, known := t.db.numberOf(w.Area); known {
					s = t.enter(id, w.Area)
				}
			}
			if s == nil {
				continue // it is looked for when it is asked for
			}
			switch {
			case s.id == 0 || s.locked || counting[s]:
			case t.writable && t.whole: // what it reads must not change any more
				b.Queue(lockArea, s.id).QueryRow(s.count)
				s.locked = true
			case s.numbers == "":
				counting[s] = true
				b.Queue(readArea, s.id).QueryRow(s.count)
			}
			if table := s.loadable(string(w.Table)); table != nil {
				table.load(b, w)
			}
		}
	})
}

// Forget is for rows.Forget.
func (t *tx) Forget() {
	if t.writable {
		return
	}
	t.setup.forget()
	for _, s := range t.spaces {
		s.forget()
	}
}

func (s *space) forget() {
	for _, t := range s.tables {
		t.rows, t.spans, t.end = map[string]*row{}, nil, nil
	}
}

// loadable returns the table where that takes no round trip.
func (s *space) loadable(name string) *table {
	if s.id == 0 && !s.tx.begun && keptParts[name] {
		return nil
	}
	return s.table(name)
}

// round sends what queue queues, and before the first of it what begins the transaction.
func (t *tx) round(queue func(*pgx.Batch)) {
	b := &pgx.Batch{}
	if !t.begun {
		t.begin(b)
	}
	queue(b)
	if b.Len() == 0 {
		return
	}
	t.begun = true
	ctx := t.ctx
	if !t.writable {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.db.patience)
		defer cancel()
	}
	fail(t.conn.SendBatch(ctx, b).Close())
	t.answered = true
}

func nothing(*pgx.Batch) {}

// begin queues what begins the transaction: the locks first, so that everything behind
// them sees what the last writer left.
func (t *tx) begin(b *pgx.Batch) {
	head := func(row pgx.Row) error { return t.revised(row) }
	if !t.writable {
		b.Queue("begin isolation level repeatable read, read only")
		b.Queue(readSetup).QueryRow(head)
		return
	}
	b.Queue("begin isolation level read committed")
	if t.whole {
		b.Queue(lockSetup)
		b.Queue(readSetup).QueryRow(head)
		return
	}
	id, known := t.db.numberOf(t.area)
	if !known {
		b.Queue(readSetup).QueryRow(head)
		return
	}
	s := t.enter(id, t.area)
	s.locked = true
	b.Queue(lockBoth, id).QueryRow(func(row pgx.Row) error { return t.revised(row, &s.numbers) })
}

// revised reads a row that ends with what the head says.
func (t *tx) revised(row pgx.Row, before ...any) error {
	var revision int64
	err := row.Scan(append(before, &t.setup.numbers, &revision)...)
	t.kept = t.db.setupOf(revision)
	return err
}

// commit writes what was changed, in one round trip with the end of the transaction.
func (t *tx) commit() error {
	b := &pgx.Batch{}
	if !t.begun {
		t.begin(b)
	}
	begun := b.Len()
	for _, area := range slices.Sorted(maps.Keys(t.spaces)) {
		t.spaces[area].flush(b)
	}
	t.setup.flush(b)
	if t.setup.revises() {
		b.Queue("update tenthcup.head set revision = revision + 1")
	}
	if b.Len() == begun && !t.made && !t.touch(b) {
		t.rollback()
		return nil
	}
	if err := t.ctx.Err(); err != nil {
		t.rollback()
		return &early{err: err}
	}
	var end pgconn.CommandTag
	b.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		end = tag
		return nil
	})
	said := t.conn.Conn().PgConn().CustomData()
	delete(said, warning)
	left, err := t.conclude(b)
	if left {
		return &early{err: &uncertain{err}}
	}
	if err == nil && end.String() != "COMMIT" {
		err = errors.New("commit: the transaction was rolled back")
	}
	if text, warned := said[warning]; err == nil && warned {
		err = fmt.Errorf("%w: %v", errUnreplicated, text)
	}
	t.conn.Release() // which closes it if it is in no known state
	if err != nil {
		return &early{err: &uncertain{err}}
	}
	t.db.written(t.spaces)
	return nil
}

// touch queues a write that changes nothing, where the transaction found nothing to do. It
// may be that it all was there already but on no standby, and who asked again is to wait
// for that like the first time. It reports whether there is a row to write.
func (t *tx) touch(b *pgx.Batch) bool {
	id, known := int32(0), t.whole
	if s := t.spaces[t.area]; s != nil && s.locked {
		id, known = s.id, true
	}
	if known {
		b.Queue("update tenthcup.area set name = name where area = $1", id)
	}
	return known
}

// conclude sends the end of the transaction and waits for it, as long as the patience
// lasts. It is never cancelled: PostgreSQL would give up waiting for the standby and show
// everybody what it has committed, and that would be lost with the primary. So what can be
// seen is replicated. Who gives up leaves the connection; the server keeps the locks until
// the standby has answered.
func (t *tx) conclude(b *pgx.Batch) (left bool, err error) {
	conn, done := t.conn.Conn(), make(chan error, 1)
	go func() { done <- conn.SendBatch(context.WithoutCancel(t.ctx), b).Close() }()
	select {
	case err := <-done:
		return false, err
	case <-t.ctx.Done():
	}
	t.conn.Hijack()
	go func() {
		if <-done == nil {
			_ = conn.Close(t.db.ctx) // nobody waits for it any more
		}
	}()
	return true, t.ctx.Err()
}

func (s *space) flush(b *pgx.Batch) {
	for _, name := range slices.Sorted(maps.Keys(s.tables)) {
		s.tables[name].flush(b)
	}
	if s.recounted {
		text, err := json.Marshal(s.counts)
		fail(err)
		if s.id == 0 {
			b.Queue("update tenthcup.head set counts = $1", string(text))
		} else {
			b.Queue("update tenthcup.area set counts = $2 where area = $1", s.id, string(text))
		}
	}
}

// revises reports whether something was changed of what processes keep in memory.
func (s *space) revises() bool {
	for name, t := range s.tables {
		if keptParts[name] && t.dirty > 0 {
			return true
		}
	}
	return false
}

// rollback ends the transaction without waiting for it.
func (t *tx) rollback() {
	if !t.begun {
		t.conn.Release()
		return
	}
	conn := t.conn
	t.db.ending.Go(func() {
		_, err := conn.Exec(t.db.ctx, "rollback")
		if err != nil {
			_ = conn.Conn().Close(t.db.ctx)
		}
		conn.Release()
	})
}

// keptParts are the parts of the setup that are small, read by every batch and changed
// seldom: each process keeps them in memory, and each transaction asks whether they are
// still the same.
var keptParts = map[string]bool{"store": true, "program": true, "item": true, "cashier": true, "meta": true}

// keptSetup is the kept parts, as they were at a revision.
type keptSetup struct {
	revision int64
	parts    map[string][]rowAt
}

// keptPart returns the part's rows in order, if it is one that is kept.
func (t *tx) keptPart(name string) ([]rowAt, bool) {
	if !keptParts[name] {
		return nil, false
	}
	if !t.begun {
		t.round(nothing)
	}
	if t.kept.parts == nil {
		t.kept = &keptSetup{t.kept.revision, t.readParts()}
		t.db.keep(t.kept)
	}
	return t.kept.parts[name], true
}

func (t *tx) readParts() map[string][]rowAt {
	parts := map[string][]rowAt{}
	names := slices.Sorted(maps.Keys(keptParts))
	t.round(func(b *pgx.Batch) {
		b.Queue("select part, key, value from tenthcup.setup where part = any($1)", names).Query(func(found pgx.Rows) error {
			return eachRow(found, func() error {
				var part string
				var r rowAt
				err := found.Scan(&part, &r.key, &r.value)
				parts[part] = append(parts[part], r)
				return err
			})
		})
	})
	for _, part := range parts {
		slices.SortFunc(part, func(a, b rowAt) int { return cmp.Or(bytes.Compare(a.key, b.key)) })
	}
	return parts
}

package central

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// A ledger is tables of the same rows wherever it is kept, so it moves to another back end
// row by row, table by table and area by area, in the order of the keys. Each transaction
// writes some thousand rows and how far the copy has come, so one that was broken off goes
// on from there. The format comes with the last rows: until then, and until the rows of
// both sides were compared, the copy is no ledger to anybody.

// What a person can do something about.
var (
	// ErrNotEmpty says that there is something else where the copy was to go.
	ErrNotEmpty = pos.Refuse("copy.notempty")
	// ErrChanged says that somebody wrote into the ledger while it was copied.
	ErrChanged = pos.Refuse("copy.changed")
)

// Limits on what one transaction of a copy writes.
const (
	copyRows  = 4000
	copyBytes = 4 << 20
)

// Copied is how far a copy has come.
type Copied struct {
	Area      pos.AreaID `json:"-"` // "" for what is of no area
	Table     string     `json:"-"` // where it is
	Tables    int        `json:"tables"`
	All       int        `json:"-"`    // tables in all
	Rows      uint64     `json:"rows"` // copied, those of a run before too; or compared
	Comparing bool       `json:"-"`    // the rows of both sides are being compared
}

// Copy copies the ledger into an empty database, or goes on with a copy that was broken
// off, and compares every row of both sides. It returns where they differ: nowhere, or the
// copy stays unusable. Each transaction is followed by a call of progress, whose error ends
// the copy as a kill of the process would. Nobody may write into the ledger meanwhile: it is
// ErrChanged if somebody did. A database with something else in it is ErrNotEmpty and is
// not touched.
func (c *Book) Copy(to rows.DB, progress func(Copied) error) (differences []store.Finding, done Copied, err error) {
	m, err := c.moving(to, progress)
	if err != nil {
		return nil, done, err
	}
	for int(m.mark.Whole) < len(m.parts) {
		if err := m.step(); err != nil {
			return nil, m.state(), err
		}
	}
	done = m.state()
	differences, err = m.compare()
	if err != nil || len(differences) > 0 {
		return differences, done, err
	}
	if err := m.unchanged(); err != nil {
		return nil, done, err
	}
	return nil, done, m.to.Update("", func(tx rows.Tx) error { return tx.Table(rows.Meta).Delete(rows.CopyingKey) })
}

// part is a table of the ledger.
type part struct {
	area  pos.AreaID // "" for one of no area
	table []byte
}

func (p part) String() string {
	if p.area == "" {
		return string(p.table)
	}
	return fmt.Sprintf("area %s: %s", p.area, p.table)
}

// in returns the table, nil where it is not there.
func (p part) in(tx rows.Tx) (rows.Table, error) {
	if p.area == "" {
		return tx.Table(p.table), nil
	}
	space, err := tx.In(p.area)
	if err != nil || space == nil {
		return nil, err
	}
	return space.Table(p.table), nil
}

// make returns the table, and makes it where it is not there.
func (p part) make(tx rows.Tx) (rows.Table, error) {
	if p.area == "" {
		return tx.Make(p.table)
	}
	space, err := tx.In(p.area)
	if err != nil {
		return nil, err
	}
	return space.Make(p.table)
}

// setupTables are the tables of no area. Meta is the last: it says that all is there.
var setupTables = [][]byte{
	storeTable, terminalTable, ticketTable, cashierTable, programTable, rows.ItemTable,
	centralTriesTable, seenTable, revokedTable, orderTable, rows.Meta,
}

// parts returns all tables in the order in which they are copied.
func parts(tx rows.Tx) (all []part) {
	for _, id := range tx.Areas() {
		for _, t := range (&area{}).tables() {
			all = append(all, part{id, t.name})
		}
	}
	for _, name := range setupTables {
		all = append(all, part{table: name})
	}
	return all
}

// mark is how far a copy has come, as it is written with the rows.
type mark struct {
	Source []byte `cbor:"1,keyasint"`           // what the ledger was when the copy began: see digest
	Whole  uint   `cbor:"2,keyasint"`           // tables that are copied
	Last   []byte `cbor:"3,keyasint,omitempty"` // the last key that was copied of the next one
	Rows   uint64 `cbor:"4,keyasint"`
}

func (m mark) same(other mark) bool {
	return bytes.Equal(m.Source, other.Source) && m.Whole == other.Whole && bytes.Equal(m.Last, other.Last) && m.Rows == other.Rows
}

// move is a copy under way.
type move struct {
	from, to rows.DB
	parts    []part
	mark     mark
	progress func(Copied) error
}

// moving begins the copy, or goes on with one.
func (c *Book) moving(to rows.DB, progress func(Copied) error) (*move, error) {
	m := &move{from: c.db, to: to, progress: progress}
	var source []byte
	err := m.from.View(func(tx rows.Tx) (err error) {
		m.parts = parts(tx)
		source, err = digest(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = m.to.Update("", func(tx rows.Tx) error {
		m.mark = mark{Source: source}
		known, err := markOf(tx)
		switch {
		case err != nil:
			return err
		case known == nil:
			return m.claim(tx)
		case !bytes.Equal(known.Source, source):
			return ErrChanged
		}
		m.mark = *known
		return nil
	})
	return m, err
}

// markOf returns how far a copy into the database has come, nil if none was begun.
func markOf(tx rows.Tx) (*mark, error) {
	meta := tx.Table(rows.Meta)
	if meta == nil {
		return nil, nil
	}
	var known mark
	found, err := rows.Get(meta, rows.CopyingKey, &known)
	if err != nil || !found {
		return nil, err
	}
	return &known, nil
}

// claim marks an empty database as one that is being copied into.
func (m *move) claim(tx rows.Tx) error {
	if !empty(tx) {
		return ErrNotEmpty
	}
	for _, name := range [][]byte{rows.Meta, rows.Areas} {
		if _, err := tx.Make(name); err != nil {
			return err
		}
	}
	return rows.Put(tx.Table(rows.Meta), rows.CopyingKey, m.mark)
}

func empty(tx rows.Tx) bool {
	if tx.Table(rows.Areas) != nil && len(tx.Areas()) > 0 {
		return false
	}
	for _, name := range setupTables {
		table := tx.Table(name)
		if table == nil {
			continue
		}
		if key, _ := table.Cursor().First(); key != nil {
			return false
		}
	}
	return true
}

func (m *move) state() Copied {
	s := Copied{Tables: int(m.mark.Whole), All: len(m.parts), Rows: m.mark.Rows}
	if s.Tables < s.All {
		s.Area, s.Table = m.parts[s.Tables].area, string(m.parts[s.Tables].table)
	}
	return s
}

// step copies the next rows in one transaction.
func (m *move) step() error {
	next := m.mark
	var pieces []piece
	err := m.from.View(func(tx rows.Tx) (err error) {
		next = m.mark
		pieces, err = m.read(tx, &next)
		return err
	})
	if err != nil {
		return err
	}
	if err := m.surely(func(tx rows.Tx) error { return m.write(tx, pieces, next) }); err != nil {
		return err
	}
	m.mark = next
	return m.progress(m.state())
}

// surely writes again where nobody knows whether it was written: what is there is passed
// over.
func (m *move) surely(write func(rows.Tx) error) (err error) {
	for range maxUnsure {
		if err = m.to.Update("", write); !errors.Is(err, store.ErrUnsure) {
			return err
		}
	}
	return err
}

// read returns the rows behind the mark, and takes the mark behind them.
func (m *move) read(tx rows.Tx, at *mark) (pieces []piece, err error) {
	room := room{copyRows, copyBytes}
	for int(at.Whole) < len(m.parts) && room.left() {
		one, err := m.parts[at.Whole].read(tx, at.Last, &room)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, one)
		at.Rows += uint64(len(one.rows))
		if one.whole {
			at.Whole, at.Last = at.Whole+1, nil
		} else {
			at.Last = one.rows[len(one.rows)-1].key
		}
	}
	return pieces, nil
}

// write writes the pieces, unless they are there.
func (m *move) write(tx rows.Tx, pieces []piece, next mark) error {
	known, err := markOf(tx)
	switch {
	case err != nil:
		return err
	case known == nil || !known.same(m.mark) && !known.same(next):
		return store.ErrInUse // somebody else goes on with it too
	case known.same(next):
		return nil
	}
	for _, one := range pieces {
		if err := one.write(tx); err != nil {
			return err
		}
	}
	return rows.Put(tx.Table(rows.Meta), rows.CopyingKey, next)
}

// unchanged refuses a ledger that is another than when its copy began.
func (m *move) unchanged() error {
	return m.from.View(func(tx rows.Tx) error {
		is, err := digest(tx)
		if err == nil && !bytes.Equal(is, m.mark.Source) {
			err = ErrChanged
		}
		return err
	})
}

// telling are the tables of an area that every kind of change to it shows in, besides the
// last row of the feed. None grows with the number of entries or members.
var telling = [][]byte{chainTable, latestTable, areaLeaseTable, areaReachedTable, areaOpenTable, areaSwitchTable}

// digest returns a hash that is another one whenever something was written into the ledger.
func digest(tx rows.Tx) ([]byte, error) {
	sum := sha256.New()
	for _, p := range parts(tx) {
		table, err := p.in(tx)
		if err != nil {
			return nil, err
		}
		if table == nil {
			continue
		}
		put(sum, []byte(p.String()), rows.NumberKey(table.Number()))
		whole := p.area == ""
		for _, name := range telling {
			whole = whole || bytes.Equal(name, p.table)
		}
		switch {
		case whole:
			_ = rows.Each(table, func(key, row []byte) error {
				put(sum, key, row)
				return nil
			})
		case bytes.Equal(p.table, feedTable):
			key, row := table.Cursor().Last()
			put(sum, key, row)
		}
	}
	return sum.Sum(nil), nil
}

func put(sum hash.Hash, texts ...[]byte) {
	for _, text := range texts {
		sum.Write(rows.NumberKey(uint64(len(text))))
		sum.Write(text)
	}
}

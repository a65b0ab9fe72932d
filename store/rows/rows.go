// Package rows is what the central ledger is kept in: tables of rows that are found
// by their keys and read in the order of them. The ledger, its checks and its copies
// know no more of a back end than this, so they are the same on one bbolt file and
// on a PostgreSQL cluster. It has, too, how keys and rows are written, which a till's
// file shares.
//
// A row that is read stands until the transaction ends and must not be changed. What
// cannot be read, because a file is damaged or a server is away, ends the transaction
// from within by a panic that View and Update turn into their error; so a Get has no
// error of its own.
package rows

import "tenthcup/pos"

// DB is a database. It is safe for concurrent use.
type DB interface {
	// View runs read on one state of the whole database.
	View(read func(Tx) error) error
	// Update runs write and commits what it wrote. It returns nil only if that is
	// durable, and replicated where there are replicas, and an error only if nothing
	// of it is, store.ErrUnsure apart. The error of write is returned as it is.
	// Writers of one area wait for each other; those of different areas need not.
	// A writer of no area ("") may write into all of them, and into the tables of
	// none. Write may be run several times, and only the last time counts.
	Update(area pos.AreaID, write func(Tx) error) error
	// Check looks for damage of the medium itself. Where it finds none it runs walk as
	// View runs read. An error says that it could not be read, or is that of walk;
	// store.ErrCorrupt is damage that ended the walk.
	Check(found *Findings, walk func(Tx) error) error
	// Close waits for transactions that are under way.
	Close() error
}

// Tx is a transaction. Its tables are those of no area.
type Tx interface {
	Space
	// Writable reports whether it is one of Update.
	Writable() bool
	// Areas returns the areas in the order of their names.
	Areas() []pos.AreaID
	// In returns the tables of an area, nil where there are none yet. A transaction
	// that writes makes the area, and from then on no other one writes into it.
	In(area pos.AreaID) (Space, error)
}

// Space is a set of tables.
type Space interface {
	// Table returns the table of the name, nil where there is none.
	Table(name []byte) Table
	// Make returns the table, and makes it where there is none.
	Make(name []byte) (Table, error)
}

// Table is rows in the order of their keys.
type Table interface {
	// Get returns the row under the key, nil if there is none.
	Get(key []byte) []byte
	Put(key, value []byte) error
	// Delete forgets the row under the key, if there is one.
	Delete(key []byte) error
	Cursor() Cursor
	Counter
}

// Mover is a table that can move a row cheaper than by deleting it and putting it anew.
type Mover interface {
	Move(from, to, value []byte) error
}

// Move takes the row from one key to another, with a value.
func Move(t Table, from, to, value []byte) error {
	if m, ok := t.(Mover); ok {
		return m.Move(from, to, value)
	}
	if err := t.Delete(from); err != nil {
		return err
	}
	return t.Put(to, value)
}

// Counter is a number that is kept with a table: how many rows it has, where somebody
// wants to know without reading them all.
type Counter interface {
	Number() uint64
	SetNumber(n uint64) error
}

// Cursor walks over a table. Each method returns the row it comes to, or nil. The
// table must not be changed on the way.
type Cursor interface {
	First() (key, value []byte)
	Last() (key, value []byte)
	// Seek goes to the row under the key, or the first one behind it.
	Seek(key []byte) (at, value []byte)
	Next() (key, value []byte)
	Prev() (key, value []byte)
}

// Want is rows that a transaction will look at.
type Want struct {
	Area   pos.AreaID // "" for a table of no area
	Table  []byte
	Keys   [][]byte
	Ranges []Range
	Limit  int  // of the rows of each range, where there is one range; 0 is none
	Last   bool // the last row of the table
	// Follow is tables whose rows under what stands in the rows of the ranges are wanted
	// too: what the holders have who are in a part of the feed.
	Follow [][]byte
}

// Range is all rows from a key on and before another.
type Range struct{ From, Until []byte }

// Load says what the transaction will look at soon, so that a database behind a line
// can bring it at once, and reports whether it did. It changes nothing but the time that
// takes.
func Load(tx Tx, wants ...Want) bool {
	l, behindALine := tx.(interface{ Load(wants []Want) })
	if behindALine {
		l.Load(wants)
	}
	return behindALine
}

// Loads reports whether the transaction gains by what Load is told.
func Loads(tx Tx) bool {
	_, ok := tx.(interface{ Load(wants []Want) })
	return ok
}

// Forget lets go of what Load has brought into a transaction that reads, so that one that
// looks at everything keeps little of it in memory at a time.
func Forget(tx Tx) {
	if f, ok := tx.(interface{ Forget() }); ok {
		f.Forget()
	}
}

// InOrder says that rows will be put into the table behind those it has, in the order of
// their keys, so that a file leaves little room in between. It changes nothing else.
func InOrder(t Table) {
	if o, ok := t.(interface{ InOrder() }); ok {
		o.InOrder()
	}
}

// Package central is the central ledger: what the tills of all stores have sent, what
// it comes to, and what they are told. It promises what package store promises, in any
// database that package rows describes.
package central

import (
	"errors"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// The tables of a central server, besides the item list, the areas and Meta.
var (
	storeTable    = []byte("store")    // store id -> pos.Shop
	terminalTable = []byte("terminal") // terminal id -> pos.Terminal
	ticketTable   = []byte("ticket")   // the first three signs of a one-time code -> ticket
	cashierTable  = []byte("cashier")  // cashier id -> pos.Cashier, sealed
	programTable  = []byte("program")  // moment from which it decides, ms -> document
)

// The tables of an area's ledger. Nothing of one area is in another's.
var (
	chainTable      = []byte("chain")      // terminal, incarnation -> chain
	latestTable     = []byte("latest")     // terminal -> incarnation of the last entry that was taken
	entryTable      = []byte("entry")      // entry id -> its bytes
	accountTable    = []byte("account")    // holder -> holding; the table's number is their number
	feedTable       = []byte("feed")       // position -> holder; one row for a holder
	historyTable    = []byte("history")    // holder, entry id; for the entries that count and move something
	askedTable      = []byte("asked")      // entry id, place of a posting -> what its reversals asked for
	quarantineTable = []byte("quarantine") // SHA-256 -> quarantined; the table's number is their number

	areaProfileTable   = []byte("profile")   // holder -> pos.Profile, sealed
	areaCodeTable      = []byte("code")      // sealed word of a code or phone number, holder
	areaLeaseTable     = []byte("lease")     // terminal, holder, lease id; for the leases that are out
	areaReachedTable   = []byte("reached")   // terminal -> position up to which it is known to have the feed
	areaExceptionTable = []byte("exception") // exception id -> exception
	areaOpenTable      = []byte("open")      // moment, exception id; for those that wait; the number is theirs
	areaOnceTable      = []byte("once")      // a receipt of a store, or a coupon's code -> id of the entry that has it
	areaWrittenTable   = []byte("written")   // terminal, number -> incarnation, Seq; for entries that the server wrote
	areaSwitchTable    = []byte("switch")    // store id -> turned
	areaRollupTable    = rollup.Table        // what reports are read from
)

// versionKey is a row of the meta table: how often something of all rosters was
// changed. The version of a store's roster is that and how often its switches were
// turned.
var versionKey = []byte("version")

// Book is the central ledger, in a file or in a database. Its methods are safe for
// concurrent use.
//
// Profiles and cashiers are sealed in it; who the ledger is about is in random
// ids only.
type Book struct {
	db    rows.DB
	seal  *seal.Sealer
	rules *known

	groups groups    // of batches that wait for their area
	seen   sightings // of terminals
}

// Open returns the ledger in the database, and makes one where it is empty. What is
// wrong with it is store.ErrNewer, ErrOlder, ErrOther, ErrSecret, ErrCopying or ErrCorrupt. The
// database stays the caller's to close if there is an error, else Close does.
func Open(db rows.DB, secret seal.Secret) (*Book, error) {
	c := &Book{db: db, seal: seal.New(secret), rules: &known{}}
	empty := false
	err := db.View(func(tx rows.Tx) error {
		if empty = !rows.Made(tx); empty {
			return nil
		}
		return Ready(tx, c.seal)
	})
	if err == nil && empty { // unless somebody else makes it meanwhile
		err = db.Update("", func(tx rows.Tx) error { return Ready(tx, c.seal) })
	}
	if err == nil {
		err = c.rolled()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Ready makes the tables of an empty database in a transaction that writes, and
// refuses any other database than one of a central server with this secret.
func Ready(tx rows.Tx, s *seal.Sealer) error {
	want := rows.Format{Kind: rows.CentralKind, Version: rows.FormatVersion}
	return rows.Ready(tx, want, s, storeTable, terminalTable, ticketTable, cashierTable, programTable, rows.Areas, rows.ItemTable)
}

// Close writes which terminals were seen and lets go of the database. It waits for calls
// that are under way.
func (c *Book) Close() error {
	return errors.Join(c.writeSeen(c.seen.rest()), c.db.Close())
}

// chain is how far an incarnation of a terminal was taken.
type chain struct {
	Seq  uint64   `cbor:"1,keyasint"` // of the last entry
	Head pos.Hash `cbor:"2,keyasint"` // its hash
}

// holding is what a holder has, and where its last change is in the feed.
type holding struct {
	Sums     ledger.Sums      `cbor:"1,keyasint,omitempty"`
	Position uint64           `cbor:"2,keyasint"`           // 0 for a holder who is not there yet
	Leases   []lent           `cbor:"3,keyasint,omitempty"` // what is out of it
	Tills    []pos.TerminalID `cbor:"4,keyasint,omitempty"` // where the holder was last, the latest first
	Into     pos.HolderID     `cbor:"5,keyasint,omitzero"`  // who has it all since they were merged
	Met      []byte           `cbor:"6,keyasint,omitempty"` // what rollups know of the member: see met
}

// quarantined is store.Quarantined as a row.
type quarantined struct {
	Terminal pos.TerminalID `cbor:"1,keyasint"`
	Raw      []byte         `cbor:"2,keyasint"`
	Reason   store.Reason   `cbor:"3,keyasint"`
	At       int64          `cbor:"4,keyasint"`
	Settled  *settlement    `cbor:"5,keyasint,omitempty"`
	Released bool           `cbor:"6,keyasint,omitempty"` // settled so that it counts
}

// area is the ledger of one area within a transaction.
type area struct {
	tx   rows.Tx
	id   pos.AreaID
	seal *seal.Sealer

	chain, latest, entry, account, profile, feed, history, asked, quarantine rows.Table
	code, lease, reached, exception, open, once, written, switches, rollup   rows.Table
}

// slot is a table of an area and where its handle goes.
type slot struct {
	name []byte
	into *rows.Table
}

func (a *area) tables() []slot {
	return []slot{
		{chainTable, &a.chain},
		{latestTable, &a.latest},
		{entryTable, &a.entry},
		{accountTable, &a.account},
		{areaProfileTable, &a.profile},
		{feedTable, &a.feed},
		{historyTable, &a.history},
		{askedTable, &a.asked},
		{quarantineTable, &a.quarantine},
		{areaCodeTable, &a.code},
		{areaLeaseTable, &a.lease},
		{areaReachedTable, &a.reached},
		{areaExceptionTable, &a.exception},
		{areaOpenTable, &a.open},
		{areaOnceTable, &a.once},
		{areaWrittenTable, &a.written},
		{areaSwitchTable, &a.switches},
		{areaRollupTable, &a.rollup},
	}
}

// area returns the area's ledger and whether there is one. A transaction that
// writes makes it.
func (c *Book) area(tx rows.Tx, id pos.AreaID) (a area, found bool, err error) {
	a = area{tx: tx, id: id, seal: c.seal}
	space, err := tx.In(id)
	if err != nil || space == nil {
		return area{}, false, err
	}
	for _, t := range a.tables() {
		if *t.into = space.Table(t.name); *t.into != nil {
			continue
		}
		if !tx.Writable() {
			return area{}, false, fmt.Errorf("%w: area %q has no %s", store.ErrCorrupt, id, t.name)
		}
		if *t.into, err = space.Make(t.name); err != nil {
			return area{}, false, fmt.Errorf("make area: %w", err)
		}
	}
	return a, true, nil
}

func (a area) holding(holder pos.HolderID) (h holding, found bool, err error) {
	found, err = rows.Get(a.account, holder[:], &h)
	return h, found, err
}

// stored returns the entry under the key, which has to be there and whole.
func (a area) stored(key []byte) (pos.Entry, error) {
	e, err := pos.DecodeEntry(a.entry.Get(key))
	if err != nil {
		return pos.Entry{}, fmt.Errorf("%w: entry %x: %w", store.ErrCorrupt, key, err)
	}
	return e, nil
}

func chainKey(terminal pos.TerminalID, incarnation pos.Incarnation) []byte {
	return rows.EntryKey(pos.EntryID{Terminal: terminal, Incarnation: incarnation})[:rows.IDBytes+8]
}

// Package store holds what every ledger file or database of Tenthcup promises,
// in the words that its back ends share.
//
// A back end that returns nil from a method that writes has written, and a
// power cut at any later moment loses nothing of it. One that returns an error
// has written nothing, with one exception, ErrUnsure. What a person can do
// something about is one of the problems below; any other error is the machine's.
//
// DESIGN.md in this folder has the reasons. Package storetest has the promises
// as tests.
package store

import (
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// What can be wrong with a file. They are problems: the catalogs have a sentence
// for each. Errors that a back end returns wrap them.
var (
	// ErrFull says that there is no room: the disk, a quota or a limit on the
	// size of files. Nothing was written; the file is good and can be read.
	ErrFull = pos.Refuse("disk.full")
	// ErrReadOnly says that the file or its folder must not be written.
	ErrReadOnly = pos.Refuse("disk.readonly")
	// ErrInUse says that another process has the file open.
	ErrInUse = pos.Refuse("disk.inuse")
	// ErrNewer says that a newer version of the program wrote the file. It was
	// not touched.
	ErrNewer = pos.Refuse("disk.newer")
	// ErrOlder says that an older version of the program wrote the file, in a
	// form that this one does not read. It was not touched.
	ErrOlder = pos.Refuse("disk.older")
	// ErrSecret says that the file was sealed with another secret than the one at
	// hand. It was not touched.
	ErrSecret = pos.Refuse("disk.secret")
	// ErrExists says that there is a file already where a backup was to go. It was
	// not touched.
	ErrExists = pos.Refuse("disk.exists")
	// ErrOther says that the file is sound but another one: another till's, or
	// not of this kind. It was not touched.
	ErrOther = pos.Refuse("disk.other")
	// ErrCorrupt says that the file is damaged, or that it never was one of
	// ours.
	ErrCorrupt = pos.Refuse("disk.corrupt")
	// ErrUnsure says that a write failed and that the file cannot be read any
	// more, so that nobody can say whether the write is in it. Once the file
	// opens again it is there whole or not at all.
	ErrUnsure = pos.Refuse("disk.unsure")
	// ErrCopying says that another ledger is being copied into the file or database, or
	// that a copy was broken off. Nothing but the same copy goes on with it.
	ErrCopying = pos.Refuse("disk.copying")
	// ErrAway says that the database cannot be reached, or that too many are before
	// us. Nothing was written; trying again later is all that is needed.
	ErrAway = pos.Refuse("disk.away")
)

// What is wrong with the answers of the people who set up a central server.
var (
	ErrStoreTwice     = pos.Refuse("store.twice")     // there is a store with this name or id
	ErrNoStore        = pos.Refuse("store.unknown")   // there is no store with this id
	ErrCashierTwice   = pos.Refuse("cashier.twice")   // there is a cashier with this id
	ErrNoCashier      = pos.Refuse("cashier.unknown") // there is no cashier with this id
	ErrCodeTwice      = pos.Refuse("terminal.twice")  // this one-time code was given out before
	ErrTerminalMoved  = pos.Refuse("enrol.moved")     // the terminal's entries are in another area
	ErrNotUsableStore = pos.Refuse("store.empty")     // a store needs an id, a name and an area
)

// Finding is a broken promise that Check found. Both texts are for those who
// look after the system, in English.
type Finding struct {
	Place string `json:"place"` // what it is about: "journal 17", "holder 3f..."
	What  string `json:"what"`  // "chained to another entry"
}

// String returns "place: what".
func (f Finding) String() string { return f.Place + ": " + f.What }

// Reason says why bytes were quarantined.
type Reason string

// The reasons.
const (
	Unreadable Reason = "unreadable" // not an entry
	Invalid    Reason = "invalid"    // an entry that breaks a rule of entries
	Foreign    Reason = "foreign"    // another terminal's entry
	Forked     Reason = "forked"     // the id of an entry that is there, with other content
	Unchained  Reason = "unchained"  // its Prev is not the entry before it
	Overflow   Reason = "overflow"   // it takes a sum out of range
	Revoked    Reason = "revoked"    // its terminal had been shut out
)

// Quarantined is something a terminal sent that does not count: the central
// server keeps it, whole, until a manager has looked at it. The same bytes are
// quarantined once, however often they are sent.
type Quarantined struct {
	Area     pos.AreaID
	Terminal pos.TerminalID // that sent it
	Raw      []byte         // as it came
	Reason   Reason
	At       time.Time       // when it came first, by the server's clock, to the millisecond
	Settled  *pos.Settlement // what a manager did about it; nil while it waits
}

// Lease is a lease that is out, as a central server knows it.
type Lease struct {
	ledger.Lease
	Holder    pos.HolderID
	Granted   uint64 // position in the feed at which it was granted
	Confirmed bool   // the terminal has told that it has the feed up to there
}

// Counts is how much an area holds.
type Counts struct {
	Entries     int `json:"entries"` // those acknowledged, quarantined ones among them
	Holders     int `json:"holders"`
	Quarantined int `json:"quarantined"`
}

package station

import (
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// Record is an entry as it stands in this till's journal.
type Record struct {
	Number uint64 // place in the journal, from 1
	Entry  pos.Entry
	Raw    []byte // the entry's bytes, as chained
}

// Tail is the end of the journal: what the next entry is chained to.
type Tail struct {
	Number uint64 // of the last entry; 0 if there is none
	At     int64  // its time; 0 if there is none
	Head   pos.Hash
	Seq    uint64 // last Seq of this process's incarnation; 0 before its first entry
}

// View is what the till knows about a holder's accounts.
type View struct {
	Sums     ledger.Sums // the centre's base and every own entry that it does not cover yet
	AsOf     time.Time   // when the centre gave the base; zero if it never did
	Unmerged int         // own entries that the base does not cover; 0 for a till without a centre

	Leases []ledger.Lease // of Sums, lent to this till and not used yet
	Lent   ledger.Sums    // of Sums, what is lent to others
}

// Standing is what a till must know of itself before it decides.
type Standing struct {
	Enrolled   bool          // there is a centre
	Frozen     bool          // a copy of this till was seen: leases wait for a manager
	Restored   bool          // the file is a backup's: no redemption before the next full exchange
	Revoked    bool          // the centre shut this till out: nothing may be booked
	Offset     time.Duration // how far the centre's clock was ahead when last measured
	LastSync   time.Time     // of the last page, by the centre's clock; zero if none came
	Outdated   bool          // this program cannot read the shop's newest rules and goes on by those before
	Exceptions int           // that wait for a manager at the centre, as of the last page
}

// Moment is what an entry is decided on: the state just before it.
type Moment struct {
	View   View
	Tail   Tail
	Voided func(pos.EntryID) bool             // whether an entry of this till reversed some of that one
	Sold   func(key string) ([]Record, error) // as Joint's, at this moment
	Tally  func(string) int64                 // answers rules.FactStock and rules.FactUsed; nil where nothing is counted

	Standing Standing
	Window   []rules.Handed // what this till handed out without a lease since its last full exchange
}

// Due is a lease that this till should give back.
type Due struct {
	Holder pos.HolderID
	Lease  pos.LeaseID
}

// Journal is the till's ledger. A method that writes has written, fsync
// included, when it returns nil; when it returns an error nothing was written.
type Journal interface {
	// Append adds one entry in one transaction. decide is called once, inside
	// it, and returns the whole entry; its error is returned as it is. It must
	// not call the journal. A zero holder has an empty view. If profile is not
	// nil it is stored in the same transaction and waits for the centre.
	Append(holder pos.HolderID, profile *pos.Profile, decide func(Moment) (pos.Entry, error)) (Record, error)
	// View returns the holder's view; an unknown holder has an empty one.
	View(holder pos.HolderID) (View, error)
	// Entry returns the entry with the id, or ErrNotFound. It knows the
	// entries of this till only.
	Entry(id pos.EntryID) (Record, error)
	// Last calls yield with the journal's entries, newest first, until it
	// returns false.
	Last(yield func(Record) bool) error
	// Due returns the leases of this till that it has not used and that the
	// centre recalled or whose lots have all ended on the day.
	Due(day pos.Day) ([]Due, error)
}

// Joint is what the till's ledger knows about entries that belong together.
type Joint interface {
	// Together adds entries of several holders in one transaction: all of them or
	// none, fsync included, as Journal.Append does. decide is called once, with the
	// moments of the holders in their order, and returns whole entries of these
	// holders, each chained to the one before it.
	Together(holders []pos.HolderID, decide func([]Moment) ([]pos.Entry, error)) ([]Record, error)
	// Sold returns the entries of this till about the sale that the key names
	// (pos.Entry.SaleKey), oldest first; none for "".
	Sold(key string) ([]Record, error)
	// Peek shows the state in which the holder's next entry would be decided now, but
	// for Tail, Standing and Window. It writes nothing and waits for no writer. Its
	// error is that of look, which must not call the journal, or the machine's.
	Peek(holder pos.HolderID, look func(Moment) error) error
}

// Members finds and keeps who the members are.
type Members interface {
	// Profile returns the holder's profile, or ErrNotFound.
	Profile(holder pos.HolderID) (pos.Profile, error)
	// ByCode returns the holders with the code (as code.Parse gives it) or
	// the phone number (as pos.NormalPhone gives it); mostly one, or none.
	ByCode(code string) ([]pos.HolderID, error)
	// ByName returns up to limit profiles with a word of the folded name that
	// begins with the folded prefix, in the order of their names.
	ByName(prefix string, limit int) ([]pos.Profile, error)
	// SaveProfile stores a changed profile, which then waits for the centre.
	SaveProfile(p pos.Profile) error
	// EachSums calls yield with what each holder is known to have, in no order,
	// until it returns false. Of a holder who changes meanwhile it may be what was
	// there before.
	EachSums(yield func(ledger.Sums) bool) error
}

// Waiting is the state of the outbox.
type Waiting struct {
	Entries  int       // journal entries that the centre has not acknowledged
	Profiles int       // profiles that it has not taken
	Oldest   time.Time // of the oldest waiting entry; zero if none waits
	LastSync time.Time // of the last page that came from the centre; zero if none did
	Enrolled bool      // whether there is a centre
}

// Total returns the number of things that wait.
func (w Waiting) Total() int { return w.Entries + w.Profiles }

// Office keeps what the till is told from outside.
type Office interface {
	// Roster returns the roster last stored, or ErrNotFound.
	Roster() (pos.Roster, error)
	// Waiting returns the state of the outbox.
	Waiting() (Waiting, error)
	// Standing returns what the till knows of itself.
	Standing() (Standing, error)
	// Want asks the centre, with the next exchange, to lend this till a reward
	// of the holder. It is not durable.
	Want(holder pos.HolderID)
	// SetOffset keeps how far the centre's clock is ahead of the terminal's.
	SetOffset(offset time.Duration) error
}

// Shelf keeps what the shop sells.
type Shelf interface {
	// Items returns the item list, in the order of pos.CompareItems.
	Items() ([]pos.Item, error)
	// Item returns the item with the id, or ErrNotFound.
	Item(id string) (pos.Item, error)
}

// Tries are how often a cashier's PIN was wrong since it was last right.
type Tries struct {
	Failed int   `cbor:"1,keyasint"`
	Last   int64 `cbor:"2,keyasint"` // when, ms since 1970 by the corrected clock
}

// Guard keeps the tries, durably: a PIN that is tried out is slowed even if the
// till is switched off in between.
type Guard interface {
	// Try calls decide with the cashier's tries and stores what it returns, in
	// one transaction. The error of decide is returned as it is, and nothing is
	// stored.
	Try(cashier pos.CashierID, decide func(Tries) (Tries, error)) error
}

package station

import (
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
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
}

// Moment is what an entry is decided on: the state just before it.
type Moment struct {
	View   View
	Tail   Tail
	Voided func(pos.EntryID) bool // whether an entry of this till reversed that one
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
}

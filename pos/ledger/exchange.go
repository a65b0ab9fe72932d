package ledger

import (
	"time"

	"tenthcup/pos"
)

// Ack says that the centre holds, durably, every entry of the incarnation up to
// Seq. A Seq beyond the incarnation's last entry means all of it.
type Ack struct {
	Incarnation pos.Incarnation `cbor:"1,keyasint"`
	Seq         uint64          `cbor:"2,keyasint"`
}

// Changed is a holder as the centre publishes one: a row of an area's feed.
type Changed struct {
	Holder   pos.HolderID `cbor:"1,keyasint"`
	Position uint64       `cbor:"2,keyasint"`           // in the feed; grows with every change
	Sums     Sums         `cbor:"3,keyasint,omitempty"` // as Published returns them
	Profile  *pos.Profile `cbor:"4,keyasint,omitempty"` // nil where none has arrived yet
	Leases   []Lease      `cbor:"5,keyasint,omitempty"` // all that is lent of the sums, to whichever till
}

// Page is what the centre tells a till, read in one transaction, so that Acks
// and Changed belong together: the sums of every row on it cover exactly the
// entries that Acks names.
type Page struct {
	At      int64       `cbor:"1,keyasint"`           // the centre's time, ms since 1970
	Acks    []Ack       `cbor:"2,keyasint,omitempty"` // one for each incarnation that was asked about; Seq 0 is none
	Changed []Changed   `cbor:"3,keyasint,omitempty"` // in the order of Position
	Cursor  uint64      `cbor:"4,keyasint"`           // position to go on from
	More    bool        `cbor:"5,keyasint,omitempty"` // there are changes behind Cursor
	Roster  *pos.Roster `cbor:"6,keyasint,omitempty"` // only if the till's is older

	Holders    int  `cbor:"7,keyasint,omitempty"`  // that the area has in all: what a new till has before it
	Frozen     bool `cbor:"8,keyasint,omitempty"`  // the terminal forked: it must not use its leases
	Revoked    bool `cbor:"9,keyasint,omitempty"`  // the terminal is shut out: the page has acks and nothing else
	Exceptions int  `cbor:"10,keyasint,omitempty"` // of the area that wait for a manager
}

// Outbox is what a till has to tell and to ask, read in one transaction.
type Outbox struct {
	Entries  [][]byte          // the oldest that wait, as chained, in the order of the journal
	Profiles []pos.Profile     // the changed ones that wait
	Open     []pos.Incarnation // those of all entries that wait, also beyond Entries, and that of the last acknowledged one
	Cursor   uint64            // position in the feed that this till has reached
	Roster   uint64            // version of its roster; 0 if it has none
	Broken   bool              // the first of Entries is not chained to the journal's entry before it: the disk was damaged there
	Waiting  int               // entries that wait, Entries included
	Wants    []pos.HolderID    // whose leases a cashier here asked for since the last page
	Held     int               // holders that the centre has told this till of
}

// Sent is what a till tells the centre, as it crossed the line.
type Sent struct {
	Entries  [][]byte       // as chained, in the order of the journal
	Broken   bool           // the terminal knows that the first is chained to something that is nowhere
	Profiles []pos.Profile  // changed ones
	Wants    []pos.HolderID // of whom the till would like a lease
	Cursor   uint64         // the till has all pages up to here: leases on them are confirmed
	Skew     time.Duration  // how far the terminal's clock, uncorrected, is ahead of the centre's
	Confirm  bool           // it is not done before all that was there is durable, also if nothing comes with it
}

// PageAsk says which page a till wants.
type PageAsk struct {
	Cursor uint64            // position in the feed that the till has reached; 0 is the beginning
	Limit  int               // holders on the page at most; 0 asks for the acks only
	Open   []pos.Incarnation // the incarnations to acknowledge, oldest first
	Roster uint64            // version of the till's roster; 0 if it has none
	At     time.Time         // the centre's clock
	Day    pos.Day           // the shop's day at that moment
}

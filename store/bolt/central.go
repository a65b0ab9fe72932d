package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

// The buckets of a central server's file.
var (
	storeBucket    = []byte("store")    // store id -> pos.Shop
	terminalBucket = []byte("terminal") // terminal id -> pos.Terminal
	ticketBucket   = []byte("ticket")   // SHA-256 of a one-time code -> ticket
	cashierBucket  = []byte("cashier")  // cashier id -> pos.Cashier
	programBucket  = []byte("program")  // moment from which it decides, ms -> document
	areaBucket     = []byte("area")     // area -> the buckets of its ledger
)

// The buckets of an area's ledger. Nothing of one area is in another's.
var (
	chainBucket      = []byte("chain")      // terminal, incarnation -> chain
	latestBucket     = []byte("latest")     // terminal -> incarnation of the last entry that was taken
	entryBucket      = []byte("entry")      // entry id -> its bytes
	accountBucket    = []byte("account")    // holder -> holding; the bucket's sequence is their number
	feedBucket       = []byte("feed")       // position -> holder; one row for a holder
	historyBucket    = []byte("history")    // holder, entry id; for the entries that count and move something
	askedBucket      = []byte("asked")      // entry id, place of a posting -> what its reversals asked for
	quarantineBucket = []byte("quarantine") // SHA-256 -> quarantined; the bucket's sequence is their number
)

// versionKey is a row of the meta bucket: the version of the rosters.
var versionKey = []byte("version")

// Central is a central server's file.
type Central struct{ file *file }

// OpenCentral opens a central server's file and makes it if there is none; its
// folder must be there. Errors are those of OpenTill.
func OpenCentral(path string) (*Central, error) {
	want := format{Kind: "central", Version: formatVersion}
	f, err := openFile(path, func(tx *bbolt.Tx) error {
		return ready(tx, want, storeBucket, terminalBucket, ticketBucket, cashierBucket, programBucket, areaBucket)
	})
	if err != nil {
		return nil, err
	}
	return &Central{f}, nil
}

// Close lets go of the file. It waits for calls that are under way.
func (c *Central) Close() error { return c.file.close() }

// chain is how far an incarnation of a terminal was taken.
type chain struct {
	Seq  uint64   `cbor:"1,keyasint"` // of the last entry
	Head pos.Hash `cbor:"2,keyasint"` // its hash
}

// holding is what a holder has, and where its last change is in the feed.
type holding struct {
	Sums     ledger.Sums `cbor:"1,keyasint,omitempty"`
	Position uint64      `cbor:"2,keyasint"`
}

// quarantined is store.Quarantined as a row.
type quarantined struct {
	Terminal pos.TerminalID `cbor:"1,keyasint"`
	Raw      []byte         `cbor:"2,keyasint"`
	Reason   store.Reason   `cbor:"3,keyasint"`
	At       int64          `cbor:"4,keyasint"`
}

// area is the ledger of one area within a transaction.
type area struct {
	chain, latest, entry, account, profile, feed, history, asked, quarantine *bbolt.Bucket
}

// areaOf returns the area's ledger and whether there is one. A transaction that
// writes makes it.
func areaOf(tx *bbolt.Tx, id pos.AreaID) (a area, found bool, err error) {
	parent := tx.Bucket(areaBucket).Bucket([]byte(id))
	if parent == nil && !tx.Writable() {
		return area{}, false, nil
	}
	if parent == nil {
		if parent, err = tx.Bucket(areaBucket).CreateBucket([]byte(id)); err != nil {
			return area{}, false, fmt.Errorf("make area: %w", err)
		}
	}
	for name, into := range map[string]**bbolt.Bucket{
		string(chainBucket): &a.chain, string(latestBucket): &a.latest, string(entryBucket): &a.entry, string(accountBucket): &a.account,
		string(profileBucket): &a.profile,
		string(feedBucket):    &a.feed, string(historyBucket): &a.history, string(askedBucket): &a.asked,
		string(quarantineBucket): &a.quarantine,
	} {
		if *into = parent.Bucket([]byte(name)); *into != nil {
			continue
		}
		if !tx.Writable() {
			return area{}, false, fmt.Errorf("%w: area %q has no %s", store.ErrCorrupt, id, name)
		}
		if *into, err = parent.CreateBucket([]byte(name)); err != nil {
			return area{}, false, fmt.Errorf("make area: %w", err)
		}
	}
	return a, true, nil
}

func (a area) holding(holder pos.HolderID) (h holding, found bool, err error) {
	found, err = get(a.account, holder[:], &h)
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
	return entryKey(pos.EntryID{Terminal: terminal, Incarnation: incarnation})[:idBytes+8]
}

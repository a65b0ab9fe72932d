package bolt

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/seal"
)

// The buckets of a central server's file.
var (
	storeBucket    = []byte("store")    // store id -> pos.Shop
	terminalBucket = []byte("terminal") // terminal id -> pos.Terminal
	ticketBucket   = []byte("ticket")   // the first three signs of a one-time code -> ticket
	cashierBucket  = []byte("cashier")  // cashier id -> pos.Cashier, sealed
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

	areaCodeBucket      = []byte("code")      // sealed word of a code or phone number, holder
	areaLeaseBucket     = []byte("lease")     // terminal, holder, lease id; for the leases that are out
	areaReachedBucket   = []byte("reached")   // terminal -> position up to which it is known to have the feed
	areaExceptionBucket = []byte("exception") // exception id -> exception
	areaOpenBucket      = []byte("open")      // moment, exception id; for those that wait; the sequence is their number
	areaOnceBucket      = []byte("once")      // a receipt of a store, or a coupon's code -> id of the entry that has it
	areaWrittenBucket   = []byte("written")   // terminal, number -> incarnation, Seq; for entries that the server wrote
	areaSwitchBucket    = []byte("switch")    // store id -> turned
	areaRollupBucket    = rollupBucket        // what reports are read from
)

// versionKey is a row of the meta bucket: how often something of all rosters was
// changed. The version of a store's roster is that and how often its switches were
// turned.
var versionKey = []byte("version")

// Central is a central server's file. Its methods are safe for concurrent use.
//
// Profiles and cashiers are sealed in it; who the ledger is about is in random
// ids only.
type Central struct {
	file  *file
	seal  *seal.Sealer
	rules *rulebook
}

// OpenCentral opens a central server's file and makes it if there is none; its
// folder must be there. Errors are those of OpenTill, and store.ErrSecret where
// the file was sealed with another secret.
func OpenCentral(path string, secret seal.Secret) (*Central, error) {
	want := format{Kind: centralKind, Version: formatVersion}
	sealer := seal.New(secret)
	f, err := openFile(path, func(tx *bbolt.Tx) error {
		err := ready(tx, want, storeBucket, terminalBucket, ticketBucket, cashierBucket, programBucket, areaBucket, itemBucket)
		if err != nil {
			return err
		}
		return sealedBy(tx, sealer)
	})
	if err != nil {
		return nil, err
	}
	c := &Central{f, sealer, &rulebook{}}
	if err := c.rolled(); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return c, nil
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
	id   pos.AreaID
	seal *seal.Sealer

	chain, latest, entry, account, profile, feed, history, asked, quarantine *bbolt.Bucket
	code, lease, reached, exception, open, once, written, switches, rollup   *bbolt.Bucket
}

// table is a bucket of an area and where its handle goes.
type table struct {
	name []byte
	into **bbolt.Bucket
}

func (a *area) tables() []table {
	return []table{
		{chainBucket, &a.chain},
		{latestBucket, &a.latest},
		{entryBucket, &a.entry},
		{accountBucket, &a.account},
		{profileBucket, &a.profile},
		{feedBucket, &a.feed},
		{historyBucket, &a.history},
		{askedBucket, &a.asked},
		{quarantineBucket, &a.quarantine},
		{areaCodeBucket, &a.code},
		{areaLeaseBucket, &a.lease},
		{areaReachedBucket, &a.reached},
		{areaExceptionBucket, &a.exception},
		{areaOpenBucket, &a.open},
		{areaOnceBucket, &a.once},
		{areaWrittenBucket, &a.written},
		{areaSwitchBucket, &a.switches},
		{areaRollupBucket, &a.rollup},
	}
}

// area returns the area's ledger and whether there is one. A transaction that
// writes makes it.
func (c *Central) area(tx *bbolt.Tx, id pos.AreaID) (a area, found bool, err error) {
	a = area{id: id, seal: c.seal}
	parent := tx.Bucket(areaBucket).Bucket([]byte(id))
	if parent == nil && !tx.Writable() {
		return area{}, false, nil
	}
	if parent == nil {
		if parent, err = tx.Bucket(areaBucket).CreateBucket([]byte(id)); err != nil {
			return area{}, false, fmt.Errorf("make area: %w", err)
		}
	}
	for _, t := range a.tables() {
		if *t.into = parent.Bucket(t.name); *t.into != nil {
			continue
		}
		if !tx.Writable() {
			return area{}, false, fmt.Errorf("%w: area %q has no %s", store.ErrCorrupt, id, t.name)
		}
		if *t.into, err = parent.CreateBucket(t.name); err != nil {
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

// Package storetest has the promises of a ledger store as tests, to be run
// against every back end. They talk to it only as its callers do, and compare it
// with a plain model: a map and a loop.
package storetest

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/store"
)

// Exchange is what the tills' half of a server needs.
type Exchange interface {
	Terminal(id pos.TerminalID) (pos.Terminal, error)
	Enrol(code string, key ed25519.PublicKey, at time.Time) (pos.Terminal, error)
	Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error
	Page(terminal pos.Terminal, ask ledger.PageAsk) (ledger.Page, error)
	Revoke(id pos.TerminalID, by pos.CashierID, reason string) error
}

// Office is what the people who set up a server need.
type Office interface {
	AddStore(shop pos.Shop) error
	AddTerminal(name string, shop pos.StoreID, code string, expires time.Time) error
	AddCashier(cashier pos.Cashier) error
	SetPIN(id pos.CashierID, hash string) error
	Publish(p pos.Published) error
}

// Setup is all that rosters are made of, and whether the ledger was set back.
type Setup interface {
	Office
	Shelf
	MarkRestored(at time.Time) error
}

// Shelf is what the shops sell.
type Shelf interface {
	SetItems(items []pos.Item) error
	Items() ([]pos.Item, error)
}

// Books is what those who look into a server need.
type Books interface {
	Roster(shop pos.StoreID, at time.Time) (pos.Roster, error)
	Balance(area pos.AreaID, holder pos.HolderID, day pos.Day) (ledger.Sums, error)
	Count(area pos.AreaID) (store.Counts, error)
	Quarantined() ([]store.Quarantined, error)
	Check() ([]store.Finding, error)
}

// Desk is what managers need.
type Desk interface {
	office.Book
	Leases(area pos.AreaID) ([]store.Lease, error)
	Exceptions(area pos.AreaID, all bool) ([]pos.Exception, error)
	Exception(id pos.ExceptionID) (pos.Exception, error)
	Duplicates(area pos.AreaID) ([][]pos.Profile, error)
}

// DB is a central server's back end.
type DB interface {
	Exchange
	Setup
	Books
	Counter
	Close() error
}

// noon is when the tests begin, and today its day in UTC.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const today pos.Day = 20777

// promise is what a back end promises, as a test.
type promise struct {
	name string
	run  func(*testing.T, *bench)
}

// Central tests a back end of the central server. Open returns an empty one and
// a function that closes it and opens the same data again. At the end of each
// test its Check must find nothing.
func Central(t *testing.T, open func(t *testing.T) (DB, func() DB)) {
	for _, test := range slices.Concat([]promise{
		{"an entry sent twice counts once", sentTwice},
		{"a gap stops a batch and the ack says where", gapStops},
		{"a process's entries come after those before it", incarnationsInOrder},
		{"an id with other content is quarantined once", forkQuarantined},
		{"an entry with another past is quarantined and blocks nothing", unchained},
		{"bytes that are no entry block nothing", unreadable},
		{"the entry of another terminal is quarantined", foreign},
		{"a sum out of range is quarantined", overflow},
		{"a reversal may come before its original", reversalFirst},
		{"reversals of one posting never pass it", reversalClamped},
		{"a reversal of something else counts nothing", reversalOfOther},
		{"any order, split and repetition gives the sums of a loop", orderNeverMatters},
		{"a follower misses nothing", followerMissesNothing},
		{"a page says whether there is more", more},
		{"what is told with taking is what the page says", toldAtOnce},
		{"a page's acks and balances belong together", oneTransaction},
		{"positions grow over a restored backup", positionsGrow},
		{"a code enrols one terminal once", enrolOnce},
		{"a newer profile replaces an older one, never the other way", newerProfile},
		{"a terminal that may not enrol is told why", enrolRefused},
		{"cashiers and stores are there once", staff},
		{"rosters tell what decides now and later", programs},
		{"a page brings a roster that the till does not have", rosterOnPage},
		{"switches and items reach the tills that they are for", acts},
		{"a code is dead after five wrong ones", codeGuessed},
		{"a code's first signs are one open code's", codeNames},
		{"a reward is lent to the till where the holder was last", leaseGranted},
		{"a ledger that was set back lends nothing for three days", lendsNothingAfterRestore},
		{"as many tills as the program says get a lease", leaseForTwo},
		{"nobody lends without a program that can be read", leaseNeedsProgram},
		{"what is lent is there, as it is published", leaseOfPublished},
		{"a lease is used up once", leaseUsedOnce},
		{"a lease of another till is not used", leaseOfOther},
		{"a lease that is wanted elsewhere is recalled and moves", leaseWanted},
		{"a lease is confirmed by a cursor behind it", leaseConfirmed},
		{"leases alone never overdraw", leasesNeverOverdraw},
		{"what deepens a deficit is an exception", overdrawn},
		{"a second void is an exception, whichever comes last", voidedTwice},
		{"a second journal freezes a terminal until it is settled", forkFreezes},
		{"a process that ends and begins is no fork", restartIsNoFork},
		{"an entry from the future is an exception a day", clockAhead},
		{"an exception is settled once", settledOnce},
		{"a write-off makes good what is missing", writeOff},
		{"a revoked terminal's entries are quarantined in their places", revokedQuarantined},
		{"a revoked terminal's leases stay out until a manager has looked", revokedLeases},
		{"what is in quarantine is released or dismissed once", releasedOnce},
		{"a release keeps voids and their originals together", releasedVoids},
		{"a lease that is named in quarantine is used up", releasedLease},
		{"a release that overflows is refused", releaseOverflows},
		{"what was released counts once, however it comes", releasedThenSent},
		{"two holders with one phone number become one", merged},
		{"a holder with leases is merged when they are back", mergeWaits},
		{"areas are apart", areasApart},
		{"a restart keeps all", restartKeepsAll},
	}, ofTheOffice(), ofTheStation()) {
		t.Run(test.name, func(t *testing.T) {
			db, reopen := open(t)
			b := &bench{t: t, db: db, reopen: reopen, now: noon}
			require.Equal(t, today, pos.DayOf(noon, time.UTC))
			test.run(t, b)
			found, err := b.db.Check()
			require.NoError(t, err)
			require.Empty(t, found)
			require.NoError(t, b.db.Close())
		})
	}
}

// bench is a server with a clock that moves when a test says so.
type bench struct {
	t      *testing.T
	db     DB
	reopen func() DB
	now    time.Time
	stores int
	areas  int

	processes uint64 // of the server, that managers used
}

// till enrols a new till in an area, in a store of its own.
func (b *bench) till(area pos.AreaID) *till {
	b.stores++
	shop := pos.Shop{Name: fmt.Sprint("Store ", b.stores), Area: area, Store: pos.StoreID(fmt.Sprint("s", b.stores)), Currency: "EUR"}
	require.NoError(b.t, b.db.AddStore(shop))
	code := "code for " + shop.Name
	require.NoError(b.t, b.db.AddTerminal("till", shop.Store, code, b.now.Add(time.Hour)))
	var seed [ed25519.SeedSize]byte
	seed[0], seed[1] = byte(b.stores), byte(b.stores>>8)
	key := ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
	terminal, err := b.db.Enrol(code, key, b.now)
	require.NoError(b.t, err)
	return &till{Terminal: terminal, bench: b, incarnation: pos.Incarnation(b.stores) << 8}
}

// balance returns what the area says of the holder's account today.
func (b *bench) balance(area pos.AreaID, holder pos.HolderID, account pos.Account) int64 {
	sums, err := b.db.Balance(area, holder, today)
	require.NoError(b.t, err)
	return sums.Balance(account, today)
}

// reasons returns why things are quarantined, oldest first.
func (b *bench) reasons() (reasons []store.Reason) {
	all, err := b.db.Quarantined()
	require.NoError(b.t, err)
	for _, q := range all {
		reasons = append(reasons, q.Reason)
	}
	return reasons
}

const (
	stamps = pos.Account("stamp:coffee/10")
	north  = pos.AreaID("north")
	south  = pos.AreaID("south")
)

var (
	ann  = pos.HolderID{1}
	ben  = pos.HolderID{2}
	cleo = pos.HolderID{3}
)

// till writes entries as a station does, but keeps them in memory.
type till struct {
	pos.Terminal
	bench       *bench
	incarnation pos.Incarnation
	seq         uint64
	head        pos.Hash
	nonce       uint64
	sent        []pos.Entry // all it wrote
	raw         [][]byte    // their bytes
}

// write adds an entry to the till's journal.
func (t *till) write(holder pos.HolderID, postings ...pos.Posting) pos.Entry {
	e := t.next(holder, postings...)
	raw, err := e.Encode()
	require.NoError(t.bench.t, err)
	t.append(e, raw)
	return e
}

func (t *till) append(e pos.Entry, raw []byte) {
	t.seq++
	t.head = pos.HashEntry(raw)
	t.sent, t.raw = append(t.sent, e), append(t.raw, raw)
}

func (t *till) next(holder pos.HolderID, postings ...pos.Posting) pos.Entry {
	t.nonce++
	return pos.Entry{
		V: pos.Version, ID: pos.EntryID{Terminal: t.ID, Incarnation: t.incarnation, Seq: t.seq + 1},
		Nonce: t.nonce, At: t.bench.now.UnixMilli() + int64(t.nonce), Day: today,
		Kind: pos.Stamped, Holder: holder, Postings: postings, Cashier: "ida", Prev: t.head,
	}
}

// stamp writes one stamp for the holder.
func (t *till) stamp(holder pos.HolderID) pos.Entry {
	return t.write(holder, pos.Posting{Account: stamps, Amount: 1})
}

// restart draws a new incarnation, which sorts before the last one.
func (t *till) restart() {
	t.incarnation--
	t.seq = 0
}

// send has the server take the entries of the journal from place from to to.
func (t *till) send(from, to int) {
	require.NoError(t.bench.t, t.bench.db.Take(t.Terminal, ledger.Sent{Entries: t.raw[from:to]}, t.bench.now))
}

func (t *till) sendAll() { t.send(0, len(t.raw)) }

// page asks for a page of everything.
func (t *till) page(open ...pos.Incarnation) ledger.Page {
	page, err := t.bench.db.Page(t.Terminal, t.ask(0, 1000, open...))
	require.NoError(t.bench.t, err)
	return page
}

func (t *till) ask(cursor uint64, limit int, open ...pos.Incarnation) ledger.PageAsk {
	return ledger.PageAsk{Cursor: cursor, Limit: limit, Open: open, At: t.bench.now, Day: today}
}

// acked returns how far the server has the incarnation.
func (t *till) acked(incarnation pos.Incarnation) uint64 {
	return t.page(incarnation).Acks[0].Seq
}

// reversal takes a posting back, as far as amount.
func reversal(e pos.Entry, index int, amount int64) pos.Posting {
	p := e.Postings[index]
	return pos.Posting{Account: p.Account, Amount: amount, Lot: p.Lot, Of: &e.ID, OfIndex: index}
}

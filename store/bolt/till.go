package bolt

import (
	"errors"
	"fmt"
	"sync"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

// The buckets of a till's file.
var (
	journalBucket = []byte("journal") // number -> an entry's bytes; those that the centre has had
	recentBucket  = []byte("recent")  // number -> an entry's bytes; the others
	startBucket   = []byte("start")   // number of an incarnation's first entry -> incarnation
	voidedBucket  = []byte("voided")  // id of an entry -> number of the last own entry that reversed some of it
	receiptBucket = []byte("receipt") // what names a sale, 0, number of an own entry about it -> nothing; see soldKey
	baseBucket    = []byte("base")    // holder -> base; the bucket's sequence is the number of those from the centre
	ownBucket     = []byte("own")     // holder -> []own, for those that have some; rollup.BesideKey -> met
	dueBucket     = []byte("due")     // day, holder, lease -> nothing; see dueKeys
	floorBucket   = []byte("floor")   // number of an own entry behind the window -> []rules.Handed
	profileBucket = []byte("profile") // holder -> pos.Profile, sealed
	codeBucket    = []byte("code")    // word of a code or phone number, holder
	nameBucket    = []byte("name")    // word of a beginning of a folded name or of the rest of one, holder
	unsentBucket  = []byte("unsent")  // holder whose profile waits; the bucket's sequence is their number
	triesBucket   = []byte("tries")   // cashier -> station.Tries; for those that failed
	switchBucket  = []byte("switch")  // name -> pos.Switch; as own entries turned it last
	tallyBucket   = []byte("tally")   // a fact of rules -> how often, by all entries here
	// rows.ItemTable, "item", and rollup.Table, "rollup", are described where they are named.
)

// The rows of a till's meta bucket. Each is written by itself, so that a page of
// the exchange does not rewrite the program.
var (
	enrolledKey = []byte("enrolled") // there if there is a centre
	rosterKey   = []byte("roster")   // pos.Roster without items, sealed: it has the hashes of the PINs
	ackKey      = []byte("ack")      // number of the last journal entry that the centre has
	cursorKey   = []byte("cursor")   // position in the centre's feed
	wholeKey    = []byte("whole")    // the centre's time of the last page with nothing behind it, ms
	windowKey   = []byte("window")   // number of the last journal entry that the centre had by that page
	toldKey     = []byte("told")     // told
	rolledKey   = []byte("rolled")   // number of the last journal entry before those that this disk has lost
	offsetKey   = []byte("offset")   // how far the centre's clock is ahead, ns
)

// Till is a till's file. It implements station.Journal, station.Joint,
// station.Members, station.Office, station.Shelf and station.Guard, and the two
// methods that sync needs.
type Till struct {
	file     *file
	terminal pos.TerminalID
	seal     *seal.Sealer
	wants    wants
	rules    rollup.Rulebook // of what rollups ask

	// One writer at a time, from reading the state to knowing what became of the
	// commit. It guards what follows, which is what the file says.
	writing     sync.Mutex
	state       state
	incarnation pos.Incarnation // this process's; 0 before its first entry
	stale       bool            // a commit's outcome could not be learnt: read again first
}

// state is what of the file every action needs. It is read when the file is
// opened and after a page, so that an action does not.
type state struct {
	tail     station.Tail
	standing station.Standing
	window   []rules.Handed
}

// OpenTill opens the terminal's file and makes it if there is none; its folder
// must be there. What is wrong with it is ErrInUse, ErrNewer, ErrOlder, ErrOther
// (another terminal's), ErrSecret, ErrCorrupt, ErrReadOnly or ErrFull. An open
// file stays locked to this process until Close. The secret seals who the members
// and the cashiers are; it must be kept outside the file and given each time.
func OpenTill(path string, terminal pos.TerminalID, secret seal.Secret) (*Till, error) {
	want := rows.Format{Kind: rows.TillKind, Version: rows.FormatVersion, Terminal: terminal}
	t := &Till{terminal: terminal, seal: seal.New(secret)}
	f, err := openFile(path, func(tx rows.Tx) error {
		err := rows.Ready(tx, want, t.seal, journalBucket, recentBucket, startBucket, voidedBucket, receiptBucket, baseBucket, ownBucket, dueBucket, floorBucket,
			profileBucket, codeBucket, nameBucket, unsentBucket, triesBucket, switchBucket, rows.ItemTable, tallyBucket)
		if err == nil && tx.Writable() { // a file without is good: see rolled
			_, err = tx.Make(rollup.Table)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	t.file = f
	err = f.view(func(tx rows.Tx) (err error) {
		t.state, err = t.read(tx)
		return err
	})
	if err == nil {
		err = t.rolled()
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return t, nil
}

// read takes the state from the file.
func (t *Till) read(tx rows.Tx) (s state, err error) {
	if s.standing, err = standingOf(tx); err != nil {
		return state{}, err
	}
	if s.window, err = windowOf(tx); err != nil {
		return state{}, err
	}
	key, raw := lastEntry(tx)
	if key == nil {
		return s, nil
	}
	last, err := record(key, raw)
	if err != nil {
		return state{}, err
	}
	s.tail = station.Tail{Number: last.Number, At: last.Entry.At, Head: pos.HashEntry(raw)}
	if t.incarnation != 0 && last.Entry.ID.Incarnation == t.incarnation {
		s.tail.Seq = last.Entry.ID.Seq
	}
	return s, nil
}

// change runs write in a transaction after which the state is another. The caller
// must not hold t.writing.
func (t *Till) change(write func(tx rows.Tx) error) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	var next state
	err := t.file.update(func(tx rows.Tx) (err error) {
		if err = write(tx); err == nil {
			next, err = t.read(tx)
		}
		return err
	})
	if err != nil {
		t.doubt(err, t.incarnation)
		return err
	}
	t.state, t.stale = next, false
	return nil
}

func record(key, raw []byte) (station.Record, error) {
	number, err := rows.NumberOf(key)
	if err != nil {
		return station.Record{}, err
	}
	// The bytes belong to the transaction; the record outlives it.
	raw = append([]byte(nil), raw...)
	e, err := pos.DecodeEntry(raw)
	if err != nil {
		return station.Record{}, fmt.Errorf("%w: journal entry %d: %w", store.ErrCorrupt, number, err)
	}
	return station.Record{Number: number, Entry: e, Raw: raw}, nil
}

// Close lets go of the file. It waits for calls that are under way.
func (t *Till) Close() error { return t.file.close() }

// Terminal returns the terminal whose file it is.
func (t *Till) Terminal() pos.TerminalID { return t.terminal }

package bolt

import (
	"errors"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
)

// The buckets of a till's file.
var (
	journalBucket = []byte("journal") // number -> an entry's bytes
	startBucket   = []byte("start")   // number of an incarnation's first entry -> incarnation
	voidedBucket  = []byte("voided")  // id of an entry -> number of the own entry that reversed it
	baseBucket    = []byte("base")    // holder -> base
	ownBucket     = []byte("own")     // holder -> []own; for those that have some
	profileBucket = []byte("profile") // holder -> pos.Profile
	codeBucket    = []byte("code")    // code or phone number, 0, holder
	nameBucket    = []byte("name")    // folded name from one of its words on, 0, holder
	unsentBucket  = []byte("unsent")  // holder whose profile waits; the bucket's sequence is their number
)

// The rows of a till's meta bucket. Each is written by itself, so that a page of
// the exchange does not rewrite the program.
var (
	enrolledKey = []byte("enrolled") // there if there is a centre
	rosterKey   = []byte("roster")   // pos.Roster
	ackKey      = []byte("ack")      // number of the last journal entry that the centre has
	cursorKey   = []byte("cursor")   // position in the centre's feed
	syncedKey   = []byte("synced")   // the centre's time of the last page, ms
	wholeKey    = []byte("whole")    // the same of the last page with nothing behind it
)

// Till is a till's file. It implements station.Journal, station.Members and
// station.Office, and the two methods that sync needs.
type Till struct {
	file     *file
	terminal pos.TerminalID

	// One writer at a time, from reading the tail to knowing what became of the
	// commit. It guards what follows, which is what the file says.
	writing     sync.Mutex
	tail        station.Tail
	incarnation pos.Incarnation // this process's; 0 before its first entry
	enrolled    bool
	stale       bool // a commit's outcome could not be learnt: read again first
}

// OpenTill opens the terminal's file and makes it if there is none; its folder
// must be there. What is wrong with it is ErrInUse, ErrNewer, ErrOther (another
// terminal's), ErrCorrupt, ErrReadOnly or ErrFull. An open file stays locked to
// this process until Close.
func OpenTill(path string, terminal pos.TerminalID) (*Till, error) {
	want := format{Kind: "till", Version: formatVersion, Terminal: terminal}
	f, err := openFile(path, func(tx *bbolt.Tx) error {
		return ready(tx, want, journalBucket, startBucket, voidedBucket, baseBucket, ownBucket,
			profileBucket, codeBucket, nameBucket, unsentBucket)
	})
	if err != nil {
		return nil, err
	}
	t := &Till{file: f, terminal: terminal}
	if err := f.view(t.read); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return t, nil
}

// read takes the end of the journal from the file.
func (t *Till) read(tx *bbolt.Tx) error {
	t.tail = station.Tail{}
	t.enrolled = tx.Bucket(metaBucket).Get(enrolledKey) != nil
	key, raw := tx.Bucket(journalBucket).Cursor().Last()
	if key == nil {
		return nil
	}
	last, err := record(key, raw)
	if err != nil {
		return err
	}
	t.tail = station.Tail{Number: last.Number, At: last.Entry.At, Head: pos.HashEntry(raw)}
	if t.incarnation != 0 && last.Entry.ID.Incarnation == t.incarnation {
		t.tail.Seq = last.Entry.ID.Seq
	}
	return nil
}

func record(key, raw []byte) (station.Record, error) {
	number, err := numberOf(key)
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

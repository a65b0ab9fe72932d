package simulation_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
	"tenthcup/sync/client"
)

var secret = seal.Secret{1}

// till is a station, its file and what the file must hold.
type till struct {
	*station.Station
	w      *world
	name   string
	path   string
	key    ed25519.PrivateKey
	disk   *disk
	client *client.Client
	line   *line

	joined  bool          // it has a centre
	code    string        // one-time, while it tries to join
	revoked bool          // it is shut out
	ahead   time.Duration // of its clock
	away    time.Time     // it does not sync before

	held    holding
	backups []backup
	pages   []answer // that this process applied, oldest first

	full   bool // its disk has no room
	unsure bool // its next commit returns an error but is on disk

	kick chan struct{} // wakes its line, where that runs by itself
}

// holding is what a till's file must hold.
type holding struct {
	journal          []*fact
	edits            []*version
	joined           bool
	restored, frozen bool                 // it is a backup's and was not told all since; it was told of a fork
	heard            int64                // when the centre last told it how it stands
	window           int                  // of how many entries the centre knew when it last told all
	seen             map[pos.HolderID]int // of how many of all that the centre had the till has certainly heard
}

// backup is an older copy of a till's file.
type backup struct {
	path string
	held holding
}

// answer is a page and the profiles that were sent with the request for it.
type answer struct {
	page  ledger.Page
	taken []pos.Profile
}

func (h holding) clone() holding {
	h.journal, h.edits, h.seen = slices.Clone(h.journal), slices.Clone(h.edits), maps.Clone(h.seen)
	return h
}

// newTill makes a till without a centre.
func (w *world) newTill() *till {
	var seed [ed25519.SeedSize]byte
	_, _ = w.bits.Read(seed[:]) // never fails
	u := &till{w: w, name: fmt.Sprintf("till%d", len(w.tills)+1), key: ed25519.NewKeyFromSeed(seed[:])}
	u.held.seen = map[pos.HolderID]int{}
	u.path = w.file(u.name)
	u.open()
	roster, err := w.centre.file.Roster(shop, time.Now())
	require.NoError(w.t, err)
	roster.Version = 0 // its own, from before there was a centre
	require.NoError(w.t, u.disk.SetRoster(roster))
	w.tills = append(w.tills, u)
	return u
}

// open begins a process on the till's file.
func (u *till) open() {
	id := pos.TerminalOf(u.key.Public().(ed25519.PublicKey))
	file, err := bolt.OpenTill(u.path, id, secret)
	require.NoError(u.w.t, err)
	u.disk, u.pages = &disk{Till: file, u: u}, nil
	u.line = &line{w: u.w, fate: u.w.badly}
	u.client = &client.Client{
		Book: u.disk, Key: u.key, URL: "http://one", Plain: true, HTTP: &http.Client{Transport: u.line},
		Now: func() time.Time { return time.Now().Add(u.ahead) },
	}
	u.Station = &station.Station{
		Journal: u.disk, Joint: u.disk, Members: u.disk, Office: u.disk, Guard: u.disk, Terminal: id, Random: u.w.bits, Store: shop,
		Zone: time.UTC, Now: u.client.Now, Currency: pos.Currency{Code: "EUR", Exponent: 2},
	}
	u.w.must(u.Start(), "%s: start", u.name)
	if broken := u.w.broken; broken.till != nil {
		broken.till(u)
	}
}

// restart ends the process and begins another.
func (u *till) restart() {
	require.NoError(u.w.t, u.disk.Close())
	u.open()
}

// disk is a till's file. It notes what was written, and fails if told to.
type disk struct {
	*bolt.Till
	u       *till
	started uint64 // for a control
}

// Append is station.Journal's.
func (d *disk) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	record, err := d.Till.Append(holder, profile, func(m station.Moment) (pos.Entry, error) {
		e, err := decide(m)
		if err == nil && d.u.full {
			err = store.ErrFull
		}
		return e, err
	})
	if err != nil {
		return record, err
	}
	d.u.held.journal = append(d.u.held.journal, d.u.w.model.wrote(record.Entry, record.Raw))
	if profile != nil {
		d.edited(*profile)
	}
	return record, d.doubt()
}

// SaveProfile is station.Members'.
func (d *disk) SaveProfile(p pos.Profile) error {
	if d.u.full {
		return store.ErrFull
	}
	if err := d.Till.SaveProfile(p); err != nil {
		return err
	}
	d.edited(p)
	return d.doubt()
}

func (d *disk) edited(p pos.Profile) { d.u.held.edits = append(d.u.held.edits, d.u.w.model.edited(p)) }

// doubt returns what a commit does whose sync failed after all was on disk.
func (d *disk) doubt() error {
	if d.u.unsure {
		d.u.unsure = false
		return store.ErrUnsure
	}
	return nil
}

// Apply is client.Book's.
func (d *disk) Apply(page ledger.Page, taken []pos.Profile) error {
	if d.u.full {
		return store.ErrFull
	}
	if err := d.Till.Apply(page, taken); err != nil {
		return err
	}
	d.u.w.mu.Lock()
	defer d.u.w.mu.Unlock()
	d.u.told(page)
	d.u.pages = append(d.u.pages, answer{page, taken})
	d.u.pages = d.u.pages[max(0, len(d.u.pages)-20):]
	for _, holder := range d.u.w.holders {
		d.u.w.sees(d.u, holder)
	}
	return nil
}

// exchange syncs until nothing waits, here or there, or the line fails.
func (u *till) exchange() error {
	u.w.asking = u
	defer func() { u.w.asking = nil }()
	for range 100 {
		result, err := u.client.Exchange(u.w.t.Context())
		synctest.Wait() // for a server whose caller is gone
		if err != nil {
			return err
		}
		if err := u.corrects(result.Offset); err != nil {
			return err
		}
		if err := u.givesBack(); err != nil {
			return err
		}
		if !result.More {
			return nil
		}
	}
	return errors.New("an exchange without end")
}

// join makes a terminal of the till. It may fail with the line, and goes on with
// the same code.
func (w *world) join(u *till) {
	if u.joined {
		return
	}
	if u.code == "" {
		w.files++
		u.code = fmt.Sprintf("%03d%d", w.files, w.random.Uint32())
		require.NoError(w.t, w.centre.file.AddTerminal(u.name, shop, u.code, time.Now().Add(100_000*time.Hour)))
	}
	answer, err := client.Enrol(w.t.Context(), client.Enrolment{HTTP: u.client.HTTP, URL: u.client.URL, Plain: true}, u.code, u.key.Public().(ed25519.PublicKey))
	synctest.Wait()
	if err != nil {
		if _, ok := errors.AsType[*pos.Problem](err); !ok {
			w.wronged("%s: enrol: %v", u.name, err)
		}
		return
	}
	w.must(u.disk.SetRoster(answer.Roster), "%s: store the roster", u.name)
	w.must(u.disk.SetEnrolled(), "%s: enrol", u.name)
	u.joined, u.held.joined = true, true
}

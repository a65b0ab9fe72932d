package bolt

import (
	"slices"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
)

var (
	_ station.Office = (*Till)(nil)
	_ station.Guard  = (*Till)(nil)
)

func (t *Till) sealed(tx *bbolt.Tx, name []byte) sealed {
	return sealed{tx.Bucket(name), name, t.seal}
}

// Roster is station.Office's. A switch that was turned here is as it was turned,
// until the centre tells of a later turn.
func (t *Till) Roster() (roster pos.Roster, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		roster = pos.Roster{}
		found, err := t.sealed(tx, metaBucket).get(rosterKey, &roster)
		if err == nil && !found {
			err = station.ErrNotFound
		}
		if err != nil {
			return err
		}
		own, err := all[pos.Switch](tx.Bucket(switchBucket))
		if err == nil && len(own) > 0 {
			roster.Switches = pos.NewestSwitches(roster.Switches, own)
		}
		return err
	})
	return roster, err
}

// SetRoster stores the roster, whatever its version, without its items: see
// SetItems. Where there is a centre the next page with a roster replaces it.
func (t *Till) SetRoster(roster pos.Roster) error {
	return t.file.update(func(tx *bbolt.Tx) error { return t.putRoster(tx, roster) })
}

// putRoster stores the roster, with the program that decided before it, and without
// its items, so that what every action reads is small.
func (t *Till) putRoster(tx *bbolt.Tx, roster pos.Roster) error {
	var before pos.Roster
	if _, err := t.sealed(tx, metaBucket).get(rosterKey, &before); err != nil {
		return err
	}
	roster.Items = nil
	return t.sealed(tx, metaBucket).put(rosterKey, roster.After(before))
}

// SetEnrolled says that there is a centre from now on: entries wait for it, and
// balances are its own plus what it does not have yet. The entries and profiles
// from before wait too. Until the centre has answered about a member, the till
// goes on with its own sums. The second call changes nothing.
func (t *Till) SetEnrolled() error {
	return t.change(func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(enrolledKey, []byte{1}) })
}

// Waiting is station.Office's. Where there is no centre all entries wait, for
// one that may come.
func (t *Till) Waiting() (w station.Waiting, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		acked, waiting, err := behindAck(tx)
		if err != nil {
			return err
		}
		standing, err := standingOf(tx)
		if err != nil {
			return err
		}
		w = station.Waiting{
			Entries:  waiting,
			Profiles: int(tx.Bucket(unsentBucket).Sequence()),
			Enrolled: standing.Enrolled,
			LastSync: standing.LastSync,
		}
		if w.Entries == 0 {
			return nil
		}
		oldest, err := record(numberKey(acked+1), entryAt(tx, acked+1))
		w.Oldest = oldest.Entry.Time()
		return err
	})
	return w, err
}

// told is what the centre last said of the till.
type told struct {
	At         int64 `cbor:"1,keyasint"` // the centre's time, ms
	Frozen     bool  `cbor:"2,keyasint,omitempty"`
	Revoked    bool  `cbor:"3,keyasint,omitempty"`
	Exceptions int   `cbor:"4,keyasint,omitempty"`
}

// lateness is how far behind the last page one may be dated and still be an older
// one. No answer is under way so long, so what is dated further back is news of a
// centre whose clock was set back.
const lateness = time.Hour

// hear stores what the page says of the till, and reports whether it was late: made
// before the one that was heard last. Then nothing is stored.
func hear(tx *bbolt.Tx, page ledger.Page) (late bool, err error) {
	var last told
	if _, err := get(tx.Bucket(metaBucket), toldKey, &last); err != nil {
		return false, err
	}
	if page.At < last.At && page.At > last.At-lateness.Milliseconds() {
		return true, nil
	}
	next := told{At: page.At, Frozen: page.Frozen, Exceptions: page.Exceptions}
	if page.Revoked {
		next = last
		next.At, next.Revoked = page.At, true
	}
	return false, put(tx.Bucket(metaBucket), toldKey, next)
}

// rolled notes that the centre has entries of this terminal that are not here: the
// disk was set back to an earlier state, or copied. The till freezes itself until
// the centre has an entry from behind that place, because then it knows of the
// fork too, and says whether the till is frozen.
func rolled(tx *bbolt.Tx, has reach) error {
	meta := tx.Bucket(metaBucket)
	if has.lost > 0 && has.lost >= has.acked {
		return meta.Put(rolledKey, numberKey(has.lost))
	}
	place, err := getNumber(meta, rolledKey)
	if err != nil || has.acked <= place {
		return err
	}
	return meta.Delete(rolledKey)
}

// standingOf returns how the till stands. A till without a centre was restored
// like any other, but there is nobody to ask what became of its members since.
func standingOf(tx *bbolt.Tx) (s station.Standing, err error) {
	meta := tx.Bucket(metaBucket)
	var last told
	if _, err := get(meta, toldKey, &last); err != nil {
		return s, err
	}
	offset, err := getNumber(meta, offsetKey)
	if err != nil {
		return s, err
	}
	s = station.Standing{
		Enrolled: meta.Get(enrolledKey) != nil,
		Frozen:   last.Frozen || meta.Get(rolledKey) != nil,
		Revoked:  last.Revoked, Exceptions: last.Exceptions,
		Offset: time.Duration(offset),
	}
	s.Restored = s.Enrolled && meta.Get(restoredKey) != nil
	if last.At > 0 {
		s.LastSync = time.UnixMilli(last.At).UTC()
	}
	return s, nil
}

// Standing is station.Office's.
func (t *Till) Standing() (standing station.Standing, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		standing, err = standingOf(tx)
		return err
	})
	return standing, err
}

// SetOffset is station.Office's. The offset that is stored already costs nothing.
func (t *Till) SetOffset(offset time.Duration) error {
	standing, err := t.Standing()
	if err != nil || standing.Offset == offset {
		return err
	}
	return t.change(func(tx *bbolt.Tx) error { return tx.Bucket(metaBucket).Put(offsetKey, numberKey(uint64(offset))) })
}

// Try is station.Guard's. Decide must not call the till.
func (t *Till) Try(cashier pos.CashierID, decide func(station.Tries) (station.Tries, error)) error {
	return t.file.update(func(tx *bbolt.Tx) error {
		return try(tx.Bucket(triesBucket), []byte(cashier), decide)
	})
}

// try changes the tries under the key as decide says; none left are not kept.
func try(rows *bbolt.Bucket, key []byte, decide func(station.Tries) (station.Tries, error)) error {
	var tries station.Tries
	if _, err := get(rows, key, &tries); err != nil {
		return err
	}
	type outcome struct {
		tries station.Tries
		err   error
	}
	next := callers(func() (o outcome) {
		o.tries, o.err = decide(tries)
		return o
	})
	switch {
	case next.err != nil:
		return next.err
	case next.tries == station.Tries{}:
		return rows.Delete(key)
	}
	return put(rows, key, next.tries)
}

// Want is station.Office's. Of more than a hundred the oldest are forgotten.
func (t *Till) Want(holder pos.HolderID) { t.wants.add(holder) }

// wants are the holders of whom the till would like a lease, the oldest first.
type wants struct {
	mu      sync.Mutex
	holders []pos.HolderID
	asked   []pos.HolderID // what the last outbox had of them
}

const maxWants = 100

func (w *wants) add(holder pos.HolderID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if slices.Contains(w.holders, holder) {
		return
	}
	w.holders = append(w.holders, holder)
	w.holders = w.holders[max(len(w.holders)-maxWants, 0):]
}

func (w *wants) handOut() []pos.HolderID {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = slices.Clone(w.holders)
	return w.asked
}

// answered forgets those that were handed out last: a page answers them, whatever
// it says.
func (w *wants) answered() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holders = slices.DeleteFunc(w.holders, func(h pos.HolderID) bool { return slices.Contains(w.asked, h) })
	w.asked = nil
}

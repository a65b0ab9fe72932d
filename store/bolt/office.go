package bolt

import (
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

var _ station.Office = (*Till)(nil)

// Roster is station.Office's.
func (t *Till) Roster() (roster pos.Roster, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		found, err := get(tx.Bucket(metaBucket), rosterKey, &roster)
		if err == nil && !found {
			err = station.ErrNotFound
		}
		return err
	})
	return roster, err
}

// SetRoster stores the roster, whatever its version. Where there is a centre the
// next page with a roster replaces it.
func (t *Till) SetRoster(roster pos.Roster) error {
	return t.file.update(func(tx *bbolt.Tx) error {
		return put(tx.Bucket(metaBucket), rosterKey, roster)
	})
}

// SetEnrolled says that there is a centre from now on: entries wait for it, and
// balances are its own plus what it does not have yet. The entries and profiles
// from before wait too. Until the centre has answered about a member, the till
// goes on with its own sums. The second call changes nothing.
func (t *Till) SetEnrolled() error {
	t.writing.Lock()
	defer t.writing.Unlock()
	err := t.file.update(func(tx *bbolt.Tx) error {
		return tx.Bucket(metaBucket).Put(enrolledKey, []byte{1})
	})
	if err != nil {
		t.doubt(err, t.incarnation)
		return err
	}
	t.enrolled = true
	return nil
}

// Waiting is station.Office's. Where there is no centre all entries wait, for
// one that may come.
func (t *Till) Waiting() (w station.Waiting, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(metaBucket)
		acked, waiting, err := behindAck(tx)
		if err != nil {
			return err
		}
		synced, err := getNumber(meta, syncedKey)
		if err != nil {
			return err
		}
		w = station.Waiting{
			Entries:  waiting,
			Profiles: int(tx.Bucket(unsentBucket).Sequence()),
			Enrolled: meta.Get(enrolledKey) != nil,
		}
		if synced > 0 {
			w.LastSync = time.UnixMilli(int64(synced)).UTC()
		}
		if w.Entries == 0 {
			return nil
		}
		oldest, err := record(numberKey(acked+1), tx.Bucket(journalBucket).Get(numberKey(acked+1)))
		w.Oldest = oldest.Entry.Time()
		return err
	})
	return w, err
}

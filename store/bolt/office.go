package bolt

import (
	"slices"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

var (
	_ station.Office = (*Till)(nil)
	_ station.Guard  = (*Till)(nil)
)

func (t *Till) sealed(tx rows.Tx, name []byte) rows.Sealed {
	return rows.NewSealed(tx.Table(name), name, t.seal)
}

// Roster is station.Office's. A switch that was turned here is as it was turned,
// until the centre tells of a later turn.
func (t *Till) Roster() (roster pos.Roster, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		roster = pos.Roster{}
		found, err := t.sealed(tx, rows.Meta).Get(rosterKey, &roster)
		if err == nil && !found {
			err = station.ErrNotFound
		}
		if err != nil {
			return err
		}
		own, err := rows.All[pos.Switch](tx.Table(switchBucket))
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
	return t.file.update(func(tx rows.Tx) error { return t.putRoster(tx, roster) })
}

// putRoster stores the roster, with the program that decided before it, and without
// its items, so that what every action reads is small.
func (t *Till) putRoster(tx rows.Tx, roster pos.Roster) error {
	var before pos.Roster
	if _, err := t.sealed(tx, rows.Meta).Get(rosterKey, &before); err != nil {
		return err
	}
	roster.Items = nil
	return t.sealed(tx, rows.Meta).Put(rosterKey, roster.After(before))
}

// SetEnrolled says that there is a centre from now on: entries wait for it, and
// balances are its own plus what it does not have yet. The entries and profiles
// from before wait too. Until the centre has answered about a member, the till
// goes on with its own sums. The second call changes nothing.
func (t *Till) SetEnrolled() error {
	return t.change(func(tx rows.Tx) error { return tx.Table(rows.Meta).Put(enrolledKey, []byte{1}) })
}

// Waiting is station.Office's. Where there is no centre all entries wait, for
// one that may come.
func (t *Till) Waiting() (w station.Waiting, err error) {
	err = t.file.view(func(tx rows.Tx) error {
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
			Profiles: int(tx.Table(unsentBucket).Number()),
			Enrolled: standing.Enrolled,
			LastSync: standing.LastSync,
		}
		if w.Entries == 0 {
			return nil
		}
		oldest, err := record(rows.NumberKey(acked+1), entryAt(tx, acked+1))
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
func hear(tx rows.Tx, page ledger.Page) (late bool, err error) {
	var last told
	if _, err := rows.Get(tx.Table(rows.Meta), toldKey, &last); err != nil {
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
	return false, rows.Put(tx.Table(rows.Meta), toldKey, next)
}

// rolled notes that the centre has entries of this terminal that are not here: the
// disk was set back to an earlier state, or copied. The till freezes itself until
// the centre has an entry from behind that place, because then it knows of the
// fork too, and says whether the till is frozen.
func rolled(tx rows.Tx, has reach) error {
	meta := tx.Table(rows.Meta)
	if has.lost > 0 && has.lost >= has.acked {
		return meta.Put(rolledKey, rows.NumberKey(has.lost))
	}
	place, err := rows.GetNumber(meta, rolledKey)
	if err != nil || has.acked <= place {
		return err
	}
	return meta.Delete(rolledKey)
}

// standingOf returns how the till stands. A till without a centre was restored
// like any other, but there is nobody to ask what became of its members since.
func standingOf(tx rows.Tx) (s station.Standing, err error) {
	meta := tx.Table(rows.Meta)
	var last told
	if _, err := rows.Get(meta, toldKey, &last); err != nil {
		return s, err
	}
	offset, err := rows.GetNumber(meta, offsetKey)
	if err != nil {
		return s, err
	}
	s = station.Standing{
		Enrolled: meta.Get(enrolledKey) != nil,
		Frozen:   last.Frozen || meta.Get(rolledKey) != nil,
		Revoked:  last.Revoked, Exceptions: last.Exceptions,
		Offset: time.Duration(offset),
	}
	s.Restored = s.Enrolled && meta.Get(rows.RestoredKey) != nil
	if last.At > 0 {
		s.LastSync = time.UnixMilli(last.At).UTC()
	}
	return s, nil
}

// Standing is station.Office's.
func (t *Till) Standing() (standing station.Standing, err error) {
	err = t.file.view(func(tx rows.Tx) error {
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
	return t.change(func(tx rows.Tx) error { return tx.Table(rows.Meta).Put(offsetKey, rows.NumberKey(uint64(offset))) })
}

// Try is station.Guard's. Decide must not call the till.
func (t *Till) Try(cashier pos.CashierID, decide func(station.Tries) (station.Tries, error)) error {
	return t.file.update(func(tx rows.Tx) error {
		return rows.Try(tx.Table(triesBucket), []byte(cashier), decide)
	})
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

// EraseProfile leaves of the profile, at a till without a centre, that there was
// one.
func (t *Till) EraseProfile(holder pos.HolderID, at time.Time) error {
	return t.file.update(func(tx rows.Tx) error {
		old, err := t.profileOf(tx, holder)
		if err != nil {
			return err
		}
		if old.Kind == pos.Erased {
			return office.ErrErased
		}
		return t.saveProfile(tx, pos.Profile{
			Holder: holder, Kind: pos.Erased, Joined: old.Joined,
			Changed: max(at.UnixMilli(), old.Changed+1), ChangedBy: t.terminal,
		})
	})
}

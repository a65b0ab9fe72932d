package bolt

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
)

// Administer is office.Book's.
func (c *Central) Administer(pen office.Pen, area pos.AreaID, change office.Change, decide func(office.Tail) (pos.Entry, error)) error {
	return c.file.update(func(tx *bbolt.Tx) error {
		t, err := c.begin(tx, area, pen.At)
		if err != nil {
			return err
		}
		t.day = pen.Day
		if err := t.writes(pen.Terminal); err != nil {
			return err
		}
		e, err := decided(func() (pos.Entry, error) { return decide(t.tail) })
		if err != nil {
			return err
		}
		if _, err := t.own(e); err != nil {
			return err
		}
		if err := c.administer(t, change, e); err != nil {
			return err
		}
		return t.finish()
	})
}

// administer makes the change that the entry is about.
func (c *Central) administer(t *taking, change office.Change, e pos.Entry) error {
	switch {
	case change.Add != nil:
		return renewed(t.tx, c.addCashier(t.tx, *change.Add))
	case change.Put != nil:
		return renewed(t.tx, c.putCashier(t.tx, *change.Put))
	case change.Remove != "":
		return renewed(t.tx, c.removeCashier(t.tx, change.Remove))
	case change.Ticket != nil:
		return c.addTicket(t.tx, *change.Ticket)
	case change.Revoke != pos.TerminalID{}:
		return c.revoke(t.tx, change.Revoke, revocation{e.By.Manager, e.Reason})
	case change.Publish != nil:
		return renewed(t.tx, publish(t.tx, *change.Publish))
	case change.Erase != pos.HolderID{}:
		return t.erase(change.Erase)
	}
	return nil
}

// renewed gives the rosters a new version, unless what changed them failed.
func renewed(tx *bbolt.Tx, err error) error {
	if err != nil {
		return err
	}
	meta := tx.Bucket(metaBucket)
	version, err := getNumber(meta, versionKey)
	if err != nil {
		return err
	}
	return meta.Put(versionKey, numberKey(version+1))
}

func (c *Central) addCashier(tx *bbolt.Tx, cashier pos.Cashier) error {
	if tx.Bucket(cashierBucket).Get([]byte(cashier.ID)) != nil {
		return pos.Refuse(store.ErrCashierTwice.Key, "cashier", string(cashier.ID))
	}
	return c.cashierRows(tx).put([]byte(cashier.ID), cashier)
}

// putCashier replaces a cashier. What is left out of the new one stays: the name,
// the role, the PIN.
func (c *Central) putCashier(tx *bbolt.Tx, next pos.Cashier) error {
	before, err := c.cashierOf(tx, next.ID)
	if err != nil {
		return err
	}
	if next.Name == "" {
		next.Name = before.Name
	}
	if next.Role == "" {
		next.Role = before.Role
	}
	if next.PIN == "" {
		next.PIN = before.PIN
	}
	if err := c.leavesManager(tx, next.ID, next.Role); err != nil {
		return err
	}
	return c.cashierRows(tx).put([]byte(next.ID), next)
}

func (c *Central) removeCashier(tx *bbolt.Tx, id pos.CashierID) error {
	if _, err := c.cashierOf(tx, id); err != nil {
		return err
	}
	if err := c.leavesManager(tx, id, ""); err != nil {
		return err
	}
	return tx.Bucket(cashierBucket).Delete([]byte(id))
}

func (c *Central) cashierOf(tx *bbolt.Tx, id pos.CashierID) (cashier pos.Cashier, err error) {
	found, err := c.cashierRows(tx).get([]byte(id), &cashier)
	if err == nil && !found {
		err = pos.Refuse(store.ErrNoCashier.Key, "cashier", string(id))
	}
	return cashier, err
}

func (c *Central) leavesManager(tx *bbolt.Tx, id pos.CashierID, role pos.Role) error {
	cashiers, err := c.cashiers(tx)
	if err == nil && !office.LeavesManager(cashiers, id, role) {
		err = office.ErrLastManager
	}
	return err
}

// erase leaves of the profile that there was one. Every till hears of it.
func (t *taking) erase(holder pos.HolderID) error {
	old, found, err := t.area.profileOf(holder)
	switch {
	case err != nil:
		return err
	case !found:
		return office.ErrNoMember
	case old.Kind == pos.Erased:
		return office.ErrErased
	}
	gone := pos.Profile{
		Holder: holder, Kind: pos.Erased, Joined: old.Joined,
		Changed: max(t.at.UnixMilli(), old.Changed+1), ChangedBy: t.terminal,
	}
	return t.saveProfile(old, gone)
}

// EraseProfile leaves of the profile, at a till without a centre, that there was
// one.
func (t *Till) EraseProfile(holder pos.HolderID, at time.Time) error {
	return t.file.update(func(tx *bbolt.Tx) error {
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

// The buckets of what a central server knows of tills and managers besides the
// ledger. Files from before it have none.
var (
	centralTriesBucket = []byte("tries") // terminal, cashier -> how often the PIN was wrong
	seenBucket         = []byte("seen")  // terminal -> sighting
)

// sighting is when a terminal was here last, and what waited there.
type sighting struct {
	At      int64  `cbor:"1,keyasint"` // ms since 1970
	Waiting uint64 `cbor:"2,keyasint,omitempty"`
}

// Try is station.Guard's for the cashiers as they sign in through a terminal. Each
// terminal has a count of its own, so that a stolen one shuts no manager out of the
// others. Decide must not call the file.
func (c *Central) Try(through pos.TerminalID, cashier pos.CashierID, decide func(station.Tries) (station.Tries, error)) error {
	return c.file.update(func(tx *bbolt.Tx) error {
		rows, err := tx.CreateBucketIfNotExists(centralTriesBucket)
		if err != nil {
			return fmt.Errorf("make bucket: %w", err)
		}
		return try(rows, append(through[:], cashier...), decide)
	})
}

// seenEvery is how often it is written that a terminal is still there.
const seenEvery = 10 * time.Minute

// Saw notes that the terminal was here at the moment with so many entries still
// waiting there. What changes nothing but the moment is written every ten minutes.
func (c *Central) Saw(id pos.TerminalID, at time.Time, waiting uint64) error {
	before, waited, err := c.Seen(id)
	if err != nil || waited == waiting && at.Sub(before) < seenEvery {
		return err
	}
	return c.file.update(func(tx *bbolt.Tx) error {
		rows, err := tx.CreateBucketIfNotExists(seenBucket)
		if err != nil {
			return fmt.Errorf("make bucket: %w", err)
		}
		return put(rows, id[:], sighting{at.UnixMilli(), waiting})
	})
}

// Seen returns when the terminal was here last, up to ten minutes late, and how many
// entries waited there; the zero time for one that never was.
func (c *Central) Seen(id pos.TerminalID) (at time.Time, waiting uint64, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		rows := tx.Bucket(seenBucket)
		if rows == nil {
			return nil
		}
		var row sighting
		found, err := get(rows, id[:], &row)
		if found {
			at, waiting = time.UnixMilli(row.At).UTC(), row.Waiting
		}
		return err
	})
	return at, waiting, err
}

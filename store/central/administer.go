package central

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// Administer is office.Book's.
func (c *Book) Administer(pen office.Pen, area pos.AreaID, change office.Change, decide func(office.Tail) (pos.Entry, error)) error {
	return c.db.Update("", func(tx rows.Tx) error {
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
func (c *Book) administer(t *taking, change office.Change, e pos.Entry) error {
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
func renewed(tx rows.Tx, err error) error {
	if err != nil {
		return err
	}
	meta := tx.Table(rows.Meta)
	version, err := rows.GetNumber(meta, versionKey)
	if err != nil {
		return err
	}
	return meta.Put(versionKey, rows.NumberKey(version+1))
}

func (c *Book) addCashier(tx rows.Tx, cashier pos.Cashier) error {
	if tx.Table(cashierTable).Get([]byte(cashier.ID)) != nil {
		return pos.Refuse(store.ErrCashierTwice.Key, "cashier", string(cashier.ID))
	}
	return c.cashierRows(tx).Put([]byte(cashier.ID), cashier)
}

// putCashier replaces a cashier. What is left out of the new one stays: the name,
// the role, the PIN.
func (c *Book) putCashier(tx rows.Tx, next pos.Cashier) error {
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
	return c.cashierRows(tx).Put([]byte(next.ID), next)
}

func (c *Book) removeCashier(tx rows.Tx, id pos.CashierID) error {
	if _, err := c.cashierOf(tx, id); err != nil {
		return err
	}
	if err := c.leavesManager(tx, id, ""); err != nil {
		return err
	}
	return tx.Table(cashierTable).Delete([]byte(id))
}

func (c *Book) cashierOf(tx rows.Tx, id pos.CashierID) (cashier pos.Cashier, err error) {
	found, err := c.cashierRows(tx).Get([]byte(id), &cashier)
	if err == nil && !found {
		err = pos.Refuse(store.ErrNoCashier.Key, "cashier", string(id))
	}
	return cashier, err
}

func (c *Book) leavesManager(tx rows.Tx, id pos.CashierID, role pos.Role) error {
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

// The tables of what a central server knows of tills and managers besides the
// ledger. Files from before it have none.
var (
	centralTriesTable = []byte("tries") // terminal, cashier -> how often the PIN was wrong
	seenTable         = []byte("seen")  // terminal -> sighting
)

// Try is station.Guard's for the cashiers as they sign in through a terminal. Each
// terminal has a count of its own, so that a stolen one shuts no manager out of the
// others. Decide must not call the book.
func (c *Book) Try(through pos.TerminalID, cashier pos.CashierID, decide func(station.Tries) (station.Tries, error)) error {
	return c.db.Update("", func(tx rows.Tx) error {
		table, err := tx.Make(centralTriesTable)
		if err != nil {
			return fmt.Errorf("make table: %w", err)
		}
		return rows.Try(table, append(through[:], cashier...), decide)
	})
}

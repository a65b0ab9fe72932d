package main

import (
	"crypto/rand"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/tui/screen"
)

// newCashier is who the manager described, with the id that is made of the name.
func newCashier(told office.Staff) (pos.Cashier, error) {
	name := pos.CleanName(told.Name)
	c := pos.Cashier{ID: pos.CashierID(slug(name)), Name: name, Role: told.Role}
	if c.ID == "" || len(name) > pos.MaxText || c.Role != pos.RoleCashier && c.Role != pos.RoleManager {
		return c, pos.Refuse("cashier.name", "name", told.Name)
	}
	return c, nil
}

// staffChange is what a change of a cashier is called in the entry about it.
func staffChange(told office.Staff) string {
	if told.PIN != "" && told.Name == "" && told.Role == "" {
		return office.CashierPIN
	}
	return office.CashierChanged
}

// staffDetail says what was changed, for the entry.
func staffDetail(c pos.Cashier) string {
	detail := ""
	if c.Name != "" {
		detail += " name=" + c.Name
	}
	if c.Role != "" {
		detail += " role=" + string(c.Role)
	}
	if c.PIN != "" {
		detail += " pin"
	}
	return detail
}

func (d *serverDesk) staff(acting, nothing) ([]pos.Cashier, error) { return d.db.Cashiers() }

func (d *serverDesk) addStaff(by acting, told office.Staff) (pos.Cashier, error) {
	c, err := newCashier(told)
	if err != nil {
		return c, err
	}
	if c.PIN, err = station.HashPIN(told.PIN, d.pepper(), rand.Reader); err != nil {
		return c, err
	}
	return c, d.did(by, office.CashierAdded, string(c.ID), staffDetail(c), office.Change{Add: &c})
}

func (d *serverDesk) changeStaff(by acting, told office.Staff) (nothing, error) {
	c, err := changedCashier(told, d.pepper())
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, d.did(by, staffChange(told), string(c.ID), staffDetail(c), office.Change{Put: &c})
}

// changedCashier is the cashier with what changes of one, the PIN as it is kept.
func changedCashier(told office.Staff, pepper []byte) (pos.Cashier, error) {
	c := pos.Cashier{ID: told.ID, Name: pos.CleanName(told.Name), Role: told.Role}
	if told.Name != "" && c.Name == "" || len(c.Name) > pos.MaxText {
		return c, pos.Refuse("cashier.name", "name", told.Name)
	}
	if told.PIN == "" {
		return c, nil
	}
	var err error
	c.PIN, err = station.HashPIN(told.PIN, pepper, rand.Reader)
	return c, err
}

func (d *serverDesk) removeStaff(by acting, told office.Staff) (nothing, error) {
	return nothing{}, d.did(by, office.CashierRemoved, string(told.ID), "", office.Change{Remove: told.ID})
}

// did makes the change and books that the manager made it.
func (d *serverDesk) did(by acting, do, about, reason string, change office.Change) error {
	_, err := d.office.Do(office.Act{
		Area: by.through.Area, Act: station.Act{Do: do, About: about, Manager: by.manager, Reason: reason, Holder: change.Erase},
	}, change)
	return err
}

// Staff implements screen.Office.
func (l lineOffice) Staff(by screen.Manager) ([]pos.Cashier, error) {
	return ask[[]pos.Cashier](l, by, "cashier-list", nothing{})
}

// AddStaff implements screen.Office.
func (l lineOffice) AddStaff(by screen.Manager, told office.Staff) error {
	_, err := ask[pos.Cashier](l, by, "cashier-add", told)
	return l.heard(err)
}

// ChangeStaff implements screen.Office.
func (l lineOffice) ChangeStaff(by screen.Manager, told office.Staff) error {
	_, err := ask[nothing](l, by, "cashier-change", told)
	return l.heard(err)
}

// RemoveStaff implements screen.Office.
func (l lineOffice) RemoveStaff(by screen.Manager, id pos.CashierID) error {
	_, err := ask[nothing](l, by, "cashier-remove", office.Staff{ID: id})
	return l.heard(err)
}

// heard wakes the line where something was changed, so that this till has it soon.
func (l lineOffice) heard(err error) error {
	if err == nil {
		wake(l.till.kick)
	}
	return err
}

// Staff implements screen.Office.
func (o ownOffice) Staff(screen.Manager) ([]pos.Cashier, error) {
	roster, err := o.till.db.Roster()
	return roster.Cashiers, err
}

// AddStaff implements screen.Office.
func (o ownOffice) AddStaff(by screen.Manager, told office.Staff) error {
	c, err := newCashier(told)
	if err != nil {
		return err
	}
	if c.PIN, err = station.HashPIN(told.PIN, o.till.identity.pepper(), rand.Reader); err != nil {
		return err
	}
	return o.change(by, station.Act{Do: office.CashierAdded, About: string(c.ID), Reason: staffDetail(c)}, func(roster *pos.Roster) error {
		if _, taken := roster.Cashier(c.ID); taken {
			return pos.Refuse(store.ErrCashierTwice.Key, "cashier", string(c.ID))
		}
		roster.Cashiers = append(roster.Cashiers, c)
		return nil
	})
}

// ChangeStaff implements screen.Office.
func (o ownOffice) ChangeStaff(by screen.Manager, told office.Staff) error {
	c, err := changedCashier(told, o.till.identity.pepper())
	if err != nil {
		return err
	}
	return o.change(by, station.Act{Do: staffChange(told), About: string(c.ID), Reason: staffDetail(c)}, func(roster *pos.Roster) error {
		return putStaff(roster, c)
	})
}

// putStaff changes a cashier of a roster; what is left out stays.
func putStaff(roster *pos.Roster, c pos.Cashier) error {
	at := slices.IndexFunc(roster.Cashiers, func(other pos.Cashier) bool { return other.ID == c.ID })
	if at < 0 {
		return pos.Refuse(store.ErrNoCashier.Key, "cashier", string(c.ID))
	}
	before := roster.Cashiers[at]
	c.Name, c.Role, c.PIN = firstOf(c.Name, before.Name), pos.Role(firstOf(string(c.Role), string(before.Role))), firstOf(c.PIN, before.PIN)
	if !office.LeavesManager(roster.Cashiers, c.ID, c.Role) {
		return office.ErrLastManager
	}
	roster.Cashiers[at] = c
	return nil
}

// RemoveStaff implements screen.Office.
func (o ownOffice) RemoveStaff(by screen.Manager, id pos.CashierID) error {
	return o.change(by, station.Act{Do: office.CashierRemoved, About: string(id)}, func(roster *pos.Roster) error {
		return dropStaff(roster, id)
	})
}

// dropStaff takes a cashier off a roster.
func dropStaff(roster *pos.Roster, id pos.CashierID) error {
	if _, known := roster.Cashier(id); !known {
		return pos.Refuse(store.ErrNoCashier.Key, "cashier", string(id))
	}
	if !office.LeavesManager(roster.Cashiers, id, "") {
		return office.ErrLastManager
	}
	roster.Cashiers = slices.DeleteFunc(slices.Clone(roster.Cashiers), func(c pos.Cashier) bool { return c.ID == id })
	return nil
}

// change changes the till's own roster in the name of a manager and books that. The
// change is tried first, so that nothing is booked that is not done.
func (o ownOffice) change(by screen.Manager, act station.Act, change func(*pos.Roster) error) error {
	if err := o.till.station.Approve(by.ID, by.PIN); err != nil {
		return err
	}
	if err := o.till.changeRoster(change); err != nil {
		return err
	}
	act.Manager = by.ID
	return o.till.station.Administer(act)
}

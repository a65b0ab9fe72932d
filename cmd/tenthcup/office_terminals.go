package main

import (
	"time"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/office"
	"tenthcup/tui/screen"
)

type tillAsk struct {
	Name  string      `json:"name"`
	Store pos.StoreID `json:"store"`
}

type revokeAsk struct {
	ID     pos.TerminalID `json:"id"`
	Reason string         `json:"reason"`
}

// codeValid is how long a one-time code is good that was made at a till.
const codeValid = time.Hour

// tills returns the tills of the area and its stores.
func (d *serverDesk) tills(by acting, _ nothing) (found office.Tills, err error) {
	if found.Tills, err = d.db.Tills(by.through.Area); err != nil {
		return found, err
	}
	for i, t := range found.Tills {
		found.Tills[i].Here = t.ID == by.through.ID
	}
	shops, err := d.db.Stores()
	for _, shop := range shops {
		if shop.Area == by.through.Area {
			found.Stores = append(found.Stores, shop)
		}
	}
	return found, err
}

// addTill makes a one-time code for a till of a store of the area.
func (d *serverDesk) addTill(by acting, told tillAsk) (made office.Ticketed, err error) {
	name := pos.CleanName(told.Name)
	if name == "" || len(name) > pos.MaxText {
		return made, pos.Refuse("office.tillname")
	}
	known, err := d.tills(by, nothing{})
	if err != nil {
		return made, err
	}
	ours := false
	for _, shop := range known.Stores {
		ours = ours || shop.Store == told.Store
	}
	if !ours {
		return made, pos.Refuse("store.unknown", "store", string(told.Store))
	}
	expires := time.Now().Add(codeValid)
	made.Expires = expires.UnixMilli()
	made.Code, err = newCode(func(once string) error {
		return d.did(by, office.TerminalAdded, name, "store="+string(told.Store), office.Change{
			Ticket: &office.Ticket{Name: name, Store: told.Store, Code: once, Expires: expires},
		})
	})
	if err != nil {
		return made, err
	}
	made.Code = code.Group(made.Code)
	_, pin, err := d.certificate()
	made.Pin = pin.String()
	return made, err
}

// revokeTill shuts out a till of the area, which is not the one that asks: nobody
// could take back there what was done by mistake.
func (d *serverDesk) revokeTill(by acting, told revokeAsk) (nothing, error) {
	if pos.CleanName(told.Reason) == "" {
		return nothing{}, office.ErrReason
	}
	if told.ID == by.through.ID {
		return nothing{}, pos.Refuse("office.itself")
	}
	known, err := d.db.Terminal(told.ID)
	if err == nil && known.Area != by.through.Area {
		err = pos.ErrUnknownTerminal
	}
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, d.did(by, office.TerminalGone, told.ID.String(), told.Reason, office.Change{Revoke: told.ID})
}

// Tills implements screen.Office.
func (l lineOffice) Tills(by screen.Manager) (office.Tills, error) {
	return ask[office.Tills](l, by, "terminal-list", nothing{})
}

// AddTill implements screen.Office.
func (l lineOffice) AddTill(by screen.Manager, name string, store pos.StoreID) (office.Ticketed, error) {
	made, err := ask[office.Ticketed](l, by, "terminal-add", tillAsk{name, store})
	made.URL = l.till.identity.Server
	if len(l.till.identity.Pins) == 0 {
		made.Pin = "" // this till trusts the server's certificate, and so will that one
	}
	return made, err
}

// RevokeTill implements screen.Office.
func (l lineOffice) RevokeTill(by screen.Manager, id pos.TerminalID, reason string) error {
	_, err := ask[nothing](l, by, "terminal-revoke", revokeAsk{id, reason})
	return err
}

// Tills implements screen.Office: a till without a server is the only one.
func (o ownOffice) Tills(screen.Manager) (office.Tills, error) { return office.Tills{}, nil }

// AddTill implements screen.Office.
func (o ownOffice) AddTill(screen.Manager, string, pos.StoreID) (office.Ticketed, error) {
	return office.Ticketed{}, pos.Refuse("line.none")
}

// RevokeTill implements screen.Office.
func (o ownOffice) RevokeTill(screen.Manager, pos.TerminalID, string) error {
	return pos.Refuse("line.none")
}

package office

import (
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// What a manager does besides the ledger, as entries name it in Code.
const (
	CashierAdded   = "cashier-add"
	CashierChanged = "cashier-change" // a name, a role
	CashierPIN     = "cashier-pin"
	CashierRemoved = "cashier-remove"
	TerminalAdded  = "terminal-add" // a one-time code was given out
	TerminalGone   = "terminal-revoke"
	Published      = "program-publish"
	MemberErased   = "member-erase"
	MemberExported = "member-export"
)

// Change is what a manager changes besides the ledger. At most one of its fields is
// set; none where the act changes nothing, an export for one.
type Change struct {
	Add     *pos.Cashier   // a new one
	Put     *pos.Cashier   // in the place of the one with the id
	Remove  pos.CashierID  //
	Ticket  *Ticket        // a till may enrol
	Revoke  pos.TerminalID // a till is shut out
	Publish *pos.Published
	Erase   pos.HolderID
}

// Ticket lets one till enrol.
type Ticket struct {
	Name    string
	Store   pos.StoreID
	Code    string // one-time
	Expires time.Time
}

// What a manager may be told about cashiers.
var (
	ErrLastManager = pos.Refuse("office.lastmanager") // nobody would be left who may change it back
	ErrErased      = pos.Refuse("office.erased")      // there is nothing about the member any more
)

// Act is what a manager does besides the ledger, and whose ledger has the entry
// about it.
type Act struct {
	station.Act
	Area pos.AreaID
}

// Do makes the change, and books that and who did it, both or neither.
func (o *Office) Do(act Act, change Change) (pos.Entry, error) {
	d, err := o.draw()
	if err != nil {
		return pos.Entry{}, err
	}
	d.reason = short(act.Reason)
	err = o.Book.Administer(d.pen, act.Area, change, func(tail Tail) (pos.Entry, error) {
		e, err := d.entry(act.Area, tail)
		if err != nil {
			return e, err
		}
		e.Kind, e.Holder, e.Code = pos.Administered, act.Holder, act.Do
		e.By = &pos.By{Kind: pos.ByManager, ID: []byte(act.About), Manager: act.Manager}
		*d.written = e
		return e, nil
	})
	if err != nil {
		return pos.Entry{}, err
	}
	return *d.written, nil
}

// short is a reason as an entry can hold it.
func short(reason string) string {
	reason = pos.CleanName(reason)
	return strings.ToValidUTF8(reason[:min(len(reason), pos.MaxText)], "")
}

// LeavesManager reports whether somebody who may change cashiers is left once the
// one with the id has another role, or is gone with "".
func LeavesManager(cashiers []pos.Cashier, id pos.CashierID, role pos.Role) bool {
	if role == pos.RoleManager {
		return true
	}
	for _, c := range cashiers {
		if c.Role == pos.RoleManager && c.ID != id && c.PIN != "" {
			return true
		}
	}
	for _, c := range cashiers {
		if c.ID == id {
			return c.Role != pos.RoleManager
		}
	}
	return true
}

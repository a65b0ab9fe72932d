package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
)

// Office is where managers work: at the central server, through this till, or in
// the file of a till that has none. Every call shows who the manager is, because
// the server takes no till's word for it, and every call may take as long as the
// line does: it is made in commands only. What a method changed is on disk there,
// and stands in the ledger as the manager's act. Errors are *pos.Problem: among
// them office.line where the server is out of reach, office.unsure where nobody
// knows whether it was done, and office.old where the server does not know the order.
type Office interface {
	issueOffice
	staffOffice
	tillOffice
	personOffice
	programOffice
}

type issueOffice interface {
	// Issues returns what waits for a manager, the newest first, and with all what
	// was settled behind it.
	Issues(by Manager, all bool) ([]office.Issue, error)
	// SettleIssue settles one: how is settle or writeoff for an exception, release
	// or dismiss for bytes in quarantine.
	SettleIssue(by Manager, id, how, reason string) error
}

type staffOffice interface {
	Staff(by Manager) ([]pos.Cashier, error)
	AddStaff(by Manager, told office.Staff) error
	ChangeStaff(by Manager, told office.Staff) error
	RemoveStaff(by Manager, id pos.CashierID) error
}

type tillOffice interface {
	Tills(by Manager) (office.Tills, error)
	AddTill(by Manager, name string, store pos.StoreID) (office.Ticketed, error)
	RevokeTill(by Manager, id pos.TerminalID, reason string) error
}

type personOffice interface {
	MergeMembers(by Manager, from, into pos.HolderID, reason string) error
	// ExportMember writes all that is kept about the member to a file, "json" or
	// "csv", and returns its name.
	ExportMember(by Manager, holder pos.HolderID, form string) (file string, err error)
	EraseMember(by Manager, holder pos.HolderID, reason string) error
}

type programOffice interface {
	// Programs returns the documents that decide here: the one that does now, then
	// those to come by their moments.
	Programs(by Manager) ([]pos.Published, error)
	// PublishProgram makes the document the one that decides from its moment on; at
	// once if From is 0.
	PublishProgram(by Manager, p pos.Published) error
}

// hasOffice reports whether managers can work here.
func (d *Desk) hasOffice() bool { return d.Office != nil }

// atServer reports whether the office is a server's: a till that is alone has no
// other tills and takes nothing on trust.
func atServer(d *Desk) bool { return d.hasOffice() && d.Line != nil }

// openPerson opens what a manager may do about the member, once one has shown who
// they are.
func openPerson(d *Desk, m station.Member) (Screen, tea.Cmd) {
	open := func(d *Desk) (Screen, tea.Cmd) { return NewPerson(d, m) }
	if d.Manager == nil {
		return NewGate(d, open)
	}
	return open(d)
}

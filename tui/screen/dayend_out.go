package screen

import (
	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/tui/slip"
)

// SaveFile keeps a report where people find it, and returns where that is. The file
// is on disk when it returns. A file of that name is replaced. It is called in
// commands only.
type SaveFile func(name string, document []byte) (path string, err error)

// saved is a message: the report is in the file, or why not.
type saved struct {
	path string
	err  error
}

// errNoFiles is returned where the till cannot save files.
var errNoFiles = pos.Refuse("dayend.nofiles")

// looked is the report that is looked at.
func (e DayEnd) looked() report.Z {
	if e.older != nil {
		return *e.older
	}
	return e.z
}

// paper lays the report out that is looked at. What waits and what is to be settled
// is so now, and says nothing about an earlier day.
func (e DayEnd) paper() slip.Page {
	d := e.desk
	about := slip.About{Words: d.Words, Shop: d.Shop, Till: d.Name, Program: e.program, Name: d.CashierName}
	if e.older == nil {
		about.Exceptions = d.Standing.Exceptions
		if d.Line != nil && !d.Sending.Active {
			about.Waiting = d.Waiting.Total()
		}
	}
	return slip.ZReport(e.looked(), about)
}

func (e DayEnd) print() (Screen, tea.Cmd) {
	e.notice = Notice{}
	return e, e.desk.Print(e.paper().Slip())
}

// save keeps the report for spreadsheets and for browsers.
func (e DayEnd) save() (Screen, tea.Cmd) {
	e.notice = Notice{}
	save, paper, name, decimal := e.desk.Save, e.paper(), slip.ZName(e.looked()), e.desk.Words.Decimal()
	return e, func() tea.Msg {
		if save == nil {
			return saved{err: errNoFiles}
		}
		document, err := paper.HTML()
		if err != nil {
			return saved{err: err}
		}
		if _, err := save(name+".csv", paper.CSV(decimal)); err != nil {
			return saved{err: err}
		}
		path, err := save(name+".html", document)
		return saved{path, err}
	}
}

func (e DayEnd) savedNotice(msg saved) Notice {
	if msg.err != nil {
		return Notice{e.desk.Words.Error(msg.err), Bad}
	}
	return Notice{e.desk.Words.T("dayend.saved", "file", msg.path), Done}
}

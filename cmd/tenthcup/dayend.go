package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/tui/slip"
)

// reportsName is the folder in a till's data folder where reports are kept.
const reportsName = "reports"

// sendPatience is how long a day end tries to send what waits.
const sendPatience = 2 * time.Minute

// paperwork is embedded by the commands that make a report.
type paperwork struct {
	CSV   string `help:"Also write the report for spreadsheets." name:"csv" placeholder:"FILE"`
	HTML  string `help:"Also write the report as a page that a browser prints." name:"html" placeholder:"FILE"`
	Print bool   `help:"Also print it on the till's receipt printer."`
}

type dayEndCmd struct {
	onTill
	byCashier
	paperwork
}

// zJSON is a Z-report as scripts read it: always these fields in this order. All
// amounts of money are in minor units of the currency. See report.Z for those that
// are not described here.
type zJSON struct {
	Shop     string `json:"shop"`
	Currency string `json:"currency"`
	report.Z
	Liability  pos.Money `json:"liability"`  // what all values that members hold are worth
	Waiting    int       `json:"waiting"`    // entries and members that the server has not had; 0 without a server, and of an earlier day
	Exceptions int       `json:"exceptions"` // that wait for a manager at the server, as of the last exchange; 0 of an earlier day
}

// Run closes the shift, sends what waits and prints the report. It ends with status 3
// while anything waits; the shift is closed all the same.
func (d dayEndCmd) Run(c *call) error {
	return c.withTill(d.Dir, func(t *till) error {
		if d.Print && t.settings.Printer.Kind == "" {
			return slip.ErrNoPrinter // while nothing is closed
		}
		z, err := t.station.DayEnd(d.Cashier)
		if err != nil {
			return err
		}
		var lineErr error
		if t.client != nil {
			ctx, cancel := context.WithTimeout(c.ctx, sendPatience)
			lineErr = t.sync(ctx, c.progress())
			cancel()
		}
		open, err := t.openEnds()
		if err != nil {
			return err
		}
		if err := c.printReport(t, z, open, d.paperwork); err != nil {
			return err
		}
		if open.unsent == 0 {
			return nil
		}
		if lineErr != nil && !c.json {
			fmt.Fprintln(c.err, c.words.Error(lineErr))
		}
		return errWaiting
	})
}

type shiftCmd struct {
	onTill
	paperwork
	Number int `help:"Of an earlier day end of this till, instead of the shift so far." placeholder:"N"`
}

// Run prints the report of the shift so far, or of an earlier day end.
func (s shiftCmd) Run(c *call) error {
	return c.withTill(s.Dir, func(t *till) error {
		if s.Number != 0 {
			z, err := t.station.ZReport(s.Number)
			if err != nil {
				return err
			}
			return c.printReport(t, z, openEnds{}, s.paperwork) // what waits now says nothing about that day
		}
		z, err := t.station.XReport()
		if err != nil {
			return err
		}
		open, err := t.openEnds()
		if err != nil {
			return err
		}
		return c.printReport(t, z, open, s.paperwork)
	})
}

// openEnds is what waits now, nothing where there is no server.
type openEnds struct {
	unsent     int // entries and members that the server has not had
	exceptions int // that wait for a manager at the server
}

func (t *till) openEnds() (open openEnds, err error) {
	waiting, err := t.station.Waiting()
	if err != nil || !waiting.Enrolled {
		return open, err
	}
	standing, err := t.station.Standing()
	return openEnds{waiting.Total(), standing.Exceptions}, err
}

// printReport prints the report, and puts it wherever else it is wanted.
func (c *call) printReport(t *till, z report.Z, open openEnds, wanted paperwork) error {
	waiting, err := t.station.Waiting()
	if err != nil {
		return err
	}
	roster, err := t.db.Roster() // as the sync left it
	if err != nil {
		return err
	}
	program, err := t.station.Program()
	if err != nil && !errors.Is(err, station.ErrNoProgram) {
		return err
	}
	document := zJSON{roster.Shop.Name, roster.Shop.Currency, z, z.Liability(), open.unsent, open.exceptions}
	page := slip.ZReport(z, slip.About{
		Words: c.words, Shop: roster.Shop.Name, Till: t.identity.Name, Program: program, Waiting: open.unsent, Exceptions: open.exceptions,
		Name: func(id pos.CashierID) string {
			known, _ := roster.Cashier(id)
			return firstOf(known.Name, string(id), c.words.T("shift.nobody"))
		},
	})
	text := strings.Join(page.Sentences(), "\n") + "\n\n" + c.lineText(waiting)
	return errors.Join(c.print(document.whole(), text), c.hand(t, page, wanted))
}

// whole is the document with lists that are empty rather than null.
func (z zJSON) whole() zJSON {
	if z.Cashiers == nil {
		z.Cashiers = []report.CashierTotals{}
	}
	if z.Values == nil {
		z.Values = []report.Value{}
	}
	if z.Given == nil {
		z.Given = []report.Given{}
	}
	if z.Sold == nil {
		z.Sold = []report.Sold{}
	}
	return z
}

// hand writes and prints the page as it is wanted. What a printer does not do is said
// and changes nothing: the report can be had again by its number.
func (c *call) hand(t *till, page slip.Page, wanted paperwork) (err error) {
	if wanted.CSV != "" {
		err = errors.Join(err, writeFile(c.path(wanted.CSV), page.CSV(c.words.Decimal()), 0o600))
	}
	if wanted.HTML != "" {
		document, htmlErr := page.HTML()
		if htmlErr == nil {
			htmlErr = writeFile(c.path(wanted.HTML), document, 0o600)
		}
		err = errors.Join(err, htmlErr)
	}
	if wanted.Print {
		if printErr := t.onPaper(c.ctx, page.Slip()); printErr != nil {
			fmt.Fprintln(c.err, c.words.Error(printErr))
		}
	}
	return err
}

// onPaper prints the slip on the till's printer.
func (t *till) onPaper(ctx context.Context, s slip.Slip) error {
	device := newPrinter(t.settings.Printer)
	if device == nil {
		return slip.ErrNoPrinter
	}
	return device.Print(ctx, s)
}

// saveReport is tui's SaveFile: it keeps reports in a folder of the till's.
func (t *till) saveReport(name string, document []byte) (string, error) {
	folder := filepath.Join(t.dir, reportsName)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", store.Explain(err)
	}
	path := filepath.Join(folder, filepath.Base(name))
	return path, writeFile(path, document, 0o600)
}

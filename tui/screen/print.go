package screen

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/slip"
)

// Printer puts slips on paper. Its methods are called in commands only, return
// when the printer has taken the job or cannot, and never hold a sale up.
type Printer interface {
	// Print prints the slip and cuts the paper. The error is a *pos.Problem that
	// says what to do.
	Print(ctx context.Context, s slip.Slip) error
	// OpenDrawer opens the cash drawer.
	OpenDrawer(ctx context.Context) error
}

// Printed is a message: a job of the printer ended, with the error that stopped it.
type Printed struct {
	Err    error
	Behind bool // nobody asked for it: it was printed beside an action
	Drawer bool // it opened the cash drawer

	counted bool // among the jobs on their way
}

// Printing is how the printer is doing. The zero Printing has nothing to say.
type Printing struct {
	Last *slip.Slip // that was sent to it last, to be printed again
	Err  error      // why the newest job failed; nil once one has not
	jobs int        // on their way
}

// maxJobs is how many jobs wait for a printer at most. More would be printed for
// customers who are gone.
const maxJobs = 8

// ErrManyJobs is returned where a printer is so far behind that no more is sent to it.
var ErrManyJobs = pos.Refuse("print.many")

// Print prints the slip; without a printer it says so. The screen that is shown
// when it is done hears it as a Printed, unless that screen is confirming something.
func (d *Desk) Print(s slip.Slip) tea.Cmd {
	d.Printing.Last = &s
	return d.job(Printed{}, func(ctx context.Context, printer Printer) error { return printer.Print(ctx, s) })
}

// OpenDrawer opens the cash drawer, if there is one. It is heard like a slip.
func (d *Desk) OpenDrawer() tea.Cmd {
	if !d.hasDrawer() {
		return nil
	}
	return d.job(Printed{Drawer: true}, func(ctx context.Context, printer Printer) error { return printer.OpenDrawer(ctx) })
}

func (d *Desk) hasDrawer() bool { return d.Printer != nil && d.Settings.Printer.Drawer }

// Receipt prints what was booked for the member, where each action has a slip. No
// screen waits for it or hears how it ended.
func (d *Desk) Receipt(m station.Member, booked ...station.Record) tea.Cmd {
	if d.Printer == nil || d.Settings.Printer.Slips != "always" || len(booked) == 0 {
		return nil
	}
	first, names := booked[0], station.Names(m)
	receipt := slip.Receipt{
		Words: d.Words, Shop: d.Shop, At: first.Entry.Time(), Number: first.Number,
		Cashier: d.CashierName(first.Entry.Cashier), Member: m, News: d.News,
	}
	for _, r := range booked {
		receipt.Did = append(receipt.Did, describe(r.Entry, names, d.Words))
	}
	s := receipt.Slip()
	d.Printing.Last = &s
	return d.job(Printed{Behind: true}, func(ctx context.Context, printer Printer) error { return printer.Print(ctx, s) })
}

// job has the printer do something in the background.
func (d *Desk) job(ended Printed, do func(context.Context, Printer) error) tea.Cmd {
	printer, ctx := d.Printer, d.Ctx
	switch {
	case printer == nil:
		ended.Err = slip.ErrNoPrinter
		return func() tea.Msg { return ended }
	case d.Printing.jobs >= maxJobs:
		ended.Err = ErrManyJobs
		return func() tea.Msg { return ended }
	}
	d.Printing.jobs++
	ended.counted = true
	return func() tea.Msg {
		ended.Err = do(ctx, printer)
		return ended
	}
}

// Ended notes how a job ended.
func (d *Desk) Ended(msg Printed) {
	if msg.counted {
		d.Printing.jobs--
	}
	d.Printing.Err = msg.Err
}

// PrinterTrouble is why the newest job failed; nil without a printer.
func (d *Desk) PrinterTrouble() error {
	if d.Printer == nil {
		return nil
	}
	return d.Printing.Err
}

// printedNotice says how printing ended.
func (d *Desk) printedNotice(msg Printed) Notice {
	switch {
	case msg.Err != nil:
		return Notice{d.Words.Error(msg.Err), Bad}
	case msg.Drawer:
		return Notice{d.Words.T("print.drawer"), Done}
	}
	return Notice{d.Words.T("print.done"), Done}
}

// printAgain prints the last slip once more.
func printAgain(d *Desk) (Screen, tea.Cmd) {
	m := newMenu(d)
	m.say(Said, "print.printing")
	return m, d.Print(*d.Printing.Last)
}

func canPrintAgain(d *Desk) bool { return d.Printer != nil && d.Printing.Last != nil }

type drawerTill interface {
	OpenDrawer(by pos.CashierID, manager station.Override) (station.Record, error)
}

// openDrawer opens the cash drawer without a sale: a manager's matter, which is
// written down before it opens.
func openDrawer(d *Desk) (Screen, tea.Cmd) {
	m := newMenu(d)
	m.say(Said, "print.opening")
	till, by, manager := drawerTill(d.Till), d.By(), station.Override{Manager: d.Manager.ID, PIN: d.Manager.PIN}
	return m, d.job(Printed{Drawer: true}, func(ctx context.Context, printer Printer) error {
		if _, err := till.OpenDrawer(by, manager); err != nil {
			return err
		}
		return printer.OpenDrawer(ctx)
	})
}

// memberSlip is what a member takes home.
func (d *Desk) memberSlip(m station.Member) *slip.Slip {
	s := slip.Member(d.Words, d.Shop, m, d.News)
	return &s
}

// printMember prints it, and stays where it was.
func printMember(d *Desk, m station.Member) (Screen, tea.Cmd) {
	return NewDeeds(d, m), d.Print(*d.memberSlip(m))
}

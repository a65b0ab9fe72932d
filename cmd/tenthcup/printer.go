package main

import (
	"bytes"
	"cmp"
	"image/png"
	"os"
	"time"

	"tenthcup/pos"
	"tenthcup/store"
	"tenthcup/tui/device/escpos"
	"tenthcup/tui/device/printer"
	"tenthcup/tui/device/raster"
	"tenthcup/tui/screen"
	"tenthcup/tui/slip"
)

// newPrinter returns the printer that the settings describe, or nil for none.
func newPrinter(s screen.PrinterSettings) screen.Printer {
	if s.Kind == "" {
		return nil
	}
	return printer.New(s)
}

type printerCmd struct {
	Test    printerTestCmd    `cmd:"" help:"Print a test page: a ruler, the letters of every language, a QR code."`
	Preview printerPreviewCmd `cmd:"" help:"Draw the test page as a picture."`
	Drawer  printerDrawerCmd  `cmd:"" help:"Open the cash drawer without a sale."`
}

// tryout is a printer to be tried out: the settings', but for what is given.
type tryout struct {
	onTill
	Kind    string `help:"How the printer is connected, instead of the settings: tcp, file, serial or lp." placeholder:"KIND"`
	Address string `help:"Where: a host, a device file, or a queue of lp." placeholder:"ADDRESS"`
	Baud    int    `help:"Speed of a serial line." placeholder:"BAUD"`
	Width   int    `help:"Width of the paper in millimetres: 58 or 80." placeholder:"MM"`
	Page    string `help:"Code page: cp852, cp437, or image to draw every letter." placeholder:"PAGE"`
}

func (o tryout) settings(c *call, own screen.PrinterSettings) screen.PrinterSettings {
	if o.Kind == "file" && o.Address != "" {
		o.Address = c.path(o.Address)
	}
	own.Kind, own.Address, own.Page = cmp.Or(o.Kind, own.Kind), cmp.Or(o.Address, own.Address), cmp.Or(o.Page, own.Page)
	own.Baud, own.Width = cmp.Or(o.Baud, own.Baud), cmp.Or(o.Width, own.Width)
	return own
}

// sample is the test page for a printer of the settings.
func (t *till) sample(s screen.PrinterSettings) slip.Slip {
	return slip.Sample(t.words, t.roster.Shop.Name, time.Now(), escpos.Paper{Width: s.Width}.Columns(slip.Normal))
}

type printerTestCmd struct{ tryout }

// Run prints the test page.
func (p printerTestCmd) Run(c *call) error {
	return c.withTill(p.Dir, func(t *till) error {
		settings := p.settings(c, t.settings.Printer)
		device := newPrinter(settings)
		if device == nil {
			return slip.ErrNoPrinter
		}
		if err := device.Print(c.ctx, t.sample(settings)); err != nil {
			return err
		}
		return c.print(map[string]bool{"printed": true}, c.words.T("print.done"))
	})
}

type printerPreviewCmd struct {
	tryout
	File string `arg:"" help:"The picture, a PNG file."`
}

// Run draws the test page.
func (p printerPreviewCmd) Run(c *call) error {
	return c.withTill(p.Dir, func(t *till) error {
		settings := p.settings(c, t.settings.Printer)
		var picture bytes.Buffer
		drawn := raster.Slip(t.sample(settings), escpos.Paper{Width: settings.Width}.Dots())
		const margin = 24 // dots, the edge that printers leave free
		if err := png.Encode(&picture, drawn.Image(margin)); err != nil {
			return err
		}
		if err := store.Explain(os.WriteFile(c.path(p.File), picture.Bytes(), 0o644)); err != nil {
			return err
		}
		return c.print(map[string]string{"file": c.path(p.File)}, c.words.T("paper.drawn", "file", p.File))
	})
}

type printerDrawerCmd struct {
	onTill
	byHand
}

// Run writes down that the drawer is opened, and opens it.
func (p printerDrawerCmd) Run(c *call) error {
	return c.withTill(p.Dir, func(t *till) error {
		device := newPrinter(t.settings.Printer)
		if device == nil {
			return slip.ErrNoPrinter
		}
		if !t.settings.Printer.Drawer {
			return pos.Refuse("print.nodrawer")
		}
		if _, err := t.station.OpenDrawer(p.Cashier, p.override()); err != nil {
			return err
		}
		if err := device.OpenDrawer(c.ctx); err != nil {
			return err
		}
		return c.print(map[string]bool{"opened": true}, c.words.T("print.drawer"))
	})
}

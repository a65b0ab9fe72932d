package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"runtime/debug"

	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
)

type cashierCmd struct {
	Add cashierAddCmd `cmd:"" help:"Add a cashier."`
	PIN cashierPINCmd `cmd:"" name:"pin" help:"Give a cashier a new PIN."`

	List   cashierListCmd   `cmd:"" help:"Show the cashiers."`
	Role   cashierRoleCmd   `cmd:"" help:"Make a manager of a cashier, or a cashier of a manager."`
	Remove cashierRemoveCmd `cmd:"" help:"Remove a cashier; the last manager stays."`
}

// onRoster is embedded by the commands that work on the server's file or, with
// --dir, on a till that has no server.
type onRoster struct {
	onServer
	Dir string `help:"A till without a server, instead of the server." type:"path" placeholder:"DIR"`
}

func (o onRoster) socket() string {
	if o.Dir != "" {
		return onTill{Dir: o.Dir}.socket()
	}
	return o.onServer.socket()
}

type cashierAddCmd struct {
	onRoster
	onBehalf
	Name string   `arg:"" help:"The name on the lock screen."`
	PIN  string   `help:"Four to eight digits." name:"pin" required:"" placeholder:"PIN"`
	Role pos.Role `help:"cashier or manager." enum:"cashier,manager" default:"cashier"`
}

// Run adds a cashier. The id, by which entries know the cashier, is made of the
// name.
func (a cashierAddCmd) Run(c *call) error {
	name := pos.CleanName(a.Name)
	cashier := pos.Cashier{ID: pos.CashierID(slug(name)), Name: name, Role: a.Role}
	if cashier.ID == "" {
		return pos.Refuse("cashier.name", "name", a.Name)
	}
	act := station.Act{Do: office.CashierAdded, About: string(cashier.ID), Manager: a.Manager, Reason: staffDetail(cashier)}
	err := a.change(c, a.PIN, act, func(desk *serverDesk, pin string) error {
		cashier.PIN = pin
		err := desk.administer(act, office.Change{Add: &cashier})
		if errors.Is(err, errNoArea) {
			return desk.db.AddCashier(cashier) // before the first store there is no ledger
		}
		return err
	}, func(roster *pos.Roster, pin string) error {
		cashier.PIN = pin
		if _, taken := roster.Cashier(cashier.ID); taken {
			return store.ErrCashierTwice
		}
		roster.Cashiers = append(roster.Cashiers, cashier)
		return nil
	})
	if err != nil {
		return err
	}
	return c.print(cashier, c.words.T("cashier.added", "name", name, "id", string(cashier.ID)))
}

type cashierPINCmd struct {
	onRoster
	onBehalf
	Name string `arg:"" help:"The cashier's name or id."`
	PIN  string `help:"Four to eight digits." name:"pin" required:"" placeholder:"PIN"`
}

// Run changes a PIN.
func (p cashierPINCmd) Run(c *call) error {
	to := pos.Cashier{ID: pos.CashierID(slug(p.Name))}
	act := station.Act{Do: office.CashierPIN, About: string(to.ID), Manager: p.Manager}
	err := p.change(c, p.PIN, act, func(desk *serverDesk, pin string) error {
		to.PIN = pin
		err := desk.administer(act, office.Change{Put: &to})
		if errors.Is(err, errNoArea) {
			return desk.db.SetPIN(to.ID, pin)
		}
		return err
	}, func(roster *pos.Roster, pin string) error {
		to.PIN = pin
		return putStaff(roster, to)
	})
	if err != nil {
		return err
	}
	return c.print(map[string]pos.CashierID{"id": to.ID}, c.words.T("cashier.pin", "name", p.Name))
}

// change changes the server's cashiers, or those of a till without a server, with
// the PIN hashed as it is kept there.
func (o onRoster) change(c *call, pin string, act station.Act, there func(desk *serverDesk, pin string) error, here func(roster *pos.Roster, pin string) error) error {
	return o.roster(c, func(desk *serverDesk) error {
		hashed, err := station.HashPIN(pin, desk.pepper(), rand.Reader)
		if err != nil {
			return err
		}
		return there(desk, hashed)
	}, func(t *till) error {
		hashed, err := station.HashPIN(pin, t.identity.pepper(), rand.Reader)
		if err != nil {
			return err
		}
		return t.administer(act, func(roster *pos.Roster) error { return here(roster, hashed) })
	})
}

func checkLanguage(language string, at place) error {
	_, err := assets.NewPrinter(language, at.currency, at.zone)
	return err
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(c *call) error {
	_, err := fmt.Fprintln(c.out, "tenthcup "+version())
	return err
}

// version returns the module's version, or the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}

package main

import (
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// byHand is embedded by the commands that a manager allows at a till.
type byHand struct {
	byCashier
	Manager pos.CashierID `help:"Which manager says so." required:"" placeholder:"ID"`
	PIN     string        `help:"The manager's PIN." name:"pin" required:"" placeholder:"PIN"`
	Reason  string        `help:"Why; it is kept for good." placeholder:"TEXT"`
}

func (b byHand) override() station.Override {
	return station.Override{Manager: b.Manager, PIN: b.PIN, Reason: b.Reason}
}

type switchCmd struct {
	On   switchOnCmd   `cmd:"" help:"Turn a switch on, at all tills of the store."`
	Off  switchOffCmd  `cmd:"" help:"Turn a switch off."`
	List switchListCmd `cmd:"" help:"Show how the switches stand."`
}

// turning is what on and off have in common.
type turning struct {
	onTill
	byHand
	Name string `arg:"" help:"The switch, as the program names it."`
}

type switchOnCmd struct{ turning }

// Run turns the switch on.
func (s switchOnCmd) Run(c *call) error { return s.turn(c, true) }

type switchOffCmd struct{ turning }

// Run turns the switch off.
func (s switchOffCmd) Run(c *call) error { return s.turn(c, false) }

func (s turning) turn(c *call, on bool) error {
	return c.withTill(s.Dir, func(t *till) error {
		turned, err := t.station.Switch(s.Cashier, s.override(), s.Name, on)
		if err != nil {
			return err
		}
		return c.print(switchDocument(turned), c.switchText(turned))
	})
}

type switchListCmd struct{ onTill }

// Run lists the program's switches.
func (s switchListCmd) Run(c *call) error {
	return c.withTill(s.Dir, func(t *till) error {
		switches, err := t.station.Switches()
		if err != nil {
			return err
		}
		documents, lines := make([]switchJSON, len(switches)), make([]string, len(switches))
		for i, one := range switches {
			documents[i], lines[i] = switchDocument(one), c.switchText(one)
		}
		if len(lines) == 0 {
			lines = []string{c.words.T("switch.none")}
		}
		return c.print(documents, strings.Join(lines, "\n"))
	})
}

// switchJSON is a switch as scripts read it.
type switchJSON struct {
	Name string `json:"name"`
	On   bool   `json:"on"`
}

func switchDocument(s pos.Switch) switchJSON { return switchJSON{s.Name, s.On} }

func (c *call) switchText(s pos.Switch) string {
	if s.On {
		return c.words.T("switch.on", "switch", s.Name)
	}
	return c.words.T("switch.off", "switch", s.Name)
}

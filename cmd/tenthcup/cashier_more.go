package main

import (
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
)

type cashierListCmd struct{ onRoster }

// Run lists the cashiers.
func (l cashierListCmd) Run(c *call) error {
	return l.roster(c, func(desk *serverDesk) error {
		cashiers, err := desk.db.Cashiers()
		if err != nil {
			return err
		}
		return c.printCashiers(cashiers)
	}, func(t *till) error {
		roster, err := t.db.Roster()
		if err != nil {
			return err
		}
		return c.printCashiers(roster.Cashiers)
	})
}

func (c *call) printCashiers(cashiers []pos.Cashier) error {
	lines := make([]string, len(cashiers))
	for i, cashier := range cashiers {
		lines[i] = c.words.T("cashier."+string(cashier.Role), "name", cashier.Name, "id", string(cashier.ID))
	}
	if len(lines) == 0 {
		lines = []string{c.words.T("cashier.none")}
	}
	return c.print(cashiers, strings.Join(lines, "\n"))
}

// roster calls here for a till without a server, there for the server.
func (o onRoster) roster(c *call, there func(*serverDesk) error, here func(*till) error) error {
	if o.Dir == "" {
		return c.withServer(o.DB, there)
	}
	return c.withTill(o.Dir, func(t *till) error {
		if t.client != nil {
			return pos.Refuse("cashier.elsewhere")
		}
		return here(t)
	})
}

type cashierRoleCmd struct {
	onRoster
	onBehalf
	Name string   `arg:"" help:"The cashier's name or id."`
	Role pos.Role `arg:"" help:"cashier or manager." enum:"cashier,manager"`
}

// Run changes a role.
func (r cashierRoleCmd) Run(c *call) error {
	to := pos.Cashier{ID: pos.CashierID(slug(r.Name)), Role: r.Role}
	act := station.Act{Do: office.CashierChanged, About: string(to.ID), Manager: r.Manager, Reason: staffDetail(to)}
	err := r.roster(c, func(desk *serverDesk) error {
		return desk.administer(act, office.Change{Put: &to})
	}, func(t *till) error {
		return t.administer(act, func(roster *pos.Roster) error { return putStaff(roster, to) })
	})
	if err != nil {
		return err
	}
	return c.print(map[string]string{"id": string(to.ID), "role": string(r.Role)}, c.words.T("cashier.changed", "name", r.Name))
}

type cashierRemoveCmd struct {
	onRoster
	onBehalf
	Name string `arg:"" help:"The cashier's name or id."`
}

// Run removes a cashier.
func (r cashierRemoveCmd) Run(c *call) error {
	id := pos.CashierID(slug(r.Name))
	act := station.Act{Do: office.CashierRemoved, About: string(id), Manager: r.Manager}
	err := r.roster(c, func(desk *serverDesk) error {
		return desk.administer(act, office.Change{Remove: id})
	}, func(t *till) error {
		return t.administer(act, func(roster *pos.Roster) error { return dropStaff(roster, id) })
	})
	if err != nil {
		return err
	}
	return c.print(map[string]string{"id": string(id)}, c.words.T("cashier.removed", "name", r.Name))
}

// errNoArea says that there is no ledger yet in which a change could be booked.
var errNoArea = pos.Refuse("program.nostore")

// administer makes a change that somebody with the server's file wants, and books
// it in the first area; a server without any has no ledger yet.
func (d *serverDesk) administer(act station.Act, change office.Change) error {
	cashiers, err := d.db.Cashiers()
	if err != nil {
		return err
	}
	if err := onBehalfOf(cashiers, act.Manager); err != nil {
		return err
	}
	areas, err := d.db.Areas()
	if err != nil {
		return err
	}
	if len(areas) == 0 {
		return errNoArea
	}
	_, err = d.office.Do(office.Act{Area: areas[0], Act: act}, change)
	return err
}

// administer makes a change that somebody with the till's files wants, and books it.
func (t *till) administer(act station.Act, change func(*pos.Roster) error) error {
	err := t.changeRoster(func(roster *pos.Roster) error {
		if err := onBehalfOf(roster.Cashiers, act.Manager); err != nil {
			return err
		}
		return change(roster)
	})
	if err != nil {
		return err
	}
	return t.station.Administer(act)
}

// onBehalfOf refuses whoever is named and is no manager.
func onBehalfOf(cashiers []pos.Cashier, manager pos.CashierID) error {
	if manager == "" {
		return nil
	}
	return mustManage(cashiers, manager)
}

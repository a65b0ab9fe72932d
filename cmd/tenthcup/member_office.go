package main

import (
	"fmt"

	"tenthcup/pos"
	"tenthcup/store"
)

// ofMember is embedded by the commands of the office that are about one member.
type ofMember struct {
	onServer
	Area string `help:"Stores of one area share members." default:"main"`
}

// with calls do with the member of the code, as the manager acts at the server.
func (o ofMember) with(c *call, m byManager, text string, do func(*serverDesk, acting, pos.HolderID) error) error {
	return c.withServer(o.DB, func(desk *serverDesk) error {
		if err := m.check(desk); err != nil {
			return err
		}
		by := acting{pos.Terminal{Area: pos.AreaID(slug(o.Area))}, m.Manager}
		holder, err := desk.holder(by.through.Area, text)
		if err != nil {
			return err
		}
		return do(desk, by, holder)
	})
}

type memberMergeCmd struct{ duplicatesMergeCmd }

// Run moves all that one member has to another.
func (m memberMergeCmd) Run(c *call) error { return m.duplicatesMergeCmd.Run(c) }

type memberExportCmd struct {
	ofMember
	byManager
	Code string `arg:"" help:"The member code."`
	To   string `help:"The file; standard output if left out." placeholder:"FILE"`
	CSV  bool   `help:"Every booking as a row, instead of JSON." name:"csv"`
}

// Run writes everything that is kept about a member.
func (m memberExportCmd) Run(c *call) error {
	form := "json"
	if m.CSV {
		form = "csv"
	}
	return m.with(c, m.byManager, m.Code, func(desk *serverDesk, by acting, holder pos.HolderID) error {
		all, err := desk.exportMember(by, memberAsk{holder, m.Reason})
		if err != nil {
			return err
		}
		document, err := dossierText(all, form)
		if err != nil {
			return err
		}
		if m.To == "" {
			_, err = fmt.Fprint(c.out, string(document))
			return err
		}
		if err := store.Explain(writeFile(c.path(m.To), document, 0o600)); err != nil {
			return err
		}
		return c.print(map[string]string{"file": c.path(m.To)}, c.words.T("persons.exported", "file", m.To))
	})
}

type memberEraseCmd struct {
	ofMember
	byManager
	Code string `arg:"" help:"The member code."`
}

// Run erases a member.
func (m memberEraseCmd) Run(c *call) error {
	return m.with(c, m.byManager, m.Code, func(desk *serverDesk, by acting, holder pos.HolderID) error {
		if _, err := desk.eraseMember(by, memberAsk{holder, m.Reason}); err != nil {
			return err
		}
		return c.print(map[string]pos.HolderID{"holder": holder}, c.words.T("persons.erased"))
	})
}

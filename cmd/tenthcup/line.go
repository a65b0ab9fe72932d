package main

import (
	"errors"
	"fmt"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/sync/client"
)

type syncCmd struct{ onTill }

// Run sends what waits and receives what changed.
func (s syncCmd) Run(c *call) error {
	return c.withTill(s.Dir, func(t *till) error {
		err := t.sync(c.ctx, c.progress())
		return errors.Join(err, c.printStatus(t))
	})
}

// progress returns a function that keeps one line of the terminal up to date.
func (c *call) progress() func(client.Progress) {
	return func(p client.Progress) {
		total := p.Sent + p.Waiting
		if c.json || !c.local() || total == 0 && p.Held >= p.Holders {
			return
		}
		end := "\r"
		if p.Waiting == 0 && p.Held >= p.Holders {
			end = "\n"
		}
		fmt.Fprint(c.err, c.words.T("line.progress", "sent", p.Sent, "total", total, "held", p.Held, "holders", p.Holders)+end)
	}
}

type statusCmd struct{ onTill }

// Run prints the state of the till and its line.
func (s statusCmd) Run(c *call) error {
	return c.withTill(s.Dir, c.printStatus)
}

type statusJSON struct {
	Shop     string         `json:"shop"`
	Terminal pos.TerminalID `json:"terminal"`
	Name     string         `json:"name,omitempty"`
	Server   string         `json:"server,omitempty"`
	Entries  int            `json:"entries_waiting"`
	Profiles int            `json:"profiles_waiting"`
	LastSync string         `json:"last_sync,omitempty"`
	Program  string         `json:"program"`
}

func (c *call) printStatus(t *till) error {
	waiting, err := t.station.Waiting()
	if err != nil {
		return err
	}
	program, err := t.station.Program()
	if err != nil {
		return err
	}
	document := statusJSON{
		Shop: t.roster.Shop.Name, Terminal: t.identity.terminal(), Name: t.identity.Name, Server: t.identity.Server,
		Entries: waiting.Entries, Profiles: waiting.Profiles, Program: program.Title,
	}
	if !waiting.LastSync.IsZero() {
		document.LastSync = waiting.LastSync.UTC().Format(time.RFC3339)
	}
	return c.print(document, c.words.T("status.shop", "shop", document.Shop, "program", program.Title)+"\n"+c.lineText(waiting))
}

// lineText says in words what waits.
func (c *call) lineText(w station.Waiting) string {
	switch {
	case !w.Enrolled:
		return c.words.T("status.alone", "n", w.Entries)
	case w.Total() == 0:
		return c.words.T("status.sent", "at", c.words.Moment(w.LastSync))
	case w.LastSync.IsZero():
		return c.words.T("status.never", "n", w.Total())
	}
	return c.words.T("status.waiting", "n", w.Total(), "at", c.words.Moment(w.LastSync))
}

type doctorCmd struct{ onEither }

// Run checks every invariant of the data file and prints what is broken.
func (d doctorCmd) Run(c *call) error {
	if d.DB != "" {
		return c.withServer(d.DB, func(desk *serverDesk) error { return c.examine(desk.db) })
	}
	return c.withTill(d.Dir, func(t *till) error { return c.examine(t.db) })
}

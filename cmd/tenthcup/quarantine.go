package main

import (
	"encoding/hex"
	"slices"
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store"
)

type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" help:"Show what tills sent that does not count, and why."`
	Show    quarantineShowCmd    `cmd:"" help:"Show one, whole."`
	Release quarantineReleaseCmd `cmd:"" help:"Book what one says, with a reason."`
	Dismiss quarantineDismissCmd `cmd:"" help:"Leave one out for good, with a reason."`
}

type quarantineListCmd struct {
	onServer
	All bool `help:"Show the settled ones too."`
}

// quarantinedJSON is quarantined bytes as scripts read them.
type quarantinedJSON struct {
	ID       string         `json:"id"` // SHA-256 of the bytes
	Area     pos.AreaID     `json:"area"`
	Terminal pos.TerminalID `json:"terminal"`
	Reason   store.Reason   `json:"reason"`
	At       string         `json:"at"`
	Bytes    string         `json:"bytes,omitempty"`
	Entry    *pos.Entry     `json:"entry,omitempty"`

	Settled *pos.Settlement `json:"settled,omitempty"`
}

func quarantineID(q store.Quarantined) string {
	hash := pos.HashEntry(q.Raw)
	return hex.EncodeToString(hash[:])
}

func quarantineDocument(q store.Quarantined) quarantinedJSON {
	return quarantinedJSON{
		ID: quarantineID(q), Area: q.Area, Terminal: q.Terminal, Reason: q.Reason, At: q.At.Format("2006-01-02T15:04:05.000Z07:00"),
		Settled: q.Settled,
	}
}

// Run lists the quarantine, the oldest of an area first.
func (q quarantineListCmd) Run(c *call) error {
	return c.withServer(q.DB, func(desk *serverDesk) error {
		found, err := desk.db.Quarantined()
		if err != nil {
			return err
		}
		if !q.All {
			found = slices.DeleteFunc(found, func(one store.Quarantined) bool { return one.Settled != nil })
		}
		names, err := desk.names()
		if err != nil {
			return err
		}
		documents, lines := make([]quarantinedJSON, len(found)), make([]string, len(found))
		for i, one := range found {
			documents[i] = quarantineDocument(one)
			lines[i] = c.quarantineText(names, one)
		}
		if len(lines) == 0 {
			lines = []string{c.words.T("quarantine.none")}
		}
		return c.print(documents, strings.Join(lines, "\n"))
	})
}

// quarantineText is quarantined bytes in a line of words.
func (c *call) quarantineText(names names, q store.Quarantined) string {
	return c.words.T("quarantine.line", "id", quarantineID(q)[:16], "at", c.words.Moment(q.At),
		"terminal", names.terminal(q.Terminal), "why", c.words.T("quarantine.why."+string(q.Reason))) + c.settledText(q.Settled)
}

// withQuarantined calls do with the one whose id begins with the text.
func (c *call) withQuarantined(db, text string, do func(*serverDesk, store.Quarantined) error) error {
	return c.withServer(db, func(desk *serverDesk) error {
		found, err := desk.db.Quarantined()
		if err != nil {
			return err
		}
		one, err := oneOf(found, text, quarantineID)
		if err != nil {
			return err
		}
		return do(desk, one)
	})
}

type quarantineShowCmd struct {
	onServer
	ID string `arg:"" help:"Its id, or the beginning of it."`
}

// Run shows bytes and what can be read of them.
func (q quarantineShowCmd) Run(c *call) error {
	return c.withQuarantined(q.DB, q.ID, func(desk *serverDesk, one store.Quarantined) error {
		names, err := desk.names()
		if err != nil {
			return err
		}
		document := quarantineDocument(one)
		document.Bytes = hex.EncodeToString(one.Raw)
		lines := []string{c.quarantineText(names, one), document.Bytes}
		if e, err := pos.DecodeEntry(one.Raw); err == nil {
			document.Entry = &e
			if err := names.know(one.Area, []pos.HolderID{e.Holder}); err != nil {
				return err
			}
			lines = append(lines, c.words.T("quarantine.entry", "kind", string(e.Kind), "name", names.member(e.Holder),
				"at", c.words.Moment(e.Time()), "id", e.ID.String()))
			for _, p := range e.Postings {
				lines = append(lines, c.words.T("quarantine.posting", "account", string(p.Account), "amount", p.Amount))
			}
		}
		return c.print(document, strings.Join(lines, "\n"))
	})
}

// settlesQuarantined is embedded by the commands that settle one.
type settlesQuarantined struct {
	onServer
	byManager
	ID string `arg:"" help:"Its id, or the beginning of it."`
}

// settle has the office do something about it and says the sentence.
func (q settlesQuarantined) settle(c *call, sentence string, do func(*office.Office, pos.Hash) (pos.Entry, error)) error {
	return c.withQuarantined(q.DB, q.ID, func(desk *serverDesk, one store.Quarantined) error {
		if err := q.check(desk); err != nil {
			return err
		}
		if _, err := do(desk.office, pos.HashEntry(one.Raw)); err != nil {
			return err
		}
		return c.print(map[string]string{"id": quarantineID(one)}, sentence)
	})
}

type quarantineReleaseCmd struct{ settlesQuarantined }

// Run books what the bytes say.
func (q quarantineReleaseCmd) Run(c *call) error {
	return q.settle(c, c.words.T("quarantine.released"), func(o *office.Office, hash pos.Hash) (pos.Entry, error) {
		return o.Release(hash, q.Manager, q.Reason)
	})
}

type quarantineDismissCmd struct{ settlesQuarantined }

// Run leaves the bytes out for good.
func (q quarantineDismissCmd) Run(c *call) error {
	return q.settle(c, c.words.T("quarantine.dismissed"), func(o *office.Office, hash pos.Hash) (pos.Entry, error) {
		return o.Dismiss(hash, q.Manager, q.Reason)
	})
}

package main

import (
	"errors"
	"maps"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/store"
)

type exceptionsCmd struct {
	List   exceptionsListCmd   `cmd:"" help:"Show what happened that a manager must see."`
	Settle exceptionsSettleCmd `cmd:"" help:"Settle one, with a reason; that is an entry."`
}

type exceptionsListCmd struct {
	onServer
	All bool `help:"Show the settled ones too."`
}

// Run lists the exceptions, the oldest first.
func (e exceptionsListCmd) Run(c *call) error {
	return c.withServer(e.DB, func(desk *serverDesk) error {
		found, err := desk.exceptions(e.All)
		if err != nil {
			return err
		}
		names, err := desk.names()
		if err != nil {
			return err
		}
		for area, holders := range holdersOf(found) {
			if err := names.know(area, holders); err != nil {
				return err
			}
		}
		lines := make([]string, len(found))
		for i, x := range found {
			lines[i] = c.exceptionText(names, x)
		}
		if len(lines) == 0 {
			lines = []string{c.words.T("exceptions.none")}
		}
		return c.print(found, strings.Join(lines, "\n"))
	})
}

// exceptions returns those of all areas, open or all, the oldest of an area first.
func (d *serverDesk) exceptions(all bool) (found []pos.Exception, err error) {
	areas, err := d.db.Areas()
	if err != nil {
		return nil, err
	}
	for _, area := range areas {
		of, err := d.db.Exceptions(area, all)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return found, nil
}

// holdersOf returns whom the exceptions are about, by area.
func holdersOf(found []pos.Exception) map[pos.AreaID][]pos.HolderID {
	all := map[pos.AreaID][]pos.HolderID{}
	for _, x := range found {
		if x.Holder != (pos.HolderID{}) {
			all[x.Area] = append(all[x.Area], x.Holder)
		}
	}
	return all
}

// exceptionText is an exception in a line of words.
func (c *call) exceptionText(names names, x pos.Exception) string {
	what := office.Explain(x, office.Named{Name: names.member(x.Holder), Terminal: names.terminal(x.Terminal), Amount: c.amountText(x)})
	text := c.words.T("exceptions.line", "id", x.ID.String(), "at", c.words.Moment(time.UnixMilli(x.At)), "what", c.words.Error(what))
	return text + c.settledText(x.Settled)
}

// settledText says what a manager did, if one did.
func (c *call) settledText(s *pos.Settlement) string {
	if s == nil {
		return ""
	}
	return " " + c.words.T("exceptions.settled", "manager", string(s.Manager), "reason", s.Reason)
}

// amountText is what an exception is about, with its unit.
func (c *call) amountText(x pos.Exception) string {
	if x.Trouble == pos.ClockAhead {
		return (time.Duration(x.Amount) * time.Millisecond).Round(time.Second).String()
	}
	if x.Account.Class() == pos.PointsAccount.Class() {
		return c.words.T("show.points", "n", x.Amount)
	}
	return c.words.T("exceptions.stamps", "n", x.Amount)
}

type exceptionsSettleCmd struct {
	onServer
	byManager
	ID       string `arg:"" help:"The exception's id, or its beginning."`
	WriteOff bool   `help:"Make the member's deficit good; else the next points repay it."`
}

// Run settles an exception.
func (e exceptionsSettleCmd) Run(c *call) error {
	return c.withServer(e.DB, func(desk *serverDesk) error {
		if err := e.check(desk); err != nil {
			return err
		}
		all, err := desk.exceptions(true)
		if err != nil {
			return err
		}
		id, err := oneOf(all, e.ID, func(x pos.Exception) string { return x.ID.String() })
		if err != nil {
			return err
		}
		if _, err := desk.office.Settle(id.ID, e.Manager, e.Reason, e.WriteOff); err != nil {
			return err
		}
		return c.print(map[string]string{"id": id.ID.String()}, c.words.T("exceptions.done", "id", id.ID.String()))
	})
}

// oneOf returns the only one of all whose id begins with the text.
func oneOf[T any](all []T, text string, id func(T) string) (found T, err error) {
	matches := 0
	for _, one := range all {
		if text != "" && strings.HasPrefix(id(one), strings.ToLower(text)) {
			found = one
			matches++
		}
	}
	switch matches {
	case 0:
		return found, pos.Refuse("which.unknown", "id", text)
	case 1:
		return found, nil
	}
	return found, pos.Refuse("which.several", "id", text, "n", matches)
}

// names says who is meant by ids.
type names struct {
	desk      *serverDesk
	terminals map[pos.TerminalID]string
	members   map[pos.HolderID]ledger.Changed // that know has looked up
}

func (d *serverDesk) names() (names, error) {
	terminals, err := d.db.Terminals()
	known := names{d, map[pos.TerminalID]string{}, map[pos.HolderID]ledger.Changed{}}
	for _, t := range terminals {
		known.terminals[t.ID] = t.Name
	}
	return known, err
}

// terminal returns the till's name, or its id.
func (n names) terminal(id pos.TerminalID) string { return firstOf(n.terminals[id], id.String()) }

// know looks up who the members of an area are, and what they have today. One who cannot
// be read stays unknown: that must not keep a manager from the others.
func (n names) know(area pos.AreaID, holders []pos.HolderID) error {
	err := n.look(area, holders)
	if !errors.Is(err, store.ErrCorrupt) {
		return err
	}
	for _, holder := range holders {
		if err := n.look(area, []pos.HolderID{holder}); err != nil && !errors.Is(err, store.ErrCorrupt) {
			return err
		}
	}
	return nil
}

func (n names) look(area pos.AreaID, holders []pos.HolderID) error {
	told, err := n.desk.db.Told(area, holders, pos.DayOf(time.Now(), time.Local))
	maps.Copy(n.members, told)
	return err
}

// member returns the member's name or code, or the id where neither is known.
func (n names) member(holder pos.HolderID) string {
	p := n.members[holder].Profile
	if p == nil {
		return holder.String()
	}
	return firstOf(p.Name, p.Code(), holder.String())
}

package main

import (
	"strings"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/office"
)

type duplicatesCmd struct {
	List  duplicatesListCmd  `cmd:"" help:"Show members who have one phone number: a till that worked alone may have made a second one."`
	Merge duplicatesMergeCmd `cmd:"" help:"Make one member of two."`
}

type duplicatesListCmd struct {
	onServer
	Area string `help:"Stores of one area share members." default:"main"`
}

// Run lists groups of members, one line each.
func (d duplicatesListCmd) Run(c *call) error {
	return c.withServer(d.DB, func(desk *serverDesk) error {
		groups, err := desk.db.Duplicates(pos.AreaID(slug(d.Area)))
		if err != nil {
			return err
		}
		var lines []string
		for _, group := range groups {
			var members []string
			for _, p := range group {
				members = append(members, code.Group(p.Code())+" "+p.Name)
			}
			lines = append(lines, c.words.T("duplicates.line", "phone", group[0].Phone, "members", members))
		}
		if len(lines) == 0 {
			lines = []string{c.words.T("duplicates.none")}
		}
		return c.print(groups, strings.Join(lines, "\n"))
	})
}

type duplicatesMergeCmd struct {
	onServer
	byManager
	Area string `help:"Stores of one area share members." default:"main"`
	From string `arg:"" help:"The member code that is given up; it then stands for the other member."`
	Into string `arg:"" help:"The member code that stays."`
}

// Run moves all that one member has to another.
func (d duplicatesMergeCmd) Run(c *call) error {
	area := pos.AreaID(slug(d.Area))
	return c.withServer(d.DB, func(desk *serverDesk) error {
		if err := d.check(desk); err != nil {
			return err
		}
		from, err := desk.holder(area, d.From)
		if err != nil {
			return err
		}
		into, err := desk.holder(area, d.Into)
		if err != nil {
			return err
		}
		who := office.Who{Area: area, From: from, Into: into}
		if _, err := desk.office.Merge(who, d.Manager, d.Reason); err != nil {
			return err
		}
		return c.print(map[string]pos.HolderID{"from": from, "into": into}, c.words.T("duplicates.done"))
	})
}

// holder returns the member of the area with the code.
func (d *serverDesk) holder(area pos.AreaID, text string) (holder pos.HolderID, err error) {
	parsed, err := code.Parse(text)
	if err != nil {
		return holder, err
	}
	found, err := d.db.Desk(area, d.office.Terminal).ByCode(parsed)
	switch {
	case err != nil:
		return holder, err
	case len(found) != 1:
		return holder, pos.Refuse("code.unknown", "code", code.Group(parsed))
	}
	return found[0], nil
}

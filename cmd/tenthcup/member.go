package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/program"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/tui/widget"
)

type memberCmd struct {
	Add  memberAddCmd  `cmd:"" help:"Make a member."`
	Edit memberEditCmd `cmd:"" help:"Change who a member is."`
	Show memberShowCmd `cmd:"" help:"Show a member by code, alias or phone number."`
	Find memberFindCmd `cmd:"" help:"Find members by name or phone number."`
	Card memberCardCmd `cmd:"" help:"Draw a member's QR code."`

	Tag     memberTagCmd     `cmd:"" help:"Give a member a tag of the program, or take it away."`
	Tier    memberTierCmd    `cmd:"" help:"Give a member a tier of the program."`
	Adjust  memberAdjustCmd  `cmd:"" help:"Add to what a member has, or take from it, by hand."`
	Replace memberReplaceCmd `cmd:"" help:"Give a member a new code in the place of a lost one."`

	Merge  memberMergeCmd  `cmd:"" help:"Make one member of two, on the server."`
	Export memberExportCmd `cmd:"" help:"Write all that is kept about a member, on the server."`
	Erase  memberEraseCmd  `cmd:"" help:"Forget who a member is, for good, on the server."`
}

// profileFlags are what add and edit can set.
type profileFlags struct {
	Name     *string           `help:"Name."`
	Phone    *string           `help:"Phone number."`
	Email    *string           `help:"E-mail address."`
	Birthday *string           `help:"Birthday as month-day." placeholder:"02-29"`
	Language *string           `help:"Language of the member." placeholder:"hu"`
	Store    *string           `help:"Home store."`
	Alias    []string          `help:"Another code of the member: an old plastic card, an EAN-13." placeholder:"CODE"`
	Consent  []string          `help:"What the member agreed to. A leading ! takes it back." placeholder:"PURPOSE"`
	Field    map[string]string `help:"The shop's own fields." placeholder:"NAME=TEXT"`
}

// set changes the profile; at is when a consent is given.
func (f profileFlags) set(p *pos.Profile, at time.Time) error {
	for _, text := range []struct{ to, from *string }{{&p.Name, f.Name}, {&p.Phone, f.Phone}, {&p.Email, f.Email}, {&p.Language, f.Language}, {(*string)(&p.HomeStore), f.Store}} {
		if text.from != nil {
			*text.to = *text.from
		}
	}
	if f.Birthday != nil {
		var err error
		if p.Birthday, err = pos.ParseBirthday(*f.Birthday); err != nil {
			return err
		}
	}
	p.Codes = append(p.Codes, f.Alias...)
	f.setConsents(p, at)
	fields := map[string]string{}
	for _, m := range []map[string]string{p.Fields, f.Field} {
		maps.Copy(fields, m)
	}
	p.Fields = fields
	return nil
}

func (f profileFlags) setConsents(p *pos.Profile, at time.Time) {
	consents := map[string]int64{}
	maps.Copy(consents, p.Consents)
	for _, purpose := range f.Consent {
		if taken, ok := strings.CutPrefix(purpose, "!"); ok {
			delete(consents, taken)
			continue
		}
		consents[purpose] = at.UnixMilli()
	}
	p.Consents = consents
}

type memberAddCmd struct {
	onTill
	profileFlags
	byCashier
	Friend string `help:"The member who brought this one: code, alias or phone number." placeholder:"CODE"`
}

// Run enrols a member.
func (m memberAddCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		p := pos.Profile{}
		if m.Friend != "" {
			friend, err := t.one(m.Friend)
			if err != nil {
				return err
			}
			p.Friend = friend.Profile.Holder
		}
		if err := m.set(&p, time.Now()); err != nil {
			return err
		}
		done, err := t.station.Enrol(m.Cashier, p)
		if err != nil {
			return err
		}
		return c.print(doneDocument(done), c.words.T("done.enrol", "name", done.Member.Profile.Name, "code", code.Group(done.Member.Profile.Code())))
	})
}

type memberEditCmd struct {
	onTill
	profileFlags
	Code string `arg:"" help:"The member's code, alias or phone number."`
}

// Run changes a member's profile.
func (m memberEditCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		found, err := t.one(m.Code)
		if err != nil {
			return err
		}
		changed, err := t.station.Edit(found.Profile.Holder, func(p *pos.Profile) error { return m.set(p, time.Now()) })
		if err != nil {
			return err
		}
		return c.print(memberDocument(changed), c.words.T("done.edit", "name", changed.Profile.Name))
	})
}

// one returns the one member with the code. Where an alias belongs to two, the
// member code decides.
func (t *till) one(text string) (station.Member, error) {
	found, err := t.station.Lookup(text)
	if err != nil {
		return station.Member{}, err
	}
	if len(found) > 1 {
		return station.Member{}, pos.Refuse("code.several", "n", len(found), "first", code.Group(found[0].Profile.Code()), "second", code.Group(found[1].Profile.Code()))
	}
	return found[0], nil
}

type memberShowCmd struct {
	onTill
	Code string `arg:"" help:"The member's code, alias or phone number."`
}

// Run prints a member.
func (m memberShowCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		found, err := t.one(m.Code)
		if err != nil {
			return err
		}
		return c.print(memberDocument(found), c.memberText(found))
	})
}

type memberFindCmd struct {
	onTill
	Text  string `arg:"" help:"The beginning of a name, or a phone number."`
	Limit int    `help:"How many at most." default:"20"`
}

// Run lists members.
func (m memberFindCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		found, err := t.station.Find(m.Text, m.Limit)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return pos.Refuse("member.none", "text", m.Text)
		}
		lines := make([]string, len(found))
		for i, p := range found {
			lines[i] = strings.TrimRight(fmt.Sprintf("%s  %s  %s", code.Group(p.Code()), p.Name, p.Phone), " ")
		}
		return c.print(found, strings.Join(lines, "\n"))
	})
}

type memberCardCmd struct {
	onTill
	Code     string `arg:"" help:"The member's code, alias or phone number."`
	PNG      string `help:"Write a picture." name:"png" placeholder:"FILE" xor:"where" required:""`
	Terminal bool   `help:"Draw it here, black on white." xor:"where" required:""`
}

// pngSize is the side of the picture, in pixels: 29 modules with their quiet
// zone, 20 pixels each.
const pngSize = 580

// Run draws the QR code of a member's code.
func (m memberCardCmd) Run(c *call) error {
	return c.withTill(m.Dir, func(t *till) error {
		found, err := t.one(m.Code)
		if err != nil {
			return err
		}
		member := found.Profile.Code()
		if m.Terminal {
			_, err := fmt.Fprintln(c.out, widget.QR(member, 4)+"\n"+code.Group(member))
			return err
		}
		picture, err := qrcode.Encode(member, qrcode.Medium, pngSize)
		if err != nil {
			return fmt.Errorf("draw QR code: %w", err)
		}
		if err := store.Explain(os.WriteFile(c.path(m.PNG), picture, 0o644)); err != nil {
			return err
		}
		return c.print(map[string]string{"code": member, "file": c.path(m.PNG)}, c.words.T("done.card", "file", m.PNG))
	})
}

// memberText is a member in lines of words.
func (c *call) memberText(m station.Member) string {
	w := c.words
	lines := []string{strings.TrimSpace(fmt.Sprintf("%s  %s  %s", code.Group(m.Profile.Code()), m.Profile.Name, m.Profile.Phone))}
	if m.Standing.Tier.ID != "" {
		lines = append(lines, m.Standing.Tier.Name)
	}
	for _, card := range m.Cards {
		lines = append(lines, w.T("show.card", "card", card.Card.Name, "stamps", card.Stamps, "size", card.Card.Size))
	}
	if m.Points != nil {
		lines = append(lines, w.T("show.points", "n", *m.Points))
	}
	if m.Credit != nil {
		lines = append(lines, w.T("show.credit", "amount", *m.Credit))
	}
	for _, g := range m.Goals {
		if g.Have > 0 && g.Target > 0 {
			lines = append(lines, w.T("show.goal", "goal", g.Goal.Name, "have", g.Have, "target", g.Target))
		}
	}
	for _, r := range m.Rewards {
		if r.Ready > 0 && r.Not == nil {
			lines = append(lines, w.T("show.ready", "reward", r.Rule.Name, "times", r.Ready))
		}
	}
	named := station.Names(m)
	for _, e := range m.Ends {
		if what, ok := program.AmountOf(&named, e.Account, e.Amount); ok {
			lines = append(lines, w.T("show.ends", "what", w.Say(what), "day", e.Last))
		}
	}
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return line == "" }), "\n")
}

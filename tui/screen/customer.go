package screen

import (
	"tenthcup/pos"
	"tenthcup/pos/station"
)

// Customer is what a screen lets the customer see of it.
type Customer struct {
	Member *station.Member
	Said   string // what was just done
	QR     string // the text of a code to be photographed
}

// Facing is a screen of which the customer sees something.
type Facing interface{ Customer() Customer }

// Customer implements Facing.
func (m Member) Customer() Customer {
	c := Customer{Member: &m.member}
	if m.notice.Kind == Done {
		c.Said = m.notice.Text
	}
	return c
}

// Customer implements Facing.
func (c Card) Customer() Customer {
	return Customer{Member: &c.member, QR: c.member.Profile.Code()}
}

// NewsOf returns what the shop announces on the day, a sentence each.
func (d *Desk) NewsOf(program pos.Program, today pos.Day) (texts []string) {
	for _, n := range program.NewsOn(today) {
		if n.Until == 0 {
			texts = append(texts, n.Text)
			continue
		}
		texts = append(texts, d.Words.T("news.until", "text", n.Text, "day", n.Until))
	}
	return texts
}

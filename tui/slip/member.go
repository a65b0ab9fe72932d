package slip

import (
	"tenthcup/assets"
	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/station"
)

// Member is what a member takes home: the code to be scanned at the next visit, what
// the member has, and what runs in the shop now, a sentence each.
func Member(words *assets.Printer, shop string, m station.Member, news []string) Slip {
	p := m.Profile
	s := Slip{Language: words.Language, Lines: []Line{{Text: shop, Style: Large, Centre: true}, {}}}
	if p.Name != "" {
		s.add(Line{Text: p.Name, Style: Bold, Centre: true})
	}
	s.add(Line{QR: p.Code(), Centre: true}, Line{Text: code.Group(p.Code()), Centre: true}, Line{Text: words.T("slip.keep"), Centre: true, Style: Small})
	has := balance(words, m)
	if len(has) > 0 {
		s.add(Line{Rule: true})
		s.add(has...)
	}
	if len(news) > 0 {
		s.add(Line{Rule: true}, Line{Text: words.T("slip.news"), Style: Bold})
		for _, text := range news {
			s.add(Line{Text: text})
		}
	}
	return s
}

func (s *Slip) add(lines ...Line) { s.Lines = append(s.Lines, lines...) }

// balance is what the member has, a line each.
func balance(words *assets.Printer, m station.Member) (lines []Line) {
	for _, c := range m.Cards {
		lines = append(lines, Line{Text: c.Card.Name, Right: words.T("person.stamps", "have", c.Stamps, "size", c.Card.Size)})
	}
	if m.Points != nil {
		lines = append(lines, Line{Text: words.T("person.pointscard"), Right: words.Number(int64(*m.Points))})
	}
	if m.Credit != nil {
		lines = append(lines, Line{Text: words.T("slip.credit"), Right: words.Money(*m.Credit)})
	}
	for _, r := range m.Rewards {
		if r.Ready > 0 && r.Not == nil && !r.Rule.Free {
			lines = append(lines, Line{Text: r.Rule.Name, Right: words.T("person.ready", "n", r.Ready), Style: Bold})
		}
	}
	return lines
}

// GiftCard is the gift card itself where it has no other body, and says what is on it.
func GiftCard(words *assets.Printer, shop string, card station.GiftCard) Slip {
	id := card.Profile.Code()
	s := Slip{Language: words.Language, Lines: []Line{
		{Text: shop, Style: Large, Centre: true},
		{},
		{Text: words.T("gift.title"), Style: Bold, Centre: true},
		{QR: id, Centre: true},
		{Text: code.Group(id), Centre: true},
		{Rule: true},
		{Text: words.T("slip.balance"), Right: words.Money(card.Balance), Style: Bold},
	}}
	if card.Until > pos.Day(0) {
		s.add(Line{Text: words.T("slip.until"), Right: words.Date(card.Until)})
	}
	return s
}

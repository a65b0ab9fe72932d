package slip

import (
	"time"

	"tenthcup/assets"
	"tenthcup/pos/code"
	"tenthcup/pos/program"
	"tenthcup/pos/station"
)

// Receipt is what a member is handed after something was booked. It is no fiscal
// receipt, and says so.
type Receipt struct {
	Words   *assets.Printer
	Shop    string
	At      time.Time
	Number  uint64 // of the entry at this till, to be undone by
	Cashier string
	Did     []string       // what was booked, a line each
	Member  station.Member // as the member stands after it
	News    []string       // what runs in the shop now, a sentence each
}

// Slip lays the receipt out.
func (r Receipt) Slip() Slip {
	w, p := r.Words, r.Member.Profile
	lines := []Line{
		{Text: r.Shop, Style: Large, Centre: true},
		{},
		{Text: w.Moment(r.At), Right: w.T("paper.number", "number", r.Number)},
		{Text: w.T("paper.cashier"), Right: r.Cashier},
		{Rule: true},
	}
	for _, did := range r.Did {
		lines = append(lines, Line{Text: did, Style: Bold})
	}
	lines = append(lines, Line{Rule: true})
	if p.Name != "" {
		lines = append(lines, Line{Text: p.Name})
	}
	lines = append(lines, r.has()...)
	lines = append(lines, r.soon()...)
	if len(r.News) > 0 {
		lines = append(lines, Line{Rule: true})
	}
	for _, news := range r.News {
		lines = append(lines, Line{Text: news})
	}
	if id := p.Code(); id != "" {
		lines = append(lines, Line{QR: id}, Line{Text: code.Group(id), Centre: true})
	}
	lines = append(lines, Line{Text: w.T("paper.nofiscal"), Style: Small, Centre: true})
	return Slip{Language: w.Language, Lines: lines}
}

// has is what the member has now.
func (r Receipt) has() (lines []Line) {
	w, m := r.Words, r.Member
	for _, c := range m.Cards {
		lines = append(lines, Line{Text: c.Card.Name, Right: w.T("person.stamps", "have", c.Stamps, "size", c.Card.Size)})
	}
	if m.Points != nil {
		lines = append(lines, Line{Text: w.T("person.pointscard"), Right: w.Number(int64(*m.Points))})
	}
	if m.Credit != nil {
		lines = append(lines, Line{Text: w.T("paper.credit"), Right: w.Money(*m.Credit)})
	}
	if tier := m.Standing.Tier; tier.ID != "" {
		lines = append(lines, Line{Text: w.T("paper.tier"), Right: tier.Name})
	}
	for _, reward := range m.Rewards {
		if reward.Ready > 0 && reward.Not == nil && !reward.Rule.Free {
			lines = append(lines, Line{Text: reward.Rule.Name, Right: w.T("person.ready", "n", reward.Ready), Style: Bold})
		}
	}
	return lines
}

// soon is what the member loses soon.
func (r Receipt) soon() (lines []Line) {
	named := station.Names(r.Member)
	for _, e := range r.Member.Ends {
		if what, ok := program.AmountOf(&named, e.Account, e.Amount); ok {
			lines = append(lines, Line{Text: r.Words.T("show.ends", "what", r.Words.Say(what), "day", e.Last)})
		}
	}
	return lines
}

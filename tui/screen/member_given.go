package screen

import (
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// given is what the customer gets, and what the cashier keys into the till for it.
// It stays until the next key. The zero given is not shown.
type given struct {
	reward pos.RewardRule
	off    pos.Money // taken off the sale
	due    *pos.Money
	worth  int64 // points that it took; 0 where it took none
}

func (g given) shown() bool { return g.reward.ID != "" }

// gives notes what was handed out, if the entry is a reward.
func (m Member) handed(done station.Done) given {
	if done.Record.Entry.Kind != pos.Redeemed {
		return given{}
	}
	g := given{reward: m.wanted.reward, off: done.Off}
	if done.Off > 0 && done.Sale != nil {
		due := done.Sale.Amount - done.Sale.PaidOtherwise()
		g.due = &due
	}
	for _, p := range done.Record.Entry.Postings {
		if p.Account == pos.PointsAccount && p.Amount < 0 {
			g.worth -= p.Amount
		}
	}
	return g
}

// viewGiven draws it in the place of the rewards.
func (m Member) viewGiven(width int) []string {
	t, words, g := m.desk.Theme, m.desk.Words, m.given
	var lines []string
	say := func(ink interface{ Paint(string) string }, text string) {
		for _, line := range widget.Wrap(text, width-4) {
			lines = append(lines, ink.Paint(line))
		}
	}
	low := m.desk.Plain || width > mainWidth/2 // a page without room for large letters
	say(t.Strong, g.reward.Name)
	if !low {
		lines = append(lines, "")
	}
	switch {
	case g.off == 0:
		say(t.Good, words.T("given.hand"))
	case low:
		say(t.Good, words.T("given.off", "amount", g.off))
	default:
		say(t.Good, words.T("given.take"))
		for _, row := range widget.Large(words.Money(g.off), width-4) {
			lines = append(lines, widget.Right(t.Title.Paint(row), width-4))
		}
	}
	if g.reward.Kind == pos.KindCode && g.reward.Code != "" {
		say(t.Good, words.T("given.code", "code", g.reward.Code))
	}
	if g.due != nil {
		say(t.Strong, words.T("given.due", "amount", *g.due))
	}
	if g.worth > 0 && !low {
		say(t.Muted, words.T("given.points", "n", g.worth))
	}
	if m.desk.Plain {
		return lines
	}
	return widget.Frame{Title: words.T("given.title")}.Around(t, padded(lines), width)
}

package screen

import (
	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/tui/widget"
)

// saidStamps confirms stamps: how many, on which card, and how far it is now. A limit
// may have left some of those that were asked for out.
func (m Member) saidStamps(done station.Done, asked int64) Notice {
	words := m.desk.Words
	before := m.member.Cards[m.card]
	n := int64(0)
	for _, p := range done.Record.Entry.Postings {
		if p.Account == before.Card.Account() {
			n += p.Amount
		}
	}
	if n < asked {
		said := m.saidStamps(done, n)
		said.Text += " " + words.T("person.done.limited", "asked", asked)
		return said
	}
	now, ok := cardOf(done.Member, before.Card)
	if !ok {
		return Notice{words.T("person.done.stamps", "n", n, "card", before.Card.Name, "have", before.Stamps, "size", before.Card.Size), Done}
	}
	key := "person.done.stamps"
	if now.Full > before.Full {
		key = "person.done.full"
	}
	return Notice{words.T(key, "n", n, "card", now.Card.Name, "have", now.Stamps, "size", now.Card.Size, "reward", rewardOf(done.Member, now.Card)), Done}
}

func cardOf(m station.Member, card pos.Card) (rules.PunchCard, bool) {
	for _, c := range m.Cards {
		if c.Card.Account() == card.Account() {
			return c, true
		}
	}
	return rules.PunchCard{}, false
}

// rewardOf names what a full card is good for, else the card.
func rewardOf(m station.Member, card pos.Card) string {
	for _, r := range m.Rewards {
		if r.Rule.Card == card.ID {
			return r.Rule.Name
		}
	}
	return card.Name
}

// saidSold confirms a sale: the points that it gave and how many there are now, or
// whatever else it gave.
func (m Member) saidSold(done station.Done, amount pos.Money) Notice {
	words := m.desk.Words
	earned := int64(0)
	for _, p := range done.Record.Entry.Postings {
		if p.Account == pos.PointsAccount {
			earned += p.Amount
		}
	}
	if earned == 0 {
		if what := amounts(done.Record.Entry, station.Names(done.Member), words); what != "" {
			return Notice{words.T("person.done.sold", "amount", amount, "what", what), Done}
		}
		if !m.hasPoints() {
			return Notice{words.T("person.done.booked", "amount", amount), Done}
		}
		return Notice{words.T("person.done.small", "amount", amount), Done}
	}
	have := pos.Points(0)
	if done.Member.Points != nil {
		have = *done.Member.Points
	}
	return Notice{words.T("person.done.points", "n", earned, "amount", amount, "have", have), Done}
}

// saidGiven confirms a reward, and what to key into the till for it.
func (m Member) saidGiven(rule pos.RewardRule, done station.Done) Notice {
	if done.Off > 0 {
		return Notice{m.desk.Words.T("person.done.off", "reward", rule.Name, "off", done.Off), Done}
	}
	return Notice{m.desk.Words.T("person.done.given", "reward", rule.Name), Done}
}

func (m Member) saidAllowed(rule pos.RewardRule, manager pos.Cashier, done station.Done) Notice {
	if done.Off > 0 {
		return m.saidGiven(rule, done)
	}
	return Notice{m.desk.Words.T("allow.done", "reward", rule.Name, "name", widget.Name(manager.Name)), Done}
}

// saidUndone says what was undone, in the words it was shown with.
func (m Member) saidUndone(done station.Done) Notice {
	program := station.Names(done.Member)
	original := pos.Entry{Kind: pos.Voided, Postings: done.Record.Entry.Postings}
	if m.member.Undo != nil && undoes(done.Record.Entry, m.member.Undo.Entry) {
		original = m.member.Undo.Entry
	}
	what := amounts(original, program, m.desk.Words)
	if original.Kind != pos.Voided {
		what = describe(original, program, m.desk.Words)
	}
	return Notice{m.desk.Words.T("person.done.undone", "what", what), Done}
}

func undoes(void, original pos.Entry) bool {
	return len(void.Postings) > 0 && void.Postings[0].Of != nil && *void.Postings[0].Of == original.ID
}

// notReady says how far the nearest reward is, or what stands against one that the
// member could have.
func (m Member) notReady() Member {
	if len(m.member.Rewards) == 0 {
		m.say(Said, "redeem.none")
		return m
	}
	nearest := m.member.Rewards[0]
	for _, r := range m.member.Rewards {
		if r.Missing < nearest.Missing {
			nearest = r
		}
	}
	key := "redeem.points"
	if nearest.Rule.Card != "" {
		key = "redeem.stamps"
	}
	refused := pos.Refuse(key, "reward", nearest.Rule.Name, "n", nearest.Missing)
	if nearest.Missing == 0 && nearest.Not != nil {
		refused = nearest.Not
	}
	m.notice = Notice{m.desk.Words.Error(refused), Said}
	m = m.keeps(refused)
	m.no.any = true
	return m
}

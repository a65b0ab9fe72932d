package screen

import (
	"errors"
	"strings"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

// refusal is why something was not done, until something is. The zero refusal is
// none.
type refusal struct {
	err    error
	reward string    // the id of the reward that was asked for, or ""
	any    bool      // any reward would have been given, and there is none
	at     time.Time // when it was refused
}

// turnedDown says why nothing was done, and keeps it for the question why.
func (m Member) turnedDown(err error) Member {
	m.refused(err)
	return m.keeps(err)
}

// keeps notes what was refused.
func (m Member) keeps(err error) Member {
	problem, ok := errors.AsType[*pos.Problem](err)
	if !ok {
		return m
	}
	m.no = refusal{err: err, at: m.desk.Now}
	if strings.HasPrefix(problem.Key, "redeem.") {
		m.no.reward = m.wanted.reward.ID
	}
	return m
}

// explainNot explains the last refusal line by line: what is missing, since when,
// and the way out.
func (m Member) explainNot() why {
	words, no := m.desk.Words, m.no
	var lines []whyLine
	add := func(sign, text string) { lines = append(lines, whyLine{sign, text}) }
	problem, _ := errors.AsType[*pos.Problem](no.err)
	if !no.any {
		add("✗", words.Error(no.err))
	}
	for _, r := range m.member.Rewards {
		if no.any || r.Rule.ID == no.reward {
			add(m.stands(r))
		}
	}
	if lineless[problem.Key] {
		add("·", m.lastWord())
	}
	if problem.Key == "stamp.cooldown" {
		if n, ok := problem.Args["n"].(int64); ok {
			add("·", words.T("whynot.again", "clock", no.at.Add(time.Duration(n)*time.Minute)))
		}
	}
	switch {
	case (no.any || no.reward != "") && station.Overridable(no.err):
		add("→", words.T("whynot.manager", "key", "r"))
	case tooSoon(no.err):
		add("→", words.T("whynot.manager", "key", m.desk.KeyName("enter")))
	}
	return why{words.T("whynot.head", "clock", no.at), lines, true}
}

// lineless are refusals that the server's word would lift.
var lineless = map[string]bool{
	"redeem.lent": true, "redeem.floor": true, "redeem.budget": true, "redeem.most": true,
	"redeem.stale": true, "redeem.frozen": true, "redeem.restored": true,
}

// lastWord says since when the till has not heard from the server.
func (m Member) lastWord() string {
	if last := m.desk.Waiting.LastSync; !last.IsZero() {
		return m.desk.Words.T("whynot.since", "when", m.desk.Age(last))
	}
	return m.desk.Words.T("whynot.never")
}

// stands says how far the member is with a reward.
func (m Member) stands(r rules.Reward) (sign, text string) {
	words, name := m.desk.Words, r.Rule.Name
	switch {
	case r.Not != nil:
		return "☆", words.Error(r.Not)
	case r.Ready > 0:
		return "★", words.T("whynot.ready", "reward", name)
	case r.Rule.Card != "":
		return "☆", words.T("whynot.stamps", "reward", name, "n", r.Missing)
	}
	return "☆", words.T("whynot.points", "reward", name, "n", r.Missing)
}

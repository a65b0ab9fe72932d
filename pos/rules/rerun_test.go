package rules_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// booked is an entry as a till writes it for the decision.
func booked(t *testing.T, p *pos.Program, kind pos.Kind, ask rules.Ask, facts map[string]int64) pos.Entry {
	t.Helper()
	ask.Day = 20_000
	saw := map[string]int64{}
	ask.Facts = func(name string) int64 {
		if facts[name] != 0 {
			saw[name] = facts[name]
		}
		return facts[name]
	}
	decide := map[pos.Kind]func(*pos.Program, rules.Ask) (rules.Decision, error){
		pos.Earned: rules.Sell, pos.Stamped: rules.StampByHand, pos.Happened: rules.Happen,
	}[kind]
	decision, err := decide(p, ask)
	require.NoError(t, err)
	return pos.Entry{
		Kind: kind, Holder: ask.Holder, Day: ask.Day, Program: p.ID, Sale: ask.Sale, Postings: decision.Postings, Saw: saw,
		Reward: ask.Card + ask.Event, Count: ask.Count,
	}
}

func TestRerun(t *testing.T) {
	p := parsed(t, bakery)
	facts := map[string]int64{"points": 70, "stamp:tea/10": 3}
	sale := booked(t, &p, pos.Earned, rules.Ask{Sale: &pos.Sale{Amount: 1250}}, facts)
	stamp := booked(t, &p, pos.Stamped, rules.Ask{Card: p.Cards[0].ID, Count: 3}, facts)
	none := booked(t, &p, pos.Earned, rules.Ask{Sale: &pos.Sale{Amount: 1}}, facts)
	require.NotEmpty(t, sale.Postings)
	change := func(e pos.Entry, how func(*pos.Entry)) pos.Entry {
		e.Postings, e.Saw = append([]pos.Posting(nil), e.Postings...), maps.Clone(e.Saw)
		how(&e)
		return e
	}
	stamps := p.Cards[0].Account()
	tests := map[string]struct {
		entry   pos.Entry
		account pos.Account
		more    int64
	}{
		"a sale":                         {sale, "", 0},
		"stamps":                         {stamp, "", 0},
		"a sale that gives nothing":      {none, "", 0},
		"a point too many":               {change(sale, func(e *pos.Entry) { e.Postings[0].Amount++ }), "points", 1},
		"a point too few":                {change(sale, func(e *pos.Entry) { e.Postings[0].Amount-- }), "points", -1},
		"nothing at all":                 {change(sale, func(e *pos.Entry) { e.Postings = nil }), "points", -sale.Postings[0].Amount},
		"another account":                {change(sale, func(e *pos.Entry) { e.Postings = append(e.Postings, pos.Posting{Account: "credit", Amount: 5}) }), "credit", 5},
		"of a smaller sale":              {change(sale, func(e *pos.Entry) { e.Sale = &pos.Sale{Amount: 100} }), "points", sale.Postings[0].Amount - 1},
		"of no sale":                     {change(sale, func(e *pos.Entry) { e.Sale = nil }), "points", sale.Postings[0].Amount},
		"of a sale that is none":         {change(sale, func(e *pos.Entry) { e.Sale = &pos.Sale{Amount: -1} }), "points", sale.Postings[0].Amount},
		"more stamps than were asked":    {change(stamp, func(e *pos.Entry) { e.Postings[0].Amount = 4 }), stamps, 1},
		"of a card that is not there":    {change(stamp, func(e *pos.Entry) { e.Reward = "milk" }), stamps, 3},
		"more than can be given at once": {change(stamp, func(e *pos.Entry) { e.Count, e.Postings[0].Amount = 900, 900 }), stamps, 900},
		"another program's":              {change(sale, func(e *pos.Entry) { e.Program[0]++; e.Postings[0].Amount++ }), "", 0},
		"a manager's word":               {change(sale, func(e *pos.Entry) { e.By = &pos.By{Kind: pos.ByOverride}; e.Postings[0].Amount++ }), "", 0},
		"a void":                         {change(sale, func(e *pos.Entry) { e.Kind = pos.Voided; e.Postings[0].Amount = -5 }), "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			account, more := rules.Rerun(&p, tt.entry)
			require.Equal(t, tt.account, account)
			require.Equal(t, tt.more, more)
		})
	}
	cup := pos.Entry{Kind: pos.Redeemed, Holder: pos.HolderID{1}, Program: p.ID, Reward: "cup", Postings: []pos.Posting{{Account: stamps, Amount: -10}}}
	cake := pos.Entry{Kind: pos.Redeemed, Holder: pos.HolderID{1}, Program: p.ID, Reward: "cake", Count: 2, Postings: []pos.Posting{
		{Account: "points", Amount: -70, Lot: pos.Lot{Until: 20_100}}, {Account: "points", Amount: -30, Lot: pos.Lot{Until: 20_200}},
	}}
	for name, tt := range map[string]struct {
		entry   pos.Entry
		account pos.Account
		more    int64
	}{
		"a full card":                   {cup, "", 0},
		"two pieces, from two lots":     {cake, "", 0},
		"a card that was not full":      {change(cup, func(e *pos.Entry) { e.Postings[0].Amount = -9 }), stamps, 1},
		"too much":                      {change(cake, func(e *pos.Entry) { e.Postings[1].Amount = -31 }), "points", -1},
		"one piece for two":             {change(cake, func(e *pos.Entry) { e.Count = 3 }), "points", 50},
		"for nothing":                   {change(cup, func(e *pos.Entry) { e.Postings = nil }), stamps, 10},
		"from another account":          {change(cup, func(e *pos.Entry) { e.Postings[0].Account = "points" }), "points", -10},
		"a reward that is not there":    {change(cup, func(e *pos.Entry) { e.Reward = "car" }), stamps, -10},
		"because a manager said so":     {change(cup, func(e *pos.Entry) { e.By = &pos.By{Kind: pos.ByOverride}; e.Postings[0].Amount = -9 }), "", 0},
		"by another program":            {change(cup, func(e *pos.Entry) { e.Program[0]++; e.Postings[0].Amount = -9 }), "", 0},
		"of a lease, with what it lent": {change(cup, func(e *pos.Entry) { e.By = &pos.By{Kind: pos.ByLease} }), "", 0},
	} {
		t.Run("redeemed: "+name, func(t *testing.T) {
			account, more := rules.Rerun(&p, tt.entry)
			require.Equal(t, tt.account, account)
			require.Equal(t, tt.more, more)
		})
	}
	t.Run("another lot", func(t *testing.T) {
		account, more := rules.Rerun(&p, change(sale, func(e *pos.Entry) { e.Postings[0].Lot.Until += 400 }))
		require.Equal(t, pos.PointsAccount, account)
		require.Positive(t, more*more)
	})
}

// Budget: 20 us an entry, which is 1,000,000 in 20 s on one core.
func BenchmarkRerun(b *testing.B) {
	p, err := pos.ParseProgram([]byte(bakery), pos.Currency{Code: "EUR", Exponent: 2, Unit: "1"})
	require.NoError(b, err)
	decision, err := rules.Sell(&p, rules.Ask{Day: 20_000, Sale: &pos.Sale{Amount: 1250}, Facts: func(string) int64 { return 0 }})
	require.NoError(b, err)
	e := pos.Entry{
		V: 1, ID: pos.EntryID{Terminal: pos.TerminalID{1}, Incarnation: 1, Seq: 1}, At: 1, Kind: pos.Earned, Holder: pos.HolderID{1},
		Day: 20_000, Program: p.ID, Sale: &pos.Sale{Amount: 1250}, Postings: decision.Postings, Saw: map[string]int64{"points": 70},
	}
	raw, err := e.Encode()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		read, err := pos.DecodeEntry(raw)
		require.NoError(b, err)
		account, _ := rules.Rerun(&p, read)
		require.Empty(b, account)
	}
}

package pos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// What an example cannot say is a mistake of the document, with its line.
func TestMistakesInAnExample(t *testing.T) {
	const head = "[points]\nearn = 1\nfor = '1'\n[[card]]\nid = 'tea'\nsize = 5\n[[example]]\n"
	tests := map[string]struct{ example, mistake string }{
		"no name":                   {"when = { sale = '1' }", "line 7: example.0: doc.missing map[key:name]"},
		"nothing happens":           {"name = 'x'\nthen = { points = 1 }", "line 7: example.0.when: example.nothing"},
		"two things at once":        {"name = 'x'\nwhen = { stamp = 'tea', days = 1 }", "line 9: example.0.when: example.step map[deeds:[stamp days]]"},
		"a sale and something else": {"name = 'x'\nwhen = { stamp = 'tea', sale = '1' }", "line 9: example.0.when: example.step map[deeds:[sale stamp]]"},
		"a sale twice":              {"name = 'x'\nwhen = { sale = '1', lines = [{ price = '1' }] }", "line 9: example.0.when: example.step map[deeds:[sale lines]]"},
		"an amount that is none":    {"name = 'x'\nwhen = { sale = '1,5' }", "line 9: example.0.when.sale: doc.amount map[currency:EUR text:1,5 unit:1]"},
		"no units":                  {"name = 'x'\nwhen = { lines = [{ price = '1', quantity = -1 }] }", "line 9: example.0.when.lines.0.quantity: doc.range map[least:1 most:1000000 n:-1]"},
		"an unknown payment":        {"name = 'x'\nwhen = { sale = '1', paid = { gold = '1' } }", "line 9: example.0.when.paid: doc.choice map[choices:[points credit card] text:gold]"},
		"a card that is not there":  {"name = 'x'\ngiven = { cards = { bun = 1 } }\nwhen = { sale = '1' }", "line 9: example.0.given.cards: doc.unknown map[id:bun]"},
		"a reward that is not":      {"name = 'x'\nwhen = { redeem = 'cup' }", "line 9: example.0.when.redeem: doc.unknown map[id:cup]"},
		"a step before":             {"name = 'x'\nfirst = [\n { sale = '1' },\n { event = 'e' },\n]\nwhen = { sale = '1' }", "line 11: example.0.first.1.event: doc.unknown map[id:e]"},
		"an unknown switch":         {"name = 'x'\ngiven = { switches = ['rain'] }\nwhen = { sale = '1' }", "line 9: example.0.given.switches: doc.unknown map[id:rain]"},
		"an unknown arm":            {"name = 'x'\ngiven = { arm = 'a/b' }\nwhen = { sale = '1' }", "line 9: example.0.given.arm: doc.unknown map[id:a/b]"},
		"a moment that is none":     {"name = 'x'\ngiven = { at = '2026-02-30' }\nwhen = { sale = '1' }", "line 9: : example.moment map[text:2026-02-30]"},
		"an hour that is none":      {"name = 'x'\ngiven = { at = '2026-02-20 25:00' }\nwhen = { sale = '1' }", "line 9: : example.moment map[text:2026-02-20 25:00]"},
		"a birthday that is none":   {"name = 'x'\ngiven = { birthday = '02-30' }\nwhen = { sale = '1' }", "line 9: example.0.given.birthday: member.birthday map[text:02-30]"},
		"an owner that is none":     {"name = 'x'\nwhen = { sale = '1', owner = 'me' }", "line 9: example.0.when.owner: doc.choice map[choices:[member other] text:me]"},
		"a thousand times too many": {"name = 'x'\nwhen = { sale = '1', times = 1001 }", "line 9: example.0.when.times: doc.range map[least:1 most:1000 n:1001]"},
		"a gift that is not there":  {"name = 'x'\nwhen = { sale = '1' }\nthen = { gives = { tiers = ['gold'] } }", "line 10: example.0.then.gives.tiers: doc.unknown map[id:gold]"},
		"an unknown word":           {"name = 'x'\nwhen = { sell = '1' }", "line 9: example.sell: doc.setting map[key:example.sell]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(head+tt.example), money(t, "EUR"))
			require.EqualError(t, err, tt.mistake)
		})
	}
	_, err := pos.ParseProgram([]byte("accept = ['tricks']\n"+head+"name = 'x'\nwhen = { sale = '1' }"), money(t, "EUR"))
	require.ErrorContains(t, err, "line 1: accept: doc.choice")
}

// What an example leaves out is filled in: a quantity of 1, noon of an ordinary day.
func TestWhatAnExampleMayLeaveOut(t *testing.T) {
	p, err := pos.ParseProgram([]byte("[points]\nearn = 1\nfor = '1'\n[[example]]\nname = 'x'\nwhen = { lines = [{ price = 2.5 }] }"), money(t, "EUR"))
	require.NoError(t, err)
	e := p.Examples[0]
	require.Equal(t, "2026-03-04", e.Given.At.Day.String())
	require.Equal(t, 12*60, e.Given.At.Minute)
	require.Equal(t, e.Given.At.Day, e.Given.Joined)
	require.Equal(t, []int64{1, 250}, []int64{e.When.Lines[0].Quantity, int64(e.When.Lines[0].Price.Minor)})
	require.Equal(t, []int64{1, 1}, []int64{e.When.Count, e.When.Times})
	require.True(t, e.When.Sells())
	require.False(t, pos.ExampleStep{Redeem: "x", Sale: pos.Amount{Text: "1"}}.Sells())
}

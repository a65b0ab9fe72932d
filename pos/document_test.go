package pos_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

// A mistake is shown where it is, however the document is laid out: in a table of
// its own, in one of several, in a dotted key or in an inline table.
func TestMistakesAreFoundWhereTheyAre(t *testing.T) {
	const head = "[[card]]\nid = 'tea'\nsize = 5\n[[reward]]\nid = 'a'\nvoucher = true\n"
	tests := map[string]struct {
		document string
		line     int
	}{
		"a key":                             {head + "off = '1,0'", 7},
		"the second table of an array":      {head + "[[reward]]\nid = 'b'\nvoucher = true\noff = 'x'", 10},
		"an inline table":                   {head + "when = { quantity = 1, minimum = 'x' }", 7},
		"an inline table of several lines":  {head + "when = {\n quantity = 1,\n minimum = 'x',\n}", 9},
		"a dotted key":                      {head + "when.quantity = 1\nwhen.minimum = 'x'", 8},
		"a table below one of an array":     {head + "[reward.when]\nquantity = 1\nminimum = 'x'", 9},
		"the same below the second":         {head + "[[reward]]\nid = 'b'\nvoucher = true\n[reward.when]\nminimum = 'x'", 11},
		"an array of tables":                {head + "[[example]]\nname = 'x'\n[example.when]\n[[example.when.lines]]\nprice = '1'\n[[example.when.lines]]\nprice = 'x'", 13},
		"an array of inline tables":         {head + "[[example]]\nname = 'x'\nwhen = { lines = [\n { price = '1' },\n { price = 'x' },\n] }", 11},
		"a later line of one of these":      {head + "[[example]]\nname = 'x'\nwhen = { lines = [\n {\n item = 'a',\n price = 'x' },\n] }", 12},
		"a key with quotes and blanks":      {head + "'off' = 'x'", 7},
		"a table without the key":           {"[points]\n\nearn = 1", 1},
		"one of the second, which is there": {"[[card]]\nid = 'a'\nsize = 3\n\n[[card]]\nid = 'b'", 5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pos.ParseProgram([]byte(tt.document), money(t, "EUR"))
			var mistake *pos.DocumentError
			require.ErrorAs(t, err, &mistake)
			require.Equal(t, tt.line, mistake.Line, "%v", mistake)
		})
	}
}

// Wherever a mistake is, its line is that of the key that is wrong. Lines of a
// document are drawn with room between them.
func TestEveryMistakeHasItsLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var document strings.Builder
		line := 1
		write := func(text string) int {
			for range rapid.IntRange(0, 2).Draw(t, "blank") {
				document.WriteString(rapid.SampledFrom([]string{"\n", "# a line that says nothing\n"}).Draw(t, "nothing"))
				line++
			}
			document.WriteString(text + "\n")
			line++
			return line - 1
		}
		bad := rapid.IntRange(0, 4).Draw(t, "which is wrong")
		inline := rapid.Bool().Draw(t, "inline")
		want := 0
		for i := range 5 {
			minimum := "2.50"
			if i == bad {
				minimum = "2,50"
			}
			write("[[card]]")
			write(fmt.Sprintf("id = 'card-%d'", i))
			write("size = 4")
			if i != bad && rapid.Bool().Draw(t, "without") {
				continue
			}
			var at int
			if inline {
				at = write("when = { minimum = '" + minimum + "' }")
			} else {
				write("[card.when]")
				at = write("minimum = '" + minimum + "'")
			}
			if i == bad {
				want = at
			}
		}
		_, err := pos.ParseProgram([]byte(document.String()), pos.Currency{Code: "EUR", Exponent: 2, Unit: "1"})
		var mistake *pos.DocumentError
		require.ErrorAs(t, err, &mistake, document.String())
		require.Equal(t, want, mistake.Line, "%v\n%s", mistake, document.String())
		require.Equal(t, fmt.Sprintf("card.%d.when.minimum", bad), mistake.Path)
	})
}

package pos_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
)

func TestNormalReceipt(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \t": "", "a-17": "A-17", " A-17\n": "A-17", "a  17": "A 17", "۱۲": "12", "x\x00y": "XY",
		strings.Repeat("a", 64): strings.Repeat("A", 64),
	} {
		got, err := pos.NormalReceipt(text)
		require.NoError(t, err)
		require.Equal(t, want, got, "%q", text)
	}
	_, err := pos.NormalReceipt(strings.Repeat("a", 65))
	require.ErrorIs(t, err, pos.Refuse("sale.receipt"))
	_, err = pos.Sale{Amount: 1, Receipt: strings.Repeat("a", 65)}.Checked()
	require.ErrorIs(t, err, pos.Refuse("sale.receipt"))
}

// Whatever was scanned, a number in its one form is in it for good, and fits an
// entry and a key.
func TestNormalReceiptIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once, err := pos.NormalReceipt(rapid.String().Draw(t, "text"))
		if err != nil {
			require.ErrorIs(t, err, pos.Refuse("sale.receipt"))
			return
		}
		again, err := pos.NormalReceipt(once)
		require.NoError(t, err)
		require.Equal(t, once, again)
		require.LessOrEqual(t, len(once), pos.MaxReceipt)
		require.NotContains(t, once, "\x00")
	})
}

func TestSaleKey(t *testing.T) {
	const id = "0700000000000000000000000000000-1"
	for name, tt := range map[string]struct {
		entry pos.Entry
		want  string
	}{
		"no sale":                          {pos.Entry{Code: id}, ""},
		"a sale without a number":          {pos.Entry{Kind: pos.Earned, Sale: &pos.Sale{}, Code: id}, ""},
		"a sale":                           {pos.Entry{Kind: pos.Earned, Sale: &pos.Sale{Receipt: " a1 "}}, "A1"},
		"a reward with a sale":             {pos.Entry{Kind: pos.Redeemed, Sale: &pos.Sale{Receipt: "A1"}, Code: "X"}, "A1"},
		"a return":                         {pos.Entry{Kind: pos.Refunded, Sale: &pos.Sale{Receipt: "A1"}}, "A1"},
		"a return of one without a number": {pos.Entry{Kind: pos.Refunded, Sale: &pos.Sale{}, Code: id}, id},
		"a number that nobody could enter": {pos.Entry{Kind: pos.Refunded, Sale: &pos.Sale{Receipt: strings.Repeat("9", 65)}, Code: id}, ""},
	} {
		require.Equal(t, tt.want, tt.entry.SaleKey(), name)
	}
}

func TestHousehold(t *testing.T) {
	named := func(name string) string { return pos.Profile{Fields: map[string]string{"household": name}}.Household() }
	require.Equal(t, named("KŐSZEGI  1"), named(" koszegi 1"))
	require.NotEqual(t, named("Kőszegi 1"), named("Kőszegi 11"))
	require.Empty(t, pos.Profile{}.Household())
	require.Empty(t, named(" "))
}

package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// SYL-005: two tills spent more than there was. The next credit makes it good, and
// what is left of that credit is all there is, in whatever order the three arrive.
func TestOverspendIsEatenByTheNextCredit(t *testing.T) {
	entry := func(terminal byte, day pos.Day, amount int64) pos.Entry {
		return pos.Entry{
			ID: pos.EntryID{Terminal: pos.TerminalID{terminal}, Seq: uint64(day)}, At: int64(day) * 1000, Day: day,
			Postings: []pos.Posting{{Account: points, Amount: amount, Lot: pos.Lot{Until: 1000 + day}}},
		}
	}
	first, spent, second := entry(1, 1, 50), entry(2, 2, -80), entry(1, 3, 100)
	spent.Postings[0].Lot = first.Postings[0].Lot
	require.Equal(t, ledger.Sums{{Account: points, Amount: -30}}, ledger.Replay([]pos.Entry{first, spent}, points, 2))
	rapid.Check(t, func(t *rapid.T) {
		arrived := rapid.Permutation([]pos.Entry{first, spent, second}).Draw(t, "arrived")
		var sums ledger.Sums
		for _, e := range arrived {
			sums = add(t, sums, e.Postings)
		}
		published, err := sums.Published(3, func() ([]pos.Entry, error) { return arrived, nil })
		require.NoError(t, err)
		require.Equal(t, ledger.Sums{{Account: points, Lot: pos.Lot{Until: 1003}, Amount: 70}}, published, "one open lot, no deficit")
		require.Equal(t, int64(70), published.Balance(points, 3))
	})
}

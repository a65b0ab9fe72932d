package bolt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
)

// ODOO-POS-047: what the cashier sees is what the centre said, and what was earned
// and claimed at this till since.
func TestShownIsStoredPlusPendingMinusClaimed(t *testing.T) {
	c := newCounter(t)
	c.apply(0, ledger.Changed{Holder: ann, Position: 1, Sums: ledger.Sums{{Account: "points", Amount: 10}}})
	c.write(ann, pos.Posting{Account: "points", Amount: 25})
	c.write(ann, pos.Posting{Account: "points", Amount: -5})
	view, err := c.till.View(ann)
	require.NoError(t, err)
	require.Equal(t, int64(30), view.Sums.Balance("points", today))
}

// ISSUE-015: two members who turn out to be one person keep what both had.
func TestMergedMembersKeepBoth(t *testing.T) {
	c := newHead(t)
	lot := pos.Lot{Until: today + 100}
	c.till.write(ann, pos.Posting{Account: "points", Amount: 50})
	c.till.write(ben, pos.Posting{Account: "points", Amount: 60}, pos.Posting{Account: "points", Amount: 40, Lot: lot})
	c.gives(cleo, 1)
	for holder, name := range map[pos.HolderID]string{ann: "Ann", ben: "Ann B."} {
		require.NoError(t, c.desk.SaveProfile(person(holder, name, noon.UnixMilli())))
	}
	_, err := c.office().Merge(office.Who{Area: "north", From: ben, Into: ann}, "zoe", "one person")
	require.NoError(t, err)
	merged, err := c.book.Balance("north", ann, today)
	require.NoError(t, err)
	require.Equal(t, ledger.Sums{{Account: "points", Lot: lot, Amount: 40}, {Account: "points", Amount: 110}}, merged)
	require.Equal(t, int64(150), merged.Balance("points", today))
	left, err := c.book.Balance("north", ben, today)
	require.NoError(t, err)
	require.Zero(t, left.Balance("points", today))
}

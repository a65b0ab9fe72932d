package station_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

const corner = `
title = "Corner"

[[card]]
id = "coffee"
name = "Coffee"
size = 10
limits = { per_day = 1 }

[[card]]
id = "lunch"
name = "Lunch"
size = 5

[points]
earn = 1
for = "1"

[[event]]
id = "poster"
gift = { points = 100 }
limits = { in_all = 1 }

[[reward]]
id = "cash"
kind = "exchange"
step = 1
off = "1"

[[reward]]
id = "tenth"
points = 5
kind = "percent"
percent = 10

[[reward]]
id = "menu"
card = "lunch"

[[reward]]
id = "soup"
card = "lunch"
stamps = 3
`

func openCorner(t *testing.T) (*till, pos.HolderID) {
	t.Helper()
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(corner)})
	return s, s.enrol(t, "Ann")
}

// ERP-006: what checks the balance and what takes from it read the same ledger, so
// points of a counter sale pay an invoice, and are gone then.
func TestPointsOfASalePayAnInvoice(t *testing.T) {
	s, ann := openCorner(t)
	sold := s.sell(t, ann, receipt("P1", 10625))
	require.Equal(t, int64(106), sold.Record.Entry.Postings[0].Amount)
	invoice := receipt("I1", 10600)
	paid, err := s.Claim("robin", ann, rules.Claim{Reward: "cash", Count: 50, Sale: &invoice})
	require.NoError(t, err)
	require.Equal(t, []pos.Posting{{Account: "points", Amount: -50}}, paid.Record.Entry.Postings)
	s.has(t, ann, "points", 56)
	earned := s.sell(t, ann, *paid.Sale)
	require.Equal(t, []pos.Posting{{Account: "points", Amount: 56}}, earned.Record.Entry.Postings, "for what was paid with money")
	s.has(t, ann, "points", 106+6)
}

// ODOO-POS-011: a sale that earns and spends is in the books with both, not with
// the difference.
func TestASaleThatEarnsAndSpendsHasBothInTheBooks(t *testing.T) {
	s, ann := openCorner(t)
	s.sell(t, ann, receipt("S0", 500))
	_, err := s.DayEnd("robin")
	require.NoError(t, err)
	before := len(s.journal(t))

	sale := pos.Sale{Receipt: "S1", Lines: []pos.Line{{Item: "product", Quantity: 1, Price: 1000}}}
	s.sell(t, ann, sale)
	_, err = s.Claim("robin", ann, rules.Claim{Reward: "tenth", Sale: &sale})
	require.NoError(t, err)
	require.Len(t, s.journal(t), before+2)
	shift, err := s.Shift()
	require.NoError(t, err)
	require.Equal(t, []int64{10, 5}, []int64{shift.Totals.Earned, shift.Totals.Spent})
	s.has(t, ann, "points", 10)
}

// ODOO-SALE-003: cancelling deletes nothing. Each entry of the sale gets one that
// reverses it, and the balance is what it was before.
func TestACancelledSaleIsReversedNotDeleted(t *testing.T) {
	s, ann := openCorner(t)
	s.sell(t, ann, receipt("S0", 500))
	before := s.sums(t, ann)
	sale := pos.Sale{Receipt: "S1", Lines: []pos.Line{{Item: "a", Quantity: 1, Price: 100}}}
	sold := s.sell(t, ann, sale)
	claimed, err := s.Claim("robin", ann, rules.Claim{Reward: "tenth", Sale: &sale})
	require.NoError(t, err)
	s.has(t, ann, "points", 5+1-5)
	entries := s.journal(t)
	for i, id := range []pos.EntryID{claimed.Record.Entry.ID, sold.Record.Entry.ID} {
		_, err := s.Void("robin", id, "cancelled")
		require.NoError(t, err)
		require.Len(t, s.journal(t), len(entries)+i+1)
	}
	require.Equal(t, entries, s.journal(t)[:len(entries)], "what was written stays")
	require.Equal(t, before, s.sums(t, ann))
}

// ISSUE-008: a code that stays the same may be shown without end. What it pays is
// limited by the program: a card by stamps a day, an event by times in all.
func TestACodeThatIsScannedAgainAndAgainPaysOnce(t *testing.T) {
	s, ann := openCorner(t)
	m, err := s.Member(ann)
	require.NoError(t, err)
	code := m.Profile.Code()
	const scans = 790
	refused := func(times int, key string, do func(pos.HolderID) error) (n int) {
		for range times {
			found, err := s.Lookup(code)
			require.NoError(t, err)
			if err := do(found[0].Profile.Holder); err != nil {
				require.ErrorIs(t, err, pos.Refuse(key))
				n++
			}
		}
		return n
	}
	event := func(h pos.HolderID) error { _, err := s.Event("robin", h, "poster"); return err }
	stamp := func(h pos.HolderID) error { _, err := s.Stamp("robin", h, "coffee", 1); return err }

	require.Equal(t, scans-1, refused(scans, "event.limit", event))
	s.has(t, ann, "points", 100)
	require.Equal(t, scans-1, refused(scans, "stamp.limit", stamp))
	s.has(t, ann, coffee, 1)
	s.clock.pass(24 * time.Hour)
	require.Equal(t, 4, refused(5, "stamp.limit", stamp))
	s.has(t, ann, coffee, 2)
	require.Equal(t, 5, refused(5, "event.limit", event))
	require.Len(t, s.journal(t), 4, "what is refused is not booked")
}

// STAMP-007: what counts is what the ledger holds, not what somebody says.
func TestARewardNeedsTheStampsOfTheLedger(t *testing.T) {
	s, ann := openCorner(t)
	_, err := s.Stamp("robin", ann, "lunch", 3)
	require.NoError(t, err)
	s.refused(t, "redeem.stamps", func() error { _, err := s.Redeem("robin", ann, "menu"); return err })
	_, err = s.Redeem("robin", ann, "soup")
	require.NoError(t, err)
	s.has(t, ann, "stamp:lunch/5", 0)
}

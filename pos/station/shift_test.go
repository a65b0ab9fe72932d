package station_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

func TestShiftAndDayEnd(t *testing.T) {
	s := open(t)
	shift, err := s.Shift()
	require.NoError(t, err)
	require.Equal(t, report.Z{Number: 1, Day: s.Today(), Terminal: terminal}, shift)

	opened := s.clock.now()
	ann := s.enrol(t, "Ann")
	_, err = s.Stamp("kim", ann, "", 10)
	require.NoError(t, err)
	_, err = s.Earn("robin", ann, 1250)
	require.NoError(t, err)
	_, err = s.Redeem("kim", ann, "cup")
	require.NoError(t, err)
	s.clock.pass(time.Hour)
	_, err = s.Undo("robin", ann, "mistake")
	require.NoError(t, err)
	want := report.Shift{
		First: opened, Last: s.clock.now(),
		Totals: report.Totals{Entries: 5, Enrolled: 1, Stamps: 10, Sales: 1, Amount: 1250, Earned: 12, Rewards: 1, Voids: 1},
		Cashiers: []report.CashierTotals{
			{Cashier: "robin", Totals: report.Totals{Entries: 3, Enrolled: 1, Sales: 1, Amount: 1250, Earned: 12, Voids: 1}},
			{Cashier: "kim", Totals: report.Totals{Entries: 2, Stamps: 10, Rewards: 1}},
		},
	}
	shift, err = s.Shift()
	require.NoError(t, err)
	require.Equal(t, want, shift.Shift)

	shift, err = s.DayEnd("kim")
	require.NoError(t, err)
	require.Equal(t, want, shift.Shift)
	latest, err := s.Latest(1)
	require.NoError(t, err)
	e := latest[0].Entry
	require.Equal(t, []any{pos.DayEnded, pos.HolderID{}, pos.CashierID("kim")}, []any{e.Kind, e.Holder, e.Cashier})

	shift, err = s.Shift()
	require.NoError(t, err)
	require.Equal(t, report.Z{Number: 2, Day: s.Today(), Terminal: terminal}, shift, "the next shift begins with nothing")
	s = reopen(t, s)
	s.stamp(t, ann, 2)
	shift, err = s.DayEnd("robin")
	require.NoError(t, err)
	require.Equal(t, report.Totals{Entries: 1, Stamps: 2}, shift.Totals, "also of another process")
}

// Totals of the shifts equal the total of the day, whatever is written while a
// shift is being closed.
func TestEveryEntryIsInOneShift(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	shifts := make([]report.Z, 40)
	for _, err := range parallel(len(shifts), func(i int) (err error) {
		if i%4 == 0 {
			shifts[i], err = s.DayEnd("kim")
			return err
		}
		_, err = s.Stamp("robin", ann, "", 1)
		return err
	}) {
		require.NoError(t, err)
	}
	last, err := s.DayEnd("kim")
	require.NoError(t, err)
	entries, stamps := last.Totals.Entries, last.Totals.Stamps
	for _, shift := range shifts {
		entries += shift.Totals.Entries
		stamps += shift.Totals.Stamps
	}
	require.Equal(t, []int64{31, 30}, []int64{int64(entries), stamps})
	require.Len(t, s.journal(t), 31+11)
}

func TestLatest(t *testing.T) {
	s := open(t)
	latest, err := s.Latest(5)
	require.NoError(t, err)
	require.Empty(t, latest)
	ann := s.enrol(t, "Ann")
	for n := range int64(6) {
		s.stamp(t, ann, n+1)
	}
	latest, err = s.Latest(5)
	require.NoError(t, err)
	require.Len(t, latest, 5)
	for i, r := range latest {
		require.Equal(t, uint64(7-i), r.Number, "newest first")
	}
}

func TestWaiting(t *testing.T) {
	s := open(t)
	waiting, err := s.Waiting()
	require.NoError(t, err)
	require.Zero(t, waiting.Total())
	s.stamp(t, s.enrol(t, "Ann"), 1)
	waiting, err = s.Waiting()
	require.NoError(t, err)
	require.Equal(t, []any{2, 1, 3, s.clock.now(), false}, []any{waiting.Entries, waiting.Profiles, waiting.Total(), waiting.Oldest, waiting.Enrolled})
}

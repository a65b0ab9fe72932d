package station_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// A till puts what it gives into the run of activity that it knows of, and begins one
// when the last has ended. All is gone when nothing happened for two full months.
func TestRunsOfActivityAtTheTill(t *testing.T) {
	s := open(t)
	s.publish(t, pos.Published{Document: []byte("[points]\nearn = 1\nfor = '1'\nexpire_inactive_months = 2\n")})
	holder := s.enrol(t, "Ann")
	points := func() pos.Points {
		member, err := s.Member(holder)
		require.NoError(t, err)
		return *member.Points
	}
	earn := func() pos.Lot {
		_, err := s.Earn("robin", holder, 500)
		require.NoError(t, err)
		entries := s.journal(t)
		return entries[len(entries)-1].Entry.Postings[0].Lot
	}
	first := s.Today()
	require.Equal(t, pos.Lot{From: first}, earn())
	s.clock.pass(60 * 24 * time.Hour) // 21 January
	require.Equal(t, pos.Points(5), points())
	require.Equal(t, pos.Lot{From: first}, earn())
	s.clock.pass(69 * 24 * time.Hour) // 31 March
	require.Equal(t, pos.Points(10), points())
	s.clock.pass(24 * time.Hour)
	require.Zero(t, points())
	require.Equal(t, pos.Lot{From: s.Today()}, earn())
	require.Equal(t, pos.Points(5), points())
}

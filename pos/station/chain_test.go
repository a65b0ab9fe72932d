package station_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// chained requires that every entry carries the hash of the one before it, that
// the ids of each process count from 1 without a gap, and that time goes on but where
// a correction of the clock is recorded.
func chained(t *testing.T, records []station.Record) (incarnations []pos.Incarnation) {
	t.Helper()
	head, seq, at := pos.Hash{}, uint64(0), int64(0)
	nonces := map[uint64]bool{}
	for i, r := range records {
		require.Equal(t, uint64(i+1), r.Number)
		require.Equal(t, head, r.Entry.Prev, "entry %d", r.Number)
		require.Equal(t, terminal, r.Entry.ID.Terminal)
		if len(incarnations) == 0 || incarnations[len(incarnations)-1] != r.Entry.ID.Incarnation {
			require.NotContains(t, incarnations, r.Entry.ID.Incarnation)
			incarnations = append(incarnations, r.Entry.ID.Incarnation)
			seq = 0
		}
		require.Equal(t, seq+1, r.Entry.ID.Seq)
		if r.Entry.Kind != pos.Corrected {
			require.GreaterOrEqual(t, r.Entry.At, at)
		}
		require.False(t, nonces[r.Entry.Nonce], "a nonce twice")
		nonces[r.Entry.Nonce] = true
		decoded, err := pos.DecodeEntry(r.Raw)
		require.NoError(t, err)
		require.Equal(t, decoded, r.Entry)
		head, seq, at = pos.HashEntry(r.Raw), r.Entry.ID.Seq, r.Entry.At
	}
	return incarnations
}

func TestChain(t *testing.T) {
	s := open(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	s.stamp(t, ann, 10)
	_, err := s.Redeem("robin", ann, "cup")
	require.NoError(t, err)
	s.refused(t, "redeem.stamps", func() error { _, err := s.Redeem("robin", bela, "cup"); return err })
	_, err = s.Undo("robin", ann, "wrong member")
	require.NoError(t, err)
	_, err = s.DayEnd("robin")
	require.NoError(t, err)
	require.Len(t, chained(t, s.journal(t)), 1, "one process, one incarnation; a refusal leaves no gap")

	s = reopen(t, s)
	s.stamp(t, ann, 1)
	s.stamp(t, bela, 1)
	records := s.journal(t)
	require.Len(t, records, 8)
	require.Len(t, chained(t, records), 2, "the next process has its own, chained to the last entry of the first")
}

// Cashiers, commands and the line do things at the same moment, while the clock
// runs. There is one chain all the same, in the order of time.
func TestChainOfParallelActions(t *testing.T) {
	s := open(t)
	s.Now = func() time.Time {
		s.clock.pass(time.Millisecond)
		return s.clock.now()
	}
	holders := []pos.HolderID{s.enrol(t, "Ann"), s.enrol(t, "Béla"), s.enrol(t, "Siti")}
	for _, err := range parallel(24, func(i int) error {
		_, err := s.Stamp("robin", holders[i%3], "", 1)
		return err
	}) {
		require.NoError(t, err)
	}
	records := s.journal(t)
	require.Len(t, records, 27)
	require.Len(t, chained(t, records), 1)
}

func TestTimeOfAnEntry(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	noon := s.clock.now()
	at := func() (time.Time, time.Duration) {
		t.Helper()
		e := s.stamp(t, ann, 1).Record.Entry
		require.Equal(t, pos.DayOf(e.Time(), s.Zone), e.Day)
		require.Equal(t, s.Store, e.Store)
		require.Equal(t, s.clock.now().UnixMilli(), e.At-e.Offset, "the terminal's clock and what was added to it")
		return e.Time(), time.Duration(e.Offset) * time.Millisecond
	}
	steps := []struct {
		name   string
		passed time.Duration
		offset time.Duration // the centre's clock less the terminal's
		want   time.Duration // since noon
		added  time.Duration
	}{
		{"as the clock says", 0, 0, 0, 0},
		{"a minute later", time.Minute, 0, time.Minute, 0},
		{"the clock is slewed back: time stands still", -10 * time.Second, 0, time.Minute, 10 * time.Second},
		{"and goes on when the clock has caught up", 15 * time.Second, 0, 65 * time.Second, 0},
		{"the centre's clock is ahead", 0, 10 * time.Minute, 10*time.Minute + 65*time.Second, 10 * time.Minute},
		{"the centre corrects backwards: so does time", 0, -time.Minute, 5 * time.Second, -time.Minute},
		{"once: then it goes on", time.Second, -time.Minute, 6 * time.Second, -time.Minute},
		{"a slew while there is a correction", -time.Second, -time.Minute, 6 * time.Second, -time.Minute + time.Second},
		{"somebody sets the clock back by days: that is believed", -72 * time.Hour, -time.Minute, -72*time.Hour + 5*time.Second, -time.Minute},
	}
	for _, tt := range steps {
		s.clock.pass(tt.passed)
		require.NoError(t, s.SetOffset(tt.offset))
		got, added := at()
		require.Equal(t, tt.want, got.Sub(noon), tt.name)
		require.Equal(t, tt.added, added, tt.name)
	}
	t.Run("the day is the shop's", func(t *testing.T) {
		require.NoError(t, s.SetOffset(0))
		s.clock.at = time.Date(2026, 12, 1, 22, 59, 59, 0, time.UTC)
		require.Equal(t, "2026-12-01", s.Today().String())
		require.Equal(t, "2026-12-01", s.stamp(t, ann, 1).Record.Entry.Day.String())
		require.NoError(t, s.SetOffset(time.Second))
		require.Equal(t, "2026-12-02", s.Today().String())
		require.Equal(t, "2026-12-02", s.stamp(t, ann, 1).Record.Entry.Day.String())
	})
	t.Run("a process that starts with its clock behind holds the last entry's time", func(t *testing.T) {
		last := s.journal(t)[len(s.journal(t))-1].Entry.Time()
		s = reopen(t, s)
		s.clock.at = last.Add(-time.Minute)
		got, added := at()
		require.Equal(t, last, got)
		require.Equal(t, time.Minute, added)
	})
}

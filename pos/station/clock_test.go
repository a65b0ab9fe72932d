package station_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
	"tenthcup/pos/station"
)

// corrections returns the entries that say that time goes back.
func (s *till) corrections(t *testing.T) (found []pos.Entry) {
	t.Helper()
	for _, r := range s.journal(t) {
		if r.Entry.Kind == pos.Corrected {
			found = append(found, r.Entry)
		}
	}
	return found
}

func TestTimeGoesBackOnlyWhereItIsRecorded(t *testing.T) {
	for name, tt := range map[string]struct {
		passed time.Duration // by the terminal's clock
		offset time.Duration // measured after it, from 10 minutes
		at     time.Duration // of the next entry, after the last one
		back   bool
	}{
		"time goes on":                           {time.Minute, 10 * time.Minute, time.Minute, false},
		"the clock is slewed":                    {-time.Minute, 10 * time.Minute, 0, false},
		"the clock is set back by an hour":       {-time.Hour, 10 * time.Minute, 0, false},
		"the clock is set back by more":          {-time.Hour - time.Second, 10 * time.Minute, -time.Hour - time.Second, true},
		"the clock is set back by years":         {-4 * 365 * 24 * time.Hour, 10 * time.Minute, -4 * 365 * 24 * time.Hour, true},
		"the centre's clock is not so far ahead": {0, 8 * time.Minute, -2 * time.Minute, true},
		"no more than the time that passed":      {2 * time.Minute, 8 * time.Minute, 0, false},
		"the line is uneven":                     {0, 10*time.Minute - 900*time.Millisecond, 0, false},
		"the clock is slewed on an uneven line":  {-time.Minute, 10*time.Minute - 5*time.Millisecond, 0, false},
		"the centre's clock is further ahead":    {0, 12 * time.Minute, 2 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.tell()
			ann := s.enrol(t, "Ann")
			require.NoError(t, s.SetOffset(10*time.Minute))
			last := s.stamp(t, ann, 1).Record.Entry
			s.clock.pass(tt.passed)
			require.NoError(t, s.SetOffset(tt.offset))
			s.refused(t, "redeem.stamps", func() error { _, err := s.Redeem("robin", ann, "cup"); return err })
			e := s.stamp(t, ann, 1).Record.Entry
			require.Equal(t, tt.at, e.Time().Sub(last.Time()))
			require.Equal(t, s.clock.now().UnixMilli(), e.At-e.Offset)
			found := s.corrections(t)
			if !tt.back {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, e.At, found[0].At)
			require.Equal(t, map[string]int64{"from": last.At, "to": e.At, "offset": tt.offset.Milliseconds()}, found[0].Saw)
			require.Equal(t, []any{pos.HolderID{}, pos.CashierID(""), e.Offset, e.Day}, []any{found[0].Holder, found[0].Cashier, found[0].Offset, found[0].Day})
			s.stamp(t, ann, 1)
			require.Len(t, s.corrections(t), 1, "once")
			chained(t, s.journal(t))
		})
	}
}

// A recorded correction is no work of a cashier's: the shift, its end and an undo
// are as they would be without it.
func TestCorrectionInAShift(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	s.clock.pass(48 * time.Hour)
	s.stamp(t, ann, 3)
	back := s.clock.now()
	s.clock.pass(-48 * time.Hour)
	done, err := s.Undo("robin", ann, "mistake")
	require.NoError(t, err)
	require.Zero(t, done.Member.Cards[0].Stamps)
	s.stamp(t, ann, 2)
	s.clock.pass(-2 * time.Hour)
	shift, err := s.DayEnd("robin")
	require.NoError(t, err)
	require.Equal(t, report.Totals{Entries: 4, Enrolled: 1, Stamps: 5, Voids: 1}, shift.Totals)
	require.Len(t, shift.Cashiers, 1)
	require.Equal(t, 2, shift.Corrections, "and the manager sees them")
	require.Equal(t, back.Add(-48*time.Hour), shift.Last)
	latest, err := s.Latest(1)
	require.NoError(t, err)
	require.Equal(t, pos.DayEnded, latest[0].Entry.Kind)
	shift, err = s.Shift()
	require.NoError(t, err)
	require.Equal(t, report.Shift{}, shift.Shift)
	chained(t, s.journal(t))
}

// interrupted is a journal where something else is done when an entry could not
// be written, before its writer goes on.
type interrupted struct {
	station.Journal
	meanwhile func()
}

func (i *interrupted) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	record, err := i.Journal.Append(holder, profile, decide)
	if do := i.meanwhile; err != nil && do != nil {
		i.meanwhile = nil
		do()
	}
	return record, err
}

func TestCorrectionThatAnotherHasRecorded(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	s.clock.pass(-48 * time.Hour)
	s.Journal = &interrupted{s.Journal, func() { s.stamp(t, ann, 1) }}
	s.stamp(t, ann, 1)
	require.Len(t, s.corrections(t), 1)
	require.Len(t, s.journal(t), 4)
}

// However many are at work when the clock is set back, it is recorded once.
func TestParallelActionsAfterACorrection(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	s.clock.pass(-48 * time.Hour)
	for _, err := range parallel(20, func(i int) error {
		if i%5 == 0 {
			_, err := s.DayEnd("robin")
			return err
		}
		_, err := s.Stamp("robin", ann, "", 1)
		return err
	}) {
		require.NoError(t, err)
	}
	require.Len(t, s.corrections(t), 1)
	require.Len(t, s.journal(t), 22)
	chained(t, s.journal(t))
}

func TestOffsetIsKept(t *testing.T) {
	s := open(t)
	o := s.tell()
	stored := func(offset time.Duration) int {
		t.Helper()
		before := o.stored
		require.NoError(t, s.SetOffset(offset))
		standing, err := s.Standing()
		require.NoError(t, err)
		require.Equal(t, offset, standing.Offset)
		return o.stored - before
	}
	require.Equal(t, 0, stored(999*time.Millisecond), "as good as none")
	require.Equal(t, 1, stored(time.Second))
	require.Equal(t, 0, stored(1999*time.Millisecond))
	require.Equal(t, 0, stored(500*time.Millisecond))
	require.Equal(t, 1, stored(2*time.Second), "by little steps too")
	require.Equal(t, 1, stored(-10*time.Minute))

	ann := s.enrol(t, "Ann")
	s = reopen(t, s)
	o.on(s)
	require.NoError(t, s.Start())
	require.Equal(t, -10*time.Minute, time.Duration(s.stamp(t, ann, 1).Record.Entry.Offset)*time.Millisecond, "at the next start")
	require.Empty(t, s.corrections(t))
	require.Equal(t, 0, stored(-10*time.Minute))
	require.Greater(t, 10*time.Minute, station.SkewLimit)

	t.Run("the machine fails", func(t *testing.T) {
		o.broken = errors.New("disk gone")
		require.ErrorIs(t, s.SetOffset(time.Hour), o.broken)
		require.ErrorIs(t, s.Start(), o.broken)
		_, err := s.Standing()
		require.ErrorIs(t, err, o.broken)
		o.broken = nil
		require.Equal(t, int64(time.Hour/time.Millisecond), s.stamp(t, ann, 1).Record.Entry.Offset, "what was measured counts all the same")
		require.Equal(t, 1, stored(time.Hour), "and is stored at the next chance")
	})
}

// The battery of the clock dies, or somebody sets it to 2030, and later it is
// right again. Nothing that the member has is gone, and times are right again.
func TestClockJumpsToAnotherYearAndBack(t *testing.T) {
	far := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	begin := func(t *testing.T) (*till, *told, pos.HolderID, time.Duration) {
		s := open(t)
		ann := s.enrol(t, "Ann")
		_, err := s.Earn("robin", ann, 9000)
		require.NoError(t, err)
		s.stamp(t, ann, 30)
		o := s.tell()
		o.leases[ann] = []ledger.Lease{lease(1, 10), lease(2, 10)}
		return s, o, ann, far.Sub(s.clock.now())
	}
	right := func(t *testing.T, s *till, ann pos.HolderID) {
		t.Helper()
		e := s.stamp(t, ann, 1).Record.Entry
		require.Equal(t, s.clock.now(), e.Time())
		require.Equal(t, "2026-11-22", e.Day.String())
		m, err := s.Member(ann)
		require.NoError(t, err)
		require.Equal(t, pos.Points(90), *m.Points)
	}
	redeem := func(s *till, ann pos.HolderID) error { _, err := s.Redeem("robin", ann, "cup"); return err }

	t.Run("without a line", func(t *testing.T) {
		s, o, ann, jump := begin(t)
		s.clock.pass(jump)
		m, err := s.Member(ann)
		require.NoError(t, err)
		require.Zero(t, *m.Points, "in 2030 they have ended")
		s.refused(t, "redeem.stale", func() error { return redeem(s, ann) })
		s.stamp(t, ann, 1)
		s.clock.pass(-jump)
		right(t, s, ann)
		require.Len(t, s.corrections(t), 1)
		s.refused(t, "redeem.stale", func() error { return redeem(s, ann) })
		s.clock.pass(time.Minute)
		o.page(s.clock.now())
		require.NoError(t, redeem(s, ann), "as soon as the centre has told the time")
		right(t, s, ann)
		require.Len(t, s.corrections(t), 1)
	})
	t.Run("the centre corrects it, and then a person does", func(t *testing.T) {
		s, o, ann, jump := begin(t)
		s.clock.pass(jump)
		s.stamp(t, ann, 1)
		s.clock.pass(time.Minute)
		o.page(s.clock.now().Add(-jump))
		require.NoError(t, s.SetOffset(-jump))
		e := s.stamp(t, ann, 1).Record.Entry
		require.Equal(t, s.clock.now().Add(-jump), e.Time())
		require.NoError(t, redeem(s, ann))
		s.clock.pass(-jump + time.Minute)
		right(t, s, ann) // a correction that no longer corrects is dropped, and time does not fall to 2023
		require.NoError(t, redeem(s, ann))
		s = reopen(t, s)
		o.on(s)
		require.NoError(t, s.Start())
		right(t, s, ann)
		require.NoError(t, s.SetOffset(0))
		right(t, s, ann)
		require.Len(t, s.corrections(t), 1)
		chained(t, s.journal(t))
	})
	t.Run("to the past", func(t *testing.T) {
		s, _, ann, _ := begin(t)
		jump := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC).Sub(s.clock.now())
		s.clock.pass(jump)
		require.NoError(t, redeem(s, ann))
		s.clock.pass(-jump)
		right(t, s, ann)
		require.NoError(t, redeem(s, ann))
		require.Len(t, s.corrections(t), 1)
	})
}

// Who turns the clock back to go on handing out without the centre gains
// nothing, not even with a restart in between.
func TestTurningTheClockBackRevivesNothing(t *testing.T) {
	for name, stale := range map[string]func(t *testing.T, s *till, ann pos.HolderID){
		"after an entry": func(t *testing.T, s *till, ann pos.HolderID) { s.stamp(t, ann, 1) },
		"after a refusal": func(t *testing.T, s *till, ann pos.HolderID) {
			s.refused(t, "redeem.stale", func() error { _, err := s.Redeem("robin", ann, "cup"); return err })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			o := s.tell()
			ann := s.enrol(t, "Ann")
			s.stamp(t, ann, 40)
			o.leases[ann] = []ledger.Lease{lease(1, 10), lease(2, 10)}
			redeem := func() error { _, err := s.Redeem("robin", ann, "cup"); return err }
			s.clock.pass(73 * time.Hour)
			stale(t, s, ann)
			for _, back := range []time.Duration{-30 * time.Minute, -9 * time.Hour, -70 * time.Hour} {
				s.clock.pass(back)
				require.ErrorIs(t, redeem(), pos.Refuse("redeem.stale"), back)
				s.stamp(t, ann, 1)
				require.ErrorIs(t, redeem(), pos.Refuse("redeem.stale"), back)
			}
			if name == "after an entry" {
				s = reopen(t, s)
				o.on(s)
				require.NoError(t, s.Start())
				require.ErrorIs(t, redeem(), pos.Refuse("redeem.stale"), "another process")
			}
			o.page(s.clock.now())
			require.NoError(t, redeem(), "but the centre's word does")
		})
	}
}

// Days are the shop's, also when its clocks are changed: to the minute.
func TestDaysAcrossTheChangeOfClocks(t *testing.T) {
	utc := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		require.NoError(t, err)
		return at
	}
	for name, tt := range map[string]struct {
		last, first string // minutes in UTC: of the day before, and of the day
		day, before string
	}{
		"the day on which summer time begins":      {"2027-03-27 22:59", "2027-03-27 23:00", "2027-03-28", "2027-03-27"},
		"the day after it, 23 hours later":         {"2027-03-28 21:59", "2027-03-28 22:00", "2027-03-29", "2027-03-28"},
		"the day on which summer time ends":        {"2027-10-30 21:59", "2027-10-30 22:00", "2027-10-31", "2027-10-30"},
		"the day after it, 25 hours later":         {"2027-10-31 22:59", "2027-10-31 23:00", "2027-11-01", "2027-10-31"},
		"a month that ends in summer time":         {"2027-03-31 21:59", "2027-03-31 22:00", "2027-04-01", "2027-03-31"},
		"a year that ends":                         {"2026-12-31 22:59", "2026-12-31 23:00", "2027-01-01", "2026-12-31"},
		"29 February":                              {"2028-02-28 22:59", "2028-02-28 23:00", "2028-02-29", "2028-02-28"},
		"the middle of the doubled hour is no end": {"2027-10-30 21:59", "2027-10-31 01:30", "2027-10-31", "2027-10-30"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			ann := s.enrol(t, "Ann")
			day := pos.DayOf(utc(tt.first), s.Zone)
			require.Equal(t, tt.day, day.String())
			require.NoError(t, s.db.SetEnrolled())
			require.NoError(t, s.db.Apply(ledger.Page{
				At:   s.clock.now().UnixMilli(),
				Acks: []ledger.Ack{{Incarnation: s.journal(t)[0].Entry.ID.Incarnation, Seq: 1}},
				Changed: []ledger.Changed{{Holder: ann, Position: 1, Sums: ledger.Sums{
					{Account: pos.PointsAccount, Lot: pos.Lot{Until: day}, Amount: 7},
					{Account: pos.PointsAccount, Lot: pos.Lot{From: day, Until: day + 1}, Amount: 100},
				}}},
				Cursor: 1,
			}, nil))
			for _, step := range []struct {
				at   time.Time
				day  string
				want pos.Points
			}{{utc(tt.last), tt.before, 7}, {utc(tt.last).Add(59999 * time.Millisecond), tt.before, 7}, {utc(tt.first), tt.day, 100}} {
				s.clock.at = step.at
				require.Equal(t, step.day, s.Today().String())
				done := s.stamp(t, ann, 1)
				require.Equal(t, step.day, done.Record.Entry.Day.String())
				require.Equal(t, step.want, *done.Member.Points)
			}
		})
	}
}

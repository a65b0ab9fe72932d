package station_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

func TestVoid(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	void := func(id pos.EntryID, reason string) error { _, err := s.Void("kim", id, reason); return err }

	stamped := s.stamp(t, ann, 3).Record.Entry
	s.refused(t, "void.reason", func() error { return void(stamped.ID, "") })
	s.refused(t, "void.reason", func() error { return void(stamped.ID, " \t\x00") })
	done, err := s.Void("kim", stamped.ID, " wrong\nmember ")
	require.NoError(t, err)
	require.Zero(t, done.Member.Cards[0].Stamps)
	e := done.Record.Entry
	require.Equal(t, []any{pos.Voided, ann, "wrong member", pos.CashierID("kim"), stamped.Program}, []any{e.Kind, e.Holder, e.Reason, e.Cashier, e.Program})
	require.Equal(t, []pos.Posting{{Account: "stamp:coffee/10", Amount: -3, Of: &stamped.ID}}, e.Postings)

	s.refused(t, "void.twice", func() error { return void(stamped.ID, "again") })
	s.refused(t, "void.never", func() error { return void(e.ID, "a void") })
	s.refused(t, "void.never", func() error { return void(s.journal(t)[0].Entry.ID, "an enrolment") })
	s.refused(t, "void.unknown", func() error { return void(pos.EntryID{}, "no id") })
	s.refused(t, "void.unknown", func() error { return void(pos.EntryID{Terminal: terminal, Incarnation: 1, Seq: 1}, "another process") })
	beyond := stamped.ID
	beyond.Seq = 99
	s.refused(t, "void.unknown", func() error { return void(beyond, "not written yet") })
	other := stamped.ID
	other.Terminal = pos.TerminalID{8}
	s.refused(t, "void.unknown", func() error { return void(other, "another till's") })

	_, err = s.DayEnd("robin")
	require.NoError(t, err)
	latest, err := s.Latest(1)
	require.NoError(t, err)
	s.refused(t, "void.never", func() error { return void(latest[0].Entry.ID, "a day end") })

	t.Run("ISSUE-025 a sale takes back what it gave", func(t *testing.T) {
		sold, err := s.Earn("robin", ann, 8000)
		require.NoError(t, err)
		require.Equal(t, pos.Points(80), *sold.Member.Points)
		done, err := s.Void("boss", sold.Record.Entry.ID, "walked off")
		require.NoError(t, err)
		require.Zero(t, *done.Member.Points)
		require.Equal(t, sold.Record.Number+1, done.Record.Number, "two entries, and nothing is deleted")
	})
	t.Run("a redemption gives back what it took, from where", func(t *testing.T) {
		_, err := s.Earn("robin", ann, 6000)
		require.NoError(t, err)
		redeemed, err := s.Redeem("robin", ann, "cake")
		require.NoError(t, err)
		done, err := s.Void("robin", redeemed.Record.Entry.ID, "no cake left")
		require.NoError(t, err)
		require.Equal(t, pos.Points(60), *done.Member.Points)
		require.Equal(t, redeemed.Record.Entry.Postings[0].Lot, done.Record.Entry.Postings[0].Lot)
	})
	t.Run("of stamps that a reward had used", func(t *testing.T) {
		stamped := s.stamp(t, ann, 10).Record.Entry
		_, err := s.Redeem("robin", ann, "cup")
		require.NoError(t, err)
		done, err := s.Void("robin", stamped.ID, "wrong member")
		require.NoError(t, err)
		require.Equal(t, []int64{-10, 0}, []int64{done.Member.Cards[0].Stamps, done.Member.Cards[0].Full})
	})
	t.Run("a reason as long as a novel is cut between letters", func(t *testing.T) {
		stamped := s.stamp(t, ann, 1).Record.Entry
		done, err := s.Void("robin", stamped.ID, "x"+strings.Repeat("é", 500))
		require.NoError(t, err)
		reason := done.Record.Entry.Reason
		require.True(t, utf8.ValidString(reason))
		require.Len(t, reason, pos.MaxText-1)
	})
	t.Run("ten times at once is once", func(t *testing.T) {
		stamped := s.stamp(t, ann, 1).Record.Entry
		voided := 0
		for _, err := range parallel(10, func(int) error { return void(stamped.ID, "twice") }) {
			if err == nil {
				voided++
				continue
			}
			require.ErrorIs(t, err, pos.Refuse("void.twice"))
		}
		require.Equal(t, 1, voided)
	})
}

func TestUndo(t *testing.T) {
	s := open(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	undo := func(holder pos.HolderID) (stamps int64) {
		t.Helper()
		done, err := s.Undo("robin", holder, "mistake")
		require.NoError(t, err)
		return done.Member.Cards[0].Stamps
	}
	s.refused(t, "undo.nothing", func() error { _, err := s.Undo("robin", ann, "mistake"); return err })
	s.stamp(t, ann, 1)
	s.stamp(t, ann, 2)
	s.stamp(t, bela, 4)
	done := s.stamp(t, ann, 3)
	require.Equal(t, done.Record, *done.Member.Undo, "what would be undone is shown")

	require.Equal(t, int64(3), undo(ann), "the newest goes first")
	require.Equal(t, int64(1), undo(ann), "then the one before it")
	s.stamp(t, ann, 5)
	require.Equal(t, int64(1), undo(ann), "what came since is newer")
	require.Equal(t, int64(0), undo(ann))
	s.refused(t, "undo.nothing", func() error { _, err := s.Undo("robin", ann, "mistake"); return err })
	require.Equal(t, int64(0), undo(bela), "another member's are apart")

	t.Run("a redemption too", func(t *testing.T) {
		s.stamp(t, ann, 10)
		done, err := s.Redeem("robin", ann, "cup")
		require.NoError(t, err)
		require.Zero(t, done.Member.Cards[0].Full)
		done, err = s.Undo("robin", ann, "mistake")
		require.NoError(t, err)
		require.Equal(t, int64(1), done.Member.Cards[0].Full)
	})
	t.Run("a sale without points has nothing to take back", func(t *testing.T) {
		s.stamp(t, bela, 1)
		_, err := s.Earn("robin", bela, 5)
		require.NoError(t, err)
		require.Equal(t, int64(0), undo(bela), "the stamp before it is undone")
	})
	t.Run("not over a day end", func(t *testing.T) {
		s.stamp(t, ann, 1)
		_, err := s.DayEnd("robin")
		require.NoError(t, err)
		s.refused(t, "undo.nothing", func() error { _, err := s.Undo("robin", ann, "mistake"); return err })
		m, err := s.Member(ann)
		require.NoError(t, err)
		require.Nil(t, m.Undo)
	})
	t.Run("of an entry that another process wrote", func(t *testing.T) {
		s.stamp(t, bela, 2)
		s = reopen(t, s)
		require.Equal(t, int64(0), undo(bela))
	})
}

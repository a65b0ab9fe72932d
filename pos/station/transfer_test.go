package station_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/code"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
)

const giving = cafe + `
[credit]
floor = "5"
budget = "9"

[transfers]
points = true
credit = true
household = true
`

func giveable(t *testing.T) *till {
	t.Helper()
	s := open(t)
	s.publish(t, pos.Published{Document: []byte(giving)})
	return s
}

func points(n int64) rules.Move { return rules.Move{Account: "points", Amount: n} }

func TestTransfer(t *testing.T) {
	s := giveable(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	lots := []pos.Lot{{Until: s.Today() + 5}, {Until: s.Today() + 9}}
	s.booked(t, ann, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{
		{Account: "points", Amount: 200, Lot: lots[1]}, {Account: "points", Amount: 20, Lot: lots[0]}, {Account: "credit", Amount: 700},
	}})
	before := len(s.journal(t))
	given, err := s.Transfer("robin", ann, bela, points(100)) // OL-019
	require.NoError(t, err)
	require.Equal(t, s.journal(t)[before:], given.Records, "one for each, and nothing else")
	out, in := given.Records[0].Entry, given.Records[1].Entry
	require.Equal(t, []any{pos.Moved, ann, int64(100), &pos.By{Kind: pos.ByTransfer, ID: bela[:]}}, []any{out.Kind, out.Holder, out.Count, out.By})
	require.Equal(t, []any{pos.Moved, bela, int64(100), &pos.By{Kind: pos.ByTransfer, ID: ann[:]}}, []any{in.Kind, in.Holder, in.Count, in.By})
	require.Equal(t, []pos.Posting{{Account: "points", Amount: -20, Lot: lots[0]}, {Account: "points", Amount: -80, Lot: lots[1]}}, out.Postings)
	require.Equal(t, []pos.Posting{{Account: "points", Amount: 20, Lot: lots[0]}, {Account: "points", Amount: 80, Lot: lots[1]}}, in.Postings)
	require.Equal(t, []pos.Points{120, 100}, []pos.Points{*given.From.Points, *given.To.Points})
	require.NotEqual(t, out.Nonce, in.Nonce)

	give := func(from, to pos.HolderID, move rules.Move) func() error {
		return func() error { _, err := s.Transfer("robin", from, to, move); return err }
	}
	s.refused(t, "transfer.same", give(ann, ann, points(1)))
	s.refused(t, "transfer.short.points", give(ann, bela, points(121)))
	s.refused(t, "transfer.account", give(ann, bela, rules.Move{Account: "stamp:coffee/10", Amount: 1}))
	s.refused(t, "amount.positive", give(ann, bela, points(-1)))
	require.ErrorIs(t, give(ann, pos.HolderID{9}, points(1))(), station.ErrNotFound)
	require.ErrorIs(t, give(pos.HolderID{9}, ann, points(1))(), station.ErrNotFound)
	_, err = s.Transfer("robin", ann, bela, rules.Move{Account: "credit", Amount: 700})
	require.NoError(t, err)
	s.has(t, bela, "credit", 700)

	t.Run("is not undone: the other has it already", func(t *testing.T) {
		s.refused(t, "void.never", func() error { _, err := s.Void("robin", out.ID, "mistake"); return err })
		s.refused(t, "void.never", func() error { _, err := s.Void("robin", in.ID, "mistake"); return err })
		m, err := s.Member(bela)
		require.NoError(t, err)
		require.Nil(t, m.Undo)
	})
	t.Run("both or neither", func(t *testing.T) {
		disk := errors.New("disk gone")
		s.Joint = failing{s.Joint, disk}
		before := s.sums(t, ann, bela)
		require.ErrorIs(t, give(ann, bela, points(1))(), disk)
		s.Joint = s.db
		require.Equal(t, before, s.sums(t, ann, bela))
	})
	t.Run("ten times at once, what there is", func(t *testing.T) {
		for _, err := range parallel(10, func(int) error { return give(ann, bela, points(50))() }) {
			if err != nil {
				require.ErrorIs(t, err, pos.Refuse("transfer.short.points"))
			}
		}
		s.has(t, ann, "points", 20)
		s.has(t, bela, "points", 200)
	})
}

func TestTransferOfAnEnrolledTill(t *testing.T) {
	s := giveable(t)
	ann, bela := s.enrol(t, "Ann"), s.enrol(t, "Béla")
	s.booked(t, ann, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{{Account: "points", Amount: 600}}})
	s.booked(t, bela, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{{Account: "points", Amount: 50}}})
	o := s.tell()
	give := func(n int64) func() error {
		return func() error { _, err := s.Transfer("robin", ann, bela, points(n)); return err }
	}
	require.NoError(t, give(20)())
	records := s.journal(t)
	require.Equal(t, &pos.By{Kind: pos.ByFloor, ID: bela[:]}, records[len(records)-2].Entry.By)
	s.refused(t, "transfer.floor", give(31)) // the dearest reward costs 50
	require.NoError(t, give(30)())
	s.refused(t, "transfer.floor", give(1))
	s.refused(t, "redeem.floor", func() error { _, err := s.Redeem("robin", ann, "cake"); return err })
	_, err := s.Redeem("robin", bela, "cake")
	require.NoError(t, err, "another member's floor is another")

	o.page(s.clock.now())
	require.NoError(t, give(50)())
	o.page(s.clock.now())
	o.lent[ann] = ledger.Sums{{Account: "points", Amount: 490}}
	s.refused(t, "transfer.lent", give(11))
	require.NoError(t, give(10)())
	o.page(s.clock.now())
	s.clock.pass(73 * time.Hour)
	s.refused(t, "transfer.stale", give(1))
	o.page(s.clock.now())
	o.standing.Restored = true
	s.refused(t, "transfer.restored", give(1))
	o.standing.Revoked = true
	s.refused(t, "till.revoked", give(1))
}

func TestPool(t *testing.T) {
	s := giveable(t)
	family := func(name, household string, points int64) pos.HolderID {
		done, err := s.Enrol("robin", pos.Profile{Name: name, Fields: map[string]string{"household": household}})
		require.NoError(t, err)
		holder := done.Member.Profile.Holder
		s.booked(t, holder, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{{Account: "points", Amount: points, Lot: pos.Lot{Until: s.Today() + pos.Day(points)}}}})
		return holder
	}
	ann, bela, csaba := family("Ann", "Kőszegi 1", 30), family("Béla", "koszegi 1", 40), family("Csaba", "KŐSZEGI  1", 5)
	dora, eva := family("Dóra", "Kőszegi 12", 500), family("Éva", "", 500)
	pool := func(to pos.HolderID, n int64) func() error {
		return func() error { _, err := s.Pool("robin", to, points(n)); return err }
	}
	s.refused(t, "transfer.alone", pool(eva, 1))
	s.refused(t, "transfer.alone", pool(dora, 1))
	s.refused(t, "transfer.short.points", pool(csaba, 71))
	s.refused(t, "amount.positive", pool(csaba, 0))
	require.ErrorIs(t, pool(pos.HolderID{9}, 1)(), station.ErrNotFound)

	given, err := s.Pool("robin", csaba, points(45))
	require.NoError(t, err)
	require.Len(t, given.Records, 4)
	s.has(t, csaba, "points", 50)
	_, err = s.Redeem("robin", csaba, "cake")
	require.NoError(t, err)
	view, err := s.Journal.View(ann)
	require.NoError(t, err)
	annLeft := view.Sums.Balance("points", s.Today())
	s.has(t, bela, "points", 25-annLeft)
	s.has(t, dora, "points", 500)

	t.Run("the limits of the till hold for all of them together", func(t *testing.T) {
		s := giveable(t)
		s.publish(t, pos.Published{Document: []byte("[points]\nearn = 1\nfor = '1'\nfloor = 30\nbudget = 50\n[transfers]\nhousehold = true")})
		var all []pos.HolderID
		for _, name := range []string{"Ann", "Béla", "Csaba"} {
			done, err := s.Enrol("robin", pos.Profile{Name: name, Fields: map[string]string{"household": "x"}})
			require.NoError(t, err)
			all = append(all, done.Member.Profile.Holder)
			s.booked(t, done.Member.Profile.Holder, pos.Entry{Kind: pos.Granted, Postings: []pos.Posting{{Account: "points", Amount: 100}}})
		}
		s.tell()
		s.refused(t, "transfer.short.points", func() error { _, err := s.Pool("robin", all[0], points(51)); return err })
		_, err := s.Pool("robin", all[0], points(50))
		require.NoError(t, err)
		s.has(t, all[0], "points", 150)
		s.clock.pass(73 * time.Hour)
		s.refused(t, "transfer.stale", func() error { _, err := s.Pool("robin", all[0], points(1)); return err })
	})
	t.Run("who leaves the household is out of it", func(t *testing.T) {
		_, err := s.Edit(bela, func(p *pos.Profile) error { p.Fields = nil; return nil })
		require.NoError(t, err)
		s.refused(t, "transfer.alone", pool(bela, 1))
	})
	t.Run("by the program", func(t *testing.T) {
		s.publish(t, pos.Published{Document: []byte(cafe)})
		s.refused(t, "transfer.household", pool(csaba, 1))
		s.refused(t, "transfer.points", func() error { _, err := s.Transfer("robin", ann, bela, points(1)); return err })
	})
}

func TestReplaceCode(t *testing.T) {
	s := open(t)
	done, err := s.Enrol("robin", pos.Profile{Name: "Ann", Codes: []string{"4006381333931"}})
	require.NoError(t, err)
	ann, lost := done.Member.Profile.Holder, done.Member.Profile.Code()
	s.stamp(t, ann, 3)
	entries := len(s.journal(t))

	m, err := s.ReplaceCode(ann, "")
	require.NoError(t, err)
	next := m.Profile.Code()
	require.True(t, code.IsMember(next))
	require.Equal(t, []string{next, "4006381333931"}, m.Profile.Codes)
	require.Equal(t, int64(3), m.Cards[0].Stamps)
	_, err = s.Lookup(lost)
	require.ErrorIs(t, err, pos.Refuse("code.unknown"))
	found, err := s.Lookup(next)
	require.NoError(t, err)
	require.Equal(t, ann, found[0].Profile.Holder)
	require.Len(t, s.journal(t), entries, "nothing has moved")

	printed, err := code.New(s.Random)
	require.NoError(t, err)
	m, err = s.ReplaceCode(ann, code.Group(printed))
	require.NoError(t, err)
	require.Equal(t, printed, m.Profile.Code())

	bela := s.enrol(t, "Béla")
	theirs, err := s.Profile(bela)
	require.NoError(t, err)
	for text, key := range map[string]string{printed: "transfer.card", theirs.Code(): "member.twice", "4006381333931": "code.foreign", "TC1?": "code.length"} {
		_, err = s.ReplaceCode(ann, text)
		require.ErrorIs(t, err, pos.Refuse(key), text)
	}
	_, err = s.ReplaceCode(pos.HolderID{9}, "")
	require.ErrorIs(t, err, station.ErrNotFound)
}

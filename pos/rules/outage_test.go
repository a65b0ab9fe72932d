package rules_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

// shop is a member's balance as several tills see it that never speak: what the
// centre lent, and what each till did since.
type shop struct {
	program pos.Program
	base    ledger.Sums
	tills   []rules.Knowledge
	handed  int64 // points, by all
}

// outage lends what the centre would lend and cuts the line.
func outage(p pos.Program, base ledger.Sums, tills int) *shop {
	s := &shop{program: p, base: base, tills: make([]rules.Knowledge, tills)}
	ids := make([]pos.TerminalID, tills)
	for i := range ids {
		ids[i][0] = byte(i + 1)
	}
	granted := rules.Lend(p, base, nil, ids, 10)
	for i := range granted {
		granted[i].ID[0] = byte(i + 1)
	}
	for i := range s.tills {
		known := &s.tills[i]
		known.Holder, known.Sums, known.Enrolled = ann, base, true
		for _, l := range granted {
			if l.Terminal == ids[i] {
				known.Leases = append(known.Leases, l)
			} else {
				known.Lent, _ = known.Lent.Merge(l.Sums)
			}
		}
	}
	return s
}

// redeem does at a till what the station does, and reports whether it may.
func (s *shop) redeem(t require.TestingT, till int, reward string) bool {
	known := &s.tills[till]
	rule, ok := s.program.Reward(reward)
	require.True(t, ok)
	free := known.Sums.Less(rules.Lent(append(slices.Clone(known.Leases), ledger.Lease{Sums: known.Lent})))
	postings, by, err := rules.Redeem(s.program, rule, *known, 10)
	if err != nil {
		return false
	}
	require.NotNil(t, by)
	known.Sums, err = known.Sums.AddAll(postings)
	require.NoError(t, err)
	total := int64(0)
	for _, p := range postings {
		total -= p.Amount
	}
	require.Equal(t, int64(rule.Points), total)
	s.handed += total
	if by.Kind == pos.ByFloor {
		known.Window = append(known.Window, handed(known.Holder, points, total, reward))
		left, err := free.AddAll(postings)
		require.NoError(t, err)
		require.False(t, slices.ContainsFunc(left, func(sum ledger.Sum) bool { return sum.Amount < 0 }), "taken of what is lent: %v", left)
		return true
	}
	used := func(l ledger.Lease) bool {
		for at := 0; at < len(by.ID); at += len(l.ID) {
			if slices.Equal(by.ID[at:at+len(l.ID)], l.ID[:]) {
				return true
			}
		}
		return false
	}
	var lends ledger.Sums
	for _, l := range known.Leases {
		if used(l) {
			lends, _ = lends.Merge(l.Sums)
		}
	}
	left, err := lends.AddAll(postings)
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(left, func(sum ledger.Sum) bool { return sum.Amount < 0 }), "taken beyond the leases: %v", left)
	known.Leases = slices.DeleteFunc(known.Leases, used)
	return true
}

// Two tills know the same 100 points and never speak. What they hand out beyond
// is what the floor allows to each.
func TestTwoTillsThatNeverSpeak(t *testing.T) {
	document := func(floor string) string {
		return "[points]\nearn = 1\nfor = '1'\nfloor = " + floor + "\nbudget = 1000\n[[reward]]\nid = 'cake'\npoints = 50\n[offline]\nleases = 0"
	}
	tests := map[string]struct {
		floor string
		each  int // cakes that each till hands out
		left  int64
	}{
		"floor 0: nothing":                               {"0", 0, 100},
		"floor 50: 50 each, just the balance":            {"50", 1, 0},
		"floor 99: a cake is a cake":                     {"99", 1, 0},
		"floor 100: 100 each, the end is -100":           {"100", 2, -100},
		"floor 1000: no more than each till knows there": {"1000", 2, -100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := outage(parsed(t, document(tt.floor)), ledger.Sums{lot(20, 100)}, 2)
			for till := range 2 {
				had := 0
				for s.redeem(t, till, "cake") {
					had++
				}
				require.Equal(t, tt.each, had)
			}
			require.Equal(t, tt.left, 100-s.handed)
		})
	}
	t.Run("with leases alone, one till has it and the other has not", func(t *testing.T) {
		p := parsed(t, "[points]\nearn = 1\nfor = '1'\nfloor = 0\n[[reward]]\nid = 'cake'\npoints = 50\n[[reward]]\nid = 'voucher'\npoints = 100")
		s := outage(p, ledger.Sums{lot(20, 100)}, 2)
		require.False(t, s.redeem(t, 1, "cake"))
		require.True(t, s.redeem(t, 0, "voucher"))
		require.False(t, s.redeem(t, 1, "cake"))
		require.Zero(t, 100-s.handed)
	})
}

// However many tills know the same balance and never speak: with leases alone
// they hand out no more than there is; with floors, at most the floor at each
// till more.
func TestDisconnectedTillsOverdrawByTheirFloorsAtMost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(t, bakery)
		p.Points.Floor = rapid.Int64Range(0, 300).Draw(t, "floor")
		p.Points.Budget = rapid.Int64Range(0, 300).Draw(t, "budget")
		p.Offline.Leases = rapid.IntRange(0, 2).Draw(t, "leases")
		if rapid.Bool().Draw(t, "leases alone") {
			p.Points.Floor = 0
		}
		base := ledger.Sums{}
		for _, until := range []pos.Day{5, 20, 30, 0} {
			if amount := rapid.Int64Range(0, 150).Draw(t, "points"); amount > 0 {
				base = append(base, lot(until, amount))
			}
		}
		tills := rapid.IntRange(1, 4).Draw(t, "tills")
		s := outage(p, base, tills)
		has := base.Balance(points, 10)
		for range rapid.IntRange(1, 40).Draw(t, "actions") {
			if earned := rapid.Int64Range(-300, 60).Draw(t, "earned"); earned > 0 {
				known := &s.tills[rapid.IntRange(0, tills-1).Draw(t, "till")]
				known.Sums, _ = known.Sums.Add(points, pos.Lot{Until: 30}, earned)
				has += earned
			}
			s.redeem(t, rapid.IntRange(0, tills-1).Draw(t, "till"), rapid.SampledFrom([]string{"cake", "voucher"}).Draw(t, "reward"))
		}
		floor := min(p.Points.Floor, p.Points.Budget)
		require.LessOrEqual(t, s.handed, has+int64(tills)*floor)
	})
}

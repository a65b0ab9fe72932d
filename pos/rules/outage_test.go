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
	granted := rules.Lend(&p, base, nil, ids, 10)
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
	claim := rules.Claim{Reward: rule.ID, Sale: &pos.Sale{Amount: pos.MaxSale}}
	redemption, err := rules.Redeem(&s.program, claim, *known, 10, noFacts)
	if err != nil {
		return false
	}
	postings, by := redemption.Postings, redemption.By
	require.NotNil(t, by)
	total := s.book(t, known, postings, by, reward)
	require.Equal(t, redemption.Price.Amount, total)
	if rule.Points > 0 {
		require.Equal(t, int64(rule.Points), total)
	}
	s.handed += total
	return true
}

// book does to what the till knows what the entry with the postings does, checks
// that it takes only what allows it, and returns how much that is.
func (s *shop) book(t require.TestingT, known *rules.Knowledge, postings []pos.Posting, by *pos.By, reward string) (total int64) {
	free := known.Sums.Less(rules.Lent(append(slices.Clone(known.Leases), ledger.Lease{Sums: known.Lent})))
	var err error
	known.Sums, err = known.Sums.AddAll(postings)
	require.NoError(t, err)
	for _, p := range postings {
		total -= p.Amount
	}
	if by.Kind == pos.ByFloor {
		known.Window = append(known.Window, handed(known.Holder, postings[0].Account, total, reward))
		left, err := free.AddAll(postings)
		require.NoError(t, err)
		require.False(t, slices.ContainsFunc(left, func(sum ledger.Sum) bool { return sum.Amount < 0 }), "taken of what is lent: %v", left)
		return total
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
	return total
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

// The same of vouchers and of points that are exchanged for money: with leases
// alone no more than there is, with floors no more than the worst case beyond.
func TestDisconnectedTillsWithEveryPrice(t *testing.T) {
	const prices = "[points]\nearn = 1\nfor = '1'\nfloor = 100\nbudget = 250\n[[card]]\nid = 'tea'\nsize = 10\n" +
		"[[reward]]\nid = 'ticket'\nvoucher = true\n[[reward]]\nid = 'cash'\nkind = 'exchange'\nstep = 7\noff = 1\nleast = 14\n" +
		"[[reward]]\nid = 'small'\ncard = 'tea'\nstamps = 4\n[[reward]]\nid = 'large'\ncard = 'tea'\n"
	accounts := map[string]pos.Account{"ticket": "reward:ticket", "cash": points, "small": "stamp:tea/10", "large": "stamp:tea/10"}
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(t, prices)
		p.Points.Floor = rapid.Int64Range(0, 300).Draw(t, "floor")
		p.Cards[0].Floor = rapid.Int64Range(0, 2).Draw(t, "card floor")
		for i := range p.Rewards {
			p.Rewards[i].Most = rapid.SampledFrom([]int64{0, 1, 3, pos.NoLimit}).Draw(t, "most")
		}
		p.Offline.Leases = rapid.IntRange(0, 2).Draw(t, "leases")
		reward := rapid.SampledFrom([]string{"ticket", "cash", "small", "large"}).Draw(t, "reward")
		base := ledger.Sums{}
		for _, lot := range []pos.Lot{{Until: 20}, {}} {
			base, _ = base.Add(accounts[reward], lot, rapid.Int64Range(0, 60).Draw(t, "has"))
		}
		tills := rapid.IntRange(1, 3).Draw(t, "tills")
		s := outage(p, base, tills)
		for range rapid.IntRange(1, 30).Draw(t, "actions") {
			s.redeem(t, rapid.IntRange(0, tills-1).Draw(t, "till"), reward)
		}
		for _, worst := range rules.WorstCase(&p, tills) {
			if worst.Account == accounts[reward] {
				require.LessOrEqual(t, s.handed, base.Balance(worst.Account, 10)+worst.Member*worst.Unit)
				require.LessOrEqual(t, s.handed, base.Balance(worst.Account, 10)+worst.All*worst.Unit)
			}
		}
		if p.Points.Floor == 0 && reward == "cash" || p.Cards[0].Floor == 0 && (reward == "small" || reward == "large") {
			require.LessOrEqual(t, s.handed, base.Balance(accounts[reward], 10), "leases alone")
		}
	})
}

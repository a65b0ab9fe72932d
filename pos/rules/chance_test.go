package rules_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/rules"
)

// One in four days has a surprise, the same on every till, once a day; undoing and
// scanning again changes nothing.
func TestSurprise(t *testing.T) {
	p := ruledBy(t, pointPerEuro+cakeAndSpa+"[[surprise]]\nid = 'bonus'\none_in = 4\ngift.voucher = 'cake'\nwhen.items = ['tea']\n")
	days := 0
	for on := range pos.Day(2000) {
		s := newShopper(t, p, "2026-01-01")
		s.day += on
		s.spend(100)
		require.Zero(t, s.has("reward:cake"), "not without tea")
		first := s.buy(items("tea"))
		won := s.has("reward:cake")
		s.undo(first)
		require.Zero(t, s.has("reward:cake"))
		s.buy(items("tea"))
		s.buy(items("tea"))
		require.Equal(t, won, s.has("reward:cake"))
		days += int(won)
	}
	require.InDelta(t, 500, days, 60)
	always := newShopper(t, ruledBy(t, pointPerEuro+cakeAndSpa+"[[surprise]]\nid = 'bonus'\none_in = 1\ngift.voucher = 'cake'\n"), "2026-01-01")
	require.Equal(t, []string{"why.earn.base", "why.surprise"}, keysOf(always.spend(100)))
}

func TestTickets(t *testing.T) {
	p := ruledBy(t, pointPerEuro+"[[draw]]\nid = 'car'\nearn = 2\nfor = '10.00'\nwhen.not_items = ['bag']\n"+
		"[[draw]]\nid = 'bike'\nearn = 1\n[[draw]]\nid = 'gifts'\n[[goal]]\nid = 'g'\ntarget = 2\ngift.draw = 'gifts'\n")
	s := newShopper(t, p, "2026-01-01")
	s.buy(pos.Sale{Lines: []pos.Line{{Item: "tea", Quantity: 1, Price: 3999}, {Item: "bag", Quantity: 1, Price: 9000}}})
	require.Equal(t, []int64{6, 1, 0}, []int64{s.has("ticket:car"), s.has("ticket:bike"), s.has("ticket:gifts")})
	d := s.spend(999)
	require.Equal(t, []int64{6, 2, 1}, []int64{s.has("ticket:car"), s.has("ticket:bike"), s.has("ticket:gifts")})
	require.Equal(t, []string{"why.earn.base", "why.goal.reached", "why.gift", "why.draw"}, keysOf(d))
	s.undo(d)
	require.Equal(t, []int64{6, 1, 0}, []int64{s.has("ticket:car"), s.has("ticket:bike"), s.has("ticket:gifts")})
}

func TestArms(t *testing.T) {
	count := func(e pos.Experiment) map[string]int {
		counts := map[string]int{}
		for i := range uint32(10000) {
			holder := pos.HolderID{}
			binary.BigEndian.PutUint32(holder[:], i)
			arm := rules.Arm(e, holder)
			require.Equal(t, arm, rules.Arm(e, holder))
			counts[arm]++
		}
		return counts
	}
	even := count(pos.Experiment{ID: "x", Arms: []string{"control", "double"}})
	require.InDelta(t, 5000, even["control"], 200)
	require.Len(t, even, 2)
	uneven := count(pos.Experiment{ID: "x", Arms: []string{"control", "double", "triple"}, Weights: []int64{8, 1, 1}})
	require.InDelta(t, 8000, uneven["control"], 200)
	require.InDelta(t, 1000, uneven["triple"], 150)

	// Written down, so that no later version of the program moves a member.
	require.Equal(t, "control", rules.Arm(pos.Experiment{ID: "x", Arms: []string{"control", "double"}}, pos.HolderID{1}))
	require.Equal(t, "double", rules.Arm(pos.Experiment{ID: "z", Arms: []string{"control", "double"}}, pos.HolderID{1}))
}

func TestArmsInRules(t *testing.T) {
	p := ruledBy(t, "[points]\n[[earn]]\nid = 'e'\nearn = 1\nfor = '1'\nwhen.arm = 'x/double'\n[[experiment]]\nid = 'x'\narms = ['control', 'double']\n")
	for i := range byte(50) {
		s := newShopper(t, p, "2026-01-01")
		s.id = pos.HolderID{i}
		s.spend(100)
		require.Equal(t, rules.Arm(p.Experiments[0], s.id) == "double", s.has("points") == 1)
	}
}

const friends = pointPerEuro + cakeAndSpa + "[referral]\nmember.voucher = 'cake'\nfriend.voucher = 'spa'\nminimum = '20.00'\nmost = 2\n"

func TestReferral(t *testing.T) {
	p := ruledBy(t, friends)
	friend := newShopper(t, p, "2026-01-01")
	require.False(t, friend.spend(5000).Refers(), "nobody brought this one")
	friend = newShopper(t, p, "2026-01-01")
	friend.facts[rules.FactFriend] = 1
	small := friend.spend(1999)
	require.Equal(t, []string{"why.earn.base", "why.referral.small"}, keysOf(small))
	require.False(t, small.Refers())
	first := friend.spend(2000)
	require.Equal(t, []string{"why.earn.base", "why.referral.friend"}, keysOf(first))
	require.True(t, first.Refers())
	again := friend.spend(2000)
	require.False(t, again.Refers())
	require.Equal(t, []string{"why.earn.base"}, keysOf(again))
	require.EqualValues(t, 1, friend.has("reward:spa"))
	require.Zero(t, friend.has("reward:cake"))
	friend.undo(first)
	require.True(t, friend.spend(2000).Refers(), "the next one counts instead")
}

func TestReferred(t *testing.T) {
	member := newShopper(t, ruledBy(t, friends), "2026-01-01")
	bring := func(friend string) []string {
		ask := member.ask()
		ask.Event = friend
		return keysOf(member.book(rules.Referred(member.p, ask)))
	}
	require.Equal(t, []string{"why.referral.member"}, bring("a"))
	require.Equal(t, []string{"why.referral.again"}, bring("a"))
	bring("b")
	require.Equal(t, []string{"why.referral.most"}, bring("c"))
	require.EqualValues(t, 2, member.has("reward:cake"))
	_, err := rules.Referred(ruledBy(t, pointPerEuro), member.ask())
	requireRefusal(t, err, "refer.none")
}

// The first sale is kept only where a rule asks for it, and once.
func TestFirstSaleIsKept(t *testing.T) {
	sold := func(d rules.Decision) bool {
		return slices.ContainsFunc(d.Postings, func(p pos.Posting) bool { return p.Account == "sold" })
	}
	require.False(t, sold(newShopper(t, ruledBy(t, pointPerEuro), "2026-01-01").spend(100)))
	s := newShopper(t, ruledBy(t, goal("target = 1\nevery = true\nwhen.first = true")), "2026-01-01")
	first := s.spend(100)
	require.True(t, sold(first))
	require.EqualValues(t, 1, s.has("reward:cake"), "to its end, the first sale is the first")
	require.False(t, sold(s.spend(100)))
	require.EqualValues(t, 1, s.has("reward:cake"))
	s.undo(first)
	s.spend(100)
	require.EqualValues(t, 1, s.has("reward:cake"))
}

package rules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
)

var one, two, three = pos.TerminalID{1}, pos.TerminalID{2}, pos.TerminalID{3}

// lent returns a lease as Lend grants it.
func lent(till pos.TerminalID, sums ...ledger.Sum) ledger.Lease {
	return ledger.Lease{Terminal: till, Sums: sums}
}

func TestLend(t *testing.T) {
	cup := func(n int64) ledger.Sum { return ledger.Sum{Account: stamps, Amount: n} }
	tests := map[string]struct {
		leases int
		sums   ledger.Sums
		out    []ledger.Lease
		tills  []pos.TerminalID
		want   []ledger.Lease
	}{
		"the till where the member was last":       {1, ledger.Sums{lot(20, 60)}, nil, []pos.TerminalID{one, two}, []ledger.Lease{lent(one, lot(20, 50))}},
		"both, each a reward":                      {2, ledger.Sums{lot(20, 160)}, nil, []pos.TerminalID{one, two, three}, []ledger.Lease{lent(one, lot(20, 100)), lent(two, lot(20, 50))}},
		"both of the same card":                    {2, ledger.Sums{cup(21)}, nil, []pos.TerminalID{one, two}, []ledger.Lease{lent(one, cup(10)), lent(two, cup(10))}},
		"nothing is left for the second":           {2, ledger.Sums{lot(20, 100)}, nil, []pos.TerminalID{one, two}, []ledger.Lease{lent(one, lot(20, 100))}},
		"of each account":                          {1, ledger.Sums{lot(20, 70), cup(19)}, nil, []pos.TerminalID{one}, []ledger.Lease{lent(one, cup(10)), lent(one, lot(20, 50))}},
		"a till that is named twice is one":        {2, ledger.Sums{lot(20, 200)}, nil, []pos.TerminalID{one, one}, []ledger.Lease{lent(one, lot(20, 100))}},
		"the lots that end first":                  {1, ledger.Sums{lot(15, 20), lot(20, 70), lot(0, 5)}, nil, []pos.TerminalID{one}, []ledger.Lease{lent(one, lot(15, 20), lot(20, 30))}},
		"not what has ended, nor what is to come":  {1, ledger.Sums{lot(10, 100), {Account: points, Lot: pos.Lot{From: 11, Until: 20}, Amount: 100}, lot(20, 50)}, nil, []pos.TerminalID{one}, []ledger.Lease{lent(one, lot(20, 50))}},
		"no leases in this program":                {0, ledger.Sums{lot(20, 100)}, nil, []pos.TerminalID{one}, nil},
		"the member was nowhere yet":               {1, ledger.Sums{lot(20, 100)}, nil, nil, nil},
		"too little for a reward":                  {1, ledger.Sums{lot(20, 49), cup(9)}, nil, []pos.TerminalID{one}, nil},
		"a deficit":                                {1, ledger.Sums{lot(0, -5)}, nil, []pos.TerminalID{one}, nil},
		"a deficit and lots that are to repay it":  {1, ledger.Sums{lot(20, 300), lot(0, -5)}, nil, []pos.TerminalID{one}, nil},
		"a deficit of another account":             {1, ledger.Sums{lot(0, -5), cup(10)}, nil, []pos.TerminalID{one}, []ledger.Lease{lent(one, cup(10))}},
		"it has enough":                            {1, ledger.Sums{lot(20, 100)}, []ledger.Lease{lent(one, lot(20, 100))}, []pos.TerminalID{one}, nil},
		"it has some: the rest for a dearer one":   {1, ledger.Sums{lot(20, 100)}, []ledger.Lease{lent(one, lot(20, 50))}, []pos.TerminalID{one}, []ledger.Lease{lent(one, lot(20, 50))}},
		"it has some: not enough for a dearer one": {1, ledger.Sums{lot(20, 99)}, []ledger.Lease{lent(one, lot(20, 50))}, []pos.TerminalID{one}, nil},
		"another till has it":                      {1, ledger.Sums{lot(20, 99)}, []ledger.Lease{lent(two, lot(20, 50))}, []pos.TerminalID{one}, nil},
		"another till has some of it":              {1, ledger.Sums{lot(20, 100)}, []ledger.Lease{lent(two, lot(20, 50))}, []pos.TerminalID{one}, []ledger.Lease{lent(one, lot(20, 50))}},
		"what it has ended":                        {1, ledger.Sums{lot(20, 60)}, []ledger.Lease{lent(one, lot(9, 50))}, []pos.TerminalID{one}, []ledger.Lease{lent(one, lot(20, 50))}},
		"more is out than there is":                {2, ledger.Sums{lot(20, 30), lot(30, 60)}, []ledger.Lease{lent(two, lot(20, 50))}, []pos.TerminalID{one, two}, []ledger.Lease{lent(one, lot(30, 50))}},
		"an account that no reward is paid from":   {1, ledger.Sums{{Account: "credit", Amount: 500}}, nil, []pos.TerminalID{one}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, bakery)
			p.Offline.Leases = tt.leases
			require.ElementsMatch(t, tt.want, rules.Lend(&p, tt.sums, tt.out, tt.tills, 10))
		})
	}
}

// What is lent of what is no gift for points or a full card.
func TestLendOtherPrices(t *testing.T) {
	const document = "[points]\nearn = 1\nfor = '1'\n[credit]\n[[card]]\nid = 'coffee'\nsize = 10\n" +
		"[[reward]]\nid = 'half'\ncard = 'coffee'\nstamps = 4\n[[reward]]\nid = 'ticket'\nvoucher = true\n[[reward]]\nid = 'perk'\nfree = true\n" +
		"[[reward]]\nid = 'cash'\nkind = 'exchange'\nstep = 7\noff = 1\nleast = 14\n[offline]\nleases = 2\n"
	sum := func(account pos.Account, amount int64) ledger.Sum {
		return ledger.Sum{Account: account, Amount: amount}
	}
	both := []pos.TerminalID{one, two}
	tests := map[string]struct {
		besides string
		sums    ledger.Sums
		out     []ledger.Lease
		want    []ledger.Lease
	}{
		"one voucher to each":                       {"", ledger.Sums{sum("reward:ticket", 5)}, nil, []ledger.Lease{lent(one, sum("reward:ticket", 1)), lent(two, sum("reward:ticket", 1))}},
		"the only voucher":                          {"", ledger.Sums{sum("reward:ticket", 1)}, nil, []ledger.Lease{lent(one, sum("reward:ticket", 1))}},
		"a part of a card":                          {"", ledger.Sums{sum(stamps, 7)}, nil, []ledger.Lease{lent(one, sum(stamps, 4))}},
		"ten steps of an exchange":                  {"", ledger.Sums{sum(points, 100)}, nil, []ledger.Lease{lent(one, sum(points, 70)), lent(two, sum(points, 28))}},
		"whole steps, as many as there are":         {"", ledger.Sums{sum(points, 27)}, nil, []ledger.Lease{lent(one, sum(points, 21))}},
		"fewer than the least of an exchange":       {"", ledger.Sums{sum(points, 13)}, nil, nil},
		"as many steps as the till may hand out":    {"most = 3", ledger.Sums{sum(points, 100)}, nil, []ledger.Lease{lent(one, sum(points, 21)), lent(two, sum(points, 21))}},
		"all credit to the first":                   {"", ledger.Sums{sum(credit, 4321)}, nil, []ledger.Lease{lent(one, sum(credit, 4321))}},
		"credit that came since: less than it has":  {"", ledger.Sums{sum(credit, 1500)}, []ledger.Lease{lent(one, sum(credit, 1000)), lent(two, sum(credit, 1))}, []ledger.Lease{lent(two, sum(credit, 499))}},
		"credit that came since: as much as it has": {"", ledger.Sums{sum(credit, 2000)}, []ledger.Lease{lent(one, sum(credit, 1000))}, []ledger.Lease{lent(one, sum(credit, 1000))}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := parsed(t, strings.Replace(document, "least = 14\n", "least = 14\n"+tt.besides+"\n", 1))
			require.Equal(t, tt.want, rules.Lend(&p, tt.sums, tt.out, both, 10))
		})
	}
}

// Never more is lent of a lot than is in it; nothing where there is a deficit;
// the same arguments lend the same; and who has enough gets no more.
func TestLendNeverLendsMoreThanThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(t, bakery)
		p.Offline.Leases = rapid.IntRange(0, 2).Draw(t, "leases")
		lots := []pos.Lot{{Until: 9}, {Until: 20}, {From: 12, Until: 30}, {Until: 30}, {}}
		draw := func(name string, least, most int64) (sums ledger.Sums) {
			for _, account := range []pos.Account{points, stamps} {
				for _, l := range lots {
					amount := rapid.Int64Range(least, most).Draw(t, name)
					sums, _ = sums.Add(account, l, amount)
				}
			}
			return sums
		}
		sums := draw("sums", rapid.SampledFrom([]int64{0, 0, -30}).Draw(t, "least"), 150)
		tills := []pos.TerminalID{one, two, three}[:rapid.IntRange(0, 3).Draw(t, "tills")]
		var out []ledger.Lease
		for i := range rapid.IntRange(0, 3).Draw(t, "out") {
			for _, sum := range draw("lent", 0, 40) {
				out = append(out, lent(pos.TerminalID{byte(i + 1)}, sum))
			}
		}
		before := rules.Lent(out)
		granted := rules.Lend(&p, sums, out, tills, 10)
		require.Equal(t, granted, rules.Lend(&p, sums, out, tills, 10))

		free := sums.Less(before)
		for _, l := range granted {
			require.NotEmpty(t, l.Sums)
			require.Contains(t, tills[:min(len(tills), p.Offline.Leases)], l.Terminal)
			for i, sum := range l.Sums {
				require.Equal(t, l.Account(), sum.Account)
				require.Positive(t, sum.Amount)
				require.True(t, sum.Lot.Live(10))
				require.False(t, i > 0 && l.Sums[i-1].Lot == sum.Lot)
				var err error
				free, err = free.Add(sum.Account, sum.Lot, -sum.Amount)
				require.NoError(t, err)
				require.GreaterOrEqual(t, amount(free, sum.Account, sum.Lot), int64(0), "more than there is")
			}
			for _, sum := range sums {
				require.False(t, sum.Account == l.Account() && sum.Amount < 0, "lent of a deficit")
			}
		}
		require.Empty(t, rules.Lend(&p, sums, append(out, granted...), tills, 10), "who was lent to has enough")
	})
}

func amount(sums ledger.Sums, account pos.Account, lot pos.Lot) int64 {
	for _, sum := range sums {
		if sum.Account == account && sum.Lot == lot {
			return sum.Amount
		}
	}
	return 0
}

package ledger_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/ledger/ledgertest"
)

var (
	histories = flag.Int("histories", 20_000, "histories that the ledger and the plain model must agree on")
	seed      = flag.Uint64("seed", 0, "of the first history; 0 draws one")
)

// eachHistory calls do with histories of four tills, each drawn from its own seed,
// which is said where do fails.
func eachHistory(t *testing.T, do func(t require.TestingT, chance ledgertest.Chance, history ledgertest.Plain)) {
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	for s := first; s < first+uint64(*histories); s++ {
		chance := ledgertest.Chance(rand.New(rand.NewPCG(s, 0)).IntN)
		seqs := [4]uint64{}
		history := ledgertest.History(chance, func() pos.EntryID {
			till := chance(len(seqs))
			seqs[till]++
			return pos.EntryID{Terminal: pos.TerminalID{byte(till + 1)}, Incarnation: 1, Seq: seqs[till]}
		})
		do(seeded{t, s, history}, chance, history)
	}
	t.Logf("histories from -seed %d on", first)
}

// seeded says with a failure which history it was.
type seeded struct {
	*testing.T
	seed    uint64
	history ledgertest.Plain
}

func (s seeded) Errorf(format string, args ...any) {
	s.T.Helper()
	s.T.Errorf("-seed %d -histories 1\n%s\n%s", s.seed, told(s.history), fmt.Sprintf(format, args...))
}

// told is a history that a person can follow.
func told(history ledgertest.Plain) string {
	var text strings.Builder
	for _, e := range history {
		fmt.Fprintf(&text, "at %d, day %d, till %d entry %d:", e.At, e.Day, e.ID.Terminal[0], e.ID.Seq)
		for _, p := range e.Postings {
			fmt.Fprintf(&text, " %s%+d", p.Account, p.Amount)
			if p.Lot != (pos.Lot{}) {
				fmt.Fprintf(&text, " (day %d to %d)", p.Lot.From, p.Lot.Until)
			}
			if p.Of != nil {
				fmt.Fprintf(&text, " of till %d entry %d posting %d", p.Of.Terminal[0], p.Of.Seq, p.OfIndex)
			}
		}
		text.WriteString("\n")
	}
	return text.String()
}

// centre adds entries up as they arrive, as every back end does: it knows what was
// asked of each posting, and counts the difference that each arrival makes.
type centre struct {
	entries ledgertest.Plain
	sums    ledger.Sums
	asked   map[named]int64
}

// named is a posting as a reversal names it.
type named struct {
	entry   pos.EntryID
	index   int
	account pos.Account
	lot     pos.Lot
}

func (c *centre) arrive(t require.TestingT, e pos.Entry) {
	c.entries = append(c.entries, e)
	count := func(p pos.Posting, amount int64) {
		var err error
		c.sums, err = c.sums.Add(p.Account, p.Lot, amount)
		require.NoError(t, err)
	}
	for i, p := range e.Postings {
		if p.Of == nil {
			count(p, p.Amount+ledger.Reversal(p.Amount, c.asked[named{e.ID, i, p.Account, p.Lot}]))
			continue
		}
		of := named{*p.Of, p.OfIndex, p.Account, p.Lot}
		before := c.asked[of]
		c.asked[of] += p.Amount
		if original := c.original(of); original != 0 {
			count(p, ledger.Reversal(original, c.asked[of])-ledger.Reversal(original, before))
		}
	}
}

// original returns the amount of the posting if it is here and no reversal, else 0.
func (c *centre) original(of named) int64 {
	for _, e := range c.entries {
		if e.ID == of.entry && of.index < len(e.Postings) {
			if p := e.Postings[of.index]; p.Of == nil && p.Account == of.account && p.Lot == of.lot {
				return p.Amount
			}
		}
	}
	return 0
}

func (c *centre) published(t require.TestingT, day pos.Day) ledger.Sums {
	published, err := c.sums.Published(day, func() ([]pos.Entry, error) { return c.entries, nil })
	require.NoError(t, err)
	return published
}

// agree checks the published sums of the day against the plain model. It returns
// whether the holder owed anything.
func agree(t require.TestingT, published ledger.Sums, plain ledgertest.Plain, day pos.Day) (owed bool) {
	for _, account := range ledgertest.Accounts {
		held := map[pos.Lot]int64{}
		for _, sum := range published {
			if sum.Account == account {
				held[sum.Lot] = sum.Amount
				owed = owed || account.Value() && sum.Amount < 0
			}
		}
		if want := plain.Held(account, day); !maps.Equal(want, held) {
			require.Equal(t, want, held, "%s on day %d", account, day)
		}
		if want, got := plain.Balance(account, day), published.Balance(account, day); want != got {
			require.Equal(t, want, got, "%s on day %d", account, day)
		}
	}
	return owed
}

// agreeLater checks that a till which hears nothing more reads on a later day what the
// centre would tell it, and can spend just that, of accounts in which nothing is
// overspent.
func agreeLater(t require.TestingT, c *centre, day, later pos.Day) {
	published := c.published(t, day)
	for _, account := range ledgertest.Accounts {
		if slices.ContainsFunc(c.sums, func(sum ledger.Sum) bool { return sum.Account == account && sum.Amount < 0 }) {
			continue
		}
		balance := published.Balance(account, later)
		if want := c.entries.Balance(account, later); want != balance {
			require.Equal(t, want, balance, "%s on day %d, as published on day %d", account, later, day)
		}
		spend, err := published.Spend(account, max(balance, 1), later)
		if balance == 0 {
			require.ErrorIs(t, err, ledger.ErrShort)
			continue
		}
		left, err := published.AddAll(spend)
		require.NoError(t, err)
		if left.Balance(account, later) != 0 {
			require.Zero(t, left.Balance(account, later), "%s on day %d, spent %v", account, later, spend)
		}
	}
}

// At every moment, with whatever has arrived by then and in whatever order, what is
// published is what the plain model makes of the same entries; when all are there,
// on every day.
func TestPublishedIsThePlainModels(t *testing.T) {
	owing, settled := 0, 0
	eachHistory(t, func(t require.TestingT, chance ledgertest.Chance, history ledgertest.Plain) {
		c := &centre{asked: map[named]int64{}}
		for _, i := range permutation(chance, len(history)) {
			c.arrive(t, history[i])
			day := pos.Day(1 + chance(int(ledgertest.LastDay)+2))
			agree(t, c.published(t, day), c.entries, day)
			agreeLater(t, c, day, day+pos.Day(chance(12)))
		}
		owed := 0
		for day := pos.Day(1); day <= ledgertest.LastDay+1; day += pos.Day(1 + chance(6)) {
			if agree(t, c.published(t, day), history, day) {
				owed++
			}
		}
		if owed > 0 {
			owing++
		}
		if !agree(t, c.published(t, ledgertest.LastDay+9), history, ledgertest.LastDay+9) && owed > 0 {
			settled++
		}
	})
	t.Logf("%d owed something on some day, %d of them had repaid it in the end", owing, settled)
	require.Greater(t, owing, *histories/10)
	require.Greater(t, settled, *histories/100)
}

func permutation(chance ledgertest.Chance, n int) []int {
	order := make([]int, n)
	for i := range order {
		j := chance(i + 1)
		order[i], order[j] = order[j], i
	}
	return order
}

// An entry that is voided was never there: on every day the books are those of a
// ledger that never saw it, nor what else reversed it.
func TestVoidUndoesExactly(t *testing.T) {
	undone := 0
	eachHistory(t, func(t require.TestingT, chance ledgertest.Chance, history ledgertest.Plain) {
		e := history[chance(len(history))]
		back, err := ledger.Reverse(e)
		if err != nil {
			return
		}
		undone++
		void := pos.Entry{ID: pos.EntryID{Terminal: pos.TerminalID{9}, Seq: 1}, Day: pos.Day(1 + chance(int(ledgertest.LastDay))), Postings: back}
		void.At = int64(void.Day)*1000 + int64(chance(4000)) - 2000 // by another clock
		with := append(slices.Clone(history), void)
		if with.Stands(e) {
			return // what another asked for the wrong way round is in the way
		}
		never := history.Without(e.ID)
		day := pos.Day(1 + chance(int(ledgertest.LastDay)+2))
		require.Equal(t, total(t, never, day), total(t, with, day), "till %d entry %d is void, day %d", e.ID.Terminal[0], e.ID.Seq, day)
	})
	require.Greater(t, undone, *histories/2)
}

// total is what is published of the entries on the day.
func total(t require.TestingT, entries ledgertest.Plain, day pos.Day) ledger.Sums {
	c := &centre{asked: map[named]int64{}}
	for _, e := range entries {
		c.arrive(t, e)
	}
	return c.published(t, day)
}

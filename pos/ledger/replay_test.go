package ledger_test

import (
	"cmp"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// model is the plain and slow ledger that Replay must agree with. It holds single
// points, like coins in a purse, and lets every day pass.
type model struct {
	day   pos.Day
	purse []pos.Lot // one for each point
	debt  int
}

// soonest orders lots by their end, those without one last; then by their
// beginning.
func soonest(a, b pos.Lot) int {
	if (a.Until == 0) != (b.Until == 0) {
		return cmp.Compare(b.Until, a.Until)
	}
	return cmp.Or(cmp.Compare(a.Until, b.Until), cmp.Compare(a.From, b.From))
}

// take removes one point: of the lot if there is one, else the live one that
// ends soonest. It reports whether there was any.
func (m *model) take(lot *pos.Lot) bool {
	slices.SortFunc(m.purse, soonest)
	at := -1
	if lot != nil {
		at = slices.Index(m.purse, *lot)
	}
	if at < 0 {
		at = slices.IndexFunc(m.purse, func(l pos.Lot) bool { return l.From <= m.day && (l.Until == 0 || m.day < l.Until) })
	}
	if at < 0 {
		return false
	}
	m.purse = slices.Delete(m.purse, at, at+1)
	return true
}

func (m *model) repay() {
	for m.debt > 0 && m.take(nil) {
		m.debt--
	}
}

func (m *model) book(lot pos.Lot, amount int64) {
	for range amount {
		m.purse = append(m.purse, lot)
	}
	for range -amount {
		if !m.take(&lot) {
			m.debt++
		}
	}
}

// simulate lives through the history up to the day. What was reversed never
// happened.
func simulate(history []pos.Entry, day pos.Day) model {
	m := model{}
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b pos.Entry) int { return cmp.Or(cmp.Compare(a.At, b.At), a.ID.Compare(b.ID)) })
	for m.day = 0; m.day <= day; m.day++ {
		m.repay()
		for _, e := range history {
			if e.Day != m.day {
				continue
			}
			for i, p := range e.Postings {
				if p.Of == nil && p.Account == points {
					m.book(p.Lot, left(history, e.ID, i, p.Amount))
				}
			}
			m.repay()
		}
	}
	m.day = day
	return m
}

// left returns what is left of an amount after all that reverses it.
func left(history []pos.Entry, id pos.EntryID, index int, amount int64) int64 {
	asked := int64(0)
	for _, e := range history {
		for _, p := range e.Postings {
			if p.Of != nil && *p.Of == id && p.OfIndex == index {
				asked += p.Amount
			}
		}
	}
	if amount > 0 {
		return max(0, min(amount, amount+asked))
	}
	return min(0, max(amount, amount+asked))
}

// sums returns what the model holds, in the form of Replay's answer.
func (m model) sums(t require.TestingT) ledger.Sums {
	var sums ledger.Sums
	for _, lot := range m.purse {
		if lot.Until == 0 || m.day < lot.Until {
			sums = add(t, sums, []pos.Posting{{Account: points, Lot: lot, Amount: 1}})
		}
	}
	return add(t, sums, []pos.Posting{{Account: points, Amount: int64(-m.debt)}})
}

// aHistory draws entries of two terminals that did not know of each other: they
// earn, spend what may not be there, from lots live, ended or pending, and take
// entries back, sometimes twice, sometimes in part, sometimes before they come.
func aHistory() *rapid.Generator[[]pos.Entry] {
	return rapid.Custom(func(t *rapid.T) []pos.Entry {
		history := make([]pos.Entry, rapid.IntRange(1, 12).Draw(t, "entries"))
		for i := range history {
			e := &history[i]
			e.ID = pos.EntryID{Terminal: pos.TerminalID{byte(rapid.IntRange(1, 2).Draw(t, "terminal"))}, Seq: uint64(i + 1)}
			e.Day = pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "day"))
			e.At = int64(e.Day)*1000 + rapid.Int64Range(0, 2).Draw(t, "at")
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				e.Postings = aReversal(t, history[:i])
				continue
			}
			for range rapid.IntRange(1, 2).Draw(t, "postings") {
				amount := rapid.Int64Range(-5, 5).Filter(func(n int64) bool { return n != 0 }).Draw(t, "amount")
				e.Postings = append(e.Postings, pos.Posting{Account: points, Lot: aLot().Draw(t, "lot"), Amount: amount})
			}
			e.Postings = append(e.Postings, pos.Posting{Account: "credit", Amount: 100})
		}
		return history
	})
}

func aReversal(t *rapid.T, history []pos.Entry) []pos.Posting {
	original := rapid.SampledFrom(history).Draw(t, "original")
	reversal, err := ledger.Reverse(original)
	if err != nil {
		return nil
	}
	if part := rapid.Bool().Draw(t, "in part"); part {
		reversal = reversal[:1]
		reversal[0].Amount = cmp.Or(reversal[0].Amount/2, reversal[0].Amount)
	}
	return reversal
}

// until returns the entries up to the day.
func until(history []pos.Entry, day pos.Day) []pos.Entry {
	return slices.DeleteFunc(slices.Clone(history), func(e pos.Entry) bool { return e.Day > day })
}

// On every day, replay gives what a ledger would hold that had lived through the
// same entries one day after the other; and it does not matter in which order
// they arrive.
func TestReplayAgreesWithThePlainModel(t *testing.T) {
	overspent := 0
	rapid.Check(t, func(t *rapid.T) {
		history := aHistory().Draw(t, "history")
		shuffled := rapid.Permutation(slices.Clone(history)).Draw(t, "order")
		for day := pos.Day(1); day <= lastDay+1; day++ {
			held := simulate(until(history, day), day)
			want := held.sums(t)
			got := ledger.Replay(until(shuffled, day), points, day)
			require.True(t, slices.Equal(want, got), "day %d: want %v, got %v", day, want, got)
			require.Equal(t, want.Balance(points, day), got.Balance(points, day))
			if held.debt > 0 {
				overspent++
			}
		}
	})
	require.Positive(t, overspent, "no history with a deficit was drawn")
}

// A void undoes, whatever happened before, in between and after: the books are
// those of a ledger that never held the entry.
func TestVoidedEntryNeverHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := aHistory().Draw(t, "history")
		voided := pos.Entry{
			ID: pos.EntryID{Terminal: pos.TerminalID{3}, Seq: 1}, Day: pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "day")),
			Postings: []pos.Posting{
				{Account: points, Lot: aLot().Draw(t, "lot"), Amount: rapid.Int64Range(1, 9).Draw(t, "earned")},
				{Account: points, Lot: aLot().Draw(t, "lot"), Amount: rapid.Int64Range(-9, -1).Draw(t, "spent")},
			},
		}
		voided.At = int64(voided.Day) * 1000
		reversal, err := ledger.Reverse(voided)
		require.NoError(t, err)
		void := pos.Entry{ID: pos.EntryID{Terminal: pos.TerminalID{4}, Seq: 1}, Day: pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "day of the void")), Postings: reversal}
		void.At = int64(void.Day) * 1000
		day := pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "today"))
		want := ledger.Replay(history, points, day)
		require.True(t, slices.Equal(want, ledger.Replay(append(slices.Clone(history), voided, void), points, day)))
	})
}

// A till that always knows everything never overspends; then replaying and
// adding up are the same.
func TestReplayIsTheSumsWhereNothingIsOverspent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sums ledger.Sums
		var history []pos.Entry
		day := pos.Day(1)
		for i := range rapid.IntRange(1, 15).Draw(t, "entries") {
			day += pos.Day(rapid.Int32Range(0, 2).Draw(t, "days later"))
			e := pos.Entry{ID: pos.EntryID{Seq: uint64(i + 1)}, Day: day, At: int64(i)}
			if spent, err := sums.Spend(points, rapid.Int64Range(1, 9).Draw(t, "spend"), day); err == nil && rapid.Bool().Draw(t, "spends") {
				e.Postings = spent
			} else {
				e.Postings = []pos.Posting{{Account: points, Lot: aLot().Draw(t, "lot"), Amount: rapid.Int64Range(1, 9).Draw(t, "earn")}}
			}
			if i > 0 && rapid.IntRange(0, 4).Draw(t, "void") == 0 {
				// A spend that is taken back leaves room; an earn that is taken back may not.
				if back, err := ledger.Reverse(history[rapid.IntRange(0, i-1).Draw(t, "of")]); err == nil && back[0].Amount > 0 && !reverses(history, *back[0].Of) {
					e.Postings = back
				}
			}
			history = append(history, e)
			sums = add(t, sums, e.Postings)
		}
		want, err := sums.Published(day, func() ([]pos.Entry, error) { return nil, errors.New("nothing was overspent") })
		require.NoError(t, err)
		require.True(t, slices.Equal(want, ledger.Replay(history, points, day)), "want %v, got %v", want, ledger.Replay(history, points, day))
	})
}

func reverses(history []pos.Entry, id pos.EntryID) bool {
	return slices.ContainsFunc(history, func(e pos.Entry) bool {
		return len(e.Postings) > 0 && e.Postings[0].Of != nil && *e.Postings[0].Of == id
	})
}

// story is a history in a small notation: one entry a line, "day amount from
// until".
func story(lines ...[4]int64) []pos.Entry {
	history := make([]pos.Entry, len(lines))
	for i, l := range lines {
		history[i] = pos.Entry{
			ID: pos.EntryID{Seq: uint64(i + 1)}, Day: pos.Day(l[0]), At: l[0],
			Postings: []pos.Posting{{Account: points, Amount: l[1], Lot: pos.Lot{From: pos.Day(l[2]), Until: pos.Day(l[3])}}},
		}
	}
	return history
}

func TestReplay(t *testing.T) {
	sum := func(amount int64, from, until pos.Day) ledger.Sum {
		return ledger.Sum{Account: points, Lot: pos.Lot{From: from, Until: until}, Amount: amount}
	}
	type lines = [][4]int64
	tests := map[string]struct {
		history lines
		day     pos.Day
		want    ledger.Sums
	}{
		"two tills spent the same":                      {lines{{1, 10, 0, 20}, {2, -10, 0, 20}, {3, -10, 0, 20}}, 4, ledger.Sums{sum(-10, 0, 0)}},
		"another live lot pays at once":                 {lines{{1, 10, 0, 20}, {1, 4, 0, 0}, {2, -10, 0, 20}, {3, -10, 0, 20}}, 4, ledger.Sums{sum(-6, 0, 0)}},
		"the one that ends sooner pays first":           {lines{{1, 5, 0, 9}, {1, 5, 0, 8}, {2, -4, 0, 20}}, 3, ledger.Sums{sum(1, 0, 8), sum(5, 0, 9)}},
		"the next earn repays":                          {lines{{1, -10, 0, 0}, {2, 7, 0, 20}}, 2, ledger.Sums{sum(-3, 0, 0)}},
		"what is over is kept":                          {lines{{1, -10, 0, 0}, {2, 17, 0, 20}}, 2, ledger.Sums{sum(7, 0, 20)}},
		"a pending lot does not pay yet":                {lines{{1, -10, 0, 0}, {2, 17, 9, 20}}, 8, ledger.Sums{sum(17, 9, 20), sum(-10, 0, 0)}},
		"a lot repays on the day it begins":             {lines{{1, -10, 0, 0}, {2, 17, 9, 20}}, 9, ledger.Sums{sum(7, 9, 20)}},
		"and before it ends, though nothing was booked": {lines{{1, -10, 0, 0}, {2, 17, 9, 11}}, 30, ledger.Sums{}},
		"also where only part is repaid":                {lines{{1, -10, 0, 0}, {2, 7, 9, 11}}, 30, ledger.Sums{sum(-3, 0, 0)}},
		"of two lots that begin the sooner end pays":    {lines{{1, -10, 0, 0}, {2, 7, 9, 20}, {2, 7, 9, 11}}, 10, ledger.Sums{sum(4, 9, 20)}},
		"an ended lot pays nobody else":                 {lines{{1, 10, 0, 5}, {6, -4, 0, 0}}, 6, ledger.Sums{sum(-4, 0, 0)}},
		"but what it still holds pays for itself":       {lines{{1, 10, 0, 5}, {6, -4, 0, 5}}, 6, ledger.Sums{}},
		"a spend that was written before the earn":      {lines{{3, 10, 0, 20}, {2, -4, 0, 20}}, 4, ledger.Sums{sum(6, 0, 20)}},
		"an entry dated after today counts today":       {lines{{1, 10, 0, 20}, {7, -4, 0, 20}}, 6, ledger.Sums{sum(6, 0, 20)}},
		"and its lot does not end early":                {lines{{1, 10, 0, 7}, {9, -4, 0, 0}}, 6, ledger.Sums{sum(6, 0, 7)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ledger.Replay(story(tt.history...), points, tt.day)
			require.True(t, slices.Equal(tt.want, got), "want %v, got %v", tt.want, got)
		})
	}
}

// A reversal that names another account, lot or entry than it should takes back
// nothing.
func TestReversalOfSomethingElse(t *testing.T) {
	history := story([4]int64{1, 10, 0, 20})
	of := history[0].ID
	for name, p := range map[string]pos.Posting{
		"another account": {Account: "credit", Amount: -10, Lot: pos.Lot{Until: 20}, Of: &of},
		"another lot":     {Account: points, Amount: -10, Of: &of},
		"another posting": {Account: points, Amount: -10, Lot: pos.Lot{Until: 20}, Of: &of, OfIndex: 1},
		"another entry":   {Account: points, Amount: -10, Lot: pos.Lot{Until: 20}, Of: &pos.EntryID{Seq: 99}},
	} {
		t.Run(name, func(t *testing.T) {
			void := pos.Entry{ID: pos.EntryID{Seq: 2}, Day: 2, At: 2, Postings: []pos.Posting{p}}
			require.Equal(t, ledger.Replay(history, points, 3), ledger.Replay(append(history[:1:1], void), points, 3))
		})
	}
}

// Of an overspent account the centre publishes what the replay makes of it, and
// every other account as it adds up.
func TestPublishedOfAnOverspentAccount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := aHistory().Draw(t, "history")
		day := pos.Day(rapid.Int32Range(1, int32(lastDay)).Draw(t, "day"))
		var sums ledger.Sums
		for _, e := range history {
			for i, p := range e.Postings {
				if p.Of == nil {
					p.Amount = left(history, e.ID, i, p.Amount)
					sums = add(t, sums, []pos.Posting{p})
				}
			}
		}
		asked := 0
		published, err := sums.Published(day, func() ([]pos.Entry, error) { asked++; return history, nil })
		require.NoError(t, err)
		overspent := slices.ContainsFunc(sums, func(s ledger.Sum) bool { return s.Account == points && s.Amount < 0 })
		if overspent {
			require.Equal(t, 1, asked)
			require.Equal(t, ledger.Replay(history, points, day).Balance(points, day), published.Balance(points, day))
		}
		require.Equal(t, sums.Balance("credit", day), published.Balance("credit", day))
		require.True(t, slices.IsSortedFunc(published, func(a, b ledger.Sum) int { return cmp.Compare(a.Account, b.Account) }))
	})
	broken := errors.New("disk gone")
	_, err := ledger.Sums{{Account: points, Amount: -1}}.Published(1, func() ([]pos.Entry, error) { return nil, broken })
	require.ErrorIs(t, err, broken)
}

package bolt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
)

// held adds up the stamps of all holders.
func held(t testing.TB, each func(func(ledger.Sums) bool) error) (holders int, n int64) {
	require.NoError(t, each(func(sums ledger.Sums) bool {
		stock := report.NewStock(0, today)
		stock.Add(sums)
		if stock.Held[stamps] > 0 {
			holders, n = holders+1, n+stock.Held[stamps]
		}
		return true
	}))
	return holders, n
}

// A till counts each holder once: those from the centre, those it enrolled itself,
// and those who are both, however many there are.
func TestEachSums(t *testing.T) {
	c := newCounter(t)
	var rows []ledger.Changed
	want := int64(0)
	for i := range 5001 {
		rows = append(rows, ledger.Changed{Holder: pos.HolderID{byte(i * 7), byte(i >> 8), byte(i), 1}, Position: uint64(i + 1), Sums: has(ann, 0, int64(i+1)).Sums})
		want += int64(i + 1)
	}
	c.apply(0, rows...)
	c.stamp(rows[17].Holder, 5)
	c.stamp(rows[5000].Holder, 6)
	c.stamp(ann, 7)
	holders, n := held(t, c.till.EachSums)
	require.Equal(t, 5002, holders)
	require.Equal(t, want+5+6+7, n)

	seen := 0
	require.NoError(t, c.till.EachSums(func(ledger.Sums) bool { seen++; return seen < 3 }))
	require.Equal(t, 3, seen, "it stops where it is told to")
}

func TestEachSumsOfAnEmptyTill(t *testing.T) {
	holders, _ := held(t, newLonely(t).till.EachSums)
	require.Zero(t, holders)
}

// A report at a till waits for this. Budget: 5 µs for each holder.
func BenchmarkEachSums(b *testing.B) {
	c := newCounter(b)
	var rows []ledger.Changed
	for i := range 100_000 {
		rows = append(rows, ledger.Changed{Holder: pos.HolderID{byte(i * 7), byte(i >> 8), byte(i), byte(i >> 16)}, Position: uint64(i + 1), Sums: has(ann, 0, 7).Sums})
	}
	require.NoError(b, c.till.Load(rows, noon.UnixMilli()))
	b.ReportAllocs()
	for b.Loop() {
		held(b, c.till.EachSums)
	}
}

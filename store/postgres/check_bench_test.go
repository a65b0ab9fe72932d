package postgres_test

import (
	"flag"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store/central"
)

var checkMembers = flag.Int("members", 20_000, "members of the ledger that is copied and checked; with three entries each")

// BenchmarkCopyAndCheck times how a ledger goes from a file to a database and is compared,
// and how it is checked there and in the file, which is the floor: no line is in between.
// The most memory that the check held is beside it.
func BenchmarkCopyAndCheck(b *testing.B) {
	file := openFile(b, filepath.Join(b.TempDir(), "from.db"))
	defer file.Close()
	w := newTills(b, file)
	require.NoError(b, file.Publish(pos.Published{Document: []byte(cups), From: 1}))
	north := w.join("n", "north")
	for n := 0; n < 3**checkMembers; n += 1000 {
		w.give(north, n, n+1000, *checkMembers)
	}
	for b.Loop() {
		url := empty(b)
		db := connect(b, url)
		began := time.Now()
		found, done, err := file.Copy(db, straight)
		require.NoError(b, err)
		require.Empty(b, found)
		b.ReportMetric(float64(done.Rows)/time.Since(began).Seconds(), "copied-rows/s")
		require.NoError(b, db.Close())
		book, err := openURL(b, url)
		require.NoError(b, err)
		b.ReportMetric(checked(b, file), "file-s")
		b.ReportMetric(checked(b, book), "database-s")
		b.ReportMetric(peak(b, func() { sound(b, book) }), "database-MB")
		require.NoError(b, book.Close())
	}
}

func checked(b *testing.B, book *central.Book) float64 {
	began := time.Now()
	sound(b, book)
	return time.Since(began).Seconds()
}

// peak returns how many megabytes of the heap the call held at most.
func peak(b *testing.B, call func()) float64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	ended := make(chan struct{})
	most := uint64(0)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc)
			}
		}
	}()
	call()
	close(ended)
	<-watched
	return (float64(most) - float64(before.HeapAlloc)) / 1e6
}

package bolt_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/store/bolt"
)

// BenchmarkByName times searches among a million members: the worst there are, for
// letters with which the names of all begin, and such as few or no names begin with.
// Beside each is the floor, as many steps of a cursor over as many bytes in a bare
// bbolt file.
//
// Budget: 5 ms, the 99th percentile.
func BenchmarkByName(b *testing.B) {
	till, _ := loaded(b, filepath.Join(b.TempDir(), "till.db"))
	bare := newWalk(b, filepath.Join(b.TempDir(), "bare.db"))
	for _, search := range []struct {
		typed       string
		opens, want int
	}{
		{"g", bolt.MaxOpened, 50},
		{"gi", bolt.MaxOpened, 50},
		{"giv", bolt.MaxOpened, 50},
		{"given12", bolt.MaxOpened, 50},
		{"family70000", 14, 14},
		{"gx", 0, 0},
		{"zzz", 0, 0},
	} {
		b.Run(search.typed, func(b *testing.B) {
			var floors, searches []float64
			b.ReportAllocs()
			for b.Loop() {
				floors = append(floors, timed(b, func() error { return bare(search.opens) }))
				var found []pos.Profile
				searches = append(searches, timed(b, func() (err error) {
					found, err = till.ByName(search.typed, 50)
					return err
				}))
				require.Len(b, found, search.want)
			}
			b.ReportMetric(median(floors)/1000, "floor-ms")
			b.ReportMetric(median(searches)/1000, "p50-ms")
			slices.Sort(searches)
			b.ReportMetric(searches[(len(searches)-1)*99/100]/1000, "p99-ms")
		})
	}
}

// newWalk returns what makes so many steps over keys and as many over values in a bare
// bbolt file, as a search does over its index and the profiles.
func newWalk(b *testing.B, path string) func(steps int) error {
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	name := []byte("b")
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(name)
		for n := range bolt.MaxOpened {
			if err == nil {
				err = bucket.Put(slices.Concat(make([]byte, 20), number(uint64(n))), bytes.Repeat([]byte{1}, 200))
			}
		}
		return err
	}))
	sum := 0
	return func(steps int) error {
		return db.View(func(tx *bbolt.Tx) error {
			for range 2 {
				c := tx.Bucket(name).Cursor()
				_, value := c.First()
				for range steps {
					for _, part := range value {
						sum += int(part)
					}
					_, value = c.Next()
				}
			}
			return nil
		})
	}
}

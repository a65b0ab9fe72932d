package bolt_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

// reported is how many entries the report is over.
var reported = flag.Int("reported", 1_000_000, "entries that the report of BenchmarkReport is over")

// BenchmarkReport times a report of a year over a million entries of 20,000 members
// at the centre, and beside it the floor: as many rows of as many bytes, read from a
// bare bbolt file.
//
// Budget: 200 ms.
func BenchmarkReport(b *testing.B) {
	path := filepath.Join(b.TempDir(), "central.db")
	rows, size := rollupSize(b, busyYear(b, path), path)
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, central.Close()) })
	bare := bareRows(b, filepath.Join(b.TempDir(), "bare.db"), rows, size)
	ask := report.Ask{From: today - 364, To: today, Today: today, Worth: 100}
	var reports, floors, ratios []float64
	b.ReportAllocs()
	for b.Loop() {
		floor := timed(b, bare)
		spent := timed(b, func() error {
			figures, err := central.Report("", ask)
			for _, name := range report.Names {
				figures.Table(name)
			}
			return err
		})
		reports, floors, ratios = append(reports, spent/1000), append(floors, floor/1000), append(ratios, spent/floor)
	}
	b.ReportMetric(median(reports), "report-ms")
	b.ReportMetric(median(floors), "floor-ms")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(float64(size)/1024, "KiB")
}

// busyYear returns a centre that has a year of a busy chain.
func busyYear(b *testing.B, path string) *central.Book {
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(b, err)
	require.NoError(b, central.AddStore(pos.Shop{Name: "S", Store: "s", Area: "north", Currency: "EUR", Timezone: "Europe/Budapest"}))
	require.NoError(b, central.AddTerminal("till", "s", "code", noon.Add(time.Hour)))
	terminal, err := central.Enrol("code", make(ed25519.PublicKey, ed25519.PublicKeySize), noon)
	require.NoError(b, err)
	j := tillBook{terminal: terminal}
	random := rand.New(rand.NewPCG(1, 2))
	for n := range *reported {
		day := today - pos.Day(364 - n*365 / *reported)
		e := pos.Entry{
			Day: day, At: day.Midnight().Add(time.Duration(6+random.IntN(14)) * time.Hour).UnixMilli(), Store: "s",
			Saw: map[string]int64{string(stamps): int64(random.IntN(10))},
		}
		binary.BigEndian.PutUint32(e.Holder[:], uint32(random.IntN(20_000))+1)
		until := pos.FirstOf(pos.Gregorian, day, 13)
		switch random.IntN(10) {
		case 0:
			e.Kind, e.Reward = pos.Redeemed, []string{"mug", "cup", "cake", "bread", "tea"}[random.IntN(5)]
			e.Postings = []pos.Posting{{Account: "points", Amount: -5, Lot: pos.Lot{Until: until}}}
		case 1, 2, 3:
			e.Kind, e.Postings = pos.Stamped, []pos.Posting{{Account: stamps, Amount: 1}}
		default:
			e.Kind, e.Sale = pos.Earned, &pos.Sale{Amount: pos.Money(random.IntN(3000)), Currency: "EUR"}
			e.Postings = []pos.Posting{{Account: "points", Amount: 12, Lot: pos.Lot{Until: until}}}
		}
		j.write(b, e)
		if len(j.raw)%2000 == 0 || n == *reported-1 {
			require.NoError(b, central.Take(terminal, ledger.Sent{Entries: j.raw[(len(j.raw)-1)/2000*2000:]}, noon))
		}
	}
	return central
}

// rollupSize closes the centre and returns how many rows of days it has for the area,
// and their bytes.
func rollupSize(b *testing.B, central *central.Book, path string) (rows, size int) {
	require.NoError(b, central.Close())
	plant(b, path, func(tx *bbolt.Tx) {
		c := tx.Bucket([]byte("area")).Bucket([]byte("north")).Bucket([]byte("rollup")).Cursor()
		for key, row := c.Seek([]byte{'d', 0}); len(key) == 6 && key[0] == 'd' && key[1] == 0; key, row = c.Next() {
			rows, size = rows+1, size+len(row)
		}
	})
	return rows, size
}

// bareRows returns what reads so many rows of so many bytes, each of them.
func bareRows(b *testing.B, path string, rows, size int) func() error {
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	name := []byte("b")
	require.NoError(b, db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(name)
		for n := range rows {
			if err == nil {
				err = bucket.Put(binary.BigEndian.AppendUint32(nil, uint32(n)), make([]byte, size/rows))
			}
		}
		return err
	}))
	sum := 0
	return func() error {
		return db.View(func(tx *bbolt.Tx) error {
			return tx.Bucket(name).ForEach(func(_, row []byte) error {
				for _, part := range row {
					sum += int(part)
				}
				return nil
			})
		})
	}
}

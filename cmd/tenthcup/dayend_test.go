package main

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

// What schedulers read keeps its fields and their order, as the README lists them.
func TestDayEndJSON(t *testing.T) {
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	totals := `"entries":2,"enrolled":0,"stamps":0,"sales":0,"amount":0,"points_earned":0,"points_spent":0,"rewards":0,"voids":0,"returns":0,"returned":0,"floors":0,"overrides":0,"drawer_openings":0`
	z := zJSON{"Corner", "EUR", report.Z{
		Number: 3, Closed: at, ClosedBy: "ann", Day: pos.DayOf(at, time.UTC), AsOf: at, Counted: true,
		Shift:  report.Shift{First: at, Last: at, Totals: report.Totals{Entries: 2}},
		Values: []report.Value{{Class: "points", Issued: 1, Spent: 2, Expired: 3, Reversed: 4, Held: 5, Worth: 6}},
		Given:  []report.Given{{Reward: "cup", Count: 1, Off: 2}},
		Sold:   []report.Sold{{What: report.SoldGiftCard, Count: 1, Amount: 2}},
	}, 6, 7, 8}
	raw, err := json.Marshal(z.whole())
	require.NoError(t, err)
	require.Equal(t, `{"shop":"Corner","currency":"EUR","number":3,"closed":"2026-11-22T18:00:00Z","closed_by":"ann",`+
		`"day":"2026-11-22","terminal":"00000000000000000000000000000000",`+
		`"first":"2026-11-22T18:00:00Z","last":"2026-11-22T18:00:00Z","totals":{`+totals+`},"cashiers":[],"clock_corrections":0,`+
		`"values":[{"class":"points","issued":1,"spent":2,"expired":3,"reversed":4,"held":5,"worth":6}],`+
		`"given":[{"reward":"cup","count":1,"off":2}],"sold":[{"what":"gift-card","count":1,"amount":2}],`+
		`"counted":true,"as_of":"2026-11-22T18:00:00Z","liability":6,"waiting":7,"exceptions":8}`, string(raw))
	raw, err = json.Marshal(zJSON{}.whole())
	require.NoError(t, err)
	require.NotContains(t, string(raw), "null")
}

// A report is kept in a folder of the till's, whatever its name says.
func TestSaveReport(t *testing.T) {
	own := &till{dir: t.TempDir()}
	for _, name := range []string{"z.csv", "../../z.csv"} {
		path, err := own.saveReport(name, []byte("a"))
		require.NoError(t, err)
		require.Equal(t, filepath.Join(own.dir, "reports", "z.csv"), path)
		require.FileExists(t, path)
	}
}

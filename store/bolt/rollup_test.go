package bolt_test

import (
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

const trialProgram = `
title = "Café"
[[card]]
id = "coffee"
name = "Coffee"
size = 10
[[experiment]]
id = "double"
name = "Double"
arms = ["without", "with"]
`

// aroundToday is a report about the days that the tests write on.
var aroundToday = report.Ask{From: today - 5, To: today + 5, Today: today, ByDay: true}

// told is a report as text, which two can be compared by.
func told(t testing.TB, figures report.Figures, err error) string {
	require.NoError(t, err)
	text, err := json.Marshal(figures)
	require.NoError(t, err)
	return string(text)
}

// A report about a till has an entry at once, and goes on where the file was closed.
func TestTillReport(t *testing.T) {
	c := newLonely(t)
	require.NoError(t, c.till.SetRoster(pos.Roster{
		Shop: pos.Shop{Timezone: "Asia/Tehran", Currency: "EUR"}, Programs: []pos.Published{{Document: []byte(trialProgram)}},
	}))
	program := pos.ProgramOf([]byte(trialProgram))
	stamp := func(holder pos.HolderID) station.Record {
		r, err := c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
			e := c.next(m, holder, pos.Posting{Account: stamps, Amount: 6})
			e.Program, e.Saw = program, map[string]int64{string(stamps): m.View.Sums.Balance(stamps, today)}
			return e, nil
		})
		require.NoError(t, err)
		return r
	}
	stamp(ann)
	c.restart()
	given := stamp(ann)
	stamp(ben)
	c.write(ann, pos.Posting{Account: stamps, Amount: -6, Of: &given.Entry.ID})
	got, err := c.till.Report(aroundToday)
	require.NoError(t, err)
	require.Equal(t, report.Members{All: 2, Active: 2, Seen: 2}, got.Members)
	require.Equal(t, report.Hour{Seen: 2, Stamps: 18}, got.Hours[15], "noon in UTC is half past three in Tehran")
	require.Equal(t, report.Turnover{Given: 18, Back: 6, Net: 12, Full: 1}, got.Values[stamps].Turnover)
	require.Equal(t, int64(1), got.Voids)
	visits := int64(0)
	for arm, group := range got.Arms {
		require.Contains(t, []string{"double/without", "double/with"}, arm)
		visits += group.Visits
	}
	require.Equal(t, int64(3), visits)
}

// A file of a version without rollups gets them when it is opened, and so does one
// whose shop is on another clock now.
func TestTillMakesRollups(t *testing.T) {
	c := newLonely(t)
	shop := func(zone string) {
		require.NoError(t, c.till.SetRoster(pos.Roster{Shop: pos.Shop{Timezone: zone, Currency: "EUR"}}))
	}
	shop("Europe/Budapest")
	c.stamp(ann, 3)
	c.stamp(ben, 12)
	report := func() string {
		figures, err := c.till.Report(aroundToday)
		return told(t, figures, err)
	}
	want := report()
	require.NoError(t, c.till.Close())
	plant(t, c.path, func(tx *bbolt.Tx) { require.NoError(t, tx.DeleteBucket([]byte("rollup"))) })
	c.open()
	require.Equal(t, want, report())
	shop("Asia/Tokyo")
	require.Equal(t, want, report())
	c.restart()
	require.NotEqual(t, want, report(), "the hours are Tokyo's")
	c.sound()
}

// tillBook are the entries of one of the tills of a chain.
type tillBook struct {
	terminal pos.Terminal
	raw      [][]byte
	head     pos.Hash
}

func (j *tillBook) write(t testing.TB, e pos.Entry) pos.EntryID {
	e.V, e.Nonce, e.Cashier, e.Prev = pos.Version, uint64(len(j.raw)+1), "ida", j.head
	e.ID = pos.EntryID{Terminal: j.terminal.ID, Incarnation: 7, Seq: uint64(len(j.raw) + 1)}
	if e.At == 0 {
		e.At = noon.UnixMilli()
	}
	raw, err := e.Encode()
	require.NoError(t, err)
	j.raw, j.head = append(j.raw, raw), pos.HashEntry(raw)
	return e.ID
}

// chainOf opens a centre with two stores of one area.
func chainOf(t testing.TB, path string) *central.Book {
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(t, err)
	for _, shop := range []pos.Shop{{Name: "East", Store: "east", Timezone: "Asia/Tokyo"}, {Name: "West", Store: "west", Timezone: "Europe/Lisbon"}} {
		shop.Area, shop.Currency = "north", "EUR"
		require.NoError(t, central.AddStore(shop))
	}
	require.NoError(t, central.Publish(pos.Published{Document: []byte(trialProgram), From: 1}))
	return central
}

// twoTills write what arrives late and out of order: visits of other days, a void and
// a return that come before what they take back, a tier that is given at both.
func twoTills(t testing.TB) []*tillBook {
	east := &tillBook{terminal: pos.Terminal{ID: terminalA, Area: "north"}}
	west := &tillBook{terminal: pos.Terminal{ID: terminalB, Area: "north"}}
	program := pos.ProgramOf([]byte(trialProgram))
	stamp := func(j *tillBook, store pos.StoreID, day pos.Day, holder pos.HolderID) pos.EntryID {
		return j.write(t, pos.Entry{
			Kind: pos.Stamped, Day: day, Holder: holder, Store: store, Program: program,
			Saw: map[string]int64{string(stamps): 9}, Postings: []pos.Posting{{Account: stamps, Amount: 2}},
		})
	}
	stamp(west, "west", today-40, ann)
	stamp(east, "east", today-70, ann)
	stamp(west, "west", today-70, ann)
	first := stamp(east, "east", today-2, ann)
	stamp(east, "east", today, ann)
	stamp(west, "west", today-1, ann)
	stamp(west, "west", today-70, ann) // written late
	twice := stamp(west, "west", today-3, ben)
	sold := west.write(t, pos.Entry{
		Kind: pos.Earned, Day: today - 3, Holder: ben, Store: "west", Sale: &pos.Sale{Amount: 1000, Currency: "EUR"},
		Postings: []pos.Posting{{Account: "points", Amount: 10, Lot: pos.Lot{Until: today + 2}}},
	})
	west.write(t, pos.Entry{
		Kind: pos.Voided, Day: today - 1, Holder: ann, Store: "west",
		Postings: []pos.Posting{{Account: stamps, Amount: -2, Of: &first}},
	})
	for _, j := range []*tillBook{east, west} { // neither knows of the other's
		j.write(t, pos.Entry{
			Kind: pos.Voided, Day: today, Holder: ben, Store: "east",
			Postings: []pos.Posting{{Account: stamps, Amount: -2, Of: &twice}},
		})
	}
	east.write(t, pos.Entry{
		Kind: pos.Refunded, Day: today, Holder: ben, Store: "east", Sale: &pos.Sale{Amount: 1000, Currency: "EUR"},
		Postings: []pos.Posting{{Account: "points", Amount: -10, Lot: pos.Lot{Until: today + 2}, Of: &sold}},
	})
	for i, j := range []*tillBook{east, west} {
		j.write(t, pos.Entry{
			Kind: pos.Granted, Day: today - pos.Day(i), Holder: cleo, Store: []pos.StoreID{"east", "west"}[i],
			Postings: []pos.Posting{{Account: "tier:gold", Amount: 1, Lot: pos.Lot{Until: today + 3 + pos.Day(i)}}},
		})
	}
	return []*tillBook{east, west}
}

// In whatever order tills are heard, and however often they say it, reports at the
// centre are the same, and each thing is on the day on which it happened.
func TestReportsDoNotDependOnTheOrder(t *testing.T) {
	tills := twoTills(t)
	var want string
	for round := range uint64(12) {
		chance := rand.New(rand.NewPCG(round, 5))
		central := chainOf(t, filepath.Join(t.TempDir(), "central.db"))
		sent := []int{0, 0}
		for sent[0] < len(tills[0].raw) || sent[1] < len(tills[1].raw) {
			i := chance.IntN(2)
			to := min(sent[i]+chance.IntN(3), len(tills[i].raw))
			from := chance.IntN(sent[i] + 1) // some of it again
			require.NoError(t, central.Take(tills[i].terminal, ledger.Sent{Entries: tills[i].raw[from:to]}, noon.Add(time.Hour)))
			sent[i] = max(sent[i], to)
		}
		var text strings.Builder
		for _, store := range []pos.StoreID{"", "east", "west", "nowhere"} {
			figures, err := central.Report(store, aroundToday)
			text.WriteString(told(t, figures, err) + "\n")
		}
		if round == 0 {
			want = text.String()
			checkChain(t, central)
		}
		require.Equal(t, want, text.String(), "round %d", round)
		found, err := central.Check()
		require.NoError(t, err)
		require.Empty(t, found)
		require.NoError(t, central.Close())
	}
}

func checkChain(t *testing.T, central *central.Book) {
	all, err := central.Report("", aroundToday)
	require.NoError(t, err)
	east, err := central.Report("east", aroundToday)
	require.NoError(t, err)
	require.Equal(t, report.Members{All: 2, Active: 2, Seen: 2}, all.Members, "ann is one, though she was in both")
	require.Equal(t, report.Members{All: 1, Active: 1, Seen: 1}, east.Members)
	require.Equal(t, int64(2), east.Hours[21].Seen, "on two days")
	require.Equal(t, int64(2), all.Hours[12].Seen, "in Lisbon noon is noon")
	seen := map[pos.Day]int64{}
	for _, step := range all.Steps {
		if step.Seen > 0 {
			seen[step.Day] = step.Seen
		}
	}
	require.Equal(t, map[pos.Day]int64{today: 1, today - 1: 1, today - 2: 1, today - 3: 1}, seen)
	require.Equal(t, int64(8*2-2-2), all.Values[stamps].Owed, "what was voided twice is gone once")
	require.Equal(t, report.Sum{Turnover: report.Turnover{Given: 10, Back: 10, Net: 0}}, all.Values["points"], "what was returned did not end unused")
	require.Equal(t, report.Stood{Flow: report.Flow{Rose: 1, Fell: 1}}, all.Tiers["tier:gold"])
}

// A centre's file of a version without rollups gets them when it is opened.
func TestCentralMakesRollups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "central.db")
	central := chainOf(t, path)
	for _, j := range twoTills(t) {
		require.NoError(t, central.Take(j.terminal, ledger.Sent{Entries: j.raw}, noon.Add(time.Hour)))
	}
	report := func() string {
		figures, err := central.Report("", aroundToday)
		return told(t, figures, err)
	}
	want := report()
	require.NoError(t, central.Close())
	plant(t, path, func(tx *bbolt.Tx) {
		require.NoError(t, tx.Bucket([]byte("area")).Bucket([]byte("north")).DeleteBucket([]byte("rollup")))
	})
	var err error
	central, err = bolt.OpenCentral(path, [32]byte{1})
	require.NoError(t, err)
	require.Equal(t, want, report())
	require.NoError(t, central.Close())
}

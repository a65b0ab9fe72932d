package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
)

// smallFleet is a chain whose day passes in a few seconds.
func smallFleet(t *testing.T) benchFleetCmd {
	t.Setenv(asProgram, "1") // so that what the fleet starts is the program
	return benchFleetCmd{
		DB: filepath.Join(t.TempDir(), "chain", "server.db"), Terminals: 40, Minutes: 0.06, Sales: 20, Members: 5, Area: 8, Store: 2,
		Replicas: 1, Check: true, Seed: 3, JSON: true,
	}
}

// ran runs the fleet to its end and returns it, with all that was measured.
func ran(t *testing.T, b benchFleetCmd) (f *fleet, out, said *bytes.Buffer) {
	t.Helper()
	out, said = &bytes.Buffer{}, &bytes.Buffer{}
	c := &call{streams: streams{strings.NewReader(""), out, said}, ctx: t.Context(), json: b.JSON, words: systemWords()}
	f, err := newFleet(b, c)
	require.NoError(t, err)
	require.NoError(t, f.measure(t.Context()), said.String())
	return f, out, said
}

// A fleet whose every entry arrived once says so; one that dropped or doubled an
// entry, or moved a single point, is found out. What is changed is the model: the
// book is what a server process really wrote.
func TestFleetFindsWhatIsLostOrDoubled(t *testing.T) {
	f, out, _ := ran(t, smallFleet(t))
	require.NoError(t, f.judge())
	var told fleetResult
	require.NoError(t, json.Unmarshal(out.Bytes(), &told))
	require.Equal(t, 40, told.Terminals)
	require.Positive(t, told.Entries)
	require.Positive(t, told.Rate)
	require.Positive(t, told.Burst.Waited, "the cut left nothing waiting")
	require.GreaterOrEqual(t, told.Burst.Entries, told.Burst.Waited)
	require.Positive(t, told.CutOff, "no till tried while the line was cut")
	require.Positive(t, told.Took.N)
	require.LessOrEqual(t, told.Took.P50, told.Took.P99)
	require.Len(t, told.Servers, 1)
	require.Positive(t, told.Servers[0].CPU)
	require.Positive(t, told.Servers[0].Most)
	require.Positive(t, told.Servers[0].Peak)
	require.Zero(t, told.Servers[0].Log, "the server complained")
	require.Zero(t, told.Check.Quarantined)
	require.Empty(t, told.Check.Findings)

	kinds, some := booked(t, f)
	for _, kind := range []pos.Kind{pos.Enrolled, pos.Earned, pos.Stamped, pos.Redeemed, pos.Voided} {
		require.Contains(t, kinds, kind)
	}
	area := f.areas[0].id
	for name, tamper := range map[string]struct{ change, back func() }{
		"dropped":                       {func() { f.model.add(area, some, -1) }, func() { f.model.add(area, some, 1) }},
		"doubled":                       {func() { f.model.add(area, some, 1) }, func() { f.model.add(area, some, -1) }},
		"dropped, and it moved nothing": {func() { f.model.entries[area]-- }, func() { f.model.entries[area]++ }},
		"dropped and another doubled": {
			func() { f.model.add(area, some, -1); f.model.entries[area]++ },
			func() { f.model.add(area, some, 1); f.model.entries[area]-- },
		},
		"not in the model": {
			func() { delete(f.model.sums, fleetAccountID{area, some.Holder, some.Postings[0].Account}) },
			func() { f.restore(t, area) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			tamper.change()
			err := f.judge()
			require.ErrorIs(t, err, pos.Refuse("fleet.differs"))
			require.Equal(t, statusRefused, statusOf(err))
			require.NotEmpty(t, f.result.Check.Differences)
			tamper.back()
			require.NoError(t, f.judge())
		})
	}
}

// restore makes the model of the area anew, from the book.
func (f *fleet) restore(t *testing.T, area pos.AreaID) {
	t.Helper()
	fresh := newFleetModel()
	each(t, f, area, func(e pos.Entry) { fresh.add(area, e, 1) })
	maps.Copy(f.model.sums, fresh.sums)
}

// booked returns which kinds of entries the book has, and one of them that moves
// something in the first area.
func booked(t *testing.T, f *fleet) (kinds map[pos.Kind]int, some pos.Entry) {
	t.Helper()
	kinds = map[pos.Kind]int{}
	for _, area := range slices.Backward(f.areas) {
		each(t, f, area.id, func(e pos.Entry) {
			kinds[e.Kind]++
			if e.Kind == pos.Earned {
				some = e
			}
		})
	}
	require.NotEmpty(t, some.Postings)
	return kinds, some
}

func each(t *testing.T, f *fleet, area pos.AreaID, yield func(pos.Entry)) {
	t.Helper()
	require.NoError(t, f.call.withServer(f.db, func(desk *serverDesk) error {
		return desk.db.Entries(area, func(raw []byte) bool {
			e, err := pos.DecodeEntry(raw)
			require.NoError(t, err)
			yield(e)
			return true
		})
	}))
}

// A database in use is refused before anything in it changes; with --into-existing
// another chain goes beside the one that is there. It goes over TLS.
func TestFleetIntoExisting(t *testing.T) {
	b := smallFleet(t)
	b.Terminals, b.Minutes, b.TLS = 6, 0.02, true
	f, _, _ := ran(t, b)
	require.NoError(t, f.judge())
	wrote := f.result.Check.Entries

	again, err := newFleet(b, f.call)
	require.NoError(t, err)
	require.ErrorIs(t, again.measure(t.Context()), pos.Refuse("fleet.entries"))

	b.IntoExisting, b.Seed, b.JSON = true, 4, false
	second, out, said := ran(t, b)
	require.NoError(t, second.judge())
	require.Contains(t, out.String(), "serve 1")
	require.Contains(t, said.String(), "cut")
	require.Positive(t, second.result.Check.Entries)
	require.NoError(t, f.judge(), "the first chain is as it was")
	require.Equal(t, wrote, f.result.Check.Entries)
}

func TestFleetRefuses(t *testing.T) {
	c := &call{ctx: t.Context(), words: systemWords()}
	b := smallFleet(t)
	b.Replicas = 2
	_, err := newFleet(b, c)
	require.ErrorIs(t, err, pos.Refuse("fleet.replicas"))
	b.Replicas, b.Minutes = 1, 0
	_, err = newFleet(b, c)
	require.ErrorIs(t, err, pos.Refuse("fleet.small"))
}

// What cannot be kept up is said: a server that ends by itself ends the measurement.
func TestFleetServerGone(t *testing.T) {
	b := smallFleet(t)
	b.Minutes = 10
	c := &call{streams: streams{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}}, ctx: t.Context(), words: systemWords()}
	f, err := newFleet(b, c)
	require.NoError(t, err)
	c.err = onFirst{f.call.words.T("fleet.day"), func() { _ = f.servers[0].cmd.Process.Kill() }}
	require.ErrorIs(t, f.measure(t.Context()), pos.Refuse("fleet.server"))
}

// onFirst calls do when something is said that begins as the sentence does.
type onFirst struct {
	sentence string
	do       func()
}

func (o onFirst) Write(p []byte) (int, error) {
	start, _, _ := strings.Cut(o.sentence, "{")
	if strings.HasPrefix(string(p), start) {
		o.do()
	}
	return len(p), nil
}

// The day is a day: nothing is planned outside of it, and lunch is when most happens.
func TestFleetDay(t *testing.T) {
	b := smallFleet(t)
	b.Terminals, b.Sales = 400, 40
	f, err := newFleet(b, &call{ctx: t.Context(), words: systemWords()})
	require.NoError(t, err)
	require.NoError(t, f.lay())
	visits := f.plan()
	require.InEpsilon(t, 400*40, len(visits), 0.05)
	hours := make([]int, int(openFor/time.Hour))
	for i, v := range visits {
		require.GreaterOrEqual(t, v.at, time.Duration(0))
		require.Less(t, v.at, f.day())
		if i > 0 {
			require.LessOrEqual(t, visits[i-1].at, v.at)
		}
		hours[int(float64(v.at)/float64(f.day())*openFor.Hours())]++
	}
	most := slices.Index(hours, slices.Max(hours))
	require.Equal(t, 12, openHour+most)
	require.Greater(t, hours[most], 2*hours[len(hours)-1])
	for at := range 1000 {
		require.LessOrEqual(t, bustle(float64(at)/1000), busiest)
	}
}

package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// turn writes an entry that turns the switch, at so many ms past noon.
func (t *till) turn(name string, count, at int64) pos.Entry {
	e := t.next(pos.HolderID{})
	e.Kind, e.Reward, e.Count, e.Store, e.At = pos.Switched, name, count, t.Store, noon.UnixMilli()+at
	raw, err := e.Encode()
	require.NoError(t.bench.t, err)
	t.append(e, raw)
	return e
}

// roster returns what the till is told, which has the given version.
func (t *till) roster(has uint64) *pos.Roster {
	ask := t.ask(0, 1)
	ask.Roster = has
	page, err := t.bench.db.Page(t.Terminal, ask)
	require.NoError(t.bench.t, err)
	return page.Roster
}

func acts(t *testing.T, b *bench) {
	for _, test := range []func(*testing.T, *bench){switchTurned, switchOfRevoked, switchesEndless, itemList} {
		test(t, b)
	}
}

// The newest state of a switch reaches the tills of the store, whatever came last,
// and no others.
func switchTurned(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	before, far := a.roster(0), other.roster(0)
	on := a.turn("rainy-day", 1, 20)
	a.turn("rainy-day", 0, 10)
	b.now = b.now.Add(time.Second)
	a.sendAll()
	a.sendAll()
	roster := a.roster(before.Version)
	require.NotNil(t, roster, "the version grew")
	require.Greater(t, roster.Version, before.Version)
	require.Equal(t, []pos.Switch{pos.SwitchOf(on)}, roster.Switches)
	require.Nil(t, a.roster(roster.Version))
	require.Nil(t, other.roster(far.Version), "another store's")
	direct, err := b.db.Roster(a.Store, b.now)
	require.NoError(t, err)
	require.Equal(t, *roster, direct)

	off := a.turn("rainy-day", 0, 30)
	second := a.turn("happy-hour", 1, 30)
	a.sendAll()
	b.db = b.reopen()
	roster = a.roster(roster.Version)
	require.Equal(t, []pos.Switch{pos.SwitchOf(second), pos.SwitchOf(off)}, roster.Switches)
	require.False(t, roster.Switch("rainy-day").On)
}

// What a revoked till turns does not count.
func switchOfRevoked(t *testing.T, b *bench) {
	a := b.till(north)
	require.NoError(t, b.db.Revoke(a.ID, "zoe", "stolen"))
	a.turn("rainy-day", 1, 10)
	a.sendAll()
	roster, err := b.db.Roster(a.Store, b.now)
	require.NoError(t, err)
	require.Empty(t, roster.Switches)
}

// An endless number of switches is no till's of ours, and does not make a roster
// that no till can be sent.
func switchesEndless(t *testing.T, b *bench) {
	a := b.till(north)
	for i := range 300 {
		a.turn(string(rune('a'+i)), 1, int64(i))
	}
	a.sendAll()
	first := a.turn("a", 0, 1000)
	a.sendAll()
	roster, err := b.db.Roster(a.Store, b.now)
	require.NoError(t, err)
	require.Len(t, roster.Switches, 200)
	require.Equal(t, pos.SwitchOf(first), roster.Switch("a"), "those that are there go on")
}

// The item list reaches all tills, whole.
func itemList(t *testing.T, b *bench) {
	a, far := b.till(north), b.till(south)
	before := a.roster(0)
	require.Empty(t, before.Items)
	items := []pos.Item{{ID: "18", Name: "Cake", Category: "bakery", Price: 210, Tax: 5000}, {ID: "17", Name: "Tea", Category: "drinks", Key: "t"}}
	require.NoError(t, b.db.SetItems([]pos.Item{items[1], items[0]}))
	for _, till := range []*till{a, far} {
		roster := till.roster(before.Version)
		require.Greater(t, roster.Version, before.Version)
		require.Equal(t, items, roster.Items)
	}
	require.NoError(t, b.db.SetItems(items[:1]))
	b.db = b.reopen()
	require.Equal(t, items[:1], a.roster(0).Items)
	require.Error(t, b.db.SetItems(make([]pos.Item, pos.MaxItems+1)))
	got, err := b.db.Items()
	require.NoError(t, err)
	require.Equal(t, items[:1], got)
	require.NoError(t, b.db.Take(a.Terminal, ledger.Sent{Profiles: []pos.Profile{{Holder: ann, Name: "Ann", Changed: 1}}}, b.now))
	require.Nil(t, a.roster(a.roster(0).Version), "members change nothing")
}

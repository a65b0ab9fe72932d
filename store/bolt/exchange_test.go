package bolt_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
)

// What the cashier sees is the base plus the own entries that it does not have.
func TestBaseAndOwn(t *testing.T) {
	c := newCounter(t)
	for range 4 {
		c.stamp(ann, 1)
	}
	require.Equal(t, int64(4), c.sees(ann))
	c.apply(0, has(ann, 7, 100))
	require.Equal(t, int64(104), c.sees(ann))
	c.apply(3, has(ann, 8, 103))
	require.Equal(t, int64(104), c.sees(ann))
	view, err := c.till.View(ann)
	require.NoError(t, err)
	require.Equal(t, 1, view.Unmerged)
	require.Equal(t, noon, view.AsOf)
	c.restart()
	require.Equal(t, int64(104), c.sees(ann))
	c.sound()
	c.page(ledger.Page{Acks: []ledger.Ack{{Incarnation: 1, Seq: 4}}, Changed: []ledger.Changed{has(ann, 9, 90)}})
	require.Equal(t, int64(90), c.sees(ann), "another till spent some")
	view, err = c.till.View(ann)
	require.NoError(t, err)
	require.Zero(t, view.Unmerged)
}

// Between an ack and the holder's row nothing may be seen twice or vanish.
func TestAckAloneChangesNoBalance(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 2)
	c.apply(0, has(ann, 1, 10))
	c.apply(1)
	require.Equal(t, int64(12), c.sees(ann))
	require.Zero(t, c.waits())
	c.apply(1, has(ann, 2, 12))
	require.Equal(t, int64(12), c.sees(ann))
}

func TestOlderRowIsIgnored(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	c.apply(1, has(ann, 5, 6))
	c.apply(1, has(ann, 4, 5))
	require.Equal(t, int64(6), c.sees(ann), "an older position")
	c.apply(0, has(ann, 6, 5))
	require.Equal(t, int64(6), c.sees(ann), "a row without an own entry that the base has")
	require.Equal(t, 1, c.waits(), "which the centre lost, and gets again")
	c.stamp(ben, 1)
	c.apply(0, has(ben, 7, 50))
	require.Equal(t, int64(51), c.sees(ben), "a row that lacks other holders' entries only")
	c.apply(2, has(ann, 8, 6), has(ben, 9, 51))
	require.Equal(t, int64(6), c.sees(ann))
	require.Equal(t, int64(51), c.sees(ben))
	require.Zero(t, c.waits())
}

func TestOwnEntryStaysBeforeItsRow(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	c.stamp(ben, 1)
	c.stamp(ann, 1)
	c.apply(2, has(ann, 1, 1))
	require.Equal(t, int64(2), c.sees(ann))
	require.Equal(t, int64(1), c.sees(ben))
	c.apply(3)
	require.Equal(t, int64(2), c.sees(ann))
	c.apply(3, has(ben, 2, 1), has(ann, 3, 2))
	require.Equal(t, int64(2), c.sees(ann))
	require.Equal(t, int64(1), c.sees(ben))
}

// The ack's place in the journal is counted over all incarnations, to the first
// that is not there whole. Each step says how many entries then wait; the journal
// has 3 of incarnation 1, 2 of 3, and 1 of 4, after which 5 wrote nothing.
func TestAcks(t *testing.T) {
	type acks map[pos.Incarnation]uint64
	for name, steps := range map[string][]struct {
		acks  acks
		waits int
	}{
		"in order":                      {{acks{1: 2}, 4}, {acks{1: 3}, 3}, {acks{1: 3, 3: 1}, 2}, {acks{3: 2, 4: 1}, 0}},
		"all at once":                   {{acks{1: 3, 3: 2, 4: 1}, 0}},
		"the first is not whole":        {{acks{1: 2, 3: 2, 4: 1}, 4}},
		"the middle is not whole":       {{acks{1: 3, 3: 1, 4: 1}, 2}},
		"the first not asked about":     {{acks{3: 2, 4: 1}, 6}},
		"a later one not asked about":   {{acks{1: 3}, 3}, {acks{1: 3, 4: 1}, 3}},
		"nothing asked about":           {{acks{1: 2}, 4}, {acks{}, 4}},
		"more than there is":            {{acks{1: 1 << 63, 3: 1<<64 - 1, 4: 99, 5: 7, 6: 1}, 0}},
		"lost with the disk":            {{acks{1: 3, 3: 2, 4: 1}, 0}, {acks{4: 0}, 1}, {acks{3: 1, 4: 0}, 2}, {acks{3: 0}, 3}, {acks{1: 0, 3: 0}, 6}},
		"lost in the first incarnation": {{acks{1: 3}, 3}, {acks{1: 1}, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			for _, entries := range []int{3, 0, 2, 1} {
				for range entries {
					c.stamp(ann, 1)
				}
				c.restart()
			}
			for _, step := range steps {
				page := ledger.Page{}
				for incarnation, seq := range step.acks {
					page.Acks = append(page.Acks, ledger.Ack{Incarnation: incarnation, Seq: seq})
				}
				c.page(page)
				require.Equal(t, step.waits, c.waits(), "%v", step.acks)
				require.Equal(t, int64(6), c.sees(ann))
			}
		})
	}
}

// A centre that lost all of the incarnation of the last acknowledged entry may
// have lost some before it. Until the till knows, its rows are not believed.
func TestCentreLostMore(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	c.restart()
	c.stamp(ben, 1)
	page := func(cursor uint64, acks []ledger.Ack, changed ...ledger.Changed) {
		c.page(ledger.Page{At: noon.UnixMilli(), Acks: acks, Changed: changed, Cursor: cursor})
	}
	cursor := func() uint64 {
		box, err := c.till.Outbox(1, 1)
		require.NoError(t, err)
		return box.Cursor
	}
	page(9, []ledger.Ack{{Incarnation: 1, Seq: 1}, {Incarnation: 2, Seq: 1}}, has(ann, 8, 1), has(ben, 9, 1))
	require.Zero(t, c.waits())
	page(20, []ledger.Ack{{Incarnation: 2, Seq: 0}}, has(ann, 20, 0))
	require.Equal(t, int64(1), c.sees(ann))
	require.Equal(t, uint64(9), cursor(), "the row must come again")
	require.Equal(t, 1, c.waits())
	page(20, []ledger.Ack{{Incarnation: 1, Seq: 0}, {Incarnation: 2, Seq: 0}}, has(ann, 20, 0))
	require.Equal(t, int64(1), c.sees(ann))
	require.Equal(t, 2, c.waits())
	page(22, []ledger.Ack{{Incarnation: 1, Seq: 1}, {Incarnation: 2, Seq: 1}}, has(ann, 21, 1), has(ben, 22, 1))
	require.Equal(t, int64(1), c.sees(ann))
	require.Equal(t, int64(1), c.sees(ben))
	require.Zero(t, c.waits())
	require.Equal(t, uint64(22), cursor())
}

func TestOutbox(t *testing.T) {
	c := newCounter(t)
	require.NoError(t, c.till.SetRoster(pos.Roster{Version: 8}))
	var raw [][]byte
	for i := range 6 {
		raw = append(raw, c.stamp(ann, 1).Raw)
		if i == 3 {
			c.restart()
		}
	}
	size := len(raw[0])
	box := func(maxEntries, maxBytes int) ledger.Outbox {
		box, err := c.till.Outbox(maxEntries, maxBytes)
		require.NoError(t, err)
		return box
	}
	require.Equal(t, ledger.Outbox{Entries: raw, Open: []pos.Incarnation{1, 2}, Roster: 8, Waiting: 6}, box(100, 1e6))
	require.Equal(t, ledger.Outbox{Entries: raw[:2], Open: []pos.Incarnation{1, 2}, Roster: 8, Waiting: 6}, box(2, 1e6))
	require.Equal(t, raw[:3], box(100, 3*size+2*size/3).Entries)
	require.Equal(t, raw[:1], box(0, 0).Entries, "one always gets through")
	c.page(ledger.Page{Acks: []ledger.Ack{{Incarnation: 1, Seq: 4}}, Cursor: 77})
	require.Equal(t, ledger.Outbox{Entries: raw[4:5], Open: []pos.Incarnation{1, 2}, Cursor: 77, Roster: 8, Waiting: 2}, box(1, 1e6))
	c.page(ledger.Page{Acks: []ledger.Ack{{Incarnation: 1, Seq: 4}, {Incarnation: 2, Seq: 2}}, Cursor: 70})
	require.Equal(t, ledger.Outbox{Open: []pos.Incarnation{2}, Cursor: 70, Roster: 8}, box(1, 1e6))
}

func TestProfilesWait(t *testing.T) {
	c := newCounter(t)
	waiting := func() []pos.Profile {
		box, err := c.till.Outbox(100, 1e6)
		require.NoError(t, err)
		w, err := c.till.Waiting()
		require.NoError(t, err)
		require.Equal(t, len(box.Profiles), w.Profiles)
		return box.Profiles
	}
	first, second, other := person(ann, "Ann", 1), person(ann, "Anna", 2), person(ben, "Ben", 1)
	require.NoError(t, c.till.SaveProfile(first))
	require.NoError(t, c.till.SaveProfile(first))
	require.NoError(t, c.till.SaveProfile(other))
	require.Equal(t, []pos.Profile{first, other}, waiting())
	require.NoError(t, c.till.SaveProfile(second))
	c.page(ledger.Page{}, first, other)
	require.Equal(t, []pos.Profile{second}, waiting(), "changed since it was sent")
	c.page(ledger.Page{}, second, person(cleo, "Cleo", 1))
	require.Empty(t, waiting())

	for i := range 10 {
		require.NoError(t, c.till.SaveProfile(person(pos.HolderID{9, byte(i)}, "P", 1)))
	}
	c.stamp(ann, 1)
	box, err := c.till.Outbox(3, 1e6)
	require.NoError(t, err)
	require.Len(t, box.Profiles, 3)
	box, err = c.till.Outbox(100, 0)
	require.NoError(t, err)
	require.Len(t, box.Profiles, 1)
	require.Len(t, box.Entries, 1)
	w, err := c.till.Waiting()
	require.NoError(t, err)
	require.Equal(t, 11, w.Total())
}

func TestProfilesOfAPage(t *testing.T) {
	c := newCounter(t)
	row := func(p pos.Profile, position uint64) ledger.Changed {
		return ledger.Changed{Holder: p.Holder, Position: position, Profile: &p}
	}
	is := func(want string) {
		t.Helper()
		p, err := c.till.Profile(ann)
		require.NoError(t, err)
		require.Equal(t, want, p.Name)
		found, err := c.till.ByName(pos.Fold(want), 1)
		require.NoError(t, err)
		require.Len(t, found, 1)
		c.sound()
	}
	unsent := func() int {
		w, err := c.till.Waiting()
		require.NoError(t, err)
		return w.Profiles
	}
	c.apply(0, row(person(ann, "Ann", 5), 1))
	is("Ann")
	require.Zero(t, unsent(), "the centre has it")
	c.apply(0, row(person(ann, "Older", 4), 2))
	is("Ann")
	require.Equal(t, 1, unsent(), "the centre has lost it")
	c.page(ledger.Page{}, person(ann, "Ann", 5))
	require.Zero(t, unsent())
	c.apply(0, has(ann, 2, 1), has(ben, 2, 1))
	require.Equal(t, 1, unsent(), "it lost all it knew of her")
	require.NoError(t, c.till.SaveProfile(person(ann, "Anna", 6)))
	c.apply(0, row(person(ann, "Ann", 5), 3))
	is("Anna")
	require.Equal(t, 1, unsent())
	c.apply(0, row(person(ann, "Anna", 6), 4))
	require.Zero(t, unsent(), "it came back")
	require.NoError(t, c.till.SaveProfile(person(ann, "Annabel", 7)))
	c.apply(0, row(person(ann, "Annika", 8), 1))
	is("Annika")
	require.Zero(t, unsent(), "it gave way to a newer one, on a row with an older balance too")
	stolen := person(ben, "Ben", 9)
	c.apply(0, ledger.Changed{Holder: ann, Position: 5, Profile: &stolen})
	is("Ben")
	_, err := c.till.Profile(ben)
	require.ErrorIs(t, err, station.ErrNotFound)
}

func TestPageMeta(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	asOf := func() time.Time {
		view, err := c.till.View(ann)
		require.NoError(t, err)
		return view.AsOf
	}
	require.Zero(t, asOf())
	roster := pos.Roster{Version: 2, Shop: pos.Shop{Name: "S"}}
	at := func(minutes int) int64 { return noon.Add(time.Duration(minutes) * time.Minute).UnixMilli() }
	c.page(ledger.Page{At: at(0), Changed: []ledger.Changed{has(ann, 1, 1)}, Cursor: 1, Roster: &roster, More: true})
	got, err := c.till.Roster()
	require.NoError(t, err)
	require.Equal(t, roster, got)
	c.page(ledger.Page{At: at(1), Cursor: 2, More: true})
	require.Equal(t, noon, asOf(), "there may be news of her behind the page")
	c.page(ledger.Page{At: at(2), Cursor: 2})
	require.Equal(t, noon.Add(2*time.Minute), asOf(), "there is none, so she is as she was")
	w, err := c.till.Waiting()
	require.NoError(t, err)
	require.Equal(t, station.Waiting{Entries: 1, Oldest: noon.Add(time.Millisecond), LastSync: noon.Add(2 * time.Minute), Enrolled: true}, w)
	got, err = c.till.Roster()
	require.NoError(t, err)
	require.Equal(t, roster, got)
}

// A backlog of many pages is acknowledged at once, or bit by bit; the journal is
// the same, and work goes on.
func TestBacklogIsAcknowledged(t *testing.T) {
	for name, acks := range map[string][]uint64{"at once": {120}, "bit by bit": {1, 50, 119, 120}} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			for range 120 {
				c.hand(ann, 1, pos.By{Kind: pos.ByFloor})
			}
			before := journal(t, c.till)
			for i, seq := range acks {
				c.apply(seq, has(ann, uint64(i+1), -int64(seq)))
				require.Equal(t, 120-int(seq), c.waits())
				require.Equal(t, int64(-120), c.sees(ann))
				require.Len(t, c.moment(ann).Window, 120-int(seq))
				require.Equal(t, before, journal(t, c.till))
			}
			require.Equal(t, uint64(121), c.stamp(ann, 1).Number)
			first, err := c.till.Entry(before[0].Entry.ID)
			require.NoError(t, err)
			require.Equal(t, before[0], first)
			c.restart()
			require.Equal(t, before, journal(t, c.till)[:120])
		})
	}
}

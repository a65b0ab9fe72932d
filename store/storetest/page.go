package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// While a till's stamps come in one by one, each page must show exactly as many
// as it acknowledges.
func oneTransaction(t *testing.T, b *bench) {
	a := b.till(north)
	const n = 60
	for range n {
		a.stamp(ann)
	}
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range n {
			if err := b.db.Take(a.Terminal, ledger.Sent{Entries: a.raw[i : i+1]}, b.now); err != nil {
				t.Error(err)
			}
		}
	})
	for acked := uint64(0); acked < n && !t.Failed(); {
		page := a.page(a.incarnation)
		acked = page.Acks[0].Seq
		stamped := int64(0)
		for _, c := range page.Changed {
			stamped += c.Sums.Balance(stamps, today)
		}
		require.Equal(t, int64(acked), stamped)
	}
	writing.Wait()
}

func more(t *testing.T, b *bench) {
	a := b.till(north)
	for _, holder := range []pos.HolderID{ann, ben, cleo, ann} {
		a.stamp(holder)
		a.send(len(a.raw)-1, len(a.raw))
	}
	cursor := uint64(0)
	for i, want := range []pos.HolderID{ben, cleo, ann} {
		page, err := b.db.Page(a.Terminal, a.ask(cursor, 1))
		require.NoError(t, err)
		require.Len(t, page.Changed, 1)
		require.Equal(t, want, page.Changed[0].Holder)
		require.Equal(t, i < 2, page.More)
		cursor = page.Cursor
	}
	page, err := b.db.Page(a.Terminal, a.ask(0, 0, a.incarnation))
	require.NoError(t, err)
	require.True(t, page.More)
	require.Empty(t, page.Changed)
	require.Zero(t, page.Cursor)
	require.Equal(t, uint64(4), page.Acks[0].Seq)
}

// A server that was set back to a backup gives out positions above those that
// are lost, so that no till takes its news for old; and a cursor that it never
// gave out starts from the beginning.
func positionsGrow(t *testing.T, b *bench) {
	a := b.till(north)
	require.Zero(t, a.page().Cursor)
	a.stamp(ann)
	a.sendAll()
	first := a.page()
	require.Equal(t, first.Changed[0].Position, first.Cursor)
	for range 50 { // in the same moment, and lost with the disk
		a.stamp(ben)
	}
	a.sendAll()
	lost := a.page().Cursor
	require.Greater(t, lost, first.Cursor)

	restored := b.till(south) // an area with less in it stands for the backup
	restored.stamp(ann)
	restored.sendAll()
	page, err := b.db.Page(restored.Terminal, restored.ask(lost, 10))
	require.NoError(t, err)
	require.Len(t, page.Changed, 1)
	require.Less(t, page.Cursor, lost)
	b.now = b.now.Add(time.Second)
	restored.stamp(ann)
	restored.sendAll()
	require.Greater(t, restored.page().Cursor, lost)
	b.now = b.now.Add(-time.Hour) // a clock that is set back does not set positions back
	before := restored.page().Cursor
	restored.stamp(ann)
	restored.sendAll()
	require.Equal(t, before+1, restored.page().Cursor)
}

func newerProfile(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	profile := func(name string, changed int64, by *till) pos.Profile {
		return pos.Profile{
			Holder: ann, Codes: []string{"TC1"}, Name: name, Changed: changed, ChangedBy: by.ID,
			Consents: map[string]int64{"mail": 5}, Birthday: pos.Birthday{Month: 2, Day: 29}, Fields: map[string]string{"dog": "Rex"},
		}
	}
	take := func(by *till, p pos.Profile) {
		require.NoError(t, b.db.Take(by.Terminal, ledger.Sent{Profiles: []pos.Profile{p}}, b.now))
	}
	take(a, profile("Ann", 5, a))
	page := a.page()
	require.Equal(t, profile("Ann", 5, a), *page.Changed[0].Profile)
	take(other, profile("Old", 4, other))
	take(a, profile("Ann", 5, a))
	require.Equal(t, page, a.page(), "nothing is new")
	take(other, profile("Anne", 6, other))
	changed := a.page().Changed
	require.Len(t, changed, 1)
	require.Equal(t, "Anne", changed[0].Profile.Name)
	require.Greater(t, changed[0].Position, page.Cursor)
	a.stamp(ann)
	require.NoError(t, b.db.Take(a.Terminal, ledger.Sent{Entries: a.raw, Profiles: []pos.Profile{profile("Anna", 7, a)}}, b.now))
	require.Equal(t, "Anna", a.page().Changed[0].Profile.Name)
	require.Equal(t, int64(1), b.balance(north, ann, stamps))
}

func areasApart(t *testing.T, b *bench) {
	a, far := b.till(north), b.till(south)
	a.stamp(ann)
	given := far.write(ann, pos.Posting{Account: stamps, Amount: 3})
	a.write(ann, reversal(given, 0, -3))
	a.sendAll()
	far.sendAll()
	require.Equal(t, int64(1), b.balance(north, ann, stamps))
	require.Equal(t, int64(3), b.balance(south, ann, stamps))
	require.Len(t, far.page().Changed, 1)
	require.Zero(t, b.balance("nowhere", ann, stamps))
	counts, err := b.db.Count("nowhere")
	require.NoError(t, err)
	require.Zero(t, counts)
}

func restartKeepsAll(t *testing.T, b *bench) {
	a := b.till(north)
	require.NoError(t, b.db.AddCashier(pos.Cashier{ID: "ida", Name: "Ida"}))
	require.NoError(t, b.db.Publish(pos.Published{Document: []byte("one"), From: 1}))
	for range 3 {
		a.stamp(ann)
	}
	a.raw[1] = a.raw[1][1:]
	a.sendAll()
	require.NoError(t, b.db.Take(a.Terminal, ledger.Sent{Profiles: []pos.Profile{{Holder: ben, Name: "Ben", Changed: 1}}}, b.now))
	page, reasons := a.page(a.incarnation), b.reasons()
	require.Len(t, page.Changed, 2)
	require.Len(t, reasons, 1)
	require.NotNil(t, page.Roster)
	b.db = b.reopen()
	require.Equal(t, page, a.page(a.incarnation))
	require.Equal(t, reasons, b.reasons())
	terminal, err := b.db.Terminal(a.ID)
	require.NoError(t, err)
	require.Equal(t, a.Terminal, terminal)
	a.stamp(ann)
	a.sendAll()
	require.Equal(t, int64(3), b.balance(north, ann, stamps))
}

// toldAtOnce hands in batches and compares what is told in the same transaction with the
// page that is asked for behind it: for one till after the other, with leases, profiles, a
// roster that is not known, and pages that are too small.
func toldAtOnce(t *testing.T, b *bench) {
	b.lending("1")
	db, tells := b.db.(interface {
		TakeAndTell(pos.Terminal, ledger.Sent, *ledger.PageAsk, time.Time) (*ledger.Page, error)
	})
	require.True(t, tells)
	tills := []*till{b.till(north), b.till(north)}
	cursors := make([]uint64, len(tills))
	for i := range 12 {
		b.now = b.now.Add(time.Minute)
		till := tills[i%2]
		from := len(till.raw)
		till.write(ann, pos.Posting{Account: stamps, Amount: 4})
		if i%3 == 0 {
			till.stamp(ben)
			till.stamp(cleo)
		}
		sent := ledger.Sent{Entries: till.raw[from:], Cursor: cursors[i%2]}
		if i%4 == 0 {
			sent.Profiles = []pos.Profile{{Holder: ben, Name: "Ben", Changed: b.now.UnixMilli(), ChangedBy: till.ID}}
		}
		ask := till.ask(cursors[i%2], 1+i%3, till.incarnation, till.incarnation+1)
		told, err := db.TakeAndTell(till.Terminal, sent, &ask, b.now)
		require.NoError(t, err)
		require.NotNil(t, told)
		asked, err := b.db.Page(till.Terminal, ask)
		require.NoError(t, err)
		require.Equal(t, asked, *told)
		require.Equal(t, uint64(len(till.raw)), told.Acks[0].Seq)
		require.NotEmpty(t, told.Changed)
		if i%5 > 0 {
			cursors[i%2] = told.Cursor
		}
	}
}

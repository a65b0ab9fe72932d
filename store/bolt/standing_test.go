package bolt_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
)

func minutes(n int) int64 { return noon.Add(time.Duration(n) * time.Minute).UnixMilli() }

// What was handed out without a lease counts until the centre has it and the till
// has all that the centre knew then.
func TestWindow(t *testing.T) {
	c := newCounter(t)
	var want []rules.Handed
	hand := func(holder pos.HolderID, n int64) station.Record {
		want = append(want, rules.Handed{Holder: holder, Account: stamps, Amount: n, Reward: "coffee"})
		return c.hand(holder, n, pos.By{Kind: pos.ByFloor})
	}
	is := func() {
		t.Helper()
		require.Equal(t, want, c.moment(cleo).Window)
		c.sound()
	}
	page := func(at int, seq uint64, more bool) {
		c.page(ledger.Page{At: minutes(at), Acks: []ledger.Ack{{Incarnation: c.incarnation, Seq: seq}}, More: more})
	}
	c.stamp(ann, 30)
	first := hand(ann, 10)
	hand(ben, 5)
	c.hand(ann, 3, pos.By{Kind: pos.ByLease, ID: leaseIDs(1)})
	c.hand(ann, 2, pos.By{Kind: pos.ByOverride, Manager: "eva"})
	is()
	c.write(ann, pos.Posting{Account: stamps, Amount: 10, Of: &first.Entry.ID})
	is() // a void gives nothing back in the same window

	page(1, 4, true)
	is() // there may be news behind the page
	page(2, 2, false)
	want = want[1:]
	is() // ben's was not reported
	page(1, 4, false)
	is() // a late page says what was, not what is
	hand(cleo, 1)
	page(3, 6, false)
	want = want[1:]
	is()
	page(200, 2, false)
	is() // the centre lost some: nothing comes back, and nothing is forgotten
	page(201, 7, false)
	want = nil
	is()
	hand(ann, 4)
	c.restart()
	require.Equal(t, want, c.moment(cleo).Window)
}

// A redemption that takes from two accounts counts for each.
func TestWindowOfTwoAccounts(t *testing.T) {
	c := newCounter(t)
	_, err := c.till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.next(m, ann,
			pos.Posting{Account: stamps, Amount: -3, Lot: pos.Lot{Until: today + 1}}, pos.Posting{Account: stamps, Amount: -4},
			pos.Posting{Account: "points", Amount: -5}, pos.Posting{Account: "points", Amount: 9})
		e.Kind, e.By = pos.Redeemed, &pos.By{Kind: pos.ByFloor}
		return e, nil
	})
	require.NoError(t, err)
	require.Equal(t, []rules.Handed{{Holder: ann, Account: stamps, Amount: 7}, {Holder: ann, Account: "points", Amount: 5}}, c.moment(ann).Window)
}

// How the till stands is what the newest page says, on every action.
func TestStanding(t *testing.T) {
	c := newLonely(t)
	require.Zero(t, c.standing())
	require.NoError(t, c.till.SetEnrolled())
	is := func(want station.Standing) {
		t.Helper()
		want.Enrolled = true
		require.Equal(t, want, c.standing())
		require.Equal(t, want, c.moment(ann).Standing)
	}
	is(station.Standing{})
	require.NoError(t, c.till.SetOffset(-90*time.Second))
	require.NoError(t, c.till.SetOffset(-90*time.Second))
	is(station.Standing{Offset: -90 * time.Second})
	c.page(ledger.Page{At: minutes(1), Frozen: true, Exceptions: 3, More: true})
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	frozen := station.Standing{Offset: -90 * time.Second, Frozen: true, Exceptions: 3, LastSync: at(1)}
	is(frozen)
	c.page(ledger.Page{At: minutes(0)})
	is(frozen)
	c.restart()
	is(frozen)
	c.page(ledger.Page{At: minutes(2), Exceptions: 1})
	is(station.Standing{Offset: -90 * time.Second, Exceptions: 1, LastSync: at(2)})
	c.page(ledger.Page{At: minutes(-300)})
	is(station.Standing{Offset: -90 * time.Second, LastSync: at(-300)}) // the centre's clock was set back
}

// Of a page for a till that is shut out only the acks count.
func TestRevoked(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	c.hand(ann, 1, pos.By{Kind: pos.ByFloor})
	require.NoError(t, c.till.SaveProfile(person(ann, "Ann", 1)))
	c.page(ledger.Page{At: minutes(0), Cursor: 5, Changed: []ledger.Changed{has(ben, 5, 1)}, Exceptions: 2, Frozen: true})
	roster := pos.Roster{Version: 4}
	c.page(ledger.Page{
		At: minutes(1), Revoked: true, Acks: []ledger.Ack{{Incarnation: 1, Seq: 2}}, Cursor: 9,
		Changed: []ledger.Changed{has(ben, 9, 99)}, Roster: &roster,
	}, person(ann, "Ann", 1))
	require.Equal(t, station.Standing{Enrolled: true, Revoked: true, Frozen: true, Exceptions: 2, LastSync: noon.Add(time.Minute)}, c.moment(ann).Standing)
	require.Equal(t, int64(1), c.sees(ben))
	require.Len(t, c.moment(ann).Window, 1)
	box, err := c.till.Outbox(9, 1e6)
	require.NoError(t, err)
	require.Equal(t, ledger.Outbox{Profiles: []pos.Profile{person(ann, "Ann", 1)}, Open: []pos.Incarnation{1}, Cursor: 5, Held: 1}, box)
	view, err := c.till.View(ben)
	require.NoError(t, err)
	require.Equal(t, noon, view.AsOf)
	c.page(ledger.Page{At: minutes(0), Acks: []ledger.Ack{{Incarnation: 1, Seq: 2}}})
	require.True(t, c.standing().Revoked, "an older page")
	c.page(ledger.Page{At: minutes(2), Acks: []ledger.Ack{{Incarnation: 1, Seq: 2}}})
	require.False(t, c.standing().Revoked, "a manager let it in again")
	require.Empty(t, c.moment(ann).Window)
}

// A centre that has more of an incarnation than the till shows that the disk was
// set back. The till freezes itself until the centre has seen where the journals
// part; then it is the centre that says so.
func TestRolledBack(t *testing.T) {
	c := newCounter(t)
	page := func(at int, frozen bool, acks ...ledger.Ack) {
		c.page(ledger.Page{At: minutes(at), Acks: acks, Frozen: frozen})
	}
	c.stamp(ann, 1)
	c.stamp(ann, 1)
	page(1, false, ledger.Ack{Incarnation: 1, Seq: math.MaxUint64})
	require.False(t, c.standing().Frozen, "which says no more than all of it")
	page(2, false, ledger.Ack{Incarnation: 1, Seq: 3})
	require.True(t, c.standing().Frozen)
	require.True(t, c.moment(ann).Standing.Frozen)
	c.restart()
	require.True(t, c.standing().Frozen)
	page(3, false, ledger.Ack{Incarnation: 1, Seq: 3})
	c.stamp(ann, 1)
	page(4, false, ledger.Ack{Incarnation: 1, Seq: 3}, ledger.Ack{Incarnation: 2, Seq: 0})
	require.True(t, c.standing().Frozen, "the centre has nothing from behind the fork")
	page(5, true, ledger.Ack{Incarnation: 1, Seq: 3}, ledger.Ack{Incarnation: 2, Seq: 1})
	require.True(t, c.standing().Frozen, "now it says so itself")
	page(6, false, ledger.Ack{Incarnation: 2, Seq: 1})
	require.False(t, c.standing().Frozen, "and a manager settled it")
}

// A till whose file is a backup redeems nothing before it has heard all news.
func TestRestoredMark(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	c.restart()
	c.stamp(ann, 1)
	require.NoError(t, c.till.Close())
	require.NoError(t, bolt.MarkRestored(c.path, noon))
	c.open()
	restored := func(want bool) {
		t.Helper()
		require.Equal(t, want, c.standing().Restored)
		require.Equal(t, want, c.moment(ann).Standing.Restored)
	}
	restored(true)
	both := []ledger.Ack{{Incarnation: 1, Seq: 1}, {Incarnation: 2, Seq: 1}}
	c.page(ledger.Page{At: minutes(1), Acks: both, More: true})
	restored(true)
	c.page(ledger.Page{At: minutes(2), Acks: both[:1]})
	restored(true) // which answers an older outbox
	c.page(ledger.Page{At: minutes(2), Acks: both, Revoked: true})
	restored(true)
	c.restart()
	restored(true)
	c.page(ledger.Page{At: minutes(3), Acks: both})
	restored(false)

	lonely := newLonely(t)
	require.NoError(t, lonely.till.Close())
	require.NoError(t, bolt.MarkRestored(lonely.path, noon))
	lonely.open()
	require.False(t, lonely.standing().Restored, "there is nobody to ask")
	require.NoError(t, lonely.till.SetEnrolled())
	require.True(t, lonely.standing().Restored)
}

// What a cashier asked of the centre goes with every outbox until a page answers
// one that had it.
func TestWants(t *testing.T) {
	c := newCounter(t)
	wants := func() []pos.HolderID {
		box, err := c.till.Outbox(1, 1)
		require.NoError(t, err)
		return box.Wants
	}
	require.Empty(t, wants())
	c.till.Want(ann)
	c.till.Want(ben)
	c.till.Want(ann)
	require.Equal(t, []pos.HolderID{ann, ben}, wants())
	require.Equal(t, []pos.HolderID{ann, ben}, wants(), "the line was down")
	c.till.Want(cleo)
	c.apply(0)
	require.Equal(t, []pos.HolderID{cleo}, wants())
	c.apply(0)
	require.Empty(t, wants())
	for i := range 150 {
		c.till.Want(pos.HolderID{byte(i), 1})
	}
	got := wants()
	require.Len(t, got, 100)
	require.Equal(t, pos.HolderID{149, 1}, got[99])
}

func TestHeld(t *testing.T) {
	c := newCounter(t)
	held := func() int {
		box, err := c.till.Outbox(1, 1)
		require.NoError(t, err)
		return box.Held
	}
	c.stamp(ann, 1)
	require.Zero(t, held())
	c.apply(1, has(ann, 1, 1), has(ben, 2, 1))
	require.Equal(t, 2, held())
	c.apply(1, has(ann, 3, 1), has(cleo, 4, 1))
	require.Equal(t, 3, held())
}

// How often a PIN was wrong outlives the process.
func TestTries(t *testing.T) {
	c := newLonely(t)
	try := func(cashier pos.CashierID, want, next station.Tries) {
		t.Helper()
		require.NoError(t, c.till.Try(cashier, func(tries station.Tries) (station.Tries, error) {
			require.Equal(t, want, tries)
			return next, nil
		}))
	}
	try("ida", station.Tries{}, station.Tries{Failed: 1, Last: 5})
	try("eva", station.Tries{}, station.Tries{})
	c.restart()
	no := errors.New("no")
	require.Same(t, no, c.till.Try("ida", func(station.Tries) (station.Tries, error) { return station.Tries{Failed: 9}, no }))
	require.PanicsWithValue(t, "mine", func() {
		_ = c.till.Try("ida", func(station.Tries) (station.Tries, error) { panic("mine") })
	})
	try("ida", station.Tries{Failed: 1, Last: 5}, station.Tries{Failed: 2, Last: 6})
	c.sound()
	try("ida", station.Tries{Failed: 2, Last: 6}, station.Tries{})
	try("ida", station.Tries{}, station.Tries{})
}

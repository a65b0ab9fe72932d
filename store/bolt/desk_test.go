package bolt_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

const cupProgram = `
title = "Test"
[[card]]
id = "coffee"
size = 10
[[reward]]
id = "cup"
card = "coffee"
[offline]
leases = 1
`

var serverTerminal = pos.TerminalID{0x5e}

// head is a server with one store, one till and a desk of its own.
type head struct {
	t     *testing.T
	path  string
	book  *central.Book
	desk  *central.Desk
	till  *counter
	is    pos.Terminal
	clock time.Time
}

func newHead(t *testing.T) *head {
	c := &head{t: t, path: filepath.Join(t.TempDir(), "central.db"), clock: noon}
	c.open()
	require.NoError(t, c.book.AddStore(pos.Shop{Name: "S", Store: "s", Area: "north", Currency: "EUR", Timezone: "America/New_York"}))
	require.NoError(t, c.book.Publish(pos.Published{Document: []byte(cupProgram), From: 1}))
	require.NoError(t, c.book.AddTerminal("till", "s", "code", noon.Add(time.Hour)))
	var err error
	c.is, err = c.book.Enrol("code", make(ed25519.PublicKey, ed25519.PublicKeySize), noon)
	require.NoError(t, err)
	c.till = &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: c.is.ID}
	c.till.open()
	t.Cleanup(func() {
		found, err := c.book.Check()
		require.NoError(t, err)
		require.Empty(t, found)
		require.NoError(t, c.book.Close())
		require.NoError(t, c.till.till.Close())
	})
	return c
}

func (c *head) open() {
	var err error
	c.book, err = bolt.OpenCentral(c.path, [32]byte{1})
	require.NoError(c.t, err)
	c.desk = c.book.Desk("north", serverTerminal)
}

// restart ends the server's process and begins the next.
func (c *head) restart() {
	require.NoError(c.t, c.book.Close())
	c.open()
}

// gives has the till give stamps and tell the centre.
func (c *head) gives(holder pos.HolderID, n int64) {
	c.till.stamp(holder, n)
	box, err := c.till.till.Outbox(1000, 1e6)
	require.NoError(c.t, err)
	require.NoError(c.t, c.book.Take(c.is, ledger.Sent{Entries: box.Entries}, c.clock))
}

func (c *head) station() *station.Station {
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(c.t, err)
	currency, _ := pos.CurrencyOf("EUR")
	return &station.Station{
		Journal: c.desk, Joint: c.desk, Members: c.desk, Office: c.desk, Shelf: c.desk, Terminal: serverTerminal,
		Now: func() time.Time { return c.clock }, Random: rand.Reader, Store: "s", Zone: zone, Currency: currency,
	}
}

func (c *head) office() *office.Office {
	return &office.Office{Book: c.book, Terminal: serverTerminal, Now: func() time.Time { return c.clock }, Random: rand.Reader, Zone: time.UTC}
}

func (c *head) balance(holder pos.HolderID) int64 {
	sums, err := c.book.Balance("north", holder, today)
	require.NoError(c.t, err)
	return sums.Balance(stamps, today)
}

// parallel runs try many times at once and returns how often it succeeded. Any
// error but a problem fails the test.
func parallel(t *testing.T, times int, try func() error) int {
	var done atomic.Int64
	var all sync.WaitGroup
	for range times {
		all.Go(func() {
			err := try()
			if err == nil {
				done.Add(1)
				return
			}
			if _, ok := errors.AsType[*pos.Problem](err); !ok {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return int(done.Load())
}

// However many ask at once at the centre, one balance is handed out once.
func TestDeskHandsOutOnce(t *testing.T) {
	c := newHead(t)
	s := c.station()
	done, err := s.Enrol("ida", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	holder := done.Member.Profile.Holder
	_, err = s.Stamp("ida", holder, "", 49)
	require.NoError(t, err)
	_, err = s.Stamp("ida", holder, "", 24)
	require.NoError(t, err)
	require.Equal(t, 7, parallel(t, 20, func() error {
		_, err := s.Redeem("ida", holder, "cup")
		return err
	}))
	require.Equal(t, int64(3), c.balance(holder))
	open, err := c.book.Exceptions("north", true)
	require.NoError(t, err)
	require.Empty(t, open)
}

// What is lent to a till is not the centre's to hand out: the decision sees it, in
// the transaction that books.
func TestDeskSeesWhatIsLent(t *testing.T) {
	c := newHead(t)
	c.gives(ann, 35)
	view, err := c.desk.View(ann)
	require.NoError(t, err)
	require.Equal(t, ledger.Sums{{Account: stamps, Amount: 35}}, view.Sums)
	require.Equal(t, ledger.Sums{{Account: stamps, Amount: 10}}, view.Lent)
	var nonce atomic.Uint64
	require.Equal(t, 2, parallel(t, 20, func() error {
		_, err := c.desk.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
			postings, err := m.View.Sums.Less(m.View.Lent).Spend(stamps, 10, today)
			if err != nil {
				return pos.Entry{}, pos.Refuse("redeem.stamps")
			}
			return pos.Entry{
				V: pos.Version, ID: pos.EntryID{Terminal: serverTerminal, Incarnation: 5, Seq: m.Tail.Seq + 1}, Nonce: nonce.Add(1),
				At: noon.UnixMilli(), Day: today, Kind: pos.Redeemed, Holder: ann, Postings: postings, Prev: m.Tail.Head,
			}, nil
		})
		return err
	}))
	require.Equal(t, int64(15), c.balance(ann))
}

// The same through the whole station.
func TestStationAtTheDeskLeavesLeases(t *testing.T) {
	c := newHead(t)
	c.gives(ann, 10)
	s := c.station()
	require.NoError(t, c.desk.SaveProfile(person(ann, "Ann", noon.UnixMilli())))
	_, err := s.Redeem("ida", ann, "cup")
	require.ErrorIs(t, err, pos.Refuse("redeem.lent"))
	c.gives(ann, 25)
	require.Equal(t, 2, parallel(t, 20, func() error {
		_, err := s.Redeem("ida", ann, "cup")
		return err
	}))
	require.Equal(t, int64(15), c.balance(ann))
	s.Office.Want(ann)
	leases, err := c.book.Leases("north")
	require.NoError(t, err)
	require.True(t, leases[0].Recalled)
}

// The desk's journal is one, whoever of the server writes: two stations and a
// manager, one process after the other.
func TestDeskJournal(t *testing.T) {
	c := newHead(t)
	c.gives(ann, 10)
	require.NoError(t, c.desk.SaveProfile(person(ann, "Ann Lee", noon.UnixMilli())))
	s := c.station()
	stamped := func(s *station.Station) station.Record {
		done, err := s.Stamp("ida", ann, "", 1)
		require.NoError(t, err)
		return done.Record
	}
	first := stamped(s)
	c.till.write(ben, pos.Posting{Account: stamps, Amount: -3})
	c.gives(ben, 1)
	open, err := c.book.Exceptions("north", false)
	require.NoError(t, err)
	settled, err := c.office().Settle(open[0].ID, "zoe", "ours", true)
	require.NoError(t, err)
	require.Equal(t, pos.HashEntry(first.Raw), settled.Prev)
	second := stamped(s)
	c.restart()
	s = c.station()
	third := stamped(s)
	var ids []pos.EntryID
	var numbers []uint64
	require.NoError(t, c.desk.Last(func(r station.Record) bool {
		ids, numbers = append(ids, r.Entry.ID), append(numbers, r.Number)
		return true
	}))
	require.Equal(t, []pos.EntryID{third.Entry.ID, second.Entry.ID, settled.ID, first.Entry.ID}, ids)
	require.Equal(t, []uint64{4, 3, 2, 1}, numbers)
	require.Equal(t, uint64(2), second.Entry.ID.Seq)
	again, err := c.desk.Entry(second.Entry.ID)
	require.NoError(t, err)
	require.Equal(t, second, again)
	_, err = c.desk.Entry(pos.EntryID{Terminal: serverTerminal, Incarnation: 1, Seq: 1})
	require.ErrorIs(t, err, station.ErrNotFound)

	done, err := s.Undo("ida", ann, "mistake")
	require.NoError(t, err)
	require.Equal(t, &third.Entry.ID, done.Record.Entry.Postings[0].Of)
	_, err = s.Void("ida", third.Entry.ID, "again")
	require.ErrorIs(t, err, pos.Refuse("void.twice"))
	require.Equal(t, int64(12), c.balance(ann))
}

func TestDeskMembers(t *testing.T) {
	c := newHead(t)
	s := c.station()
	done, err := s.Enrol("ida", pos.Profile{Name: "Ann Lee", Phone: "+36301234567"})
	require.NoError(t, err)
	member := done.Member.Profile
	for _, text := range []string{member.Code(), "+36301234567"} {
		found, err := s.Lookup(text)
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, member, found[0].Profile)
	}
	for prefix, want := range map[string]int{"an": 1, "lee": 1, "ann l": 1, "nn": 0, "": 0} {
		found, err := c.desk.ByName(prefix, 5)
		require.NoError(t, err)
		require.Len(t, found, want, prefix)
	}
	changed, err := s.Edit(member.Holder, func(p *pos.Profile) error { p.Phone = "+36307654321"; return nil })
	require.NoError(t, err)
	holders, err := c.desk.ByCode("+36301234567")
	require.NoError(t, err)
	require.Empty(t, holders)
	page, err := c.book.Page(c.is, ledger.PageAsk{Limit: 5, At: noon, Day: today})
	require.NoError(t, err)
	require.Equal(t, changed.Profile, *page.Changed[0].Profile, "tills hear of it")
	_, err = c.desk.Profile(cleo)
	require.ErrorIs(t, err, station.ErrNotFound)
	standing, err := c.desk.Standing()
	require.NoError(t, err)
	require.Zero(t, standing)
}

package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/report"
	"tenthcup/pos/station"
	"tenthcup/store/central"
)

// Counter is, beside what managers need, what the server does as a station of its own and
// what it knows of tills.
type Counter interface {
	Desk
	Saw(id pos.TerminalID, at time.Time, waiting uint64) error
	Desk(area pos.AreaID, terminal pos.TerminalID) *central.Desk
	Report(shop pos.StoreID, ask report.Ask) (report.Figures, error)
	Tills(area pos.AreaID) ([]office.Till, error)
}

func ofTheStation() []promise {
	return []promise{
		{"one balance is handed out once at the centre", deskHandsOutOnce},
		{"what is lent to tills is not the centre's to hand out", deskSeesWhatIsLent},
		{"a station at the centre leaves what is lent", stationLeavesLeases},
		{"the server's own journal is one, whoever writes", deskJournal},
		{"a desk finds members and tills hear of its changes", deskMembers},
		{"what all have is read to the end", allSums},
		{"what tills and the centre did is reported", reported},
		{"tills are told of with when they were here", tillsSeen},
	}
}

func (b *bench) desk() *central.Desk { return b.db.Desk(north, server) }

// station is a station at the desk, of another process each time.
func (b *bench) station() *station.Station {
	b.processes++
	desk := b.desk()
	currency, _ := pos.CurrencyOf("EUR")
	return &station.Station{
		Journal: desk, Joint: desk, Members: desk, Office: desk, Shelf: desk, Terminal: server,
		Now: func() time.Time { return b.now }, Random: &locked{from: counted{n: b.processes << 20}},
		Store: "s1", Zone: time.UTC, Currency: currency,
	}
}

// ann returns the profile of a member who enrols now.
func (b *bench) ann() pos.Profile {
	return pos.Profile{Holder: ann, Name: "Ann", Codes: []string{"TC1ANN"}, Joined: today, Changed: b.now.UnixMilli()}
}

// locked is drawn from by many at once.
type locked struct {
	mu   sync.Mutex
	from counted
}

func (l *locked) Read(into []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.from.Read(into)
}

// parallel runs try many times at once and returns how often it succeeded. Any error but a
// problem fails the test.
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
func deskHandsOutOnce(t *testing.T, b *bench) {
	b.lending("1")
	b.till(north)
	s := b.station()
	holder := must(s.Enrol("ida", pos.Profile{Name: "Ann"}))(t).Member.Profile.Holder
	for _, n := range []int64{49, 24} {
		must(s.Stamp("ida", holder, "", n))(t)
	}
	require.Equal(t, 7, parallel(t, 20, func() error {
		_, err := s.Redeem("ida", holder, "cup")
		return err
	}))
	require.Equal(t, int64(3), b.balance(north, holder, stamps))
	require.Empty(t, must(b.db.Exceptions(north, true))(t))
}

// The decision sees what is lent, in the transaction that books.
func deskSeesWhatIsLent(t *testing.T, b *bench) {
	b.lending("1")
	b.till(north).give(ann, 35)
	desk := b.desk()
	view := must(desk.View(ann))(t)
	require.Equal(t, ledger.Sums{{Account: stamps, Amount: 35}}, view.Sums)
	require.Equal(t, ledger.Sums{{Account: stamps, Amount: 10}}, view.Lent)
	var nonce atomic.Uint64
	require.Equal(t, 2, parallel(t, 20, func() error {
		_, err := desk.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
			postings, err := m.View.Sums.Less(m.View.Lent).Spend(stamps, 10, today)
			if err != nil {
				return pos.Entry{}, office.ErrUnknown // any refusal
			}
			return pos.Entry{
				V: pos.Version, ID: pos.EntryID{Terminal: server, Incarnation: 5, Seq: m.Tail.Seq + 1}, Nonce: nonce.Add(1),
				At: b.now.UnixMilli(), Day: today, Kind: pos.Redeemed, Holder: ann, Postings: postings, Prev: m.Tail.Head,
			}, nil
		})
		return err
	}))
	require.Equal(t, int64(15), b.balance(north, ann, stamps))
}

// The same through the whole station.
func stationLeavesLeases(t *testing.T, b *bench) {
	b.lending("1")
	till := b.till(north)
	till.give(ann, 10)
	s := b.station()
	require.NoError(t, b.desk().SaveProfile(b.ann()))
	_, err := s.Redeem("ida", ann, "cup")
	_, refused := errors.AsType[*pos.Problem](err)
	require.True(t, refused, "%v", err)
	require.Equal(t, int64(10), b.balance(north, ann, stamps))
	till.give(ann, 25)
	require.Equal(t, 2, parallel(t, 20, func() error {
		_, err := s.Redeem("ida", ann, "cup")
		return err
	}))
	require.Equal(t, int64(15), b.balance(north, ann, stamps))
	s.Office.Want(ann)
	require.True(t, must(b.db.Leases(north))(t)[0].Recalled)
}

// Two stations and a manager write, one process after the other.
func deskJournal(t *testing.T, b *bench) {
	b.lending("1")
	till := b.till(north)
	till.give(ann, 10)
	require.NoError(t, b.desk().SaveProfile(b.ann()))
	stamped := func(s *station.Station) station.Record { return must(s.Stamp("ida", ann, "", 1))(t).Record }
	s := b.station()
	first := stamped(s)
	till.give(ben, -3)
	settled := must(b.office().Settle(must(b.db.Exceptions(north, false))(t)[0].ID, "zoe", "ours", true))(t)
	require.Equal(t, pos.HashEntry(first.Raw), settled.Prev)
	second := stamped(s)
	b.db = b.reopen()
	s = b.station()
	third := stamped(s)
	var ids []pos.EntryID
	var numbers []uint64
	desk := b.desk()
	require.NoError(t, desk.Last(func(r station.Record) bool {
		ids, numbers = append(ids, r.Entry.ID), append(numbers, r.Number)
		return true
	}))
	require.Equal(t, []pos.EntryID{third.Entry.ID, second.Entry.ID, settled.ID, first.Entry.ID}, ids)
	require.Equal(t, []uint64{4, 3, 2, 1}, numbers)
	require.Equal(t, uint64(2), second.Entry.ID.Seq)
	require.Equal(t, second, must(desk.Entry(second.Entry.ID))(t))
	_, err := desk.Entry(pos.EntryID{Terminal: server, Incarnation: 1, Seq: 1})
	require.ErrorIs(t, err, station.ErrNotFound)

	done := must(s.Undo("ida", ann, "mistake"))(t)
	require.Equal(t, &third.Entry.ID, done.Record.Entry.Postings[0].Of)
	_, err = s.Void("ida", third.Entry.ID, "again")
	require.ErrorIs(t, err, pos.Refuse("void.twice"))
	require.Equal(t, int64(12), b.balance(north, ann, stamps))
	for range 40 { // more than is read at once
		stamped(s)
	}
	last := uint64(len(ids) + 41)
	require.NoError(t, desk.Last(func(r station.Record) bool {
		require.Equal(t, last, r.Number)
		last--
		return true
	}))
	require.Zero(t, last)
}

func deskMembers(t *testing.T, b *bench) {
	b.lending("1")
	till := b.till(north)
	s, desk := b.station(), b.desk()
	member := must(s.Enrol("ida", pos.Profile{Name: "Ann Lee", Phone: "+36301234567"}))(t).Member.Profile
	for _, text := range []string{member.Code(), "+36301234567"} {
		found := must(s.Lookup(text))(t)
		require.Len(t, found, 1)
		require.Equal(t, member, found[0].Profile)
	}
	for prefix, want := range map[string]int{"an": 1, "lee": 1, "ann l": 1, "nn": 0, "": 0} {
		require.Len(t, must(desk.ByName(prefix, 5))(t), want, prefix)
	}
	changed := must(s.Edit(member.Holder, func(p *pos.Profile) error { p.Phone = "+36307654321"; return nil }))(t)
	require.Empty(t, must(desk.ByCode("+36301234567"))(t))
	require.Equal(t, changed.Profile, *till.page().Changed[0].Profile, "tills hear of it")
	_, err := desk.Profile(cleo)
	require.ErrorIs(t, err, station.ErrNotFound)
	require.Zero(t, must(desk.Standing())(t))
}

// What tills overspent is as a connected ledger has it.
func allSums(t *testing.T, b *bench) {
	till := b.till(north)
	all := func() (holders int, n int64) {
		require.NoError(t, b.desk().EachSums(func(sums ledger.Sums) bool {
			holders, n = holders+1, n+sums.Balance(stamps, today)
			return true
		}))
		return holders, n
	}
	holders, _ := all()
	require.Zero(t, holders)
	till.give(ann, 12)
	till.give(ben, 3)
	holders, n := all()
	require.Equal(t, []int64{2, 15}, []int64{int64(holders), n})
	till.write(cleo, pos.Posting{Account: stamps, Lot: pos.Lot{Until: today - 1}, Amount: -4})
	till.give(cleo, 10)
	holders, n = all()
	require.Equal(t, []int64{3, 15 + 6}, []int64{int64(holders), n})
	const many = 2100 // more than one transaction reads
	for i := range many {
		till.write(pos.HolderID{9, byte(i >> 8), byte(i)}, pos.Posting{Account: stamps, Amount: 2})
	}
	till.sendAll()
	holders, n = all()
	require.Equal(t, []int64{3 + many, 15 + 6 + 2*many}, []int64{int64(holders), n})
	seen := 0
	require.NoError(t, b.desk().EachSums(func(ledger.Sums) bool { seen++; return seen < 3 }))
	require.Equal(t, 3, seen, "it stops where it is told to")
}

func reported(t *testing.T, b *bench) {
	b.lending("1")
	one, other, far := b.till(north), b.till(north), b.till(south)
	for n, till := range []*till{one, other, far} {
		e := till.next(pos.HolderID{byte(n + 1)}, pos.Posting{Account: stamps, Amount: int64(n + 3)})
		e.Store = till.Store
		raw := must(e.Encode())(t)
		till.append(e, raw)
		till.sendAll()
	}
	require.NoError(t, b.desk().SaveProfile(b.ann()))
	must(b.station().Stamp("ida", ann, "", 1))(t)
	ask := report.Ask{From: today, To: today, Today: today}
	for range 2 {
		for shop, want := range map[pos.StoreID]int64{"": 3 + 4 + 5 + 1, one.Store: 3 + 1, other.Store: 4, far.Store: 5, "none": 0} {
			require.Equal(t, want, must(b.db.Report(shop, ask))(t).Values[stamps].Given, shop)
		}
		b.db = b.reopen()
	}
}

func tillsSeen(t *testing.T, b *bench) {
	one, other := b.till(north), b.till(north)
	b.till(south)
	require.NoError(t, b.db.Saw(one.ID, b.now, 7))
	require.NoError(t, b.db.Revoke(other.ID, "zoe", "stolen"))
	for range 2 {
		tills := must(b.db.Tills(north))(t)
		require.Len(t, tills, 2)
		for _, is := range tills {
			switch is.ID {
			case one.ID:
				require.Equal(t, office.Till{Terminal: one.Terminal, Seen: b.now.UnixMilli(), Waiting: 7}, is)
			default:
				require.Equal(t, "stolen", is.Reason)
				require.True(t, is.Revoked)
				require.Zero(t, is.Seen)
			}
		}
		b.db = b.reopen()
	}
	require.Empty(t, must(b.db.Tills("nowhere"))(t))
}

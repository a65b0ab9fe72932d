package station_test

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
)

const cafe = `
title = "Café"

[[card]]
id = "coffee"
name = "Coffee"
size = 10

[[card]]
id = "lunch"
size = 5

[points]
earn = 1
for = "1"
expire_months = 12

[[reward]]
id = "cup"
name = "Free cup"
card = "coffee"

[[reward]]
id = "cake"
name = "Cake"
points = 50
`

// clock is a terminal's clock that stands still until it is set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(span time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(span)
}

// till is a station on a real file.
type till struct {
	*station.Station
	db    *bolt.Till
	path  string
	clock *clock
}

var terminal = pos.TerminalID{7}

// open makes a till for a café in Budapest that counts in euros, on the noon of
// 22 November 2026.
func open(t *testing.T) *till {
	t.Helper()
	return reopen(t, &till{
		path:  filepath.Join(t.TempDir(), "till.db"),
		clock: &clock{at: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)},
	})
}

// reopen starts another process on the till's file.
func reopen(t *testing.T, old *till) *till {
	t.Helper()
	if old.db != nil {
		require.NoError(t, old.db.Close())
	}
	db, err := bolt.OpenTill(old.path, terminal, [32]byte{1})
	require.NoError(t, err)
	zone, err := time.LoadLocation("Europe/Budapest")
	require.NoError(t, err)
	euro, ok := pos.CurrencyOf("EUR")
	require.True(t, ok)
	s := &till{db: db, path: old.path, clock: old.clock, Station: &station.Station{
		Journal: db, Joint: db, Members: db, Office: db, Guard: db, Shelf: db, Terminal: terminal, Store: "high-street", Now: old.clock.now, Random: rand.Reader, Zone: zone, Currency: euro,
	}}
	t.Cleanup(func() {
		findings, err := db.Check()
		if err == nil { // it may be closed
			require.Empty(t, findings)
		}
		_ = db.Close()
	})
	require.NoError(t, s.Start())
	if old.db == nil {
		s.publish(t, pos.Published{Document: []byte(cafe)})
	}
	return s
}

func (s *till) publish(t *testing.T, programs ...pos.Published) {
	t.Helper()
	require.NoError(t, s.db.SetRoster(pos.Roster{
		Version:  1,
		Shop:     pos.Shop{Name: "Café", Currency: "EUR", Language: "en", Timezone: "Europe/Budapest", Country: "HU", Area: "main", Store: "center"},
		Programs: programs,
	}))
}

func (s *till) enrol(t *testing.T, name string) pos.HolderID {
	t.Helper()
	done, err := s.Enrol("robin", pos.Profile{Name: name})
	require.NoError(t, err)
	return done.Member.Profile.Holder
}

func (s *till) stamp(t *testing.T, holder pos.HolderID, n int64) station.Done {
	t.Helper()
	done, err := s.Stamp("robin", holder, "", n)
	require.NoError(t, err)
	return done
}

// journal returns the till's entries, oldest first.
func (s *till) journal(t *testing.T) []station.Record {
	t.Helper()
	latest, err := s.Latest(1 << 20)
	require.NoError(t, err)
	records := make([]station.Record, len(latest))
	for i, r := range latest {
		records[len(latest)-1-i] = r
	}
	return records
}

// refused requires the problem, and that nothing was written.
func (s *till) refused(t *testing.T, key string, do func() error) {
	t.Helper()
	before := len(s.journal(t))
	require.ErrorIs(t, do(), pos.Refuse(key))
	require.Len(t, s.journal(t), before)
}

func TestStamp(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	t.Run("9 of 10 plus 3 is a full card and 2 on the next", func(t *testing.T) {
		got := s.stamp(t, ann, 9).Member.Cards[0]
		require.Equal(t, []int64{9, 0}, []int64{got.Stamps, got.Full})
		done := s.stamp(t, ann, 3)
		got = done.Member.Cards[0]
		require.Equal(t, []int64{2, 1}, []int64{got.Stamps, got.Full})
		require.Equal(t, int64(1), done.Member.Rewards[0].Ready)
		e := done.Record.Entry
		require.Equal(t, []any{pos.Stamped, ann, pos.CashierID("robin"), pos.ProgramOf([]byte(cafe))}, []any{e.Kind, e.Holder, e.Cashier, e.Program})
		require.Equal(t, []pos.Posting{{Account: "stamp:coffee/10", Amount: 3}}, e.Postings)
	})
	t.Run("another card", func(t *testing.T) {
		done, err := s.Stamp("robin", ann, "lunch", 5)
		require.NoError(t, err)
		require.Equal(t, []int64{0, 1}, []int64{done.Member.Cards[1].Stamps, done.Member.Cards[1].Full})
		require.Equal(t, int64(2), done.Member.Cards[0].Stamps, "the first is as it was")
	})
	for name, tt := range map[string]struct {
		card    string
		n       int64
		problem string
	}{
		"a card that is not there": {"tea", 1, "stamp.card"},
		"none":                     {"", 0, "stamp.number"},
		"fewer than none":          {"", -1, "stamp.number"},
		"far too many":             {"", 1 << 40, "stamp.number"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(t, tt.problem, func() error { _, err := s.Stamp("robin", ann, tt.card, tt.n); return err })
		})
	}
	t.Run("nobody's card", func(t *testing.T) {
		_, err := s.Stamp("robin", pos.HolderID{1}, "", 1)
		require.ErrorIs(t, err, station.ErrNotFound)
	})
}

func TestEarn(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	t.Run("points for a sale, which is kept", func(t *testing.T) {
		done, err := s.Earn("robin", ann, 1299)
		require.NoError(t, err)
		require.Equal(t, pos.Points(12), *done.Member.Points)
		require.Equal(t, &pos.Sale{Amount: 1299, Currency: "EUR"}, done.Record.Entry.Sale)
		until := pos.DayOf(time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC), time.UTC)
		require.Equal(t, []pos.Posting{{Account: "points", Amount: 12, Lot: pos.Lot{Until: until}}}, done.Record.Entry.Postings)
	})
	t.Run("a sale too small for a point is still a sale", func(t *testing.T) {
		done, err := s.Earn("robin", ann, 99)
		require.NoError(t, err)
		require.Empty(t, done.Record.Entry.Postings)
		require.Equal(t, pos.Money(99), done.Record.Entry.Sale.Amount)
	})
	for name, tt := range map[string]struct {
		amount  pos.Money
		problem string
	}{"nothing": {0, "amount.positive"}, "less": {-1, "amount.positive"}, "absurdly much": {pos.MaxSale + 1, "amount.large"}} {
		t.Run(name, func(t *testing.T) {
			s.refused(t, tt.problem, func() error { _, err := s.Earn("robin", ann, tt.amount); return err })
		})
	}
	t.Run("points end with the month", func(t *testing.T) {
		s.clock.at = time.Date(2027, 11, 30, 22, 59, 59, 0, time.UTC) // a second before midnight in Budapest
		m, err := s.Member(ann)
		require.NoError(t, err)
		require.Equal(t, pos.Points(12), *m.Points)
		s.clock.pass(time.Second)
		m, err = s.Member(ann)
		require.NoError(t, err)
		require.Zero(t, *m.Points)
	})
	t.Run("a program without points", func(t *testing.T) {
		s.publish(t, pos.Published{Document: []byte("[[card]]\nid = 'tea'\nsize = 5")})
		s.refused(t, "earn.none", func() error { _, err := s.Earn("robin", ann, 100); return err })
		m, err := s.Member(ann)
		require.NoError(t, err)
		require.Nil(t, m.Points)
	})
}

func TestRedeem(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	redeem := func(reward string) error { _, err := s.Redeem("robin", ann, reward); return err }
	s.refused(t, "redeem.stamps", func() error { return redeem("cup") })
	s.refused(t, "redeem.points", func() error { return redeem("cake") })
	s.refused(t, "redeem.unknown", func() error { return redeem("tea") })

	s.stamp(t, ann, 12)
	done, err := s.Redeem("robin", ann, "cup")
	require.NoError(t, err)
	require.Equal(t, []int64{2, 0}, []int64{done.Member.Cards[0].Stamps, done.Member.Cards[0].Full})
	require.Equal(t, []any{pos.Redeemed, "cup"}, []any{done.Record.Entry.Kind, done.Record.Entry.Reward})
	s.refused(t, "redeem.stamps", func() error { return redeem("cup") })

	_, err = s.Earn("robin", ann, 5000)
	require.NoError(t, err)
	done, err = s.Redeem("robin", ann, "cake")
	require.NoError(t, err)
	require.Zero(t, *done.Member.Points, "up to the balance, and just that")
	s.refused(t, "redeem.points", func() error { return redeem("cake") })
}

// Whatever happens at the same time, a balance is spent once: seven full cards
// are seven cups.
func TestParallelRedemptionsOfOneBalance(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	s.stamp(t, ann, 50)
	s.stamp(t, ann, 25)
	errs := parallel(20, func(int) error { _, err := s.Redeem("robin", ann, "cup"); return err })
	succeeded := 0
	for _, err := range errs {
		if err == nil {
			succeeded++
			continue
		}
		require.ErrorIs(t, err, pos.Refuse("redeem.stamps"))
	}
	require.Equal(t, 7, succeeded)
	m, err := s.Member(ann)
	require.NoError(t, err)
	require.Equal(t, []int64{5, 0}, []int64{m.Cards[0].Stamps, m.Cards[0].Full})
	require.Len(t, s.journal(t), 3+7)
}

// parallel calls do n times at once and returns the errors.
func parallel(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return errs
}

// The facts that a decision used stand in its entry, so that it can be checked.
func TestSaw(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	require.Nil(t, s.journal(t)[0].Entry.Saw, "an enrolment has no facts")
	require.Equal(t, map[string]int64{"stamp:coffee/10": 0}, s.stamp(t, ann, 9).Record.Entry.Saw)
	require.Equal(t, map[string]int64{"stamp:coffee/10": 9}, s.stamp(t, ann, 3).Record.Entry.Saw)
	done, err := s.Redeem("robin", ann, "cup")
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"stamp:coffee/10": 12}, done.Record.Entry.Saw)

	t.Run("with the age of the centre's balance", func(t *testing.T) {
		require.NoError(t, s.db.SetEnrolled())
		at := s.clock.now()
		e := done.Record.Entry
		require.NoError(t, s.db.Apply(ledger.Page{
			At:      at.UnixMilli(),
			Acks:    []ledger.Ack{{Incarnation: e.ID.Incarnation, Seq: e.ID.Seq}},
			Changed: []ledger.Changed{{Holder: ann, Position: 1, Sums: ledger.Sums{{Account: "stamp:coffee/10", Amount: 4}}}},
			Cursor:  1,
		}, nil))
		s.clock.pass(90*time.Second + 700*time.Millisecond)
		done := s.stamp(t, ann, 1)
		require.Equal(t, map[string]int64{"stamp:coffee/10": 4, "age": 90}, done.Record.Entry.Saw)
		require.Equal(t, at, done.Member.AsOf)
		require.Equal(t, 1, done.Member.Unmerged)
		require.Equal(t, int64(5), done.Member.Cards[0].Stamps)
	})
}

func TestProgramSwitchesAtItsMoment(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	from := s.clock.now().Add(time.Hour)
	next := []byte("[[card]]\nid = 'coffee'\nsize = 8")
	s.publish(t, pos.Published{Document: []byte(cafe)}, pos.Published{Document: next, From: from.UnixMilli()})

	s.clock.pass(time.Hour - time.Millisecond)
	done := s.stamp(t, ann, 1)
	require.Equal(t, pos.ProgramOf([]byte(cafe)), done.Record.Entry.Program)
	s.clock.pass(time.Millisecond)
	done = s.stamp(t, ann, 1)
	require.Equal(t, pos.ProgramOf(next), done.Record.Entry.Program)
	require.Equal(t, []pos.Posting{{Account: "stamp:coffee/8", Amount: 1}}, done.Record.Entry.Postings, "a card of another size is another card")

	t.Run("by the corrected clock", func(t *testing.T) {
		require.NoError(t, s.SetOffset(-time.Hour))
		program, err := s.Program()
		require.NoError(t, err)
		require.Equal(t, pos.ProgramOf([]byte(cafe)), program.ID)
		require.NoError(t, s.SetOffset(0))
		program, err = s.Program()
		require.NoError(t, err)
		require.Equal(t, pos.ProgramOf(next), program.ID)
	})
	t.Run("none is published", func(t *testing.T) {
		s.publish(t)
		s.refused(t, "program.none", func() error { _, err := s.Stamp("robin", ann, "", 1); return err })
	})
	t.Run("one that this program cannot read", func(t *testing.T) {
		s.publish(t, pos.Published{Document: []byte(cafe)})
		s.publish(t, pos.Published{Document: []byte("[galaxy]\nid = 'gold'"), From: 1})
		done := s.stamp(t, ann, 1)
		require.Equal(t, pos.ProgramOf([]byte(cafe)), done.Record.Entry.Program, "the one before goes on deciding")
		standing, err := s.Standing()
		require.NoError(t, err)
		require.True(t, standing.Outdated)
		s.publish(t, pos.Published{Document: next, From: 2})
		require.Equal(t, pos.ProgramOf(next), s.stamp(t, ann, 1).Record.Entry.Program)
		standing, err = s.Standing()
		require.NoError(t, err)
		require.False(t, standing.Outdated)
	})
	t.Run("nothing that it can read", func(t *testing.T) {
		s.publish(t)
		s.publish(t, pos.Published{Document: []byte("[galaxy]\nid = 'gold'")})
		_, err := s.Stamp("robin", ann, "", 1)
		require.ErrorAs(t, err, new(*pos.DocumentError))
	})
}

// broken is a journal that fails where it is told to.
type broken struct {
	station.Journal
	append, view error
}

func (b *broken) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	if b.append != nil {
		return station.Record{}, b.append
	}
	return b.Journal.Append(holder, profile, decide)
}

func (b *broken) View(holder pos.HolderID) (station.View, error) {
	if b.view != nil {
		return station.View{}, b.view
	}
	return b.Journal.View(holder)
}

func TestMachineFails(t *testing.T) {
	s := open(t)
	ann := s.enrol(t, "Ann")
	disk := errors.New("disk gone")
	journal := &broken{Journal: s.Journal}
	s.Journal = journal
	t.Run("before the entry is on disk: an error, and nothing happened", func(t *testing.T) {
		journal.append = disk
		_, err := s.Stamp("robin", ann, "", 1)
		require.ErrorIs(t, err, disk)
		_, err = s.Enrol("robin", pos.Profile{Name: "Béla"})
		require.ErrorIs(t, err, disk)
		_, err = s.DayEnd("robin")
		require.ErrorIs(t, err, disk)
		journal.append = nil
		require.Len(t, s.journal(t), 1)
	})
	t.Run("after it: no error, or the cashier would do it again", func(t *testing.T) {
		journal.view = disk
		done, err := s.Stamp("robin", ann, "", 1)
		require.NoError(t, err)
		require.Equal(t, uint64(2), done.Record.Number)
		require.Equal(t, "Ann", done.Member.Profile.Name)
		journal.view = nil
		require.Len(t, s.journal(t), 2)
	})
	t.Run("no chance", func(t *testing.T) {
		s.Random = brokenRandom{disk}
		_, err := s.Stamp("robin", ann, "", 1)
		require.ErrorIs(t, err, disk)
		_, err = s.Enrol("robin", pos.Profile{Name: "Béla"})
		require.ErrorIs(t, err, disk)
		require.Len(t, s.journal(t), 2)
	})
}

type brokenRandom struct{ err error }

func (b brokenRandom) Read([]byte) (int, error) { return 0, b.err }

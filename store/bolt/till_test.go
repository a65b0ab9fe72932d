package bolt_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
)

func journal(t testing.TB, till *bolt.Till) (records []station.Record) {
	require.NoError(t, till.Last(func(r station.Record) bool {
		records = append(records, r)
		return true
	}))
	slices.Reverse(records)
	return records
}

func TestReopenKeepsAll(t *testing.T) {
	c := newLonely(t)
	roster := pos.Roster{Version: 3, Shop: pos.Shop{Name: "Kőszegi", Area: "north"}, Cashiers: []pos.Cashier{{ID: "ida", PIN: "x"}}}
	require.NoError(t, c.till.SetRoster(roster))
	p := person(ann, "Ann", 1)
	_, err := c.till.Append(ann, &p, func(m station.Moment) (pos.Entry, error) { return c.next(m, ann), nil })
	require.NoError(t, err)
	given := c.stamp(ann, 3)
	void := c.write(ann, pos.Posting{Account: stamps, Amount: -3, Of: &given.Entry.ID})
	c.stamp(ben, 2)
	before := journal(t, c.till)
	require.Len(t, before, 4)

	c.restart()
	require.Equal(t, before, journal(t, c.till))
	got, err := c.till.Roster()
	require.NoError(t, err)
	require.Equal(t, roster, got)
	again, err := c.till.Profile(ann)
	require.NoError(t, err)
	require.Equal(t, p, again)
	require.Equal(t, int64(0), c.sees(ann))
	require.Equal(t, int64(2), c.sees(ben))

	last := before[len(before)-1]
	_, err = c.till.Append(ben, nil, func(m station.Moment) (pos.Entry, error) {
		require.Equal(t, station.Tail{Number: 4, At: last.Entry.At, Head: pos.HashEntry(last.Raw)}, m.Tail)
		require.True(t, m.Voided(given.Entry.ID))
		require.False(t, m.Voided(void.Entry.ID))
		require.Equal(t, int64(2), m.View.Sums.Balance(stamps, today))
		return c.next(m, ben, pos.Posting{Account: stamps, Amount: 1}), nil
	})
	require.NoError(t, err)
	require.Equal(t, terminalA, c.till.Terminal())
}

func TestAppendRefused(t *testing.T) {
	c := newCounter(t)
	c.stamp(ann, 1)
	before := journal(t, c.till)
	unchanged := func() {
		t.Helper()
		require.Equal(t, before, journal(t, c.till))
		require.Equal(t, int64(1), c.sees(ann))
		_, err := c.till.Profile(ann)
		require.ErrorIs(t, err, station.ErrNotFound)
	}
	no := pos.Refuse("no")
	p := person(ann, "Ann", 1)
	_, err := c.till.Append(ann, &p, func(station.Moment) (pos.Entry, error) { return pos.Entry{}, no })
	require.Same(t, no, err, "the error of decide is returned as it is")
	unchanged()

	require.PanicsWithValue(t, "mine", func() {
		_, _ = c.till.Append(ann, &p, func(station.Moment) (pos.Entry, error) { panic("mine") })
	})
	unchanged()

	for name, change := range map[string]func(*pos.Entry){
		"another terminal's":  func(e *pos.Entry) { e.ID.Terminal[0]++ },
		"another holder's":    func(e *pos.Entry) { e.Holder = ben },
		"a number left out":   func(e *pos.Entry) { e.ID.Seq++ },
		"a number again":      func(e *pos.Entry) { e.ID.Seq-- },
		"another past":        func(e *pos.Entry) { e.Prev[0]++ },
		"another incarnation": func(e *pos.Entry) { e.ID.Incarnation++ },
		"malformed":           func(e *pos.Entry) { e.Kind = "" },
		"out of range":        func(e *pos.Entry) { e.Postings[0].Amount = 1<<63 - 1 },
	} {
		_, err := c.till.Append(ann, &p, func(m station.Moment) (pos.Entry, error) {
			e := c.next(m, ann, pos.Posting{Account: stamps, Amount: 1})
			change(&e)
			return e, nil
		})
		require.Error(t, err, name)
		unchanged()
	}
	c.restart()
	c.incarnation-- // drawn again, against all odds
	_, err = c.try(ann, pos.Posting{Account: stamps, Amount: 1})
	require.Error(t, err)
	unchanged()
	c.incarnation++
	require.Equal(t, uint64(2), c.stamp(ann, 1).Number)
}

// A journal of many processes finds each entry by its id, without an index.
func TestEntry(t *testing.T) {
	c := newCounter(t)
	for _, entries := range []int{3, 0, 1, 4} {
		for range entries {
			c.stamp(ann, 1)
		}
		c.restart()
	}
	all := journal(t, c.till)
	require.Len(t, all, 8)
	for _, want := range all {
		got, err := c.till.Entry(want.Entry.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		other := want.Entry.ID
		other.Terminal[0]++
		_, err = c.till.Entry(other)
		require.ErrorIs(t, err, station.ErrNotFound)
	}
	for _, id := range []pos.EntryID{
		{Terminal: terminalA, Incarnation: 1, Seq: 4},
		{Terminal: terminalA, Incarnation: 1, Seq: 0},
		{Terminal: terminalA, Incarnation: 2, Seq: 1},
		{Terminal: terminalA, Incarnation: 1, Seq: 1<<64 - 1},
	} {
		_, err := c.till.Entry(id)
		require.ErrorIs(t, err, station.ErrNotFound, "%v", id)
	}
	seen := 0
	require.NoError(t, c.till.Last(func(r station.Record) bool {
		require.Equal(t, uint64(8-seen), r.Number)
		seen++
		return seen < 3
	}))
	require.Equal(t, 3, seen)
}

func TestParallelAppend(t *testing.T) {
	c := newCounter(t)
	var working sync.WaitGroup
	const writers, each = 6, 15
	for w := range writers {
		working.Go(func() {
			holder := pos.HolderID{byte(w + 1)}
			for range each {
				_, err := c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
					return c.next(m, holder, pos.Posting{Account: stamps, Amount: 1}), nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		working.Go(func() {
			for range each {
				if _, err := c.till.Waiting(); err != nil {
					t.Error(err)
				}
				c.sees(pos.HolderID{byte(w + 1)})
			}
		})
	}
	working.Wait()
	require.Len(t, journal(t, c.till), writers*each)
	for w := range writers {
		require.Equal(t, int64(each), c.sees(pos.HolderID{byte(w + 1)}))
	}
	require.Equal(t, writers*each, c.waits())
}

// Without a centre nothing ever covers an entry, so a member's row must not grow
// with each visit.
func TestLonelyTill(t *testing.T) {
	c := newLonely(t)
	for range 20 {
		c.stamp(ann, 1)
	}
	view, err := c.till.View(ann)
	require.NoError(t, err)
	require.Equal(t, station.View{Sums: ledger.Sums{{Account: stamps, Amount: 20}}}, view)
	w, err := c.till.Waiting()
	require.NoError(t, err)
	require.Equal(t, station.Waiting{Entries: 20, Oldest: noon.Add(1e6)}, w)

	// A centre comes, and gets them all. What it says before it has them does not
	// take away what the till counted.
	require.NoError(t, c.till.SetEnrolled())
	require.NoError(t, c.till.SetEnrolled())
	c.stamp(ann, 1)
	require.Equal(t, int64(21), c.sees(ann))
	c.apply(10, has(ann, 1, 10))
	require.Equal(t, int64(21), c.sees(ann))
	c.apply(20, has(ann, 2, 25))
	require.Equal(t, int64(26), c.sees(ann))
	c.restart()
	require.Equal(t, int64(26), c.sees(ann))
	c.stamp(ann, 1)
	require.Equal(t, int64(27), c.sees(ann))
}

func TestEmptyTill(t *testing.T) {
	c := newLonely(t)
	view, err := c.till.View(ann)
	require.NoError(t, err)
	require.Zero(t, view)
	_, err = c.till.Roster()
	require.ErrorIs(t, err, station.ErrNotFound)
	_, err = c.till.Profile(ann)
	require.ErrorIs(t, err, station.ErrNotFound)
	w, err := c.till.Waiting()
	require.NoError(t, err)
	require.Zero(t, w)
	box, err := c.till.Outbox(10, 1000)
	require.NoError(t, err)
	require.Zero(t, box)
	require.Empty(t, journal(t, c.till))
}

func TestClosed(t *testing.T) {
	c := newLonely(t)
	require.NoError(t, c.till.Close())
	require.NoError(t, c.till.Close())
	_, err := c.try(ann)
	require.Error(t, err)
	_, err = c.till.View(ann)
	require.Error(t, err)
	_, isProblem := errors.AsType[*pos.Problem](err)
	require.False(t, isProblem)
	c.open()
}

func TestByName(t *testing.T) {
	c := newCounter(t)
	names := []string{"Ann Lee", "Anna Kőszegi", "Joann de la Cruz", "Ann Lee", "علی رضایی", "X Æ A-12 Musk", ""}
	for i, name := range names {
		require.NoError(t, c.till.SaveProfile(pos.Profile{Holder: pos.HolderID{byte(i)}, Name: name, Phone: fmt.Sprint(i), Changed: 1}))
	}
	for prefix, want := range map[string][]byte{
		"ann": {0, 3, 1}, "Ann": nil, "lee": {0, 3}, "ann l": {0, 3}, "ann lee": {0, 3}, "lee ann": nil, "koszegi": {1},
		"la c": {2}, "cruz": {2}, "joann de la cruz": {2}, "nn": nil, "": nil, "علی": {4}, "a-12": {5}, "z": nil, "ae": {5},
		"x": {5}, "k": {1}, "j": {2}, "l": {0, 3, 2},
	} {
		found, err := c.till.ByName(prefix, 10)
		require.NoError(t, err)
		var got []byte
		for _, p := range found {
			got = append(got, p.Holder[0])
		}
		require.Equal(t, want, got, "%q", prefix)
	}
	found, err := c.till.ByName("ann", 2)
	require.NoError(t, err)
	require.Len(t, found, 2)
	found, err = c.till.ByName("ann", 0)
	require.NoError(t, err)
	require.Empty(t, found)
	require.Equal(t, "علی", pos.Fold("علي"))
}

func TestByCode(t *testing.T) {
	c := newCounter(t)
	save := func(holder pos.HolderID, phone string, codes ...string) {
		require.NoError(t, c.till.SaveProfile(pos.Profile{Holder: holder, Codes: codes, Phone: phone, Changed: 1}))
	}
	who := func(code string) []pos.HolderID {
		holders, err := c.till.ByCode(code)
		require.NoError(t, err)
		return holders
	}
	long := string(make([]byte, 100_000))
	save(ann, "+43660", "TC1A", "4006381333931")
	save(ben, "+43661", "TC1B", "TC1", "4006381333931", long, "A\x00B")
	require.Equal(t, []pos.HolderID{ann}, who("TC1A"))
	require.Equal(t, []pos.HolderID{ann, ben}, who("4006381333931"), "an alias that two tills gave")
	require.Equal(t, []pos.HolderID{ben}, who("+43661"))
	require.Equal(t, []pos.HolderID{ben}, who("TC1"))
	require.Empty(t, who("TC"))
	require.Empty(t, who(""))
	require.Empty(t, who("A"))
	require.Empty(t, who(long), "too long to be found, but kept")
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprint("M", i))
	}
	save(cleo, "", many...)
	require.Equal(t, []pos.HolderID{cleo}, who("M63"))
	require.Empty(t, who("M64"), "nobody has so many; a centre that says so must not fill the disk")
	save(ben, "", "TC1B", "X")
	require.Empty(t, who("+43661"))
	require.Equal(t, []pos.HolderID{ann}, who("4006381333931"))
	require.Equal(t, []pos.HolderID{ben}, who("X"))
}

func TestLoad(t *testing.T) {
	c := newCounter(t)
	var rows []ledger.Changed
	for i := range 3000 {
		holder := pos.HolderID{byte(i * 7), byte(i >> 8), byte(i)}
		p := person(holder, fmt.Sprintf("Given%d Family%d", i%50, i), 1)
		rows = append(rows, ledger.Changed{Holder: holder, Position: uint64(i%2) * uint64(i), Sums: has(holder, 0, int64(i)).Sums, Profile: &p})
	}
	require.NoError(t, c.till.Load(rows, noon.UnixMilli()))
	require.NoError(t, c.till.Load(rows, noon.UnixMilli()), "after a crash it is done again")
	c.sound()
	w, err := c.till.Waiting()
	require.NoError(t, err)
	require.Equal(t, 1500, w.Profiles, "those that did not come from the centre")
	require.Equal(t, int64(2999), c.sees(rows[2999].Holder))
	require.Zero(t, c.sees(rows[2998].Holder), "value comes from entries")
	found, err := c.till.ByName("family2998", 10)
	require.NoError(t, err)
	require.Equal(t, []pos.Profile{*rows[2998].Profile}, found)
}

// Who only looks waits for no writer: a page of the centre may be on its way to disk.
func TestPeekWaitsForNoWriter(t *testing.T) {
	c := newLonely(t)
	c.stamp(ann, 3)
	looked := make(chan int64)
	_, err := c.till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
		go func() {
			_ = c.till.Peek(ann, func(m station.Moment) error {
				looked <- m.View.Sums.Balance(stamps, today)
				return nil
			})
		}()
		require.Equal(t, int64(3), <-looked)
		return c.next(m, ann, pos.Posting{Account: stamps, Amount: 1}), nil
	})
	require.NoError(t, err)
}

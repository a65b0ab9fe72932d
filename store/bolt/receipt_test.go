package bolt_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/rows"
)

// sell books a sale with the receipt number.
func (c *counter) sell(holder pos.HolderID, receipt string) station.Record {
	r, err := c.till.Append(holder, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.next(m, holder, pos.Posting{Account: "points", Amount: 5})
		e.Kind, e.Sale = pos.Earned, &pos.Sale{Receipt: receipt, Amount: 500}
		return e, nil
	})
	require.NoError(c.t, err)
	return r
}

// takeBack takes back one point of the entry.
func (c *counter) takeBack(of pos.Entry, sale pos.Sale, code string) station.Record {
	r, err := c.till.Append(of.Holder, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.next(m, of.Holder, pos.Posting{Account: "points", Amount: -1, Of: &of.ID})
		e.Kind, e.Sale, e.Code = pos.Refunded, &sale, code
		return e, nil
	})
	require.NoError(c.t, err)
	return r
}

func TestSold(t *testing.T) {
	c := newCounter(t)
	require.NoError(t, c.till.SetEnrolled())
	sold := func(key string) []station.Record {
		t.Helper()
		records, err := c.till.Sold(key)
		require.NoError(t, err)
		no := errors.New("no")
		_, err = c.till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
			inside, err := m.Sold(key)
			require.NoError(t, err)
			require.Equal(t, records, inside, "a decision sees the same")
			return pos.Entry{}, no
		})
		require.Same(t, no, err)
		return records
	}
	first, second := c.sell(ann, "a1"), c.sell(ben, "A1 ")
	longer, plain := c.sell(ann, "A12"), c.sell(ann, "")
	require.Equal(t, []station.Record{first, second}, sold("A1"), "as NormalReceipt gives it, oldest first")
	require.Equal(t, []station.Record{longer}, sold("A12"))
	for _, nothing := range []string{"", "A", "A1\x00", "B1", plain.Entry.ID.String()} {
		require.Empty(t, sold(nothing), "%q", nothing)
	}
	one := c.takeBack(first.Entry, pos.Sale{Receipt: "A1"}, "")
	two, three := c.takeBack(plain.Entry, pos.Sale{}, plain.Entry.ID.String()), c.takeBack(plain.Entry, pos.Sale{}, plain.Entry.ID.String())
	require.Equal(t, []station.Record{first, second, one}, sold("A1"))
	require.Equal(t, []station.Record{two, three}, sold(plain.Entry.ID.String()))
	c.sound()

	c.apply(second.Entry.ID.Seq) // into the older half of the journal
	require.Equal(t, []station.Record{first, second, one}, sold("A1"))
	c.restart()
	require.Equal(t, []station.Record{first, second, one}, sold("A1"))
	c.sound()
}

func TestTogether(t *testing.T) {
	c := newCounter(t)
	give := func(change func(in, out *pos.Entry)) ([]station.Record, error) {
		return c.till.Together([]pos.HolderID{ann, ben}, func(moments []station.Moment) ([]pos.Entry, error) {
			require.Equal(t, moments[0].Tail, moments[1].Tail)
			out := c.next(moments[0], ann, pos.Posting{Account: stamps, Amount: -2})
			raw, err := out.Encode()
			require.NoError(t, err)
			in := c.next(station.Moment{Tail: station.Tail{Seq: out.ID.Seq, Head: pos.HashEntry(raw)}}, ben, pos.Posting{Account: stamps, Amount: 2})
			change(&in, &out)
			return []pos.Entry{out, in}, nil
		})
	}
	same := func(_, _ *pos.Entry) {}
	t.Run("a process's first entries", func(t *testing.T) {
		records, err := give(same)
		require.NoError(t, err)
		require.Equal(t, []uint64{1, 2}, []uint64{records[0].Number, records[1].Number})
		require.Equal(t, []int64{-2, 2}, []int64{c.sees(ann), c.sees(ben)})
		found, err := c.till.Entry(records[1].Entry.ID)
		require.NoError(t, err)
		require.Equal(t, records[1], found)
		c.sound()
	})
	t.Run("both or neither", func(t *testing.T) {
		for name, change := range map[string]func(in, out *pos.Entry){
			"the second is not chained to the first": func(in, _ *pos.Entry) { in.Prev = pos.Hash{} },
			"the second has the first one's id":      func(in, out *pos.Entry) { in.ID = out.ID },
			"the second is a stranger's":             func(in, _ *pos.Entry) { in.Holder = pos.HolderID{99} },
			"the second is of another process":       func(in, _ *pos.Entry) { in.ID.Incarnation++ },
			"the second is no entry":                 func(in, _ *pos.Entry) { in.Kind = "" },
			"the second does not fit":                func(in, _ *pos.Entry) { in.Postings[0].Amount = 1<<63 - 1 },
		} {
			t.Run(name, func(t *testing.T) {
				_, err := give(change)
				require.Error(t, err)
				require.NotErrorIs(t, err, store.ErrCorrupt)
				require.Equal(t, uint64(2), c.moment(ann).Tail.Number)
				require.Equal(t, []int64{-2, 2}, []int64{c.sees(ann), c.sees(ben)})
			})
		}
		no := errors.New("no")
		_, err := c.till.Together([]pos.HolderID{ann}, func([]station.Moment) ([]pos.Entry, error) { return nil, no })
		require.Same(t, no, err)
		c.sound()
	})
	t.Run("and the journal goes on behind them", func(t *testing.T) {
		c.stamp(ann, 5)
		_, err := give(same)
		require.NoError(t, err)
		c.restart()
		_, err = give(func(in, out *pos.Entry) {})
		require.NoError(t, err)
		require.Equal(t, []int64{-1, 6}, []int64{c.sees(ann), c.sees(ben)})
		c.sound()
	})
	t.Run("several of one holder", func(t *testing.T) {
		_, err := c.till.Together([]pos.HolderID{ann}, func(moments []station.Moment) (entries []pos.Entry, _ error) {
			m := moments[0]
			for range 3 {
				e := c.next(m, ann, pos.Posting{Account: stamps, Amount: 1})
				raw, err := e.Encode()
				require.NoError(t, err)
				entries, m.Tail = append(entries, e), station.Tail{Seq: e.ID.Seq, Head: pos.HashEntry(raw)}
			}
			return entries, nil
		})
		require.NoError(t, err)
		require.Equal(t, int64(2), c.sees(ann))
		c.sound()
	})
	t.Run("what a floor allowed counts in the window", func(t *testing.T) {
		_, err := give(func(in, out *pos.Entry) {
			out.By = &pos.By{Kind: pos.ByFloor, ID: ben[:]}
			raw, err := out.Encode()
			require.NoError(t, err)
			in.Prev = pos.HashEntry(raw)
		})
		require.NoError(t, err)
		want := []rules.Handed{{Holder: ann, Account: stamps, Amount: 2}}
		require.Equal(t, want, c.moment(ben).Window)
		c.restart()
		require.Equal(t, want, c.moment(ben).Window)
		c.sound()
	})
}

// A damaged index of sales and returns is found.
func TestCheckOfSales(t *testing.T) {
	c := newCounter(t)
	sold := c.sell(ann, "R1")
	c.takeBack(sold.Entry, *sold.Entry.Sale, "")
	c.takeBack(sold.Entry, *sold.Entry.Sale, "")
	require.NoError(t, c.till.Close())
	key := append([]byte("R1\x00"), number(1)...)
	for name, d := range map[string]damage{
		"sale lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("receipt"), key) }, "journal entry 1"},
		"sale invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("receipt"), append([]byte("R2\x00"), number(1)...), nil)
		}, "entries of sales"},
		"return not last": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("voided"), rows.EntryKey(sold.Entry.ID), number(2))
		}, "entry " + sold.Entry.ID.String()},
	} {
		t.Run(name, func(t *testing.T) {
			tryDamage(t, c.path, d, func(path string) (places []string) {
				till, err := bolt.OpenTill(path, c.terminal, [32]byte{1})
				require.NoError(t, err)
				found, err := till.Check()
				require.NoError(t, err)
				require.NoError(t, till.Close())
				for _, f := range found {
					places = append(places, f.Place)
				}
				return places
			})
		})
	}
	c.open()
}

const returning = `
[points]
earn = 1
for = "1"
[transfers]
points = true
`

// The centre adds up what a till's returns and transfers say, and comes to the same;
// a desk at the centre takes back as a till does.
func TestReturnsAtTheCentre(t *testing.T) {
	c := newHead(t)
	require.NoError(t, c.book.Publish(pos.Published{Document: []byte(returning), From: 2}))
	half := rules.Part{Amount: 5050}
	round := func(s *station.Station) (ann, bela pos.HolderID) {
		var err error
		var done station.Done
		for i, name := range []string{"Ann", "Béla"} {
			done, err = s.Enrol("ida", pos.Profile{Name: name})
			require.NoError(t, err)
			*[]*pos.HolderID{&ann, &bela}[i] = done.Member.Profile.Holder
		}
		for _, receipt := range []string{"S1", "S2"} {
			_, err = s.Sell("ida", ann, pos.Sale{Receipt: receipt, Amount: 10100})
			require.NoError(t, err)
		}
		_, err = s.Sell("ida", bela, pos.Sale{Receipt: " s1", Amount: 10100})
		require.ErrorIs(t, err, pos.Refuse("sale.twice"))
		_, err = s.Return("ida", station.ReturnAsk{Receipt: "S1", Part: half})
		require.NoError(t, err)
		_, err = s.Void("ida", done.Record.Entry.ID, "enrolment")
		require.ErrorIs(t, err, pos.Refuse("void.never"))
		_, err = s.Return("ida", station.ReturnAsk{Receipt: "S1"})
		require.NoError(t, err)
		_, err = s.Return("ida", station.ReturnAsk{Receipt: "S1"})
		require.ErrorIs(t, err, pos.Refuse("return.twice"))
		_, err = s.Return("ida", station.ReturnAsk{Receipt: "S2", Part: half})
		require.NoError(t, err)
		_, err = s.Transfer("ida", ann, bela, rules.Move{Account: "points", Amount: 20})
		require.NoError(t, err)
		return ann, bela
	}
	centre := func(holder pos.HolderID) int64 {
		sums, err := c.book.Balance("north", holder, today)
		require.NoError(t, err)
		return sums.Balance("points", today)
	}
	t.Run("of a till", func(t *testing.T) {
		s := c.station()
		s.Journal, s.Joint, s.Members, s.Office, s.Terminal = c.till.till, c.till.till, c.till.till, c.till.till, c.is.ID
		require.NoError(t, c.till.till.SetRoster(pos.Roster{Version: 1, Programs: []pos.Published{{Document: []byte(returning)}}}))
		ann, bela := round(s)
		box, err := c.till.till.Outbox(1000, 1e6)
		require.NoError(t, err)
		require.NoError(t, c.book.Take(c.is, ledger.Sent{Entries: box.Entries, Profiles: box.Profiles}, c.clock))
		require.Equal(t, []int64{31, 20}, []int64{centre(ann), centre(bela)})
	})
	t.Run("of a desk", func(t *testing.T) {
		s := c.station()
		ann, bela := round(s)
		require.Equal(t, []int64{31, 20}, []int64{centre(ann), centre(bela)})
		c.restart()
		s = c.station()
		_, err := s.Sell("ida", bela, pos.Sale{Receipt: "S2", Amount: 10100})
		require.ErrorIs(t, err, pos.Refuse("sale.twice"))
		_, err = s.Return("ida", station.ReturnAsk{Receipt: "S2"})
		require.NoError(t, err)
		require.Equal(t, int64(-20), centre(ann))
	})
	open, err := c.book.Exceptions("north", true)
	require.NoError(t, err)
	require.Len(t, open, 1, "what was taken back and is not there any more")
	require.Equal(t, pos.TakenBack, open[0].Trouble)
}

// A household is found by its name, at a till and at the centre, and is no reason
// to take its members for one person twice.
func TestHouseholds(t *testing.T) {
	c := newHead(t)
	family := func(holder pos.HolderID, name string) pos.Profile {
		p := person(holder, name, 1)
		p.Phone, p.Fields = "+3615550123", map[string]string{"household": "Kőszegi 1"}
		return p
	}
	for _, p := range []pos.Profile{family(ann, "Ann"), family(ben, "Ben")} {
		require.NoError(t, c.till.till.SaveProfile(p))
	}
	found, err := c.till.till.ByCode(pos.HouseholdCode + family(ann, "").Household())
	require.NoError(t, err)
	require.ElementsMatch(t, []pos.HolderID{ann, ben}, found)
	box, err := c.till.till.Outbox(10, 1e6)
	require.NoError(t, err)
	require.NoError(t, c.book.Take(c.is, ledger.Sent{Profiles: box.Profiles}, c.clock))
	groups, err := c.book.Duplicates("north")
	require.NoError(t, err)
	require.Len(t, groups, 1)
	moved := family(ben, "Ben")
	moved.Phone, moved.Fields, moved.Changed = "", nil, 2
	require.NoError(t, c.till.till.SaveProfile(moved))
	found, err = c.till.till.ByCode(pos.HouseholdCode + family(ann, "").Household())
	require.NoError(t, err)
	require.Equal(t, []pos.HolderID{ann}, found)
	c.till.sound()
}

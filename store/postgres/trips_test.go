package postgres_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/report"
	"tenthcup/pos/station"
	"tenthcup/store/postgres"
)

// trips is what one kind of batch is tried with.
type trips struct {
	*chain
	tills []*scribe
	next  int // member that nobody has heard of yet
}

// fresh returns the first of n members that nobody has heard of.
func (r *trips) fresh(n int) int {
	r.next += n
	return r.next - n
}

// known returns the first of n members, each of whom was at another till last.
func (r *trips) known(n int, stamps int64) int {
	first := r.fresh(n)
	raw := map[*scribe][][]byte{}
	for i := range n {
		till := r.tills[1+i%(len(r.tills)-1)]
		_, bytes := till.stamp(member(first+i), stamps)
		raw[till] = append(raw[till], bytes)
	}
	for till, sent := range raw {
		till.send(sent...)
	}
	return first
}

// kinds are batches of n entries: what must be there before, and what to send.
var kinds = map[string]func(r *trips, n int) ledger.Sent{
	"stamps of new members":        func(r *trips, n int) ledger.Sent { return r.stamped(r.fresh(n), n, 1) },
	"stamps of known members":      func(r *trips, n int) ledger.Sent { return r.stamped(r.known(n, 1), n, 1) },
	"full cards, which are lent":   func(r *trips, n int) ledger.Sent { return r.stamped(r.known(n, 5), n, 5) },
	"sales with lots and receipts": func(r *trips, n int) ledger.Sent { return r.sales(r.known(n, 1), n) },
	"receipts that were sold before": func(r *trips, n int) ledger.Sent {
		first := r.fresh(n)
		r.tills[0].take(r.sales(first, n))
		return r.sales(first, n)
	},
	"voids of what others wrote":       func(r *trips, n int) ledger.Sent { return r.voids(r.tills[1], n, 1) },
	"voids, each twice":                func(r *trips, n int) ledger.Sent { return r.voids(r.tills[1], n, 2) },
	"voids before what they take back": func(r *trips, n int) ledger.Sent { return r.voids(nil, n, 1) },
	"new profiles":                     func(r *trips, n int) ledger.Sent { return ledger.Sent{Profiles: r.profiles(r.fresh(n), n, 1)} },
	"changed profiles": func(r *trips, n int) ledger.Sent {
		first := r.known(n, 1)
		r.tills[0].take(ledger.Sent{Profiles: r.profiles(first, n, 1)})
		return ledger.Sent{Profiles: r.profiles(first, n, 2)}
	},
	"wishes for leases": func(r *trips, n int) ledger.Sent {
		sent, first := ledger.Sent{}, r.known(n, 12)
		for i := range n {
			sent.Wants = append(sent.Wants, member(first+i))
		}
		return sent
	},
	"a batch again": func(r *trips, n int) ledger.Sent {
		sent := r.stamped(r.fresh(n), n, 1)
		r.tills[0].take(sent)
		return sent
	},
	"many processes": func(r *trips, n int) ledger.Sent {
		first := r.fresh(n)
		return ledger.Sent{Entries: each(first, n, func(holder pos.HolderID, _ int) []byte {
			r.tills[0].incarnation, r.tills[0].seq = r.tills[0].incarnation+1000, 0
			_, raw := r.tills[0].stamp(holder, 1)
			return raw
		})}
	},
	"behind an entry of another till": func(r *trips, n int) ledger.Sent {
		first, other := r.fresh(n), r.till("north")
		other.incarnation = r.tills[0].incarnation
		_, foreign := other.stamp(member(first), 1)
		return ledger.Sent{Entries: append([][]byte{foreign}, r.stampedBy(r.tills[0], first, n, 1)...)}
	},
	"what is no entry": func(r *trips, n int) ledger.Sent {
		return ledger.Sent{Entries: each(r.fresh(n), n, func(holder pos.HolderID, _ int) []byte { return holder[:] })}
	},
	"entries of a month ago": func(r *trips, n int) ledger.Sent {
		first := r.known(n, 1)
		return ledger.Sent{Entries: each(first, n, func(holder pos.HolderID, i int) []byte {
			_, raw := r.tills[0].write(pos.Entry{Kind: pos.Stamped, Holder: holder, Day: today - 40, Postings: []pos.Posting{{Account: ofACard, Amount: 1}}})
			return raw
		})}
	},
	"codes of coupons": func(r *trips, n int) ledger.Sent { return r.coupons(r.known(n, 1), n) },
	"codes that were used before": func(r *trips, n int) ledger.Sent {
		first := r.fresh(n)
		r.tills[0].take(r.coupons(first, n))
		return r.coupons(first, n)
	},
	"cups of what is not there": func(r *trips, n int) ledger.Sent { return r.stamped(r.known(n, 1), n, -3) },
	"cups of those who owe some": func(r *trips, n int) ledger.Sent {
		first := r.known(n, 1)
		r.tills[1].send(r.stampedBy(r.tills[1], first, n, -3)...)
		return r.stamped(first, n, -1)
	},
}

func (r *trips) stamped(first, n int, by int64) ledger.Sent {
	return ledger.Sent{Entries: r.stampedBy(r.tills[0], first, n, by)}
}

func (r *trips) stampedBy(till *scribe, first, n int, by int64) [][]byte {
	return each(first, n, func(holder pos.HolderID, _ int) []byte {
		_, raw := till.stamp(holder, by)
		return raw
	})
}

// sales give two lots each and have a receipt of the member's, and end on many days.
func (r *trips) sales(first, n int) ledger.Sent {
	return ledger.Sent{Entries: each(first, n, func(holder pos.HolderID, i int) []byte {
		_, raw := r.tills[0].write(pos.Entry{
			Kind: pos.Earned, Holder: holder, Sale: &pos.Sale{Receipt: fmt.Sprint("R", first+i), Amount: 500, Currency: "EUR"},
			Postings: []pos.Posting{
				{Account: ofACard, Amount: 1, Lot: pos.Lot{Until: today + 100 + pos.Day(i)}},
				{Account: "points", Amount: 7, Lot: pos.Lot{From: today + 1, Until: today + 30}},
			},
		})
		return raw
	})}
}

// coupons use codes that each are good once.
func (r *trips) coupons(first, n int) ledger.Sent {
	return ledger.Sent{Entries: each(first, n, func(holder pos.HolderID, i int) []byte {
		_, raw := r.tills[0].write(pos.Entry{
			Kind: pos.Stamped, Holder: holder, Program: pos.ProgramOf([]byte(lendingProgram)),
			Postings: []pos.Posting{{Account: pos.Account(fmt.Sprint("use:coupon/letter/", first+i)), Amount: 1}},
		})
		return raw
	})}
}

func (r *trips) void(e pos.Entry) []byte {
	p := e.Postings[0]
	_, raw := r.tills[0].write(pos.Entry{
		Kind: pos.Voided, Holder: e.Holder, Postings: []pos.Posting{{Account: p.Account, Amount: -p.Amount, Lot: p.Lot, Of: &e.ID}},
	})
	return raw
}

// voids are times voids of each of n entries, which the other till wrote and has sent; or
// has not, where there is none.
func (r *trips) voids(other *scribe, n, times int) (sent ledger.Sent) {
	first, unsent := r.fresh(n), other == nil
	if unsent {
		other = r.till("north")
	}
	var sold [][]byte
	for i := range n {
		e, raw := other.stamp(member(first+i), 2)
		sold = append(sold, raw)
		for range times {
			sent.Entries = append(sent.Entries, r.void(e))
		}
	}
	if !unsent {
		other.send(sold...)
	}
	return sent
}

func (r *trips) profiles(first, n int, changed int64) (profiles []pos.Profile) {
	for i := range n {
		profiles = append(profiles, pos.Profile{
			Holder: member(first + i), Codes: []string{fmt.Sprint("TC", first+i)}, Name: fmt.Sprint("Ann ", first+i),
			Phone: fmt.Sprintf("+36%d%06d", changed, first+i), Joined: today, Changed: changed, ChangedBy: r.tills[0].ID,
		})
	}
	return profiles
}

// A batch takes as many round trips, however many entries, profiles and wishes it has,
// and of whatever kind.
func TestRoundTripsOfABatch(t *testing.T) {
	l, url := newLine(t, empty(t))
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{Connections: 1})
	require.NoError(t, err)
	r := &trips{chain: newChain(t, book)}
	for range 40 {
		r.tills = append(r.tills, r.till("north"))
	}
	r.tills[0].send([]byte("no entry")) // so that the quarantine is not empty
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			took := func(n int) int {
				sent := kind(r, n)
				return l.during(func() { r.tills[0].take(sent) })
			}
			took(3) // which prepares the statements
			one, ten, many := took(1), took(10), took(500)
			t.Logf("round trips of 1, 10, 500: %d, %d, %d", one, ten, many)
			require.Equal(t, ten, many)
			require.LessOrEqual(t, many, mostTrips)
		})
	}
	all, err := book.Exceptions("north", true)
	require.NoError(t, err)
	troubles := map[pos.Trouble]int{}
	for _, x := range all {
		troubles[x.Trouble]++
	}
	for _, trouble := range []pos.Trouble{pos.VoidedTwice, pos.SoldTwice, pos.CouponTwice, pos.Overdrawn} {
		require.GreaterOrEqual(t, troubles[trouble], 514, trouble)
	}
	leases, err := book.Leases("north")
	require.NoError(t, err)
	require.Greater(t, len(leases), 514)
	r.sound()
	require.NoError(t, book.Close())
}

// mostTrips is how many round trips a batch may take: what it says and is told first, what
// follows from that, and the end.
const mostTrips = 5

// A page takes as many round trips, however many members on it have changed.
func TestRoundTripsOfAPage(t *testing.T) {
	l, url := newLine(t, empty(t))
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{Connections: 1})
	require.NoError(t, err)
	r := &trips{chain: newChain(t, book)}
	r.tills = []*scribe{r.till("north"), r.till("north")}
	ask := ledger.PageAsk{Limit: 2000, Open: []pos.Incarnation{1, 2, 3}, At: midday, Day: today}
	pull := func() (trips, changed int) {
		trips = l.during(func() {
			page, err := book.Page(r.tills[0].Terminal, ask)
			require.NoError(t, err)
			require.False(t, page.More)
			ask.Cursor, changed = page.Cursor, len(page.Changed)
			if page.Roster != nil {
				ask.Roster = page.Roster.Version
			}
		})
		return trips, changed
	}
	took := map[int]int{}
	for range 2 { // the first time statements are prepared
		for _, n := range []int{0, 10, 1000} {
			if n > 0 {
				first := r.fresh(n)
				r.tills[1].take(ledger.Sent{Entries: r.stampedBy(r.tills[1], first, n, 1), Profiles: r.profiles(first, n, 1)})
			}
			trips, changed := pull()
			require.Equal(t, n, changed)
			took[n] = trips
		}
	}
	t.Logf("round trips of 0, 10, 1000 changed: %d, %d, %d", took[0], took[10], took[1000])
	require.Equal(t, took[10], took[1000])
	require.LessOrEqual(t, took[1000], mostOfAPage)
	require.Equal(t, 1, took[0], "an idle pull")
	r.tills[1].send(r.stampedBy(r.tills[1], 0, 500, -3)...) // who owes has a history that is read
	trips, changed := pull()
	t.Logf("round trips of 500 who owe: %d", trips)
	require.Equal(t, 500, changed)
	require.LessOrEqual(t, trips, mostOfAPage+2)
	require.NoError(t, book.Close())
}

const mostOfAPage = 2

// What managers look at takes a few round trips, however long it is.
func TestRoundTripsOfLists(t *testing.T) {
	l, url := newLine(t, empty(t))
	book, err := postgres.Open(t.Context(), url, secret, postgres.Options{Connections: 1})
	require.NoError(t, err)
	c := newChain(t, book)
	const many = 600
	took := map[string][]int{}
	for i, n := range []int{20, many} {
		area, own := pos.AreaID(fmt.Sprint("area ", n)), pos.TerminalID{15: byte(i + 1)}
		r := &trips{chain: c, tills: []*scribe{c.till(area), c.till(area), c.till(area)}}
		r.tills[0].take(kinds["voids, each twice"](r, n))
		r.tills[0].take(kinds["wishes for leases"](r, n))
		desk := book.Desk(area, own)
		for range n {
			_, err := desk.Append(member(0), nil, func(m station.Moment) (pos.Entry, error) {
				return pos.Entry{
					V: pos.Version, ID: pos.EntryID{Terminal: own, Incarnation: 1, Seq: m.Tail.Seq + 1}, Nonce: m.Tail.Seq + 1, Prev: m.Tail.Head,
					At: midday.UnixMilli(), Day: today, Kind: pos.Stamped, Store: "s1", Cashier: "ida", Holder: member(0),
					Postings: []pos.Posting{{Account: ofACard, Amount: 1}},
				}, nil
			})
			require.NoError(t, err)
		}
		for what, list := range map[string]func() (int, error){
			"exceptions that wait": func() (int, error) { found, err := book.Exceptions(area, false); return len(found), err },
			"all exceptions":       func() (int, error) { found, err := book.Exceptions(area, true); return len(found), err },
			"leases":               func() (int, error) { found, err := book.Leases(area); return len(found), err },
			"what members have": func() (all int, err error) {
				err = desk.EachSums(func(ledger.Sums) bool { all++; return true })
				return all, err
			},
			"own entries": func() (all int, err error) {
				err = desk.Last(func(station.Record) bool { all++; return true })
				return all, err
			},
			"the report": func() (int, error) {
				_, err := book.Report("", report.Ask{From: today, To: today, Today: today})
				return many, err
			},
			"who they are": func() (int, error) {
				found, err := book.Told(area, firstMembers(n), today)
				return len(found), err
			},
			"tills": func() (int, error) { found, err := book.Tills(area); return many + len(found), err },
		} {
			var found int
			for range 2 { // the first time statements are prepared
				trips := l.during(func() { found, err = list() })
				require.NoError(t, err)
				took[what] = append(took[what], trips)
			}
			require.GreaterOrEqual(t, found, n, what)
		}
	}
	for what, trips := range took {
		t.Logf("round trips of %s: %d of 20, %d of %d", what, trips[1], trips[3], many)
		require.LessOrEqual(t, trips[3], mostOfAList, what)
	}
	require.NoError(t, book.Close())
}

// firstMembers returns the first of many members.
func firstMembers(n int) (all []pos.HolderID) {
	for i := range n {
		all = append(all, member(i))
	}
	return all
}

// mostOfAList is how many round trips a list of many hundred may take. A walk fetches 32 rows
// at first and each time twice as many, and what they lead to is brought in between.
const mostOfAList = 16

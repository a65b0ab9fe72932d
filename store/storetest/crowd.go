package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// How much goes on at once.
const (
	crowdAreas   = 4
	crowdTills   = 3 // of an area
	crowdHolders = 8 // of an area
	crowdEntries = 90
	crowdRounds  = 2
)

// Crowd tests a back end with many tills at once. Open returns an empty database opened
// twice, as by two servers; where a back end allows one opener only, both are the same.
func Crowd(t *testing.T, open func(t *testing.T) [2]DB) {
	for round := range crowdRounds {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) { crowd(t, open(t), chance(round+1)) })
	}
}

// chance draws numbers; each start has its own.
type chance uint64

// below returns a number from [0, n).
func (c *chance) below(n int) int {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// busyArea is what goes on in one area.
type busyArea struct {
	id      pos.AreaID
	tills   []*till
	entries plain
}

// Tills of several areas send what they have at the same moment through two books, in
// pieces of any size, again and out of turn, while others pull pages. Nobody misses
// anything: in the end each follower has what a loop over all entries comes to.
func crowd(t *testing.T, books [2]DB, draw chance) {
	b := &bench{t: t, db: books[0], now: noon}
	var areas []*busyArea
	for i := range crowdAreas {
		a := &busyArea{id: pos.AreaID(fmt.Sprint("area ", i))}
		for range crowdTills {
			a.tills = append(a.tills, b.till(a.id))
		}
		for range crowdEntries {
			a.write(&draw)
		}
		areas = append(areas, a)
	}
	var writing, following errgroup.Group
	written := make(chan struct{})
	var followers []*onlooker
	for _, a := range areas {
		for i, till := range a.tills {
			its := chance(draw.below(1 << 30))
			writing.Go(func() error { return sendAnyhow(till, books, &its) })
			f := &onlooker{till: till, area: a, books: books, draw: chance(draw.below(1 << 30)), knows: map[pos.HolderID]ledger.Changed{}}
			if i%2 == 0 {
				followers = append(followers, f)
				following.Go(func() error { return f.follow(written) })
			}
		}
	}
	err := writing.Wait()
	close(written)
	require.NoError(t, err)
	require.NoError(t, following.Wait())
	for _, f := range followers {
		for n := range crowdHolders {
			holder := crowdHolder(n)
			want := f.area.entries.published(t, holder)
			require.ElementsMatch(t, want, f.knows[holder].Sums, "%s of %s", holder, f.area.id)
			for _, book := range books {
				sums, err := book.Balance(f.area.id, holder, today)
				require.NoError(t, err)
				require.ElementsMatch(t, want, sums)
			}
		}
	}
	require.Empty(t, b.reasons())
	found, err := books[1].Check()
	require.NoError(t, err)
	require.Empty(t, found)
}

func crowdHolder(n int) pos.HolderID { return pos.HolderID{byte(n + 1), 0xcc} }

// mine is an account that has a till's own entries, one each.
func (t *till) mine() pos.Account { return pos.Account(fmt.Sprintf("use:%x", t.ID[:4])) }

// write has a till write an entry: it gives, takes, or takes back what any till of the
// area wrote, all of it or some, for its holder or another one.
func (a *busyArea) write(draw *chance) {
	writer, holder := a.tills[draw.below(len(a.tills))], crowdHolder(draw.below(crowdHolders))
	lots := []pos.Lot{{}, {Until: today + 9}, {From: today + 2}, {Until: today - 1}}
	accounts := []pos.Account{stamps, "points", "tier:gold"}
	p := pos.Posting{Account: accounts[draw.below(3)], Lot: lots[draw.below(len(lots))], Amount: int64(draw.below(9) + 1)}
	switch kind := draw.below(6); {
	case kind == 0:
		p.Amount = -p.Amount
	case kind <= 2 && len(a.entries) > 0:
		of := a.entries[draw.below(len(a.entries))]
		p = reversal(of, 0, -of.Postings[0].Amount)
		if draw.below(3) > 0 {
			holder = of.Holder
		}
		if draw.below(3) == 0 {
			p.Amount *= 2
		}
	}
	a.entries = append(a.entries, writer.write(holder, p, pos.Posting{Account: writer.mine(), Amount: 1}))
}

// sendAnyhow sends pieces of the till's journal, and then all of it.
func sendAnyhow(t *till, books [2]DB, draw *chance) error {
	send := func(from, to int) error {
		return books[draw.below(2)].Take(t.Terminal, ledger.Sent{Entries: t.raw[from:to]}, noon)
	}
	for from := 0; from < len(t.raw); {
		to := min(from+draw.below(9), len(t.raw))
		if err := send(max(0, from-draw.below(5)), to); err != nil {
			return err
		}
		from = to
		if at := draw.below(len(t.raw)); draw.below(2) == 0 {
			if err := send(at, min(at+draw.below(9), len(t.raw))); err != nil {
				return err
			}
		}
	}
	return send(0, len(t.raw))
}

// onlooker is a till that pulls pages from either book.
type onlooker struct {
	*till

	area   *busyArea
	books  [2]DB
	draw   chance
	cursor uint64
	knows  map[pos.HolderID]ledger.Changed
}

// follow pulls until all was written, and then until nothing is new.
func (f *onlooker) follow(written <-chan struct{}) error {
	for {
		done := false
		select {
		case <-written:
			done = true
		default:
		}
		for more := true; more; {
			var err error
			if more, err = f.pull(); err != nil {
				return err
			}
		}
		if done {
			return nil
		}
	}
}

// pull applies a page as a till does, and reports whether there is more.
func (f *onlooker) pull() (more bool, err error) {
	ask := f.ask(f.cursor, f.draw.below(7)+1, f.incarnation)
	page, err := f.books[f.draw.below(2)].Page(f.Terminal, ask)
	if err != nil {
		return false, err
	}
	for _, c := range page.Changed {
		if c.Position <= f.cursor || c.Position <= f.knows[c.Holder].Position {
			return false, fmt.Errorf("%v is at %d, behind %d", c.Holder, c.Position, f.cursor)
		}
		f.cursor = c.Position
		f.knows[c.Holder] = c
		if has, acked := c.Sums.Balance(f.mine(), today), f.acked(c.Holder, page.Acks[0].Seq); has != acked {
			return false, fmt.Errorf("%v has %d of the till's entries, but %d are acknowledged", c.Holder, has, acked)
		}
	}
	if page.Cursor != f.cursor {
		return false, fmt.Errorf("the page ends at %d, its last member is at %d", page.Cursor, f.cursor)
	}
	return page.More, nil
}

// acked returns how many of the till's own entries for the holder there are up to a Seq.
func (f *onlooker) acked(holder pos.HolderID, seq uint64) int64 {
	of := slices.DeleteFunc(slices.Clone(f.sent), func(e pos.Entry) bool { return e.Holder != holder || e.ID.Seq > seq })
	return int64(len(of))
}

package storetest

import (
	"encoding/binary"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/ledger/ledgertest"
)

// Histories tests a back end with rounds of what some tills write about some holders.
// Whatever it is and in whatever pieces, order and repetition it arrives, what the server
// tells of each holder on any day is what the plain model makes of the entries that are
// there; and in the end all are. The first round is drawn from the seed, the others from
// those behind it.
func Histories(t *testing.T, db DB, rounds int, seed uint64) {
	cursor := uint64(0)
	last := seed + uint64(rounds) - 1
	t.Logf("rounds from seed %d to %d", seed, last)
	for s := seed; s <= last; s++ {
		r := newRound(t, db, s)
		holders := slices.SortedFunc(maps.Keys(r.holders), func(a, b pos.HolderID) int { return int(a[15]) - int(b[15]) })
		for !r.complete() {
			r.send(t)
			for range 4 {
				r.balance(t, holders[r.chance(len(holders))], r.day())
			}
		}
		cursor = r.page(t, cursor, r.day())
		for _, holder := range holders {
			r.balance(t, holder, r.day())
		}
	}
	require.Empty(t, must(db.Check())(t))
	require.Empty(t, must(db.Quarantined())(t))
}

const (
	tillsOfARound   = 4
	holdersOfARound = 20
)

// round is some tills that write the histories of some holders, and a central server
// that gets them on lines that know no order.
type round struct {
	chance  ledgertest.Chance
	db      DB
	tills   []*journalled
	holders map[pos.HolderID]ledgertest.Plain
}

// journalled is a till's journal, and how much of it the server has.
type journalled struct {
	terminal pos.Terminal
	entries  []pos.Entry
	raw      [][]byte
	taken    int
}

func newRound(t require.TestingT, db DB, seed uint64) *round {
	draw := chance(seed)
	r := &round{draw.below, db, nil, map[pos.HolderID]ledgertest.Plain{}}
	for i := range tillsOfARound {
		terminal := pos.Terminal{Area: "north"}
		binary.BigEndian.PutUint64(terminal.ID[:], seed)
		terminal.ID[15] = byte(i)
		r.tills = append(r.tills, &journalled{terminal: terminal})
	}
	for i := range holdersOfARound {
		var holder pos.HolderID
		binary.BigEndian.PutUint64(holder[:], seed)
		holder[15] = byte(i)
		history := ledgertest.History(r.chance, r.next)
		for i := range history {
			history[i].Holder = holder
			for _, till := range r.tills {
				if till.terminal.ID == history[i].ID.Terminal {
					till.entries[history[i].ID.Seq-1] = history[i]
				}
			}
		}
		r.holders[holder] = history
	}
	for _, till := range r.tills {
		till.chain(t)
	}
	return r
}

// next leaves room for an entry at the end of one till's journal.
func (r *round) next() pos.EntryID {
	till := r.tills[r.chance(len(r.tills))]
	till.entries = append(till.entries, pos.Entry{})
	return pos.EntryID{Terminal: till.terminal.ID, Incarnation: 1, Seq: uint64(len(till.entries))}
}

func (j *journalled) chain(t require.TestingT) {
	prev := pos.Hash{}
	for _, e := range j.entries {
		e.Prev = prev
		raw, err := e.Encode()
		require.NoError(t, err)
		j.raw = append(j.raw, raw)
		prev = pos.HashEntry(raw)
	}
}

// send hands in a piece of a journal: mostly the next, sometimes one that was there
// before, and sometimes one behind a gap.
func (r *round) send(t require.TestingT) {
	till := r.tills[r.chance(len(r.tills))]
	from := max(0, min(len(till.raw), till.taken+2)-r.chance(12))
	to := min(len(till.raw), from+r.chance(24))
	require.NoError(t, r.db.Take(till.terminal, ledger.Sent{Entries: till.raw[from:to]}, noon))
	if from <= till.taken {
		till.taken = max(till.taken, to)
	}
}

// known returns what the server has of a holder.
func (r *round) known(holder pos.HolderID) ledgertest.Plain {
	return slices.DeleteFunc(slices.Clone(r.holders[holder]), func(e pos.Entry) bool {
		return !slices.ContainsFunc(r.tills, func(till *journalled) bool {
			return till.terminal.ID == e.ID.Terminal && e.ID.Seq <= uint64(till.taken)
		})
	})
}

// agrees checks what is published of a holder on the day against the plain model.
func (r *round) agrees(t require.TestingT, published ledger.Sums, holder pos.HolderID, day pos.Day) {
	plain := r.known(holder)
	for _, account := range ledgertest.Accounts {
		held := map[pos.Lot]int64{}
		for _, sum := range published {
			if sum.Account == account {
				held[sum.Lot] = sum.Amount
			}
		}
		if want := plain.Held(account, day); !maps.Equal(want, held) {
			require.Equal(t, want, held, "%s on day %d of %v", account, day, holder)
		}
		require.Equal(t, plain.Balance(account, day), published.Balance(account, day))
	}
}

func (r *round) complete() bool {
	return !slices.ContainsFunc(r.tills, func(till *journalled) bool { return till.taken < len(till.raw) })
}

func (r *round) day() pos.Day { return pos.Day(1 + r.chance(int(ledgertest.LastDay)+3)) }

func (r *round) balance(t *testing.T, holder pos.HolderID, day pos.Day) {
	sums, err := r.db.Balance("north", holder, day)
	require.NoError(t, err)
	r.agrees(t, sums, holder, day)
}

// page reads the holders of the round from the feed, behind the cursor, and returns
// where it ended.
func (r *round) page(t *testing.T, cursor uint64, day pos.Day) uint64 {
	till := r.tills[0]
	ask := ledger.PageAsk{Cursor: cursor, Limit: 1000, Open: []pos.Incarnation{1}, At: noon, Day: day}
	page, err := r.db.Page(till.terminal, ask)
	require.NoError(t, err)
	require.Equal(t, []ledger.Ack{{Incarnation: 1, Seq: uint64(len(till.raw))}}, page.Acks)
	seen := map[pos.HolderID]bool{}
	for _, changed := range page.Changed {
		r.agrees(t, changed.Sums, changed.Holder, day)
		require.False(t, seen[changed.Holder], "twice on one page")
		seen[changed.Holder] = true
	}
	require.Len(t, seen, len(r.holders))
	return page.Cursor
}

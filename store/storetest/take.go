package storetest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

func sentTwice(t *testing.T, b *bench) {
	a := b.till(north)
	for range 5 {
		a.stamp(ann)
	}
	a.send(0, 3)
	a.send(0, 3)
	a.send(1, 5)
	a.sendAll()
	require.Equal(t, int64(5), b.balance(north, ann, stamps))
	require.Equal(t, uint64(5), a.acked(a.incarnation))
	require.Empty(t, b.reasons())
	counts, err := b.db.Count(north)
	require.NoError(t, err)
	require.Equal(t, store.Counts{Entries: 5, Holders: 1}, counts)
}

func gapStops(t *testing.T, b *bench) {
	a := b.till(north)
	for range 6 {
		a.stamp(ann)
	}
	a.send(0, 2)
	a.send(4, 6)
	require.Equal(t, uint64(2), a.acked(a.incarnation))
	require.Equal(t, int64(2), b.balance(north, ann, stamps))
	require.Zero(t, a.acked(12345), "an incarnation nobody has heard of")
	a.send(2, 6)
	require.Equal(t, uint64(6), a.acked(a.incarnation))
	require.Empty(t, b.reasons())
}

func forkQuarantined(t *testing.T, b *bench) {
	a := b.till(north)
	a.stamp(ann)
	clone := *a
	clone.raw, clone.sent = nil, nil
	clone.nonce = 1000
	a.stamp(ann)
	clone.write(ann, pos.Posting{Account: stamps, Amount: 9})
	clone.incarnation, clone.seq = 99, 0
	clone.stamp(ann) // of another process, chained to what is quarantined
	a.sendAll()
	for range 3 {
		clone.sendAll()
	}
	require.Equal(t, int64(3), b.balance(north, ann, stamps))
	all, err := b.db.Quarantined()
	require.NoError(t, err)
	require.Equal(t, []store.Quarantined{{Area: north, Terminal: a.ID, Raw: clone.raw[0], Reason: store.Forked, At: b.now}}, all)
	a.stamp(ann)
	a.sendAll()
	require.Equal(t, int64(4), b.balance(north, ann, stamps))
}

func unchained(t *testing.T, b *bench) {
	a := b.till(north)
	a.stamp(ann)
	a.head = pos.Hash{1, 2, 3}
	a.stamp(ann)
	a.stamp(ann)
	a.sendAll()
	a.sendAll()
	require.Equal(t, []store.Reason{store.Unchained}, b.reasons())
	require.Equal(t, int64(2), b.balance(north, ann, stamps))
	require.Equal(t, uint64(3), a.acked(a.incarnation))
}

// A process's first entry is chained to the last of the one before. While the
// server does not have that, it takes none of the new ones, or a till could not
// tell what is missing by asking how far its last incarnations got.
func incarnationsInOrder(t *testing.T, b *bench) {
	a := b.till(north)
	for range 3 {
		a.stamp(ann)
	}
	backup := *a
	a.stamp(ann)
	a.restart()
	a.stamp(ann)
	a.restart()
	a.stamp(ann)
	for _, batch := range [][2]int{{4, 6}, {5, 6}, {0, 2}, {4, 6}} {
		a.send(batch[0], batch[1])
		require.Zero(t, a.acked(a.incarnation))
		require.Zero(t, a.acked(a.incarnation+1))
	}
	a.send(0, 4)
	a.send(5, 6)
	require.Zero(t, a.acked(a.incarnation))
	a.send(4, 5)
	a.send(5, 6)
	require.Equal(t, uint64(1), a.acked(a.incarnation))
	require.Equal(t, int64(6), b.balance(north, ann, stamps))

	// A disk that was set back goes on from where it was, a wiped one from nothing.
	a.incarnation, a.seq, a.head = 77, 0, backup.head
	a.stamp(ann)
	a.incarnation, a.seq, a.head = 78, 0, pos.Hash{}
	a.stamp(ann)
	a.send(6, 8)
	require.Equal(t, int64(8), b.balance(north, ann, stamps))
	require.Empty(t, b.reasons())
}

// A till's disk may damage rows of its journal: in the middle, at the end of a
// process's entries, several in a row. Sent in batches of any size that leaves
// room for a sound one, each as often as answers are lost, and acknowledged as
// tills understand it, all sound entries arrive.
func unreadable(t *testing.T, b *bench) {
	for _, damage := range [][]int{{2}, {1, 2}, {3}, {2, 3}, {2, 4}, {0}, {4}, {3, 4, 5}, {0, 3, 4, 5, 6}, {1, 3}, {5}, {7}} {
		for _, size := range []int{len(damage) + 1, len(damage) + 2, 9} {
			for times := 1; times <= 2; times++ {
				sendDamaged(b, damage, size, times)
			}
		}
	}
	for _, reason := range b.reasons() {
		require.Equal(t, store.Unreadable, reason)
	}
	require.Empty(t, b.open(north), "a damaged disk is no second journal")
}

func sendDamaged(b *bench, damage []int, size, times int) {
	t := b.t
	a := b.till(north)
	holder := pos.HolderID{9, byte(b.stores), byte(b.stores >> 8)}
	var processes []pos.Incarnation
	lengths := []int{3, 1, 1, 4}
	for _, entries := range lengths {
		processes = append(processes, a.incarnation)
		for range entries {
			a.stamp(holder)
		}
		a.restart()
	}
	for _, place := range damage {
		a.raw[place] = append([]byte{0xff}, a.raw[place][:20]...)
	}
	acked := func() (n int) {
		for i, ack := range a.page(processes...).Acks {
			has := min(int(min(ack.Seq, 1000)), lengths[i])
			n += has
			if has < lengths[i] {
				break
			}
		}
		return n
	}
	for done := 0; done < len(a.raw); {
		for range times {
			a.send(done, min(done+size, len(a.raw)))
		}
		now := acked()
		require.Greater(t, now, done, "damage %v, batches of %d", damage, size)
		done = now
	}
	for range 2 {
		require.Equal(t, int64(len(a.raw)-len(damage)), b.balance(north, holder, stamps), "damage %v, batches of %d", damage, size)
		require.Equal(t, len(a.raw), acked())
		a.sendAll()
		a.send(damage[len(damage)-1], len(a.raw))
	}
}

func foreign(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	a.stamp(ann)
	a.send(0, 1)
	other.stamp(ann)
	require.NoError(t, b.db.Take(a.Terminal, ledger.Sent{Entries: other.raw}, b.now))
	require.Equal(t, []store.Reason{store.Foreign}, b.reasons())
	require.Equal(t, int64(1), b.balance(north, ann, stamps))
	other.sendAll() // the one who wrote it is not stopped by the thief
	require.Equal(t, int64(2), b.balance(north, ann, stamps))
}

func overflow(t *testing.T, b *bench) {
	a := b.till(north)
	a.write(ann, pos.Posting{Account: stamps, Amount: math.MaxInt64})
	a.write(ann, pos.Posting{Account: "points", Amount: 7}, pos.Posting{Account: stamps, Amount: 1})
	a.write(ben, pos.Posting{Account: stamps, Amount: 1})
	a.send(0, 1)
	before := a.page().Cursor
	a.send(1, 2)
	require.Len(t, a.page().Changed, 1)
	require.Greater(t, a.page().Cursor, before, "the till that counts it must hear that it does not count")
	lost := a.sent[1]
	a.write(ann, reversal(lost, 0, -7)) // of what does not count
	a.sendAll()
	a.sendAll()
	require.Equal(t, []store.Reason{store.Overflow}, b.reasons())
	require.Equal(t, int64(math.MaxInt64), b.balance(north, ann, stamps))
	require.Zero(t, b.balance(north, ann, "points"), "half an entry counted")
	require.Equal(t, int64(1), b.balance(north, ben, stamps))
	require.Equal(t, uint64(4), a.acked(a.incarnation))
}

func reversalFirst(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	given := a.write(ann, pos.Posting{Account: stamps, Amount: 4}, pos.Posting{Account: "points", Amount: 10})
	other.write(ann, reversal(given, 0, -4), reversal(given, 1, -3))
	other.sendAll()
	require.Zero(t, b.balance(north, ann, stamps))
	require.Zero(t, b.balance(north, ann, "points"))
	a.sendAll()
	require.Zero(t, b.balance(north, ann, stamps))
	require.Equal(t, int64(7), b.balance(north, ann, "points"))
}

func reversalClamped(t *testing.T, b *bench) {
	a, other := b.till(north), b.till(north)
	given := a.write(ann, pos.Posting{Account: stamps, Amount: 4})
	spent := a.write(ann, pos.Posting{Account: stamps, Amount: -3})
	other.write(ann, reversal(given, 0, -3))
	a.write(ann, reversal(given, 0, -3))
	a.write(ann, reversal(given, 0, 5)) // more than was ever taken back
	a.write(ann, reversal(spent, 0, 9))
	a.sendAll()
	require.Equal(t, int64(4), b.balance(north, ann, stamps), "-3 and 5 are 2, and 2 more than there was is not given")
	other.sendAll()
	require.Equal(t, int64(3), b.balance(north, ann, stamps))
	undone := other.write(ann, reversal(given, 0, -9))
	other.sendAll()
	require.Zero(t, b.balance(north, ann, stamps))
	other.write(ann, pos.Posting{Account: stamps, Amount: 9, Of: &undone.ID})
	other.sendAll()
	require.Zero(t, b.balance(north, ann, stamps), "a reversal was reversed")
}

func reversalOfOther(t *testing.T, b *bench) {
	a := b.till(north)
	given := a.write(ann, pos.Posting{Account: stamps, Amount: 4}, pos.Posting{Account: "points", Amount: 4})
	a.write(ann, pos.Posting{Account: "points", Amount: -4, Of: &given.ID})                         // another account
	a.write(ann, pos.Posting{Account: stamps, Amount: -4, Of: &given.ID, Lot: pos.Lot{Until: 1e5}}) // another lot
	a.write(ann, pos.Posting{Account: stamps, Amount: -4, Of: &given.ID, OfIndex: 2})               // a place it does not have
	a.write(ben, pos.Posting{Account: stamps, Amount: -4, Of: &given.ID})                           // another holder
	a.sendAll()
	require.Equal(t, int64(4), b.balance(north, ann, stamps))
	require.Equal(t, int64(4), b.balance(north, ann, "points"))
	require.Zero(t, b.balance(north, ben, stamps))

	// Nor in a replay, which looks at all her entries again because two tills
	// spent the same lot.
	soon := pos.Lot{Until: today + 9}
	given = a.write(cleo, pos.Posting{Account: stamps, Amount: 4, Lot: soon}, pos.Posting{Account: "points", Amount: 4})
	a.write(cleo, pos.Posting{Account: stamps, Amount: -6, Lot: soon})
	a.write(cleo, pos.Posting{Account: stamps, Amount: -4, Of: &given.ID, OfIndex: 1})
	a.sendAll()
	require.Equal(t, int64(-2), b.balance(north, cleo, stamps))
}

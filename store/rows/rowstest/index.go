package rowstest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// indexed writes what the ledger writes into the tables that are another one's index: the
// places of holders in the feed, and the entries of their histories, some with the row
// that they belong to and some after it. What is read in between and afterwards is that of
// sorted maps.
func indexed(t *testing.T, db rows.DB) {
	feed, history := model{}, model{}
	at, entries := map[string]uint64{}, 0
	position := uint64(0)
	require.NoError(t, db.Update("north", func(tx rows.Tx) error {
		for _, name := range []string{"account", "feed", "entry", "history"} {
			table(t, tx, "north", []byte(name))
		}
		return nil
	}))
	rapid.Check(t, func(t *rapid.T) {
		nextFeed, nextHistory, nextAt := maps.Clone(feed), maps.Clone(history), maps.Clone(at)
		require.NoError(t, db.Update("north", func(tx rows.Tx) error {
			in := func(name string) rows.Table { return table(t, tx, "north", []byte(name)) }
			for range rapid.IntRange(1, 6).Draw(t, "steps") {
				holder := pos.HolderID{byte(rapid.IntRange(1, 5).Draw(t, "holder"))}
				if rapid.Bool().Draw(t, "publish") {
					position++
					key := rows.NumberKey(position)
					if before := nextAt[string(holder[:])]; before != 0 {
						delete(nextFeed, string(rows.NumberKey(before)))
						if rapid.Bool().Draw(t, "with what it has") {
							require.NoError(t, in("account").Put(holder[:], key))
						}
						require.NoError(t, rows.Move(in("feed"), rows.NumberKey(before), key, holder[:]))
					} else {
						require.NoError(t, in("account").Put(holder[:], key))
						require.NoError(t, in("feed").Put(key, holder[:]))
					}
					nextAt[string(holder[:])], nextFeed[string(key)] = position, string(holder[:])
				} else {
					entries++
					entry := rows.EntryKey(pos.EntryID{Terminal: pos.TerminalID{9}, Incarnation: 1, Seq: uint64(entries)})
					require.NoError(t, in("entry").Put(entry, fmt.Append(nil, entries)))
					if rapid.IntRange(0, 3).Draw(t, "counts") > 0 {
						require.NoError(t, in("history").Put(slices.Concat(holder[:], entry), []byte{}))
						nextHistory[string(holder[:])+string(entry)] = ""
					}
				}
				if rapid.IntRange(0, 5).Draw(t, "look") == 0 {
					same(t, nextFeed, in("feed"))
					same(t, nextHistory, in("history"))
				}
			}
			return nil
		}))
		feed, history, at = nextFeed, nextHistory, nextAt
		require.NoError(t, db.View(func(tx rows.Tx) error {
			same(t, feed, table(t, tx, "north", []byte("feed")))
			same(t, history, table(t, tx, "north", []byte("history")))
			from := binary.BigEndian.AppendUint64(nil, rapid.Uint64Range(0, position+1).Draw(t, "from"))
			rows.Load(tx, rows.Want{Area: "north", Table: []byte("feed"), Last: true, Ranges: []rows.Range{{From: from, Until: rows.NumberKey(position + 1)}}, Limit: 2})
			keys, i := feed.find(string(from))
			key, value := table(t, tx, "north", []byte("feed")).Cursor().Seek(from)
			want, is := feed.at(keys, i)
			(&walk{T: t}).same(want, is, key, value)
			return nil
		}))
	})
}

// same walks over the whole table, forwards and backwards, and gets each row.
func same(t *rapid.T, want model, is rows.Table) {
	w := &walk{T: t}
	keys := want.sorted()
	c := is.Cursor()
	key, value := c.First()
	for i := range len(keys) + 1 {
		k, v := want.at(keys, i)
		w.same(k, v, key, value)
		key, value = c.Next()
	}
	key, value = c.Last()
	for i := len(keys) - 1; i >= -1; i-- {
		k, v := want.at(keys, i)
		w.same(k, v, key, value)
		key, value = c.Prev()
	}
	for _, key := range keys {
		require.NotNil(t, is.Get([]byte(key)))
	}
}

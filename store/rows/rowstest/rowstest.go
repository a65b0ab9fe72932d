// Package rowstest has what a database of rows promises as tests. Each back end runs them.
package rowstest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// The tables that the tests use, which every ledger has.
var (
	opened  = []byte("open")
	raised  = []byte("exception")
	once    = []byte("once")
	setup   = []byte("terminal")
	program = []byte("program")

	// Tables that a back end may keep together. Each has others before and behind it.
	chains    = []byte("chain")
	latest    = []byte("latest")
	rolledUp  = []byte("rollup")
	neighbour = []byte("neighbour")
)

// DB tests a back end. Open returns an empty database with the tables of a ledger.
func DB(t *testing.T, open func(t *testing.T) rows.DB) {
	for name, test := range map[string]func(*testing.T, rows.DB){
		"any reading and writing is that of a sorted map": likeAMap,
		"what is refused leaves nothing":                  refused,
		"writers of one area lose nothing":                counters,
		"a reader sees one state":                         oneState,
		"areas are apart":                                 apart,
		"announcing changes nothing":                      announced,
		"a number is kept with its table":                 numbered,
		"an index is that of its rows":                    indexed,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			test(t, db)
			require.NoError(t, db.Close())
		})
	}
}

// model is the rows of one table as a test knows them.
type model map[string]string

func (m model) sorted() []string { return slices.Sorted(maps.Keys(m)) }

// find returns the place of the first key that is not before key.
func (m model) find(key string) ([]string, int) {
	keys := m.sorted()
	at, _ := slices.BinarySearch(keys, key)
	return keys, at
}

func (m model) at(keys []string, i int) (string, string) {
	if i < 0 || i >= len(keys) {
		return "", ""
	}
	return keys[i], m[keys[i]]
}

// walk is a table under test with its model.
type walk struct {
	*rapid.T
	tx    rows.Tx
	table rows.Table
	model model
}

func (w *walk) same(want, value string, key, is []byte) {
	require.Equal(w, want, string(key))
	require.Equal(w, value, string(is))
	require.Equal(w, want == "", key == nil)
}

var keys = rapid.StringMatching(`[abc]{1,3}`)

func likeAMap(t *testing.T, db rows.DB) {
	for _, place := range []struct {
		area pos.AreaID
		name []byte
	}{{"north", opened}, {"", setup}, {"", program}, {"north", latest}} {
		if bytes.Equal(place.name, latest) {
			require.NoError(t, db.Update(place.area, func(tx rows.Tx) error {
				return errors.Join(
					table(t, tx, place.area, chains).Put(neighbour, neighbour), table(t, tx, place.area, rolledUp).Put(neighbour, neighbour),
				)
			}))
		}
		known := model{}
		rapid.Check(t, func(t *rapid.T) {
			next := maps.Clone(known)
			giveUp := rapid.IntRange(0, 4).Draw(t, "give up") == 0
			stop := errors.New("stop")
			in := func(tx rows.Tx) rows.Table {
				if place.area == "" {
					return tx.Table(place.name)
				}
				space, err := tx.In(place.area)
				require.NoError(t, err)
				if space == nil {
					return nil // as long as all that would have made the area was given up
				}
				return tableIn(t, tx, space, place.name)
			}
			err := db.Update(place.area, func(tx rows.Tx) error {
				next = maps.Clone(known)
				w := &walk{t, tx, in(tx), next}
				if rapid.Bool().Draw(t, "announce") {
					rows.Load(tx, w.wants(place.area, place.name)...)
				}
				w.Repeat(w.actions(true))
				if giveUp {
					return stop
				}
				return nil
			})
			if giveUp {
				require.ErrorIs(t, err, stop)
				next = known
			} else {
				require.NoError(t, err)
			}
			known = next
			require.NoError(t, db.View(func(tx rows.Tx) error {
				w := &walk{t, tx, in(tx), known}
				if w.table == nil {
					return nil
				}
				if rapid.Bool().Draw(t, "announce to a reader") {
					rows.Load(tx, w.wants(place.area, place.name)...)
				}
				w.Repeat(w.actions(false))
				return nil
			}))
		})
	}
}

// wants draws what is announced.
func (w *walk) wants(area pos.AreaID, name []byte) []rows.Want {
	want := rows.Want{Area: area, Table: name, Last: rapid.Bool().Draw(w.T, "last")}
	for range rapid.IntRange(0, 3).Draw(w.T, "keys") {
		want.Keys = append(want.Keys, []byte(keys.Draw(w.T, "key")))
	}
	from, until := keys.Draw(w.T, "from"), keys.Draw(w.T, "until")
	if from < until {
		want.Ranges = []rows.Range{{From: []byte(from), Until: []byte(until)}}
		want.Limit = rapid.IntRange(0, 3).Draw(w.T, "limit")
	}
	return []rows.Want{want}
}

func (w *walk) actions(writes bool) map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){
		"get": func(t *rapid.T) {
			key := keys.Draw(t, "key")
			value, there := w.model[key]
			is := w.table.Get([]byte(key))
			require.Equal(t, there, is != nil)
			require.Equal(t, value, string(is))
		},
		"walk on":   func(t *rapid.T) { w.walks(t, true) },
		"walk back": func(t *rapid.T) { w.walks(t, false) },
		"ends": func(t *rapid.T) {
			sorted := w.model.sorted()
			key, value := w.table.Cursor().First()
			want, is := w.model.at(sorted, 0)
			w.same(want, is, key, value)
			key, value = w.table.Cursor().Last()
			want, is = w.model.at(sorted, len(sorted)-1)
			w.same(want, is, key, value)
		},
	}
	if !writes {
		return all
	}
	all["put"] = func(t *rapid.T) {
		key, value := keys.Draw(t, "key"), rapid.StringMatching(`[x-z]{0,2}`).Draw(t, "value")
		require.NoError(t, w.table.Put([]byte(key), []byte(value)))
		w.model[key] = value
	}
	all["put behind"] = func(t *rapid.T) {
		key := fmt.Sprintf("d%d", rapid.IntRange(0, 99).Draw(t, "n"))
		require.NoError(t, w.table.Put([]byte(key), []byte{1}))
		w.model[key] = "\x01"
	}
	all["delete"] = func(t *rapid.T) {
		key := keys.Draw(t, "key")
		if sorted := w.model.sorted(); len(sorted) > 0 && rapid.Bool().Draw(t, "the last") {
			key = sorted[len(sorted)-1]
		}
		require.NoError(t, w.table.Delete([]byte(key)))
		delete(w.model, key)
	}
	return all
}

// walks goes from a key in one direction, or turns on the way.
func (w *walk) walks(t *rapid.T, on bool) {
	var from []byte
	if rapid.IntRange(0, 5).Draw(t, "from a key") > 0 {
		from = []byte(keys.Draw(t, "from"))
	}
	c := w.table.Cursor()
	sorted, at := w.model.find(string(from))
	key, value := c.Seek(from)
	for range rapid.IntRange(1, 6).Draw(t, "steps") {
		want, is := w.model.at(sorted, at)
		w.same(want, is, key, value)
		if key == nil {
			return
		}
		if rapid.IntRange(0, 3).Draw(t, "turn") == 0 {
			on = !on
		}
		if on {
			at++
			key, value = c.Next()
		} else {
			at--
			key, value = c.Prev()
		}
	}
}

func refused(t *testing.T, db rows.DB) {
	no := errors.New("no")
	require.ErrorIs(t, db.Update("north", func(tx rows.Tx) error {
		require.NoError(t, table(t, tx, "north", raised).Put([]byte("k"), []byte("v")))
		require.NoError(t, table(t, tx, "north", raised).SetNumber(7))
		return no
	}), no)
	require.NoError(t, db.View(func(tx rows.Tx) error {
		space, err := tx.In("north")
		if err != nil || space == nil {
			return err
		}
		require.Nil(t, space.Table(raised).Get([]byte("k")))
		require.Zero(t, space.Table(raised).Number())
		return nil
	}))
}

func table(t require.TestingT, tx rows.Tx, area pos.AreaID, name []byte) rows.Table {
	space, err := tx.In(area)
	require.NoError(t, err)
	return tableIn(t, tx, space, name)
}

// tableIn returns the table, which a transaction that writes makes.
func tableIn(t require.TestingT, tx rows.Tx, space rows.Space, name []byte) rows.Table {
	if !tx.Writable() {
		return space.Table(name)
	}
	made, err := space.Make(name)
	require.NoError(t, err)
	return made
}

// counters adds to a row of an area and, now and then, to one of the setup, from many
// writers at once.
func counters(t *testing.T, db rows.DB) {
	const writers, times = 8, 20
	add := func(table rows.Table) error {
		before := table.Get([]byte("n"))
		return table.Put([]byte("n"), append(bytes.Clone(before), 1))
	}
	var all sync.WaitGroup
	errs := make(chan error, writers*times)
	for w := range writers {
		all.Go(func() {
			for i := range times {
				area := pos.AreaID([]string{"north", "south", ""}[(w+i)%3])
				errs <- db.Update(area, func(tx rows.Tx) error {
					if area == "" || i%5 == 0 {
						if err := add(tx.Table(setup)); err != nil {
							return err
						}
					}
					if area == "" {
						area = "north"
						defer func() { area = "" }()
					}
					return add(table(t, tx, area, once))
				})
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	total := 0
	require.NoError(t, db.View(func(tx rows.Tx) error {
		for _, area := range tx.Areas() {
			total += len(table(t, tx, area, once).Get([]byte("n")))
		}
		return nil
	}))
	require.Equal(t, writers*times, total)
}

// oneState moves a token between two tables while a reader looks at both.
func oneState(t *testing.T, db rows.DB) {
	move := func(from, to []byte) {
		require.NoError(t, db.Update("north", func(tx rows.Tx) error {
			if err := table(t, tx, "north", from).Delete([]byte("token")); err != nil {
				return err
			}
			return table(t, tx, "north", to).Put([]byte("token"), []byte{1})
		}))
	}
	move(opened, raised)
	require.NoError(t, db.View(func(tx rows.Tx) error {
		space, err := tx.In("north")
		require.NoError(t, err)
		inFeed := space.Table(opened).Get([]byte("token")) != nil
		moved := make(chan bool)
		go func() {
			move(raised, opened)
			close(moved)
		}()
		<-moved
		inAccount := space.Table(raised).Get([]byte("token")) != nil
		require.NotEqual(t, inFeed, inAccount)
		return nil
	}))
}

func apart(t *testing.T, db rows.DB) {
	for _, area := range []pos.AreaID{"south", "north", "east"} {
		require.NoError(t, db.Update(area, func(tx rows.Tx) error {
			return table(t, tx, area, opened).Put([]byte("k"), []byte(area))
		}))
	}
	require.NoError(t, db.View(func(tx rows.Tx) error {
		require.Equal(t, []pos.AreaID{"east", "north", "south"}, tx.Areas())
		for _, area := range tx.Areas() {
			space, err := tx.In(area)
			require.NoError(t, err)
			require.Equal(t, string(area), string(space.Table(opened).Get([]byte("k"))))
		}
		return nil
	}))
}

// announced asks for more rows than one fetch of a cursor brings.
func announced(t *testing.T, db rows.DB) {
	const n = 1000
	key := func(i int) []byte { return fmt.Appendf(nil, "%04d", i) }
	require.NoError(t, db.Update("north", func(tx rows.Tx) error {
		for i := range n {
			if err := table(t, tx, "north", opened).Put(key(i), key(i)); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, db.View(func(tx rows.Tx) error {
		rows.Load(tx, rows.Want{Area: "north", Table: opened, Ranges: []rows.Range{{From: key(100), Until: key(900)}}, Limit: 50})
		c := table(t, tx, "north", opened).Cursor()
		at, value := c.Seek(key(100))
		for i := 100; i < n; i++ {
			require.Equal(t, string(key(i)), string(at))
			require.Equal(t, at, value)
			at, value = c.Next()
		}
		require.Nil(t, at)
		return nil
	}))
}

func numbered(t *testing.T, db rows.DB) {
	for i := range uint64(3) {
		require.NoError(t, db.Update("north", func(tx rows.Tx) error {
			feed := table(t, tx, "north", opened)
			require.Equal(t, i, feed.Number())
			return feed.SetNumber(i + 1)
		}))
	}
	require.NoError(t, db.View(func(tx rows.Tx) error {
		require.EqualValues(t, 3, table(t, tx, "north", opened).Number())
		return nil
	}))
}

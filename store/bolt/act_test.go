package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store/central"
)

// act writes an entry of a kind.
func (c *counter) act(set func(*pos.Entry), postings ...pos.Posting) pos.Entry {
	var e pos.Entry
	record, err := c.till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
		e = c.next(m, ann, postings...)
		set(&e)
		return e, nil
	})
	require.NoError(c.t, err)
	return record.Entry
}

func (c *counter) tally(name string) (n int64) {
	_, err := c.till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
		n = m.Tally(name)
		return pos.Entry{}, station.ErrNotFound
	})
	require.ErrorIs(c.t, err, station.ErrNotFound)
	return n
}

// What a till counts is what its journal says, a void taken back.
func TestTally(t *testing.T) {
	c := &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: terminalA}
	c.open()
	cup := func(e *pos.Entry) { e.Kind, e.Reward = pos.Redeemed, "cup" }
	use := pos.Posting{Account: rules.CouponUse + "tea/7", Amount: 1}
	var last pos.Entry
	for range 3 {
		last = c.act(cup, pos.Posting{Account: stamps, Amount: -10}, use)
	}
	require.Equal(t, []int64{3, 3, 0}, []int64{c.tally("stock:cup"), c.tally("coupon-used:tea/7"), c.tally("stock:cake")})
	back := use
	back.Amount, back.Of, back.OfIndex = -1, &last.ID, 1
	c.act(func(e *pos.Entry) { e.Kind = pos.Voided }, pos.Posting{Account: stamps, Amount: 10, Of: &last.ID}, back)
	c.act(func(e *pos.Entry) { e.Kind = pos.Voided }, pos.Posting{Account: stamps, Amount: 10, Of: &pos.EntryID{Terminal: terminalA, Incarnation: 99, Seq: 1}})
	require.NoError(t, c.till.Close())
	c.open()
	require.Equal(t, []int64{2, 2}, []int64{c.tally("stock:cup"), c.tally("coupon-used:tea/7")})
	c.sound()
	require.NoError(t, c.till.Close())
	plant(t, c.path, func(tx *bbolt.Tx) { remove(tx.Bucket([]byte("tally")), []byte("stock:cup")) })
	c.open()
	found, err := c.till.Check()
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, `tally "stock:cup"`, found[0].Place)
}

// A switch that was turned here stands as it was turned, until the centre tells of a
// later turn.
func TestSwitchOnFile(t *testing.T) {
	c := &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: terminalA}
	c.open()
	turn := func(count int64) pos.Switch {
		return pos.SwitchOf(c.act(func(e *pos.Entry) { e.Kind, e.Reward, e.Count, e.Holder = pos.Switched, "rainy", count, ann }))
	}
	roster := func() pos.Roster {
		r, err := c.till.Roster()
		require.NoError(t, err)
		return r
	}
	require.NoError(t, c.till.SetRoster(pos.Roster{Version: 1}))
	require.Empty(t, roster().Switches)
	turn(1)
	off := turn(0)
	on := turn(1)
	require.NoError(t, c.till.Close())
	c.open()
	require.Equal(t, []pos.Switch{on}, roster().Switches)
	page := func(switches ...pos.Switch) {
		require.NoError(t, c.till.Apply(ledger.Page{At: noon.UnixMilli(), Roster: &pos.Roster{Version: 2, Switches: switches}}, nil))
	}
	page(off, pos.Switch{Name: "happy", On: true, At: 1})
	require.Equal(t, []pos.Switch{{Name: "happy", On: true, At: 1}, on}, roster().Switches)
	later := pos.Switch{Name: "rainy", At: on.At + 1, Entry: pos.EntryID{Seq: 1}}
	page(later)
	require.Equal(t, []pos.Switch{later}, roster().Switches)
	c.sound()
	require.NoError(t, c.till.Close())
	plant(t, c.path, func(tx *bbolt.Tx) { remove(tx.Bucket([]byte("switch")), []byte("rainy")) })
	c.open()
	found, err := c.till.Check()
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, `switch "rainy"`, found[0].Place)
}

// The items are apart from the roster, which every action reads.
func TestItemsOnFile(t *testing.T) {
	c := &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: terminalA}
	c.open()
	items := []pos.Item{{ID: "18", Name: "Cake", Category: "bakery", Price: 210}, {ID: "17", Name: "Tea", Category: "drinks"}}
	require.NoError(t, c.till.Apply(ledger.Page{At: noon.UnixMilli(), Roster: &pos.Roster{Version: 2, Items: items}}, nil))
	roster, err := c.till.Roster()
	require.NoError(t, err)
	require.Equal(t, pos.Roster{Version: 2}, roster)
	for range 2 {
		got, err := c.till.Items()
		require.NoError(t, err)
		require.Equal(t, items, got)
		tea, err := c.till.Item("17")
		require.NoError(t, err)
		require.Equal(t, items[1], tea)
		_, err = c.till.Item("")
		require.ErrorIs(t, err, station.ErrNotFound)
		require.NoError(t, c.till.SetRoster(roster))
		require.NoError(t, c.till.Close())
		c.open()
	}
	require.NoError(t, c.till.Apply(ledger.Page{At: noon.UnixMilli() + 1, Roster: &pos.Roster{Version: 3, Items: items[1:]}}, nil))
	got, err := c.till.Items()
	require.NoError(t, err)
	require.Equal(t, items[1:], got)
	c.sound()
}

var _ station.Shelf = (*central.Desk)(nil)

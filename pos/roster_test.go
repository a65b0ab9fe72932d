package pos_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tenthcup/pos"
	"tenthcup/pos/canon"
)

// A roster without switches and items has the bytes that it had before there were
// any, and a reader of that time passes over them.
func TestRosterOfAnOlderProgram(t *testing.T) {
	type older struct {
		Version  uint64          `cbor:"1,keyasint"`
		Shop     pos.Shop        `cbor:"2,keyasint"`
		Cashiers []pos.Cashier   `cbor:"3,keyasint"`
		Programs []pos.Published `cbor:"4,keyasint"`
	}
	was := older{Version: 7, Shop: pos.Shop{Name: "S", Store: "s"}, Cashiers: []pos.Cashier{{ID: "ann"}}, Programs: []pos.Published{{From: 1}}}
	old, err := canon.Marshal(was)
	require.NoError(t, err)
	roster := pos.Roster{Version: was.Version, Shop: was.Shop, Cashiers: was.Cashiers, Programs: was.Programs}
	raw, err := canon.Marshal(roster)
	require.NoError(t, err)
	require.Equal(t, old, raw)
	reader := canon.NewReader(16, 4096)
	var read pos.Roster
	require.NoError(t, reader.Unmarshal(old, &read))
	require.Equal(t, roster.Switch("rainy-day"), read.Switch("rainy-day"))

	roster.Switches, roster.Items = []pos.Switch{{Name: "rainy-day", On: true, At: 5, Entry: pos.EntryID{Seq: 1}}}, []pos.Item{{ID: "17", Name: "Tea", Price: 100}}
	raw, err = canon.Marshal(roster)
	require.NoError(t, err)
	var back older
	require.NoError(t, reader.Unmarshal(raw, &back))
	require.Equal(t, was, back)
	require.NoError(t, reader.Unmarshal(raw, &read))
	require.Equal(t, roster, read)
	require.True(t, read.Switch("rainy-day").On)
}

func TestProfileOfAnOlderProgram(t *testing.T) {
	raw, err := canon.Marshal(pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	var read map[int]any
	require.NoError(t, canon.NewReader(8, 64).Unmarshal(raw, &read))
	require.NotContains(t, read, 14)
	require.NotContains(t, read, 15)
}

// The newest state of a switch does not depend on the order in which states come.
func TestNewestSwitches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		turned := rapid.SliceOf(rapid.Custom(func(t *rapid.T) pos.Switch {
			e := pos.Entry{
				ID: pos.EntryID{Terminal: pos.TerminalID{rapid.Byte().Draw(t, "till")}, Seq: rapid.Uint64Range(1, 9).Draw(t, "seq")}, At: rapid.Int64Range(1, 9).Draw(t, "at"),
				Reward: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"),
			}
			e.Count = int64(e.ID.Seq % 2) // of one entry there is one state
			return pos.SwitchOf(e)
		})).Draw(t, "turned")
		var one, other []pos.Switch
		for _, s := range turned {
			one = pos.NewestSwitches(one, []pos.Switch{s})
		}
		half := rapid.IntRange(0, len(turned)).Draw(t, "half")
		slices.Reverse(turned)
		other = pos.NewestSwitches(pos.NewestSwitches(nil, turned[:half]), pos.NewestSwitches(nil, turned[half:]))
		require.True(t, slices.Equal(one, other), "%v and %v", one, other)
		for _, s := range turned {
			newest := pos.Roster{Switches: one}.Switch(s.Name)
			require.False(t, s.Newer(newest))
		}
	})
}

// Who saw a switch turned in the future and turns it is right all the same.
func TestSwitchAgainstAClockThatIsAhead(t *testing.T) {
	ahead := pos.SwitchOf(pos.Entry{Reward: "a", Count: 1, At: 1000})
	after := pos.SwitchOf(pos.Entry{Reward: "a", At: 10, Saw: map[string]int64{pos.SawTurned: ahead.At}})
	require.True(t, after.Newer(ahead))
	require.False(t, ahead.Newer(after))
	require.False(t, pos.SwitchOf(pos.Entry{Reward: "a", At: 10}).Newer(ahead))
}

func TestGiftCardProfile(t *testing.T) {
	_, err := pos.Profile{Kind: pos.GiftCard}.Clean("HU")
	require.NoError(t, err)
	for key, p := range map[string]pos.Profile{
		"giftcard.name": {Kind: pos.GiftCard, Name: "Ann"},
		"member.field":  {Kind: "dog", Name: "Rex"},
		"member.empty":  {},
	} {
		_, err := p.Clean("HU")
		require.ErrorIs(t, err, pos.Refuse(key))
	}
	_, err = pos.Profile{Kind: pos.GiftCard, Phone: "+3615550123"}.Clean("HU")
	require.ErrorIs(t, err, pos.Refuse("giftcard.name"))
}

package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store"
)

// ofTheOffice are the promises about what managers change.
func ofTheOffice() []promise {
	return []promise{
		{"what a manager changes and the entry about it are one", administered},
		{"an erased holder stays erased", erasedForGood},
	}
}

// did is an act of the manager Zoe's in the north.
func did(what, about, reason string) office.Act {
	return office.Act{Area: north, Act: station.Act{Do: what, About: about, Manager: "zoe", Reason: reason}}
}

func administered(t *testing.T, b *bench) {
	newDesk(b)
	o := b.office()
	zoe := pos.Cashier{ID: "zoe", Name: "Zoe", Role: pos.RoleManager, PIN: "hash"}
	e, err := o.Do(did(office.CashierAdded, "zoe", "new\nhere"), office.Change{Add: &zoe})
	require.NoError(t, err)
	require.Equal(t, pos.Administered, e.Kind)
	require.Equal(t, office.CashierAdded, e.Code)
	require.Equal(t, "new here", e.Reason)
	require.Equal(t, &pos.By{Kind: pos.ByManager, ID: []byte("zoe"), Manager: "zoe"}, e.By)
	before := must(b.db.Roster("main", b.now))(t)
	for want, change := range map[error]office.Change{
		store.ErrCashierTwice:  {Add: &zoe},
		store.ErrNoCashier:     {Put: &pos.Cashier{ID: "eve", Name: "Eve"}},
		office.ErrLastManager:  {Put: &pos.Cashier{ID: "zoe", Role: pos.RoleCashier}},
		pos.ErrUnknownTerminal: {Revoke: pos.TerminalID{9}},
		store.ErrNoStore:       {Ticket: &office.Ticket{Name: "till", Store: "gone", Code: "ABC"}},
		office.ErrNoMember:     {Erase: ann},
	} {
		_, err := o.Do(did("x", "", ""), change)
		require.ErrorIs(t, err, want)
	}
	_, err = o.Do(did(office.CashierRemoved, "zoe", ""), office.Change{Remove: "zoe"})
	require.ErrorIs(t, err, office.ErrLastManager)
	require.Equal(t, before, must(b.db.Roster("main", b.now))(t), "what was refused changed nothing")
	require.Equal(t, 1, must(b.db.Count(north))(t).Entries, "and is no entry")

	_, err = o.Do(did(office.CashierPIN, "zoe", ""), office.Change{Put: &pos.Cashier{ID: "zoe", PIN: "other"}})
	require.NoError(t, err)
	after := must(b.db.Roster("main", b.now))(t)
	require.Equal(t, []pos.Cashier{{ID: "zoe", Name: "Zoe", Role: pos.RoleManager, PIN: "other"}}, after.Cashiers, "the rest stays")
	require.Greater(t, after.Version, before.Version, "tills hear of it")
	_, err = o.Do(did(office.TerminalAdded, "till", ""), office.Change{Ticket: &office.Ticket{Name: "till", Store: "main", Code: "ABCDEFGH", Expires: b.now.Add(time.Hour)}})
	require.NoError(t, err)
	till := desk{b}.enrolled("ABCDEFGH", key(8), b.now)
	_, err = o.Do(did(office.TerminalGone, till.ID.String(), "lost"), office.Change{Revoke: till.ID})
	require.NoError(t, err)
	require.True(t, must(b.db.Terminal(till.ID))(t).Revoked)
	require.Equal(t, 4, must(b.db.Count(north))(t).Entries)
}

// Erased holders stay erased, whoever still has the profile and however late it was
// changed; what they have stays in the ledger.
func erasedForGood(t *testing.T, b *bench) {
	d := newDesk(b)
	one, two := d.enrolled("c1", key(1), b.now), d.enrolled("c4", key(2), b.now)
	send := func(from pos.Terminal, p pos.Profile) {
		require.NoError(t, b.db.Take(from, ledger.Sent{Profiles: []pos.Profile{p}}, b.now))
	}
	page := func(cursor uint64) ledger.Page {
		return must(b.db.Page(two, ledger.PageAsk{Cursor: cursor, Limit: 10, At: b.now, Day: today}))(t)
	}
	ours := pos.Profile{Holder: ann, Name: "Ann", Phone: "+3630", Codes: []string{"A"}, Joined: 7, Changed: 5, ChangedBy: one.ID}
	send(one, ours)
	seen := page(0).Cursor
	o := b.office()
	act := did(office.MemberErased, "", "asked")
	act.Holder = ann
	_, err := o.Do(act, office.Change{Erase: ann})
	require.NoError(t, err)
	_, err = o.Do(act, office.Change{Erase: ann})
	require.ErrorIs(t, err, office.ErrErased)
	told := page(seen)
	require.Len(t, told.Changed, 1, "every till hears of it")
	gone := *told.Changed[0].Profile
	require.Equal(t, pos.Profile{Holder: ann, Kind: pos.Erased, Joined: 7, Changed: gone.Changed, ChangedBy: server}, gone)

	later := ours
	later.Changed, later.Name = b.now.Add(1000*time.Hour).UnixMilli(), "Ann again"
	send(one, later)
	told = page(told.Cursor)
	require.Len(t, told.Changed, 1, "the till that still had it hears again")
	require.Equal(t, gone, *told.Changed[0].Profile)
	require.True(t, gone.Newer(later))
	require.False(t, later.Newer(gone))
}

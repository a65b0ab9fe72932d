package storetest

import (
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/store"
)

func enrolOnce(t *testing.T, b *bench) {
	key := func(n byte) ed25519.PublicKey {
		return ed25519.NewKeyFromSeed(append([]byte{n, 0xee}, make([]byte, 30)...)).Public().(ed25519.PublicKey)
	}
	for id, area := range map[pos.StoreID]pos.AreaID{"main": north, "side": north, "far": south} {
		require.NoError(t, b.db.AddStore(pos.Shop{Name: "Shop " + string(id), Store: id, Area: area}))
	}
	later := b.now.Add(time.Hour)
	require.ErrorIs(t, b.db.AddTerminal("till", "gone", "c0", later), store.ErrNoStore)
	for code, shop := range map[string]pos.StoreID{"c1": "main", "c2": "side", "c3": "far", "c4": "main"} {
		require.NoError(t, b.db.AddTerminal("till "+code, shop, code, later))
	}
	require.ErrorIs(t, b.db.AddTerminal("till", "main", "c1", later), store.ErrCodeTwice)
	_, err := b.db.Terminal(pos.TerminalOf(key(1)))
	require.ErrorIs(t, err, pos.ErrUnknownTerminal)

	enrolled := func(code string, key ed25519.PublicKey, at time.Time) pos.Terminal {
		terminal, err := b.db.Enrol(code, key, at)
		require.NoError(t, err)
		return terminal
	}
	refused := func(want error, code string, key ed25519.PublicKey, at time.Time) {
		_, err := b.db.Enrol(code, key, at)
		require.ErrorIs(t, err, want)
	}
	refused(pos.ErrBadEnrolCode, "", key(1), b.now)
	refused(pos.ErrBadEnrolCode, "c9", key(1), b.now)
	refused(pos.ErrBadEnrolCode, "c1", key(1), later)
	_, err = b.db.Enrol("c1", key(1)[:7], b.now)
	_, isProblem := errors.AsType[*pos.Problem](err)
	require.True(t, err != nil && !isProblem, "a broken key is not the code's fault: %v", err)

	first := enrolled("c1", key(1), b.now)
	require.Equal(t, pos.Terminal{
		ID: pos.TerminalOf(key(1)), Key: key(1), Name: "till c1", Area: north, Store: "main", Enrolled: b.now.UnixMilli(),
	}, first)
	require.Equal(t, first, enrolled("c1", key(1), later.Add(time.Hour)), "the answer was lost")
	refused(pos.ErrBadEnrolCode, "c1", key(2), b.now)
	moved := enrolled("c2", key(1), b.now)
	require.Equal(t, pos.StoreID("side"), moved.Store)
	refused(store.ErrTerminalMoved, "c3", key(1), b.now)
	got, err := b.db.Terminal(first.ID)
	require.NoError(t, err)
	require.Equal(t, moved, got)

	require.ErrorIs(t, b.db.Revoke(pos.TerminalOf(key(7))), pos.ErrUnknownTerminal)
	require.NoError(t, b.db.Revoke(first.ID))
	_, err = b.db.Terminal(first.ID)
	require.ErrorIs(t, err, pos.ErrRevoked)
	refused(pos.ErrRevoked, "c4", key(1), b.now)
	enrolled("c4", key(4), b.now)
}

func rosters(t *testing.T, b *bench) {
	db := b.db
	version := uint64(0)
	// changed wants the roster to have a new version after each change.
	changed := func(err error) pos.Roster {
		require.NoError(t, err)
		roster, err := db.Roster("main", b.now)
		require.NoError(t, err)
		require.Greater(t, roster.Version, version)
		version = roster.Version
		return roster
	}
	_, err := db.Roster("main", b.now)
	require.ErrorIs(t, err, store.ErrNoStore)
	shop := pos.Shop{Name: "Kőszegi", Currency: "HUF", Language: "hu", Timezone: "Europe/Budapest", Area: north, Store: "main"}
	require.Equal(t, shop, changed(db.AddStore(shop)).Shop)
	require.ErrorIs(t, db.AddStore(pos.Shop{Name: "KOSZEGI", Store: "side", Area: north}), store.ErrStoreTwice)
	require.ErrorIs(t, db.AddStore(pos.Shop{Name: "Other", Store: "main", Area: north}), store.ErrStoreTwice)
	require.ErrorIs(t, db.AddStore(pos.Shop{Name: "Other", Area: north}), store.ErrNotUsableStore)

	changed(db.AddCashier(pos.Cashier{ID: "c2", Name: "Zoe", Role: pos.RoleManager}))
	require.ErrorIs(t, db.AddCashier(pos.Cashier{ID: "c2"}), store.ErrCashierTwice)
	changed(db.AddCashier(pos.Cashier{ID: "c1", Name: "Ádám", Role: pos.RoleCashier}))
	require.ErrorIs(t, db.SetPIN("c9", "hash"), store.ErrNoCashier)
	require.Equal(t, []pos.Cashier{
		{ID: "c1", Name: "Ádám", Role: pos.RoleCashier}, {ID: "c2", Name: "Zoe", Role: pos.RoleManager, PIN: "hash"},
	}, changed(db.SetPIN("c2", "hash")).Cashiers)

	at := func(hours int) int64 { return b.now.Add(time.Duration(hours) * time.Hour).UnixMilli() }
	names := func(r pos.Roster) (names string) {
		for _, p := range r.Programs {
			names += string(p.Document)
		}
		return names
	}
	require.Equal(t, "c", names(changed(db.Publish(pos.Published{Document: []byte("c"), From: at(2)}))))
	require.Equal(t, "ac", names(changed(db.Publish(pos.Published{Document: []byte("a"), From: at(-2)}))))
	require.Equal(t, "bc", names(changed(db.Publish(pos.Published{Document: []byte("b"), From: at(0)}))))
	require.Equal(t, "Bc", names(changed(db.Publish(pos.Published{Document: []byte("B"), From: at(0)}))))
	later, err := db.Roster("main", b.now.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, "c", names(later))

	// A page brings the roster if the till has another version, a higher one too:
	// a server that was set back to a backup is right.
	a := b.till(north)
	for _, has := range []uint64{0, 1, 999} {
		ask := a.ask(0, 1)
		ask.Roster = has
		page, err := db.Page(a.Terminal, ask)
		require.NoError(t, err)
		require.Equal(t, a.Store, page.Roster.Shop.Store)
		require.Len(t, page.Roster.Cashiers, 2)
		ask.Roster = page.Roster.Version
		page, err = db.Page(a.Terminal, ask)
		require.NoError(t, err)
		require.Nil(t, page.Roster)
	}
}

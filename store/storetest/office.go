package storetest

import (
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

// key returns the n-th of some keys.
func key(n byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(append([]byte{n, 0xee}, make([]byte, 30)...)).Public().(ed25519.PublicKey)
}

// desk enrols terminals. Codes are good for an hour.
type desk struct{ *bench }

func newDesk(b *bench) desk {
	for id, area := range map[pos.StoreID]pos.AreaID{"main": north, "side": north, "far": south} {
		require.NoError(b.t, b.db.AddStore(pos.Shop{Name: "Shop " + string(id), Store: id, Area: area}))
	}
	for code, shop := range map[string]pos.StoreID{"c1": "main", "c2": "side", "c3": "far", "c4": "main"} {
		require.NoError(b.t, b.db.AddTerminal("till "+code, shop, code, b.now.Add(time.Hour)))
	}
	return desk{b}
}

func (d desk) enrolled(code string, key ed25519.PublicKey, at time.Time) pos.Terminal {
	terminal, err := d.db.Enrol(code, key, at)
	require.NoError(d.t, err)
	return terminal
}

func (d desk) refused(want error, code string, key ed25519.PublicKey, at time.Time) {
	d.t.Helper()
	terminal, err := d.db.Enrol(code, key, at)
	require.ErrorIs(d.t, err, want)
	require.Zero(d.t, terminal)
}

func enrolOnce(t *testing.T, b *bench) {
	d, later := newDesk(b), b.now.Add(time.Hour)
	d.refused(pos.ErrBadEnrolCode, "", key(1), b.now)
	d.refused(pos.ErrBadEnrolCode, "c9", key(1), b.now)
	d.refused(pos.ErrBadEnrolCode, "c1", key(1), later)
	first := d.enrolled("c1", key(1), b.now)
	require.Equal(t, pos.Terminal{
		ID: pos.TerminalOf(key(1)), Key: key(1), Name: "till c1", Area: north, Store: "main", Enrolled: b.now.UnixMilli(),
	}, first)
	require.Equal(t, first, d.enrolled("c1", key(1), later.Add(time.Hour)), "the answer was lost")
	d.refused(pos.ErrBadEnrolCode, "c1", key(2), b.now)

	moved := d.enrolled("c2", key(1), b.now)
	require.Equal(t, pos.StoreID("side"), moved.Store)
	d.refused(store.ErrTerminalMoved, "c3", key(1), b.now)
	got, err := b.db.Terminal(first.ID)
	require.NoError(t, err)
	require.Equal(t, moved, got)
	d.enrolled("c3", key(3), b.now)
}

func enrolRefused(t *testing.T, b *bench) {
	d, later := newDesk(b), b.now.Add(time.Hour)
	require.ErrorIs(t, b.db.AddTerminal("till", "gone", "c0", later), store.ErrNoStore)
	require.ErrorIs(t, b.db.AddTerminal("till", "main", "c1", later), store.ErrCodeTwice)
	_, err := b.db.Enrol("c1", key(1)[:7], b.now)
	_, isProblem := errors.AsType[*pos.Problem](err)
	require.True(t, err != nil && !isProblem, "a broken key is not the code's fault: %v", err)

	id := pos.TerminalOf(key(1))
	_, err = b.db.Terminal(id)
	require.ErrorIs(t, err, pos.ErrUnknownTerminal)
	require.ErrorIs(t, b.db.Revoke(id, "zoe", "stolen"), pos.ErrUnknownTerminal)
	d.enrolled("c1", key(1), b.now)
	require.NoError(t, b.db.Revoke(id, "zoe", "stolen"))
	terminal, err := b.db.Terminal(id)
	require.NoError(t, err)
	require.True(t, terminal.Revoked)
	d.refused(pos.ErrRevoked, "c1", key(1), b.now)
	d.refused(pos.ErrRevoked, "c4", key(1), b.now)
	d.enrolled("c4", key(4), b.now)
}

// manager changes what rosters say and wants a new version each time.
type manager struct {
	*bench
	version uint64
}

func (m *manager) changed(err error) pos.Roster {
	m.t.Helper()
	require.NoError(m.t, err)
	roster, err := m.db.Roster("main", m.now)
	require.NoError(m.t, err)
	require.Greater(m.t, roster.Version, m.version)
	m.version = roster.Version
	return roster
}

func staff(t *testing.T, b *bench) {
	m, db := &manager{bench: b}, b.db
	_, err := db.Roster("main", b.now)
	require.ErrorIs(t, err, store.ErrNoStore)
	shop := pos.Shop{Name: "Kőszegi", Currency: "HUF", Language: "hu", Timezone: "Europe/Budapest", Area: north, Store: "main"}
	require.Equal(t, shop, m.changed(db.AddStore(shop)).Shop)
	require.ErrorIs(t, db.AddStore(pos.Shop{Name: "KOSZEGI", Store: "side", Area: north}), store.ErrStoreTwice)
	require.ErrorIs(t, db.AddStore(pos.Shop{Name: "Other", Store: "main", Area: north}), store.ErrStoreTwice)
	require.ErrorIs(t, db.AddStore(pos.Shop{Name: "Other", Area: north}), store.ErrNotUsableStore)

	m.changed(db.AddCashier(pos.Cashier{ID: "c2", Name: "Zoe", Role: pos.RoleManager}))
	require.ErrorIs(t, db.AddCashier(pos.Cashier{ID: "c2"}), store.ErrCashierTwice)
	m.changed(db.AddCashier(pos.Cashier{ID: "c1", Name: "Ádám", Role: pos.RoleCashier}))
	require.ErrorIs(t, db.SetPIN("c9", "hash"), store.ErrNoCashier)
	require.Equal(t, []pos.Cashier{
		{ID: "c1", Name: "Ádám", Role: pos.RoleCashier}, {ID: "c2", Name: "Zoe", Role: pos.RoleManager, PIN: "hash"},
	}, m.changed(db.SetPIN("c2", "hash")).Cashiers)
}

func programs(t *testing.T, b *bench) {
	m, db := &manager{bench: b}, b.db
	m.changed(db.AddStore(pos.Shop{Name: "Main", Area: north, Store: "main"}))
	publish := func(document string, hours int) string {
		from := b.now.Add(time.Duration(hours) * time.Hour).UnixMilli()
		return documents(m.changed(db.Publish(pos.Published{Document: []byte(document), From: from})))
	}
	require.Equal(t, "c", publish("c", 2))
	require.Equal(t, "ac", publish("a", -2))
	require.Equal(t, "bc", publish("b", 0))
	require.Equal(t, "Bc", publish("B", 0))
	later, err := db.Roster("main", b.now.Add(2*time.Hour))
	require.NoError(t, err)
	require.Equal(t, "c", documents(later))
}

func documents(r pos.Roster) (names string) {
	for _, p := range r.Programs {
		names += string(p.Document)
	}
	return names
}

// A page brings the roster if the till has another version, a higher one too: a
// server that was set back to a backup is right.
func rosterOnPage(t *testing.T, b *bench) {
	a := b.till(north)
	require.NoError(t, b.db.AddCashier(pos.Cashier{ID: "c1", Name: "Ida"}))
	for _, has := range []uint64{0, 1, 999} {
		ask := a.ask(0, 1)
		ask.Roster = has
		page, err := b.db.Page(a.Terminal, ask)
		require.NoError(t, err)
		require.Equal(t, a.Store, page.Roster.Shop.Store)
		require.Len(t, page.Roster.Cashiers, 1)
		ask.Roster = page.Roster.Version
		page, err = b.db.Page(a.Terminal, ask)
		require.NoError(t, err)
		require.Nil(t, page.Roster)
	}
}

// Who guesses the secret part of a code has five tries, however they come; the
// right one is then dead too. What was used is not tried out.
func codeGuessed(t *testing.T, b *bench) {
	d, later := newDesk(b), b.now.Add(time.Hour)
	require.NoError(t, b.db.AddTerminal("till", "main", "ABCDEFGH", later))
	for i := range 4 {
		d.refused(pos.ErrBadEnrolCode, "ABCDEFG"+string(rune('0'+i)), key(9), b.now)
	}
	b.db = b.reopen()
	d.bench = b
	d.refused(pos.ErrBadEnrolCode, "XYZDEFGH", key(9), b.now)
	require.Equal(t, "till", d.enrolled("ABCDEFGH", key(9), b.now).Name)
	for range 9 {
		d.refused(pos.ErrBadEnrolCode, "ABCDEFGX", key(8), b.now)
	}
	d.enrolled("ABCDEFGH", key(9), b.now)

	require.NoError(t, b.db.AddTerminal("till", "main", "ABCRIGHT", later))
	var guessing sync.WaitGroup
	for i := range 20 {
		guessing.Go(func() {
			if _, err := b.db.Enrol("ABC"+string(rune('a'+i)), key(7), b.now); err == nil {
				t.Error("a wrong code was good")
			}
		})
	}
	guessing.Wait()
	d.refused(pos.ErrBadEnrolCode, "ABCRIGHT", key(7), b.now)
	require.NoError(t, b.db.AddTerminal("till", "main", "ABCAGAIN", later), "a dead one makes room")
	d.enrolled("ABCAGAIN", key(7), b.now)
}

func codeNames(t *testing.T, b *bench) {
	d, later := newDesk(b), b.now.Add(time.Hour)
	require.NoError(t, b.db.AddTerminal("one", "main", "ABC11111", later))
	require.ErrorIs(t, b.db.AddTerminal("two", "main", "ABC22222", later), store.ErrCodeTwice)
	require.NoError(t, b.db.AddTerminal("two", "main", "ABD22222", later))
	first := d.enrolled("ABC11111", key(1), b.now)
	require.NoError(t, b.db.AddTerminal("three", "main", "ABC33333", later), "a used one makes room")
	require.Equal(t, "three", d.enrolled("ABC33333", key(3), b.now).Name)
	require.Equal(t, "two", d.enrolled("ABD22222", key(2), b.now).Name)

	require.NoError(t, b.db.AddTerminal("four", "main", "ABE44444", later))
	b.now = later
	require.NoError(t, b.db.Take(first, ledger.Sent{Profiles: []pos.Profile{{Holder: ann, Name: "Ann", Changed: 1}}}, b.now))
	require.NoError(t, b.db.AddTerminal("five", "main", "ABE55555", later.Add(time.Hour)), "an expired one makes room")
	d.refused(pos.ErrBadEnrolCode, "ABE44444", key(4), b.now)
	require.Equal(t, "five", d.enrolled("ABE55555", key(5), b.now).Name)
}

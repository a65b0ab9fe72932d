package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store/postgres"
	"tenthcup/store/postgres/pgtest"
	"tenthcup/sync/wire"
)

// replica is another process that serves the branch's ledger: it has none of the memory
// of the first.
func (b *branch) replica() orderDesk {
	return orderDesk{b.desk, slog.New(slog.DiscardHandler), officeHandlers()}
}

func (b *branch) terminal() pos.Terminal {
	t, err := b.desk.db.Terminal(b.till.identity.terminal())
	require.NoError(b.t, err)
	return t
}

// wants is an order of Mia's.
func (b *branch) wants(id byte, do string, ask any) wire.Order {
	body, err := json.Marshal(ask)
	require.NoError(b.t, err)
	return wire.Order{V: wire.Version, ID: bytes.Repeat([]byte{id}, wire.OrderID), Manager: "mia", PIN: "1111", Do: do, Body: body}
}

// What a manager orders is done once, whichever servers of the chain the order reaches,
// and each answers the same.
func TestOrderIsCarriedOutOnceByAllServers(t *testing.T) {
	b := newBranch(t)
	other := b.enrol("Till 2")
	member, err := b.till.station.Enrol("mia", pos.Profile{Name: "Ann"})
	require.NoError(t, err)
	twin, err := b.till.station.Enrol("mia", pos.Profile{Name: "Anne"})
	require.NoError(t, err)
	require.NoError(t, b.till.sync(t.Context(), nil))
	ann, anne := member.Member.Profile.Holder, twin.Member.Profile.Holder
	program, err := os.ReadFile(b.till.dir + "/" + programName)
	if err != nil {
		programs, err := b.desk.db.Programs()
		require.NoError(t, err)
		program = programs[0].Document
	}
	asks := map[string]any{
		"cashier-add":     office.Staff{Name: "Zoe", Role: pos.RoleCashier, PIN: "3333"},
		"cashier-change":  office.Staff{ID: "ben", PIN: "4444"},
		"cashier-remove":  office.Staff{ID: "ben"},
		"terminal-add":    tillAsk{"Till 9", "corner"},
		"terminal-revoke": revokeAsk{other.identity.terminal(), "stolen"},
		"program-publish": publishAsk{Document: program, From: time.Now().Add(time.Hour).UnixMilli()},
		"member-merge":    mergeAsk{ann, anne, "twice"},
		"member-export":   memberAsk{Holder: anne},
		"member-erase":    memberAsk{Holder: anne, Reason: "asked"},
		"issue-settle":    settleAsk{ID: "00"},
	}
	id := byte(0)
	for _, do := range []string{
		"cashier-add", "cashier-change", "cashier-remove", "terminal-add", "terminal-revoke", "program-publish",
		"member-merge", "member-export", "member-erase", "issue-settle",
	} {
		id++
		order := b.wants(id, do, asks[do])
		before := len(b.entries())
		body, first := b.replica().Carry(b.terminal(), order)
		after := len(b.entries())
		again, second := b.replica().Carry(b.terminal(), order)
		require.Len(t, b.entries(), after, do)
		switch do {
		case "issue-settle":
			require.ErrorIs(t, first, office.ErrUnknown)
			require.ErrorIs(t, second, office.ErrUnknown, "a refusal too")
		case "member-export":
			require.NoError(t, first)
			require.ErrorIs(t, second, pos.Refuse("office.unsure"), "what is known about somebody is not kept")
			require.Equal(t, before+1, after)
		default:
			require.NoError(t, first, do)
			require.NoError(t, second, do)
			require.Equal(t, string(body), string(again), do)
			require.Greater(t, after, before, do)
		}
		changed := order
		changed.Body = []byte(`{"other":1}`)
		_, err := b.replica().Carry(b.terminal(), changed)
		require.ErrorIs(t, err, wire.ErrMalformed, "two orders under one id")
	}
	for do := range officeHandlers() {
		require.True(t, asks[do] != nil || onlyReads(do), "%s is not tried", do)
	}
}

// entries returns all that the server wrote itself.
func (b *branch) entries() (own [][]byte) {
	require.NoError(b.t, b.desk.db.Entries("main", func(raw []byte) bool {
		if e, err := pos.DecodeEntry(raw); err == nil && e.ID.Terminal == b.desk.office.Terminal {
			own = append(own, raw)
		}
		return true
	}))
	return own
}

// A server that ends over an order, before or after doing it, leaves nobody who knows; so
// that is what the manager hears, and it is not done again.
func TestOrderOfAServerThatEnded(t *testing.T) {
	b := newBranch(t)
	done := 0
	ending := b.replica()
	ending.handlers = map[string]handler{
		"ends":  func(*serverDesk, acting, []byte) (any, error) { done++; panic("killed") },
		"fails": func(*serverDesk, acting, []byte) (any, error) { done++; return nil, errors.New("disk on fire") },
	}
	require.Panics(t, func() { _, _ = ending.Carry(b.terminal(), b.wants(1, "ends", nothing{})) })
	_, err := ending.Carry(b.terminal(), b.wants(2, "fails", nothing{}))
	require.ErrorContains(t, err, "on fire")
	for id, do := range map[byte]string{1: "ends", 2: "fails"} {
		_, err := ending.Carry(b.terminal(), b.wants(id, do, nothing{}))
		require.ErrorIs(t, err, pos.Refuse("office.unsure"))
	}
	require.Equal(t, 2, done)
}

// A wrong PIN counts once, however often and wherever it arrives; what reads may be read
// again.
func TestWrongPINOfAnOrderCountsOnce(t *testing.T) {
	b := newBranch(t)
	for id, do := range map[byte]string{1: "cashier-list", 2: "cashier-remove"} {
		wrong := b.wants(id, do, office.Staff{ID: "ben"})
		wrong.PIN = "7777"
		for range 20 {
			_, err := b.replica().Carry(b.terminal(), wrong)
			require.ErrorIs(t, err, pos.Refuse("pin.wrong"))
		}
	}
	list := b.wants(3, "cashier-list", nothing{})
	first, err := b.replica().Carry(b.terminal(), list)
	require.NoError(t, err, "and the right one is let in")
	_, err = b.replica().Carry(b.terminal(), b.wants(4, "cashier-remove", office.Staff{ID: "ben"}))
	require.NoError(t, err)
	second, err := b.replica().Carry(b.terminal(), list)
	require.NoError(t, err)
	require.NotEqual(t, string(first), string(second))
}

// Orders are forgotten in their order, a till's own, and no PIN can be found in what is
// kept of them.
func TestOrdersAreForgottenAndSealed(t *testing.T) {
	b := newBranch(t)
	first := b.wants(1, "cashier-change", office.Staff{ID: "ben", PIN: "86420975"})
	for id := range byte(20) {
		order := b.wants(id+1, "cashier-change", office.Staff{ID: "ben", PIN: "86420975"})
		_, err := b.replica().Carry(b.terminal(), order)
		require.NoError(t, err)
	}
	before := len(b.entries())
	_, err := b.replica().Carry(b.terminal(), b.wants(20, "cashier-change", office.Staff{ID: "ben", PIN: "86420975"}))
	require.NoError(t, err)
	require.Len(t, b.entries(), before)
	_, err = b.replica().Carry(b.terminal(), first)
	require.NoError(t, err)
	require.Len(t, b.entries(), before+1, "the first one is forgotten")
	raw, err := wire.Encode(first)
	require.NoError(t, err)
	hash := sha256.Sum256(raw)
	file, err := os.ReadFile(b.file)
	require.NoError(t, err)
	for _, secret := range [][]byte{hash[:12], []byte("86420975"), raw[len(raw)-20:]} {
		require.False(t, bytes.Contains(file, secret))
	}
}

// Servers that are given the same order at the same moment on one database do it once.
func TestOrderReachesServersAtOnce(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	url := pgtest.Shared(t, "fsync = off").Database(t)
	_, err := postgres.Migrate(t.Context(), url)
	require.NoError(t, err)
	_, err = newSecret(secretFile(url))
	require.NoError(t, err)
	desks := make([]*serverDesk, 4)
	for i := range desks {
		desks[i], err = openDesk(t.Context(), url)
		require.NoError(t, err)
		defer desks[i].db.Close()
	}
	status, out := ends(t, "store", "add", "Corner", "--timezone", "UTC", "--db", url)
	require.Zero(t, status, out)
	status, out = ends(t, "cashier", "add", "Mia", "--pin", "1111", "--role", "manager", "--db", url)
	require.Zero(t, status, out)
	b := &branch{t: t, desk: desks[0]}
	through := pos.Terminal{ID: pos.TerminalID{1}, Store: "corner", Area: "main"}
	before := len(b.entries())
	for id := range byte(5) {
		order := b.wants(id, "terminal-add", tillAsk{"Till 9", "corner"})
		bodies := make([]string, len(desks))
		var all sync.WaitGroup
		for i, desk := range desks {
			all.Go(func() {
				body, err := orderDesk{desk, slog.New(slog.DiscardHandler), officeHandlers()}.Carry(through, order)
				if err == nil {
					bodies[i] = string(body)
				} else if !errors.Is(err, pos.Refuse("office.unsure")) {
					bodies[i] = err.Error()
				}
			})
		}
		all.Wait()
		require.Len(t, b.entries(), before+int(id)+1)
		_, err := orderDesk{desks[1], slog.New(slog.DiscardHandler), officeHandlers()}.Carry(through, order)
		require.NoError(t, err)
		said := map[string]bool{}
		for _, body := range bodies {
			if body != "" {
				said[body] = true
			}
		}
		require.Len(t, said, 1)
	}
}

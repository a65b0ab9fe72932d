package client_test

import (
	"crypto/ed25519"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/sync/wire"
)

// Who may not talk to the server loses nothing, and learns why.
func TestTerminalsThatAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		u := s.tills[0]
		u.member("Ann")
		_, stranger, err := ed25519.GenerateKey(s.random)
		require.NoError(t, err)
		u.client.Key, stranger = stranger, u.client.Key
		require.ErrorIs(t, u.client.Sync(t.Context(), nil), pos.ErrUnknownTerminal)
		require.Equal(t, 2, u.waiting())
		require.Zero(t, s.centre.entries())
		u.client.Key = stranger
		require.NoError(t, s.centre.book.Revoke(u.Terminal, "zoe", "stolen"))
		require.ErrorIs(t, u.client.Sync(t.Context(), nil), pos.ErrRevoked)
		s.tills[1].sync()
	})
}

// Somebody on the way changes the request: nothing of it is taken.
func TestTamperedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 1)
		u := s.tills[0]
		u.member("Ann")
		good := s.line.handler
		s.line.handler = tampered(good, func(raw []byte) { raw[len(raw)/2] ^= 1 })
		require.ErrorIs(t, u.client.Sync(t.Context(), nil), pos.Refuse("line.refused"))
		require.Zero(t, s.centre.entries())
		require.Equal(t, 2, u.waiting())
		s.line.handler = good
		u.sync()
		require.Equal(t, 1, s.centre.entries())
	})
}

// A till whose file was changed by hand sends a chain that is broken. The centre
// keeps all of it, counts only what is chained to what it has, and nothing
// behind it has to wait.
func TestTamperedJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		u := s.tills[0]
		ann := u.member("Ann")
		for range 9 {
			u.stamp(ann, 1)
		}
		u.client.Book = meddler{Book: u.book, change: func(entries [][]byte) {
			if len(entries) == 10 {
				e, err := pos.DecodeEntry(entries[4])
				require.NoError(t, err)
				e.Postings[0].Amount = 50
				entries[4], err = e.Encode()
				require.NoError(t, err)
			}
		}}
		require.NoError(t, u.client.Sync(t.Context(), nil))
		require.Zero(t, u.waiting())
		require.Equal(t, 10, s.centre.entries())
		require.NotZero(t, s.centre.quarantined(), "the break is kept for a manager")
	})
}

// An entry of another terminal, signed by this one, is kept but counts nothing.
func TestEntryOfAnotherTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, 2)
		one, two := s.tills[0], s.tills[1]
		ann := one.member("Ann")
		one.sync()
		two.sync()
		one.stamp(ann, 1)
		two.stamp(ann, 5)
		stolen, err := one.book.Outbox(1, wire.MaxEntryBytes)
		require.NoError(t, err)
		two.client.Book = meddler{Book: two.book, change: func(entries [][]byte) {
			for i := range entries {
				entries[i] = stolen.Entries[0]
			}
		}}
		_, err = two.client.Exchange(t.Context())
		require.ErrorIs(t, err, pos.Refuse("line.stuck"))
		require.Equal(t, 1, s.centre.quarantined())
		require.Equal(t, 1, two.waiting())
		require.Equal(t, 1, s.centre.entries())
		two.client.Book = two.book
		two.sync()
		one.sync()
		require.EqualValues(t, 6, one.balance(ann, stamps))
	})
}

package bolt_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/office"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
)

const cupProgram = `
title = "Test"
[[card]]
id = "coffee"
size = 10
[[reward]]
id = "cup"
card = "coffee"
[offline]
leases = 1
`

var serverTerminal = pos.TerminalID{0x5e}

// head is a server with one store, one till and a desk of its own.
type head struct {
	t     *testing.T
	path  string
	book  *central.Book
	desk  *central.Desk
	till  *counter
	is    pos.Terminal
	clock time.Time
}

func newHead(t *testing.T) *head {
	c := &head{t: t, path: filepath.Join(t.TempDir(), "central.db"), clock: noon}
	c.open()
	require.NoError(t, c.book.AddStore(pos.Shop{Name: "S", Store: "s", Area: "north", Currency: "EUR", Timezone: "America/New_York"}))
	require.NoError(t, c.book.Publish(pos.Published{Document: []byte(cupProgram), From: 1}))
	require.NoError(t, c.book.AddTerminal("till", "s", "code", noon.Add(time.Hour)))
	var err error
	c.is, err = c.book.Enrol("code", make(ed25519.PublicKey, ed25519.PublicKeySize), noon)
	require.NoError(t, err)
	c.till = &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: c.is.ID}
	c.till.open()
	t.Cleanup(func() {
		found, err := c.book.Check()
		require.NoError(t, err)
		require.Empty(t, found)
		require.NoError(t, c.book.Close())
		require.NoError(t, c.till.till.Close())
	})
	return c
}

func (c *head) open() {
	var err error
	c.book, err = bolt.OpenCentral(c.path, [32]byte{1})
	require.NoError(c.t, err)
	c.desk = c.book.Desk("north", serverTerminal)
}

// restart ends the server's process and begins the next.
func (c *head) restart() {
	require.NoError(c.t, c.book.Close())
	c.open()
}

// gives has the till give stamps and tell the centre.
func (c *head) gives(holder pos.HolderID, n int64) {
	c.till.stamp(holder, n)
	box, err := c.till.till.Outbox(1000, 1e6)
	require.NoError(c.t, err)
	require.NoError(c.t, c.book.Take(c.is, ledger.Sent{Entries: box.Entries}, c.clock))
}

func (c *head) station() *station.Station {
	zone, err := time.LoadLocation("America/New_York")
	require.NoError(c.t, err)
	currency, _ := pos.CurrencyOf("EUR")
	return &station.Station{
		Journal: c.desk, Joint: c.desk, Members: c.desk, Office: c.desk, Shelf: c.desk, Terminal: serverTerminal,
		Now: func() time.Time { return c.clock }, Random: rand.Reader, Store: "s", Zone: zone, Currency: currency,
	}
}

func (c *head) office() *office.Office {
	return &office.Office{Book: c.book, Terminal: serverTerminal, Now: func() time.Time { return c.clock }, Random: rand.Reader, Zone: time.UTC}
}

func (c *head) balance(holder pos.HolderID) int64 {
	sums, err := c.book.Balance("north", holder, today)
	require.NoError(c.t, err)
	return sums.Balance(stamps, today)
}

package client_test

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/sync/client"
	"tenthcup/sync/server"
	"tenthcup/sync/wire"
)

const programText = `
title = "Café"
[[card]]
id = "coffee"
name = "Coffee"
size = 10
[points]
earn = 1
for = "1"
[[reward]]
id = "free"
name = "Free coffee"
card = "coffee"
`

// pepper is the centre's.
var pepper = bytes.Repeat([]byte{9}, wire.PepperSize)

const stamps pos.Account = "stamp:coffee/10"

// centre is a central server that can be killed: its file is closed and opened
// again, and whoever waits for an answer gets none.
type centre struct {
	t    testing.TB
	path string
	book *central.Book

	killBefore, killAfter int // how many of the next Takes die before, or after, they are on disk

	revoked pos.TerminalID // that may only hand in what it has
	skews   []time.Duration
	wants   []pos.HolderID
	broken  []bool
	holders int // as its pages say, if not 0
}

func newCentre(t testing.TB) *centre {
	c := &centre{t: t, path: filepath.Join(t.TempDir(), "central.db")}
	c.open()
	t.Cleanup(func() { require.NoError(t, c.book.Close()) })
	require.NoError(t, c.book.AddStore(pos.Shop{
		Name: "Corner", Currency: "EUR", Language: "en", Timezone: "Europe/Budapest", Area: "area", Store: "corner",
	}))
	require.NoError(t, c.book.AddCashier(pos.Cashier{ID: "ann", Name: "Ann", Role: pos.RoleManager}))
	require.NoError(t, c.book.Publish(pos.Published{Document: []byte(programText)}))
	return c
}

func (c *centre) open() {
	book, err := bolt.OpenCentral(c.path, [32]byte{1})
	require.NoError(c.t, err)
	c.book = book
}

// kill is what a request in a server that dies sees: nothing more.
func (c *centre) kill() {
	require.NoError(c.t, c.book.Close())
	c.open()
	panic(http.ErrAbortHandler)
}

func (c *centre) Terminal(id pos.TerminalID) (pos.Terminal, error) {
	t, err := c.book.Terminal(id)
	t.Revoked = t.Revoked || id == c.revoked
	return t, err
}

func (c *centre) Enrol(code string, key ed25519.PublicKey, at time.Time) (pos.Terminal, error) {
	return c.book.Enrol(code, key, at)
}

func (c *centre) Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error {
	c.skews, c.wants = append(c.skews, sent.Skew), append(c.wants, sent.Wants...)
	c.broken = append(c.broken, sent.Broken)
	if c.killBefore > 0 {
		c.killBefore--
		c.kill()
	}
	if err := c.book.Take(terminal, sent, at); err != nil {
		return err
	}
	if c.killAfter > 0 {
		c.killAfter--
		c.kill()
	}
	return nil
}

func (c *centre) Page(terminal pos.Terminal, ask ledger.PageAsk) (ledger.Page, error) {
	page, err := c.book.Page(terminal, ask)
	page.Holders = max(page.Holders, c.holders)
	return page, err
}

func (c *centre) Roster(shop pos.StoreID, at time.Time) (pos.Roster, error) {
	return c.book.Roster(shop, at)
}

// entries returns how many entries the centre holds, each once.
func (c *centre) entries() int {
	return c.counts().Entries
}

// quarantined returns how much it holds that does not count.
func (c *centre) quarantined() int { return c.counts().Quarantined }

func (c *centre) counts() store.Counts {
	counts, err := c.book.Count("area")
	require.NoError(c.t, err)
	return counts
}

// shop is a centre and the tills on its line.
type shop struct {
	t      testing.TB
	centre *centre
	line   *line
	random *rand.ChaCha8
	tills  []*till

	address string // of the server
}

// newShop is called inside the test's bubble.
func newShop(t testing.TB, tills int) *shop {
	s := &shop{t: t, centre: newCentre(t), address: address, random: rand.NewChaCha8([32]byte{byte(tills)})}
	s.line = newLine(t, server.New(s.centre, server.Options{Now: time.Now, Pepper: pepper}))
	for range tills {
		s.enrol()
	}
	return s
}

// till is a station with its file and its line.
type till struct {
	*station.Station
	shop   *shop
	path   string
	book   *bolt.Till
	client *client.Client
	ahead  time.Duration // of its clock
}

// enrol makes one more till, by the line.
func (s *shop) enrol() *till {
	public, key, err := ed25519.GenerateKey(s.random)
	require.NoError(s.t, err)
	code := "CODE" + string(rune('A'+len(s.tills)))
	require.NoError(s.t, s.centre.book.AddTerminal("Till", "corner", code, time.Now().Add(time.Hour)))
	enrolled, err := client.Enrol(s.t.Context(), client.Enrolment{HTTP: s.line.client(s.t), URL: s.address, Plain: true}, code, public)
	require.NoError(s.t, err)
	u := &till{shop: s, path: filepath.Join(s.t.TempDir(), "till.db")}
	u.client = &client.Client{
		Key: key, URL: s.address, Plain: true, HTTP: s.line.client(s.t),
		Now: func() time.Time { return time.Now().Add(u.ahead) },
	}
	u.open(enrolled.Terminal.ID)
	require.NoError(s.t, u.book.SetRoster(enrolled.Roster))
	require.NoError(s.t, u.book.SetEnrolled())
	s.t.Cleanup(func() { require.NoError(s.t, u.book.Close()) })
	s.tills = append(s.tills, u)
	return u
}

// open begins a process on the till's file.
func (u *till) open(id pos.TerminalID) {
	book, err := bolt.OpenTill(u.path, id, [32]byte{1})
	require.NoError(u.shop.t, err)
	u.book, u.client.Book = book, book
	u.Station = &station.Station{
		Journal: book, Members: book, Office: book, Terminal: id, Random: u.shop.random, Zone: time.UTC,
		Now: u.client.Now, Currency: pos.Currency{Code: "EUR", Exponent: 2},
	}
}

// restart ends the process and begins another.
func (u *till) restart() {
	require.NoError(u.shop.t, u.book.Close())
	u.open(u.Terminal)
}

// sync syncs until nothing waits, which must succeed.
func (u *till) sync() {
	require.NoError(u.shop.t, u.client.Sync(u.shop.t.Context(), nil))
	require.Zero(u.shop.t, u.waiting())
}

func (u *till) waiting() int {
	waiting, err := u.Waiting()
	require.NoError(u.shop.t, err)
	return waiting.Total()
}

// member enrols a member.
func (u *till) member(name string) pos.HolderID {
	done, err := u.Enrol("ann", pos.Profile{Name: name})
	require.NoError(u.shop.t, err)
	return done.Member.Profile.Holder
}

func (u *till) stamp(holder pos.HolderID, n int64) {
	_, err := u.Stamp("ann", holder, "", n)
	require.NoError(u.shop.t, err)
}

// balance returns what the till believes the member has.
func (u *till) balance(holder pos.HolderID, account pos.Account) int64 {
	view, err := u.book.View(holder)
	require.NoError(u.shop.t, err)
	return view.Sums.Balance(account, u.Today())
}

// checked fails the test for every broken promise in any of the files.
func (s *shop) checked() {
	findings, err := s.centre.book.Check()
	require.NoError(s.t, err)
	require.Empty(s.t, findings)
	for _, u := range s.tills {
		findings, err := u.book.Check()
		require.NoError(s.t, err)
		require.Empty(s.t, findings)
	}
}

// meddler changes what waits on the way to the line.
type meddler struct {
	client.Book
	change func(entries [][]byte)
}

func (m meddler) Outbox(maxEntries, maxBytes int) (ledger.Outbox, error) {
	box, err := m.Book.Outbox(maxEntries, maxBytes)
	if err == nil {
		m.change(box.Entries)
	}
	return box, err
}

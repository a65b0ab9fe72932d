package simulation_test

import (
	"net/http"
	"strings"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/bolt"
	"tenthcup/store/central"
	"tenthcup/sync/server"
)

const (
	area  pos.AreaID    = "area"
	shop  pos.StoreID   = "corner"
	clerk pos.CashierID = "ann"
	boss  pos.CashierID = "bob"
)

// centre is two servers over one central file. It stands between them and the
// file, notes what was taken, and can make a server die.
type centre struct {
	server.Book // the file, as the servers see it
	w           *world
	path        string
	file        *central.Book
	hosts       map[string]*host

	killBefore, killAfter bool // the next Take dies before, or after, it is on disk
}

var names = []string{"one", "two"}

func newCentre(w *world) *centre {
	c := &centre{w: w, path: w.file("central"), hosts: map[string]*host{}}
	c.open()
	require.NoError(w.t, c.file.AddStore(pos.Shop{
		Name: "Corner", Currency: "EUR", Language: "en", Timezone: "UTC", Area: area, Store: shop,
	}))
	require.NoError(w.t, c.file.AddCashier(pos.Cashier{ID: clerk, Name: "Ann", Role: pos.RoleCashier}))
	hash, err := pinHash()
	require.NoError(w.t, err)
	require.NoError(w.t, c.file.AddCashier(pos.Cashier{ID: boss, Name: "Bob", Role: pos.RoleManager, PIN: hash}))
	require.NoError(w.t, c.file.Publish(pos.Published{Document: w.program()}))
	for _, name := range names {
		c.serve(name)
	}
	return c
}

func (c *centre) open() {
	file, err := bolt.OpenCentral(c.path, secret)
	require.NoError(c.w.t, err)
	c.file, c.Book = file, file
}

// serve begins a server process's HTTP side, after the one before it ended.
func (c *centre) serve(name string) {
	if h := c.hosts[name]; h != nil {
		h.close()
	}
	var book server.Book = c
	if c.w.broken.centre != nil {
		book = c.w.broken.centre(c)
	}
	c.hosts[name] = newHost(server.New(book, server.Options{Now: time.Now}))
	synctest.Wait()
}

func (c *centre) host(address string) *host {
	name, _, _ := strings.Cut(address, ":")
	return c.hosts[name]
}

func (c *centre) close() {
	for _, name := range names {
		c.hosts[name].close()
	}
	require.NoError(c.w.t, c.file.Close())
}

// crash opens a copy of the file as it is on disk, and leaves the old one.
func (c *centre) crash() {
	old := c.file
	c.path = c.w.copied(c.path, "central")
	c.open()
	require.NoError(c.w.t, old.Close())
}

// Take is server.Book's.
func (c *centre) Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error {
	_, err := c.TakeAndTell(terminal, sent, nil, at)
	return err
}

// TakeAndTell answers in the transaction that takes, as a real centre does, where pages
// are not to be small.
func (c *centre) TakeAndTell(terminal pos.Terminal, sent ledger.Sent, ask *ledger.PageAsk, at time.Time) (page *ledger.Page, err error) {
	if c.killBefore {
		c.killBefore = false
		c.crash()
		panic(http.ErrAbortHandler)
	}
	if real, ok := c.Book.(*central.Book); ok && c.w.plan.rows == 0 {
		c.w.meanwhile(terminal.ID)
		page, err = real.TakeAndTell(terminal, sent, ask, at)
	} else {
		err = c.Book.Take(terminal, sent, at)
	}
	if err != nil {
		return nil, err
	}
	c.took(terminal, sent)
	if c.killAfter {
		c.killAfter = false
		c.crash()
		panic(http.ErrAbortHandler)
	}
	return page, nil
}

func (c *centre) took(terminal pos.Terminal, sent ledger.Sent) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if terminal.Revoked {
		c.w.model.late(sent.Entries)
	} else {
		c.w.model.taken(sent.Entries, sent.Profiles)
	}
}

// Page is server.Book's. While the till waits for it, its cashier works on. In some
// worlds pages are small, so that an ack comes before the balances it is for.
func (c *centre) Page(terminal pos.Terminal, ask ledger.PageAsk) (ledger.Page, error) {
	c.w.meanwhile(terminal.ID)
	if c.w.plan.rows > 0 {
		ask.Limit = min(ask.Limit, c.w.plan.rows)
	}
	return c.Book.Page(terminal, ask)
}

// entries returns the centre's entries by id, those that are no entries apart.
func (c *centre) entries() (entries map[pos.EntryID][]byte, others [][]byte) {
	entries = map[pos.EntryID][]byte{}
	err := c.file.Entries(area, func(raw []byte) bool {
		e, err := pos.DecodeEntry(raw)
		if err != nil {
			others = append(others, raw)
		} else if entries[e.ID] != nil {
			c.w.wronged("centre: entry %s is there twice", e.ID)
		} else {
			entries[e.ID] = raw
		}
		return true
	})
	c.w.must(err, "read the centre's entries")
	return entries, others
}

// feed returns every holder as the centre tells the tills of it now.
func (c *centre) feed() []ledger.Changed {
	page, err := c.file.Page(pos.Terminal{Area: area, Store: shop}, ledger.PageAsk{Limit: 1 << 20, At: time.Now(), Day: today()})
	c.w.must(err, "read the feed")
	return page.Changed
}

// today is the shop's day by the centre's clock.
func today() pos.Day { return pos.DayOf(time.Now(), time.UTC) }

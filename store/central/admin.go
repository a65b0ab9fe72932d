package central

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// AddStore adds a store, and its area if that is new. Two stores may not have
// one id, nor names that read alike: store.ErrStoreTwice.
func (c *Book) AddStore(shop pos.Shop) error {
	if shop.Store == "" || shop.Area == "" || pos.Fold(shop.Name) == "" {
		return store.ErrNotUsableStore
	}
	return c.change(func(tx rows.Tx) error {
		shops, err := rows.All[pos.Shop](tx.Table(storeTable))
		if err != nil {
			return err
		}
		for _, other := range shops {
			if other.Store == shop.Store || pos.Fold(other.Name) == pos.Fold(shop.Name) {
				return pos.Refuse(store.ErrStoreTwice.Key, "name", other.Name)
			}
		}
		if _, _, err := c.area(tx, shop.Area); err != nil {
			return err
		}
		return rows.Put(tx.Table(storeTable), []byte(shop.Store), shop)
	})
}

// change runs write and gives the rosters a new version.
func (c *Book) change(write func(tx rows.Tx) error) error {
	return c.db.Update("", func(tx rows.Tx) error { return renewed(tx, write(tx)) })
}

// Stores returns the stores by their names.
func (c *Book) Stores() (shops []pos.Shop, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		shops, err = rows.All[pos.Shop](tx.Table(storeTable))
		return err
	})
	slices.SortFunc(shops, func(a, b pos.Shop) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Store, b.Store)) })
	return shops, err
}

func terminalOf(tx rows.Tx, id pos.TerminalID) (t pos.Terminal, found bool, err error) {
	found, err = rows.Get(tx.Table(terminalTable), id[:], &t)
	return t, found, err
}

// Terminal returns an enrolled terminal, a revoked one too, which says so. One
// that is not there is pos.ErrUnknownTerminal.
func (c *Book) Terminal(id pos.TerminalID) (t pos.Terminal, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		known, found, err := terminalOf(tx, id)
		if err == nil && !found {
			err = pos.ErrUnknownTerminal
		}
		t = known
		return err
	})
	return t, err
}

// Terminals returns all terminals, revoked ones too, by their names.
func (c *Book) Terminals() (terminals []pos.Terminal, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		terminals, err = terminalsIn(tx)
		return err
	})
	return terminals, err
}

func terminalsIn(tx rows.Tx) ([]pos.Terminal, error) {
	terminals, err := rows.All[pos.Terminal](tx.Table(terminalTable))
	slices.SortFunc(terminals, func(a, b pos.Terminal) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return terminals, err
}

// Tills returns the terminals of an area by their names, with when they were here last and
// why one was shut out. Where another server saw one last that may be ten minutes late.
func (c *Book) Tills(area pos.AreaID) (tills []office.Till, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		all, err := terminalsIn(tx)
		if err != nil {
			return err
		}
		tills = nil
		w := newWanted()
		for _, known := range all {
			if known.Area != area {
				continue
			}
			tills = append(tills, office.Till{Terminal: known})
			w.key(seenTable, known.ID[:])
			w.key(revokedTable, known.ID[:])
		}
		rows.Load(tx, w.of("")...)
		for i := range tills {
			t := &tills[i]
			last, err := c.sawIn(tx, t.ID)
			if err != nil {
				return err
			}
			why, err := revokedIn(tx, t.ID)
			if err != nil {
				return err
			}
			t.Seen, t.Waiting, t.Reason = last.At, last.Waiting, why.Reason
		}
		return nil
	})
	return tills, err
}

// AddCashier adds a cashier of all stores. An id that is taken is
// store.ErrCashierTwice.
func (c *Book) AddCashier(cashier pos.Cashier) error {
	return c.change(func(tx rows.Tx) error { return c.addCashier(tx, cashier) })
}

// SetPIN gives the cashier a new PIN, as station.HashPIN makes it. One that is
// not there is store.ErrNoCashier.
func (c *Book) SetPIN(id pos.CashierID, hash string) error {
	return c.change(func(tx rows.Tx) error {
		cashier, err := c.cashierOf(tx, id)
		if err != nil {
			return err
		}
		cashier.PIN = hash
		return c.cashierRows(tx).Put([]byte(cashier.ID), cashier)
	})
}

// Cashiers returns the cashiers by their names.
func (c *Book) Cashiers() (cashiers []pos.Cashier, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		cashiers, err = c.cashiers(tx)
		return err
	})
	return cashiers, err
}

func (c *Book) cashiers(tx rows.Tx) (cashiers []pos.Cashier, err error) {
	table := c.cashierRows(tx)
	err = rows.Each(table.Table, func(key, raw []byte) error {
		var cashier pos.Cashier
		err := table.Decode(key, raw, &cashier)
		cashiers = append(cashiers, cashier)
		return err
	})
	slices.SortFunc(cashiers, func(a, b pos.Cashier) int {
		return cmp.Or(cmp.Compare(pos.Fold(a.Name), pos.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return cashiers, err
}

// Publish adds a version of the program, which decides from its From on until
// the next one does. One with the same From is replaced.
func (c *Book) Publish(p pos.Published) error {
	return c.change(func(tx rows.Tx) error { return publish(tx, p) })
}

func publish(tx rows.Tx, p pos.Published) error {
	if p.From < 0 {
		return errors.New("publish program: before 1970")
	}
	return tx.Table(programTable).Put(rows.NumberKey(uint64(p.From)), p.Document)
}

// Programs returns all versions by From.
func (c *Book) Programs() (programs []pos.Published, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		programs, err = programsOf(tx)
		return err
	})
	return programs, err
}

func programsOf(tx rows.Tx) (programs []pos.Published, err error) {
	c := tx.Table(programTable).Cursor()
	for key, document := c.First(); key != nil; key, document = c.Next() {
		from, err := rows.NumberOf(key)
		if err != nil {
			return nil, err
		}
		programs = append(programs, pos.Published{Document: slices.Clone(document), From: int64(from)})
	}
	return programs, nil
}

// Roster returns what the store's tills are told at the moment: all cashiers, and
// of the programs the one that decides then and those to come. A store that is
// not there is store.ErrNoStore.
func (c *Book) Roster(shop pos.StoreID, at time.Time) (roster pos.Roster, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		roster, err = c.wholeRoster(tx, shop, at)
		return err
	})
	return roster, err
}

func (c *Book) wholeRoster(tx rows.Tx, shop pos.StoreID, at time.Time) (roster pos.Roster, err error) {
	if roster, err = c.roster(tx, shop, at); err == nil {
		roster.Items, err = c.rules.items(tx)
	}
	return roster, err
}

// roster returns the roster without items.
func (c *Book) roster(tx rows.Tx, shop pos.StoreID, at time.Time) (roster pos.Roster, err error) {
	found, err := rows.Get(tx.Table(storeTable), []byte(shop), &roster.Shop)
	if err != nil {
		return pos.Roster{}, err
	}
	if !found {
		return pos.Roster{}, pos.Refuse(store.ErrNoStore.Key, "store", string(shop))
	}
	has, err := c.turnedIn(tx, roster.Shop)
	if err != nil {
		return pos.Roster{}, err
	}
	roster.Switches = has.Switches
	if roster.Version, err = rosterVersion(tx, has); err != nil {
		return pos.Roster{}, err
	}
	if roster.Cashiers, err = c.cashiers(tx); err != nil {
		return pos.Roster{}, err
	}
	programs, err := programsOf(tx)
	if err != nil {
		return pos.Roster{}, fmt.Errorf("read programs: %w", err)
	}
	first := 0
	for i, p := range programs {
		if p.From <= at.UnixMilli() {
			first = i
		}
	}
	roster.Programs = programs[min(first, len(programs)):]
	return roster, nil
}

package bolt

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/store"
)

// ticket is what a one-time code is good for.
type ticket struct {
	Name    string         `cbor:"1,keyasint"`
	Store   pos.StoreID    `cbor:"2,keyasint"`
	Expires int64          `cbor:"3,keyasint"` // ms
	Used    pos.TerminalID `cbor:"4,keyasint,omitzero"`
}

// AddStore adds a store, and its area if that is new. Two stores may not have
// one id, nor names that read alike: store.ErrStoreTwice.
func (c *Central) AddStore(shop pos.Shop) error {
	if shop.Store == "" || shop.Area == "" || pos.Fold(shop.Name) == "" {
		return store.ErrNotUsableStore
	}
	return c.change(func(tx *bbolt.Tx) error {
		shops, err := all[pos.Shop](tx.Bucket(storeBucket))
		if err != nil {
			return err
		}
		for _, other := range shops {
			if other.Store == shop.Store || pos.Fold(other.Name) == pos.Fold(shop.Name) {
				return pos.Refuse(store.ErrStoreTwice.Key, "name", other.Name)
			}
		}
		if _, _, err := areaOf(tx, shop.Area); err != nil {
			return err
		}
		return put(tx.Bucket(storeBucket), []byte(shop.Store), shop)
	})
}

// change runs write and gives the rosters a new version.
func (c *Central) change(write func(tx *bbolt.Tx) error) error {
	return c.file.update(func(tx *bbolt.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		meta := tx.Bucket(metaBucket)
		version, err := getNumber(meta, versionKey)
		if err != nil {
			return err
		}
		return meta.Put(versionKey, numberKey(version+1))
	})
}

// all returns the bucket's rows in the order of their keys.
func all[T any](b *bbolt.Bucket) (rows []T, err error) {
	c := b.Cursor()
	for key, raw := c.First(); key != nil; key, raw = c.Next() {
		var row T
		if err := decode(raw, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Stores returns the stores by their names.
func (c *Central) Stores() (shops []pos.Shop, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		shops, err = all[pos.Shop](tx.Bucket(storeBucket))
		return err
	})
	slices.SortFunc(shops, func(a, b pos.Shop) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Store, b.Store)) })
	return shops, err
}

// AddTerminal makes the code good for one terminal of the store, once and before
// it expires. Only the code's hash is kept; how it is written is the caller's
// matter, for it is compared byte by byte. A code that was given out before is
// store.ErrCodeTwice, a store that is not there store.ErrNoStore.
func (c *Central) AddTerminal(name string, shop pos.StoreID, code string, expires time.Time) error {
	key := sha256.Sum256([]byte(code))
	return c.file.update(func(tx *bbolt.Tx) error {
		if tx.Bucket(storeBucket).Get([]byte(shop)) == nil {
			return pos.Refuse(store.ErrNoStore.Key, "store", string(shop))
		}
		if tx.Bucket(ticketBucket).Get(key[:]) != nil {
			return store.ErrCodeTwice
		}
		return put(tx.Bucket(ticketBucket), key[:], ticket{Name: name, Store: shop, Expires: expires.UnixMilli()})
	})
}

// Enrol makes the terminal with the key one of the store that the code was made
// for, at the moment. The same key with the same code gets the same answer again,
// for the first may have been lost. A code that is wrong, expired or used by
// another key is pos.ErrBadEnrolCode. A terminal may enrol again with another
// code, for another store too, but not for one in another area, where its entries
// would count twice: store.ErrTerminalMoved. One that was revoked stays so:
// pos.ErrRevoked.
func (c *Central) Enrol(code string, key ed25519.PublicKey, at time.Time) (t pos.Terminal, err error) {
	if len(key) != ed25519.PublicKeySize {
		return pos.Terminal{}, errors.New("enrol terminal: not an Ed25519 key")
	}
	hash := sha256.Sum256([]byte(code))
	err = c.file.update(func(tx *bbolt.Tx) error {
		id := pos.TerminalOf(key)
		before, known, err := terminalOf(tx, id)
		if err != nil {
			return err
		}
		if before.Revoked {
			return pos.ErrRevoked
		}
		var good ticket
		found, err := get(tx.Bucket(ticketBucket), hash[:], &good)
		switch {
		case err != nil:
			return err
		case found && known && good.Used == id:
			t = before
			return nil
		case !found || !good.open(at):
			return pos.ErrBadEnrolCode
		}
		good.Used = id
		if err := put(tx.Bucket(ticketBucket), hash[:], good); err != nil {
			return err
		}
		t = pos.Terminal{ID: id, Key: key, Name: good.Name, Store: good.Store, Enrolled: at.UnixMilli()}
		return enrol(tx, &t, before.Area)
	})
	if err != nil {
		return pos.Terminal{}, err
	}
	return t, nil
}

// open reports whether the code can still be used.
func (t ticket) open(at time.Time) bool {
	return t.Used == (pos.TerminalID{}) && at.UnixMilli() < t.Expires
}

// enrol stores the terminal, in its store's area, which must be the one that it
// was in before, if any.
func enrol(tx *bbolt.Tx, t *pos.Terminal, before pos.AreaID) error {
	var shop pos.Shop
	if _, err := get(tx.Bucket(storeBucket), []byte(t.Store), &shop); err != nil {
		return err
	}
	if before != "" && before != shop.Area {
		return store.ErrTerminalMoved
	}
	t.Area = shop.Area
	return put(tx.Bucket(terminalBucket), t.ID[:], *t)
}

func terminalOf(tx *bbolt.Tx, id pos.TerminalID) (t pos.Terminal, found bool, err error) {
	found, err = get(tx.Bucket(terminalBucket), id[:], &t)
	return t, found, err
}

// Terminal returns an enrolled terminal that may talk to the server. Any other is
// pos.ErrUnknownTerminal or pos.ErrRevoked.
func (c *Central) Terminal(id pos.TerminalID) (t pos.Terminal, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		found, known := false, pos.Terminal{}
		known, found, err = terminalOf(tx, id)
		switch {
		case err != nil:
			return err
		case !found:
			return pos.ErrUnknownTerminal
		case known.Revoked:
			return pos.ErrRevoked
		}
		t = known
		return nil
	})
	return t, err
}

// Terminals returns all terminals, revoked ones too, by their names.
func (c *Central) Terminals() (terminals []pos.Terminal, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		terminals, err = all[pos.Terminal](tx.Bucket(terminalBucket))
		return err
	})
	slices.SortFunc(terminals, func(a, b pos.Terminal) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return terminals, err
}

// Revoke shuts a terminal out for good. What it sent before stays. One that is
// not there is pos.ErrUnknownTerminal.
func (c *Central) Revoke(id pos.TerminalID) error {
	return c.file.update(func(tx *bbolt.Tx) error {
		t, found, err := terminalOf(tx, id)
		if err != nil {
			return err
		}
		if !found {
			return pos.ErrUnknownTerminal
		}
		t.Revoked = true
		return put(tx.Bucket(terminalBucket), id[:], t)
	})
}

// AddCashier adds a cashier of all stores. An id that is taken is
// store.ErrCashierTwice.
func (c *Central) AddCashier(cashier pos.Cashier) error {
	return c.change(func(tx *bbolt.Tx) error {
		if tx.Bucket(cashierBucket).Get([]byte(cashier.ID)) != nil {
			return pos.Refuse(store.ErrCashierTwice.Key, "cashier", string(cashier.ID))
		}
		return put(tx.Bucket(cashierBucket), []byte(cashier.ID), cashier)
	})
}

// SetPIN gives the cashier a new PIN, as station.HashPIN makes it. One that is
// not there is store.ErrNoCashier.
func (c *Central) SetPIN(id pos.CashierID, hash string) error {
	return c.change(func(tx *bbolt.Tx) error {
		var cashier pos.Cashier
		found, err := get(tx.Bucket(cashierBucket), []byte(id), &cashier)
		if err != nil {
			return err
		}
		if !found {
			return pos.Refuse(store.ErrNoCashier.Key, "cashier", string(id))
		}
		cashier.PIN = hash
		return put(tx.Bucket(cashierBucket), []byte(id), cashier)
	})
}

// Cashiers returns the cashiers by their names.
func (c *Central) Cashiers() (cashiers []pos.Cashier, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		cashiers, err = cashiersOf(tx)
		return err
	})
	return cashiers, err
}

func cashiersOf(tx *bbolt.Tx) ([]pos.Cashier, error) {
	cashiers, err := all[pos.Cashier](tx.Bucket(cashierBucket))
	slices.SortFunc(cashiers, func(a, b pos.Cashier) int {
		return cmp.Or(cmp.Compare(pos.Fold(a.Name), pos.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return cashiers, err
}

// Publish adds a version of the program, which decides from its From on until
// the next one does. One with the same From is replaced.
func (c *Central) Publish(p pos.Published) error {
	if p.From < 0 {
		return errors.New("publish program: before 1970")
	}
	return c.change(func(tx *bbolt.Tx) error {
		return tx.Bucket(programBucket).Put(numberKey(uint64(p.From)), p.Document)
	})
}

// Programs returns all versions by From.
func (c *Central) Programs() (programs []pos.Published, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		programs, err = programsOf(tx)
		return err
	})
	return programs, err
}

func programsOf(tx *bbolt.Tx) (programs []pos.Published, err error) {
	c := tx.Bucket(programBucket).Cursor()
	for key, document := c.First(); key != nil; key, document = c.Next() {
		from, err := numberOf(key)
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
func (c *Central) Roster(shop pos.StoreID, at time.Time) (roster pos.Roster, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		roster, err = rosterOf(tx, shop, at)
		return err
	})
	return roster, err
}

func rosterOf(tx *bbolt.Tx, shop pos.StoreID, at time.Time) (roster pos.Roster, err error) {
	found, err := get(tx.Bucket(storeBucket), []byte(shop), &roster.Shop)
	if err != nil {
		return pos.Roster{}, err
	}
	if !found {
		return pos.Roster{}, pos.Refuse(store.ErrNoStore.Key, "store", string(shop))
	}
	if roster.Version, err = getNumber(tx.Bucket(metaBucket), versionKey); err != nil {
		return pos.Roster{}, err
	}
	if roster.Cashiers, err = cashiersOf(tx); err != nil {
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

package central

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/office"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// ticket is what a one-time code is good for.
type ticket struct {
	Name    string         `cbor:"1,keyasint"`
	Store   pos.StoreID    `cbor:"2,keyasint"`
	Expires int64          `cbor:"3,keyasint"` // ms
	Used    pos.TerminalID `cbor:"4,keyasint,omitzero"`
	Hash    pos.Hash       `cbor:"5,keyasint"`           // SHA-256 of the whole code
	Tried   int            `cbor:"6,keyasint,omitempty"` // how often a code was compared with it
}

// nameSigns is how many of a code's signs say which ticket is meant. The others
// are secret: with five of 32 signs, who guesses has maxTries chances in 33
// million.
const (
	nameSigns = 3
	maxTries  = 5
)

func ticketKey(code string) []byte { return []byte(code[:min(len(code), nameSigns)]) }

// open reports whether the code can still be used.
func (t ticket) open(at time.Time) bool {
	return t.Used == (pos.TerminalID{}) && t.Tried < maxTries && at.UnixMilli() < t.Expires
}

func (t ticket) fits(code string) bool {
	hash := sha256.Sum256([]byte(code))
	return subtle.ConstantTimeCompare(hash[:], t.Hash[:]) == 1
}

// AddTerminal makes the code good for one terminal of the store, once and before
// it expires. Its first three signs name it; only its hash is kept, and how it is
// written is the caller's matter, for it is compared byte by byte. A code whose
// first signs are those of another that can still be used is store.ErrCodeTwice:
// the caller draws again. A store that is not there is store.ErrNoStore.
func (c *Book) AddTerminal(name string, shop pos.StoreID, code string, expires time.Time) error {
	return c.db.Update("", func(tx rows.Tx) error {
		return c.addTicket(tx, office.Ticket{Name: name, Store: shop, Code: code, Expires: expires})
	})
}

func (c *Book) addTicket(tx rows.Tx, t office.Ticket) error {
	if tx.Table(storeTable).Get([]byte(t.Store)) == nil {
		return pos.Refuse(store.ErrNoStore.Key, "store", string(t.Store))
	}
	var other ticket
	found, err := rows.Get(tx.Table(ticketTable), ticketKey(t.Code), &other)
	if err != nil {
		return err
	}
	now, err := c.lastMoment(tx)
	if err != nil {
		return err
	}
	if found && other.open(now) {
		return store.ErrCodeTwice
	}
	return rows.Put(tx.Table(ticketTable), ticketKey(t.Code), ticket{
		Name: t.Name, Store: t.Store, Expires: t.Expires.UnixMilli(), Hash: sha256.Sum256([]byte(t.Code)),
	})
}

// lastMoment returns when something was published last in any area: what there is
// of a clock where nobody brings one. Until then an expired code keeps its place.
func (c *Book) lastMoment(tx rows.Tx) (last time.Time, err error) {
	for _, id := range tx.Areas() {
		a, _, err := c.area(tx, id)
		if err != nil {
			return last, err
		}
		at, err := a.lastMoment()
		if err != nil {
			return last, err
		}
		if at.After(last) {
			last = at
		}
	}
	return last, nil
}

// lastMoment returns when something of the area was published last; the zero time
// before the first.
func (a area) lastMoment() (time.Time, error) {
	key, _ := a.feed.Cursor().Last()
	if key == nil {
		return time.Time{}, nil
	}
	position, err := rows.NumberOf(key)
	return time.UnixMicro(int64(position)), err
}

// Enrol makes the terminal with the key one of the store that the code was made
// for, at the moment. The same key with the same code gets the same answer again,
// for the first may have been lost. A code that is wrong, expired, used by
// another key or dead is pos.ErrBadEnrolCode; after five wrong ones with the same
// first three signs the code that has them is dead, and each is counted on disk
// before it is compared. A terminal may enrol again with another
// code, for another store too, but not for one in another area, where its entries
// would count twice: store.ErrTerminalMoved. One that was revoked stays so:
// pos.ErrRevoked.
func (c *Book) Enrol(code string, key ed25519.PublicKey, at time.Time) (t pos.Terminal, err error) {
	if len(key) != ed25519.PublicKeySize {
		return pos.Terminal{}, errors.New("enrol terminal: not an Ed25519 key")
	}
	if err := c.try(code, at); err != nil {
		return pos.Terminal{}, err
	}
	err = c.db.Update("", func(tx rows.Tx) error {
		id := pos.TerminalOf(key)
		before, known, err := terminalOf(tx, id)
		if err != nil {
			return err
		}
		if before.Revoked {
			return pos.ErrRevoked
		}
		var good ticket
		found, err := rows.Get(tx.Table(ticketTable), ticketKey(code), &good)
		switch {
		case err != nil:
			return err
		case !found || !good.fits(code):
			return pos.ErrBadEnrolCode
		case known && good.Used == id:
			t = before
			return nil
		}
		good.Tried-- // this try was right
		if !good.open(at) {
			return pos.ErrBadEnrolCode
		}
		good.Used = id
		if err := rows.Put(tx.Table(ticketTable), ticketKey(code), good); err != nil {
			return err
		}
		t = pos.Terminal{ID: id, Key: key, Name: good.Name, Store: good.Store, Enrolled: at.UnixMilli(), Frozen: before.Frozen}
		return enrol(tx, &t, before.Area)
	})
	if err != nil {
		return pos.Terminal{}, err
	}
	return t, nil
}

// try counts a comparison with the ticket that the code names. It is on disk when
// it returns, so that nobody gets one for nothing by cutting the power. A ticket
// that was used is not counted: only its own terminal gets anything for it.
func (c *Book) try(code string, at time.Time) error {
	return c.db.Update("", func(tx rows.Tx) error {
		var named ticket
		found, err := rows.Get(tx.Table(ticketTable), ticketKey(code), &named)
		if err != nil {
			return err
		}
		if !found || named.Used == (pos.TerminalID{}) && !named.open(at) {
			return pos.ErrBadEnrolCode
		}
		if named.Used != (pos.TerminalID{}) {
			return nil
		}
		named.Tried++
		return rows.Put(tx.Table(ticketTable), ticketKey(code), named)
	})
}

// enrol stores the terminal, in its store's area, which must be the one that it
// was in before, if any.
func enrol(tx rows.Tx, t *pos.Terminal, before pos.AreaID) error {
	var shop pos.Shop
	if _, err := rows.Get(tx.Table(storeTable), []byte(t.Store), &shop); err != nil {
		return err
	}
	if before != "" && before != shop.Area {
		return store.ErrTerminalMoved
	}
	t.Area = shop.Area
	return rows.Put(tx.Table(terminalTable), t.ID[:], *t)
}

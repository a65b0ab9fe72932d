package central

import (
	"fmt"
	"slices"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// turned is how the switches of a store stand, as the newest entries say.
type turned struct {
	Changes  uint64       `cbor:"1,keyasint"` // how often one of them was turned
	Switches []pos.Switch `cbor:"2,keyasint"` // by name
}

// maxSwitches is how many switches of one store are kept; a program has a few, and
// others are no till's of ours.
const maxSwitches = 200

// turn keeps how a switch of the entry's store stands, and gives the store's roster
// a new version.
func (t *taking) turn(e pos.Entry) error {
	if e.Kind != pos.Switched || e.Reward == "" {
		return nil
	}
	has, err := t.area.turned(e.Store)
	if err != nil {
		return err
	}
	next := pos.NewestSwitches(has.Switches, []pos.Switch{pos.SwitchOf(e)})
	if len(next) > maxSwitches || slices.Equal(next, has.Switches) {
		return nil
	}
	return rows.Put(t.area.switches, storeKey(e.Store), turned{has.Changes + 1, next})
}

// storeKey is the key of a store in an area; entries need not name theirs.
func storeKey(shop pos.StoreID) []byte { return append([]byte{'/'}, shop...) }

func (a area) turned(shop pos.StoreID) (has turned, err error) {
	_, err = rows.Get(a.switches, storeKey(shop), &has)
	return has, err
}

// turnedIn returns how the switches of the shop stand.
func (c *Book) turnedIn(tx rows.Tx, shop pos.Shop) (turned, error) {
	a, found, err := c.area(tx, shop.Area)
	if err != nil || !found {
		return turned{}, err
	}
	return a.turned(shop.Store)
}

// rosterVersion returns the version of the roster of a store with these switches.
func rosterVersion(tx rows.Tx, has turned) (uint64, error) {
	version, err := rows.GetNumber(tx.Table(rows.Meta), versionKey)
	return version + has.Changes, err
}

// turn notes what an entry that counts turned.
func (c *areaCheck) turn(e pos.Entry) {
	if c.turned[e.Store] == nil {
		c.turned[e.Store] = map[string]pos.Switch{}
	}
	rows.Newest(c.turned[e.Store], pos.SwitchOf(e))
}

// switched checks that the switches of each store stand as its entries say.
func (c *areaCheck) switched() error {
	err := rows.Each(c.area.switches, func(key, row []byte) error {
		var has turned
		if err := rows.Decode(row, &has); err != nil {
			return err
		}
		shop := pos.StoreID(key[min(1, len(key)):])
		for _, s := range has.Switches {
			if s != c.turned[shop][s.Name] {
				if err := c.wrong("does not stand as the entries say", "switch %q of %q", s.Name, shop); err != nil {
					return err
				}
			}
			delete(c.turned[shop], s.Name)
		}
		if len(has.Switches) >= maxSwitches {
			delete(c.turned, shop)
		}
		return nil
	})
	for shop, switches := range c.turned {
		for name := range switches {
			if err == nil {
				err = c.wrong("was turned and is not there", "switch %s", fmt.Sprintf("%q of %q", name, shop))
			}
		}
	}
	return err
}

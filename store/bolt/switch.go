package bolt

import (
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
)

// turn keeps how a switch stands that an own entry turned.
func turn(tx *bbolt.Tx, e pos.Entry) error {
	if e.Kind != pos.Switched || e.Reward == "" {
		return nil
	}
	rows, next := tx.Bucket(switchBucket), pos.SwitchOf(e)
	var last pos.Switch
	found, err := get(rows, []byte(next.Name), &last)
	if err != nil || found && !next.Newer(last) {
		return err
	}
	return put(rows, []byte(next.Name), next)
}

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
	return put(t.area.switches, storeKey(e.Store), turned{has.Changes + 1, next})
}

// storeKey is the key of a store in an area; entries need not name theirs.
func storeKey(shop pos.StoreID) []byte { return append([]byte{'/'}, shop...) }

func (a area) turned(shop pos.StoreID) (has turned, err error) {
	_, err = get(a.switches, storeKey(shop), &has)
	return has, err
}

// turnedIn returns how the switches of the shop stand.
func (c *Central) turnedIn(tx *bbolt.Tx, shop pos.Shop) (turned, error) {
	a, found, err := c.area(tx, shop.Area)
	if err != nil || !found {
		return turned{}, err
	}
	return a.turned(shop.Store)
}

// rosterVersion returns the version of the roster of a store with these switches.
func rosterVersion(tx *bbolt.Tx, has turned) (uint64, error) {
	version, err := getNumber(tx.Bucket(metaBucket), versionKey)
	return version + has.Changes, err
}

// newest keeps the newest state of a switch.
func newest(by map[string]pos.Switch, s pos.Switch) {
	if last, found := by[s.Name]; s.Name != "" && (!found || s.Newer(last)) {
		by[s.Name] = s
	}
}

// switches checks that each switch stands as the journal says.
func (c *tillCheck) switches(tx *bbolt.Tx) error {
	err := each(tx.Bucket(switchBucket), func(key, row []byte) error {
		var s pos.Switch
		if err := decode(row, &s); err != nil {
			return err
		}
		want := c.turned[string(key)]
		delete(c.turned, string(key))
		if s != want {
			return c.add("does not stand as the journal says", "switch %q", key)
		}
		return nil
	})
	for name := range c.turned {
		if err == nil {
			err = c.add("was turned and is not there", "switch %q", name)
		}
	}
	return err
}

// turn notes what an entry that counts turned.
func (c *areaCheck) turn(e pos.Entry) {
	if c.turned[e.Store] == nil {
		c.turned[e.Store] = map[string]pos.Switch{}
	}
	newest(c.turned[e.Store], pos.SwitchOf(e))
}

// switched checks that the switches of each store stand as its entries say.
func (c *areaCheck) switched() error {
	err := each(c.area.switches, func(key, row []byte) error {
		var has turned
		if err := decode(row, &has); err != nil {
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

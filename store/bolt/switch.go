package bolt

import (
	"tenthcup/pos"
	"tenthcup/store/rows"
)

// turn keeps how a switch stands that an own entry turned.
func turn(tx rows.Tx, e pos.Entry) error {
	if e.Kind != pos.Switched || e.Reward == "" {
		return nil
	}
	table, next := tx.Table(switchBucket), pos.SwitchOf(e)
	var last pos.Switch
	found, err := rows.Get(table, []byte(next.Name), &last)
	if err != nil || found && !next.Newer(last) {
		return err
	}
	return rows.Put(table, []byte(next.Name), next)
}

// switches checks that each switch stands as the journal says.
func (c *tillCheck) switches(tx rows.Tx) error {
	err := rows.Each(tx.Table(switchBucket), func(key, row []byte) error {
		var s pos.Switch
		if err := rows.Decode(row, &s); err != nil {
			return err
		}
		want := c.turned[string(key)]
		delete(c.turned, string(key))
		if s != want {
			return c.Add("does not stand as the journal says", "switch %q", key)
		}
		return nil
	})
	for name := range c.turned {
		if err == nil {
			err = c.Add("was turned and is not there", "switch %q", name)
		}
	}
	return err
}

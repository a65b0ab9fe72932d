package central

import (
	"tenthcup/pos"
	"tenthcup/store/rows"
)

// SetItems replaces the item list of all stores.
func (c *Book) SetItems(items []pos.Item) error {
	if err := pos.CheckItems(items); err != nil {
		return err
	}
	return c.change(func(tx rows.Tx) error { return rows.PutItems(tx, items) })
}

// Items returns the item list, in the order of CompareItems.
func (c *Book) Items() (items []pos.Item, err error) {
	err = c.db.View(func(tx rows.Tx) error {
		items, err = rows.Items(tx)
		return err
	})
	return items, err
}

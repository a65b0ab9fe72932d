package bolt

import (
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

var _ station.Shelf = (*Till)(nil)

// Items is station.Shelf's.
func (t *Till) Items() (items []pos.Item, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		items, err = rows.Items(tx)
		return err
	})
	return items, err
}

// Item is station.Shelf's.
func (t *Till) Item(id string) (item pos.Item, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		item, err = rows.Item(tx, id)
		return err
	})
	return item, err
}

// SetItems replaces the item list. Where there is a centre the next page with a
// roster replaces it again.
func (t *Till) SetItems(items []pos.Item) error {
	return t.file.update(func(tx rows.Tx) error { return rows.PutItems(tx, items) })
}

// items checks that each item is found by its id.
func (c *tillCheck) items(tx rows.Tx) error { return rows.CheckItems(tx, c.Findings) }

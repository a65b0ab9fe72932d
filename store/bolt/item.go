package bolt

import (
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

var _ station.Shelf = (*Till)(nil)

// Items is station.Shelf's.
func (t *Till) Items() (items []pos.Item, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		items, err = itemsIn(tx)
		return err
	})
	return items, err
}

// Item is station.Shelf's.
func (t *Till) Item(id string) (item pos.Item, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		item, err = itemIn(tx, id)
		return err
	})
	return item, err
}

func itemIn(tx *bbolt.Tx, id string) (item pos.Item, err error) {
	found, err := get(tx.Bucket(itemBucket), []byte(id), &item)
	if err == nil && !found {
		err = station.ErrNotFound
	}
	return item, err
}

// SetItems replaces the item list. Where there is a centre the next page with a
// roster replaces it again.
func (t *Till) SetItems(items []pos.Item) error {
	return t.file.update(func(tx *bbolt.Tx) error { return putItems(tx, items) })
}

// SetItems replaces the item list of all stores.
func (c *Central) SetItems(items []pos.Item) error {
	if err := pos.CheckItems(items); err != nil {
		return err
	}
	return c.change(func(tx *bbolt.Tx) error { return putItems(tx, items) })
}

// Items returns the item list, in the order of CompareItems.
func (c *Central) Items() (items []pos.Item, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		items, err = itemsIn(tx)
		return err
	})
	return items, err
}

func itemsIn(tx *bbolt.Tx) ([]pos.Item, error) {
	items, err := all[pos.Item](tx.Bucket(itemBucket))
	slices.SortFunc(items, pos.CompareItems)
	return items, err
}

// putItems replaces the item list, if it is another. A list has a few hundred
// rows, so the old one is deleted whole.
func putItems(tx *bbolt.Tx, items []pos.Item) error {
	items = slices.SortedFunc(slices.Values(items), pos.CompareItems)
	before, err := itemsIn(tx)
	if err != nil || slices.Equal(before, items) {
		return err
	}
	if err := tx.DeleteBucket(itemBucket); err != nil {
		return err
	}
	rows, err := tx.CreateBucket(itemBucket)
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.ID == "" {
			continue // nothing can name it
		}
		if err := put(rows, []byte(item.ID), item); err != nil {
			return err
		}
	}
	return nil
}

// items checks that each item is found by its id.
func (c *tillCheck) items(tx *bbolt.Tx) error { return checkItems(tx, c.findings) }

func checkItems(tx *bbolt.Tx, found *findings) error {
	return each(tx.Bucket(itemBucket), func(key, row []byte) error {
		var item pos.Item
		if err := decode(row, &item); err != nil {
			return err
		}
		if item.ID != string(key) {
			return found.add("is stored as another item", "item %q", item.ID)
		}
		return nil
	})
}

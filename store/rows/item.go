package rows

import (
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// ItemTable is where a till and a central server have their item list: item id ->
// pos.Item.
var ItemTable = []byte("item")

// Item returns the item with the id: station.ErrNotFound where there is none.
func Item(tx Tx, id string) (item pos.Item, err error) {
	found, err := Get(tx.Table(ItemTable), []byte(id), &item)
	if err == nil && !found {
		err = station.ErrNotFound
	}
	return item, err
}

// Items returns the item list, in the order of CompareItems.
func Items(tx Tx) ([]pos.Item, error) {
	items, err := All[pos.Item](tx.Table(ItemTable))
	slices.SortFunc(items, pos.CompareItems)
	return items, err
}

// PutItems replaces the item list, if it is another. A list has a few hundred
// rows, so the old one is deleted whole.
func PutItems(tx Tx, items []pos.Item) error {
	items = slices.SortedFunc(slices.Values(items), pos.CompareItems)
	before, err := Items(tx)
	if err != nil || slices.Equal(before, items) {
		return err
	}
	table := tx.Table(ItemTable)
	for _, item := range before {
		if err := table.Delete([]byte(item.ID)); err != nil {
			return err
		}
	}
	for _, item := range items {
		if item.ID == "" {
			continue // nothing can name it
		}
		if err := Put(table, []byte(item.ID), item); err != nil {
			return err
		}
	}
	return nil
}

// CheckItems checks that each item is found by its id.
func CheckItems(tx Tx, found *Findings) error {
	return Each(tx.Table(ItemTable), func(key, row []byte) error {
		var item pos.Item
		if err := Decode(row, &item); err != nil {
			return err
		}
		if item.ID != string(key) {
			return found.Add("is stored as another item", "item %q", item.ID)
		}
		return nil
	})
}

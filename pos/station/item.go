package station

import (
	"errors"
	"fmt"

	"tenthcup/pos"
)

// Items returns what the shop sells, in the order of pos.CompareItems.
func (s *Station) Items() ([]pos.Item, error) {
	items, err := s.Shelf.Items()
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	return items, nil
}

// Item returns the item with the id. One that is not there is the problem
// item.unknown.
func (s *Station) Item(id string) (pos.Item, error) {
	item, err := s.Shelf.Item(id)
	if errors.Is(err, ErrNotFound) {
		return pos.Item{}, pos.Refuse("item.unknown", "id", pos.CleanName(id))
	}
	if err != nil {
		return pos.Item{}, fmt.Errorf("read item: %w", err)
	}
	return item, nil
}

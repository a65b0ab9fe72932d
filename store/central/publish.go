package central

import (
	"tenthcup/pos"
	"tenthcup/store/rows"
)

// nextPosition is the microsecond, or the next number if that was given out.
// Because it follows the clock, the positions that a server gives out after it
// was set back to a backup are higher than those that were lost, and no till
// takes news for old.
func (t *taking) nextPosition() (uint64, error) {
	now := uint64(max(t.at.UnixMicro(), 1))
	key, _ := t.area.feed.Cursor().Last()
	if key == nil {
		return now, nil
	}
	last, err := rows.NumberOf(key)
	return max(now, last+1), err
}

// publish moves the holder to the position in the feed, with what is lent of it
// from now on.
func (t *taking) publish(holder pos.HolderID, position uint64) error {
	h, err := t.holding(holder)
	if err != nil {
		return err
	}
	before := h.Position
	h.Position = position
	if err := t.grant(holder, h, position); err != nil {
		return err
	}
	if err := rows.Put(t.area.account, holder[:], h); err != nil {
		return err
	}
	if before != 0 {
		return rows.Move(t.area.feed, rows.NumberKey(before), rows.NumberKey(position), holder[:])
	}
	if err := rows.More(t.area.account); err != nil {
		return err
	}
	return t.area.feed.Put(rows.NumberKey(position), holder[:])
}

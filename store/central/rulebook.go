package central

import (
	"bytes"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
)

// known is what was read of all rosters: their programs and time zones, and the
// item list. The zero one is empty.
type known struct {
	rollup.Rulebook

	mu      sync.Mutex
	listed  []pos.Item
	version uint64 // of the rosters, of which listed is the item list
}

// items returns the item list, which every exchange of a till asks for. It must not
// be changed, and the transaction must not be one that writes.
func (r *known) items(tx rows.Tx) ([]pos.Item, error) {
	version, err := rows.GetNumber(tx.Table(rows.Meta), versionKey)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if version == r.version {
		return r.listed, nil
	}
	items, err := rows.Items(tx)
	if err == nil {
		r.listed, r.version = items, version
	}
	return items, err
}

// deciding is what decides about the leases of a store's tills at the moment of a
// transaction.
type deciding struct {
	program  *pos.Program
	day      pos.Day // in the store
	currency string  // of the store
	sound    bool    // there is a program, and it and the time zone can be read
}

// deciding returns what decides in the store now.
func (t *taking) deciding(shop pos.StoreID) (deciding, error) {
	if known, ok := t.rulings[shop]; ok {
		return known, nil
	}
	var row pos.Shop
	found, err := rows.Get(t.tx.Table(storeTable), []byte(shop), &row)
	if err != nil {
		return deciding{}, err
	}
	zone, placed := t.rules.Zone(row.Timezone)
	ruling := deciding{day: pos.DayOf(t.at, time.UTC), currency: row.Currency}
	if placed {
		ruling.day = pos.DayOf(t.at, zone)
	}
	if found && placed {
		ruling.program, ruling.sound = t.rules.Program(t.document(), row.Currency)
	}
	t.rulings[shop] = ruling
	return ruling, nil
}

// document returns the program that decides at the moment: the last one whose
// time has come, or the first where none has.
func (t *taking) document() []byte {
	c := t.tx.Table(programTable).Cursor()
	now := rows.NumberKey(uint64(max(t.at.UnixMilli(), 0)))
	key, document := c.Seek(now)
	if bytes.Equal(key, now) {
		return document
	}
	if key == nil {
		key, document = c.Last()
	} else if before, earlier := c.Prev(); before != nil {
		return earlier
	} else {
		key, document = c.First()
	}
	if key == nil {
		return nil
	}
	return document
}

package bolt

import (
	"bytes"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/rules"
	"tenthcup/store/rows"
)

// A window is the time between two full exchanges: pages with nothing behind
// them. What the till hands out in it without a lease has a limit, so it counts
// from the first entry that the centre did not have when it made the last such
// page. An entry that was written while that page was under way is in the next
// window too. A void gives nothing back in the same window: what was handed out
// may be gone.

// handedBy returns what the entry hands out without a lease, nothing for most. An
// entry that takes from several accounts counts for each.
func handedBy(e pos.Entry) (handed []rules.Handed) {
	if e.By == nil || e.By.Kind != pos.ByFloor {
		return nil
	}
	at := map[pos.Account]int{}
	for _, p := range e.Postings {
		if p.Of != nil || p.Amount > 0 {
			continue
		}
		if _, found := at[p.Account]; !found {
			at[p.Account] = len(handed)
			handed = append(handed, rules.Handed{Holder: e.Holder, Account: p.Account, Reward: e.Reward})
		}
		handed[at[p.Account]].Amount -= p.Amount
	}
	return handed
}

// windowOf returns what was handed out in the window.
func windowOf(tx rows.Tx) (window []rules.Handed, err error) {
	err = rows.Each(tx.Table(floorBucket), func(_, raw []byte) error {
		var handed []rules.Handed
		err := rows.Decode(raw, &handed)
		window = append(window, handed...)
		return err
	})
	return window, err
}

// closeWindow begins a new window behind the entry that the centre has, with all
// before it. It never goes back: a centre that lost entries gets them again, and
// has reported none of what was handed out since.
func closeWindow(tx rows.Tx, acked uint64) error {
	meta, floor := tx.Table(rows.Meta), tx.Table(floorBucket)
	window, err := rows.GetNumber(meta, windowKey)
	if err != nil || acked <= window {
		return err
	}
	var reported [][]byte
	c := floor.Cursor()
	for key, _ := c.First(); key != nil && bytes.Compare(key, rows.NumberKey(acked)) <= 0; key, _ = c.Next() {
		reported = append(reported, slices.Clone(key))
	}
	for _, key := range reported {
		if err := floor.Delete(key); err != nil {
			return err
		}
	}
	return meta.Put(windowKey, rows.NumberKey(acked))
}

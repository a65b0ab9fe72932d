package bolt

import (
	"encoding/binary"
	"fmt"
	"math"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// dueKeys returns the keys under which those of the leases are found that the
// terminal has to give back on some day: that day, 0 for one that is recalled,
// then the holder and the lease. A lease of a lot without an end is not among
// them, so there are few, and those that are due are the first.
func dueKeys(holder pos.HolderID, terminal pos.TerminalID, leases []ledger.Lease) (keys [][]byte) {
	for _, lease := range leases {
		day, ends := endOf(lease)
		if lease.Terminal != terminal || !ends {
			continue
		}
		key := append(binary.BigEndian.AppendUint32(nil, day), holder[:]...)
		keys = append(keys, append(key, lease.ID[:]...))
	}
	return keys
}

// endOf returns the first day on which the lease is due, and whether there is one.
func endOf(lease ledger.Lease) (day uint32, ends bool) {
	if lease.Recalled {
		return 0, true
	}
	last := pos.Day(0)
	for _, sum := range lease.Sums {
		if sum.Lot.Until == 0 {
			return 0, false
		}
		last = max(last, sum.Lot.Until)
	}
	return uint32(max(last, 0)), true
}

// dueOf reads a key of the due bucket.
func dueOf(key []byte) (day uint32, due station.Due, err error) {
	if len(key) != 4+rows.IDBytes+rows.LeaseBytes {
		return 0, due, fmt.Errorf("%w: a lease's key of %d bytes", store.ErrCorrupt, len(key))
	}
	due.Holder = pos.HolderID(key[4 : 4+rows.IDBytes])
	due.Lease = pos.LeaseID(key[4+rows.IDBytes:])
	return binary.BigEndian.Uint32(key), due, nil
}

// Due is station.Journal's. It takes as long as there are leases due, however
// many the till has.
func (t *Till) Due(day pos.Day) (due []station.Due, err error) {
	today := uint32(min(max(int64(day), 0), math.MaxUint32))
	err = t.file.view(func(tx rows.Tx) error {
		due = nil
		c := tx.Table(dueBucket).Cursor()
		for key, _ := c.First(); key != nil; key, _ = c.Next() {
			from, lease, err := dueOf(key)
			if err != nil {
				return err
			}
			if from > today {
				return nil
			}
			var a account
			if _, err := rows.Get(tx.Table(ownBucket), lease.Holder[:], &a.own); err != nil {
				return err
			}
			if !a.used(lease.Lease) {
				due = append(due, lease)
			}
		}
		return nil
	})
	return due, err
}

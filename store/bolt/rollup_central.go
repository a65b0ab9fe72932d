package bolt

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/store"
)

// Report adds up what happened in the store, or in all areas where it is "". A store
// that is not there did nothing.
func (c *Central) Report(shop pos.StoreID, ask report.Ask) (figures report.Figures, err error) {
	err = c.file.view(func(tx *bbolt.Tx) error {
		var all []report.Day
		for _, id := range areasOf(tx) {
			a, _, err := c.area(tx, id)
			if err != nil {
				return err
			}
			days, err := daysIn(a.rollup, shop)
			if err != nil {
				return err
			}
			all = append(all, days...)
		}
		figures = report.Read(all, ask)
		return nil
	})
	return figures, err
}

// rolling rolls entries of an area up: for the area, and for the store of each.
type rolling struct {
	tx    *bbolt.Tx
	rules *rulebook
	into  rollupRows
	known rollupRows // what is known about programs
	rolls map[pos.StoreID]*rollup
}

// add rolls an entry up that counts.
func (r *rolling) add(e pos.Entry) error {
	where, err := r.where(e)
	if err != nil {
		return err
	}
	return r.each(e, func(rows report.Rows) error { return report.Fold(rows, e, where) })
}

// each calls do with the rows of the area and of the entry's store.
func (r *rolling) each(e pos.Entry, do func(report.Rows) error) error {
	scopes := []pos.StoreID{"", e.Store}
	if e.Store == "" {
		scopes = scopes[:1]
	}
	for _, shop := range scopes {
		if r.rolls[shop] == nil {
			r.rolls[shop] = newRollup(r.into, shop)
		}
		if err := do(r.rolls[shop]); err != nil {
			return err
		}
	}
	return nil
}

// clamp takes out again what reversals asked for beyond what there was.
func (r *rolling) clamp(s surplus) error {
	if s.by == 0 {
		return nil
	}
	return r.each(s.entry, func(rows report.Rows) error {
		return report.Clamp(rows, s.entry.Day, s.entry.Postings[s.index], s.by)
	})
}

// clampAll clamps the reversals of each posting of the entry.
func (r *rolling) clampAll(a area, e pos.Entry) error {
	for i, p := range e.Postings {
		var asks []ask
		if p.Of != nil {
			continue
		}
		if _, err := get(a.asked, askedKey(e.ID, i), &asks); err != nil {
			return err
		}
		for _, asked := range asks {
			if !asked.sameAs(askFor(e.Holder, p)) {
				continue
			}
			if err := r.clamp(surplus{e, i, beyond(p.Amount, asked.Amount)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// where returns what the entry does not say: the hour where its store is, and the
// arms.
func (r *rolling) where(e pos.Entry) (where report.Where, err error) {
	var shop pos.Shop
	if _, err := get(r.tx.Bucket(storeBucket), []byte(e.Store), &shop); err != nil {
		return where, err
	}
	zone, there := r.rules.zone(shop.Timezone)
	if !there {
		zone = time.UTC
	}
	where.Hour = hourIn(e, zone)
	where.Arms, err = armsOf(r.known, e, func() (found []pos.Experiment, err error) {
		err = each(r.tx.Bucket(programBucket), func(_, document []byte) error {
			if pos.ProgramOf(document) == e.Program {
				program, _ := r.rules.program(document, shop.Currency)
				found = program.Experiments
			}
			return nil
		})
		return found, err
	})
	return where, err
}

func (r *rolling) flush() error {
	for _, shop := range slices.Sorted(maps.Keys(r.rolls)) {
		if err := r.rolls[shop].flush(); err != nil {
			return err
		}
	}
	return nil
}

// all rolls up every entry of the area that counts.
func (r *rolling) all(a area) error {
	n := 0
	err := each(a.entry, func(key, raw []byte) error {
		e, counts, err := a.counting(key, raw)
		if err != nil || !counts {
			return err
		}
		if err := r.add(e); err != nil {
			return err
		}
		if err := r.clampAll(a, e); err != nil {
			return err
		}
		if n++; n%rollBatch == 0 {
			return r.flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.flush()
}

// counting reads an entry and reports whether it counts. One that moves something is
// in its holder's history then; any other was not put into quarantine in its place.
func (a area) counting(key, raw []byte) (e pos.Entry, counts bool, err error) {
	e, err = pos.DecodeEntry(raw)
	if err != nil || !bytes.Equal(entryKey(e.ID), key) {
		return e, false, nil //nolint:nilerr // it stands in quarantine
	}
	if len(e.Postings) > 0 {
		return e, a.history.Get(append(e.Holder[:], key...)) != nil, nil
	}
	hash := pos.HashEntry(raw)
	var q quarantined
	apart, err := get(a.quarantine, hash[:], &q)
	return e, !apart || q.Reason == store.Foreign && !q.Released, err
}

// rolled makes sure that every area has rollups; those of a file without any are made
// of its entries.
func (c *Central) rolled() error {
	var missing []pos.AreaID
	err := c.file.view(func(tx *bbolt.Tx) error {
		for _, id := range areasOf(tx) {
			if tx.Bucket(areaBucket).Bucket([]byte(id)).Bucket(areaRollupBucket) == nil {
				missing = append(missing, id)
			}
		}
		return nil
	})
	if err != nil || len(missing) == 0 {
		return err
	}
	return c.file.update(func(tx *bbolt.Tx) error {
		for _, id := range missing {
			a, _, err := c.area(tx, id)
			if err != nil {
				return err
			}
			r := rolling{tx, c.rules, a.rollup, a.rollup, map[pos.StoreID]*rollup{}}
			if err := r.all(a); err != nil {
				return err
			}
		}
		return nil
	})
}

// rollups checks that the rollups are what the entries come to.
func (c *areaCheck) rollups() error {
	want := mapRows{}
	r := rolling{c.tx, c.rules, want, overlay{c.rollup, mapRows{}}, map[pos.StoreID]*rollup{}}
	if err := r.all(c.area); err != nil {
		return err
	}
	return c.sameRollups(c.rollup, want, "area "+string(c.id)+": ")
}

package bolt

import (
	"bytes"
	"maps"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/report"
)

// Report adds up what the own entries of this till did. A till of a server has no
// others; the server has them all.
func (t *Till) Report(ask report.Ask) (figures report.Figures, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		days, err := daysIn(tx.Bucket(rollupBucket), "")
		figures = report.Read(days, ask)
		return err
	})
	return figures, err
}

// roll rolls an own entry up.
func (t *Till) roll(tx *bbolt.Tx, e pos.Entry) error {
	b := tx.Bucket(rollupBucket)
	where, err := t.where(tx, b, e)
	if err != nil {
		return err
	}
	r := ownRollup(b, beside{tx.Bucket(ownBucket)})
	if err := report.Fold(r, e, where); err != nil {
		return err
	}
	return r.flushAll()
}

// ownRollup are the rollups of a till, which is one store.
func ownRollup(rows rollupRows, m memberRows) *rollup {
	return newRollup(rows, "", newMembers(m, rows))
}

func (r *rollup) flushAll() error {
	if err := r.members.flush(); err != nil {
		return err
	}
	return r.flush()
}

// where returns what the entry does not say: the hour in the zone that all hours of
// the file are in, and the arms.
func (t *Till) where(tx *bbolt.Tx, b rollupRows, e pos.Entry) (where report.Where, err error) {
	name := b.Get([]byte{rollZone})
	if name == nil {
		roster, err := t.rosterIn(tx)
		if err != nil {
			return where, err
		}
		name = []byte(roster.Shop.Timezone)
		if err := b.Put([]byte{rollZone}, name); err != nil {
			return where, err
		}
	}
	zone, known := t.rules.zone(string(name))
	if !known {
		zone = time.UTC
	}
	where.Hour = hourIn(e, zone)
	trials, err := trialsOf(b, e.Program, func() ([]pos.Experiment, error) {
		roster, err := t.rosterIn(tx)
		if err != nil {
			return nil, err
		}
		for _, published := range roster.Programs {
			if pos.ProgramOf(published.Document) == e.Program {
				program, _ := t.rules.program(published.Document, roster.Shop.Currency)
				return program.Experiments, nil
			}
		}
		return nil, nil
	})
	where.Arms = armsOf(trials, e.Holder)
	return where, err
}

func (t *Till) rosterIn(tx *bbolt.Tx) (roster pos.Roster, err error) {
	_, err = t.sealed(tx, metaBucket).get(rosterKey, &roster)
	return roster, err
}

// rolled makes sure that the file has rollups, and that their hours are those of the
// shop's clock; where not, all are made again.
func (t *Till) rolled() error {
	fine := false
	err := t.file.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(rollupBucket)
		if b == nil {
			return nil
		}
		roster, err := t.rosterIn(tx) // of one that cannot be read others will hear
		name := b.Get([]byte{rollZone})
		fine = err != nil || name == nil || string(name) == roster.Shop.Timezone
		return nil
	})
	if err != nil || fine {
		return err
	}
	return t.file.update(func(tx *bbolt.Tx) error {
		if tx.Bucket(rollupBucket) != nil {
			if err := tx.DeleteBucket(rollupBucket); err != nil {
				return err
			}
		}
		b, err := tx.CreateBucket(rollupBucket)
		if err != nil {
			return err
		}
		own := tx.Bucket(ownBucket)
		if err := forgetMembers(own); err != nil {
			return err
		}
		return t.rollAll(tx, ownRollup(b, beside{own}), b)
	})
}

// forgetMembers forgets what rollups know of the members.
func forgetMembers(own *bbolt.Bucket) error {
	var known [][]byte
	err := each(own, func(key, _ []byte) error {
		if isBeside(key) {
			known = append(known, bytes.Clone(key))
		}
		return nil
	})
	for _, key := range known {
		if err == nil {
			err = own.Delete(key)
		}
	}
	return err
}

// rollBatch is how many entries are rolled up in memory before rows are written.
const rollBatch = 20_000

// rollAll rolls the whole journal up. What is known about programs and the zone is in
// known.
func (t *Till) rollAll(tx *bbolt.Tx, r *rollup, known rollupRows) error {
	n := 0
	err := forward(tx, 0, func(key, raw []byte) (bool, error) {
		is, err := record(key, raw)
		if err != nil {
			return false, err
		}
		where, err := t.where(tx, known, is.Entry)
		if err != nil {
			return false, err
		}
		if err := report.Fold(r, is.Entry, where); err != nil {
			return false, err
		}
		if n++; n%rollBatch == 0 {
			return true, r.flushAll()
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return r.flushAll()
}

// rollups checks that the rollups are what the journal comes to.
func (c *tillCheck) rollups(tx *bbolt.Tx) error {
	b := tx.Bucket(rollupBucket)
	if b == nil {
		return c.add("is not there", "rollups")
	}
	want, met := mapRows{}, mapRows{}
	if err := c.till.rollAll(tx, ownRollup(want, beside{met}), overlay{b, mapRows{}}); err != nil {
		return err
	}
	err := each(tx.Bucket(ownBucket), func(key, row []byte) error {
		if !isBeside(key) {
			return nil
		}
		is := met.Get(key)
		delete(met, string(key))
		if !bytes.Equal(is, row) {
			return c.add("what reports know of it is not what its entries come to", "holder %v: rollups", pos.HolderID(key[:idBytes]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	maps.Copy(want, met) // what is left of it is nowhere
	return c.sameRollups(b, want, "")
}

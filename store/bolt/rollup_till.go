package bolt

import (
	"bytes"
	"maps"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/report"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
)

// Report adds up what the own entries of this till did. A till of a server has no
// others; the server has them all.
func (t *Till) Report(ask report.Ask) (figures report.Figures, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		days, err := rollup.DaysIn(tx.Table(rollup.Table), "")
		figures = report.Read(days, ask)
		return err
	})
	return figures, err
}

// roll rolls an own entry up.
func (t *Till) roll(tx rows.Tx, e pos.Entry) error {
	b := tx.Table(rollup.Table)
	where, err := t.where(tx, b, e)
	if err != nil {
		return err
	}
	r := ownRollup(b, rollup.NewBeside(tx.Table(ownBucket)))
	if err := report.Fold(r, e, where); err != nil {
		return err
	}
	return r.FlushAll()
}

// ownRollup are the rollups of a till, which is one store.
func ownRollup(rows rollup.Rows, m rollup.MemberRows) *rollup.Rollup {
	return rollup.New(rows, "", rollup.NewMembers(m, rows))
}

// where returns what the entry does not say: the hour in the zone that all hours of
// the file are in, and the arms.
func (t *Till) where(tx rows.Tx, b rollup.Rows, e pos.Entry) (where report.Where, err error) {
	name := b.Get([]byte{rollup.ZoneRow})
	if name == nil {
		roster, err := t.rosterIn(tx)
		if err != nil {
			return where, err
		}
		name = []byte(roster.Shop.Timezone)
		if err := b.Put([]byte{rollup.ZoneRow}, name); err != nil {
			return where, err
		}
	}
	zone, known := t.rules.Zone(string(name))
	if !known {
		zone = time.UTC
	}
	where.Hour = rollup.HourIn(e, zone)
	trials, err := rollup.TrialsOf(b, e.Program, func() ([]pos.Experiment, error) {
		roster, err := t.rosterIn(tx)
		if err != nil {
			return nil, err
		}
		for _, published := range roster.Programs {
			if pos.ProgramOf(published.Document) == e.Program {
				program, _ := t.rules.Program(published.Document, roster.Shop.Currency)
				return program.Experiments, nil
			}
		}
		return nil, nil
	})
	where.Arms = rollup.ArmsOf(trials, e.Holder)
	return where, err
}

func (t *Till) rosterIn(tx rows.Tx) (roster pos.Roster, err error) {
	_, err = t.sealed(tx, rows.Meta).Get(rosterKey, &roster)
	return roster, err
}

// rolled makes sure that the file has rollups, and that their hours are those of the
// shop's clock; where not, all are made again.
func (t *Till) rolled() error {
	fine := false
	err := t.file.view(func(tx rows.Tx) error {
		b := tx.Table(rollup.Table)
		if b == nil {
			return nil
		}
		roster, err := t.rosterIn(tx) // of one that cannot be read others will hear
		name := b.Get([]byte{rollup.ZoneRow})
		fine = err != nil || name == nil || string(name) == roster.Shop.Timezone
		return nil
	})
	if err != nil || fine {
		return err
	}
	return t.file.update(func(tx rows.Tx) error {
		b, err := emptied(tx, rollup.Table)
		if err != nil {
			return err
		}
		own := tx.Table(ownBucket)
		if err := forgetMembers(own); err != nil {
			return err
		}
		return t.rollAll(tx, ownRollup(b, rollup.NewBeside(own)), b)
	})
}

// forgetMembers forgets what rollups know of the members.
func forgetMembers(own rows.Table) error {
	var known [][]byte
	err := rows.Each(own, func(key, _ []byte) error {
		if rollup.IsBeside(key) {
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

// rollAll rolls the whole journal up. What is known about programs and the zone is in
// known.
func (t *Till) rollAll(tx rows.Tx, r *rollup.Rollup, known rollup.Rows) error {
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
		if n++; n%rollup.Batch == 0 {
			return true, r.FlushAll()
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return r.FlushAll()
}

// rollups checks that the rollups are what the journal comes to.
func (c *tillCheck) rollups(tx rows.Tx) error {
	b := tx.Table(rollup.Table)
	if b == nil {
		return c.Add("is not there", "rollups")
	}
	want, met := rollup.Map{}, rollup.Map{}
	if err := c.till.rollAll(tx, ownRollup(want, rollup.NewBeside(met)), rollup.NewOverlay(b)); err != nil {
		return err
	}
	err := rows.Each(tx.Table(ownBucket), func(key, row []byte) error {
		if !rollup.IsBeside(key) {
			return nil
		}
		is := met.Get(key)
		delete(met, string(key))
		if !bytes.Equal(is, row) {
			return c.Add("what reports know of it is not what its entries come to", "holder %v: rollups", pos.HolderID(key[:rows.IDBytes]))
		}
		return nil
	})
	if err != nil {
		return err
	}
	maps.Copy(want, met) // what is left of it is nowhere
	return rollup.Same(c.Findings, b, want, "")
}

package bolt

import (
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
)

// Peek is station.Joint's.
func (t *Till) Peek(holder pos.HolderID, look func(station.Moment) error) error {
	return t.file.view(func(tx *bbolt.Tx) error {
		known, err := accountOf(tx, holder)
		if err != nil {
			return err
		}
		m, err := t.sight(tx, known)
		if err != nil {
			return err
		}
		return callers(func() error { return look(m) })
	})
}

// Peek is station.Joint's.
func (d *Desk) Peek(holder pos.HolderID, look func(station.Moment) error) error {
	return d.central.file.view(func(tx *bbolt.Tx) error {
		m := station.Moment{
			Voided: func(pos.EntryID) bool { return false },
			Sold:   func(string) ([]station.Record, error) { return nil, nil },
		}
		a, found, err := d.central.area(tx, d.area)
		if err != nil {
			return err
		}
		if found { // nothing was written yet where it is not
			day, err := d.central.readDay(tx)
			if err != nil {
				return err
			}
			if m.View, err = a.view(holder, day); err != nil {
				return err
			}
			m.Voided = a.reversed
			m.Sold = func(key string) ([]station.Record, error) { return a.sold(d.terminal, key) }
		}
		return callers(func() error { return look(m) })
	})
}

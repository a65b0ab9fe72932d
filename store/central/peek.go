package central

import (
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

// Peek is station.Joint's.
func (d *Desk) Peek(holder pos.HolderID, look func(station.Moment) error) error {
	return d.book.db.View(func(tx rows.Tx) error {
		m := station.Moment{
			Voided: func(pos.EntryID) bool { return false },
			Sold:   func(string) ([]station.Record, error) { return nil, nil },
		}
		a, found, err := d.book.area(tx, d.area)
		if err != nil {
			return err
		}
		if found { // nothing was written yet where it is not
			day, err := d.book.readDay(tx)
			if err != nil {
				return err
			}
			if m.View, err = a.view(holder, day); err != nil {
				return err
			}
			m.Voided = a.reversed
			m.Sold = func(key string) ([]station.Record, error) { return a.sold(d.terminal, key) }
		}
		return rows.Callers(func() error { return look(m) })
	})
}

package bolt

import (
	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

// Peek is station.Joint's.
func (t *Till) Peek(holder pos.HolderID, look func(station.Moment) error) error {
	return t.file.view(func(tx rows.Tx) error {
		known, err := accountOf(tx, holder)
		if err != nil {
			return err
		}
		m, err := t.sight(tx, known)
		if err != nil {
			return err
		}
		return rows.Callers(func() error { return look(m) })
	})
}

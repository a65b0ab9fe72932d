package central

import (
	"tenthcup/pos/ledger"
	"tenthcup/store/rows"
)

// EachSums is station.Members': of the whole area, with every lot that ever ended.
// Of a holder who spent more than there was it is what is published.
func (d *Desk) EachSums(yield func(ledger.Sums) bool) error {
	accounts := func(tx rows.Tx) (rows.Table, error) {
		a, _, err := d.book.area(tx, d.area)
		return a.account, err
	}
	_, err := rows.EachSums(d.book.db.View, rows.SumsIn{Table: accounts, Of: d.sums}, yield)
	return err
}

func (d *Desk) sums(tx rows.Tx, key, row []byte) (ledger.Sums, error) {
	var h holding
	if err := rows.Decode(row, &h); err != nil || !h.owes() {
		return h.Sums, err
	}
	holder, err := rows.HolderOf(key)
	if err != nil {
		return nil, err
	}
	a, _, err := d.book.area(tx, d.area)
	if err != nil {
		return nil, err
	}
	day, err := d.book.readDay(tx)
	if err != nil {
		return nil, err
	}
	changed, err := a.published(holder, day)
	return changed.Sums, err
}

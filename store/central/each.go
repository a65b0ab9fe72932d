package central

import (
	"slices"

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

func (d *Desk) sums(tx rows.Tx, key []byte) (ledger.Sums, error) {
	holder, err := rows.HolderOf(key)
	if err != nil {
		return nil, err
	}
	a, _, err := d.book.area(tx, d.area)
	if err != nil {
		return nil, err
	}
	h, _, err := a.holding(holder)
	overspent := func(s ledger.Sum) bool { return s.Account.Value() && s.Amount < 0 }
	if err != nil || !slices.ContainsFunc(h.Sums, overspent) {
		return h.Sums, err
	}
	day, err := d.book.readDay(tx)
	if err != nil {
		return nil, err
	}
	changed, err := a.published(holder, day)
	return changed.Sums, err
}

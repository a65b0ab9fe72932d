package bolt

import (
	"tenthcup/pos/ledger"
	"tenthcup/store/rollup"
	"tenthcup/store/rows"
)

// EachSums is station.Members'. Yield may call the till.
func (t *Till) EachSums(yield func(ledger.Sums) bool) error {
	known := func(tx rows.Tx, key, _ []byte) (ledger.Sums, error) {
		holder, err := rows.HolderOf(key)
		if err != nil {
			return nil, err
		}
		a, err := accountOf(tx, holder)
		return a.known(), err
	}
	more, err := rows.EachSums(t.file.view, rows.SumsIn{Table: bucketOf(baseBucket), Of: known}, yield)
	if err != nil || !more {
		return err
	}
	_, err = rows.EachSums(t.file.view, rows.SumsIn{Table: bucketOf(ownBucket), Of: func(tx rows.Tx, key, row []byte) (ledger.Sums, error) {
		if rollup.IsBeside(key) || tx.Table(baseBucket).Get(key) != nil {
			return nil, nil // it is no holder, or was there already
		}
		return known(tx, key, row)
	}}, yield)
	return err
}

func bucketOf(name []byte) func(tx rows.Tx) (rows.Table, error) {
	return func(tx rows.Tx) (rows.Table, error) { return tx.Table(name), nil }
}

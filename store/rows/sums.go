package rows

import (
	"bytes"

	"tenthcup/pos/ledger"
)

// sumsAtOnce is how many holders are read in one transaction: a long one would keep
// the file from growing, and so a cashier waiting.
const sumsAtOnce = 2000

// SumsIn is a table of holders, and how what they have is read.
type SumsIn struct {
	Table func(tx Tx) (Table, error) // nil where it is not there yet
	Of    func(tx Tx, key, row []byte) (ledger.Sums, error)
}

// EachSums yields what each holder of the table has, and reports whether it came to
// the end.
func EachSums(view func(func(Tx) error) error, in SumsIn, yield func(ledger.Sums) bool) (whole bool, err error) {
	var after []byte
	for {
		var some []ledger.Sums
		err := view(func(tx Tx) (err error) {
			some, after, err = in.next(tx, after)
			return err
		})
		if err != nil {
			return false, err
		}
		for _, sums := range some {
			if !yield(sums) {
				return false, nil
			}
		}
		if after == nil {
			return true, nil
		}
	}
}

// next returns what the next holders have, and the last one's key; nil at the end.
func (in SumsIn) next(tx Tx, after []byte) (some []ledger.Sums, last []byte, err error) {
	table, err := in.Table(tx)
	if err != nil || table == nil {
		return nil, nil, err
	}
	c := table.Cursor()
	key, row := c.Seek(after)
	if after != nil && bytes.Equal(key, after) {
		key, row = c.Next()
	}
	for ; key != nil && len(some) < sumsAtOnce; key, row = c.Next() {
		sums, err := in.Of(tx, key, row)
		if err != nil {
			return nil, nil, err
		}
		some, last = append(some, sums), bytes.Clone(key)
	}
	if key == nil {
		last = nil
	}
	return some, last, nil
}

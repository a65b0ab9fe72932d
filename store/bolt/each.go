package bolt

import (
	"bytes"
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos/ledger"
)

// sumsAtOnce is how many holders are read in one transaction: a long one would keep
// the file from growing, and so a cashier waiting.
const sumsAtOnce = 2000

// EachSums is station.Members'. Yield may call the till.
func (t *Till) EachSums(yield func(ledger.Sums) bool) error {
	known := func(tx *bbolt.Tx, key []byte) (ledger.Sums, error) {
		holder, err := holderOf(key)
		if err != nil {
			return nil, err
		}
		a, err := accountOf(tx, holder)
		return a.known(), err
	}
	more, err := eachSums(t.file, sumsIn{bucketOf(baseBucket), known}, yield)
	if err != nil || !more {
		return err
	}
	_, err = eachSums(t.file, sumsIn{bucketOf(ownBucket), func(tx *bbolt.Tx, key []byte) (ledger.Sums, error) {
		if isBeside(key) || tx.Bucket(baseBucket).Get(key) != nil {
			return nil, nil // it is no holder, or was there already
		}
		return known(tx, key)
	}}, yield)
	return err
}

// EachSums is station.Members': of the whole area, with every lot that ever ended.
// Of a holder who spent more than there was it is what is published.
func (d *Desk) EachSums(yield func(ledger.Sums) bool) error {
	accounts := func(tx *bbolt.Tx) (*bbolt.Bucket, error) {
		a, _, err := d.central.area(tx, d.area)
		return a.account, err
	}
	_, err := eachSums(d.central.file, sumsIn{accounts, d.sums}, yield)
	return err
}

func (d *Desk) sums(tx *bbolt.Tx, key []byte) (ledger.Sums, error) {
	holder, err := holderOf(key)
	if err != nil {
		return nil, err
	}
	a, _, err := d.central.area(tx, d.area)
	if err != nil {
		return nil, err
	}
	h, _, err := a.holding(holder)
	overspent := func(s ledger.Sum) bool { return s.Account.Value() && s.Amount < 0 }
	if err != nil || !slices.ContainsFunc(h.Sums, overspent) {
		return h.Sums, err
	}
	day, err := d.central.readDay(tx)
	if err != nil {
		return nil, err
	}
	changed, err := a.published(holder, day)
	return changed.Sums, err
}

// sumsIn is a table of holders, and how what they have is read.
type sumsIn struct {
	table func(tx *bbolt.Tx) (*bbolt.Bucket, error) // nil where it is not there yet
	of    func(tx *bbolt.Tx, key []byte) (ledger.Sums, error)
}

func bucketOf(name []byte) func(tx *bbolt.Tx) (*bbolt.Bucket, error) {
	return func(tx *bbolt.Tx) (*bbolt.Bucket, error) { return tx.Bucket(name), nil }
}

// eachSums yields what each holder of the table has, and reports whether it came to
// the end.
func eachSums(f *file, in sumsIn, yield func(ledger.Sums) bool) (whole bool, err error) {
	var after []byte
	for {
		var some []ledger.Sums
		err := f.view(func(tx *bbolt.Tx) (err error) {
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
func (in sumsIn) next(tx *bbolt.Tx, after []byte) (some []ledger.Sums, last []byte, err error) {
	table, err := in.table(tx)
	if err != nil || table == nil {
		return nil, nil, err
	}
	c := table.Cursor()
	key, _ := c.Seek(after)
	if after != nil && bytes.Equal(key, after) {
		key, _ = c.Next()
	}
	for ; key != nil && len(some) < sumsAtOnce; key, _ = c.Next() {
		sums, err := in.of(tx, key)
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

package bolt

import (
	"fmt"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// tx is a transaction as rows has it.
type tx struct{ *bbolt.Tx }

// Table implements rows.Space.
func (t tx) Table(name []byte) rows.Table { return tableOf(t.Bucket(name)) }

// Make implements rows.Space.
func (t tx) Make(name []byte) (rows.Table, error) {
	b, err := t.CreateBucketIfNotExists(name)
	if err != nil {
		return nil, fmt.Errorf("make table: %w", err)
	}
	return table{b}, nil
}

// Areas implements rows.Tx.
func (t tx) Areas() (areas []pos.AreaID) {
	c := t.Bucket(rows.Areas).Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		areas = append(areas, pos.AreaID(key))
	}
	return areas
}

// In implements rows.Tx.
func (t tx) In(area pos.AreaID) (rows.Space, error) {
	all := t.Bucket(rows.Areas)
	b := all.Bucket([]byte(area))
	if b == nil && !t.Writable() {
		return nil, nil
	}
	if b == nil {
		var err error
		if b, err = all.CreateBucket([]byte(area)); err != nil {
			return nil, fmt.Errorf("make area: %w", err)
		}
	}
	return space{b}, nil
}

// space is the tables of an area.
type space struct{ *bbolt.Bucket }

// Table implements rows.Space.
func (s space) Table(name []byte) rows.Table { return tableOf(s.Bucket.Bucket(name)) }

// Make implements rows.Space.
func (s space) Make(name []byte) (rows.Table, error) {
	b, err := s.CreateBucketIfNotExists(name)
	if err != nil {
		return nil, fmt.Errorf("make table: %w", err)
	}
	return table{b}, nil
}

// table is a bucket as a table. The bucket's sequence is its number.
type table struct{ *bbolt.Bucket }

func tableOf(b *bbolt.Bucket) rows.Table {
	if b == nil {
		return nil
	}
	return table{b}
}

// Cursor implements rows.Table.
func (t table) Cursor() rows.Cursor { return t.Bucket.Cursor() }

// Number implements rows.Counter.
func (t table) Number() uint64 { return t.Sequence() }

// SetNumber implements rows.Counter.
func (t table) SetNumber(n uint64) error { return t.SetSequence(n) }

// inOrder is how full pages are whose rows come in the order of their keys: room is left
// for what comes later in between.
const inOrder = 0.9

// InOrder is for rows.InOrder.
func (t table) InOrder() { t.FillPercent = inOrder }

// filled leaves next to no room in the pages of a table whose rows are only ever
// added behind the last.
func filled(t rows.Table, fill float64) rows.Table {
	t.(table).FillPercent = fill
	return t
}

// emptied returns the table without any rows.
func emptied(t rows.Tx, name []byte) (rows.Table, error) {
	if whole := t.(tx); whole.Bucket(name) != nil {
		if err := whole.DeleteBucket(name); err != nil {
			return nil, err
		}
	}
	return t.Make(name)
}

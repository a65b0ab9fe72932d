package bolt

import (
	"bytes"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

// soldKey is where an entry about the sale is found by what names the sale
// (pos.Entry.SaleKey).
func soldKey(sale string, number uint64) []byte {
	return slices.Concat([]byte(sale), []byte{0}, rows.NumberKey(number))
}

// index makes the entry found by its sale, and by what it reverses.
func index(tx rows.Tx, number uint64, e pos.Entry) error {
	if sale := e.SaleKey(); sale != "" {
		if err := tx.Table(receiptBucket).Put(soldKey(sale, number), []byte{}); err != nil {
			return err
		}
	}
	for _, p := range e.Postings {
		if p.Of == nil {
			continue
		}
		if err := tx.Table(voidedBucket).Put(rows.EntryKey(*p.Of), rows.NumberKey(number)); err != nil {
			return err
		}
	}
	return nil
}

// Sold is station.Joint's.
func (t *Till) Sold(key string) (records []station.Record, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		records, err = soldIn(tx, key)
		return err
	})
	return records, err
}

// soldIn returns the entries about the sale that the key names, in the journal's
// order.
func soldIn(tx rows.Tx, key string) (records []station.Record, err error) {
	if key == "" {
		return nil, nil
	}
	prefix := append([]byte(key), 0)
	err = rows.Scan(tx.Table(receiptBucket), prefix, func(row []byte) (bool, error) {
		if len(row) != len(prefix)+8 {
			return true, nil // of another key, with a 0 in it
		}
		number, err := rows.NumberOf(bytes.TrimPrefix(row, prefix))
		if err != nil {
			return false, err
		}
		r, err := record(rows.NumberKey(number), entryAt(tx, number))
		records = append(records, r)
		return true, err
	})
	return records, err
}

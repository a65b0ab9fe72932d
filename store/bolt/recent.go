package bolt

import (
	"bytes"
	"slices"

	"tenthcup/store/rows"
)

// The journal stands in two buckets: the entries that the centre has had, and
// behind them the recent ones. An entry of ten million is four pages deep, each of
// which a commit writes again; a recent one is not, and it is moved with a
// page, for which no cashier waits. All that follows sees one journal.

// journalFill leaves next to no room in the journal's pages: entries are only
// ever added behind the last.
const journalFill = 0.95

// addEntry puts an entry behind the last.
func addEntry(tx rows.Tx, number uint64, raw []byte) error {
	recent := filled(tx.Table(recentBucket), journalFill)
	return recent.Put(rows.NumberKey(number), raw)
}

// entryAt returns the bytes of the entry with the number, nil if there is none.
func entryAt(tx rows.Tx, number uint64) []byte {
	key := rows.NumberKey(number)
	if raw := tx.Table(recentBucket).Get(key); raw != nil {
		return raw
	}
	return tx.Table(journalBucket).Get(key)
}

// lastEntry returns the end of the journal, nil if it is empty. It asks for the
// first of the recent entries because bbolt looks for the last one for ever where
// the transaction has deleted all of several pages.
func lastEntry(tx rows.Tx) (key, raw []byte) {
	c := tx.Table(recentBucket).Cursor()
	if first, _ := c.First(); first != nil {
		return c.Last()
	}
	return tx.Table(journalBucket).Cursor().Last()
}

// backward calls yield with the entries from the last on until it returns false.
func backward(tx rows.Tx, yield func(key, raw []byte) (bool, error)) error {
	for _, name := range [][]byte{recentBucket, journalBucket} {
		c := tx.Table(name).Cursor()
		for key, raw := c.Last(); key != nil; key, raw = c.Prev() {
			if more, err := yield(key, raw); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// forward calls yield with the entries from the number on until it returns false.
func forward(tx rows.Tx, from uint64, yield func(key, raw []byte) (bool, error)) error {
	for _, name := range [][]byte{journalBucket, recentBucket} {
		c := tx.Table(name).Cursor()
		for key, raw := c.Seek(rows.NumberKey(from)); key != nil; key, raw = c.Next() {
			if more, err := yield(key, raw); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// archive moves the recent entries up to the number into the journal.
func archive(tx rows.Tx, upTo uint64) error {
	recent, journal := tx.Table(recentBucket), tx.Table(journalBucket)
	filled(journal, journalFill)
	var moved [][]byte // deleted when all are read: a cursor goes over every page that it has emptied
	c := recent.Cursor()
	for key, raw := c.First(); key != nil && bytes.Compare(key, rows.NumberKey(upTo)) <= 0; key, raw = c.Next() {
		if err := journal.Put(key, raw); err != nil {
			return err
		}
		moved = append(moved, slices.Clone(key))
	}
	for _, key := range moved {
		if err := recent.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

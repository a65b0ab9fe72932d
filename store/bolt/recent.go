package bolt

import (
	"slices"

	"go.etcd.io/bbolt"
)

// The journal stands in two buckets: the entries that the centre has had, and
// behind them the recent ones. An entry of ten million is four pages deep, each of
// which a commit writes again; a recent one is not, and it is moved with a
// page, for which no cashier waits. All that follows sees one journal.

// journalFill leaves next to no room in the journal's pages: entries are only
// ever added behind the last.
const journalFill = 0.95

// addEntry puts an entry behind the last.
func addEntry(tx *bbolt.Tx, number uint64, raw []byte) error {
	recent := tx.Bucket(recentBucket)
	recent.FillPercent = journalFill
	return recent.Put(numberKey(number), raw)
}

// entryAt returns the bytes of the entry with the number, nil if there is none.
func entryAt(tx *bbolt.Tx, number uint64) []byte {
	key := numberKey(number)
	if raw := tx.Bucket(recentBucket).Get(key); raw != nil {
		return raw
	}
	return tx.Bucket(journalBucket).Get(key)
}

// lastEntry returns the end of the journal, nil if it is empty.
func lastEntry(tx *bbolt.Tx) (key, raw []byte) {
	if key, raw = tx.Bucket(recentBucket).Cursor().Last(); key != nil {
		return key, raw
	}
	return tx.Bucket(journalBucket).Cursor().Last()
}

// backward calls yield with the entries from the last on until it returns false.
func backward(tx *bbolt.Tx, yield func(key, raw []byte) (bool, error)) error {
	for _, name := range [][]byte{recentBucket, journalBucket} {
		c := tx.Bucket(name).Cursor()
		for key, raw := c.Last(); key != nil; key, raw = c.Prev() {
			if more, err := yield(key, raw); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// forward calls yield with the entries from the number on until it returns false.
func forward(tx *bbolt.Tx, from uint64, yield func(key, raw []byte) (bool, error)) error {
	for _, name := range [][]byte{journalBucket, recentBucket} {
		c := tx.Bucket(name).Cursor()
		for key, raw := c.Seek(numberKey(from)); key != nil; key, raw = c.Next() {
			if more, err := yield(key, raw); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// archive moves the recent entries up to the number into the journal.
func archive(tx *bbolt.Tx, upTo uint64) error {
	recent, journal := tx.Bucket(recentBucket), tx.Bucket(journalBucket)
	journal.FillPercent = journalFill
	c := recent.Cursor()
	for key, raw := c.First(); key != nil; key, raw = c.First() {
		number, err := numberOf(key)
		if err != nil || number > upTo {
			return err
		}
		if err := journal.Put(slices.Clone(key), slices.Clone(raw)); err != nil {
			return err
		}
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

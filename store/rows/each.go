package rows

import (
	"bytes"
	"fmt"
	"slices"
)

// Each calls do with the table's rows in the order of their keys.
func Each(b Table, do func(key, row []byte) error) error {
	c := b.Cursor()
	for key, row := c.First(); key != nil; key, row = c.Next() {
		if err := do(key, row); err != nil {
			return err
		}
	}
	return nil
}

// Count returns the number of the table's rows, by reading them.
func Count(b Table) (n int) {
	c := b.Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		n++
	}
	return n
}

// All returns the table's rows in the order of their keys.
func All[T any](b Table) (rows []T, err error) {
	c := b.Cursor()
	for key, raw := c.First(); key != nil; key, raw = c.Next() {
		var row T
		if err := Decode(raw, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Scan calls yield with the table's keys that begin with the prefix, in order,
// until it returns false.
func Scan(b Table, prefix []byte, yield func(key []byte) (bool, error)) error {
	if brought, ok := b.(interface {
		Brought(prefix []byte) ([][]byte, bool)
	}); ok {
		if keys, all := brought.Brought(prefix); all {
			return scanKeys(keys, yield)
		}
	}
	c := b.Cursor()
	for key, _ := c.Seek(prefix); bytes.HasPrefix(key, prefix); key, _ = c.Next() {
		if more, err := yield(key); err != nil || !more {
			return err
		}
	}
	return nil
}

func scanKeys(keys [][]byte, yield func(key []byte) (bool, error)) error {
	for _, key := range keys {
		if more, err := yield(key); err != nil || !more {
			return err
		}
	}
	return nil
}

// Reindex replaces keys of a table without values. It touches only those that differ.
func Reindex(b Table, before, after [][]byte) error {
	in := func(keys [][]byte, key []byte) bool {
		return slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, key) })
	}
	for _, key := range before {
		if in(after, key) {
			continue
		}
		if err := b.Delete(key); err != nil {
			return fmt.Errorf("forget key: %w", err)
		}
	}
	for _, key := range after {
		if in(before, key) {
			continue
		}
		if err := b.Put(key, []byte{}); err != nil {
			return fmt.Errorf("add key: %w", err)
		}
	}
	return nil
}

// More counts one more row in a table whose number is the number of its rows.
func More(b Table) error { return b.SetNumber(b.Number() + 1) }

// Less counts one row less in a table whose number is the number of its rows.
func Less(b Table) error { return b.SetNumber(b.Number() - 1) }

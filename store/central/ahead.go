package central

import (
	"bytes"

	"tenthcup/pos"
	"tenthcup/store/rows"
)

// Who walks over a whole table and looks into others for each row reads some hundred rows
// ahead, and has what they lead to brought at once: a database behind a line would take a
// round trip for each look. What was brought is let go of with those rows.

// aheadRows is how many rows are read ahead.
const aheadRows = 1000

// inChunks calls do with the rows of the table, in order, some at a time.
func inChunks(tx rows.Tx, table rows.Table, do func(some []pair) error) error {
	var some []pair
	c := table.Cursor()
	for key, row := c.First(); ; key, row = c.Next() {
		if key != nil {
			some = append(some, pair{key, row})
		}
		if len(some) == aheadRows || key == nil && len(some) > 0 {
			if err := do(some); err != nil {
				return err
			}
			rows.Forget(tx)
			some = some[:0]
		}
		if key == nil {
			return nil
		}
	}
}

// ahead is rows.Each for a table of the area. Wants says what do will look at for a row.
func (a area) ahead(table rows.Table, wants func(w *wanted, key, row []byte), do func(key, row []byte) error) error {
	if !rows.Loads(a.tx) {
		return rows.Each(table, do)
	}
	return inChunks(a.tx, table, func(some []pair) error {
		w := newWanted()
		for _, r := range some {
			wants(w, r.key, r.value)
		}
		rows.Load(a.tx, w.of(a.id)...)
		for _, r := range some {
			if err := do(r.key, r.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// judged wants what tells whether the entry counts, and what reversals asked of it.
func (w *wanted) judged(key, raw []byte) {
	hash := pos.HashEntry(raw)
	w.key(quarantineTable, hash[:])
	if e, err := pos.DecodeEntry(raw); err == nil {
		w.key(historyTable, append(e.Holder[:], rows.EntryKey(e.ID)...))
	}
	if id, err := rows.EntryOf(key); err == nil {
		w.key(chainTable, chainKey(id.Terminal, id.Incarnation))
		w.asks(id)
	}
}

// asks wants what reversals asked of the entry. A run of entries is one range.
func (w *wanted) asks(id pos.EntryID) {
	from, until := rows.EntryKey(id), rows.Behind(rows.EntryKey(id))
	if all := w.ranges[string(askedTable)]; len(all) > 0 && bytes.Equal(all[len(all)-1].Until, from) {
		all[len(all)-1].Until = until
		return
	}
	w.between(askedTable, from, until)
}

// histories walks over the histories of holders who come in order.
type histories struct {
	cursor rows.Cursor
	key    []byte
	begun  bool
}

// of returns the keys of the entries in the holder's history.
func (h *histories) of(holder []byte) (entries [][]byte) {
	if !h.begun {
		h.key, _ = h.cursor.First()
		h.begun = true
	}
	for ; h.key != nil && bytes.Compare(h.key[:min(rows.IDBytes, len(h.key))], holder) < 0; h.key, _ = h.cursor.Next() {
		continue // of somebody who is not there: the numbers will not agree
	}
	for ; bytes.HasPrefix(h.key, holder); h.key, _ = h.cursor.Next() {
		entries = append(entries, h.key[rows.IDBytes:])
	}
	return entries
}

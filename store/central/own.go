package central

import (
	"errors"
	"fmt"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// tail returns what the next entry of the transaction's terminal is chained to if
// it is written under the incarnation: the last one of it, or before the first
// one, the last that the terminal wrote in the area.
func (t *taking) tail(incarnation pos.Incarnation) (station.Tail, error) {
	number, last, err := t.area.lastWritten(t.terminal)
	if err != nil || number == 0 {
		return station.Tail{}, err
	}
	e, err := t.area.stored(last)
	if err != nil {
		return station.Tail{}, err
	}
	c, err := t.peek(incarnation)
	if err == nil && c.Seq == 0 {
		c, err = t.peek(t.latest)
		c.Seq = 0
	}
	return station.Tail{Number: number, At: e.At, Head: c.Head, Seq: c.Seq}, err
}

// lastWritten returns the number and key of the last entry that the terminal of
// this server wrote in the area; 0 if there is none.
func (a area) lastWritten(terminal pos.TerminalID) (number uint64, key []byte, err error) {
	c := a.written.Cursor()
	end := append(terminal[:], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	before := c.Prev
	if behind, _ := c.Seek(end); behind == nil {
		before = c.Last
	}
	row, value := before()
	if row == nil || len(row) != rows.IDBytes+8 || pos.TerminalID(row[:rows.IDBytes]) != terminal {
		return 0, nil, nil
	}
	number, err = rows.NumberOf(row[rows.IDBytes:])
	return number, append(terminal[:], value...), err
}

func writtenKey(terminal pos.TerminalID, number uint64) []byte {
	return append(terminal[:], rows.NumberKey(number)...)
}

// own appends and counts an entry of the server's own terminal. It is the one
// place where the server writes. One that is not the next is an error, and so is
// one that takes a sum out of range: here nothing is quarantined.
func (t *taking) own(e pos.Entry) (station.Record, error) {
	if e.ID.Terminal != t.terminal || e.ID.Incarnation == 0 {
		return station.Record{}, errors.New("append entry: it is another terminal's")
	}
	tail, err := t.tail(e.ID.Incarnation)
	if err != nil {
		return station.Record{}, err
	}
	if e.ID.Seq != tail.Seq+1 || e.Prev != tail.Head {
		return station.Record{}, errors.New("append entry: it is not chained to the last")
	}
	raw, err := e.Encode()
	if err != nil {
		return station.Record{}, err
	}
	if err := t.count(e); err != nil {
		return station.Record{}, fmt.Errorf("append entry: %w", err)
	}
	if err := t.rolling.add(e); err != nil {
		return station.Record{}, err
	}
	if e.Holder != (pos.HolderID{}) {
		t.dirty[e.Holder] = true
	}
	key := rows.EntryKey(e.ID)
	if err := t.area.written.Put(writtenKey(t.terminal, tail.Number+1), key[rows.IDBytes:]); err != nil {
		return station.Record{}, err
	}
	return station.Record{Number: tail.Number + 1, Entry: e, Raw: raw}, t.extend(e.ID, bad{raw: raw})
}

// missing says that a row is not there that another one names.
func missing(what string, key []byte) error {
	return fmt.Errorf("%w: %s %x is missing", store.ErrCorrupt, what, key)
}

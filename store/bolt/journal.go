package bolt

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/rows"
)

var (
	_ station.Journal = (*Till)(nil)
	_ station.Joint   = (*Till)(nil)
)

// Append is station.Journal's. It is one transaction that touches the end of
// the journal and one row of the holder, and other rows only for a void, a sale
// with a receipt, a redemption without a lease, a profile or a process's first
// entry.
func (t *Till) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	added, err := t.add([]pos.HolderID{holder}, profile, func(moments []station.Moment) ([]pos.Entry, error) {
		e, err := decide(moments[0])
		return []pos.Entry{e}, err
	})
	if err != nil {
		return station.Record{}, err
	}
	return added[0], nil
}

// Together is station.Joint's.
func (t *Till) Together(holders []pos.HolderID, decide func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	return t.add(holders, nil, decide)
}

// add is the one place that writes entries.
func (t *Till) add(holders []pos.HolderID, profile *pos.Profile, decide func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	t.writing.Lock()
	defer t.writing.Unlock()
	var added []station.Record
	err := t.file.update(func(tx rows.Tx) (err error) {
		added, err = t.append(tx, holders, decide)
		if err == nil && profile != nil {
			err = t.saveProfile(tx, *profile)
		}
		return err
	})
	if err != nil {
		incarnation := pos.Incarnation(0)
		if len(added) > 0 {
			incarnation = added[0].Entry.ID.Incarnation
		}
		t.doubt(err, incarnation)
		return nil, err
	}
	for _, r := range added {
		t.incarnation, t.state.tail = r.Entry.ID.Incarnation, tailOf(r)
		t.state.window = append(t.state.window, handedBy(r.Entry)...)
	}
	return added, nil
}

// tailOf returns the end of a journal whose last entry it is.
func tailOf(r station.Record) station.Tail {
	return station.Tail{Number: r.Number, At: r.Entry.At, Head: pos.HashEntry(r.Raw), Seq: r.Entry.ID.Seq}
}

// doubt makes the next writer read the state from the file, where an entry of
// the incarnation may stand.
func (t *Till) doubt(err error, incarnation pos.Incarnation) {
	if errors.Is(err, store.ErrUnsure) {
		t.stale = true
		t.incarnation = cmp.Or(incarnation, t.incarnation)
	}
}

func (t *Till) append(tx rows.Tx, holders []pos.HolderID, decide func([]station.Moment) ([]pos.Entry, error)) (added []station.Record, err error) {
	if t.stale {
		if t.state, err = t.read(tx); err != nil {
			return nil, err
		}
		t.stale = false
	}
	moments, known := make([]station.Moment, len(holders)), make([]*account, len(holders))
	for i, holder := range holders {
		if moments[i], known[i], err = t.moment(tx, holder); err != nil {
			return nil, err
		}
	}
	var entries []pos.Entry
	err = rows.Callers(func() (err error) {
		entries, err = decide(moments)
		return err
	})
	if err != nil {
		return nil, err
	}
	end := end{t.state.tail, t.incarnation}
	for _, e := range entries {
		at := slices.Index(holders, e.Holder)
		if at < 0 {
			return added, errors.New("append entry: it is another holder's")
		}
		if err := t.follows(tx, end, e); err != nil {
			return added, err
		}
		r, err := t.write(tx, entryTo{e, end.tail.Number + 1, known[at]})
		if err != nil {
			return added, err
		}
		known[at] = nil // it has changed
		added, end.tail, end.incarnation = append(added, r), tailOf(r), e.ID.Incarnation
	}
	return added, nil
}

// moment returns the state of the holder just before the next entry, and the
// account.
func (t *Till) moment(tx rows.Tx, holder pos.HolderID) (station.Moment, *account, error) {
	known, err := accountOf(tx, holder)
	if err != nil {
		return station.Moment{}, nil, err
	}
	m, err := t.sight(tx, known)
	m.Tail, m.Standing, m.Window = t.state.tail, t.state.standing, slices.Clip(t.state.window)
	return m, &known, err
}

// sight returns as much of the moment as does not need t.writing.
func (t *Till) sight(tx rows.Tx, known account) (station.Moment, error) {
	view, err := t.viewOf(tx, known)
	voided := tx.Table(voidedBucket)
	return station.Moment{
		View:   view,
		Voided: func(id pos.EntryID) bool { return voided.Get(rows.EntryKey(id)) != nil },
		Sold:   func(key string) ([]station.Record, error) { return soldIn(tx, key) },
		Tally:  func(name string) int64 { return tallyOf(tx, name) },
	}, err
}

// end is what the next entry follows.
type end struct {
	tail        station.Tail
	incarnation pos.Incarnation // of this process's entries; 0 before the first
}

// follows refuses an entry that is not the next one: the ids of a journal must
// stay countable and its chain whole, whatever a caller does.
func (t *Till) follows(tx rows.Tx, end end, e pos.Entry) error {
	switch {
	case e.ID.Terminal != t.terminal:
		return errors.New("append entry: it is another terminal's")
	case e.ID.Seq != end.tail.Seq+1 || e.Prev != end.tail.Head:
		return errors.New("append entry: it is not chained to the last")
	case !rows.NamesLeases(e):
		return errors.New("append entry: it names no leases of a holder")
	case end.tail.Seq > 0 && e.ID.Incarnation != end.incarnation:
		return errors.New("append entry: it is of another incarnation than this process's others")
	case end.tail.Seq > 0:
		return nil
	}
	return eachStart(tx, func(s start) (bool, error) {
		if s.incarnation == e.ID.Incarnation {
			return false, errors.New("append entry: its incarnation was there before")
		}
		return true, nil
	})
}

// entryTo is an entry on its way into the journal.
type entryTo struct {
	entry  pos.Entry
	number uint64
	known  *account // of its holder; nil if it is to be read
}

// write stores the entry and what it does to the holder.
func (t *Till) write(tx rows.Tx, to entryTo) (station.Record, error) {
	e, number := to.entry, to.number
	raw, err := e.Encode()
	if err != nil {
		return station.Record{}, err
	}
	if err := addEntry(tx, number, raw); err != nil {
		return station.Record{}, err
	}
	if e.ID.Seq == 1 {
		if err := tx.Table(startBucket).Put(rows.NumberKey(number), rows.NumberKey(uint64(e.ID.Incarnation))); err != nil {
			return station.Record{}, err
		}
	}
	if counts(e) {
		if err := t.count(tx, to); err != nil {
			return station.Record{}, fmt.Errorf("append entry: %w", err)
		}
	}
	if err := turn(tx, e); err != nil {
		return station.Record{}, err
	}
	if err := tally(tx, e); err != nil {
		return station.Record{}, err
	}
	if err := t.roll(tx, e); err != nil {
		return station.Record{}, err
	}
	if handed := handedBy(e); len(handed) > 0 {
		if err := rows.Put(tx.Table(floorBucket), rows.NumberKey(number), handed); err != nil {
			return station.Record{}, err
		}
	}
	return station.Record{Number: number, Entry: e, Raw: raw}, index(tx, number, e)
}

// count stores what the entry does to its holder.
func (t *Till) count(tx rows.Tx, to entryTo) error {
	if to.known == nil {
		known, err := accountOf(tx, to.entry.Holder)
		if err != nil {
			return err
		}
		to.known = &known
	}
	return to.known.add(tx, to.number, to.entry, t.state.standing.Enrolled)
}

// viewOf returns what the station sees of a base. A base that the centre gave
// long ago is as fresh as the last page with nothing behind it: had the holder
// changed, it would have been on one.
func (t *Till) viewOf(tx rows.Tx, known account) (station.View, error) {
	view := station.View{Sums: known.known(), Unmerged: len(known.own)}
	view.Leases, view.Lent = known.leases(t.terminal)
	if known.Position == 0 {
		return view, nil
	}
	whole, err := rows.GetNumber(tx.Table(rows.Meta), wholeKey)
	if err != nil {
		return station.View{}, err
	}
	view.AsOf = time.UnixMilli(max(known.AsOf, int64(whole))).UTC()
	return view, nil
}

// View is station.Journal's.
func (t *Till) View(holder pos.HolderID) (view station.View, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		known, err := accountOf(tx, holder)
		if err != nil {
			return err
		}
		view, err = t.viewOf(tx, known)
		return err
	})
	return view, err
}

// Entry is station.Journal's.
func (t *Till) Entry(id pos.EntryID) (found station.Record, err error) {
	if id.Terminal != t.terminal || id.Seq == 0 {
		return station.Record{}, station.ErrNotFound
	}
	err = t.file.view(func(tx rows.Tx) error {
		found, err = recordOf(tx, id)
		return err
	})
	return found, err
}

// recordOf returns the entry of this till with the id, or station.ErrNotFound.
func recordOf(tx rows.Tx, id pos.EntryID) (station.Record, error) {
	number := uint64(0)
	err := eachStart(tx, func(s start) (bool, error) {
		if s.incarnation == id.Incarnation && id.Seq <= s.last-s.first+1 {
			number = s.first + id.Seq - 1
		}
		return s.incarnation != id.Incarnation, nil
	})
	if err == nil && number == 0 {
		err = station.ErrNotFound
	}
	if err != nil {
		return station.Record{}, err
	}
	return record(rows.NumberKey(number), entryAt(tx, number))
}

// Last is station.Journal's. Yield must not call the till.
func (t *Till) Last(yield func(station.Record) bool) error {
	return t.file.view(func(tx rows.Tx) error {
		return backward(tx, func(key, raw []byte) (bool, error) {
			r, err := record(key, raw)
			if err != nil {
				return false, err
			}
			return rows.Callers(func() bool { return yield(r) }), nil
		})
	})
}

// start is where an incarnation stands in the journal.
type start struct {
	incarnation pos.Incarnation
	first, last uint64 // numbers of its entries
}

// eachStart calls yield with the incarnations of the journal, newest first,
// until it returns false. There is one for each process that wrote something.
func eachStart(tx rows.Tx, yield func(start) (bool, error)) error {
	last, err := tailNumber(tx)
	if err != nil {
		return err
	}
	c := tx.Table(startBucket).Cursor()
	for key, value := c.Last(); key != nil; key, value = c.Prev() {
		first, err := rows.NumberOf(key)
		if err != nil {
			return err
		}
		incarnation, err := rows.NumberOf(value)
		if err != nil {
			return err
		}
		if more, err := yield(start{pos.Incarnation(incarnation), first, last}); err != nil || !more {
			return err
		}
		last = first - 1
	}
	return nil
}

func tailNumber(tx rows.Tx) (uint64, error) {
	key, _ := lastEntry(tx)
	if key == nil {
		return 0, nil
	}
	return rows.NumberOf(key)
}

package bolt

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
)

var _ station.Journal = (*Till)(nil)

// Append is station.Journal's. It is one transaction that touches the end of
// the journal and one row of the holder, and other rows only for a void, a
// redemption without a lease, a profile or a process's first entry.
func (t *Till) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	t.writing.Lock()
	defer t.writing.Unlock()
	var added station.Record
	err := t.file.update(func(tx *bbolt.Tx) (err error) {
		added, err = t.append(tx, holder, decide)
		if err == nil && profile != nil {
			err = t.saveProfile(tx, *profile)
		}
		return err
	})
	if err != nil {
		t.doubt(err, added.Entry.ID.Incarnation)
		return station.Record{}, err
	}
	t.incarnation = added.Entry.ID.Incarnation
	t.state.tail = station.Tail{
		Number: added.Number, At: added.Entry.At,
		Head: pos.HashEntry(added.Raw), Seq: added.Entry.ID.Seq,
	}
	t.state.window = append(t.state.window, handedBy(added.Entry)...)
	return added, nil
}

// doubt makes the next writer read the state from the file, where an entry of
// the incarnation may stand.
func (t *Till) doubt(err error, incarnation pos.Incarnation) {
	if errors.Is(err, store.ErrUnsure) {
		t.stale = true
		t.incarnation = cmp.Or(incarnation, t.incarnation)
	}
}

func (t *Till) append(tx *bbolt.Tx, holder pos.HolderID, decide func(station.Moment) (pos.Entry, error)) (record station.Record, err error) {
	if t.stale {
		if t.state, err = t.read(tx); err != nil {
			return station.Record{}, err
		}
		t.stale = false
	}
	known, err := accountOf(tx, holder)
	if err != nil {
		return station.Record{}, err
	}
	view, err := t.viewOf(tx, known)
	if err != nil {
		return station.Record{}, err
	}
	voided := tx.Bucket(voidedBucket)
	moment := station.Moment{
		View: view, Tail: t.state.tail, Standing: t.state.standing, Window: slices.Clip(t.state.window),
		Voided: func(id pos.EntryID) bool { return voided.Get(entryKey(id)) != nil },
	}
	decided := callers(func() (d decision) {
		d.entry, d.err = decide(moment)
		return d
	})
	if decided.err != nil {
		return station.Record{}, decided.err
	}
	e := decided.entry
	if err := t.follows(tx, holder, e); err != nil {
		return station.Record{}, err
	}
	return t.write(tx, known, e)
}

type decision struct {
	entry pos.Entry
	err   error
}

// follows refuses an entry that is not the next one: the ids of a journal must
// stay countable and its chain whole, whatever a caller does.
func (t *Till) follows(tx *bbolt.Tx, holder pos.HolderID, e pos.Entry) error {
	tail := t.state.tail
	switch {
	case e.ID.Terminal != t.terminal:
		return errors.New("append entry: it is another terminal's")
	case e.Holder != holder:
		return errors.New("append entry: it is another holder's")
	case e.ID.Seq != tail.Seq+1 || e.Prev != tail.Head:
		return errors.New("append entry: it is not chained to the last")
	case !namesLeases(e):
		return errors.New("append entry: it names no leases of a holder")
	case tail.Seq > 0 && e.ID.Incarnation != t.incarnation:
		return errors.New("append entry: it is of another incarnation than this process's others")
	case tail.Seq > 0:
		return nil
	}
	return eachStart(tx, func(s start) (bool, error) {
		if s.incarnation == e.ID.Incarnation {
			return false, errors.New("append entry: its incarnation was there before")
		}
		return true, nil
	})
}

// write stores the entry and what it does to the holder.
func (t *Till) write(tx *bbolt.Tx, known account, e pos.Entry) (station.Record, error) {
	raw, err := e.Encode()
	if err != nil {
		return station.Record{}, err
	}
	number := t.state.tail.Number + 1
	if err := addEntry(tx, number, raw); err != nil {
		return station.Record{}, err
	}
	if e.ID.Seq == 1 {
		if err := tx.Bucket(startBucket).Put(numberKey(number), numberKey(uint64(e.ID.Incarnation))); err != nil {
			return station.Record{}, err
		}
	}
	if counts(e) {
		if err := known.add(tx, number, e, t.state.standing.Enrolled); err != nil {
			return station.Record{}, fmt.Errorf("append entry: %w", err)
		}
	}
	if handed := handedBy(e); len(handed) > 0 {
		if err := put(tx.Bucket(floorBucket), numberKey(number), handed); err != nil {
			return station.Record{}, err
		}
	}
	for _, p := range e.Postings {
		if p.Of == nil {
			continue
		}
		if err := tx.Bucket(voidedBucket).Put(entryKey(*p.Of), numberKey(number)); err != nil {
			return station.Record{}, err
		}
	}
	return station.Record{Number: number, Entry: e, Raw: raw}, nil
}

// viewOf returns what the station sees of a base. A base that the centre gave
// long ago is as fresh as the last page with nothing behind it: had the holder
// changed, it would have been on one.
func (t *Till) viewOf(tx *bbolt.Tx, known account) (station.View, error) {
	view := station.View{Sums: known.known(), Unmerged: len(known.own)}
	view.Leases, view.Lent = known.leases(t.terminal)
	if known.Position == 0 {
		return view, nil
	}
	whole, err := getNumber(tx.Bucket(metaBucket), wholeKey)
	if err != nil {
		return station.View{}, err
	}
	view.AsOf = time.UnixMilli(max(known.AsOf, int64(whole))).UTC()
	return view, nil
}

// View is station.Journal's.
func (t *Till) View(holder pos.HolderID) (view station.View, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
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
	err = t.file.view(func(tx *bbolt.Tx) error {
		number := uint64(0)
		err := eachStart(tx, func(s start) (bool, error) {
			if s.incarnation == id.Incarnation && id.Seq <= s.last-s.first+1 {
				number = s.first + id.Seq - 1
			}
			return s.incarnation != id.Incarnation, nil
		})
		if err != nil {
			return err
		}
		if number == 0 {
			return station.ErrNotFound
		}
		found, err = record(numberKey(number), entryAt(tx, number))
		return err
	})
	return found, err
}

// Last is station.Journal's. Yield must not call the till.
func (t *Till) Last(yield func(station.Record) bool) error {
	return t.file.view(func(tx *bbolt.Tx) error {
		return backward(tx, func(key, raw []byte) (bool, error) {
			r, err := record(key, raw)
			if err != nil {
				return false, err
			}
			return callers(func() bool { return yield(r) }), nil
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
func eachStart(tx *bbolt.Tx, yield func(start) (bool, error)) error {
	last, err := tailNumber(tx)
	if err != nil {
		return err
	}
	c := tx.Bucket(startBucket).Cursor()
	for key, value := c.Last(); key != nil; key, value = c.Prev() {
		first, err := numberOf(key)
		if err != nil {
			return err
		}
		incarnation, err := numberOf(value)
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

func tailNumber(tx *bbolt.Tx) (uint64, error) {
	key, _ := lastEntry(tx)
	if key == nil {
		return 0, nil
	}
	return numberOf(key)
}

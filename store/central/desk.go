package central

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/rows"
)

var (
	_ station.Journal = (*Desk)(nil)
	_ station.Joint   = (*Desk)(nil)
	_ station.Members = (*Desk)(nil)
	_ station.Office  = (*Desk)(nil)
	_ station.Shelf   = (*Desk)(nil)
)

// Desk is an area's ledger as a station at the centre uses it: the server's own
// terminal, without a line. What it writes is decided on the ledger as it is, in
// the transaction that writes it, so it never hands out more than there is, nor
// what is lent to tills. Its methods are safe for concurrent use.
type Desk struct {
	book     *Book
	area     pos.AreaID
	terminal pos.TerminalID

	writing     sync.Mutex
	incarnation pos.Incarnation // under which it wrote last; 0 before its first entry
}

// Desk returns the desk of the terminal, which is the server's own, in the area.
func (c *Book) Desk(id pos.AreaID, terminal pos.TerminalID) *Desk {
	return &Desk{book: c, area: id, terminal: terminal}
}

// view is the holder as the desk sees one: what is published, and all that is lent
// of it. Day is the one on which deficits are read; lots that have ended since
// are still there, and count for nothing.
func (a area) view(holder pos.HolderID, day pos.Day) (station.View, error) {
	changed, err := a.published(holder, day)
	if err != nil {
		return station.View{}, err
	}
	view := station.View{Sums: changed.Sums}
	for _, lease := range changed.Leases {
		if view.Lent, err = view.Lent.Merge(lease.Sums); err != nil {
			return station.View{}, err
		}
	}
	return view, nil
}

// readDay returns the day before the one, in UTC, when something was published
// last. A desk has no clock, and no shop's day is earlier: so no lot that is live
// somewhere is left out.
func (c *Book) readDay(tx rows.Tx) (pos.Day, error) {
	last, err := c.lastMoment(tx)
	return pos.DayOf(last, time.UTC) - 1, err
}

// Append is station.Journal's. The entry's own time is the centre's.
func (d *Desk) Append(holder pos.HolderID, profile *pos.Profile, decide func(station.Moment) (pos.Entry, error)) (station.Record, error) {
	added, err := d.add([]pos.HolderID{holder}, profile, func(moments []station.Moment) ([]pos.Entry, error) {
		e, err := decide(moments[0])
		return []pos.Entry{e}, err
	})
	if err != nil {
		return station.Record{}, err
	}
	return added[0], nil
}

// Together is station.Joint's.
func (d *Desk) Together(holders []pos.HolderID, decide func([]station.Moment) ([]pos.Entry, error)) ([]station.Record, error) {
	return d.add(holders, nil, decide)
}

func (d *Desk) add(holders []pos.HolderID, profile *pos.Profile, decide func([]station.Moment) ([]pos.Entry, error)) (added []station.Record, err error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	err = d.book.db.Update(d.area, func(tx rows.Tx) error {
		added = nil
		t, err := d.begin(tx)
		if err != nil {
			return err
		}
		moments := make([]station.Moment, len(holders))
		for i, holder := range holders {
			if moments[i], err = d.moment(tx, t, holder); err != nil {
				return err
			}
		}
		var entries []pos.Entry
		err = rows.Callers(func() (err error) {
			entries, err = decide(moments)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !slices.Contains(holders, e.Holder) {
				return errors.New("append entry: it is another holder's")
			}
			r, err := d.write(tx, t, e)
			if err != nil {
				return err
			}
			added = append(added, r)
		}
		if profile != nil {
			if err := t.replaceProfile(*profile); err != nil {
				return err
			}
		}
		return t.finish()
	})
	if err != nil {
		return nil, err
	}
	return added, nil
}

func (d *Desk) write(tx rows.Tx, t *taking, e pos.Entry) (added station.Record, err error) {
	d.incarnation = e.ID.Incarnation // also if it fails: the ledger is asked how far it got
	t.at, t.day = e.Time(), e.Day
	if t.paused, err = pausedAt(tx, t.at); err != nil {
		return station.Record{}, err
	}
	return t.own(e)
}

func (d *Desk) begin(tx rows.Tx) (*taking, error) {
	a, _, err := d.book.area(tx, d.area)
	if err != nil {
		return nil, err
	}
	last, err := a.lastMoment()
	if err != nil {
		return nil, err
	}
	t, err := d.book.begin(tx, d.area, last)
	if err != nil {
		return nil, err
	}
	return t, t.writes(d.terminal)
}

// moment returns the state just before the desk's next entry.
func (d *Desk) moment(tx rows.Tx, t *taking, holder pos.HolderID) (station.Moment, error) {
	last, err := t.area.lastMoment()
	if err != nil {
		return station.Moment{}, err
	}
	view, err := t.area.view(holder, pos.DayOf(last, time.UTC)-1)
	if err != nil {
		return station.Moment{}, err
	}
	tail, err := t.tail(d.incarnation)
	return station.Moment{
		View: view, Tail: tail, Voided: t.area.reversed,
		Sold: func(key string) ([]station.Record, error) { return t.area.sold(d.terminal, key) },
	}, err
}

// reversed reports whether an entry reversed something of that one.
func (a area) reversed(id pos.EntryID) bool {
	prefix := rows.EntryKey(id)
	key, _ := a.asked.Cursor().Seek(prefix)
	return bytes.HasPrefix(key, prefix)
}

// View is station.Journal's.
func (d *Desk) View(holder pos.HolderID) (view station.View, err error) {
	err = d.book.db.View(func(tx rows.Tx) error {
		a, found, err := d.book.area(tx, d.area)
		if err != nil || !found {
			return err
		}
		day, err := d.book.readDay(tx)
		if err != nil {
			return err
		}
		view, err = a.view(holder, day)
		return err
	})
	return view, err
}

// Entry is station.Journal's.
func (d *Desk) Entry(id pos.EntryID) (found station.Record, err error) {
	if id.Terminal != d.terminal {
		return found, station.ErrNotFound
	}
	err = d.Last(func(r station.Record) bool {
		if r.Entry.ID == id {
			found = r
		}
		return found.Number == 0
	})
	if err == nil && found.Number == 0 {
		err = station.ErrNotFound
	}
	return found, err
}

// Sold is station.Joint's. It looks through all that the server's terminal wrote.
func (d *Desk) Sold(key string) (records []station.Record, err error) {
	err = d.book.in(d.area, func(a area) error {
		records, err = a.sold(d.terminal, key)
		return err
	})
	return records, err
}

// sold returns the entries of the server's terminal about a sale, oldest first.
func (a area) sold(terminal pos.TerminalID, key string) (records []station.Record, err error) {
	if key == "" {
		return nil, nil
	}
	err = a.last(terminal, func(r station.Record) bool {
		if r.Entry.SaleKey() == key {
			records = append(records, r)
		}
		return true
	})
	slices.Reverse(records)
	return records, err
}

// Last is station.Journal's. What managers settled at this server is among the
// entries.
func (d *Desk) Last(yield func(station.Record) bool) error {
	return d.book.in(d.area, func(a area) error { return a.last(d.terminal, yield) })
}

func (a area) last(terminal pos.TerminalID, yield func(station.Record) bool) error {
	last, _, err := a.lastWritten(terminal)
	behind, ahead := last+1, uint64(firstAhead) // the entries from there on were announced
	for number := last; err == nil && number > 0; number-- {
		if number < behind {
			behind = number - min(ahead, number) + 1
			ahead = min(2*ahead, aheadRows)
			a.announceWritten(terminal, behind, number)
		}
		value := a.written.Get(writtenKey(terminal, number))
		if value == nil {
			return missing("entry number", rows.NumberKey(number))
		}
		raw := slices.Clone(a.entry.Get(append(terminal[:], value...)))
		e, err := a.stored(append(terminal[:], value...))
		if err != nil {
			return err
		}
		if !rows.Callers(func() bool { return yield(station.Record{Number: number, Entry: e, Raw: raw}) }) {
			return nil
		}
	}
	return err
}

// firstAhead is how many of the server's own entries are read ahead at first: who looks at
// the last ones seldom goes on for long.
const firstAhead = 16

// announceWritten says that entries of the server's terminal will be looked at, by their numbers.
func (a area) announceWritten(terminal pos.TerminalID, first, last uint64) {
	if !rows.Loads(a.tx) {
		return
	}
	w := newWanted()
	for number := first; number <= last; number++ {
		w.key(areaWrittenTable, writtenKey(terminal, number))
	}
	rows.Load(a.tx, w.of(a.id)...)
	w = newWanted()
	for number := first; number <= last; number++ {
		if value := a.written.Get(writtenKey(terminal, number)); value != nil {
			w.key(entryTable, append(terminal[:], value...))
		}
	}
	rows.Load(a.tx, w.of(a.id)...)
}

// Due is station.Journal's: a centre lends and borrows nothing.
func (d *Desk) Due(pos.Day) ([]station.Due, error) { return nil, nil }

// Profile is station.Members'.
func (d *Desk) Profile(holder pos.HolderID) (p pos.Profile, err error) {
	found := false
	err = d.book.in(d.area, func(a area) error {
		p, found, err = a.profileOf(holder)
		return err
	})
	if err == nil && !found {
		err = station.ErrNotFound
	}
	return p, err
}

// ByCode is station.Members'.
func (d *Desk) ByCode(code string) (holders []pos.HolderID, err error) {
	err = d.book.in(d.area, func(a area) error {
		holders, err = a.withCode(code)
		return err
	})
	return holders, err
}

// ByName is station.Members'. It opens every profile of the area.
func (d *Desk) ByName(prefix string, limit int) (found []pos.Profile, err error) {
	if prefix == "" || limit <= 0 {
		return nil, nil
	}
	err = d.book.in(d.area, func(a area) error {
		found = nil
		table := a.profiles()
		return rows.Each(table.Table, func(key, raw []byte) error {
			var p pos.Profile
			err := table.Decode(key, raw, &p)
			if err == nil && begins(p.Name, prefix) {
				found = append(found, p)
			}
			return err
		})
	})
	slices.SortFunc(found, func(a, b pos.Profile) int {
		return cmp.Or(cmp.Compare(pos.Fold(a.Name), pos.Fold(b.Name)), bytes.Compare(a.Holder[:], b.Holder[:]))
	})
	return found[:min(len(found), limit)], err
}

// begins reports whether the folded name has the prefix at one of its words.
func begins(name, prefix string) bool {
	return slices.ContainsFunc(rows.Phrases(name), func(phrase string) bool { return strings.HasPrefix(phrase, prefix) })
}

// SaveProfile is station.Members'. Every till hears of it.
func (d *Desk) SaveProfile(p pos.Profile) error {
	return d.book.db.Update(d.area, func(tx rows.Tx) error {
		t, err := d.begin(tx)
		if err != nil {
			return err
		}
		if err := t.replaceProfile(p); err != nil {
			return err
		}
		return t.finish()
	})
}

// replaceProfile stores a profile that was changed here, whatever was there.
func (t *taking) replaceProfile(p pos.Profile) error {
	old, _, err := t.area.profileOf(p.Holder)
	if err != nil {
		return err
	}
	return t.saveProfile(old, p)
}

// Roster is station.Office's: all programs and cashiers, for the first store of
// the area by its id.
func (d *Desk) Roster() (roster pos.Roster, err error) {
	err = d.book.db.View(func(tx rows.Tx) error {
		shops, err := rows.All[pos.Shop](tx.Table(storeTable))
		if err != nil {
			return err
		}
		at := slices.IndexFunc(shops, func(shop pos.Shop) bool { return shop.Area == d.area })
		if at < 0 {
			return station.ErrNotFound
		}
		if roster, err = d.book.roster(tx, shops[at].Store, time.Time{}); err != nil {
			return err
		}
		roster.Programs, err = programsOf(tx)
		return err
	})
	return roster, err
}

// Waiting is station.Office's: nothing waits at the centre.
func (d *Desk) Waiting() (station.Waiting, error) { return station.Waiting{}, nil }

// Standing is station.Office's. There is no centre but this one.
func (d *Desk) Standing() (standing station.Standing, err error) {
	err = d.book.in(d.area, func(a area) error {
		standing.Exceptions = int(a.open.Number())
		return nil
	})
	return standing, err
}

// Want is station.Office's: what tills have of the holder is recalled. It is best
// effort; the caller is told by the next View.
func (d *Desk) Want(holder pos.HolderID) {
	_ = d.book.db.Update(d.area, func(tx rows.Tx) error {
		t, err := d.begin(tx)
		if err != nil {
			return err
		}
		h, err := t.holding(holder)
		if err != nil || !t.recall(holder, h, func(ledger.Lease) bool { return true }) {
			return err
		}
		return t.finish()
	})
}

// SetOffset is station.Office's: the centre's clock is the one that others follow.
func (d *Desk) SetOffset(time.Duration) error { return nil }

// Items is station.Shelf's.
func (d *Desk) Items() ([]pos.Item, error) { return d.book.Items() }

// Item is station.Shelf's.
func (d *Desk) Item(id string) (item pos.Item, err error) {
	err = d.book.db.View(func(tx rows.Tx) error {
		item, err = rows.Item(tx, id)
		return err
	})
	return item, err
}

package central

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// Take stores what the terminal sent, in one transaction: its entries in the
// order in which it wrote them, changed profiles, and of whom it would like a
// lease. When it returns nil all of it that can be is on disk, however often the
// same was sent before.
//
// Entries of an incarnation are taken in the order of Seq, each once, and its
// first only after the entry that it is chained to, so that what is here of a
// terminal never has a hole. One that was taken is passed over. One behind a gap
// ends the batch, which is no error: the next page says how far the terminal got.
// What cannot count is quarantined,
// whole and with the reason, and stands in nobody's way: an entry that is not
// what its chain says, overflows or breaks a rule takes its place in the chain;
// bytes that are no entry of this terminal take the place that the entry behind
// them leaves free.
//
// What counts but should not have happened opens an exception. Of a revoked
// terminal nothing counts: its entries are quarantined in their places, and
// profiles and wishes are not taken.
func (c *Book) Take(terminal pos.Terminal, sent ledger.Sent, at time.Time) error {
	_, err := c.TakeAndTell(terminal, sent, nil, at)
	return err
}

// TakeAndTell is Take, and Page in the same transaction where nobody else waits for the
// area; else, and where there is no ask, the page is nil and Page is to be asked. What
// such a page tells is as durable as what was taken.
func (c *Book) TakeAndTell(terminal pos.Terminal, sent ledger.Sent, ask *ledger.PageAsk, at time.Time) (*ledger.Page, error) {
	if len(sent.Entries)+len(sent.Profiles)+len(sent.Wants) == 0 && !sent.Confirm {
		return nil, nil
	}
	one := &batch{
		terminal: terminal, sent: sent, read: readAll(sent.Entries), at: at, ask: ask,
		done: make(chan error, 1), lead: make(chan struct{}),
	}
	if err := c.groups.join(one, c.takeAll); err != nil {
		return nil, err
	}
	return one.page, nil
}

// take takes one batch.
func (t *taking) take(one *batch) error {
	if n := len(one.read); n > 0 { // maps that grow by themselves are a tenth of the work
		t.holdings, t.dirty = make(map[pos.HolderID]*holding, n), make(map[pos.HolderID]bool, n)
	}
	if err := t.by(one.terminal); err != nil {
		return err
	}
	t.broken = one.sent.Broken
	for _, step := range []func() error{
		func() error { return t.entries(one.read) },
		func() error { return t.profiles(one.sent.Profiles) },
		func() error { return t.wants(one.sent.Wants) },
		func() error { return t.reached(one.sent.Cursor) },
		t.conclude,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// taking is one transaction that adds to an area's ledger.
type taking struct {
	tx       rows.Tx
	area     area
	rules    *known
	at       time.Time
	day      pos.Day // at that moment, where the terminal stands
	terminal pos.TerminalID
	is       pos.Terminal // the row of the terminal; the zero Terminal for the server's own
	paused   bool         // nothing is lent
	broken   bool         // the terminal's journal is damaged before the batch

	latest    pos.Incarnation                 // of the last entry that was taken; 0 before the first
	written   pos.Incarnation                 // what the ledger has for it
	chains    map[pos.Incarnation]chain       // those the batch names, as they become
	brought   brought                         // what some holders have, read ahead
	holdings  map[pos.HolderID]*holding       // those it looks at, as they become
	dirty     map[pos.HolderID]bool           // holders who get a new position
	wanted    map[pos.HolderID]bool           // those of whom the terminal wants a lease
	terminals map[pos.TerminalID]pos.Terminal // rows that were read; the zero Terminal where there is none
	rulings   map[pos.StoreID]deciding
	strange   map[pos.ProgramID]bool // programs that are not here
	last      pos.EntryID            // of the batch so far; zero before the first
	unplaced  []bad                  // bytes without an id that came after it
	rolling   *rolling               // shared by the batches of a transaction
}

// begin begins to add to the area's ledger at the moment.
func (c *Book) begin(tx rows.Tx, id pos.AreaID, at time.Time) (*taking, error) {
	a, _, err := c.area(tx, id)
	if err != nil {
		return nil, err
	}
	paused, err := pausedAt(tx, at)
	whole := taking{tx: tx, area: a, rules: c.rules, paused: paused}
	whole.rolling = c.rolling(tx, a.rollup, a.rollup, nil)
	return whole.next(at), err
}

// next begins to add to the area's ledger again, in the same transaction.
func (t *taking) next(at time.Time) *taking {
	n := &taking{
		tx: t.tx, area: t.area, rules: t.rules, rolling: t.rolling, paused: t.paused, brought: t.brought,
		at: at, day: pos.DayOf(at, time.UTC),
		chains:    map[pos.Incarnation]chain{},
		holdings:  map[pos.HolderID]*holding{},
		dirty:     map[pos.HolderID]bool{},
		wanted:    map[pos.HolderID]bool{},
		terminals: map[pos.TerminalID]pos.Terminal{},
		rulings:   map[pos.StoreID]deciding{},
		strange:   map[pos.ProgramID]bool{},
	}
	n.rolling.members.Of(n)
	return n
}

// by says whose entries are to be added. What the ledger says about the terminal
// counts, for the caller's copy may be older.
func (t *taking) by(terminal pos.Terminal) error {
	row, found, err := t.terminalRow(terminal.ID)
	if err != nil {
		return err
	}
	if found {
		terminal = row
	}
	t.is = terminal
	ruling, err := t.deciding(terminal.Store)
	if err != nil {
		return err
	}
	t.day = ruling.day
	return t.writes(terminal.ID)
}

// writes makes the terminal the one whose chains are extended.
func (t *taking) writes(id pos.TerminalID) error {
	t.terminal = id
	latest, err := rows.GetNumber(t.area.latest, id[:])
	t.latest, t.written = pos.Incarnation(latest), pos.Incarnation(latest)
	return err
}

// holding returns what the holder has, as it becomes.
func (t *taking) holding(holder pos.HolderID) (*holding, error) {
	if h, known := t.holdings[holder]; known {
		return h, nil
	}
	h := t.brought.take(holder)
	if h == nil {
		read, _, err := t.area.holding(holder)
		if err != nil {
			return nil, err
		}
		h = &read
	}
	t.holdings[holder] = h
	return h, nil
}

// bad is something to quarantine.
type bad struct {
	raw    []byte
	reason store.Reason
}

// errGap ends a batch.
var errGap = errors.New("gap")

func (t *taking) entries(batch []read) error {
	for _, r := range batch {
		raw := r.raw
		e, wrong := t.open(r)
		if e.ID.IsZero() {
			t.unplaced = append(t.unplaced, bad{raw, wrong})
			continue
		}
		err := t.follows(e)
		loose := len(t.unplaced) > 0 // nobody can say what it is chained to
		if err == nil {
			err = t.fill(e)
		}
		if err == nil {
			err = t.one(e, bad{raw, wrong}, loose)
		}
		if errors.Is(err, errGap) {
			break
		}
		if err != nil {
			return err
		}
		t.last = e.ID
	}
	// Nothing behind these says where they belong: they are kept, but not taken.
	return t.quarantine(t.unplaced...)
}

// open returns the entry, or the zero Entry and the reason for one that is not of this
// terminal.
func (t *taking) open(r read) (pos.Entry, store.Reason) {
	if !r.entry.ID.IsZero() && r.entry.ID.Terminal != t.terminal {
		return pos.Entry{}, store.Foreign
	}
	return r.entry, r.wrong
}

// read is bytes as an entry.
type read struct {
	raw   []byte
	entry pos.Entry
	wrong store.Reason
}

func readAll(entries [][]byte) []read {
	all := make([]read, len(entries))
	for i, raw := range entries {
		e, wrong := readEntry(raw)
		all[i] = read{raw, e, wrong}
	}
	return all
}

// readEntry reads an entry. Of one that breaks a rule it returns what there is and
// the reason; of what is none, the zero Entry.
func readEntry(raw []byte) (pos.Entry, store.Reason) {
	e, err := pos.DecodeEntry(raw)
	wrong := store.Reason("")
	if err != nil {
		var bare struct {
			ID     pos.EntryID  `cbor:"2,keyasint"`
			Holder pos.HolderID `cbor:"8,keyasint"`
			Prev   pos.Hash     `cbor:"23,keyasint"`
		}
		if rows.Decode(raw, &bare) != nil || bare.ID.Seq == 0 {
			return pos.Entry{}, store.Unreadable
		}
		e, wrong = pos.Entry{ID: bare.ID, Holder: bare.Holder, Prev: bare.Prev}, store.Invalid
	}
	return e, wrong
}

// one takes one entry of this terminal. A loose one comes behind bytes that do not
// say what it is chained to.
func (t *taking) one(e pos.Entry, b bad, loose bool) error {
	c, err := t.chain(e.ID.Incarnation)
	switch {
	case err != nil:
		return err
	case e.ID.Seq <= c.Seq && t.has(e.ID.Incarnation, e.ID.Seq, b.raw):
		return nil
	case e.ID.Seq <= c.Seq:
		return t.rewritten(e, b.raw)
	case e.ID.Seq > c.Seq+1:
		return errGap
	}
	if err := t.fork(e, c, loose); err != nil {
		return err
	}
	switch {
	case b.reason == "" && c.Seq > 0 && e.Prev != c.Head:
		b.reason = store.Unchained
	case b.reason == "" && t.is.Revoked:
		b.reason = store.Revoked
	case b.reason == "":
		if b.reason, err = t.released(b.raw); err != nil {
			return err
		}
	}
	if t.is.Revoked {
		if err := t.raise(exception{Trouble: pos.LateEntries, Terminal: t.terminal}); err != nil {
			return err
		}
	} else if e.Holder != (pos.HolderID{}) {
		t.dirty[e.Holder] = true // also if it does not count: the till that wrote it must hear so
	}
	if b.reason == "" {
		if b.reason, err = t.counted(e); err != nil {
			return err
		}
	}
	return t.extend(e.ID, b)
}

// released returns why the bytes were in quarantine if they came another way
// before, and a manager had them booked: then they count already.
func (t *taking) released(raw []byte) (store.Reason, error) {
	if t.area.quarantine.Number() == 0 {
		return "", nil
	}
	hash := pos.HashEntry(raw)
	var q quarantined
	if _, err := rows.Get(t.area.quarantine, hash[:], &q); err != nil || !q.Released {
		return "", err
	}
	return q.Reason, nil
}

// rewritten quarantines an entry with the id of another.
func (t *taking) rewritten(e pos.Entry, raw []byte) error {
	hash := pos.HashEntry(raw)
	if t.area.quarantine.Get(hash[:]) != nil {
		return nil
	}
	if err := t.quarantine(bad{raw, store.Forked}); err != nil {
		return err
	}
	return t.forked(e)
}

// fork notices a second journal of the terminal: a process that begins behind
// another entry than the last one that is here, or one that goes on after a later
// one began. c is the entry's chain before it.
func (t *taking) fork(e pos.Entry, c chain, loose bool) error {
	if loose || t.latest == 0 || t.latest == e.ID.Incarnation {
		return nil
	}
	if c.Seq == 0 {
		end, err := t.peek(t.latest)
		if err != nil || end.Head == e.Prev {
			return err
		}
	}
	return t.forked(e)
}

// counted adds the entry up and returns the reason if it cannot be. What it says
// about leases counts with it.
func (t *taking) counted(e pos.Entry) (store.Reason, error) {
	err := t.count(e)
	if errors.Is(err, ledger.ErrOverflow) {
		return store.Overflow, nil
	}
	if err != nil {
		return "", err
	}
	if err := t.rolling.add(e); err != nil {
		return "", err
	}
	if err := t.useLeases(e); err != nil {
		return "", err
	}
	if err := t.turn(e); err != nil {
		return "", err
	}
	if e.Holder != (pos.HolderID{}) && e.Kind != pos.Returned {
		h, err := t.holding(e.Holder)
		if err != nil {
			return "", err
		}
		h.visit(t.terminal)
	}
	if err := t.unruly(e); err != nil {
		return "", err
	}
	return "", t.punctual(e)
}

// chain returns how far the incarnation was taken, and notes that the batch is
// about it.
func (t *taking) chain(incarnation pos.Incarnation) (chain, error) {
	c, err := t.peek(incarnation)
	if err == nil {
		t.chains[incarnation] = c
	}
	return c, err
}

func (t *taking) peek(incarnation pos.Incarnation) (c chain, err error) {
	if c, ok := t.chains[incarnation]; ok {
		return c, nil
	}
	_, err = rows.Get(t.area.chain, chainKey(t.terminal, incarnation), &c)
	return c, err
}

// has reports whether the bytes stand at the place.
func (t *taking) has(incarnation pos.Incarnation, seq uint64, raw []byte) bool {
	id := pos.EntryID{Terminal: t.terminal, Incarnation: incarnation, Seq: seq}
	return bytes.Equal(t.area.entry.Get(rows.EntryKey(id)), raw)
}

// extend puts the bytes at the end of the chain, and into quarantine if there is a
// reason.
func (t *taking) extend(id pos.EntryID, b bad) error {
	t.chains[id.Incarnation] = chain{Seq: id.Seq, Head: pos.HashEntry(b.raw)}
	t.latest = id.Incarnation
	if err := t.area.entry.Put(rows.EntryKey(id), b.raw); err != nil || b.reason == "" {
		return err
	}
	return t.quarantine(b)
}

// quarantine keeps the bytes, once.
func (t *taking) quarantine(all ...bad) error {
	for _, b := range all {
		key := pos.HashEntry(b.raw)
		if t.area.quarantine.Get(key[:]) != nil {
			continue
		}
		if err := rows.More(t.area.quarantine); err != nil {
			return err
		}
		row := quarantined{Terminal: t.terminal, Raw: b.raw, Reason: b.reason, At: t.at.UnixMilli()}
		if err := rows.Put(t.area.quarantine, key[:], row); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what was added. The last of a transaction finishes, any before it
// conclude.
func (t *taking) finish() error {
	if err := t.conclude(); err != nil {
		return err
	}
	return t.rolling.flush()
}

// conclude writes what a batch came to, but for the days of reports. The chains are written
// even if nothing in them is new, so that a repeat is as durable as the first.
func (t *taking) conclude() error {
	for _, incarnation := range slices.Sorted(maps.Keys(t.chains)) {
		c := t.chains[incarnation]
		if c.Seq == 0 {
			continue
		}
		if err := rows.Put(t.area.chain, chainKey(t.terminal, incarnation), c); err != nil {
			return err
		}
	}
	if t.latest != t.written {
		if err := t.area.latest.Put(t.terminal[:], rows.NumberKey(uint64(t.latest))); err != nil {
			return err
		}
	}
	if err := t.rolling.members.Flush(); err != nil {
		return err
	}
	next, err := t.nextPosition()
	if err != nil {
		return err
	}
	for _, holder := range slices.SortedFunc(maps.Keys(t.dirty), rows.CompareHolders) {
		if err := t.publish(holder, next); err != nil {
			return err
		}
		next++
	}
	return nil
}

package bolt

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
)

// Take stores what the terminal sent, in one transaction: its entries in the
// order in which it wrote them, and changed profiles. When it returns nil all of
// it that can be is on disk, however often the same was sent before.
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
func (c *Central) Take(terminal pos.Terminal, entries [][]byte, profiles []pos.Profile, at time.Time) error {
	if len(entries) == 0 && len(profiles) == 0 {
		return nil
	}
	return c.file.update(func(tx *bbolt.Tx) error {
		a, _, err := areaOf(tx, terminal.Area)
		if err != nil {
			return err
		}
		t := &taking{
			area: a, terminal: terminal.ID, at: at,
			chains:   map[pos.Incarnation]chain{},
			holdings: map[pos.HolderID]ledger.Sums{},
			dirty:    map[pos.HolderID]bool{},
		}
		latest, err := getNumber(a.latest, terminal.ID[:])
		if err != nil {
			return err
		}
		t.latest = pos.Incarnation(latest)
		if err := t.entries(entries); err != nil {
			return err
		}
		if err := t.profiles(profiles); err != nil {
			return err
		}
		return t.finish()
	})
}

// taking is one call of Take.
type taking struct {
	area     area
	terminal pos.TerminalID
	at       time.Time

	latest   pos.Incarnation              // of the last entry that was taken; 0 before the first
	chains   map[pos.Incarnation]chain    // those the batch names, as they become
	holdings map[pos.HolderID]ledger.Sums // those it changes, as they become
	dirty    map[pos.HolderID]bool        // holders who get a new position
	last     pos.EntryID                  // of the batch so far; zero before the first
	unplaced []bad                        // bytes without an id that came after it
}

// bad is something to quarantine.
type bad struct {
	raw    []byte
	reason store.Reason
}

// errGap ends a batch.
var errGap = errors.New("gap")

func (t *taking) entries(batch [][]byte) error {
	for _, raw := range batch {
		e, wrong := t.open(raw)
		if e.ID.IsZero() {
			t.unplaced = append(t.unplaced, bad{raw, wrong})
			continue
		}
		err := t.follows(e)
		if err == nil {
			err = t.fill(e)
		}
		if err == nil {
			err = t.one(e, bad{raw, wrong})
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

// open reads the entry. Of one that breaks a rule it returns what there is and
// the reason; of what is no entry of this terminal, the zero Entry.
func (t *taking) open(raw []byte) (pos.Entry, store.Reason) {
	e, err := pos.DecodeEntry(raw)
	wrong := store.Reason("")
	if err != nil {
		var bare struct {
			ID     pos.EntryID  `cbor:"2,keyasint"`
			Holder pos.HolderID `cbor:"8,keyasint"`
			Prev   pos.Hash     `cbor:"23,keyasint"`
		}
		if reading.Unmarshal(raw, &bare) != nil || bare.ID.Seq == 0 {
			return pos.Entry{}, store.Unreadable
		}
		e, wrong = pos.Entry{ID: bare.ID, Holder: bare.Holder, Prev: bare.Prev}, store.Invalid
	}
	if e.ID.Terminal != t.terminal {
		return pos.Entry{}, store.Foreign
	}
	return e, wrong
}

// follows returns errGap for the first entry of an incarnation if the one it is
// chained to is not here: the server lost it, and gets it again. Behind bytes
// that are no entry nobody can say.
func (t *taking) follows(e pos.Entry) error {
	if e.ID.Seq != 1 || e.Prev == (pos.Hash{}) || len(t.unplaced) > 0 {
		return nil
	}
	c, err := t.chain(e.ID.Incarnation)
	if err != nil || c.Seq > 0 || t.area.quarantine.Get(e.Prev[:]) != nil {
		return err
	}
	if c, err = t.peek(t.latest); err != nil || c.Head == e.Prev {
		return err
	}
	// A disk that was set back to a backup goes on from an entry in the middle.
	return t.search(e.Prev)
}

// search returns errGap unless an entry of the terminal has the hash.
func (t *taking) search(hash pos.Hash) error {
	c := t.area.entry.Cursor()
	for key, raw := c.Seek(t.terminal[:]); bytes.HasPrefix(key, t.terminal[:]); key, raw = c.Next() {
		if pos.HashEntry(raw) == hash {
			return nil
		}
	}
	return errGap
}

// fill gives the bytes without an id that came before the entry their places.
// The journal is in order, so the last of them stand before the entry in its
// incarnation, down to Seq 1, and any others at the end of the incarnation
// before. The chain then goes on from what the entry says was before it.
func (t *taking) fill(e pos.Entry) error {
	if len(t.unplaced) == 0 {
		return nil
	}
	here := int(min(e.ID.Seq-1, uint64(len(t.unplaced))))
	earlier, rest := t.unplaced[:len(t.unplaced)-here], t.unplaced[len(t.unplaced)-here:]
	if err := t.fillEarlier(e.ID.Incarnation, earlier); err != nil {
		return err
	}
	for i, b := range rest {
		if err := t.place(e.ID.Incarnation, e.ID.Seq-uint64(len(rest)-i), b); err != nil {
			return err
		}
	}
	t.unplaced = nil
	c, err := t.chain(e.ID.Incarnation)
	if err == nil && here > 0 && c.Seq == e.ID.Seq-1 {
		c.Head = e.Prev
		t.chains[e.ID.Incarnation] = c
	}
	return err
}

// fillEarlier places bytes at the end of the incarnation before this one. At the
// beginning of a batch that is the last one of which anything was taken; but if
// this one was taken too, they were placed with it.
func (t *taking) fillEarlier(than pos.Incarnation, earlier []bad) error {
	before, seq := t.last.Incarnation, t.last.Seq
	if t.last.IsZero() {
		this, err := t.peek(than)
		if err != nil {
			return err
		}
		if this.Seq > 0 || t.latest == 0 {
			return t.quarantine(earlier...)
		}
		end, err := t.peek(t.latest)
		if err != nil {
			return err
		}
		before, seq = t.latest, end.Seq
	}
	for i, b := range earlier {
		if err := t.place(before, seq+1+uint64(i), b); err != nil {
			return err
		}
	}
	return nil
}

// place gives something bad its place in a chain.
func (t *taking) place(incarnation pos.Incarnation, seq uint64, b bad) error {
	c, err := t.chain(incarnation)
	switch {
	case err != nil:
		return err
	case seq <= c.Seq && t.has(incarnation, seq, b.raw):
		return nil
	case seq <= c.Seq:
		return t.quarantine(b)
	case seq > c.Seq+1:
		return errGap
	}
	return t.extend(pos.EntryID{Terminal: t.terminal, Incarnation: incarnation, Seq: seq}, b)
}

// one takes one entry of this terminal.
func (t *taking) one(e pos.Entry, b bad) error {
	c, err := t.chain(e.ID.Incarnation)
	switch {
	case err != nil:
		return err
	case e.ID.Seq <= c.Seq && t.has(e.ID.Incarnation, e.ID.Seq, b.raw):
		return nil
	case e.ID.Seq <= c.Seq:
		return t.quarantine(bad{b.raw, store.Forked})
	case e.ID.Seq > c.Seq+1:
		return errGap
	case b.reason == "" && c.Seq > 0 && e.Prev != c.Head:
		b.reason = store.Unchained
	}
	if b.reason == "" {
		if b.reason, err = t.counted(e); err != nil {
			return err
		}
	}
	if e.Holder != (pos.HolderID{}) {
		t.dirty[e.Holder] = true // also if it does not count: the till that wrote it must hear so
	}
	return t.extend(e.ID, b)
}

// counted adds the entry up and returns the reason if it cannot be.
func (t *taking) counted(e pos.Entry) (store.Reason, error) {
	err := t.count(e)
	if errors.Is(err, ledger.ErrOverflow) {
		return store.Overflow, nil
	}
	return "", err
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
	_, err = get(t.area.chain, chainKey(t.terminal, incarnation), &c)
	return c, err
}

// has reports whether the bytes stand at the place.
func (t *taking) has(incarnation pos.Incarnation, seq uint64, raw []byte) bool {
	id := pos.EntryID{Terminal: t.terminal, Incarnation: incarnation, Seq: seq}
	return bytes.Equal(t.area.entry.Get(entryKey(id)), raw)
}

// extend puts the bytes at the end of the chain, and into quarantine if there is a
// reason.
func (t *taking) extend(id pos.EntryID, b bad) error {
	t.chains[id.Incarnation] = chain{Seq: id.Seq, Head: pos.HashEntry(b.raw)}
	t.latest = id.Incarnation
	if err := t.area.entry.Put(entryKey(id), b.raw); err != nil || b.reason == "" {
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
		if err := more(t.area.quarantine); err != nil {
			return err
		}
		row := quarantined{Terminal: t.terminal, Raw: b.raw, Reason: b.reason, At: t.at.UnixMilli()}
		if err := put(t.area.quarantine, key[:], row); err != nil {
			return err
		}
	}
	return nil
}

// more counts one more row in a bucket whose sequence is the number of its rows.
func more(b *bbolt.Bucket) error { return b.SetSequence(b.Sequence() + 1) }

func (t *taking) profiles(profiles []pos.Profile) error {
	for _, p := range profiles {
		var old pos.Profile
		found, err := get(t.area.profile, p.Holder[:], &old)
		if err != nil {
			return err
		}
		if found && !p.Newer(old) || p.Holder == (pos.HolderID{}) {
			continue
		}
		if err := put(t.area.profile, p.Holder[:], p); err != nil {
			return err
		}
		t.dirty[p.Holder] = true
	}
	return nil
}

// finish writes what the batch came to. The chains are written even if nothing
// in them is new, so that a repeat is as durable as the first.
func (t *taking) finish() error {
	for _, incarnation := range slices.Sorted(maps.Keys(t.chains)) {
		c := t.chains[incarnation]
		if c.Seq == 0 {
			continue
		}
		if err := put(t.area.chain, chainKey(t.terminal, incarnation), c); err != nil {
			return err
		}
	}
	if t.latest != 0 {
		if err := t.area.latest.Put(t.terminal[:], numberKey(uint64(t.latest))); err != nil {
			return err
		}
	}
	next, err := t.nextPosition()
	if err != nil {
		return err
	}
	for _, holder := range slices.SortedFunc(maps.Keys(t.dirty), compareHolders) {
		if err := t.publish(holder, next); err != nil {
			return err
		}
		next++
	}
	return nil
}

func compareHolders(a, b pos.HolderID) int { return bytes.Compare(a[:], b[:]) }

// nextPosition is the microsecond, or the next number if that was given out.
// Because it follows the clock, the positions that a server gives out after it
// was set back to a backup are higher than those that were lost, and no till
// takes news for old.
func (t *taking) nextPosition() (uint64, error) {
	now := uint64(max(t.at.UnixMicro(), 1))
	key, _ := t.area.feed.Cursor().Last()
	if key == nil {
		return now, nil
	}
	last, err := numberOf(key)
	return max(now, last+1), err
}

// publish moves the holder to the position in the feed.
func (t *taking) publish(holder pos.HolderID, position uint64) error {
	h, found, err := t.area.holding(holder)
	if err != nil {
		return err
	}
	if found {
		err = t.area.feed.Delete(numberKey(h.Position))
	} else {
		err = more(t.area.account)
	}
	if err != nil {
		return err
	}
	h.Position = position
	if sums, changed := t.holdings[holder]; changed {
		h.Sums = sums
	}
	if err := put(t.area.account, holder[:], h); err != nil {
		return err
	}
	return t.area.feed.Put(numberKey(position), holder[:])
}

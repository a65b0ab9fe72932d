package bolt

import (
	"bytes"
	"math"
	"slices"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store/rows"
)

// Outbox returns what waits for the centre and where the till stands, read in
// one transaction: up to maxEntries entries, oldest first, and as many changed
// profiles, which together take up to maxBytes. Profiles may fill half of it. One
// entry and one profile are there whatever the limits, so that a till whose line
// takes little still gets on.
func (t *Till) Outbox(maxEntries, maxBytes int) (box ledger.Outbox, err error) {
	err = t.file.view(func(tx rows.Tx) error {
		box = ledger.Outbox{}
		meta := tx.Table(rows.Meta)
		acked, waiting, err := behindAck(tx)
		if err != nil {
			return err
		}
		box.Waiting = waiting
		if box.Cursor, err = rows.GetNumber(meta, cursorKey); err != nil {
			return err
		}
		var roster pos.Roster
		if _, err = t.sealed(tx, rows.Meta).Get(rosterKey, &roster); err != nil {
			return err
		}
		box.Roster = roster.Version
		box.Held = int(tx.Table(baseBucket).Number())
		used, err := t.fillProfiles(tx, &box, limits{maxEntries, maxBytes / 2})
		if err != nil {
			return err
		}
		if err := fillEntries(tx, &box, acked, limits{maxEntries, maxBytes - used}); err != nil {
			return err
		}
		box.Broken = broken(tx, acked, box.Entries)
		box.Open, err = open(tx, acked)
		return err
	})
	if err == nil {
		box.Wants = t.wants.handOut()
	}
	return box, err
}

// behindAck returns the number of the last acknowledged entry and how many wait
// behind it.
func behindAck(tx rows.Tx) (acked uint64, waiting int, err error) {
	if acked, err = rows.GetNumber(tx.Table(rows.Meta), ackKey); err != nil {
		return 0, 0, err
	}
	last, err := tailNumber(tx)
	return acked, int(last - min(acked, last)), err
}

type limits struct{ items, bytes int }

func (t *Till) fillProfiles(tx rows.Tx, box *ledger.Outbox, most limits) (used int, err error) {
	c := tx.Table(unsentBucket).Cursor()
	profiles := t.sealed(tx, profileBucket)
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		raw := profiles.Table.Get(key)
		var p pos.Profile
		if raw == nil {
			continue // Check reports it
		}
		if len(box.Profiles) > 0 && (len(box.Profiles) >= most.items || used+len(raw) > most.bytes) {
			return used, nil
		}
		if err := profiles.Decode(key, raw, &p); err != nil {
			return used, err
		}
		used += len(raw)
		box.Profiles = append(box.Profiles, p)
	}
	return used, nil
}

func fillEntries(tx rows.Tx, box *ledger.Outbox, acked uint64, most limits) error {
	used := 0
	return forward(tx, acked+1, func(_, raw []byte) (bool, error) {
		used += len(raw)
		if len(box.Entries) > 0 && (len(box.Entries) >= most.items || used > most.bytes) {
			return false, nil
		}
		box.Entries = append(box.Entries, slices.Clone(raw))
		return true, nil
	})
}

// broken reports whether the first of the entries is not chained to the one before
// it, the last acknowledged one. Prev is always the end of an entry's bytes.
func broken(tx rows.Tx, acked uint64, entries [][]byte) bool {
	before := entryAt(tx, acked)
	if before == nil || len(entries) == 0 {
		return false
	}
	head := pos.HashEntry(before)
	return !bytes.HasSuffix(entries[0], head[:])
}

// open returns the incarnations of all entries that wait and that of the last
// acknowledged one, oldest first. Not only those of the entries in the outbox:
// the centre may have later ones too, from a request whose answer was lost, and
// then its sums have them.
func open(tx rows.Tx, acked uint64) (incarnations []pos.Incarnation, err error) {
	err = eachStart(tx, func(s start) (bool, error) {
		incarnations = append(incarnations, s.incarnation)
		return s.first > acked, nil
	})
	slices.Reverse(incarnations)
	return incarnations, err
}

// Apply stores a page of the centre, all in one transaction: balances, leases,
// profiles, the roster, what is acknowledged, how the till stands, and where to go
// on. Taken are the profiles that were sent with the request that the page answers.
//
// Any page may be applied, twice, late or out of order: a balance or profile
// never gives way to an older one, nor does how the till stands, and what an older
// page says about acks and the cursor only makes the till send and ask again what
// it did before. So does a page of a centre that lost entries with its disk; then
// they wait again.
//
// Of a page for a terminal that is shut out only the acks count, and that it is.
func (t *Till) Apply(page ledger.Page, taken []pos.Profile) error {
	err := t.change(func(tx rows.Tx) error {
		if page.Revoked {
			taken = nil // a centre that shut the till out takes nothing of it
		}
		for _, p := range taken {
			if err := t.settleProfile(tx, p); err != nil {
				return err
			}
		}
		has, err := reached(tx, page.Acks)
		switch {
		case err != nil:
			return err
		case has.page == pageStale:
			return nil
		case has.page == pageBehind, page.Revoked:
			// What its sums have is not known. They come again, to the same cursor.
			if err := tx.Table(rows.Meta).Put(ackKey, rows.NumberKey(has.acked)); err != nil {
				return err
			}
			_, err := hear(tx, page)
			return err
		}
		for _, c := range page.Changed {
			if err := t.apply(tx, c, given{t.terminal, has.acked, page.At}); err != nil {
				return err
			}
		}
		return t.applyMeta(tx, page, has)
	})
	if err == nil {
		t.wants.answered()
	}
	return err
}

// apply stores one holder of a page.
func (t *Till) apply(tx rows.Tx, c ledger.Changed, g given) error {
	held, err := accountOf(tx, c.Holder)
	if err != nil {
		return err
	}
	if err := held.replace(tx, c, g); err != nil {
		return err
	}
	return t.applyProfile(tx, c)
}

// applyProfile settles which version of a profile counts. A till that has a newer
// one than the centre sends it, even if it was sent before or is another till's:
// the centre may have lost it with its disk.
func (t *Till) applyProfile(tx rows.Tx, c ledger.Changed) error {
	old, found, err := t.findProfile(tx, c.Holder)
	switch {
	case err != nil || !found && c.Profile == nil:
		return err
	case c.Profile == nil:
		return unsent(tx, c.Holder)
	}
	p := profileIn(c)
	switch {
	case found && old.Newer(p):
		return unsent(tx, c.Holder)
	case !found || p.Newer(old):
		if err := t.storeProfile(tx, p); err != nil {
			return err
		}
	}
	return sent(tx, c.Holder)
}

// settleProfile takes a profile that the centre has off the list, unless it was
// changed since it was sent.
func (t *Till) settleProfile(tx rows.Tx, p pos.Profile) error {
	stored, found, err := t.findProfile(tx, p.Holder)
	if err != nil || !found || stored.Newer(p) {
		return err
	}
	return sent(tx, p.Holder)
}

// pageIs is what a till can do with a page.
type pageIs int

const (
	pageGood   pageIs = iota // its acks say which own entries its sums have
	pageStale                // it answers an older outbox: it says nothing of the last acknowledged entry
	pageBehind               // the centre lost that entry's whole incarnation, and who knows what before it
)

// reach is how far the centre has the journal, and what can be done with a page
// that says so.
type reach struct {
	page  pageIs
	acked uint64 // number of the last entry that the centre has, with all before it
	lost  uint64 // number of the last entry of an incarnation of which it has more than the till; 0 if there is none
}

// reached returns how far the centre has the journal by what it says of the
// incarnations that the till asked about. It goes from the incarnation of the last
// acknowledged entry to the first one that the centre does not have whole; one
// that is not named was not there yet. All before the first one that it has
// something of are there, because they were sent in order.
func reached(tx rows.Tx, acks []ledger.Ack) (has reach, err error) {
	held, err := rows.GetNumber(tx.Table(rows.Meta), ackKey)
	if err != nil {
		return reach{}, err
	}
	seqs := map[pos.Incarnation]uint64{}
	for _, ack := range acks {
		seqs[ack.Incarnation] = ack.Seq
	}
	var starts []start // newest first
	err = eachStart(tx, func(s start) (bool, error) {
		starts = append(starts, s)
		return s.first > held, nil
	})
	if err != nil || len(starts) == 0 {
		return reach{}, err
	}
	oldest := starts[len(starts)-1]
	seq, named := seqs[oldest.incarnation]
	switch {
	case held > 0 && !named:
		return reach{page: pageStale, acked: held}, nil
	case oldest.first > 1 && seq == 0:
		return reach{page: pageBehind, acked: oldest.first - 1}, nil
	}
	for _, s := range slices.Backward(starts) {
		entries := s.last - s.first + 1
		seq := seqs[s.incarnation]
		if seq > entries && seq != math.MaxUint64 { // which says: all of it, whatever that is
			has.lost = s.last
		}
		has.acked = s.first - 1 + min(seq, entries)
		if has.acked < s.last {
			break
		}
	}
	return has, nil
}

func (t *Till) applyMeta(tx rows.Tx, page ledger.Page, has reach) error {
	meta := tx.Table(rows.Meta)
	if err := meta.Put(ackKey, rows.NumberKey(has.acked)); err != nil {
		return err
	}
	if err := meta.Put(cursorKey, rows.NumberKey(page.Cursor)); err != nil {
		return err
	}
	if err := archive(tx, has.acked); err != nil {
		return err
	}
	if err := rolled(tx, has); err != nil {
		return err
	}
	if page.Roster != nil {
		if err := t.putRoster(tx, *page.Roster); err != nil {
			return err
		}
		if err := rows.PutItems(tx, page.Roster.Items); err != nil {
			return err
		}
	}
	late, err := hear(tx, page)
	if err != nil || late || page.More {
		return err
	}
	if err := meta.Put(wholeKey, rows.NumberKey(uint64(page.At))); err != nil {
		return err
	}
	if err := meta.Delete(rows.RestoredKey); err != nil {
		return err
	}
	return closeWindow(tx, has.acked)
}

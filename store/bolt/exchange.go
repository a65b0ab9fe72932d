package bolt

import (
	"slices"

	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
)

// Outbox returns what waits for the centre and where the till stands, read in
// one transaction: up to maxEntries entries, oldest first, and as many changed
// profiles, which together take up to maxBytes. Profiles may fill half of it. One
// entry and one profile are there whatever the limits, so that a till whose line
// takes little still gets on.
func (t *Till) Outbox(maxEntries, maxBytes int) (box ledger.Outbox, err error) {
	err = t.file.view(func(tx *bbolt.Tx) error {
		box = ledger.Outbox{}
		meta := tx.Bucket(metaBucket)
		acked, waiting, err := behindAck(tx)
		if err != nil {
			return err
		}
		box.Waiting = waiting
		if box.Cursor, err = getNumber(meta, cursorKey); err != nil {
			return err
		}
		var roster pos.Roster
		if _, err = get(meta, rosterKey, &roster); err != nil {
			return err
		}
		box.Roster = roster.Version
		used, err := fillProfiles(tx, &box, maxEntries, maxBytes/2)
		if err != nil {
			return err
		}
		fillEntries(tx, &box, acked, limits{maxEntries, maxBytes - used})
		box.Open, err = open(tx, acked)
		return err
	})
	return box, err
}

// behindAck returns the number of the last acknowledged entry and how many wait
// behind it.
func behindAck(tx *bbolt.Tx) (acked uint64, waiting int, err error) {
	if acked, err = getNumber(tx.Bucket(metaBucket), ackKey); err != nil {
		return 0, 0, err
	}
	last, err := tailNumber(tx)
	return acked, int(last - min(acked, last)), err
}

type limits struct{ items, bytes int }

func fillProfiles(tx *bbolt.Tx, box *ledger.Outbox, items, bytes int) (used int, err error) {
	c := tx.Bucket(unsentBucket).Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		raw := tx.Bucket(profileBucket).Get(key)
		var p pos.Profile
		if raw == nil {
			continue // Check reports it
		}
		if len(box.Profiles) > 0 && (len(box.Profiles) >= items || used+len(raw) > bytes) {
			return used, nil
		}
		if err := decode(raw, &p); err != nil {
			return used, err
		}
		used += len(raw)
		box.Profiles = append(box.Profiles, p)
	}
	return used, nil
}

func fillEntries(tx *bbolt.Tx, box *ledger.Outbox, acked uint64, most limits) {
	c := tx.Bucket(journalBucket).Cursor()
	used := 0
	for key, raw := c.Seek(numberKey(acked + 1)); key != nil; key, raw = c.Next() {
		used += len(raw)
		if len(box.Entries) > 0 && (len(box.Entries) >= most.items || used > most.bytes) {
			return
		}
		box.Entries = append(box.Entries, slices.Clone(raw))
	}
}

// open returns the incarnations of all entries that wait and that of the last
// acknowledged one, oldest first. Not only those of the entries in the outbox:
// the centre may have later ones too, from a request whose answer was lost, and
// then its sums have them.
func open(tx *bbolt.Tx, acked uint64) (incarnations []pos.Incarnation, err error) {
	err = eachStart(tx, func(s start) (bool, error) {
		incarnations = append(incarnations, s.incarnation)
		return s.first > acked, nil
	})
	slices.Reverse(incarnations)
	return incarnations, err
}

// Apply stores a page of the centre, all in one transaction: balances, profiles,
// the roster, what is acknowledged, and where to go on. Taken are the profiles
// that were sent with the request that the page answers.
//
// Any page may be applied, twice, late or out of order: a balance or profile
// never gives way to an older one, and what an older page says about acks and
// the cursor only makes the till send and ask again what it did before. So does
// a page of a centre that lost entries with its disk; then they wait again.
func (t *Till) Apply(page ledger.Page, taken []pos.Profile) error {
	return t.file.update(func(tx *bbolt.Tx) error {
		for _, p := range taken {
			if err := settleProfile(tx, p); err != nil {
				return err
			}
		}
		acked, is, err := standing(tx, page.Acks)
		switch {
		case err != nil:
			return err
		case is == pageStale:
			return nil
		case is == pageBehind:
			// What its sums have is not known. They come again, to the same cursor.
			return tx.Bucket(metaBucket).Put(ackKey, numberKey(acked))
		}
		for _, c := range page.Changed {
			if err := apply(tx, c, acked, page.At); err != nil {
				return err
			}
		}
		return applyMeta(tx, page, acked)
	})
}

// apply stores one holder of a page.
func apply(tx *bbolt.Tx, c ledger.Changed, acked uint64, at int64) error {
	held, err := accountOf(tx, c.Holder)
	if err != nil {
		return err
	}
	if err := held.replace(tx, c, acked, at); err != nil {
		return err
	}
	return applyProfile(tx, c)
}

// applyProfile settles which version of a profile counts. A till that has a newer
// one than the centre sends it, even if it was sent before or is another till's:
// the centre may have lost it with its disk.
func applyProfile(tx *bbolt.Tx, c ledger.Changed) error {
	old, found, err := findProfile(tx, c.Holder)
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
		if err := storeProfile(tx, p); err != nil {
			return err
		}
	}
	return sent(tx, c.Holder)
}

// settleProfile takes a profile that the centre has off the list, unless it was
// changed since it was sent.
func settleProfile(tx *bbolt.Tx, p pos.Profile) error {
	stored, found, err := findProfile(tx, p.Holder)
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

// standing returns the number of the last journal entry that the centre has, with
// all before it, by what it says of the incarnations that the till asked about.
// It goes from the incarnation of the last acknowledged entry to the first one
// that the centre does not have whole; one that is not named was not there yet.
// All before the first one that it has something of are there, because they were
// sent in order.
func standing(tx *bbolt.Tx, acks []ledger.Ack) (acked uint64, is pageIs, err error) {
	held, err := getNumber(tx.Bucket(metaBucket), ackKey)
	if err != nil {
		return 0, pageGood, err
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
		return 0, pageGood, err
	}
	oldest := starts[len(starts)-1]
	seq, named := seqs[oldest.incarnation]
	switch {
	case held > 0 && !named:
		return held, pageStale, nil
	case oldest.first > 1 && seq == 0:
		return oldest.first - 1, pageBehind, nil
	}
	for _, s := range slices.Backward(starts) {
		has := min(seqs[s.incarnation], s.last-s.first+1)
		acked = s.first - 1 + has
		if acked < s.last {
			break
		}
	}
	return acked, pageGood, nil
}

func applyMeta(tx *bbolt.Tx, page ledger.Page, acked uint64) error {
	rows := map[string]uint64{string(ackKey): acked, string(cursorKey): page.Cursor, string(syncedKey): uint64(page.At)}
	if !page.More {
		rows[string(wholeKey)] = uint64(page.At)
	}
	meta := tx.Bucket(metaBucket)
	for key, number := range rows {
		if err := meta.Put([]byte(key), numberKey(number)); err != nil {
			return err
		}
	}
	if page.Roster == nil {
		return nil
	}
	return put(meta, rosterKey, *page.Roster)
}

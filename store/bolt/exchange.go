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
		acked, err := getNumber(meta, ackKey)
		if err != nil {
			return err
		}
		last, err := tailNumber(tx)
		if err != nil {
			return err
		}
		box.Waiting = int(last - min(acked, last))
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
		box.Open, err = open(tx, acked, acked+uint64(len(box.Entries)))
		return err
	})
	return box, err
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

// open returns the incarnations of the entries from number acked to number to,
// oldest first.
func open(tx *bbolt.Tx, acked, to uint64) (incarnations []pos.Incarnation, err error) {
	err = eachStart(tx, func(s start) (bool, error) {
		if s.first <= to {
			incarnations = append(incarnations, s.incarnation)
		}
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
		acked, err := ackedBy(tx, page.Acks)
		if err != nil {
			return err
		}
		for _, c := range page.Changed {
			if err := apply(tx, c, acked, page.At); err != nil {
				return err
			}
		}
		for _, p := range taken {
			if err := settleProfile(tx, p); err != nil {
				return err
			}
		}
		return applyMeta(tx, page, acked)
	})
}

func applyMeta(tx *bbolt.Tx, page ledger.Page, acked uint64) error {
	meta := tx.Bucket(metaBucket)
	rows := map[string]uint64{string(ackKey): acked, string(cursorKey): page.Cursor, string(syncedKey): uint64(page.At)}
	if !page.More {
		rows[string(wholeKey)] = uint64(page.At)
	}
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

// apply stores one holder of a page.
func apply(tx *bbolt.Tx, c ledger.Changed, acked uint64, at int64) error {
	held, err := accountOf(tx, c.Holder)
	if err != nil {
		return err
	}
	if err := held.replace(tx, c, acked, at); err != nil {
		return err
	}
	if c.Profile == nil {
		return nil
	}
	p := profileIn(c)
	old, found, err := findProfile(tx, c.Holder)
	switch {
	case err != nil:
		return err
	case found && old.Newer(p):
		return nil
	case found && !p.Newer(old):
		return sent(tx, c.Holder) // the centre has the one that is here
	}
	if err := storeProfile(tx, p); err != nil {
		return err
	}
	return sent(tx, c.Holder) // what waited gave way
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

// ackedBy returns the number of the last journal entry that the centre has, with
// all before it, by what it says of the incarnations that the till asked about.
// It goes from the incarnation of the last entry known to be acknowledged to
// the first one that the centre does not have whole. An incarnation that was not
// asked about is as it was: there up to that entry, and not behind it.
func ackedBy(tx *bbolt.Tx, acks []ledger.Ack) (uint64, error) {
	held, err := getNumber(tx.Bucket(metaBucket), ackKey)
	if err != nil {
		return 0, err
	}
	seqs := map[pos.Incarnation]uint64{}
	for _, ack := range acks {
		seqs[ack.Incarnation] = ack.Seq
	}
	var starts []start
	err = eachStart(tx, func(s start) (bool, error) {
		starts = append(starts, s)
		return s.first > held, nil
	})
	if err != nil {
		return 0, err
	}
	acked := held
	for _, s := range slices.Backward(starts) {
		has := min(held, s.last) // not asked about: what was known
		if seq, asked := seqs[s.incarnation]; asked {
			has = s.first - 1 + min(seq, s.last-s.first+1)
		}
		acked = max(has, s.first-1)
		if acked < s.last {
			break
		}
	}
	return acked, nil
}

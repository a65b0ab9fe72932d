package central

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/store"
	"tenthcup/store/rows"
)

// lent is a lease that is out.
type lent struct {
	Lease   ledger.Lease `cbor:"1,keyasint"`
	Granted uint64       `cbor:"2,keyasint"` // position in the feed
}

// maxTills is how many of the tills where a holder was last are kept.
const maxTills = 2

// restoredPause is how long a ledger that was set back to a backup grants nothing:
// what it had lent since the backup is out and not known here. By then the tills'
// own limits have ended it, or they have told.
const restoredPause = 72 * time.Hour

// leases returns all that is lent of the holding.
func (h *holding) leases() []ledger.Lease {
	if len(h.Leases) == 0 {
		return nil
	}
	leases := make([]ledger.Lease, len(h.Leases))
	for i, l := range h.Leases {
		leases[i] = l.Lease
	}
	return leases
}

// visit notes that the holder was at the terminal.
func (h *holding) visit(terminal pos.TerminalID) {
	if len(h.Tills) > 0 && h.Tills[0] == terminal {
		return
	}
	tills := []pos.TerminalID{terminal}
	for _, other := range h.Tills {
		if other != terminal && len(tills) < maxTills {
			tills = append(tills, other)
		}
	}
	h.Tills = tills
}

func leaseKey(terminal pos.TerminalID, holder pos.HolderID, id pos.LeaseID) []byte {
	return slices.Concat(terminal[:], holder[:], id[:])
}

// leaseID makes the name of the index-th lease that is granted at a position.
func leaseID(area pos.AreaID, terminal pos.TerminalID, position uint64, index int) (id pos.LeaseID) {
	hash := sha256.New()
	hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(area))))
	hash.Write([]byte(area))
	hash.Write(terminal[:])
	hash.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, position), uint64(index)))
	copy(id[:], hash.Sum(nil))
	return id
}

// end takes the leases off the holding that gone picks.
func (t *taking) end(holder pos.HolderID, h *holding, gone func(ledger.Lease) bool) error {
	kept := make([]lent, 0, len(h.Leases))
	for _, l := range h.Leases {
		if !gone(l.Lease) {
			kept = append(kept, l)
			continue
		}
		if err := t.area.lease.Delete(leaseKey(l.Lease.Terminal, holder, l.Lease.ID)); err != nil {
			return err
		}
		t.dirty[holder] = true
	}
	h.Leases = kept
	return nil
}

// useLeases ends the leases that a counted entry names, whatever it took of them.
// One that is not out, or another terminal's, is an exception.
func (t *taking) useLeases(e pos.Entry) error {
	if e.By == nil || e.By.Kind != pos.ByLease || e.Holder == (pos.HolderID{}) {
		return nil
	}
	ids := rows.LeasesOf(e)
	h, err := t.holding(e.Holder)
	if err != nil {
		return err
	}
	used := 0
	err = t.end(e.Holder, h, func(l ledger.Lease) bool {
		is := l.Terminal == e.ID.Terminal && slices.Contains(ids, l.ID)
		if is {
			used++
		}
		return is
	})
	if err != nil || used == len(ids) && rows.NamesLeases(e) {
		return err
	}
	x := about(pos.LimitPassed, e)
	for _, p := range e.Postings {
		if p.Amount < 0 && (x.Account == "" || x.Account == p.Account) {
			x.Account, x.Amount = p.Account, x.Amount-p.Amount
		}
	}
	return t.raise(x)
}

// writeOff ends all leases of the terminal: they are the holders' again.
func (t *taking) writeOff(terminal pos.TerminalID) error {
	holders, err := t.area.lessors(terminal)
	if err != nil {
		return err
	}
	for _, holder := range holders {
		h, err := t.holding(holder)
		if err != nil {
			return err
		}
		if err := t.end(holder, h, func(l ledger.Lease) bool { return l.Terminal == terminal }); err != nil {
			return err
		}
	}
	return nil
}

// lessors returns the holders of whom the terminal has leases, each once.
func (a area) lessors(terminal pos.TerminalID) (holders []pos.HolderID, err error) {
	err = rows.Scan(a.lease, terminal[:], func(key []byte) (bool, error) {
		holder, err := rows.HolderOf(key[rows.IDBytes:min(2*rows.IDBytes, len(key))])
		if len(holders) == 0 || holders[len(holders)-1] != holder {
			holders = append(holders, holder)
		}
		return true, err
	})
	return holders, err
}

// recall asks for the leases of the holding back that pick names, and reports
// whether there are any.
func (t *taking) recall(holder pos.HolderID, h *holding, pick func(ledger.Lease) bool) (found bool) {
	for i := range h.Leases {
		l := &h.Leases[i].Lease
		if !pick(*l) {
			continue
		}
		found = true
		if !l.Recalled {
			l.Recalled = true
			t.dirty[holder] = true
		}
	}
	return found
}

// wants lets the terminal be the first to get a lease of each holder.
func (t *taking) wants(holders []pos.HolderID) error {
	if t.is.Revoked || t.is.Frozen {
		return nil
	}
	for _, holder := range holders {
		h, err := t.holding(holder)
		if err != nil {
			return err
		}
		if h.Position == 0 && !t.dirty[holder] {
			continue // a holder nobody has heard of
		}
		h.visit(t.terminal)
		t.dirty[holder], t.wanted[holder] = true, true
	}
	return nil
}

// grant lends what the program says to the tills where the holder was last, at
// the moment when the holder is published. What was wanted and cannot be lent,
// because other tills have it, is recalled from them.
func (t *taking) grant(holder pos.HolderID, h *holding, position uint64) error {
	if len(h.Tills) == 0 || t.paused {
		return nil
	}
	tills, first, err := t.lendable(h.Tills)
	if err != nil || len(tills) == 0 {
		return err
	}
	deciding, err := t.deciding(first.Store)
	if err != nil || !deciding.sound {
		return err
	}
	sums, err := h.Sums.Published(deciding.day, func() ([]pos.Entry, error) { return t.area.entriesOf(holder) })
	if err != nil {
		return err
	}
	for i, lease := range rules.Lend(deciding.program, sums, h.leases(), tills, deciding.day) {
		lease.ID = leaseID(t.area.id, lease.Terminal, position, i)
		h.Leases = append(h.Leases, lent{lease, position})
		if err := t.area.lease.Put(leaseKey(lease.Terminal, holder, lease.ID), []byte{}); err != nil {
			return err
		}
	}
	if t.wanted[holder] {
		t.recall(holder, h, func(l ledger.Lease) bool { return l.Terminal != t.terminal && !h.lends(t.terminal, l.Account()) })
	}
	return nil
}

// lends reports whether the terminal has a lease of the account.
func (h *holding) lends(terminal pos.TerminalID, account pos.Account) bool {
	return slices.ContainsFunc(h.Leases, func(l lent) bool { return l.Lease.Terminal == terminal && l.Lease.Account() == account })
}

// lendable returns those of the tills that may have leases, and the first of them.
func (t *taking) lendable(tills []pos.TerminalID) (good []pos.TerminalID, first pos.Terminal, err error) {
	for _, id := range tills {
		is, found, err := t.terminalRow(id)
		if err != nil {
			return nil, first, err
		}
		if !found || is.Revoked || is.Frozen || is.Area != t.area.id {
			continue
		}
		if len(good) == 0 {
			first = is
		}
		good = append(good, id)
	}
	return good, first, nil
}

// terminalRow returns the terminal, read once in a transaction.
func (t *taking) terminalRow(id pos.TerminalID) (is pos.Terminal, found bool, err error) {
	if is, known := t.terminals[id]; known {
		return is, is.ID == id, nil
	}
	if is, found, err = terminalOf(t.tx, id); err == nil {
		t.terminals[id] = is
	}
	return is, found, err
}

// reached notes how far the terminal is known to have the feed.
func (t *taking) reached(cursor uint64) error {
	known, err := rows.GetNumber(t.area.reached, t.terminal[:])
	if err != nil || cursor <= known {
		return err
	}
	return t.area.reached.Put(t.terminal[:], rows.NumberKey(cursor))
}

// pausedAt reports whether the ledger was set back to a backup so lately that it
// must not lend.
func pausedAt(tx rows.Tx, at time.Time) (bool, error) {
	restored, err := rows.GetNumber(tx.Table(rows.Meta), rows.RestoredKey)
	if err != nil || restored == 0 {
		return false, err
	}
	return at.Before(time.UnixMilli(int64(restored)).Add(restoredPause)), nil
}

// Leases returns the leases that are out in the area, by terminal and holder.
func (c *Book) Leases(id pos.AreaID) (leases []store.Lease, err error) {
	err = c.in(id, func(a area) error {
		leases = nil
		holders := map[pos.HolderID]bool{}
		terminal := func(key []byte) []byte { return key[:min(rows.IDBytes, len(key))] }
		holderIn := func(key []byte) []byte { return key[min(rows.IDBytes, len(key)):min(2*rows.IDBytes, len(key))] }
		wants := func(w *wanted, key, _ []byte) {
			w.key(accountTable, holderIn(key))
			w.key(areaReachedTable, terminal(key))
		}
		return a.ahead(a.lease, wants, func(key, _ []byte) error {
			holder, err := rows.HolderOf(holderIn(key))
			if err != nil || holders[holder] {
				return err
			}
			holders[holder] = true
			of, err := a.leasesOf(holder)
			leases = append(leases, of...)
			return err
		})
	})
	slices.SortFunc(leases, func(x, y store.Lease) int {
		return bytes.Compare(leaseKey(x.Terminal, x.Holder, x.ID), leaseKey(y.Terminal, y.Holder, y.ID))
	})
	return leases, err
}

func (a area) leasesOf(holder pos.HolderID) (leases []store.Lease, err error) {
	h, _, err := a.holding(holder)
	if err != nil {
		return nil, err
	}
	for _, l := range h.Leases {
		reached, err := rows.GetNumber(a.reached, l.Lease.Terminal[:])
		if err != nil {
			return nil, err
		}
		leases = append(leases, store.Lease{Lease: l.Lease, Holder: holder, Granted: l.Granted, Confirmed: reached >= l.Granted})
	}
	return leases, nil
}

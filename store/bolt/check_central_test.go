package bolt_test

import (
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/rows"
)

// settledCentral returns a centre, closed, with leases, exceptions open and
// settled, something released, and a profile, and an open and a settled exception.
func settledCentral(t *testing.T) (f filledDesk) {
	c := newHead(t)
	f.head = c
	c.gives(ann, 25)
	c.gives(ben, 15)
	c.till.write(cleo, pos.Posting{Account: stamps, Amount: -2})
	c.gives(cleo, 1)
	c.till.write(cleo, pos.Posting{Account: stamps, Amount: -2})
	c.gives(cleo, 1)
	require.NoError(t, c.desk.SaveProfile(person(ann, "Ann", noon.UnixMilli())))
	found, err := c.book.Exceptions("north", false)
	require.NoError(t, err)
	require.Len(t, found, 2)
	o := c.office()
	_, err = o.Settle(found[0].ID, "zoe", "ours", true)
	require.NoError(t, err)
	f.settled, err = c.book.Exception(found[0].ID)
	require.NoError(t, err)
	raw := []byte("what is this")
	c.clock = c.clock.Add(time.Second)
	require.NoError(t, c.book.Take(c.is, sentBytes(raw), c.clock))
	f.dismissed = pos.HashEntry(raw)
	_, err = o.Dismiss(f.dismissed, "zoe", "noise")
	require.NoError(t, err)
	found, err = c.book.Exceptions("north", false)
	require.NoError(t, err)
	require.Len(t, found, 1)
	f.open = found[0]
	leases, err := c.book.Leases("north")
	require.NoError(t, err)
	for _, l := range leases {
		if l.Holder == ann {
			f.lease = l.Lease
		} else {
			f.used = l.Lease
		}
	}
	_, err = c.till.till.Append(ben, nil, func(m station.Moment) (pos.Entry, error) {
		e := c.till.next(m, ben, pos.Posting{Account: stamps, Amount: -10})
		e.Kind, e.By = pos.Redeemed, &pos.By{Kind: pos.ByLease, ID: f.used.ID[:]}
		return e, nil
	})
	require.NoError(t, err)
	c.gives(ben, 1)
	require.NoError(t, c.book.Close())
	return f
}

// filledDesk is the centre and what is in its file.
type filledDesk struct {
	*head
	open, settled pos.Exception
	dismissed     pos.Hash
	lease         ledger.Lease // of ann's, out
	used          ledger.Lease // of ben's, used up
}

func sentBytes(raw ...[]byte) ledger.Sent { return ledger.Sent{Entries: raw} }

func deskDamage(f filledDesk) map[string]damage {
	open, settled, released := f.open, f.settled, f.dismissed
	area := func(b func(...string) *bbolt.Bucket, name string) *bbolt.Bucket { return b("area", "north", name) }
	type buckets = func(...string) *bbolt.Bucket
	held := func(b buckets, holder pos.HolderID, change func(*holdingRow)) {
		var h holdingRow
		if err := rows.Decode(area(b, "account").Get(holder[:]), &h); err != nil {
			panic(err)
		}
		change(&h)
		put(area(b, "account"), holder[:], bolt.EncodeRow(h))
	}
	listed := func(lease ledger.Lease, holder pos.HolderID) []byte {
		return slices.Concat(lease.Terminal[:], holder[:], lease.ID[:])
	}
	anns, benns := "area north: lease "+f.lease.ID.String(), "area north: lease "+f.used.ID.String()
	row := func(b buckets, id pos.ExceptionID, change func(*exceptionRow)) {
		var x exceptionRow
		if err := rows.Decode(area(b, "exception").Get(id[:]), &x); err != nil {
			panic(err)
		}
		change(&x)
		put(area(b, "exception"), id[:], bolt.EncodeRow(x))
	}
	opened, closed := "area north: exception "+open.ID.String(), "area north: exception "+settled.ID.String()
	return map[string]damage{
		"lease lost from its list": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "lease"), listed(f.lease, ann))
		}, anns},
		"lease invented in the list": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "lease"), make([]byte, 40), nil)
		}, "area north: leases"},
		"more lent than ever was": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) { h.Leases[0].Lease.Sums[0].Amount = 26 })
		}, "area north: holder " + ann.String()},
		"lent of a lot that never was": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) { h.Leases[0].Lease.Sums[0].Lot.Until = 7 })
		}, "area north: holder " + ann.String()},
		"lease of nothing": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) { h.Leases[0].Lease.Sums = nil })
		}, anns},
		"lease of two accounts": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) {
				h.Leases[0].Lease.Sums = ledger.Sums{{Account: "points", Amount: 1}, {Account: stamps, Amount: 1}}
			})
		}, anns},
		"lease from the future": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) { h.Leases[0].Granted = h.Position + 1 })
		}, anns},
		"used lease out again": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ben, func(h *holdingRow) { h.Leases = []lentRow{{Lease: f.used, Granted: 1}} })
			put(area(b, "lease"), listed(f.used, ben), nil)
		}, benns},
		"codes lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(area(b, "code"), first(area(b, "code"))) }, "area north: profile " + ann.String()},
		"codes invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "code"), make([]byte, 28), nil)
		}, "area north: codes"},
		"profile altered": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "profile"), ann[:], append([]byte{1}, area(b, "profile").Get(ann[:])[1:]...))
		}, "file"},
		"profile of another's place": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "profile"), ben[:], append([]byte(nil), area(b, "profile").Get(ann[:])...))
		}, "file"},
		"exception lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(area(b, "exception"), open.ID[:]) }, "area north: open exceptions"},
		"exception changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			row(b, open.ID, func(x *exceptionRow) { x.Trouble = pos.TakenBack })
		}, opened},
		"exception of nothing": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			row(b, open.ID, func(x *exceptionRow) { x.Entry.Seq = 999 })
		}, opened},
		"exception settled by nothing": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			row(b, settled.ID, func(x *exceptionRow) { x.Settled.Entry = *x.Entry })
		}, closed},
		"exception opened again": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			row(b, settled.ID, func(x *exceptionRow) { x.Settled = nil })
		}, closed},
		"waiting exception lost from the list": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "open"), first(area(b, "open")))
		}, opened},
		"quarantine settled by nothing": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			var q quarantinedRow
			if err := rows.Decode(area(b, "quarantine").Get(released[:]), &q); err != nil {
				panic(err)
			}
			q.Settled.Entry.Seq = 77
			put(area(b, "quarantine"), released[:], bolt.EncodeRow(q))
		}, "area north: quarantined " + hex.EncodeToString(released[:])},
		"frozen without a fork": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			frozen := f.is
			frozen.Frozen = true
			put(b("terminal"), f.is.ID[:], bolt.EncodeRow(frozen))
		}, "area north: terminal " + f.is.ID.String()},
		"what the server wrote lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			key, _ := area(b, "written").Cursor().Last()
			remove(area(b, "written"), append([]byte(nil), key...))
		}, "area north: entries of the server " + serverTerminal.String()},
		"what the server wrote invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "written"), append(serverTerminal[:], number(3)...), make([]byte, 16))
		}, "area north: written " + hex.EncodeToString(append(serverTerminal[:], number(3)...))},
		"rollup lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "rollup"), first(area(b, "rollup")))
		}, "area north: rollups"},
		"member of rollups changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) { h.Met = h.Met[1:] })
		}, "area north: holder " + ann.String() + ": rollups"},
		"rollup invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "rollup"), []byte("d?"), nil)
		}, "area north: rollups"},
		"lease out twice": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			held(b, ann, func(h *holdingRow) {
				h.Leases = append(h.Leases, h.Leases[0])
				h.Leases[0].Lease.Sums[0].Amount = 1
			})
		}, anns},
	}
}

func TestCentralCheckOfOffice(t *testing.T) {
	f := settledCentral(t)
	for name, d := range deskDamage(f) {
		t.Run(name, func(t *testing.T) {
			tryDamage(t, f.path, d, func(path string) (places []string) {
				central, err := bolt.OpenCentral(path, [32]byte{1})
				require.NoError(t, err)
				found, err := central.Check()
				require.NoError(t, err)
				require.NoError(t, central.Close())
				for _, f := range found {
					places = append(places, f.Place)
				}
				return places
			})
		})
	}
	f.head.open()
}

package bolt_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/rules"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
	"tenthcup/store/rows"
	"tenthcup/store/seal"
)

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// damage changes a file behind our back; Check must say what it says.
type damage struct {
	plant func(t *testing.T, bucket func(path ...string) *bbolt.Bucket)
	place string
}

func put(b *bbolt.Bucket, key, value []byte) {
	if err := b.Put(key, value); err != nil {
		panic(err)
	}
}

func remove(b *bbolt.Bucket, key []byte) {
	if b.Get(key) == nil {
		panic("nothing to remove")
	}
	if err := b.Delete(key); err != nil {
		panic(err)
	}
}

func first(b *bbolt.Bucket) []byte {
	key, _ := b.Cursor().First()
	return append([]byte(nil), key...)
}

func tryDamage(t *testing.T, source string, d damage, check func(path string) []string) {
	raw, err := os.ReadFile(source)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	require.Empty(t, check(path))
	plant(t, path, func(tx *bbolt.Tx) {
		d.plant(t, func(path ...string) *bbolt.Bucket {
			b := tx.Bucket([]byte(path[0]))
			for _, name := range path[1:] {
				b = b.Bucket([]byte(name))
			}
			return b
		})
	})
	require.Contains(t, check(path), d.place)
}

func TestTillCheck(t *testing.T) {
	source := filled(t)
	holder := func(i byte) string { return "holder " + pos.HolderID{i, 5}.String() }
	for name, d := range map[string]damage{
		"entry lost":     {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("recent"), number(20)) }, "journal entry 21"},
		"old entry lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("journal"), number(10)) }, "journal entry 11"},
		"entry twice": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("recent"), number(10), append([]byte(nil), b("journal").Get(number(10))...))
		}, "journal entry 10"},
		"entry swapped": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("recent"), number(20), append([]byte(nil), b("recent").Get(number(19))...))
		}, "journal entry 20"},
		"entry unreadable": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("recent"), number(20), []byte("?")) }, "file"},
		"start lost":       {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("start"), number(1)) }, "journal entry 1"},
		"start invented":   {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("start"), number(5), number(5)) }, "incarnations"},
		"void lost":        {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("voided"), first(b("voided"))) }, "voids"},
		"void invented":    {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("voided"), make([]byte, 32), number(1)) }, "voids"},
		"own entry lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{21, 5}
			remove(b("own"), h[:])
		}, holder(21)},
		"own entry changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{21, 5}
			put(b("own"), h[:], bolt.EncodeRow([]bolt.Own{{Number: 26, Moves: []ledger.Sum{{Account: stamps, Amount: 9}}}}))
		}, holder(21)},
		"base of the future": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{99, 5}
			put(b("base"), h[:], bolt.EncodeRow(bolt.Base{Position: 1, Covers: 1000}))
		}, holder(99)},
		"sums from nowhere": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{99, 5}
			put(b("base"), h[:], bolt.EncodeRow(bolt.Base{Sums: ledger.Sums{{Account: stamps, Amount: 1}}}))
		}, holder(99)},
		"base unreadable": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("base"), first(b("base")), []byte("?")) }, "file"},
		"name lost":       {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("name"), first(b("name"))) }, "names"},
		"name invented":   {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("name"), make([]byte, 20), nil) }, "names"},
		"code lost":       {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("code"), first(b("code"))) }, "codes"},
		"code invented":   {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("code"), make([]byte, 20), nil) }, "codes"},
		"profile lost":    {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("profile"), first(b("profile"))) }, "names"},
		"profile of another": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			key, sealer := first(b("profile")), seal.New(seal.Secret{1})
			put(b("profile"), key, sealer.Seal([]byte("profile"), key, bolt.EncodeRow(pos.Profile{Holder: ben})))
		}, "profile " + ben.String()},
		"profile moved": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{21, 5}
			put(b("profile"), h[:], append([]byte(nil), b("profile").Get(first(b("profile")))...))
		}, "file"},
		"profile not sealed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{21, 5}
			put(b("profile"), h[:], bolt.EncodeRow(person(h, "Ann", 1)))
		}, "file"},
		"roster not sealed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("meta"), []byte("roster"), bolt.EncodeRow(pos.Roster{}))
		}, "file"},
		"number of bases": {func(t *testing.T, b func(...string) *bbolt.Bucket) {
			require.NoError(t, b("base").SetSequence(7))
		}, "bases from the centre"},
		"lease not found": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("due"), first(b("due"))) }, "lease 0100000000000000"},
		"lease invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("due"), append(make([]byte, 20), 9, 0, 0, 0, 0, 0, 0, 0), nil)
		}, "lease 0900000000000000"},
		"lease's key cut": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("due"), []byte("?"), nil) }, "file"},
		"used lease forgotten": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			h := pos.HolderID{100, 5}
			var row []bolt.Own
			require.NoError(t, rows.Decode(b("own").Get(h[:]), &row))
			row[0].Leases = nil
			put(b("own"), h[:], bolt.EncodeRow(row))
		}, holder(100)},
		"floor lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("floor"), number(38)) }, "floor 38"},
		"floor changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("floor"), number(38), bolt.EncodeRow([]rules.Handed{{Holder: ann, Account: stamps, Amount: 1}}))
		}, "floor 38"},
		"floor invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("floor"), number(37), append([]byte(nil), b("floor").Get(number(38))...))
		}, "floor 37"},
		"window of the future": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("meta"), []byte("window"), number(999)) }, "window from entry 999"},
		"window back":          {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("meta"), []byte("window"), number(38)) }, "floor 38"},
		"fork of the future":   {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("meta"), []byte("rolled"), number(999)) }, "fork at entry 999"},
		"standing unreadable":  {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("meta"), []byte("restored"), []byte("?")) }, "file"},
		"tries of nothing": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("tries"), []byte("eva"), bolt.EncodeRow(station.Tries{}))
		}, "tries of \"eva\""},
		"tries unreadable":     {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("tries"), []byte("ida"), []byte("?")) }, "file"},
		"waiting profile lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("unsent"), first(b("unsent"))) }, "waiting profiles"},
		"nobody waits":         {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("unsent"), ben[:], nil) }, "profile " + ben.String()},
		"ack of the future":    {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("meta"), []byte("ack"), number(999)) }, "acknowledged entry 999"},
		"switch changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("switch"), []byte("rainy"), bolt.EncodeRow(pos.Switch{Name: "rainy", On: true, At: 1}))
		}, "switch \"rainy\""},
		"item of another": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("item"), []byte("17"), bolt.EncodeRow(pos.Item{ID: "18"}))
		}, "item \"18\""},
		"rollup lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("rollup"), first(b("rollup"))) }, "rollups"},
		"member of rollups changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("own"), append(bytes.Clone(ann[:]), 'm'), []byte{0})
		}, "holder " + ann.String() + ": rollups"},
		"rollup invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("rollup"), []byte("d?"), nil) }, "rollups"},
		"rollup changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("rollup"), first(b("rollup")), bolt.EncodeRow(1))
		}, "rollups"},
		"tally invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("tally"), []byte("stock:cup"), bolt.EncodeRow(int64(1)))
		}, "tally \"stock:cup\""},
		"roster unreadable": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(b("meta"), []byte("roster"), []byte("?")) }, "file"},
	} {
		t.Run(name, func(t *testing.T) {
			tryDamage(t, source, d, func(path string) (places []string) {
				till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
				require.NoError(t, err)
				found, err := till.Check()
				require.NoError(t, err)
				require.NoError(t, till.Close())
				for _, f := range found {
					places = append(places, f.Place)
				}
				return places
			})
		})
	}
}

// filledCentral returns the path of a closed central server's file with something
// of everything, its terminal, and ann's last entry.
func filledCentral(t *testing.T) (string, pos.Terminal, pos.EntryID) {
	path := filepath.Join(t.TempDir(), "central.db")
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(t, err)
	require.NoError(t, central.AddStore(pos.Shop{Name: "S", Store: "s", Area: "north"}))
	require.NoError(t, central.AddTerminal("till", "s", "code", noon.Add(time.Hour)))
	terminal, err := central.Enrol("code", make(ed25519.PublicKey, ed25519.PublicKeySize), noon)
	require.NoError(t, err)
	c := &counter{t: t, path: filepath.Join(t.TempDir(), "till.db"), terminal: terminal.ID}
	c.open()
	given := c.stamp(ann, 3)
	c.stamp(ben, 1)
	c.write(ann, pos.Posting{Account: stamps, Amount: -1, Of: &given.Entry.ID})
	last := c.stamp(ann, 1)
	require.NoError(t, c.till.SaveProfile(person(ann, "Ann", 1)))
	box, err := c.till.Outbox(100, 1e6)
	require.NoError(t, err)
	require.NoError(t, c.till.Close())
	require.NoError(t, central.Take(terminal, ledger.Sent{Entries: append(box.Entries, []byte("?")), Profiles: box.Profiles}, noon))
	areas, err := central.Areas()
	require.NoError(t, err)
	require.Equal(t, []pos.AreaID{"north"}, areas)
	require.NoError(t, central.Close())
	return path, terminal, last.Entry.ID
}

func centralDamage(t *testing.T, terminal pos.Terminal, last pos.EntryID) map[string]damage {
	area := func(b func(...string) *bbolt.Bucket, name string) *bbolt.Bucket { return b("area", "north", name) }
	id := func(seq uint64) pos.EntryID {
		return pos.EntryID{Terminal: terminal.ID, Incarnation: last.Incarnation, Seq: seq}
	}
	return map[string]damage{
		"entry lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "entry"), rows.EntryKey(id(2)))
		}, "area north: entry " + id(3).String()},
		"last entry lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "entry"), rows.EntryKey(last))
		}, "area north: entry " + id(3).String()},
		"entry changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			raw := append([]byte(nil), area(b, "entry").Get(rows.EntryKey(id(2)))...)
			e, err := pos.DecodeEntry(raw)
			require.NoError(t, err)
			e.Cashier = "eva"
			raw, err = e.Encode()
			require.NoError(t, err)
			put(area(b, "entry"), rows.EntryKey(id(2)), raw)
		}, "area north: entry " + id(3).String()},
		"entry unreadable": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "entry"), rows.EntryKey(id(2)), []byte("!"))
		}, "area north: entry " + id(2).String()},
		"chain lost":     {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(area(b, "chain"), first(area(b, "chain"))) }, "area north: chains"},
		"chain invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(area(b, "chain"), make([]byte, 24), nil) }, "area north: chains"},
		"sums changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			var h holdingRow
			require.NoError(t, rows.Decode(area(b, "account").Get(ann[:]), &h))
			h.Sums[0].Amount++
			put(area(b, "account"), ann[:], bolt.EncodeRow(h))
		}, "area north: holder " + ann.String()},
		"holder lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(area(b, "account"), ben[:]) }, "area north: holders"},
		"feed row lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "feed"), first(area(b, "feed")))
		}, "area north: feed"},
		"feed row invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { put(area(b, "feed"), number(1), ann[:]) }, "area north: feed"},
		"history lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "history"), append(ann[:], rows.EntryKey(last)...))
		}, "area north: entry " + last.String()},
		"reversal lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(area(b, "asked"), first(area(b, "asked"))) }, "area north: holder " + ann.String()},
		"reversal invented": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "asked"), make([]byte, 34), bolt.EncodeRow([]askRow{{Amount: 1}}))
		}, "area north: reversals"},
		"profile of nobody": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "profile"), cleo[:], sealProfile("north", person(cleo, "Cleo", 1)))
		}, "area north: profile " + cleo.String()},
		"quarantine changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "quarantine"), first(area(b, "quarantine")), bolt.EncodeRow(quarantinedRow{Raw: []byte("!")}))
		}, "area north: quarantined 8a8de823d5ed3e12746a62ef169bcf372be0ca44f0a1236abc35df05d96928e1"},
		"quarantine lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			remove(area(b, "quarantine"), first(area(b, "quarantine")))
		}, "area north: quarantined"},
		"bucket lost": {func(t *testing.T, b func(...string) *bbolt.Bucket) {
			require.NoError(t, b("area", "north").DeleteBucket([]byte("asked")))
		}, "file"},
		"key changed": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			changed := terminal
			changed.Key = append([]byte{1}, terminal.Key[1:]...)
			put(b("terminal"), terminal.ID[:], bolt.EncodeRow(changed))
		}, "terminal " + terminal.ID.String()},
		"switch of nobody": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(area(b, "switch"), []byte("/s"), bolt.EncodeRow(turnedRow{Changes: 1, Switches: []pos.Switch{{Name: "rainy", On: true, At: 1}}}))
		}, "area north: switch \"rainy\" of \"s\""},
		"item of another": {func(_ *testing.T, b func(...string) *bbolt.Bucket) {
			put(b("item"), []byte("17"), bolt.EncodeRow(pos.Item{ID: "18"}))
		}, "item \"18\""},
		"store lost": {func(_ *testing.T, b func(...string) *bbolt.Bucket) { remove(b("store"), []byte("s")) }, "terminal " + terminal.ID.String()},
	}
}

func TestCentralCheck(t *testing.T) {
	source, terminal, last := filledCentral(t)
	for name, d := range centralDamage(t, terminal, last) {
		t.Run(name, func(t *testing.T) {
			tryDamage(t, source, d, func(path string) (places []string) {
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
}

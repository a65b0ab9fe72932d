package bolt_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
)

// damaged returns the file with the bytes in place of others.
func damaged(whole []byte, at uint32, with []byte) []byte {
	rotten := append([]byte(nil), whole...)
	copy(rotten[int(at)%len(rotten):], with)
	return rotten
}

// inBranch reports whether the damage is in a page that only leads to others. Over
// some such damage bbolt itself goes in circles, as soon as a file is opened.
func inBranch(whole []byte, at uint32, with []byte) bool {
	for i := range with {
		if page := whole[(int(at)+i)%len(whole)&^4095:]; page[8] == 1 {
			return true
		}
	}
	return false
}

// addDamage seeds a fuzz target with damage in some pages: in the header, in the
// first element, at the end.
func addDamage(f *testing.F, whole []byte) {
	for i := 0; i*4096 < len(whole); i++ {
		page := uint32(i * 4096)
		switch i % 8 {
		case 0:
			f.Add(page, []byte{9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 200, 0, 7})
		case 2:
			f.Add(page+8, []byte{0x10})
		case 4:
			f.Add(page+16, []byte{0xff, 0xff, 0xff, 0x7f, 1, 2, 3, 4})
		case 6:
			f.Add(page+4000, []byte("not what was here"))
		}
	}
	f.Add(uint32(4096), make([]byte, 64))
}

// FuzzDamagedTill: a till's file of which some bytes are not what was written is
// refused, or Check says what is wrong with it, or it has all entries, unchanged, and
// can be read.
func FuzzDamagedTill(f *testing.F) {
	source := filled(f)
	whole, err := os.ReadFile(source)
	require.NoError(f, err)
	till, err := bolt.OpenTill(source, terminalA, [32]byte{1})
	require.NoError(f, err)
	want := journal(f, till)
	require.NoError(f, till.Close())
	addDamage(f, whole)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, at uint32, with []byte) {
		if inBranch(whole, at, with) {
			return
		}
		path := filepath.Join(dir, "till.db")
		require.NoError(t, os.WriteFile(path, damaged(whole, at, with), 0o600))
		till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		if err != nil {
			requireKnown(t, err)
			return
		}
		defer func() { require.NoError(t, till.Close()) }()
		found, err := till.Check()
		require.NoError(t, err)
		if len(found) > 0 {
			return
		}
		got := journal(t, till)
		require.Equal(t, want, got)
		for _, read := range []func() error{
			func() error { _, err := till.View(pos.HolderID{3, 5}); return err },
			func() error { _, err := till.ByName("given", 5); return err },
			func() error { _, err := till.Outbox(100, 1e6); return err },
		} {
			require.NoError(t, read())
		}
		if _, err := till.Roster(); err != nil { // nothing says that there has to be one
			require.ErrorIs(t, err, station.ErrNotFound)
		}
	})
}

// requireKnown wants an error that people have a sentence for.
func requireKnown(t testing.TB, err error) {
	if !errors.Is(err, station.ErrNotFound) {
		require.ErrorAs(t, err, new(*pos.Problem))
	}
}

// FuzzDamagedCentral: the same for a server's file.
func FuzzDamagedCentral(f *testing.F) {
	path := filepath.Join(f.TempDir(), "central.db")
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(f, err)
	sent := ledger.Sent{Entries: journalOf(f, 40), Profiles: []pos.Profile{person(ann, "Ann", 1)}}
	for range 2 { // a damaged end of the file is its state before the last transaction
		require.NoError(f, central.Take(till1, sent, noon))
	}
	require.NoError(f, central.Close())
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	addDamage(f, whole)
	f.Fuzz(func(t *testing.T, at uint32, with []byte) {
		require.NoError(t, os.WriteFile(path, damaged(whole, at, with), 0o600))
		central, err := bolt.OpenCentral(path, [32]byte{1})
		if err != nil {
			requireKnown(t, err)
			return
		}
		defer func() { require.NoError(t, central.Close()) }()
		found, err := central.Check()
		require.NoError(t, err)
		if len(found) > 0 {
			return
		}
		sums, err := central.Balance("north", ann, today)
		require.NoError(t, err)
		require.Equal(t, int64(40), sums.Balance(stamps, today))
		_, err = central.Page(till1, ledger.PageAsk{Limit: 10, Open: []pos.Incarnation{1}, At: noon, Day: today})
		require.NoError(t, err)
	})
}

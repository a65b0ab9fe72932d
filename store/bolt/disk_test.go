package bolt_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
	"tenthcup/store/seal"
)

// limitFiles lets no file of this process grow beyond the size until the returned
// function is called. A write beyond it fails like one to a full disk.
func limitFiles(t testing.TB, size int64) (lift func()) {
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	now := before
	now.Cur = uint64(size)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
	lift = func() { _ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before) }
	t.Cleanup(lift)
	return lift
}

// alone reports whether the test runs in a process of its own. If not, it runs it
// in one: a limit is on all files of a process, and go test has some too.
func alone(t *testing.T) bool {
	if os.Getenv(aloneKey) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), aloneKey+"=1", quickExit)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return false
}

const aloneKey = "TENTHCUP_TEST_ALONE"

func sizeOf(t testing.TB, path string) int64 {
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Size()
}

// However much room there is left, an entry is there whole or not at all, and
// what is there stays readable; with room again, work goes on.
func TestFullDisk(t *testing.T) {
	if !alone(t) {
		return
	}
	full := 0
	for room := int64(-16); room <= 16; room++ {
		c := newCounter(t)
		c.stamp(ann, 1)
		lift := limitFiles(t, sizeOf(t, c.path)+room*2048)
		var err error
		done := int64(1)
		for range 120 {
			if _, err = c.try(ann, pos.Posting{Account: stamps, Amount: 1}); err != nil {
				break
			}
			done++
		}
		if err != nil {
			full++
			require.ErrorIs(t, err, store.ErrFull)
			require.Equal(t, done, c.sees(ann))
			require.Len(t, journal(t, c.till), int(done))
		}
		lift()
		c.stamp(ann, 1)
		require.Equal(t, done+1, c.sees(ann))
		c.restart()
		require.Len(t, journal(t, c.till), int(done+1))
		c.sound()
	}
	require.Greater(t, full, 20)
}

// If the file cannot be opened again after a failed write, nobody knows what
// became of it. It must not come back empty, and work goes on where it ended.
func TestFileGone(t *testing.T) {
	if !alone(t) {
		return
	}
	for _, entries := range []int{0, 3} {
		c := newCounter(t)
		for range entries {
			c.stamp(ann, 1)
		}
		away := c.path + ".away"
		lift := limitFiles(t, sizeOf(t, c.path))
		var err error
		done := entries
		for err == nil {
			require.NoError(t, os.Rename(c.path, away))
			_, err = c.try(ann, pos.Posting{Account: stamps, Amount: 1})
			if err == nil {
				done++
			}
			require.NoFileExists(t, c.path)
			require.NoError(t, os.Rename(away, c.path))
		}
		require.ErrorIs(t, err, store.ErrUnsure)
		require.ErrorIs(t, err, store.ErrFull, "and why")
		require.Len(t, journal(t, c.till), done)
		lift()
		require.Equal(t, uint64(done+1), c.stamp(ann, 1).Number)
		require.Equal(t, int64(done+1), c.sees(ann))
	}
}

// A page with 500 holders is stored whole or not at all.
func TestFullDiskDuringApply(t *testing.T) {
	if !alone(t) {
		return
	}
	c := newCounter(t)
	c.stamp(ann, 1)
	page := ledger.Page{At: noon.UnixMilli(), Acks: []ledger.Ack{{Incarnation: 1, Seq: 1}}, Cursor: 500}
	for i := range 500 {
		row := has(pos.HolderID{byte(i), byte(i >> 8), 1}, uint64(i+1), 5)
		p := person(row.Holder, fmt.Sprint("Member", i), 1)
		row.Profile = &p
		page.Changed = append(page.Changed, row)
	}
	lift := limitFiles(t, sizeOf(t, c.path)+20_000)
	before, err := c.till.Outbox(10, 1e6)
	require.NoError(t, err)
	require.ErrorIs(t, c.till.Apply(page, nil), store.ErrFull)
	after, err := c.till.Outbox(10, 1e6)
	require.NoError(t, err)
	require.Equal(t, before, after)
	for _, row := range page.Changed {
		require.Zero(t, c.sees(row.Holder))
		_, err := c.till.Profile(row.Holder)
		require.ErrorIs(t, err, station.ErrNotFound)
	}
	lift()
	require.NoError(t, c.till.Apply(page, nil))
	for _, row := range page.Changed {
		require.Equal(t, int64(5), c.sees(row.Holder))
	}
}

func TestNoRoomForANewFile(t *testing.T) {
	if !alone(t) {
		return
	}
	path := filepath.Join(t.TempDir(), "till.db")
	lift := limitFiles(t, 4096)
	_, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	require.ErrorIs(t, err, store.ErrFull)
	lift()
	require.NoError(t, os.Remove(path))
	till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	require.NoError(t, err)
	require.NoError(t, till.Close())
}

// asNobody runs do as a user who owns nothing. Root may write everywhere.
func asNobody(t *testing.T, do func()) {
	if os.Getuid() != 0 {
		do()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		if err := syscall.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}

func TestReadOnly(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(folder), 0o755))
	file := filepath.Join(folder, "till.db")
	till, err := bolt.OpenTill(file, terminalA, [32]byte{1})
	require.NoError(t, err)
	require.NoError(t, till.Close())
	require.NoError(t, os.Chmod(file, 0o444))
	require.NoError(t, os.Chmod(folder, 0o555))
	t.Cleanup(func() { _ = os.Chmod(folder, 0o755) })
	var inFile, inFolder, central error
	asNobody(t, func() {
		_, inFile = bolt.OpenTill(file, terminalA, [32]byte{1})
		_, inFolder = bolt.OpenTill(filepath.Join(folder, "other.db"), terminalA, [32]byte{1})
		_, central = bolt.OpenCentral(file, [32]byte{1})
	})
	require.ErrorIs(t, inFile, store.ErrReadOnly)
	require.ErrorIs(t, inFolder, store.ErrReadOnly)
	require.ErrorIs(t, central, store.ErrReadOnly)
}

// plant changes a closed file with bbolt itself.
func plant(t testing.TB, path string, change func(tx *bbolt.Tx)) {
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		change(tx)
		return nil
	}))
	require.NoError(t, db.Close())
}

func TestOtherFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file.db")
	fresh := func(t *testing.T) {
		require.NoError(t, os.RemoveAll(path))
		till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		require.NoError(t, err)
		require.NoError(t, till.Close())
	}
	setFormat := func(f bolt.Format) func(tx *bbolt.Tx) {
		return func(tx *bbolt.Tx) {
			require.NoError(t, tx.Bucket([]byte("meta")).Put([]byte("format"), bolt.EncodeRow(f)))
		}
	}
	for name, row := range map[string]struct {
		plant func(tx *bbolt.Tx)
		want  error
	}{
		"a newer version's":          {setFormat(bolt.Format{Kind: "till", Version: 4, Terminal: terminalA}), store.ErrNewer},
		"an older version's":         {setFormat(bolt.Format{Kind: "till", Version: 2, Terminal: terminalA}), store.ErrOlder},
		"a newer version's of other": {setFormat(bolt.Format{Kind: "other", Version: 9}), store.ErrNewer},
		"another till's":             {setFormat(bolt.Format{Kind: "till", Version: 3, Terminal: pos.TerminalID{0xb}}), store.ErrOther},
		"a central server's":         {setFormat(bolt.Format{Kind: "central", Version: 3}), store.ErrOther},
		"without a format": {func(tx *bbolt.Tx) {
			require.NoError(t, tx.Bucket([]byte("meta")).Delete([]byte("format")))
		}, store.ErrCorrupt},
		"without a bucket": {func(tx *bbolt.Tx) { require.NoError(t, tx.DeleteBucket([]byte("journal"))) }, store.ErrCorrupt},
		"sealed with another secret": {func(tx *bbolt.Tx) {
			mark := seal.New(seal.Secret{2}).Seal([]byte("meta"), []byte("secret"), nil)
			require.NoError(t, tx.Bucket([]byte("meta")).Put([]byte("secret"), mark))
		}, store.ErrSecret},
		"not sealed": {func(tx *bbolt.Tx) {
			require.NoError(t, tx.Bucket([]byte("meta")).Delete([]byte("secret")))
		}, store.ErrCorrupt},
		"another program's": {func(tx *bbolt.Tx) {
			require.NoError(t, tx.DeleteBucket([]byte("meta")))
		}, store.ErrCorrupt},
		"with a broken format": {func(tx *bbolt.Tx) {
			require.NoError(t, tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("?")))
		}, store.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			fresh(t)
			plant(t, path, row.plant)
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			_, err = bolt.OpenTill(path, terminalA, [32]byte{1})
			require.ErrorIs(t, err, row.want)
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, sha256.Sum256(before), sha256.Sum256(after), "it was touched")
		})
	}
	fresh(t)
	_, err := bolt.OpenTill(path, terminalA, seal.Secret{2})
	require.ErrorIs(t, err, store.ErrSecret)
	_, err = bolt.OpenCentral(path, [32]byte{1})
	require.ErrorIs(t, err, store.ErrOther)
	_, err = bolt.OpenTill(folder, terminalA, [32]byte{1})
	require.Error(t, err)
	_, err = bolt.OpenTill(filepath.Join(folder, "no", "such", "folder"), terminalA, [32]byte{1})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestGarbage(t *testing.T) {
	random := make([]byte, 100_000)
	rand.NewChaCha8([32]byte{1}).Read(random)
	for name, content := range map[string][]byte{
		"one byte": {1}, "text": []byte(strings.Repeat("hello\n", 5000)), "zeros": make([]byte, 65536),
		"random": random, "less than a page": random[:1000], "a page": make([]byte, 4096),
	} {
		path := filepath.Join(t.TempDir(), "till.db")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		_, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		require.ErrorIs(t, err, store.ErrCorrupt, name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, content, after, "%s was touched", name)
	}
}

// Any page of a file may rot, or the file may end early. Then it is ErrCorrupt,
// or a finding of Check, or the page was not in use; never a crash.
func TestRot(t *testing.T) {
	source := filled(t)
	whole, err := os.ReadFile(source)
	require.NoError(t, err)
	const page = 4096
	noticed := 0
	for at := 0; at < len(whole); at += page {
		for kind, rot := range map[string]func(b []byte) []byte{
			"zeros":    func(b []byte) []byte { clear(b[at : at+page]); return b },
			"ones":     func(b []byte) []byte { return append(append(b[:at:at], ones(page)...), b[at+page:]...) },
			"header":   func(b []byte) []byte { b[at+8] ^= 0x13; b[at+10] ^= 0x07; return b },
			"one byte": func(b []byte) []byte { b[at+page-100] ^= 0x20; return b },
			"cut":      func(b []byte) []byte { return b[:at] },
		} {
			path := filepath.Join(t.TempDir(), "till.db")
			require.NoError(t, os.WriteFile(path, rot(append([]byte(nil), whole...)), 0o600))
			if kind == "cut" && at == 0 {
				continue // an empty file is a new one
			}
			till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
			if err != nil {
				require.ErrorIs(t, err, store.ErrCorrupt, "%s at %d", kind, at)
				noticed++
				continue
			}
			found, err := till.Check()
			require.NoError(t, err, "%s at %d", kind, at)
			if len(found) > 0 {
				noticed++
			}
			_ = till.Last(func(station.Record) bool { return true })
			_, _ = till.ByName("given", 5)
			require.NoError(t, till.Close())
		}
	}
	require.Greater(t, noticed, len(whole)/page, "of %d pages", len(whole)/page)
}

func ones(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = 0xff
	}
	return b
}

// filled returns the path of a closed till's file with something of everything.
func filled(t testing.TB) string {
	c := newCounter(t)
	require.NoError(t, c.till.SetRoster(pos.Roster{Version: 1, Programs: []pos.Published{{Document: make([]byte, 3000)}}}))
	var rows []ledger.Changed
	for i := range 150 {
		holder := pos.HolderID{byte(i), 5}
		p := person(holder, fmt.Sprintf("Given%d Family%d", i%7, i), 1)
		rows = append(rows, ledger.Changed{Holder: holder, Position: uint64(i + 1), Sums: has(holder, 1, 3).Sums, Profile: &p})
	}
	require.NoError(t, c.till.Load(rows, noon.UnixMilli()))
	for i := range 30 {
		given := c.stamp(rows[i].Holder, 2)
		if i%5 == 0 {
			c.write(rows[i].Holder, pos.Posting{Account: stamps, Amount: -2, Of: &given.Entry.ID})
		}
	}
	require.NoError(t, c.till.SaveProfile(person(rows[3].Holder, "New Name", 2)))
	c.apply(10, has(rows[0].Holder, 999, 5))
	c.apply(10, lent(has(rows[100].Holder, 1000, 20),
		lease(1, c.terminal, today+5, 5), lease(2, c.terminal, 0, 5), lease(3, terminalB, 0, 5)))
	c.hand(rows[100].Holder, 5, pos.By{Kind: pos.ByLease, ID: leaseIDs(1)})
	c.hand(rows[101].Holder, 2, pos.By{Kind: pos.ByFloor})
	require.NoError(t, c.till.Try("ida", func(station.Tries) (station.Tries, error) { return station.Tries{Failed: 2}, nil }))
	require.NoError(t, c.till.Close())
	copied := filepath.Join(t.TempDir(), "copy.db")
	raw, err := os.ReadFile(c.path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(copied, raw, 0o600))
	c.open() // for the check at the end
	return copied
}

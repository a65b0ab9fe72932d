//go:build soak

package bolt_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/pos/station"
	"tenthcup/store/bolt"
)

var cuts = flag.Int("cuts", 50, "power cuts on each file system, for a till and for a server each")

// A test runs this binary again as the process that writes when the power fails. It
// says on a line of its own what is on the disk, as far as it knows.
const (
	victimKey  = "TENTHCUP_TEST_VICTIM"
	victimFile = "TENTHCUP_TEST_VICTIM_FILE"
)

// victims write until the power fails.
var victims = map[string]func(path string){
	"till":    tillVictim,
	"server":  serverVictim,
	"no sync": noSyncVictim,
	"count":   countVictim,
}

func tillVictim(path string) {
	till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	if err != nil {
		return
	}
	fmt.Println(0)
	c := &counter{till: till, terminal: terminalA, incarnation: pos.Incarnation(time.Now().UnixNano())}
	for {
		r, err := till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
			return c.next(m, ann, pos.Posting{Account: stamps, Amount: 1}), nil
		})
		if err != nil {
			return
		}
		fmt.Println(r.Number)
	}
}

func serverVictim(path string) {
	central, err := bolt.OpenCentral(path, [32]byte{1})
	if err != nil {
		return
	}
	counts, err := central.Count("north")
	if err != nil {
		return
	}
	fmt.Println(counts.Entries)
	const most = 4000
	batch := journalOf(nil, most)
	for n := counts.Entries; n < most; {
		next := min(n+1+n%7, most)
		if central.Take(till1, ledger.Sent{Entries: batch[max(n-3, 0):next]}, noon) != nil {
			return
		}
		n = next
		fmt.Println(n)
	}
}

// noSyncVictim is what no ledger may be: it says "done" and leaves the rest to the
// system.
func noSyncVictim(path string) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		return
	}
	for n := countIn(db) + 1; ; n++ {
		err := db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("b"))
			if err != nil {
				return err
			}
			return b.Put(binary.BigEndian.AppendUint64(nil, n), make([]byte, 200))
		})
		if err != nil {
			return
		}
		fmt.Println(n)
	}
}

// countVictim says how many rows are left. It may never end.
func countVictim(path string) {
	if db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second}); err == nil {
		fmt.Println(countIn(db))
	}
}

func countIn(db *bbolt.DB) (n uint64) {
	_ = db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket([]byte("b")); b != nil {
			n = uint64(b.Stats().KeyN)
		}
		return nil
	})
	return n
}

// disk is a file system of its own in a file, whose power can be cut.
type disk struct {
	t             *testing.T
	image, folder string
	kind          string
}

func newDisk(t *testing.T, kind string) *disk {
	dir := t.TempDir()
	d := &disk{t, filepath.Join(dir, "image"), filepath.Join(dir, "disk"), kind}
	require.NoError(t, os.Mkdir(d.folder, 0o700))
	image, err := os.Create(d.image)
	require.NoError(t, err)
	require.NoError(t, image.Truncate(320<<20)) // the smallest that mkfs.xfs makes is 300 MiB
	require.NoError(t, image.Close())
	force := map[string]string{"ext4": "-F", "xfs": "-f"}[kind]
	d.must("mkfs."+kind, "-q", force, d.image)
	d.mount()
	t.Cleanup(func() { _ = exec.Command("umount", "-l", d.folder).Run() })
	return d
}

// must runs a command of the system. Where the machine cannot do it the test fails,
// because a promise that was not tried is not kept.
func (d *disk) must(command string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(command, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("power cuts need root, loop devices, e2fsprogs and xfsprogs: %s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
}

func (d *disk) mount()   { d.must("mount", "-o", "loop", d.image, d.folder) }
func (d *disk) unmount() { d.must("umount", d.folder) }

// cut lets nothing that is not on the disk yet get there any more.
func (d *disk) cut() {
	root, err := os.Open(d.folder)
	require.NoError(d.t, err)
	defer root.Close()
	const shutdown, withoutLog = 0x8004587d, uint32(2)
	flags := withoutLog
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, root.Fd(), shutdown, uintptr(unsafe.Pointer(&flags)))
	if errno != 0 {
		d.t.Fatalf("this kernel cannot cut the power of %s: %v", d.kind, errno)
	}
}

// process is this test binary as a victim.
func (d *disk) process(ctx context.Context, victim, name string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestPowerCuts$")
	cmd.Env = append(os.Environ(), quickExit, victimKey+"="+victim, victimFile+"="+filepath.Join(d.folder, name))
	return cmd
}

// round starts the victim, cuts the power while it writes, lets the machine come up
// again, and returns how much the victim had said was on the disk.
func (d *disk) round(victim, name string, chance *rand.Rand) (confirmed int) {
	cmd := d.process(context.Background(), victim, name)
	out, err := cmd.StdoutPipe()
	require.NoError(d.t, err)
	require.NoError(d.t, cmd.Start())
	lines := bufio.NewScanner(out)
	last := chance.IntN(60)
	cut := make(chan struct{})
	blow := func() {
		time.AfterFunc(time.Duration(chance.IntN(1500))*time.Microsecond, func() {
			d.cut()
			_ = cmd.Process.Kill()
			close(cut)
		})
	}
	if last%4 == 0 { // while the file is being made or opened
		time.AfterFunc(time.Duration(chance.IntN(15))*time.Millisecond, blow)
		last = -1
	}
	for n := 0; lines.Scan(); n++ {
		_, err := fmt.Sscan(lines.Text(), &confirmed)
		require.NoError(d.t, err, lines.Text())
		if n == last {
			blow()
		}
	}
	<-cut
	_ = cmd.Wait()
	d.unmount()
	d.mount()
	return confirmed
}

// The power fails while a till writes or a server takes batches, also while its file
// is being made. All that was confirmed is there, and the file is sound. The same
// with a database that does not sync loses, or else this proves nothing.
func TestPowerCuts(t *testing.T) {
	if victim := os.Getenv(victimKey); victim != "" {
		victims[victim](os.Getenv(victimFile))
		os.Exit(0)
	}
	first := *seed
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", first)
	for _, kind := range []string{"ext4", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			d := newDisk(t, kind)
			chance := rand.New(rand.NewPCG(first, 0))
			looks := map[string]func(path string) int{"till": d.lookAtTill, "server": d.lookAtServer}
			for _, victim := range []string{"till", "server"} {
				confirmed := 0
				for i := range *cuts {
					name := fmt.Sprint(victim, i/5) // five cuts for each file
					said := d.round(victim, name, chance)
					there := looks[victim](filepath.Join(d.folder, name))
					require.GreaterOrEqual(t, there, said, "%s, cut %d: confirmed and lost", victim, i)
					confirmed += said
				}
				require.Greater(t, confirmed, *cuts)
				t.Logf("%s: %d cuts, %d confirmations read again", victim, *cuts, confirmed)
			}
			require.NotZero(t, d.control(chance), "without syncs nothing was lost: these are no power cuts")
		})
	}
}

func (d *disk) lookAtTill(path string) int {
	till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, till.Close()) }()
	found, err := till.Check()
	require.NoError(d.t, err)
	require.Empty(d.t, found)
	entries := len(journal(d.t, till))
	view, err := till.View(ann)
	require.NoError(d.t, err)
	require.EqualValues(d.t, entries, view.Sums.Balance(stamps, today))
	return entries
}

func (d *disk) lookAtServer(path string) int {
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, central.Close()) }()
	found, err := central.Check()
	require.NoError(d.t, err)
	require.Empty(d.t, found)
	counts, err := central.Count("north")
	require.NoError(d.t, err)
	sums, err := central.Balance("north", ann, today)
	require.NoError(d.t, err)
	require.EqualValues(d.t, counts.Entries, sums.Balance(stamps, today))
	return counts.Entries
}

// control cuts the power of a database that does not sync, and returns how many
// cuts lost something that it had confirmed, or the file. What is left is looked at
// by another process, because bbolt may never come back from it.
func (d *disk) control(chance *rand.Rand) (lost int) {
	const rounds = 5
	for i := range rounds {
		name := fmt.Sprint("control", i)
		said := d.round("no sync", name, chance)
		if said == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		out, err := d.process(ctx, "count", name).Output()
		cancel()
		there, notANumber := strconv.Atoi(strings.TrimSpace(string(out)))
		if err != nil || notANumber != nil || there < said {
			lost++
		}
	}
	d.t.Logf("without syncs %d of %d cuts lost something", lost, rounds)
	return lost
}

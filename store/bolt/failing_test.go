package bolt_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/ledger"
	"tenthcup/store"
	"tenthcup/store/bolt"
)

// centralKey names the central file in which a second process takes entries.
const centralKey = "TENTHCUP_TEST_CENTRAL"

// till1 is a terminal with a journal of entries of one stamp each.
var till1 = pos.Terminal{ID: pos.TerminalID{0xc}, Area: "north"}

func journalOf(t require.TestingT, entries int) (raw [][]byte) {
	prev := pos.Hash{}
	for i := range entries {
		e := pos.Entry{
			V: 1, ID: pos.EntryID{Terminal: till1.ID, Incarnation: 1, Seq: uint64(i + 1)}, At: noon.UnixMilli(), Day: today,
			Kind: pos.Stamped, Holder: ann, Postings: []pos.Posting{{Account: stamps, Amount: 1}}, Prev: prev,
		}
		encoded, err := e.Encode()
		require.NoError(t, err)
		raw = append(raw, encoded)
		prev = pos.HashEntry(encoded)
	}
	return raw
}

// childTakes hands a central server one entry more each time, all again if the last
// time failed, and says what became of it and how many entries can then be read.
func childTakes(t require.TestingT, path string, entries int, out io.Writer) {
	runtime.LockOSThread() // strace counts the calls of each thread
	defer runtime.UnlockOSThread()
	central, err := bolt.OpenCentral(path, [32]byte{1})
	if err != nil {
		fmt.Fprintln(out, "open:", err)
		return
	}
	fmt.Fprintln(out, "open")
	batch := journalOf(t, entries)
	for i := range batch {
		err := central.Take(till1, ledger.Sent{Entries: batch[:i+1]}, noon)
		outcome := "done"
		switch {
		case errors.Is(err, store.ErrUnsure):
			outcome = "unsure"
		case err != nil:
			outcome = "failed"
		}
		seen := "-"
		if counts, err := central.Count("north"); err == nil {
			seen = fmt.Sprint(counts.Entries)
		}
		fmt.Fprintln(out, outcome, i+1, seen)
	}
}

// underStrace runs the test again as a second process, whose system calls fail as
// the injection says, and returns what it printed.
func underStrace(t *testing.T, inject string, env ...string) (lines []string) {
	strace, err := exec.LookPath("strace")
	require.NoError(t, err, "no strace to make a sync fail: 'make test' installs it, or says how")
	args := []string{"-f", "-o", os.DevNull, "-e", "trace=fdatasync,pwrite64", "-e", "inject=" + inject, os.Args[0], "-test.run=^" + t.Name() + "$"}
	cmd := exec.Command(strace, args...)
	cmd.Env = append(append(os.Environ(), quickExit), env...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	for said := bufio.NewScanner(out); said.Scan(); {
		lines = append(lines, said.Text())
	}
	require.NoError(t, cmd.Wait(), "strace may not trace here: %q", lines)
	return lines
}

// However a write or a sync of a server's disk fails, a batch that it acknowledged
// is there, one that it refused is not, what it cannot know it says so, and it goes
// on as soon as the disk does, with and without a restart.
func TestCentralOnAFailingDisk(t *testing.T) {
	if path := os.Getenv(centralKey); path != "" {
		childTakes(t, path, 6, os.Stdout)
		os.Exit(0)
	}
	outcomes := map[string]int{}
	for _, inject := range []string{
		"fdatasync:error=EIO:when=3", "fdatasync:error=EIO:when=4", "fdatasync:error=EIO:when=5", "fdatasync:error=EIO:when=6",
		"fdatasync:error=EIO:when=5..6", "fdatasync:error=EIO:when=6..8", "fdatasync:error=EIO:when=5+", "fdatasync:error=EIO:when=6+",
		"pwrite64:error=EIO:when=9", "pwrite64:error=ENOSPC:when=8", "pwrite64:error=ENOSPC:when=10+", "fdatasync:error=ENOSPC:when=4+",
	} {
		path := filepath.Join(t.TempDir(), "central.db")
		central, err := bolt.OpenCentral(path, [32]byte{1})
		require.NoError(t, err)
		require.NoError(t, central.Close())
		lines := underStrace(t, inject, centralKey+"="+path)
		require.Equal(t, "open", lines[0])
		acknowledged, least, most := 0, 0, 0
		for _, line := range lines[1:7] {
			var outcome string
			var n int
			var seen string
			_, err := fmt.Sscan(line, &outcome, &n, &seen)
			require.NoError(t, err, line)
			outcomes[outcome]++
			switch outcome {
			case "done":
				acknowledged, least, most = n, n, n
			case "unsure":
				most = n
			case "failed":
				most = max(least, most)
			}
			if seen != "-" { // what can be read is what will stay: an unsure batch is settled now
				_, err := fmt.Sscan(seen, &least)
				require.NoError(t, err)
				require.GreaterOrEqual(t, least, acknowledged, "%s: %s", inject, line)
				require.LessOrEqual(t, least, most, "%s: %s", inject, line)
				most = least
			}
		}
		wants(t, path, least, most, inject)
	}
	t.Log(outcomes)
	require.NotZero(t, outcomes["failed"])
	require.NotZero(t, outcomes["unsure"])
}

// wants opens the file again, which is sound and has so many entries, and the
// terminal's next batch, with all that it is not sure of, counts once.
func wants(t *testing.T, path string, least, most int, inject string) {
	central, err := bolt.OpenCentral(path, [32]byte{1})
	require.NoError(t, err)
	counts, err := central.Count("north")
	require.NoError(t, err)
	require.GreaterOrEqual(t, counts.Entries, least, inject)
	require.LessOrEqual(t, counts.Entries, most, inject)
	require.NoError(t, central.Take(till1, ledger.Sent{Entries: journalOf(t, 7)}, noon))
	sums, err := central.Balance("north", ann, today)
	require.NoError(t, err)
	require.Equal(t, int64(7), sums.Balance(stamps, today))
	found, err := central.Check()
	require.NoError(t, err)
	require.Empty(t, found)
	require.NoError(t, central.Close())
}

// After a write whose outcome nobody knows, a till that is started again books the
// next entry behind what is there; and so does the same one once the disk works.
func TestTillGoesOnAfterUnsure(t *testing.T) {
	unsure := 0
	for _, when := range []string{"4..6", "5..7", "6..8", "5+", "6+", "7+", "8+"} {
		path := filepath.Join(t.TempDir(), "till.db")
		till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		require.NoError(t, err)
		require.NoError(t, till.Close())
		lines := underStrace(t, "fdatasync:error=EIO:when="+when, childFile+"="+path, fmt.Sprint(childEntries, "=6"))
		there := 0
		for _, line := range lines[1:] {
			switch {
			case strings.HasPrefix(line, "done"):
				there++
			case strings.HasPrefix(line, "unsure"):
				unsure++
			}
		}
		c := &counter{t: t, path: path, terminal: terminalA, incarnation: 1 << 40}
		c.open()
		has := len(journal(t, c.till))
		require.GreaterOrEqual(t, has, there, when)
		require.Equal(t, uint64(has+1), c.stamp(ann, 1).Number)
		require.Equal(t, int64(has+1), c.sees(ann))
		c.sound()
		require.NoError(t, c.till.Close())
	}
	require.NotZero(t, unsure)
}

// Nobody confirms before the disk has it: between the last byte that is written into
// a file and the line that says so there is a sync that succeeded.
func TestSyncedBeforeConfirmed(t *testing.T) {
	if path := os.Getenv(centralKey); path != "" {
		childTakes(t, path, 20, os.Stdout)
		os.Exit(0)
	}
	strace, err := exec.LookPath("strace")
	require.NoError(t, err, "no strace to watch the disk: 'make test' installs it, or says how")
	for _, env := range [][]string{{childFile + "=", childEntries + "=20"}, {centralKey + "="}} {
		dir := t.TempDir()
		trace := filepath.Join(dir, "trace")
		cmd := exec.Command(strace, "-f", "-o", trace, "-e", "trace=pwrite64,fdatasync,write", os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(append(os.Environ(), quickExit), env...)
		cmd.Env = append(cmd.Env, env[0]+filepath.Join(dir, "file.db"))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		raw, err := os.ReadFile(trace)
		require.NoError(t, err)
		synced, confirmed := true, 0
		for line := range strings.Lines(string(raw)) {
			switch {
			case strings.Contains(line, "pwrite64("):
				synced = false
			case strings.Contains(line, "fdatasync") && strings.Contains(line, "= 0"):
				synced = true
			case strings.Contains(line, `write(1, "done`):
				confirmed++
				require.True(t, synced, "confirmation %d", confirmed)
			}
		}
		require.Equal(t, 20, confirmed)
	}
}

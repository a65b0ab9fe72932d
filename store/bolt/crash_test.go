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
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/pos"
	"tenthcup/pos/station"
	"tenthcup/store"
	"tenthcup/store/bolt"
)

// A test runs this binary again as a second process at a till, with the file in
// the environment. It writes entries and says what became of each on a line.
const (
	childFile    = "TENTHCUP_TEST_TILL"
	childEntries = "TENTHCUP_TEST_ENTRIES"
)

// quickExit spares the second that the race detector waits when a process ends.
const quickExit = "GORACE=atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		os.Exit(child(path, os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// child opens the till, says so and writes as many entries as the environment
// says; where that is none it holds the file until its input ends.
func child(path string, in io.Reader, out io.Writer) int {
	runtime.LockOSThread() // strace counts the calls of each thread by itself
	till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	if err != nil {
		fmt.Fprintln(out, "open:", err)
		return 1
	}
	fmt.Fprintln(out, "open")
	if n, _ := strconv.Atoi(os.Getenv(childEntries)); n > 0 {
		return childWrites(till, n, out)
	}
	_, _ = io.Copy(io.Discard, in) // until the test lets go
	_ = till.Close()
	return 0
}

func childWrites(till *bolt.Till, n int, out io.Writer) int {
	c := &counter{till: till, terminal: terminalA, incarnation: pos.Incarnation(os.Getpid())}
	for i := range n {
		nonce := uint64(i + 1)
		_, err := till.Append(ann, nil, func(m station.Moment) (pos.Entry, error) {
			e := c.next(m, ann, pos.Posting{Account: stamps, Amount: 1})
			e.Nonce = nonce
			return e, nil
		})
		switch {
		case err == nil:
			fmt.Fprintln(out, "done", nonce)
		case errors.Is(err, store.ErrUnsure):
			fmt.Fprintln(out, "unsure", nonce)
		default:
			fmt.Fprintln(out, "failed", nonce)
		}
	}
	return 0
}

func start(t *testing.T, cmd *exec.Cmd, path string, entries int) (lines *bufio.Scanner, in io.Closer) {
	cmd.Env = append(os.Environ(), childFile+"="+path, fmt.Sprint(childEntries, "=", entries), quickExit)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	in, err = cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return bufio.NewScanner(out), in
}

func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "till.db")
	cmd := exec.Command(os.Args[0])
	lines, in := start(t, cmd, path, 0)
	require.True(t, lines.Scan())
	require.Equal(t, "open", lines.Text())
	_, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	require.ErrorIs(t, err, store.ErrInUse)
	_, err = bolt.OpenCentral(path, [32]byte{1})
	require.ErrorIs(t, err, store.ErrInUse)
	require.NoError(t, in.Close())
	require.NoError(t, cmd.Wait())
	till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
	require.NoError(t, err)
	require.NoError(t, till.Close())
}

// kill -9 right after a confirmation loses nothing that was confirmed.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "till.db")
	confirmed := 0
	for round := range 8 {
		cmd := exec.Command(os.Args[0])
		lines, _ := start(t, cmd, path, 1_000_000)
		for range 3*round + 2 {
			require.True(t, lines.Scan())
			if strings.HasPrefix(lines.Text(), "done") {
				confirmed++
			}
		}
		require.NoError(t, cmd.Process.Kill())
		for lines.Scan() { // said before the blow fell
			confirmed++
		}
		require.Error(t, cmd.Wait())

		till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		require.NoError(t, err)
		has := len(journal(t, till))
		require.GreaterOrEqual(t, has, confirmed)
		require.LessOrEqual(t, has, confirmed+round+1, "one may be written that nobody heard of")
		found, err := till.Check()
		require.NoError(t, err)
		require.Empty(t, found)
		require.NoError(t, till.Close())
	}
}

// A disk may report an error from a sync after it has written. Whatever sync
// fails, once or from then on, an entry that was confirmed is there, one that was
// refused is not, and the journal is whole.
func TestSyncFails(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("no strace to make a sync fail: 'make test' installs it, or says how")
	}
	if out, err := exec.Command(strace, "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		t.Fatalf("strace may not trace here: %s", out)
	}
	outcomes := map[string]int{}
	for _, when := range []string{"4", "5", "6", "7", "8", "9", "6..7", "7..8", "5..8", "6+", "7+"} {
		path := filepath.Join(t.TempDir(), "till.db")
		till, err := bolt.OpenTill(path, terminalA, [32]byte{1})
		require.NoError(t, err)
		require.NoError(t, till.Close())
		cmd := exec.Command(strace, "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when="+when, os.Args[0])
		lines, _ := start(t, cmd, path, 6)
		said := map[uint64]string{}
		for lines.Scan() {
			if outcome, nonce, ok := strings.Cut(lines.Text(), " "); ok {
				n, err := strconv.ParseUint(nonce, 10, 64)
				require.NoError(t, err, lines.Text())
				said[n] = outcome
				outcomes[outcome]++
			}
		}
		require.NoError(t, cmd.Wait())
		require.Len(t, said, 6)

		till, err = bolt.OpenTill(path, terminalA, [32]byte{1})
		require.NoError(t, err)
		there := map[uint64]bool{}
		for _, r := range journal(t, till) {
			there[r.Entry.Nonce] = true
		}
		for nonce, outcome := range said {
			if outcome != "unsure" {
				require.Equal(t, outcome == "done", there[nonce], "sync %s: entry %d was %s", when, nonce, outcome)
			}
		}
		found, err := till.Check()
		require.NoError(t, err)
		require.Empty(t, found)
		require.NoError(t, till.Close())
	}
	t.Log(outcomes)
	require.NotZero(t, outcomes["failed"])
	require.NotZero(t, outcomes["unsure"])
}

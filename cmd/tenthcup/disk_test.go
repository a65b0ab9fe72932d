package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// shop is a till without a server, with one member, whose station is open on a
// screen.
type shop struct {
	*monitor
	dir    string
	code   string // the member's
	stamps int    // that were confirmed
}

func openShop(t *testing.T) *shop {
	dir := filepath.Join(t.TempDir(), "till")
	asked(t, "init", "--dir", dir, "--shop", "Café", "--currency", "EUR", "--language", "en", "--timezone", "UTC", "--preset", "cafe", "--pin", "1234")
	code := regexp.MustCompile(`"code":"([^"]+)"`).FindStringSubmatch(asked(t, "member", "add", "--name", "Ann Archer", "--json", "--dir", dir))
	s := &shop{monitor: open(t, asProgram, "--dir", dir), dir: dir, code: code[1]}
	s.shows("Manager")
	s.typed("1234\r")
	s.shows("Today")
	s.typed(s.code + "\r")
	s.shows("Ann Archer")
	return s
}

// stamp gives one stamp and waits for its confirmation.
func (s *shop) stamp() {
	s.t.Helper()
	s.try()
	s.stamps++
	s.shows(stampsText(s.stamps%10), "✓")
}

// try types what stamps, once what the screen said before is gone.
func (s *shop) try() {
	s.t.Helper()
	s.typed("\x7f\x7f1") // instead of what is typed still
	s.until("nothing said", func(picture string) bool { return !strings.ContainsAny(picture, "✓✗") })
	s.typed("s")
}

// whole checks that the file has what was confirmed and nothing else.
func (s *shop) whole() {
	s.t.Helper()
	t := s.t.(*testing.T)
	require.Contains(t, asked(t, "doctor", "--dir", s.dir), "adds up")
	require.Contains(t, asked(t, "member", "show", s.code, "--dir", s.dir), stampsText(s.stamps%10))
}

// refused tries to stamp, and waits for the sentence that says why it was not done.
func (s *shop) refused(sentence string) {
	s.t.Helper()
	s.try()
	s.until(sentence, func(picture string) bool {
		return strings.Contains(strings.Join(strings.Fields(picture), " "), "✗ "+sentence)
	})
}

// commandFails runs a stamp inside the open station, and wants exit status 4.
func (s *shop) commandFails(sentence string) {
	s.t.Helper()
	out, err := command("stamp", s.code, "--dir", s.dir).CombinedOutput()
	failed, ok := errors.AsType[*exec.ExitError](err)
	require.True(s.t, ok, "%v", err)
	require.Equal(s.t, statusDisk, failed.ExitCode())
	require.Equal(s.t, sentence+"\n", string(out))
}

const (
	saysFull     = "The disk is full: nothing was booked. Make room and try again."
	saysReadOnly = "The data folder cannot be written to: nothing was booked. Check its permissions."
	saysUnsure   = "The disk failed, and nobody can say whether it was booked. Open the till again and look."
)

// limit lets no file of a process grow beyond the size, which is as if the disk
// were full, until the returned function is called.
func limit(t *testing.T, pid int, most uint64) (lift func()) {
	set := func(next *syscall.Rlimit) (old syscall.Rlimit) {
		_, _, errno := syscall.Syscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_FSIZE,
			uintptr(unsafe.Pointer(next)), uintptr(unsafe.Pointer(&old)), 0, 0)
		require.Zero(t, errno)
		return old
	}
	before := set(nil)
	set(&syscall.Rlimit{Cur: most, Max: before.Max})
	return func() { set(&before) }
}

// The disk fills up while a cashier works, and somebody makes room: the same station
// goes on.
func TestFullDiskInTheMiddleOfAShift(t *testing.T) {
	s := openShop(t)
	s.stamp()
	lift := limit(t, s.cmd.Process.Pid, 8192)
	s.refused(saysFull)
	s.commandFails(saysFull)
	s.refused(saysFull)
	require.Contains(t, s.shows("Ann Archer"), stampsText(1), "what there was is still shown")
	s.whole()
	lift()
	s.stamp()
	s.stamp()
	s.whole()
}

// fail makes system calls of a process on a file fail, by strace, until the returned
// function is called.
func fail(t *testing.T, pid int, file, calls string) (mend func()) {
	strace, err := exec.LookPath("strace")
	require.NoError(t, err, "no strace to make the disk fail: 'make test' installs it, or says how")
	args := []string{"-f", "-p", strconv.Itoa(pid), "-P", file, "-e", "trace=pwrite64,fdatasync,openat"}
	for call := range strings.SplitSeq(calls, " ") {
		args = append(args, "-e", "inject="+call)
	}
	cmd := exec.Command(strace, args...)
	said, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(said)
	attached := false
	for !attached && lines.Scan() {
		attached = strings.Contains(lines.Text(), " attached")
		require.NotContains(t, lines.Text(), "not permitted", "strace may not trace here")
	}
	require.True(t, attached)
	go func() { _, _ = io.Copy(io.Discard, said) }()
	return func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt)) // it lets go of the process
		_ = cmd.Wait()
	}
}

// A disk that suddenly cannot be written to, as a file system that found an error
// makes itself; and one whose sync fails and which then does not even open, so that
// nobody knows. When it is well again the same station goes on, with what was
// confirmed and nothing else.
func TestFailingDiskInTheMiddleOfAShift(t *testing.T) {
	s := openShop(t)
	s.stamp()
	for _, disk := range []struct{ calls, says, after string }{
		{"pwrite64:error=EROFS", saysReadOnly, saysReadOnly},
		{"pwrite64:error=ENOSPC", saysFull, saysFull},
		{"pwrite64:error=EROFS openat:error=EROFS", saysUnsure, saysReadOnly},
		{"fdatasync:error=EIO openat:error=EROFS", saysUnsure, saysReadOnly},
	} {
		mend := fail(t, s.cmd.Process.Pid, filepath.Join(s.dir, ledgerName), disk.calls)
		s.refused(disk.says)
		s.commandFails(disk.after)
		mend()
		s.whole()
		s.stamp()
		s.whole()
	}
}

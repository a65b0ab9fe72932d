//go:build soak

package bolt_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tenthcup/store"
)

// A real file system of some pages fills up in the middle of a shift. What the
// cashier confirmed is there, nothing else is, and when the file system grows the
// same station does everything again.
func TestShiftOnASmallFileSystem(t *testing.T) {
	d := &disk{t: t, kind: "tmpfs", folder: t.TempDir()}
	d.must("mount", "-t", "tmpfs", "-o", "size=320k", "tmpfs", d.folder)
	t.Cleanup(func() { _ = exec.Command("umount", "-l", d.folder).Run() })
	s := newShiftAt(t, filepath.Join(d.folder, "till.db"))
	refused := 0
	for refused < 40 {
		for name, act := range s.actions() {
			before := len(journal(t, s.till))
			switch err := act(); {
			case errors.Is(err, store.ErrFull):
				refused++
				require.Len(t, journal(t, s.till), before, name)
			case err != nil:
				require.Contains(t, []string{"redeem", "undo"}, name, "%v", err)
			}
		}
	}
	t.Logf("full after %d entries", len(journal(t, s.till)))
	d.must("mount", "-o", "remount,size=4m", d.folder)
	s.goesOn()
	s.soundAfterRestart()
	require.NoError(t, s.till.Close())
	d.unmount()
	s.path = filepath.Join(t.TempDir(), "till.db")
	s.open() // for the end of the test
}

// A file system that found an error of its own lets nobody write any more, in the
// middle of a shift. The cashier is told so, and after a restart of the machine
// all that was confirmed is there.
func TestShiftOnAFileSystemThatTurnsReadOnly(t *testing.T) {
	d := newDisk(t, "ext4")
	d.unmount()
	d.must("mount", "-o", "loop,errors=remount-ro", d.image, d.folder)
	s := newShiftAt(t, filepath.Join(d.folder, "till.db"))
	for range 3 {
		for name, act := range s.actions() {
			if err := act(); name != "redeem" && name != "undo" {
				require.NoError(t, err, name)
			}
		}
	}
	before := s.known()
	source, err := exec.Command("findmnt", "-n", "-o", "SOURCE", d.folder).Output()
	require.NoError(t, err)
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(strings.TrimSpace(string(source))), "trigger_fs_error")
	require.NoError(t, os.WriteFile(trigger, []byte("1"), 0o200))
	for _, name := range []string{"stamp", "earn", "enrol", "edit", "day end"} {
		err := s.actions()[name]()
		require.True(t, errors.Is(err, store.ErrReadOnly) || errors.Is(err, store.ErrUnsure), "%s: %v", name, err)
	}
	_ = s.till.Close()
	d.unmount()
	d.mount()
	s.open()
	require.Equal(t, before, s.known())
	s.goesOn()
	s.soundAfterRestart()
	require.NoError(t, s.till.Close())
	d.unmount()
	s.path = filepath.Join(t.TempDir(), "till.db")
	s.open() // for the end of the test
}

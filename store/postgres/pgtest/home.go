//go:build linux

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// patience is how long anything that a server does may take. Nothing of it takes
// a second; a test that waits this long has failed.
const patience = time.Minute

// keep removes the folder when its input ends, which is when the test binary
// does. A server that is just ending may still write into it, hence the tries.
const keep = `read -r _
i=0
until rm -rf "$1" 2>/dev/null || [ $i -ge 200 ]; do i=$((i+1)); sleep 0.1; done`

// home is where all clusters of a test binary are.
type home struct {
	bin    string              // of PostgreSQL
	folder string              // goes with the test binary
	runs   *syscall.Credential // who runs PostgreSQL, nil for who runs the tests
	keeper io.Closer           // held: its end removes the folder
	serial atomic.Int64        // numbers clusters and databases
}

// theHome is made once: initdb takes ten times what a copy of its result does.
var theHome = sync.OnceValues(newHome)

func newHome() (*home, error) {
	bin, err := findBinaries()
	if err != nil {
		return nil, err
	}
	h := &home{bin: bin}
	bases := []string{os.TempDir()}
	if os.Geteuid() == 0 {
		if h.runs, err = nobody(); err != nil {
			return nil, err
		}
		if !reachable(bin) {
			return nil, fmt.Errorf("PostgreSQL does not run as root, and nobody else may enter %s: put it where all may", bin)
		}
		bases = append(bases, "/tmp", "/var/tmp")
	}
	for _, base := range bases {
		if h.runs == nil || reachable(base) {
			return h, h.settle(base)
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and nobody else may enter any of %v", bases)
}

// nobody returns the user that PostgreSQL runs as where the tests run as root.
func nobody() (*syscall.Credential, error) {
	account, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// reachable reports whether every user may go into the folder.
func reachable(folder string) bool {
	folder, err := filepath.EvalSymlinks(folder)
	for err == nil {
		info, failed := os.Stat(folder)
		if failed != nil || info.Mode()&0o001 == 0 {
			return false
		}
		if folder == filepath.Dir(folder) {
			return true
		}
		folder = filepath.Dir(folder)
	}
	return false
}

// settle makes the folder, what removes it in the end, and the template that all
// clusters are copies of.
func (h *home) settle(base string) error {
	folder, err := os.MkdirTemp(base, "tenthcup-postgres-")
	if err != nil {
		return err
	}
	h.folder = folder
	if err := h.own(folder); err != nil {
		return err
	}
	keeper := h.command("sh", "-c", keep, "keep", folder)
	if h.keeper, err = keeper.StdinPipe(); err != nil {
		return err
	}
	if err := keeper.Start(); err != nil {
		return err
	}
	return h.run(filepath.Join(h.bin, "initdb"), "-D", h.template(), "-U", "postgres", "-A", "trust",
		"--data-checksums", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
}

func (h *home) template() string { return filepath.Join(h.folder, "template") }

// own hands the file to who runs PostgreSQL.
func (h *home) own(path string) error {
	if h.runs == nil {
		return nil
	}
	return os.Chown(path, int(h.runs.Uid), int(h.runs.Gid))
}

// write makes a file that PostgreSQL may read and remove, or adds to one.
func (h *home) write(path, text string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close(), h.own(path))
}

// command is one of PostgreSQL's user, in the folder, and in a process group of
// its own: what is sent to the tests' group ends them, and they end the rest.
func (h *home) command(name string, args ...string) *exec.Cmd {
	return h.placed(exec.Command(name, args...))
}

func (h *home) placed(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = h.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.runs, Setpgid: true}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") && !strings.HasPrefix(variable, "LC_") && !strings.HasPrefix(variable, "LANG") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	return cmd
}

// run waits for the command, and returns what it said if it failed.
func (h *home) run(name string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	said, err := h.placed(exec.CommandContext(ctx, name, args...)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, said)
	}
	return nil
}

// next returns a number that this test binary has not used.
func (h *home) next() int64 { return h.serial.Add(1) }
